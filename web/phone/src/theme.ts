// The sunlight theme: black on white and nothing between, for a screen in the open. It is switched
// from the page "Me" and remembered on this phone.
import { recall, remember } from '@shared/remember.ts'
import { ref, watchEffect } from 'vue'

export const sunlight = ref(recall('sunlight') === '1')

watchEffect(() => {
  document.documentElement.toggleAttribute('data-sun', sunlight.value)
})

export function setSunlight(on: boolean): void {
  sunlight.value = on
  remember('sunlight', on ? '1' : null)
}
