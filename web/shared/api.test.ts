import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, address, get, onUnauthorized, patch, post, setCsrf } from './api.ts'
import { byField, errorText, problemText } from './problems.ts'
import { listQuery } from './records.ts'

const answered: Request[] = []
function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    answered.push(new Request(`http://localhost${url}`, init))
    return new Response(status === 204 ? null : JSON.stringify(body), {
      status,
      headers: {
        'Content-Type': status < 400 ? 'application/json' : 'application/problem+json',
        ...headers,
      },
    })
  })
}
const failure = async (promise: Promise<unknown>): Promise<ApiError> => {
  const error = await promise.catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(ApiError)
  return error as ApiError
}

beforeEach(() => {
  answered.length = 0
  setCsrf('token')
})
afterEach(() => vi.unstubAllGlobals())

describe('requests', () => {
  it('escape their query and leave out what is empty', () => {
    expect(address('units', { q: '石头 &', unit: null, limit: 5, from: '' })).toBe(
      '/api/v1/units?q=%E7%9F%B3%E5%A4%B4+%26&limit=5',
    )
    expect(listQuery({ filter: { state: 'open', day: '' }, count: true })).toMatchObject({
      'filter[state]': 'open',
      count: 1,
    })
  })
  it('carry the CSRF token only where something changes', async () => {
    answer(200, {})
    await get('meta')
    await post('posts', { name: 'x' })
    expect(answered.map((one) => one.headers.get('x-csrf-token'))).toEqual([null, 'token'])
  })
  it('say which version they change', async () => {
    answer(200, {})
    await patch('posts/1', 7, { name: 'x' })
    expect(answered[0]?.headers.get('if-match')).toBe('"7"')
  })
})

describe('failures', () => {
  it('keep the problems by field', async () => {
    const problems = [
      { field: 'name', code: 'required', zh: '必填', en: 'Required' },
      { field: 'shifts[3].start', code: 'too_short', zh: '太短', en: 'Too short' },
      { field: 'elsewhere', code: 'odd', zh: '奇怪', en: 'Odd' },
      { field: null, code: 'quota', zh: '太多', en: 'Too many' },
    ]
    answer(422, { title: 'Invalid', status: 422, code: 'invalid', problems })
    const error = await failure(post('posts', {}))
    const sorted = byField(error, ['name', 'shifts'])
    expect(sorted.get('name')).toEqual(['必填'])
    expect(sorted.get('shifts')).toEqual(['shifts[3].start: 太短'])
    expect(sorted.get('')).toEqual(['elsewhere: 奇怪', '太多'])
    expect(errorText(error)).toContain('4')
  })
  it('end the session on 401, but not when a log-in is refused', async () => {
    const ended = vi.fn()
    onUnauthorized(ended)
    answer(401, { title: 'No', status: 401, code: 'unauthenticated' })
    await failure(post('sessions', { login: 'a', password: 'b' }))
    expect(ended).not.toHaveBeenCalled()
    await failure(get('meta'))
    expect(ended).toHaveBeenCalledOnce()
    onUnauthorized(() => {})
  })
  it('without a network are told from refusals', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed to fetch')))
    const error = await failure(get('meta'))
    expect(error.offline).toBe(true)
    expect(errorText(error)).toContain('连不上')
  })
  it('without a problem document still say something a clerk can act on', async () => {
    vi.stubGlobal('fetch', async () => new Response('<html>', { status: 502 }))
    expect(errorText(await failure(get('meta')))).toContain('管理员')
  })
  it('name the seconds to wait', async () => {
    answer(429, { title: 'Slow', status: 429, code: 'http_429' }, { 'Retry-After': '30' })
    expect(errorText(await failure(get('meta')))).toContain('30')
  })
  it('of an unknown code are shown with it', () => {
    expect(problemText({ field: 'a', code: 'strange' })).toContain('strange')
  })
})
