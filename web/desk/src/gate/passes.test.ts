import { describe, expect, it } from 'vitest'
import { asked, grouped } from './passes.ts'

describe('what is held up to the desk', () => {
  it('is a number however it was read out, a scanned code, or nothing', () => {
    expect(asked(' 1234 5678 ')).toEqual({ number: '12345678' })
    expect(asked('1234-5678')).toEqual({ number: '12345678' })
    expect(asked('SW1:6BFOXN')).toEqual({ code: 'SW1:6BFOXN' })
    expect(asked('')).toBeNull()
    expect(asked('王五')).toBeNull()
    expect(asked('12'.repeat(30))).toBeNull()
  })
  it('is shown in groups of four', () => {
    expect(grouped('12345678')).toBe('1234 5678')
    expect(grouped(null)).toBe('')
  })
})
