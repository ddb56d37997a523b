// Why somebody was not let in. The record keeps the Chinese words, which the ledgers quote; the
// screen shows them in the reader's language.
import { lang } from '@shared/i18n.ts'

export const NO_MASK = '未戴口罩'
export const REASONS: readonly (readonly [zh: string, en: string])[] = [
  ['无出入证', 'No pass'],
  ['非本社区人员', 'Not of this community'],
  ['应居家观察', 'Should be under observation'],
  [NO_MASK, 'No mask'],
  ['拒绝测温', 'Refuses to be measured'],
  ['体温异常', 'Abnormal temperature'],
]

export function reasonText(kept: string | null): string {
  if (!kept || lang.value === 'zh') return kept ?? ''
  return REASONS.find(([zh]) => zh === kept)?.[1] ?? kept
}
