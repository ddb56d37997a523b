// The outbox on the disk: what waits to be sent, in the order in which it was written. A row is there
// for screens to count; its content lies beside it, sealed to the server, and is read only to be sent.
import { ref } from 'vue'
import { type Content, database, type Entry, getKey, isFull, type Locked, putKey } from './store.ts'

/** Set free when the disk is full, so that there is room to go on while somebody sees to it. */
const BALLAST_BYTES = 512 * 1024

/** True where this phone keeps nothing: what is waiting then lives only as long as the page. */
export const unsaved = ref(false)
/** True while the disk is full: what is written now takes the last room. */
export const full = ref(false)

export class StorageFull extends Error {
  constructor() {
    super('the phone has no room left')
    this.name = 'StorageFull'
  }
}

export interface Copy {
  id: string
  locked: Locked
}

/** Where the browser keeps nothing. */
const memory = { seq: 0, contents: new Map<string, Content>(), copies: new Map<string, Copy>() }

async function put(row: Omit<Entry, 'seq'>, content: Content, copy: Copy): Promise<Entry> {
  const db = await database()
  unsaved.value = db === null
  if (!db) {
    memory.contents.set(content.id, content)
    memory.copies.set(copy.id, copy)
    return { ...row, seq: ++memory.seq }
  }
  const tx = db.transaction(['keys', 'entries', 'contents', 'copies'], 'readwrite', {
    durability: 'strict',
  })
  // a failed request ends the transaction; what it says then is what counts
  const done = tx.done
  done.catch(() => undefined)
  try {
    const seq = (((await tx.objectStore('keys').get('seq')) as number | undefined) ?? 0) + 1
    const entry: Entry = { ...row, seq }
    await Promise.all([
      tx.objectStore('keys').put(seq, 'seq'),
      tx.objectStore('entries').put(entry),
      tx.objectStore('contents').put(content),
      tx.objectStore('copies').put(copy),
    ])
    await done
    return entry
  } catch (error) {
    throw (await done.then(
      () => error,
      (cause: unknown) => cause,
    )) as Error
  }
}

/** On the disk when this returns. Throws `StorageFull` where there is no room; then nothing is kept. */
export async function add(row: Omit<Entry, 'seq'>, content: Content, copy: Copy): Promise<Entry> {
  try {
    return await put(row, content, copy)
  } catch (error) {
    if (!isFull(error)) throw error
    full.value = true
    await putKey('ballast', undefined)
    try {
      return await put(row, content, copy)
    } catch (again) {
      throw isFull(again) ? new StorageFull() : again
    }
  }
}

/** Keeps room for later. Without it the disk is full already. */
export async function keepBallast(): Promise<void> {
  try {
    if ((await getKey('ballast')) === undefined) {
      const bytes = new Uint8Array(BALLAST_BYTES)
      for (let at = 0; at < bytes.length; at += 65_536)
        crypto.getRandomValues(bytes.subarray(at, at + 65_536))
      await putKey('ballast', bytes)
    }
    full.value = false
  } catch (error) {
    full.value = isFull(error)
  }
}

export async function allEntries(): Promise<Entry[]> {
  return (await (await database())?.getAll('entries')) ?? []
}

export async function contentsOf(ids: readonly string[]): Promise<(Content | undefined)[]> {
  const db = await database()
  if (!db) return ids.map((id) => memory.contents.get(id))
  const { store } = db.transaction('contents')
  return Promise.all(ids.map((id) => store.get(id)))
}

export async function copyOf(id: string): Promise<Copy | undefined> {
  const db = await database()
  return db ? db.get('copies', id) : memory.copies.get(id)
}

/** Changes rows, and what they send where that is given; takes others out with all that is theirs. */
export async function change(
  changed: readonly { entry: Entry; content?: Content; copy?: Copy }[],
  gone: readonly Entry[] = [],
): Promise<void> {
  const db = await database()
  if (!db) {
    for (const { content, copy } of changed) {
      if (content) memory.contents.set(content.id, content)
      if (copy) memory.copies.set(copy.id, copy)
    }
    for (const { id } of gone) {
      memory.contents.delete(id)
      memory.copies.delete(id)
    }
    return
  }
  const tx = db.transaction(['entries', 'contents', 'copies'], 'readwrite')
  const [entries, contents, copies] = [
    tx.objectStore('entries'),
    tx.objectStore('contents'),
    tx.objectStore('copies'),
  ]
  for (const { entry, content, copy } of changed) {
    void entries.put(entry)
    if (content) void contents.put(content)
    if (copy) void copies.put(copy)
  }
  for (const { seq, id } of gone) {
    void entries.delete(seq)
    void contents.delete(id)
    void copies.delete(id)
  }
  await tx.done
}
