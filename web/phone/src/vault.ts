// Who works with this phone, and the keys of what it keeps.
//
// Each person has a key pair. Its secret half lies under his PIN (PBKDF2) and, around that, under a
// key of this phone that no script can read out; so a copied disk is no use, and a PIN can only be
// tried here, where wrong ones cost time. To a person's public half anybody may write: copies of
// what he wrote, his day, and the key of the area's working copy, which all who work with this phone
// share.
import type { User } from '@shared/session.ts'
import { computed, ref, shallowRef } from 'vue'
import { fromBytes, type KeyPair, keyPair, readySeal, seal, toBytes, unseal } from './seal.ts'
import { database, getKey, type Locked, type Profile, putKey, tell } from './store.ts'

export const KEEP_MS = 7 * 24 * 3_600_000
const ROUNDS = 300_000
const FREE_TRIES = 3
/** What each wrong PIN after those costs, in seconds; after the last the PIN is gone. */
const COSTS = [30, 60, 300, 900, 1800, 3600, 3600]

type Bytes = Uint8Array<ArrayBuffer>

export interface Author {
  token: string
  /** Milliseconds of the server's clock. */
  expires: number
}

/** What a person needs to go on without the server. */
export interface PersonState {
  user: User
  author: Author | null
  day: unknown
  drift: number
  /** The kinds of which he has lists (`kinds.ts`). */
  kinds?: unknown
}

export interface Person {
  account: string
  label: string
  login: string
  /** False where too many PINs were wrong: the password then makes a new one. */
  usable: boolean
  notBefore: number
}

export class PinError extends Error {
  /** gone: the password makes a new PIN. stale: right, but the day was thrown away; the server is asked. */
  readonly code: 'wrong' | 'wait' | 'gone' | 'stale'
  /** How many may still be wrong before it costs time. */
  readonly left: number
  readonly until: number

  constructor(code: PinError['code'], left = 0, until = 0) {
    super(code)
    this.name = 'PinError'
    this.code = code
    this.left = left
    this.until = until
  }
}

interface Open {
  account: string
  /** Null for a person without a PIN: what is his is forgotten with the page. */
  keys: KeyPair | null
  pocket: CryptoKey | null
  state: PersonState
}

const profiles = shallowRef<Profile[]>([])
const open = shallowRef<Open | null>(null)

export const people = computed<Person[]>(() =>
  profiles.value.map((one) => ({
    account: one.account,
    label: one.label,
    login: one.login,
    usable: one.wrapped !== null,
    notBefore: one.notBefore,
  })),
)
/** The account that works now. */
export const current = computed(() => open.value?.account ?? null)
export const hasPin = computed(() => open.value?.keys != null)
export const state = (): PersonState | null => open.value?.state ?? null
/** True when what the vault keeps could not be read or written. */
export const broken = ref(false)

/** PINs and keys want a secure address; a page over plain HTTP keeps nothing. */
export const canLock = (): boolean => globalThis.crypto?.subtle !== undefined

/* ---- keys ---- */

const AES = 'AES-GCM'
const IV = 12
const bare = (bytes: Uint8Array): Bytes => new Uint8Array(bytes)

async function encrypt(key: CryptoKey, plain: Uint8Array): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(IV))
  const data = await crypto.subtle.encrypt({ name: AES, iv }, key, bare(plain))
  const out = new Uint8Array(IV + data.byteLength)
  out.set(iv)
  out.set(new Uint8Array(data), IV)
  return out
}
async function decrypt(key: CryptoKey, data: Uint8Array): Promise<Bytes> {
  const iv = bare(data.subarray(0, IV))
  return new Uint8Array(
    await crypto.subtle.decrypt({ name: AES, iv }, key, bare(data.subarray(IV))),
  )
}

let deviceKey: Promise<CryptoKey> | null = null
/** This phone's own key. It never leaves the browser, not even towards this page. */
function phoneKey(): Promise<CryptoKey> {
  deviceKey ??= (async () => {
    const db = await database()
    const made = await crypto.subtle.generateKey({ name: AES, length: 256 }, false, [
      'encrypt',
      'decrypt',
    ])
    if (!db) return made
    // two tabs may come here at once: the first one's stays
    const tx = db.transaction('keys', 'readwrite')
    const kept = (await tx.store.get('phone')) as CryptoKey | undefined
    if (!kept) await tx.store.put(made, 'phone')
    await tx.done
    return kept ?? made
  })()
  return deviceKey
}

async function pinKey(pin: string, salt: Bytes, rounds: number): Promise<CryptoKey> {
  const text = new TextEncoder().encode(pin)
  const raw = await crypto.subtle.importKey('raw', text, 'PBKDF2', false, ['deriveKey'])
  return crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds },
    raw,
    { name: AES, length: 256 },
    false,
    ['encrypt', 'decrypt'],
  )
}
const importPocketKey = (raw: Uint8Array) =>
  crypto.subtle.importKey('raw', bare(raw), AES, false, ['encrypt', 'decrypt'])

