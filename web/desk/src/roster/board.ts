// The roster board as the server gives it, and the checks that can be made before asking it. The
// server's word is final; these only say at once what it would say.
import type * as server from '@server/types.ts'
import { get, post } from '@shared/api.ts'
import { addDays, minutesOf } from '@shared/format.ts'
import { list, type Page, type Row } from '@shared/records.ts'
import { uuidv7 } from '@shared/uuid.ts'

export interface Assignment {
  id: string
  rev?: number
  responder: { id: string; title: string }
  state: string
  lead?: boolean
}
export interface Shift {
  id: string
  post: string
  date: string
  start: string
  end: string
  required: number
  assignments: Assignment[]
}
export interface BoardPost {
  id: string
  name: string
  kind: string
  unit: server.UnitRef
  required?: number
}
export interface Person {
  id: string
  title: string
  /** Serves somewhere at present; on which days exactly the server knows. */
  deployed: boolean
  from: string | null
  to: string | null
}
export interface Board {
  posts: BoardPost[]
  shifts: Shift[]
  people: Person[]
}

// As the server itself describes it; the build fails where a field that is read here has gone.
type RawBoard = server.Answers['get /api/v1/rosters/board']

/** The server gives plain records; here each shift gets its own assignments. */
export async function loadBoard(unit: string, from: string, to: string): Promise<Board> {
  const raw = await get<RawBoard>('rosters/board', { unit, from, to })
  const byShift = new Map<string, Assignment[]>()
  for (const { id, rev, shift, responder, state, lead } of raw.assignments) {
    if (!shift || !responder) continue
    const list = byShift.get(shift.id) ?? []
    const who = { id: responder.id, title: responder.title ?? '' }
    list.push({ id, rev, responder: who, state, lead: lead === true })
    byShift.set(shift.id, list)
  }
  const posts = raw.posts.flatMap(({ id, name, kind, unit: at, required }): BoardPost[] =>
    at ? [{ id, name: name ?? '', kind: kind ?? '', unit: at, required: required ?? 0 }] : [],
  )
  posts.sort((a, b) => a.unit.code.localeCompare(b.unit.code) || a.name.localeCompare(b.name, 'zh'))
  return {
    posts,
    shifts: raw.shifts.map((one) => ({
      id: one.id,
      post: one.post?.id ?? '',
      date: one.date ?? '',
      start: one.start ?? '',
      end: one.end_at ?? '',
      required: one.required ?? 0,
      assignments: byShift.get(one.id) ?? [],
    })),
    people: raw.people.map((one) => ({
      id: one.id,
      title: one.name ?? '',
      deployed: Boolean(one.serving),
      from: one.available_from,
      to: one.available_to,
    })),
  }
}

/** How many posts each unit of a branch has: a board of a whole city would show nothing. */
export async function postsByUnit(
  unit: string,
): Promise<{ unit: BoardPost['unit']; posts: number }[]> {
  const counts = new Map<string, { unit: BoardPost['unit']; posts: number }>()
  let after: string | null = null
  for (let pages = 0; pages < 20; pages++) {
    const page: Page = await list('posts', { unit, after, limit: 200, filter: { state: 'open' } })
    for (const row of page.items) {
      const at = row.unit as BoardPost['unit']
      const entry = counts.get(at.code) ?? { unit: at, posts: 0 }
      entry.posts++
      counts.set(at.code, entry)
    }
    after = page.next
    if (!after) break
  }
  return [...counts.values()].sort((a, b) => a.unit.code.localeCompare(b.unit.code))
}

export const assign = (shift: string, responder: string) =>
  post<Row>('assignments', { id: uuidv7(), shift, responder })

/** Minutes from the board's first midnight; a shift that ends before it begins ends the next day. */
export function spanOf(shift: Pick<Shift, 'date' | 'start' | 'end'>): [number, number] {
  const day = Date.parse(`${shift.date}T00:00:00Z`) / 60_000
  const start = minutesOf(shift.start)
  const end = minutesOf(shift.end)
  return [day + start, day + (end <= start ? end + 1440 : end)]
}
export const minutesLong = (shift: Pick<Shift, 'date' | 'start' | 'end'>): number => {
  const [from, to] = spanOf(shift)
  return to - from
}

/** Those who still count: not cancelled, not swapped away. */
export const counted = (shift: Shift): Assignment[] =>
  shift.assignments.filter((one) => !['cancelled', 'swapped', 'declined'].includes(one.state))
export const missing = (shift: Shift): number => Math.max(0, shift.required - counted(shift).length)

export type Objection =
  | { code: 'same' }
  | { code: 'overlap'; shift: Shift }
  | { code: 'not_deployed' }
  | { code: 'day_hours'; hours: number }
  | { code: 'rest'; hours: number }

const dayLimit = 8 * 60
const restLimit = 11 * 60

/** What speaks against this person on this shift; the first is the gravest. */
export function objections(board: Board, person: Person, shift: Shift): Objection[] {
  const found: Objection[] = []
  if (counted(shift).some((one) => one.responder.id === person.id)) return [{ code: 'same' }]
  const [from, to] = spanOf(shift)
  const own = board.shifts.filter(
    (one) => one.id !== shift.id && counted(one).some((each) => each.responder.id === person.id),
  )
  const overlap = own.find((one) => spanOf(one)[0] < to && from < spanOf(one)[1])
  if (overlap) found.push({ code: 'overlap', shift: overlap })
  if (
    !person.deployed ||
    (person.from && shift.date < person.from) ||
    (person.to && shift.date > person.to)
  ) {
    found.push({ code: 'not_deployed' })
  }
  const day = own
    .filter((one) => one.date === shift.date)
    .reduce((sum, one) => sum + minutesLong(one), to - from)
  if (day > dayLimit) found.push({ code: 'day_hours', hours: day / 60 })
  const gaps = own
    .filter((one) => one !== overlap && one.date !== shift.date)
    .map((one) => Math.max(from - spanOf(one)[1], spanOf(one)[0] - to))
    .filter((gap) => gap >= 0)
  const rest = Math.min(...gaps)
  if (gaps.length && rest < restLimit) found.push({ code: 'rest', hours: rest / 60 })
  return found
}

/** Only these are refused by the server; the others a person may decide. */
export const isHard = (objection: Objection): boolean =>
  ['same', 'overlap', 'not_deployed'].includes(objection.code)

export const datesFrom = (from: string, days: number): string[] =>
  Array.from({ length: days }, (_, index) => addDays(from, index))
