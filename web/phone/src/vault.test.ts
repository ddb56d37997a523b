import 'fake-indexeddb/auto'
import type { User } from '@shared/session.ts'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, expect, it, vi } from 'vitest'

const user = (id: string, name = '王小芳'): User => ({
  id,
  login: id,
  name,
  language: 'zh',
  responder: null,
  unit: null,
  roles: [],
  must_change_password: false,
})
const PIN = '2580'

/** As after a restart: the modules anew, the store as it was. */
async function fresh() {
  vi.resetModules()
  vi.stubGlobal('BroadcastChannel', undefined)
  const vault = await import('./vault.ts')
  const journal = await import('./journal.ts')
  const pocket = await import('./pocket.ts')
  const store = await import('./store.ts')
  await vault.loadPeople()
  return { vault, journal, pocket, store }
}
const door = { id: 'h', code: '15-2-301', building: '15号楼', stairwell: '2', door: '301' }
type Phone = Awaited<ReturnType<typeof fresh>>
async function settle(phone: Phone, id: string, pin = PIN) {
  phone.vault.begin(user(id))
  await phone.vault.setPin(pin, phone.journal.rewrite)
}
const wrong = (phone: Phone, clock: number) =>
  phone.vault.unlock('me', '0000', clock).catch((error: unknown) => error)

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
})

describe('a person', () => {
  it('comes in by PIN after a restart, with what was kept of him', async () => {
    let phone = await fresh()
    await settle(phone, 'me')
    await phone.vault.saveState({ day: { today: '2020-05-08' }, drift: 7 })
    phone = await fresh()
    expect(phone.vault.people.value).toMatchObject([
      { account: 'me', label: '王*芳', usable: true },
    ])
    const state = await phone.vault.unlock('me', PIN)
    expect(state).toMatchObject({ user: { id: 'me' }, day: { today: '2020-05-08' }, drift: 7 })
  })
  it('keeps nothing readable on the disk', async () => {
    const phone = await fresh()
    await settle(phone, 'me')
    await phone.vault.saveState({ author: { token: 'proof-of-me', expires: 1 } })
    await phone.journal.append({ fill: { households: [door] } })
    const db = await phone.store.database()
    const bytes = [
      ...((await db?.getAll('profiles')) ?? []),
      ...((await db?.getAll('pocket')) ?? []),
    ]
    const text = bytes
      .flatMap((one) => (one instanceof Uint8Array ? [one] : Object.values(one)))
      .map((one) => (one instanceof Uint8Array ? new TextDecoder().decode(one) : String(one)))
      .join(' ')
    for (const word of ['proof-of-me', '15-2-301', '王小芳']) expect(text).not.toContain(word)
  })
  it('shares the lists with whoever else works here, and with nobody who does not', async () => {
    let phone = await fresh()
    await settle(phone, 'me')
    await phone.journal.append({ fill: { households: [door] } })
    phone.vault.lock()
    await settle(phone, 'other', '9513')
    // the other one came without the first: the lists are fetched anew, under a key that both have
    await phone.journal.append({ fill: { households: [door] }, cursor: 'c' })
    phone = await fresh()
    await phone.vault.unlock('me', PIN)
    await phone.journal.readOn()
    expect(phone.pocket.householdById('h')).toEqual(door)
    expect(phone.journal.cursorNow()).toBe('c')
    const stranger = await fresh()
    await stranger.journal.readOn()
    expect(stranger.pocket.householdById('h')).toBeUndefined()
  })
})

describe('a wrong PIN', () => {
  it('costs time from the fourth on, over restarts, and the PIN itself after the tenth', async () => {
    let phone = await fresh()
    await settle(phone, 'me')
    let clock = Date.now()
    for (const left of [2, 1, 0])
      expect(await wrong(phone, clock)).toMatchObject({ code: 'wrong', left })
    expect(await wrong(phone, clock)).toMatchObject({ code: 'wrong', until: clock + 30_000 })
    phone = await fresh()
    await expect(phone.vault.unlock('me', PIN, clock)).rejects.toMatchObject({ code: 'wait' })
    for (let i = 5; i <= 10; i++) {
      clock += 3_600_001
      expect(await wrong(phone, clock)).toMatchObject({ code: 'wrong' })
    }
    clock += 3_600_001
    expect(await wrong(phone, clock)).toMatchObject({ code: 'gone' })
    await expect(phone.vault.unlock('me', PIN, clock)).rejects.toMatchObject({ code: 'gone' })
    expect(phone.vault.people.value[0]?.usable).toBe(false)
  })
  it('is forgotten after a right one', async () => {
    const phone = await fresh()
    await settle(phone, 'me')
    for (let i = 0; i < 3; i++) await wrong(phone, Date.now())
    await phone.vault.unlock('me', PIN)
    expect(await wrong(phone, Date.now())).toMatchObject({ left: 2 })
  })
  it('is no weak one to begin with', async () => {
    const { vault } = await fresh()
    expect(['1111', '1234', '98765'].map(vault.isWeakPin)).toEqual([true, true, true])
    expect(['2580', '1123'].map(vault.isWeakPin)).toEqual([false, false])
    expect(['123', '123456789', '12a4'].map(vault.isPin)).toEqual([false, false, false])
  })
})

describe('what is old', () => {
  it('is thrown away after seven days, even where the clock is turned back', async () => {
    const phone = await fresh()
    await settle(phone, 'me')
    await phone.journal.append({ fill: { households: [door] } })
    await phone.vault.markFresh()
    expect(await phone.vault.wipeIfOld()).toBe(false)
    const begun = Date.now()
    const time = vi.spyOn(Date, 'now').mockReturnValue(begun + phone.vault.KEEP_MS - 1000)
    expect(await phone.vault.wipeIfOld()).toBe(false)
    time.mockReturnValue(begun)
    expect(await phone.vault.wipeIfOld()).toBe(false)
    time.mockReturnValue(begun + phone.vault.KEEP_MS + 1000)
    expect(await phone.vault.wipeIfOld()).toBe(true)
    time.mockRestore()
    expect(await (await phone.store.database())?.count('pocket')).toBe(0)
    phone.vault.lock()
    expect(await phone.vault.unlock('me', PIN)).toMatchObject({ day: null, author: null })
    // of somebody who was not there when it happened not even that is kept
    phone.vault.lock()
    await phone.vault.wipeWorking()
    await expect(phone.vault.unlock('me', PIN)).rejects.toMatchObject({ code: 'stale' })
  })
})