export const lockToPhone = async (bytes: Uint8Array): Promise<Bytes> =>
  encrypt(await phoneKey(), bytes)
export const openFromPhone = async (bytes: Uint8Array): Promise<Bytes> =>
  decrypt(await phoneKey(), bytes)

/* ---- the people of this phone ---- */

export async function loadPeople(): Promise<void> {
  profiles.value = (await (await database())?.getAll('profiles')) ?? []
}

async function keep(profile: Profile): Promise<void> {
  await (await database())?.put('profiles', profile)
  profiles.value = [...profiles.value.filter((one) => one.account !== profile.account), profile]
  tell('profiles')
}

const find = (account: string) => profiles.value.find((one) => one.account === account)

/** 王*芳: enough to know oneself by on a phone that several share. */
export function labelOf(name: string): string {
  const letters = [...name]
  if (letters.length < 2) return name
  if (letters.length === 2) return `${letters[0]}*`
  return `${letters[0]}*${letters.at(-1)}`
}

export const isPin = (pin: string): boolean => /^\d{4,8}$/.test(pin)
/** 1111, 1234 and 4321 are what a finder tries first. */
export function isWeakPin(pin: string): boolean {
  const steps = new Set<number>()
  for (let i = 1; i < pin.length; i++) steps.add(Number(pin[i]) - Number(pin[i - 1]))
  return steps.size === 1 && [-1, 0, 1].includes([...steps][0] ?? 9)
}

/** He works with this phone until the page goes, or he sets a PIN. */
export function begin(user: User): PersonState {
  const known = open.value
  if (known?.account === user.id) {
    known.state.user = user
    return known.state
  }
  const fresh: PersonState = { user, author: null, day: null, drift: 0 }
  open.value = { account: user.id, keys: null, pocket: null, state: fresh }
  return fresh
}

/**
 * Gives the person who works now a PIN. The working copy gets a new key, given to everybody who works
 * with this phone; what it holds is written anew by `rewrite`.
 */
export async function setPin(pin: string, rewrite: () => Promise<void>): Promise<void> {
  const now = open.value
  if (!now || !isPin(pin)) throw new PinError('wrong')
  await readySeal()
  const old = now.keys ? find(now.account) : undefined
  const keys = now.keys ?? keyPair()
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const inner = await encrypt(await pinKey(pin, salt, ROUNDS), keys.secret)
  const profile: Profile = {
    account: now.account,
    label: labelOf(now.state.user.name),
    login: now.state.user.login,
    salt,
    rounds: ROUNDS,
    public: bare(keys.public),
    wrapped: await lockToPhone(inner),
    state: bare(seal(toBytes(now.state), keys.public)),
    pocketKey: old?.pocketKey ?? null,
    failures: 0,
    notBefore: 0,
  }
  await keep(profile)
  open.value = { ...now, keys }
  if (!old) await newPocketKey(rewrite)
}

async function newPocketKey(rewrite: () => Promise<void>): Promise<void> {
  const db = await database()
  const raw = crypto.getRandomValues(new Uint8Array(32))
  const tx = db?.transaction(['profiles', 'pocket'], 'readwrite')
  const next = profiles.value.map((one) => ({
    ...one,
    pocketKey: bare(seal(raw, one.public)),
  }))
  for (const one of next) void tx?.objectStore('profiles').put(one)
  void tx?.objectStore('pocket').clear()
  await tx?.done
  profiles.value = next
  const pocket = await importPocketKey(raw)
  raw.fill(0)
  if (open.value?.keys) open.value = { ...open.value, pocket }
  await rewrite()
  tell('profiles')
}

async function tried(profile: Profile, clock: number): Promise<Profile> {
  const failures = profile.failures + 1
  const over = failures - FREE_TRIES
  const cost = over > 0 ? COSTS[over - 1] : 0
  // counted before it is looked at: closing the page takes nothing back
  const next: Profile =
    cost === undefined
      ? { ...profile, failures, wrapped: null }
      : { ...profile, failures, notBefore: clock + cost * 1000 }
  await keep(next)
  return next
}

/** What lies under a person's PIN. Throws a `PinError`. */
async function underPin(account: string, pin: string, clock: number) {
  await readySeal()
  // another tab may have counted a wrong one
  const profile = (await (await database())?.get('profiles', account)) ?? find(account)
  if (!profile?.wrapped) throw new PinError('gone')
  if (profile.notBefore > clock + Math.max(...COSTS) * 1000) profile.notBefore = clock
  if (profile.notBefore > clock) throw new PinError('wait', 0, profile.notBefore)
  const counted = await tried(profile, clock)
  let secret: Uint8Array
  try {
    const inner = await openFromPhone(profile.wrapped)
    secret = await decrypt(await pinKey(pin, profile.salt, profile.rounds), inner)
  } catch {
    if (!counted.wrapped) throw new PinError('gone')
    throw new PinError('wrong', Math.max(0, FREE_TRIES - counted.failures), counted.notBefore)
  }
  await keep({ ...profile, failures: 0, notBefore: 0 })
  const keys = keyPair(secret)
  const fresh = open.value?.account === account ? open.value.state : null
  const kept = fresh ?? (profile.state ? fromBytes<PersonState>(unseal(profile.state, keys)) : null)
  if (!kept) throw new PinError('stale')
  return { profile, keys, fresh, kept }
}

