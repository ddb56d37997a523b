import 'fake-indexeddb/auto'
import { setCsrf } from '@shared/api.ts'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Server } from '../../tests/unit/server.ts'
import type { Entry } from './store.ts'

const server = new Server()
const at = new Date('2020-05-08T09:30:00Z')
const event = (more: Record<string, unknown> = {}) => ({
  path: 'gate-events' as const,
  body: { post: 'p', direction: 'in', outcome: 'admitted', who: '王女士', ...more },
  at,
})

/** As after a reload: the modules anew, the store as it was. */
async function fresh(account: string | null = 'me', { device = true } = {}) {
  vi.resetModules()
  const queue = await import('./queue.ts')
  const session = await import('@shared/session.ts')
  const vault = await import('./vault.ts')
  const devices = await import('./device.ts')
  const store = await import('./store.ts')
  await devices.loadDevice()
  if (account) {
    const user = await session.login(account, 'x')
    vault.begin({ ...user, unit: null, roles: [] })
    if (device) {
      await devices.register()
      await devices.renewAuthor()
    }
  }
  await queue.useAccount(account)
  await queue.flush()
  return { ...queue, session, vault, devices, store }
}
const rows = async (queue: Awaited<ReturnType<typeof fresh>>) =>
  (await (await queue.store.database())?.getAll('entries')) ?? []

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  server.reset()
  vi.stubGlobal('fetch', server.fetch)
  // a page that was left hears nothing any more
  vi.stubGlobal('BroadcastChannel', undefined)
  setCsrf('token')
})
afterEach(() => vi.unstubAllGlobals())

