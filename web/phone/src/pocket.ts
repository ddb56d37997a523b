// The area's working copy on this phone: passes, households, people's masked names, the last events,
// who is visiting, the keys that passes are checked with. Screens ask here and never the network, so
// that a gate works the same with and without one. What is written here counts before it is sent.
//
// Held in memory while somebody works here; `journal.ts` keeps it, encrypted, over a restart.
import { type Ref, ref, shallowRef } from 'vue'

export interface PocketPass {
  id: string
  number: string
  /** 62 bits as a decimal number: more than a JavaScript number holds. */
  serial: string
  class: 'person' | 'household' | 'vehicle' | 'visitor'
  estate: number
  household: string | null
  resident: string | null
  plate: string | null
  valid_from: string
  valid_to: string
  state: 'active' | 'lost' | 'revoked' | 'replaced'
}

export interface PocketHousehold {
  id: string
  /** Building, stairwell and door in one: 15-2-301. */
  code: string
  /** The building's name as people say it: 15号楼. */
  building: string
  stairwell: string | null
  door: string
}

export interface PocketResident {
  id: string
  household: string
  /** Masked as the server gives it. */
  name: string
  no_phone: boolean
}

export interface PocketEvent {
  id: string
  post: string
  pass: string | null
  household: string | null
  direction: 'in' | 'out'
  outcome: string
  happened_at: number
  visitor: string | null
  /** The event that this one takes back: neither of the two has happened. */
  corrects?: string | null
}

export interface PocketVisitor {
  id: string
  household: string | null
  name: string
  state: 'expected' | 'inside' | 'left' | 'refused' | 'withdrawn'
  arrived_at: number | null
  plate: string | null
}

/** A record of a list: the fields that its kind gives a phone, by their names; moments in milliseconds. */
export interface PocketRecord {
  id: string
  rev: number
  state?: string
  [field: string]: unknown
}

export interface PocketContent {
  passes?: PocketPass[]
  households?: PocketHousehold[]
  residents?: PocketResident[]
  events?: PocketEvent[]
  visitors?: PocketVisitor[]
  /** By the plural of their kind. */
  records?: Record<string, PocketRecord[]>
  estates?: number[]
  keys?: { id: number; key: Uint8Array }[]
  /** When this was the server's present, milliseconds. */
  at?: number
}

export const pocketReady: Ref<boolean> = ref(false)
/** The server's time of the last pull; null before the first. */
export const pocketAt: Ref<number | null> = ref(null)
/** Changes with every change of the content: what a computed value depends on. */
export const pocketTurn = shallowRef(0)

const passes = new Map<string, PocketPass>()
const serials = new Map<string, PocketPass>()
const numbers = new Map<string, PocketPass>()
const passesByHousehold = new Map<string, Set<string>>()
const households = new Map<string, PocketHousehold>()
const residents = new Map<string, PocketResident>()
const residentsByHousehold = new Map<string, Set<string>>()
const visitors = new Map<string, PocketVisitor>()
const events = new Map<string, PocketEvent>()
const eventsByPass = new Map<string, Set<string>>()
const eventsByHousehold = new Map<string, Set<string>>()
const takenBack = new Set<string>()
const records = new Map<string, Map<string, PocketRecord>>()
let estates: number[] = []
let keys: { id: number; key: Uint8Array }[] = []

function link(index: Map<string, Set<string>>, key: string | null, id: string): void {
  if (key === null) return
  const there = index.get(key)
  if (there) there.add(id)
  else index.set(key, new Set([id]))
}
function unlink(index: Map<string, Set<string>>, key: string | null, id: string): void {
  if (key === null) return
  const there = index.get(key)
  there?.delete(id)
  if (there?.size === 0) index.delete(key)
}

/* ---- asking ---- */

export const passById = (id: string): PocketPass | undefined => passes.get(id)
export const passBySerial = (serial: string): PocketPass | undefined => serials.get(serial)
export const passByNumber = (number: string): PocketPass | undefined => numbers.get(number)
export const householdById = (id: string): PocketHousehold | undefined => households.get(id)
export const estatesHere = (): number[] => estates
export const passKeys = (): { id: number; key: Uint8Array }[] => keys

