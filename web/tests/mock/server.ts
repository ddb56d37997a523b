// Answers as the API does, from fixtures in memory. For working on pages and for tests of the pages
// alone; the real tests run against the real server.
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  accounts,
  nextId,
  people,
  posts,
  type Rec,
  store,
  today,
  type Unit,
  units,
  uref,
} from './data.ts'
import { indicators } from './indicators.ts'
import { groups, kinds } from './kinds.ts'

type Reply = { status: number; body?: unknown; headers?: Record<string, string> }
const ok = (body: unknown, status = 200): Reply => ({ status, body })
const problem = (status: number, code: string, zh: string, en: string, more = {}): Reply => ({
  status,
  body: { title: en, title_zh: zh, status, code, ...more },
  headers: { 'Content-Type': 'application/problem+json' },
})
let who: Rec | null = null
const invalid = (problems: unknown[]) =>
  problem(422, 'invalid', '有内容需要改正', 'Some fields need correcting', { problems })

const below = (one: Unit): Unit[] => units.filter((other) => other.parent === one.id)
const unitOut = (one: Unit) => ({
  ...one,
  parent: uref(units.find((other) => other.id === one.parent)),
  rev: 1,
  aliases: [],
  valid_from: '2016-01-01',
})

function session(): Reply {
  if (!who) return problem(401, 'unauthenticated', '请登录', 'Log in first')
  return ok({
    csrf: 'mock',
    user: {
      id: who.id,
      login: who.login,
      name: who.name,
      language: 'zh',
      unit: who.unit,
      roles: ['city_duty'],
      must_change_password: false,
    },
  })
}

function figuresFor(one: Unit): Record<string, number> {
  const size = { city: 210, district: 30, subdistrict: 5, community: 1 }[one.kind] ?? 0
  const base = size * (3 + (one.id % 4))
  const due = one.kind === 'federation' ? 0 : base
  const late = Math.floor(due / 17)
  const excused = Math.floor(due / 29)
  const absent = Math.floor(due / 83)
  const unheard = Math.floor(due / 41)
  return {
    'people.due': due,
    'people.present': due - late - excused - absent - unheard,
    'people.late': late,
    'people.excused': excused,
    'people.absent': absent,
    'people.unheard': unheard,
    'people.seconded': base * 3,
    'people.seconded_dual': Math.floor(base * 1.6),
    'people.seconded_other': Math.floor(base / 9),
    'people.received': base * 2,
    'deploy.batches': 7,
    'deploy.person_times': 90,
    'deploy.planned': 175,
    'deploy.communities': 16,
    'gate.in': base * 211,
    'gate.out': base * 198,
    'gate.inside': base * 13,
    'gate.vehicles': base * 9,
    'gate.abnormal': Math.floor(base / 40),
    'gate.refused': Math.floor(base / 23),
  }
}

function matches(row: Rec, field: string, value: string): boolean {
  const raw = row[field]
  const flat =
    raw && typeof raw === 'object' && !Array.isArray(raw)
      ? [String((raw as { id: unknown }).id), String((raw as { code?: string }).code)]
      : [String(raw)]
  if (value.startsWith('~')) return flat.some((one) => one.includes(value.slice(1)))
  if (value.includes('..')) {
    const [from, to] = value.split('..')
    return flat.some((one) => (!from || one >= from) && (!to || one.slice(0, 10) <= to))
  }
  if (field === 'unit' || Array.isArray(raw)) return Array.isArray(raw) ? raw.includes(value) : true
  return value.split(',').some((one) => flat.includes(one))
}

function listed(plural: string, args: URLSearchParams): Reply {
  let rows: Rec[] =
    plural === 'units'
      ? units.map((one) => unitOut(one) as unknown as Rec)
      : [...(store[plural] ?? [])]
  for (const [key, value] of args) {
    const field = key.match(/^filter\[(\w+)\]$/)?.[1]
    if (field) rows = rows.filter((row) => matches(row, field, value))
  }
  const q = args.get('q')
  if (q) rows = rows.filter((row) => JSON.stringify(row).includes(q))
  const sort = args.get('sort')
  if (sort) {
    const name = sort.replace(/^-/, '')
    rows.sort(
      (a, b) => String(a[name]).localeCompare(String(b[name])) * (sort.startsWith('-') ? -1 : 1),
    )
  }
  const start = Number(args.get('after') ?? 0)
  const limit = Number(args.get('limit') ?? 50)
  const items = rows.slice(start, start + limit)
  return ok({
    items,
    next: start + limit < rows.length ? String(start + limit) : null,
    total: rows.length,
  })
}

