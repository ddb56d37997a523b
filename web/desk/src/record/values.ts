// Field values as text: what a list, a record page, a history and a comparison all show.
import { moment, number, temperature, yuan } from '@shared/format.ts'
import { lang, say } from '@shared/i18n.ts'
import { type Field, type Kind, stateOf, zone } from '@shared/meta.ts'
import type { Row } from '@shared/records.ts'
import { common } from '../words.ts'

const named = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'object') return String(value)
  const v = value as { title?: string; name?: string; code?: string; id?: unknown }
  // What lies outside the viewer's branch comes without a title.
  return v.title || v.name || v.code || (v.id ? common('outside') : '')
}

const choice = (field: Field, value: unknown): string =>
  say(field.choices?.find((one) => one.value === value)) || String(value)

export function valueText(field: Field, value: unknown): string {
  if (value === null || value === undefined || value === '') return ''
  switch (field.type) {
    case 'bool':
      return value ? common('yes') : common('no')
    case 'moment':
      return moment(value, zone())
    case 'temp':
      return typeof value === 'number' ? temperature(value) : String(value)
    case 'fen':
      return typeof value === 'number' ? yuan(value) : String(value)
    case 'int':
      return typeof value === 'number' ? number(value) : String(value)
    case 'enum':
      return choice(field, value)
    case 'tags':
      return Array.isArray(value)
        ? value.map((one) => choice(field, one)).join('、')
        : String(value)
    case 'ref':
    case 'unit':
      return named(value)
    case 'json':
      return typeof value === 'string' ? value : JSON.stringify(value)
    default:
      return field.choices ? choice(field, value) : String(value)
  }
}

export const isNumeric = (field: Field): boolean =>
  ['int', 'fen', 'temp', 'decimal'].includes(field.type)

/** What a record is called: its title fields, else its kind; an id says nothing to a reader. */
export function titleOf(kind: Kind | undefined, row: Row | Record<string, unknown>): string {
  const given = row.title
  if (!kind) return typeof given === 'string' ? given : String(row.id ?? '')
  const words = (kind.title_fields ?? [])
    .map((name) => {
      const field = kind.fields.find((one) => one.name === name)
      return field ? valueText(field, row[name]) : ''
    })
    .filter(Boolean)
  if (words.length) return words.join(' · ')
  if (typeof given === 'string' && given) return given
  return say(kind)
}

export const stateText = (kind: Kind, value: unknown): string =>
  say(stateOf(kind, value)) || String(value ?? '')

/** What the list of a kind is called; English has a plural, which stands in the address. */
export function listName(kind: Kind): string {
  return lang.value === 'zh' ? kind.zh : pluralWords(kind)
}
export function pluralWords(kind: Kind): string {
  const words = kind.plural.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** The fields that a list shows before the reader has chosen: what the kind's screen says, else titles
 *  first, then what filters. */
export function defaultColumns(kind: Kind): string[] {
  if (kind.screen?.columns) return kind.screen.columns
  const usable = kind.fields.filter(
    (field) => !['longtext', 'json', 'photo', 'uuid'].includes(field.type),
  )
  const titles = (kind.title_fields ?? []).filter((name) => usable.some((one) => one.name === name))
  const rest = usable
    .filter((field) => !titles.includes(field.name))
    .sort((a, b) => weight(b) - weight(a))
    .map((field) => field.name)
  const wanted = new Set([...titles, ...rest].slice(0, Math.max(7, titles.length)))
  const inOrder = usable.map((field) => field.name).filter((name) => wanted.has(name))
  return [...titles, ...inOrder.filter((name) => !titles.includes(name))]
}

function weight(field: Field): number {
  return (
    (field.required ? 2 : 0) +
    (field.filter ? 2 : 0) +
    (field.type === 'unit' ? 2 : 0) +
    (field.type === 'ref' ? 1 : 0) +
    (field.sort ? 1 : 0) -
    (field.sealed ? 1 : 0)
  )
}
