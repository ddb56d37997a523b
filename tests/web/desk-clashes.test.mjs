// What comes of offline days at the desk: clashes that a person explains, phones that are shut out, and
// what those phones send afterwards.
import { accessible, base, check, fits, main, same, settle, test } from './browser.mjs'
import { call } from './homes.mjs'

const run = Date.now().toString(36)
const clear = '00000000-0000-7000-8000-'
const device = async (page, token, method, path, body) =>
  page.evaluate(
    async ([how, where, what, key]) => {
      const answer = await fetch(`/api/v1/${where}`, {
        method: how,
        credentials: 'omit',
        headers: { 'Content-Type': 'application/json', Authorization: `Device ${key}` },
        ...(what ? { body: JSON.stringify(what) } : {}),
      })
      return { status: answer.status, data: await answer.json() }
    },
    [method, path, body, token],
  )
async function registered(open, name) {
  const gate = await open({ as: 'gate' })
  await gate.goto(`${base}/desk/about`)
  await settle(gate)
  const { status, data } = await call(gate, 'POST', 'devices/register', { name })
  same(status, 201, 'registered')
  return { gate, token: data.token, id: data.id }
}

await main(async () => {
  await test('a clash shows both sides, and goes once somebody has said what it was', async (open) => {
    const page = await open({ as: 'shitou', bypassCSP: true })
    await page.goto(`${base}/desk/clashes`)
    await page.waitForSelector('article.clash .clash-sides')
    await settle(page)
    await accessible(page, 'clashes')
    await fits(page, 'clashes')
    const all = await page.locator('article.clash').count()
    check(all > 0, 'the model case has no open clash')
    const first = page.locator('article.clash').first()
    const history = await first.getByRole('link', { name: '变更记录' }).getAttribute('href')
    await first.locator('.row-actions .btn.primary').click()
    await page.waitForSelector('dialog[open]')
    await page.locator('dialog button[type=submit], dialog button[form]').last().click()
    // Without an outcome nothing is closed: the dialog says what it lacks.
    await page.waitForSelector('dialog .problem, dialog [aria-invalid=true], dialog :invalid')
    const outcome = page.locator('dialog select').first()
    await outcome.selectOption({ index: 1 })
    await page.locator('dialog textarea, dialog input[type=text]').first().fill(`两名家属各出一次${run}`)
    await page.locator('dialog button[type=submit], dialog button[form]').last().click()
    await page.waitForSelector('dialog', { state: 'detached' })
    await page.waitForFunction(
      (was) => document.querySelectorAll('article.clash').length < was || !document.querySelector('article.clash'),
      all,
    )
    await page.goto(`${base}${history}`)
    await page.waitForSelector('#main h1')
    await settle(page)
    check((await page.locator('#main').innerText()).includes(`两名家属各出一次${run}`), 'what was said is not kept')
  })

  await test('a phone is shut out from its row, at once', async (open) => {
    const { gate, token } = await registered(open, `丢失手机${run}`)
    same((await device(gate, token, 'GET', 'device/day')).status, 200, 'before')
    const page = await open({ as: 'shitou' })
    await page.goto(`${base}/desk/devices`)
    const row = page.locator('tr', { hasText: `丢失手机${run}` })
    await row.getByRole('button', { name: /注销/ }).click()
    const dialog = page.locator('dialog[open]')
    if (await dialog.count()) {
      const words = dialog.locator('textarea, input[type=text]')
      if (await words.count()) await words.first().fill('遗失')
      await dialog.locator('button[type=submit], button[form]').last().click()
      await dialog.waitFor({ state: 'detached' })
    }
    await page.waitForFunction(
      (name) => [...document.querySelectorAll('tr')].some((one) => one.textContent.includes(name) && one.textContent.includes('已注销')),
      `丢失手机${run}`,
    )
    const after = await device(gate, token, 'GET', 'device/day')
    same(after.status, 401, 'after')
    same(after.data.code, 'device_revoked', 'why')
  })

  await test('what nobody could open is set aside, and discarded only with a reason', async (open) => {
    const { gate, token } = await registered(open, `坏件手机${run}`)
    const id = clear + Date.now().toString(16).padStart(12, '0')
    const sent = await device(gate, token, 'POST', 'batch', { items: [{ id, seq: 1, sealed: 'not-a-box' }] })
    same(sent.data.items[0].status, 422, 'the item')
    const page = await open({ as: 'shitou', bypassCSP: true })
    await page.goto(`${base}/desk/devices?tab=held`)
    const row = page.locator('tr', { hasText: `坏件手机${run}` })
    await row.waitFor()
    await accessible(page, 'set aside')
    check((await row.innerText()).includes('无法'), `why it is held: ${await row.innerText()}`)
    await row.getByRole('button', { name: /作废/ }).click()
    await page.waitForSelector('dialog[open]')
    await page.locator('dialog button[type=submit], dialog button[form]').last().click()
    check(await page.locator('dialog[open]').count(), 'discarded without a reason')
    await page.locator('dialog textarea, dialog input[type=text]').first().fill('无法打开，已电话核对')
    await page.locator('dialog button[type=submit], dialog button[form]').last().click()
    await page.waitForSelector('dialog', { state: 'detached' })
    await page.waitForFunction(
      (name) => ![...document.querySelectorAll('tr')].some((one) => one.textContent.includes(name) && !one.textContent.includes('作废')),
      `坏件手机${run}`,
    )
  })
})
