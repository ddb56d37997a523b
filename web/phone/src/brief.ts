// What of an entry may be read on a locked phone: enough to count it, to order it and to hold the
// rules of the gate. No names, no doors, no plates, no words that somebody typed.
import type { PocketEvent, PocketVisitor } from './pocket.ts'
import type { Entry } from './store.ts'

const OPEN = new Set([
  'post',
  'direction',
  'outcome',
  'temperature',
  'first_temperature',
  'who_kind',
  'how',
  'verdict',
  'pass',
  'household',
  'visitor',
  'corrects',
  'assignment',
  'phase',
  'method',
  'device_at',
  'mask_worn',
  'skipped_temperature',
])

export function briefOf(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([key]) => OPEN.has(key)))
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** An event of a gate as the verdict's rules see it; null for everything else. */
export function pocketEventOf(entry: Entry): PocketEvent | null {
  const { body } = entry
  if (entry.path !== 'gate-events' || entry.refused) return null
  return {
    id: entry.id,
    post: text(body.post) ?? '',
    pass: text(body.pass),
    household: text(body.household),
    direction: body.direction === 'out' ? 'out' : 'in',
    outcome: text(body.outcome) ?? '',
    happened_at: entry.at,
    visitor: text(body.visitor),
    corrects: text(body.corrects),
  }
}

/** A visitor as this phone has just written him down, with his name: for the encrypted copy only. */
export function visitorOf(entry: Entry): PocketVisitor | null {
  if (entry.path !== 'visitors') return null
  const { body } = entry
  const refused = body.state === 'refused'
  return {
    id: text(body.id) ?? entry.id,
    household: text(body.household),
    name: text(body.name) ?? '',
    state: refused ? 'refused' : body.state === 'expected' ? 'expected' : 'inside',
    arrived_at: entry.at,
    plate: text(body.plate),
  }
}
