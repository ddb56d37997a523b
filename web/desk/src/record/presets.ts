// How the most used lists begin: columns and order. A kind without a row here is shown as its table
// suggests; a name that the kind does not have is passed over.
import type { Label } from '@shared/meta.ts'

export interface Preset {
  columns?: string[]
  sort?: string
  lead?: Label
  /** The columns of a section on another record's page, where not the first of the list's. */
  section?: string[]
  /** Conditions that always stand above the list. */
  quick?: string[]
  /** The column that leads to the record, where it is not the first of its title. */
  link?: string
  /** Fields of the program's own that tell a reader nothing. */
  hide?: string[]
  /** What the codes that stand in a field of text mean; one that is not here stays as it is. */
  words?: Record<string, Record<string, [zh: string, en: string]>>
  /** What may be done from a row, where the rest wants the record's own page. */
  actions?: string[]
}

export const presets: Record<string, Preset> = {
  units: { hide: ['no', 'path', 'parent_code'] },
  alarms: { hide: ['cause', 'open_cause', 'subject_kind', 'subject_id'] },
  responders: {
    columns: [
      'name',
      'sex',
      'category',
      'employer',
      'serving',
      'home_community',
      'political',
      'phone',
    ],
  },
  batches: {
    columns: ['name', 'number', 'sender', 'planned', 'starts', 'ends', 'dispatched_on'],
    sort: '-starts',
    lead: {
      zh: '计划人数与实到人数分开登记；打开批次看人与人次。',
      en: 'Planned and actual strength are recorded apart; open a batch to see both.',
    },
  },
  deployments: {
    columns: [
      'responder',
      'sender',
      'unit',
      'route',
      'batch',
      'slip_no',
      'reported_on',
      'released_on',
    ],
    sort: '-reported_on',
  },
  pairings: { columns: ['sender', 'receiver', 'starts', 'ends'], sort: '-starts' },
  posts: { columns: ['name', 'unit', 'kind', 'place', 'required', 'lead', 'photo_required'] },
  shifts: { columns: ['post', 'date', 'start', 'end_at', 'required', 'unit'], sort: '-date' },
  assignments: {
    columns: [
      'responder',
      'post',
      'date',
      'starts_at',
      'signed_in_at',
      'signed_out_at',
      'lead',
      'excuse',
    ],
    sort: '-date',
  },
  'sign-ins': {
    columns: ['responder', 'post', 'phase', 'temperature', 'outcome', 'method', 'at'],
    sort: '-at',
  },
  'gate-events': {
    columns: [
      'happened_at',
      'direction',
      'who',
      'who_kind',
      'household',
      'door',
      'temperature',
      'outcome',
      'how',
      'verdict',
      'post',
      'vehicle',
    ],
    sort: '-happened_at',
    quick: ['post', 'direction', 'outcome', 'how', 'verdict', 'who_kind', 'abnormal'],
    link: 'happened_at',
  },
  passes: {
    columns: [
      'number',
      'class',
      'household',
      'resident',
      'plate',
      'valid_from',
      'valid_to',
      'printed_at',
    ],
    quick: ['class', 'household'],
  },
  visitors: {
    columns: [
      'name',
      'party',
      'household',
      'post',
      'arrived_at',
      'left_at',
      'temperature',
      'reason',
      'plate',
    ],
    sort: '-arrived_at',
    quick: ['post', 'household'],
  },
  handovers: {
    columns: ['day', 'outgoing_at', 'post', 'outgoing', 'incoming', 'inside', 'confirmed', 'paper'],
    sort: '-day',
    quick: ['post', 'day'],
    lead: {
      zh: '每班交接由交班人、接班人在同一部手机上确认，断网时也能做，联网后到这里。',
      en: 'Both confirm a handover on one phone, also without network; it arrives here later.',
    },
  },
  clashes: {
    columns: ['type', 'post', 'pass', 'household', 'found_at', 'outcome'],
    sort: '-found_at',
    quick: ['type', 'post'],
  },
  quarantine: { columns: ['received_at', 'device', 'reason', 'unit'], sort: '-received_at' },
  compounds: { columns: ['name', 'unit', 'address', 'estate'] },
  buildings: { columns: ['name', 'compound', 'kind', 'floors', 'stairwells', 'manager', 'unit'] },
  'building-heads': {
    columns: ['building', 'side', 'stairwell', 'responder', 'name', 'phone', 'starts', 'ends'],
    sort: '-starts',
    quick: ['building', 'side'],
    lead: {
      zh: '楼长按楼栋或单元任命，有起止日期；可以是下沉人员、居民志愿者，也可以是物业人员；写字楼、园区设双楼长，物业、社区各一人。',
      en: 'A building head looks after a building or one stairwell for a period: a secondee, a volunteer who lives there, or the property manager. An office building or park has two, one of each side.',
    },
  },
  households: {
    columns: ['code', 'compound', 'building', 'stairwell', 'door', 'occupied', 'tenure'],
    quick: ['building', 'occupied', 'tenure'],
  },
  residents: {
    columns: [
      'name',
      'sex',
      'birth',
      'household',
      'relation',
      'living',
      'no_phone',
      'care',
      'phone',
    ],
    quick: ['living', 'no_phone', 'care'],
  },
  enterprises: {
    columns: ['name', 'building', 'room', 'headcount', 'caller', 'industry', 'resumed_on', 'unit'],
    quick: ['building', 'caller'],
    hide: ['link_serial', 'effective_on'],
  },
  'enterprise-contacts': {
    columns: ['name', 'role', 'phone', 'email', 'remind_by', 'from_on', 'to_on'],
  },
  'daily-returns': {
    columns: [
      'day',
      'name',
      'channel',
      'taker',
      'staff_total',
      'staff_present',
      'staff_away',
      'late',
      'receipt',
    ],
    sort: '-day',
    quick: ['day', 'channel', 'caller'],
    section: ['day', 'channel', 'taker', 'staff_total', 'staff_present'],
  },
  'chase-notes': {
    columns: ['day', 'outcome', 'promise_at', 'note', 'called_by'],
    sort: '-day',
  },
  responsibilities: {
    columns: ['party', 'body', 'person', 'phone', 'duty', 'from_on', 'to_on', 'unit'],
    quick: ['party'],
  },
  'prevention-gaps': {
    columns: ['what', 'kind', 'enterprise', 'building', 'owner', 'due_on', 'unit'],
    sort: 'due_on',
    quick: ['kind', 'building'],
    link: 'what',
  },
  'resumption-steps': { columns: ['day', 'step', 'reason', 'unit'], sort: '-day' },
  filings: {
    columns: ['planned_on', 'enterprise', 'first_batch', 'filed_on', 'checked_on', 'unit'],
    sort: '-planned_on',
    hide: ['answers', 'found'],
    actions: [],
  },
  devices: {
    columns: ['name', 'unit', 'post', 'last_seen', 'waiting', 'oldest_waiting_at', 'app_version'],
    sort: '-last_seen',
  },
  'outbox-messages': {
    columns: ['topic', 'channel', 'recipient', 'attempts', 'next_at', 'sent_at', 'last_error'],
    sort: '-next_at',
    quick: ['state', 'channel', 'topic'],
    words: {
      topic: {
        alarm: ['报警', 'Alarm'],
        test: ['试发', 'Trial'],
        return_reminder: ['催报提醒', 'Reminder of a return'],
        return_sent_back: ['退回更正', 'Sent back for correction'],
        returns_missing: ['未报名单', 'Who is missing'],
      },
      channel: {
        default: ['默认渠道', 'the usual one'],
        smtp: ['邮件', 'Mail'],
        sms: ['短信', 'Text message'],
        wecom: ['企业微信', 'WeCom'],
        dingtalk: ['钉钉', 'DingTalk'],
        feishu: ['飞书', 'Feishu'],
        sink: ['文件（演练）', 'Files (drills)'],
      },
      last_error: { not_needed: ['已报送，不必再发', 'Reported meanwhile: not needed any more'] },
    },
  },
  users: { columns: ['login', 'name', 'unit', 'language', 'last_seen_at'] },
}
