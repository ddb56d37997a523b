// A server for the unit tests of the phone: opens sealed items, remembers what it acknowledged, can be
// cut off, lose its answers, refuse, and strike a phone off.
import { type KeyPair, keyPair, unseal } from '../../phone/src/box.ts'
import { fromBase64url, fromBytes, toBase64url } from '../../phone/src/seal.ts'

type Body = Record<string, unknown>
export interface Request {
  path: string
  as: 'session' | 'device' | 'nobody'
  body: Body | null
  headers: Record<string, string>
}

interface SealedItem {
  method: string
  path: string
  body: Body
  saw?: Body
  author: string
  at: number
}

export class Server {
  up = true
  loseAnswers = 0
  cookie: string | null = null
  devices = new Map<string, { token: string; revoked: boolean }>()
  authors = new Map<string, string>()
  requests: Request[] = []
  /** What was acknowledged, in the order of its arrival. */
  records = new Map<string, { path: string; body: Body; saw?: unknown; by: string; seq: unknown }>()
  pages: Body[] = []
  users: Record<string, { id: string; name: string; login: string }> = {
    me: { id: 'me', name: '王小芳', login: 'me' },
    other: { id: 'other', name: '李明', login: 'other' },
  }
  readonly box: KeyPair = keyPair()
  status: (body: Body) => number = () => 201

  reset(): void {
    Object.assign(this, { up: true, loseAnswers: 0, cookie: null, requests: [], pages: [] })
    this.status = () => 201
    for (const map of [this.devices, this.authors, this.records]) map.clear()
  }

  batches(): Request[] {
    return this.requests.filter((request) => request.path === 'batch')
  }

  private item(raw: Body, by: string, gone: boolean): Body {
    const id = String(raw.id)
    let path = String(raw.path)
    let body = (raw.body ?? {}) as Body
    let saw = raw.saw
    let who = by
    if (raw.sealed) {
      try {
        const item = fromBytes<SealedItem>(unseal(fromBase64url(String(raw.sealed)), this.box))
        path = item.path
        body = item.body
        saw = item.saw
        who = this.authors.get(item.author) ?? ''
      } catch {
        return { id, status: 422, body: { title: 'no', status: 422, code: 'unreadable' } }
      }
      if (!who || gone) return { id, status: 202, body: { code: 'quarantined' } }
    }
    const known = this.records.has(id)
    const status = known ? 200 : this.status(body)
    if (status < 300 && !known) this.records.set(id, { path, body, saw, by: who, seq: raw.seq })
    const problem = {
      title: 'no',
      status,
      code: 'invalid',
      problems: [{ field: 'door', code: 'odd' }],
    }
    return { id, status, body: status < 300 ? { id } : problem }
  }

  private route(
    method: string,
    path: string,
    as: Request['as'],
    by: string,
    body: Body | null,
    gone: boolean,
  ) {
    const user = this.cookie ? this.users[this.cookie] : undefined
    if (path === 'sessions' && method === 'POST') {
      this.cookie = String(body?.login)
      return [201, { csrf: 'c', user: this.users[this.cookie] }] as const
    }
    if (as === 'nobody')
      return [401, { title: 'no', status: 401, code: 'unauthenticated' }] as const
    if (path === 'sessions/current')
      return method === 'DELETE' ? ([204, null] as const) : ([200, { csrf: 'c', user }] as const)
    if (path === 'devices/register') {
      const id = `device-${this.devices.size + 1}`
      this.devices.set(id, { token: `token-${id}`, revoked: false })
      const unit = { code: '110106013010' }
      const box_key = toBase64url(this.box.public)
      return [201, { device: { id }, token: `token-${id}`, box_key, unit }] as const
    }
    if (/^devices\/[^/]+\/authors$/.test(path)) {
      const author = `author-${this.authors.size + 1}`
      this.authors.set(author, by)
      return [201, { author, expires_at: '2099-01-01T00:00:00Z' }] as const
    }
    if (/^fire-hazards\/[^/]+\/[a-z_]+$/.test(path))
      return [200, { rev: Number(body?.rev) + 1, state: 'found' }] as const
    if (path === 'photos') return [201, { id: 'photo-1' }] as const
    if (path === 'batch') {
      const items = (body?.items ?? []) as Body[]
      return [200, { items: items.map((item) => this.item(item, by, gone)) }] as const
    }
    if (path === 'me/day')
      return [
        200,
        {
          now: new Date().toISOString(),
          today: '2026-01-01',
          user,
          operation: null,
          may: { sign_in: true, on_behalf: false, gate: true },
          policy: {},
          assignments: [],
          gates: [],
        },
      ] as const
    if (path === 'changes') {
      const page = this.pages.shift()
      return [200, page ?? { tables: [], next: 'end', more: false, now: Date.now() }] as const
    }
    if (path === 'pass-keys/current') return [200, { items: [] }] as const
    if (path === 'device/day') return [200, {}] as const
    return [404, { title: 'no', status: 404, code: 'not_found' }] as const
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    if (!this.up) throw new TypeError('failed to fetch')
    const path = (url.replace('/api/v1/', '').split('?')[0] ?? '').toString()
    const headers = init.headers as Record<string, string>
    const token = headers.Authorization?.replace('Device ', '')
    const device = [...this.devices.values()].find((one) => one.token === token)
    const cookie = init.credentials === 'same-origin' ? this.cookie : null
    const as = token ? 'device' : cookie ? 'session' : 'nobody'
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as Body) : null
    this.requests.push({ path, as, body, headers })
    const [status, answer] =
      device?.revoked && path !== 'batch'
        ? ([401, { title: 'off', status: 401, code: 'device_revoked' }] as const)
        : this.route(
            String(init.method),
            path,
            as,
            device ? '' : (cookie ?? ''),
            body,
            device?.revoked === true,
          )
    if (path === 'batch' && this.loseAnswers > 0) {
      this.loseAnswers--
      throw new TypeError('failed to fetch')
    }
    return new Response(status === 204 ? null : JSON.stringify(answer), {
      status,
      headers: { 'Content-Type': 'application/json' },
    })
  }
}
