// The outbox as a file: out of a phone that must be replaced, in on another one or at a desk. What lies
// in it is sealed to the server; who finds the file reads nothing. Sending it twice does no harm.
import { ApiError, post, saveAs } from '@shared/api.ts'
import { now } from './clock.ts'
import { device } from './device.ts'
import { contentsOf } from './outbox.ts'
import { isTemporary, pending, refused } from './queue.ts'
import { toBase64url } from './seal.ts'

const FORMAT = 'shouwang-outbox'
const BATCH = 200
const MOST_BYTES = 64 * 1024 * 1024
const MOST_ITEMS = 100_000

export interface CarriedItem {
  id: string
  seq: number
  at: number
  path: string
  sealed: string
  device: string | null
}
export interface Carried {
  format: typeof FORMAT
  version: 1
  name: string
  exported_at: string
  items: CarriedItem[]
}

/** Everything that is sealed, what was refused as well; `left` entries still want their author. */
export async function packOutbox(): Promise<{ file: Carried; left: number }> {
  const rows = [...refused.value, ...pending.value].sort((a, b) => a.seq - b.seq)
  const items: CarriedItem[] = []
  for (let from = 0; from < rows.length; from += BATCH) {
    const some = rows.slice(from, from + BATCH)
    const contents = await contentsOf(some.map((entry) => entry.id))
    for (const [i, entry] of some.entries()) {
      const sealed = contents[i]?.sealed
      if (!sealed) continue
      const { id, seq, at, path } = entry
      items.push({ id, seq, at, path, sealed: toBase64url(sealed), device: entry.device ?? null })
    }
  }
  const file: Carried = {
    format: FORMAT,
    version: 1,
    name: device.value?.name ?? '',
    exported_at: now().toISOString(),
    items,
  }
  return { file, left: rows.length - items.length }
}

export async function exportOutbox(): Promise<{ count: number; left: number }> {
  const { file, left } = await packOutbox()
  const stamp = file.exported_at.slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-')
  const blob = new Blob([JSON.stringify(file)], { type: 'application/json' })
  saveAs(blob, `shouwang-outbox-${stamp}.json`)
  return { count: file.items.length, left }
}

export class NoOutbox extends Error {}

/** Throws `NoOutbox` where the file is something else. */
export async function readOutbox(file: Blob): Promise<Carried> {
  if (file.size > MOST_BYTES) throw new NoOutbox('too large')
  let value: Partial<Carried>
  try {
    value = JSON.parse(await file.text()) as Partial<Carried>
  } catch {
    throw new NoOutbox('no JSON')
  }
  const items = value?.items
  const sound =
    value?.format === FORMAT &&
    value.version === 1 &&
    Array.isArray(items) &&
    items.length <= MOST_ITEMS &&
    items.every((one) => typeof one?.id === 'string' && typeof one.sealed === 'string')
  if (!sound) throw new NoOutbox('another format')
  return value as Carried
}

export interface Arrived {
  accepted: number
  setAside: number
  refused: number
}

/** Hands the file's items in, as the person who is logged in. Throws where the server is not reached;
 *  begun again, it goes on where it was. */
export async function handIn(file: Carried, progress: (done: number) => void): Promise<Arrived> {
  const sum: Arrived = { accepted: 0, setAside: 0, refused: 0 }
  let done = 0
  const byDevice = new Map<string | null, CarriedItem[]>()
  for (const item of file.items) {
    const there = byDevice.get(item.device)
    if (there) there.push(item)
    else byDevice.set(item.device, [item])
  }
  for (const [from, items] of byDevice) {
    for (let at = 0; at < items.length; at += BATCH) {
      const some = items.slice(at, at + BATCH)
      const answer = await post<{ items: { id: string; status: number }[] }>('batch', {
        ...(from ? { device: from } : {}),
        sent_at: now().getTime(),
        items: some.map(({ id, seq, sealed }) => ({ id, seq, sealed })),
      })
      const later = answer.items.find((item) => isTemporary(item.status))
      if (later) throw new ApiError({ title: 'busy', status: 503, code: 'unavailable' })
      for (const item of answer.items) {
        if (item.status === 202) sum.setAside++
        else if (item.status < 300) sum.accepted++
        else sum.refused++
      }
      done += some.length
      progress(done)
    }
  }
  return sum
}
