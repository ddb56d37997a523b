// What the rules of an operation are called.
import type { Label } from '@shared/meta.ts'

export const policyNames: Record<string, Label> = {
  temp_threshold: { zh: '体温阈值', en: 'Temperature threshold' },
  temp_low: { zh: '复测下限', en: 'Re-measure below' },
  sign_in_early_minutes: { zh: '可提前签到（分钟）', en: 'Sign-in opens before (minutes)' },
  late_grace_minutes: { zh: '迟到宽限（分钟）', en: 'Late grace (minutes)' },
  shift_max_hours: { zh: '单日最长值守（小时）', en: 'Longest duty a day (hours)' },
  photo_keep_days: { zh: '在岗照保留（天）', en: 'On-duty photos kept (days)' },
  observation_days: { zh: '居家观察天数', en: 'Days of observation' },
  observation_first_day: { zh: '到达日为第几天', en: 'The arrival day is day' },
  observation_release_after: { zh: '期满后第几天解除', en: 'Released after the last day by' },
  household_exit_days: { zh: '每户几天可出门一次', en: 'Household exit every (days)' },
  household_exit_hours: { zh: '每次外出时限（小时）', en: 'Longest exit (hours)' },
  return_deadline_minute: { zh: '日报截止（时刻，分钟）', en: 'Daily return due (minute of day)' },
}
