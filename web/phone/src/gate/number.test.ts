import { describe, expect, it } from 'vitest'
import { bareNumber, checkDigit, goodNumber, grouped } from './number.ts'

describe('the number on a card', () => {
  it('has a check digit', () => {
    expect(goodNumber('79927398713'.slice(-8))).toBe(false)
    for (const seven of ['1234567', '0000000', '9999999', '4992739', '1000001']) {
      const good = seven + checkDigit(seven)
      expect(goodNumber(good)).toBe(true)
      for (let d = 0; d < 10; d++)
        if (String(d) !== checkDigit(seven)) expect(goodNumber(seven + d)).toBe(false)
    }
  })
  it('finds every single wrong digit and every swapped pair but 09', () => {
    const good = `4821736${checkDigit('4821736')}`
    for (let i = 0; i < 8; i++)
      for (let d = 0; d < 10; d++) {
        const bad = good.slice(0, i) + d + good.slice(i + 1)
        if (bad !== good) expect(goodNumber(bad)).toBe(false)
      }
    for (let i = 0; i < 7; i++) {
      const [a, b] = [good[i], good[i + 1]]
      if (a === b || `${a}${b}` === '09' || `${a}${b}` === '90') continue
      expect(goodNumber(`${good.slice(0, i)}${b}${a}${good.slice(i + 2)}`)).toBe(false)
    }
  })
  it('is eight digits and nothing else', () => {
    for (const bad of ['', '1234567', '123456789', '1234567a', '１２３４５６７４', ' 1234567'])
      expect(goodNumber(bad)).toBe(false)
  })
  it('is read with gaps and wide digits, and shown in two groups', () => {
    expect(bareNumber('１２３４ 5674')).toBe('12345674')
    expect(bareNumber('1234-5674')).toBe('12345674')
    expect(grouped('12345674')).toBe('1234 5674')
    expect(grouped('123')).toBe('123')
  })
})
