// The phone without a network, against a real server that is killed and started again:
// node phone-offline.served.mjs. Wants SHOUWANG_RELEASE and PLACE (options of an installation with the
// model case). BASE says where the server is to listen.
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessible, base, check, fits, main, open, password, phone, same, test } from './browser.mjs'
import { PIN, choosePin, comeIn, installed, logIn, stored } from './handset.mjs'
import { all, api, eventually, kill, signIn, start } from './served.mjs'

const MANY = Number(process.env.MANY ?? 20_000)

/* ---- the server ---- */

/** Every event of a gate by what was given as its vehicle: the mark of one test. */
async function marked(token, post, mark) {
  const rows = await all(token, `gate-events?sort=-id&filter%5Bpost%5D=${post}`)
  return mark ? rows.filter((row) => row.vehicle === mark) : rows
}

/** Whose accounts made these events: the server tells no reader, its file does. */
function makersOf(ids) {
  const options = JSON.parse(process.env.PLACE)
  const folder = options[options.indexOf('--data') + 1]
  const ask = `import glob, json, sqlite3, sys
db = sqlite3.connect(glob.glob(sys.argv[1] + "/*.db")[0])
ids = [bytes.fromhex(one.replace("-", "")) for one in json.loads(sys.argv[2])]
marks = ",".join("?" * len(ids))
rows = db.execute(f"SELECT DISTINCT created_by FROM gate_event WHERE id IN ({marks})", ids)
print(json.dumps([row[0].hex() for row in rows]))`
  return JSON.parse(execFileSync('python3', ['-c', ask, folder, JSON.stringify(ids)], { encoding: 'utf8' }))
}

/* ---- the phone ---- */

async function gate(page) {
  await page.locator('.tabs a[href="/gate"]').click()
  await page.waitForSelector('.pad')
}
async function pass(page, digits = '365') {
  for (const digit of digits)
    await page.locator('.pad').last().getByRole('button', { name: digit, exact: true }).click()
}
const chip = (page, text) => page.waitForSelector(`.chip:has-text("${text}")`)

/** Copies the one entry that waits, so that many wait: each its own record, at its own moment. */
const multiply = (page, many) =>
  page.evaluate(
    (count) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('shouwang')
        opening.onsuccess = () => {
          const db = opening.result
          const names = ['keys', 'entries', 'contents', 'copies']
          const tx = db.transaction(names, 'readwrite')
          const [keys, entries, contents, copies] = names.map((name) => tx.objectStore(name))
          const asked = entries.getAll()
          asked.onsuccess = () => {
            const [entry] = asked.result
            contents.get(entry.id).onsuccess = (event) => {
              const content = event.target.result
              copies.get(entry.id).onsuccess = (answer) => {
                for (let n = 1; n < count; n++) {
                  const id = crypto.randomUUID()
                  entries.put({ ...entry, id, seq: entry.seq + n })
                  contents.put({ ...content, id })
                  copies.put({ ...answer.target.result, id })
                }
                keys.put(entry.seq + count - 1, 'seq')
              }
            }
          }
          tx.oncomplete = () => {
            db.close()
            resolve(null)
          }
          tx.onabort = () => reject(tx.error)
        }
      }),
    many,
  )

await start()
const token = await signIn('gate')
const today = await api(token, 'me/day')
const post = today.gates[0]

// words of the tests that are to run; all without any
const words = process.argv.slice(2)
const play = (name, run) =>
  words.length === 0 || words.some((word) => name.includes(word)) ? test(name, run) : null

