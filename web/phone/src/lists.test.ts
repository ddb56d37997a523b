import 'fake-indexeddb/auto'
import { setCsrf } from '@shared/api.ts'
import { setLang } from '@shared/i18n.ts'
import type { Action, Kind } from '@shared/meta.ts'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Server } from '../../tests/unit/server.ts'
import { contentOf } from './rows.ts'

const server = new Server()
const id = (n: number) => `0171e4a0-0000-7000-8000-00000000000${n}`
const hazard: Kind = {
  name: 'hazard',
  plural: 'fire-hazards',
  area: 'sample',
  zh: '隐患',
  en: 'Hazard',
  fields: [
    { name: 'what', type: 'text', zh: '隐患', en: 'What' },
    { name: 'due_on', type: 'date', zh: '期限', en: 'Due' },
    { name: 'place', type: 'ref', ref: 'building', zh: '地点', en: 'Place' },
    { name: 'found_at', type: 'moment', zh: '发现', en: 'Found' },
    { name: 'fixed_on', type: 'date', zh: '整改', en: 'Fixed' },
  ],
  states: [
    { value: 'found', zh: '已发现', en: 'Found', tone: 'bad' },
    { value: 'fixed', zh: '已整改', en: 'Fixed', tone: 'good' },
  ],
  actions: [
    { name: 'fix', zh: '整改完成', en: 'Fixed', from: ['found'], to: 'fixed', needs: ['fixed_on'] },
    { name: 'move', zh: '移交', en: 'Hand over', from: ['found'], needs: ['place'] },
    { name: 'reopen', zh: '退回', en: 'Reopen', from: ['fixed'], to: 'found', reason: true },
  ],
  screen: { phone: ['what', 'due_on', 'place'], phone_offers: ['fix', 'move', 'reopen'] },
  may: { read: true, actions: ['fix', 'move'] },
}
const table = (rows: unknown[][], more = {}) => ({
  kind: 'fire-hazards',
  fields: ['id', 'rev', 'state', 'what', 'due_on', 'place', 'place_title'],
  rows,
  ...more,
})
const pulled = [
  [id(1), 1, 'found', '楼道堆物', '2020-05-09', 'b1', '15号楼'],
  [id(2), 3, 'fixed', '灭火器过期', '2020-05-01', null, null],
  [id(3), 1, 'found', '电线老化', '2020-05-08', null, null],
]

async function fresh() {
  vi.resetModules()
  const lists = await import('./lists.ts')
  const queue = await import('./queue.ts')
  const pocket = await import('./pocket.ts')
  const kinds = await import('./kinds.ts')
  const session = await import('@shared/session.ts')
  const vault = await import('./vault.ts')
  const devices = await import('./device.ts')
  vault.begin({ ...(await session.login('me', 'x')), unit: null, roles: [] })
  await devices.register()
  await devices.renewAuthor()
  await queue.useAccount('me')
  kinds.kinds.value = [hazard]
  pocket.fillPocket(contentOf([table(pulled, { list: true })], {}).fill)
  return { lists, queue, pocket }
}
beforeEach(() => {
  setLang('zh')
  globalThis.indexedDB = new IDBFactory()
  server.reset()
  vi.stubGlobal('fetch', server.fetch)
  vi.stubGlobal('BroadcastChannel', undefined)
  setCsrf('token')
})
afterEach(() => vi.unstubAllGlobals())

