// The next days' shifts as the phone has them from the last pull: for the morning after a night
// without a network.
import type { Assignment, Day, Policy } from './day.ts'
import { rosterNow } from './journal.ts'

interface Roster {
  now?: string
  unit?: { code: string } | null
  assignments?: Assignment[]
  /** The rules of each day that a phone may be without a network. */
  policies?: Record<string, Policy>
}
const roster = (): Roster => (rosterNow() ?? {}) as Roster

/** The rules of a day; what held last where that day was not fetched. */
export const policyOf = (last: Day, today: string): Policy =>
  roster().policies?.[today] ?? last.policy

const HOUR = 3_600_000
/** What the server shows of a person's shifts: those of the last hours and of the next. */
const BEHIND = 12 * HOUR
const AHEAD = 36 * HOUR

/** A person's own shifts around that moment: of what he was told and of the phone's own pull, the later
 *  one first, since that knows what became of them and which came or went; the other for what lies
 *  outside of it. */
export function shiftsOf(last: Day, at: Date): Assignment[] {
  const { now, unit, assignments = [] } = roster()
  const mine = (last.user as { responder?: string | { id: string } | null }).responder
  const id = typeof mine === 'string' ? mine : mine?.id
  const here = assignments.filter((one) => one.responder?.id === id && one.state !== 'cancelled')
  const told = Date.parse(last.now)
  const rows =
    now && Date.parse(now) > told
      ? [...here, ...last.assignments.filter((one) => one.unit.code !== unit?.code)]
      : [...last.assignments, ...here.filter((one) => Date.parse(one.starts_at) >= told + AHEAD)]
  const near = (one: Assignment) =>
    Date.parse(one.starts_at) < at.getTime() + AHEAD &&
    Date.parse(one.ends_at) > at.getTime() - BEHIND
  return rows.filter(near).sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at))
}
