// What the tests in a browser share: Chromium with an empty profile, log-in, the rules of
// accessibility, and the protocol of docs/testing.md. A page may log no error, throw nothing, and
// ask no host but its own; each test checks that at its end.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../web/package.json', import.meta.url))
const { chromium } = require('playwright-core')
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

export const base = process.env.BASE ?? 'http://127.0.0.1:8420'
export const password = 'shouwang-demo'
export const desk = { width: 1440, height: 900 }
export const phone = { width: 390, height: 844 }

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
let browser
let failed = 0
const states = new Map()

export class Failure extends Error {}
export function check(good, what) {
  if (!good) throw new Failure(what)
}
export function same(got, wanted, what) {
  if (got !== wanted) throw new Failure(`${what}: got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`)
}

/** Faults seen on a page: what the browser complained of, and requests that left the server. */
function watch(page, faults) {
  page.on('pageerror', (error) => faults.push(`threw ${error}`))
  page.on('console', (message) => {
    // A refusal that the test provoked is logged by the browser as a failed resource.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
      faults.push(`logged ${message.text().slice(0, 300)}`)
    }
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(base) && !/^(data|blob|about):/.test(url)) faults.push(`asked ${url}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 500) faults.push(`${response.status()} ${response.url()}`)
  })
}

/**
 * A page in a context of its own; `as` is logged in (once per run, its cookie is then kept).
 * `bypassCSP` lets axe in; without it the page runs under its own policy.
 */
export async function open({ as, size = desk, bypassCSP = false, lang = 'zh-CN', faults = [] } = {}) {
  const context = await browser.newContext({
    viewport: size,
    locale: lang,
    bypassCSP,
    acceptDownloads: true,
    ...(as && states.has(as) ? { storageState: states.get(as) } : {}),
  })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  watch(page, faults)
  if (as && !states.has(as)) {
    await page.goto(`${base}/desk/login`)
    await page.fill('#login-name', as)
    await page.fill('#login-password', password)
    await page.click('button[type=submit]')
    await page.waitForSelector('#main h1')
    states.set(as, await context.storageState())
  }
  return page
}

export async function settle(page) {
  await page.waitForLoadState('domcontentloaded')
  await page.waitForFunction(
    () => document.querySelector('h1') && !document.querySelector('[aria-busy="true"]'),
  )
  await page.waitForTimeout(150)
}

/** `contrast: false` where another play has looked at the same texts in the same colours, no larger. */
export async function accessible(page, where, { contrast = true } = {}) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe)
  // What passes is most of what axe finds, and describing it takes most of its time.
  const { violations } = await page.evaluate(
    (rules) =>
      globalThis.axe.run({
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
        resultTypes: ['violations'],
        rules,
      }),
    { 'color-contrast': { enabled: contrast } },
  )
  const said = violations.map(
    (one) => `${one.id} ×${one.nodes.length}: ${one.nodes[0].html.slice(0, 160)}`,
  )
  check(said.length === 0, `${where}: ${said.join('\n')}`)
}

/** A page that scrolls sideways cannot be used with one hand. */
export async function fits(page, where) {
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  check(over <= 0, `${where} is ${over} px wider than the screen`)
}

export async function test(name, run) {
  const faults = []
  const pages = []
  const begun = Date.now()
  try {
    await run(async (options = {}) => {
      const page = await open({ ...options, faults })
      pages.push(page)
      return page
    })
    check(faults.length === 0, faults.join('\n'))
    console.log(`ok - ${name}`)
  } catch (error) {
    failed++
    for (const line of String(error.stack ?? error).split('\n').slice(0, 12)) console.log(`# ${line}`)
    for (const fault of faults) console.log(`# ${fault}`)
    for (const page of pages) console.log(`# at ${page.url()}`)
    console.log(`not ok - ${name}`)
  }
  if (process.env.WEB_TIMES) console.log(`# ${Date.now() - begun} ms`)
  for (const page of pages) {
    // what a page still asks for when its test is over is nobody's concern
    await page.unrouteAll({ behavior: 'ignoreErrors' }).catch(() => {})
    await page.context().close().catch(() => {})
  }
}

export async function main(run) {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags })
  try {
    await run()
  } finally {
    await browser.close()
  }
  // 2 and not 1, which is Node's own word for a script that broke off.
  process.exit(failed ? 2 : 0)
}
