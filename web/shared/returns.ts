// A daily return on a page: what its boxes start with, which are typed, what is sent, which
// equations do not hold. Shared by the clerk's page and the caller's screen; no framework comes
// along with it. The server decides; this only says it earlier.
import type {
  DailyReturn,
  FieldProblem,
  OwnLine,
  ReturnCheck,
  ReturnField,
  ReturnForm,
  ReturnPage,
  ReturnTaken,
} from '@server/types.ts'
import { type Lookup, parseSum, sumOf } from './equation.ts'
import type { Some } from './types.ts'

export type Values = Record<string, unknown>
export type {
  FieldProblem as Problem,
  OwnLine as StaffLine,
  ReturnCheck as Rule,
  ReturnField as Item,
  ReturnTaken as Receipt,
}
export type ReturnRow = Pick<DailyReturn, 'id' | 'state' | 'version'> & Partial<DailyReturn>
export type Form = Omit<Some<ReturnForm, 'levels'>, 'return'> & { return: ReturnRow | null }
export type ValueType = ReturnField['type']
export type Sheet = Omit<ReturnPage, 'forms'> & { forms: Form[]; lines: OwnLine[] }

const HEADCOUNT = 'staff.total'
/** The head-count stands in the file and may be corrected here; what is counted may not. */
export const isTyped = (item: ReturnField): boolean =>
  item.source === 'typed' ||
  (item.source === 'enterprise' && (item.value === null || item.key === HEADCOUNT))

export const isSent = (form: Form): boolean =>
  ['submitted', 'late', 'returned', 'accepted'].includes(form.return?.state ?? '')

const contentOf = (form: Form): Values | null => {
  const content = form.return?.content
  if (typeof content !== 'string') return content ?? null
  try {
    return JSON.parse(content) as Values
  } catch {
    return null
  }
}

/** What each box begins with: what stands in the day's return, else what is known before. */
export function startValues(form: Form): Values {
  const said = contentOf(form)
  const values: Values = {}
  for (const item of form.fields) {
    const earlier = isTyped(item) ? said?.[item.code] : undefined
    values[item.code] = earlier ?? item.value ?? null
  }
  return withFormulas(form, values)
}

const whole = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) ? value : null

export const lookIn =
  (form: Form, values: Values): Lookup =>
  (code, yesterday) =>
    whole((yesterday ? form.yesterday : values)?.[code])

function total(text: string, look: Lookup): number | null {
  const sum = parseSum(text)
  return sum ? sumOf(sum, look) : null
}

/** Sums are worked out in the order in which they stand, as the server does. */
export function withFormulas(form: Form, values: Values): Values {
  const next = { ...values }
  for (const item of form.fields) {
    if (item.source === 'formula') next[item.code] = total(item.key ?? '', lookIn(form, next))
  }
  return next
}

export interface Broken {
  index: number
  rule: ReturnCheck
  left: number
  right: number
  /** Left less right. */
  by: number
}
/** The equations that do not hold; one over an empty box says nothing. */
export function brokenRules(form: Form, values: Values): Broken[] {
  const look = lookIn(form, values)
  return form.checks.flatMap((rule, index) => {
    const left = total(rule.left, look)
    const right = total(rule.right, look)
    if (left === null || right === null) return []
    const holds = { eq: left === right, le: left <= right, ge: left >= right }[rule.operator]
    return holds ? [] : [{ index, rule, left, right, by: left - right }]
  })
}

/** The boxes that an equation speaks of. */
export function codesOf(rule: ReturnCheck): string[] {
  const terms = [...(parseSum(rule.left) ?? []), ...(parseSum(rule.right) ?? [])]
  return [...new Set(terms.filter((term) => term.code && !term.yesterday).map((t) => t.code))]
}

export const signOf = (broken: Broken): string =>
  ({ eq: '≠', le: '>', ge: '<' })[broken.rule.operator]

export type Fault = 'required' | 'number' | 'small' | 'large' | 'long' | 'date' | 'choice'
/** What is wrong with a box by itself. */
export function faultOf(item: ReturnField, value: unknown): Fault | null {
  if (value === null || value === undefined || value === '')
    return item.required ? 'required' : null
  if (item.type === 'count') {
    const n = whole(value)
    if (n === null) return 'number'
    if (n < 0) return 'small'
    return n > Math.min(item.max ?? 1e8, 1e8) ? 'large' : null
  }
  if (item.type === 'date') return isDay(String(value)) ? null : 'date'
  if (item.type === 'choice') return item.choices?.includes(String(value)) ? null : 'choice'
  if (item.type === 'text')
    return [...String(value)].length > Math.min(item.max ?? 300, 300) ? 'long' : null
  return null
}

export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text
}

/** What somebody typed into a count, full-width digits and separators included. */
export function readCount(text: string): number | string | null {
  const plain = text.normalize('NFKC').replace(/[,\s]/g, '').trim()
  if (plain === '') return null
  return /^-?\d{1,12}$/.test(plain) ? Number(plain) : text
}

/** Only what was typed is sent; what is counted, known or summed is the server's to say. */
export function sentValues(form: Form, values: Values): Values {
  const sent: Values = {}
  for (const item of form.fields) {
    if (!isTyped(item)) continue
    const value = values[item.code]
    if (value === null || value === undefined || value === '') continue
    if (item.source === 'enterprise' && value === item.value) continue
    sent[item.code] = value
  }
  return sent
}

/** "values.present" to its box, "checks[0]" to its equation. */
export function placeOf(problem: {
  field: string
  code: string
}): { code: string } | { check: number } | null {
  const box = problem.field?.match(/^values\.(.+)$/)
  if (box?.[1]) return { code: box[1] }
  const check = problem.field?.match(/^checks\[(\d+)\]$/)
  return check ? { check: Number(check[1]) } : null
}
