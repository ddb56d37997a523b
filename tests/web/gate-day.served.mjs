// A day at a gate, from the first log-in to the evening: installed, without network from the morning,
// passes scanned by the camera one after the other, the phone off and on again, the shift handed over
// by two PINs, and back to a network whose server is killed while the phone hands in. SCANS says how
// many passes are held up.
import { execFileSync } from 'node:child_process'
import { base, check, main, open, password, phone, same, test } from './browser.mjs'
import { fakeCamera, hold, SIDE } from './eye.mjs'
import { all, api, eventually, kill, signIn, start } from './served.mjs'

const SCANS = Number(process.env.SCANS ?? 40)
// Each comes once: who comes again at once is held up, and rightly.
const PEOPLE = SCANS
const [PIN, OTHER_PIN] = ['2580', '1937']
const LONG = 120_000

await start()
const lead = await signIn('shitou')
const today = await api(lead, 'me/day')
const post = today.gates[0]

/** An estate of its own with a person's pass for each of its people. */
async function estate() {
  const compound = await api(lead, 'compounds', { name: '一日小区', unit: post.unit.code })
  const building = await api(lead, 'buildings', { compound: compound.id, name: '77号楼' })
  for (let n = 0; n < PEOPLE; n++) {
    const household = await api(lead, 'households', {
      building: building.id,
      stairwell: '1',
      door: String(101 + n),
    })
    await api(lead, 'residents', { household: household.id, name: `试日${n}` })
  }
  const dates = { valid_from: today.today, valid_to: '2020-12-31' }
  await api(lead, 'passes/issue', { compound: compound.id, class: 'person', ...dates })
  const rows = await all(lead, `passes?filter%5Bcompound%5D=${compound.id}`)
  same(rows.length, PEOPLE, 'passes issued')
  return Promise.all(rows.map(async (row) => ({ ...(await api(lead, `passes/${row.id}/code`)), id: row.id })))
}

async function signOn(page, login, pin) {
  await page.fill('#login', login)
  await page.fill('#password', password)
  await page.click('button[type=submit]')
  await page.waitForSelector('#pin-again')
  await page.fill('#pin', pin)
  await page.fill('#pin-again', pin)
  await page.click('form button[type=submit]')
  await page.waitForSelector('.tabs')
}
async function unlock(page, name, pin) {
  const choice = page.locator('.person-choice', { hasText: name })
  await page.waitForSelector('#pin, .person-choice')
  if (await choice.count()) await choice.click()
  await page.fill('#pin', pin)
  await page.getByRole('button', { name: '进入', exact: true }).click()
  await page.waitForSelector('.tabs')
}
async function toGate(page) {
  await page.locator('.tabs a[href="/gate"]').click()
  await page.selectOption('#gate', post.id)
}
const waiting = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('shouwang')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const asked = opening.result.transaction('entries').objectStore('entries').count()
          asked.onsuccess = () => {
            opening.result.close()
            resolve(asked.result)
          }
        }
      }),
  )

/** One person after the other, each held up until the gate has let him pass. */
async function scanMany(page, passes, from, many) {
  await page.locator('.gate-foot .button').first().click()
  await page.waitForSelector('.eye video')
  for (let n = from; n < from + many; n++) {
    const before = await waiting(page)
    await hold(page, passes[n % passes.length].code)
    await page.waitForSelector('.verdict.ok', { timeout: LONG }).catch(async () => {
      check(false, `scan ${n}: the stage says ${await page.locator('.stage').innerText()}`)
    })
    for (const digit of '365')
      await page.locator('.pad').last().getByRole('button', { name: digit, exact: true }).click()
    await eventually(async () => (await waiting(page)) === before + 1, `scan ${n} is kept`)
    await hold(page, null)
  }
}

