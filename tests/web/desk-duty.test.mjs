// What stands behind a day's duty: a unit moves or is merged, shifts come out of templates, people are dragged onto
// the board, alarms are closed, messages sent again, passwords changed, a whole batch invited.
import { base, check, main, same, settle, test } from './browser.mjs'
import { call } from './homes.mjs'

const run = Date.now().toString(36)
const tail = run.slice(-5)
const some = (n) => Math.floor(Math.random() * n)

/** Types into a box that finds one among many, and takes what it finds first. */
async function pick(page, box, text) {
  await box.fill(text)
  await page.waitForSelector('[role=option]')
  await page.keyboard.press('Enter')
}

await main(async () => {
  await test('a compound moves to another community, and another is merged into it', async (open) => {
    const page = await open({ as: 'city' })
    await page.goto(`${base}/desk/about`)
    await settle(page)
    const codes = [`110102013005-a${tail}`, `110102013005-b${tail}`]
    for (const [i, code] of codes.entries()) {
      const parent = (await call(page, 'GET', 'units?filter[code]=110102013005&limit=1')).data.items[0].id
      const made = await call(page, 'POST', 'units', { code, name: `移动院${i}${run}`, kind: 'compound', parent })
      same(made.status, 201, JSON.stringify(made.data))
    }
    await page.goto(`${base}/desk/units/${codes[0]}`)
    await page.getByRole('button', { name: '调整上级' }).click()
    await page.locator('dialog button[type=submit]').click()
    await page.waitForSelector('dialog .field-problems')
    const dialog = page.locator('dialog')
    await pick(page, dialog.getByRole('combobox').first(), '110102013001')
    await dialog.locator('input').nth(1).fill('2020-05-08')
    await dialog.getByLabel('原因').fill('社区边界调整')
    await dialog.locator('button[type=submit]').click()
    await page.waitForSelector('.toast')
    const moved = (await call(page, 'GET', `units?filter[code]=${codes[0]}&limit=1`)).data.items[0]
    check(JSON.stringify(moved).includes('110102013001'), JSON.stringify(moved).slice(0, 300))
    await page.goto(`${base}/desk/units/${codes[1]}`)
    await page.getByRole('button', { name: '并入', exact: true }).click()
    await pick(page, dialog.getByRole('combobox').first(), codes[0])
    await dialog.locator('input').nth(1).fill('2020-05-08')
    await dialog.getByLabel('原因').fill('两院合一')
    await dialog.locator('button[type=submit]').click()
    await page.waitForSelector('.page-head .tag:has-text("已并入")')
    await page.getByRole('tab', { name: '变更记录' }).click()
    await page.waitForSelector('.history')
    check((await page.locator('.history').innerText()).includes('两院合一'), 'the reason is not kept')
  })

  await test('shifts of a week come out of the templates, once', async (open) => {
    const page = await open({ as: 'shitou' })
    await page.goto(`${base}/desk/roster`)
    await page.waitForSelector('.shift')
    const monday = new Date(Date.UTC(2020, 5, 1 + 7 * some(150)))
    const day = (n) => new Date(monday.getTime() + n * 86_400_000).toISOString().slice(0, 10)
    const make = async () => {
      await page.getByRole('button', { name: '按模板生成班次' }).click()
      const dialog = page.locator('dialog')
      await dialog.locator('.template-list li').first().waitFor()
      await dialog.locator('.date-field input[type=text]').first().fill(day(0))
      await dialog.locator('.date-field input[type=text]').last().fill(day(2))
      await page.keyboard.press('Tab')
      await dialog.locator('footer .primary').click()
      await dialog.waitFor({ state: 'detached' })
      const said = await page.locator('.toast').last().innerText()
      return said.match(/\d+/g).map(Number)
    }
    const [made] = await make()
    check(made >= 3, `made ${made}`)
    await page.locator('.toast').last().getByRole('button').last().click().catch(() => {})
    const [again, there] = await make()
    same(again, 0, 'made again')
    check(there >= made, `there ${there}`)
  })

  await test('a person is dragged onto a shift with the mouse', async (open) => {
    const page = await open({ as: 'shitou' })
    await page.goto(`${base}/desk/about`)
    await settle(page)
    const post = (await call(page, 'GET', 'posts?filter[kind]=gate&limit=1')).data.items[0]
    const made = await call(page, 'POST', 'shifts', {
      post: post.id, date: '2020-05-10', start: '10:00', end_at: '14:00', required: 1,
    })
    same(made.status, 201, JSON.stringify(made.data))
    await page.goto(`${base}/desk/roster`)
    const target = page.locator('.shift', { has: page.locator(`[data-shift="${made.data.id}"]`) })
    await target.scrollIntoViewIfNeeded()
    const person = page.locator('.people-list [draggable=true]').last()
    const name = (await person.innerText()).split(/\s/)[0]
    await person.dragTo(target)
    await target.locator('.chip').waitFor()
    check((await target.innerText()).includes(name), `${name} is not on ${await target.innerText()}`)
    const there = await call(page, 'GET', `assignments?filter[shift]=${made.data.id}`)
    same(there.data.items.length, 1, 'assignments')
  })

  await test('an alarm is acknowledged and closed, with what was done', async (open) => {
    const page = await open({ as: 'city' })
    await page.goto(`${base}/desk/alarms`)
    const first = page.locator('.alarm-list li').first()
    await first.waitFor()
    const text = (await first.locator('strong').innerText()).trim()
    await first.getByRole('button', { name: '关闭' }).click()
    await page.getByLabel('说明').fill(`已联系上${run}`)
    await page.locator('dialog button[type=submit]').click()
    await page.waitForSelector('.toast')
    await page.getByRole('tab', { name: '已关闭' }).click()
    const closed = page.locator('.alarm-list li', { hasText: run })
    await closed.waitFor()
    check((await closed.innerText()).includes(text), await closed.innerText())
  })

  await test('a message that was given up is sent again from its row', async (open) => {
    const page = await open({ as: 'city' })
    const dead = {
      id: '01a2096e-0000-7000-8000-000000000001', rev: 4, seq: 9, state: 'dead', retired: false,
      created_at: '2020-05-08T09:00:00+08:00', updated_at: '2020-05-08T09:30:00+08:00',
      topic: 'alarm', channel: 'mail', recipient: 'd**@example.org', attempts: 8, last_error: 'connection refused',
    }
    let asked = null
    // The model case has no system administrator: what one would see is laid over the answers.
    await page.route('**/api/v1/meta', async (route) => {
      const json = await (await route.fetch()).json()
      const label = (zh, en) => ({ zh, en })
      const text = (name) => ({ name, type: 'text', ...label(name, name) })
      json.kinds.push({
        name: 'outbox_message', plural: 'outbox-messages', ...label('外发消息', 'Message'), area: 'platform', made_by_system: true,
        title_fields: ['topic'], fields: ['topic', 'channel', 'recipient', 'last_error'].map(text),
        states: [{ value: 'queued', ...label('待发', 'Queued') }, { value: 'dead', ...label('未能发出', 'Undelivered') }],
        actions: [{ name: 'retry', ...label('重发', 'Retry'), from: ['dead'], to: 'queued', needs: [], takes: [] }],
        may: { read: true, actions: ['retry'] },
      })
      await route.fulfill({ json })
    })
    await page.route('**/api/v1/outbox-messages**', async (route) => {
      const request = route.request()
      const json = request.method() === 'POST'
        ? { ...dead, state: 'queued', rev: 5, attempts: 0 }
        : new URL(request.url()).pathname.endsWith(dead.id)
          ? dead
          : { items: [dead], next: null, total: 1 }
      if (request.method() === 'POST') asked = { url: request.url(), body: request.postDataJSON() }
      await route.fulfill({ json })
    })
    await page.goto(`${base}/desk/outbox`)
    await page.locator('tbody tr', { hasText: 'connection refused' }).getByRole('button', { name: /重发/ }).click()
    await page.waitForSelector('.toast')
    check(asked?.url.endsWith(`${dead.id}/retry`) && asked.body.rev === 4, JSON.stringify(asked))
  })

  await test('a whole batch is invited from its page, accounts made along the way', async (open) => {
    const page = await open({ as: 'xicheng' })
    await page.goto(`${base}/desk/about`)
    await settle(page)
    const batch = await call(page, 'POST', 'batches', {
      name: `试验批${run}`, number: 100 + some(900), sender: '110102000000-zgh', planned: 3, starts: '2020-05-08',
    })
    same(batch.status, 201, JSON.stringify(batch.data))
    for (const i of [1, 2, 3]) {
      const who = await call(page, 'POST', 'responders', {
        name: `批员${i}${tail}`, phone: `1390${String(Date.now()).slice(-6)}${i}`, category: 'staff', employer: '110102000000-zgh',
      })
      const sent = await call(page, 'POST', 'deployments', {
        responder: who.data.id, unit: '110102013005', route: 'organised', batch: batch.data.id, planned_from: '2020-05-08',
      })
      same(sent.status, 201, JSON.stringify(sent.data))
    }
    await page.goto(`${base}/desk/batches/${batch.data.id}`)
    await page.getByRole('button', { name: '邀请本批人员' }).click()
    const go = page.getByRole('button', { name: '邀请 3 人并下载邀请函' })
    await go.waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), go.click()])
    check(file.suggestedFilename().endsWith('.pdf'), file.suggestedFilename())
    const users = await call(page, 'GET', `users?q=${encodeURIComponent(tail)}&count=1`)
    same(users.data.items.filter((one) => one.name.includes(tail)).length, 3, 'accounts')
    await page.getByRole('button', { name: '邀请本批人员' }).click()
    await page.locator('dialog .big-facts').waitFor()
    same(await page.locator('dialog .big-facts dd').nth(2).innerText(), '0', 'still without an account')
  })

  await test('a password is changed: the old one asked, a weak one refused, the new one works', async (open) => {
    const [first, next] = [`Diyici-${run}`, `Xincheng-${run}`]
    const name = `mima.${run}`
    const city = await open({ as: 'city' })
    await city.goto(`${base}/desk/about`)
    await settle(city)
    const unit = (await call(city, 'GET', 'units?filter[code]=110102000000&limit=1')).data.items[0]
    const user = await call(city, 'POST', 'users', { login: name, name: '密码测试', unit: unit.code })
    same(user.status, 201, JSON.stringify(user.data))
    const invited = await call(city, 'POST', 'invitations', { users: [user.data.id] })
    const page = await open()
    await page.goto(`${base}/desk/login`)
    const accepted = await page.evaluate(
      async (body) =>
        (
          await fetch('/api/v1/invitations/accept', {
            method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
          })
        ).status,
      { code: invited.data.items[0].code, password: first },
    )
    same(accepted, 201, 'the invitation')
    await page.context().clearCookies()
    const login = async (word) => {
      await page.goto(`${base}/desk/login`)
      await page.fill('#login-name', name)
      await page.fill('#login-password', word)
      await page.keyboard.press('Enter')
      await page.waitForSelector('#main h1')
    }
    const change = async (old, fresh, again = fresh) => {
      await page.goto(`${base}/desk/password`)
      await page.fill('#pw-old', old)
      await page.fill('#pw-new', fresh)
      await page.fill('#pw-again', again)
      await page.locator('form button[type=submit]').click()
    }
    await login(first)
    await change(first, next, `${next}x`)
    check((await page.locator('#pw-again-p').innerText()).includes('不一样'), 'two that differ')
    await change(first, 'short')
    await page.waitForSelector('.field-problems')
    await change('wrong-one', next)
    await page.waitForSelector('.field-problems, .note.bad')
    await change(first, next)
    await page.waitForSelector('.toast, .note.good')
    await page.context().clearCookies()
    await login(next)
  })
})
