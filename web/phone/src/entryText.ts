// What an entry of the outbox is, in a line; and why the server refused it.
import { temperature } from '@shared/format.ts'
import { dictionary, say } from '@shared/i18n.ts'
import { day } from './day.ts'
import { actionOf } from './lists.ts'
import type { Entry } from './store.ts'

const t = dictionary({
  gateIn: ['卡口 进', 'Gate in'],
  gateOut: ['卡口 出', 'Gate out'],
  undo: ['撤销', 'taken back'],
  signIn: ['签到', 'Sign-in'],
  signOut: ['签退', 'Sign-out'],
  visitor: ['访客', 'Visitor'],
  visitorLeft: ['访客离开', 'Visitor left'],
  visitorBack: ['访客登记撤销', 'Visitor taken back'],
  handover: ['交接班', 'Handover'],
})

export function entryText(entry: Entry): string {
  const { body, path } = entry
  if (path === 'sign-ins') return body.phase === 'out' ? t('signOut') : t('signIn')
  if (path === 'handovers') return t('handover')
  if (path === 'visitors') return t('visitor')
  if (path.startsWith('visitors/'))
    return t(path.endsWith('/take_back') ? 'visitorBack' : 'visitorLeft')
  const done = actionOf(path)
  if (done) return [say(done.action), done.title || say(done.kind)].join(' · ')
  if (path !== 'gate-events') return path
  const way = body.direction === 'out' ? t('gateOut') : t('gateIn')
  const gate = day.value?.gates.find((one) => one.id === body.post)?.name
  const parts = [gate, body.corrects ? `${way} · ${t('undo')}` : way, temperature(body.temperature)]
  return parts.filter(Boolean).join(' ')
}

export function whyRefused(entry: Entry): string {
  const [first] = entry.refused?.problems ?? []
  if (first) return say(first as { zh?: string; en?: string }) || first.code
  return say({ zh: entry.refused?.title_zh ?? '', en: entry.refused?.title ?? '' })
}
