import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as make from '../../../tests/passes.ts'
import { fromBase45, toBase45 } from './base45.ts'
import { checkPass, MAX_CODE, PREFIX, readPass } from './pass.ts'

const key = await make.keyOf(1)
const good = await make.passCode({}, key)
const bytesOf = (code: string) => fromBase45(code.slice(PREFIX.length)) ?? new Uint8Array()

afterEach(() => vi.restoreAllMocks())

describe('a good pass', () => {
  it('says what was signed', async () => {
    expect(await checkPass(good, [key])).toEqual({
      code: 'signed',
      claims: {
        keyId: 1,
        serial: '81985529216486895',
        class: 'person',
        estate: 7,
        from: 1_588_000_000_000,
        to: 1_600_000_000_000,
      },
    })
  })
  it('keeps a serial exactly that no number could hold', async () => {
    const serial = (1n << 62n) - 1n
    const code = await make.passCode({ serial }, key)
    expect((await checkPass(code, [key])).claims?.serial).toBe('4611686018427387903')
  })
  it.each([1, 23, 24, 255, 256, 65535])('may be signed under key %i', async (id) => {
    const one = await make.keyOf(id, 9)
    const code = await make.passCode({}, one)
    expect(await checkPass(code, [one, { ...key, id: 77 }])).toMatchObject({ code: 'signed' })
  })
  it.each([
    [1, 'person'],
    [2, 'household'],
    [3, 'vehicle'],
    [4, 'visitor'],
  ])('of class %i is a %s pass', async (number, name) => {
    const code = await make.passCode({ class: number }, key)
    expect((await checkPass(code, [key])).claims?.class).toBe(name)
  })
  it('as the server writes it is read too', async () => {
    const file = '../tests/fuzz/corpus/pass/sound'
    expect(readPass(readFileSync(file, 'utf8'))).toMatchObject({ ok: true })
  })
  it('is checked without the browser knowing Ed25519', async () => {
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(
      new DOMException('', 'NotSupportedError'),
    )
    const one = await make.keyOf(3, 33)
    const code = await make.passCode({}, one)
    expect(await checkPass(code, [one])).toMatchObject({ code: 'signed' })
    const other = { ...one, key: key.key }
    expect(await checkPass(code, [other])).toMatchObject({ code: 'forged' })
  })
})