function fill(plural: string, body: Record<string, unknown>): Record<string, unknown> {
  const kind = kinds.find((one) => one.plural === plural)
  const out: Record<string, unknown> = { ...body }
  for (const field of kind?.fields ?? []) {
    const value = body[field.name]
    if (value === null || value === undefined) continue
    if (field.type === 'unit')
      out[field.name] = uref(units.find((one) => one.code === value || one.id === Number(value)))
    if (field.type === 'ref') {
      const target = kinds.find((one) => one.name === field.ref)?.plural ?? ''
      const row = store[target]?.find((one) => one.id === value)
      out[field.name] = row
        ? { id: row.id, title: String(row.name ?? row.login ?? row.title ?? '') }
        : null
    }
  }
  return out
}

function created(plural: string, body: Record<string, unknown>): Reply {
  const kind = kinds.find((one) => one.plural === plural)
  const problems = (kind?.fields ?? [])
    .filter((field) => field.required && body[field.name] === undefined)
    .map((field) => ({ field: field.name, code: 'required', zh: '必填', en: 'Required' }))
  if (problems.length) return invalid(problems)
  if (plural === 'assignments' && people.findIndex((one) => one.id === body.responder) % 9 === 4)
    return invalid([
      {
        field: 'responder',
        code: 'overlap',
        zh: '与另一班次时间重叠',
        en: 'Overlaps another shift',
      },
    ])
  const row: Rec = {
    id: String(body.id ?? nextId()),
    rev: 1,
    created_at: '2020-05-08T17:30:00+08:00',
    updated_at: '2020-05-08T17:30:00+08:00',
    ...(kind?.states ? { state: kind.states[0]?.value ?? '' } : {}),
    ...fill(plural, body),
  }
  store[plural] ??= []
  store[plural].push(row)
  return ok(row, 201)
}

function board(): Reply {
  return ok({
    posts,
    shifts: store.shifts ?? [],
    assignments: store.assignments ?? [],
    people: people.slice(0, 40),
  })
}

const trial = {
  id: 'imp-1',
  rows: 312,
  created: 280,
  updated: 21,
  unchanged: 6,
  made: [{ kind: 'households', zh: '户', en: 'Household', n: 12 }],
  columns: [
    { header: '姓名', field: 'name', zh: '姓名', en: 'Name' },
    { header: '身份证号', field: 'id_number', zh: '证件号码', en: 'Document number' },
    { header: '联系电话', field: 'phone', zh: '手机', en: 'Mobile' },
    { header: '工作单位', field: 'employer', zh: '工作单位', en: 'Employer' },
    { header: '序号', field: null },
  ],
  problems: [
    {
      field: 'citizen_id',
      code: 'checksum',
      row: 14,
      column: 'B',
      value: '11010119800101123',
      zh: '身份证号应为 18 位',
      en: 'An ID number has 18 digits',
    },
    {
      field: 'citizen_id',
      code: 'digits_lost',
      row: 27,
      column: 'B',
      value: '1.10101E+17',
      zh: '身份证号存成了数字，末几位已丢失',
      en: 'Stored as a number; its last digits are lost',
    },
    {
      field: 'employer',
      code: 'unknown',
      row: 27,
      column: 'D',
      value: '西成区总工会',
      zh: '没有这个单位，是不是“西城区总工会”？',
      en: 'No such unit; did you mean 西城区总工会?',
    },
    {
      field: 'phone',
      code: 'duplicate',
      row: 51,
      column: 'C',
      value: '13800001234',
      warning: true,
      zh: '电话与“李芳”相同',
      en: 'The same phone as 李芳',
    },
  ],
  preview: [
    {
      name: '王**',
      citizen_id: '110101********1234',
      phone: '138****0001',
      employer: '西城区总工会',
    },
  ],
}

