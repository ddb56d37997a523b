// What the server says about itself: every kind of record with its fields, states and actions, and
// the indicators, as far as this viewer may see them. The generic screens are drawn from it.
import type {
  MetaChoice as Choice,
  MetaField as Field,
  IndicatorWords as Indicator,
  Label,
  MetaAction,
  MetaKind,
  MetaMay,
  MetaPolicy as Policy,
  MetaScreen as Screen,
  MetaState as State,
  Meta as Whole,
} from '@server/types.ts'
import { computed, shallowRef } from 'vue'
import { get } from './api.ts'
import { civilDay } from './format.ts'
import type { Some } from './types.ts'

export type { Choice, Field, Indicator, Label, Policy, Screen, State }
export type Tone = NonNullable<State['tone']>
export type Action = Some<MetaAction, 'to' | 'needs' | 'takes'>
export type Kind = Omit<Some<MetaKind, 'states' | 'title_fields'>, 'may' | 'actions'> & {
  may: Partial<MetaMay>
  actions?: Action[]
}
/** As the desk is told of it: a phone gets no indicators, and asks none. */
export type Meta = Omit<Some<Whole, 'areas' | 'groups' | 'rights'>, 'kinds' | 'indicators'> & {
  kinds: Kind[]
  indicators: Indicator[]
}

export const meta = shallowRef<Meta | null>(null)
/** How far this machine's clock is behind the server's, in milliseconds. */
let drift = 0

export async function loadMeta(): Promise<Meta> {
  const answer = await get<Meta>('meta')
  meta.value = answer
  drift = Date.parse(answer.now) - Date.now()
  return answer
}

export const forgetMeta = () => {
  meta.value = null
}

/** The server's present: a demonstration stands at its own day. */
export const now = () => new Date(Date.now() + drift)
export const zone = () => meta.value?.operation?.timezone ?? 'Asia/Shanghai'
/** The civil day in the operation's zone, YYYY-MM-DD. */
export const today = () => civilDay(now(), zone())

const byName = computed(
  () =>
    new Map(
      meta.value?.kinds.flatMap((kind) => [
        [kind.name, kind] as const,
        [kind.plural, kind] as const,
      ]),
    ),
)
const byCode = computed(() => new Map(meta.value?.indicators.map((row) => [row.code, row])))

/** A kind by its name or its plural; undefined where the viewer may not know of it. */
export const kindOf = (name: string): Kind | undefined => byName.value.get(name)
export const indicatorOf = (code: string): Indicator | undefined => byCode.value.get(code)
export const policyOf = (key: string): Policy | undefined =>
  meta.value?.operation?.policy?.find((rule) => rule.key === key)
export const hasRight = (name: string): boolean => meta.value?.rights?.includes(name) === true
export const fieldOf = (kind: Kind, name: string): Field | undefined =>
  kind.fields.find((field) => field.name === name)
const SMALL_UNITS = ['subdistrict', 'community', 'compound']
const oneValue = (value = '') => value !== '' && !/^~|,|\.\.|null$/.test(value)
/** Whether the server takes this order: above a subdistrict only what it need not sort. `unitKind`
 *  is that of the branch to which the list is narrowed. */
export const sortable = (
  kind: Kind,
  field: Field | undefined,
  filter: Record<string, string> = {},
  unitKind = '',
): boolean =>
  field?.sort === true &&
  (field.sort_wide === true ||
    kind.wide !== true ||
    SMALL_UNITS.includes(unitKind) ||
    (field.sort_with !== undefined && oneValue(filter[field.sort_with])) ||
    kind.fields.some(
      (one) => one.narrows && filter[one.name] && !filter[one.name]?.endsWith('null'),
    ))
/** How a kind is shown; empty where its area says nothing, or it is not this viewer's to see. */
export const screenOf = (name: string): Screen => kindOf(name)?.screen ?? {}
export const stateOf = (kind: Kind, value: unknown): State | undefined =>
  kind.states?.find((state) => state.value === value)
