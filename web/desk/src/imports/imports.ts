// Imports as the server gives them.
import { call, type Problem, post } from '@shared/api.ts'

export interface ImportResult {
  id: string | null
  rows: number
  created: number
  updated: number
  unchanged: number
  bad: number
  done: boolean
  problems: Problem[]
  /** More problems than these were found. */
  more?: boolean
  /** `field` is the name of the kind's field or of a column that says where a row belongs; null where
   * the column is left out. */
  columns: { header: string; field: string | null; zh?: string; en?: string }[]
  /** Further records, made because rows needed them. */
  made: { kind: string; zh: string; en: string; n: number }[]
}

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** The same request with the same file tries (`dry`) or imports. */
export async function sendFile(
  kind: string,
  file: File,
  how: { dry: boolean; skipBad: boolean },
): Promise<ImportResult> {
  const answer = await call<ImportResult>('POST', 'imports', {
    query: {
      kind,
      filename: file.name,
      dry: how.dry ? 1 : undefined,
      skip_bad: how.skipBad ? 1 : undefined,
    },
    body: file,
    headers: { 'Content-Type': /\.csv$/i.test(file.name) ? 'text/csv' : xlsx },
  })
  return answer.data
}

export interface UndoResult {
  /** Had been created: retired. */
  undone: number
  /** Had been updated: as they were before. */
  restored: number
  left: number
  kept: {
    kind: string
    id: string
    title: string | null
    row: number
    why: 'changed' | 'in_use' | 'rule' | 'key_gone'
    zh: string
    en: string
  }[]
}

export const undoImport = (id: string) => post<UndoResult>(`imports/${id}/undo`)
