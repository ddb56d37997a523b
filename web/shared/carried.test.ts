import { afterEach, describe, expect, it, vi } from 'vitest'
import { CARRIED_FORMAT, type Carried, handIn, NoOutbox, readOutbox } from './carried.ts'

const file = (n: number, device: (i: number) => string | null = () => 'd1'): Carried => ({
  format: CARRIED_FORMAT,
  version: 1,
  name: '南门',
  exported_at: '2020-05-08T09:30:00Z',
  items: Array.from({ length: n }, (_, i) => ({
    id: `id-${i}`,
    seq: i,
    at: i,
    path: 'gate-events',
    sealed: 'AAAA',
    device: device(i),
  })),
})
const blob = (value: unknown) => new Blob([JSON.stringify(value)])

afterEach(() => vi.unstubAllGlobals())

describe('an outbox that is carried in as a file', () => {
  it('is read back, and nothing else is taken for one', async () => {
    expect((await readOutbox(blob(file(3)))).items).toHaveLength(3)
    for (const other of [null, [], {}, { ...file(1), version: 2 }, { ...file(1), items: [{}] }]) {
      await expect(readOutbox(blob(other))).rejects.toBeInstanceOf(NoOutbox)
    }
    await expect(readOutbox(new Blob(['PK\u0003\u0004']))).rejects.toBeInstanceOf(NoOutbox)
  })
  it('goes in by the phone that wrote it, two hundred at a time, each item once', async () => {
    const seen: string[] = []
    const sizes: number[] = []
    vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
      const body = JSON.parse(String(init.body)) as { device?: string; items: { id: string }[] }
      sizes.push(body.items.length)
      seen.push(...body.items.map((one) => `${body.device}/${one.id}`))
      const items = body.items.map((one, i) => ({ id: one.id, status: [201, 202, 422][i % 3] }))
      return new Response(JSON.stringify({ items }), {
        headers: { 'Content-Type': 'application/json' },
      })
    })
    const told: number[] = []
    const sum = await handIn(
      file(450, (i) => (i % 2 ? 'a' : 'b')),
      () => 1,
      (done) => told.push(done),
    )
    expect(new Set(seen).size).toBe(450)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(200)
    expect(sum.accepted + sum.setAside + sum.refused).toBe(450)
    expect(told.at(-1)).toBe(450)
  })
  it('stops where the server is busy, so that it can be begun again', async () => {
    vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
      const body = JSON.parse(String(init.body)) as { items: { id: string }[] }
      const items = body.items.map((one) => ({ id: one.id, status: 503 }))
      return new Response(JSON.stringify({ items }), {
        headers: { 'Content-Type': 'application/json' },
      })
    })
    await expect(
      handIn(
        file(1),
        () => 1,
        () => {},
      ),
    ).rejects.toMatchObject({ status: 503 })
  })
})
