// The verdicts in words. A pass that was made void says nothing of why: neither to its holder nor to
// the person at the gate.
import { moment } from '@shared/format.ts'
import { dictionary } from '@shared/i18n.ts'
import { time, zone } from '../day.ts'
import type { PassClass } from './pass.ts'
import type { Verdict, VerdictCode } from './verdict.ts'

const titles = dictionary({
  ok: ['有效', 'Valid'],
  ok_unlisted: ['有效（新证）', 'Valid (new)'],
  malformed: ['不是出入证', 'Not a pass'],
  oversized: ['不是出入证', 'Not a pass'],
  forged: ['伪造', 'Forged'],
  unknown_key: ['无法核验', 'Cannot check'],
  expired: ['已过期', 'Expired'],
  not_yet: ['尚未生效', 'Not valid yet'],
  other_estate: ['非本小区', 'Another estate'],
  void: ['无效', 'Not valid'],
  just_used: ['刚用过', 'Just used'],
  used: ['本期已外出', 'Exit used'],
  unknown_number: ['查无此号', 'Unknown number'],
  bad_number: ['证号有误', 'Wrong number'],
})
const reasons = dictionary({
  ok_unlisted: ['签名无误，本机名单还没有它', 'Signed well; not in this phone’s list yet'],
  malformed: ['请出示出入证上的码，或输入证号', 'Show the code on the pass, or type its number'],
  oversized: ['这个码太长，不是出入证', 'This code is too long to be a pass'],
  forged: ['签名不符，不是本行动签发', 'Not signed by this operation'],
  unknown_key: ['本机没有核验密钥，请联网更新', 'This phone lacks the key: go online once'],
  expired: ['有效期到 {date}', 'Was valid until {date}'],
  not_yet: ['{date} 起有效', 'Valid from {date}'],
  other_estate: ['这是其他小区的出入证', 'The pass belongs to another estate'],
  void: ['请找组长', 'Ask the lead'],
  just_used: ['{time} 刚{way}', 'Went {way} at {time}'],
  used: ['本户 {time} 已外出，{date} 起可再外出', 'Out at {time}; again from {date}'],
  unknown_number: ['本机名单里没有这个证号', 'Not in this phone’s list'],
  bad_number: ['与校验位不符，请再看一遍', 'The check digit disagrees; look again'],
  in: ['进', 'in'],
  out: ['出', 'out'],
  overdue: ['迟归：外出 {n}', 'Late: out for {n}'],
  hours: ['{h} 小时 {m} 分', '{h} h {m} min'],
  minutes: ['{m} 分钟', '{m} min'],
  back: ['请在 {time} 前返回', 'Back before {time}'],
})
const classes = dictionary({
  person: ['个人证', 'Personal pass'],
  household: ['家庭证', 'Household pass'],
  vehicle: ['车辆证', 'Vehicle pass'],
  visitor: ['访客证', 'Visitor pass'],
})

export const titleOf = (code: VerdictCode): string => titles(code)
export const classWord = (kind: PassClass): string => classes(kind)

export function lasting(minutes: number): string {
  const [h, m] = [Math.floor(minutes / 60), minutes % 60]
  return h > 0 ? reasons('hours', { h, m }) : reasons('minutes', { m })
}

const dayOf = (at: number): string => moment(new Date(at).toISOString(), zone()).slice(0, 10)
/** The time, with its day where that is not today. */
const when = (at: number, today: string): string =>
  dayOf(at) === today ? time(at) : moment(new Date(at).toISOString(), zone()).slice(5)

function dateOf(verdict: Verdict): string {
  const { pass, claims, code } = verdict
  if (code === 'not_yet') return pass?.valid_from ?? dayOf(claims?.from ?? 0)
  const signed = claims ? dayOf(claims.to - 1) : '9999'
  return pass && pass.valid_to < signed ? pass.valid_to : signed
}

/** Why, in one line; '' where there is nothing to say. */
export function reasonOf(verdict: Verdict, now: number): string {
  const { code, last } = verdict
  if (code === 'ok') return verdict.overdue === null ? '' : overdueText(verdict.overdue)
  if (code === 'just_used' || code === 'used') {
    const way = reasons(last?.direction ?? 'out')
    const time = last ? when(last.happened_at, dayOf(now)) : ''
    return reasons(code, { way, time, date: verdict.nextDay ?? '' })
  }
  return reasons(code, { date: code === 'expired' || code === 'not_yet' ? dateOf(verdict) : '' })
}
export const overdueText = (minutes: number): string => reasons('overdue', { n: lasting(minutes) })
export const backBy = (at: number): string => reasons('back', { time: time(at) })

/** What the register says of a refusal; kept in Chinese, as the other reasons are. */
export const REFUSALS: Partial<Record<VerdictCode, string>> = {
  forged: '出入证伪造',
  unknown_key: '出入证无法核验',
  expired: '出入证过期',
  not_yet: '出入证未生效',
  other_estate: '非本小区出入证',
  void: '出入证无效',
  just_used: '出入证重复使用',
  used: '本户本期已外出',
  unknown_number: '无此证号',
}
/** Why somebody was let through all the same. */
export const EXCEPTIONS: readonly (readonly [zh: string, en: string])[] = [
  ['就医', 'Medical care'],
  ['组长同意', 'The lead agreed'],
  ['本人在册，证件待换', 'Known here; the card is to be replaced'],
  ['紧急情况', 'Emergency'],
]
