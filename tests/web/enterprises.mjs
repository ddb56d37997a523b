// What the tests of the daily return set up before they look: a template of their own, enterprises that
// owe it, and the links by which they answer.
import { call } from './homes.mjs'

export const day = '2020-05-08'

export async function must(page, method, path, body) {
  const { status, data } = await call(page, method, path, body)
  if (status !== 201 && status !== 200) {
    throw new Error(`${method} ${path}: ${status} ${JSON.stringify(data)}`)
  }
  return data
}

const fields = [
  {
    code: 'total',
    place: 1,
    label_zh: '职工总数',
    label_en: 'Staff',
    source: 'enterprise',
    key: 'staff.total',
    definition_zh: '与本企业有劳动关系的人数',
    definition_en: 'people employed',
    group_zh: '人数',
    group_en: 'People',
  },
  {
    code: 'away',
    place: 2,
    label_zh: '在外未返',
    label_en: 'Away',
    source: 'staff_lines',
    key: 'staff.away',
    definition_zh: '已离京、当日尚未返京',
    definition_en: 'left and not back that day',
    group_zh: '人数',
    group_en: 'People',
  },
  {
    code: 'here',
    place: 3,
    label_zh: '在京人数',
    label_en: 'In town',
    source: 'formula',
    key: 'total - away',
    definition_zh: '职工总数减在外未返',
    definition_en: 'staff less those away',
    group_zh: '人数',
    group_en: 'People',
  },
  {
    code: 'present',
    place: 4,
    label_zh: '到岗',
    label_en: 'At work',
    key: 'staff.present',
    definition_zh: '当日在岗，不是返京',
    definition_en: 'at the post that day',
    group_zh: '到岗情况',
    group_en: 'At work',
  },
  {
    code: 'home',
    place: 5,
    label_zh: '居家办公',
    label_en: 'Working from home',
    definition_zh: '当日在家办公',
    definition_en: 'working from home that day',
    group_zh: '到岗情况',
    group_en: 'At work',
  },
  {
    code: 'fever',
    place: 6,
    label_zh: '新发热人数',
    label_en: 'New fevers',
    carries: false,
    definition_zh: '当日新增发热',
    definition_en: 'new fevers of the day',
    group_zh: '健康',
    group_en: 'Health',
  },
]

/** Where nobody of the model case stands, so that only the test's own enterprises owe its returns. */
const PLACE = '110102017098'

/** The community is made once per data; what the model case asks for there ends the day before. */
async function place(page) {
  const { status, data } = await call(page, 'POST', 'units', {
    code: PLACE,
    name: '试填社区居委会',
    kind: 'community',
    parent: '110102017000',
  })
  if (status !== 201 && status !== 422) throw new Error(`${PLACE}: ${status} ${JSON.stringify(data)}`)
  const asked = await must(page, 'GET', 'return-templates?filter[code]=union-daily')
  for (const one of asked.items.filter((item) => item.state === 'published')) {
    await must(page, 'POST', `return-templates/${one.id}/withdraw`, { valid_to: '2020-05-07' })
  }
}

/** A published template of that community, issued by the district; done once per data. */
export async function template(page, code) {
  await place(page)
  const made = await must(page, 'POST', 'return-templates', {
    code,
    name: `企业防疫日报${code}`,
    name_en: `Daily return ${code}`,
    unit: PLACE,
    valid_from: '2020-05-01',
    deadline: '23:00',
    cutoff: '17:00',
  })
  for (const field of fields)
    await must(page, 'POST', 'template-fields', { template: made.id, ...field })
  await must(page, 'POST', 'template-checks', {
    template: made.id,
    left_side: 'present + home',
    operator: 'le',
    right_side: 'here',
    words_zh: '到岗与居家之和不超过在京人数',
    words_en: 'at work and at home within those in town',
  })
  await must(page, 'POST', `return-templates/${made.id}/publish`, {})
  return made
}

export const enterprise = (page, name, more = {}) =>
  must(page, 'POST', 'enterprises', {
    name,
    unit: PLACE,
    headcount: 30,
    phone: '13800000418',
    contact: '试联系',
    ...more,
  })

export const report = (page, of, code, values, more = {}) =>
  must(page, 'POST', 'daily-returns', {
    enterprise: of.id,
    template: code,
    channel: 'phone',
    values,
    ...more,
  })

export const linkOf = async (page, of) =>
  (await must(page, 'POST', `enterprises/${of.id}/link`, {})).path
