// The staff lines: who is away, who came back, who is at work. The totals of the return are counted
// from them by the server.
import type { Problem, StaffLine } from '@shared/returns.ts'
import { uuidv7 } from '@shared/uuid.ts'
import { app, loadSheet, show } from './app.ts'
import { button, type Child, el } from './dom.ts'
import { head, said } from './screens.ts'
import { type Asked, addLine, changeLine } from './server.ts'
import { pick, t, type Word } from './words.ts'

/** The line that is being written: a new one, or the return of one who was away. */
let open: 'new' | string | null = null
let ending: string | null = null
let typed: Record<string, string> = {}
/** Kept until the server has answered, so that a repeated tap adds nobody twice. */
let newId = ''
let problems: Problem[] = []

const short = (day: string | null | undefined) => (day ?? '').slice(5)
const today = () => app.sheet?.day ?? ''

async function write(ask: () => Promise<Asked<unknown>>): Promise<void> {
  if (app.busy) return
  app.busy = true
  problems = []
  show()
  const asked = await ask()
  if (asked.ok) {
    open = null
    ending = null
    newId = ''
    typed = {}
    await loadSheet()
  } else {
    problems = asked.problems
    app.trouble = problems.length ? null : asked.why
  }
  app.busy = false
  show('staff')
}
const change = (line: StaffLine, fields: Record<string, unknown>) =>
  write(() => changeLine(app.token, line.id, fields))

function field(name: string, word: Word, type: 'text' | 'date', more: Record<string, string> = {}) {
  const id = `s-${name}`
  const wrong = problems.filter((one) => one.field === name)
  const input = el('input', {
    id,
    type,
    class: 'control',
    autocomplete: 'off',
    'aria-describedby': `${id}-w`,
    'aria-invalid': wrong.length > 0 ? 'true' : null,
    ...more,
  })
  input.value = typed[name] ?? ''
  input.addEventListener('input', () => {
    typed[name] = input.value
  })
  return el(
    'div',
    { class: 'box' },
    el('label', { for: id }, t(word)),
    input,
    el('p', { id: `${id}-w`, class: 'wrong' }, wrong.map((one) => pick(one.zh, one.en)).join(' ')),
  )
}

function tick(): HTMLElement {
  const input = el('input', { type: 'checkbox', checked: typed.hubei === 'yes' })
  input.addEventListener('change', () => {
    typed.hubei = input.checked ? 'yes' : 'no'
  })
  return el(
    'label',
    { class: 'tick' },
    input,
    el('span', {}, t('hubei'), ' ', el('span', { class: 'quiet' }, t('hubei_note'))),
  )
}

const filled = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(typed)
      .map(([name, value]) => [name, value.trim()] as const)
      .filter(([, value]) => value !== ''),
  )

function saveButton(save: () => void): HTMLElement {
  return button(t(app.busy ? 'sending' : 'save'), 'wide first', save, { disabled: app.busy })
}

function newLine(): HTMLElement {
  return el(
    'section',
    { class: 'card', 'aria-label': t('add') },
    field('name', 'name', 'text', { maxlength: '40' }),
    field('left_on', 'left_on', 'date', { max: today() }),
    field('place', 'place', 'text', { maxlength: '60' }),
    field('plan_back_on', 'plan_back_on', 'date'),
    tick(),
    saveButton(() => {
      newId ||= uuidv7()
      void write(() => addLine(app.token, { id: newId, ...filled() }))
    }),
  )
}

function backForm(line: StaffLine): HTMLElement {
  return el(
    'div',
    {},
    field('back_on', 'back_on', 'date', { max: today() }),
    field('isolating_until', 'isolating_until', 'date'),
    saveButton(() => void change(line, filled())),
  )
}

function lineOf(line: StaffLine): HTMLElement {
  const facts = [
    line.left_on && !line.back_on && t('away_since', { day: short(line.left_on) }),
    line.place && !line.back_on && line.place,
    line.plan_back_on && !line.back_on && t('plan_back', { day: short(line.plan_back_on) }),
    line.back_on && t('is_back', { day: short(line.back_on) }),
    line.isolating_until && t('until', { day: short(line.isolating_until) }),
    line.at_work_on && t('works', { day: short(line.at_work_on) }),
  ].filter(Boolean)
  const away = Boolean(line.left_on) && !line.back_on
  const who = line.name ?? ''
  const off = { disabled: app.busy }
  return el(
    'li',
    { class: 'card' },
    el('p', { class: 'who' }, who),
    el('p', { class: 'quiet' }, facts.join(' · ')),
    open === line.id
      ? backForm(line)
      : el(
          'div',
          { class: 'row' },
          away &&
            button(
              t('back_today'),
              'small',
              () => {
                open = line.id
                typed = { back_on: today() }
                problems = []
                show()
              },
              { ...off, 'aria-label': `${t('back_today')} ${who}` },
            ),
          !away &&
            !line.at_work_on &&
            button(t('at_work'), 'small', () => void change(line, { at_work_on: today() }), {
              ...off,
              'aria-label': `${t('at_work')} ${who}`,
            }),
          button(
            t(ending === line.id ? 'end_sure' : 'end'),
            'small',
            () => {
              if (ending === line.id) void change(line, { ended_on: today() })
              else {
                ending = line.id
                show()
              }
            },
            { ...off, 'aria-label': `${t(ending === line.id ? 'end_sure' : 'end')} ${who}` },
          ),
        ),
  )
}

const own = ['name', 'left_on', 'place', 'plan_back_on', 'back_on', 'isolating_until']

export function staffScreen(): Child[] {
  const lines = app.sheet?.lines ?? []
  const elsewhere = problems.filter((one) => !own.includes(one.field ?? ''))
  return [
    head(t('staff'), () => {
      open = null
      ending = null
      app.trouble = null
      show('home')
    }),
    el('p', { class: 'quiet' }, t('staff_note')),
    said(),
    ...elsewhere.map((one) => el('p', { class: 'card bad', role: 'alert' }, pick(one.zh, one.en))),
    open === 'new'
      ? newLine()
      : button(t('add'), 'wide first', () => {
          open = 'new'
          typed = {}
          problems = []
          show()
          document.getElementById('s-name')?.focus()
        }),
    lines.length
      ? el('ul', { class: 'lines' }, ...lines.map(lineOf))
      : el('p', {}, t('staff_none')),
  ]
}
