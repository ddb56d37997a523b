import { describe, expect, it } from 'vitest'
import { AWAY_MS, Sightings } from './sightings.ts'

describe('what the camera sees', () => {
  it('is told once for as long as it is held up', () => {
    const eyes = new Sightings()
    expect(eyes.look(['SW1:A'], 0)).toBe('SW1:A')
    for (let at = 100; at < 20_000; at += 900) expect(eyes.look(['SW1:A'], at)).toBeNull()
  })
  it('is new again after it was away, not after a blurred frame', () => {
    const eyes = new Sightings()
    eyes.look(['SW1:A'], 0)
    expect(eyes.look([], 400)).toBeNull()
    expect(eyes.look(['SW1:A'], AWAY_MS)).toBeNull()
    expect(eyes.look([], AWAY_MS + 500)).toBeNull()
    expect(eyes.look(['SW1:A'], 2 * AWAY_MS + 1)).toBe('SW1:A')
  })
  it('is the next person at once', () => {
    const eyes = new Sightings()
    eyes.look(['SW1:A'], 0)
    expect(eyes.look(['SW1:B'], 50)).toBe('SW1:B')
    expect(eyes.look(['SW1:A', 'SW1:B'], 100)).toBeNull()
  })
  it('prefers a pass to whatever else is in the picture', () => {
    const eyes = new Sightings()
    expect(eyes.look(['https://a', 'SW1:A'], 0)).toBe('SW1:A')
    expect(eyes.look(['https://b', 'SW1:A'], 100)).toBeNull()
    expect(eyes.look(['https://c'], 200)).toBe('https://c')
  })
  it('sees everything anew when told to forget', () => {
    const eyes = new Sightings()
    eyes.look(['SW1:A'], 0)
    eyes.forget()
    expect(eyes.look(['SW1:A'], 10)).toBe('SW1:A')
  })
})
