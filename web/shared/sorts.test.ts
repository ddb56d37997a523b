import { describe, expect, it } from 'vitest'
import { type Field, type Kind, sortable } from './meta.ts'

const words = { zh: '', en: '' }
const name: Field = { ...words, name: 'name', type: 'text', sort: true, sort_wide: true }
const count: Field = { ...words, name: 'count', type: 'int', sort: true }
const title: Field = { ...words, name: 'title', type: 'text', sort: true, sort_with: 'day' }
const place: Field = { ...words, name: 'place', type: 'ref', narrows: true }
const kind = (wide: boolean): Kind => ({
  ...words,
  name: 'thing',
  plural: 'things',
  area: 'a',
  ...(wide ? { wide } : {}),
  fields: [name, count, title, place],
  may: {},
})

describe('what a list may be sorted by', () => {
  it('is everything with an order, for a reader of one subdistrict', () => {
    expect([name, count, title, place].map((field) => sortable(kind(false), field))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })
  it('is only what is kept in order, for a reader of a city', () => {
    expect([name, count, title].map((field) => sortable(kind(true), field))).toEqual([
      true,
      false,
      false,
    ])
  })
  it('is everything again once a small unit, or one thing, is chosen', () => {
    expect(sortable(kind(true), count, {}, 'community')).toBe(true)
    expect(sortable(kind(true), count, {}, 'district')).toBe(false)
    expect(sortable(kind(true), count, { place: 'a' })).toBe(true)
    expect(sortable(kind(true), count, { place: '!null' })).toBe(false)
  })
  it('holds for an order within one day', () => {
    expect(sortable(kind(true), title, { day: '2020-05-08' })).toBe(true)
    expect(sortable(kind(true), title, { day: '2020-05-01..2020-05-08' })).toBe(false)
  })
  it('is never a field without an order, or none at all', () => {
    expect(sortable(kind(false), undefined)).toBe(false)
  })
})
