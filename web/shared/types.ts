// How the pages narrow the server's types, which `shouwang schema --ts` makes (@server/types.ts).
import type { RefValue } from './records.ts'

/** Some members may be left out: what a page or a test makes up by itself. */
export type Some<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>
/** Fields that the kind requires: only old records may lack them. */
export type Filled<T, K extends keyof T> = Omit<T, K> & {
  [P in K]: 'title' extends keyof NonNullable<T[P]> ? RefValue : NonNullable<T[P]>
}