describe('a bad pass', () => {
  it('is forged with any single bit turned, or no pass at all', async () => {
    const bytes = bytesOf(good)
    const seen = new Set<string>()
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const bad = new Uint8Array(bytes)
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const { code } = await checkPass(PREFIX + toBase45(bad), [key])
      expect(['forged', 'malformed', 'unknown_key']).toContain(code)
      seen.add(code)
    }
    expect(seen.size).toBe(3)
  })
  it('is malformed when cut anywhere, or continued', async () => {
    const bytes = bytesOf(good)
    for (let n = 0; n < bytes.length; n++)
      expect(readPass(PREFIX + toBase45(bytes.slice(0, n)))).toMatchObject({ code: 'malformed' })
    const longer = new Uint8Array([...bytes, 0])
    expect(readPass(PREFIX + toBase45(longer))).toMatchObject({ code: 'malformed' })
  })
  it('is forged under another key of the same number', async () => {
    const other = await make.keyOf(1, 99)
    expect(await checkPass(good, [other])).toMatchObject({ code: 'forged' })
  })
  it('is of an unknown key where the phone has none of that number', async () => {
    expect(await checkPass(good, [])).toMatchObject({ code: 'unknown_key' })
    expect(await checkPass(good, [{ ...key, id: 2 }])).toMatchObject({ code: 'unknown_key' })
  })
  it('does not pass for want of a usable key', async () => {
    expect(await checkPass(good, [{ id: 1, key: new Uint8Array(5) }])).toMatchObject({
      code: 'forged',
    })
  })

  const [header, payload] = [make.headerOf(1), make.payloadOf({})]
  const swap = (bytes: number[], from: number[], to: number[]) => {
    const at = bytes.findIndex((_, i) => from.every((byte, k) => bytes[i + k] === byte))
    if (at < 0) throw new Error('the test looks for bytes that are not there')
    return [...bytes.slice(0, at), ...to, ...bytes.slice(at + from.length)]
  }
  it.each<[string, number[], number[]]>([
    ['an algorithm that is none', swap(header, make.int(-8), make.int(-7)), payload],
    ['no key id', [0xa1, ...make.int(1), ...make.int(-8)], payload],
    ['key id 0', swap(header, make.bstr([1]), make.bstr([0])), payload],
    ['a key id longer than it need be', swap(header, make.bstr([1]), make.bstr([0, 1])), payload],
    ['a key id in three bytes', swap(header, make.bstr([1]), make.bstr([1, 0, 0])), payload],
    ['a key id that is a number', swap(header, make.bstr([1]), make.int(1)), payload],
    ['a critical header', [0xa3, ...header.slice(1), ...make.int(2), 0x80], payload],
    ['an empty header', [], payload],
    ['class 0', header, make.payloadOf({ class: 0 })],
    ['class 5', header, make.payloadOf({ class: 5 })],
    ['an end before the beginning', header, make.payloadOf({ from: 10, to: 9 })],
    ['a time in text', header, swap(payload, make.int(1_600_000_000), make.text('2020-09-13'))],
    ['a serial of seven bytes', header, swap(payload, [0x48, 1], [0x47])],
    ['a serial of 63 bits', header, make.payloadOf({ serial: 1n << 62n })],
    ['an estate below zero', header, make.payloadOf({ estate: -1 })],
    ['one claim more', header, [0xa6, ...payload.slice(1), ...make.int(1), ...make.text('name')]],
    ['one claim less', header, [0xa4, ...payload.slice(1, -3 - 5)]],
    ['claims in a list', header, [0x80]],
    ['a claim twice', header, [0xa5, ...make.int(4), ...make.int(9), ...payload.slice(1)]],
    ['a number longer than it need be', header, swap(payload, make.int(7), [0x18, 7])],
    ['a length longer than it need be', header, swap(payload, [0x48, 1], [0x58, 8, 1])],
    ['a map without its length', header, [0xbf, ...payload.slice(1), 0xff]],
    [
      'claims in another order',
      header,
      [0xa5, ...payload.slice(6, 12), ...payload.slice(1, 6), ...payload.slice(12)],
    ],
  ])('signed well but with %s is malformed', async (_, head, claims) => {
    const code = await make.signed(head, claims, key)
    expect(await checkPass(code, [key])).toEqual({ code: 'malformed', claims: null })
  })

  const signature = new Array<number>(64).fill(1)
  it.each<[string, number[]]>([
    ['without its tag', make.tokenOf(header, payload, signature).slice(1)],
    ['with another tag', [0xd1, ...make.tokenOf(header, payload, signature).slice(1)]],
    [
      'with something in the free header',
      swap(make.tokenOf(header, payload, signature), [0xa0], [0xa1, 1, 1]),
    ],
    ['with a short signature', make.tokenOf(header, payload, signature.slice(1))],
    ['of three parts', [0xd2, 0x83, ...make.bstr(header), 0xa0, ...make.bstr(payload)]],
    ['that is text', [0xd2, ...make.text('hello')]],
    ['nested a hundred deep', [0xd2, ...new Array<number>(100).fill(0x81), 0]],
    ['claiming a list of four thousand million', [0xd2, 0x9a, 255, 255, 255, 255]],
    ['claiming bytes that are not there', [0xd2, 0x5b, 0, 0, 0, 1, 0, 0, 0, 0]],
  ])('%s is malformed', (_, token) => {
    expect(readPass(make.codeOf(token))).toEqual({ ok: false, code: 'malformed' })
  })
})

describe('what is no pass', () => {
  it.each([
    [''],
    ['SW1:'],
    ['SW1'],
    ['sw1:BB8'],
    [`SW2:${good.slice(4)}`],
    [` ${good}`],
    [`${good}\n`],
    ['https://example.org/a?b=1'],
    ['WIFI:T:WPA;S:x;P:y;;'],
    ['12345674'],
    ['\u0000\u0001\ufffd'],
    ['SW1:守望'],
    ['SW1:\ud83d\ude00\ud83d\ude00'],
  ])('%j is malformed', (text) => {
    expect(readPass(text)).toEqual({ ok: false, code: 'malformed' })
  })
  it('is oversized above the limit, whatever it begins with', () => {
    expect(readPass(PREFIX + '0'.repeat(MAX_CODE - PREFIX.length + 1))).toMatchObject({
      code: 'oversized',
    })
    expect(readPass('x'.repeat(4_000_000))).toMatchObject({ code: 'oversized' })
    expect(readPass(PREFIX + '0'.repeat(MAX_CODE - PREFIX.length))).toMatchObject({
      code: 'malformed',
    })
  })
  it('never throws, whatever bytes come', async () => {
    let seed = 20200508
    const next = () => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return (seed >> 8) & 0xff
    }
    for (let i = 0; i < 2_000; i++) {
      const some = Uint8Array.from({ length: next() }, next)
      if (i % 2 === 0) some.set([0xd2, 0x84].slice(0, some.length))
      const { code } = await checkPass(PREFIX + toBase45(some), [key])
      expect(code).toBe('malformed')
    }
  })
})
