// What stands between a code before the camera and an entry in the register: the verdict on the pass
// that is shown now, which way its holder goes, and by what right he passes all the same.
import { computed, ref, shallowRef } from 'vue'
import { day, now, zone } from '../day.ts'
import type { How, Proof } from '../gate.ts'
import * as pocket from '../pocket.ts'
import { bareNumber, NUMBER_DIGITS } from './number.ts'
import { type Checked, checkPass, isPassText } from './pass.ts'
import {
  type Direction,
  judgeCode,
  judgeNumber,
  judgePass,
  type Known,
  policiesOf,
  proposal,
  type Verdict,
} from './verdict.ts'

export interface Shown {
  verdict: Verdict
  how: How
  /** The direction comes from the pass's last passage, not from the person at the gate. */
  proposed: boolean
  /** Let through although the rules say no: why. */
  exception: string | null
  /** Judges the same pass again, for the other direction or a later moment. */
  again: (direction: Direction) => Verdict
}

const known = (): Known => ({ ...pocket, estates: pocket.estatesHere() })

export function useFlow(react: (shown: Shown) => void) {
  /** The direction that people take unless their pass says otherwise. */
  const standing = ref<Direction>('in')
  const shown = shallowRef<Shown | null>(null)
  const policies = computed(() => policiesOf(day.value?.policy))
  const direction = computed(() => shown.value?.verdict.direction ?? standing.value)
  let round = 0

  const at = (way: Direction) => ({
    now: now().getTime(),
    zone: zone(),
    direction: way,
    policies: policies.value,
  })

  function show(how: How, again: (way: Direction) => Verdict): void {
    const first = again(standing.value)
    const events = first.pass ? pocket.lastEventsOf(first.pass.id) : []
    const way = proposal(events, now().getTime()) ?? standing.value
    const verdict = way === standing.value ? first : again(way)
    const proposed = way !== standing.value
    shown.value = { verdict, how, proposed, exception: null, again }
    react(shown.value)
  }

  /** A code as some scanner read it: a pass, a number on its own, or anything else. */
  async function code(text: string, how: How): Promise<void> {
    const mine = ++round
    const plain = isPassText(text) || text.length > 2 * NUMBER_DIGITS ? '' : bareNumber(text)
    if (/^\d{8}$/.test(plain)) return number(plain)
    const checked: Checked = await checkPass(text, pocket.passKeys())
    // somebody else's code was shown meanwhile
    if (mine !== round) return
    show(how, (way) => judgeCode(checked, known(), at(way)))
  }

  function number(digits: string): void {
    round++
    show('number', (way) => judgeNumber(digits, known(), at(way)))
  }

  /** A pass that was found by door or plate instead of being shown. */
  function pass(found: pocket.PocketPass): void {
    round++
    show('free', (way) => judgePass(found, known(), at(way)))
  }

  function turn(way: Direction): void {
    const here = shown.value
    if (!here) {
      standing.value = way
      return
    }
    shown.value = { ...here, verdict: here.again(way), proposed: false }
  }

  function except(reason: string): void {
    if (shown.value) shown.value = { ...shown.value, exception: reason }
  }

  function dismiss(): void {
    round++
    shown.value = null
  }

  const proof = computed<Proof | null>(() => {
    const here = shown.value
    if (!here) return null
    const { pass, code, claims } = here.verdict
    // an unproved code says nothing that is believed
    const serial = code === 'ok_unlisted' ? (claims?.serial ?? null) : null
    return { pass, how: here.how, verdict: code, serial }
  })
  /** Whether the next reading lets somebody pass. */
  const open = computed(
    () => !shown.value || shown.value.verdict.tone === 'go' || shown.value.exception !== null,
  )
  return {
    standing,
    direction,
    policies,
    shown,
    proof,
    open,
    code,
    number,
    pass,
    turn,
    except,
    dismiss,
  }
}
export type Flow = ReturnType<typeof useFlow>
