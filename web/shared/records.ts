// Records of any kind, as the server's generic routes give and take them.
import type { HistoryEntry } from '@server/types.ts'
import { call, get, type Problem, patch, post, type Query } from './api.ts'
import { uuidv7 } from './uuid.ts'

export interface RefValue {
  id: string
  title: string
}

export interface Row {
  id: string
  rev: number
  seq?: number
  state?: string
  created_at?: string
  updated_at?: string
  retired?: boolean
  masked?: string[]
  /** What was stored all the same, but should be looked at. */
  warnings?: Problem[]
  [field: string]: unknown
}

export interface Page {
  items: Row[]
  next: string | null
  total?: number
}

export interface ListQuery {
  limit?: number
  after?: string | null
  sort?: string
  q?: string
  filter?: Record<string, string>
  /** Only this branch. */
  unit?: string
  retired?: boolean
  count?: boolean
}

export function listQuery(query: ListQuery): Query {
  const args: Query = {
    limit: query.limit,
    after: query.after,
    sort: query.sort,
    q: query.q,
    unit: query.unit,
    retired: query.retired ? 1 : undefined,
    count: query.count ? 1 : undefined,
  }
  for (const [field, value] of Object.entries(query.filter ?? {})) {
    if (value !== '') args[`filter[${field}]`] = value
  }
  return args
}

export const list = (plural: string, query: ListQuery = {}, signal?: AbortSignal): Promise<Page> =>
  get<Page>(plural, listQuery(query), signal)
export const read = (plural: string, id: string | number): Promise<Row> =>
  get<Row>(`${plural}/${encodeURIComponent(id)}`)
export const create = (plural: string, fields: Record<string, unknown>): Promise<Row> =>
  post<Row>(plural, { id: uuidv7(), ...fields })
export const change = (plural: string, row: Row, fields: Record<string, unknown>): Promise<Row> =>
  patch<Row>(`${plural}/${encodeURIComponent(row.id)}`, row.rev, fields)
export const act = (
  plural: string,
  row: Pick<Row, 'id' | 'rev'>,
  action: string,
  fields: Record<string, unknown> = {},
): Promise<Row> =>
  post<Row>(`${plural}/${encodeURIComponent(row.id)}/${action}`, { ...fields, rev: row.rev })

export async function reveal(
  plural: string,
  id: string,
  fields: string[],
  reason: string,
): Promise<Record<string, unknown>> {
  const path = `${plural}/${encodeURIComponent(id)}/reveal`
  const answer = await call<{ values: Record<string, unknown> }>('POST', path, {
    body: { fields, reason },
  })
  return answer.data.values
}

export type { HistoryEntry }
export const history = (plural: string, id: string | number): Promise<{ items: HistoryEntry[] }> =>
  get(`${plural}/${encodeURIComponent(id)}/history`)