function found<T>(ids: Set<string> | undefined, map: Map<string, T>): T[] {
  const rows: T[] = []
  for (const id of ids ?? []) {
    const row = map.get(id)
    if (row) rows.push(row)
  }
  return rows
}

/** Passes of which any passage is known. */
export const passesSeen = (): PocketPass[] => found(new Set(eventsByPass.keys()), passes)
/** Vehicle passes whose plate ends with what is typed, or begins with it. */
export function passesByPlate(text: string, max: number): PocketPass[] {
  const typed = text
    .normalize('NFKC')
    .replace(/[\s·.-]/g, '')
    .toUpperCase()
  if (typed.length < 2) return []
  const rows: PocketPass[] = []
  for (const pass of passes.values()) {
    const plate = pass.plate?.replace(/[\s·.-]/g, '').toUpperCase()
    if (!plate || pass.state === 'replaced') continue
    if (plate.endsWith(typed) || plate.startsWith(typed)) rows.push(pass)
    if (rows.length === max) break
  }
  return rows
}
export const passesOf = (household: string): PocketPass[] =>
  found(passesByHousehold.get(household), passes)
export const residentsOf = (household: string): PocketResident[] =>
  found(residentsByHousehold.get(household), residents)

const newestFirst = (rows: PocketEvent[]) => rows.sort((a, b) => b.happened_at - a.happened_at)
/** Pulled ones and those written here, newest first. */
export const lastEventsOf = (pass: string): PocketEvent[] =>
  newestFirst(found(eventsByPass.get(pass), events))
export const lastEventsOfHousehold = (household: string): PocketEvent[] =>
  newestFirst(found(eventsByHousehold.get(household), events))

export const visitorsInside = (): PocketVisitor[] =>
  [...visitors.values()]
    .filter((one) => one.state === 'inside')
    .sort((a, b) => (a.arrived_at ?? 0) - (b.arrived_at ?? 0))
export const recordsOf = (plural: string): PocketRecord[] => [
  ...(records.get(plural)?.values() ?? []),
]
export const recordById = (plural: string, id: string): PocketRecord | undefined =>
  records.get(plural)?.get(id)
export const visitorById = (id: string): PocketVisitor | undefined => visitors.get(id)

/** "15号楼2单元301室" and "15-2-301" are the same words. */
const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKC')
    .replace(/号楼|号院|单元|楼|栋|幢|座|门|室|号/g, ' ')
    .toUpperCase()
    .match(/[\p{L}\p{N}]+/gu) ?? []

/** How well typed words fit a door: 0 from its beginning, 1 from within; -1 not at all. */
function rankOf(typed: readonly string[], door: readonly string[]): number {
  const last = typed.length - 1
  for (let from = 0; from + last < door.length; from++) {
    const fits = typed.every((word, i) =>
      i === last ? door[from + i]?.startsWith(word) : door[from + i] === word,
    )
    if (fits) return from === 0 ? 0 : 1
  }
  return typed.length === 1 && door.join('').startsWith(typed[0] ?? '') ? 0 : -1
}

/** Households whose door fits what is typed so far; those that begin with it stand first. */
export function householdsMatching(text: string, max: number): PocketHousehold[] {
  const typed = wordsOf(text)
  if (typed.length === 0) return []
  const ranked: [number, PocketHousehold][] = []
  for (const household of households.values()) {
    const rank = rankOf(typed, wordsOf(household.code))
    if (rank >= 0) ranked.push([rank, household])
  }
  return ranked
    .sort(([a, one], [b, other]) => a - b || one.code.localeCompare(other.code, 'zh', order))
    .slice(0, max)
    .map(([, household]) => household)
}
const order: Intl.CollatorOptions = { numeric: true }

/* ---- filling ---- */

