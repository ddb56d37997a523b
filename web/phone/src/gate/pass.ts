// A pass's code: "SW1:" and base45 of a COSE_Sign1 over a CWT. It is read and its signature checked
// with what the phone has, without network. There is one way of writing a given pass; any other is
// malformed. Nothing that is held before a camera makes this throw.
import { decode, type TagDecodeControl } from 'cborg'
import { fromBase45 } from './base45.ts'

export const PREFIX = 'SW1:'
export const MAX_CODE = 400

export type PassClass = 'person' | 'household' | 'vehicle' | 'visitor'
export interface Claims {
  keyId: number
  /** 64 bits do not fit a number: decimal text. */
  serial: string
  class: PassClass
  estate: number
  /** Milliseconds; good from `from`, no longer at `to`. */
  from: number
  to: number
}
export interface PassKey {
  id: number
  key: Uint8Array
}
export type Unread = 'malformed' | 'oversized'
export type Unproved = 'unknown_key' | 'forged'
export type Read =
  | {
      ok: true
      claims: Claims
      signed: Uint8Array<ArrayBuffer>
      signature: Uint8Array<ArrayBuffer>
    }
  | { ok: false; code: Unread }
export type Checked = { code: 'signed' | Unproved; claims: Claims } | { code: Unread; claims: null }

const SIGN1 = 18
const EDDSA = -8
const CLASSES: Record<number, PassClass> = {
  1: 'person',
  2: 'household',
  3: 'vehicle',
  4: 'visitor',
}
const SIGNATURE_BYTES = 64
const SERIAL_BYTES = 8
const SERIAL_END = 1n << 62n
const MOST = 0xffffffff

const tagged = (content: TagDecodeControl) => ({ value: content() })
const OPTIONS = {
  strict: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowNaN: false,
  allowInfinity: false,
  tags: { [SIGN1]: tagged },
}

type Bytes = Uint8Array<ArrayBuffer>
const isBytes = (value: unknown): value is Bytes => value instanceof Uint8Array
const isWhole = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most

/** The values of a map that has these keys in this order and no others. */
function valuesOf(map: unknown, keys: readonly number[]): unknown[] | null {
  if (!(map instanceof Map) || map.size !== keys.length) return null
  const entries = [...map.entries()]
  return entries.every(([key], i) => key === keys[i]) ? entries.map(([, value]) => value) : null
}

function keyIdOf(header: unknown): number | null {
  const [algorithm, kid] = valuesOf(header, [1, 4]) ?? []
  if (algorithm !== EDDSA || !isBytes(kid)) return null
  if (kid.length === 1) return kid[0] || null
  const id = kid.length === 2 ? (kid[0] ?? 0) * 256 + (kid[1] ?? 0) : 0
  return id > 255 ? id : null
}

function claimsOf(keyId: number, map: unknown): Claims | null {
  const [to, from, serial, kind, estate] = valuesOf(map, [4, 5, 7, -65537, -65538]) ?? []
  const name = typeof kind === 'number' ? CLASSES[kind] : undefined
  if (!name || !isWhole(estate, 0, MOST)) return null
  if (!isWhole(from, 0, MOST) || !isWhole(to, from, MOST)) return null
  if (!isBytes(serial) || serial.length !== SERIAL_BYTES) return null
  const number = new DataView(serial.buffer, serial.byteOffset, SERIAL_BYTES).getBigUint64(0)
  if (number >= SERIAL_END) return null
  const times = { from: from * 1000, to: to * 1000 }
  return { keyId, serial: number.toString(), class: name, estate, ...times }
}

function headOf(n: number): number[] {
  if (n < 24) return [0x40 | n]
  return n < 256 ? [0x58, n] : [0x59, n >> 8, n & 0xff]
}

/** What was signed: ["Signature1", the protected header, nothing more, the claims]. */
export function signedBytes(header: Uint8Array, payload: Uint8Array): Bytes {
  const context = [...'Signature1'].map((sign) => sign.charCodeAt(0))
  return new Uint8Array([
    ...[0x84, 0x6a, ...context],
    ...[...headOf(header.length), ...header, 0x40],
    ...[...headOf(payload.length), ...payload],
  ])
}

function taken(bytes: Bytes): Read {
  const whole: unknown = decode(bytes, OPTIONS)
  const { value } = whole as { value?: unknown }
  if (!Array.isArray(value) || value.length !== 4) return { ok: false, code: 'malformed' }
  const [header, free, payload, signature] = value as unknown[]
  const sound =
    isBytes(header) &&
    free instanceof Map &&
    free.size === 0 &&
    isBytes(payload) &&
    isBytes(signature) &&
    signature.length === SIGNATURE_BYTES
  if (!sound) return { ok: false, code: 'malformed' }
  const keyId = keyIdOf(decode(header, OPTIONS))
  const claims = keyId === null ? null : claimsOf(keyId, decode(payload, OPTIONS))
  if (!claims) return { ok: false, code: 'malformed' }
  return { ok: true, claims, signed: signedBytes(header, payload), signature }
}

/** Whether somebody meant this text to be a pass; other QR codes are told apart by it. */
export const isPassText = (text: string): boolean => text.startsWith(PREFIX)

export function readPass(text: string): Read {
  if (text.length > MAX_CODE) return { ok: false, code: 'oversized' }
  if (!isPassText(text)) return { ok: false, code: 'malformed' }
  const bytes = fromBase45(text.slice(PREFIX.length))
  if (!bytes || bytes.length === 0) return { ok: false, code: 'malformed' }
  try {
    return taken(bytes)
  } catch {
    return { ok: false, code: 'malformed' }
  }
}

/* ---- the signature ---- */

type Verify = (signature: Bytes, signed: Bytes) => Promise<boolean>
const verifiers = new Map<string, Promise<Verify>>()

async function browsersOwn(key: Bytes): Promise<Verify> {
  const own = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify'])
  return (signature, signed) => crypto.subtle.verify('Ed25519', own, signature, signed)
}

/** For browsers from before 2023 to 2025, which have everything else that is needed. */
async function carried(key: Bytes): Promise<Verify> {
  const { verifyAsync } = await import('@noble/ed25519')
  return (signature, signed) => verifyAsync(signature, signed, key, { zip215: false })
}

function verifierOf(id: number, key: Uint8Array): Promise<Verify> {
  const name = `${id}:${Array.from(key).join()}`
  const own = new Uint8Array(key)
  const known = verifiers.get(name) ?? browsersOwn(own).catch(() => carried(own))
  verifiers.set(name, known)
  return known
}

/** Makes the keys ready before the first pass is held up. */
export const warm = (keys: readonly PassKey[]): Promise<unknown> =>
  Promise.allSettled(keys.map(({ id, key }) => verifierOf(id, key)))

/** Reads the text and proves who signed it. */
export async function checkPass(text: string, keys: readonly PassKey[]): Promise<Checked> {
  const read = readPass(text)
  if (!read.ok) return { code: read.code, claims: null }
  const { claims } = read
  const key = keys.find(({ id }) => id === claims.keyId)
  if (!key) return { code: 'unknown_key', claims }
  try {
    const verify = await verifierOf(key.id, key.key)
    return { code: (await verify(read.signature, read.signed)) ? 'signed' : 'forged', claims }
  } catch {
    return { code: 'forged', claims }
  }
}
