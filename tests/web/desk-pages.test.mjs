// Every page of the desk: it has a title and a heading, it is accessible, it fits, at both sizes and
// in both languages, for a city's duty officer and an auditor.
import { accessible, base, check, desk, fits, main, phone, settle, test } from './browser.mjs'

const pages = [
  '/', '/alarms', '/units', '/units/110102000000', '/registers/units', '/responders', '/responders/new',
  '/batches', '/deployments', '/deployments/new', '/pairings', '/roster', '/posts', '/posts/new',
  '/shifts', '/shift-templates/new', '/assignments', '/sign-ins', '/gate', '/gate-events', '/import',
  '/calls', '/inbox', '/chase', '/enterprises', '/enterprises/new', '/daily-returns', '/consolidation',
  '/todo', '/resumption', '/filings', '/filings/new', '/houses', '/unanswered', '/hazards', '/return-templates',
  '/registers', '/accounts', '/users/new', '/grants/new', '/operation', '/policy-rules', '/outbox', '/settings',
  '/about', '/password', '/nothing-of-this-name',
]

async function look(page, path, rules) {
  // A test of fifty pages takes long on a busy machine: this says that it goes on.
  console.log(`# ${path}`)
  await page.goto(`${base}/desk${path}`)
  await settle(page)
  const title = await page.title()
  check(title.endsWith('守望') && title.length > 5, `${path} has the title "${title}"`)
  check((await page.locator('h1').innerText()).trim() !== '', `${path} has no heading`)
  await accessible(page, path, rules)
  await fits(page, path)
}

/** The same page once more on a phone's screen, without loading it again. */
async function small(page, path) {
  await page.setViewportSize(phone)
  await settle(page)
  await accessible(page, `${path}, on a phone`)
  await fits(page, `${path}, on a phone`)
  await page.setViewportSize(desk)
}

/** The first record that a list shows. */
async function record(page, plural) {
  await page.goto(`${base}/desk/${plural}`)
  await page.locator('table.grid tbody a').first().click()
  await page.waitForSelector('dl.facts')
  return new URL(page.url()).pathname.replace(/^\/desk/, '')
}

await main(async () => {
  await test('every page is accessible and fits, at the desk and on a phone', async (open) => {
    const page = await open({ as: 'city', bypassCSP: true })
    const records = ['responders', 'batches', 'deployments', 'posts', 'gate-events', 'enterprises', 'houses']
    for (const path of pages) {
      await look(page, path)
      await small(page, path)
    }
    for (const plural of records) {
      const path = await record(page, plural)
      await look(page, path)
      await small(page, path)
    }
  })
  await test('every page is accessible in English and in elder mode', async (open) => {
    const page = await open({ as: 'city', bypassCSP: true })
    await page.goto(`${base}/desk/`)
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('button', { name: 'Large' }).click()
    for (const path of pages) {
      // The colours are those of the test before, on texts that are larger here.
      await look(page, path, { contrast: false })
      const chinese = await page.locator('.side').innerText()
      check(!/[\u4e00-\u9fff]/.test(chinese), `${path}: the menu still says ${chinese.slice(0, 80)}`)
    }
  })
  await test('elder mode: text of 18 px, targets of 60 px', async (open) => {
    const page = await open({ as: 'shitou' })
    await page.goto(`${base}/desk/posts`)
    await page.getByRole('button', { name: '大字' }).click()
    await settle(page)
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('main *, .side a')]
        .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
        .filter((one) => !one.closest('.visually-hidden, [aria-hidden]') && Number.parseFloat(getComputedStyle(one).fontSize) < 18)
        .map((one) => one.outerHTML.slice(0, 100)),
    )
    check(small.length === 0, small.join('\n'))
    const low = await page.evaluate(() =>
      [...document.querySelectorAll('.btn:not(.link), .side a, input.control, select.control')]
        .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 59.5)
        .map((one) => `${one.getBoundingClientRect().height} ${one.outerHTML.slice(0, 100)}`),
    )
    check(low.length === 0, low.join('\n'))
  })
  await test('the auditor reads the audit and nothing that is not his', async (open) => {
    const page = await open({ as: 'auditor', bypassCSP: true })
    await look(page, '/audit')
    check((await page.locator('table.grid tbody tr').count()) > 5, 'the audit is empty')
    check((await page.locator('.side').innerText()).includes('审计'), 'the menu lacks the audit')
  })
})
