import { describe, expect, it } from 'vitest'
import { countsOf, gateBody, noDetails } from './gate.ts'

const at = new Date('2020-05-08T09:30:00Z')
const passage = {
  direction: 'in' as const,
  outcome: 'admitted' as const,
  temperature: 365,
  details: noDetails(),
}

describe('a gate event', () => {
  it('carries degrees and leaves out what is empty', () => {
    expect(gateBody('p', passage, at)).toEqual({
      post: 'p',
      direction: 'in',
      outcome: 'admitted',
      who_kind: 'resident',
      temperature: 36.5,
      device_at: '2020-05-08T09:30:00.000Z',
    })
  })
  it('keeps the first reading beside the second', () => {
    const body = gateBody('p', { ...passage, outcome: 'remeasured', first: 378 }, at)
    expect(body).toMatchObject({ temperature: 36.5, first_temperature: 37.8 })
  })
  it('has no temperature where none was noted', () => {
    expect(gateBody('p', { ...passage, temperature: null }, at)).not.toHaveProperty('temperature')
  })
  it('says whether there was a mask, where somebody stood there', () => {
    expect(gateBody('p', passage, at)).not.toHaveProperty('mask_worn')
    expect(gateBody('p', { ...passage, mask: true }, at).mask_worn).toBe(true)
    expect(gateBody('p', { ...passage, mask: false }, at).mask_worn).toBe(false)
    const refused = { ...passage, outcome: 'refused' as const, reason: '未戴口罩', mask: true }
    expect(gateBody('p', refused, at).mask_worn).toBe(false)
  })
  it('names a pass that the list does not have yet by what its code proves', () => {
    const proof = { pass: null, how: 'scan' as const, verdict: 'ok_unlisted' as const }
    expect(gateBody('p', { ...passage, proof: { ...proof, serial: '7319' } }, at)).toMatchObject({
      verdict: 'ok_unlisted',
      pass_serial: 7319,
    })
    // beyond what a number holds exactly it would be another pass
    for (const serial of ['4611686018427387903', '', null])
      expect(gateBody('p', { ...passage, proof: { ...proof, serial } }, at)).not.toHaveProperty(
        'pass_serial',
      )
  })
  it('trims what was typed', () => {
    const details = { ...noDetails(), who: ' 王女士 ', door: '  ' }
    const body = gateBody('p', { ...passage, details }, at)
    expect(body.who).toBe('王女士')
    expect(body).not.toHaveProperty('door')
  })
})

describe('the counts', () => {
  const of = (body: Record<string, unknown>) => countsOf(body, 373)
  it('follow the outcome and the direction', () => {
    expect(of({ direction: 'in', outcome: 'admitted', temperature: 36.5 })).toEqual({
      in: 1,
      out: 0,
      inside: 1,
      abnormal: 0,
      refused: 0,
    })
    expect(of({ direction: 'out', outcome: 'admitted' })).toMatchObject({ out: 1, inside: -1 })
  })
  it('call a passage abnormal by either reading', () => {
    const body = { direction: 'in', outcome: 'remeasured', temperature: 36.8 }
    expect(of({ ...body, first_temperature: 37.3 })).toMatchObject({ abnormal: 1, in: 1 })
    expect(of({ ...body, first_temperature: 37.2 })).toMatchObject({ abnormal: 0, in: 1 })
  })
  it('do not let in who was refused', () => {
    expect(of({ direction: 'in', outcome: 'fever_clinic', temperature: 38.5 })).toEqual({
      in: 0,
      out: 0,
      inside: 0,
      abnormal: 1,
      refused: 1,
    })
  })
  it('are back where they were after a correction', () => {
    const body = {
      direction: 'in',
      outcome: 'remeasured',
      temperature: 36.8,
      first_temperature: 38,
    }
    const there = of(body)
    const back = of({ ...body, corrects: 'x' })
    for (const key of Object.keys(there) as (keyof typeof there)[])
      expect(there[key] + back[key]).toBe(0)
  })
})
