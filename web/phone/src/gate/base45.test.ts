import { describe, expect, it } from 'vitest'
import { fromBase45, toBase45 } from './base45.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('base45', () => {
  it.each([
    ['AB', 'BB8'],
    ['Hello!!', '%69 VD92EX0'],
    ['base-45', 'UJCLQE7W581'],
    ['ietf!', 'QED8WEX0'],
    ['', ''],
  ])('%s is %s, as in RFC 9285', (plain, coded) => {
    expect(toBase45(bytes(plain))).toBe(coded)
    expect(fromBase45(coded)).toEqual(bytes(plain))
  })

  it.each([
    ['GGW', 'a triple above 65535'],
    [':::', 'a triple above 65535'],
    ['::', 'a pair above 255'],
    ['V5', 'a pair of 256'],
    ['A', 'one character over'],
    ['BB8A', 'one character over'],
    ['bb8', 'small letters'],
    ['B\u00008', 'a control character'],
    ['ＢＢ８', 'wide letters'],
    ['B_8', 'a sign outside the alphabet'],
  ])('refuses %j: %s', (coded) => {
    expect(fromBase45(coded)).toBeNull()
  })

  it('takes the greatest values', () => {
    expect(fromBase45('FGW')).toEqual(new Uint8Array([255, 255]))
    expect(fromBase45('U5')).toEqual(new Uint8Array([255]))
  })

  it('brings back every length, and no other text gives the same bytes', () => {
    let seed = 7
    const next = () => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed >> 8
    }
    for (let n = 0; n < 200; n++) {
      const some = Uint8Array.from({ length: n }, () => next() & 0xff)
      const text = toBase45(some)
      expect(text.length).toBe(Math.floor(n / 2) * 3 + (n % 2) * 2)
      expect(fromBase45(text)).toEqual(some)
    }
  })
})
