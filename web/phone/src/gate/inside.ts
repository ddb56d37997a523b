// Who is inside as a visitor, and which households are out longer than allowed: from the phone's own
// copy, so that it is known without a network too.
import { computed, type Ref } from 'vue'
import { present } from '../day.ts'
import {
  lastEventsOf,
  type PocketPass,
  type PocketVisitor,
  passesSeen,
  pocketTurn,
  visitorsInside,
} from '../pocket.ts'
import { overdueMinutes, type Policies } from './verdict.ts'

export interface OutNow {
  pass: PocketPass
  since: number
  /** Minutes out where that is longer than allowed. */
  overdue: number | null
}

/** Households out by their pass, the longest first. */
export function householdsOut(now: number, allowed: number): OutNow[] {
  const rows: OutNow[] = []
  for (const pass of passesSeen()) {
    if (pass.class !== 'household') continue
    const events = lastEventsOf(pass.id).filter(
      ({ outcome }) => outcome === 'admitted' || outcome === 'remeasured',
    )
    const [last] = events
    if (last?.direction !== 'out') continue
    rows.push({ pass, since: last.happened_at, overdue: overdueMinutes(events, now, allowed) })
  }
  return rows.sort((a, b) => a.since - b.since)
}

export function useInside(policies: Ref<Policies>) {
  const visitors = computed<PocketVisitor[]>(() => {
    void pocketTurn.value
    return visitorsInside()
  })
  const out = computed<OutNow[]>(() => {
    void pocketTurn.value
    return householdsOut(present.value.getTime(), policies.value.householdMinutes)
  })
  const overdue = computed(() => out.value.filter((row) => row.overdue !== null))
  return { visitors, out, overdue }
}
