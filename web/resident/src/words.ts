// The page's words, in the browser's language or the one that was tapped. It carries no framework:
// somebody opens it once, at a gate, with a poor network.
const WORDS = {
  title: ['出入证', 'Entry pass'],
  wait: ['正在连接…', 'Connecting…'],
  number: ['出入证号（卡上 8 位数字）', 'Pass number (the 8 digits on the card)'],
  known: ['本机记住的证：{n}', 'Remembered on this phone: {n}'],
  other: ['换一张证', 'Another pass'],
  keep: ['在这台手机上记住证号，下次不用再输', 'Remember the number on this phone for next time'],
  forget: ['不再记住', 'Forget it'],
  in: ['我要进', 'I am going in'],
  out: ['我要出', 'I am going out'],
  way_in: ['进', 'IN'],
  way_out: ['出', 'OUT'],
  bad: [
    '证号有误，请再核对卡上的 8 位数字。',
    'The number is wrong: compare the 8 digits on the card.',
  ],
  go: ['已登记', 'Recorded'],
  show: ['请给值守人员看这一页', 'Show this page to the guard'],
  stop: ['请找值守人员', 'See the guard'],
  again: ['刚才已登记，不重复计', 'Recorded a moment ago; not counted twice'],
  sign: ['今日标记', 'Sign of the day'],
  next: ['再登记一次', 'Once more'],
  no_gate: [
    '没有这个卡口。请扫现场海报上的码。',
    'There is no such gate. Scan the poster at the gate.',
  ],
  limited: [
    '人多，请等一分钟再试，或直接找值守人员。',
    'Too many at once: wait a minute, or see the guard.',
  ],
  offline: ['连不上网络。请直接向值守人员出示出入证。', 'No network. Show your pass to the guard.'],
  failed: ['服务器没有回答好。请直接找值守人员。', 'The server failed. See the guard.'],
  retry: ['再试一次', 'Try again'],
  privacy: [
    '只核对证号，不收姓名、电话和位置。',
    'Only the pass is checked: no name, phone or place is asked.',
  ],
  lang: ['English', '中文'],
} as const
export type Word = keyof typeof WORDS

const KEPT = 'shouwang.lang'
function kept(): string | null {
  try {
    return localStorage.getItem(KEPT)
  } catch {
    return null
  }
}
let english = kept() ? kept() === 'en' : !/^zh/i.test(navigator.language || 'zh')

export const inEnglish = (): boolean => english
export function turnLanguage(): void {
  english = !english
  try {
    localStorage.setItem(KEPT, english ? 'en' : 'zh')
  } catch {
    return // only this page then
  }
}
export function t(word: Word, n = ''): string {
  return WORDS[word][english ? 1 : 0].replace('{n}', n)
}