await main(async () => {
  await play('the phone works after a reload without a network, and what it wrote arrives once', async (page) => {
    const one = await page({ size: phone })
    await installed(one, 'gate')
    const before = (await marked(token, post.id)).length
    await one.context().setOffline(true)
    await one.goto(`${base}/gate`)
    await comeIn(one)
    await one.waitForSelector('.pad')
    await one.selectOption('#gate', post.id)
    await pass(one, '365')
    await chip(one, '1')
    await pass(one, '366')
    await chip(one, '2')
    // the phone goes off and on again
    const context = one.context()
    await one.close()
    const two = await context.newPage()
    await two.goto(`${base}/today`)
    await two.waitForSelector('#pin')
    check(await two.getByText('待上传 2 条').isVisible(), 'the door says what waits')
    // nobody comes in: the phone sends all the same
    await context.setOffline(false)
    await eventually(async () => (await marked(token, post.id)).length === before + 2, 'both have arrived')
    await two.getByText('待上传').waitFor({ state: 'detached' })
    same((await marked(token, post.id)).length, before + 2, 'events of the gate')
    await context.close()
  })

  await play('wrong PINs cost time, even over a reload; the right one opens', async (page) => {
    const one = await page({ size: phone })
    await installed(one, 'gate')
    await one.getByRole('button', { name: '换人（锁定）' }).first().click()
    for (const left of ['还可以试 2 次', '还可以试 1 次', '密码不对']) {
      await comeIn(one, '1470')
      await one.getByText(left, { exact: left === '密码不对' }).waitFor()
    }
    await comeIn(one, '1470')
    await one.getByText('次数太多').waitFor()
    check(await one.locator('#pin').isDisabled(), 'no PIN is taken while one waits')
    await one.reload()
    await one.getByText('次数太多').waitFor()
    check(await one.locator('#pin').isDisabled(), 'nor after a reload')
  })

  await play('two people change over by PIN, and each event is its author\'s', async (page) => {
    const one = await page({ size: phone })
    await installed(one, 'gate')
    await one.getByRole('button', { name: '换人（锁定）' }).first().click()
    await one.getByRole('link', { name: /其他人用账号登录/ }).click()
    await one.fill('#login', 'shitou')
    await one.fill('#password', password)
    await one.click('button[type=submit]')
    await choosePin(one, '9513')
    await one.getByRole('button', { name: '换人（锁定）' }).first().click()
    await one.context().setOffline(true)
    const before = new Set((await marked(token, post.id)).map((row) => row.id))
    for (const [name, pin] of [['gate', PIN], ['shitou', '9513']]) {
      await one.locator('.person-choice', { hasText: name }).click()
      await comeIn(one, pin)
      await one.waitForSelector('.tabs')
      await gate(one)
      await one.selectOption('#gate', post.id)
      await pass(one, '364')
      await one.waitForSelector('.chip')
      await one.getByRole('button', { name: '换人（锁定）' }).first().click()
    }
    await one.context().setOffline(false)
    const rows = await eventually(async () => {
      const fresh = (await marked(token, post.id)).filter((row) => !before.has(row.id))
      return fresh.length === 2 && fresh
    }, 'both events')
    const makers = makersOf(rows.map((row) => row.id))
    same(makers.length, 2, 'accounts that made them')
  })

  await play('an outbox is carried to another phone in a file', async (page) => {
    const one = await page({ size: phone })
    await installed(one, 'gate')
    await gate(one)
    await one.selectOption('#gate', post.id)
    const before = (await marked(token, post.id)).length
    await one.context().setOffline(true)
    for (const digits of ['361', '362', '363']) {
      await pass(one, digits)
      await one.waitForSelector('.stage.good')
    }
    await chip(one, '3')
    await one.locator('.chip').click()
    await one.getByRole('link', { name: /导出/ }).click()
    const [download] = await Promise.all([
      one.waitForEvent('download'),
      one.getByRole('button', { name: '导出待上传记录' }).click(),
    ])
    const file = join(tmpdir(), `outbox-${process.pid}.json`)
    await download.saveAs(file)
    const text = await readFile(file, 'utf8')
    same(JSON.parse(text).items.length, 3, 'items of the file')
    check(!/36\.[123]|temperature|author/.test(text), 'the file says nothing of what is in it')

    const two = await page({ size: phone })
    await installed(two, 'shitou')
    await two.goto(`${base}/waiting`)
    await comeIn(two)
    const input = two.locator('input[type=file]')
    const wrong = join(tmpdir(), `other-${process.pid}.json`)
    await writeFile(wrong, '{"format":"else"}')
    await input.setInputFiles(wrong)
    await two.getByText('这不是守望导出的文件').waitFor()
    for (let i = 0; i < 2; i++) {
      await input.setInputFiles(file)
      await two.getByText('收下 3 条').waitFor()
    }
    same((await marked(token, post.id)).length, before + 3, 'events after bringing in twice')
    await one.context().setOffline(false)
    await one.locator('.note', { hasText: '全部已上传' }).waitFor()
    same((await marked(token, post.id)).length, before + 3, 'events after the first phone came back')
  })

  await play('a phone that is struck off loses its lists and keeps what it wrote', async (page) => {
    const one = await page({ size: phone })
    await installed(one, 'gate')
    await gate(one)
    await one.selectOption('#gate', post.id)
    const lead = await signIn('city')
    const { items } = await api(lead, 'devices?limit=100')
    const newest = items.sort((a, b) => (a.created_at < b.created_at ? 1 : -1))[0]
    const before = (await marked(token, post.id)).length
    await one.context().setOffline(true)
    await pass(one, '365')
    await chip(one, '1')
    await api(lead, `devices/${newest.id}/revoke`, { rev: newest.rev, reason: 'lost' })
    await one.context().setOffline(false)
    await one.getByText('本机已被停用').waitFor()
    await eventually(async () => (await stored(one, 'pocket')) === 0, 'the lists are gone')
    await eventually(async () => (await stored(one, 'entries')) === 0, 'the entry is handed in')
    same((await marked(token, post.id)).length, before, 'nothing counts before the lead has looked')
  })

  await play(`${MANY} events wait, the server is killed while they go, and each arrives once`, async (page) => {
    const one = await page({ size: phone })
    await installed(one, 'gate')
    await gate(one)
    await one.selectOption('#gate', post.id)
    const before = new Set((await marked(token, post.id)).map((row) => row.id))
    await one.context().setOffline(true)
    await pass(one, '365')
    await chip(one, '1')
    await multiply(one, MANY)
    const begun = Date.now()
    await one.reload()
    await comeIn(one)
    await one.waitForSelector('.pad')
    await chip(one, MANY.toLocaleString('en-US'))
    const heap = await one.evaluate(() => performance.memory?.usedJSHeapSize ?? 0)
    console.log(`# ${MANY} waiting: the gate's page after ${Date.now() - begun} ms, heap ${(heap / 1e6).toFixed(1)} MB`)
    await one.context().setOffline(false)
    const half = async () => (await stored(one, 'entries')) < MANY * 0.7
    await eventually(half, 'some have gone', 120_000)
    await kill()
    const left = await stored(one, 'entries')
    check(left > 0, 'some still wait when the server is killed')
    await start()
    const sent = Date.now()
    await one.getByText(/待传/).waitFor({ state: 'detached', timeout: 240_000 })
    console.log(`# the ${left} that were left: ${Date.now() - sent} ms after the server was back`)
    const again = await signIn('gate')
    const rows = (await marked(again, post.id)).filter((row) => !before.has(row.id))
    same(rows.length, MANY, 'events of the gate')
    same(new Set(rows.map((row) => row.id)).size, MANY, 'different ones')
  })

  await play('the pages of the phone itself: axe, width, both languages, large type', async (page) => {
    for (const [size, keep] of [
      [phone, {}],
      [{ width: 360, height: 640 }, { lang: 'en' }],
      [{ width: 360, height: 640 }, { elder: '1' }],
      [{ width: 740, height: 360 }, {}],
    ]) {
      const one = await page({ size, bypassCSP: true })
      await one.addInitScript((kept) => {
        for (const [key, value] of Object.entries(kept))
          if (localStorage.getItem(`shouwang.${key}`) === null) localStorage.setItem(`shouwang.${key}`, value)
      }, keep)
      const name = `${size.width} ${JSON.stringify(keep)}`
      const look = async (what) => {
        await one.waitForTimeout(150)
        await accessible(one, `${what}, ${name}`)
        await fits(one, `${what}, ${name}`)
        if (process.env.SHOTS)
          await one.screenshot({ path: `${process.env.SHOTS}/${what}-${name.replaceAll(/\W+/g, '-')}.png`, fullPage: true })
      }
      await logIn(one, 'gate')
      await one.waitForSelector('#pin-again')
      await look('setup')
      await one.fill('#pin', '1234')
      await one.fill('#pin-again', '1234')
      await one.click('button[type=submit]')
      await one.waitForSelector('#pin-problem:not(:empty)')
      await one.fill('#pin', PIN)
      await one.fill('#pin-again', PIN)
      await one.click('button[type=submit]')
      await one.waitForSelector('.tabs')
      await one.context().setOffline(true)
      await gate(one)
      await pass(one)
      await one.waitForSelector('.chip')
      await look('gate-waiting')
      await one.locator('.chip').click()
      await one.waitForSelector('dialog[open]')
      await look('queue')
      await one.locator('dialog a[href="/waiting"]').click()
      await one.waitForURL('**/waiting')
      await look('waiting')
      await one.locator('.tabs a[href="/me"]').click()
      await one.waitForSelector('.who')
      await look('me')
      await one.locator('.top .large').last().click()
      await one.waitForSelector('#pin')
      await look('unlock')
      await one.context().setOffline(false)
    }
  })
})
