// The outbox as a file: out of a phone that must be replaced, in on another one or at a desk. What lies
// in it is sealed to the server; who finds the file reads nothing. Sending it twice does no harm.
import { saveAs } from '@shared/api.ts'
import {
  CARRIED_BATCH,
  CARRIED_FORMAT,
  type Carried,
  type CarriedItem,
  handIn as handInAt,
} from '@shared/carried.ts'
import { now } from './clock.ts'
import { device } from './device.ts'
import { contentsOf } from './outbox.ts'
import { pending, refused } from './queue.ts'
import { toBase64url } from './seal.ts'

export { type Arrived, type Carried, NoOutbox, readOutbox } from '@shared/carried.ts'

/** Everything that is sealed, what was refused as well; `left` entries still want their author. */
export async function packOutbox(): Promise<{ file: Carried; left: number }> {
  const rows = [...refused.value, ...pending.value].sort((a, b) => a.seq - b.seq)
  const items: CarriedItem[] = []
  for (let from = 0; from < rows.length; from += CARRIED_BATCH) {
    const some = rows.slice(from, from + CARRIED_BATCH)
    const contents = await contentsOf(some.map((entry) => entry.id))
    for (const [i, entry] of some.entries()) {
      const sealed = contents[i]?.sealed
      if (!sealed) continue
      const { id, seq, at, path } = entry
      items.push({ id, seq, at, path, sealed: toBase64url(sealed), device: entry.device ?? null })
    }
  }
  const file: Carried = {
    format: CARRIED_FORMAT,
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

/** Hands a file's items in, as the person who is logged in here. */
export const handIn = (file: Carried, progress: (done: number) => void) =>
  handInAt(file, () => now().getTime(), progress)
