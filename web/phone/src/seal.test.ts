import { describe, expect, it } from 'vitest'
import { keyPair, seal, unseal } from './box.ts'
import { fromBase64url, fromBytes, toBase64url, toBytes } from './seal.ts'

const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (two) => Number(`0x${two}`))
const hex = (data: Uint8Array) => Array.from(data, (n) => n.toString(16).padStart(2, '0')).join('')

// Made by libsodium 1.0.18: a key pair from the seed 01…20; a box with the one-time key c8…a9, and one
// by crypto_box_seal itself. libsodium's crypto_box_seal_open took both.
const secret = bytes('77788f1a0cea001a2631dae5d05dbd062008d5b30f50b9e29beb2a7822289004')
const known = '4a3807d064d077181cc070989e76891d20dca5559548dc2c77c1a50273882b38'
const once = bytes('c8c7c6c5c4c3c2c1c0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0afaeadacabaaa9')
const content = { method: 'POST', path: 'gate-events', body: { post: '石头社区东门' } }
const boxes = {
  withKnownKey:
    '8dafcfeeae9045ee9a78d78a99fcf32e7781e441eb073096c342b8e2dcc3b6120f99e48db3a61ee138e5bf37b815ae02bdebe3663cc4d50150e9f93676181d4931a6b49af482f03d834d89fbd799d59bee75c839e1c2fed638baa0997bf71101a5ffc2a8e969991200a44483b67f091018a7f2f4fbd5fe8fb21969',
  bySodium:
    '8505c240e6e2d4e288a2d729b33b1eb8d8353be929a7884840e55c0c7cbd241eb37d0c113cf4e7955a046158ebf8af6f087a566ab8189f46aa99fa77d229632f0b7368016b1199883da3504c6d9d5b0eb44d08b35400240902eaef94eb044da2c14a8c8dd3456cf8549f1386490b1a5109e8023ce1ee655a651017',
}

describe('a sealed box', () => {
  const mine = keyPair(secret)
  it('is for the key that libsodium knows', () => {
    expect(hex(mine.public)).toBe(known)
  })
  it("is libsodium's to the last bit", () => {
    expect(hex(seal(toBytes(content), mine.public, keyPair(once)))).toBe(boxes.withKnownKey)
  })
  it('made by libsodium opens here', () => {
    for (const box of Object.values(boxes))
      expect(fromBytes(unseal(bytes(box), mine))).toEqual(content)
  })
  it('is another one each time', () => {
    const [one, other] = [seal(toBytes(1), mine.public), seal(toBytes(1), mine.public)]
    expect(hex(one)).not.toBe(hex(other))
    expect(fromBytes(unseal(other, mine))).toBe(1)
  })
  it('opens for nobody else, nor after any bit was changed', () => {
    const box = seal(toBytes(content), mine.public)
    expect(() => unseal(box, keyPair())).toThrow()
    expect(() => unseal(box.subarray(0, 40), mine)).toThrow()
    for (let bit = 0; bit < 8 * box.length; bit += 37) {
      const changed = box.slice()
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      // the highest bit of a public key says nothing: the curve leaves it out, the nonce does not
      expect(() => unseal(changed, mine)).toThrow()
    }
  })
})

describe('bytes as text', () => {
  it('come back', () => {
    for (const length of [0, 1, 2, 3, 255, 20_000]) {
      const data = Uint8Array.from({ length }, (_, i) => (i * 7) % 256)
      const text = toBase64url(data)
      expect(text).toMatch(/^[\w-]*$/)
      expect(hex(fromBase64url(text))).toBe(hex(data))
    }
  })
})
