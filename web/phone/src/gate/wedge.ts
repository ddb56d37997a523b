// A scanner at a desk types what it reads, as a keyboard does, far faster than a finger, and ends
// with Enter. Its keys are told from a person's by their pace, so that the digits in a code never
// become a temperature.

/** No finger types two keys within this. */
export const FAST_MS = 35
const LONGEST = 1_000
/** As many fast digits as a person may produce by hitting two keys at once. */
const FINGERS = 2

export interface Heard {
  /** A whole text from a scanner. */
  code: (text: string) => void
  /** A single key, pressed by a person. */
  key: (key: string) => void
}

/** Reads keys with their moments; `idle` is to be called once FAST_MS after the last. */
export class Wedge {
  private text = ''
  private last = Number.NEGATIVE_INFINITY

  constructor(private readonly heard: Heard) {}

  /** True where the key was taken, so that nobody else hears it. */
  press(key: string, at: number): boolean {
    if (at - this.last > FAST_MS) this.idle()
    if (key === 'Enter' || key === 'Tab') return this.end()
    // a space on its own belongs to the button under the focus
    if (key.length !== 1 || (key === ' ' && this.text === '')) return false
    this.last = at
    if (this.text.length < LONGEST) this.text += key
    return true
  }

  /** After a pause: keys of a person go on as keys, an unended scan as a code. */
  idle(): void {
    const text = this.text
    this.text = ''
    if (text.length > FINGERS) this.heard.code(text)
    else for (const key of text) this.heard.key(key)
  }

  private end(): boolean {
    const scanned = this.text.length > FINGERS
    this.idle()
    return scanned
  }
}

/** Listens on the page while it is not being written into a field; gives back what ends that. */
export function listenForScanner(heard: Heard): () => void {
  const wedge = new Wedge(heard)
  let timer: ReturnType<typeof setTimeout> | undefined
  function down(event: KeyboardEvent): void {
    const target = event.target as HTMLElement | null
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    if (target?.closest('input:not([type=radio]), select, textarea, dialog')) return
    if (!wedge.press(event.key, event.timeStamp)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    clearTimeout(timer)
    timer = setTimeout(() => wedge.idle(), FAST_MS + 5)
  }
  window.addEventListener('keydown', down, true)
  return () => {
    clearTimeout(timer)
    window.removeEventListener('keydown', down, true)
  }
}
