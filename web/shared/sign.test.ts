import { describe, expect, it } from 'vitest'
import { signOf } from './sign.ts'

describe('the sign of the day', () => {
  it('is another one for each of its hundred numbers', () => {
    const seen = new Set<string>()
    for (let value = 0; value < 100; value++) {
      const { zh, en, colour, pattern } = signOf(value)
      expect(`${zh}${en}`).not.toContain('undefined')
      seen.add(`${colour}/${pattern}/${zh}/${en}`)
    }
    expect(seen.size).toBe(100)
  })
  it('has its number in two digits', () => {
    expect(signOf(7).digits).toBe('07')
    expect(signOf(42)).toMatchObject({ colour: 4, pattern: 2, zh: '青色竖条' })
  })
})
