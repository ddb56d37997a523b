// Returns that came by chat or as a sheet: what the server made of each row, and what is taken of it.
import type { Answers, FormName, NamedEnterprise, Reading, ReadRow } from '@server/types.ts'
import { call, get, post } from '@shared/api.ts'

export type BoxValue = number | string | boolean | null
export type { NamedEnterprise as Named, Reading, ReadRow }
export type Status = ReadRow['status']
export type Box = Reading['fields'][number]
export type Total = Reading['totals'][number]
export type Taken = Answers['post /api/v1/daily-returns/take']
/** A row on the screen: what was read, and what the person at the desk makes of it. */
export interface Line {
  row: ReadRow
  chosen: boolean
  /** Somebody has changed it here: what was unclear is settled. */
  edited: boolean
  busy: boolean
}
export interface About {
  day: string
  template: string
  channel: string
}

/** Taken without being asked again: what is sure. The rest waits for a look. */
export const lineOf = (row: ReadRow): Line => ({
  row,
  chosen: row.status === 'ready',
  edited: false,
  busy: false,
})
export const mayTake = (line: Line): boolean =>
  ['ready', 'check', 'taken'].includes(line.row.status)
export const chosenOf = (lines: Line[]): Line[] =>
  lines.filter((line) => line.chosen && mayTake(line))

/** As the server takes it. Whoever ticks a row that should be looked at has looked at it. */
export const sent = (line: Line) => ({
  n: line.row.n,
  number: line.row.number,
  enterprise: line.row.enterprise?.id ?? null,
  name: line.row.name ?? '',
  text: line.row.text ?? '',
  values: line.row.values,
  // What stood there as it was looked at: another's correction since is not written over.
  stands: line.row.stands,
  nil: line.row.nil,
  no_change: line.row.no_change,
  note: line.row.note ?? '',
  looked: line.edited || (line.chosen && line.row.status === 'check'),
  again: line.chosen && line.row.status === 'taken',
})

/** What was judged anew; what was written, and who else it might be, stays. */
export function judged(line: Line, row: ReadRow): Line {
  const kept = line.row
  const next: ReadRow = {
    ...row,
    text: kept.text,
    name: kept.name,
    by: kept.by,
    candidates: kept.candidates,
    unclear: kept.unclear,
    rest: kept.rest,
    inferred: line.edited ? [] : kept.inferred,
    correction: kept.correction,
  }
  return {
    row: next,
    chosen: line.edited ? row.status === 'ready' : line.chosen,
    edited: line.edited,
    busy: false,
  }
}

/** "12" as a count; null where the box is emptied; undefined where it is no count. */
export function countFrom(text: string): number | null | undefined {
  const plain = text.normalize('NFKC').trim()
  if (plain === '') return null
  return /^\d{1,8}$/.test(plain) ? Number(plain) : undefined
}

export type { FormName }
export const formsOf = (date: string) =>
  get<Answers['get /api/v1/daily-returns/forms']>('daily-returns/forms', { date })
const about = (of: About) => ({ day: of.day, ...(of.template ? { template: of.template } : {}) })
export const readText = (text: string, of: About) =>
  post<Reading>('daily-returns/paste', { text, ...about(of) })
export const readFile = async (file: File, of: About): Promise<Reading> =>
  (
    await call<Reading>('POST', 'daily-returns/sheet', {
      query: about(of),
      body: file,
      headers: { 'Content-Type': 'application/octet-stream' },
    })
  ).data
export const takeLines = (lines: Line[], of: About, more: { dry?: boolean; filename?: string }) =>
  post<Taken>('daily-returns/take', {
    ...about(of),
    channel: of.channel,
    rows: lines.map(sent),
    ...more,
  })
