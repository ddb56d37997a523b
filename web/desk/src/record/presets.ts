// How the most used lists begin: columns and order. A kind without a row here is shown as its table
// suggests; a name that the kind does not have is passed over.
import type { Label } from '@shared/meta.ts'

export interface Preset {
  columns?: string[]
  sort?: string
  lead?: Label
  /** Fields of the program's own that tell a reader nothing. */
  hide?: string[]
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
  shifts: { columns: ['post', 'date', 'start', 'end', 'required', 'unit'], sort: '-date' },
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
      'who',
      'who_kind',
      'door',
      'post',
      'direction',
      'temperature',
      'outcome',
      'vehicle',
      'device_at',
    ],
  },
  'outbox-messages': {
    columns: ['topic', 'channel', 'recipient', 'attempts', 'next_at', 'sent_at', 'last_error'],
    sort: '-next_at',
  },
  users: { columns: ['login', 'name', 'unit', 'language', 'last_seen_at'] },
}
