// Lists, records and actions of any kind that is marked for the phone: what a record says here and what
// may be done with it now. What was done here and waits to be sent counts as done.
import { post } from '@shared/api.ts'
import { moment, temperature } from '@shared/format.ts'
import { dictionary, say } from '@shared/i18n.ts'
import { type Action, type Field, fieldOf, type Kind, stateOf } from '@shared/meta.ts'
import { session } from '@shared/session.ts'
import { now, zone } from './day.ts'
import { kindHere } from './kinds.ts'
import { type PocketRecord, recordById, recordsOf } from './pocket.ts'
import { noteDone, pending, unreachable, write } from './queue.ts'

const t = dictionary({ yes: ['是', 'Yes'], no: ['否', 'No'] })
/** What a person fills in here; an action that asks for anything else is for the desk. */
const TYPED = new Set([
  'text',
  'longtext',
  'int',
  'decimal',
  'temp',
  'bool',
  'date',
  'minute',
  'enum',
  'phone',
])

export const columnsOf = (kind: Kind): Field[] =>
  (kind.screen?.phone ?? []).flatMap((name) => fieldOf(kind, name) ?? [])

export function textOf(field: Field, row: PocketRecord): string {
  const value = row[`${field.name}_title`] ?? row[field.name]
  if (value === null || value === undefined) return ''
  if (field.type === 'moment') return moment(new Date(Number(value)), zone())
  if (field.type === 'bool') return value ? t('yes') : t('no')
  if (field.type === 'temp') return temperature(value)
  const word = (one: unknown) =>
    say(field.choices?.find((choice) => choice.value === one)) || String(one)
  return Array.isArray(value) ? value.map(word).join('、') : word(value)
}

/** What a record is called: its first column. */
export function titleOf(kind: Kind, row: PocketRecord): string {
  const [first] = columnsOf(kind)
  return (first && textOf(first, row)) || say(kind)
}

const ACTION = /^([a-z-]+)\/([0-9a-f-]{36})\/([a-z_]+)$/
/** The action that an entry of the outbox does, where it is one of a list's records. */
export function actionOf(path: string) {
  const [, plural = '', id = '', name = ''] = path.match(ACTION) ?? []
  const kind = kindHere(plural)
  const action = kind?.actions?.find((one) => one.name === name)
  const row = kind && recordById(plural, id)
  return kind && action ? { kind, action, title: row ? titleOf(kind, row) : '' } : null
}

/** The state after what was done here and waits. */
export function stateNow(kind: Kind, row: PocketRecord): string {
  let state = row.state ?? ''
  for (const entry of pending.value) {
    if (!entry.path.startsWith(`${kind.plural}/${row.id}/`)) continue
    state = actionOf(entry.path)?.action.to ?? state
  }
  return state
}
const waiting = (kind: Kind, row: PocketRecord) =>
  pending.value.filter((entry) => entry.path.startsWith(`${kind.plural}/${row.id}/`))
export const waits = (kind: Kind, row: PocketRecord): boolean => waiting(kind, row).length > 0
/** What is decided online is offered while the server answers and nothing of the record waits. */
const mayOnline = (kind: Kind, row: PocketRecord) =>
  session.linked && !unreachable.value && navigator.onLine && !waits(kind, row)

export const asked = (action: Action): string[] => [
  ...(action.needs ?? []),
  ...(action.takes ?? []),
]
function canFill(kind: Kind, action: Action): boolean {
  const typed = (name: string) => TYPED.has(fieldOf(kind, name)?.type ?? '')
  return (action.needs ?? []).every(typed)
}
/** The fields of an action that are filled in here. */
export const fieldsOf = (kind: Kind, action: Action): Field[] =>
  asked(action)
    .flatMap((name) => fieldOf(kind, name) ?? [])
    .filter((field) => TYPED.has(field.type))

export function offersNow(kind: Kind, row: PocketRecord): Action[] {
  const state = stateNow(kind, row)
  return (kind.screen?.phone_offers ?? [])
    .flatMap((name) => kind.actions?.find((one) => one.name === name) ?? [])
    .filter(
      (one) =>
        (!one.from.length || one.from.includes(state)) &&
        (!one.online || mayOnline(kind, row)) &&
        kind.may.actions?.includes(one.name) === true &&
        canFill(kind, one),
    )
}

/** Those with something to be done first, each part in the order of its first date. */
export function listOf(kind: Kind): { todo: PocketRecord[]; rest: PocketRecord[] } {
  const date = columnsOf(kind).find((field) => ['date', 'moment'].includes(field.type))?.name
  const key = (row: PocketRecord) => String((date && row[date]) ?? '~')
  const rows = recordsOf(kind.plural).sort((a, b) => (key(a) < key(b) ? -1 : 1))
  const open = (row: PocketRecord) => offersNow(kind, row).length > 0
  return { todo: rows.filter(open), rest: rows.filter((row) => !open(row)) }
}

export const toneOf = (kind: Kind, row: PocketRecord): string =>
  stateOf(kind, stateNow(kind, row))?.tone ?? ''

/** Kept on this phone and sent when it can be, with what it was decided over: each that waits before
 *  it makes one version. What is decided online is sent at once, or throws. */
export async function actHere(
  kind: Kind,
  row: PocketRecord,
  action: Action,
  body: Record<string, unknown>,
): Promise<void> {
  const path = `${kind.plural}/${row.id}/${action.name}` as const
  if (action.online) {
    const answer = await post<{ rev: number; state?: string }>(path, { ...body, rev: row.rev })
    await noteDone([[{ path }, { status: 200, body: answer }]])
    return
  }
  const saw = { state: stateNow(kind, row), rev: row.rev + waiting(kind, row).length }
  await write({ path, body, at: now(), saw })
}
