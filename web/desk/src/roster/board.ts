// The roster board as the server gives it, and the checks that can be made before asking it. The
// server's word is final; these only say at once what it would say.
import { get, post } from '@shared/api.ts'
import { addDays, minutesOf } from '@shared/format.ts'
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
  template?: string | null
  state?: string
  assignments: Assignment[]
}
export interface BoardPost {
  id: string
  name: string
  kind: string
  unit: { id: string | number; code: string; name: string }
  required?: number
}
export interface Person {
  id: string
  title: string
  deployed_from: string | null
  deployed_to: string | null
  skills: string[]
  assigned_minutes: number
}
export interface Board {
  posts: BoardPost[]
  shifts: Shift[]
  people: Person[]
}

export const loadBoard = (unit: string, from: string, to: string) =>
  get<Board>('rosters/board', { unit, from, to })
export const assign = (shift: string, responder: string) =>
  post<Assignment & { rev: number }>('assignments', { id: uuidv7(), shift, responder })

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
    !person.deployed_from ||
    shift.date < person.deployed_from ||
    (person.deployed_to && shift.date > person.deployed_to)
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
