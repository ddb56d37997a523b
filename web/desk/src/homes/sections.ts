// A section of a page that the server puts together from what each area has to say.
import type { Label } from '@shared/meta.ts'
import type { Row } from '@shared/records.ts'

export interface Section extends Label {
  code: string
  order: number
  /** The plural of the kind whose records `items` are; null for lines of text. */
  kind: string | null
  items: (Row | Line)[]
  /** What stands beside the items, in words. */
  note?: string | Label | null
}
export interface Line extends Partial<Label> {
  /** Words that the server has in both languages, or what is the same in either. */
  value?: string | number | Label | null
}

export const isRecord = (item: Row | Line): item is Row => 'id' in item
