// Messages to the world at the desk: channels and dead letters, settings, letters with codes; and a return
// that was sent back, at the clerk's phone and on the caller's screen.
import { readFileSync } from 'node:fs'
import { accessible, base, check, fits, main, phone, same, settle, test } from './browser.mjs'
import { enterprise, linkOf, must, report, template } from './enterprises.mjs'
import { call } from './homes.mjs'
import { eventually } from './served.mjs'

const run = Date.now().toString(36)
const code = `channels_${run}`

const shot = async (page, name) => {
  if (process.env.SHOTS)
    await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true })
}
/** The first bytes of the file that the page hands over. */
async function handed(page, act) {
  const [file] = await Promise.all([page.waitForEvent('download'), act()])
  return readFileSync(await file.path())
    .subarray(0, 5)
    .toString()
}

await main(async () => {
  await test('channels say what they lack; a trial is queued, given up, seen, and cancelled', async (open) => {
    const page = await open({ as: 'sysadmin', bypassCSP: true })
    await page.goto(`${base}/desk/outbox`)
    await settle(page)
    const channels = page.locator('section', { has: page.getByRole('heading', { name: '渠道' }) })
    const text = await channels.innerText()
    for (const name of ['邮件', '短信', '企业微信群机器人', '钉钉群机器人', '飞书群机器人'])
      check(text.includes(name), `${name} is missing`)
    check(text.includes('outbox.sms_url'), 'what text messages lack')
    await accessible(page, 'the outbox')
    await fits(page, 'the outbox')
    await shot(page, 'desk-channels')
    // a number that is none is refused before anybody is called: given up at once
    await page.getByRole('button', { name: '试发：短信' }).click()
    await page.fill('#trial-to', '12345')
    await accessible(page, 'the trial')
    await shot(page, 'desk-trial')
    await page.getByRole('button', { name: '试发一条消息' }).click()
    await page.waitForSelector('.toast')
    await eventually(async () => {
      const { data } = await call(page, 'GET', 'outbox-messages?filter[state]=dead')
      return data.items.some((one) => one.topic === 'test' && one.last_error === 'invalid')
    }, 'the dead letter')
    await page.reload()
    await settle(page)
    await page
      .locator('tbody tr', { hasText: 'invalid' })
      .getByRole('button', { name: /取消/ })
      .first()
      .click()
    await page.waitForSelector('.toast')
    await page.locator('tbody tr', { hasText: '已取消' }).first().waitFor()
  })

  await test('settings are found, changed, refused with a reason, and put back', async (open) => {
    const page = await open({ as: 'sysadmin', bypassCSP: true })
    await page.goto(`${base}/desk/settings`)
    await settle(page)
    await accessible(page, 'the settings')
    await fits(page, 'the settings')
    await shot(page, 'desk-settings')
    await page.fill('#settings-q', 'remind_most')
    await page.fill('#set-returns-remind_most', '99')
    await page.getByRole('button', { name: /^保存：/ }).click()
    await page.waitForSelector('#set-returns-remind_most[aria-invalid=true]')
    check((await page.locator('.field-problems').innerText()).includes('6'), 'the limit')
    await accessible(page, 'a refused setting')
    await page.fill('#set-returns-remind_most', '3')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.toast')
    await page.reload()
    await settle(page)
    same(await page.inputValue('#set-returns-remind_most'), '3', 'after a reload')
    await page.fill('#settings-q', 'remind_most')
    await page.getByRole('button', { name: /^恢复默认/ }).click()
    await page.waitForFunction(
      () => document.querySelector('#set-returns-remind_most')?.value === '2',
    )
    same(
      await page.locator('#set-outbox-channel, #set-returns-remind_most').count(),
      1,
      'what the search shows',
    )
  })

  await test('letters are printed for one, a unit, a building', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await page.goto(`${base}/desk/`)
    await settle(page)
    const one = await enterprise(page, `试信商贸${run}`, { unit: '110102017000' })
    await page.goto(`${base}/desk/enterprises`)
    await settle(page)
    await accessible(page, 'the register')
    await page.getByRole('button', { name: '打印填报码' }).click()
    await page.waitForSelector('dialog[open]')
    await accessible(page, 'the letters')
    await shot(page, 'desk-letters')
    await page.getByLabel(/小卡/).check()
    same(
      await handed(page, () => page.getByRole('button', { name: '下载 PDF' }).click()),
      '%PDF-',
      'a sheet',
    )
    await page.goto(`${base}/desk/enterprises/${one.id}`)
    await settle(page)
    await page.getByRole('button', { name: '打印填报码' }).click()
    same(
      await handed(page, () => page.getByRole('button', { name: '下载 PDF' }).click()),
      '%PDF-',
      'a letter',
    )
  })

  await test('sent back with a reason: the clerk reads it on his phone, the caller on his screen', async (open) => {
    const district = await open({ as: 'xicheng' })
    await district.goto(`${base}/desk/`)
    await settle(district)
    await template(district, code)
    const office = await open({ as: 'guangnei', bypassCSP: true })
    await office.goto(`${base}/desk/`)
    await settle(office)
    const one = await enterprise(office, `试退商贸${run}`)
    const row = await report(office, one, code, { away: 0, present: 20, home: 9, fever: 0 })
    await must(office, 'POST', `daily-returns/${row.id}/send_back`, {
      reason: '到岗数与昨日相差太大，请核对',
    })
    const clerk = await open({ size: phone, bypassCSP: true })
    // the link of a message names the day it is about, and leads on to today
    const link = await linkOf(office, one)
    await clerk.goto(`${base}${link}?d=2020-05-07`)
    await clerk.getByRole('heading', { name: /5月7日/ }).waitFor()
    await clerk.getByRole('link', { name: '看今天的日报' }).click()
    await clerk.getByRole('heading', { name: /5月8日/ }).waitFor()
    await clerk.waitForSelector('main .card, nav.forms')
    const ours = clerk.locator('nav.forms button', { hasText: code })
    if (await ours.count()) await ours.click()
    await clerk.getByText('退回原因：到岗数与昨日相差太大，请核对').waitFor()
    await accessible(clerk, 'a return that came back')
    await fits(clerk, 'a return that came back')
    await shot(clerk, 'clerk-returned')
    await clerk.getByRole('button', { name: '更正今天的数字' }).click()
    await clerk.getByText('退回原因：到岗数与昨日相差太大，请核对').waitFor()
    await shot(clerk, 'clerk-returned-form')
    // the caller: listed beside the missing, with the reason
    await office.goto(`${base}/desk/calls?enterprise=${one.id}`)
    await settle(office)
    await office.getByText('退回原因：到岗数与昨日相差太大，请核对').waitFor()
    check((await office.locator('h1').innerText()).includes('退回'), 'how many were sent back')
    await accessible(office, 'the calls')
    await shot(office, 'desk-calls-returned')
    await must(office, 'POST', 'daily-returns', {
      enterprise: one.id,
      template: code,
      channel: 'phone',
      values: { away: 0, present: 21, home: 9, fever: 0 },
    })
    await clerk.reload()
    await clerk.waitForSelector('main .card, nav.forms')
    same(await clerk.getByText('退回原因').count(), 0, 'the reason after the correction')
  })

  await test('the chase list says what became of the reminders', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    const states = ['sent', 'queued', 'dead', 'cancelled', 'unreachable']
    await page.route('**/api/v1/enterprises/due**', async (route) => {
      const json = await (await route.fetch()).json()
      json.items.forEach((item, at) => {
        item.reminders = {
          n: 2,
          at: '2020-05-08T15:30:00+08:00',
          state: states[at % states.length],
        }
      })
      await route.fulfill({ json })
    })
    await page.goto(`${base}/desk/chase`)
    await settle(page)
    await page.locator('#chase-status').selectOption('every')
    await page.getByText('2 × 15:30').first().waitFor()
    await accessible(page, 'the chase list')
    await fits(page, 'the chase list')
    await shot(page, 'desk-chase-reminders')
  })
})
