// The server's side of the page. Whoever holds the link acts for one enterprise; no cookie goes along.
import type { Answers } from '@server/types.ts'
import type { Problem, Receipt, Sheet } from '@shared/returns.ts'

export type Trouble = 'gone' | 'no_link' | 'limited' | 'offline' | 'failed'
export type Asked<T> =
  | { ok: true; value: T }
  | { ok: false; why: Trouble; problems: Problem[]; refused: boolean }

const PATIENCE_MS = 15_000

/** "/e/TOKEN" and what a chat program may have hung behind it. */
export const tokenOf = (path: string): string => path.match(/^\/e\/([A-Za-z0-9_-]+)/)?.[1] ?? ''

/** A return that was sent back may be of an earlier day: the message's link says which. */
export const dayOf = (search: string): string => search.match(/[?&]d=(\d{4}-\d\d-\d\d)/)?.[1] ?? ''

async function ask<T>(method: string, path: string, body?: unknown): Promise<Asked<T>> {
  let response: Response
  try {
    response = await fetch(`/api/v1/returns/${path}`, {
      method,
      headers: body ? { 'Content-Type': 'application/json' } : {},
      body: body ? JSON.stringify(body) : null,
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    if (response.ok) return { ok: true, value: (await response.json()) as T }
  } catch {
    return { ok: false, why: 'offline', problems: [], refused: false }
  }
  const reasons: Record<number, Trouble> = { 404: 'no_link', 410: 'gone', 429: 'limited' }
  const { status } = response
  const document = (await response.json().catch(() => null)) as { problems?: Problem[] } | null
  return {
    ok: false,
    why: reasons[status] ?? 'failed',
    problems: document?.problems ?? [],
    refused: status >= 400 && status < 500 && status !== 429 && status !== 408,
  }
}

export interface Body {
  id: string
  template: string
  day: string
  no_change?: boolean
  nil?: boolean
  values?: Record<string, unknown>
  note?: string
}
export const askSheet = (token: string, day: string) =>
  ask<Sheet>('GET', day ? `${token}?date=${day}` : token)
/** What would be taken, without taking it. */
export const tryReturn = (token: string, body: Omit<Body, 'id'>) =>
  ask<Receipt>('POST', token, { ...body, dry: true })
export const sendReturn = (token: string, body: Body) => ask<Receipt>('POST', token, body)
export const addLine = (token: string, line: Record<string, unknown>) =>
  ask<Answers['post /api/v1/returns/:token/lines']>('POST', `${token}/lines`, line)
export const changeLine = (token: string, id: string, line: Record<string, unknown>) =>
  ask<Answers['patch /api/v1/returns/:token/lines/:id']>('PATCH', `${token}/lines/${id}`, line)
