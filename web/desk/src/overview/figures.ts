// What the overview knows about figures: their groups, the head-count's parts, which columns a
// table of units begins with. Names and definitions come from the server.
import type { Answers, FigureRow } from '@server/types.ts'
import { get } from '@shared/api.ts'
import { number } from '@shared/format.ts'
import { say } from '@shared/i18n.ts'
import type { FigureAnswer, Figures } from '@shared/live.ts'
import { indicatorOf, type Label } from '@shared/meta.ts'

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
/** What a rate is a part of: without any of it there is no rate, rather than one of nought. */
export const denominators: Record<string, string> = {
  'enterprises.resumption_permille': 'enterprises.total',
}
/** A figure in the words of its measure: a rate is kept in thousandths and read in percent. */
export function figureText(code: string, n: unknown, among: Figures = {}): string {
  if (typeof n !== 'number' || among[denominators[code] ?? ''] === 0) return '—'
  return indicatorOf(code)?.unit === 'permille' ? `${(n / 10).toFixed(1)} %` : number(n)
}
export interface Tile {
  code: string
  label: string
}
/** The groups in which something is known, and those that are nought throughout. What the viewer may
 *  not read is in no answer, and is not drawn as nought. */
export function tileGroups(
  indicators: (Label & { code: string })[],
  figures: Figures,
): { told: [string, Tile[]][]; nought: [string, Tile[]][] } {
  const byGroup = new Map<string, Tile[]>()
  for (const row of indicators) {
    if (headCodes.has(row.code) || typeof figures[row.code] !== 'number') continue
    const group = groupOf(row.code)
    byGroup.set(group, [...(byGroup.get(group) ?? []), { code: row.code, label: say(row) }])
  }
  const isNought = ([, rows]: [string, Tile[]]) => rows.every((row) => figures[row.code] === 0)
  const all = [...byGroup]
  return { told: all.filter((one) => !isNought(one)), nought: all.filter(isNought) }
}
/** How much one record adds: with its sign where some take away. */
export const shareText = (n: unknown, signed: boolean): string =>
  typeof n !== 'number' ? '' : `${signed && n > 0 ? '+' : ''}${number(n)}`
export const groupOf = (code: string) => code.split('.')[0] ?? ''

/** The parts of "due", in the order of how much they worry. */
export const headCount = [
  { code: 'people.present', tone: 'good' },
  { code: 'people.late', tone: 'wait' },
  { code: 'people.excused', tone: 'calm' },
  { code: 'people.absent', tone: 'bad' },
  { code: 'people.unheard', tone: 'unknown' },
  { code: 'people.upcoming', tone: 'calm' },
] as const

export const headCodes = new Set<string>(['people.due', ...headCount.map((part) => part.code)])

export const childColumns = [
  'people.due',
  'people.present',
  'people.late',
  'people.excused',
  'people.absent',
  'people.unheard',
  'people.upcoming',
  'people.received',
  'gate.in',
  'gate.out',
  'gate.abnormal',
]

/** A unit with the number of those below it, in the tree as among figures. */
export type TreeNode = FigureRow['unit']
export type Tree = Answers['get /api/v1/units/tree']
export const tree = (unit: string) => get<Tree>('units/tree', { unit })

const args = (when: When) => ({
  unit: when.unit,
  date: when.date,
  from: when.from || undefined,
  'as-known': when.known || undefined,
})
export const figuresOf = (when: When, signal?: AbortSignal) =>
  get<FigureAnswer>('figures', args(when), signal)
export const childrenOf = (when: When, codes: string[], signal?: AbortSignal) =>
  get<Answers['get /api/v1/figures/children']>(
    'figures/children',
    { ...args(when), indicators: codes.join(',') },
    signal,
  )
export const seriesOf = (unit: string, indicator: string, from: string, date: string) =>
  get<Answers['get /api/v1/figures/series']>('figures/series', {
    unit,
    indicator,
    from,
    date,
  })
export const recordsOf = (when: When, indicator: string, after?: string) =>
  get<Answers['get /api/v1/figures/records']>('figures/records', {
    ...args(when),
    indicator,
    after,
    limit: 50,
  })

/** What stands beside the figures about their completeness, as sentences. */
export function completeness(complete: Record<string, unknown> | undefined): Label[] {
  if (!complete) return []
  const notes = (complete.notes ?? complete.missing) as unknown
  if (!Array.isArray(notes)) return []
  return notes.filter(
    (note): note is Label => typeof note === 'object' && note !== null && 'zh' in note,
  )
}
