import { focusHeading, setTitle } from '@shared/focus.ts'
import { dictionary } from '@shared/i18n.ts'
import { hasRight, loadMeta, meta } from '@shared/meta.ts'
import { restore, session } from '@shared/session.ts'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'

const t = dictionary({
  login: ['登录', 'Log in'],
  password: ['修改密码', 'Change password'],
  overview: ['概况', 'Overview'],
  units: ['单位', 'Units'],
  alarms: ['报警', 'Alarms'],
  todo: ['我的待办', 'My to-do'],
  roster: ['排班', 'Roster'],
  gate: ['进出记录', 'Gate log'],
  clashes: ['冲突', 'Clashes'],
  visitors: ['访客', 'Visitors'],
  passes: ['出入证', 'Passes'],
  homes: ['小区与住户', 'Homes'],
  calls: ['电话代报', 'Calls'],
  chase: ['催报名单', 'Chase list'],
  inbox: ['接龙与表格', 'Chats and sheets'],
  consolidation: ['日报汇总', 'Consolidation'],
  resumption: ['复工复产', 'Back to work'],
  houses: ['楼宇与园区', 'Buildings and parks'],
  unanswered: ['四方责任空缺', 'Where nobody answers'],
  gaps: ['防控盲点', 'Gaps in prevention'],
  templates: ['报表模板', 'Return templates'],
  devices: ['手机与同步', 'Phones and sync'],
  import: ['导入', 'Import'],
  registers: ['全部登记', 'All registers'],
  accounts: ['账号与授权', 'Accounts'],
  operation: ['行动与规则', 'Operation'],
  audit: ['审计', 'Audit'],
  outbox: ['发件箱', 'Outbox'],
  settings: ['设置', 'Settings'],
  enterprises: ['企业', 'Enterprises'],
  about: ['关于', 'About'],
})

type TitleKey = Parameters<typeof t>[0]
declare module 'vue-router' {
  interface RouteMeta {
    title?: TitleKey
    /** Reached without a session, and without the shell around it. */
    open?: boolean
  }
}

