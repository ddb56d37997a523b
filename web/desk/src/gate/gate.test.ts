import { describe, expect, it } from 'vitest'
import { busyHours, type Hour, roundTop, since, wholeDay } from './gate.ts'

const hour = (n: number, some: Partial<Hour> = {}): Hour => ({
  hour: n,
  in: 0,
  out: 0,
  refused: 0,
  abnormal: 0,
  vehicles: 0,
  ...some,
})

describe('a day by hours', () => {
  it('has 24 hours, whatever the server left out, and adds up what came twice', () => {
    const day = wholeDay([hour(7, { in: 3 }), hour(7, { in: 2, out: 1 }), hour(99, { in: 5 })])
    expect(day).toHaveLength(24)
    expect(day[7]).toMatchObject({ in: 5, out: 1 })
    expect(day.reduce((sum, one) => sum + one.in, 0)).toBe(5)
  })
  it('shows the busy stretch and never less than eight hours', () => {
    expect(
      busyHours(wholeDay([hour(6, { in: 1 }), hour(22, { out: 1 })])).map((h) => h.hour),
    ).toEqual(Array.from({ length: 17 }, (_, i) => i + 6))
    for (let n = 0; n < 24; n++) {
      const shown = busyHours(wholeDay([hour(n, { in: 1 })]))
      expect(shown.length).toBeGreaterThanOrEqual(8)
      expect(shown.some((one) => one.hour === n)).toBe(true)
    }
    expect(busyHours(wholeDay([])).length).toBeGreaterThanOrEqual(8)
  })
  it('has a round top that no bar exceeds', () => {
    for (let n = 0; n < 5000; n += 7) expect(roundTop(n)).toBeGreaterThanOrEqual(n)
    expect(roundTop(0)).toBe(4)
    expect(roundTop(61)).toBe(80)
  })
  it('says how long in hours and minutes', () => {
    const words = { h: '小时', min: '分' }
    expect(since(0, 130 * 60_000, words)).toBe('2 小时 10 分')
    expect(since(0, 59_999, words)).toBe('0 分')
    expect(since(10, 0, words)).toBe('0 分')
  })
})
