// What went wrong, in a clerk's words and beside the field it concerns.
import { ApiError, type Problem } from './api.ts'
import { dictionary, lang, say } from './i18n.ts'

const t = dictionary({
  offline: [
    '连不上服务器。请检查网络；已填内容还在。',
    'The server cannot be reached. Check the network; what you typed is still here.',
  ],
  unauthorized: ['登录已失效，请重新登录。', 'Your session has ended. Please log in again.'],
  forbidden: [
    '您的账号没有这项权限。需要时请联系上级管理员授权。',
    'Your account has no right to do this. Ask your administrator if you need it.',
  ],
  not_found: ['没有找到，或不在您的管辖范围内。', 'Not found, or outside your area.'],
  conflict: [
    '这条记录刚被别人改过。请对照后再保存。',
    'Someone else has just changed this record. Compare before you save.',
  ],
  too_large: ['内容太大，服务器不收。', 'This is too large for the server.'],
  invalid: [
    '有 {n} 处需要改正，已标在旁边。',
    '{n} things need correcting; each is marked beside its field.',
  ],
  limited: ['操作太频繁，请 {n} 秒后再试。', 'Too many attempts. Try again in {n} seconds.'],
  unavailable: [
    '服务器暂时不能处理。内容没有丢，请稍后再试。',
    'The server cannot do this at the moment. Nothing is lost; try again shortly.',
  ],
  bug: [
    '服务器出错。请记下时间并告诉管理员。',
    'The server failed. Note the time and tell your administrator.',
  ],
  unknown: ['没有成功：{what}', 'It did not work: {what}'],
  required: ['必填', 'Required'],
  invalid_field: ['不符合要求（{code}）', 'Not accepted ({code})'],
})

export const problemText = (problem: Problem): string =>
  say(problem as { zh?: string; en?: string }) ||
  (problem.code === 'required' ? t('required') : t('invalid_field', { code: problem.code }))

/** One sentence that a clerk can act on. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return t('unknown', { what: String(error) })
  const { status, doc } = error
  if (error.offline) return t('offline')
  if (status === 422 && error.problems.length > 0) {
    const [only] = error.problems
    if (error.problems.length === 1 && only && !only.field) return problemText(only)
    return t('invalid', { n: error.problems.length })
  }
  const own = lang.value === 'zh' ? doc.title_zh : (doc.detail ?? doc.title)
  if (status === 401) return own && doc.code !== 'http_401' ? own : t('unauthorized')
  if (status === 409 && doc.current) return t('conflict')
  if (status === 429) return t('limited', { n: error.retryAfter ?? 60 })
  const generic = doc.code.startsWith('http_')
  if (!generic && own && status < 500) return own
  if (status === 403) return t('forbidden')
  if (status === 404) return t('not_found')
  if (status === 413) return t('too_large')
  if (status === 503) return t('unavailable')
  if (status >= 500) return t('bug')
  return t('unknown', { what: own ?? status })
}

/** Problems by field; what belongs to no field shown lies under ''. */
export function byField(error: unknown, shown: Iterable<string>): Map<string, string[]> {
  const known = new Set(shown)
  const sorted = new Map<string, string[]>()
  if (!(error instanceof ApiError)) return sorted
  for (const problem of error.problems) {
    const path = problem.field ?? ''
    const field = known.has(path) ? path : (path.split(/[.[]/)[0] ?? '')
    const key = known.has(field) ? field : ''
    // What lies deeper than the field itself says where: "shifts[3].start".
    const text = path === key ? problemText(problem) : `${path}: ${problemText(problem)}`
    sorted.set(key, [...(sorted.get(key) ?? []), text])
  }
  return sorted
}