describe('the outbox', () => {
  it('sends at once and forgets what is acknowledged', async () => {
    const queue = await fresh()
    const entry = await queue.write(event())
    await queue.flush()
    expect(server.records.get(entry.id)).toMatchObject({ by: 'me', body: { who: '王女士' } })
    expect(queue.waiting.value).toEqual({ count: 0, oldest: null })
    const db = await queue.store.database()
    for (const name of ['entries', 'contents', 'copies'] as const)
      expect(await db?.count(name)).toBe(0)
  })

  it('keeps nothing that a person could be known by where it can be read', async () => {
    server.up = true
    const queue = await fresh()
    server.up = false
    await queue.write(event({ door: '15-2-301', vehicle: '京A12345', reason: '无出入证' }))
    const db = await queue.store.database()
    const text = JSON.stringify([
      await db?.getAll('entries'),
      await db?.getAll('contents'),
      await db?.getAll('copies'),
    ])
    for (const word of ['王女士', '15-2-301', '京A12345', '无出入证', 'author'])
      expect(text).not.toContain(word)
    expect((await db?.getAll('contents'))?.[0]?.sealed?.length).toBeGreaterThan(48)
  })

  it('loses nothing while the server is away, not even over a reload', async () => {
    let queue = await fresh()
    server.up = false
    const ids: string[] = []
    for (let i = 0; i < 7; i++) ids.push((await queue.write(event({ door: String(i) }))).id)
    await queue.flush()
    expect(queue.waiting.value).toEqual({ count: 7, oldest: at.getTime() })
    expect(queue.unreachable.value).toBe(true)
    // nobody comes in: what is sealed goes all the same
    queue = await fresh(null)
    expect(queue.pending.value.map((entry) => entry.id)).toEqual(ids)
    server.up = true
    server.requests.length = 0
    await queue.flush()
    expect(queue.waiting.value.count).toBe(0)
    expect([...server.records.keys()]).toEqual(ids)
    expect([...server.records.values()].map((one) => one.by)).toEqual(ids.map(() => 'me'))
    expect(server.batches()).toHaveLength(1)
    expect(server.batches()[0]?.as).toBe('device')
  })

  it('goes in the order of writing, 200 at a time, whatever the clock said', {
    timeout: 60_000,
  }, async () => {
    let queue = await fresh()
    server.up = false
    const ids: string[] = []
    for (let i = 0; i < 450; i++)
      ids.push((await queue.write({ ...event(), at: new Date(at.getTime() - i * 1000) })).id)
    await queue.flush()
    queue = await fresh(null)
    server.up = true
    server.requests.length = 0
    await queue.flush()
    // another test's page may still be at its own
    const mine = new Set(ids)
    expect([...server.records.keys()].filter((id) => mine.has(id))).toEqual(ids)
    const sizes = server
      .batches()
      .map(
        (one) =>
          ((one.body?.items ?? []) as { id: string }[]).filter((item) => mine.has(item.id)).length,
      )
    expect(sizes.filter((size) => size > 0)).toEqual([200, 200, 50])
    const seqs = ids.map((id) => Number(server.records.get(id)?.seq))
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
    expect(new Set(seqs).size).toBe(450)
  })

  it('repeats under the same id when an answer was lost, and is one record', async () => {
    const queue = await fresh()
    server.loseAnswers = 2
    const entry = await queue.write(event({ door: 'once' }))
    for (let i = 0; i < 3; i++) await queue.flush()
    expect(queue.waiting.value.count).toBe(0)
    // another test's page may still be at its own
    const mine = [...server.records].filter(([, one]) => one.body.door === 'once')
    expect(mine.map(([id]) => id)).toEqual([entry.id])
    expect(server.batches().length).toBeGreaterThan(1)
  })

  it('keeps what is refused for a person to mend, and goes on with the rest', async () => {
    const queue = await fresh()
    server.up = false
    const bad = await queue.write(event({ door: 'bad' }))
    await queue.write(event({ door: 'good' }))
    server.up = true
    server.status = (body) => (body.door === 'bad' ? 422 : 201)
    await queue.flush()
    expect(queue.waiting.value.count).toBe(0)
    expect(queue.refused.value.map((entry) => entry.id)).toEqual([bad.id])
    expect(queue.refused.value[0]?.refused?.problems?.[0]?.field).toBe('door')
    const body = await queue.readEntry(bad.id)
    expect(body).toMatchObject({ door: 'bad', who: '王女士' })
    await queue.mend(bad.id, { ...body, door: '15-2-301' })
    expect(queue.refused.value).toHaveLength(0)
    expect(server.records.get(bad.id)?.body).toMatchObject({ door: '15-2-301', who: '王女士' })
    expect(await rows(queue)).toHaveLength(0)
  })

  it('throws away only what a person throws away', async () => {
    const queue = await fresh()
    server.status = () => 422
    const entry = await queue.write(event())
    await queue.flush()
    expect((await fresh()).refused.value).toHaveLength(1)
    await queue.discard(entry.id)
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
    expect(queue.waiting.value.count).toBe(4)
  })

  it('lets go of what the server has set aside', async () => {
    const queue = await fresh()
    server.authors.clear()
    await queue.write(event())
    await queue.flush()
    expect([queue.waiting.value.count, queue.setAside.value, server.records.size]).toEqual([
      0, 1, 0,
    ])
  })

  it('of a phone that was struck off is still taken, and set aside', async () => {
    let queue = await fresh()
    server.up = false
    await queue.write(event())
    await queue.flush()
    server.up = true
    for (const device of server.devices.values()) device.revoked = true
    queue = await fresh(null)
    expect([queue.waiting.value.count, queue.setAside.value]).toEqual([0, 1])
    expect(server.batches().at(-1)?.as).toBe('device')
    await expect(queue.devices.fetchAsDevice('changes')).rejects.toMatchObject({
      code: 'device_revoked',
    })
    expect(queue.devices.revoked.value).toBe(true)
  })

  it("written by several people on one phone is each one's own", async () => {
    let queue = await fresh('me')
    server.up = false
    await queue.write(event())
    server.up = true
    queue = await fresh('other')
    await queue.write(event())
    await queue.flush()
    expect([...server.records.values()].map((one) => one.by)).toEqual(['me', 'other'])
  })
})

