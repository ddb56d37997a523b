import { expect, test } from 'vitest'
import {
  brokenRules,
  codesOf,
  type Form,
  faultOf,
  type Item,
  isTyped,
  placeOf,
  readCount,
  sentValues,
  startValues,
  withFormulas,
} from './returns.ts'

const item = (code: string, more: Partial<Item> = {}): Item => ({
  code,
  zh: code,
  en: code,
  definition_zh: '',
  definition_en: '',
  group_zh: null,
  group_en: null,
  type: 'count',
  source: 'typed',
  key: null,
  required: true,
  carries: true,
  value: null,
  ...more,
})
const form = (fields: Item[], more: Partial<Form> = {}): Form => ({
  template: 't',
  version: 1,
  name: '日报',
  name_en: null,
  note: null,
  deadline: '2020-05-08T18:00:00+08:00',
  cutoff: '2020-05-08T17:00:00+08:00',
  fields,
  checks: [],
  yesterday: null,
  before: false,
  return: null,
  ...more,
})
const total = item('total', { source: 'enterprise', key: 'staff.total', value: 30 })
const away = item('away', { source: 'staff_lines', key: 'staff.away', value: 2 })
const here = item('here', { source: 'formula', key: 'total - away' })
const present = item('present', { value: 20 })
const home = item('home')
const rule = {
  level: 'hard',
  left: 'present + home',
  operator: 'le',
  right: 'here',
  zh: '在',
  en: 'in',
} as const

test('a box starts with what is known, and with what was said today where it was', () => {
  const fresh = form([total, away, here, present, home])
  expect(startValues(fresh)).toEqual({ total: 30, away: 2, here: 28, present: 20, home: null })
  const again = form([total, away, here, present, home], {
    return: {
      id: '1',
      state: 'returned',
      version: 1,
      content: { total: 31, away: 5, present: 19, home: 9 },
    },
  })
  // what is counted is counted now, whatever was sent before
  expect(startValues(again)).toEqual({ total: 31, away: 2, here: 29, present: 19, home: 9 })
})

test('an equation says by how much it fails, and nothing while a box is empty', () => {
  const of = form([total, away, here, present, home], { checks: [rule] })
  expect(brokenRules(of, startValues(of))).toEqual([])
  const wrong = brokenRules(of, withFormulas(of, { ...startValues(of), home: 12 }))
  expect(wrong).toEqual([{ index: 0, rule, left: 32, right: 28, by: 4 }])
  expect(brokenRules(of, { ...startValues(of), home: 8 })).toEqual([])
  expect(codesOf(rule)).toEqual(['present', 'home', 'here'])
})

test('yesterday is the day before', () => {
  const grew = { ...rule, left: 'total', operator: 'eq', right: 'yesterday.total + home' } as const
  const of = form([total, home], { checks: [grew], yesterday: { total: 28 } })
  expect(brokenRules(of, { total: 30, home: 1 })[0]?.by).toBe(1)
  expect(brokenRules({ ...of, yesterday: null }, { total: 30, home: 1 })).toEqual([])
})

test('only what was typed is sent', () => {
  const of = form([total, away, here, present, home])
  expect(sentValues(of, { total: 30, away: 2, here: 28, present: 20, home: '' })).toEqual({
    present: 20,
  })
  expect(sentValues(of, { total: 31, present: 20, home: 0 })).toEqual({
    total: 31,
    present: 20,
    home: 0,
  })
  expect([total, away, here, present].map(isTyped)).toEqual([true, false, false, true])
  const unknown = item('address', { source: 'enterprise', key: 'enterprise.address', type: 'text' })
  expect(isTyped(unknown)).toBe(true)
  expect(isTyped({ ...unknown, value: '南街1号' })).toBe(false)
})

test('a box by itself', () => {
  expect(faultOf(present, null)).toBe('required')
  expect(faultOf({ ...present, required: false }, '')).toBeNull()
  expect(faultOf(present, 'many')).toBe('number')
  expect(faultOf(present, -1)).toBe('small')
  expect(faultOf({ ...present, max: 5 }, 6)).toBe('large')
  expect(faultOf(present, 0)).toBeNull()
  expect(faultOf(item('d', { type: 'date' }), '2020-02-30')).toBe('date')
  expect(faultOf(item('d', { type: 'date' }), '2020-02-29')).toBeNull()
  expect(faultOf(item('c', { type: 'choice', choices: ['甲', '乙'] }), '丙')).toBe('choice')
  expect(faultOf(item('s', { type: 'text', max: 3 }), '一二三四')).toBe('long')
  expect(faultOf(item('b', { type: 'bool' }), false)).toBeNull()
})

test('counts as people type them', () => {
  expect(readCount(' ')).toBeNull()
  expect(readCount('１２')).toBe(12)
  expect(readCount('1,200')).toBe(1200)
  expect(readCount('007')).toBe(7)
  expect(readCount('1.5')).toBe('1.5')
  expect(readCount('二十')).toBe('二十')
})

test("the server's problems find their places", () => {
  expect(placeOf({ field: 'values.present', code: 'required' })).toEqual({ code: 'present' })
  expect(placeOf({ field: 'checks[3]', code: 'unbalanced' })).toEqual({ check: 3 })
  expect(placeOf({ field: 'day', code: 'rule' })).toBeNull()
})
