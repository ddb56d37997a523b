// Some fields of text hold codes of the program's own (a message's topic). Their words stand in the
// presets; given to the field as its choices, every page shows them.
import type { Kind } from '@shared/meta.ts'
import { presets } from './presets.ts'

export function nameCodes(kinds: Kind[]): void {
  for (const kind of kinds) {
    for (const [name, words] of Object.entries(presets[kind.plural]?.words ?? {})) {
      const field = kind.fields.find((one) => one.name === name)
      if (field?.type !== 'text') continue
      field.choices = Object.entries(words).map(([value, [zh, en]]) => ({ value, zh, en }))
    }
  }
}
