import { describe, expect, it } from 'vitest'
import { FAST_MS, Wedge } from './wedge.ts'

function heard() {
  const codes: string[] = []
  const keys: string[] = []
  const wedge = new Wedge({ code: (text) => codes.push(text), key: (key) => keys.push(key) })
  let at = 1_000
  const type = (text: string, gap: number, end?: string) => {
    for (const key of text) {
      at += gap
      wedge.press(key, at)
    }
    return end ? wedge.press(end, at + gap) : false
  }
  const rest = () => {
    at += 500
    wedge.idle()
  }
  return { codes, keys, wedge, type, rest }
}

describe('a scanner that types', () => {
  it('gives its text whole, digits and spaces and all', () => {
    const { codes, keys, type } = heard()
    expect(type('SW1:BB8 %36.5 -', 4, 'Enter')).toBe(true)
    expect(codes).toEqual(['SW1:BB8 %36.5 -'])
    expect(keys).toEqual([])
  })
  it('may end without Enter', () => {
    const { codes, type, rest } = heard()
    type('12345674', 8)
    rest()
    expect(codes).toEqual(['12345674'])
  })
  it('gives two codes when it reads two', () => {
    const { codes, type, rest } = heard()
    type('SW1:AAA', 4, 'Enter')
    type('SW1:BBB', 4)
    rest()
    expect(codes).toEqual(['SW1:AAA', 'SW1:BBB'])
  })
  it('never carries more than is needed to see that it is too much', () => {
    const { codes, type } = heard()
    type('x'.repeat(50_000), 1, 'Enter')
    expect(codes[0]?.length).toBe(1_000)
  })
})

describe('a person who types', () => {
  it('presses keys one by one', () => {
    const { codes, keys, type, rest } = heard()
    type('365', FAST_MS + 20)
    rest()
    expect(keys).toEqual(['3', '6', '5'])
    expect(codes).toEqual([])
  })
  it('may hit two keys at once', () => {
    const { codes, keys, type, rest } = heard()
    type('36', 2)
    rest()
    expect([keys, codes]).toEqual([['3', '6'], []])
  })
  it('keeps Enter, Space and the other keys for what has the focus', () => {
    const { wedge } = heard()
    for (const key of ['Enter', ' ', 'Tab', 'Backspace', 'ArrowLeft', 'Shift', 'F5'])
      expect(wedge.press(key, 5_000)).toBe(false)
  })
  it('presses Enter after a digit, and both are heard', () => {
    const { keys, wedge } = heard()
    wedge.press('3', 1_000)
    expect(wedge.press('Enter', 1_010)).toBe(false)
    expect(keys).toEqual(['3'])
  })
})
