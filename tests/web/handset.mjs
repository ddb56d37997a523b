// A phone that has been set up for one person: logged in, a PIN chosen, the page held by its service
// worker, the lists kept.
import { base, password } from './browser.mjs'
import { eventually } from './served.mjs'

export const PIN = '2580'

export async function logIn(page, login) {
  await page.goto(`${base}/login`)
  await page.fill('#login', login)
  await page.fill('#password', password)
  await page.click('button[type=submit]')
}
export async function choosePin(page, pin = PIN) {
  await page.waitForSelector('#pin-again')
  await page.fill('#pin', pin)
  await page.fill('#pin-again', pin)
  await page.getByRole('button', { name: '设好了' }).click()
  await page.waitForSelector('.tabs')
}
export async function comeIn(page, pin = PIN) {
  await page.waitForSelector('#pin')
  await page.fill('#pin', pin)
  await page.getByRole('button', { name: '进入', exact: true }).click()
}
/** In an app of its own: the service worker holds the page, and the lists have come. */
export async function installed(page, login) {
  await logIn(page, login)
  await choosePin(page)
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.reload()
  await comeIn(page)
  await page.waitForSelector('.tabs')
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  await eventually(async () => (await stored(page, 'pocket')) > 0, 'the lists have come')
}
export const stored = (page, name) =>
  page.evaluate(
    (store) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('shouwang')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const db = opening.result
          const asked = db.transaction(store).objectStore(store).count()
          asked.onsuccess = () => {
            db.close()
            resolve(asked.result)
          }
        }
      }),
    name,
  )
