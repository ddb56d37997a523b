// Who confirms a handover, each with his own PIN on the one phone. What proves it is the token that
// the phone holds under that PIN; the page never sees the PIN's other secrets. The vault fulfils this
// interface with `setConfirmation`; a phone without PINs hands over one-sidedly, and says so.
import { shallowRef } from 'vue'

export interface Confirmer {
  account: string
  label: string
}
export interface Confirmation {
  /** Who has a PIN on this phone. */
  people: () => Confirmer[]
  /** Who works now: the one who hands over, as a rule. */
  current: () => string | null
  /** The author token of that person; throws `{code: 'wrong' | 'wait' | 'gone' | 'stale'}`. */
  prove: (account: string, pin: string) => Promise<string>
}

const none: Confirmation = {
  people: () => [],
  current: () => null,
  prove: () => Promise.reject(Object.assign(new Error('gone'), { code: 'gone' })),
}
export const confirmation = shallowRef<Confirmation>(none)
export function setConfirmation(how: Confirmation): void {
  confirmation.value = how
}