async function handOver(page) {
  await page.getByRole('button', { name: /^其他/ }).click()
  await page.getByRole('button', { name: '交接班' }).click()
  await page.fill('#h-keys', '日终两把')
  for (const [n, pin] of [OTHER_PIN, PIN].entries()) {
    await page.locator('.signatures button').nth(n).click()
    await page.fill('#pin-pin', pin)
    await page.locator('dialog button[type=submit]').click()
    await page.waitForSelector('dialog', { state: 'detached' })
  }
  await page.locator('form button[type=submit]').click()
  await page.waitForSelector('.chip')
}

await main(async () => {
  await test(`a day without network: ${SCANS} scans, a restart, a handover, a server killed at the end`, async (make) => {
    const passes = await estate()
    const day = await make({ size: phone })
    const context = day.context()
    await context.addInitScript(fakeCamera, SIDE)
    await day.goto(`${base}/login`)
    await signOn(day, 'gate', PIN)
    await day.getByRole('button', { name: '换人（锁定）' }).first().click()
    await day.getByRole('link', { name: /其他人用账号登录/ }).click()
    await signOn(day, 'shitou', OTHER_PIN)
    await day.evaluate(() => navigator.serviceWorker.ready)
    await day.reload()
    await unlock(day, 'shitou', OTHER_PIN)
    await day.waitForFunction(() => navigator.serviceWorker.controller !== null)
    // the lists are whole when a pass of this estate is known by its number
    await toGate(day)
    await day.waitForTimeout(1_500)
    const known = new Set((await all(lead, `gate-events?filter%5Bpost%5D=${post.id}`)).map((row) => row.id))

    await context.setOffline(true)
    await day.goto(`${base}/gate`)
    await unlock(day, 'shitou', OTHER_PIN)
    await toGate(day)
    const half = Math.floor(SCANS / 2)
    await scanMany(day, passes, 0, half)

    // off and on again
    await day.close()
    const evening = await context.newPage()
    await evening.goto(`${base}/gate`)
    await unlock(evening, 'shitou', OTHER_PIN)
    await toGate(evening)
    same(await waiting(evening), half, 'entries after the restart')
    await scanMany(evening, passes, half, SCANS - half)
    await evening.goto(`${base}/gate`)
    await unlock(evening, 'shitou', OTHER_PIN)
    await toGate(evening)
    await handOver(evening)
    same(await waiting(evening), SCANS + 1, 'entries at the end of the day')

    // the network comes back, and its server goes
    await context.setOffline(false)
    await eventually(async () => (await waiting(evening)) < SCANS + 1, 'something has been handed in', LONG).catch(() => null)
    await kill()
    await start()
    await evening.reload()
    await eventually(async () => (await waiting(evening)) === 0, 'all has been handed in', LONG)

    const token = await signIn('shitou')
    const rows = await all(token, `gate-events?filter%5Bpost%5D=${post.id}`)
    const fresh = rows.filter((row) => !known.has(row.id) && row.how === 'scan')
    same(fresh.length, SCANS, 'events at the server')
    same(new Set(fresh.map((row) => row.id)).size, SCANS, 'each once')
    const inOrder = [...fresh].sort((a, b) => a.seq - b.seq)
    check(
      inOrder.every((row, i) => i === 0 || row.device_seq > inOrder[i - 1].device_seq),
      'the order of the gate is the order of the phone',
    )
    same(new Set(fresh.map((row) => row.pass?.id)).size, PEOPLE, 'passes that were seen')
    const handovers = (await all(token, 'handovers?sort=-id')).filter((row) => row.keys === '日终两把')
    same(handovers.length, 1, 'one handover')
    same(handovers[0].confirmed, true, 'confirmed by both')

    await kill('SIGTERM')
    const said = execFileSync(process.env.SHOUWANG_RELEASE, ['verify', ...JSON.parse(process.env.PLACE)], {
      encoding: 'utf8',
    })
    check(/\S/.test(said), 'verify finds nothing wrong')
    await context.close()
  })
})