describe('the lists of a phone', () => {
  it('hold what the server marks as one, and nothing else that it sends', () => {
    expect(contentOf([table(pulled)], {}).fill.records).toBeUndefined()
    expect(contentOf([table(pulled, { list: true })], {}).fill.records).toMatchObject({
      'fire-hazards': [{ id: id(1), rev: 1, state: 'found', place_title: '15号楼' }, {}, {}],
    })
  })
  it('show first what is to be done, the earliest on top', async () => {
    const { lists } = await fresh()
    const { todo, rest } = lists.listOf(hazard)
    expect(todo.map((row) => row.what)).toEqual(['电线老化', '楼道堆物'])
    expect(rest.map((row) => row.what)).toEqual(['灭火器过期'])
  })
  it('offer what may be done by this person, from this state, with what can be typed here', async () => {
    const { lists, pocket } = await fresh()
    const names = (n: number) => {
      const row = pocket.recordById('fire-hazards', id(n))
      return row ? lists.offersNow(hazard, row).map((one) => one.name) : null
    }
    expect(names(1)).toEqual(['fix'])
    expect(names(2)).toEqual([])
  })
  it('say references by their titles and moments by the clock', async () => {
    const { lists } = await fresh()
    const row = { id: id(1), rev: 1, place: 'b1', place_title: '15号楼', found_at: 1588930200000 }
    const text = (n: number) => {
      const field = hazard.fields[n]
      return field ? lists.textOf(field, row) : ''
    }
    expect(text(2)).toBe('15号楼')
    expect(text(3)).toMatch(/17:30/)
  })
})

describe('an action done without a network', () => {
  const fix = hazard.actions?.[0] as Action
  it('counts at once, is sent later as its own, and then is what the server says', async () => {
    const { lists, queue, pocket } = await fresh()
    const row = () => pocket.recordById('fire-hazards', id(1)) ?? { id: '', rev: 0 }
    server.up = false
    await lists.actHere(hazard, row(), fix, { fixed_on: '2020-05-08' })
    await queue.flush()
    expect(lists.stateNow(hazard, row())).toBe('fixed')
    expect(row().state).toBe('found')
    expect(lists.waits(hazard, row())).toBe(true)
    expect(lists.actionOf(`fire-hazards/${id(1)}/fix`)?.title).toBe('楼道堆物')
    expect(lists.offersNow(hazard, row())).toEqual([])
    server.up = true
    await queue.flush()
    const [sent] = [...server.records.values()]
    expect(sent).toMatchObject({
      path: `fire-hazards/${id(1)}/fix`,
      body: { fixed_on: '2020-05-08' },
      saw: { state: 'found', rev: 1 },
    })
    expect(lists.waits(hazard, row())).toBe(false)
  })
  it('says of each what it was decided over, the earlier ones counted', async () => {
    const { lists, queue, pocket } = await fresh()
    const row = () => pocket.recordById('fire-hazards', id(1)) ?? { id: '', rev: 0 }
    const note = { name: 'note', zh: '备注', en: 'Note', from: ['fixed'] }
    server.up = false
    await lists.actHere(hazard, row(), fix, { fixed_on: '2020-05-08' })
    await lists.actHere(hazard, row(), note, {})
    server.up = true
    await queue.flush()
    expect([...server.records.values()].map((one) => one.saw)).toEqual([
      { state: 'found', rev: 1 },
      { state: 'fixed', rev: 2 },
    ])
  })
  it('is not offered where it is decided online, and goes at once where the server answers', async () => {
    const online = {
      ...hazard,
      actions: [{ ...fix, name: 'reopen', from: ['fixed'], to: 'found', needs: [], online: true }],
    }
    online.may = { ...hazard.may, actions: ['reopen'] }
    const { lists, queue, pocket } = await fresh()
    const row = () => pocket.recordById('fire-hazards', id(2)) ?? { id: '', rev: 0 }
    const names = () => lists.offersNow(online, row()).map((one) => one.name)
    expect(names()).toEqual(['reopen'])
    const [action] = online.actions
    if (action) await lists.actHere(online, row(), action, {})
    expect(server.records.size).toBe(0)
    expect(row()).toMatchObject({ state: 'found', rev: 4 })
    pocket.fillPocket(contentOf([table(pulled, { list: true })], {}).fill)
    server.up = false
    await queue.write({ path: 'gate-events', body: {}, at: new Date() })
    await queue.flush()
    expect(names()).toEqual([])
  })
})