describe('a phone that is not registered', () => {
  it("sends with the log-in, and never one account's events under another", async () => {
    let queue = await fresh('me', { device: false })
    server.up = false
    await queue.write(event())
    await queue.flush()
    server.up = true
    queue = await fresh('other', { device: false })
    expect(server.records.size).toBe(0)
    expect([queue.pending.value.length, queue.foreign.value]).toEqual([0, 1])
    queue = await fresh('me', { device: false })
    expect([...server.records.values()]).toMatchObject([{ by: 'me', body: { who: '王女士' } }])
    expect(await rows(queue)).toHaveLength(0)
  })

  it('sends a photo first and its number with the event, once', async () => {
    for (const device of [false, true]) {
      server.records.clear()
      const queue = await fresh('me', { device })
      server.requests.length = 0
      server.status = () => 503
      const photo = new Blob(['jpeg'], { type: 'image/jpeg' })
      const body = { assignment: 'a', phase: 'in' }
      await queue.write({ path: 'sign-ins', body, at, photo })
      await queue.flush()
      server.status = () => 201
      await queue.flush()
      expect(server.requests.filter((request) => request.path === 'photos')).toHaveLength(1)
      expect([...server.records.values()]).toMatchObject([
        { body: { assignment: 'a', photo: 'photo-1' } },
      ])
    }
  })
})

describe('a full phone', () => {
  const quota = () => new DOMException('full', 'QuotaExceededError')
  async function withFullDisk(times: number) {
    const queue = await fresh()
    server.up = false
    const db = await queue.store.database()
    const put = IDBObjectStore.prototype.put
    let left = times
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
      this: IDBObjectStore,
      ...args
    ) {
      if (this.name === 'entries' && left-- > 0) throw quota()
      return put.apply(this, args)
    })
    return { queue, db }
  }
  afterEach(() => vi.restoreAllMocks())

  it('goes on in the room that was kept for it, and says so', async () => {
    const { queue, db } = await withFullDisk(1)
    expect(await db?.get('keys', 'ballast')).toBeDefined()
    const entry = await queue.write(event())
    expect(queue.full.value).toBe(true)
    expect(await db?.get('keys', 'ballast')).toBeUndefined()
    expect((await rows(queue)).map((row) => row.id)).toEqual([entry.id])
    server.up = true
    await queue.flush()
    expect(queue.full.value).toBe(false)
    expect(await db?.get('keys', 'ballast')).toBeDefined()
  })
  it('does not take what it cannot keep, and loses nothing of what it took', async () => {
    const { queue } = await withFullDisk(0)
    await queue.write(event())
    vi.restoreAllMocks()
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw quota()
    })
    await expect(queue.write(event())).rejects.toThrow(queue.StorageFull)
    expect(queue.waiting.value.count).toBe(1)
    vi.restoreAllMocks()
    expect(await rows(queue)).toHaveLength(1)
  })
})

describe('what goes together', () => {
  const entry = (seq: number, more: Partial<Entry> = {}): Entry => ({
    id: String(seq),
    seq,
    path: 'gate-events',
    body: {},
    account: 'me',
    at: 0,
    form: 'sealed',
    ...more,
  })
  it('is an event with its own correction, in their order', async () => {
    const { nextBatch } = await fresh(null)
    const rows = [entry(1), entry(2), entry(3, { body: { corrects: '1' } }), entry(4)]
    expect(nextBatch(rows)).toHaveLength(4)
  })
  it('is never the sign-in with the sign-out of one shift', async () => {
    const { nextBatch } = await fresh(null)
    const sign = (seq: number, assignment: string) => entry(seq, { body: { assignment } })
    expect(nextBatch([sign(1, 'a'), sign(2, 'b'), sign(3, 'a')])).toHaveLength(2)
  })
  it('is of one kind of credential; a photo goes alone', async () => {
    const { nextBatch } = await fresh(null)
    const held = entry(2, { form: 'held' })
    expect(nextBatch([entry(1), held])).toHaveLength(1)
    expect(nextBatch([held, entry(3)])).toHaveLength(1)
    expect(nextBatch([entry(1), entry(2, { device: 'before' })])).toHaveLength(1)
  })
})
