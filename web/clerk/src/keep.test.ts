import { afterEach, expect, test } from 'vitest'
import { draftOf, dropDraft, dropUnsent, keepDraft, keepUnsent, unsentOf } from './keep.ts'
import { tokenOf } from './server.ts'

const token = 'AXcg0uD1eEaqqrvM3e7_AAAAAAABAAAE5w'
const renewed = 'AXcg0uD1eEaqqrvM3e7_AAAAAAACAAAE6w'
const draft = (day: string, template = 'daily') => ({
  template,
  day,
  values: { present: 20 },
  note: '',
})
const body = (id: string, day = '2020-05-08') => ({ id, template: 'daily', day, no_change: true })

afterEach(() => {
  dropDraft(token, 'daily', '2020-05-08')
  dropDraft(token, 'other', '2020-05-08')
  for (const one of unsentOf(token)) dropUnsent(token, one.id)
  localStorage.clear()
})

test('a draft survives, by day and template; yesterday is thrown away', () => {
  keepDraft(token, draft('2020-05-07'))
  keepDraft(token, draft('2020-05-08'))
  keepDraft(token, draft('2020-05-08', 'other'))
  expect(draftOf(token, 'daily', '2020-05-08')?.values).toEqual({ present: 20 })
  expect(draftOf(token, 'other', '2020-05-08')).not.toBeNull()
  expect(draftOf(token, 'daily', '2020-05-07')).toBeNull()
  expect(draftOf(renewed, 'daily', '2020-05-08')).not.toBeNull()
  dropDraft(token, 'daily', '2020-05-08')
  expect(draftOf(token, 'daily', '2020-05-08')).toBeNull()
})

test('what was not acknowledged keeps its id until it is', () => {
  keepUnsent(token, body('one', '2020-05-07'))
  keepUnsent(token, body('two'))
  keepUnsent(token, body('three'))
  expect(unsentOf(token).map((one) => one.id)).toEqual(['one', 'three'])
  dropUnsent(token, 'three')
  dropUnsent(token, 'one')
  expect(unsentOf(token)).toEqual([])
  expect(localStorage.length).toBe(0)
})

test('what cannot be read is nothing', () => {
  localStorage.setItem('shouwang.e.AXcg0uD1eEaqqrvM3e7_A', '{half')
  expect(unsentOf(token)).toEqual([])
})

test('the token out of an address', () => {
  expect(tokenOf('/e/abc_DE-1')).toBe('abc_DE-1')
  expect(tokenOf('/e/abc，点这里')).toBe('abc')
  expect(tokenOf('/e/')).toBe('')
})
