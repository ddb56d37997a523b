// One's own open work, as `GET todo` and a phone's day have it.
export type { Todo, TodoItem } from '@server/types.ts'