function putPass(pass: PocketPass): void {
  dropPass(pass.id)
  passes.set(pass.id, pass)
  serials.set(pass.serial, pass)
  numbers.set(pass.number, pass)
  link(passesByHousehold, pass.household, pass.id)
}
function dropPass(id: string): void {
  const old = passes.get(id)
  if (!old) return
  passes.delete(id)
  if (serials.get(old.serial)?.id === id) serials.delete(old.serial)
  if (numbers.get(old.number)?.id === id) numbers.delete(old.number)
  unlink(passesByHousehold, old.household, id)
}
function putResident(resident: PocketResident): void {
  dropResident(resident.id)
  residents.set(resident.id, resident)
  link(residentsByHousehold, resident.household, resident.id)
}
function dropResident(id: string): void {
  const old = residents.get(id)
  residents.delete(id)
  if (old) unlink(residentsByHousehold, old.household, id)
}
function putEvent(event: PocketEvent): void {
  if (event.corrects) {
    takenBack.add(event.corrects)
    dropEvent(event.corrects)
    return
  }
  if (takenBack.has(event.id)) return
  dropEvent(event.id)
  events.set(event.id, event)
  link(eventsByPass, event.pass, event.id)
  link(eventsByHousehold, event.household, event.id)
}
function dropEvent(id: string): void {
  const old = events.get(id)
  events.delete(id)
  if (!old) return
  unlink(eventsByPass, old.pass, id)
  unlink(eventsByHousehold, old.household, id)
}

function putRecord(plural: string, record: PocketRecord): void {
  const there = records.get(plural)
  // an answer from before what was done here lately
  if ((there?.get(record.id)?.rev ?? 0) > record.rev) return
  if (there) there.set(record.id, record)
  else records.set(plural, new Map([[record.id, record]]))
}

/** Adds to what is there; the same id is replaced. */
export function fillPocket(content: PocketContent): void {
  for (const one of content.passes ?? []) putPass(one)
  for (const one of content.households ?? []) households.set(one.id, one)
  for (const one of content.residents ?? []) putResident(one)
  for (const one of content.events ?? []) putEvent(one)
  for (const one of content.visitors ?? []) visitors.set(one.id, one)
  for (const [plural, rows] of Object.entries(content.records ?? {}))
    for (const one of rows) putRecord(plural, one)
  if (content.estates) estates = content.estates
  if (content.keys) keys = content.keys
  if (content.at !== undefined) pocketAt.value = content.at
  pocketReady.value = true
  pocketTurn.value++
}

/** Takes out what has left the area, or is no more. */
export function dropFromPocket(ids: readonly string[]): void {
  for (const id of ids) {
    dropPass(id)
    dropResident(id)
    dropEvent(id)
    households.delete(id)
    visitors.delete(id)
    for (const of of records.values()) of.delete(id)
  }
  pocketTurn.value++
}

/** An event written on this phone: it counts at once. */
export function noteOwnEvent(event: PocketEvent): void {
  putEvent(event)
  pocketTurn.value++
}

/** A visitor registered, or seen leaving, on this phone. */
export function noteOwnVisitor(visitor: PocketVisitor): void {
  visitors.set(visitor.id, visitor)
  pocketTurn.value++
}

/** All that is here, but for events before `since` (the server's clock). */
export function pocketContent(since: number): PocketContent {
  return {
    passes: [...passes.values()],
    households: [...households.values()],
    residents: [...residents.values()],
    events: [...events.values()].filter((event) => event.happened_at >= since),
    visitors: [...visitors.values()].filter((one) => one.state !== 'left'),
    records: Object.fromEntries(
      [...records].map(([plural, of]): [string, PocketRecord[]] => [plural, [...of.values()]]),
    ),
    estates,
    keys,
    ...(pocketAt.value === null ? {} : { at: pocketAt.value }),
  }
}

export function forgetPocket(): void {
  const all = [passes, serials, numbers, households, residents, visitors, events, records]
  for (const map of all) map.clear()
  for (const index of [passesByHousehold, residentsByHousehold, eventsByPass, eventsByHousehold])
    index.clear()
  takenBack.clear()
  estates = []
  keys = []
  pocketReady.value = false
  pocketAt.value = null
  pocketTurn.value++
}
