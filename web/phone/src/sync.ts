// Fetching the working copy: the area's changes by cursor, the keys that passes are checked with, the
// roster of the next days. At the start, every minute while the page is in front, and when asked.
import type { Answers, DeviceDay } from '@server/types.ts'
import { ApiError, get } from '@shared/api.ts'
import { session } from '@shared/session.ts'
import { ref } from 'vue'
import { heardClock } from './clock.ts'
import { refreshDay } from './day.ts'
import { device, fetchAsDevice, registered } from './device.ts'
import { append, cursorNow, midFull, namesNow } from './journal.ts'
import { flush, onSettled } from './queue.ts'
import { type ChangeRows, contentOf } from './rows.ts'
import { fromBase64url } from './seal.ts'
import { alone } from './store.ts'
import { current, markFresh } from './vault.ts'

const EVERY_MS = 60_000
const DAY_EVERY_MS = 600_000

export const pulling = ref(false)
/** Why the last pull failed; null when it did not. */
export const pullError = ref<unknown>(null)
let dayAt = 0

/** Of a phone's day, or of whoever is logged in. */
type PassKeys = Partial<Pick<DeviceDay, 'pass_keys'> & Answers['get /api/v1/pass-keys/current']>
async function takeKeys(answer: PassKeys): Promise<boolean> {
  const list = answer.pass_keys ?? answer.keys ?? []
  if (list.length === 0) return false
  const keys = list.map(({ id, key }) => ({ id, key: fromBase64url(key) }))
  await append({ fill: { keys } })
  return true
}

/** The day's roster and the keys that passes are checked with. A server of the release before this one
 *  gives a phone neither; the person who is logged in is given the keys. */
async function pullDay(): Promise<void> {
  if (Date.now() - dayAt < DAY_EVERY_MS) return
  let found = false
  try {
    const roster = await fetchAsDevice<PassKeys>('device/day')
    await append({ roster })
    refreshDay()
    found = await takeKeys(roster)
  } catch (error) {
    if (!(error instanceof ApiError && [403, 404].includes(error.status))) throw error
  }
  if (!found && session.linked)
    found = await get<PassKeys>('pass-keys/current').then(takeKeys, () => false)
  if (found) dayAt = Date.now()
}

async function pullChanges(unit: string): Promise<void> {
  for (let more = true; more; ) {
    const after = cursorNow()
    const answer = await fetchAsDevice<ChangeRows>('changes', { unit, form: 'rows', after })
    // somebody's shift has changed: the roster is asked for with this pull
    if (answer.tables.some((one) => one.kind === 'assignments' && !answer.full)) dayAt = 0
    const at = answer.now_ms ?? Date.parse(String(answer.now))
    // the server may begin anew: after a restored backup, or when it has more to tell of each record
    const reset = answer.full && !midFull()
    const { fill, gone, names } = contentOf(answer.tables, reset ? {} : namesNow())
    const empty = !reset && answer.tables.every((one) => !one.rows.length && !one.gone?.length)
    const page = {
      fill: { ...fill, at },
      gone,
      names,
      cursor: answer.next,
      mid: answer.full && answer.more,
    }
    // an empty answer is not worth a page on the disk: asked again, it costs no more
    await append(reset ? { ...page, reset } : page, !empty)
    heardClock(at)
    more = answer.more && answer.next !== after
  }
}

async function work(): Promise<boolean> {
  const unit = device.value?.unit
  if (!unit) return false
  await pullChanges(unit)
  await pullDay()
  await markFresh()
  return true
}

let running: Promise<void> | null = null
/** Brings the working copy up to date. Never throws; what went wrong is in `pullError`. */
export function pull(): Promise<void> {
  running ??= (async () => {
    pulling.value = true
    try {
      if (registered.value && current.value) {
        await alone('pull', work, false)
      }
      pullError.value = null
    } catch (error) {
      pullError.value = error
    }
    pulling.value = false
    running = null
  })()
  return running
}

/** Both ways at once, as a person asks for it. */
export const syncNow = async (): Promise<void> => {
  dayAt = 0
  await Promise.all([flush(), pull()])
}

/** The keys are asked for at the next pull: a pass named one that is not known here. */
export const askForKeys = (): void => {
  dayAt = 0
}

let timer: ReturnType<typeof setInterval> | undefined
export function startSync(): void {
  clearInterval(timer)
  dayAt = 0
  timer = setInterval(() => {
    if (document.visibilityState === 'visible') void pull()
  }, EVERY_MS)
  void pull()
}
// a sign-in that has arrived: where its person stands is the server's to say
onSettled((entries) => {
  if (!entries.some((entry) => entry.path === 'sign-ins')) return
  dayAt = 0
  void pull()
})
export function stopSync(): void {
  clearInterval(timer)
}
if (typeof window !== 'undefined') {
  window.addEventListener('online', () => void pull())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void pull()
  })
}
