// Buildings with their heads and enterprises, gaps from found to verified, and who answers for what: the
// way a coordinator goes.
import { accessible, base, check, fits, main, phone, same, settle, test } from './browser.mjs'
import { must } from './enterprises.mjs'

const run = Date.now().toString(36)
const PLACE = '110102017089'
const shot = async (page, name) => {
  if (process.env.SHOTS)
    await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true })
}
const go = async (page, path) => {
  await page.goto(`${base}/desk${path}`)
  await settle(page)
}
const dialog = (page) => page.locator('dialog[open]')
const field = (page, label) => dialog(page).getByLabel(label)
const submit = async (page) => {
  await dialog(page).locator('footer .btn.primary').click()
  await page.waitForFunction(() => !document.querySelector('dialog[open]'))
}
let house

await main(async () => {
  await test('a building: its enterprises of today, and its list', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await go(page, '/')
    await must(page, 'POST', 'units', { code: PLACE, name: `试楼${run}社区居委会`, kind: 'community', parent: '110102017000' })
    house = await must(page, 'POST', 'buildings', { unit: PLACE, name: `试楼${run}大厦`, kind: 'office', manager: '试达物业' })
    const firm = (name, more = {}) => must(page, 'POST', 'enterprises', { name: `${name}${run}`, unit: PLACE, building: house.id, ...more })
    await firm('试楼甲公司', { room: '301', registered_on: '2020-04-01', resumed_on: '2020-05-06' })
    await firm('试楼乙公司', { room: '302' })
    await go(page, '/houses')
    const row = page.locator('tr', { hasText: `试楼${run}大厦` })
    const text = await row.innerText()
    check(text.includes('1 / 2') && text.includes('50.0 %'), `both numbers and the rate: ${text}`)
    check(text.includes('未报 2'), `who is missing: ${text}`)
    same(await row.getByText('空缺').count(), 2, 'heads that are missing')
    await accessible(page, 'buildings')
    await fits(page, 'buildings')
    await shot(page, 'desk-houses')
    await page.selectOption('#houses-lack', 'heads')
    same(await page.locator('.houses tbody tr').count(), 1, 'those that lack a head')
    await row.getByRole('link').first().click()
    await page.waitForSelector('.section.whole tbody tr')
    same(await page.locator('.section.whole tbody tr').count(), 2, 'its enterprises')
    same(await page.getByRole('link', { name: /^代报/ }).count(), 2, 'each owes its return')
    check(!(await page.locator('h2', { hasText: '各户' }).count()), 'no households in an office building')
    await accessible(page, 'a building')
    await fits(page, 'a building')
    await shot(page, 'desk-building')
    await page.getByRole('button', { name: '打印填报码' }).click()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      dialog(page).getByRole('button', { name: '下载 PDF' }).click(),
    ])
    check(file.suggestedFilename().endsWith('.pdf'), 'letters of this building')
  })

  await test('both heads are appointed; who follows ends the term before', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await go(page, `/buildings/${house.id}`)
    const appoint = async (side, name, from) => {
      await page.getByRole('button', { name: side }).click()
      await field(page, '姓名').fill(name)
      await field(page, '电话').fill('13900000489')
      if (from) await field(page, '自').first().fill(from)
      await accessible(page, 'appointing')
      await submit(page)
      await page.locator('.heads').getByText(name).waitFor()
    }
    await appoint('任命：物业楼长', '试物甲', '2020-02-01')
    await appoint('任命：社区（街道）楼长', '试社甲', '2020-02-01')
    await appoint('换人：物业楼长', '试物乙')
    await page.locator('.heads summary').click()
    const text = await page.locator('.heads').innerText()
    check(text.includes('2020-02-01 至 2020-05-07'), `the term before has ended: ${text}`)
    same(await page.locator('.heads').getByText('空缺').count(), 0, 'no side is vacant')
    await accessible(page, 'both heads')
  })

  await test('an enterprise off the register is found, put on it, and verified by another', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await go(page, `/buildings/${house.id}`)
    await page.getByRole('button', { name: '登记盲点' }).click()
    await field(page, '发现的企业').fill(`试楼丙理发店${run}`)
    await field(page, '盲点').last().fill('底商一家，五人上班')
    await field(page, '整改期限').first().fill('2020-05-07')
    await accessible(page, 'reporting a gap')
    await dialog(page).locator('footer .btn.primary').click()
    await dialog(page).getByText('结束早于开始').waitFor()
    await field(page, '整改期限').first().fill('2020-05-09')
    await submit(page)
    await page.getByRole('button', { name: '开始整改' }).click()
    await page.locator('.tag.wait', { hasText: '整改中' }).waitFor()
    await page.getByRole('button', { name: '纳入台账' }).click()
    await field(page, '职工总数').fill('5')
    await shot(page, 'desk-gap-register')
    await accessible(page, 'putting it on the register')
    await submit(page)
    await page.locator('.section.whole tbody tr', { hasText: '试楼丙理发店' }).waitFor()
    same(await page.locator('.section.whole tbody tr').count(), 3, 'it stands in the building')
    await page.locator('.section', { hasText: '防控盲点' }).getByText('已整改').first().waitFor()
    await go(page, '/hazards')
    await page.getByRole('tab', { name: /待复查/ }).click()
    await page.getByText('底商一家，五人上班').waitFor()
    await accessible(page, 'gaps')
    await fits(page, 'gaps')
    await shot(page, 'desk-gaps')
    const other = await open({ as: 'xicheng', bypassCSP: true })
    await go(other, '/hazards')
    await other.getByRole('tab', { name: /待复查/ }).click()
    await other.locator('tr', { hasText: '底商一家，五人上班' }).getByRole('button', { name: /^复查通过/ }).click()
    await submit(other)
    await other.waitForFunction(() => !document.body.innerText.includes('底商一家，五人上班'))
    await go(page, '/houses')
    await page.locator('tr', { hasText: `试楼${run}大厦` }).getByText('1 / 3').waitFor()
  })

  await test('where nobody answers: entered from the list, seen at the enterprise, ended there', async (open) => {
    const page = await open({ as: 'guangnei', bypassCSP: true })
    await go(page, '/unanswered')
    await page.fill('#unanswered-q', `试楼甲公司${run}`)
    await page.waitForFunction(() => document.querySelectorAll('.list tbody tr').length === 1)
    await accessible(page, 'where nobody answers')
    await fits(page, 'where nobody answers')
    await shot(page, 'desk-unanswered')
    await page.getByRole('button', { name: /，属地责任$/ }).click()
    await field(page, '单位').fill('试楼社区居委会')
    await field(page, '职责').fill('每周上门核查一次')
    await accessible(page, 'entering a part')
    await submit(page)
    await page.waitForFunction(() => document.querySelector('.list tbody tr')?.innerText.includes('有'))
    await page.locator('.list tbody tr a').click()
    await page.locator('.party').first().getByText('每周上门核查一次').waitFor()
    same(await page.locator('.party.vacant').count(), 3, 'three parts are empty')
    await page.getByRole('button', { name: '登记：单位责任' }).click()
    same(await field(page, '单位').inputValue(), `试楼甲公司${run}`, 'the employer is the enterprise')
    await field(page, '职责').fill('落实主体责任')
    await submit(page)
    await page.waitForFunction(() => document.querySelectorAll('.party.vacant').length === 2)
    await page.getByRole('button', { name: /^结束：试楼社区居委会/ }).click()
    await submit(page)
    await page.locator('.party').first().getByText('2020-05-08 至 2020-05-08').waitFor()
    await accessible(page, 'the four parties')
    await fits(page, 'the four parties')
    await shot(page, 'desk-parties')
  })

  await test('in English, on a phone', async (open) => {
    const page = await open({ as: 'guangnei', size: phone })
    await go(page, '/')
    await page.getByRole('button', { name: 'English' }).click()
    for (const [path, word] of [
      ['/houses', 'Head, property'],
      [`/buildings/${house.id}`, 'Of the property manager'],
      ['/unanswered', 'Any part'],
      ['/hazards', 'To be fixed'],
    ]) {
      await go(page, path)
      await page.locator('main').getByText(word).first().waitFor({ state: 'attached' })
      await fits(page, path)
      await shot(page, `phone${path.replaceAll('/', '-').slice(0, 16)}`)
    }
  })
})