/** Opens a person's part of this phone. Throws a `PinError`. */
export async function unlock(
  account: string,
  pin: string,
  clock = Date.now(),
): Promise<PersonState> {
  const { profile, keys, fresh, kept } = await underPin(account, pin, clock)
  let pocket: CryptoKey | null = null
  if (profile.pocketKey) {
    const raw = unseal(profile.pocketKey, keys)
    pocket = await importPocketKey(raw)
    raw.fill(0)
  }
  open.value = { account, keys, pocket, state: kept }
  if (fresh) await saveState({})
  return kept
}

/**
 * The token that proves who confirms something on a phone at which another works; by his own PIN,
 * and he does not take the phone over. `at` is the server's clock. Throws a `PinError`.
 */
export async function proofOf(
  account: string,
  pin: string,
  at: number,
  clock = Date.now(),
): Promise<string> {
  const { keys, kept } = await underPin(account, pin, clock)
  keys.secret.fill(0)
  if (!kept.author || kept.author.expires <= at) throw new PinError('stale')
  return kept.author.token
}

export function lock(): void {
  open.value?.keys?.secret.fill(0)
  open.value = null
}

/** Keeps what changed of the person who works now. */
export async function saveState(change: Partial<PersonState>): Promise<void> {
  const now = open.value
  if (!now) return
  if (now.keys) await readySeal()
  Object.assign(now.state, change)
  const profile = find(now.account)
  if (!now.keys || !profile) return
  try {
    await keep({ ...profile, state: bare(seal(toBytes(now.state), now.keys.public)) })
    broken.value = false
  } catch {
    broken.value = true
  }
}

export async function forgetPerson(account: string): Promise<void> {
  await (await database())?.delete('profiles', account)
  profiles.value = profiles.value.filter((one) => one.account !== account)
  if (open.value?.account === account) lock()
  tell('profiles')
}

/* ---- what is locked away ---- */

/** For the person who works now; under the phone's key alone where he has no PIN. */
export async function lockAway(bytes: Uint8Array): Promise<Locked> {
  const keys = open.value?.keys
  if (keys) return { by: 'person', data: bare(seal(bytes, keys.public)) }
  if (!canLock()) return { by: 'nobody', data: bare(bytes) }
  return { by: 'phone', data: await lockToPhone(bytes) }
}

/** Null where it is another person's. */
export async function takeOut(locked: Locked): Promise<Uint8Array | null> {
  if (locked.by === 'nobody') return locked.data
  try {
    if (locked.by === 'phone') return await openFromPhone(locked.data)
    const keys = open.value?.keys
    return keys ? unseal(locked.data, keys) : null
  } catch {
    return null
  }
}

/* ---- the working copy's pages ---- */

export const canKeepPocket = (): boolean => open.value?.pocket != null

export async function sealPage(page: unknown): Promise<Bytes | null> {
  const key = open.value?.pocket
  return key ? encrypt(key, toBytes(page)) : null
}
export async function openPage<T>(data: Uint8Array): Promise<T | null> {
  const key = open.value?.pocket
  if (!key) return null
  try {
    return fromBytes<T>(await decrypt(key, data))
  } catch {
    return null
  }
}

/* ---- how long it is kept ---- */

/** The phone's clock, but never earlier than it has been: turning it back keeps nothing longer. */
async function steadyClock(): Promise<number> {
  const highest = Math.max(Date.now(), (await getKey<number>('highest')) ?? 0)
  await putKey('highest', highest)
  return highest
}

/** The working copy is as fresh as it gets: the seven days begin anew. */
export const markFresh = async (): Promise<void> => putKey('fresh', await steadyClock())

/** Throws the working copy and everybody's day away; who works here and the outbox stay. */
export async function wipeWorking(): Promise<void> {
  await (await database())?.clear('pocket')
  await putKey('fresh', undefined)
  for (const one of profiles.value) await keep({ ...one, state: null })
  await saveState({ day: null, author: null, kinds: null })
}

/** True (and everything is wiped) when nothing fresh has come for seven days. */
export async function wipeIfOld(): Promise<boolean> {
  const fresh = await getKey<number>('fresh')
  if (fresh === undefined || (await steadyClock()) - fresh <= KEEP_MS) return false
  await wipeWorking()
  return true
}
