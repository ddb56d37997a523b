// Equations between the boxes of a return, checked while somebody types: the same sums that the
// server reads (src/domain/enterprises/equation.h), tested with the server's own cases. No framework
// comes along with it.

const MOST_TERMS = 12
const MOST_CONSTANT = 1_000_000_000

interface Term {
  sign: 1 | -1
  /** Of the day before. */
  yesterday: boolean
  /** Empty: the constant. */
  code: string
  constant: number
}
export type Sum = Term[]
/** The value of a code; null where the box is empty. */
export type Lookup = (code: string, yesterday: boolean) => number | null

function termOf(word: string, sign: 1 | -1): Term | null {
  const yesterday = word.startsWith('yesterday.')
  const rest = yesterday ? word.slice('yesterday.'.length) : word
  if (/^\d+$/.test(rest)) {
    const constant = Number(rest)
    return yesterday || constant > MOST_CONSTANT ? null : { sign, yesterday, code: '', constant }
  }
  if (!/^[a-z_][a-z0-9_]*$/.test(rest)) return null
  return { sign, yesterday, code: rest, constant: 0 }
}

/** null where the text is no sum of codes and whole numbers. */
export function parseSum(text: string): Sum | null {
  const parts = text.split(/([+-])/)
  const sum: Sum = []
  for (let i = 0; i < parts.length; i += 2) {
    const term = termOf((parts[i] ?? '').trim(), parts[i - 1] === '-' ? -1 : 1)
    if (!term || sum.length === MOST_TERMS) return null
    sum.push(term)
  }
  return sum
}

/** null where a value is not known: such an equation says nothing. */
export function sumOf(sum: Sum, look: Lookup): number | null {
  let total = 0
  for (const term of sum) {
    const value = term.code ? look(term.code, term.yesterday) : term.constant
    if (value === null) return null
    total += term.sign * value
  }
  return total
}
