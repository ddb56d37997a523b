// Who confirms a handover, each with his own PIN on the one phone. What proves it is the token that
// the phone holds under that PIN. A phone without PINs hands over one-sidedly, and says so.
import { now } from '../day.ts'
import { current, people, proofOf } from '../vault.ts'

export interface Confirmer {
  account: string
  label: string
}
/** Who has a PIN on this phone. */
export const confirmers = (): Confirmer[] =>
  people.value.filter((one) => one.usable).map(({ account, label }) => ({ account, label }))
/** Who works now: the one who hands over, as a rule. */
export const working = (): string | null => current.value
/** Throws a `PinError`. */
export const prove = (account: string, pin: string): Promise<string> =>
  proofOf(account, pin, now().getTime())
