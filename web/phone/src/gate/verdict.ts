// What the gate says to a pass: pure rules over the code or number that was shown, what the phone
// knows of it, the policies of the day, the clock and the direction. The server has the same rules
// and the same words for the outcome.
import { addDays, civilDay, daysBetween } from '@shared/format.ts'
import type { PocketEvent, PocketPass } from '../pocket.ts'
import { goodNumber } from './number.ts'
import type { Checked, Claims, PassClass } from './pass.ts'

export type Direction = 'in' | 'out'
export type VerdictCode =
  | 'ok'
  | 'ok_unlisted'
  | 'malformed'
  | 'oversized'
  | 'forged'
  | 'unknown_key'
  | 'expired'
  | 'not_yet'
  | 'other_estate'
  | 'void'
  | 'just_used'
  | 'used'
  | 'unknown_number'
  | 'bad_number'

/** go: admit. ask: a person decides. stop: do not admit by this pass. again: nothing to judge yet. */
export type Tone = 'go' | 'ask' | 'stop' | 'again'
export const TONES: Record<VerdictCode, Tone> = {
  ok: 'go',
  ok_unlisted: 'go',
  just_used: 'ask',
  unknown_key: 'ask',
  used: 'stop',
  expired: 'stop',
  not_yet: 'stop',
  other_estate: 'stop',
  void: 'stop',
  forged: 'stop',
  malformed: 'again',
  oversized: 'again',
  unknown_number: 'again',
  bad_number: 'again',
}

export interface Policies {
  /** One exit of a household in so many civil days; 0 is no limit. */
  householdDays: number
  householdMinutes: number
  /** Whether the temperature is measured at gates at all. */
  measured: boolean
}
export const policiesOf = (
  rules: Readonly<Record<string, number>> | null | undefined,
): Policies => ({
  householdDays: rules?.pass_household_days ?? 2,
  householdMinutes: rules?.pass_household_minutes ?? 180,
  measured: (rules?.gate_temperature ?? 1) !== 0,
})

/** What the rules may ask of the phone's working copy. */
export interface Known {
  passBySerial(serial: string): PocketPass | undefined
  passByNumber(number: string): PocketPass | undefined
  lastEventsOf(pass: string): PocketEvent[]
  lastEventsOfHousehold(household: string): PocketEvent[]
  passesOf(household: string): PocketPass[]
  /** The estates of this gate's community; none known is no reason to send anybody away. */
  estates: readonly number[]
}
export interface Circumstances {
  /** Milliseconds of the server's clock. */
  now: number
  zone: string
  direction: Direction
  policies: Policies
}

export interface Verdict {
  code: VerdictCode
  tone: Tone
  direction: Direction
  pass: PocketPass | null
  claims: Claims | null
  class: PassClass | null
  /** The last passage known of this pass. */
  last: PocketEvent | null
  /** used: the day from which the household may go out again. */
  nextDay: string | null
  /** Coming back later than allowed: minutes since the exit. */
  overdue: number | null
}

export const REPLAY_MS = 60_000

const passed = (event: PocketEvent): boolean =>
  event.outcome === 'admitted' || event.outcome === 'remeasured'

/** Newest first, whatever order they came in; refused people have not passed. */
const passages = (events: readonly PocketEvent[]): PocketEvent[] =>
  events.filter(passed).sort((a, b) => b.happened_at - a.happened_at)

/** Which way somebody is likely going: back the way he came, once a minute has passed. */
export function proposal(events: readonly PocketEvent[], now: number): Direction | null {
  const [last] = passages(events)
  if (!last) return null
  if (Math.abs(now - last.happened_at) < REPLAY_MS) return last.direction
  return last.direction === 'in' ? 'out' : 'in'
}

/** Exits by a household's passes, newest first: those of its replaced cards count as well. */
function householdExits(pass: PocketPass, known: Known): PocketEvent[] {
  if (!pass.household) return passages(known.lastEventsOf(pass.id)).filter(isExit)
  const cards = known.passesOf(pass.household).filter((one) => one.class === 'household')
  const ids = new Set([pass.id, ...cards.map((one) => one.id)])
  const events = known.lastEventsOfHousehold(pass.household)
  return passages(events).filter((event) => isExit(event) && ids.has(event.pass ?? ''))
}
const isExit = (event: PocketEvent): boolean => event.direction === 'out'

