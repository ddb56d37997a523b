// Invented records for the fixture server. The same every time: no chance, no clock.
export interface Rec {
  id: string
  rev: number
  state?: string
  [field: string]: unknown
}
export interface Unit {
  id: number
  code: string
  name: string
  kind: string
  parent: number | null
  state: string
}

export const today = '2020-05-08'
const surnames = '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗'
const given = [
  '伟',
  '芳',
  '娜',
  '秀英',
  '敏',
  '静',
  '丽',
  '强',
  '磊',
  '军',
  '洋',
  '勇',
  '艳',
  '杰',
  '娟',
  '涛',
  '明',
  '超',
  '霞',
  '平',
]
export const personName = (n: number) =>
  (surnames[n % 20] ?? '王') + (given[(n * 7 + Math.floor(n / 20)) % 20] ?? '伟')
let serial = 0
export const nextId = () => {
  serial++
  return `01900000-0000-7000-8000-${serial.toString(16).padStart(12, '0')}`
}

export const units: Unit[] = []
function unit(code: string, name: string, kind: string, parent: Unit | null): Unit {
  const one = {
    id: units.length + 1,
    code,
    name,
    kind,
    parent: parent?.id ?? null,
    state: 'active',
  }
  units.push(one)
  return one
}
const city = unit('110000000000', '北京市', 'city', null)
unit('110000000000-zgh', '北京市总工会', 'federation', city)
for (const [index, name] of [
  '东城区',
  '西城区',
  '朝阳区',
  '丰台区',
  '石景山区',
  '海淀区',
  '昌平区',
].entries()) {
  const district = unit(`1101${String(index + 1).padStart(2, '0')}000000`, name, 'district', city)
  unit(`${district.code}-zgh`, `${name}总工会`, 'federation', district)
  for (let s = 1; s <= 6; s++) {
    const names = ['什刹海', '大栅栏', '广安门内', '花乡', '方庄', '北七家']
    const sub = unit(
      `${district.code.slice(0, 6)}0${String(s).padStart(2, '0')}000`,
      `${names[s - 1]}街道`,
      'subdistrict',
      district,
    )
    for (let c = 1; c <= 5; c++) {
      const communities = ['石头', '松树街', '枫树家园', '芳群园三区', '草桥村']
      unit(
        `${sub.code.slice(0, 9)}${String(c).padStart(3, '0')}`,
        `${communities[c - 1]}社区`,
        'community',
        sub,
      )
    }
  }
}
export const communities = units.filter((one) => one.kind === 'community')
const feds = units.filter((one) => one.kind === 'federation')
export const uref = (one: Unit | undefined) =>
  one ? { id: one.id, code: one.code, name: one.name } : null
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T

export const store: Record<string, Rec[]> = {}
function add(plural: string, fields: Record<string, unknown>): Rec {
  const one: Rec = {
    id: nextId(),
    rev: 1,
    created_at: '2020-01-31T09:00:00+08:00',
    updated_at: '2020-05-07T10:20:00+08:00',
    ...fields,
  }
  store[plural] ??= []
  store[plural].push(one)
  return one
}
const rref = (one: Rec | undefined, title: string) => (one ? { id: one.id, title } : null)

const operation = add('operations', {
  code: 'bj2020',
  name: '2020年春季社区值守',
  timezone: 'Asia/Shanghai',
  begins: '2020-01-26',
  ends: null,
  state: 'open',
})
add('policy-rules', {
  operation: rref(operation, '2020年春季社区值守'),
  key: 'temp_threshold',
  effective_from: '2020-01-26',
  value: 373,
  source: '京防办〔2020〕4号',
})
add('policy-rules', {
  operation: rref(operation, '2020年春季社区值守'),
  key: 'isolation_days',
  effective_from: '2020-01-26',
  value: 14,
  source: '京政办发〔2020〕5号',
})

