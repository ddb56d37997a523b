// Live figures: an event stream where it holds, questions every few seconds where it does not.
import type * as server from '@server/types.ts'
import { onScopeDispose, type Ref, ref, watch } from 'vue'
import { address, get } from './api.ts'
import type { Some } from './types.ts'

export type Figures = Record<string, number | null>
/** A stream says only what has changed, and nothing of completeness. */
export type FigureAnswer = Omit<Some<server.Figures, 'complete'>, 'figures'> & { figures: Figures }

export type LiveState = 'off' | 'stream' | 'polling' | 'lost'

const pollMs = 5_000

/**
 * Calls `take` with changed figures of the unit while `unit` is not null. The stream is tried
 * first; after its second failure in a row the figures are asked for until a stream holds again.
 */
export function useLiveFigures(
  unit: Ref<string | null>,
  take: (answer: FigureAnswer) => void,
): { state: Ref<LiveState> } {
  const state = ref<LiveState>('off')
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let round = 0

  function stop() {
    round++
    source?.close()
    source = null
    clearTimeout(timer)
  }

  async function poll(code: string, mine: number) {
    try {
      const answer = await get<FigureAnswer>('figures', { unit: code })
      if (mine !== round) return
      state.value = 'polling'
      take(answer)
    } catch {
      if (mine !== round) return
      state.value = 'lost'
    }
    timer = setTimeout(() => poll(code, mine), pollMs)
  }

  function listen(code: string, mine: number) {
    if (typeof EventSource === 'undefined') {
      void poll(code, mine)
      return
    }
    const stream = new EventSource(address('figures/stream', { unit: code }))
    source = stream
    stream.onopen = () => {
      failures = 0
      state.value = 'stream'
    }
    stream.addEventListener('figures', (event) => {
      if (mine === round) take(JSON.parse((event as MessageEvent<string>).data) as FigureAnswer)
    })
    stream.onerror = () => {
      if (mine !== round) return
      failures++
      state.value = 'lost'
      if (failures < 2 && stream.readyState !== EventSource.CLOSED) return
      stream.close()
      source = null
      void poll(code, mine)
    }
  }

  watch(
    unit,
    (code) => {
      stop()
      failures = 0
      state.value = 'off'
      if (code !== null) listen(code, round)
    },
    { immediate: true },
  )
  onScopeDispose(stop)
  return { state }
}
