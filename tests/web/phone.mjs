// The phone's face in Chromium against a running server with the model case: node phone.mjs URL.
// Prints the lines of docs/testing.md. With SHOTS=folder it also leaves a picture of each screen.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../web/package.json', import.meta.url))
const { chromium } = require('playwright-core')
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

const base = process.argv[2]
const PASSWORD = 'shouwang-demo'
const PATIENCE = 15_000
let failed = 0

function check(name, good, remark = '') {
  if (!good) {
    failed++
    console.log(`# ${typeof remark === 'string' ? remark : JSON.stringify(remark)}`)
  }
  console.log(`${good ? 'ok' : 'not ok'} - ${name}`)
}

/* ---- the server, seen without a browser ---- */

async function api(token, path, body) {
  const response = await fetch(`${base}/api/v1/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      'Content-Type': 'application/json',
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`)
  return answer
}
const signIn = (login) => api(null, 'sessions', { login, password: PASSWORD })
const filter = (field, value) => `filter%5B${field}%5D=${encodeURIComponent(value)}`

async function eventually(what) {
  const end = Date.now() + PATIENCE
  for (;;) {
    const value = await what()
    if (value || Date.now() > end) return value
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

/* ---- the browser ---- */

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
})
const trouble = []
const foreign = new Set()

async function open({ width = 390, height = 844, keep = {}, login = null } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    hasTouch: true,
    isMobile: true,
    locale: 'zh-CN',
    reducedMotion: 'reduce',
    bypassCSP: false,
  })
  context.setDefaultTimeout(PATIENCE)
  await context.addInitScript((kept) => {
    for (const [key, value] of Object.entries(kept))
      if (localStorage.getItem(`shouwang.${key}`) === null)
        localStorage.setItem(`shouwang.${key}`, value)
  }, keep)
  context.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== base)
      foreign.add(request.url())
  })
  const page = await context.newPage()
  watch(page)
  await page.goto(base)
  await page.waitForSelector('#login')
  if (login) await logIn(page, login)
  return page
}
function watch(page) {
  page.on('pageerror', (error) => trouble.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      trouble.push(message.text())
  })
}
async function logIn(page, login, password = PASSWORD) {
  await page.fill('#login', login)
  await page.fill('#password', password)
  await page.click('button[type=submit]')
  await noPin(page)
  await page.waitForSelector('.tabs')
}
/** These plays are of a phone without a PIN; phone-offline.served.mjs has those with one. */
async function noPin(page) {
  await page.waitForSelector('#pin-again, .tabs')
  const later = page.getByRole('button', { name: /^(暂不设置|Not now)$/ })
  if (await later.isVisible()) await later.click()
}
async function go(page, tab) {
  await page.locator(`.tabs a[href="/${tab}"]`).click()
  await page.waitForURL(`**/${tab}`)
}
async function type(page, digits) {
  for (const digit of digits)
    await page.locator('.pad').last().getByRole('button', { name: digit, exact: true }).click()
}

