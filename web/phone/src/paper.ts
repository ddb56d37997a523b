// A time of day copied from paper becomes a moment: the one nearest to the shift it belongs to, so
// that 00:10 on the list of a night shift is the next day's.

import { moment } from '@shared/format.ts'
import { zone } from './day.ts'

interface Shift {
  starts_at: string
  ends_at: string
}

const HALF_DAY = 12 * 3_600_000

/** How far local time is ahead of UTC at a moment, in milliseconds. */
function offset(at: number, timeZone: string): number {
  const local = moment(new Date(at).toISOString(), timeZone).replace(' ', 'T')
  return Date.parse(`${local}:00Z`) - Math.floor(at / 60_000) * 60_000
}

export function paperMoment(shift: Shift, text: string, timeZone = zone()): Date | null {
  const m = text.match(/^(\d{2}):(\d{2})$/)
  if (!m) return null
  const start = Date.parse(shift.starts_at)
  const ahead = offset(start, timeZone)
  const middle = (start + Date.parse(shift.ends_at)) / 2
  const midnight = Math.floor((start + ahead) / 86_400_000) * 86_400_000 - ahead
  let at = midnight + (Number(m[1]) * 60 + Number(m[2])) * 60_000
  while (at - middle > HALF_DAY) at -= 2 * HALF_DAY
  while (middle - at > HALF_DAY) at += 2 * HALF_DAY
  return new Date(at)
}
