// A pass's code as strangers see it: an independent COSE library verifies what the server signs, and
// a QR reader reads what it prints.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { base, check, password, same } from './browser.mjs'

const require = createRequire(new URL('../../web/package.json', import.meta.url))
const load = (name) => import(pathToFileURL(require.resolve(name)).href)
const { Sign1, COSEKey } = await load('@auth0/cose')
const { decode } = await import(
  new URL('../../web/node_modules/cborg/cborg.js', import.meta.url).href
)

let failed = 0
async function test(name, run) {
  try {
    await run()
    console.log(`ok - ${name}`)
  } catch (error) {
    failed++
    for (const line of String(error.stack ?? error)
      .split('\n')
      .slice(0, 12))
      console.log(`# ${line}`)
    console.log(`not ok - ${name}`)
  }
}

// ---- the server ----

async function ask(token, method, path, body) {
  const answer = await fetch(`${base}/api/v1/${path}`, {
    method,
    headers: {
      'Content-Type': 'application/json',
      ...(token && { Authorization: `Bearer ${token}` }),
    },
    body: body && JSON.stringify(body),
  })
  const type = answer.headers.get('content-type') ?? ''
  const content = type.includes('json')
    ? await answer.json()
    : new Uint8Array(await answer.arrayBuffer())
  check(answer.ok, `${method} ${path}: ${answer.status} ${JSON.stringify(content).slice(0, 300)}`)
  return content
}

const { token } = await ask(null, 'POST', 'sessions', { login: 'shitou', password })
const make = (kind, body) => ask(token, 'POST', kind, body)
const dates = { valid_from: '2020-05-08', valid_to: '2020-06-30' }
const compound = await make('compounds', { unit: '110102013005', name: '试读小区' })
const building = await make('buildings', { compound: compound.id, name: '9号楼' })
const household = await make('households', { building: building.id, stairwell: '1', door: '101' })
for (let i = 0; i < 12; i++) await make('residents', { household: household.id, name: `张试${i}` })
await make('passes/issue', { compound: compound.id, class: 'person', ...dates })
await make('passes/issue', { compound: compound.id, class: 'household', ...dates })
await make('passes', { class: 'vehicle', compound: compound.id, plate: '京A12345', ...dates })
const { items: passes } = await ask(token, 'GET', `passes?filter[compound]=${compound.id}&limit=50`)
const { keys } = await ask(token, 'GET', 'pass-keys/current')
const publicKeys = new Map()
for (const { id, key } of keys) {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key }
  publicKeys.set(id, await COSEKey.fromJWK(jwk).toKeyLike())
}

// ---- a verifier that knows nothing of ours but docs/passes.md ----

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
function fromBase45(text) {
  const bytes = []
  for (let i = 0; i < text.length; i += 3) {
    const digits = [...text.slice(i, i + 3)].map((c) => ALPHABET.indexOf(c))
    const value = digits.reduceRight((sum, d) => sum * 45 + d, 0)
    if (digits.length === 3) bytes.push(value >> 8)
    bytes.push(value & 255)
  }
  return Uint8Array.from(bytes)
}

async function verified(bytes) {
  const message = Sign1.decode(bytes)
  const kid = [...message.protectedHeaders.get(4)].reduce((sum, byte) => sum * 256 + byte, 0)
  await message.verify(publicKeys.get(kid))
  return message
}

const codes = new Map()
for (const pass of passes)
  codes.set(pass.id, (await ask(token, 'GET', `passes/${pass.id}/code`)).code)

