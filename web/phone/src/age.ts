// How long ago: in the largest unit that says enough.
import { lang } from '@shared/i18n.ts'
import { present } from './day.ts'

export function ageText(at: number | null, nowMs = present.value.getTime()): string {
  if (at === null) return ''
  const minutes = Math.max(0, Math.floor((nowMs - at) / 60_000))
  const zh = lang.value === 'zh'
  if (minutes < 60) return zh ? `${minutes} 分钟` : `${minutes} min`
  if (minutes < 48 * 60)
    return zh ? `${Math.floor(minutes / 60)} 小时` : `${Math.floor(minutes / 60)} h`
  return zh ? `${Math.floor(minutes / 1440)} 天` : `${Math.floor(minutes / 1440)} d`
}
