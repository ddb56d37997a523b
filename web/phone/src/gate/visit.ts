// A visitor at the gate: what the register asks, and what is sent of it. The three questions have no
// answer of their own: each is asked.
import { degrees } from '../pad.ts'
import type { PocketHousehold } from '../pocket.ts'

export const QUESTIONS = ['been_epidemic', 'close_contact', 'symptoms'] as const
export type Question = (typeof QUESTIONS)[number]

export interface Visit {
  household: PocketHousehold | null
  name: string
  sex: 'male' | 'female' | ''
  phone: string
  citizen_id: string
  plate: string
  party: number
  from_where: string
  reason: string
  relation: string
  answers: Record<Question, boolean | null>
  /** Why he is let in although he answered yes. */
  remark: string
}
export const noVisit = (): Visit => ({
  household: null,
  name: '',
  sex: '',
  phone: '',
  citizen_id: '',
  plate: '',
  party: 1,
  from_where: '',
  reason: '',
  relation: '',
  answers: { been_epidemic: null, close_contact: null, symptoms: null },
  remark: '',
})

export const MOST_PARTY = 50
const PHONE = /^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$/
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** GB 11643: shape, date and check digit; any area code. */
export function goodCitizenId(text: string): boolean {
  const m = text.match(/^\d{6}(\d{4})(\d{2})(\d{2})\d{3}[\dX]$/)
  if (!m) return false
  const date = `${m[1]}-${m[2]}-${m[3]}`
  const born = new Date(`${date}T00:00:00Z`)
  if (Number.isNaN(born.getTime()) || born.toISOString().slice(0, 10) !== date) return false
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(text[i]), 0)
  return '10X98765432'[sum % 11] === text[17]
}

export type Missing = 'household' | 'name' | 'phone' | 'citizen_id' | 'party' | 'remark' | Question

export const answeredYes = (visit: Visit): boolean =>
  QUESTIONS.some((question) => visit.answers[question] === true)

/** All that is missing or cannot be right, at once. */
export function missing(visit: Visit, admitted: boolean): Missing[] {
  const list: Missing[] = []
  if (!visit.household) list.push('household')
  if (!visit.name.trim()) list.push('name')
  if (visit.phone && !PHONE.test(visit.phone.trim())) list.push('phone')
  const id = visit.citizen_id.trim().toUpperCase()
  if (id && !goodCitizenId(id)) list.push('citizen_id')
  if (!Number.isInteger(visit.party) || visit.party < 1 || visit.party > MOST_PARTY)
    list.push('party')
  for (const question of QUESTIONS) if (visit.answers[question] === null) list.push(question)
  if (admitted && answeredYes(visit) && !visit.remark.trim()) list.push('remark')
  return list
}

/** The body of the register's entry; `temperature` in tenths. */
export function visitBody(
  visit: Visit,
  post: string,
  outcome: 'admitted' | 'refused',
  temperature: number | null,
  at: Date,
): Record<string, unknown> {
  const body: Record<string, unknown> = {
    post,
    household: visit.household?.id ?? null,
    outcome,
    party: visit.party,
    ...visit.answers,
    device_at: at.toISOString(),
  }
  for (const field of ['name', 'phone', 'from_where', 'reason', 'relation', 'remark'] as const) {
    const text = visit[field].trim()
    if (text) body[field] = text
  }
  for (const field of ['citizen_id', 'plate'] as const) {
    const text = visit[field].trim().toUpperCase()
    if (text) body[field] = text
  }
  if (visit.sex) body.sex = visit.sex
  if (temperature !== null) body.temperature = degrees(temperature)
  return body
}
