// A filing against the conditions of its checklist, as the server judges them: what a form asks, what
// was answered, what was found on the spot.
import type { FilingForm } from '@server/types.ts'
import { get } from '@shared/api.ts'
import { type Field, today } from '@shared/meta.ts'
import type { Row } from '@shared/records.ts'

export type Choice = FilingForm['choices'][number]
/** What an enterprise would file under on a day, and its filing that is not decided yet. */
export type { FilingForm }
export const filingForm = (enterprise: string, date?: string) =>
  get<FilingForm>('filings/form', { enterprise, date })

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'string') return (value as Record<string, unknown> | null) ?? {}
  try {
    return JSON.parse(value) as Record<string, unknown>
  } catch {
    return {}
  }
}
export const answersOf = objectOf

export interface Wanted {
  must: boolean
  least: number | null
  most: number | null
}
const limit = (value: unknown) => (typeof value === 'number' ? value : null)
export const wanted = (item: Row): Wanted => ({
  must: item.type === 'yes',
  least: limit(item.least),
  most: limit(item.most),
})

/** What the filing has a box for is read there, all else among its answers. */
export const saidOf = (item: Row, filing: Record<string, unknown>): unknown =>
  item.filing_field
    ? filing[String(item.filing_field)]
    : objectOf(filing.answers)[String(item.code)]

/** A condition is asked until its last day; of a filing, as on the day on which it was filed. */
export const askedOn = (items: Row[], day: string) =>
  items.filter((item) => !item.valid_to || String(item.valid_to) >= day)
export const dayOf = (filing: Row) =>
  ['draft', 'returned'].includes(String(filing.state)) || !filing.filed_on
    ? today()
    : String(filing.filed_on)

/** null: nothing was said, or nothing is asked. */
export function isMet(item: Row, filing: Record<string, unknown>): boolean | null {
  const value = saidOf(item, filing)
  const limits = wanted(item)
  const said = typeof value === 'string' ? value.trim() : value
  if (said === undefined || said === null || said === '')
    return item.required === false ? null : false
  if (limits.must) return said === true || item.required === false
  if (item.type === 'text') return typeof said === 'string'
  if (typeof said !== 'number') return false
  return (
    (limits.least === null || said >= limits.least) && (limits.most === null || said <= limits.most)
  )
}

/** The box of a condition, drawn like any field of a record. */
export function boxOf(item: Row): Field {
  const types = { yes: 'bool', number: 'decimal', text: 'text' } as const
  return {
    name: String(item.code),
    type: types[item.type as keyof typeof types] ?? 'text',
    zh: String(item.label_zh),
    en: String(item.label_en),
    help_zh: String(item.definition_zh ?? ''),
    help_en: String(item.definition_en ?? ''),
    required: item.required !== false,
  }
}

/** What is sent as answers: of the conditions that have a box of their own, what was filled. */
export function answersFrom(items: Row[], typed: Record<string, unknown>): Record<string, unknown> {
  const answers: Record<string, unknown> = {}
  for (const item of items) {
    const value = typed[String(item.code)]
    if (item.filing_field || value === null || value === undefined) continue
    if (typeof value === 'string' && !value.trim()) continue
    answers[String(item.code)] = value
  }
  return answers
}

/* ---- on the spot ---- */

export interface Finding {
  agrees: boolean | null
  remark: string
}
export type Findings = Record<string, Finding>

export function findingsOf(value: unknown): Findings {
  const found: Findings = {}
  for (const [code, one] of Object.entries(objectOf(value))) {
    const { agrees, remark } = (one ?? {}) as Partial<Finding>
    found[code] = { agrees: typeof agrees === 'boolean' ? agrees : null, remark: remark ?? '' }
  }
  return found
}

/** What the first has to look at: what is required, and whatever was said beyond it. */
export const toCheck = (items: Row[], filing: Record<string, unknown>): Row[] =>
  items.filter((item) => {
    const said = saidOf(item, filing)
    return item.required !== false || (said !== null && said !== undefined && said !== '')
  })

export type Lack = 'choose' | 'say'
/** What is still lacking before the first can sign; the server asks the same. */
export function lacking(items: Row[], found: Findings): Map<string, Lack> {
  const lacks = new Map<string, Lack>()
  for (const item of items) {
    const code = String(item.code)
    const one = found[code]
    if (!one || one.agrees === null) lacks.set(code, 'choose')
    else if (!one.agrees && !one.remark.trim()) lacks.set(code, 'say')
  }
  return lacks
}

export function findingsSent(items: Row[], found: Findings): Record<string, object> {
  const sent: Record<string, object> = {}
  for (const item of items) {
    const one = found[String(item.code)]
    if (!one || one.agrees === null) continue
    const remark = one.remark.trim()
    sent[String(item.code)] = { agrees: one.agrees, ...(remark ? { remark } : {}) }
  }
  return sent
}

export const wrongOf = (items: Row[], found: Findings): Row[] =>
  items.filter((item) => found[String(item.code)]?.agrees === false)
