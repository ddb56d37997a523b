// The side menu: what a coordinator uses, by area. An entry with a kind shows only to those who may
// read that kind; kinds that stand nowhere here are reached through "all registers".
import type { Label } from '@shared/meta.ts'

export interface NavItem extends Label {
  to: string
  kind?: string
  /** Shown only to someone who has this right somewhere. */
  right?: string
  /** Shown only to someone who may do this with any kind. */
  may?: 'import' | 'create'
}
export interface NavGroup extends Label {
  items: NavItem[]
  /** Shown when one is there, or has opened it. */
  folded?: boolean
}

export const nav: NavGroup[] = [
  {
    zh: '总览',
    en: 'Overview',
    items: [
      { to: '/', zh: '概况', en: 'Overview' },
      { to: '/alarms', zh: '报警', en: 'Alarms', kind: 'alarm' },
      { to: '/units', zh: '单位', en: 'Units', kind: 'unit' },
    ],
  },
  {
    zh: '卡口',
    en: 'Gates',
    items: [
      { to: '/gate', zh: '进出记录', en: 'Gate log', kind: 'gate_event' },
      { to: '/clashes', zh: '冲突', en: 'Clashes', kind: 'clash' },
      { to: '/visitors', zh: '访客', en: 'Visitors', kind: 'visitor' },
      { to: '/passes', zh: '出入证', en: 'Passes', kind: 'pass' },
      { to: '/handovers', zh: '交接班', en: 'Handovers', kind: 'handover' },
    ],
  },
  {
    zh: '居民',
    en: 'Residents',
    items: [
      { to: '/homes', zh: '小区与住户', en: 'Homes', kind: 'household' },
      { to: '/residents', zh: '居民', en: 'Residents', kind: 'resident' },
      { to: '/building-heads', zh: '楼长', en: 'Building heads', kind: 'building_head' },
    ],
  },
  {
    zh: '企业',
    en: 'Enterprises',
    items: [
      { to: '/calls', zh: '电话代报', en: 'Calls', right: 'daily_return.create' },
      { to: '/inbox', zh: '接龙与表格', en: 'Chats and sheets', right: 'daily_return.create' },
      { to: '/chase', zh: '催报名单', en: 'Chase list', kind: 'daily_return' },
      { to: '/enterprises', zh: '企业', en: 'Enterprises', kind: 'enterprise' },
      { to: '/daily-returns', zh: '日报', en: 'Daily returns', kind: 'daily_return' },
      { to: '/consolidation', zh: '日报汇总', en: 'Consolidation', kind: 'consolidation' },
      { to: '/resumption', zh: '复工复产', en: 'Back to work', kind: 'filing' },
      { to: '/filings', zh: '复工备案', en: 'Filings', kind: 'filing' },
      { to: '/houses', zh: '楼宇与园区', en: 'Buildings', kind: 'enterprise' },
      { to: '/unanswered', zh: '四方责任空缺', en: 'Nobody answers', kind: 'responsibility' },
      { to: '/prevention-gaps', zh: '防控盲点', en: 'Gaps', kind: 'prevention_gap' },
      { to: '/return-templates', zh: '报表模板', en: 'Templates', kind: 'return_template' },
    ],
  },
  {
    zh: '值守',
    en: 'Duty',
    items: [
      { to: '/roster', zh: '排班', en: 'Roster', kind: 'shift' },
      { to: '/posts', zh: '值勤点', en: 'Posts', kind: 'post' },
      { to: '/sign-ins', zh: '签到', en: 'Sign-ins', kind: 'sign_in' },
    ],
  },
  {
    zh: '力量',
    en: 'People',
    items: [
      { to: '/responders', zh: '人员', en: 'Responders', kind: 'responder' },
      { to: '/batches', zh: '批次', en: 'Batches', kind: 'batch' },
      { to: '/deployments', zh: '下沉', en: 'Deployments', kind: 'deployment' },
      { to: '/pairings', zh: '对口支援', en: 'Paired support', kind: 'pairing' },
    ],
  },
  {
    zh: '数据',
    en: 'Data',
    items: [
      { to: '/import', zh: '导入', en: 'Import', may: 'import' },
      { to: '/registers', zh: '全部登记', en: 'All registers' },
    ],
  },
  {
    zh: '管理',
    en: 'Administration',
    folded: true,
    items: [
      { to: '/accounts', zh: '账号与授权', en: 'Accounts', kind: 'account' },
      { to: '/devices', zh: '手机与同步', en: 'Phones and sync', kind: 'device' },
      { to: '/operation', zh: '行动与规则', en: 'Operation', kind: 'operation' },
      { to: '/audit', zh: '审计', en: 'Audit', right: 'audit.read' },
      { to: '/outbox', zh: '发件箱', en: 'Outbox', kind: 'outbox_message' },
      { to: '/settings', zh: '设置', en: 'Settings', right: 'setting.manage' },
      { to: '/about', zh: '关于', en: 'About' },
    ],
  },
]