/** The first day on which a household that went out then may go again. */
export function nextExitDay(exit: number, days: number, zone: string): string {
  return addDays(civilDay(new Date(exit), zone), days)
}

function usedUntil(pass: PocketPass, known: Known, at: Circumstances): string | null {
  const { householdDays } = at.policies
  if (householdDays <= 0) return null
  const [exit] = householdExits(pass, known)
  if (!exit) return null
  // an exit that a wrong clock puts into the future was today's
  const next = nextExitDay(Math.min(exit.happened_at, at.now), householdDays, at.zone)
  return daysBetween(civilDay(new Date(at.now), at.zone), next) > 0 ? next : null
}

/** How long somebody with this household pass has been out, where that is longer than allowed. */
export function overdueMinutes(
  events: readonly PocketEvent[],
  now: number,
  allowed: number,
): number | null {
  const [last] = passages(events)
  if (last?.direction !== 'out' || allowed <= 0) return null
  const minutes = Math.floor((now - last.happened_at) / 60_000)
  return minutes > allowed ? minutes : null
}

function dated(pass: PocketPass | null, claims: Claims | null, at: Circumstances) {
  const today = civilDay(new Date(at.now), at.zone)
  if (claims && at.now >= claims.to) return 'expired'
  if (pass && pass.valid_to < today) return 'expired'
  if (claims && at.now < claims.from) return 'not_yet'
  return pass && pass.valid_from > today ? 'not_yet' : null
}

/** The rules for a pass that is what it says it is. */
function judged(
  pass: PocketPass | null,
  claims: Claims | null,
  known: Known,
  at: Circumstances,
): Verdict {
  const kind = pass?.class ?? claims?.class ?? null
  const estate = claims?.estate ?? pass?.estate
  const events = pass ? passages(known.lastEventsOf(pass.id)) : []
  const [last] = events
  const found = {
    direction: at.direction,
    pass,
    claims,
    class: kind,
    last: last ?? null,
    nextDay: null,
    overdue: null,
  }
  const say = (code: VerdictCode, more: Partial<Verdict> = {}): Verdict => ({
    ...found,
    code,
    tone: TONES[code],
    ...more,
  })
  const when = dated(pass, claims, at)
  if (when) return say(when)
  if (known.estates.length > 0 && estate !== undefined && !known.estates.includes(estate))
    return say('other_estate')
  if (!pass) return say('ok_unlisted')
  if (pass.state !== 'active') return say('void')
  const replayed =
    last?.direction === at.direction && Math.abs(at.now - last.happened_at) < REPLAY_MS
  if (replayed) return say('just_used')
  if (kind !== 'household') return say('ok')
  if (at.direction === 'in')
    return say('ok', { overdue: overdueMinutes(events, at.now, at.policies.householdMinutes) })
  const nextDay = usedUntil(pass, known, at)
  return nextDay ? say('used', { nextDay }) : say('ok')
}

const nothing = (
  code: VerdictCode,
  direction: Direction,
  claims: Claims | null = null,
): Verdict => ({
  code,
  tone: TONES[code],
  direction,
  pass: null,
  claims,
  class: claims?.class ?? null,
  last: null,
  nextDay: null,
  overdue: null,
})

/** The verdict on a code whose signature has been looked at. */
export function judgeCode(checked: Checked, known: Known, at: Circumstances): Verdict {
  // what an unproved code says of itself is not shown to anybody
  if (checked.code !== 'signed') return nothing(checked.code, at.direction)
  const pass = known.passBySerial(checked.claims.serial) ?? null
  return judged(pass, checked.claims, known, at)
}

export function judgeNumber(number: string, known: Known, at: Circumstances): Verdict {
  if (!goodNumber(number)) return nothing('bad_number', at.direction)
  const pass = known.passByNumber(number)
  return pass ? judged(pass, null, known, at) : nothing('unknown_number', at.direction)
}

/** A pass that was looked up by its household's door. */
export const judgePass = (pass: PocketPass, known: Known, at: Circumstances): Verdict =>
  judged(pass, null, known, at)
