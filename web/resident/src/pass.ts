// The server's side of the page, and the pass that this phone remembers when its owner wants that.
import type { GatePassage, GatePlace } from '@server/types.ts'

export type { GatePassage as Answer, GatePlace as Gate }
export type Trouble = 'no_gate' | 'limited' | 'offline' | 'failed' | 'bad'
export type Asked<T> = { ok: true; value: T } | { ok: false; why: Trouble }

const PATIENCE_MS = 12_000

async function ask<T>(path: string, body?: unknown): Promise<Asked<T>> {
  let response: Response
  try {
    response = await fetch(`/api/v1/gate-codes/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: body ? { 'Content-Type': 'application/json' } : {},
      body: body ? JSON.stringify(body) : null,
      credentials: 'omit',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    if (response.ok) return { ok: true, value: (await response.json()) as T }
  } catch {
    return { ok: false, why: 'offline' }
  }
  const reasons: Record<number, Trouble> = { 404: 'no_gate', 422: 'bad', 429: 'limited' }
  return { ok: false, why: reasons[response.status] ?? 'failed' }
}
export const askGate = (code: string) => ask<GatePlace>(encodeURIComponent(code))
export const askPass = (code: string, pass: string, direction: 'in' | 'out') =>
  ask<GatePassage>(`${encodeURIComponent(code)}/pass`, { pass, direction })

/** "/g/CODE" and what a chat program may have hung behind it. */
export const codeOf = (path: string): string =>
  decodeURIComponent(path.match(/^\/g\/([^/?#]+)/)?.[1] ?? '')

const KEPT = 'shouwang.pass'
export function remembered(): string {
  try {
    return localStorage.getItem(KEPT) ?? ''
  } catch {
    return ''
  }
}
export function keep(number: string | null): void {
  try {
    if (number === null) localStorage.removeItem(KEPT)
    else localStorage.setItem(KEPT, number)
  } catch {
    return // a private window remembers nothing
  }
}
