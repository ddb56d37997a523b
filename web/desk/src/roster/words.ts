// Words of the roster board.
import { hours } from '@shared/format.ts'
import { dictionary } from '@shared/i18n.ts'
import type { Objection } from './board.ts'

export const t = dictionary({
  title: ['排班', 'Roster'],
  week: ['周', 'Week'],
  day: ['日', 'Day'],
  prev: ['往前', 'Back'],
  next: ['往后', 'Forward'],
  thisWeek: ['本周', 'This week'],
  generate: ['按模板生成班次', 'Shifts from templates'],
  newShift: ['新增班次', 'Add a shift'],
  templates: ['班次模板', 'Shift templates'],
  people: ['可派人员', 'People'],
  find: ['查找姓名', 'Find a name'],
  freeOnly: ['只看本段未排的', 'Unassigned only'],
  nobody: ['没有可派的人员。', 'Nobody can be assigned.'],
  held: [
    '正在安排：{who}。移到班次上按回车；Esc 放下。',
    'Placing {who}. Go to a shift and press Enter; Esc puts down.',
  ],
  help: [
    '拖动人员到班次上；或按回车拿起、方向键选班次、回车放下。',
    'Drag a person onto a shift; or Enter to pick up, arrows to choose, Enter to place.',
  ],
  noPosts: ['这个单位还没有值勤点。', 'This unit has no posts yet.'],
  addPost: ['新增值勤点', 'Add a post'],
  post: ['值勤点', 'Post'],
  noShifts: ['—', '—'],
  short: ['缺 {n}', '{n} short'],
  full: ['已满', 'full'],
  more: ['多 {n}', '{n} over'],
  lead: ['带班', 'lead'],
  assigned: ['已安排 {who}：{when}', '{who} assigned: {when}'],
  removed: ['已取消 {who} 的排班', '{who} has been taken off'],
  remove: ['取消排班', 'Take off'],
  makeLead: ['设为带班', 'Make shift lead'],
  openShift: ['查看班次', 'Open the shift'],
  openAssignment: ['查看排班记录', 'Open the assignment'],
  hoursShort: ['{n} 小时', '{n} h'],
  from: ['从', 'From'],
  to: ['到', 'To'],
  which: ['将用这些模板', 'From these templates'],
  noTemplates: ['这个单位还没有班次模板。', 'This unit has no shift templates.'],
  addTemplate: ['新增模板', 'Add a template'],
  make: ['生成', 'Make'],
  made: ['已生成 {n} 个班次，原有 {there} 个不变', '{n} shifts made, {there} were there already'],
  choose: [
    '这个范围有 {n} 个单位设了值勤点，请选一个：',
    '{n} units in this branch have posts. Choose one:',
  ],
  posts: ['{n} 个值勤点', '{n} posts'],
  coverage: [
    '本段共 {shifts} 个班次，需 {need} 人次，已排 {have}，缺 {short}',
    '{shifts} shifts, {need} needed, {have} assigned, {short} short',
  ],
  sure: ['仍要安排', 'Assign anyway'],
  objectionsTitle: ['请确认', 'Please confirm'],
  same: ['已经在这个班次上', 'already on this shift'],
  overlap: ['与 {when} 的班次时间重叠', 'overlaps the shift {when}'],
  not_deployed: ['这一天不在下沉期内', 'not deployed on this day'],
  day_hours: ['当天合计 {n} 小时，超过 8 小时', '{n} hours on the day, more than 8'],
  rest: ['与前后班次只隔 {n} 小时，不足 11 小时', 'only {n} hours of rest, less than 11'],
})

export function objectionText(objection: Objection): string {
  switch (objection.code) {
    case 'overlap':
      return t('overlap', {
        when: `${objection.shift.date.slice(5)} ${objection.shift.start}–${objection.shift.end}`,
      })
    case 'day_hours':
    case 'rest':
      return t(objection.code, { n: hours(Math.round(objection.hours * 60)) })
    default:
      return t(objection.code)
  }
}
