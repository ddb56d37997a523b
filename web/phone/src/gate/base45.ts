// Base45 (RFC 9285) as the passes use it, strictly: what no encoder writes is refused, so that one
// pass has one text.
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const VALUES = new Map([...ALPHABET].map((sign, value) => [sign, value]))

/** The bytes, or null where the text is no base45. */
export function fromBase45(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 3 === 1) return null
  const bytes = new Uint8Array(Math.floor((text.length * 2) / 3))
  let at = 0
  for (let i = 0; i < text.length; i += 3) {
    const c = VALUES.get(text[i] ?? '')
    const d = VALUES.get(text[i + 1] ?? '')
    const pair = i + 2 >= text.length
    const e = pair ? 0 : VALUES.get(text[i + 2] ?? '')
    if (c === undefined || d === undefined || e === undefined) return null
    const n = c + d * 45 + e * 2025
    if (n > (pair ? 0xff : 0xffff)) return null
    if (!pair) bytes[at++] = n >> 8
    bytes[at++] = n & 0xff
  }
  return bytes
}

export function toBase45(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 2) {
    const pair = i + 1 < bytes.length
    const n = pair ? (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0) : (bytes[i] ?? 0)
    text += `${ALPHABET[n % 45]}${ALPHABET[Math.floor(n / 45) % 45]}`
    if (pair) text += ALPHABET[Math.floor(n / 2025)]
  }
  return text
}
