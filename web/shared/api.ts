// The one way to the server: JSON in and out, problem documents as errors, the CSRF header on what
// changes something, ETag and If-Match for records. Nothing here knows of pages.
import type { Problem as Document, FieldProblem } from '@server/types.ts'
import type { Some } from './types.ts'

/** Also what a page finds wrong by itself, before it asks: that has a place and a code alone. */
export type Problem = Partial<Omit<FieldProblem, 'field' | 'code'>> & {
  /** null where it concerns no field in particular */
  field: string | null
  code: string
}
export type ProblemDocument = Omit<
  Some<Document, 'type' | 'title_zh'>,
  'code' | 'problems' | 'current'
> & {
  code: string
  problems?: Problem[]
  current?: Record<string, unknown>
}

export class ApiError extends Error {
  readonly status: number
  readonly doc: ProblemDocument
  readonly retryAfter: number | null

  constructor(doc: ProblemDocument, retryAfter: number | null = null) {
    super(doc.title)
    this.name = 'ApiError'
    this.status = doc.status
    this.doc = doc
    this.retryAfter = retryAfter
  }

  get code(): string {
    return this.doc.code
  }

  get problems(): Problem[] {
    return this.doc.problems ?? []
  }

  /** The server was not reached at all: no network, or it is not running. */
  get offline(): boolean {
    return this.status === 0
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>

export interface Options {
  query?: Query
  body?: unknown
  rev?: number | string
  headers?: Record<string, string>
  signal?: AbortSignal
  /** A registered phone's own credential, in place of the session's. */
  device?: string
  /** With the browser's session, whoever it belongs to. */
  cookie?: boolean
}

export interface Answer<T> {
  data: T
  status: number
  headers: Headers
}

const state = { csrf: '', unauthorized: () => {}, linked: true }

export const setCsrf = (token: string) => {
  state.csrf = token
}
export const csrf = () => state.csrf

/** Whether requests carry the session's cookie: on a phone that several share it may be another's. */
export const setLinked = (on: boolean) => {
  state.linked = on
}

/** Called when the server says that the session has ended, on any request but the log-in itself. */
export const onUnauthorized = (handler: () => void) => {
  state.unauthorized = handler
}

export function address(path: string, query?: Query): string {
  const url = `/api/v1/${path.replace(/^\//, '')}`
  const args = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') args.set(key, String(value))
  }
  const text = args.toString()
  return text ? `${url}?${text}` : url
}

const unreached: ProblemDocument = {
  title: 'The server cannot be reached',
  title_zh: '连不上服务器',
  status: 0,
  code: 'offline',
}

async function problemOf(response: Response): Promise<ProblemDocument> {
  const fallback: ProblemDocument = {
    title: `The server answered ${response.status}`,
    title_zh: `服务器回答 ${response.status}`,
    status: response.status,
    code: `http_${response.status}`,
  }
  if (!/json/.test(response.headers.get('content-type') ?? '')) return fallback
  try {
    return { ...fallback, ...((await response.json()) as Partial<ProblemDocument>) }
  } catch {
    return fallback
  }
}

export async function send(method: string, path: string, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
  let body: BodyInit | null = null
  if (options.body instanceof Blob) body = options.body
  else if (options.body !== undefined) {
    body = JSON.stringify(options.body)
    headers['Content-Type'] = 'application/json'
  }
  const opening = method === 'POST' && /^\/?(sessions|invitations\/(accept|look))$/.test(path)
  const cookie = !options.device && (state.linked || opening || options.cookie === true)
  if (options.device) headers.Authorization = `Device ${options.device}`
  else if (method !== 'GET' && method !== 'HEAD' && state.csrf) headers['X-CSRF-Token'] = state.csrf
  if (options.rev !== undefined) headers['If-Match'] = `"${options.rev}"`
  let response: Response
  try {
    response = await fetch(address(path, options.query), {
      method,
      headers,
      body,
      credentials: cookie ? 'same-origin' : 'omit',
      ...(options.signal ? { signal: options.signal } : {}),
    })
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiError(unreached)
  }
  if (response.ok) return response
  const after = Number(response.headers.get('retry-after'))
  const error = new ApiError(await problemOf(response), after > 0 ? after : null)
  if (error.status === 401 && !opening && !options.device) state.unauthorized()
  throw error
}

export async function call<T>(
  method: string,
  path: string,
  options: Options = {},
): Promise<Answer<T>> {
  const response = await send(method, path, options)
  const text = response.status === 204 ? '' : await response.text()
  const data = (text ? JSON.parse(text) : null) as T
  return { data, status: response.status, headers: response.headers }
}

const dataOf = async <T>(answer: Promise<Answer<T>>): Promise<T> => (await answer).data

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  dataOf(call<T>('GET', path, { ...(query ? { query } : {}), ...(signal ? { signal } : {}) }))
export const post = <T>(path: string, body?: unknown, options: Options = {}): Promise<T> =>
  dataOf(call<T>('POST', path, { body: body ?? {}, ...options }))
export const patch = <T>(path: string, rev: number | string, body: unknown): Promise<T> =>
  dataOf(call<T>('PATCH', path, { body, rev }))
export const del = (path: string): Promise<null> => dataOf(call<null>('DELETE', path))

/** Sends a request whose answer is a file, and hands it to the browser's own download. */
export async function download(
  path: string,
  body: unknown,
  fallbackName: string,
  accept = '*/*',
): Promise<string> {
  const response = await send('POST', path, { body, headers: { Accept: accept } })
  const disposition = response.headers.get('content-disposition') ?? ''
  const starred = disposition.match(/filename\*=UTF-8''([^;]+)/i)?.[1]
  const plain = disposition.match(/filename="?([^";]+)"?/i)?.[1]
  const name = starred ? decodeURIComponent(starred) : (plain ?? fallbackName)
  saveAs(await response.blob(), name)
  return name
}

export function saveAs(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
