// Sealed boxes and bytes as text. The boxes' arithmetic is fetched apart from the first page, which
// does without it: `readySeal` before the first box.
import type { KeyPair } from './box.ts'

export type { KeyPair } from './box.ts'

let box: typeof import('./box.ts') | null = null

export async function readySeal(): Promise<void> {
  box ??= await import('./box.ts')
}
function arithmetic(): typeof import('./box.ts') {
  if (!box) throw new Error('readySeal() comes first')
  return box
}

export const keyPair = (secret?: Uint8Array): KeyPair => arithmetic().keyPair(secret)
export const seal = (content: Uint8Array, to: Uint8Array): Uint8Array =>
  arithmetic().seal(content, to)
/** Throws where the box is not for this key, or was changed on the way. */
export const unseal = (sealed: Uint8Array, mine: KeyPair): Uint8Array =>
  arithmetic().unseal(sealed, mine)

/* ---- as text ---- */

export function toBase64url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 0x2000)
    text += String.fromCharCode(...bytes.subarray(i, i + 0x2000))
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

export function fromBase64url(text: string): Uint8Array {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(plain, (c) => c.charCodeAt(0))
}

export const toBytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(value))
export const fromBytes = <T>(bytes: Uint8Array): T =>
  JSON.parse(new TextDecoder().decode(bytes)) as T
