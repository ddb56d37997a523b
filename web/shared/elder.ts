// Elder mode, switched from any page and remembered on this machine.
import { ref, watchEffect } from 'vue'
import { recall, remember } from './remember.ts'

export const elder = ref(recall('elder') === '1')

watchEffect(() => {
  if (typeof document === 'undefined') return
  if (elder.value) document.documentElement.dataset.elder = ''
  else delete document.documentElement.dataset.elder
})

export function setElder(on: boolean): void {
  elder.value = on
  remember('elder', on ? '1' : null)
}
