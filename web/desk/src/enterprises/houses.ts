// Buildings and parks as the server counts them.
import type { Answers, House } from '@server/types.ts'
import { get } from '@shared/api.ts'
import type { Row } from '@shared/records.ts'

export type Side = 'property' | 'community'
export const sides: Side[] = ['property', 'community']

export type HouseFigures = Omit<House, 'building' | 'heads'> & { heads: Record<Side, Row | null> }
export type { House }
export type Houses = Answers['get /api/v1/enterprises/buildings']
/** One return of today, of one of the building's enterprises. */
export interface Todays {
  enterprise: string
  template: string
  state: string
  late: boolean
}

export const readHouses = (unit: string, date: string, after: string | null) =>
  get<Houses>('enterprises/buildings', { unit, date, after, limit: 100 })

export type Lack = 'all' | 'missing' | 'heads' | 'gaps' | 'closed'
/** Whether a building has what one looks for. */
export function lacks(house: HouseFigures, what: Lack): boolean {
  switch (what) {
    case 'missing':
      return house.returns.missing > 0
    case 'heads':
      return sides.some((side) => !house.heads[side])
    case 'gaps':
      return house.gaps.open > 0
    case 'closed':
      return house.resumed.of > 0 && house.resumed.part === 0
    case 'all':
      return true
  }
}

/** "50.0 %", or nothing where there is nothing to divide by. */
export const percentOf = (permille: number | null) =>
  permille === null ? '' : `${(permille / 10).toFixed(1)} %`

export const headName = (head: Row | null): string =>
  head ? (head.responder as { title?: string } | null)?.title || String(head.name ?? '') : ''

/** The returns of a page's section by enterprise. */
export function byEnterprise(today: Todays[]): Map<string, Todays[]> {
  const found = new Map<string, Todays[]>()
  for (const one of today) {
    const list = found.get(one.enterprise)
    if (list) list.push(one)
    else found.set(one.enterprise, [one])
  }
  return found
}

export const isMissing = (one: Todays) => one.state === 'missing' || one.state === 'draft'
