import { expect, test } from 'vitest'
import { byEnterprise, type HouseFigures, isMissing, lacks, percentOf } from './houses.ts'

const house: HouseFigures = {
  resumed: { part: 1, of: 2, permille: 500 },
  returns: { due: 2, missing: 0 },
  gaps: { open: 0, overdue: 0 },
  heads: { property: null, community: { id: 'a', rev: 1 } },
}

test('what a building lacks', () => {
  expect(lacks(house, 'all')).toBe(true)
  expect(lacks(house, 'missing')).toBe(false)
  expect(lacks(house, 'heads')).toBe(true)
  expect(lacks({ ...house, returns: { due: 2, missing: 1 } }, 'missing')).toBe(true)
  expect(lacks({ ...house, gaps: { open: 1, overdue: 0 } }, 'gaps')).toBe(true)
  expect(lacks(house, 'closed')).toBe(false)
  expect(lacks({ ...house, resumed: { part: 0, of: 0, permille: null } }, 'closed')).toBe(false)
  expect(lacks({ ...house, resumed: { part: 0, of: 3, permille: 0 } }, 'closed')).toBe(true)
})

test('a rate without a whole says nothing', () => {
  expect(percentOf(null)).toBe('')
  expect(percentOf(0)).toBe('0.0 %')
  expect(percentOf(667)).toBe('66.7 %')
})

test('returns of today by enterprise', () => {
  const of = byEnterprise([
    { enterprise: 'a', template: 'x', state: 'missing', late: false },
    { enterprise: 'b', template: 'x', state: 'submitted', late: false },
    { enterprise: 'a', template: 'y', state: 'late', late: true },
  ])
  expect(of.get('a')?.map((one) => one.template)).toEqual(['x', 'y'])
  expect(of.get('a')?.filter(isMissing).length).toBe(1)
  expect(of.get('b')?.length).toBe(1)
})
