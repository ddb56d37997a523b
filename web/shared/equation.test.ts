import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseSum, sumOf } from './equation.ts'

// The server's own cases, read out of its test, so that the two cannot part company.
const source = readFileSync(join(process.cwd(), '../tests/unit/test_equation.c'), 'utf8')
const part = (from: string) => {
  const at = source.indexOf(from)
  return source.slice(at, source.indexOf('};', at))
}
const good = [...part('} good[] =').matchAll(/\{"([^"]*)",\s*(-?\d+)\}/g)]
const bad = [...part('bad[] =').matchAll(/"([^"]*)"/g)]

// What the C test's look-up knows.
const today: Record<string, number> = { a: 7, b_2: 3 }
const before: Record<string, number> = { a: 5, b_2: 0 }
const look = (code: string, yesterday: boolean) => (yesterday ? before : today)[code] ?? null

test("the server's sums come to the same", () => {
  expect(good.length).toBeGreaterThanOrEqual(8)
  for (const [, text, wanted] of good) {
    const sum = parseSum(text ?? '')
    expect(sum, text).not.toBeNull()
    expect(sumOf(sum ?? [], look), text).toBe(Number(wanted))
  }
})

test('what the server refuses as a sum is refused here', () => {
  expect(bad.length).toBeGreaterThanOrEqual(15)
  for (const [, text] of bad) expect(parseSum(text ?? ''), text).toBeNull()
})

test('a sum over an empty box says nothing', () => {
  expect(sumOf(parseSum('a + empty') ?? [], look)).toBeNull()
  expect(sumOf(parseSum('yesterday.empty') ?? [], look)).toBeNull()
})

test('random sums are read as they are written', () => {
  let seed = 20200126
  const next = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return Math.floor((seed / 2147483648) * below)
  }
  for (let round = 0; round < 2000; round++) {
    const terms = Array.from({ length: 1 + next(12) }, () => next(1000) * (next(2) ? 1 : -1))
    terms[0] = Math.abs(terms[0] ?? 0)
    const text = terms.map((n, i) => (i ? (n < 0 ? ` - ${-n}` : `+${n}`) : String(n))).join('')
    expect(sumOf(parseSum(text) ?? [], look)).toBe(terms.reduce((a, b) => a + b, 0))
  }
})
