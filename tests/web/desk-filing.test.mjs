// A filing the whole way: from the enterprise's page to its form, filed, returned, filed again, checked by
// two on a phone's width, failed with a gap, passed, resumed, suspended and back at work.
import { accessible, base, check, fits, main, phone, same, settle, test } from './browser.mjs'
import { enterprise, must } from './enterprises.mjs'
import { call } from './homes.mjs'

const shot = async (page, name) => {
  if (process.env.SHOTS)
    await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true })
}
const row = (page, id) => call(page, 'GET', `filings/${id}`).then((one) => one.data)
const press = (page, name) => page.getByRole('button', { name, exact: true }).click()

/** Every condition by the first; `wrong` does not agree, for what it says. */
async function findings(page, wrong = null, words = '') {
  const cards = page.locator('fieldset.finding')
  const n = await cards.count()
  for (let i = 0; i < n; i++) {
    const card = cards.nth(i)
    const bad = wrong !== null && (await card.locator('legend').textContent()).includes(wrong)
    await card.getByText(bad ? '不符' : '相符', { exact: true }).click()
    if (bad) await card.locator('input.control').fill(words)
  }
  return n
}

await main(async () => {
  const made = {}

  await test('from the enterprise: a form of the checklist in force, all problems at their items, a draft, filed', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await page.goto(`${base}/desk/`)
    await settle(page)
    made.shop = (
      await must(page, 'POST', 'enterprises', {
        name: '试七设计工作室',
        unit: '110102017000',
        headcount: 40,
        registered_on: '2020-04-01',
      })
    ).id
    await page.goto(`${base}/desk/enterprises/${made.shop}`)
    await settle(page)
    await shot(page, 'desk-filing-enterprise')
    await page.locator('.way').getByRole('link', { name: '复工备案' }).click()
    await page.waitForSelector('.conditions li')
    await accessible(page, 'the form')
    await fits(page, 'the form')
    check((await page.textContent('main')).includes('2020-04-18 起施行'), 'which version, with its date')
    check(
      (await page.locator('.condition', { hasText: '人均办公面积' }).textContent()).includes('取自上面的'),
      'asked once',
    )
    // nothing but the day: kept as a draft, refused with each problem at its place
    await page.fill('#filing-planned_on', '2020-05-12')
    await page.fill('#filing-first_batch', '12')
    await page.getByText('按首批人数 ÷ 职工总数：30 %').waitFor()
    await press(page, '填入')
    same(await page.inputValue('#filing-attendance'), '30', 'worked out')
    await page.fill('#filing-spacing', '0.8')
    await page.selectOption('#filing-answers-air', '0')
    await page.locator('.field', { hasText: '工位间距' }).getByText('不符合').waitFor()
    await press(page, '提交备案')
    await page.waitForSelector('#filing-error')
    const said = await page.locator('#filing-error').textContent()
    check(said.includes('已存为草稿'), 'kept as a draft')
    check(said.includes('工位间距（米）：太小，不能小于1'), 'the limit')
    same(await page.locator('#filing-spacing').getAttribute('aria-invalid'), 'true', 'at its box')
    same(await page.locator('#filing-answers-meals').getAttribute('aria-invalid'), 'true', 'at its item')
    await page.locator('.condition', { hasText: '中央空调' }).getByText('须做到：').waitFor()
    await accessible(page, 'the form refused')
    await shot(page, 'desk-filing-refused')
    // put right
    await page.fill('#filing-spacing', '1.2')
    await page.fill('#filing-area_per_person', '3.5')
    await page.fill('#filing-stock_days', '7')
    await page.selectOption('#filing-meals', 'own')
    await page.fill('#filing-answers-lifts', '50')
    for (const code of ['returnees', 'temperature', 'cleaning', 'air', 'meals', 'visitors', 'officer']) {
      await page.selectOption(`#filing-answers-${code}`, '1')
    }
    await press(page, '存草稿')
    await page.waitForURL(/\/desk\/filings\/[0-9a-f-]{36}$/)
    made.filing = page.url().split('/').pop()
    await page.waitForSelector('.conditions li')
    same((await row(page, made.filing)).state, 'draft', 'a draft')
    same(await page.inputValue('#filing-answers-lifts'), '50', 'read again')
    await shot(page, 'desk-filing-form')
    await press(page, '提交备案')
    await page.waitForSelector('fieldset.finding')
    const filed = await row(page, made.filing)
    same(filed.state, 'filed', 'filed')
    same(filed.answers.spacing, undefined, 'what has a box is no answer')
    same((await call(page, 'GET', `enterprises/${made.shop}`)).data.state, 'filed', 'it follows')
  })

  await test('returned with a reason, mended on its own page, filed again', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await page.goto(`${base}/desk/filings/${made.filing}`)
    await settle(page)
    await press(page, '退回补正')
    await page.fill('[role=dialog] textarea, dialog textarea', '首批名单没有附上')
    await page.locator('[role=dialog], dialog').getByRole('button', { name: '退回补正' }).click()
    await page.reload()
    await settle(page)
    await page.getByText('首批名单没有附上').first().waitFor()
    await shot(page, 'desk-filing-returned')
    // to the same form from its enterprise
    await page.goto(`${base}/desk/enterprises/${made.shop}`)
    await page.locator('.way').getByRole('link', { name: '整改后再次备案' }).click()
    await page.waitForSelector('.conditions li')
    await page.fill('#filing-note', '名单已附')
    await press(page, '再次提交备案')
    await page.waitForSelector('fieldset.finding')
    same((await row(page, made.filing)).note, '名单已附', 'mended')
  })

  await test('on the spot, on a phone: the first signs each condition and cannot confirm; another fails it', async (open) => {
    const first = await open({ as: 'guangnei', bypassCSP: true, size: phone })
    await first.goto(`${base}/desk/filings/${made.filing}`)
    await first.waitForSelector('fieldset.finding')
    await press(first, '第一人签字')
    await first.getByText('还差 12 项').waitFor()
    const n = await findings(first, '工位间距', '靠窗一排0.7米')
    check(n === 12, `what was said or is asked: ${n}`)
    await first.reload()
    await first.waitForSelector('fieldset.finding')
    await first.getByText('已核 12 / 12').waitFor()
    await accessible(first, 'the check on a phone')
    await fits(first, 'the check on a phone')
    await shot(first, 'desk-check-phone')
    await press(first, '第一人签字')
    await first.getByText('您已作为第一核查人签字').waitFor()
    same(await first.getByRole('button', { name: /^确认/ }).count(), 0, 'nothing to confirm with')
    await shot(first, 'desk-check-first')
    const { status } = await call(first, 'POST', `filings/${made.filing}/fail_check`, {})
    same(status, 422, 'the server says the same')

    const second = await open({ as: 'xicheng', bypassCSP: true, size: phone })
    await second.goto(`${base}/desk/filings/${made.filing}`)
    await second.getByText('第一人：1 项不符').waitFor()
    await accessible(second, 'the second on a phone')
    await fits(second, 'the second on a phone')
    await shot(second, 'desk-check-second')
    await press(second, '意见不一，重新核查')
    await second.getByText('意见不一时，请写明哪里不同。').waitFor()
    await press(second, '确认：不通过，退回整改')
    await second.getByText('以下 1 项须整改').waitFor()
    await shot(second, 'desk-check-failed')
    same((await call(second, 'GET', `enterprises/${made.shop}`)).data.state, 'planned', 'it follows')
    await second.getByRole('link', { name: /登记防控盲点/ }).click()
    await second.waitForSelector('form.record-form')
    const boxes = await second
      .locator('form.record-form')
      .evaluate((form) => [...form.querySelectorAll('input, textarea')].map((one) => one.value))
    check(boxes.includes('试七设计工作室'), `the gap knows its enterprise: ${boxes}`)
    check(boxes.includes('工位间距（米）：靠窗一排0.7米'), `and what is lacking: ${boxes}`)
  })

  await test('mended, passed by two, resumed, suspended, back at work', async (open) => {
    const first = await open({ as: 'guangnei', bypassCSP: true })
    await first.goto(`${base}/desk/filings/${made.filing}`)
    await first.waitForSelector('.conditions li')
    await first.fill('#filing-spacing', '1.5')
    await press(first, '再次提交备案')
    await first.waitForSelector('fieldset.finding')
    await findings(first)
    await press(first, '第一人签字')
    await first.getByText('您已作为第一核查人签字').waitFor()
    const second = await open({ as: 'xicheng', bypassCSP: true })
    await second.goto(`${base}/desk/filings/${made.filing}`)
    await press(second, '确认：通过')
    await second.getByText('两人已核查').first().waitFor()
    await accessible(second, 'passed')
    await shot(second, 'desk-check-passed')
    const page = first
    await page.goto(`${base}/desk/enterprises/${made.shop}`)
    await settle(page)
    const way = page.locator('.way')
    const dialog = page.locator('[role=dialog], dialog')
    await way.getByRole('button', { name: '复工', exact: true }).click()
    await dialog.getByRole('button', { name: '复工', exact: true }).click()
    await way.getByRole('button', { name: '暂停' }).click()
    await dialog.getByRole('button', { name: '暂停' }).click()
    await dialog.getByText('必须填写').first().waitFor()
    await dialog.locator('textarea').fill('一名职工发热')
    await dialog.getByRole('button', { name: '暂停' }).click()
    await way.getByRole('button', { name: '恢复开工' }).waitFor()
    await accessible(page, 'suspended')
    await fits(page, 'suspended')
    await shot(page, 'desk-way-suspended')
    await way.getByRole('button', { name: '恢复开工' }).click()
    await dialog.locator('textarea').fill('排除，已消毒')
    await dialog.getByRole('button', { name: '恢复开工' }).click()
    await way.getByRole('button', { name: '暂停' }).waitFor()
    const { data } = await call(page, 'GET', `resumption-steps?filter[enterprise]=${made.shop}&sort=-day&limit=2`)
    same(data.items.map((one) => one.reason).join(), '排除，已消毒,一名职工发热', 'reasons by step')
  })

  await test('from “back to work” in one click; in English, on a phone', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true, size: phone })
    await page.goto(`${base}/desk/`)
    await settle(page)
    await enterprise(page, '试八广告公司', { unit: '110102017000', planned_on: '2020-05-20' })
    await page.getByRole('button', { name: 'English' }).click()
    await page.goto(`${base}/desk/resumption`)
    await settle(page)
    await page.getByRole('link', { name: /^File for / }).first().click()
    await page.waitForSelector('.conditions li')
    await page.getByText('in force from 2020-04-18').first().waitFor()
    await accessible(page, 'the form in English')
    await fits(page, 'the form in English')
    await shot(page, 'desk-filing-phone')
    await page.goto(`${base}/desk/filings/${made.filing}`)
    await settle(page)
    await fits(page, 'a filing in English')
    await shot(page, 'desk-filing-done-phone')
    await page.goto(`${base}/desk/filings/new`)
    await page.waitForSelector('#filing-enterprise')
    await accessible(page, 'which enterprise')
  })
})
