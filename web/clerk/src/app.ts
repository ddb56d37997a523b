// What the page knows, and the steps between its screens. Drawing is done by the screens; whoever
// changes something calls show().
import {
  type Form,
  type Problem,
  type Receipt,
  type Sheet,
  startValues,
  type Values,
} from '@shared/returns.ts'
import { uuidv7 } from '@shared/uuid.ts'
import { draftOf, dropDraft, dropUnsent, keepUnsent, unsentOf } from './keep.ts'
import {
  askSheet,
  type Body,
  dayOf,
  sendReturn,
  type Trouble,
  tokenOf,
  tryReturn,
} from './server.ts'

export type Screen = 'home' | 'confirm' | 'form' | 'staff' | 'receipt' | 'unsent'
export type Way = 'no_change' | 'nil'

export const app = {
  token: tokenOf(location.pathname),
  /** An earlier day that the link names; empty: today. */
  day: dayOf(location.search),
  sheet: null as Sheet | null,
  /** Why there is no sheet, or why the last step did not work. */
  trouble: null as Trouble | null,
  screen: 'home' as Screen,
  /** Which of the day's forms. */
  at: 0,
  values: {} as Values,
  note: '',
  restored: false,
  way: 'no_change' as Way,
  preview: null as Receipt | null,
  receipt: null as Receipt | null,
  /** What the server refused, to be shown in the form. */
  problems: [] as Problem[],
  busy: false,
  /** The server's clock less this phone's. */
  drift: 0,
}

let draw: () => void = () => {}
export const onShow = (how: () => void) => {
  draw = how
}
export function show(screen: Screen = app.screen): void {
  app.screen = screen
  draw()
}

export const form = (): Form => app.sheet?.forms[app.at] as Form
export const isLate = (of: Form): boolean => Date.now() + app.drift > Date.parse(of.deadline)

export async function loadSheet(): Promise<boolean> {
  const asked = await askSheet(app.token, app.day)
  if (!asked.ok) {
    app.trouble = asked.why
    return false
  }
  app.sheet = asked.value
  app.drift = Date.parse(asked.value.now) - Date.now()
  app.trouble = null
  app.at = Math.min(app.at, Math.max(0, asked.value.forms.length - 1))
  return true
}

/** The first look: what was confirmed and never acknowledged goes first. */
export async function begin(): Promise<void> {
  app.trouble = app.token ? null : 'no_link'
  if (!app.token) return show('home')
  const unsent = unsentOf(app.token)
  if (await loadSheet()) {
    for (const body of unsent) await send(body)
    if (unsent.length) await loadSheet()
  }
  show('home')
}

export function choose(at: number): void {
  app.at = at
  show('home')
}

/** Same as yesterday, or nil: what would be sent is shown first. */
export async function look(way: Way): Promise<void> {
  if (app.busy) return
  app.way = way
  app.busy = true
  app.problems = []
  show()
  const of = form()
  const day = app.sheet?.day ?? ''
  const asked = await tryReturn(app.token, { template: of.template, day, [way]: true })
  app.busy = false
  if (asked.ok) {
    app.preview = asked.value
    return show('confirm')
  }
  if (!asked.problems.length) {
    app.trouble = asked.why
    return show('home')
  }
  // A box that nobody can fill but the clerk: the form says which.
  openForm()
  app.problems = asked.problems
  show('form')
}

export function openForm(): void {
  const of = form()
  const draft = draftOf(app.token, of.template, app.sheet?.day ?? '')
  const known = new Set(of.fields.map((item) => item.code))
  const start = startValues(of)
  app.problems = []
  app.restored = draft !== null
  app.note = draft?.note ?? ''
  app.values = start
  for (const [code, value] of Object.entries(draft?.values ?? {}))
    if (known.has(code)) app.values[code] = value
  show('form')
}

/** Sends one; true where the server has it, whatever it answered. */
async function send(body: Body): Promise<boolean> {
  const asked = await sendReturn(app.token, body)
  if (asked.ok) {
    dropUnsent(app.token, body.id)
    dropDraft(app.token, body.template, body.day)
    app.receipt = asked.value
    return true
  }
  if (asked.refused) dropUnsent(app.token, body.id)
  app.problems = asked.problems
  app.trouble = asked.refused && asked.problems.length ? null : asked.why
  return false
}

export async function submit(what: Omit<Body, 'id' | 'template' | 'day'>): Promise<void> {
  if (app.busy) return
  const body: Body = {
    id: uuidv7(),
    template: form().template,
    day: app.sheet?.day ?? '',
    ...what,
  }
  keepUnsent(app.token, body)
  await deliver(body)
}

/** The same again, under the same id. */
export async function resend(): Promise<void> {
  const [body] = unsentOf(app.token).filter((one) => one.template === form().template)
  if (body) await deliver(body)
  else show('home')
}

async function deliver(body: Body): Promise<void> {
  if (app.busy) return
  app.busy = true
  app.trouble = null
  app.problems = []
  show()
  const done = await send(body)
  if (done) {
    const receipt = app.receipt
    await loadSheet()
    app.receipt = receipt
    app.trouble = null
  }
  app.busy = false
  if (done) return show('receipt')
  if (!app.problems.length) return show('unsent')
  const problems = app.problems
  if (app.screen !== 'form') openForm()
  app.problems = problems
  show('form')
}
