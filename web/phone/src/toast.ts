// One short message over the page, read out by a screen reader, gone after a few seconds.
import { ref } from 'vue'

export interface Toast {
  text: string
  tone: 'quiet' | 'good' | 'bad'
}
export const toast = ref<Toast | null>(null)
let timer: ReturnType<typeof setTimeout> | undefined

export function say(text: string, tone: Toast['tone'] = 'quiet', ms = 4000): void {
  toast.value = { text, tone }
  clearTimeout(timer)
  timer = setTimeout(() => {
    toast.value = null
  }, ms)
}
