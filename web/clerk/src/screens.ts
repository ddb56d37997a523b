// The screens around the form: where one stands, the check before sending, the receipt, and what to
// do when the link or the network does not hold.
import type { Form, Item, Values } from '@shared/returns.ts'
import { app, choose, form, isLate, look, openForm, resend, show, submit } from './app.ts'
import { button, type Child, el } from './dom.ts'
import { draftOf, unsentOf } from './keep.ts'
import { dayText, inEnglish, pick, t, turnLanguage, type Word } from './words.ts'

export const head = (title: string, back?: () => void): HTMLElement =>
  el(
    'header',
    { class: back ? 'head' : 'head alone' },
    back && button(el('span', {}, '‹ ', t('back')), 'small', back),
    button(
      t('lang'),
      'small',
      () => {
        turnLanguage()
        show()
      },
      { lang: inEnglish() ? 'zh-CN' : 'en' },
    ),
    el(
      'div',
      { class: 'whole' },
      app.sheet ? el('p', { class: 'quiet' }, app.sheet.enterprise.name) : null,
      el('h1', { tabindex: '-1' }, title),
    ),
  )

export const nameOf = (of: Form) => pick(of.name, of.name_en)
export const labelOf = (item: Item) => pick(item.zh, item.en)

export function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—'
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
  return String(value)
}

export const said = (): HTMLElement =>
  el(
    'p',
    { class: app.trouble ? 'trouble' : 'visually-hidden', role: 'alert' },
    app.trouble
      ? t(app.trouble === 'gone' || app.trouble === 'no_link' ? 'failed' : app.trouble)
      : '',
  )

const list = (of: Form, values: Values): HTMLElement =>
  el(
    'dl',
    { class: 'values' },
    ...of.fields.map((item) =>
      el('div', {}, el('dt', {}, labelOf(item)), el('dd', {}, valueText(values[item.code]))),
    ),
  )

/** Why the return came back, in the words of whoever sent it back. */
export const because = (of: Form): HTMLElement | null =>
  of.return?.state === 'returned' && of.return.returned_for
    ? el('p', { class: 'card bad' }, t('because', { why: of.return.returned_for }))
    : null

/* ---- where one stands ---- */

const STATES: Record<string, [Word, string]> = {
  missing: ['missing', 'wait'],
  draft: ['missing', 'wait'],
  submitted: ['submitted', 'good'],
  late: ['late', 'good'],
  accepted: ['accepted', 'good'],
  returned: ['returned', 'bad'],
  exempt: ['exempt', 'good'],
}

function standing(of: Form): HTMLElement {
  const state = of.return?.state ?? 'missing'
  const [word, kind] = STATES[state] ?? STATES.missing ?? ['missing', 'wait']
  const open = ['missing', 'draft', 'returned'].includes(state)
  const time = of.deadline.slice(11, 16)
  return el(
    'section',
    { class: `card ${kind}` },
    el('p', { class: 'state' }, t(word)),
    of.return?.returned_for && state === 'returned'
      ? el('p', {}, t('because', { why: of.return.returned_for }))
      : null,
    open && el('p', {}, t(isLate(of) ? 'overdue' : 'due', { time })),
    el('p', { class: 'quiet' }, t('cutoff', { time: of.cutoff.slice(11, 16) })),
    of.note && el('p', { class: 'quiet' }, of.note),
  )
}

const big = (title: string, note: string, kind: string, act: () => void, off = false) =>
  button(
    el('span', {}, el('strong', {}, title), el('span', { class: 'sub' }, note)),
    `big ${kind}`,
    act,
    { disabled: off || app.busy },
  )

function ways(of: Form): Child[] {
  const draft = draftOf(app.token, of.template, app.sheet?.day ?? '')
  return [
    big(
      t('same'),
      t(of.before ? 'same_note' : 'same_first'),
      'first',
      () => void look('no_change'),
      !of.before,
    ),
    big(t('nil'), t('nil_note'), '', () => void look('nil')),
    big(t('edit'), t(draft ? 'edit_draft' : 'edit_note'), '', openForm),
  ]
}

function numbered(receipt: string): Child[] {
  const told = el('p', { class: 'quiet', role: 'status' })
  const number = el('p', { class: 'receipt' }, receipt)
  return [
    el('p', { class: 'quiet' }, t('receipt_no')),
    number,
    button(t('copy'), 'wide', () => {
      const done = (word: Word) => {
        told.textContent = t(word)
      }
      if (!navigator.clipboard) return done('copy_self')
      navigator.clipboard.writeText(receipt).then(
        () => done('copied'),
        () => done('copy_self'),
      )
    }),
    told,
  ]
}

