import { expect, test } from 'vitest'
import {
  chosenOf,
  countFrom,
  judged,
  lineOf,
  mayTake,
  type ReadRow,
  type Status,
  sent,
} from './inbox.ts'

const row = (status: Status, more: Partial<ReadRow> = {}): ReadRow => ({
  n: 1,
  number: 1,
  text: '1. 甲 到岗12',
  name: '甲',
  status,
  enterprise: { id: 'e', name: '甲公司', address: null },
  by: 'name',
  candidates: [],
  values: { present: 12 },
  filled: null,
  stands: null,
  nil: false,
  no_change: false,
  ditto: false,
  correction: false,
  note: null,
  unclear: ['3'],
  rest: [],
  inferred: ['fever'],
  repeated_by: null,
  problems: [],
  ...more,
})

test('only what is sure is ticked by itself; what is wrong is never taken', () => {
  const every: Status[] = [
    'nothing',
    'unknown',
    'several',
    'repeated',
    'taken',
    'same',
    'wrong',
    'check',
    'ready',
  ]
  const lines = every.map((status) => lineOf(row(status)))
  expect(lines.filter((line) => line.chosen).map((line) => line.row.status)).toEqual(['ready'])
  for (const line of lines) line.chosen = true
  expect(chosenOf(lines).map((line) => line.row.status)).toEqual(['taken', 'check', 'ready'])
  expect(mayTake(lineOf(row('wrong')))).toBe(false)
})

test('whoever ticks a doubtful row has looked at it; one taken before is meant again', () => {
  const doubtful = { ...lineOf(row('check')), chosen: true }
  expect(sent(doubtful)).toMatchObject({ looked: true, again: false, enterprise: 'e' })
  expect(sent(lineOf(row('check')))).toMatchObject({ looked: false })
  expect(sent({ ...lineOf(row('taken')), chosen: true })).toMatchObject({ again: true })
  expect(sent(lineOf(row('unknown', { enterprise: null })))).toMatchObject({ enterprise: null })
})

test('a row that was changed here is judged anew; its own words stay', () => {
  const line = { ...lineOf(row('wrong')), edited: true }
  const next = judged(
    line,
    row('ready', { text: '', name: '', unclear: [], values: { present: 9 } }),
  )
  expect(next).toMatchObject({ chosen: true, edited: true })
  expect(next.row).toMatchObject({
    text: '1. 甲 到岗12',
    name: '甲',
    unclear: ['3'],
    inferred: [],
    values: { present: 9 },
  })
  expect(judged(line, row('wrong')).chosen).toBe(false)
})

test('counts as they are typed', () => {
  expect(['12', ' １２ ', '', '1.5', '-3', 'x'].map(countFrom)).toEqual([
    12,
    12,
    null,
    undefined,
    undefined,
    undefined,
  ])
})
