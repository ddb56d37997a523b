import 'fake-indexeddb/auto'
import { setCsrf } from '@shared/api.ts'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Entry } from './queue.ts'

type Queue = typeof import('./queue.ts')

/** A server that can be cut off, and remembers what it acknowledged. */
const server = {
  up: true,
  requests: [] as { path: string; body: Record<string, unknown> | null }[],
  records: new Map<string, unknown>(),
  status: (_body: Record<string, unknown>) => 201,
  loseAnswers: 0,
}

function answerOne(body: Record<string, unknown>) {
  const status = server.status(body)
  if (status < 300) server.records.set(String(body.id), body)
  return { status, body: status < 300 ? { id: body.id } : { title: 'no', status, code: 'invalid' } }
}

async function serve(url: string, init: RequestInit): Promise<Response> {
  if (!server.up) throw new TypeError('failed to fetch')
  const path = url.replace('/api/v1/', '')
  const json = (status: number, body: unknown) =>
    new Response(JSON.stringify(body), {
      status,
      headers: { 'Content-Type': 'application/json' },
    })
  if (init.body instanceof Blob) {
    server.requests.push({ path, body: null })
    return json(201, { id: 'photo-1' })
  }
  const body = JSON.parse(String(init.body)) as Record<string, unknown>
  server.requests.push({ path, body })
  const answer =
    path === 'batch'
      ? {
          status: 200,
          body: {
            items: (body.items as { id: string; body: Record<string, unknown> }[]).map((item) => ({
              id: item.id,
              ...answerOne({ ...item.body, id: item.id }),
            })),
          },
        }
      : answerOne(body)
  if (server.loseAnswers > 0) {
    server.loseAnswers--
    throw new TypeError('failed to fetch')
  }
  return json(answer.status, answer.body)
}

const at = new Date('2020-05-08T09:30:00Z')
const event = (more: Record<string, unknown> = {}) => ({
  path: 'gate-events' as const,
  body: { post: 'p', direction: 'in', outcome: 'admitted', ...more },
  at,
})

/** As after a reload: the module anew, the store as it was. */
async function fresh(account: string | null = 'me'): Promise<Queue> {
  vi.resetModules()
  const queue = await import('./queue.ts')
  await queue.useAccount(account)
  return queue
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  Object.assign(server, { up: true, requests: [], loseAnswers: 0, status: () => 201 })
  server.records.clear()
  vi.stubGlobal('fetch', serve)
  setCsrf('token')
})
afterEach(() => vi.unstubAllGlobals())

