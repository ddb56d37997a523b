// The caller's screen, the chase list and the enterprise's page, at the desk.
import { accessible, base, check, fits, main, phone, same, settle, test } from './browser.mjs'
import { enterprise, must, report, template } from './enterprises.mjs'
import { call } from './homes.mjs'

const run = Date.now().toString(36)
const code = `calls_${run}`
const COUNT = 20

const shot = async (page, name) => {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` })
}
const missing = async (page) =>
  (await call(page, 'GET', `enterprises/due?unit=110102017000&template=${code}&q=${run}&limit=200`))
    .data.items

await main(async () => {
  await test('a template, and twenty enterprises that owe it', async (open) => {
    const district = await open({ as: 'xicheng' })
    await district.goto(`${base}/desk/`)
    await settle(district)
    await template(district, code)
    const office = await open({ as: 'guangnei' })
    await office.goto(`${base}/desk/`)
    await settle(office)
    for (let i = 0; i < COUNT; i++) {
      const one = await enterprise(office, `代报${String(i).padStart(2, '0')}号企业${run}`)
      // half of them reported yesterday
      if (i % 2)
        await report(
          office,
          one,
          code,
          { away: 0, present: 20, home: 9, fever: 0 },
          { day: '2020-05-07' },
        )
    }
    same((await missing(office)).length, COUNT, 'missing')
  })

  await test('twenty enterprises by the keyboard alone', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await page.goto(`${base}/desk/calls`)
    await settle(page)
    const name = () => page.locator('.call-head h2').innerText()
    const key = (keys) => page.keyboard.press(keys)
    /** Waits for another enterprise, with the cursor in its first box. */
    const another = (before) =>
      page.waitForFunction((was) => {
        const head = document.querySelector('.call-head h2')
        return !head || (head.textContent !== was && document.activeElement?.closest('.boxes'))
      }, before)
    await page.waitForFunction(() => document.activeElement?.closest('.boxes'))
    await accessible(page, 'the caller')
    await fits(page, 'the caller')
    await shot(page, 'desk-calls')
    // one who rings back is found by his name; what others owe here is not in the way
    const first = await name()
    await key('Alt+l')
    await page.waitForSelector('#call-q:focus')
    await page.keyboard.type(run)
    await key('Enter')
    await page.waitForFunction(
      (word) =>
        document.querySelector('.call-head h2')?.textContent.includes(word) &&
        document.activeElement?.closest('.boxes'),
      run,
    )
    check(first.length > 0, 'nobody stood there at first')
    const wanted = new Set((await missing(page)).map((item) => item.enterprise.name))
    same(wanted.size, COUNT, 'missing')
    let unreached = ''
    let broke = false
    for (let guard = 0; wanted.size > 0 && guard < COUNT * 6; guard++) {
      const who = await name()
      const boxes = await page.locator('#b-present').count()
      if (!wanted.has(who) || !boxes) {
        await key('Alt+ArrowDown')
        await another(who)
        continue
      }
      if (!unreached) {
        unreached = who
        wanted.delete(who)
        await key('Alt+p')
        await page.waitForSelector('a.call-phone')
        same(await page.locator('a.call-phone').innerText(), '13800000418', 'the phone')
        await key('Alt+n')
        await page.waitForSelector('#chase-outcome:focus')
        await page.keyboard.type('答应')
        if ((await page.inputValue('#chase-outcome')) !== 'promised') {
          for (let i = 0; i < 8 && (await page.inputValue('#chase-outcome')) !== 'promised'; i++)
            await key(i ? 'ArrowDown' : 'Home')
        }
        await key('Enter')
        await page.waitForSelector('#chase-promise:focus')
        await page.keyboard.type('15:30')
        await key('Control+Enter')
        await another(who)
        continue
      }
      wanted.delete(who)
      const same_possible = await page.locator('button[aria-keyshortcuts="Alt+S"]').isEnabled()
      if (same_possible && wanted.size % 3 === 0) {
        await key('Alt+s')
        await another(who)
        continue
      }
      // total, away, present, home, fever: Enter goes on
      for (const value of [null, '0', '20', broke ? '9' : '19', '0']) {
        if (value !== null) await page.keyboard.type(value)
        await key('Enter')
      }
      if (!broke) {
        broke = true
        await page.waitForSelector('.boxes .note.bad')
        check(
          (await page.locator('.boxes .note.bad').innerText()).includes('39 > 30，相差 9'),
          'the equation',
        )
        await shot(page, 'desk-calls-broken')
        await key('Control+Enter')
        await page.waitForFunction(
          () => document.activeElement?.getAttribute('aria-invalid') === 'true',
        )
        same(await page.evaluate(() => document.activeElement.id), 'b-present', 'where it stands')
        await page.keyboard.type('11')
      }
      await key('Control+Enter')
      await another(who)
    }
    same(wanted.size, 0, 'left over')
    const left = await missing(page)
    same(left.length, 1, 'still missing')
    same(left[0].enterprise.name, unreached, 'who was not reached')
    same(left[0].chase.outcome, 'promised', 'what came of the call')
  })

  await test('the chase list: by name, filtered, its history, a further note', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await page.goto(`${base}/desk/chase`)
    await settle(page)
    await page.fill('#chase-q', run)
    await page.waitForFunction(() => document.querySelectorAll('table.grid tbody tr').length === 1)
    const row = await page.locator('table.grid tbody tr').innerText()
    check(row.includes('答应报送') && row.includes('15:30'), row)
    await accessible(page, 'the chase list')
    await shot(page, 'desk-chase')
    await page.getByRole('button', { name: /催报：/ }).click()
    await page.waitForSelector('dialog .plain-list li')
    await page.selectOption('#chase-outcome', 'no_answer')
    await page.fill('#chase-note', '响了十声')
    await page.keyboard.press('Enter')
    await page.waitForFunction(
      () => document.querySelectorAll('dialog .plain-list li').length === 2,
    )
    await accessible(page, 'the history')
    await page.keyboard.press('Escape')
    await page.selectOption('#chase-status', 'sent')
    await page.waitForFunction(
      (n) => document.querySelectorAll('table.grid tbody tr').length === n,
      COUNT - 1,
    )
    await page.setViewportSize(phone)
    await fits(page, 'the chase list on a phone')
  })

  await test("an enterprise's page: what hangs on it, and the link for its clerk", async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await page.goto(`${base}/desk/`)
    await settle(page)
    const [left] = await missing(page)
    await must(page, 'POST', 'enterprise-contacts', {
      enterprise: left.enterprise.id,
      role: 'clerk',
      name: '试填报',
    })
    await page.goto(`${base}/desk/enterprises/${left.enterprise.id}`)
    await page.waitForSelector('.sections')
    const sections = await page.locator('.sections h2').allInnerTexts()
    check(
      sections.some((one) => one.startsWith('催报记录')) &&
        sections.some((one) => one.startsWith('近14天日报')),
      sections.join(),
    )
    check((await page.locator('.sections').innerText()).includes('试填报'), 'the contact')
    await accessible(page, 'the enterprise')
    await fits(page, 'the enterprise')
    await shot(page, 'desk-enterprise')
    await page.getByRole('button', { name: '填报链接', exact: true }).click()
    await page.waitForSelector('.link-code')
    const url = await page.inputValue('#link-url')
    check(/\/e\/[A-Za-z0-9_-]{50,}$/.test(url), url)
    check(
      await page.locator('.link-code').evaluate((one) => one.complete && one.naturalWidth > 100),
      'the code',
    )
    await accessible(page, 'the link')
    await shot(page, 'desk-link')
    const clerk = await open({ size: phone })
    await clerk.goto(`${base}${new URL(url).pathname}`)
    await clerk.waitForSelector('button.big')
    check(
      (await clerk.locator('main').innerText()).includes(left.enterprise.name),
      'whose page it is',
    )
  })
})