await test(`another COSE library verifies ${passes.length} codes of the server's`, async () => {
  same(passes.length, 14, 'passes')
  for (const pass of passes) {
    const code = codes.get(pass.id)
    check(code.startsWith('SW1:') && code.length <= 200, code)
    const message = await verified(fromBase45(code.slice(4)))
    same(message.protectedHeaders.get(1), -8, 'the algorithm')
    same(message.unprotectedHeaders.size, 0, 'unprotected headers')
    const claims = decode(message.payload, { useMaps: true })
    same([...claims.keys()].join(), '4,5,7,-65537,-65538', 'the claims')
    const serial = claims.get(7).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
    same(serial, BigInt(pass.serial), 'the serial')
    same(claims.get(-65538), pass.estate, 'the estate')
    same(
      ['person', 'household', 'vehicle', 'visitor'][claims.get(-65537) - 1],
      pass.class,
      'the class',
    )
    same(claims.get(5), Date.parse('2020-05-08T00:00:00+08:00') / 1000, 'from')
    same(claims.get(4), Date.parse('2020-07-01T00:00:00+08:00') / 1000, 'to')
  }
})

function toBase45(bytes) {
  let text = ''
  for (let i = 0; i < bytes.length; i += 2) {
    const pair = i + 1 < bytes.length
    let value = pair ? bytes[i] * 256 + bytes[i + 1] : bytes[i]
    for (let digits = pair ? 3 : 2; digits > 0; digits--, value = Math.floor(value / 45))
      text += ALPHABET[value % 45]
  }
  return text
}

await test('neither it nor the server takes a code with any bit flipped', async () => {
  const [pass] = passes
  const bytes = fromBase45(codes.get(pass.id).slice(4))
  const { items: gates } = await ask(
    token,
    'GET',
    'posts?filter[kind]=gate&filter[unit]=110102013005&limit=1',
  )
  const asked = { direction: 'in', post: gates[0].id }
  const asIs = await make('gate/check', { ...asked, code: `SW1:${toBase45(bytes)}` })
  same(asIs.verdict.code, 'ok', 'the code as it is')
  // The tag, the arrays' and strings' heads and the empty map lie outside of what is signed.
  const head = 3
  const map = head + bytes[head - 1] - 0x40
  const payload = map + 3
  const signature = payload + bytes[payload - 1] + 2
  const proven = (at) =>
    (at >= head && at < map) || (at >= payload && at < signature - 2) || at >= signature
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const bad = bytes.slice()
    bad[bit >> 3] ^= 1 << (bit & 7)
    const taken = await verified(bad).then(
      () => true,
      () => false,
    )
    check(!taken || !proven(bit >> 3), `another library took bit ${bit & 7} of byte ${bit >> 3}`)
    const { verdict } = await make('gate/check', { ...asked, code: `SW1:${toBase45(bad)}` })
    check(
      ['malformed', 'forged', 'unknown_key'].includes(verdict.code),
      `${verdict.code}: bit ${bit}`,
    )
  }
  same(signature + 64, bytes.length, 'the length')
})

await test('every code of a printed sheet is read off the page', async () => {
  const { prepareZXingModule, readBarcodes } = await load('zxing-wasm/reader')
  const wasm = readFileSync(require.resolve('zxing-wasm/reader/zxing_reader.wasm'))
  await prepareZXingModule({ overrides: { wasmBinary: wasm.buffer }, fireImmediately: true })
  const folder = mkdtempSync(join(tmpdir(), 'sw-cards-'))
  try {
    const pdf = await make('passes/cards', { compound: compound.id })
    writeFileSync(join(folder, 'cards.pdf'), pdf)
    const words = execFileSync('pdftotext', ['-layout', join(folder, 'cards.pdf'), '-'], {
      encoding: 'utf8',
    })
    check(words.includes('张**') && !words.includes('张试'), 'names are masked on cards')
    execFileSync('pdftoppm', ['-r', '150', '-png', join(folder, 'cards.pdf'), join(folder, 'page')])
    const read = new Set()
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.png'))) {
      const found = await readBarcodes(new Blob([readFileSync(join(folder, name))]), {
        formats: ['QRCode'],
        maxNumberOfSymbols: 20,
      })
      for (const { text } of found) read.add(text)
    }
    same(read.size, codes.size, 'codes read')
    for (const code of codes.values()) check(read.has(code), `not read: ${code}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

process.exit(failed ? 1 : 0)
