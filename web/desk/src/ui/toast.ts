// What has just happened, said once at the foot of the page and to the screen reader.
import type { Problem } from '@shared/api.ts'
import { problemText } from '@shared/problems.ts'
import { reactive } from 'vue'

export interface Toast {
  id: number
  text: string
  bad: boolean
  undo?: { label: string; run: () => void }
}

export const toasts = reactive<Toast[]>([])
let last = 0

export function dismiss(id: number): void {
  const at = toasts.findIndex((toast) => toast.id === id)
  if (at >= 0) toasts.splice(at, 1)
}

function show(text: string, bad: boolean, undo?: Toast['undo']): void {
  const id = ++last
  toasts.push({ id, text, bad, ...(undo ? { undo } : {}) })
  if (toasts.length > 4) toasts.shift()
  setTimeout(() => dismiss(id), bad ? 12_000 : undo ? 9_000 : 5_000)
}

export const done = (text: string, undo?: Toast['undo']) => show(text, false, undo)
export const failed = (text: string) => show(text, true)

/** Warnings of an answer that succeeded: stored, but worth a look. */
export function sayWarnings(answer: { warnings?: Problem[] } | null | undefined): void {
  for (const problem of answer?.warnings ?? []) failed(problemText(problem))
}
