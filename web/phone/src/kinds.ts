// The kinds of which this phone has a list, in the words of the server, as far as the person who works
// here may see and act on them. Kept with his day, so that a list says the same without a network.
import { get } from '@shared/api.ts'
import type { Kind } from '@shared/meta.ts'
import { shallowRef } from 'vue'
import { saveState, state } from './vault.ts'

export const kinds = shallowRef<Kind[]>([])

export async function loadKinds(): Promise<void> {
  const answer = await get<{ kinds: Kind[] }>('meta', { phone: 1 })
  kinds.value = answer.kinds
  await saveState({ kinds: answer.kinds })
}

/** As they were kept on this phone. */
export function recallKinds(): void {
  kinds.value = (state()?.kinds as Kind[] | undefined) ?? []
}

export function forgetKinds(): void {
  kinds.value = []
}

export const kindHere = (plural: string): Kind | undefined =>
  kinds.value.find((kind) => kind.plural === plural)
