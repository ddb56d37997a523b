// The dictionary: every word stands once, in Chinese and English side by side, and the keys are
// checked by the compiler. `{name}` in a text is replaced by the argument of that name.
import { ref, watchEffect } from 'vue'
import { recall, remember } from './remember.ts'

export type Lang = 'zh' | 'en'
export type Words = Record<string, readonly [zh: string, en: string]>
export type Args = Record<string, string | number>

const kept = recall('lang')
export const lang = ref<Lang>(kept === 'en' ? 'en' : 'zh')

watchEffect(() => {
  if (typeof document !== 'undefined') {
    document.documentElement.lang = lang.value === 'zh' ? 'zh-CN' : 'en'
  }
})

export function setLang(next: Lang): void {
  lang.value = next
  remember('lang', next)
}

/** Whether the person has chosen a language on this machine; if not, the account's is taken. */
export const langChosen = () => recall('lang') !== null

export function fill(text: string, args?: Args): string {
  if (!args) return text
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => String(args[key] ?? whole))
}

export function dictionary<const W extends Words>(words: W) {
  return (key: keyof W, args?: Args): string => {
    const pair = words[key]
    return pair ? fill(pair[lang.value === 'zh' ? 0 : 1], args) : String(key)
  }
}

/** The reader's side of a label that the server sends in both languages. */
export function say(label: { zh?: string; en?: string } | null | undefined): string {
  if (!label) return ''
  return (lang.value === 'zh' ? label.zh || label.en : label.en || label.zh) ?? ''
}
