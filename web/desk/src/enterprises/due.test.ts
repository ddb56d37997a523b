import type { Row } from '@shared/records.ts'
import { expect, test } from 'vitest'
import { type Due, groupDue, isBroken, nextDue, promiseAt } from './due.ts'

const due = (name: string, building?: string, promise?: string): Due => ({
  return: { id: `r-${name}`, rev: 1 },
  enterprise: {
    id: `e-${name}`,
    rev: 1,
    name,
    building: building ? { id: `b-${building}`, title: building } : null,
  },
  chase: promise ? ({ id: 'n', rev: 1, promise_at: promise } as Row) : null,
})
const four = [due('甲', '西楼'), due('乙'), due('丙', '东楼'), due('丁', '西楼')]

test('in groups by building, those without one last', () => {
  const groups = groupDue(four, 'building', '无楼宇')
  expect(groups.map((group) => [group.title, group.items.length])).toEqual([
    ['东楼', 1],
    ['西楼', 2],
    ['无楼宇', 1],
  ])
  expect(groupDue(four, 'none', '').flatMap((group) => group.items)).toEqual(four)
  expect(groupDue([], 'none', '')).toEqual([])
})

test('the next is the next as they stand, round to the first', () => {
  const groups = groupDue(four, 'building', '无楼宇')
  const order = ['丙', '甲', '丁', '乙']
  let id: string | null = null
  for (const name of [...order, ...order]) {
    id = nextDue(groups, id)?.return.id ?? null
    expect(id).toBe(`r-${name}`)
  }
  expect(nextDue(groups, 'r-丙', -1)?.return.id).toBe('r-乙')
  expect(nextDue(groups, 'r-gone')?.return.id).toBe('r-丙')
  expect(nextDue(groupDue([due('独')], 'none', ''), 'r-独')).toBeNull()
  expect(nextDue([], null)).toBeNull()
})

test('a promised hour is a moment of that day', () => {
  expect(promiseAt('15:30', '2020-05-08', 'Asia/Shanghai')).toBe('2020-05-08T15:30:00+08:00')
  expect(promiseAt('930', '2020-05-08', 'Asia/Shanghai')).toBe('2020-05-08T09:30:00+08:00')
  expect(promiseAt('24:00', '2020-05-08', 'Asia/Shanghai')).toBeNull()
  expect(promiseAt('9', '2020-05-08', 'Asia/Shanghai')).toBe('2020-05-08T09:00:00+08:00')
  expect(promiseAt('下午', '2020-05-08', 'Asia/Shanghai')).toBeNull()
})

test('a promise is broken once its hour has passed', () => {
  const at = new Date('2020-05-08T08:00:00Z')
  expect(isBroken(due('甲', undefined, '2020-05-08T15:30:00+08:00'), at)).toBe(true)
  expect(isBroken(due('甲', undefined, '2020-05-08T16:30:00+08:00'), at)).toBe(false)
  expect(isBroken(due('甲'), at)).toBe(false)
})
