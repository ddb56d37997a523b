import { beforeEach, describe, expect, it } from 'vitest'
import type { PocketEvent, PocketPass } from '../pocket.ts'
import * as pocket from '../pocket.ts'
import { checkDigit } from './number.ts'
import type { Checked, Claims } from './pass.ts'
import {
  type Circumstances,
  type Direction,
  judgeCode,
  judgeNumber,
  type Known,
  overdueMinutes,
  proposal,
  TONES,
  type VerdictCode,
} from './verdict.ts'

const ZONE = 'Asia/Shanghai'
const NOON = Date.parse('2020-05-08T12:00:00+08:00')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const POLICIES = { householdDays: 2, householdMinutes: 180, measured: true }
const NUMBER = `4821736${checkDigit('4821736')}`

const pass = (over: Partial<PocketPass> = {}): PocketPass => ({
  id: 'p1',
  number: NUMBER,
  serial: '17',
  class: 'person',
  estate: 7,
  household: 'h1',
  resident: 'r1',
  plate: null,
  valid_from: '2020-05-01',
  valid_to: '2020-05-31',
  state: 'active',
  ...over,
})
let made = 0
const event = (at: number, over: Partial<PocketEvent> = {}): PocketEvent => ({
  id: `e${++made}`,
  post: 'gate',
  pass: 'p1',
  household: 'h1',
  direction: 'out',
  outcome: 'admitted',
  happened_at: at,
  visitor: null,
  ...over,
})
const claims = (over: Partial<Claims> = {}): Claims => ({
  keyId: 1,
  serial: '17',
  class: 'person',
  estate: 7,
  from: Date.parse('2020-05-01T00:00:00+08:00'),
  to: Date.parse('2020-06-01T00:00:00+08:00'),
  ...over,
})
const signed = (over: Partial<Claims> = {}): Checked => ({ code: 'signed', claims: claims(over) })
const at = (over: Partial<Circumstances> = {}): Circumstances => ({
  now: NOON,
  zone: ZONE,
  direction: 'in',
  policies: POLICIES,
  ...over,
})
const known = (over: Partial<Known> = {}): Known => ({ ...pocket, estates: [7], ...over })
const hold = (passes: PocketPass[], events: PocketEvent[] = []) =>
  pocket.fillPocket({ passes, events, estates: [7] })

beforeEach(() => pocket.forgetPocket())

describe('by its code', () => {
  it('a listed pass is good', () => {
    hold([pass()])
    const verdict = judgeCode(signed(), known(), at())
    expect(verdict).toMatchObject({ code: 'ok', tone: 'go', class: 'person', overdue: null })
    expect(verdict.pass?.id).toBe('p1')
  })
  it('one that is not in this phone’s list yet is good by its signature', () => {
    expect(judgeCode(signed(), known(), at())).toMatchObject({ code: 'ok_unlisted', tone: 'go' })
  })
  it.each<[Checked['code'], VerdictCode]>([
    ['malformed', 'malformed'],
    ['oversized', 'oversized'],
    ['forged', 'forged'],
    ['unknown_key', 'unknown_key'],
  ])('%s stays %s, and shows nothing of what it claims', (code, said) => {
    hold([pass()])
    const checked = { code, claims: claims() } as Checked
    expect(judgeCode(checked, known(), at())).toMatchObject({
      code: said,
      pass: null,
      claims: null,
      class: null,
    })
  })
  it('another estate’s pass is not good here', () => {
    hold([pass()])
    expect(judgeCode(signed({ estate: 8 }), known(), at()).code).toBe('other_estate')
    expect(judgeCode(signed({ estate: 8 }), known({ estates: [8, 7] }), at()).code).toBe('ok')
  })
  it('estates are not judged by a phone that knows of none', () => {
    expect(judgeCode(signed({ estate: 8 }), known({ estates: [] }), at()).code).toBe('ok_unlisted')
  })
  it('is good from its first second up to, and without, its last', () => {
    const times = { from: NOON, to: NOON + HOUR }
    const code = (now: number) => judgeCode(signed(times), known(), at({ now })).code
    expect(code(NOON - 1)).toBe('not_yet')
    expect(code(NOON)).toBe('ok_unlisted')
    expect(code(NOON + HOUR - 1)).toBe('ok_unlisted')
    expect(code(NOON + HOUR)).toBe('expired')
  })
  it('the list may have shortened it since it was printed', () => {
    hold([pass({ valid_to: '2020-05-07' })])
    expect(judgeCode(signed(), known(), at()).code).toBe('expired')
    hold([pass({ valid_from: '2020-05-09' })])
    expect(judgeCode(signed(), known(), at()).code).toBe('not_yet')
  })
  it.each(['lost', 'revoked', 'replaced'] as const)('%s says only that it is void', (state) => {
    hold([pass({ state })])
    const verdict = judgeCode(signed(), known(), at())
    expect(verdict).toMatchObject({ code: 'void', tone: 'stop', nextDay: null, overdue: null })
  })
})

