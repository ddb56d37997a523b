// From what a form holds to what the API takes: only changed fields, references by id, units by code.
import { civilDay, clock } from '@shared/format.ts'
import type { Field, Kind } from '@shared/meta.ts'
import type { Row } from '@shared/records.ts'

/** A moment as it is typed, "2020-05-08 08:30", in the operation's zone. */
export function localMoment(value: string, zone: string): string {
  const at = new Date(value)
  if (Number.isNaN(at.getTime())) return value
  return `${civilDay(at, zone)} ${clock(at, zone)}`
}

/** The inverse, as RFC 3339 with that zone's offset; what is no moment stays as it was typed. */
export function momentFrom(text: string, zone: string): string {
  const m = text.trim().match(/^(\d{4}-\d{2}-\d{2})[ T](\d{1,2}[:：]\d{2})$/)
  if (!m) return text
  const local = `${m[1]}T${(m[2] ?? '').replace('：', ':').padStart(5, '0')}`
  const guess = Date.parse(`${local}:00Z`)
  if (Number.isNaN(guess)) return text
  let utc = guess
  // Two rounds settle the offset even where the zone changes its clocks.
  for (let round = 0; round < 2; round++) {
    const seen = localMoment(new Date(utc).toISOString(), zone)
    utc += guess - Date.parse(`${seen.replace(' ', 'T')}:00Z`)
  }
  const minutes = Math.round((guess - utc) / 60_000)
  const sign = minutes < 0 ? '-' : '+'
  const abs = Math.abs(minutes)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${local}:00${sign}${two(Math.floor(abs / 60))}:${two(abs % 60)}`
}

/** A value as the API takes it in. */
export function outgoing(field: Field, value: unknown): unknown {
  if (value === undefined || value === '') return null
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    const v = value as { id?: unknown; code?: string }
    if (field.type === 'unit') return v.code ?? v.id
    if (field.type === 'ref') return v.id
  }
  if (field.type === 'json' && typeof value === 'string') {
    try {
      return JSON.parse(value)
    } catch {
      return value
    }
  }
  return value
}

export type Draft = Record<string, unknown>

/** What a phone says of itself; nobody types it. */
const fromPhones = new Set(['device_at', 'outgoing_proof', 'incoming_proof'])
export const isTyped = (name: string): boolean => !fromPhones.has(name)

export const editable = (kind: Kind, creating: boolean): Field[] =>
  kind.fields.filter(
    (field) =>
      !field.read_only &&
      field.type !== 'photo' &&
      isTyped(field.name) &&
      (creating || !field.immutable),
  )

export function draftOf(kind: Kind, row: Row | null, preset: Draft = {}): Draft {
  const draft: Draft = {}
  for (const field of kind.fields) {
    // A masked value is not the value: the box begins empty, and empty means unchanged.
    const masked = row?.masked?.includes(field.name)
    draft[field.name] = masked ? undefined : (row?.[field.name] ?? preset[field.name] ?? null)
  }
  return draft
}

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)

/** What must be sent: for a new record all that is filled, for an old one what has changed. */
export function changesOf(kind: Kind, row: Row | null, draft: Draft): Draft {
  const body: Draft = {}
  for (const field of editable(kind, row === null)) {
    const next = outgoing(field, draft[field.name])
    if (row === null) {
      if (next !== null) body[field.name] = next
    } else if (row.masked?.includes(field.name)) {
      if (next !== null) body[field.name] = next
    } else if (!same(next, outgoing(field, row[field.name]))) body[field.name] = next
  }
  return body
}
