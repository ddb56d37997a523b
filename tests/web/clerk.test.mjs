// The clerk's page: an enterprise answers by its link, on a small phone, without an account.
import { accessible, base, check, fits, main, same, settle, test } from './browser.mjs'
import { enterprise, linkOf, must, report, template } from './enterprises.mjs'

const run = Date.now().toString(36)
const code = `clerk_${run}`
const small = { width: 360, height: 640 }
const RECEIPT = /^\d{4}-[2-9A-Z]{9}$/

const shot = async (page, name) => {
  if (process.env.SHOTS)
    await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true })
}

/** Where several returns are due, ours. */
async function ours(page) {
  await page.waitForSelector('button.big, .receipt')
  const choice = page.locator('nav.forms button', { hasText: code })
  if (await choice.count()) await choice.click()
}

await main(async () => {
  const links = {}
  await test('a template and the enterprises that owe it', async (open) => {
    const district = await open({ as: 'xicheng' })
    await district.goto(`${base}/desk/`)
    await settle(district)
    await template(district, code)
    const office = await open({ as: 'guangnei' })
    await office.goto(`${base}/desk/`)
    await settle(office)
    const made = {}
    for (const name of ['first', 'same', 'edit', 'shut']) {
      made[name] = await enterprise(office, `试${name}商贸${run}`)
      links[name] = await linkOf(office, made[name])
    }
    for (const name of ['same', 'edit']) {
      await report(
        office,
        made[name],
        code,
        { away: 0, present: 20, home: 9, fever: 0 },
        { day: '2020-05-07' },
      )
    }
    await must(office, 'POST', `enterprises/${made.shut.id}/renew_link`, {})
  })

  await test('nothing has changed: two taps to the receipt', async (open) => {
    const page = await open({ size: small, bypassCSP: true })
    let taps = 0
    const tap = async (name) => {
      taps++
      await page.getByRole('button', { name }).click()
    }
    await page.goto(`${base}${links.same}`)
    await ours(page)
    await accessible(page, 'the first screen')
    await fits(page, 'the first screen')
    check((await page.locator('main').innerText()).includes('23:00 前报送'), 'the deadline')
    const low = await page
      .locator('button.big')
      .evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().height < 60).length)
    same(low, 0, 'buttons that are too low')
    if (!(await page.locator('nav.forms').count())) {
      const end = await page
        .locator('button.big')
        .last()
        .evaluate((one) => one.getBoundingClientRect().bottom)
      check(end <= small.height, `the third button ends at ${end}`)
    }
    await shot(page, 'clerk-home')
    await tap(/与昨天相同/)
    await page.waitForSelector('dl.values')
    check(
      (await page.locator('dl.values').innerText()).replace(/\s+/g, ' ').includes('到岗 20'),
      'the figures',
    )
    await accessible(page, 'the check')
    await shot(page, 'clerk-confirm')
    await tap('确认报送')
    await page.waitForSelector('.receipt')
    check(taps <= 3, `${taps} taps`)
    const receipt = await page.locator('.receipt').innerText()
    check(RECEIPT.test(receipt), receipt)
    await accessible(page, 'the receipt')
    await fits(page, 'the receipt')
    await shot(page, 'clerk-receipt')
    await page.reload()
    await ours(page)
    same(await page.locator('.receipt').innerText(), receipt, 'the receipt after a reload')
  })

  await test('what changed is checked while it is typed: an equation broken, then mended', async (open) => {
    const page = await open({ size: small, bypassCSP: true })
    await page.goto(`${base}${links.edit}`)
    await ours(page)
    await page.getByRole('button', { name: /修改后报送/ }).click()
    same(await page.inputValue('#v-present'), '20', 'what it starts with')
    same(await page.locator('output#v-here').innerText(), '30', 'what is worked out')
    check((await page.locator('#v-present-d').innerText()).includes('不是返京'), 'the definition')
    await page.fill('#v-present', '25')
    await page.fill('#v-fever', '0')
    await page.waitForSelector('.verdict .bad')
    check(
      (await page.locator('.verdict').innerText()).includes('34 > 30，相差 4'),
      await page.locator('.verdict').innerText(),
    )
    same(await page.getAttribute('#v-present', 'aria-invalid'), 'true', 'its box')
    await accessible(page, 'the form with a broken equation')
    await fits(page, 'the form')
    await shot(page, 'clerk-broken')
    await page.reload()
    await ours(page)
    await page.getByRole('button', { name: /修改后报送/ }).click()
    same(await page.inputValue('#v-present'), '25', 'the draft after a reload')
    await page.fill('#v-home', '5')
    await page.waitForSelector('.verdict .balanced')
    await page.getByRole('button', { name: '报送', exact: true }).click()
    await page.waitForSelector('.receipt')
    check(RECEIPT.test(await page.locator('.receipt').innerText()), 'the receipt')
    // a correction starts with what was said, and the draft is gone
    await page.getByRole('button', { name: '完成' }).click()
    await page.getByRole('button', { name: '更正今天的数字' }).click()
    same(await page.inputValue('#v-home'), '5', 'what was reported')
  })

  await test('staff lines are written, come back, and make the totals', async (open) => {
    const page = await open({ size: small, bypassCSP: true })
    await page.goto(`${base}${links.first}`)
    await ours(page)
    check(
      await page.getByRole('button', { name: /与昨天相同/ }).isDisabled(),
      'nothing was said before',
    )
    await page.getByRole('button', { name: /人员明细/ }).click()
    await page.getByRole('button', { name: '增加一人' }).click()
    await page.getByRole('button', { name: '保存' }).click()
    await page.waitForSelector('#s-name[aria-invalid=true]')
    await page.fill('#s-name', '试职工')
    await page.fill('#s-left_on', '2020-01-20')
    await page.fill('#s-place', '湖北武汉')
    await accessible(page, 'a new line')
    await page.getByRole('button', { name: '保存' }).click()
    await page.waitForSelector('.lines .who')
    check((await page.locator('.lines').innerText()).includes('试职工'), 'the name')
    await fits(page, 'the staff lines')
    await shot(page, 'clerk-staff')
    await page.getByRole('button', { name: /返回/ }).click()
    await page.getByRole('button', { name: /修改后报送/ }).click()
    same(await page.locator('output#v-away').innerText(), '1', 'counted')
    same(await page.locator('output#v-here').innerText(), '29', 'worked out from it')
    await page.getByRole('button', { name: /返回/ }).click()
    await page.getByRole('button', { name: /人员明细/ }).click()
    await page.getByRole('button', { name: /返京了/ }).click()
    await page.getByRole('button', { name: '保存' }).click()
    await page.getByRole('button', { name: /今天到岗/ }).click()
    await page.waitForFunction(() =>
      document.querySelector('.lines')?.textContent.includes('起到岗'),
    )
    await page.getByRole('button', { name: /返回/ }).click()
    await page.getByRole('button', { name: /修改后报送/ }).click()
    same(await page.locator('output#v-away').innerText(), '0', 'nobody is away')
    await page.getByRole('button', { name: '报送', exact: true }).click()
    check((await page.locator('.wrong:not(:empty)').count()) >= 2, 'what is empty is said')
    same(await page.evaluate(() => document.activeElement?.id), 'v-present', 'the focus')
  })

  await test('no answer, no loss: the same return goes again and counts once', async (open) => {
    const page = await open({ size: small })
    await page.goto(`${base}${links.first}`)
    await ours(page)
    await page.getByRole('button', { name: /修改后报送/ }).click()
    for (const [box, value] of [
      ['present', 20],
      ['home', 9],
      ['fever', 0],
    ])
      await page.fill(`#v-${box}`, String(value))
    // the server takes it, and its answer is lost on the way
    await page.route('**/api/v1/returns/*', async (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      await route.fetch()
      return route.abort()
    })
    await page.getByRole('button', { name: '报送', exact: true }).click()
    await page.getByText('内容已保存在这台手机上').waitFor()
    await page.unroute('**/api/v1/returns/*')
    const [answer] = await Promise.all([
      page.waitForResponse((one) => one.request().method() === 'POST'),
      page.getByRole('button', { name: '重新发送' }).click(),
    ])
    const said = await answer.json()
    same(said.replayed, true, 'taken twice')
    same(said.version, 1, 'its version')
    await page.waitForSelector('.receipt')
    same(await page.locator('.receipt').innerText(), said.receipt, 'the receipt')
  })

  await test('a link that was replaced, or cut short, says what to do; English is there', async (open) => {
    const page = await open({ size: small, bypassCSP: true })
    await page.goto(`${base}${links.shut}`)
    await page.getByText('要一个新链接').waitFor()
    await accessible(page, 'a replaced link')
    await shot(page, 'clerk-gone')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByText('ask for a new link').waitFor()
    await page.goto(`${base}${links.same.slice(0, 30)}`)
    await page.getByText('not complete').waitFor()
    await page.goto(`${base}${links.same}`)
    await ours(page)
    await page.waitForSelector('.receipt')
    const text = await page.locator('main').innerText()
    check(text.includes('Reported today') && text.includes('Daily return clerk'), text)
    await accessible(page, 'English')
  })
})
