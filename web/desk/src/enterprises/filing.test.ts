import { expect, test } from 'vitest'
import {
  answersFrom,
  answersOf,
  boxOf,
  findingsOf,
  findingsSent,
  isMet,
  lacking,
  saidOf,
  toCheck,
  wrongOf,
} from './filing.ts'

const row = (more: object) => ({ id: '1', rev: 1, code: 'a', required: true, ...more })
const said = (value: unknown) => ({ answers: { a: value } })

test('answers come as text or as an object, rubbish as none', () => {
  expect(answersOf('{"a":true}')).toEqual({ a: true })
  expect(answersOf({ a: 1 })).toEqual({ a: 1 })
  expect(answersOf('{')).toEqual({})
  expect(answersOf(null)).toEqual({})
})

test('a condition is met, not met, or nothing was asked', () => {
  expect(isMet(row({ type: 'yes' }), said(true))).toBe(true)
  expect(isMet(row({ type: 'yes' }), said(false))).toBe(false)
  expect(isMet(row({ type: 'yes' }), said(undefined))).toBe(false)
  expect(isMet(row({ type: 'yes', required: false }), said(undefined))).toBe(null)
  expect(isMet(row({ type: 'number', least: 2.5, most: null }), said(2.4))).toBe(false)
  expect(isMet(row({ type: 'number', least: 2.5, most: null }), said(2.5))).toBe(true)
  expect(isMet(row({ type: 'number', least: null, most: 50 }), said(51))).toBe(false)
  expect(isMet(row({ type: 'number', least: null, most: 50 }), said('fifty'))).toBe(false)
  expect(isMet(row({ type: 'text' }), said('  '))).toBe(false)
  expect(isMet(row({ type: 'text' }), said('at noon'))).toBe(true)
})

test('what the filing has a box for is read from that box, and not sent as an answer', () => {
  const bound = row({ type: 'number', least: 1, filing_field: 'spacing' })
  expect(saidOf(bound, { spacing: 1.2, answers: { a: 5 } })).toBe(1.2)
  expect(isMet(bound, { spacing: 0.9, answers: { a: 5 } })).toBe(false)
  const other = row({ code: 'b', type: 'yes' })
  expect(answersFrom([bound, other], { a: 5, b: false })).toEqual({ b: false })
  expect(answersFrom([other], { b: null, c: true })).toEqual({})
})

test('the box of a condition has the type that the condition declares', () => {
  const box = boxOf(row({ type: 'number', label_zh: '间距', label_en: 'spacing', required: false }))
  expect([box.type, box.required, box.zh, box.help_en]).toEqual(['decimal', false, '间距', ''])
  expect(boxOf(row({ type: 'yes' })).type).toBe('bool')
  expect(boxOf(row({ type: 'text' })).type).toBe('text')
})

test('the first signs when each condition has a finding, and each fault its words', () => {
  const items = [
    row({ code: 'a', type: 'yes' }),
    row({ code: 'b', type: 'yes' }),
    row({ code: 'c', type: 'yes' }),
  ]
  const found = findingsOf({ a: { agrees: true }, b: { agrees: false, remark: ' ' } })
  expect([...lacking(items, found)]).toEqual([
    ['b', 'say'],
    ['c', 'choose'],
  ])
  const all = findingsOf(
    '{"a":{"agrees":true},"b":{"agrees":false,"remark":" 0.8 m "},"c":{"agrees":true}}',
  )
  expect(lacking(items, all).size).toBe(0)
  expect(findingsSent(items, all)).toEqual({
    a: { agrees: true },
    b: { agrees: false, remark: '0.8 m' },
    c: { agrees: true },
  })
  expect(wrongOf(items, all).map((one) => one.code)).toEqual(['b'])
})

test('an optional condition is looked at only where something was said', () => {
  const items = [row({ code: 'a', type: 'yes', required: false }), row({ code: 'b', type: 'yes' })]
  expect(toCheck(items, { answers: {} }).map((one) => one.code)).toEqual(['b'])
  expect(toCheck(items, { answers: { a: false } }).map((one) => one.code)).toEqual(['a', 'b'])
})
