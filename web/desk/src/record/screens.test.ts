import { type Kind, type Meta, stateOf } from '@shared/meta.ts'
import { expect, test } from 'vitest'
import { menuOf } from '../nav.ts'
import { defaultColumns, valueText } from './values.ts'

const outbox: Kind = {
  name: 'outbox_message',
  plural: 'outbox-messages',
  area: 'app',
  zh: '外发消息',
  en: 'Message',
  title_fields: ['recipient'],
  fields: [
    {
      name: 'topic',
      type: 'text',
      zh: '事由',
      en: 'Topic',
      choices: [{ value: 'return_reminder', zh: '催报提醒', en: 'Reminder of a return' }],
    },
    { name: 'recipient', type: 'text', zh: '收件人', en: 'To' },
  ],
  may: { read: true },
}
const hazard: Kind = {
  ...outbox,
  name: 'hazard',
  plural: 'fire-hazards',
  zh: '隐患',
  en: 'Hazard',
  states: [
    { value: 'found', zh: '已发现', en: 'Found', tone: 'bad' },
    { value: 'closed', zh: '已关闭', en: 'Closed' },
  ],
  screen: { group: 'gates', order: 15, columns: ['recipient', 'topic'] },
}
const meta = (kinds: Kind[], rights: string[] = []): Meta => ({
  release: '1',
  now: '',
  operation: null,
  groups: [
    { code: 'gates', zh: '卡口', en: 'Gates' },
    { code: 'admin', zh: '管理', en: 'Administration', folded: true },
    { code: 'data', zh: '数据', en: 'Data' },
  ],
  rights,
  kinds,
  indicators: [],
})
const gate = { ...outbox, name: 'gate_event', plural: 'gate-events' }
const clash = { ...outbox, name: 'clash', screen: { group: 'gates', order: 20, zh: '撞', en: 'C' } }

test('codes that stand in a field of text are shown as words, everything else as it is', () => {
  const [topic, recipient] = outbox.fields
  if (!topic || !recipient) throw new Error('fields')
  expect(valueText(topic, 'return_reminder')).toBe('催报提醒')
  expect(valueText(topic, 'something_new')).toBe('something_new')
  expect(valueText(recipient, 'return_reminder')).toBe('return_reminder')
})

test('a state has the tone that its kind gives it', () => {
  expect(stateOf(hazard, 'found')?.tone).toBe('bad')
  expect(stateOf(hazard, 'closed')?.tone).toBeUndefined()
})

test('a list has the columns of its screen, else what the fields suggest', () => {
  expect(defaultColumns(hazard)).toEqual(['recipient', 'topic'])
  expect(defaultColumns({ ...hazard, screen: { group: 'gates' }, title_fields: [] })).toEqual([
    'topic',
    'recipient',
  ])
  expect(defaultColumns({ ...outbox, title_fields: ['topic'] })).toEqual(['topic', 'recipient'])
})

test('the menu: kinds where their screens say, between the pages made by hand', () => {
  const groups = menuOf(meta([clash, hazard, gate]))
  expect(groups.map((group) => group.en)).toEqual(['Gates', 'Administration', 'Data'])
  expect(groups[0]?.items.map((item) => item.to)).toEqual([
    '/gate',
    '/fire-hazards',
    '/outbox-messages',
  ])
  expect(groups[0]?.items[1]).toMatchObject({ zh: '隐患', en: 'Fire hazards' })
  expect(groups[0]?.items[2]).toMatchObject({ zh: '撞', en: 'C' })
})

test('what a viewer may not see is not in his menu, nor a group of which nothing is left', () => {
  const unseen = { ...hazard, may: {} }
  expect(menuOf(meta([unseen])).map((group) => group.en)).toEqual(['Administration', 'Data'])
  const admin = (rights: string[]) =>
    menuOf(meta([], rights))
      .find((group) => group.folded)
      ?.items.map((item) => item.to)
  expect(admin([])).toEqual(['/about'])
  expect(admin(['audit.read'])).toEqual(['/audit', '/about'])
})
