import { describe, expect, it } from 'vitest'
import type { PocketPass } from '../pocket.ts'
import { MOST_TEXT, prefilled, shiftoverBody, stillOut } from './shiftover.ts'
import { answeredYes, goodCitizenId, missing, noVisit, visitBody } from './visit.ts'

const at = new Date('2020-05-08T09:30:00Z')
const door = { id: 'h1', code: '15-2-301', building: '15号楼', stairwell: '2', door: '301' }
const no = { been_epidemic: false, close_contact: false, symptoms: false }
const visit = { ...noVisit(), household: door, name: ' 张三 ', answers: no }
const pass = (number: string) => ({ number }) as PocketPass

describe('a visitor', () => {
  it('is asked all three questions; an open one is no "no"', () => {
    expect(missing(noVisit(), true)).toEqual([
      'household',
      'name',
      'been_epidemic',
      'close_contact',
      'symptoms',
    ])
    expect(missing(visit, true)).toEqual([])
  })
  it('who answered yes is let in with a reason only, refused without one', () => {
    const sick = { ...visit, answers: { ...no, symptoms: true } }
    expect(answeredYes(sick)).toBe(true)
    expect(missing(sick, true)).toEqual(['remark'])
    expect(missing(sick, false)).toEqual([])
    expect(missing({ ...sick, remark: '急救' }, true)).toEqual([])
  })
  it.each([
    ['13812345678', true],
    ['010-66554433', true],
    ['1381234567', false],
    ['abc', false],
    ['', true],
  ])('telephone %j: %s', (phone, good) => {
    expect(missing({ ...visit, phone }, true)).toEqual(good ? [] : ['phone'])
  })
  it('the numbers of the standard are right, and none of their neighbours', () => {
    for (const id of ['11010519491231002X', '440524188001010014', '34052419800101001X']) {
      expect(goodCitizenId(id)).toBe(true)
      for (const last of '0123456789X')
        if (last !== id[17]) expect(goodCitizenId(id.slice(0, 17) + last)).toBe(false)
    }
    expect(goodCitizenId('110105194902310023')).toBe(false)
    expect(goodCitizenId('')).toBe(false)
  })
  it.each([0, 51, 1.5, Number.NaN])('a party of %d is not one', (party) => {
    expect(missing({ ...visit, party }, true)).toEqual(['party'])
  })
  it('is sent trimmed, in degrees, without what is empty', () => {
    expect(visitBody({ ...visit, plate: '京a12345 ' }, 'p', 'admitted', 365, at)).toEqual({
      post: 'p',
      household: 'h1',
      outcome: 'admitted',
      party: 1,
      ...no,
      device_at: '2020-05-08T09:30:00.000Z',
      name: '张三',
      plate: '京A12345',
      temperature: 36.5,
    })
  })
})

describe('a handover', () => {
  const out = [
    { pass: pass('11112222'), since: 0, overdue: null },
    { pass: pass('33334444'), since: 0, overdue: 20 },
  ]
  it('names the passes still out, the late ones first', () => {
    expect(stillOut(out, '（超时）')).toBe('3333 4444 （超时）\n1111 2222')
    const many = Array.from({ length: 500 }, () => ({ ...out[0], pass: pass('11112222') }))
    expect(stillOut(many as typeof out, '').length).toBeLessThanOrEqual(MOST_TEXT)
  })
  const filled = prefilled([], out, '', { keys: '2 把', stock: '' })
  it('carries both proofs once both have confirmed', () => {
    const sign = (account: string) => ({ account, label: account, proof: `t-${account}`, at: 1000 })
    const body = shiftoverBody('p', filled, sign('a'), sign('b'), at)
    expect(body).toMatchObject({
      post: 'p',
      inside: 0,
      keys: '2 把',
      outgoing_proof: 't-a',
      incoming_proof: 't-b',
      incoming_at: '1970-01-01T00:00:01.000Z',
    })
    expect(body).not.toHaveProperty('stock')
  })
  it('claims nothing for who has not confirmed', () => {
    const body = shiftoverBody('p', filled, null, null, at)
    expect(Object.keys(body).filter((key) => /incoming|proof/.test(key))).toEqual([])
  })
})
