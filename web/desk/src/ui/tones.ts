// What a state looks like beside its word. Declared here and nowhere else: first what a word means
// wherever it stands, then where a kind means something else by it.
export type Tone = 'good' | 'wait' | 'bad' | ''

const usual: Record<string, Tone> = {
  accepted: 'good',
  active: 'good',
  confirmed: 'good',
  delivered: 'good',
  dispatched: 'good',
  inside: 'good',
  issued: 'good',
  open: 'good',
  present: 'good',
  published: 'good',
  released: 'good',
  reported: 'good',
  sent: 'good',
  signed_in: 'good',
  submitted: 'good',
  verified: 'good',
  acknowledged: 'wait',
  checked: 'wait',
  draft: 'wait',
  due: 'wait',
  expected: 'wait',
  filed: 'wait',
  first_check: 'wait',
  fixed: 'wait',
  fixing: 'wait',
  held: 'wait',
  invited: 'wait',
  late: 'wait',
  lost: 'wait',
  pending: 'wait',
  planned: 'wait',
  proposed: 'wait',
  queued: 'wait',
  absent: 'bad',
  dead: 'bad',
  failed: 'bad',
  kept_off: 'bad',
  locked: 'bad',
  missing: 'bad',
  refused: 'bad',
  returned: 'bad',
  revoked: 'bad',
}

const ofKind: Record<string, Tone> = {
  // Open is good for a post and nothing good for an alarm or a clash.
  'alarm.open': 'bad',
  'clash.open': 'bad',
  // Nothing is planned there yet, or nothing has begun: neither good nor bad.
  'enterprise.open': '',
  'consolidation.open': '',
  'enterprise.resumed': 'good',
  'enterprise.suspended': 'bad',
  // The day is safe; an account that is locked is shut out.
  'consolidation.locked': 'good',
  // Over.
  'deployment.released': '',
  'prevention_gap.found': 'bad',
}

export function toneOf(kind: string, state: unknown): Tone {
  const key = `${kind}.${state}`
  return key in ofKind ? (ofKind[key] ?? '') : (usual[String(state)] ?? '')
}
