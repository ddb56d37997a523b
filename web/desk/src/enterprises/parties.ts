// The four parties that answer for an enterprise, and which entries hold a part on a day.
import { fieldOf, kindOf } from '@shared/meta.ts'
import type { Row } from '@shared/records.ts'
import { valueText } from '../record/values.ts'

export type Party = 'locality' | 'department' | 'employer' | 'individual'
export const parties: Party[] = ['locality', 'department', 'employer', 'individual']

export type Standing = 'present' | 'coming' | 'past'
export function standingOf(row: Row, day: string): Standing {
  if (row.retired || (row.to_on && String(row.to_on) < day)) return 'past'
  return row.from_on && String(row.from_on) > day ? 'coming' : 'present'
}

/** What a party is called, as the kind itself says it. */
export function partyName(party: Party): string {
  const kind = kindOf('responsibility')
  const field = kind && fieldOf(kind, 'party')
  return field ? valueText(field, party) : party
}

/** What is asked of whoever enters a part. */
export const partyFields = ['body', 'person', 'phone', 'duty', 'from_on', 'to_on']
