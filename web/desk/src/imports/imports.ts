// Imports as the server gives them.
import type { ImportReport, ImportUndone } from '@server/types.ts'
import { call, post } from '@shared/api.ts'

export type { ImportReport as ImportResult, ImportUndone as UndoResult }

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** The same request with the same file tries (`dry`) or imports. */
export async function sendFile(
  kind: string,
  file: File,
  how: { dry: boolean; skipBad: boolean },
): Promise<ImportReport> {
  const answer = await call<ImportReport>('POST', 'imports', {
    query: {
      kind,
      filename: file.name,
      dry: how.dry ? 1 : undefined,
      'skip-bad': how.skipBad ? 1 : undefined,
    },
    body: file,
    headers: { 'Content-Type': /\.csv$/i.test(file.name) ? 'text/csv' : xlsx },
  })
  return answer.data
}

export const undoImport = (id: string) => post<ImportUndone>(`imports/${id}/undo`)
