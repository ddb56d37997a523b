import type { Kind } from '@shared/meta.ts'
import { expect, test } from 'vitest'
import { toneOf } from '../ui/tones.ts'
import { nameCodes } from './codes.ts'
import { valueText } from './values.ts'

const outbox: Kind = {
  name: 'outbox_message',
  plural: 'outbox-messages',
  area: 'app',
  zh: '外发消息',
  en: 'Message',
  fields: [
    { name: 'topic', type: 'text', zh: '事由', en: 'Topic' },
    { name: 'last_error', type: 'text', zh: '错误', en: 'Error' },
    { name: 'recipient', type: 'text', zh: '收件人', en: 'To' },
  ],
  may: { read: true },
}

test('codes that stand in fields of text are shown as words, everything else as it is', () => {
  nameCodes([outbox])
  const [topic, error, recipient] = outbox.fields
  if (!topic || !error || !recipient) throw new Error('fields')
  expect(valueText(topic, 'return_reminder')).toBe('催报提醒')
  expect(valueText(topic, 'something_new')).toBe('something_new')
  expect(valueText(error, 'not_needed')).toBe('已报送，不必再发')
  expect(valueText(error, '550 no such mailbox')).toBe('550 no such mailbox')
  expect(recipient.choices).toBeUndefined()
})

test('a state has its tone by what it means for its kind', () => {
  expect(toneOf('post', 'open')).toBe('good')
  expect(toneOf('enterprise', 'open')).toBe('')
  expect(toneOf('alarm', 'open')).toBe('bad')
  expect(['planned', 'filed', 'checked'].map((state) => toneOf('enterprise', state))).toEqual([
    'wait',
    'wait',
    'wait',
  ])
  expect(toneOf('enterprise', 'resumed')).toBe('good')
  expect(toneOf('enterprise', 'suspended')).toBe('bad')
  expect(toneOf('enterprise', 'closed')).toBe('')
  expect(toneOf('consolidation', 'locked')).toBe('good')
  expect(toneOf('user', 'locked')).toBe('bad')
  expect(
    ['found', 'fixing', 'fixed', 'verified'].map((state) => toneOf('prevention_gap', state)),
  ).toEqual(['bad', 'wait', 'wait', 'good'])
})
