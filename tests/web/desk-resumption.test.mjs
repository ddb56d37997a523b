// Templates with their refusal in place and what they cost, a day up the tree, the rates, a filing
// against its checklist.
import { accessible, base, check, fits, main, phone, same, settle, test } from './browser.mjs'
import { must } from './enterprises.mjs'
import { call } from './homes.mjs'

const shot = async (page, name) => {
  if (process.env.SHOTS)
    await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true })
}

await main(async () => {
  await test('a shipped template is taken; what it asks twice is refused at the box', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await page.goto(`${base}/desk/return-templates`)
    await settle(page)
    await page.waitForSelector('text=每家企业 9.9 格')
    await accessible(page, 'templates')
    await fits(page, 'templates')
    await shot(page, 'desk-templates')
    await page.getByRole('button', { name: '取用现成模板' }).click()
    await page.selectOption('#shipped-code', 'beijing-daily')
    await page.waitForSelector('#shipped-city')
    await accessible(page, 'taking a shipped one')
    await page.fill('#shipped-city', '沪')
    await page.getByRole('button', { name: '取用', exact: true }).click()
    await page.waitForSelector('text=当日新增来沪人员总数')
    const id = page.url().split('/').pop()
    await must(page, 'POST', 'template-fields', {
      template: id,
      code: 'again',
      place: 90,
      label_zh: '职工总数',
      label_en: 'Staff',
      definition_zh: '又问一次',
      definition_en: 'asked again',
    })
    await page.reload()
    await settle(page)
    await page.getByRole('button', { name: '检查并发布' }).click()
    const box = page.locator('tr', { hasText: '又问一次' })
    await box.locator('.note.bad').waitFor()
    check((await box.textContent()).includes('staff.total'), 'how to bind it stands at the box')
    await accessible(page, 'a template')
    await fits(page, 'a template')
    await shot(page, 'desk-template')
    same((await call(page, 'GET', `return-templates/${id}`)).data.state, 'draft', 'state')
  })

  await test('76.0 %, with its part and its whole; a filing against its checklist', async (open) => {
    const page = await open({ as: 'huaxiang', bypassCSP: true })
    await page.goto(`${base}/desk/resumption`)
    await settle(page)
    await page.waitForSelector('text=76.0 %')
    check((await page.locator('dl.rates').textContent()).includes('136 / 179'), 'part and whole')
    await page.waitForSelector('th a[href*="/filings/"]')
    await accessible(page, 'back to work')
    await fits(page, 'back to work')
    await shot(page, 'desk-resumption')
    await page.locator('tr', { hasText: '两人已核查' }).locator('th a[href*="/filings/"]').first().click()
    await page.waitForSelector('text=条件落实情况')
    await page.waitForSelector('text=工位间距（米）')
    check((await page.locator('.tag.good').count()) > 5, 'conditions met')
    await accessible(page, 'a filing')
    await fits(page, 'a filing')
    await shot(page, 'desk-filing')
  })

  await test('a day up the tree: begun, checked, what was locked', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await page.goto(`${base}/desk/consolidation`)
    await settle(page)
    const row = page.locator('tr', { hasText: '广安门内街道办事处' }).first()
    await row.getByText('已核对').waitFor()
    check((await row.textContent()).includes('17:00'), 'the level has its own hour')
    await accessible(page, 'consolidation')
    await fits(page, 'consolidation')
    await shot(page, 'desk-consolidation')
    // what is ticked is accepted together; one that was corrected meanwhile stays, by name
    const all = page.getByRole('checkbox', { name: '选择本页全部' })
    await all.check()
    const many = await page.getByRole('checkbox', { name: /^选择 / }).count()
    const first = await page.locator('td.pick').first().locator('xpath=ancestor::tr').innerText()
    let sent = 0
    await page.route('**/api/v1/daily-returns/bulk/accept', async (route) => {
      const body = route.request().postDataJSON()
      sent = body.ids.length
      body.ids[0].rev += 7
      await route.continue({ postData: JSON.stringify(body) })
    })
    await page.getByRole('button', { name: /^审核通过（所选/ }).click()
    await page.getByText(`审核通过：${many - 1} 条`).waitFor()
    await page.getByText('1 条没有成功').waitFor()
    check(sent === many && many > 10, `${sent} of ${many} rows were sent`)
    const stays = first.trim().split(/\s+/)[0]
    await page.locator('section.list tr', { hasText: stays }).first().waitFor()
    await page.unroute('**/api/v1/daily-returns/bulk/accept')
    // yesterday is locked, with its figures
    await page.getByRole('button', { name: '前一天' }).click()
    await page.locator('tr', { hasText: '已锁定' }).first().waitFor()
    check(
      (await page.locator('tr', { hasText: '已锁定' }).first().textContent()).includes('418'),
      'figures at the lock',
    )
    // one return goes back to its enterprise by name
    await page.getByRole('button', { name: '后一天' }).click()
    await page.getByRole('button', { name: /^退回/ }).first().waitFor()
  })

  await test('in English, and on a phone', async (open) => {
    const page = await open({ as: 'huaxiang', bypassCSP: true, size: phone })
    await page.goto(`${base}/desk/`)
    await settle(page)
    await page.getByRole('button', { name: 'English' }).click()
    for (const [path, word] of [
      ['resumption', 'Enterprises resumed'],
      ['consolidation', 'Consolidation'],
      ['return-templates', 'Burden of the day'],
    ]) {
      await page.goto(`${base}/desk/${path}`)
      await settle(page)
      await page.locator('main').getByText(word).first().waitFor()
      await fits(page, path)
      await shot(page, `desk-${path}-phone`)
    }
  })
})
