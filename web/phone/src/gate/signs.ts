// The sign of the day of a gate, which a resident who scanned the poster shows on his own phone. A
// week of them is kept here, as the guard looks for it without a network too.
import type { GateSigns } from '@server/types.ts'
import { get } from '@shared/api.ts'
import { recall, remember } from '@shared/remember.ts'
import { type Sign, signOf } from '@shared/sign.ts'
import { ref } from 'vue'

type Kept = Record<string, number>

function kept(post: string): Kept {
  try {
    return JSON.parse(recall(`signs.${post}`) ?? '{}') as Kept
  } catch {
    return {}
  }
}

export function useSign(post: string, today: string) {
  const sign = ref<Sign | null>(null)
  const show = (signs: Kept) => {
    const value = signs[today]
    sign.value = value === undefined ? null : signOf(value)
  }
  show(kept(post))
  get<GateSigns>(`posts/${encodeURIComponent(post)}/signs`).then(
    ({ signs }) => {
      const fresh = Object.fromEntries(signs.map((one) => [one.date, one.sign]))
      remember(`signs.${post}`, JSON.stringify(fresh))
      show(fresh)
    },
    () => undefined, // what is kept has to do
  )
  return sign
}
