// This phone as the server knows it: its own credential, which outlives log-ins, and the key that the
// outbox is sealed to. It may hand in what was written here and fetch its area's working copy, and
// nothing else. Who wrote something is shown by an author's token, which lies with the person.
import type { Answers } from '@server/types.ts'
import { ApiError, call, type Options, type Query } from '@shared/api.ts'
import { computed, shallowRef } from 'vue'
import { fromBase64url, fromBytes, toBytes } from './seal.ts'
import { getKey, onTold, putKey, tell } from './store.ts'
import { canLock, lockToPhone, openFromPhone, state as personState, saveState } from './vault.ts'

export const RELEASE = '0.1.0'

interface Kept {
  id: string
  name: string
  unit: string
  token: string
  box: string
  /** The server has struck this phone off: it fetches nothing any more and keeps its outbox. */
  revoked: boolean
}

const kept = shallowRef<Kept | null>(null)

export const device = computed(() =>
  kept.value ? { id: kept.value.id, name: kept.value.name, unit: kept.value.unit } : null,
)
/** The server takes what this phone hands in, even when it was struck off. */
export const mayHandIn = computed(() => kept.value !== null)
/** The server takes this phone's word. */
export const registered = computed(() => kept.value !== null && !kept.value.revoked)
export const revoked = computed(() => kept.value?.revoked === true)

let box: { text: string; key: Uint8Array } | null = null
/** The server's public half; null before the first registration. */
export function boxKey(): Uint8Array | null {
  const text = kept.value?.box
  if (!text) return null
  if (box?.text !== text) box = { text, key: fromBase64url(text) }
  return box.key
}

async function keep(value: Kept | null): Promise<void> {
  kept.value = value
  await putKey('device', value ? await lockToPhone(toBytes(value)) : undefined)
  tell('device')
}

export async function loadDevice(): Promise<void> {
  if (!canLock()) return
  const bytes = await getKey<Uint8Array>('device')
  if (!bytes) return
  try {
    kept.value = fromBytes<Kept>(await openFromPhone(bytes))
  } catch {
    // the phone's key is gone (site data partly cleared): it registers anew
    kept.value = null
  }
}
onTold('device', () => void loadDevice())

/** What a list of phones shows before somebody gives this one a better name. */
export function nameOf(agent = navigator.userAgent): string {
  const model = agent.match(/Android [^;)]*; ([^;)]+)/)?.[1]?.replace(/ Build.*/, '')
  const system = /Android/.test(agent)
    ? 'Android'
    : /iPhone|iPad/.test(agent)
      ? 'iPhone'
      : (agent.match(/Windows|Mac OS|Linux/)?.[0] ?? 'Phone')
  return model && model !== 'K' ? `${system} ${model}`.slice(0, 60) : system
}

type Registration = Answers['post /api/v1/devices/register']

/** The person who has just logged in makes this phone known. */
export async function register(post?: string): Promise<void> {
  if (!canLock() || registered.value) return
  const body = { name: nameOf(), app_version: RELEASE, ...(post ? { post } : {}) }
  const { data } = await call<Registration>('POST', 'devices/register', { body })
  await keep({
    id: data.device.id,
    name: body.name,
    unit: data.unit?.code ?? '',
    token: data.token,
    box: data.box_key,
    revoked: false,
  })
}

type AuthorAnswer = Answers['post /api/v1/devices/:id/authors']

/** A new proof of who writes, for the person who is logged in. */
export async function renewAuthor(): Promise<void> {
  const own = kept.value
  if (!own || own.revoked) return
  const { data } = await call<AuthorAnswer>('POST', `devices/${own.id}/authors`, {
    headers: { 'X-Device': own.token },
  })
  await saveState({ author: { token: data.author, expires: Date.parse(data.expires_at) } })
}

/** The proof that goes with what is written now; null where there is none, or it has run out. */
export function author(at: number): string | null {
  const mine = personState()?.author
  return mine && mine.expires > at ? mine.token : null
}

type Ended = () => Promise<void>
let whenRevoked: Ended = async () => {}
/** Called once when the server has struck this phone off. */
export const onRevoked = (handler: Ended) => {
  whenRevoked = handler
}

/** A request with this phone's own credential. */
export async function asDevice<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const own = kept.value
  // a phone that was struck off may still hand in what it has: the server sets it aside
  if (!own || (own.revoked && path !== 'batch'))
    throw new ApiError({ title: 'This phone is not registered', status: 401, code: 'no_device' })
  try {
    return (await call<T>(method, path, { ...options, device: own.token })).data
  } catch (error) {
    if (error instanceof ApiError && error.code === 'device_revoked' && !own.revoked) {
      await keep({ ...own, revoked: true })
      await whenRevoked()
    }
    throw error
  }
}
export const fetchAsDevice = <T>(path: string, query?: Query): Promise<T> =>
  asDevice<T>('GET', path, query ? { query } : {})
