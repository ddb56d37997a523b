import type { Kind } from '@shared/meta.ts'
import type { Row } from '@shared/records.ts'
import { describe, expect, it } from 'vitest'
import { changesOf, draftOf, localMoment, momentFrom } from './draft.ts'

const kind: Kind = {
  name: 'k',
  plural: 'ks',
  zh: '',
  en: '',
  area: '',
  may: {},
  fields: [
    { name: 'name', type: 'text', zh: '', en: '' },
    { name: 'unit', type: 'unit', zh: '', en: '' },
    { name: 'who', type: 'ref', ref: 'x', zh: '', en: '', immutable: true },
    { name: 'phone', type: 'phone', zh: '', en: '', sealed: true },
    { name: 'made', type: 'moment', zh: '', en: '', read_only: true },
  ],
}
const row: Row = {
  id: '1',
  rev: 3,
  name: 'a',
  unit: { id: 9, code: 'U9', name: 'Nine' },
  who: { id: 'w', title: 'W' },
  phone: '138****0000',
  made: '2020-01-01T00:00:00Z',
  masked: ['phone'],
}

describe('what a form sends', () => {
  it('is nothing while nothing has changed', () => {
    expect(changesOf(kind, row, draftOf(kind, row))).toEqual({})
  })
  it('is only what changed, units by code, and an emptied field as null', () => {
    const draft = { ...draftOf(kind, row), name: '', unit: { id: 8, code: 'U8', name: 'Eight' } }
    expect(changesOf(kind, row, draft)).toEqual({ name: null, unit: 'U8' })
  })
  it('never sends a mask back', () => {
    expect(changesOf(kind, row, { ...draftOf(kind, row), name: 'b' })).toEqual({ name: 'b' })
    expect(changesOf(kind, row, { ...draftOf(kind, row), phone: '13800001111' })).toEqual({
      phone: '13800001111',
    })
  })
  it('for a new record is all that is filled, without what the program writes', () => {
    const draft = { ...draftOf(kind, null), name: 'n', who: { id: 'w', title: 'W' }, made: 'x' }
    expect(changesOf(kind, null, draft)).toEqual({ name: 'n', who: 'w' })
  })
})

describe('moments', () => {
  it('go through the zone and back', () => {
    expect(momentFrom('2020-05-08 08:30', 'Asia/Shanghai')).toBe('2020-05-08T08:30:00+08:00')
    expect(localMoment('2020-05-08T00:30:00Z', 'Asia/Shanghai')).toBe('2020-05-08 08:30')
    expect(momentFrom('2020-07-01 12:00', 'Europe/Berlin')).toBe('2020-07-01T12:00:00+02:00')
  })
  it('stay as typed when they are none, for the server to say so', () => {
    expect(momentFrom('yesterday', 'Asia/Shanghai')).toBe('yesterday')
  })
})
