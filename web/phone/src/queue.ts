// Every write of the phone goes through here. It is first kept in IndexedDB under an id of its own,
// then sent; it leaves the store only when the server has acknowledged it, or a person has thrown
// away what the server refused. The ids make a repetition harmless: the server answers the second
// time as the first.
//
// Nothing here knows of pages. What was lately acknowledged is told to `onAcknowledged`.
import { ApiError, type ProblemDocument, post } from '@shared/api.ts'
import { uuidv7 } from '@shared/uuid.ts'
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { computed, ref, shallowRef } from 'vue'

export type EventPath =
  | 'gate-events'
  | 'sign-ins'
  | 'visitors'
  | 'handovers'
  | `visitors/${string}/leave`

export interface Entry {
  /** The record's own id, made here. */
  id: string
  path: EventPath
  body: Record<string, unknown>
  /** Whose account wrote it: only that account may send it. */
  account: string
  /** When it was written, milliseconds of the server's clock. */
  at: number
  /** Goes first; its id becomes the body's `photo`. */
  photo?: Blob
  /** Set when the server has refused it for good. */
  refused?: ProblemDocument
}

interface Schema extends DBSchema {
  entries: { key: string; value: Entry }
}

const BATCH = 50
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 60_000

const all = shallowRef<Entry[]>([])
const account = ref('')
export const sending = ref(false)
/** True after a failure to reach the server, until the next success. */
export const unreachable = ref(false)

const mine = computed(() => all.value.filter((entry) => entry.account === account.value))
/** Written here and not yet acknowledged, oldest first. */
export const pending = computed(() => mine.value.filter((entry) => !entry.refused))
/** Refused by the server: a person has to look. */
export const refused = computed(() => mine.value.filter((entry) => entry.refused))
/** Of other accounts on this phone; they go when their owner is here again. */
export const foreign = computed(() => all.value.length - mine.value.length)

type Listener = (entries: Entry[]) => void
const listeners = new Set<Listener>()
/** Calls `listener` after each acknowledgement or refusal; returns what ends that. */
export function onSettled(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

let opened: Promise<IDBPDatabase<Schema> | null> | null = null
/** A browser that refuses IndexedDB (private mode) keeps the queue in memory only. */
function database(): Promise<IDBPDatabase<Schema> | null> {
  opened ??= openDB<Schema>('shouwang-queue', 1, {
    upgrade: (db) => {
      db.createObjectStore('entries', { keyPath: 'id' })
    },
  }).catch(() => null)
  return opened
}

/** True where this phone keeps nothing: what is waiting then lives only as long as the page. */
export const unsaved = ref(false)

async function keep(entry: Entry): Promise<void> {
  try {
    const db = await database()
    await db?.put('entries', entry)
    unsaved.value = db === null
  } catch {
    unsaved.value = true
  }
}
async function drop(id: string): Promise<void> {
  await (await database())?.delete('entries', id)
}
const replace = (entry: Entry) => {
  all.value = all.value.map((other) => (other.id === entry.id ? entry : other))
}
const remove = (id: string) => {
  all.value = all.value.filter((entry) => entry.id !== id)
}

let started: Promise<void> | null = null
/** Reads what an earlier visit left behind, once. */
async function load(): Promise<void> {
  const kept = (await (await database())?.getAll('entries')) ?? []
  const here = new Set(all.value.map((entry) => entry.id))
  all.value = [...kept.filter((entry) => !here.has(entry.id)), ...all.value].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  )
}

/** Begins to send for this account; null when nobody is signed in. */
export async function useAccount(id: string | null): Promise<void> {
  account.value = id ?? ''
  started ??= load()
  await started
  if (id) void flush()
}

export interface Write {
  path: EventPath
  body: Record<string, unknown>
  at: Date
  photo?: Blob
}

/** Keeps the event and begins to send it. What is given back is safe on this phone. */
export async function write(what: Write): Promise<Entry> {
  const entry: Entry = {
    id: uuidv7(what.at.getTime()),
    path: what.path,
    body: what.body,
    account: account.value,
    at: what.at.getTime(),
    ...(what.photo ? { photo: what.photo } : {}),
  }
  await keep(entry)
  all.value = [...all.value, entry]
  void flush()
  return entry
}

/** Throws away what the server has refused. */
export async function discard(id: string): Promise<void> {
  remove(id)
  await drop(id)
}

