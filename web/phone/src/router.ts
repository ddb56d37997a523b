import { focusHeading, setTitle } from '@shared/focus.ts'
import { dictionary, lang } from '@shared/i18n.ts'
import { session } from '@shared/session.ts'
import { watch } from 'vue'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import TodayPage from './pages/TodayPage.vue'
import { people } from './vault.ts'

const t = dictionary({
  login: ['登录', 'Log in'],
  today: ['今日', 'Today'],
  sign: ['签到', 'Sign in'],
  gate: ['卡口', 'Gate'],
  team: ['班组', 'Team'],
  me: ['我的', 'Me'],
  unlock: ['进入', 'Open'],
  setup: ['设置本机密码', 'A PIN for this phone'],
  waiting: ['待上传', 'To be sent'],
  lists: ['名单', 'Lists'],
})

declare module 'vue-router' {
  interface RouteMeta {
    /** Reached without a session. */
    open?: boolean
    /** Fills the screen; the tab bar is not shown. */
    alone?: boolean
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/today' },
  {
    path: '/login',
    component: () => import('./pages/LoginPage.vue'),
    meta: { open: true, alone: true },
  },
  {
    path: '/unlock',
    component: () => import('./pages/UnlockPage.vue'),
    meta: { open: true, alone: true },
  },
  { path: '/setup', component: () => import('./pages/SetupPage.vue'), meta: { alone: true } },
  { path: '/waiting', component: () => import('./pages/WaitingPage.vue') },
  { path: '/today', component: TodayPage },
  {
    path: '/sign/:id',
    component: () => import('./pages/SignPage.vue'),
    meta: { alone: true },
  },
  { path: '/gate', component: () => import('./pages/GatePage.vue') },
  { path: '/gate/handover', component: () => import('./pages/HandoverPage.vue') },
  { path: '/lists/:plural', component: () => import('./pages/ListPage.vue'), props: true },
  { path: '/lists/:plural/:id', component: () => import('./pages/RecordPage.vue'), props: true },
  { path: '/team', component: () => import('./pages/TeamPage.vue') },
  { path: '/me', component: () => import('./pages/MePage.vue') },
  { path: '/:rest(.*)*', redirect: '/today' },
]

export const router = createRouter({
  history: createWebHistory('/'),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach((to) => {
  // before the server has said who is here, the frame shows nothing of the page anyway
  if (!session.known) return true
  if (!session.user && !to.meta.open) {
    const path = people.value.some((one) => one.usable) ? '/unlock' : '/login'
    return { path, query: { to: to.fullPath } }
  }
  return true
})

const WORDS = [
  'login',
  'unlock',
  'setup',
  'waiting',
  'today',
  'sign',
  'gate',
  'lists',
  'team',
  'me',
] as const
const title = () => {
  const place = router.currentRoute.value.path.split('/')[1]
  const word = WORDS.find((name) => name === place)
  setTitle(word ? t(word) : '')
}
router.afterEach((to, from) => {
  title()
  if (to.path !== from.path && from.matched.length > 0) void focusHeading()
})
watch(lang, title)
