// The page's words, in the browser's language or the one that was tapped. It carries no framework:
// a clerk opens it once a day, often on an old phone.
const WORDS = {
  title: ['企业日报', 'Daily return'],
  wait: ['正在连接…', 'Connecting…'],
  lang: ['English', '中文'],
  retry: ['再试一次', 'Try again'],
  back: ['返回', 'Back'],
  which: ['今天要报的表', "Today's returns"],

  due: ['{time} 前报送', 'Due by {time}'],
  overdue: ['已过 {time}，仍可报送，记为迟报', 'It is past {time}: still taken, marked as late'],
  cutoff: ['数字以 {time} 的情况为准', 'Figures as they stand at {time}'],
  missing: ['今天还没有报', 'Not reported yet today'],
  draft: ['有填了一半的内容', 'Half filled in'],
  submitted: ['今天已报', 'Reported today'],
  late: ['今天已报（迟报）', 'Reported today, late'],
  returned: ['被退回更正：请核对后重新报送', 'Sent back: correct it and submit again'],
  because: ['退回原因：{why}', 'Why: {why}'],
  accepted: ['今天已报，已审核', 'Reported and accepted'],
  exempt: ['今天不用报', 'Nothing is due today'],
  none: ['今天没有要报的表。', 'No return is due today.'],

  same: ['与昨天相同', 'Same as yesterday'],
  same_note: ['各项数字与上次一样', 'Every figure as last time'],
  same_first: ['第一次请填写一遍', 'Fill it in once first'],
  nil: ['零报告', 'Nil return'],
  nil_note: ['今天没有新情况', 'Nothing new today'],
  edit: ['修改后报送', 'Change, then submit'],
  edit_note: ['有数字变了', 'A figure has changed'],
  edit_draft: ['接着填没报完的', 'Go on where you stopped'],
  correct: ['更正今天的数字', "Correct today's figures"],
  correct_day: ['更正这一天的数字', "Correct that day's figures"],
  todays: ['看今天的日报', "To today's return"],

  confirm: ['请核对，然后报送', 'Check, then submit'],
  send: ['确认报送', 'Submit'],
  change: ['数字不对，去修改', 'Something is wrong: change it'],
  sending: ['正在报送…', 'Submitting…'],

  receipt: ['已收到', 'Received'],
  receipt_no: ['回执号', 'Receipt number'],
  receipt_late: ['这次记为迟报。', 'This one is marked as late.'],
  beside: [
    '上级已锁定当天的数字：这次更正保留备查，不改变已汇总的数字。',
    'The day is locked above: this correction is kept beside the totals, which stay.',
  ],
  copy: ['复制回执号', 'Copy the number'],
  copied: ['已复制', 'Copied'],
  copy_self: ['请长按上面的号码复制', 'Press and hold the number to copy it'],
  finish: ['完成', 'Done'],
  shot: ['可以截图保存。', 'You may keep a screenshot.'],

  form: ['填写日报', 'Fill in the return'],
  restored: ['已恢复没报完的内容。', 'What you had typed is back.'],
  discard: ['不要了，重新开始', 'Throw it away'],
  yesterday: ['昨天 {n}', 'Yesterday {n}'],
  counted: ['按人员明细计算', 'Counted from the staff lines'],
  known: ['来自企业档案', "From the enterprise's file"],
  summed: ['自动合计', 'Worked out'],
  headcount: ['改了这里，企业档案也随之更新', 'The file follows what you say here'],
  optional: ['可不填', 'optional'],
  yes: ['是', 'Yes'],
  no: ['否', 'No'],
  choose: ['请选择', 'Choose'],
  difficulties: ['困难与诉求', 'Difficulties and requests'],
  submit: ['报送', 'Submit'],
  balance: ['{left} {sign} {right}，相差 {by}', '{left} {sign} {right}: off by {by}'],
  soft: ['仍可报送，请再看一眼', 'It can be submitted; look again'],
  hard: ['改平了才能报送', 'It must balance first'],
  balanced: ['各项相符', 'All figures agree'],
  to_fix: ['还有 {n} 处要改', '{n} to put right'],

  required: ['请填写', 'Fill this in'],
  number: ['请填整数', 'A whole number, please'],
  small: ['不能小于 0', 'Not below 0'],
  large: ['最多 {n}', 'At most {n}'],
  long: ['最多 {n} 个字', 'At most {n} characters'],
  date: ['日期不对', 'Not a date'],
  choice: ['请从列表里选', 'Choose from the list'],

  staff: ['人员明细', 'Staff lines'],
  staff_n: ['人员明细（{n} 人）', 'Staff lines ({n})'],
  staff_note: [
    '离京、在外和返京的人记在这里，合计由系统算。',
    'Who is away or has come back; the totals are worked out.',
  ],
  staff_none: [
    '还没有人员明细。没有也可以直接填合计。',
    'None yet; totals can be typed without them.',
  ],
  add: ['增加一人', 'Add a person'],
  name: ['姓名', 'Name'],
  place: ['现在在哪里（省市）', 'Where (province, city)'],
  left_on: ['离京日期', 'Left Beijing on'],
  plan_back_on: ['计划返京日期', 'Plans to return on'],
  back_on: ['返京日期', 'Back on'],
  isolating_until: ['观察到哪天', 'Observed until'],
  hubei: ['湖北籍', 'Of Hubei origin'],
  hubei_note: ['只用来计数，不显示给别人', 'Only counted, shown to nobody else'],
  save: ['保存', 'Save'],
  back_today: ['返京了', 'Is back'],
  at_work: ['今天到岗', 'At work today'],
  end: ['不再跟踪', 'Follow no more'],
  end_sure: ['确定？再点一次', 'Sure? Tap again'],
  away_since: ['{day} 离京', 'Left {day}'],
  plan_back: ['计划 {day} 返京', 'Back {day}, planned'],
  is_back: ['{day} 返京', 'Back {day}'],
  until: ['观察至 {day}', 'Observed until {day}'],
  works: ['{day} 起到岗', 'At work since {day}'],

  gone: ['这个链接不能用了', 'This link is no longer valid'],
  gone_do: [
    '链接过期，或社区换发了新的。请给平时打电话来的工作人员打电话或发微信，要一个新链接；今天的数字也可以在电话里报。',
    'It has expired or was replaced. Ring the person who usually calls you and ask for a new link; you can also report by telephone today.',
  ],
  no_link: ['链接不完整', 'The link is not complete'],
  no_link_do: [
    '请回到收到链接的地方重新点开，或整条复制，不要少字。',
    'Open it again where you received it, or copy all of it.',
  ],
  limited: ['太频繁了，请等一分钟再试。', 'Too many at once: wait a minute.'],
  offline: ['连不上网络，请看看手机信号。', 'No network: look at your signal.'],
  failed: ['服务器没有回答好，请过一会儿再试。', 'The server failed: try again in a while.'],
  unsent: ['还没有收到回执', 'No receipt yet'],
  unsent_do: [
    '内容已保存在这台手机上。有网时再点一次，不会重复报送。',
    'It is kept on this phone. Tap again when there is a network; it will not count twice.',
  ],
  again: ['重新发送', 'Send again'],
  refused: ['没有报成', 'It was not taken'],
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
export function t(word: Word, args: Record<string, string | number> = {}): string {
  return WORDS[word][english ? 1 : 0].replace(/\{(\w+)\}/g, (whole, key: string) =>
    String(args[key] ?? whole),
  )
}
/** The reader's side of words that the server sends in both languages. */
export const pick = (zh: string | null | undefined, en: string | null | undefined): string =>
  (english ? en || zh : zh || en) ?? ''

export const dayText = (day: string): string =>
  new Intl.DateTimeFormat(english ? 'en-GB' : 'zh-CN', {
    timeZone: 'UTC',
    month: 'long',
    day: 'numeric',
    weekday: 'long',
  }).format(new Date(`${day}T00:00:00Z`))
