// A gate that scans, and the resident's page for scanning the other way round, against a real server:
// its passes, its keys, its events. The camera's picture is the test's; all behind it is the page's.
import {
  accessible,
  base,
  check,
  fits,
  main,
  open,
  password,
  phone,
  same,
  test,
} from './browser.mjs'
import { fakeCamera, hold, SIDE } from './eye.mjs'
import { bitmap, picture } from './frames.mjs'

const PIN = '2580'
const OTHER_PIN = '1937'
const PATIENCE = 30_000
/** A code is new again after it was out of sight for so long. */
const AWAY = 1_800

async function api(token, path, body) {
  const response = await fetch(`${base}/api/v1/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      'Content-Type': 'application/json',
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const answer = await response.json()
  check(response.ok, `${path}: ${response.status} ${JSON.stringify(answer).slice(0, 300)}`)
  return answer
}
async function eventually(what, name) {
  const end = Date.now() + PATIENCE
  for (;;) {
    const value = await what()
    if (value) return value
    check(Date.now() < end, `${name}: not within ${PATIENCE / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

/* ---- an estate with a few passes ---- */

const lead = (await api(null, 'sessions', { login: 'shitou', password })).token
const day = await api(lead, 'me/day')
const [post] = day.gates
const unit = post.unit.code

async function estate(name, doors) {
  const compound = await api(lead, 'compounds', { name, unit })
  const building = await api(lead, 'buildings', { compound: compound.id, name: '15号楼' })
  const households = []
  for (const door of doors)
    households.push(await api(lead, 'households', { building: building.id, stairwell: '2', door }))
  return { compound, households }
}
const dates = { valid_from: day.today, valid_to: '2020-12-31' }
async function passesOf(household) {
  const rows = await api(lead, `passes?limit=20&filter%5Bhousehold%5D=${household.id}`)
  return Promise.all(
    rows.items.map(async (row) => ({
      ...row,
      ...(await api(lead, `passes/${row.id}/code`)),
      id: row.id,
    })),
  )
}
const home = await estate('甲小区', ['301', '302', '303', '304', '305'])
await api(lead, 'residents', { household: home.households[0].id, name: '王小明' })
await api(lead, 'passes/issue', { household: home.households[0].id, class: 'person', ...dates })
for (const household of home.households.slice(1))
  await api(lead, 'passes/issue', { household: household.id, class: 'household', ...dates })
const [person] = await passesOf(home.households[0])
const [household] = await passesOf(home.households[1])
const [revoked] = await passesOf(home.households[2])
const [spare] = await passesOf(home.households[3])
/** Never passes: only shows that the lists have come. */
const [probe] = await passesOf(home.households[4])
await api(lead, `passes/${revoked.id}/report_lost`, { rev: revoked.rev }).catch(() =>
  api(lead, 'passes/void-household', { household: home.households[2].id, reason: 'lost' }),
)

const turned = (code) => {
  const at = code.length - 20
  const other = code[at] === 'A' ? 'B' : 'A'
  return code.slice(0, at) + other + code.slice(at + 1)
}
const events = async (pass) =>
  (await api(lead, `gate-events?limit=50&sort=-id&filter%5Bpass%5D=${pass.id}`)).items

/* ---- the phone ---- */

async function comeIn(make, { keep = {}, ...options } = {}) {
  const page = await make({ size: phone, ...options })
  await page.addInitScript(fakeCamera, SIDE)
  await page.addInitScript((kept) => {
    for (const [key, value] of Object.entries(kept)) localStorage.setItem(`shouwang.${key}`, value)
  }, keep)
  await page.goto(`${base}/login`)
  await page.fill('#login', 'gate')
  await page.fill('#password', password)
  await page.click('button[type=submit]')
  await page.waitForSelector('#pin-again')
  await page.fill('#pin', PIN)
  await page.fill('#pin-again', PIN)
  await page.click('form button[type=submit]')
  await page.waitForSelector('.tabs')
  await page.locator('.tabs a[href="/gate"]').click()
  await page.selectOption('#gate', post.id)
  return page
}
const scan = (page) => page.locator('.gate-foot .button').first().click()
async function verdict(page, content, code) {
  await hold(page, null)
  await page.waitForTimeout(AWAY)
  await hold(page, content)
  await page.waitForSelector(`.verdict.${code}`, { timeout: PATIENCE }).catch(async () => {
    const seen = await page.locator('.stage').innerText()
    check(false, `wanted ${code}, the stage says ${JSON.stringify(seen)}`)
  })
}
async function reading(page, digits = '365') {
  for (const digit of digits)
    await page.locator('.pad').last().getByRole('button', { name: digit, exact: true }).click()
}

const everything = async (make, options = {}) => {
  const page = await comeIn(make, options)
  await scan(page)
  await page.waitForSelector('.eye video')
  // the lists come by themselves; until then a pass is good by its signature, or its key unknown
  await eventually(async () => {
    await hold(page, null)
    await page.waitForTimeout(AWAY)
    await hold(page, probe.code)
    await page.waitForTimeout(600)
    return (await page.locator('.verdict.ok').count()) > 0
  }, 'the lists have come')
  return page
}

await main(async () => {
  await test('a pass is scanned, measured, recorded; the next verdict knows of it', async (make) => {
    const page = await everything(make)
    await page.getByRole('button', { name: '扫码', exact: true }).click()
    await verdict(page, person.code, 'ok')
    check((await page.textContent('.verdict')).includes('15-2-301'), 'the door is shown')
    await reading(page)
    await page.waitForSelector('.stage.good')
    const [written] = await eventually(async () => {
      const rows = await events(person)
      return rows.length > 0 && rows
    }, 'the event is with the server')
    same(written.how, 'scan', 'how')
    same(written.verdict, 'ok', 'the verdict')
    same(written.temperature, 36.5, 'the temperature')
    same(written.household?.id, home.households[0].id, 'the household')
    await verdict(page, person.code, 'just_used')
    check((await page.locator('.pad').count()) === 0, 'the pad is away until somebody decides')
    await page.keyboard.press('3')
    same((await events(person)).length, 1, 'nothing more is written')
  })

  await test('whatever is held up gets a word, and the next person follows at once', async (make) => {
    const page = await everything(make)
    const rubbish = [
      [turned(person.code), /^(forged|malformed)$/],
      [`SW1:${'0'.repeat(600)}`, /^oversized$/],
      ['https://example.org/pay?sum=1', /^malformed$/],
      ['SW1:守望', /^malformed$/],
      [new Uint8Array([0, 1, 2, 250, 251, 252, 0, 13, 10]), /^malformed$/],
      ['12345678', /^bad_number$/],
      [revoked.code, /^void$/],
      [household.code, /^ok$/],
    ]
    for (const [content, wanted] of rubbish) {
      await hold(page, null)
      await page.waitForTimeout(200)
      const before = await page
        .locator('.verdict')
        .getAttribute('class')
        .catch(() => '')
      await hold(page, content)
      await eventually(
        async () => {
          const now = (await page.locator('.verdict').count())
            ? await page.locator('.verdict').first().getAttribute('class')
            : ''
          const code = now.split(' ').at(-1)
          return wanted.test(code) && (now !== before || wanted.test(code))
        },
        `${String(content).slice(0, 20)} is ${wanted}`,
      )
    }
    const said = await page.textContent('.verdict')
    check(!said.includes('遗失') && !said.includes('观察'), 'no reason is said')
  })

  await test('a void pass says only that it is not valid; somebody may pass all the same, with a reason', async (make) => {
    const page = await everything(make)
    await verdict(page, revoked.code, 'void')
    same((await page.locator('.verdict .stage-word').textContent()).trim(), '无效', 'the word')
    check((await page.textContent('.verdict-why')).includes('请找组长'), 'and whom to ask')
    await page.getByRole('button', { name: '特殊放行…' }).click()
    await page.getByRole('button', { name: '就医' }).click()
    await reading(page, '366')
    await page.waitForSelector('.stage.good')
    const [written] = await eventually(async () => {
      const rows = await events(revoked)
      return rows.length > 0 && rows
    }, 'it is with the server')
    same(
      [written.verdict, written.outcome, written.reason].join(),
      'void,admitted,就医',
      'as it was',
    )
  })

  await test('a household goes out once in its period; undo gives the exit back', async (make) => {
    const page = await everything(make)
    await page.locator('.way', { hasText: '出' }).click()
    await page.getByRole('button', { name: '扫码', exact: true }).click()
    await page.locator('.way', { hasText: '出' }).click()
    await verdict(page, household.code, 'ok')
    check((await page.textContent('.verdict')).includes('前返回'), 'when to be back is said')
    await page.getByRole('button', { name: '正常，不记度数' }).click()
    await page.waitForSelector('.stage.good')
    await page.getByRole('button', { name: /撤销/ }).click()
    await verdict(page, household.code, 'ok')
    await page.getByRole('button', { name: '正常，不记度数' }).click()
    await page.waitForSelector('.stage.good')
    await verdict(page, household.code, 'just_used')
  })

  await test('the number is typed with large keys; a slip is seen before anybody is looked up', async (make) => {
    const page = await everything(make, { bypassCSP: true })
    await page.getByRole('button', { name: '扫码', exact: true }).click()
    await page.getByRole('button', { name: '证号', exact: true }).click()
    const type = async (digits) => {
      for (const digit of digits)
        await page.locator('dialog').getByRole('button', { name: digit, exact: true }).click()
    }
    const slip = `${spare.number.slice(0, 7)}${(Number(spare.number[7]) + 1) % 10}`
    await type(slip)
    await page.waitForSelector('.typing-value.wrong')
    await accessible(page, 'typing a number')
    await page.getByRole('button', { name: '清空' }).click()
    await type(spare.number)
    await page.waitForSelector('.verdict.ok')
    check((await page.textContent('.verdict')).includes('15-2-304'), 'the door is shown')
  })

  await test('a scanner at a desk types, and its digits never become a temperature', async (make) => {
    const page = await everything(make)
    await page.getByRole('button', { name: '扫码', exact: true }).click()
    const types = (text) =>
      page.evaluate((keys) => {
        for (const key of [...keys, 'Enter'])
          document.body.dispatchEvent(
            new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }),
          )
      }, text)
    await types(spare.code)
    await page.waitForSelector('.verdict.ok')
    check((await page.textContent('.verdict')).includes('15-2-304'), 'the door is shown')
    await types('6901234567892')
    await page.waitForSelector('.verdict.malformed')
    same(await page.locator('.reading-value').count(), 0, 'no reading was typed')
  })

  await test('a photo of a code, and one of nothing', async (make) => {
    const page = await everything(make)
    await page.getByRole('button', { name: '扫码', exact: true }).click()
    const choose = async (buffer, name = 'pass.bmp', mimeType = 'image/bmp') => {
      await page.getByRole('button', { name: /^其他/ }).click()
      await page.setInputFiles('dialog input[type=file]', { name, mimeType, buffer })
    }
    await hold(page, null)
    await choose(bitmap(await picture(spare.code, 700, 700)))
    await page.waitForSelector('.verdict.ok')
    check((await page.textContent('.verdict')).includes('15-2-304'), 'the door is shown')
    await choose(Buffer.from('no picture at all'), 'x.jpg', 'image/jpeg')
    await page.waitForSelector('.toast.bad')
  })

  await test('a visitor: three questions, the host, in and out', async (make) => {
    const page = await everything(make, { bypassCSP: true })
    await page.getByRole('button', { name: '扫码', exact: true }).click()
    await page.getByRole('button', { name: /^其他/ }).click()
    await page.getByRole('button', { name: '访客', exact: true }).click()
    await page.getByRole('button', { name: '下一步：量体温' }).click()
    await page.waitForSelector('[role=alert]:has-text("5")')
    await accessible(page, 'a visitor, nothing filled in')
    await page.locator('dialog input').first().fill('15-2-30')
    await page.getByRole('button', { name: '15-2-302' }).click()
    await page.fill('#vis-name', '访客甲')
    for (const group of await page.locator('.question').all())
      await group.locator('label', { hasText: '否' }).click()
    await page.getByRole('button', { name: '下一步：量体温' }).click()
    await reading(page, '364')
    await page.waitForSelector('.stage.good')
    const visitor = await eventually(
      async () =>
        (await api(lead, 'visitors?limit=20&sort=-id')).items.find(
          (one) => one.household?.id === home.households[1].id,
        ),
      'the visitor is with the server',
    )
    same(visitor.state, 'inside', 'where he is')
    same(visitor.temperature, 36.4, 'how warm')
    const event = await eventually(
      async () =>
        (await api(lead, 'gate-events?limit=20&sort=-id')).items.find(
          (one) => one.visitor?.id === visitor.id,
        ),
      'his passage is there too',
    )
    same(event.who_kind, 'visitor', 'as a visitor')
    await page.getByRole('button', { name: /^其他/ }).click()
    await page.getByRole('button', { name: /^在内与未归/ }).click()
    await accessible(page, 'inside and out')
    await page
      .locator('dialog .row', { hasText: '访客' })
      .getByRole('button', { name: '离开' })
      .click()
    await eventually(
      async () => (await api(lead, `visitors/${visitor.id}`)).state === 'left',
      'he has left',
    )
    // one who was mistyped: undo takes back his passage and the register's entry
    await page.getByRole('button', { name: /^其他/ }).click()
    await page.getByRole('button', { name: '访客', exact: true }).click()
    await page.locator('dialog input').first().fill('15-2-30')
    await page.getByRole('button', { name: '15-2-302' }).click()
    await page.fill('#vis-name', '访客乙')
    for (const group of await page.locator('.question').all())
      await group.locator('label', { hasText: '否' }).click()
    await page.getByRole('button', { name: '下一步：量体温' }).click()
    await page.locator('.way.bare').click()
    await reading(page, '365')
    await page.getByRole('button', { name: /^撤销上一条/ }).click()
    const mistyped = await eventually(
      async () =>
        (await api(lead, 'visitors?limit=5&sort=-id')).items.find(
          (one) => one.state === 'withdrawn',
        ),
      'the register has him taken back',
    )
    same(mistyped.arrived_at, null, 'he never came')
    const bare = await eventually(
      async () =>
        (await api(lead, 'gate-events?limit=5&sort=-id')).items.find(
          (one) => one.corrects && one.visitor?.id === mistyped.id,
        ),
      'his passage is corrected',
    )
    same(bare.mask_worn, false, 'what was seen of him')
  })

  const toHandover = async (page) => {
    await page.locator('.tabs a[href="/gate"]').click()
    await page.getByRole('button', { name: /^其他/ }).click()
    await page.getByRole('button', { name: '交接班' }).click()
    await page.waitForSelector('#h-keys')
  }
  const handedOver = (keys) =>
    eventually(
      async () =>
        (await api(lead, 'handovers?limit=5&sort=-id')).items.find((one) => one.keys === keys),
      'it is with the server',
    )

  await test('a handover without a second PIN is one-sided, and says so', async (make) => {
    const page = await comeIn(make, { bypassCSP: true })
    await toHandover(page)
    await page.fill('#h-in_hand', '给 15-2-303 送药')
    await page.fill('#h-keys', '2 把')
    await accessible(page, 'handover')
    await fits(page, 'handover')
    await page.locator('form button[type=submit]').click()
    const row = await handedOver('2 把')
    same(row.in_hand, '给 15-2-303 送药', 'what is in hand')
    same(row.confirmed, false, 'one-sided')
  })

  await test('both confirm on one phone by PIN, without network; it is one record', async (make) => {
    const page = await comeIn(make, { bypassCSP: true })
    await page.getByRole('button', { name: '换人（锁定）' }).first().click()
    await page.getByRole('link', { name: /其他人用账号登录/ }).click()
    await page.fill('#login', 'shitou')
    await page.fill('#password', password)
    await page.click('button[type=submit]')
    await page.waitForSelector('#pin-again')
    await page.fill('#pin', OTHER_PIN)
    await page.fill('#pin-again', OTHER_PIN)
    await page.click('form button[type=submit]')
    await toHandover(page)
    await page.context().setOffline(true)
    await page.fill('#h-keys', '3 把')
    const confirm = async (n, pin, good = true) => {
      await page.locator('.signatures button').nth(n).click()
      await page.fill('#pin-pin', pin)
      await page.locator('dialog button[type=submit]').click()
      if (good) await page.waitForSelector('dialog', { state: 'detached' })
    }
    await confirm(0, '9999', false)
    await page.waitForSelector('#pin-says:has-text("PIN 不对")')
    await accessible(page, 'a wrong PIN')
    await page.fill('#pin-pin', OTHER_PIN)
    await page.locator('dialog button[type=submit]').click()
    await page.waitForSelector('dialog', { state: 'detached' })
    check(await page.locator('form button[type=submit]').isDisabled(), 'one alone is not enough')
    await confirm(1, PIN)
    await page.locator('form button[type=submit]').click()
    await page.waitForSelector('.chip')
    await page.context().setOffline(false)
    const row = await handedOver('3 把')
    same(row.confirmed, true, 'confirmed by both')
    check(!JSON.stringify(row).includes('proof":"'), 'no proof is kept')
  })

  await test('every screen of the scanner in both languages, large type, lying and small', async (make) => {
    const sizes = [
      ['large', { keep: { elder: '1' } }],
      ['English', { keep: { lang: 'en' } }],
      ['small, English', { size: { width: 360, height: 640 }, keep: { lang: 'en' } }],
      ['lying', { size: { width: 844, height: 390 } }],
      ['sunlight', { keep: { sunlight: '1' } }],
    ]
    for (const [name, options] of sizes) {
      const page = await comeIn(make, { bypassCSP: true, ...options })
      await scan(page)
      await page.waitForSelector('.eye video')
      await page.waitForTimeout(400)
      await accessible(page, `camera, ${name}`)
      await fits(page, `camera, ${name}`)
      await verdict(page, 'rubbish', 'malformed')
      await accessible(page, `no pass, ${name}`)
      await eventually(async () => {
        await hold(page, null)
        await page.waitForTimeout(AWAY)
        await hold(page, revoked.code)
        await page.waitForTimeout(600)
        return (await page.locator('.verdict.void').count()) > 0
      }, `void, ${name}`)
      await accessible(page, `void, ${name}`)
      await fits(page, `void, ${name}`)
      if (process.env.SHOTS)
        await page.screenshot({ path: `${process.env.SHOTS}/scan-${name}.png` })
    }
  })

  await test('without a camera the page says so, and the rest works', async (make) => {
    const page = await comeIn(make)
    await page.evaluate(() => {
      globalThis.cameraDenied = true
    })
    await scan(page)
    await page.waitForSelector('.eye-none:has-text("没有相机权限")')
    await page.getByRole('button', { name: '键盘' }).click()
    await reading(page)
    await page.waitForSelector('.stage.good')
  })

  await test('scanning the other way round: a number, a huge answer, the sign that the guard has too', async (make) => {
    const { code, signs } = await api(lead, `posts/${post.id}/signs`)
    const page = await make({ size: phone })
    await page.goto(`${base}/g/${code}`)
    await page.waitForSelector('#number')
    await fits(page, 'the resident’s page')
    await page.fill('#number', '12345678')
    await page.getByRole('button', { name: '我要进' }).click()
    await page.waitForSelector('.trouble:has-text("证号有误")')
    await page.fill('#number', spare.number)
    await page.getByText('在这台手机上记住证号').click()
    await page.getByRole('button', { name: '我要进' }).click()
    await page.waitForSelector('.answer.go')
    same(
      (await page.textContent('.digits')).trim(),
      String(signs[0].sign).padStart(2, '0'),
      'the sign',
    )
    const first = await page.textContent('#clock')
    await page.waitForFunction((was) => document.getElementById('clock').textContent !== was, first)
    const rows = await events(spare)
    same(rows.filter((row) => row.how === 'reverse').length, 1, 'one passage')
    await page.reload()
    await page.waitForSelector('.known')
    await page.getByRole('button', { name: '我要进' }).click()
    await page.waitForSelector('.answer.go:has-text("不重复计")')
    same((await events(spare)).length, rows.length, 'and no second one')
    await page.getByRole('button', { name: 'English' }).click()
    await page.waitForSelector('.answer:has-text("IN")')
    await page.goto(`${base}/g/NOSUCHGATE`)
    await page.waitForSelector('.trouble:has-text("no such gate")')
  })

  await test('the resident’s page: axe, in its three states', async (make) => {
    const { code } = await api(lead, `posts/${post.id}/signs`)
    const page = await make({ size: { width: 360, height: 640 }, bypassCSP: true })
    await page.goto(`${base}/g/${code}`)
    await page.waitForSelector('#number')
    await accessible(page, 'the form')
    await page.fill('#number', revoked.number)
    await page.getByRole('button', { name: '我要出' }).click()
    await page.waitForSelector('.answer.stop')
    await accessible(page, 'refused')
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/resident-stop.png` })
    await page.goto(`${base}/g/${code}`)
    await page.fill('#number', spare.number)
    await page.getByRole('button', { name: '我要进' }).click()
    await page.waitForSelector('.answer.go')
    await accessible(page, 'admitted')
    if (process.env.SHOTS)
      await page.screenshot({ path: `${process.env.SHOTS}/resident-go.png`, fullPage: true })
  })
})