const routes: RouteRecordRaw[] = [
  {
    path: '/login',
    component: () => import('./pages/LoginPage.vue'),
    meta: { title: 'login', open: true },
  },
  {
    path: '/password',
    component: () => import('./pages/PasswordPage.vue'),
    meta: { title: 'password' },
  },
  { path: '/', component: () => import('./pages/OverviewPage.vue'), meta: { title: 'overview' } },
  {
    path: '/units/new',
    component: () => import('./pages/NewPage.vue'),
    props: { plural: 'units' },
  },
  {
    path: '/units/:code?',
    component: () => import('./pages/UnitsPage.vue'),
    props: true,
    meta: { title: 'units' },
  },
  { path: '/todo', component: () => import('./pages/TodoPage.vue'), meta: { title: 'todo' } },
  { path: '/alarms', component: () => import('./pages/AlarmsPage.vue'), meta: { title: 'alarms' } },
  {
    path: '/responders/:id([0-9a-f-]{36})',
    component: () => import('./pages/PersonPage.vue'),
    props: true,
  },
  {
    path: '/batches/:id([0-9a-f-]{36})',
    component: () => import('./pages/BatchPage.vue'),
    props: true,
  },
  {
    path: '/roster',
    component: () => import('./roster/RosterPage.vue'),
    meta: { title: 'roster' },
  },
  { path: '/gate', component: () => import('./pages/GatePage.vue'), meta: { title: 'gate' } },
  {
    path: '/clashes',
    component: () => import('./pages/ClashesPage.vue'),
    meta: { title: 'clashes' },
  },
  {
    path: '/visitors',
    component: () => import('./pages/VisitorsPage.vue'),
    meta: { title: 'visitors' },
  },
  { path: '/passes', component: () => import('./pages/PassesPage.vue'), meta: { title: 'passes' } },
  {
    path: '/passes/:id([0-9a-f-]{36})',
    component: () => import('./pages/PassPage.vue'),
    props: true,
  },
  {
    path: '/homes/:building([0-9a-f-]{36})?',
    component: () => import('./pages/HomesPage.vue'),
    props: true,
    meta: { title: 'homes' },
  },
  {
    path: '/households/:id([0-9a-f-]{36})',
    component: () => import('./pages/HouseholdPage.vue'),
    props: true,
  },
  {
    path: '/calls',
    component: () => import('./enterprises/CallPage.vue'),
    meta: { title: 'calls' },
  },
  {
    path: '/chase',
    component: () => import('./enterprises/ChasePage.vue'),
    meta: { title: 'chase' },
  },
  {
    path: '/enterprises',
    component: () => import('./enterprises/EnterprisesPage.vue'),
    meta: { title: 'enterprises' },
  },
  {
    path: '/inbox',
    component: () => import('./enterprises/InboxPage.vue'),
    meta: { title: 'inbox' },
  },
  {
    path: '/consolidation',
    component: () => import('./enterprises/ConsolidationPage.vue'),
    meta: { title: 'consolidation' },
  },
  {
    path: '/resumption',
    component: () => import('./enterprises/ResumptionPage.vue'),
    meta: { title: 'resumption' },
  },
  {
    path: '/houses',
    component: () => import('./enterprises/HousesPage.vue'),
    meta: { title: 'houses' },
  },
  {
    path: '/buildings/:id([0-9a-f-]{36})',
    component: () => import('./enterprises/BuildingPage.vue'),
    props: true,
  },
  {
    path: '/unanswered',
    component: () => import('./enterprises/UnansweredPage.vue'),
    meta: { title: 'unanswered' },
  },
  {
    path: '/prevention-gaps/:rest(.*)?',
    redirect: (to) => `/hazards/${String(to.params.rest ?? '')}`,
  },
  {
    path: '/hazards',
    component: () => import('./enterprises/GapsPage.vue'),
    meta: { title: 'gaps' },
  },
  {
    path: '/hazards/:id([0-9a-f-]{36})',
    component: () => import('./enterprises/GapPage.vue'),
    props: true,
  },
  {
    path: '/return-templates',
    component: () => import('./enterprises/TemplatesPage.vue'),
    meta: { title: 'templates' },
  },
  {
    path: '/return-templates/:id([0-9a-f-]{36})',
    component: () => import('./enterprises/TemplatePage.vue'),
    props: true,
  },
  { path: '/filings/new', component: () => import('./enterprises/FilingNewPage.vue') },
  {
    path: '/filings/:id([0-9a-f-]{36})',
    component: () => import('./enterprises/FilingPage.vue'),
    props: true,
  },
  {
    path: '/enterprises/:id([0-9a-f-]{36})',
    component: () => import('./enterprises/EnterprisePage.vue'),
    props: true,
  },
  {
    path: '/devices',
    component: () => import('./pages/DevicesPage.vue'),
    meta: { title: 'devices' },
  },
  { path: '/import', component: () => import('./pages/ImportPage.vue'), meta: { title: 'import' } },
  {
    path: '/registers',
    component: () => import('./pages/RegistersPage.vue'),
    meta: { title: 'registers' },
  },
  { path: '/registers/:plural', component: () => import('./pages/ListPage.vue'), props: true },
  {
    path: '/accounts',
    component: () => import('./pages/AccountsPage.vue'),
    meta: { title: 'accounts' },
  },
  {
    path: '/operation',
    component: () => import('./pages/OperationPage.vue'),
    meta: { title: 'operation' },
  },
  { path: '/audit', component: () => import('./pages/AuditPage.vue'), meta: { title: 'audit' } },
  { path: '/outbox', component: () => import('./pages/OutboxPage.vue'), meta: { title: 'outbox' } },
  {
    path: '/settings',
    component: () => import('./pages/SettingsPage.vue'),
    meta: { title: 'settings' },
  },
  { path: '/about', component: () => import('./pages/AboutPage.vue'), meta: { title: 'about' } },
  { path: '/:plural/new', component: () => import('./pages/NewPage.vue'), props: true },
  { path: '/:plural/:id', component: () => import('./pages/RecordRoute.vue'), props: true },
  { path: '/:plural', component: () => import('./pages/ListPage.vue'), props: true },
]

export const router = createRouter({
  history: createWebHistory('/desk/'),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to) => {
  if (!session.known) {
    try {
      await restore()
    } catch {
      if (!to.meta.open) return { path: '/login', query: { to: to.fullPath } }
    }
  }
  if (to.meta.open) return session.user ? '/' : true
  if (!session.user) return { path: '/login', query: to.path === '/' ? {} : { to: to.fullPath } }
  if (session.user.must_change_password && to.path !== '/password') return '/password'
  if (!meta.value) await loadMeta()
  // The overview is nothing but figures; who may read none begins with the own work.
  if (to.path === '/' && !hasRight('figure.read')) return '/todo'
  return true
})

router.afterEach((to, from) => {
  if (to.meta.title) setTitle(t(to.meta.title))
  if (to.path !== from.path && from.matched.length) void focusHeading()
})
