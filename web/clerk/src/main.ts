// The enterprise's own page: no account, one link. Same as yesterday, nil, or changed; the receipt.
import './clerk.css'
import { app, begin, onShow, type Screen } from './app.ts'
import type { Child } from './dom.ts'
import { formScreen } from './form.ts'
import { confirm, home, received, unsent } from './screens.ts'
import { staffScreen } from './staff.ts'
import { inEnglish, t } from './words.ts'

const main = document.getElementById('main') as HTMLElement
const screens: Record<Screen, () => Child[]> = {
  home,
  confirm,
  form: formScreen,
  staff: staffScreen,
  receipt: received,
  unsent,
}
let shown = ''

onShow(() => {
  document.documentElement.lang = inEnglish() ? 'en' : 'zh-CN'
  document.title = `${t('title')} · 守望`
  const screen = app.sheet ? app.screen : 'home'
  const scroll = window.scrollY
  main.setAttribute('aria-busy', String(app.busy))
  main.replaceChildren(...screens[screen]().filter((one): one is Node | string => Boolean(one)))
  const name = `${screen} ${app.at} ${app.sheet !== null}`
  if (shown === name) {
    window.scrollTo(0, scroll)
    return
  }
  // A screen that is new is read from its top; the first one leaves the focus where it is.
  window.scrollTo(0, 0)
  if (shown) main.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
  shown = name
})

main.replaceChildren(...home().filter((one): one is Node | string => Boolean(one)))
void begin()
