// The side menu: the kinds where their areas' rows say (`meta`), and between them the pages that are made
// by hand, by the same orders. A kind that names no group is reached through "all registers".
import type { Kind, Label, Meta } from '@shared/meta.ts'
import { pluralWords } from './record/values.ts'

export interface NavItem extends Label {
  to: string
  order: number
}
export interface NavGroup extends Label {
  items: NavItem[]
  /** Shown when one is there, or has opened it. */
  folded?: boolean
}
interface OwnPage extends NavItem {
  group: string
  /** Shown only to those who may read that kind. */
  kind?: string
  /** Shown only to someone who has this right somewhere. */
  right?: string
  /** Shown only to someone who may do this with any kind. */
  may?: 'import' | 'create'
}

const pages: OwnPage[] = [
  { group: 'overview', order: 10, to: '/', zh: '概况', en: 'Overview', right: 'figure.read' },
  { group: 'overview', order: 15, to: '/todo', zh: '我的待办', en: 'My to-do' },
  { group: 'gates', order: 10, to: '/gate', zh: '进出记录', en: 'Gate log', kind: 'gate_event' },
  { group: 'residents', order: 10, to: '/homes', zh: '小区与住户', en: 'Homes', kind: 'household' },
  {
    group: 'enterprises',
    order: 10,
    to: '/calls',
    zh: '电话代报',
    en: 'Calls',
    right: 'daily_return.create',
  },
  {
    group: 'enterprises',
    order: 20,
    to: '/inbox',
    zh: '接龙与表格',
    en: 'Chats and sheets',
    right: 'daily_return.create',
  },
  {
    group: 'enterprises',
    order: 30,
    to: '/chase',
    zh: '催报名单',
    en: 'Chase list',
    kind: 'daily_return',
  },
  {
    group: 'enterprises',
    order: 60,
    to: '/consolidation',
    zh: '日报汇总',
    en: 'Consolidation',
    kind: 'consolidation',
  },
  {
    group: 'enterprises',
    order: 70,
    to: '/resumption',
    zh: '复工复产',
    en: 'Back to work',
    kind: 'filing',
  },
  {
    group: 'enterprises',
    order: 90,
    to: '/houses',
    zh: '楼宇与园区',
    en: 'Buildings',
    kind: 'enterprise',
  },
  {
    group: 'enterprises',
    order: 100,
    to: '/unanswered',
    zh: '四方责任空缺',
    en: 'Nobody answers',
    kind: 'responsibility',
  },
  { group: 'duty', order: 10, to: '/roster', zh: '排班', en: 'Roster', kind: 'shift' },
  { group: 'data', order: 10, to: '/import', zh: '导入', en: 'Import', may: 'import' },
  { group: 'data', order: 20, to: '/registers', zh: '全部登记', en: 'All registers' },
  { group: 'admin', order: 10, to: '/accounts', zh: '账号与授权', en: 'Accounts', kind: 'account' },
  {
    group: 'admin',
    order: 30,
    to: '/operation',
    zh: '行动与规则',
    en: 'Operation',
    kind: 'operation',
  },
  { group: 'admin', order: 40, to: '/audit', zh: '审计', en: 'Audit', right: 'audit.read' },
  { group: 'admin', order: 50, to: '/outbox', zh: '发件箱', en: 'Outbox', kind: 'outbox_message' },
  {
    group: 'admin',
    order: 60,
    to: '/settings',
    zh: '设置',
    en: 'Settings',
    right: 'setting.manage',
  },
  { group: 'admin', order: 70, to: '/about', zh: '关于', en: 'About' },
]

const itemOf = (kind: Kind): NavItem => ({
  to: `/${kind.plural}`,
  order: kind.screen?.order ?? 0,
  zh: kind.screen?.zh ?? kind.zh,
  en: kind.screen?.en ?? pluralWords(kind),
})

/** What this viewer has in the menu. */
export function menuOf(of: Meta): NavGroup[] {
  const allowed = (page: OwnPage) => {
    if (page.right) return of.rights?.includes(page.right) === true
    if (page.may) return of.kinds.some((kind) => kind.may[page.may ?? 'create'])
    return !page.kind || of.kinds.some((kind) => kind.name === page.kind && kind.may.read)
  }
  return (of.groups ?? [])
    .map((group) => ({
      ...group,
      items: [
        ...pages.filter((page) => page.group === group.code && allowed(page)),
        ...of.kinds
          .filter((kind) => kind.screen?.group === group.code && kind.may.read)
          .map(itemOf),
      ].sort((a, b) => a.order - b.order),
    }))
    .filter((group) => group.items.length)
}
