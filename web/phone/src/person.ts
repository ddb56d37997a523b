// Who works with this phone: by log-in, by PIN, by neither. The one place where session, vault, working
// copy and outbox are brought to the same person.
import { ApiError } from '@shared/api.ts'
import { recall, remember } from '@shared/remember.ts'
import { assume, leave, link, login, session, type User, vouch } from '@shared/session.ts'
import { ref } from 'vue'
import { now } from './clock.ts'
import { day, forgetDay, loadDay, recallDay } from './day.ts'
import { loadDevice, onRevoked, register, registered, renewAuthor } from './device.ts'
import { closeJournal, readOn, rewrite } from './journal.ts'
import { forgetKinds, loadKinds, recallKinds } from './kinds.ts'
import { persist } from './pwa.ts'
import { noteWaiting, useAccount } from './queue.ts'
import { readySeal } from './seal.ts'
import { onTold } from './store.ts'
import { startSync, stopSync } from './sync.ts'
import {
  begin,
  canLock,
  current,
  hasPin,
  loadPeople,
  lock,
  people,
  setPin as putPin,
  state,
  unlock,
  wipeIfOld,
  wipeWorking,
} from './vault.ts'

const RENEW_MS = 4 * 24 * 3_600_000
/** An unused phone locks itself; what was typed into a form until then is gone. */
const IDLE_MS = 30 * 60_000

/** True where what the phone kept was thrown away for its age. */
export const expired = ref(false)
/** Who has said today that he wants no PIN. */
const declined = new Set<string>()

/** Reads what this phone knows of itself. True where somebody may come in by PIN. */
export async function wakeUp(): Promise<boolean> {
  // fetched while the first page is looked at; without a network the phone has it
  void readySeal().catch(() => undefined)
  await loadDevice()
  await loadPeople()
  expired.value = await wipeIfOld()
  onTold('profiles', () => void loadPeople())
  onRevoked(strikeOff)
  // what is sealed goes without anybody having to come in
  void useAccount(null)
  return canLock() && people.value.length > 0
}

async function strikeOff(): Promise<void> {
  await wipeWorking()
  closeJournal()
}

/** Gets a proof of who writes; without one the entries wait for the log-in, as they are. */
async function prove(): Promise<void> {
  try {
    await register()
    const left = (state()?.author?.expires ?? 0) - now().getTime()
    if (registered.value && left < RENEW_MS) await renewAuthor()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  }
}

async function moveIn(): Promise<void> {
  vouch(hasPin.value)
  await readOn()
  await useAccount(current.value)
  noteWaiting(now().getTime())
  startSync()
}

/** Somebody has a session: after a log-in, or from before. */
export async function welcome(user: User): Promise<void> {
  if (current.value !== user.id) closeJournal()
  begin(user)
  await loadDay()
  // a server of the release before this one has no lists for a phone
  await loadKinds().catch(forgetKinds)
  await prove()
  await moveIn()
}

export type Next = 'home' | 'pin' | 'setup'

/** Logs in by password; says what comes next. */
export async function signIn(name: string, password: string): Promise<Next> {
  const user = await login(name, password)
  declined.delete(user.id)
  await welcome(user)
  expired.value = false
  return nextFor(user)
}
export function nextFor(user: User): Next {
  if (!canLock() || hasPin.value) return 'home'
  if (people.value.some((one) => one.account === user.id && one.usable)) return 'pin'
  return registered.value && !declined.has(user.id) ? 'setup' : 'home'
}
/** Asked again at the next log-in, not at each beginning of the page. */
export function decline(): void {
  if (current.value) declined.add(current.value)
  remember('no-pin', '1')
}
export const hasDeclined = (): boolean => recall('no-pin') === '1'

/** Comes in by PIN, with or without a network. Throws a `PinError`. */
export async function comeIn(account: string, pin: string): Promise<void> {
  const fresh = current.value === account && session.linked
  const { user } = await unlock(account, pin)
  if (!fresh) {
    closeJournal()
    assume(user)
    await readOn()
    if (!recallDay()) day.value = null
    recallKinds()
  }
  await moveIn()
  if (fresh) return
  void link(user)
    .then((linked) => (linked ? Promise.all([loadDay(), loadKinds(), prove()]) : null))
    .catch(() => undefined)
}

export async function setPin(pin: string): Promise<void> {
  await putPin(pin, rewrite)
  remember('no-pin', null)
  vouch(true)
  void persist()
}

/** Nobody works here now; the next one comes in by PIN. */
export function stepOut(): void {
  stopSync()
  vouch(false)
  lock()
  closeJournal()
  forgetDay()
  forgetKinds()
  leave()
  void useAccount(null)
}

if (typeof window !== 'undefined') {
  let touched = Date.now()
  const touch = () => {
    touched = Date.now()
  }
  for (const type of ['pointerdown', 'keydown']) window.addEventListener(type, touch, true)
  const look = () => {
    if (hasPin.value && Date.now() - touched > IDLE_MS) stepOut()
  }
  setInterval(look, 60_000)
  document.addEventListener('visibilitychange', look)
}
