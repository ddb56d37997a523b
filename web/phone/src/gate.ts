// A gate's work: one event per passage, taken back within ten seconds by another event that corrects
// it, the day's counts, and the last entries. What is still on this phone counts already.
import { get } from '@shared/api.ts'
import { type FigureAnswer, useLiveFigures } from '@shared/live.ts'
import { list, type Row } from '@shared/records.ts'
import { computed, onScopeDispose, type Ref, ref, shallowRef, watch } from 'vue'
import { limits, now, type Post } from './day.ts'
import type { VerdictCode } from './gate/verdict.ts'
import { degrees, tenths } from './pad.ts'
import { noteOwnEvent, noteOwnVisitor, type PocketPass, visitorById } from './pocket.ts'
import { type Entry, onSettled, pending, refused, unreachable, write } from './queue.ts'
import { NO_MASK } from './reasons.ts'

export type Direction = 'in' | 'out'
export type Outcome = 'admitted' | 'remeasured' | 'refused' | 'fever_clinic'
export type WhoKind = 'resident' | 'visitor' | 'courier' | 'worker' | 'other'

export interface Details {
  who_kind: WhoKind
  who: string
  door: string
  vehicle: string
}
/** By what somebody showed who he is. */
export type How = 'free' | 'scan' | 'photo' | 'number' | 'reverse'
export interface Proof {
  pass: PocketPass | null
  how: How
  verdict: VerdictCode
  /** Proven by the code, of a pass that this phone's list does not have yet. */
  serial?: string | null
}
export const noDetails = (): Details => ({ who_kind: 'resident', who: '', door: '', vehicle: '' })

/** Readings are tenths of a degree; null where none was noted. */
export interface Passage {
  direction: Direction
  outcome: Outcome
  temperature: number | null
  first?: number | null
  reason?: string
  details: Details
  proof?: Proof | null
  /** The visitor's entry in the register. */
  visitor?: string
  /** The policy of the day wants no temperature at gates. */
  skipped?: boolean
  /** Whether the guard saw a mask; absent where nobody stood before him. */
  mask?: boolean
}

export interface GateRow {
  id: string
  at: string | number
  direction: Direction
  outcome: Outcome
  temperature: number | null
  first_temperature: number | null
  who: string | null
  door: string | null
  vehicle: string | null
  reason: string | null
  sent: boolean
  undone: boolean
}

export const UNDO_MS = 10_000
const LAST = 20
const SETTLE_MS = 1_500

/** The body of an event, without what is empty. */
export function gateBody(post: string, passage: Passage, at: Date): Record<string, unknown> {
  const { details } = passage
  const body: Record<string, unknown> = {
    post,
    direction: passage.direction,
    outcome: passage.outcome,
    who_kind: details.who_kind,
    device_at: at.toISOString(),
  }
  if (passage.temperature !== null) body.temperature = degrees(passage.temperature)
  if (passage.first !== null && passage.first !== undefined)
    body.first_temperature = degrees(passage.first)
  if (passage.reason) body.reason = passage.reason
  for (const field of ['who', 'door', 'vehicle'] as const) {
    const text = details[field].trim()
    if (text) body[field] = text
  }
  if (passage.visitor) body.visitor = passage.visitor
  if (passage.skipped) body.skipped_temperature = true
  if (passage.mask !== undefined) body.mask_worn = passage.mask && passage.reason !== NO_MASK
  return passage.proof ? { ...body, ...proofBody(passage.proof) } : body
}

function proofBody({ pass, how, verdict, serial }: Proof): Record<string, unknown> {
  const body: Record<string, unknown> = { how, verdict }
  // what is no whole number here was not made by this product
  if (!pass && serial && Number.isSafeInteger(Number(serial))) body.pass_serial = Number(serial)
  if (!pass) return body
  body.pass = pass.id
  if (pass.class === 'visitor') body.who_kind = 'visitor'
  return body
}

/** Whether the server could be reached when it was written. */
const linkBody = (): { offline?: true } =>
  unreachable.value || navigator.onLine === false ? { offline: true } : {}

export interface Counts {
  in: number
  out: number
  inside: number
  abnormal: number
  refused: number
}

/** What one event adds to the day's counts; a correction takes the same off. */
export function countsOf(body: Record<string, unknown>, threshold: number): Counts {
  const n = body.corrects ? -1 : 1
  const admitted = body.outcome === 'admitted' || body.outcome === 'remeasured'
  const hot = [body.temperature, body.first_temperature].some(
    (value) => value !== undefined && value !== null && tenths(Number(value)) >= threshold,
  )
  const inward = body.direction === 'in'
  return {
    in: admitted && inward ? n : 0,
    out: admitted && !inward ? n : 0,
    inside: admitted ? (inward ? n : -n) : 0,
    abnormal: hot ? n : 0,
    refused: admitted ? 0 : n,
  }
}

const asRow = (entry: Entry): GateRow => {
  const text = (field: string) => (entry.body[field] as string | undefined) ?? null
  const value = (field: string) => (entry.body[field] as number | undefined) ?? null
  return {
    id: entry.id,
    at: entry.at,
    direction: entry.body.direction as Direction,
    outcome: entry.body.outcome as Outcome,
    temperature: value('temperature'),
    first_temperature: value('first_temperature'),
    who: text('who'),
    door: text('door'),
    vehicle: text('vehicle'),
    reason: text('reason'),
    sent: false,
    undone: false,
  }
}

