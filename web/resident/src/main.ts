// Scanning the other way round: the resident scans the poster at the gate, gives his pass, and shows
// the guard what comes back. The answer carries a running clock and the sign of the day, so that
// yesterday's picture is seen through.
import '@shared/sign.css'
import './resident.css'
import { signOf } from '@shared/sign.ts'
import { bareNumber, goodNumber, grouped } from '../../phone/src/gate/number.ts'
import {
  type Answer,
  askGate,
  askPass,
  codeOf,
  type Gate,
  keep,
  remembered,
  type Trouble,
} from './pass.ts'
import { inEnglish, t, turnLanguage, type Word } from './words.ts'

type Child = Node | string | null
function el(tag: string, attributes: Record<string, string> = {}, ...children: Child[]) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children.filter((child): child is Node | string => child !== null))
  return element
}
function button(text: string, kind: string, act: () => void): HTMLElement {
  const element = el('button', { type: 'button', class: kind }, text)
  element.addEventListener('click', act)
  return element
}
/** An icon by its path; drawn, so that no font decides how it looks. */
function icon(path: string): SVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const line = document.createElementNS(space, 'path')
  line.setAttribute('d', path)
  svg.append(line)
  return svg
}

const main = document.getElementById('main') as HTMLElement
const code = codeOf(location.pathname)
let gate: Gate | null = null
/** The server's clock less this phone's. */
let drift = 0
let typed = ''
let keeping = false
let trouble: Trouble | null = null
let answer: Answer | null = null
let busy = false

/** By the server's clock and zone, whatever this phone is set to. */
function clock(): string {
  const now = gate?.now ?? ''
  const ahead = Date.parse(`${now.slice(0, 19)}Z`) - Date.parse(now) || 0
  return new Date(Date.now() + drift + ahead).toISOString().slice(11, 19)
}
setInterval(() => {
  const place = document.getElementById('clock')
  if (place) place.textContent = clock()
}, 250)

function take(from: Gate): void {
  gate = from
  drift = from.now_ms - Date.now()
}

async function begin(): Promise<void> {
  trouble = null
  draw()
  const asked = await askGate(code)
  if (asked.ok) take(asked.value)
  else trouble = asked.why
  draw()
}

async function pass(direction: 'in' | 'out'): Promise<void> {
  if (busy) return
  const number = remembered() || bareNumber(typed)
  trouble = goodNumber(number) ? null : 'bad'
  if (trouble) return draw('number')
  busy = true
  draw()
  const asked = await askPass(code, number, direction)
  busy = false
  if (asked.ok) {
    answer = asked.value
    take(asked.value)
    if (keeping && answer.go) keep(number)
  } else trouble = asked.why
  draw()
}

/* ---- the screens ---- */

const head = (title: string) =>
  el(
    'header',
    { class: 'head' },
    el('div', {}, el('p', { class: 'place' }, gate?.community ?? ''), el('h1', {}, title)),
    button(t('lang'), 'lang', () => {
      turnLanguage()
      draw()
    }),
  )

function form(): Child[] {
  const known = remembered()
  const input = el('input', {
    id: 'number',
    class: 'control huge',
    inputmode: 'numeric',
    autocomplete: 'off',
    maxlength: '12',
    'aria-describedby': 'says',
    ...(trouble === 'bad' ? { 'aria-invalid': 'true' } : {}),
  }) as HTMLInputElement
  input.value = typed
  input.addEventListener('input', () => {
    typed = input.value
  })
  const tick = el('input', { type: 'checkbox' }) as HTMLInputElement
  tick.checked = keeping
  tick.addEventListener('change', () => {
    keeping = tick.checked
  })
  const forget = button(t('forget'), 'plain', () => {
    keep(null)
    draw('number')
  })
  const asked = known
    ? [el('p', { class: 'known' }, t('known', grouped(known))), forget]
    : [
        el('label', { for: 'number' }, t('number')),
        input,
        el('label', { class: 'tick' }, tick, t('keep')),
      ]
  const ways = el(
    'div',
    { class: 'two' },
    button(t('in'), 'way', () => void pass('in')),
    button(t('out'), 'way', () => void pass('out')),
  )
  if (busy) for (const one of ways.children) one.setAttribute('disabled', '')
  const said = el('p', { id: 'says', class: 'trouble', role: 'alert' }, trouble ? t(trouble) : '')
  return [
    head(gate?.gate ?? t('title')),
    ...asked,
    said,
    ways,
    el('p', { class: 'quiet' }, t('privacy')),
  ]
}

const ICON = { go: 'M4.5 12.5l5 5 10-11', stop: 'M5.5 5.5l13 13M18.5 5.5l-13 13' }

function result(from: Answer): Child[] {
  const sign = from.go && from.sign !== null ? signOf(from.sign) : null
  const word: Word = from.direction === 'in' ? 'way_in' : 'way_out'
  const verdict = inEnglish() ? from.en : from.zh
  return [
    head(from.gate),
    el(
      'section',
      { class: `answer ${from.go ? 'go' : 'stop'}`, role: 'status' },
      icon(from.go ? ICON.go : ICON.stop),
      el('p', { class: 'word' }, from.go ? `${t(word)} · ${t('go')}` : verdict),
      el('p', {}, t(from.go ? (from.again ? 'again' : 'show') : 'stop')),
    ),
    el('p', { id: 'clock', class: 'clock' }, clock()),
    sign &&
      el(
        'div',
        { class: 'sign' },
        el('p', {}, t('sign')),
        el('div', { class: `sign-field moving sign-c${sign.colour} sign-p${sign.pattern}` }),
        el('p', { class: 'digits' }, sign.digits),
        el('p', {}, inEnglish() ? sign.en : sign.zh),
      ),
    button(t('next'), 'way wide', () => {
      answer = null
      draw()
    }),
  ]
}

function draw(focus?: string): void {
  document.documentElement.lang = inEnglish() ? 'en' : 'zh-CN'
  document.title = `${t('title')} · 守望`
  if (answer) main.replaceChildren(...(result(answer).filter(Boolean) as Node[]))
  else if (gate) main.replaceChildren(...(form().filter(Boolean) as Node[]))
  else if (trouble) {
    const again = button(t('retry'), 'way wide', () => void begin())
    main.replaceChildren(
      head(t('title')),
      el('p', { class: 'trouble', role: 'alert' }, t(trouble)),
      again,
    )
  } else main.replaceChildren(head(t('title')), el('p', { role: 'status' }, t('wait')))
  if (focus) document.getElementById(focus)?.focus()
}

void begin()
