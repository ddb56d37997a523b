// A temperature by three taps: 3-6-5 is 36.5. Tenths of a degree all the way, so that no reading
// passes through a fraction.

export interface Limits {
  /** At or above this a reading is abnormal, in tenths. */
  threshold: number
  /** Below this a reading is not believed the first time, in tenths. */
  low: number
}

export type Verdict = 'unfinished' | 'low' | 'normal' | 'hot'

export const DIGITS = 3

/** Tenths of what the server gives in degrees. */
export const tenths = (degrees: number): number => Math.round(degrees * 10)
export const degrees = (value: number): number => value / 10

/** Which key makes sense next: thermometers for people show 3x.x and 40 to 42.9. */
export function allowed(typed: string, digit: string): boolean {
  if (typed.length >= DIGITS) return false
  if (typed === '') return digit === '3' || digit === '4'
  if (typed === '4') return digit <= '2'
  return true
}

export const press = (typed: string, digit: string): string =>
  allowed(typed, digit) ? typed + digit : typed

export const erase = (typed: string): string => typed.slice(0, -1)

export const reading = (typed: string): number | null =>
  typed.length === DIGITS ? Number(typed) : null

/** "3", "36.", "36.5": what stands in the display while one types. */
export const shown = (typed: string): string =>
  typed.length < 2 ? typed : `${typed.slice(0, 2)}.${typed.slice(2)}`

export function verdict(typed: string, limits: Limits): Verdict {
  const value = reading(typed)
  if (value === null) return 'unfinished'
  if (value >= limits.threshold) return 'hot'
  return value < limits.low ? 'low' : 'normal'
}