export function useGate(post: Ref<Post | null>) {
  const figures = ref<Record<string, number | null>>({})
  const rows = shallowRef<Row[]>([])
  /** How many answers with figures have come, and how many had when an event was written here. */
  const answered = ref(0)
  const writtenAfter = new Map<string, number>()
  /** Acknowledged, but perhaps not in the figures yet. */
  const settling = shallowRef<Entry[]>([])
  const unit = computed(() => post.value?.unit.code ?? null)
  const { state: live } = useLiveFigures(unit, (answer) => {
    take(answer)
    settling.value = []
  })
  function take(answer: FigureAnswer): void {
    figures.value = { ...figures.value, ...answer.figures }
    answered.value++
  }
  /** The figures often know of an event before its own request is answered; they are believed. */
  const uncounted = (entry: Entry): boolean =>
    unreachable.value || (writtenAfter.get(entry.id) ?? answered.value) === answered.value
  function count(entry: Entry): Entry {
    writtenAfter.set(entry.id, answered.value)
    return entry
  }

  const isMine = (entry: Entry) =>
    entry.path === 'gate-events' && entry.body.post === post.value?.id
  const waiting = computed(() => pending.value.filter(isMine))

  const counts = computed<Counts>(() => {
    const sum: Counts = {
      in: figures.value['gate.in'] ?? 0,
      out: figures.value['gate.out'] ?? 0,
      inside: figures.value['gate.inside'] ?? 0,
      abnormal: figures.value['gate.abnormal'] ?? 0,
      refused: figures.value['gate.refused'] ?? 0,
    }
    for (const entry of [...waiting.value, ...settling.value].filter(uncounted)) {
      const one = countsOf(entry.body, limits.value.threshold)
      for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += one[key]
    }
    return sum
  })

  const last = computed<GateRow[]>(() => {
    const here = [...waiting.value, ...settling.value]
    const known = new Set(rows.value.map((row) => row.id))
    const undone = new Set<unknown>(here.map((entry) => entry.body.corrects))
    for (const row of rows.value) undone.add((row.corrects as { id?: string } | null)?.id)
    const local = here.filter((entry) => !entry.body.corrects && !known.has(entry.id))
    const sent = rows.value
      .filter((row) => !row.corrects)
      .map((row) => ({
        ...(row as unknown as GateRow),
        at: (row.device_at as string | null) ?? row.created_at ?? '',
        sent: true,
      }))
    return [...local.map(asRow).reverse(), ...sent]
      .slice(0, LAST)
      .map((row) => ({ ...row, undone: undone.has(row.id) }))
  })

  async function loadRows(): Promise<void> {
    const id = post.value?.id
    if (!id) return
    try {
      const page = await list('gate-events', { filter: { post: id }, limit: 2 * LAST })
      if (post.value?.id === id) rows.value = page.items
    } catch {
      return // the list keeps what it had; the head of the page says that there is no link
    }
  }

  let timer: ReturnType<typeof setTimeout> | undefined
  async function settle(): Promise<void> {
    const gone = new Set(settling.value.map((entry) => entry.id))
    await loadRows()
    if (gone.size === 0 || !unit.value) return
    try {
      const answer = await get<FigureAnswer>('figures', { unit: unit.value })
      take(answer)
      settling.value = settling.value.filter((entry) => !gone.has(entry.id))
    } catch {
      return // counted from here until the figures can be asked again
    }
  }
  const stop = onSettled((entries) => {
    const done = entries.filter((entry) => isMine(entry) && !entry.refused)
    if (done.length === 0) return
    settling.value = [...settling.value, ...done]
    clearTimeout(timer)
    timer = setTimeout(settle, SETTLE_MS)
  })
  onScopeDispose(() => {
    stop()
    clearTimeout(timer)
  })

  watch(
    () => post.value?.id,
    () => {
      rows.value = []
      settling.value = []
      figures.value = {}
      void loadRows()
    },
    { immediate: true },
  )

  async function admit(passage: Passage): Promise<Entry> {
    const at = now()
    const body = { ...gateBody(post.value?.id ?? '', passage, at), ...linkBody() }
    const entry = await write({ path: 'gate-events', body, at })
    note(entry, passage.proof?.pass?.household ?? null)
    return count(entry)
  }

  async function undo(entry: Entry, reason: string): Promise<void> {
    const at = now()
    const { offline: _, ...same } = entry.body
    const body = {
      ...same,
      corrects: entry.id,
      reason,
      device_at: at.toISOString(),
      ...linkBody(),
    }
    const back = await write({ path: 'gate-events', body, at })
    note(back, null)
    count(back)
    if (entry.body.visitor && entry.body.direction === 'in')
      await takeVisitorBack(String(entry.body.visitor), reason, at)
  }

  /** The register's entry of somebody mistyped stood open for ever. */
  async function takeVisitorBack(id: string, remark: string, at: Date): Promise<void> {
    const body = { device_at: at.toISOString(), remark }
    await write({ path: `visitors/${id}/take_back`, body, at })
    const visitor = visitorById(id)
    if (visitor) noteOwnVisitor({ ...visitor, state: 'withdrawn' })
  }

  /** The next verdict on the same pass knows of this passage already. */
  function note({ id, at, body }: Entry, household: string | null): void {
    noteOwnEvent({
      id,
      post: String(body.post),
      pass: (body.pass as string | undefined) ?? null,
      household,
      direction: body.direction as Direction,
      outcome: body.outcome as Outcome,
      happened_at: at,
      visitor: (body.visitor as string | undefined) ?? null,
      corrects: (body.corrects as string | undefined) ?? null,
    })
  }

  const refusedHere = computed(() => refused.value.filter(isMine).length)
  return { counts, last, live, admit, undo, loadRows, refusedHere }
}
