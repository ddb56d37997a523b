import { expect, test } from 'vitest'
import { answersOf, isMet } from './filing.ts'

const row = (more: object) => ({ id: '1', rev: 1, code: 'a', required: true, ...more })

test('answers come as text or as an object, rubbish as none', () => {
  expect(answersOf('{"a":true}')).toEqual({ a: true })
  expect(answersOf({ a: 1 })).toEqual({ a: 1 })
  expect(answersOf('{')).toEqual({})
  expect(answersOf(null)).toEqual({})
})

test('a condition is met, not met, or nothing was asked', () => {
  expect(isMet(row({ type: 'yes' }), { a: true })).toBe(true)
  expect(isMet(row({ type: 'yes' }), { a: false })).toBe(false)
  expect(isMet(row({ type: 'yes' }), {})).toBe(false)
  expect(isMet(row({ type: 'yes', required: false }), {})).toBe(null)
  expect(isMet(row({ type: 'number', least: 2.5, most: null }), { a: 2.4 })).toBe(false)
  expect(isMet(row({ type: 'number', least: 2.5, most: null }), { a: 2.5 })).toBe(true)
  expect(isMet(row({ type: 'number', least: null, most: 50 }), { a: 51 })).toBe(false)
  expect(isMet(row({ type: 'number', least: null, most: 50 }), { a: 'fifty' })).toBe(false)
})