describe('the queue', () => {
  it('sends at once and forgets what is acknowledged', async () => {
    const queue = await fresh()
    const entry = await queue.write(event())
    await queue.flush()
    expect(server.records.has(entry.id)).toBe(true)
    expect(queue.pending.value).toHaveLength(0)
    expect((await fresh()).pending.value).toHaveLength(0)
  })

  it('loses nothing while the server is away, not even over a reload', async () => {
    server.up = false
    let queue = await fresh()
    const ids = []
    for (let i = 0; i < 7; i++) ids.push((await queue.write(event({ door: String(i) }))).id)
    await queue.flush()
    expect(queue.pending.value).toHaveLength(7)
    expect(queue.unreachable.value).toBe(true)
    queue = await fresh()
    expect(queue.pending.value.map((entry) => entry.id)).toEqual([...ids].sort())
    server.up = true
    await queue.flush()
    expect(queue.pending.value).toHaveLength(0)
    expect([...server.records.keys()].sort()).toEqual([...ids].sort())
    expect(server.requests.filter((request) => request.path === 'batch')).toHaveLength(1)
  })

  it('repeats under the same id when an answer was lost', async () => {
    const queue = await fresh()
    server.loseAnswers = 1
    const entry = await queue.write(event())
    // the answer to the first request is lost; whoever asks meanwhile gets another run after it
    await queue.flush()
    expect(queue.pending.value).toHaveLength(0)
    expect(server.requests.map((request) => request.body?.id)).toEqual([entry.id, entry.id])
    expect(server.records.size).toBe(1)
  })

  it('keeps what is refused for a person to look at, and goes on with the rest', async () => {
    server.up = false
    const queue = await fresh()
    const bad = await queue.write(event({ door: 'bad' }))
    await queue.write(event({ door: 'good' }))
    server.up = true
    server.status = (body) => (body.door === 'bad' ? 422 : 201)
    await queue.flush()
    expect(queue.pending.value).toHaveLength(0)
    expect(queue.refused.value.map((entry) => entry.id)).toEqual([bad.id])
    server.status = () => 201
    await queue.retry(bad.id)
    expect(queue.refused.value).toHaveLength(0)
    expect(server.records.size).toBe(2)
  })

  it('throws away only what a person throws away', async () => {
    const queue = await fresh()
    server.status = () => 422
    const entry = await queue.write(event())
    await queue.flush()
    await queue.discard(entry.id)
    expect(queue.refused.value).toHaveLength(0)
    expect((await fresh()).refused.value).toHaveLength(0)
  })

  it('takes trouble of the server for trouble, not for a no', async () => {
    const queue = await fresh()
    for (const status of [503, 500, 429, 401]) {
      server.status = () => status
      await queue.write(event())
      await queue.flush()
    }
    expect(queue.refused.value).toHaveLength(0)
    expect(queue.pending.value).toHaveLength(4)
  })

  it("never sends one account's events under another", async () => {
    server.up = false
    let queue = await fresh('me')
    await queue.write(event())
    await queue.flush()
    server.up = true
    queue = await fresh('other')
    await queue.flush()
    expect(server.records.size).toBe(0)
    expect(queue.pending.value).toHaveLength(0)
    expect(queue.foreign.value).toBe(1)
    await queue.useAccount('me')
    await queue.flush()
    expect(server.records.size).toBe(1)
  })

  it('sends a photo first and its number with the event, once', async () => {
    const queue = await fresh()
    server.status = () => 503
    const photo = new Blob(['jpeg'], { type: 'image/jpeg' })
    await queue.write({ path: 'sign-ins', body: { assignment: 'a', phase: 'in' }, at, photo })
    await queue.flush()
    server.status = () => 201
    await queue.flush()
    expect(server.requests.filter((request) => request.path === 'photos')).toHaveLength(1)
    expect([...server.records.values()]).toMatchObject([{ assignment: 'a', photo: 'photo-1' }])
  })
})

describe('what goes together', () => {
  const entry = (id: string, body: Record<string, unknown> = {}): Entry => ({
    id,
    path: 'gate-events',
    body,
    account: 'me',
    at: 0,
  })
  it('is never an event with its own correction', async () => {
    const { nextBatch } = await fresh()
    const rows = [entry('1'), entry('2'), entry('3', { corrects: '1' }), entry('4')]
    expect(nextBatch(rows).map((row) => row.id)).toEqual(['1', '2'])
    expect(nextBatch(rows.slice(2)).map((row) => row.id)).toEqual(['3', '4'])
  })
  it('is never the sign-in with the sign-out of one shift', async () => {
    const { nextBatch } = await fresh()
    const rows = [entry('1', { assignment: 'a' }), entry('2', { assignment: 'b' })]
    expect(nextBatch([...rows, entry('3', { assignment: 'a' })])).toHaveLength(2)
  })
  it('has a limit, and a photo goes alone', async () => {
    const { nextBatch } = await fresh()
    const rows = Array.from({ length: 60 }, (_, i) => entry(String(i)))
    expect(nextBatch(rows)).toHaveLength(50)
    const withPhoto = { ...entry('p'), photo: new Blob(['x']) }
    expect(nextBatch([entry('1'), withPhoto])).toHaveLength(1)
    expect(nextBatch([withPhoto, entry('1')])).toHaveLength(1)
  })
})
