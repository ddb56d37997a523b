// The compact form of `changes` as the pocket keeps it. A field that a later server no longer sends is
// null here, and a kind that this phone does not know is passed over.
import type { ChangeRows, ChangeTable } from '@server/types.ts'
import type { Some } from '@shared/types.ts'
import type {
  PocketContent,
  PocketEvent,
  PocketHousehold,
  PocketPass,
  PocketRecord,
  PocketResident,
  PocketVisitor,
} from './pocket.ts'

/** What went is left out by whoever has none. */
export type Table = Some<ChangeTable, 'gone'>
export type { ChangeRows }

type Row = Record<string, unknown>

const text = (value: unknown): string | null =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null
const moment = (value: unknown): number | null => {
  if (typeof value === 'number') return value
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? null : at
}
const day = (value: unknown): string => text(value) ?? ''

const passOf = (row: Row): PocketPass => ({
  id: text(row.id) ?? '',
  number: text(row.number) ?? '',
  serial: text(row.serial) ?? '',
  class: (text(row.class) ?? 'person') as PocketPass['class'],
  estate: Number(row.estate ?? 0),
  household: text(row.household),
  resident: text(row.resident),
  plate: text(row.plate),
  valid_from: day(row.valid_from),
  valid_to: day(row.valid_to),
  state: (text(row.state) ?? 'active') as PocketPass['state'],
})
const residentOf = (row: Row): PocketResident => ({
  id: text(row.id) ?? '',
  household: text(row.household) ?? '',
  name: text(row.name) ?? '',
  no_phone: row.no_phone === true,
})
const eventOf = (row: Row): PocketEvent => ({
  id: text(row.id) ?? '',
  post: text(row.post) ?? '',
  pass: text(row.pass),
  household: text(row.household),
  direction: row.direction === 'out' ? 'out' : 'in',
  outcome: text(row.outcome) ?? '',
  happened_at: moment(row.happened_at) ?? moment(row.device_at) ?? moment(row.created_at) ?? 0,
  visitor: text(row.visitor),
  corrects: text(row.corrects),
})
const visitorOf = (row: Row): PocketVisitor => ({
  id: text(row.id) ?? '',
  household: text(row.household),
  name: text(row.name) ?? '',
  state: (text(row.state) ?? 'expected') as PocketVisitor['state'],
  arrived_at: moment(row.arrived_at),
  plate: text(row.plate),
})

/** The tables' content, with the names that later pages hang on: buildings by id, compounds' numbers. */
export function contentOf(tables: readonly Table[], known: Readonly<Record<string, string>>) {
  const names: Record<string, string> = {}
  const gone: string[] = []
  const byKind = new Map<string, Row[]>()
  const records: Record<string, PocketRecord[]> = {}
  for (const table of tables) {
    gone.push(...(table.gone ?? []))
    const rows = table.rows.map((cells) =>
      Object.fromEntries(table.fields.map((field, i) => [field, cells[i]])),
    )
    byKind.set(table.kind, [...(byKind.get(table.kind) ?? []), ...rows])
    if (table.list && rows.length) records[table.kind] = rows as PocketRecord[]
  }
  const rowsOf = (kind: string) => byKind.get(kind) ?? []
  for (const row of rowsOf('buildings')) names[`b:${row.id}`] = text(row.name) ?? ''
  for (const row of rowsOf('compounds')) names[`e:${row.id}`] = text(row.estate) ?? ''
  const all = { ...known, ...names }
  const householdOf = (row: Row): PocketHousehold => ({
    id: text(row.id) ?? '',
    code: text(row.code) ?? '',
    building: text(row.building_title) ?? all[`b:${row.building}`] ?? '',
    stairwell: text(row.stairwell),
    door: text(row.door) ?? '',
  })
  const fill: PocketContent = {
    passes: rowsOf('passes').map(passOf),
    households: rowsOf('households').map(householdOf),
    residents: rowsOf('residents').map(residentOf),
    events: rowsOf('gate-events').map(eventOf),
    visitors: rowsOf('visitors').map(visitorOf),
  }
  if (Object.keys(records).length > 0) fill.records = records
  const estates = Object.keys(all)
    .filter((key) => key.startsWith('e:') && !gone.includes(key.slice(2)))
    .map((key) => Number(all[key]))
    .filter((estate) => estate > 0)
  if (estates.length > 0) fill.estates = estates
  return { fill, gone, names }
}
