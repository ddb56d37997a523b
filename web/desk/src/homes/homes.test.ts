import type { Row } from '@shared/records.ts'
import { describe, expect, it } from 'vitest'
import { floorOf, inOrder, stairwellsOf } from './homes.ts'

const home = (stairwell: string | null, door: string): Row => ({
  id: door,
  rev: 1,
  stairwell,
  door,
})

describe('a building as it stands', () => {
  it('reads the floor from the door', () => {
    expect(floorOf('301')).toBe('3')
    expect(floorOf('1203')).toBe('12')
    expect(floorOf('0102')).toBe('1')
    expect(floorOf('301A')).toBe('3')
    expect(floorOf('12')).toBe('')
    expect(floorOf('门卫')).toBe('')
    expect(floorOf(null)).toBe('')
  })
  it('puts stairwells, floors and doors in the order in which one walks them', () => {
    const [first, second, third] = stairwellsOf([
      home('10', '101'),
      home('2', '1001'),
      home('2', '202'),
      home('2', '201'),
      home(null, '门卫'),
    ])
    expect(first?.name).toBe('')
    expect(second?.homes.map((one) => one.door)).toEqual(['201', '202', '1001'])
    expect(second?.floors.map((one) => one.floor)).toEqual(['2', '10'])
    expect(third?.name).toBe('10')
    expect(['10号楼', '9号楼', 'B座', '2'].sort(inOrder)).toEqual(['2', '9号楼', '10号楼', 'B座'])
  })
  it('loses no household', () => {
    const many = Array.from({ length: 97 }, (_, i) => home(String(i % 5), String(100 + i)))
    const found = stairwellsOf(many).flatMap((one) => one.floors.flatMap((floor) => floor.homes))
    expect(found).toHaveLength(97)
  })
})