function openWays(of: Form): Child[] {
  const state = of.return?.state ?? 'missing'
  if (state === 'exempt') return []
  if (state === 'missing' || state === 'draft') return ways(of)
  const correct = button(
    t(app.day ? 'correct_day' : 'correct'),
    state === 'returned' ? 'wide first' : 'wide',
    openForm,
  )
  if (state === 'returned') return [correct]
  return [...numbered(of.return?.receipt ?? ''), correct]
}

const staffButton = (): HTMLElement =>
  button(t('staff_n', { n: app.sheet?.lines.length ?? 0 }), 'wide', () => show('staff'))

export function home(): Child[] {
  const sheet = app.sheet
  if (!sheet) return shut()
  const of = sheet.forms[app.at]
  const today = app.day && el('p', {}, el('a', { href: `/e/${app.token}` }, t('todays')))
  if (!of)
    return [
      head(dayText(sheet.day)),
      today,
      el('p', { class: 'card good' }, t('none')),
      staffButton(),
    ]
  const others =
    sheet.forms.length > 1 &&
    el(
      'nav',
      { class: 'forms', 'aria-label': t('which') },
      ...sheet.forms.map((one, index) =>
        button(
          `${nameOf(one)} · ${t((STATES[one.return?.state ?? 'missing'] ?? ['missing'])[0] as Word)}`,
          'wide',
          () => choose(index),
          index === app.at ? { 'aria-current': 'true' } : {},
        ),
      ),
    )
  const unsent = unsentOf(app.token).some((one) => one.template === of.template)
  return [
    head(`${dayText(sheet.day)} · ${nameOf(of)}`),
    others,
    standing(of),
    today,
    said(),
    unsent &&
      el(
        'section',
        { class: 'card bad' },
        el('p', { class: 'state' }, t('unsent')),
        el('p', {}, t('unsent_do')),
        button(t('again'), 'wide first', () => void resend()),
      ),
    ...openWays(of),
    staffButton(),
  ]
}

/* ---- without a sheet ---- */

function shut(): Child[] {
  if (!app.trouble) return [head(t('title')), el('p', { role: 'status' }, t('wait'))]
  if (app.trouble === 'gone' || app.trouble === 'no_link') {
    const [title, text]: [Word, Word] =
      app.trouble === 'gone' ? ['gone', 'gone_do'] : ['no_link', 'no_link_do']
    return [head(t(title)), el('p', { class: 'card bad', role: 'alert' }, t(text))]
  }
  const again = button(t('retry'), 'wide first', () => location.reload())
  return [head(t('title')), said(), again]
}

/* ---- the check, the receipt ---- */

export function confirm(): Child[] {
  const of = form()
  const body = app.way === 'nil' ? { nil: true } : { no_change: true }
  return [
    head(t('confirm'), () => show('home')),
    el('p', { class: 'state' }, t(app.way === 'nil' ? 'nil' : 'same')),
    list(of, app.preview?.values ?? {}),
    ...(app.preview?.warnings ?? []).map((one) =>
      el('p', { class: 'card wait' }, pick(one.zh, one.en)),
    ),
    said(),
    el(
      'div',
      { class: 'foot' },
      button(app.busy ? t('sending') : t('send'), 'wide first', () => void submit(body), {
        disabled: app.busy,
      }),
      button(t('change'), 'wide', openForm),
    ),
  ]
}

export function received(): Child[] {
  const of = form()
  const { receipt } = app
  const number = receipt?.receipt ?? of.return?.receipt ?? ''
  return [
    head(nameOf(of)),
    el(
      'section',
      { class: 'card good done' },
      el('p', { class: 'state' }, '✓ ', t('receipt')),
      ...numbered(number),
      receipt?.late && el('p', {}, t('receipt_late')),
      receipt?.beside && el('p', {}, t('beside')),
      el('p', { class: 'quiet' }, t('shot')),
    ),
    receipt?.values ? list(of, receipt.values) : null,
    ...(receipt?.warnings ?? []).map((one) =>
      el('p', { class: 'card wait' }, pick(one.zh, one.en)),
    ),
    button(t('finish'), 'wide first', () => show('home')),
  ]
}

export function unsent(): Child[] {
  return [
    head(t('unsent'), () => show('home')),
    said(),
    el('p', { class: 'card bad' }, t('unsent_do')),
    button(app.busy ? t('sending') : t('again'), 'wide first', () => void resend(), {
      disabled: app.busy,
    }),
  ]
}
