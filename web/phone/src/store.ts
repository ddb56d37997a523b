// What this phone keeps, in one IndexedDB. Nothing in it is readable without the keys of `vault.ts`,
// but for what a screen needs to count and order the outbox: no names, no doors, no plates.
import type { ProblemDocument } from '@shared/api.ts'
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

export type EventPath =
  | 'gate-events'
  | 'sign-ins'
  | 'visitors'
  | 'handovers'
  | `visitors/${string}/leave`
  | `visitors/${string}/take_back`
  /** An action of a record that stands in one of the lists. */
  | `${string}/${string}/${string}`

/** What waits in the outbox, as far as a screen shows it. */
export interface Entry {
  /** The record's own id, made here. */
  id: string
  /** Counts up on this phone: what is written later is sent later. */
  seq: number
  path: EventPath
  /** What the screens count by; with names only while the page lives that wrote it. */
  body: Record<string, unknown>
  /** Whose account wrote it. */
  account: string
  /** When it was written, milliseconds of the server's clock. */
  at: number
  /** sealed: this phone may send it at any time. plain, held: it goes with its author's log-in; held
   *  has a photo that goes first. */
  form: 'sealed' | 'plain' | 'held'
  /** Which registration of this phone its seal belongs to. */
  device?: string
  /** Set when the server has refused it for good. */
  refused?: ProblemDocument
}

/** Bytes that only a person's key opens, or (where he has no PIN) this phone's own; as they are where
 *  the browser has no keys to give. */
export interface Locked {
  by: 'person' | 'phone' | 'nobody'
  data: Uint8Array<ArrayBuffer>
}

export interface Content {
  id: string
  sealed?: Uint8Array<ArrayBuffer>
  locked?: Locked
}

export interface Profile {
  account: string
  /** Shown where one chooses who one is: the middle of the name left out. */
  label: string
  login: string
  salt: Uint8Array<ArrayBuffer>
  rounds: number
  public: Uint8Array<ArrayBuffer>
  /** The secret half under the PIN and this phone's key; null once too many PINs were wrong. */
  wrapped: Uint8Array<ArrayBuffer> | null
  state: Uint8Array<ArrayBuffer> | null
  pocketKey: Uint8Array<ArrayBuffer> | null
  failures: number
  /** No PIN is looked at before this moment of the phone's clock. */
  notBefore: number
}

interface Schema extends DBSchema {
  keys: { key: string; value: unknown }
  profiles: { key: string; value: Profile }
  entries: { key: number; value: Entry; indexes: { id: string } }
  contents: { key: string; value: Content }
  copies: { key: string; value: { id: string; locked: Locked } }
  pocket: { key: number; value: Uint8Array<ArrayBuffer> }
}
export type Database = IDBPDatabase<Schema>
export const STORES = ['keys', 'profiles', 'entries', 'contents', 'copies', 'pocket'] as const

let opened: Promise<Database | null> | null = null

/** Null where the browser refuses to keep anything (private mode). */
export function database(): Promise<Database | null> {
  opened ??= openDB<Schema>('shouwang', 1, {
    upgrade: (db) => {
      db.createObjectStore('keys')
      db.createObjectStore('profiles', { keyPath: 'account' })
      db.createObjectStore('entries', { keyPath: 'seq' }).createIndex('id', 'id', { unique: true })
      db.createObjectStore('contents', { keyPath: 'id' })
      db.createObjectStore('copies', { keyPath: 'id' })
      db.createObjectStore('pocket', { autoIncrement: true })
    },
    terminated: () => {
      opened = null
    },
  }).catch(() => null)
  return opened
}

export async function getKey<T>(name: string): Promise<T | undefined> {
  return (await (await database())?.get('keys', name)) as T | undefined
}
export async function putKey(name: string, value: unknown): Promise<void> {
  const db = await database()
  if (value === undefined) await db?.delete('keys', name)
  else await db?.put('keys', value, name)
}

/** The disk is full, or the browser gives this page no more of it. */
export const isFull = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'QuotaExceededError'

/* ---- more than one tab ---- */

type Message = 'outbox' | 'pocket' | 'profiles' | 'device'
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('shouwang')
const heard = new Map<Message, Set<() => void>>()
if (channel)
  channel.onmessage = (event: MessageEvent<Message>) => {
    for (const listener of heard.get(event.data) ?? []) listener()
  }

/** Tells the other tabs that something of theirs has changed. */
export const tell = (what: Message): void => channel?.postMessage(what)
export function onTold(what: Message, listener: () => void): void {
  const there = heard.get(what)
  if (there) there.add(listener)
  else heard.set(what, new Set([listener]))
}

/** Runs `work` in one tab at a time; where another has it, `busy` is answered at once. */
export async function alone<T>(name: string, work: () => Promise<T>, busy: T): Promise<T> {
  if (!navigator.locks) return work()
  return (await navigator.locks.request(`shouwang-${name}`, { ifAvailable: true }, (lock) =>
    lock ? work() : Promise.resolve(busy),
  )) as T
}
