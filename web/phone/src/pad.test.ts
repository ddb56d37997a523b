import { describe, expect, it } from 'vitest'
import { allowed, degrees, erase, press, reading, shown, tenths, verdict } from './pad.ts'

const limits = { threshold: 373, low: 350 }
const typed = (keys: string) => [...keys].reduce(press, '')

describe('the temperature pad', () => {
  it('takes three taps for a reading', () => {
    expect(typed('365')).toBe('365')
    expect(reading('365')).toBe(365)
    expect(degrees(365)).toBe(36.5)
    expect(reading('36')).toBeNull()
  })
  it('shows the point from the second digit on', () => {
    expect(['', '3', '36', '365'].map(shown)).toEqual(['', '3', '36.', '36.5'])
  })
  it('takes no key that leads to no temperature of a person', () => {
    expect(typed('965')).toBe('')
    expect(typed('65365')).toBe('365')
    expect(typed('45')).toBe('4')
    expect(typed('3655')).toBe('365')
    expect(allowed('4', '2')).toBe(true)
    expect(allowed('4', '3')).toBe(false)
  })
  it('takes back one digit at a time', () => {
    expect(erase('365')).toBe('36')
    expect(erase('')).toBe('')
  })
  it('judges at the threshold itself, not beyond it', () => {
    expect(verdict('372', limits)).toBe('normal')
    expect(verdict('373', limits)).toBe('hot')
    expect(verdict('420', limits)).toBe('hot')
  })
  it('does not believe what is too low', () => {
    expect(verdict('349', limits)).toBe('low')
    expect(verdict('350', limits)).toBe('normal')
    expect(verdict('34', limits)).toBe('unfinished')
  })
  it('reads thresholds in tenths without losing one', () => {
    expect(tenths(37.3)).toBe(373)
    expect(tenths(36.1)).toBe(361)
    expect(verdict('373', { threshold: tenths(37.3), low: tenths(35) })).toBe('hot')
  })
})
