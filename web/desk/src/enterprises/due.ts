// Who is due, who is missing, who comes next: what the caller's screen and the chase list share.
import type { DueReturn } from '@server/types.ts'
import { get } from '@shared/api.ts'
import { timeOfDay } from '@shared/format.ts'
import type { RefValue, Row } from '@shared/records.ts'
import { momentFrom } from '../record/draft.ts'
import { common } from '../words.ts'

/** The records as rows: what a page shows of them goes by the kind's own words. */
export type Due = Partial<Pick<DueReturn, 'reminders'>> & {
  return: Row
  enterprise: Row
  chase: Row | null
}
export interface DueQuery {
  unit: string
  date: string
  status?: string
  q?: string
  building?: string
  caller?: string
  channel?: string
  template?: string
}
export type By = 'building' | 'caller' | 'none'
export interface Group {
  key: string
  title: string
  items: Due[]
}

const PAGE = 200
export const dueList = (query: DueQuery, after?: string | null) =>
  get<{ items: Due[]; next: string | null }>('enterprises/due', {
    ...query,
    sort: 'name',
    limit: PAGE,
    after,
  })

/** A caller's day is some hundreds; what lies beyond is said, not silently left out. */
export async function dueAll(query: DueQuery, pages = 6): Promise<{ items: Due[]; more: boolean }> {
  const items: Due[] = []
  let after: string | null = null
  for (let page = 0; page < pages; page++) {
    const answer: { items: Due[]; next: string | null } = await dueList(query, after)
    items.push(...answer.items)
    after = answer.next
    if (!after) break
  }
  return { items, more: after !== null }
}

export const titleOfRef = (value: unknown): string => {
  const ref = value as Partial<RefValue> | null
  return ref?.title || (ref?.id ? common('outside') : '')
}

/** In groups by name, those without one last. */
export function groupDue(items: Due[], by: By, without: string): Group[] {
  if (by === 'none') return items.length ? [{ key: '', title: '', items }] : []
  const groups = new Map<string, Group>()
  for (const item of items) {
    const ref = item.enterprise[by] as Partial<RefValue> | null
    const key = ref?.id ?? ''
    const group = groups.get(key) ?? { key, title: key ? titleOfRef(ref) : without, items: [] }
    group.items.push(item)
    groups.set(key, group)
  }
  return [...groups.values()].sort((a, b) =>
    a.key === '' || b.key === ''
      ? Number(a.key === '') - Number(b.key === '')
      : a.title.localeCompare(b.title, 'zh'),
  )
}

/** The one after `id` as they stand, round to the first; null where no other is left. */
export function nextDue(groups: Group[], id: string | null, step = 1): Due | null {
  const all = groups.flatMap((group) => group.items)
  if (!all.length) return null
  const at = all.findIndex((item) => item.return.id === id)
  if (at < 0) return all[0] ?? null
  const next = all[(at + step + all.length) % all.length] ?? null
  return next?.return.id === id ? null : next
}

/** "15:30" of that day as a moment; null where it is no time of day. */
export function promiseAt(text: string, day: string, zone: string): string | null {
  const time = timeOfDay(text)
  return time && time !== '24:00' ? momentFrom(`${day} ${time}`, zone) : null
}

/** Promised, and the hour has passed. */
export const isBroken = (item: Due, now: Date): boolean =>
  typeof item.chase?.promise_at === 'string' && Date.parse(item.chase.promise_at) < now.getTime()
