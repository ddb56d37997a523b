// Imports as the server gives them.
import { get, type Problem, post } from '@shared/api.ts'
import { dictionary } from '@shared/i18n.ts'

export interface DryRun {
  id: string
  rows: number
  created: number
  updated: number
  unchanged: number
  problems: Problem[]
  preview?: Record<string, unknown>[]
  columns: { header: string; field: string | null }[]
}

interface RawImport {
  id: string
  kind: string
  file?: string
  filename?: string
  state?: string
  created_at?: string
  at?: string
  by?: { name?: string; title?: string; login?: string } | string | null
  rows?: number
  created?: number
  updated?: number
}

export interface ImportRow {
  id: string
  kind: string
  file: string
  at: string
  by: string
  rows: number
  created: number
  updated: number
  stateText: string
  undoable: boolean
}

const t = dictionary({
  tried: ['只试导过', 'Trial only'],
  running: ['正在导入', 'Running'],
  done: ['已导入', 'Imported'],
  undone: ['已撤销', 'Undone'],
  failed: ['失败', 'Failed'],
})
const states: Record<string, Parameters<typeof t>[0]> = {
  tried: 'tried',
  dry: 'tried',
  checked: 'tried',
  running: 'running',
  done: 'done',
  run: 'done',
  imported: 'done',
  undone: 'undone',
  failed: 'failed',
}

export async function listImports(): Promise<ImportRow[]> {
  const { items } = await get<{ items: RawImport[] }>('imports', { limit: 50 })
  return items.map((row) => {
    const state = states[row.state ?? 'done']
    return {
      id: row.id,
      kind: row.kind,
      file: row.file ?? row.filename ?? '',
      at: row.at ?? row.created_at ?? '',
      by:
        typeof row.by === 'string'
          ? row.by
          : (row.by?.name ?? row.by?.title ?? row.by?.login ?? ''),
      rows: row.rows ?? 0,
      created: row.created ?? 0,
      updated: row.updated ?? 0,
      stateText: state ? t(state) : (row.state ?? ''),
      undoable: state === 'done',
    }
  })
}

export const runImport = (id: string, skipBad: boolean) =>
  post<{ created: number; updated: number }>(`imports/${id}/run`, { skip_bad: skipBad })
export const undoImport = (id: string) => post<unknown>(`imports/${id}/undo`)
