// The next days' shifts as the phone has them from the last pull: for the morning after a night
// without a network.
import type { Assignment, Day, Policy } from './day.ts'
import { rosterNow } from './journal.ts'

interface Roster {
  assignments?: Assignment[]
  /** The rules of each day that a phone may be without a network. */
  policies?: Record<string, Policy>
}

/** The rules of a day; what held last where that day was not fetched. */
export const policyOf = (last: Day, today: string): Policy =>
  ((rosterNow() ?? {}) as Roster).policies?.[today] ?? last.policy

/** A person's own shifts of a day. */
export function shiftsOf(last: Day, today: string): Assignment[] {
  const { assignments } = (rosterNow() ?? {}) as Roster
  const mine = (last.user as { responder?: string | { id: string } | null }).responder
  const id = typeof mine === 'string' ? mine : mine?.id
  if (!id || !assignments) return []
  return assignments.filter(
    (one) => one.date === today && one.responder?.id === id && one.state !== 'cancelled',
  )
}
