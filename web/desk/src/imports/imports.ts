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
  /** `field` is the place in the kind's list of fields, -1 where the column is left out. */
  columns: { header: string; field: number }[]
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

export const undoImport = (id: string) =>
  post<{ undone: number; left: number }>(`imports/${id}/undo`)
