// The sample area as people see it: the desk's list, form and section, and a phone's list without a
// network. BASE is the sample program with the model case; HOUSEHOLD names one of it.
import { accessible, base, check, desk, fits, main, phone, same, settle, test } from '../web/browser.mjs'
import { comeIn, installed } from '../web/handset.mjs'
import { api, eventually, signIn } from '../web/served.mjs'

const household = process.env.HOUSEHOLD
const token = await signIn('shitou')
const gate = await api(null, 'sessions', { login: 'gate', password: 'shouwang-demo' })
const lend = (hours) =>
  api(token, 'keys', {
    household,
    keeper: gate.user.responder,
    back_by: `2020-05-09T${String(hours).padStart(2, '0')}:00:00+08:00`,
  })
const shot = async (page, name) => {
  if (process.env.SHOTS)
    await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true })
}

await main(async () => {
  const key = await lend(9)

  await test('the desk has it in its menu, with list, form and section', async (open) => {
    const page = await open({ as: 'shitou', size: desk, bypassCSP: true })
    await page.goto(`${base}/desk/`)
    await settle(page)
    await page.goto(`${base}/desk/keys`)
    await settle(page)
    same(await page.locator('nav a[href="/desk/keys"]').count() > 0, true, 'an entry of the menu')
    await page.locator('table.grid tbody tr', { hasText: '在外' }).waitFor()
    await accessible(page, 'keys')
    await shot(page, 'sample-list')
    await page.goto(`${base}/desk/keys/new`)
    await settle(page)
    for (const label of ['住户', '保管人', '应还时间'])
      check(await page.getByLabel(label).first().isVisible(), `the form asks for ${label}`)
    await accessible(page, 'a new key')
    await shot(page, 'sample-form')
    await page.goto(`${base}/desk/households/${household}`)
    await page.getByRole('heading', { name: '代管钥匙' }).waitFor()
    await shot(page, 'sample-section')
    await page.goto(`${base}/desk/todo`)
    await settle(page)
    await fits(page, 'to-do')
  })

  await test('a phone has its list, and gives back without a network', async (open) => {
    const page = await open({ size: phone })
    await installed(page, 'gate')
    await page.locator('a[href="/lists/keys"]').waitFor()
    const mine = page.locator('section[aria-labelledby=mine] a.row')
    check((await mine.first().getAttribute('href')) === `/lists/keys/${key.id}`, 'it is in the to-do')
    await page.context().setOffline(true)
    await page.goto(`${base}/lists/keys`)
    await comeIn(page)
    await page.locator('a.row', { hasText: '在外' }).click()
    await page.getByRole('button', { name: '归还' }).waitFor()
    await fits(page, 'a record on the phone')
    await shot(page, 'sample-phone')
    await page.getByRole('button', { name: '归还' }).click()
    await page.getByText('已存本机，待上传').waitFor()
    same((await api(token, `keys/${key.id}`)).state, 'lent', 'nothing has arrived')
    await page.context().setOffline(false)
    await eventually(async () => (await api(token, `keys/${key.id}`)).state === 'returned', 'it has arrived')
  })
})