export const people: Rec[] = []
for (let n = 0; n < 130; n++) {
  people.push(
    add('responders', {
      name: personName(n),
      sex: n % 3 ? 'm' : 'f',
      employer: uref(pick(feds, n)),
      home: uref(pick(communities, n * 3)),
      serving: n % 13 === 5 ? null : uref(communities[5]),
      citizen_id: '110101********1234',
      phone: '138****5678',
      masked: ['citizen_id', 'phone'],
      skills: n % 4 ? [] : ['drive'],
      party: n % 2 === 0,
      available_from: '2020-01-28',
      remark: n % 11 ? null : '可以上夜班',
    }),
  )
}
const batches = Array.from({ length: 7 }, (_, n) =>
  add('batches', {
    name: `西城区总工会第${n + 1}批`,
    sender: uref(feds[2]),
    planned: 25,
    begins: `2020-0${2 + Math.floor(n / 3)}-0${1 + (n % 3) * 3}`,
    ends: n < 6 ? '2020-04-30' : null,
    state: n < 6 ? 'closed' : 'active',
  }),
)
add('pairings', {
  sender: uref(feds.at(-1)),
  receiver: uref(units.find((one) => one.name.startsWith('北七家'))),
  begins: '2020-01-26',
  ends: '2020-04-02',
})
for (const [n, person] of people.entries()) {
  add('deployments', {
    responder: rref(person, personName(n)),
    sender: person.employer,
    receiver: uref(pick(communities, n)),
    route: pick(['organised', 'dual', 'volunteer'], n),
    batch: n % 3 ? null : rref(pick(batches, n), String(pick(batches, n).name)),
    slip: `XC-${String(n + 1).padStart(4, '0')}`,
    reported_on: '2020-02-01',
    released_on: n % 9 ? null : '2020-04-20',
    release_reason: n % 9 ? null : '轮换',
    state: n % 9 ? 'reported' : 'released',
  })
}
const home = communities[5]
export const posts = ['东门', '西门', '居委会', '夜间巡查'].map((name, n) =>
  add('posts', {
    name,
    unit: uref(home),
    kind: pick(['gate', 'gate', 'office', 'patrol'], n),
    required: n === 2 ? 1 : 2,
    photo_required: n < 2,
  }),
)
for (const post of posts) {
  for (const [start, end] of [
    ['08:00', '14:00'],
    ['14:00', '20:00'],
  ]) {
    add('shift-templates', {
      name: `${start === '08:00' ? '早' : '午'}班`,
      post: rref(post, String(post.name)),
      start,
      end_at: end,
      required: post.required,
    })
  }
}
const monday = 4
for (let day = 0; day < 7; day++) {
  const date = `2020-05-${String(monday + day).padStart(2, '0')}`
  for (const [p, post] of posts.entries()) {
    const times =
      p === 3
        ? [['20:00', '02:00']]
        : [
            ['08:00', '14:00'],
            ['14:00', '20:00'],
          ]
    for (const [s, [start, end]] of times.entries()) {
      const shift = add('shifts', {
        post: rref(post, String(post.name)),
        date,
        start,
        end_at: end,
        required: post.required,
        title: `${post.name} ${date} ${start}`,
      })
      const n = (day * 5 + p * 3 + s) % 3
      for (let k = 0; k < Math.min(n, Number(post.required)); k++) {
        const person = pick(people, day * 7 + p * 2 + s * 11 + k)
        const state =
          date < today ? pick(['present', 'present', 'late', 'absent'], day + p + k) : 'assigned'
        add('assignments', {
          shift: rref(shift, String(shift.title)),
          responder: rref(person, String(person.name)),
          lead: k === 0,
          state,
        })
      }
    }
  }
}
for (let n = 0; n < 240; n++) {
  const temperature = n % 37 === 0 ? 37.6 : 36 + (n % 9) / 10
  const at = 7 * 60 + n * 2
  add('gate-events', {
    who: `${personName(n)[0]}**`,
    masked: ['who'],
    post: rref(pick(posts, n % 2), String(pick(posts, n % 2).name)),
    direction: n % 5 > 2 ? 'out' : 'in',
    temperature,
    outcome: temperature >= 37.3 ? 'clinic' : n % 41 === 5 ? 'refused' : 'admitted',
    vehicle: n % 13 ? null : '京A·12345',
    day: today,
    server_at: `2020-05-08T${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}:00+08:00`,
  })
}
for (let n = 0; n < 40; n++)
  add('sign-ins', {
    responder: rref(people[n], personName(n)),
    post: rref(pick(posts, n), String(pick(posts, n).name)),
    temperature: 36.2 + (n % 6) / 10,
    server_at: '2020-05-08T07:55:00+08:00',
    on_behalf: n % 8 === 0,
  })
export const accounts = [
  'city',
  'xicheng',
  'guangnei',
  'huaxiang',
  'shitou',
  'gate',
  'store',
  'books',
  'auditor',
].map((login, n) =>
  add('users', {
    login,
    name: [
      '市总值班',
      '西城区总工会',
      '广内街道',
      '花乡地区',
      '石头社区',
      '门岗值守',
      '库管',
      '账务',
      '审计',
    ][n],
    unit: uref(n === 0 ? city : n === 4 ? home : units[8]),
    language: 'zh',
    state: n === 7 ? 'invited' : 'active',
  }),
)
for (const account of accounts)
  add('grants', {
    account: rref(account, String(account.login)),
    role: 'coordinator',
    unit: account.unit,
  })
add('alarms', {
  code: 'fever',
  unit: uref(home),
  subject: '东门 王伟',
  value: '37.6 ℃',
  severity: 3,
  raised_at: '2020-05-08T09:12:00+08:00',
  state: 'open',
  escalations: 0,
  note: null,
})
add('alarms', {
  code: 'no_show',
  unit: uref(communities[9]),
  subject: '西门 14:00 班',
  value: '1 人',
  severity: 2,
  raised_at: '2020-05-08T14:20:00+08:00',
  due_at: '2020-05-08T15:20:00+08:00',
  state: 'open',
  escalations: 1,
  note: null,
})
