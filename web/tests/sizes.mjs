// First-load sizes of each face from web/dist: what the page's own HTML asks for, after gzip -9.
// Prints a line per face and fails when one is over its budget.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url)
const budgets = {
  'index.html': 90,
  'desk/index.html': 300,
  'i/index.html': 60,
  'g/index.html': 30,
  'e/index.html': 35,
}
let failed = 0
for (const [page, budget] of Object.entries(budgets)) {
  const html = readFileSync(new URL(page, dist), 'utf8')
  const files = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map((m) => m[1])
  const bytes = files.reduce(
    (sum, file) => sum + gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length,
    0,
  )
  const kib = bytes / 1024
  const fits = kib <= budget
  if (!fits) failed++
  console.log(
    `${fits ? 'ok' : 'not ok'} - ${page} first load ${kib.toFixed(1)} KB of ${budget} KB (${files.length} files)`,
  )
}
process.exit(failed ? 1 : 0)
