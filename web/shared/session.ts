// Who is logged in. The cookie is the browser's; what is kept here is gone with the page, and a
// reload asks the server again.
import type { Session, UnitRef as Unit, User } from '@server/types.ts'
import { reactive } from 'vue'
import { ApiError, call, del, onUnauthorized, post, setCsrf, setLinked } from './api.ts'
import { lang, langChosen } from './i18n.ts'

/** One that was picked from a list of units brings its kind along. */
export type UnitRef = Unit & { kind?: string }
export type { User }
export type SessionAnswer = Session

export const session = reactive({
  user: null as User | null,
  /** True once the server has said whether there is a session. */
  known: false,
  /** True when a session ended by itself, so that the log-in page can say so. */
  ended: false,
  /** False where somebody works here whom this machine vouches for: the server knows no session. */
  linked: false,
})

function take(answer: SessionAnswer): User {
  setCsrf(answer.csrf)
  setLinked(true)
  session.linked = true
  session.user = answer.user
  session.known = true
  session.ended = false
  if (!langChosen() && answer.user.language)
    lang.value = /^en/.test(answer.user.language) ? 'en' : 'zh'
  return answer.user
}

function forget(ended: boolean): void {
  setCsrf('')
  // Several requests may learn of it; only the first still knows that somebody was there.
  if (!ended) session.ended = false
  else if (session.user) session.ended = true
  session.user = null
  session.linked = false
  session.known = true
}

/** Whether the machine itself vouches for who works here: the end of a session then ends nothing. */
const vouched = { on: false }
onUnauthorized(() => {
  if (!vouched.on || !session.user) forget(true)
  else unlink()
})

function unlink(): void {
  setCsrf('')
  setLinked(false)
  session.linked = false
}

export const vouch = (on: boolean) => {
  vouched.on = on
}

/** Somebody works here without a session: he has shown the machine itself who he is. */
export function assume(user: User): void {
  unlink()
  session.user = user
  session.known = true
  session.ended = false
}

/** Nobody works here any more; a session that there may be is left alone, and not used. */
export function leave(): void {
  forget(false)
  setLinked(false)
}

/** Takes up the browser's session where it is this person's; another's is not touched. */
export async function link(user: User): Promise<boolean> {
  try {
    const { data } = await call<SessionAnswer>('GET', 'sessions/current', { cookie: true })
    if (data.user.id !== user.id || session.user?.id !== user.id) return false
    take(data)
    return true
  } catch (error) {
    if (error instanceof ApiError) return false
    throw error
  }
}

export async function restore(): Promise<User | null> {
  try {
    return take((await call<SessionAnswer>('GET', 'sessions/current', { cookie: true })).data)
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      forget(false)
      return null
    }
    throw error
  }
}

export async function login(name: string, password: string): Promise<User> {
  return take(await post<SessionAnswer>('sessions', { login: name, password }))
}

export async function acceptInvitation(
  code: string,
  password: string,
  name?: string,
): Promise<User> {
  return take(
    await post<SessionAnswer>('invitations/accept', {
      code,
      password,
      ...(name ? { login: name } : {}),
    }),
  )
}

export async function logout(): Promise<void> {
  try {
    await del('sessions/current')
  } finally {
    forget(false)
  }
}

export async function changePassword(old: string, next: string): Promise<void> {
  await post('sessions/current/password', { old, new: next })
  if (session.user) session.user.must_change_password = false
}
