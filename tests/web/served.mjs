// A server that a test starts, kills and starts again, and what it asks it. Wants SHOUWANG_RELEASE
// and PLACE (options of an installation with the model case); BASE says where it listens.
import { spawn } from 'node:child_process'
import { base, check, password } from './browser.mjs'

const PATIENCE = 30_000
let server = null

export async function start() {
  const options = JSON.parse(process.env.PLACE)
  server = spawn(process.env.SHOUWANG_RELEASE, ['serve', ...options, '--listen', new URL(base).host], {
    stdio: 'ignore',
  })
  await eventually(async () => (await fetch(`${base}/readyz`)).status === 200, 'the server is ready')
}
export async function kill(signal = 'SIGKILL') {
  const gone = new Promise((resolve) => server.once('exit', resolve))
  server.kill(signal)
  await gone
  server = null
}
process.on('exit', () => server?.kill())

/** What `what` gives as soon as it is something; a failure of `what` is only not yet. */
export async function eventually(what, name, patience = PATIENCE) {
  const end = Date.now() + patience
  for (;;) {
    const value = await what().catch(() => null)
    if (value) return value
    check(Date.now() < end, `${name}: not within ${patience / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

export async function api(token, path, body) {
  const response = await fetch(`${base}/api/v1/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      'Content-Type': 'application/json',
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const answer = await response.json()
  check(response.ok, `${path}: ${response.status} ${JSON.stringify(answer).slice(0, 300)}`)
  return answer
}
export const signIn = async (login) => (await api(null, 'sessions', { login, password })).token

/** Every record of a list, page after page. */
export async function all(token, list) {
  const rows = []
  let after = ''
  do {
    const page = await api(token, `${list}${list.includes('?') ? '&' : '?'}limit=500${after}`)
    rows.push(...page.items)
    after = page.next ? `&after=${encodeURIComponent(page.next)}` : ''
  } while (after)
  return rows
}
