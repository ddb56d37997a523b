// The form: every box with its definition beside it, what is counted or known shown and not typed,
// the equations checked while somebody types. It is built once; typing changes only what it says.
import {
  type Broken,
  brokenRules,
  codesOf,
  type Fault,
  type Form,
  faultOf,
  type Item,
  isTyped,
  type Problem,
  placeOf,
  readCount,
  sentValues,
  signOf,
  startValues,
  withFormulas,
} from '@shared/returns.ts'
import { app, form, show, submit } from './app.ts'
import { button, type Child, el } from './dom.ts'
import { dropDraft, keepDraft } from './keep.ts'
import { because, head, labelOf, nameOf, said, valueText } from './screens.ts'
import { pick, t } from './words.ts'

type Control = HTMLInputElement | HTMLSelectElement
interface Box {
  item: Item
  control: Control | null
  /** Where a value stands that is not typed. */
  shown: HTMLElement | null
  wrong: HTMLElement
}

const FAULTS: Record<Fault, (item: Item) => string> = {
  required: () => t('required'),
  number: () => t('number'),
  small: () => t('small'),
  large: (item) => t('large', { n: Math.min(item.max ?? 1e8, 1e8) }),
  long: (item) => t('long', { n: Math.min(item.max ?? 300, 300) }),
  date: () => t('date'),
  choice: () => t('choice'),
}

const option = (value: string, text: string, chosen: boolean) =>
  el('option', { value, selected: chosen }, text)

function controlOf(item: Item, id: string): Control {
  const value = app.values[item.code]
  const shared = { id, class: 'control', 'aria-describedby': `${id}-d ${id}-w` }
  if (item.type === 'bool' || item.type === 'choice') {
    const choices =
      item.type === 'bool'
        ? [
            ['true', t('yes')],
            ['false', t('no')],
          ]
        : (item.choices ?? []).map((one) => [one, one])
    return el(
      'select',
      shared,
      option('', t('choose'), value === null || value === undefined),
      ...choices.map(([key = '', text = '']) => option(key, text, String(value) === key)),
    )
  }
  const more =
    item.type === 'count'
      ? { inputmode: 'numeric', class: 'control count', maxlength: 12 }
      : item.type === 'date'
        ? { type: 'date' }
        : {}
  const input = el('input', { ...shared, autocomplete: 'off', ...more })
  input.value = value === null || value === undefined ? '' : String(value)
  return input
}

function read(item: Item, text: string): unknown {
  if (item.type === 'count') return readCount(text)
  if (item.type === 'bool') return text === '' ? null : text === 'true'
  return text.trim() === '' ? null : text.trim()
}

const whence = (item: Item) =>
  t(item.source === 'formula' ? 'summed' : item.source === 'enterprise' ? 'known' : 'counted')

function boxOf(of: Form, item: Item, changed: () => void): { box: Box; node: HTMLElement } {
  const id = `v-${item.code}`
  const typed = isTyped(item)
  const control = typed ? controlOf(item, id) : null
  const shown = typed ? null : el('output', { id, class: 'known' })
  const wrong = el('p', { id: `${id}-w`, class: 'wrong' })
  const before = of.yesterday?.[item.code]
  control?.addEventListener('input', () => {
    app.values[item.code] = read(item, control.value)
    touched.add(item.code)
    changed()
  })
  const node = el(
    'div',
    { class: 'box' },
    el(
      'label',
      { for: id },
      labelOf(item),
      typed && !item.required ? el('span', { class: 'quiet' }, `（${t('optional')}）`) : null,
    ),
    el(
      'p',
      { id: `${id}-d`, class: 'quiet' },
      pick(item.definition_zh, item.definition_en),
      typed && item.source === 'enterprise' ? ` ${t('headcount')}` : '',
    ),
    el(
      'div',
      { class: 'value' },
      control ?? shown,
      before !== undefined && before !== null
        ? el('span', { class: 'quiet' }, t('yesterday', { n: valueText(before) }))
        : null,
      typed ? null : el('span', { class: 'tag' }, whence(item)),
    ),
    wrong,
  )
  return { box: { item, control, shown, wrong }, node }
}

let touched = new Set<string>()

/* ---- what is wrong, said while somebody types ---- */

function refusedOf(item: Item): string {
  return app.problems
    .filter((one) => {
      const place = placeOf(one)
      return place !== null && 'code' in place && place.code === item.code
    })
    .map((one) => pick(one.zh, one.en) || t('refused'))
    .join(' ')
}

