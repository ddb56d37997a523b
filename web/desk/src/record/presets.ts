// How the most used lists begin: columns and order. A kind without a row here is shown by its table.
import type { Label } from '@shared/meta.ts'

export interface Preset {
  columns?: string[]
  sort?: string
  lead?: Label
}

export const presets: Record<string, Preset> = {}
