// A building as it stands: stairwells, floors, doors, in the order in which one would walk them.
import { list, type Row } from '@shared/records.ts'

export interface Floor {
  floor: string
  homes: Row[]
}
export interface Stairwell {
  name: string
  homes: Row[]
  floors: Floor[]
}

/** "2" before "10", digits before letters. */
export const inOrder = (a: unknown, b: unknown): number =>
  String(a ?? '').localeCompare(String(b ?? ''), 'zh-CN', { numeric: true })

/** 301 is on the third floor, 1203 on the twelfth; a door that is no such number has no floor. */
export function floorOf(door: unknown): string {
  const m = String(door ?? '').match(/^(\d{1,2})\d{2}\D*$/)
  return m ? String(Number(m[1])) : ''
}

export function stairwellsOf(homes: readonly Row[]): Stairwell[] {
  const byName = new Map<string, Row[]>()
  for (const home of homes) {
    const name = String(home.stairwell ?? '')
    byName.set(name, [...(byName.get(name) ?? []), home])
  }
  return [...byName]
    .sort(([a], [b]) => inOrder(a, b))
    .map(([name, rows]) => {
      const sorted = [...rows].sort((a, b) => inOrder(a.door, b.door))
      const byFloor = new Map<string, Row[]>()
      for (const home of sorted) {
        const floor = floorOf(home.door)
        byFloor.set(floor, [...(byFloor.get(floor) ?? []), home])
      }
      return {
        name,
        homes: sorted,
        floors: [...byFloor].map(([floor, of]) => ({ floor, homes: of })),
      }
    })
}

/** Every record of a list that is known to be short, page by page. */
export async function listAll(
  plural: string,
  query: Parameters<typeof list>[1],
  most = 2000,
): Promise<Row[]> {
  const rows: Row[] = []
  let after: string | null = null
  do {
    const page = await list(plural, { ...query, limit: 200, after })
    rows.push(...page.items)
    after = page.next
  } while (after && rows.length < most)
  return rows
}
