// What stays on this phone: what was typed and not yet submitted, and what was submitted and not yet
// acknowledged. Figures only, never a name. It is kept by enterprise, so that a renewed link finds it.
import type { Values } from '@shared/returns.ts'
import type { Body } from './server.ts'

export interface Draft {
  template: string
  day: string
  values: Values
  note: string
}
interface Kept {
  drafts: Draft[]
  unsent: Body[]
}
const nothing = (): Kept => ({ drafts: [], unsent: [] })

// A token begins with the enterprise's id: 16 bytes are 21 whole characters.
const keyOf = (token: string) => `shouwang.e.${token.slice(0, 21)}`
// A private window keeps it for as long as the page is open.
const memory = new Map<string, string>()

function load(token: string): Kept {
  try {
    const text = localStorage.getItem(keyOf(token)) ?? memory.get(keyOf(token))
    return { ...nothing(), ...(text ? (JSON.parse(text) as Partial<Kept>) : {}) }
  } catch {
    return nothing()
  }
}
function store(token: string, kept: Kept): void {
  const text = JSON.stringify(kept)
  memory.set(keyOf(token), text)
  try {
    if (kept.drafts.length || kept.unsent.length) localStorage.setItem(keyOf(token), text)
    else localStorage.removeItem(keyOf(token))
  } catch {
    return
  }
}
const other = (a: { template: string; day: string }) => (b: { template: string; day: string }) =>
  a.template !== b.template || a.day !== b.day

export const draftOf = (token: string, template: string, day: string): Draft | null =>
  load(token).drafts.find((one) => !other({ template, day })(one)) ?? null
/** Only the day's drafts are worth keeping. */
export function keepDraft(token: string, draft: Draft): void {
  const kept = load(token)
  const rest = kept.drafts.filter((one) => one.day === draft.day && other(draft)(one))
  store(token, { ...kept, drafts: [...rest, draft] })
}
export function dropDraft(token: string, template: string, day: string): void {
  const kept = load(token)
  store(token, { ...kept, drafts: kept.drafts.filter(other({ template, day })) })
}

export const unsentOf = (token: string): Body[] => load(token).unsent
/** The same id stays until the server has answered: sent twice, it is still one return. */
export function keepUnsent(token: string, body: Body): void {
  const kept = load(token)
  store(token, { ...kept, unsent: [...kept.unsent.filter(other(body)), body] })
}
export function dropUnsent(token: string, id: string): void {
  const kept = load(token)
  store(token, { ...kept, unsent: kept.unsent.filter((one) => one.id !== id) })
}