function special(method: string, path: string, args: URLSearchParams): Reply | null {
  if (path === 'meta')
    return ok({
      release: '0.1.0',
      rights: ['audit.read', 'session.read'],
      now: '2020-05-08T17:30:00+08:00',
      operation: {
        id: store.operations?.[0]?.id,
        code: 'bj2020',
        name: '2020年春季社区值守',
        timezone: 'Asia/Shanghai',
        today,
        policy: [
          {
            key: 'temp_threshold',
            zh: '体温阈值',
            en: 'temperature threshold',
            value: 373,
            scale: 1,
            measure: 'temp',
            min: 350,
            max: 420,
          },
        ],
      },
      areas: [
        { name: 'units', zh: '单位与行动', en: 'Units' },
        { name: 'people', zh: '人员与下沉', en: 'People' },
        { name: 'rosters', zh: '值守', en: 'Duty' },
        { name: 'gate', zh: '门岗', en: 'Gate' },
        { name: 'auth', zh: '账号', en: 'Accounts' },
        { name: 'platform', zh: '系统', en: 'System' },
      ],
      groups,
      kinds,
      indicators,
    })
  const unit = units.find((one) => one.code === (args.get('unit') ?? ''))
  if (path === 'units/tree' && unit) {
    const ancestors: Unit[] = []
    for (
      let up = units.find((one) => one.id === unit.parent);
      up;
      up = units.find((one) => one.id === up?.parent)
    )
      ancestors.unshift(up)
    const node = (one: Unit) => ({ ...uref(one), kind: one.kind, children: below(one).length })
    return ok({ unit: node(unit), path: ancestors.map(node), children: below(unit).map(node) })
  }
  if (path === 'figures' && unit)
    return ok({
      unit: unit.code,
      date: args.get('date') ?? today,
      figures: figuresFor(unit),
      complete: {
        notes: [{ zh: '3 个门岗自 14:20 起未同步', en: '3 gates not synchronised since 14:20' }],
      },
    })
  if (path === 'figures/children' && unit)
    return ok({
      unit: unit.code,
      date: today,
      rows: below(unit).map((one) => ({
        unit: { ...uref(one), kind: one.kind },
        figures: figuresFor(one),
      })),
    })
  if (path === 'figures/series')
    return ok({
      days: Array.from({ length: 30 }, (_, n) => ({
        date: new Date(Date.parse('2020-04-09') + n * 86400000).toISOString().slice(0, 10),
        value: Math.round(60 + 25 * Math.sin(n / 3) + n),
      })),
    })
  if (path === 'figures/records')
    return ok({ kind: 'deployment', items: store.deployments?.slice(0, 20), total: 130 })
  if (path === 'rosters/board') return board()
  if (path === 'shifts/generate') return ok({ made: 28, there: 4 })
  if (path === 'audit')
    return ok({
      items: (store.deployments ?? []).slice(0, 12).map((row, n) => ({
        no: n,
        at: '2020-05-08T10:00:00+08:00',
        actor: { id: '1', name: '西城区总工会' },
        action: n % 3 ? 'update' : 'reveal',
        kind: 'deployment',
        record: { id: row.id, title: '' },
        unit: row.receiver,
        detail: { fields: ['phone'] },
      })),
      next: null,
    })
  if (path === 'sessions' && method === 'GET')
    return ok({
      items: [
        {
          id: 's1',
          user: { id: '1', login: who?.login, name: who?.name },
          created_at: '2020-05-08T08:00:00+08:00',
          last_seen_at: '2020-05-08T17:29:00+08:00',
          peer: '127.0.0.1',
          current: true,
        },
        {
          id: 's2',
          user: { id: '2', login: 'gate', name: '门岗值守' },
          created_at: '2020-05-08T07:40:00+08:00',
          peer: '10.0.0.7',
        },
      ],
    })
  if (path === 'imports')
    return method === 'POST'
      ? ok(trial)
      : ok({
          items: [
            {
              id: 'i1',
              kind: 'responder',
              file: '西城区总工会名册.xlsx',
              state: 'done',
              at: '2020-02-01T10:00:00+08:00',
              by: '西城区总工会',
              rows: 90,
              created: 88,
              updated: 2,
            },
          ],
        })
  if (/^imports\/[^/]+\/run$/.test(path)) return ok({ created: 280, updated: 21 })
  if (/^batches\/[^/]+\/strength$/.test(path))
    return ok({ planned: 25, persons: 12, person_times: 14, receivers: 4 })
  if (/^responders\/[^/]+\/duplicates$/.test(path))
    return ok({
      items: path.includes(people[0]?.id ?? '-')
        ? [{ id: people[40]?.id, title: people[40]?.name, by: 'phone' }]
        : [],
    })
  return null
}

