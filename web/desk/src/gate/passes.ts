// Passes: cards to print, the code to show on a screen, the verdict on what is held up to the desk.
import type { GateCheck, PassCode } from '@server/types.ts'
import { download, get, post } from '@shared/api.ts'
import { today } from '@shared/meta.ts'

export type Area = 'compound' | 'building' | 'household'
export type Cards = { ids: string[] } | ({ [area in Area]?: string } & { only_unprinted?: boolean })

export const printCards = (what: Cards): Promise<string> =>
  download('passes/cards', what, `passes-${today()}.pdf`, 'application/pdf')

export type { PassCode }
export const codeOf = (id: string) => get<PassCode>(`passes/${id}/code`)

/** Digits in pairs of four, as they are printed and read out. */
export const grouped = (number: unknown): string =>
  String(number ?? '').replace(/(\d{4})(?=\d)/g, '$1 ')

/** A typed number has its digits and nothing else; what begins with SW1: is a scanned code. */
export function asked(text: string): { code: string } | { number: string } | null {
  const plain = text.trim()
  if (/^SW1:/i.test(plain)) return { code: plain }
  const digits = plain.replace(/[\s-]/g, '')
  return /^\d{1,20}$/.test(digits) ? { number: digits } : null
}

export type Verdict = GateCheck
export const checkPass = (what: object) => post<Verdict>('gate/check', what)
