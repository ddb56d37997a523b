// A filing's answers against the conditions of its checklist, as the server judges them.
import type { Row } from '@shared/records.ts'

export function answersOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'string') return (value as Record<string, unknown> | null) ?? {}
  try {
    return JSON.parse(value) as Record<string, unknown>
  } catch {
    return {}
  }
}

export interface Wanted {
  must: boolean
  least: number | null
  most: number | null
}
const limit = (value: unknown) => (typeof value === 'number' ? value : null)
export const wanted = (item: Row): Wanted => ({
  must: item.type === 'yes',
  least: limit(item.least),
  most: limit(item.most),
})

/** null: nothing was said, or nothing is asked. */
export function isMet(item: Row, answers: Record<string, unknown>): boolean | null {
  const value = answers[String(item.code)]
  const limits = wanted(item)
  if (value === undefined || value === null) return item.required === false ? null : false
  if (limits.must) return value === true || item.required === false
  if (typeof value !== 'number') return false
  return (
    (limits.least === null || value >= limits.least) &&
    (limits.most === null || value <= limits.most)
  )
}