/** The page's own colours and sizes, as a person meets them: axe, targets, type, overflow. */
async function audit(page, name, { elder = false } = {}) {
  // axe reads layout; what is still being drawn would be found half-way
  await page.waitForTimeout(120)
  const found = await page.evaluate(
    async ([source, old]) => {
      // the page's policy lets no script in from outside; this world is the test's own
      if (!window.axe) new Function(source)()
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']
      const result = await window.axe.run(document, { runOnly: { type: 'tag', values: tags } })
      const findings = result.violations.map(
        (one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(' | ')}`,
      )
      const scope = document.querySelector('dialog[open]') ?? document
      const least = old ? 60 : 44
      const seen = (element) => {
        const box = element.getBoundingClientRect()
        const style = getComputedStyle(element)
        return box.width > 1 && box.height > 1 && style.visibility !== 'hidden'
      }
      for (const element of scope.querySelectorAll('a, button, input, select, summary')) {
        if (!seen(element) || element.closest('.skip, .visually-hidden')) continue
        const box = element.getBoundingClientRect()
        const small = element.matches('input[type=checkbox], .icon-button') ? 44 : least
        if (box.height < small - 0.6 || box.width < 43.4)
          findings.push(`small: ${element.outerHTML.slice(0, 90)} ${box.width}x${box.height}`)
      }
      if (old) {
        const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT)
        while (walker.nextNode()) {
          const parent = walker.currentNode.parentElement
          if (!walker.currentNode.data.trim() || !parent || !seen(parent)) continue
          if (parent.closest('[aria-hidden=true], .visually-hidden, .skip, script, option')) continue
          const size = Number.parseFloat(getComputedStyle(parent).fontSize)
          if (size < 17.9) findings.push(`type ${size}px: ${walker.currentNode.data.trim()}`)
        }
      }
      const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth
      const main = document.querySelector('main')
      if (wide > 0 || (main && main.scrollWidth > main.clientWidth)) findings.push('scrolls sideways')
      return findings
    },
    [axe, elder],
  )
  check(`${name}: nothing for axe, targets and type large enough`, found.length === 0, found)
  if (process.env.SHOTS)
    await page.screenshot({ path: `${process.env.SHOTS}/${name.replaceAll(/\W+/g, '-')}.png` })
}

/* ---- what is played ---- */

const lead = (await signIn('shitou')).token
const gateSession = await signIn('gate')
const gate = gateSession.token
const today = (await api(gate, 'me/day')).today
const post = (await api(gate, 'me/day')).gates.find((one) => one.photo_required)
const unit = post.unit.code
const figures = async () => (await api(gate, `figures?unit=${unit}`)).figures
const events = async () =>
  (await api(gate, `gate-events?limit=50&${filter('post', post.id)}`)).items
const assignment = (id) => api(lead, `assignments/${id}`)
const signIns = async (id) =>
  (await api(lead, `sign-ins?${filter('assignment', id)}`)).items

/** The gate keeper's own shift this evening; made where the case has none. */
async function evening() {
  const mine = (await api(gate, 'me/day')).assignments.find(
    (one) => one.state === 'due' && one.post.id === post.id,
  )
  if (mine) return mine.id
  const shifts = await api(lead, `shifts?limit=100&${filter('date', today)}&${filter('post', post.id)}`)
  const shift = shifts.items.find((one) => one.start === '18:00')
  const body = { shift: shift.id, responder: gateSession.user.responder }
  return (await api(lead, 'assignments', body)).id
}

async function logInPage() {
  const page = await open()
  await audit(page, 'log-in')
  await page.fill('#login', 'gate')
  await page.fill('#password', 'not the password')
  await page.click('button[type=submit]')
  await page.waitForSelector('[role=alert]')
  check('a wrong password is said and the field is empty again',
    (await page.inputValue('#password')) === '')
  await logIn(page, 'gate')
  await page.reload()
  await noPin(page)
  await page.waitForSelector('.tabs')
  check('a reload does not ask for the password again', !page.url().includes('login'), page.url())
  return page
}

async function photo(page) {
  const data = await page.evaluate(() => {
    const canvas = document.createElement('canvas')
    canvas.width = 3000
    canvas.height = 2000
    const pen = canvas.getContext('2d')
    for (let i = 0; i < 300; i++) {
      pen.fillStyle = `hsl(${i * 7} 60% ${30 + (i % 5) * 10}%)`
      pen.fillRect((i * 137) % 3000, (i * 91) % 2000, 300, 200)
    }
    return canvas.toDataURL('image/png').split(',')[1]
  })
  return { name: 'duty.png', mimeType: 'image/png', buffer: Buffer.from(data, 'base64') }
}

async function signingIn(page, id) {
  await page.waitForSelector('.shift.open')
  await audit(page, 'today, before')
  await page.getByRole('button', { name: '签到', exact: true }).click()
  await page.waitForSelector('.pad')
  await type(page, '342')
  check('a low reading is asked for again', (await page.textContent('.reading')).includes('34.2 偏低'),
    await page.textContent('.reading'))
  await type(page, '365')
  check('three taps are a temperature', (await page.textContent('.reading-value')).includes('36.5'))
  await audit(page, 'sign-in, temperature')
  await page.getByRole('button', { name: '下一步' }).click()
  await audit(page, 'sign-in, name')
  await page.getByRole('button', { name: '确认签到' }).click()
  await page.waitForSelector('.camera')
  await audit(page, 'sign-in, photo')
  await page.setInputFiles('input[type=file]', { name: 'x.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') })
  await page.waitForSelector('[role=alert]')
  await page.setInputFiles('input[type=file]', await photo(page))
  await page.waitForSelector('.preview')
  const width = await page.evaluate(async () => {
    const image = document.querySelector('.preview')
    await image.decode()
    return image.naturalWidth
  })
  check('the photo is made small on the phone', width === 1280, width)
  await page.getByRole('button', { name: /使用这张/ }).click()
  await page.waitForSelector('.success')
  await audit(page, 'on post')
  const [kept] = await eventually(async () => {
    const rows = await signIns(id)
    return rows.length > 0 && rows
  })
  check('the sign-in is with the server, photo and all',
    kept?.temperature === 36.5 && kept.outcome === 'on_post' && kept.method === 'self' && Boolean(kept.photo),
    kept)
  check('the assignment says present', (await assignment(id)).state === 'present')
  await page.getByRole('button', { name: '回到今日' }).click()
  await page.waitForSelector('.shift.on_post')
  await audit(page, 'today, on post')
}

async function tallyOf(page) {
  return (await page.locator('.tally dd').allTextContents()).map((text) => Number(text.replace(',', '')))
}

async function gateWork(page) {
  await go(page, 'gate')
  await page.selectOption('#gate', post.id)
  const before = await figures()
  await eventually(async () => (await tallyOf(page))[0] === before['gate.in'])
  await audit(page, 'gate')
  const began = Date.now()
  await type(page, '365')
  await page.waitForSelector('.stage.good')
  check('a normal entry takes less than two seconds', Date.now() - began < 2000, `${Date.now() - began} ms`)
  const [first] = await eventually(async () => {
    const rows = await events()
    return rows[0]?.temperature === 36.5 && rows[0].device_at && rows
  })
  check('it is with the server', first?.outcome === 'admitted' && first.direction === 'in', first)
  await audit(page, 'gate, admitted')
  await page.locator('.way', { hasText: '出' }).click()
  await page.getByRole('button', { name: '正常，不记度数' }).click()
  await page.waitForSelector('.stage.good')
  const after = await eventually(async () => {
    const now = await figures()
    return now['gate.out'] === before['gate.out'] + 1 && now
  })
  check('one in and one out are counted', after && after['gate.in'] === before['gate.in'] + 1, after)
  check('and shown', await eventually(async () => {
    const [entered, left] = await tallyOf(page)
    return entered === after['gate.in'] && left === after['gate.out']
  }), await tallyOf(page))

  await page.locator('.way', { hasText: '进' }).click()
  await page.getByRole('button', { name: /^其他/ }).click()
  await audit(page, 'gate, other cases')
  await page.getByRole('button', { name: '姓名 门牌 车牌' }).click()
  await page.fill('#d-who', '韩女士')
  await page.fill('#d-door', '3-2-101')
  await audit(page, 'gate, details')
  await page.getByRole('button', { name: '好，去量体温' }).click()
  await type(page, '385')
  await page.waitForSelector('dialog.alert')
  await audit(page, 'gate, hot')
  const none = (await events()).filter((row) => row.temperature === 38.5)
  check('nothing is written before somebody decides', none.length === 0, none)
  await type(page, '369')
  await page.waitForSelector('.stage.good')
  const again = await eventually(async () => (await events()).find((row) => row.outcome === 'remeasured'))
  check('the first reading is kept beside the second, with the name',
    again?.first_temperature === 38.5 && again.temperature === 36.9 && again.who === '韩女士' && again.abnormal === true,
    again)
  await page.getByRole('button', { name: /撤销/ }).click()
  const back = await eventually(async () => (await events()).find((row) => row.corrects?.id === again?.id))
  check('undo is an event that takes the other back', back?.outcome === 'remeasured', back)
  check('and the counts are as before', await eventually(async () => {
    const now = await figures()
    return now['gate.in'] === after['gate.in'] && now['gate.abnormal'] === after['gate.abnormal']
  }), await figures())

  await type(page, '391')
  await page.waitForSelector('dialog.alert')
  await type(page, '388')
  await page.getByRole('button', { name: '转发热门诊' }).click()
  await page.waitForSelector('.stage.stop')
  await audit(page, 'gate, stopped')
  await page.getByRole('button', { name: '劝返', exact: true }).click()
  await audit(page, 'gate, refusing')
  await page.getByRole('button', { name: '无出入证' }).click()
  await page.waitForSelector('.stage.stop')
  const stopped = await eventually(async () => {
    const now = await figures()
    return now['gate.refused'] === after['gate.refused'] + 2 && now
  })
  check('refused and sent to the clinic are counted, nobody came in by it',
    stopped && stopped['gate.in'] === after['gate.in'], stopped)
  await page.waitForSelector('.undo:has-text("最近")')
  await page.locator('.undo').click()
  await page.waitForSelector('.log')
  check('the last entries show what was taken back', (await page.locator('.log.undone').count()) === 1)
  await audit(page, 'gate, last entries')
  await page.keyboard.press('Escape')
}

async function withoutNetwork(page) {
  const before = new Set((await events()).map((row) => row.id))
  await page.context().setOffline(true)
  await type(page, '362')
  await page.waitForSelector('.stage.good')
  await type(page, '364')
  await page.waitForSelector('.chip:has-text("2")')
  await audit(page, 'gate, no network')
  await page.getByRole('button', { name: /撤销/ }).click()
  await page.waitForSelector('.chip:has-text("3")')
  await page.context().setOffline(false)
  await page.waitForSelector('.chip', { state: 'detached' })
  const rows = (await events()).filter((row) => !before.has(row.id))
  check('what was written without a network arrives once, the correction after its event',
    rows.length === 3 && rows[0]?.corrects?.id === rows[1]?.id, rows)

  await page.context().setOffline(true)
  await type(page, '361')
  await page.waitForSelector('.chip:has-text("1")')
  const next = await page.context().newPage()
  watch(next)
  await page.close()
  await next.context().setOffline(false)
  await next.goto(`${base}/gate`)
  await next.waitForSelector('.pad')
  check('and also when the page was closed in between', await eventually(
    async () => (await events())[0]?.temperature === 36.1), (await events())[0])
  return next
}

async function signingOut(page, id) {
  await go(page, 'today')
  await page.getByRole('button', { name: '签退', exact: true }).click()
  await audit(page, 'today, signing out')
  await page.locator('dialog').getByRole('button', { name: '签退', exact: true }).click()
  await page.waitForSelector('.shift.done')
  check('the sign-out is with the server',
    await eventually(async () => (await assignment(id)).signed_out_at))
}

async function team() {
  const page = await open({ login: 'shitou' })
  await page.waitForSelector('.person')
  await audit(page, 'team')
  const due = (await api(lead, `assignments?limit=100&${filter('date', today)}&${filter('state', 'due')}`)).items
  const [one, two, three] = due.filter((row) => row.responder.id !== gateSession.user.responder)
  const pick = async (row) => {
    await page.locator('.person', { hasText: row.responder.title }).filter({ hasText: '18:00' }).click()
  }
  await pick(one)
  await audit(page, 'team, one person')
  await page.getByRole('button', { name: /^代签到/ }).click()
  await page.waitForSelector('.pad')
  await type(page, '366')
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByRole('button', { name: '确认签到' }).click()
  await page.waitForSelector('.success')
  const [behalf] = await eventually(async () => {
    const rows = await signIns(one.id)
    return rows.length > 0 && rows
  })
  check('signed in for someone, and it says so', behalf?.method === 'on_behalf' && behalf.outcome === 'on_post', behalf)
  await page.getByRole('button', { name: '回到班组' }).click()

  await pick(two)
  await page.getByRole('button', { name: /^补录纸质签到/ }).click()
  await page.waitForSelector('.pad')
  await page.fill('#paper-time', '17:20')
  await type(page, '364')
  await audit(page, 'sign-in, from paper')
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByRole('button', { name: '确认签到' }).click()
  await page.waitForSelector('.success')
  const [paper] = await eventually(async () => {
    const rows = await signIns(two.id)
    return rows.length > 0 && rows
  })
  check('from paper counts the time on the paper',
    paper?.method === 'paper' && paper.at === `${today}T17:20:00+08:00`, paper)
  await page.getByRole('button', { name: '回到班组' }).click()

  await pick(three)
  await page.getByRole('button', { name: /^代签到/ }).click()
  await page.waitForSelector('.pad')
  await type(page, '381')
  await audit(page, 'sign-in, hot')
  await page.getByRole('button', { name: /确认 38.1/ }).click()
  await page.waitForSelector('.alarm')
  await audit(page, 'kept off')
  const kept = await eventually(async () => {
    const row = await assignment(three.id)
    return row.state === 'excused' && row
  })
  check('a fever keeps off the post', kept?.excuse === 'temperature', await assignment(three.id))
  const alarms = (await api(lead, `alarms?limit=20&${filter('state', 'open')}`)).items
  check('and the lead is told', alarms.some((row) => JSON.stringify(row).includes(three.responder.title)), alarms.length)
  await page.context().close()
}

const SIZES = [
  ['small', { width: 360, height: 640 }],
  ['lying', { width: 740, height: 360 }],
  ['large type', { width: 360, height: 640, keep: { elder: '1' } }],
  ['large type, English', { width: 390, height: 844, keep: { elder: '1', lang: 'en' } }],
  ['English', { width: 390, height: 844, keep: { lang: 'en' } }],
  ['English, small', { width: 360, height: 640, keep: { lang: 'en' } }],
  ['sunlight', { width: 390, height: 844, keep: { sunlight: '1' } }],
]
async function size(name, how) {
  const elder = how.keep?.elder === '1'
  const page = await open(how)
  await audit(page, `log-in, ${name}`, { elder })
  await logIn(page, 'shitou')
  await page.waitForSelector('.person')
  await audit(page, `team, ${name}`, { elder })
  await go(page, 'gate')
  await page.waitForSelector('.tally')
  await audit(page, `gate, ${name}`, { elder })
  await page.locator('.pad').getByRole('button', { name: '3', exact: true }).scrollIntoViewIfNeeded()
  await type(page, '389')
  await page.waitForSelector('dialog.alert')
  await audit(page, `hot, ${name}`, { elder })
  await page.keyboard.press('Escape')
  await page.locator('.gate-foot .button').nth(1).click()
  await page.waitForSelector('.typing')
  await audit(page, `number, ${name}`, { elder })
  await page.keyboard.press('Escape')
  await page.locator('.gate-foot .button').nth(3).click()
  await audit(page, `other cases, ${name}`, { elder })
  await page.keyboard.press('Escape')
  await page.locator('.gate-foot .button').nth(2).click()
  await audit(page, `refusing, ${name}`, { elder })
  await page.keyboard.press('Escape')
  await go(page, 'today')
  await page.waitForSelector('.shift')
  await audit(page, `today, ${name}`, { elder })
  await go(page, 'me')
  await page.waitForSelector('.who')
  await audit(page, `me, ${name}`, { elder })
  if (how.keep?.lang === 'en') {
    const text = await page.evaluate(() => document.body.innerText)
    const allowed = /中文|语言|石\S*|北京市\S*/g
    check(`me, ${name}: no Chinese is left over`, !/[\u4e00-\u9fff]/.test(text.replace(allowed, '')), text)
  }
  await page.context().close()
}

async function me(page) {
  await go(page, 'me')
  await audit(page, 'me')
  await page.getByRole('button', { name: '修改密码' }).click()
  await page.fill('#pw-old', PASSWORD)
  await page.fill('#pw-new', 'short')
  await page.fill('#pw-again', 'other')
  await page.getByRole('button', { name: '保存' }).click()
  check('two passwords that differ are not sent', await page.getByText('两次输入不一样').isVisible())
  await page.fill('#pw-again', 'short')
  await page.getByRole('button', { name: '保存' }).click()
  await page.waitForSelector('#pw-new-p li, dialog [role=alert]')
  await audit(page, 'me, password')
  await page.keyboard.press('Escape')
  await page.getByRole('radio', { name: 'English' }).check()
  check('the language changes at once', (await page.textContent('h1')) === 'Me')
  await page.getByRole('radio', { name: '中文' }).check()
  await page.getByRole('button', { name: '退出登录' }).click()
  await page.locator('dialog').getByRole('button', { name: '退出', exact: true }).click()
  await page.waitForSelector('#login')
  await page.goto(`${base}/today`)
  await page.waitForSelector('#login')
  check('signed out is signed out', page.url().includes('/login'), page.url())
  await page.context().close()
}

try {
  const id = await evening()
  let page = await logInPage()
  await signingIn(page, id)
  await gateWork(page)
  page = await withoutNetwork(page)
  await signingOut(page, id)
  await me(page)
  await team()
  for (const [name, how] of SIZES) await size(name, how)
} catch (error) {
  check('the play goes on to its end', false, String(error.stack ?? error).replaceAll('\n', '\n# '))
}
check('no script fails and no policy is broken', trouble.length === 0, trouble)
check('no other host is asked', foreign.size === 0, [...foreign])
await browser.close()
process.exit(failed ? 1 : 0)
