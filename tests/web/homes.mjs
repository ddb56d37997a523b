// What the tests of the gate's pages set up before they look: asked for through the page's own session,
// so that rights are those of the person who is logged in.

/** Calls the server as whoever is logged in on this page. */
export const call = (page, method, path, body) =>
  page.evaluate(
    async ([how, where, what]) => {
      const { csrf } = await (await fetch('/api/v1/sessions/current')).json()
      const answer = await fetch(`/api/v1/${where}`, {
        method: how,
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
        ...(what ? { body: JSON.stringify(what) } : {}),
      })
      const text = await answer.text()
      return { status: answer.status, data: text ? JSON.parse(text) : null }
    },
    [method, path, body],
  )

async function made(page, path, body) {
  const { status, data } = await call(page, 'POST', path, body)
  if (status !== 201 && status !== 200) throw new Error(`POST ${path}: ${status} ${JSON.stringify(data)}`)
  return data
}

/** A compound of one building with two stairwells, three doors each, one person behind each door. */
export async function settleHomes(page, unit, name) {
  const compound = await made(page, 'compounds', { unit, name })
  const building = await made(page, 'buildings', { compound: compound.id, name: '15号楼' })
  const homes = []
  for (const stairwell of ['1', '2']) {
    for (const door of ['101', '201', '202']) {
      const home = await made(page, 'households', { building: building.id, stairwell, door })
      const person = await made(page, 'residents', {
        household: home.id, name: `住户${stairwell}${door}`, relation: '户主',
      })
      homes.push({ ...home, person })
    }
  }
  return { compound, building, homes }
}

/** A pass for a household, and the number that is printed on it. */
export async function passFor(page, household, cls = 'person') {
  await made(page, 'passes/issue', {
    household, class: cls, valid_from: '2020-05-01', valid_to: '2020-08-01',
  })
  const { data } = await call(page, 'GET', `passes?filter[household]=${household}&filter[class]=${cls}&limit=1`)
  return data.items[0]
}

export const gatesOf = async (page, limit = 2) =>
  (await call(page, 'GET', `posts?filter[kind]=gate&filter[state]=open&limit=${limit}`)).data.items

/** A passage as the gate's phone would send it. */
export const passage = (page, post, more) =>
  made(page, 'gate-events', {
    post, direction: 'in', who_kind: 'resident', temperature: 36.4, outcome: 'admitted', ...more,
  })
