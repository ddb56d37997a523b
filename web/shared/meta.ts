// What the server says about itself: every kind of record with its fields, states and actions, and
// the indicators, as far as this viewer may see them. The generic screens are drawn from it.
import { computed, shallowRef } from 'vue'
import { get } from './api.ts'
import { civilDay } from './format.ts'

export type FieldType =
  | 'text'
  | 'longtext'
  | 'int'
  | 'bool'
  | 'date'
  | 'moment'
  | 'minute'
  | 'enum'
  | 'tags'
  | 'ref'
  | 'unit'
  | 'temp'
  | 'fen'
  | 'phone'
  | 'citizen_id'
  | 'credit_code'
  | 'unit_code'
  | 'uuid'
  | 'photo'
  | 'decimal'
  | 'json'

export interface Label {
  zh: string
  en: string
}
export interface Choice extends Label {
  value: string
}

export interface Field extends Label {
  name: string
  type: FieldType
  help_zh?: string
  help_en?: string
  required?: boolean
  immutable?: boolean
  read_only?: boolean
  sealed?: boolean
  /** Plain inside, masked for readers without the right to names. */
  personal?: boolean
  /** May be a column of an import. */
  import?: boolean
  initial?: string
  filter?: boolean
  sort?: boolean
  /** Sealed, but found by its whole value; each such look-up is audited. */
  lookup?: boolean
  min?: number
  max?: number
  scale?: number
  choices?: Choice[]
  ref?: string
  mask?: string | boolean
}

export interface Action extends Label {
  name: string
  from: string[]
  to?: string
  needs?: string[]
  /** Further fields that may be given. */
  takes?: string[]
  /** A reason is required and kept in the history. */
  reason?: boolean
  second_person?: boolean
}

export interface Kind extends Label {
  name: string
  plural: string
  area: string
  event?: boolean
  merge?: boolean
  global?: boolean
  /** Written by the program alone; nobody adds or edits such records by hand. */
  made_by_system?: boolean
  title_fields?: string[]
  fields: Field[]
  states?: Choice[]
  actions?: Action[]
  may: {
    read?: boolean
    create?: boolean
    update?: boolean
    retire?: boolean
    export?: boolean
    import?: boolean
    reveal?: boolean
    actions?: string[]
  }
}

export interface Indicator extends Label {
  code: string
  definition_zh: string
  definition_en: string
  unit: string
  type: 'flow' | 'state' | 'distinct' | 'derived'
}

/** A rule of the operation as it holds today; its value is a whole number of 10^-scale. */
export interface Policy extends Label {
  key: string
  value: number
  scale: number
  measure: string
  min: number
  max: number
  source?: string
}

export interface Meta {
  release: string
  now: string
  operation: {
    id: string
    code: string
    name: string
    timezone: string
    today: string
    begins?: string
    policy?: Policy[]
  } | null
  areas?: ({ name: string } & Label)[]
  /** What the viewer may do anywhere at all: "audit.read", "session.revoke" … */
  rights?: string[]
  demo?: boolean
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
export const stateOf = (kind: Kind, value: unknown): Choice | undefined =>
  kind.states?.find((state) => state.value === value)