/** Sends a refused entry once more, for when its cause has gone. */
export async function retry(id: string): Promise<void> {
  const entry = all.value.find((other) => other.id === id)
  if (!entry) return
  const { refused: _, ...again } = entry
  replace(again)
  await keep(again)
  await flush()
}

/* ---- sending ---- */

/** What hangs on another entry cannot travel in one request with it: events sent together are
 *  checked together. */
function hangsOn(entry: Entry, others: readonly Entry[]): boolean {
  const { corrects, assignment } = entry.body
  return others.some(
    (other) =>
      other.id === corrects || (assignment !== undefined && other.body.assignment === assignment),
  )
}

/** The longest beginning of the queue that can go as one request. */
export function nextBatch(entries: readonly Entry[], most = BATCH): Entry[] {
  const batch: Entry[] = []
  for (const entry of entries) {
    if (batch.length === most || hangsOn(entry, batch)) break
    if (entry.photo && batch.length > 0) break
    batch.push(entry)
    if (entry.photo) break
  }
  return batch
}

/** Whether to try again later: everything but a clear no to this very content. */
export const isTemporary = (status: number): boolean =>
  status === 0 || status === 401 || status === 408 || status === 429 || status >= 500

async function sendPhoto(entry: Entry): Promise<Entry> {
  const { photo, ...rest } = entry
  const { id } = await post<{ id: string }>('photos', undefined, { body: photo })
  const done = { ...rest, body: { ...rest.body, photo: id } }
  replace(done)
  await keep(done)
  return done
}

async function settle(entries: Entry[]): Promise<void> {
  for (const entry of entries) {
    if (entry.refused) {
      replace(entry)
      await keep(entry)
    } else {
      await drop(entry.id)
      remove(entry.id)
    }
  }
  if (entries.length > 0) for (const listener of listeners) listener(entries)
}

async function sendOne(entry: Entry): Promise<void> {
  try {
    const ready = entry.photo ? await sendPhoto(entry) : entry
    await post(ready.path, { id: ready.id, ...ready.body })
    await settle([ready])
  } catch (error) {
    if (!(error instanceof ApiError) || isTemporary(error.status)) throw error
    await settle([{ ...entry, refused: error.doc }])
  }
}

interface BatchAnswer {
  items: { id: string; status: number; body: ProblemDocument }[]
}

async function sendMany(batch: Entry[]): Promise<void> {
  const items = batch.map(({ id, path, body }) => ({ id, method: 'POST', path, body }))
  const answer = await post<BatchAnswer>('batch', { items })
  const byId = new Map(answer.items.map((item) => [item.id, item]))
  const settled: Entry[] = []
  let later: ProblemDocument | null = null
  for (const entry of batch) {
    const item = byId.get(entry.id)
    if (item && item.status < 300) settled.push(entry)
    else if (item && !isTemporary(item.status)) settled.push({ ...entry, refused: item.body })
    else later = item?.body ?? { title: 'no answer', status: 503, code: 'unavailable' }
  }
  await settle(settled)
  if (later) throw new ApiError({ ...later, status: 503 })
}

let wait = FIRST_WAIT_MS
let timer: ReturnType<typeof setTimeout> | undefined
let running: Promise<void> | null = null
let again = false

async function run(): Promise<void> {
  for (let batch = nextBatch(pending.value); batch.length > 0; batch = nextBatch(pending.value)) {
    const [only] = batch
    if (batch.length === 1 && only) await sendOne(only)
    else await sendMany(batch)
    unreachable.value = false
    wait = FIRST_WAIT_MS
  }
}

async function attempt(): Promise<void> {
  sending.value = true
  try {
    await run()
  } catch (error) {
    unreachable.value = true
    const asked = error instanceof ApiError && error.retryAfter ? error.retryAfter * 1000 : wait
    wait = Math.min(wait * 2, LONGEST_WAIT_MS)
    clearTimeout(timer)
    timer = setTimeout(flush, asked)
  } finally {
    sending.value = false
  }
}

/** Sends what is waiting. There is one run at a time; who asks during one gets another after it. */
export function flush(): Promise<void> {
  clearTimeout(timer)
  again = true
  running ??= (async () => {
    while (again) {
      again = false
      await attempt()
    }
    running = null
  })()
  return running
}

if (typeof window !== 'undefined') {
  window.addEventListener('online', () => void flush())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void flush()
  })
}
