// Who a pass belongs to, as far as this phone knows: the door, and the masked name where it is a
// person's. Enough to look from the card to the face; nothing to copy.
import { householdById, type PocketPass, residentsOf, visitorById } from '../pocket.ts'

export function doorOf(pass: PocketPass): string {
  return (pass.household && householdById(pass.household)?.code) || ''
}

export function holderParts(pass: PocketPass): string[] {
  const person =
    pass.household && pass.resident
      ? residentsOf(pass.household).find((one) => one.id === pass.resident)?.name
      : null
  return [doorOf(pass), person, pass.plate].filter((part): part is string => Boolean(part))
}
export const holderOf = (pass: PocketPass): string => holderParts(pass).join(' · ')

export const visitorName = (id: string): string => visitorById(id)?.name ?? ''
