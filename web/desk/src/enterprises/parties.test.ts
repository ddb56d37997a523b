import { expect, test } from 'vitest'
import { standingOf } from './parties.ts'

const entry = (from_on: string | null, to_on: string | null) => ({
  id: 'a',
  rev: 1,
  from_on,
  to_on,
})

test('an entry holds its part from its first to its last day', () => {
  expect(standingOf(entry('2020-05-08', null), '2020-05-07')).toBe('coming')
  expect(standingOf(entry('2020-05-08', null), '2020-05-08')).toBe('present')
  expect(standingOf(entry('2020-02-01', '2020-05-08'), '2020-05-08')).toBe('present')
  expect(standingOf(entry('2020-02-01', '2020-05-07'), '2020-05-08')).toBe('past')
  expect(standingOf(entry(null, null), '2020-05-08')).toBe('present')
  expect(standingOf({ ...entry(null, null), retired: true }, '2020-05-08')).toBe('past')
})
