// A coordinator's work at the desk, with mouse and keyboard, against the model case.
import { base, check, main, password, same, settle, test } from './browser.mjs'

// Told apart from what an earlier run on the same data has written.
const run = Date.now().toString(36)
const number = (text) => Number(text.replaceAll(',', ''))

await main(async () => {
  await test('a wrong password is said, the right one leads to where one wanted to go', async (open) => {
    const page = await open()
    await page.goto(`${base}/desk/posts`)
    await page.waitForSelector('#login-name')
    await page.fill('#login-name', 'shitou')
    await page.fill('#login-password', 'not-the-password')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[role=alert]')
    same(await page.inputValue('#login-password'), '', 'the wrong password stays in the box')
    await page.fill('#login-password', password)
    await page.keyboard.press('Enter')
    await page.waitForSelector('table.grid')
    check(page.url().endsWith('/desk/posts'), page.url())
  })

  await test('the pages run under their strict policy', async (open) => {
    const page = await open({ as: 'city' })
    const answer = await page.goto(`${base}/desk/`)
    const policy = answer.headers()['content-security-policy'] ?? ''
    check(/script-src 'self'[;]/.test(policy) && !policy.includes('unsafe'), policy)
    await page.waitForSelector('.head-count .part')
  })

  await test("the city's figures stand on the overview and open to what they are made of", async (open) => {
    const page = await open({ as: 'city' })
    await page.goto(`${base}/desk/`)
    const tile = page.locator('.tiles button', { hasText: '工会系统下沉人数' })
    same(number(await tile.locator('strong').innerText()), 2986, 'people.seconded')
    const dual = page.locator('.tiles button', { hasText: '双报到' })
    same(number(await dual.locator('strong').innerText()), 1628, 'people.seconded_dual')
    const parts = (await page.locator('.parts strong').allInnerTexts()).map(number)
    same(parts.slice(1).reduce((a, b) => a + b), parts[0], 'the parts of due')
    await tile.click()
    await page.waitForSelector('dialog th[scope=row] a')
    check((await page.locator('dialog').innerText()).includes('people.seconded'), 'no definition')
    check(await page.locator('dialog svg[role=img]').getAttribute('aria-label'), 'the chart is mute')
    await page.keyboard.press('Escape')
    same(await page.locator('dialog').count(), 0, 'dialogs open')
  })

  await test('each record behind a number says its share, and a rate opens to its parts', async (open) => {
    const page = await open({ as: 'city' })
    await page.goto(`${base}/desk/`)
    const tile = (text) => page.locator('.tiles button', { hasText: text }).first()
    await tile('职工总数').click()
    await page.waitForSelector('dialog th[scope=row] a')
    const shares = page.locator('dialog table').last().locator('tbody td.num')
    check(number(await shares.first().innerText()) > 0, `a share of ${await shares.first().innerText()}`)
    await page.keyboard.press('Escape')
    await tile('企业复工率').click()
    const part = page.locator('dialog .row button:enabled', { hasText: '已复工' })
    await part.waitFor()
    const resumed = number(await part.locator('strong').innerText())
    await part.click()
    await page.waitForSelector('dialog tbody th[scope=row] a')
    same(number(await page.locator('dialog .figure-big strong').innerText()), resumed, 'the part')
  })

  await test('what is not known is not drawn as nought, and no rate as 0 %', async (open) => {
    const page = await open({ as: 'shitou' })
    await page.goto(`${base}/desk/`)
    await page.waitForSelector('.tiles')
    check(!(await page.locator('.tile-groups').innerText()).includes('企业'), 'a group of noughts stands open')
    await page.getByRole('checkbox', { name: /显示全部为零的/ }).check()
    const rate = page.locator('.tiles button', { hasText: '企业复工率' }).locator('strong')
    same(await rate.innerText(), '—', 'a rate of no enterprise')
  })

  await test('the next step of a to-do is begun where it stands', async (open) => {
    const page = await open({ as: 'shitou' })
    await page.goto(`${base}/desk/todo`)
    await page.locator('table.grid tbody button').first().click()
    await page.waitForSelector('dialog[open] .field')
    await page.keyboard.press('Escape')
  })

  await test('down the tree by the table, up by the path, and the address keeps the place', async (open) => {
    const page = await open({ as: 'city' })
    await page.goto(`${base}/desk/`)
    await page.getByRole('button', { name: '西城区', exact: true }).click()
    await page.waitForFunction(() => document.querySelector('h1')?.textContent.includes('西城区'))
    check(page.url().includes('unit=110102000000'), page.url())
    const sum = await page.evaluate(() => {
      const total = Number(document.querySelector('.parts strong').textContent)
      return total
    })
    await page.waitForSelector('.children tbody td.num')
    const rows = await page.locator('.children tbody tr td:nth-child(2)').allInnerTexts()
    same(rows.map((text) => number(text) || 0).reduce((a, b) => a + b, 0), sum, 'due of the children')
    await page.reload()
    await page.waitForFunction(() => document.querySelector('h1')?.textContent.includes('西城区'))
    await page.locator('.crumbs a').first().click()
    await page.waitForFunction(() => document.querySelector('h1')?.textContent.includes('北京市'))
  })

  await test('a figure moves by itself when a gate event comes in', async (open) => {
    const page = await open({ as: 'shitou' })
    await page.goto(`${base}/desk/`)
    await page.waitForSelector('.live.stream')
    const tile = page.locator('.tiles button', { hasText: '进入' }).first().locator('strong')
    const before = number(await tile.innerText())
    const sent = await page.evaluate(async () => {
      const { csrf } = await (await fetch('/api/v1/sessions/current')).json()
      const gates = await (await fetch('/api/v1/posts?filter[kind]=gate&limit=1')).json()
      const answer = await fetch('/api/v1/gate-events', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
        body: JSON.stringify({
          post: gates.items[0].id, direction: 'in', who: '来访', temperature: 36.4, outcome: 'admitted',
        }),
      })
      return answer.status
    })
    same(sent, 201, 'the gate event')
    await page.waitForFunction(
      (wanted) => [...document.querySelectorAll('.tiles button')].some(
        (one) => one.textContent.includes('进入') && Number(one.querySelector('strong').textContent) === wanted),
      before + 1,
    )
  })

  await test('a form shows all problems at once, then stores; Ctrl+S saves a change', async (open) => {
    const name = `测试南门${run}`
    const page = await open({ as: 'shitou' })
    await page.goto(`${base}/desk/posts/new`)
    await page.click('button[type=submit]')
    await page.waitForSelector('.note.bad')
    check((await page.locator('.field-problems').count()) >= 3, 'problems beside the fields')
    same(await page.evaluate(() => document.activeElement.getAttribute('aria-invalid')), 'true', 'focus')
    await page.getByLabel('名称').fill(name)
    await page.getByLabel('所属单位').fill('石头社区')
    await page.waitForSelector('[role=option]')
    await page.keyboard.press('Enter')
    await page.getByLabel('类别').selectOption('gate')
    await page.click('button[type=submit]')
    await page.waitForSelector('dl.facts')
    check((await page.locator('h1').innerText()).includes(name), 'the title')
    await page.getByRole('button', { name: '修改' }).click()
    await page.getByLabel('位置').fill('南墙')
    await page.keyboard.press('Control+s')
    await page.waitForSelector('dl.facts')
    check((await page.locator('dl.facts').innerText()).includes('南墙'), 'the change')
    await page.getByRole('tab', { name: '变更记录' }).click()
    await page.waitForSelector('.history ins')
    check((await page.locator('.history').innerText()).includes('南墙'), 'the history')
  })

  await test('two who change one record see both versions and choose', async (open) => {
    const [theirs, mine] = [`别人写的${run}`, `我写的${run}`]
    const one = await open({ as: 'shitou' })
    await one.goto(`${base}/desk/posts`)
    await one.locator('table.grid tbody a').first().click()
    await one.getByRole('button', { name: '修改' }).click()
    await one.getByLabel('位置').waitFor()
    const other = await open({ as: 'shitou' })
    await other.goto(one.url())
    await other.getByRole('button', { name: '修改' }).click()
    await other.getByLabel('位置').fill(theirs)
    await other.keyboard.press('Control+s')
    await other.waitForSelector('dl.facts')
    await one.getByLabel('位置').fill(mine)
    await one.keyboard.press('Control+s')
    await one.waitForSelector('dialog table')
    const shown = await one.locator('dialog').innerText()
    check(shown.includes(theirs) && shown.includes(mine), shown)
    await one.getByRole('button', { name: '按选择保存' }).click()
    await one.waitForSelector('dl.facts')
    check((await one.locator('dl.facts').innerText()).includes(mine), 'mine was chosen')
  })

  await test('masked values open against a reason, and the audit knows', async (open) => {
    const page = await open({ as: 'shitou' })
    await page.goto(`${base}/desk/responders`)
    await page.locator('table.grid tbody a').first().click()
    await page.getByRole('button', { name: '查看敏感信息' }).click()
    check(await page.locator('button[form=reveal-form]').isDisabled(), 'no reason, no look')
    await page.fill('#reveal-reason', '通知换班时间')
    await page.keyboard.press('Enter')
    await page.waitForSelector('dialog dl')
    check(!(await page.locator('dialog dl').innerText()).includes('*'), 'still masked')
    const audit = await open({ as: 'auditor' })
    await audit.goto(`${base}/desk/audit`)
    await audit.waitForSelector('table.grid tbody tr')
    check((await audit.locator('table.grid').innerText()).includes('通知换班时间'), 'not in the audit')
  })

  await test('a shift is manned by keyboard alone, and what speaks against it is said', async (open) => {
    const page = await open({ as: 'shitou' })
    await page.goto(`${base}/desk/shifts/new`)
    await page.getByLabel('值勤点').fill('东门')
    await page.waitForSelector('[role=option]')
    await page.keyboard.press('Enter')
    await page.getByLabel('日期').fill('5-10')
    await page.getByLabel('上岗').fill('0900')
    await page.getByLabel('下岗').fill('1300')
    await page.getByLabel('应到人数').fill('2')
    await page.click('button[type=submit]')
    await page.waitForSelector('dl.facts')
    await page.goto(`${base}/desk/roster`)
    await page.waitForSelector('.shift')
    await page.locator('#person-0').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const target = page.locator('.shift-main', { hasText: '09:00–13:00' })
    // The first short shift from today on has the focus; the arrows lead to any other.
    const at = () => page.evaluate(() => document.activeElement.textContent)
    check(/05-(08|09|10).*缺/.test(await at()), `a short shift of ${await at()} has the focus`)
    for (const key of [...Array(12).fill('ArrowUp'), 'ArrowRight', 'ArrowRight', 'ArrowRight']) {
      if (await target.evaluate((one) => one === document.activeElement)) break
      await page.keyboard.press(key)
    }
    check(await target.evaluate((one) => one === document.activeElement), `the arrows end at ${await at()}`)
    await page.keyboard.press('Enter')
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.shift')].some(
        (one) => one.textContent.includes('09:00–13:00') && one.querySelector('.chip')))
    // The same person again at the same time: refused at once, and said why.
    await page.locator('.people-list button', { hasText: '34 小时' }).first().focus()
    await page.keyboard.press('Enter')
    await target.focus()
    await page.waitForSelector('.shift.blocked .objection')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.toast.bad')
    check((await page.locator('.toast.bad').innerText()).includes('已经在这个班次上'), 'not said')
  })

  await test('a file is tried, its problems stand by row, it is imported and taken back', async (open) => {
    const page = await open({ as: 'city' })
    await page.goto(`${base}/desk/import`)
    await page.selectOption('#import-kind', 'responder')
    const rows = [
      '姓名,证件号码,手机,工作单位,人员类别',
      '甲测试,,13900001111,110102000000-zgh,职工',
      '乙测试,,13900002222,没有这个单位,职工',
      '丙测试,11010119800101123,13900003333,110102000000-zgh,职工',
    ]
    const file = { name: '名册.csv', mimeType: 'text/csv', buffer: Buffer.from(`\uFEFF${rows.join('\r\n')}`) }
    await page.setInputFiles('input[type=file]', file)
    await page.waitForSelector('.problem-table tbody tr')
    const problems = await page.locator('.problem-table tbody tr').allInnerTexts()
    check(problems.some((text) => /^\s*3\b/.test(text)), `row 3 is not named: ${problems}`)
    check(problems.some((text) => /^\s*4\b/.test(text)), `row 4 is not named: ${problems}`)
    // an answer that never comes is not taken for a failure
    const cut = (url) => url.pathname === '/api/v1/imports' && !url.searchParams.has('dry')
    await page.route(cut, (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()))
    await page.getByRole('button', { name: /跳过有问题的/ }).click()
    await page.getByText('导入可能仍在进行').waitFor()
    await page.unroute(cut)
    await page.getByRole('button', { name: /跳过有问题的/ }).click()
    await page.waitForSelector('.toast')
    check((await page.locator('.toasts').innerText()).includes('新增 1'), await page.locator('.toasts').innerText())
    const first = page.locator('table.grid tbody tr', { hasText: '名册.csv' }).first()
    await first.waitFor()
    const undo = first.getByRole('button', { name: '撤销' })
    await undo.click()
    await page.waitForFunction(() => document.querySelector('.toasts').textContent.includes('已撤销'))
  })

  await test('two records of one person become one, and that is undone', async (open) => {
    const page = await open({ as: 'city' })
    const names = [`并入甲${run}`, `并入乙${run}`]
    for (const [index, name] of names.entries()) {
      await page.goto(`${base}/desk/responders/new`)
      await page.getByLabel('姓名').first().fill(name)
      await page.getByLabel('手机').fill(`1391${String(Date.now()).slice(-6)}${index}`)
      await page.getByLabel('工作单位').fill('110102000000-zgh')
      await page.waitForSelector('[role=option]')
      await page.keyboard.press('Enter')
      await page.getByLabel('人员类别').selectOption('staff')
      await page.click('button[type=submit]')
      await page.waitForSelector('dl.facts')
    }
    await page.getByRole('button', { name: '合并重复记录' }).click()
    await page.fill('#merge-other', names[0])
    await page.waitForSelector('[role=option]')
    await page.keyboard.press('Enter')
    await page.waitForSelector('dialog table')
    await page.getByRole('button', { name: '合并', exact: true }).click()
    await page.waitForSelector('.toast')
    await page.locator('.toast').getByRole('button', { name: '撤销' }).click()
    await page.waitForFunction(() => document.querySelector('.toasts').textContent.includes('已撤销合并'))
  })

  await test('a unit is added below, gets another name, and both are found', async (open) => {
    const page = await open({ as: 'shitou' })
    await page.goto(`${base}/desk/units`)
    await page.getByRole('link', { name: '新增下级单位' }).click()
    await page.waitForSelector('form.record-form')
    same(await page.getByLabel('上级', { exact: true }).inputValue(), '石头社区居委会', 'the unit above')
    await page.getByLabel('编码', { exact: false }).first().fill(`110102013005-x${run.slice(-4)}`)
    await page.getByLabel('名称').fill(`石头小区${run}`)
    await page.getByLabel('类别').selectOption('compound')
    await page.getByLabel('别名').fill(`老院${run}`)
    await page.click('button[type=submit]')
    await page.waitForFunction((name) => document.querySelector('h1')?.textContent.includes(name), run)
    await page.getByLabel('查找单位').fill(`老院${run}`)
    await page.waitForSelector('[role=option]')
    check((await page.locator('[role=option]').innerText()).includes(`石头小区${run}`), 'by its alias')
  })

  await test('someone leaves: the day and the reason are asked for', async (open) => {
    const page = await open({ as: 'shitou' })
    await page.goto(`${base}/desk/deployments?f.state=reported`)
    await page.locator('table.grid tbody a').first().click()
    await page.getByRole('button', { name: '离岗' }).click()
    await page.locator('dialog button[type=submit]').click()
    await page.waitForSelector('dialog .field-problems')
    await page.getByLabel('离岗日期').fill('5-8')
    await page.getByLabel('离岗原因').selectOption('rotation')
    await page.locator('dialog button[type=submit]').click()
    await page.waitForSelector('.page-head .tag:has-text("已离岗")')
  })

  await test('an export asks for its reason and comes as a file', async (open) => {
    const page = await open({ as: 'city' })
    await page.goto(`${base}/desk/deployments`)
    await page.waitForSelector('table.grid tbody tr')
    await page.getByRole('button', { name: '导出' }).click()
    check(await page.locator('button[form=export-form]').isDisabled(), 'no reason, no file')
    await page.fill('#export-reason', '核对下沉名单')
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
    check(/^deployments-.*\.xlsx$/.test(file.suggestedFilename()), file.suggestedFilename())
  })

  await test('an invitation is printed, opened once, and makes an account', async (open) => {
    const page = await open({ as: 'city' })
    await page.goto(`${base}/desk/`)
    await settle(page)
    const invited = await page.evaluate(async () => {
      const { csrf } = await (await fetch('/api/v1/sessions/current')).json()
      const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }
      const users = await (await fetch('/api/v1/users?q=store')).json()
      const user = users.items[0].id
      const answer = await fetch('/api/v1/invitations', { method: 'POST', headers, body: JSON.stringify({ users: [user] }) })
      return (await answer.json()).items[0]
    })
    const guest = await open()
    await guest.goto(`${base}/i/${invited.code}`)
    await guest.waitForSelector('.guest')
    await guest.fill('#inv-pw', 'weak')
    await guest.fill('#inv-again', 'weak')
    await guest.click('button[type=submit]')
    await guest.waitForSelector('.field-problems')
    await guest.fill('#inv-pw', 'Caoqiao-418')
    await guest.fill('#inv-again', 'Caoqiao-418')
    await guest.click('button[type=submit]')
    await guest.waitForSelector('.good')
    const late = await open()
    await late.goto(`${base}/i/${invited.code}`)
    await late.waitForSelector('.bad')
  })

  await test('a session that ended leads to the log-in and back', async (open) => {
    const page = await open()
    await page.goto(`${base}/desk/login`)
    await page.fill('#login-name', 'huaxiang')
    await page.fill('#login-password', password)
    await page.keyboard.press('Enter')
    await page.waitForSelector('#main h1')
    await page.context().clearCookies()
    await page.getByRole('link', { name: '值勤点', exact: true }).click()
    await page.waitForSelector('#login-name')
    check((await page.locator('.note').innerText()).includes('失效'), 'it is not said')
    await page.fill('#login-name', 'huaxiang')
    await page.fill('#login-password', password)
    await page.keyboard.press('Enter')
    await page.waitForSelector('table.grid, .state-box')
    check(page.url().includes('/desk/posts'), page.url())
  })

  await test('without the server a page says so and keeps what was typed', async (open) => {
    const page = await open({ as: 'shitou' })
    await page.goto(`${base}/desk/posts/new`)
    await page.getByLabel('名称').fill('还在吗')
    await page.context().setOffline(true)
    await page.click('button[type=submit]')
    await page.waitForSelector('.note.bad')
    check((await page.locator('.note.bad').innerText()).includes('连不上'), 'not said')
    same(await page.getByLabel('名称').inputValue(), '还在吗', 'what was typed')
    await page.context().setOffline(false)
  })
})
