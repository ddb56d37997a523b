// What the overview knows about figures: their groups, the head-count's parts, which columns a
// table of units begins with. Names and definitions come from the server.
import { get } from '@shared/api.ts'
import { number } from '@shared/format.ts'
import type { FigureAnswer, Figures } from '@shared/live.ts'
import { indicatorOf, type Label } from '@shared/meta.ts'
import type { UnitRef } from '@shared/session.ts'

export interface When {
  unit: string
  date: string
  from: string
  known: string
}

export const groups: Record<string, Label> = {
  people: { zh: '力量', en: 'People' },
  deploy: { zh: '批次下沉', en: 'Batch deployments' },
  gate: { zh: '门岗', en: 'Gates' },
  residents: { zh: '居民', en: 'Residents' },
  returns: { zh: '返京登记', en: 'Returns' },
  observation: { zh: '居家观察', en: 'Observation' },
  visits: { zh: '走访', en: 'Visits' },
  errands: { zh: '代办', en: 'Errands' },
  hazards: { zh: '隐患', en: 'Hazards' },
  disinfection: { zh: '消毒', en: 'Disinfection' },
  care_cases: { zh: '困难群众', en: 'Special care' },
  enterprises: { zh: '企业', en: 'Enterprises' },
  daily: { zh: '企业日报', en: 'Daily returns' },
  staff: { zh: '职工', en: 'Staff' },
  supplies: { zh: '物资', en: 'Supplies' },
  distribution: { zh: '发放', en: 'Distribution' },
  care: { zh: '慰问', en: 'Care visits' },
}
/** A figure in the words of its measure: a rate is kept in thousandths and read in percent. */
export const figureText = (code: string, n: unknown): string =>
  typeof n === 'number' && indicatorOf(code)?.unit === 'permille'
    ? `${(n / 10).toFixed(1)} %`
    : number(n)
export const groupOf = (code: string) => code.split('.')[0] ?? ''

/** The parts of "due", in the order of how much they worry. */
export const headCount = [
  { code: 'people.present', tone: 'good' },
  { code: 'people.late', tone: 'wait' },
  { code: 'people.excused', tone: 'calm' },
  { code: 'people.absent', tone: 'bad' },
  { code: 'people.unheard', tone: 'unknown' },
] as const

export const headCodes = new Set<string>(['people.due', ...headCount.map((part) => part.code)])

export const childColumns = [
  'people.due',
  'people.present',
  'people.late',
  'people.excused',
  'people.absent',
  'people.unheard',
  'people.received',
  'gate.in',
  'gate.out',
  'gate.abnormal',
]

export interface TreeNode extends UnitRef {
  kind: string
  children: number
}
export interface Tree {
  unit: TreeNode
  path: UnitRef[]
  children: TreeNode[]
}
export const tree = (unit: string, depth = 1) => get<Tree>('units/tree', { unit, depth })

const args = (when: When) => ({
  unit: when.unit,
  date: when.date,
  from: when.from || undefined,
  'as-known': when.known || undefined,
})
export const figuresOf = (when: When, signal?: AbortSignal) =>
  get<FigureAnswer>('figures', args(when), signal)
export const childrenOf = (when: When, codes: string[], signal?: AbortSignal) =>
  get<{ rows: { unit: TreeNode; figures: Figures }[] }>(
    'figures/children',
    { ...args(when), indicators: codes.join(',') },
    signal,
  )
export const seriesOf = (unit: string, indicator: string, from: string, date: string) =>
  get<{ days: { date: string; value: number | null }[] }>('figures/series', {
    unit,
    indicator,
    from,
    date,
  })
export const recordsOf = (when: When, indicator: string, after?: string) =>
  get<{ kind: string; items: Record<string, unknown>[]; next?: string | null; total?: number }>(
    'figures/records',
    { ...args(when), indicator, after, limit: 50 },
  )

/** What stands beside the figures about their completeness, as sentences. */
export function completeness(complete: Record<string, unknown> | undefined): Label[] {
  if (!complete) return []
  const notes = (complete.notes ?? complete.missing) as unknown
  if (!Array.isArray(notes)) return []
  return notes.filter(
    (note): note is Label => typeof note === 'object' && note !== null && 'zh' in note,
  )
}
