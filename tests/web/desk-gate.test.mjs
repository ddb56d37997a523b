// The gate, the homes and the passes at the desk: what a community's lead does with them, by mouse and by keyboard.
import { accessible, base, check, desk, fits, main, phone, same, settle, test } from './browser.mjs'
import { call, gatesOf, passage, passFor, settleHomes } from './homes.mjs'

const run = Date.now().toString(36)
const unit = '110102013005'
const number = (text) => Number(text.replaceAll(',', ''))
let place

/** A page of the lead whose homes are there. */
async function lead(open, path = '/', more = {}) {
  const page = await open({ as: 'shitou', ...more })
  await page.goto(`${base}/desk/about`)
  await settle(page)
  place ??= await settleHomes(page, unit, `试验小区${run}`)
  await page.goto(`${base}/desk${path}`)
  await settle(page)
  return page
}

await main(async () => {
  await test('the building stands door by door, walked with the keyboard, and a door opens its household', async (open) => {
    const page = await lead(open, '/homes')
    const item = page.getByRole('treeitem', { name: new RegExp(`试验小区${run}`) })
    await item.waitFor()
    await page.locator('.home-tree [tabindex="0"]').focus()
    await page.keyboard.press('End')
    for (let step = 0; step < 60; step++) {
      const here = await page.evaluate(() => document.activeElement.textContent)
      if (here.includes(`试验小区`) && here.includes(run)) break
      await page.keyboard.press('ArrowUp')
    }
    if ((await item.getAttribute('aria-expanded')) !== 'true')
      await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/homes/${place.building.id}`)
    await page.waitForSelector('.stairwell')
    same(await page.locator('.stairwell').count(), 2, 'stairwells')
    same(await page.locator('.door').count(), 6, 'doors')
    await page.getByRole('treeitem', { name: /^2 单元/ }).click()
    same(await page.locator('.door').count(), 3, 'doors of one stairwell')
    await page.locator('.door', { hasText: '202' }).click()
    await page.waitForSelector('.sections .section')
    check(
      (await page.locator('.sections').innerText()).includes('住户2202'),
      'the one who lives there',
    )
  })

  await test('a handover reads as people wrote it, in both languages', async (open) => {
    const page = await open({ as: 'shitou', bypassCSP: true })
    await page.goto(`${base}/desk/about`)
    await settle(page)
    const { data } = await call(page, 'GET', 'handovers?limit=1')
    const [{ id }] = data.items
    for (const [size, lang] of [
      [desk, '中文'],
      [phone, '中文'],
      [desk, 'English'],
    ]) {
      await page.setViewportSize(size)
      if (lang === 'English') {
        await page.goto(`${base}/desk/about`)
        await page.getByRole('button', { name: lang }).click()
      }
      await page.goto(`${base}/desk/handovers/${id}`)
      await page.waitForSelector('.sections .section')
      await settle(page)
      const text = await page.locator('.sections').innerText()
      for (const word of lang === 'English'
        ? ['Handed over by', 'Both confirmed']
        : ['交班人', '双方确认'])
        check(text.includes(word), `${word} in ${text}`)
      await accessible(page, `a handover, ${lang}`)
      await fits(page, `a handover, ${lang}`)
      if (process.env.SHOTS)
        await page.screenshot({
          path: `${process.env.SHOTS}/handover-${size.width}-${lang}.png`,
          fullPage: true,
        })
    }
    await page.goto(`${base}/desk/about`)
    await page.getByRole('button', { name: '中文' }).click()
  })

  await test('a household is found by what people call it', async (open) => {
    const page = await lead(open, '/homes')
    await page.getByRole('searchbox').fill('15-2-201')
    await page.locator('.found-homes a').first().click()
    await page.waitForSelector('dl.facts')
    check(
      (await page.locator('h1').innerText()).includes('15-2-201'),
      await page.locator('h1').innerText(),
    )
  })

  await test('passes for a building are counted, issued, printed; issued again there are none', async (open) => {
    const page = await lead(open, `/homes`)
    await page.goto(`${base}/desk/homes/${place.building.id}`)
    await page.locator('.building').getByRole('link', { name: '出入证', exact: true }).click()
    await page.waitForSelector('#issue-form')
    const go = page.locator('button[form=issue-form]')
    await page.getByText('办 6 张证').waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), go.click()])
    check(file.suggestedFilename().endsWith('.pdf'), file.suggestedFilename())
    await page.waitForSelector('.toast')
    check((await page.locator('.toasts').innerText()).includes('已办 6 张'), 'not said')
    same(
      (await call(page, 'GET', `passes?filter[compound]=${place.compound.id}&count=1`)).data.total,
      6,
      'passes',
    )
    await page.goto(`${base}/desk/passes?issue=building&id=${place.building.id}`)
    await page.getByText('没有要办的').waitFor()
    check(await go.isDisabled(), 'it can be issued twice')
  })

  await test('a pass is shown, checked, reported lost, checked again, and replaced', async (open) => {
    const page = await lead(open)
    const [home] = place.homes
    const pass = await passFor(page, home.id)
    await page.goto(`${base}/desk/passes/${pass.id}`)
    await page.getByRole('button', { name: '出示' }).click()
    await page.waitForSelector('.pass-code img')
    check(
      await page.locator('.pass-code img').evaluate((one) => one.naturalWidth > 50),
      'the code is not drawn',
    )
    await page.keyboard.press('Escape')
    const ask = async () => {
      await page.goto(`${base}/desk/passes`)
      await page.fill('#pass-check', `${pass.number.slice(0, 4)} ${pass.number.slice(4)}`)
      await page.keyboard.press('Enter')
      await page.waitForSelector('.pass-check .note')
      return page.locator('.pass-check .note')
    }
    check((await (await ask()).getAttribute('class')).includes('good'), 'a good pass')
    await page.goto(`${base}/desk/passes/${pass.id}`)
    await page.getByRole('button', { name: '挂失' }).click()
    const confirm = page.locator('dialog button[type=submit]')
    if (await confirm.count()) await confirm.click()
    await page.waitForSelector('.page-head .tag')
    const answer = await ask()
    check((await answer.getAttribute('class')).includes('bad'), 'a lost pass passes')
    const said = await answer.innerText()
    check(said.includes('组长') && !said.includes('遗失'), `the reason is told: ${said}`)
  })

  await test('the log of a day: in the order of time, by filters that stay in the address', async (open) => {
    const page = await lead(open)
    const [one, other] = await gatesOf(page)
    const [home] = place.homes
    const pass = await passFor(page, home.id, 'household')
    await passage(page, one.id, { direction: 'out', pass: pass.id, how: 'scan', verdict: 'ok' })
    await passage(page, other.id, {
      who: '来访甲',
      who_kind: 'visitor',
      outcome: 'refused',
      temperature: 37.6,
      reason: '体温高',
    })
    await page.goto(`${base}/desk/gate`)
    await page.waitForSelector('.list tbody tr')
    const times = await page.locator('tbody .at').allInnerTexts()
    check(
      times.length > 2 && times.every((time, i) => !i || time <= times[i - 1]),
      times.slice(0, 8).join(' '),
    )
    await page.getByLabel('登记方式').selectOption('scan')
    await page.waitForURL(/f\.how=scan/)
    await page.waitForFunction(
      () =>
        document.querySelectorAll('.list tbody tr').length >= 1 &&
        [...document.querySelectorAll('.list tbody tr')].every((row) =>
          row.textContent.includes('扫码'),
        ),
    )
    await page.reload()
    await page.waitForSelector('.list tbody tr')
    same(await page.getByLabel('登记方式').inputValue(), 'scan', 'the filter after a reload')
    const door = page.locator('tbody a', { hasText: home.code }).first()
    await door.click()
    await page.waitForSelector('.sections')
    check(page.url().includes(`/households/${home.id}`), page.url())
    await page.goto(`${base}/desk/gate?tab=odd`)
    await page.locator('tbody .hot').first().waitFor()
    check((await page.locator('#main').innerText()).includes('劝返与转诊'), 'the refused')
  })

  await test('the hours are a picture with words, and a table beside it that adds up', async (open) => {
    const page = await lead(open, '/gate')
    await page.waitForSelector('.hour-chart svg[role=img]')
    const words = await page.locator('.hour-chart svg').getAttribute('aria-label')
    check(/进入 \d+/.test(words), words)
    await page.locator('.hour-chart summary').click()
    const rows = await page
      .locator('.hour-table tbody tr')
      .evaluateAll((all) =>
        all.map((row) =>
          [...row.querySelectorAll('td')].map((cell) =>
            Number(cell.textContent.replaceAll(',', '')),
          ),
        ),
      )
    const total = rows.pop()
    for (const column of [0, 1, 2]) {
      same(
        rows.reduce((sum, row) => sum + row[column], 0),
        total[column],
        `column ${column}`,
      )
    }
    const counts = await page.locator('.counts dd').allInnerTexts()
    same(total[0], number(counts[0]), 'the same as the figure of entries')
  })

  await test('who is out with the household pass stands there until he is back', async (open) => {
    const page = await lead(open)
    const [gate] = await gatesOf(page, 1)
    const home = place.homes[1]
    const pass = await passFor(page, home.id, 'household')
    await passage(page, gate.id, { direction: 'out', pass: pass.id, how: 'number', verdict: 'ok' })
    await page.goto(`${base}/desk/gate?tab=inside`)
    await page.locator('.inside-panels').getByText(home.code).waitFor()
    await passage(page, gate.id, { direction: 'in', pass: pass.id, how: 'number', verdict: 'ok' })
    await page.reload()
    await page.waitForSelector('.inside-panels')
    same(
      await page.locator('.inside-panels').getByText(home.code, { exact: true }).count(),
      0,
      'he is back',
    )
  })

  await test('a visitor without a phone is entered, stands inside, and leaves with one press', async (open) => {
    const page = await lead(open, '/visitors')
    await page.getByRole('link', { name: '登记访客' }).click()
    await page.waitForSelector('form.record-form')
    await page.getByLabel('卡口', { exact: false }).first().fill('东门')
    await page.waitForSelector('[role=option]')
    await page.keyboard.press('Enter')
    await page.getByLabel('被访户', { exact: false }).fill('15-1-101')
    await page.waitForSelector('[role=option]')
    await page.keyboard.press('Enter')
    await page.getByLabel('姓名', { exact: false }).first().fill(`客人${run}`)
    await page.getByLabel('体温', { exact: false }).first().fill('36.5')
    await page.getByLabel('处置', { exact: false }).first().selectOption('admitted')
    await page.keyboard.press('Control+s')
    await page.waitForSelector('dl.facts')
    await page.goto(`${base}/desk/visitors`)
    const row = page.locator('tbody tr', { hasText: `客人${run}` })
    await row.waitFor()
    await row.getByRole('button', { name: /离开/ }).click()
    await row.waitFor({ state: 'detached' })
    await page.getByRole('tab', { name: '今天' }).click()
    await page.locator('tbody tr', { hasText: `客人${run}` }).waitFor()
  })

  await test('every gate has its poster', async (open) => {
    const page = await lead(open, '/gate')
    await page.getByRole('button', { name: '打印卡口海报' }).click()
    const first = page.locator('dialog .plain-list button').first()
    await first.waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), first.click()])
    check(file.suggestedFilename().endsWith('.pdf'), file.suggestedFilename())
  })

  await test('a sheet of residents makes their homes along with them', async (open) => {
    const page = await lead(open, '/import?kind=resident')
    same(await page.locator('#import-kind').inputValue(), 'resident', 'the kind of the address')
    const [sheet] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /下载空白模板/ }).click(),
    ])
    check(sheet.suggestedFilename().endsWith('.xlsx'), sheet.suggestedFilename())
    const rows = [
      '小区,楼号,单元,门牌,姓名,与户主关系',
      `表格小区${run},3号楼,1,101,表格甲,户主`,
      `表格小区${run},3号楼,1,101,表格乙,配偶`,
      `表格小区${run},3号楼,2,302,表格丙,户主`,
    ]
    await page.setInputFiles('input[type=file]', {
      name: '居民.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`\uFEFF${rows.join('\r\n')}`),
    })
    await page.waitForSelector('.big-facts')
    const told = await page.locator('section[aria-live]').innerText()
    check(/同时新建/.test(told) && /户/.test(told), told)
    await page.getByRole('button', { name: '正式导入' }).click()
    await page.waitForSelector('.toast')
    await page.goto(`${base}/desk/homes`)
    await page.getByRole('treeitem', { name: new RegExp(`表格小区${run}`) }).waitFor()
  })

  for (const [name, size] of Object.entries({ desk, phone })) {
    await test(`the pages of the gate are accessible and fit, ${name} size, in both languages`, async (open) => {
      const page = await lead(open, '/', { size, bypassCSP: true })
      const pass = await passFor(page, place.homes[0].id)
      const pages = [
        '/gate',
        '/gate?tab=odd',
        '/gate?tab=inside',
        '/clashes',
        '/visitors',
        '/visitors?tab=today',
        '/visitors/new',
        '/passes',
        `/passes?issue=building&id=${place.building.id}`,
        `/passes/${pass.id}`,
        '/handovers',
        '/handovers/new',
        `/homes/${place.building.id}`,
        `/households/${place.homes[0].id}`,
        '/residents',
        '/building-heads',
        '/devices',
        '/devices?tab=held',
        '/devices?tab=file',
        '/import?kind=resident',
        '/operation',
      ]
      for (const lang of ['English', '中文']) {
        for (const path of pages) {
          await page.goto(`${base}/desk${path}`)
          await settle(page)
          await accessible(page, `${path} before ${lang}`)
          await fits(page, path)
        }
        if (size === phone) break
        await page.keyboard.press('Escape')
        await page.goto(`${base}/desk/about`)
        await page.getByRole('button', { name: lang }).click()
      }
    })
  }
})
