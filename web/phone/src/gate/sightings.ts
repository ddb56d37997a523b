// A camera sees the same code many times a second. What is new is told once; a code counts as the
// same for as long as it stays before the camera, and is new again after it was away.
import { isPassText } from './pass.ts'

export const AWAY_MS = 1_500

export class Sightings {
  private readonly seen = new Map<string, number>()

  /** The code to act on, or null. Several at once: the one that means to be a pass. */
  look(texts: readonly string[], at: number): string | null {
    for (const [text, last] of this.seen) if (at - last > AWAY_MS) this.seen.delete(text)
    const fresh = texts.filter((text) => !this.seen.has(text))
    for (const text of texts) this.seen.set(text, at)
    // beside a pass, a health code or a poster in the picture says nothing
    const passes = fresh.filter(isPassText)
    if (passes.length > 0) return passes[0] ?? null
    return texts.some(isPassText) ? null : (fresh[0] ?? null)
  }

  /** As if everything had been away: what is held up next is new. */
  forget(): void {
    this.seen.clear()
  }
}
