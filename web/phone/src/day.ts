// The day as the phone knows it: my shifts, the gates I may work, the policy in force, the server's
// clock. Asked for at the start, when the page comes back to the front, and after a write.
import type * as server from '@server/types.ts'
import { get } from '@shared/api.ts'
import { civilDay, clock as clockText } from '@shared/format.ts'
import { list } from '@shared/records.ts'
import type { Filled } from '@shared/types.ts'
import { computed, ref, shallowRef } from 'vue'
import { driftNow, heardClock, now, setDrift } from './clock.ts'
import { type Limits, tenths } from './pad.ts'
import { pending } from './queue.ts'
import { policyOf, shiftsOf } from './roster.ts'
import { saveState, state } from './vault.ts'

export type Assignment = Filled<
  server.Assignment,
  'responder' | 'post' | 'unit' | 'date' | 'starts_at' | 'ends_at'
>
export type Post = Filled<server.Post, 'unit' | 'kind'>

export interface Policy {
  temp_threshold: number
  temp_low: number
  sign_in_early_minutes: number
  late_grace_minutes: number
  [rule: string]: number
}

export type Day = Omit<server.MyDay, 'assignments' | 'gates' | 'policy' | 'todo'> & {
  policy: Policy
  assignments: Assignment[]
  gates: Post[]
  /** A day that was kept by an earlier release has none. */
  todo?: server.Todo
}

export const day = shallowRef<Day | null>(null)
/** The present by the server's clock, moved on every ten seconds; for what stands on the screen. */
export const present = ref(new Date())
/** The present by the server's clock, exactly; for what is written down. */
export { now } from './clock.ts'

export async function loadDay(): Promise<Day> {
  const answer = await get<Day>('me/day')
  heardClock(Date.parse(answer.now))
  present.value = now()
  day.value = answer
  await saveState({ day: answer, drift: driftNow() })
  return answer
}

/** The day as it was kept on this phone; false where none was. */
export function recallDay(): boolean {
  const kept = state()
  if (!kept?.day) return false
  setDrift(kept.drift)
  present.value = now()
  const last = kept.day as Day
  day.value = asOf(last)
  return true
}

/** Another day's shifts are no longer mine to sign in for; the gates and the rules still hold. */
function asOf(last: Day): Day {
  const today = civilDay(now(), last.operation?.timezone ?? 'Asia/Shanghai')
  return { ...last, today, assignments: shiftsOf(last, now()), policy: policyOf(last, today) }
}

/** The phone has pulled by itself: what became of my shifts, also where nobody is logged in. */
export function refreshDay(): void {
  if (day.value) day.value = asOf(day.value)
}

export function forgetDay(): void {
  day.value = null
  posts.clear()
}

if (typeof window !== 'undefined') {
  setInterval(() => {
    present.value = now()
  }, 10_000)
}

export const zone = () => day.value?.operation?.timezone ?? 'Asia/Shanghai'
export const time = (value: string | number | Date): string => clockText(new Date(value), zone())
export const limits = computed<Limits>(() => ({
  threshold: tenths(day.value?.policy.temp_threshold ?? 37.3),
  low: tenths(day.value?.policy.temp_low ?? 35),
}))

/** An end at midnight belongs to the day that ends: 24:00, not 00:00. */
export function span(assignment: Assignment): string {
  const end = time(assignment.ends_at)
  return `${time(assignment.starts_at)}–${end === '00:00' ? '24:00' : end}`
}

const posts = new Map<string, Post>()
/** The post of a shift, for whether it wants a photo. */
export async function postOf(id: string): Promise<Post> {
  const known = day.value?.gates.find((gate) => gate.id === id) ?? posts.get(id)
  if (known) return known
  const row = await get<Post>(`posts/${encodeURIComponent(id)}`)
  posts.set(id, row)
  return row
}

/** Everybody's shifts of the day, as far as this viewer sees them. */
export async function teamOf(date: string): Promise<Assignment[]> {
  const rows: Assignment[] = []
  let after: string | null = null
  do {
    const page = await list('assignments', { filter: { date }, limit: 500, after })
    rows.push(...(page.items as Assignment[]))
    after = page.next
  } while (after)
  return rows.filter((row) => row.state !== 'cancelled')
}

/* ---- where a shift stands ---- */

export type Standing =
  | 'early'
  | 'open'
  | 'open_late'
  | 'on_post'
  | 'done'
  | 'hot'
  | 'excused'
  | 'missed'

/** What is written here and not yet with the server counts as done. */
export function waitingSignIn(id: string): { in: boolean; out: boolean; hot: boolean } {
  const waiting = pending.value.filter(
    (entry) => entry.path === 'sign-ins' && entry.body.assignment === id,
  )
  const inward = waiting.filter((entry) => entry.body.phase === 'in')
  return {
    in: inward.length > 0,
    out: waiting.some((entry) => entry.body.phase === 'out'),
    hot: inward.some((entry) => tenths(Number(entry.body.temperature)) >= limits.value.threshold),
  }
}

export function standing(a: Assignment, at: Date, earlyMinutes: number): Standing {
  const waiting = waitingSignIn(a.id)
  if (a.signed_out_at || waiting.out) return 'done'
  if (a.excuse === 'temperature' || waiting.hot) return 'hot'
  if (a.state === 'excused') return 'excused'
  if (a.signed_in_at || waiting.in) return 'on_post'
  const start = Date.parse(a.starts_at)
  if (at.getTime() > Date.parse(a.ends_at)) return 'missed'
  if (at.getTime() < start - earlyMinutes * 60_000) return 'early'
  return at.getTime() > start ? 'open_late' : 'open'
}

/** The shift that the next step belongs to: one on the post, else the next one to sign in for. */
export function nextShift(shifts: readonly Assignment[], at: Date, early: number) {
  const rank: Record<Standing, number> = {
    on_post: 0,
    open_late: 1,
    open: 1,
    hot: 2,
    early: 3,
    excused: 4,
    missed: 5,
    done: 6,
  }
  const order = (a: Assignment) => rank[standing(a, at, early)]
  return [...shifts].sort((a, b) => order(a) - order(b) || (a.starts_at < b.starts_at ? -1 : 1))[0]
}
