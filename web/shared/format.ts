// How values are shown: civil dates as they are, moments in the operation's zone, temperatures in
// tenths, money from integer fen. The same everywhere, so that two screens never differ.
import { lang } from './i18n.ts'

const locale = () => (lang.value === 'zh' ? 'zh-CN' : 'en-GB')

function parts(at: Date, timeZone: string): Record<string, string> {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]))
}

export function civilDay(at: Date, timeZone: string): string {
  const p = parts(at, timeZone)
  return `${p.year}-${p.month}-${p.day}`
}

export function clock(at: Date, timeZone: string, seconds = false): string {
  const p = parts(at, timeZone)
  return `${p.hour}:${p.minute}${seconds ? `:${p.second}` : ''}`
}

export function moment(value: unknown, timeZone: string): string {
  const at = new Date(String(value))
  if (Number.isNaN(at.getTime())) return String(value ?? '')
  return `${civilDay(at, timeZone)} ${clock(at, timeZone)}`
}

/** Civil dates are counted in UTC so that no zone can move them. */
export function addDays(date: string, days: number): string {
  const at = new Date(`${date}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

/** What a person types for a date, read beside today: "5-8", "0508", "20200508", "2020年5月8日". */
export function dateFrom(text: string, near: string): string | null {
  const plain = text.trim()
  const joined = plain.match(/^(\d{4})?(\d{2})(\d{2})$/)
  const split = plain.match(/^(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?$/)
  const m = joined ?? split
  if (!m) return null
  const two = (part: string | undefined) => (part ?? '').padStart(2, '0')
  const date = `${m[1] ?? near.slice(0, 4)}-${two(m[2])}-${two(m[3])}`
  const at = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === date ? date : null
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000)
}

/** Monday of the date's week. */
export function weekStart(date: string): string {
  const day = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7
  return addDays(date, -day)
}

export function weekday(date: string): string {
  return new Intl.DateTimeFormat(locale(), { weekday: 'short', timeZone: 'UTC' }).format(
    new Date(`${date}T00:00:00Z`),
  )
}

export function longDate(date: string): string {
  return new Intl.DateTimeFormat(locale(), {
    timeZone: 'UTC',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    weekday: 'long',
  }).format(new Date(`${date}T00:00:00Z`))
}

export function number(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—'
  const n = Number(value)
  return Number.isFinite(n)
    ? n.toLocaleString('en-US', { maximumFractionDigits: 3 })
    : String(value)
}

export const temperature = (value: unknown): string =>
  value === null || value === undefined || value === '' ? '' : `${Number(value).toFixed(1)} ℃`

/** Money is kept in fen and never passes through a fraction. */
export function yuan(fen: unknown): string {
  const n = Number(fen)
  if (fen === null || fen === undefined || fen === '' || !Number.isInteger(n)) return ''
  const whole = Math.floor(Math.abs(n) / 100).toLocaleString('en-US')
  return `${n < 0 ? '-' : ''}¥${whole}.${String(Math.abs(n) % 100).padStart(2, '0')}`
}

/** "60,000.5" to 6000050; null when it is not an amount with at most two decimals. */
export function fenOf(text: string): number | null {
  const m = text.replace(/[,，¥￥\s]/g, '').match(/^(-?)(\d{1,13})(?:\.(\d{1,2}))?$/)
  if (!m) return null
  const fen = Number(m[2]) * 100 + Number((m[3] ?? '').padEnd(2, '0'))
  return m[1] ? -fen : fen
}

/** "8:30", "0830" or "8：30" to "08:30"; 24:00 is the day's end; null when it is no time of day. */
export function timeOfDay(text: string): string | null {
  const m = text.trim().match(/^(\d{1,2})(?:[:：.]?(\d{2}))?$/)
  if (!m) return null
  const [hour, minute] = [Number(m[1]), Number(m[2] ?? 0)]
  if (minute > 59 || hour * 60 + minute > 1440) return null
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
}

export function minutesOf(time: string): number {
  const [hour, minute] = time.split(':').map(Number)
  return (hour ?? 0) * 60 + (minute ?? 0)
}

export function hours(minutes: number): string {
  const h = minutes / 60
  return Number.isInteger(h) ? String(h) : h.toFixed(1)
}

/** What the server has hidden carries an asterisk: 110101********1234. */
export const isMasked = (value: unknown): boolean =>
  typeof value === 'string' && value.includes('*')
