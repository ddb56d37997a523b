// A handover as a record: what is prefilled from this phone, and what is sent once both have
// confirmed.
import type { PocketVisitor } from '../pocket.ts'
import type { OutNow } from './inside.ts'
import { grouped } from './number.ts'

export interface Signed {
  account: string
  label: string
  proof: string
  /** Milliseconds of the server's clock. */
  at: number
}
export interface Shiftover {
  inside: number
  overdue: string
  in_hand: string
  keys: string
  stock: string
  remarks: string
}
export const MOST_TEXT = 2_000
export const MOST_LINE = 200

/** The numbers of passes still out, those overdue first and marked. */
export function stillOut(out: readonly OutNow[], late: string): string {
  const rows = [...out].sort((a, b) => (b.overdue ?? -1) - (a.overdue ?? -1))
  const lines: string[] = []
  let length = 0
  for (const { pass, overdue } of rows) {
    const line = overdue === null ? grouped(pass.number) : `${grouped(pass.number)} ${late}`
    length += line.length + 1
    if (length > MOST_TEXT) break
    lines.push(line)
  }
  return lines.join('\n')
}

export const prefilled = (
  visitors: readonly PocketVisitor[],
  out: readonly OutNow[],
  late: string,
  kept: { keys: string; stock: string },
): Shiftover => ({
  inside: visitors.length,
  overdue: stillOut(out, late),
  in_hand: '',
  remarks: '',
  ...kept,
})

export function shiftoverBody(
  post: string,
  filled: Shiftover,
  outgoing: Signed | null,
  incoming: Signed | null,
  at: Date,
): Record<string, unknown> {
  const body: Record<string, unknown> = {
    post,
    inside: filled.inside,
    device_at: at.toISOString(),
    outgoing_at: new Date(outgoing?.at ?? at.getTime()).toISOString(),
  }
  for (const field of ['overdue', 'in_hand', 'keys', 'stock', 'remarks'] as const) {
    const text = filled[field].trim()
    if (text) body[field] = text
  }
  if (outgoing) body.outgoing_proof = outgoing.proof
  if (!incoming) return body
  return {
    ...body,
    incoming_at: new Date(incoming.at).toISOString(),
    incoming_proof: incoming.proof,
  }
}
