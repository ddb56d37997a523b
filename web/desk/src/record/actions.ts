// What may be done with a record now, and doing it.
import type { Action, Kind } from '@shared/meta.ts'
import type { Row } from '@shared/records.ts'

export const actionsOf = (kind: Kind | undefined, row: Row): Action[] =>
  row.retired
    ? []
    : (kind?.actions ?? []).filter(
        (one) =>
          (!one.from.length || one.from.includes(row.state ?? '')) &&
          kind?.may.actions?.includes(one.name) === true,
      )

/** Asks nothing of whoever does it, so that it needs no dialog. */
export const isPlain = (action: Action): boolean =>
  !action.needs?.length && !action.reason && !action.second_person