describe('by its number', () => {
  it('a listed pass is good, by the dates in the list', () => {
    hold([pass({ valid_from: '2020-05-08', valid_to: '2020-05-08' })])
    const code = (now: number) => judgeNumber(NUMBER, known(), at({ now })).code
    expect(code(Date.parse('2020-05-07T23:59:59+08:00'))).toBe('not_yet')
    expect(code(Date.parse('2020-05-08T00:00:00+08:00'))).toBe('ok')
    expect(code(Date.parse('2020-05-08T23:59:59+08:00'))).toBe('ok')
    expect(code(Date.parse('2020-05-09T00:00:00+08:00'))).toBe('expired')
  })
  it('a slip of the finger is told from a number that nobody has', () => {
    const slip = `${NUMBER.slice(0, 7)}${(Number(NUMBER[7]) + 1) % 10}`
    expect(judgeNumber(slip, known(), at()).code).toBe('bad_number')
    expect(judgeNumber(NUMBER, known(), at()).code).toBe('unknown_number')
  })
})

describe('a replay', () => {
  it.each([
    [0, 'just_used'],
    [1, 'just_used'],
    [59_999, 'just_used'],
    [60_000, 'ok'],
    [-30_000, 'just_used'],
    [-60_000, 'ok'],
  ])('%i ms after the same pass the same way: %s', (ms, code) => {
    hold([pass()], [event(NOON - ms, { direction: 'in' })])
    expect(judgeCode(signed(), known(), at()).code).toBe(code)
  })
  it('is none the other way, nor after a refusal', () => {
    hold([pass()], [event(NOON - 5_000, { direction: 'out' })])
    expect(judgeCode(signed(), known(), at()).code).toBe('ok')
    pocket.forgetPocket()
    hold([pass()], [event(NOON - 5_000, { direction: 'in', outcome: 'refused' })])
    expect(judgeCode(signed(), known(), at()).code).toBe('ok')
  })
  it('is none after the entry was taken back', () => {
    const first = event(NOON - 5_000, { direction: 'in' })
    hold([pass()], [first])
    pocket.noteOwnEvent(event(NOON - 2_000, { direction: 'in', corrects: first.id }))
    expect(judgeCode(signed(), known(), at()).code).toBe('ok')
  })
})

describe('a household’s exit', () => {
  const household = pass({ class: 'household', resident: null })
  const out = (events: PocketEvent[], over: Partial<Circumstances> = {}, passes = [household]) => {
    pocket.forgetPocket()
    hold(passes, events)
    return judgeCode(signed({ class: 'household' }), known(), at({ direction: 'out', ...over }))
  }
  it('is free where there was none', () => {
    expect(out([]).code).toBe('ok')
  })
  it.each([
    ['2020-05-08T07:00:00+08:00', 'used', '2020-05-10'],
    ['2020-05-07T00:00:00+08:00', 'used', '2020-05-09'],
    ['2020-05-06T23:59:59+08:00', 'ok', null],
    ['2020-05-09T08:00:00+08:00', 'used', '2020-05-10'],
  ])('after one at %s: %s', (when, code, nextDay) => {
    expect(out([event(Date.parse(when))])).toMatchObject({ code, nextDay })
  })
  it('is not used by who only came in, was refused, or holds a pass of his own', () => {
    const own = pass({ id: 'p2', serial: '18', number: `1000000${checkDigit('1000000')}` })
    const events = [
      event(NOON - HOUR, { direction: 'in' }),
      event(NOON - HOUR, { outcome: 'refused' }),
      event(NOON - HOUR, { outcome: 'fever_clinic' }),
      event(NOON - HOUR, { pass: 'p2' }),
    ]
    expect(out(events, {}, [household, own]).code).toBe('ok')
  })
  it('is used by the card that this one replaced', () => {
    const old = { ...household, id: 'p0', serial: '16', number: '0', state: 'replaced' as const }
    expect(out([event(NOON - HOUR, { pass: 'p0' })], {}, [household, old]).code).toBe('used')
  })
  it('comes again when it was taken back', () => {
    const exit = event(NOON - HOUR)
    const back = event(NOON - HOUR + 5_000, { corrects: exit.id })
    expect(out([exit, back]).code).toBe('ok')
    expect(out([back, exit]).code).toBe('ok')
  })
  it('is free of limits where the policy sets none', () => {
    const policies = { ...POLICIES, householdDays: 0 }
    expect(out([event(NOON - HOUR)], { policies }).code).toBe('ok')
  })
  it('coming back is always good, and says how late', () => {
    const back = (minutes: number) => {
      pocket.forgetPocket()
      hold([household], [event(NOON - minutes * MINUTE)])
      return judgeCode(signed({ class: 'household' }), known(), at())
    }
    expect(back(180)).toMatchObject({ code: 'ok', overdue: null })
    expect(back(181)).toMatchObject({ code: 'ok', tone: 'go', overdue: 181 })
    expect(back(26 * 60)).toMatchObject({ code: 'ok', overdue: 26 * 60 })
  })
  it('holds over random weeks: never two exits within a period, never one refused after it', () => {
    let seed = 11
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return (seed >> 8) % n
    }
    const dayOf = (ms: number) => Math.floor((ms + 8 * HOUR) / DAY)
    for (const days of [1, 2, 3, 7]) {
      const policies = { ...POLICIES, householdDays: days }
      let now = NOON
      let exits: number[] = []
      pocket.forgetPocket()
      hold([{ ...household, valid_to: '2021-12-31' }])
      for (let step = 0; step < 300; step++) {
        now += (1 + random(30 * 60)) * MINUTE
        const direction: Direction = random(3) === 0 ? 'in' : 'out'
        const far = { class: 'household' as const, to: NOON + 1000 * DAY }
        const said = judgeCode(signed(far), known(), at({ now, direction, policies }))
        if (direction === 'in') {
          expect(['ok', 'just_used']).toContain(said.code)
        } else {
          const free = exits.every((exit) => dayOf(now) - dayOf(exit) >= days)
          const again = exits.some((exit) => now - exit < 60_000)
          if (again) expect(said.code).toBe('just_used')
          else expect(said.code).toBe(free ? 'ok' : 'used')
          if (said.code === 'used') expect(said.nextDay).not.toBeNull()
        }
        if (said.code !== 'ok') continue
        pocket.noteOwnEvent(event(now, { direction }))
        if (direction === 'out') exits = [...exits, now]
      }
      expect(exits.length).toBeGreaterThan(3)
    }
  })
})

