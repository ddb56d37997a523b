// What the hand and the ear notice without looking: a short tone and a short buzz. A phone that can
// do neither is no worse off; the screen says the same.
import { recall, remember } from '@shared/remember.ts'
import { ref } from 'vue'

export const sound = ref(recall('sound') !== '0')

export function setSound(on: boolean): void {
  sound.value = on
  remember('sound', on ? null : '0')
}

let context: AudioContext | null = null

function tone(hertz: number, seconds: number, after = 0): void {
  if (!sound.value || typeof AudioContext === 'undefined') return
  context ??= new AudioContext()
  const at = context.currentTime + after
  const source = context.createOscillator()
  const volume = context.createGain()
  source.frequency.value = hertz
  volume.gain.setValueAtTime(0.25, at)
  volume.gain.exponentialRampToValueAtTime(0.001, at + seconds)
  source.connect(volume).connect(context.destination)
  source.start(at)
  source.stop(at + seconds)
}

const buzz = (pattern: number | number[]) => {
  if ('vibrate' in navigator) navigator.vibrate(pattern)
}

export function signalGood(): void {
  buzz(60)
  tone(880, 0.12)
  tone(1320, 0.16, 0.1)
}

export function signalBad(): void {
  buzz([180, 90, 180])
  tone(220, 0.25)
  tone(220, 0.35, 0.32)
}

/** A pass is good: short, so that the entry that follows is heard as the second half. */
export function signalPass(): void {
  buzz(40)
  tone(988, 0.1)
}

/** Somebody has to decide. */
export function signalAsk(): void {
  buzz([60, 60, 60])
  tone(494, 0.14)
  tone(494, 0.14, 0.2)
}

/** Nothing to judge: show it once more. */
export function signalAgain(): void {
  buzz(25)
  tone(330, 0.08)
}
