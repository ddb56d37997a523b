// Sealed boxes as libsodium makes them (crypto_box_seal): anybody can put something in who knows the
// public key; only who holds the other half takes it out. X25519, XSalsa20-Poly1305, BLAKE2b.
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js'
import { x25519 } from '@noble/curves/ed25519.js'
import { blake2b } from '@noble/hashes/blake2.js'

const KEY = 32
const NONCE = 24
const TAG = 16
/** What a seal adds to its content. */
export const SEAL_BYTES = KEY + TAG

export interface KeyPair {
  secret: Uint8Array
  public: Uint8Array
}

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))

export function keyPair(secret: Uint8Array = random(KEY)): KeyPair {
  return { secret, public: x25519.getPublicKey(secret) }
}

const words = (bytes: Uint8Array): Uint32Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true))
}
const SIGMA = words(new TextEncoder().encode('expand 32-byte k'))

/** The key of one box: what both sides work out, through HSalsa20. */
function boxKey(secret: Uint8Array, other: Uint8Array): Uint8Array {
  const out = new Uint32Array(8)
  hsalsa(SIGMA, words(x25519.getSharedSecret(secret, other)), new Uint32Array(4), out)
  const key = new Uint8Array(KEY)
  const view = new DataView(key.buffer)
  out.forEach((word, i) => {
    view.setUint32(4 * i, word, true)
  })
  return key
}

function nonceOf(once: Uint8Array, to: Uint8Array): Uint8Array {
  const both = new Uint8Array(2 * KEY)
  both.set(once)
  both.set(to, KEY)
  return blake2b(both, { dkLen: NONCE })
}

/** `once` is a key pair that is used for this box and no other. */
export function seal(content: Uint8Array, to: Uint8Array, once: KeyPair = keyPair()): Uint8Array {
  const box = xsalsa20poly1305(boxKey(once.secret, to), nonceOf(once.public, to)).encrypt(content)
  const sealed = new Uint8Array(KEY + box.length)
  sealed.set(once.public)
  sealed.set(box, KEY)
  return sealed
}

/** Throws where the box is not for this key, or was changed on the way. */
export function unseal(sealed: Uint8Array, mine: KeyPair): Uint8Array {
  if (sealed.length < SEAL_BYTES) throw new Error('too short for a sealed box')
  const once = sealed.subarray(0, KEY)
  const key = boxKey(mine.secret, once)
  return xsalsa20poly1305(key, nonceOf(once, mine.public)).decrypt(sealed.subarray(KEY))
}