describe('which rule comes first', () => {
  // each row breaks the rules to its right as well
  it.each<[VerdictCode, Checked['code'], number, string, PocketPass['state']]>([
    ['forged', 'forged', 8, '2020-05-07', 'revoked'],
    ['expired', 'signed', 8, '2020-05-07', 'revoked'],
    ['other_estate', 'signed', 8, '2020-05-31', 'revoked'],
    ['void', 'signed', 7, '2020-05-31', 'revoked'],
    ['just_used', 'signed', 7, '2020-05-31', 'active'],
  ])('%s', (code, signature, estate, valid_to, state) => {
    hold([pass({ class: 'household', valid_to, state })], [event(NOON - 1000)])
    const checked = { code: signature, claims: claims({ estate }) } as Checked
    expect(judgeCode(checked, known(), at({ direction: 'out' })).code).toBe(code)
  })
})

describe('the likely direction', () => {
  it('is back the way somebody came', () => {
    expect(proposal([event(NOON - HOUR, { direction: 'out' })], NOON)).toBe('in')
    expect(proposal([event(NOON - HOUR, { direction: 'in' })], NOON)).toBe('out')
  })
  it('does not turn within the minute, so that a second look is no second passage', () => {
    expect(proposal([event(NOON - 59_000, { direction: 'out' })], NOON)).toBe('out')
    expect(proposal([event(NOON - 60_000, { direction: 'out' })], NOON)).toBe('in')
  })
  it('is unknown without a passage', () => {
    expect(proposal([], NOON)).toBeNull()
    expect(proposal([event(NOON - HOUR, { outcome: 'refused' })], NOON)).toBeNull()
  })
  it('goes by the newest, in whatever order they are known', () => {
    const events = [
      event(NOON - 3 * HOUR, { direction: 'out' }),
      event(NOON - HOUR, { direction: 'in' }),
      event(NOON - 2 * HOUR, { direction: 'out' }),
    ]
    expect(proposal(events, NOON)).toBe('out')
  })
})

describe('overdue', () => {
  it('counts from the last exit, while nobody has come back', () => {
    const gone = event(NOON - 200 * MINUTE)
    expect(overdueMinutes([gone], NOON, 180)).toBe(200)
    const back = event(NOON - 10 * MINUTE, { direction: 'in' })
    expect(overdueMinutes([gone, back], NOON, 180)).toBeNull()
    expect(overdueMinutes([gone], NOON, 0)).toBeNull()
    expect(overdueMinutes([], NOON, 180)).toBeNull()
  })
})

it('every verdict has a tone, and only two of them open the gate', () => {
  const open = Object.entries(TONES).filter(([, tone]) => tone === 'go')
  expect(open.map(([code]) => code)).toEqual(['ok', 'ok_unlisted'])
  expect(Object.keys(TONES)).toHaveLength(14)
})
