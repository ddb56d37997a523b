// Passes made for the tests: byte by byte, so that a test can also make what no server would.
import { getPublicKeyAsync, signAsync } from '@noble/ed25519'
import { toBase45 } from '../phone/src/gate/base45.ts'
import { PREFIX, signedBytes } from '../phone/src/gate/pass.ts'

export type Bytes = number[]

export function head(major: number, n: number): Bytes {
  if (n < 24) return [(major << 5) | n]
  if (n < 256) return [(major << 5) | 24, n]
  if (n < 65536) return [(major << 5) | 25, n >> 8, n & 255]
  return [(major << 5) | 26, (n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]
}
export const int = (n: number): Bytes => (n < 0 ? head(1, -1 - n) : head(0, n))
export const bstr = (bytes: Iterable<number>): Bytes => {
  const all = [...bytes]
  return [...head(2, all.length), ...all]
}
export const text = (value: string): Bytes => [
  ...head(3, value.length),
  ...new TextEncoder().encode(value),
]

export interface Wanted {
  keyId?: number
  serial?: bigint
  class?: number
  estate?: number
  /** seconds */
  from?: number
  to?: number
}
export const serialBytes = (serial: bigint): Bytes =>
  Array.from({ length: 8 }, (_, i) => Number((serial >> BigInt(56 - 8 * i)) & 255n))

export const headerOf = (keyId: number): Bytes => [
  ...[0xa2, ...int(1), ...int(-8), ...int(4)],
  ...bstr(keyId > 255 ? [keyId >> 8, keyId & 255] : [keyId]),
]
export function payloadOf(wanted: Wanted): Bytes {
  return [
    ...[0xa5, ...int(4), ...int(wanted.to ?? 1_600_000_000)],
    ...[...int(5), ...int(wanted.from ?? 1_588_000_000)],
    ...[...int(7), ...bstr(serialBytes(wanted.serial ?? 81985529216486895n))],
    ...[...int(-65537), ...int(wanted.class ?? 1)],
    ...[...int(-65538), ...int(wanted.estate ?? 7)],
  ]
}

export interface Key {
  id: number
  key: Uint8Array
  secret: Uint8Array
}
export async function keyOf(id: number, fill = id): Promise<Key> {
  const secret = new Uint8Array(32).fill(fill)
  return { id, secret, key: await getPublicKeyAsync(secret) }
}

export const tokenOf = (header: Bytes, payload: Bytes, signature: Iterable<number>): Bytes => [
  ...[0xd2, 0x84],
  ...[...bstr(header), 0xa0, ...bstr(payload), ...bstr(signature)],
]
export const codeOf = (token: Bytes): string => PREFIX + toBase45(new Uint8Array(token))

/** Signs whatever bytes are given as header and claims. */
export async function signed(header: Bytes, payload: Bytes, key: Key): Promise<string> {
  const message = signedBytes(new Uint8Array(header), new Uint8Array(payload))
  return codeOf(tokenOf(header, payload, await signAsync(message, key.secret)))
}
export const passCode = (wanted: Wanted, key: Key): Promise<string> =>
  signed(headerOf(wanted.keyId ?? key.id), payloadOf(wanted), key)
