// Returns that came by chat and by sheet, at the desk: read, put right in place, taken, taken back.
import { accessible, base, check, fits, main, phone, same, settle, test } from './browser.mjs'
import { enterprise, must, template } from './enterprises.mjs'
import { call } from './homes.mjs'

const run = Date.now().toString(36)
const code = `inbox_${run}`
const name = (n) => `接龙${n}号商贸${run}`
const shot = async (page, file) => {
  if (process.env.SHOTS)
    await page.screenshot({ path: `${process.env.SHOTS}/${file}.png`, fullPage: true })
}
const due = async (page, status) =>
  (
    await call(
      page,
      'GET',
      `enterprises/due?unit=110102017000&template=${code}&status=${status}&q=${run}&limit=50`,
    )
  ).data.items
const open_inbox = async (page) => {
  await page.goto(`${base}/desk/inbox`)
  await settle(page)
  await page.waitForFunction(
    (wanted) => document.querySelector(`#inbox-template option[value="${wanted}"]`),
    code,
  )
  await page.selectOption('#inbox-template', code)
}
const statuses = async (page) =>
  (await page.locator('.inbox tbody td.inbox-says > .tag:first-child').allInnerTexts()).join()

await main(async () => {
  await test('a form, and four enterprises that owe it', async (open) => {
    const district = await open({ as: 'xicheng' })
    await district.goto(`${base}/desk/`)
    await settle(district)
    await template(district, code)
    const office = await open({ as: 'guangnei' })
    await office.goto(`${base}/desk/`)
    await settle(office)
    for (let n = 1; n <= 4; n++) await enterprise(office, name(n))
    same((await due(office, 'missing')).length, 4, 'missing')
  })

  await test('a relay: read, a row put right by the keyboard, taken, pasted again, taken back', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await open_inbox(page)
    await accessible(page, 'the empty page')
    const relay = [
      '#接龙 企业日报',
      `1、${name(1)} 张三 在外未返0 到岗20人 居家9 无异常`,
      `2️⃣ ${name(2)} 在外未返0 到岗25 居家：９ 无发热`,
      `3. ${name(3)} 同上`,
      `4. 老地方 在外未返0 到岗10 居家2 发热0`,
      '5. [图片]',
    ].join('\n')
    await page.fill('#inbox-text', relay)
    await page.focus('#inbox-text')
    await page.keyboard.press('Control+Enter')
    await page.waitForSelector('.inbox tbody tr')
    same(await statuses(page), '可采用,有误,有误,找不到企业,没有内容', 'the rows')
    const second = page.locator('.inbox tbody tr').nth(1)
    check((await second.innerText()).includes('相差4'), await second.innerText())
    await accessible(page, 'the preview')
    await fits(page, 'the preview')
    await shot(page, 'desk-inbox')
    same((await due(page, 'missing')).length, 4, 'nothing is kept by looking')
    // the broken row, with the keyboard: from the box above down into it
    await page.focus('.inbox tbody tr:nth-child(1) .inbox-box[data-code="present"]')
    await page.keyboard.press('Enter')
    await page.keyboard.type('21')
    await page.keyboard.press('Tab')
    await page.waitForFunction(
      () =>
        document.querySelector('.inbox tbody tr:nth-child(2) .inbox-says .tag').textContent ===
        '可采用',
    )
    // the unknown name is chosen, and remembered for the next time
    const fourth = page.locator('.inbox tbody tr').nth(3)
    await fourth.getByRole('combobox').click()
    await page.keyboard.type(name(4))
    await page.getByRole('option', { name: new RegExp(name(4)) }).click()
    await page.waitForFunction(
      () =>
        document.querySelector('.inbox tbody tr:nth-child(4) .inbox-says .tag').textContent ===
        '可采用',
    )
    await fourth.getByRole('button', { name: '记住“老地方”这个叫法' }).click()
    await page.waitForFunction(
      () => !document.querySelector('.inbox tbody tr:nth-child(4) .btn.link'),
    )
    await page.focus('.inbox tbody tr:nth-child(2) .inbox-box[data-code="home"]')
    await page.keyboard.press('Control+Enter')
    await page.waitForSelector('.inbox .note.good')
    const sent = await due(page, 'submitted')
    same(
      sent
        .map((item) =>
          [item.enterprise.name, item.return.channel, item.return.staff_present].join(' '),
        )
        .sort()
        .join(),
      `${name(1)} wechat 20,${name(2)} wechat 21,${name(4)} wechat 10`,
      'what was taken',
    )
    await shot(page, 'desk-inbox-taken')
    // the same again: it was taken before, and the new name is known
    await page.fill('#inbox-text', relay)
    await page.getByRole('button', { name: '识别', exact: true }).click()
    await page.waitForFunction(
      () => document.querySelector('.inbox tbody tr .inbox-says .tag')?.textContent === '已采用过',
    )
    same((await statuses(page)).split(',')[3], '已采用过', 'known by its short name')
    same(
      await page.getByRole('button', { name: /采用 \d+ 行/ }).isDisabled(),
      true,
      'nothing to take',
    )
    await page.setViewportSize(phone)
    await fits(page, 'the preview on a phone')
    await shot(page, 'desk-inbox-phone')
  })

  await test('a sheet that came by mail: its totals, its rows, and taking it back', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await open_inbox(page)
    const csv = [
      '序号,单位名称,在外未返,到岗,居家办公,新发热人数',
      `1,${name(3)},0,12,3,0`,
      '合计,,0,13,3,0',
    ].join('\n')
    await page.setInputFiles('.drop input[type=file]', {
      name: '日报.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(csv),
    })
    await page.waitForSelector('.inbox tbody tr')
    same(await statuses(page), '可采用', 'the rows')
    const text = await page.locator('.inbox').innerText()
    check(text.includes('表中 13，各行相加 12，相差 1'), text)
    same(await page.inputValue('#inbox-channel'), 'mail', 'the channel')
    await page.getByRole('button', { name: '采用 1 行' }).click()
    await page.waitForSelector('.inbox .note.good')
    same((await due(page, 'submitted')).length, 4, 'reported')
    await page.locator('.inbox .note.good').getByRole('button', { name: '撤销' }).click()
    await page.waitForFunction(() => !document.querySelector('.inbox'))
    const missing = await due(page, 'missing')
    same(missing.map((item) => item.enterprise.name).join(), name(3), 'who is missing again')
    const imports = await must(page, 'GET', 'imports?limit=5')
    check(
      imports.items.some((one) => one.filename === '日报.csv' && one.state === 'undone'),
      'the list of imports',
    )
  })
})