function route(
  method: string,
  path: string,
  args: URLSearchParams,
  body: Record<string, unknown>,
  ifMatch: string,
): Reply {
  if (path === 'sessions' && method === 'POST') {
    who =
      accounts.find((one) => one.login === body.login && body.password === 'shouwang-demo') ?? null
    return who
      ? { ...session(), status: 201 }
      : problem(401, 'wrong', '账号或密码不对', 'Wrong account or password')
  }
  if (path === 'invitations/accept') {
    who = accounts[0] ?? null
    return { ...session(), status: 201 }
  }
  if (path === 'sessions/current') {
    if (method !== 'DELETE') return session()
    who = null
    return { status: 204 }
  }
  if (!who) return problem(401, 'unauthenticated', '请登录', 'Log in first')
  const answer = special(method, path, args)
  if (answer) return answer
  const [plural = '', id, action] = path.split('/')
  if (!id) return method === 'POST' ? created(plural, body) : listed(plural, args)
  const rows =
    plural === 'units' ? units.map((one) => unitOut(one) as unknown as Rec) : (store[plural] ?? [])
  const row = rows.find((one) => String(one.id) === id || one.code === id)
  if (!row) return problem(404, 'not_found', '没有找到', 'Not found')
  if (action === 'page')
    return ok({ [kinds.find((one) => one.plural === plural)?.name ?? plural]: row, sections: [] })
  if (action === 'history')
    return ok({
      items: [
        {
          rev: 1,
          at: '2020-02-01T09:00:00+08:00',
          actor: { id: '1', name: '西城区总工会' },
          action: 'create',
          changes: {},
        },
        {
          rev: 2,
          at: '2020-03-01T09:00:00+08:00',
          actor: { id: '1', name: '市总值班' },
          action: 'update',
          changes: { remark: { old: null, new: '可以上夜班' } },
        },
      ],
    })
  if (action === 'reveal')
    return ok({ values: { citizen_id: '110101198001011234', phone: '13812345678' } })
  if (method === 'PATCH') {
    if (ifMatch !== `"${row.rev}"`)
      return problem(409, 'conflict', '已被别人修改', 'Changed by someone else', { current: row })
    Object.assign(row, fill(plural, body), { rev: row.rev + 1 })
    return ok(row)
  }
  if (method === 'POST' && action) {
    const kind = kinds.find((one) => one.plural === plural)
    const found = kind?.actions?.find((one) => one.name === action)
    const missing = (found?.needs ?? []).filter((name) => !body[name])
    if (missing.length)
      return invalid(
        missing.map((name) => ({ field: name, code: 'required', zh: '必填', en: 'Required' })),
      )
    Object.assign(
      row,
      fill(plural, body),
      { rev: row.rev + 1 },
      found?.to ? { state: found.to } : {},
    )
    return ok(row)
  }
  return ok(row)
}

export async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const cookie = request.headers.cookie?.match(/sw_session=(\w+)/)?.[1]
  who = accounts.find((one) => one.login === cookie) ?? null
  let body: Record<string, unknown> = {}
  if (/json/.test(request.headers['content-type'] ?? '') && chunks.length)
    body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>
  const path = url.pathname.replace(/^\/api\/v1\//, '')
  if (path === 'figures/stream') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write(': open\n\n')
    return
  }
  const reply = route(
    request.method ?? 'GET',
    path,
    url.searchParams,
    body,
    String(request.headers['if-match'] ?? ''),
  )
  response.writeHead(reply.status, {
    'Content-Type': 'application/json',
    'Set-Cookie': `sw_session=${who?.login ?? ''}; Path=/; SameSite=Strict`,
    ...reply.headers,
  })
  response.end(reply.body === undefined ? '' : JSON.stringify(reply.body))
}
