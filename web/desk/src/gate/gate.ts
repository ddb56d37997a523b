// What the gate's pages ask the server beside records: the day by hours, who is inside, the verdict
// on a code.
import type { Answers, GateHour } from '@server/types.ts'
import { get } from '@shared/api.ts'
import type { RefValue } from '@shared/records.ts'
import { common } from '../words.ts'

export type Hour = GateHour

export const hoursOf = (unit: string, date: string, post?: string, signal?: AbortSignal) =>
  get<Answers['get /api/v1/gate/hours']>('gate/hours', { unit, date, post }, signal)

/** Every hour of a day, those without an event too; an hour that comes twice is added up. */
export function wholeDay(hours: readonly Hour[]): Hour[] {
  const day = Array.from({ length: 24 }, (_, hour) => ({
    hour,
    in: 0,
    out: 0,
    refused: 0,
    abnormal: 0,
    vehicles: 0,
  }))
  for (const one of hours) {
    const sum = day[one.hour]
    if (!sum) continue
    sum.in += one.in
    sum.out += one.out
    sum.refused += one.refused
    sum.abnormal += one.abnormal
    sum.vehicles += one.vehicles
  }
  return day
}

/** The hours from the first with an event to the last, at least eight of them. */
export function busyHours(day: readonly Hour[]): Hour[] {
  const busy = day.filter((one) => one.in + one.out + one.refused + one.abnormal > 0)
  let from = busy[0]?.hour ?? 6
  let to = busy.at(-1)?.hour ?? 21
  while (to - from < 7) {
    if (from > 0) from--
    if (to < 23) to++
  }
  return day.slice(from, to + 1)
}

/** A round number that no bar exceeds. */
export function roundTop(high: number): number {
  if (high <= 4) return 4
  const step = 10 ** Math.floor(Math.log10(high))
  for (const m of [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]) if (m * step >= high) return m * step
  return high
}

/** "2 h 10 min" since that moment, in the reader's words. */
export function since(from: number, to: number, words: { h: string; min: string }): string {
  const minutes = Math.max(0, Math.floor((to - from) / 60_000))
  const h = Math.floor(minutes / 60)
  return h ? `${h} ${words.h} ${minutes % 60} ${words.min}` : `${minutes} ${words.min}`
}

export const refId = (value: unknown): string | null => (value as RefValue | null)?.id ?? null
export const refTitle = (value: unknown): string =>
  (value as RefValue | null)?.title || (refId(value) ? common('outside') : '')
