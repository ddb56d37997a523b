// The working copy on the disk: a journal of encrypted pages, each what one pull brought or what was
// written here. Read from the beginning after an unlock; when it has grown long it is written anew as
// one page. Its content can always be fetched again, so a full disk costs no more than that.

import { ref } from 'vue'
import { revoked } from './device.ts'
import {
  dropFromPocket,
  fillPocket,
  forgetPocket,
  type PocketContent,
  pocketContent,
} from './pocket.ts'
import { fromBase64url, toBase64url } from './seal.ts'
import { database, onTold, tell } from './store.ts'
import { canKeepPocket, openPage, sealPage } from './vault.ts'

const LONG = 200
export const EVENTS_MS = 72 * 3_600_000

export interface Page {
  fill?: PocketContent
  gone?: string[]
  /** Where the next pull goes on. */
  cursor?: string | null
  /** More of a working copy from the beginning is to come. */
  mid?: boolean
  /** Begins a working copy anew: what was there before is of another unit, or too old. */
  reset?: boolean
  /** Names of buildings and the like, which the pages after it hang on. */
  names?: Record<string, string>
  roster?: unknown
}
type Kept = Omit<Page, 'fill'> & {
  fill?: Omit<PocketContent, 'keys'> & { keys?: [number, string][] }
}

/** True where the last page could not be kept: after a restart it is fetched again. */
export const unkept = ref(false)
let cursor: string | null = null
let mid = false
let names: Record<string, string> = {}
let roster: unknown = null
let last = 0
let pages = 0
const written = new Set<number>()
const anew = new Set<() => void>()
/** Called when the working copy has begun anew: what waits here belongs into it. */
export const onAnew = (listener: () => void): void => {
  anew.add(listener)
}

export const cursorNow = (): string | null => cursor
export const midFull = (): boolean => mid
export const namesNow = (): Record<string, string> => names
export const rosterNow = (): unknown => roster

function apply(page: Page): void {
  if (page.reset) {
    const { keys } = pocketContent(0)
    forgetPocket()
    if (keys?.length && !page.fill?.keys) fillPocket({ keys })
    names = {}
    for (const listener of anew) listener()
  }
  if (page.names) names = { ...names, ...page.names }
  if (page.fill) fillPocket(page.fill)
  if (page.gone?.length) dropFromPocket(page.gone)
  if (page.cursor !== undefined) cursor = page.cursor
  if (page.mid !== undefined) mid = page.mid
  if (page.roster !== undefined) roster = page.roster
}

function packed({ fill, ...rest }: Page): Kept {
  if (!fill) return rest
  const { keys, ...content } = fill
  const flat = keys?.map(({ id, key }): [number, string] => [id, toBase64url(key)])
  return { ...rest, fill: flat ? { ...content, keys: flat } : content }
}
function unpacked({ fill, ...rest }: Kept): Page {
  if (!fill) return rest
  const { keys, ...content } = fill
  const full = keys?.map(([id, key]) => ({ id, key: fromBase64url(key) }))
  return { ...rest, fill: full ? { ...content, keys: full } : content }
}

/** Takes a page in, and keeps it where this person can. */
export async function append(page: Page, onDisk = true): Promise<void> {
  // a phone that was struck off keeps no lists, not even of what it has just handed in
  if (revoked.value) return
  apply(page)
  if (!onDisk) return
  const data = await sealPage(packed(page))
  if (!data) return
  try {
    const number = await (await database())?.add('pocket', data)
    if (number !== undefined) written.add(number)
    pages++
    unkept.value = false
    tell('pocket')
  } catch {
    unkept.value = true
  }
  if (pages > LONG) await rewrite()
}

/** Everything as one page, under the key of the present. */
export async function rewrite(): Promise<void> {
  if (!canKeepPocket()) return
  const fill = pocketContent((pocketContent(0).at ?? Date.now()) - EVENTS_MS)
  const page: Page = { reset: true, fill, cursor, mid, names, ...(roster ? { roster } : {}) }
  const data = await sealPage(packed(page))
  const db = await database()
  if (!data || !db) return
  try {
    const tx = db.transaction('pocket', 'readwrite')
    // what another tab has added meanwhile stays behind the new page
    const added = (await tx.store.getAllKeys()).filter((key) => key > last && !written.has(key))
    const behind = await Promise.all(added.map((key) => tx.store.get(key)))
    await tx.store.clear()
    written.clear()
    const number = await tx.store.add(data)
    written.add(number)
    for (const one of behind) if (one) await tx.store.add(one)
    await tx.done
    pages = 1 + added.length
    unkept.value = false
    tell('pocket')
  } catch {
    unkept.value = true
  }
}

/** Reads what is on the disk and not yet here: all of it after an unlock. */
export async function readOn(): Promise<void> {
  const db = await database()
  if (!db || !canKeepPocket()) return
  const range = IDBKeyRange.lowerBound(last, true)
  const tx = db.transaction('pocket')
  const [numbers, rows] = await Promise.all([tx.store.getAllKeys(range), tx.store.getAll(range)])
  await tx.done
  for (const [i, number] of numbers.entries()) {
    last = Math.max(last, number)
    if (written.delete(number)) continue
    const row = rows[i]
    const page = row ? await openPage<Kept>(row) : null
    if (page) {
      apply(unpacked(page))
      pages++
    }
  }
}
onTold('pocket', () => void readOn())

/** Nobody works here: nothing of it stays in memory. */
export function closeJournal(): void {
  forgetPocket()
  cursor = null
  mid = false
  names = {}
  roster = null
  last = 0
  pages = 0
  written.clear()
}
