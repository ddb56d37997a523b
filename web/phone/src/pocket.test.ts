import { beforeEach, describe, expect, it } from 'vitest'
import * as pocket from './pocket.ts'

const pass = (id: string, more: Partial<pocket.PocketPass> = {}): pocket.PocketPass => ({
  id,
  number: `1000000${id}`,
  serial: `400000000000000000${id}`,
  class: 'person',
  estate: 1,
  household: 'h1',
  resident: null,
  plate: null,
  valid_from: '2020-02-01',
  valid_to: '2020-06-30',
  state: 'active',
  ...more,
})
const door = (code: string): pocket.PocketHousehold => {
  const [building = '', stairwell = '', number = ''] = code.split('-')
  return { id: code, code, building: `${building}号楼`, stairwell, door: number }
}
const event = (id: string, at: number): pocket.PocketEvent => ({
  id,
  post: 'p',
  pass: '1',
  household: 'h1',
  direction: 'out',
  outcome: 'admitted',
  happened_at: at,
  visitor: null,
})

beforeEach(() => pocket.forgetPocket())

describe('the pocket', () => {
  it('finds a pass by its number in the code and by the one that is typed', () => {
    pocket.fillPocket({ passes: [pass('1'), pass('2', { household: null })], at: 5 })
    expect(pocket.passBySerial('4000000000000000002')?.id).toBe('2')
    expect(pocket.passByNumber('10000001')?.id).toBe('1')
    expect(pocket.passesOf('h1').map((one) => one.id)).toEqual(['1'])
    expect([pocket.pocketReady.value, pocket.pocketAt.value]).toEqual([true, 5])
  })
  it('knows a pass only by what it is now', () => {
    pocket.fillPocket({ passes: [pass('1')] })
    pocket.fillPocket({ passes: [pass('1', { number: '20000001', household: 'h2' })] })
    expect(pocket.passByNumber('10000001')).toBeUndefined()
    expect(pocket.passByNumber('20000001')?.id).toBe('1')
    expect(pocket.passesOf('h1')).toEqual([])
  })
  it('has the newest events first, each once', () => {
    pocket.fillPocket({ events: [event('a', 10), event('b', 30)] })
    pocket.noteOwnEvent(event('c', 20))
    pocket.fillPocket({ events: [event('c', 21)] })
    expect(pocket.lastEventsOf('1').map((one) => one.id)).toEqual(['b', 'c', 'a'])
    expect(pocket.lastEventsOfHousehold('h1')).toHaveLength(3)
  })
  it('takes an event and its correction for neither, in whichever order they come', () => {
    const back = { ...event('b', 12), corrects: 'a' }
    pocket.fillPocket({ passes: [pass('1')], events: [event('a', 10), back] })
    expect(pocket.lastEventsOf('1')).toEqual([])
    expect(pocket.passesSeen()).toEqual([])
    pocket.fillPocket({ events: [event('a', 10), event('c', 11)] })
    expect(pocket.lastEventsOf('1').map((one) => one.id)).toEqual(['c'])
    expect(pocket.passesSeen().map((one) => one.id)).toEqual(['1'])
  })
  it('keeps nothing of what is forgotten', () => {
    pocket.fillPocket({ passes: [pass('1')], events: [event('a', 1)], households: [door('1-1-1')] })
    pocket.forgetPocket()
    expect(pocket.passByNumber('10000001')).toBeUndefined()
    expect(pocket.lastEventsOf('1')).toEqual([])
    expect(pocket.householdsMatching('1', 5)).toEqual([])
    expect(pocket.pocketReady.value).toBe(false)
  })
})

describe('a door', () => {
  const find = (text: string) => pocket.householdsMatching(text, 9).map((one) => one.code)
  beforeEach(() =>
    pocket.fillPocket({ households: ['15-2-301', '15-2-302', '2-15-301', '15-10-301'].map(door) }),
  )
  it('is found as people write it', () => {
    for (const text of ['15-2-301', '15号楼2单元301室', '15 2 301', '152301', '１５－２－３０１'])
      expect(find(text)).toEqual(['15-2-301'])
  })
  it('is found while it is typed, in the order of the numbers', () => {
    expect(find('15')).toEqual(['15-2-301', '15-2-302', '15-10-301', '2-15-301'])
    expect(find('15-2')).toEqual(['15-2-301', '15-2-302'])
    expect(find('301')).toEqual(['2-15-301', '15-2-301', '15-10-301'])
  })
  it('is not found by nothing', () => {
    expect(find(' ')).toEqual([])
    expect(find('99')).toEqual([])
  })
})
