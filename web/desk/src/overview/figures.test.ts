import { meta } from '@shared/meta.ts'
import { beforeEach, expect, test } from 'vitest'
import { valueText } from '../record/values.ts'
import { figureText, shareText, tileGroups } from './figures.ts'

const row = (code: string, unit = 'events') => ({
  code,
  unit,
  zh: code,
  en: code,
  type: 'state' as const,
  definition_zh: '',
  definition_en: '',
})
const rate = row('enterprises.resumption_permille', 'permille')
const rows = [row('enterprises.total'), rate, row('gate.in'), row('gate.out'), row('people.due')]

beforeEach(() => {
  meta.value = { kinds: [], indicators: rows } as unknown as typeof meta.value
})

test('a rate without anything that it is a part of is none, not nought', () => {
  expect(figureText(rate.code, 849, { 'enterprises.total': 418 })).toBe('84.9 %')
  expect(figureText(rate.code, 0, { 'enterprises.total': 418 })).toBe('0.0 %')
  expect(figureText(rate.code, 0, { 'enterprises.total': 0 })).toBe('—')
  expect(figureText('gate.in', null)).toBe('—')
  expect(figureText('gate.in', 0)).toBe('0')
})

test('what is not in the answer is not drawn; what is nought throughout stands apart', () => {
  const figures = { 'enterprises.total': 0, [rate.code]: 0, 'gate.in': 3, 'people.due': 1 }
  const { told, nought } = tileGroups(rows, figures)
  expect(told.map(([group, tiles]) => [group, tiles.map((tile) => tile.code)])).toEqual([
    ['gate', ['gate.in']],
  ])
  expect(nought.map(([group]) => group)).toEqual(['enterprises'])
  expect(tileGroups(rows, {})).toEqual({ told: [], nought: [] })
})

test('a share bears its sign where some take away', () => {
  expect([27, -2].map((n) => shareText(n, true))).toEqual(['+27', '-2'])
  expect(shareText(1234, false)).toBe('1,234')
  expect(shareText(undefined, true)).toBe('')
})

test('a reference outside the area of the reader is said in words', () => {
  const field = { name: 'responder', type: 'ref' as const, zh: '人员', en: 'Person' }
  const text = valueText(field, { id: '0171f3a0-0000-7000-8000-00000068aa4c', title: null })
  expect(text).not.toContain('68aa4c')
  expect(['不在您的范围', 'outside your area']).toContain(text)
})