function brokenText(one: Broken): string {
  const { left, right } = one
  const by = Math.abs(one.by)
  return `${pick(one.rule.zh, one.rule.en)}（${t('balance', { left, sign: signOf(one), right, by })}）`
}

const elsewhere = (one: Problem) => placeOf(one) === null

export function formScreen(): Child[] {
  const of = form()
  const boxes: Box[] = []
  const verdict = el('div', { class: 'verdict', role: 'status' })
  const go = button(t('submit'), 'wide first', () => void send())
  touched = new Set()
  let all = app.problems.length > 0

  function refresh() {
    app.values = withFormulas(of, app.values)
    const broken = brokenRules(of, app.values)
    const inBroken = new Set(
      broken.filter((one) => one.rule.level === 'hard').flatMap((one) => codesOf(one.rule)),
    )
    let faults = 0
    for (const { item, control, shown, wrong } of boxes) {
      if (shown) shown.textContent = valueText(app.values[item.code])
      const fault = control ? faultOf(item, app.values[item.code]) : null
      if (fault) faults++
      const tell = fault && (all || touched.has(item.code)) ? FAULTS[fault](item) : ''
      const text = tell || (touched.has(item.code) ? '' : refusedOf(item))
      if (wrong.textContent !== text) wrong.textContent = text
      control?.setAttribute('aria-invalid', String(Boolean(text) || inBroken.has(item.code)))
    }
    const hard = broken.filter((one) => one.rule.level === 'hard').length
    const lines = broken.map((one) =>
      el(
        'p',
        { class: one.rule.level === 'hard' ? 'card bad' : 'card wait' },
        el('strong', {}, brokenText(one)),
        ' ',
        t(one.rule.level === 'hard' ? 'hard' : 'soft'),
      ),
    )
    const fine = !broken.length && of.checks.length > 0 && !faults
    if (fine) lines.push(el('p', { class: 'balanced' }, '✓ ', t('balanced')))
    const text = lines.map((one) => one.textContent).join()
    if (text !== verdict.textContent) verdict.replaceChildren(...lines)
    const n = faults + hard
    go.textContent = app.busy
      ? t('sending')
      : all && n
        ? `${t('submit')} · ${t('to_fix', { n })}`
        : t('submit')
    go.disabled = app.busy
    return n
  }
  function changed() {
    keepDraft(app.token, {
      template: of.template,
      day: app.sheet?.day ?? '',
      values: sentValues(of, app.values),
      note: app.note,
    })
    refresh()
  }
  async function send() {
    all = true
    if (refresh() > 0) {
      const first = boxes.find((one) => one.control?.getAttribute('aria-invalid') === 'true')
      first?.control?.focus()
      return
    }
    const note = app.note.trim()
    await submit({ values: sentValues(of, app.values), ...(note ? { note } : {}) })
  }

  const body: Child[] = []
  let group = ''
  for (const item of of.fields) {
    const now = pick(item.group_zh, item.group_en)
    if (now && now !== group) body.push(el('h2', {}, now))
    group = now
    const { box, node } = boxOf(of, item, changed)
    boxes.push(box)
    body.push(node)
  }
  const note = el('textarea', { id: 'note', class: 'control', maxlength: 300, rows: 2 })
  note.value = app.note
  note.addEventListener('input', () => {
    app.note = note.value
    changed()
  })
  const restored =
    app.restored &&
    el(
      'p',
      { class: 'card wait' },
      t('restored'),
      ' ',
      button(t('discard'), 'plain', () => {
        dropDraft(app.token, of.template, app.sheet?.day ?? '')
        app.restored = false
        app.values = startValues(of)
        app.note = ''
        show('form')
      }),
    )
  refresh()
  return [
    head(nameOf(of), () => show('home')),
    because(of),
    restored,
    ...app.problems
      .filter(elsewhere)
      .map((one) =>
        el('p', { class: 'card bad', role: 'alert' }, pick(one.zh, one.en) || t('refused')),
      ),
    ...body,
    el(
      'div',
      { class: 'box' },
      el(
        'label',
        { for: 'note' },
        t('difficulties'),
        el('span', { class: 'quiet' }, `（${t('optional')}）`),
      ),
      note,
    ),
    said(),
    el('div', { class: 'foot' }, verdict, go),
  ]
}
