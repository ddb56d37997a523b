// Every write of the phone goes through here. It is first kept on this phone, sealed to the server,
// under an id of its own; then sent; it leaves the phone only when the server has acknowledged it, or
// a person has thrown away what the server refused. The ids make a repetition harmless: the server
// answers the second time as the first. Sending needs nobody to be logged in, only the phone's own
// credential; where there is none yet, an author's entries wait for his log-in.
//
// Nothing here knows of pages. What was lately acknowledged or refused is told to `onSettled`.
import type { Answers } from '@server/types.ts'
import { ApiError, type ProblemDocument, post } from '@shared/api.ts'
import { session } from '@shared/session.ts'
import { uuidv7 } from '@shared/uuid.ts'
import { computed, ref, shallowRef } from 'vue'
import { briefOf, pocketEventOf, visitorOf } from './brief.ts'
import { now } from './clock.ts'
import { asDevice, author, boxKey, device, mayHandIn, RELEASE } from './device.ts'
import { append, EVENTS_MS, onAnew } from './journal.ts'
import {
  add,
  allEntries,
  change,
  contentsOf,
  copyOf,
  full,
  keepBallast,
  unsaved,
} from './outbox.ts'
import { noteOwnEvent, type PocketRecord, recordById, visitorById } from './pocket.ts'
import { fromBase64url, fromBytes, readySeal, seal, toBase64url, toBytes } from './seal.ts'
import { alone, type Content, type Entry, type EventPath, onTold, tell } from './store.ts'
import { lockAway, takeOut } from './vault.ts'

export { full, StorageFull, unsaved } from './outbox.ts'
export type { Entry, EventPath } from './store.ts'

const BATCH = 200
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 60_000
/** So many of the last written keep their names in memory, for the list of the last entries. */
const NAMED = 50

const all = shallowRef<readonly Entry[]>([])
const account = ref('')
export const sending = ref(false)
/** True after a failure to reach the server, until the next success. */
export const unreachable = ref(false)
/** How many the server has set aside for a person to look at: its matter now, no longer this phone's. */
export const setAside = ref(0)

const sendable = (entry: Entry) => entry.form === 'sealed' || entry.account === account.value
/** Written here and not yet acknowledged, oldest first. */
export const pending = computed(() => all.value.filter((one) => !one.refused && sendable(one)))
/** Refused by the server: a person has to look. */
export const refused = computed(() => all.value.filter((one) => one.refused && sendable(one)))
/** Of other accounts, from before this phone was registered; they go when their owner is here. */
export const foreign = computed(() => all.value.filter((one) => !sendable(one)).length)
/** All that is not with the server yet, and since when (the server's clock). */
export const waiting = computed(() => {
  const rows = all.value.filter((entry) => !entry.refused)
  return { count: rows.length, oldest: rows[0]?.at ?? null }
})

