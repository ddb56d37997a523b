import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Day } from './day.ts'

let roster: unknown = null
vi.mock('./journal.ts', () => ({ rosterNow: () => roster }))
vi.mock('./queue.ts', () => ({ pending: { value: [] } }))
vi.mock('./vault.ts', () => ({ saveState: async () => undefined, state: () => null }))

const shift = (id: string, from: string, to: string, more = {}) => ({
  id,
  responder: { id: 'r1' },
  unit: { code: '110102013005' },
  date: from.slice(0, 10),
  starts_at: `${from}:00+08:00`,
  ends_at: `${to}:00+08:00`,
  state: 'due',
  signed_in_at: null,
  signed_out_at: null,
  excuse: null,
  ...more,
})
const morning = shift('a1', '2020-05-08T06:00', '2020-05-08T12:00', {
  state: 'present',
  signed_in_at: 'x',
})
const elsewhere = shift('a9', '2020-05-08T20:00', '2020-05-08T22:00', { unit: { code: 'other' } })

async function opened() {
  vi.resetModules()
  const days = await import('./day.ts')
  days.day.value = {
    now: '2020-05-08T07:00:00+08:00',
    today: '2020-05-08',
    user: { responder: 'r1' },
    operation: { timezone: 'Asia/Shanghai' },
    policy: { temp_threshold: 37.3 },
    assignments: [morning, elsewhere],
    gates: [],
  } as unknown as Day
  return days
}
beforeEach(() => {
  roster = null
  vi.useFakeTimers({ now: Date.parse('2020-05-08T13:00:00+08:00') })
})

describe('a phone that was opened by PIN', () => {
  it('learns from its own pull that it has signed out, of the next shift and of a new one', async () => {
    const days = await opened()
    const where = () =>
      days.day.value?.assignments.map((one) => [one.id, days.standing(one, new Date(), 60)])
    days.refreshDay()
    expect(where()?.[0]).toEqual(['a1', 'on_post'])
    roster = {
      now: '2020-05-08T12:30:00+08:00',
      unit: { code: '110102013005' },
      assignments: [
        { ...morning, signed_out_at: 'y' },
        shift('a2', '2020-05-09T06:00', '2020-05-09T12:00'),
        shift('a3', '2020-05-08T18:00', '2020-05-08T20:00', { responder: { id: 'r2' } }),
        shift('a4', '2020-05-08T14:00', '2020-05-08T16:00'),
        shift('a5', '2020-05-08T16:00', '2020-05-08T18:00', { state: 'cancelled' }),
      ],
    }
    days.refreshDay()
    expect(where()).toEqual([
      ['a1', 'done'],
      ['a4', 'open'],
      ['a9', 'early'],
      ['a2', 'early'],
    ])
  })
  it('keeps to what it was told last, where that is later than its own pull', async () => {
    const days = await opened()
    roster = {
      now: '2020-05-08T06:30:00+08:00',
      unit: { code: '110102013005' },
      assignments: [{ ...morning, signed_in_at: null, state: 'due' }],
    }
    days.refreshDay()
    expect(days.day.value?.assignments.map((one) => one.state)).toEqual(['present', 'due'])
  })
})
