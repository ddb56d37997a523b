// The outbox of a phone as a file, on its way in at another phone or at a desk. What lies in it is
// sealed to the server; who finds the file reads nothing. Sending it twice does no harm.
import type { Answers } from '@server/types.ts'
import { ApiError, post } from './api.ts'

export const CARRIED_FORMAT = 'shouwang-outbox'
export const CARRIED_BATCH = 200
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
  format: typeof CARRIED_FORMAT
  version: 1
  name: string
  exported_at: string
  items: CarriedItem[]
}
export interface Arrived {
  accepted: number
  setAside: number
  refused: number
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
    value?.format === CARRIED_FORMAT &&
    value.version === 1 &&
    Array.isArray(items) &&
    items.length <= MOST_ITEMS &&
    items.every((one) => typeof one?.id === 'string' && typeof one.sealed === 'string')
  if (!sound) throw new NoOutbox('another format')
  return value as Carried
}

const isLater = (status: number): boolean =>
  status === 0 || status === 401 || status === 408 || status === 429 || status >= 500

/** Hands the file's items in, as the person who is logged in. Throws where the server is not reached;
 *  begun again, it goes on where it was. */
export async function handIn(
  file: Carried,
  sentAt: () => number,
  progress: (done: number) => void,
): Promise<Arrived> {
  const sum: Arrived = { accepted: 0, setAside: 0, refused: 0 }
  let done = 0
  const byDevice = new Map<string | null, CarriedItem[]>()
  for (const item of file.items) {
    const there = byDevice.get(item.device ?? null)
    if (there) there.push(item)
    else byDevice.set(item.device ?? null, [item])
  }
  for (const [from, items] of byDevice) {
    for (let at = 0; at < items.length; at += CARRIED_BATCH) {
      const some = items.slice(at, at + CARRIED_BATCH)
      const answer = await post<Answers['post /api/v1/batch']>('batch', {
        ...(from ? { device: from } : {}),
        sent_at: sentAt(),
        items: some.map(({ id, seq, sealed }) => ({ id, seq, sealed })),
      })
      if (answer.items.some((item) => isLater(item.status))) {
        throw new ApiError({ title: 'busy', status: 503, code: 'unavailable' })
      }
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