type Listener = (entries: Entry[]) => void
const listeners = new Set<Listener>()
/** Calls `listener` after each acknowledgement or refusal; returns what ends that. */
export function onSettled(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const bySeq = (a: Entry, b: Entry) => a.seq - b.seq
function replace(changed: readonly Entry[], gone: readonly Entry[] = []): void {
  const now = new Map(changed.map((entry) => [entry.id, entry]))
  const out = new Set(gone.map((entry) => entry.id))
  all.value = all.value
    .filter((entry) => !out.has(entry.id))
    .map((entry) => now.get(entry.id) ?? entry)
}

let started: Promise<void> | null = null
/** Reads what an earlier visit, or another tab, has left to be sent. */
async function load(first = false): Promise<void> {
  if (!first && unsaved.value) return
  const named = new Map(all.value.map((entry) => [entry.id, entry.body]))
  const rows = await allEntries()
  const here = new Set(rows.map((entry) => entry.id))
  const kept = rows.map((row) => ({ ...row, body: named.get(row.id) ?? row.body }))
  // later, what is no longer on the disk has been sent by another tab
  const meanwhile = first ? all.value.filter((entry) => !here.has(entry.id)) : []
  all.value = [...kept, ...meanwhile].sort(bySeq)
}

/** What waits belongs to what the gate knows: called when the working copy has been opened. */
export function noteWaiting(nowMs: number): void {
  for (const entry of all.value) {
    const event = entry.at >= nowMs - EVENTS_MS ? pocketEventOf(entry) : null
    if (event) noteOwnEvent(event)
  }
}

/** Who works here now; null when nobody does. What is sealed is sent all the same. */
export async function useAccount(id: string | null): Promise<void> {
  account.value = id ?? ''
  started ??= load(true).then(keepBallast)
  await started
  void flush()
}

export interface Write {
  path: EventPath
  body: Record<string, unknown>
  at: Date
  photo?: Blob
  /** What stood there when somebody decided on it: where it differs by now, a person looks. */
  saw?: Saw
}
export interface Saw {
  state: string
  rev: number
}

interface Held {
  body: Record<string, unknown>
  saw?: Saw
  photo?: string
  type?: string
}

async function sealed(
  id: string,
  path: EventPath,
  body: unknown,
  at: number,
  saw?: Saw,
): Promise<Content | null> {
  const [box, proof] = [boxKey(), author(at)]
  if (!box || !proof) return null
  try {
    await readySeal()
  } catch {
    // the arithmetic could not be fetched: kept as it is, for its author's log-in
    return null
  }
  const item = { method: 'POST', path, body, at, author: proof, ...(saw ? { saw } : {}) }
  return { id, sealed: new Uint8Array(seal(toBytes(item), box)) }
}

/** Keeps the event and begins to send it. What is given back is safe on this phone; where there is no
 *  room for it, this throws `StorageFull`, and nothing was written. */
export async function write(what: Write): Promise<Entry> {
  const { path, body, photo, saw } = what
  const at = what.at.getTime()
  const id = uuidv7(at)
  const held: Held = saw ? { body, saw } : { body }
  if (photo) {
    held.photo = toBase64url(new Uint8Array(await photo.arrayBuffer()))
    held.type = photo.type
  }
  const locked = await lockAway(toBytes(held))
  const own = photo ? null : await sealed(id, path, body, at, saw)
  const form = own ? 'sealed' : photo ? 'held' : 'plain'
  const brief = briefOf(body)
  const row = { id, path, body: brief, account: account.value, at, form, ...stamp(own) } as const
  const entry = { ...(await add(row, own ?? { id, locked }, { id, locked })), body }
  const rows = [...all.value, entry].sort(bySeq)
  const old = rows[rows.length - 1 - NAMED]
  if (old) rows[rows.length - 1 - NAMED] = { ...old, body: briefOf(old.body) }
  all.value = rows
  noteWritten(entry)
  tell('outbox')
  void flush()
  return entry
}
const stamp = (own: Content | null) => (own && device.value ? { device: device.value.id } : {})

function noteWritten(entry: Entry): void {
  const event = pocketEventOf(entry)
  if (event) noteOwnEvent(event)
  const left = visitorById(entry.path.match(/^visitors\/(.+)\/(?:leave|take_back)$/)?.[1] ?? '')
  const visitor = left ? { ...left, state: 'left' as const } : visitorOf(entry)
  if (visitor) void append({ fill: { visitors: [visitor] } })
}

/** Throws away what the server has refused. */
export async function discard(id: string): Promise<void> {
  const gone = all.value.filter((entry) => entry.id === id)
  replace([], gone)
  await change([], gone)
  tell('outbox')
}

/** Sends a refused entry once more, for when its cause has gone. */
export async function retry(id: string): Promise<void> {
  const entry = all.value.find((other) => other.id === id)
  if (!entry) return
  const { refused: _, ...again } = entry
  await change([{ entry: { ...again, body: briefOf(again.body) } }])
  replace([again])
  await flush()
}

/** What an entry says; null where only another person's PIN opens it. */
export async function readEntry(id: string): Promise<Record<string, unknown> | null> {
  const copy = await copyOf(id)
  const bytes = copy ? await takeOut(copy.locked) : null
  return bytes ? fromBytes<Held>(bytes).body : null
}

/** Puts what a person has mended in the place of what was refused, and sends it. */
export async function mend(id: string, body: Record<string, unknown>): Promise<void> {
  const entry = all.value.find((other) => other.id === id)
  if (!entry) return
  const copy = await copyOf(id)
  const bytes = copy ? await takeOut(copy.locked) : null
  const saw = bytes ? fromBytes<Held>(bytes).saw : undefined
  const locked = await lockAway(toBytes({ body, ...(saw ? { saw } : {}) } satisfies Held))
  const own = await sealed(id, entry.path, body, entry.at, saw)
  const { refused: _, device: __, ...rest } = entry
  const next: Entry = {
    ...rest,
    body: briefOf(body),
    account: account.value,
    form: own ? 'sealed' : 'plain',
    ...stamp(own),
  }
  await change([{ entry: next, content: own ?? { id, locked }, copy: { id, locked } }])
  replace([next])
  await flush()
}

/* ---- sending ---- */

/** Whether to try again later: everything but a clear no to this very content. */
export const isTemporary = (status: number): boolean =>
  status === 0 || status === 401 || status === 408 || status === 429 || status >= 500

/** The sign-out of a shift does not travel with its sign-in: what is sent together is checked
 *  together, against what stood there before. */
function hangsOn(entry: Entry, others: readonly Entry[]): boolean {
  const { assignment } = entry.body
  return assignment !== undefined && others.some((other) => other.body.assignment === assignment)
}

/** The longest beginning of the queue that can go as one request. */
export function nextBatch(entries: readonly Entry[], most = BATCH): Entry[] {
  const batch: Entry[] = []
  const [first] = entries
  for (const entry of entries) {
    const other = entry.form !== first?.form || entry.device !== first.device
    if (other || batch.length === most || hangsOn(entry, batch)) break
    batch.push(entry)
    if (entry.form === 'held') break
  }
  return batch
}

/** In their order. An author's own wait for his log-in, and hold up nobody else's. */
function ready(): Entry[] {
  const mayDevice = mayHandIn.value
  const late: Entry[] = []
  return pending.value.filter((entry) => {
    const goes = entry.form === 'sealed' && mayDevice ? !hangsOn(entry, late) : session.linked
    if (!goes) late.push(entry)
    return goes
  })
}

/** Its photo first; then it is like any other. */
async function sendPhoto(entry: Entry): Promise<void> {
  const [content] = await contentsOf([entry.id])
  const bytes = content?.locked ? await takeOut(content.locked) : null
  if (!bytes) throw new ApiError(unreadable)
  const { body, photo, type } = fromBytes<Held>(bytes)
  const blob = new Blob([new Uint8Array(fromBase64url(photo ?? ''))], { type: type ?? '' })
  const { id } = await post<Answers['post /api/v1/photos']>('photos', undefined, { body: blob })
  const full = { ...body, photo: id }
  const own = await sealed(entry.id, entry.path, full, entry.at)
  const locked = await lockAway(toBytes({ body: full } satisfies Held))
  const next: Entry = { ...entry, form: own ? 'sealed' : 'plain', ...stamp(own) }
  await change([
    { entry: next, content: own ?? { id: entry.id, locked }, copy: { id: entry.id, locked } },
  ])
  replace([next])
}
const unreadable: ProblemDocument = {
  title: 'Only its author can open this entry',
  title_zh: '这条记录只有本人能打开',
  status: 422,
  code: 'unreadable',
}

async function settle(entries: Entry[]): Promise<void> {
  if (entries.length === 0) return
  const bad = entries.filter((entry) => entry.refused)
  const gone = entries.filter((entry) => !entry.refused)
  // known to the gate before it leaves the outbox, so that no moment lies between the two
  const events = gone.map(pocketEventOf).filter((event) => event !== null)
  if (events.length > 0) await append({ fill: { events } })
  const keep = bad.map((entry) => ({ entry: { ...entry, body: briefOf(entry.body) } }))
  await change(keep, gone)
  replace(bad, gone)
  tell('outbox')
  for (const listener of listeners) listener(entries)
}

interface Item {
  id: string
  status: number
  body: ProblemDocument & Done
}
interface Done {
  code?: string
  rev?: number
  state?: string
}

/** What was done with records of lists, as the server has it now: known before it leaves the outbox. */
export async function noteDone(
  done: readonly (readonly [Pick<Entry, 'path'>, { status: number; body: Done }])[],
): Promise<void> {
  const records: Record<string, PocketRecord[]> = {}
  for (const [{ path }, { body, status }] of done) {
    const [plural = '', id = ''] = path.split('/')
    const row = status === 200 && id ? recordById(plural, id) : undefined
    if (!row) continue
    const next = { ...row, rev: body.rev ?? row.rev, ...(body.state ? { state: body.state } : {}) }
    records[plural] = [...(records[plural] ?? []), next]
  }
  if (Object.keys(records).length > 0) await append({ fill: { records } })
}

async function itemOf(entry: Entry, content: Content | undefined) {
  const { id, seq, path, at } = entry
  if (content?.sealed) return { id, seq, sealed: toBase64url(content.sealed) }
  const bytes = content?.locked ? await takeOut(content.locked) : null
  if (!bytes) return null
  const { body, saw } = fromBytes<Held>(bytes)
  return { id, seq, method: 'POST', path, body, at, ...(saw ? { saw } : {}) }
}

async function send(batch: Entry[]): Promise<void> {
  const contents = await contentsOf(batch.map((entry) => entry.id))
  const items = await Promise.all(batch.map((entry, i) => itemOf(entry, contents[i])))
  const readable = batch.filter((_, i) => items[i])
  const lost = batch.filter((_, i) => !items[i])
  await settle(lost.map((entry) => ({ ...entry, refused: unreadable })))
  if (readable.length === 0) return
  const [first] = readable
  const body = {
    ...(first?.device ? { device: first.device } : device.value ? { device: device.value.id } : {}),
    sent_at: now().getTime(),
    app_version: RELEASE,
    waiting: waiting.value.count,
    ...(waiting.value.oldest === null ? {} : { oldest_waiting_at: waiting.value.oldest }),
    items: items.filter((item) => item !== null),
  }
  const asOwn = first?.form === 'sealed' && mayHandIn.value
  const answer = asOwn
    ? await asDevice<{ items: Item[] }>('POST', 'batch', { body })
    : await post<{ items: Item[] }>('batch', body)
  const byId = new Map(answer.items.map((item) => [item.id, item]))
  const settled: Entry[] = []
  const done: [Entry, Item][] = []
  let later: ProblemDocument | null = null
  for (const entry of readable) {
    const item = byId.get(entry.id)
    if (item && item.status < 300) {
      settled.push(entry)
      done.push([entry, item])
    } else if (item && !isTemporary(item.status)) settled.push({ ...entry, refused: item.body })
    else later = item?.body ?? { title: 'no answer', status: 503, code: 'unavailable' }
    if (item?.status === 202) setAside.value++
  }
  await noteDone(done)
  await settle(settled)
  if (later) throw new ApiError({ ...later, status: 503 })
}

let wait = FIRST_WAIT_MS
let timer: ReturnType<typeof setTimeout> | undefined
let running: Promise<void> | null = null
let again = false

async function sendHeld(entry: Entry): Promise<void> {
  try {
    await sendPhoto(entry)
  } catch (error) {
    if (!(error instanceof ApiError) || isTemporary(error.status)) throw error
    await settle([{ ...entry, refused: error.doc }])
  }
}

async function run(): Promise<boolean> {
  for (let batch = nextBatch(ready()); batch.length > 0; batch = nextBatch(ready())) {
    const [only] = batch
    if (only?.form === 'held') await sendHeld(only)
    else await send(batch)
    unreachable.value = false
    wait = FIRST_WAIT_MS
  }
  return true
}

async function attempt(): Promise<void> {
  sending.value = true
  try {
    // another tab that is at it sends what this one has written, too
    if (await alone('send', run, false)) unreachable.value = false
    if (full.value) await keepBallast()
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

onAnew(() => noteWaiting(now().getTime()))

let heard: ReturnType<typeof setTimeout> | undefined
onTold('outbox', () => {
  clearTimeout(heard)
  heard = setTimeout(async () => {
    await load()
    void flush()
  }, 400)
})

if (typeof window !== 'undefined') {
  window.addEventListener('online', () => void flush())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void flush()
  })
}
