CREATE TABLE account (
  id BLOB PRIMARY KEY,
  login TEXT,
  name TEXT,
  unit INTEGER,
  responder BLOB,
  language TEXT,
  must_change_password INTEGER,
  last_seen INTEGER,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE UNIQUE INDEX ix_account_login_key ON account (login) WHERE retired = 0;
CREATE INDEX ix_account_login ON account (login, id);
CREATE INDEX ix_account_unit ON account (unit, id);
CREATE INDEX ix_account_responder ON account (responder);
CREATE TABLE alarm (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  code TEXT,
  unit INTEGER,
  escalated_to INTEGER,
  severity INTEGER,
  subject_kind TEXT,
  subject_id BLOB,
  subject TEXT,
  value TEXT,
  cause TEXT,
  open_cause TEXT,
  owner_role TEXT,
  owner_unit INTEGER,
  raised_at INTEGER,
  due_at INTEGER,
  escalations INTEGER,
  acknowledged_by BLOB,
  acknowledged_at INTEGER,
  closed_at INTEGER,
  mailed_at INTEGER,
  note TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_alarm_unit ON alarm (unit, id);
CREATE INDEX ix_alarm_acknowledged_by ON alarm (acknowledged_by);
CREATE UNIQUE INDEX ix_alarm_unique_1 ON alarm (op, open_cause) WHERE retired = 0;
CREATE INDEX ix_alarm_index_1 ON alarm (state, due_at);
CREATE INDEX ix_alarm_index_2 ON alarm (state, unit);
CREATE INDEX ix_alarm_index_3 ON alarm (subject_id) WHERE open_cause IS NOT NULL;
CREATE TABLE assignment (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  shift BLOB,
  responder BLOB,
  unit INTEGER,
  post BLOB,
  date TEXT,
  starts_at INTEGER,
  ends_at INTEGER,
  lead INTEGER,
  signed_in_at INTEGER,
  signed_out_at INTEGER,
  excuse TEXT,
  heard_at INTEGER,
  decision TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_assignment_shift ON assignment (shift);
CREATE INDEX ix_assignment_responder ON assignment (responder);
CREATE INDEX ix_assignment_unit ON assignment (unit, id);
CREATE INDEX ix_assignment_post ON assignment (post);
CREATE INDEX ix_assignment_date ON assignment (op, date, id);
CREATE INDEX ix_assignment_starts_at ON assignment (op, starts_at, id);
CREATE INDEX ix_assignment_by_seq ON assignment (unit, seq);
CREATE INDEX ix_assignment_index_1 ON assignment (responder, starts_at);
CREATE INDEX ix_assignment_index_2 ON assignment (unit, date);
CREATE INDEX ix_assignment_deadline_1 ON assignment (op, starts_at) WHERE retired = 0 AND state IN ('due', 'absent');
CREATE TABLE audit (
  pos INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor BLOB, op INTEGER NOT NULL, action TEXT NOT NULL, kind INTEGER NOT NULL, id BLOB, unit INTEGER NOT NULL, detail TEXT, chain BLOB NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at_ms);
CREATE INDEX audit_id ON audit (id);
CREATE INDEX audit_actor ON audit (actor, at_ms) WHERE action <> 'create';
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TABLE auth_epoch (
  one INTEGER PRIMARY KEY, n INTEGER NOT NULL
) STRICT;
CREATE TABLE batch (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  name TEXT,
  number INTEGER,
  sender INTEGER,
  planned INTEGER,
  starts TEXT,
  ends TEXT,
  receivers TEXT,
  dispatched_on TEXT,
  remark TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_batch_sender ON batch (sender, id);
CREATE INDEX ix_batch_starts ON batch (op, starts, id);
CREATE UNIQUE INDEX ix_batch_unique_1 ON batch (op, sender,number) WHERE retired = 0;
CREATE TABLE building (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  compound BLOB,
  unit INTEGER,
  name TEXT,
  code TEXT,
  kind TEXT,
  floors INTEGER,
  stairwells INTEGER,
  manager TEXT,
  note TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_building_compound ON building (compound);
CREATE INDEX ix_building_unit ON building (unit, id);
CREATE INDEX ix_building_by_seq ON building (unit, seq);
CREATE UNIQUE INDEX ix_building_unique_1 ON building (op, compound, code) WHERE retired = 0;
CREATE INDEX ix_building_index_1 ON building (unit, code);
CREATE TABLE building_head (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  building BLOB,
  unit INTEGER,
  stairwell TEXT,
  responder BLOB,
  name TEXT,
  phone BLOB,
  starts TEXT,
  ends TEXT,
  note TEXT,
  side TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_building_head_building ON building_head (building);
CREATE INDEX ix_building_head_unit ON building_head (unit, id);
CREATE INDEX ix_building_head_responder ON building_head (responder);
CREATE INDEX ix_building_head_starts ON building_head (op, starts, id);
CREATE TABLE chase_note (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  enterprise BLOB,
  unit INTEGER,
  day TEXT,
  outcome TEXT,
  promise_at INTEGER,
  note TEXT,
  called_by BLOB,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_chase_note_enterprise ON chase_note (enterprise);
CREATE INDEX ix_chase_note_unit ON chase_note (unit, id);
CREATE INDEX ix_chase_note_called_by ON chase_note (called_by);
CREATE TABLE checklist (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  code TEXT,
  name TEXT,
  name_en TEXT,
  unit INTEGER,
  valid_from TEXT,
  valid_to TEXT,
  source TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_checklist_unit ON checklist (unit, id);
CREATE UNIQUE INDEX ix_checklist_unique_1 ON checklist (op, unit,code,valid_from) WHERE retired = 0;
CREATE TABLE checklist_item (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  checklist BLOB,
  unit INTEGER,
  code TEXT,
  place INTEGER,
  label_zh TEXT,
  label_en TEXT,
  type TEXT,
  least INTEGER,
  most INTEGER,
  required INTEGER,
  definition_zh TEXT,
  definition_en TEXT,
  filing_field TEXT,
  valid_to TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_checklist_item_checklist ON checklist_item (checklist);
CREATE INDEX ix_checklist_item_unit ON checklist_item (unit, id);
CREATE UNIQUE INDEX ix_checklist_item_unique_1 ON checklist_item (op, checklist,code) WHERE retired = 0;
CREATE TABLE clash (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  type TEXT,
  unit INTEGER,
  post BLOB,
  pass BLOB,
  household BLOB,
  first_event BLOB,
  second_event BLOB,
  first_at INTEGER,
  second_at INTEGER,
  device BLOB,
  detail TEXT,
  day TEXT,
  found_at INTEGER,
  cause TEXT,
  outcome TEXT,
  note TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_clash_unit ON clash (unit, id);
CREATE INDEX ix_clash_post ON clash (post);
CREATE INDEX ix_clash_pass ON clash (pass);
CREATE INDEX ix_clash_household ON clash (household);
CREATE INDEX ix_clash_first_event ON clash (first_event);
CREATE INDEX ix_clash_second_event ON clash (second_event);
CREATE INDEX ix_clash_found_at ON clash (op, found_at, id);
CREATE UNIQUE INDEX ix_clash_unique_1 ON clash (op, cause) WHERE retired = 0;
CREATE INDEX ix_clash_index_1 ON clash (unit, state);
CREATE INDEX ix_clash_index_2 ON clash (pass, first_at) WHERE pass IS NOT NULL;
CREATE INDEX ix_clash_index_3 ON clash (household, first_at) WHERE household IS NOT NULL;
CREATE TABLE compound (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  unit INTEGER,
  name TEXT,
  estate INTEGER,
  address TEXT,
  note TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_compound_unit ON compound (unit, id);
CREATE INDEX ix_compound_name ON compound (op, name, id);
CREATE INDEX ix_compound_by_seq ON compound (unit, seq);
CREATE UNIQUE INDEX ix_compound_unique_1 ON compound (op, unit, name) WHERE retired = 0;
CREATE UNIQUE INDEX ix_compound_unique_2 ON compound (op, estate) WHERE retired = 0;
CREATE TABLE consolidation (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  unit INTEGER,
  template_code TEXT,
  day TEXT,
  totals TEXT,
  locked_at INTEGER,
  note TEXT,
  due_at INTEGER,
  late INTEGER,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_consolidation_unit ON consolidation (unit, id);
CREATE UNIQUE INDEX ix_consolidation_unique_1 ON consolidation (op, unit,template_code,day) WHERE retired = 0;
CREATE TABLE credential (
  account BLOB PRIMARY KEY, hash TEXT NOT NULL, changed_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE daily_return (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  enterprise BLOB,
  unit INTEGER,
  template BLOB,
  template_code TEXT,
  day TEXT,
  name TEXT,
  version INTEGER,
  channel TEXT,
  taker BLOB,
  content TEXT,
  nil INTEGER,
  no_change INTEGER,
  late INTEGER,
  receipt TEXT,
  submitted_at INTEGER,
  reminder_given INTEGER,
  prevention TEXT,
  note TEXT,
  staff_total INTEGER,
  staff_hubei INTEGER,
  staff_away INTEGER,
  staff_returned_today INTEGER,
  staff_present INTEGER,
  building BLOB,
  caller BLOB,
  returned_for TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_daily_return_enterprise ON daily_return (enterprise);
CREATE INDEX ix_daily_return_unit ON daily_return (unit, id);
CREATE INDEX ix_daily_return_template ON daily_return (template);
CREATE INDEX ix_daily_return_taker ON daily_return (taker);
CREATE INDEX ix_daily_return_building ON daily_return (building);
CREATE INDEX ix_daily_return_caller ON daily_return (caller);
CREATE UNIQUE INDEX ix_daily_return_unique_1 ON daily_return (op, enterprise,template_code,day) WHERE retired = 0;
CREATE INDEX ix_daily_return_index_1 ON daily_return (unit, day);
CREATE INDEX ix_daily_return_index_2 ON daily_return (op, day, name, id);
CREATE TABLE deployment (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  responder BLOB,
  unit INTEGER,
  sender INTEGER,
  route TEXT,
  batch BLOB,
  pairing BLOB,
  slip_no TEXT,
  team TEXT,
  duties TEXT,
  planned_from TEXT,
  planned_to TEXT,
  reported_on TEXT,
  released_on TEXT,
  release_reason TEXT,
  feedback TEXT,
  feedback_on TEXT,
  remark TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_deployment_responder ON deployment (responder);
CREATE INDEX ix_deployment_unit ON deployment (unit, id);
CREATE INDEX ix_deployment_sender ON deployment (sender, id);
CREATE INDEX ix_deployment_batch ON deployment (batch);
CREATE INDEX ix_deployment_pairing ON deployment (pairing);
CREATE INDEX ix_deployment_reported_on ON deployment (op, reported_on, id);
CREATE INDEX ix_deployment_by_seq ON deployment (unit, seq);
CREATE TABLE device (
  id BLOB PRIMARY KEY,
  name TEXT,
  unit INTEGER,
  account BLOB,
  public_key TEXT,
  last_seen INTEGER,
  post BLOB,
  app_version TEXT,
  last_sync INTEGER,
  waiting INTEGER,
  oldest_waiting_at INTEGER,
  clock_offset_ms INTEGER,
  seq_seen INTEGER,
  missing TEXT,
  last_item_at INTEGER,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_device_unit ON device (unit, id);
CREATE INDEX ix_device_account ON device (account);
CREATE INDEX ix_device_post ON device (post);
CREATE TABLE device_author (
  token_hash BLOB PRIMARY KEY, device BLOB NOT NULL, account BLOB NOT NULL, made_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, revoked_ms INTEGER
) STRICT;
CREATE INDEX device_author_device ON device_author (device, account);
CREATE INDEX device_author_account ON device_author (account);
CREATE INDEX device_author_expires ON device_author (expires_ms);
CREATE TABLE device_secret (
  token_hash BLOB PRIMARY KEY, device BLOB NOT NULL, made_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX device_secret_device ON device_secret (device);
CREATE TABLE duty_reminder (
  record BLOB NOT NULL, slot INTEGER NOT NULL, at_ms INTEGER NOT NULL, messages INTEGER NOT NULL, PRIMARY KEY (record, slot)
) STRICT, WITHOUT ROWID;
CREATE TABLE enterprise (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  name TEXT,
  credit_code TEXT,
  unit INTEGER,
  building BLOB,
  room TEXT,
  registered_address TEXT,
  address TEXT,
  area_m2 INTEGER,
  industry TEXT,
  headcount INTEGER,
  contact TEXT,
  phone BLOB,
  caller BLOB,
  union_status TEXT,
  registered_on TEXT,
  planned_on TEXT,
  resumed_on TEXT,
  guided_on TEXT,
  closed_on TEXT,
  effective_on TEXT,
  link_serial INTEGER,
  note TEXT,
  short_names TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_enterprise_name ON enterprise (op, name, id);
CREATE UNIQUE INDEX ix_enterprise_credit_code_key ON enterprise (op, credit_code) WHERE retired = 0;
CREATE INDEX ix_enterprise_credit_code ON enterprise (credit_code);
CREATE INDEX ix_enterprise_unit ON enterprise (unit, id);
CREATE INDEX ix_enterprise_building ON enterprise (building);
CREATE INDEX ix_enterprise_caller ON enterprise (caller);
CREATE INDEX ix_enterprise_index_1 ON enterprise (op, unit);
CREATE TABLE enterprise_contact (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  enterprise BLOB,
  unit INTEGER,
  role TEXT,
  name TEXT,
  phone BLOB,
  phone_bi BLOB,
  from_on TEXT,
  to_on TEXT,
  note TEXT,
  email BLOB,
  remind_by TEXT,
  language TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_enterprise_contact_enterprise ON enterprise_contact (enterprise);
CREATE INDEX ix_enterprise_contact_unit ON enterprise_contact (unit, id);
CREATE INDEX ix_enterprise_contact_phone ON enterprise_contact (phone_bi);
CREATE TABLE figure (
  op INTEGER NOT NULL, unit INTEGER NOT NULL, ind INTEGER NOT NULL, day INTEGER NOT NULL, minute INTEGER NOT NULL, known_day INTEGER NOT NULL, lane INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (op, unit, ind, day, minute, known_day, lane)
) STRICT, WITHOUT ROWID;
CREATE TABLE figure_indicator (
  ind INTEGER PRIMARY KEY, counted_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE figure_leaf (
  lane INTEGER NOT NULL, n INTEGER NOT NULL, op INTEGER NOT NULL, unit INTEGER NOT NULL, ind INTEGER NOT NULL, member BLOB NOT NULL, day INTEGER NOT NULL, minute INTEGER NOT NULL, known_day INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (lane, n, op, unit, ind, member, day, minute, known_day)
) STRICT, WITHOUT ROWID;
CREATE TABLE figure_member (
  op INTEGER NOT NULL, unit INTEGER NOT NULL, ind INTEGER NOT NULL, member BLOB NOT NULL, day INTEGER NOT NULL, known_day INTEGER NOT NULL, lane INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (op, unit, ind, member, day, known_day, lane)
) STRICT, WITHOUT ROWID;
CREATE TABLE figure_position (
  lane INTEGER PRIMARY KEY, written INTEGER NOT NULL, rolled INTEGER NOT NULL
) STRICT;
CREATE TABLE filing (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  enterprise BLOB,
  unit INTEGER,
  checklist BLOB,
  planned_on TEXT,
  first_batch INTEGER,
  answers TEXT,
  filed_on TEXT,
  checked_on TEXT,
  findings TEXT,
  decided_on TEXT,
  note TEXT,
  attendance INTEGER,
  area_per_person INTEGER,
  spacing INTEGER,
  stock_days INTEGER,
  meals TEXT,
  work_mode TEXT,
  returned_for TEXT,
  found TEXT,
  first_checker BLOB,
  second_checker BLOB,
  second_findings TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_filing_enterprise ON filing (enterprise);
CREATE INDEX ix_filing_unit ON filing (unit, id);
CREATE INDEX ix_filing_checklist ON filing (checklist);
CREATE INDEX ix_filing_planned_on ON filing (op, planned_on, id);
CREATE INDEX ix_filing_first_checker ON filing (first_checker);
CREATE INDEX ix_filing_second_checker ON filing (second_checker);
CREATE INDEX ix_filing_deadline_1 ON filing (op, planned_on) WHERE retired = 0 AND state IN ('filed', 'first_check');
CREATE INDEX ix_filing_deadline_2 ON filing (op, planned_on) WHERE retired = 0 AND state IN ('checked');
CREATE TABLE gate_cursor (
  unit INTEGER NOT NULL PRIMARY KEY, seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE gate_event (
  id BLOB NOT NULL,
  op INTEGER NOT NULL,
  unit INTEGER NOT NULL,
  post BLOB,
  direction TEXT,
  who_kind TEXT,
  who TEXT,
  door TEXT,
  vehicle TEXT,
  temperature INTEGER,
  first_temperature INTEGER,
  outcome TEXT,
  reason TEXT,
  device_at INTEGER,
  day TEXT,
  abnormal INTEGER,
  corrects BLOB,
  pass BLOB,
  household BLOB,
  visitor BLOB,
  how TEXT,
  verdict TEXT,
  device BLOB,
  device_seq INTEGER,
  offline INTEGER,
  clock_offset INTEGER,
  happened_at INTEGER,
  mask_worn INTEGER,
  skipped_temperature INTEGER,
  pass_serial INTEGER,
  clock_doubtful INTEGER,
  seq INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  digest BLOB,
  PRIMARY KEY (unit, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ix_gate_event_id ON gate_event (id);
CREATE INDEX ix_gate_event_index_1 ON gate_event (unit, day);
CREATE UNIQUE INDEX ix_gate_event_index_2 ON gate_event (corrects) WHERE corrects IS NOT NULL;
CREATE INDEX ix_gate_event_index_3 ON gate_event (pass, happened_at) WHERE pass IS NOT NULL;
CREATE INDEX ix_gate_event_index_4 ON gate_event (household, happened_at) WHERE household IS NOT NULL;
CREATE INDEX ix_gate_event_index_5 ON gate_event (visitor) WHERE visitor IS NOT NULL;
CREATE TABLE gate_out (
  pass BLOB NOT NULL PRIMARY KEY, op INTEGER NOT NULL, unit INTEGER NOT NULL, household BLOB, post BLOB NOT NULL, event BLOB NOT NULL, since_ms INTEGER NOT NULL, known_ms INTEGER NOT NULL, raised INTEGER NOT NULL
) STRICT;
CREATE INDEX gate_out_due ON gate_out (op, raised, since_ms);
;
CREATE TABLE generation (
  name TEXT PRIMARY KEY, n INTEGER NOT NULL
) STRICT;
CREATE TABLE guidance (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  enterprise BLOB,
  unit INTEGER,
  day TEXT,
  departments TEXT,
  directive TEXT,
  advice TEXT,
  given_by BLOB,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_guidance_enterprise ON guidance (enterprise);
CREATE INDEX ix_guidance_unit ON guidance (unit, id);
CREATE INDEX ix_guidance_given_by ON guidance (given_by);
CREATE TABLE handover (
  id BLOB NOT NULL,
  op INTEGER NOT NULL,
  unit INTEGER NOT NULL,
  post BLOB,
  day TEXT,
  outgoing BLOB,
  incoming BLOB,
  shift BLOB,
  inside INTEGER,
  overdue TEXT,
  in_hand TEXT,
  keys TEXT,
  stock TEXT,
  remarks TEXT,
  outgoing_at INTEGER,
  incoming_at INTEGER,
  device_at INTEGER,
  paper INTEGER,
  confirmed INTEGER,
  outgoing_by BLOB,
  incoming_by BLOB,
  outgoing_proof TEXT,
  incoming_proof TEXT,
  clock_doubtful INTEGER,
  seq INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  digest BLOB,
  PRIMARY KEY (unit, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ix_handover_id ON handover (id);
CREATE INDEX ix_handover_index_1 ON handover (unit, day);
CREATE TABLE hazard (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  unit INTEGER,
  enterprise BLOB,
  building BLOB,
  found_name TEXT,
  kind TEXT,
  what TEXT,
  found_on TEXT,
  owner TEXT,
  due_on TEXT,
  fixed_on TEXT,
  responder BLOB,
  interim TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_hazard_unit ON hazard (unit, id);
CREATE INDEX ix_hazard_enterprise ON hazard (enterprise);
CREATE INDEX ix_hazard_building ON hazard (building);
CREATE INDEX ix_hazard_due_on ON hazard (op, due_on, id);
CREATE INDEX ix_hazard_responder ON hazard (responder);
CREATE INDEX ix_hazard_deadline_1 ON hazard (op, due_on) WHERE retired = 0 AND state IN ('found', 'fixing');
CREATE TABLE history (
  kind INTEGER NOT NULL, id BLOB NOT NULL, rev INTEGER NOT NULL, op INTEGER, unit INTEGER, at_ms INTEGER NOT NULL, actor BLOB, action TEXT NOT NULL, reason TEXT, changes TEXT, PRIMARY KEY (kind, id, rev)
) STRICT;
CREATE TABLE household (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  building BLOB,
  compound BLOB,
  unit INTEGER,
  stairwell TEXT,
  door TEXT,
  code TEXT,
  tenure TEXT,
  occupied TEXT,
  note TEXT,
  since TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_household_building ON household (building);
CREATE INDEX ix_household_compound ON household (compound);
CREATE INDEX ix_household_unit ON household (unit, id);
CREATE INDEX ix_household_by_seq ON household (unit, seq);
CREATE UNIQUE INDEX ix_household_unique_1 ON household (op, building, code) WHERE retired = 0;
CREATE INDEX ix_household_index_1 ON household (compound, code);
CREATE TABLE import_row (
  import BLOB NOT NULL, row INTEGER NOT NULL, n INTEGER NOT NULL, kind INTEGER NOT NULL, id BLOB NOT NULL, created INTEGER NOT NULL, rev INTEGER NOT NULL, PRIMARY KEY (import, row, n)
) STRICT;
CREATE TABLE import_run (
  id BLOB PRIMARY KEY,
  kind TEXT,
  unit INTEGER,
  filename TEXT,
  rows INTEGER,
  created INTEGER,
  updated INTEGER,
  unchanged INTEGER,
  bad INTEGER,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_import_run_unit ON import_run (unit, id);
CREATE TABLE invitation (
  code_hash BLOB PRIMARY KEY, account BLOB NOT NULL, made_by BLOB, made_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, used_ms INTEGER
) STRICT;
CREATE INDEX invitation_account ON invitation (account);
CREATE TABLE job_lease (
  name TEXT PRIMARY KEY, holder BLOB NOT NULL, until_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE login_failure (
  login_hash BLOB PRIMARY KEY, failed INTEGER NOT NULL, at_ms INTEGER NOT NULL, locked_until_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX login_failure_at ON login_failure (at_ms);
CREATE TABLE login_session (
  token_hash BLOB PRIMARY KEY, id BLOB NOT NULL, account BLOB NOT NULL, device BLOB, created_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, peer TEXT
) STRICT;
CREATE UNIQUE INDEX login_session_id ON login_session (id);
CREATE INDEX login_session_account ON login_session (account);
CREATE INDEX login_session_expires ON login_session (expires_ms);
CREATE TABLE merge (
  id BLOB PRIMARY KEY, kind INTEGER NOT NULL, op INTEGER, winner BLOB NOT NULL, loser BLOB NOT NULL, at_ms INTEGER NOT NULL, actor BLOB, moved TEXT NOT NULL, undone_ms INTEGER
) STRICT;
CREATE INDEX merge_winner ON merge (winner);
CREATE TABLE operation (
  id BLOB PRIMARY KEY,
  no INTEGER,
  code TEXT,
  name TEXT,
  timezone TEXT,
  begins TEXT,
  ends TEXT,
  remark TEXT,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_operation_no ON operation (no, id);
CREATE UNIQUE INDEX ix_operation_code_key ON operation (code) WHERE retired = 0;
CREATE INDEX ix_operation_code ON operation (code);
CREATE INDEX ix_operation_begins ON operation (begins, id);
CREATE TABLE outbox_message (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  channel TEXT,
  topic TEXT,
  recipient BLOB,
  recipient_bi BLOB,
  subject BLOB,
  body BLOB,
  unit INTEGER,
  subject_kind TEXT,
  subject_id BLOB,
  digest_window INTEGER,
  attempts INTEGER,
  next_at INTEGER,
  sent_at INTEGER,
  sent_with BLOB,
  gave_up_at INTEGER,
  last_error TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_outbox_message_recipient ON outbox_message (recipient_bi);
CREATE INDEX ix_outbox_message_unit ON outbox_message (unit, id);
CREATE INDEX ix_outbox_message_next_at ON outbox_message (op, next_at, id);
CREATE INDEX ix_outbox_message_index_1 ON outbox_message (state, next_at);
CREATE INDEX ix_outbox_message_index_2 ON outbox_message (subject_id);
CREATE TABLE pairing (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  sender INTEGER,
  receiver INTEGER,
  starts TEXT,
  ends TEXT,
  remark TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_pairing_sender ON pairing (sender, id);
CREATE INDEX ix_pairing_receiver ON pairing (receiver, id);
CREATE INDEX ix_pairing_starts ON pairing (op, starts, id);
CREATE UNIQUE INDEX ix_pairing_unique_1 ON pairing (op, sender,receiver,starts) WHERE retired = 0;
CREATE TABLE pass (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  number TEXT,
  serial INTEGER,
  class TEXT,
  compound BLOB,
  estate INTEGER,
  unit INTEGER,
  household BLOB,
  resident BLOB,
  plate TEXT,
  visitor BLOB,
  valid_from TEXT,
  valid_to TEXT,
  key_id INTEGER,
  printed_at INTEGER,
  void_reason TEXT,
  replaced_by BLOB,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_pass_number ON pass (number);
CREATE INDEX ix_pass_compound ON pass (compound);
CREATE INDEX ix_pass_unit ON pass (unit, id);
CREATE INDEX ix_pass_household ON pass (household);
CREATE INDEX ix_pass_resident ON pass (resident);
CREATE INDEX ix_pass_visitor ON pass (visitor);
CREATE INDEX ix_pass_replaced_by ON pass (replaced_by);
CREATE INDEX ix_pass_by_seq ON pass (unit, seq);
CREATE UNIQUE INDEX ix_pass_unique_1 ON pass (op, unit,number) WHERE retired = 0;
CREATE UNIQUE INDEX ix_pass_unique_2 ON pass (op, serial) WHERE retired = 0;
CREATE INDEX ix_pass_index_1 ON pass (unit, plate) WHERE plate IS NOT NULL;
CREATE TABLE pass_key (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  key_id INTEGER,
  public_key TEXT,
  made_on TEXT,
  retired_on TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_pass_key_key_id ON pass_key (op, key_id, id);
CREATE UNIQUE INDEX ix_pass_key_unique_1 ON pass_key (op, key_id) WHERE retired = 0;
CREATE TABLE photo (
  id BLOB PRIMARY KEY, op INTEGER NOT NULL, unit INTEGER NOT NULL, owner BLOB NOT NULL, at_ms INTEGER NOT NULL, expires_day INTEGER NOT NULL, content_type TEXT NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE INDEX photo_expires ON photo (expires_day);
CREATE TABLE policy_rule (
  id BLOB PRIMARY KEY,
  operation BLOB,
  key TEXT,
  effective_from TEXT,
  value INTEGER,
  source TEXT,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_policy_rule_operation ON policy_rule (operation);
CREATE INDEX ix_policy_rule_key ON policy_rule (key, id);
CREATE INDEX ix_policy_rule_effective_from ON policy_rule (effective_from, id);
CREATE UNIQUE INDEX ix_policy_rule_unique_1 ON policy_rule (operation,key,effective_from) WHERE retired = 0;
CREATE TABLE post (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  name TEXT,
  unit INTEGER,
  kind TEXT,
  place TEXT,
  required INTEGER,
  lead BLOB,
  photo_required INTEGER,
  skills TEXT,
  remark TEXT,
  code_serial INTEGER,
  closed_at INTEGER,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_post_name ON post (op, name, id);
CREATE INDEX ix_post_unit ON post (unit, id);
CREATE INDEX ix_post_lead ON post (lead);
CREATE INDEX ix_post_by_seq ON post (unit, seq);
CREATE UNIQUE INDEX ix_post_unique_1 ON post (op, unit,name) WHERE retired = 0;
CREATE TABLE quarantine (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  unit INTEGER,
  device BLOB,
  account BLOB,
  reason TEXT,
  what TEXT,
  content BLOB,
  device_seq INTEGER,
  written_at INTEGER,
  clock_offset_ms INTEGER,
  note TEXT,
  result TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_quarantine_unit ON quarantine (unit, id);
CREATE INDEX ix_quarantine_device ON quarantine (device);
CREATE INDEX ix_quarantine_account ON quarantine (account);
CREATE INDEX ix_quarantine_written_at ON quarantine (op, written_at, id);
CREATE INDEX ix_quarantine_index_1 ON quarantine (device, state);
CREATE INDEX ix_quarantine_index_2 ON quarantine (state, unit);
CREATE TABLE receipt (
  id BLOB PRIMARY KEY, op INTEGER, unit INTEGER, actor BLOB, digest BLOB NOT NULL, status INTEGER NOT NULL, answer TEXT, at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX receipt_at ON receipt (at_ms);
CREATE TABLE resident (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  household BLOB,
  compound BLOB,
  unit INTEGER,
  name TEXT,
  sex TEXT,
  birth TEXT,
  citizen_id BLOB,
  citizen_id_bi BLOB,
  phone BLOB,
  phone_bi BLOB,
  relation TEXT,
  living TEXT,
  no_phone INTEGER,
  care TEXT,
  employer TEXT,
  hukou TEXT,
  since TEXT,
  left_on TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_resident_household ON resident (household);
CREATE INDEX ix_resident_compound ON resident (compound);
CREATE INDEX ix_resident_unit ON resident (unit, id);
CREATE INDEX ix_resident_name ON resident (op, name, id);
CREATE INDEX ix_resident_citizen_id ON resident (citizen_id_bi);
CREATE INDEX ix_resident_phone ON resident (phone_bi);
CREATE INDEX ix_resident_by_seq ON resident (unit, seq);
CREATE TABLE responder (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  name TEXT,
  sex TEXT,
  id_type TEXT,
  id_number BLOB,
  id_number_bi BLOB,
  phone BLOB,
  phone_bi BLOB,
  employer INTEGER,
  serving INTEGER,
  home_community INTEGER,
  category TEXT,
  position TEXT,
  political TEXT,
  skills TEXT,
  available_from TEXT,
  available_to TEXT,
  health_declared INTEGER,
  health_note BLOB,
  emergency_name TEXT,
  emergency_phone BLOB,
  retires_on TEXT,
  remark TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_responder_name ON responder (op, name, id);
CREATE INDEX ix_responder_id_number ON responder (id_number_bi);
CREATE INDEX ix_responder_phone ON responder (phone_bi);
CREATE INDEX ix_responder_employer ON responder (employer, id);
CREATE INDEX ix_responder_serving ON responder (serving, id);
CREATE INDEX ix_responder_by_seq ON responder (employer, seq);
CREATE TABLE responsibility (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  enterprise BLOB,
  unit INTEGER,
  party TEXT,
  body TEXT,
  person TEXT,
  phone BLOB,
  duty TEXT,
  from_on TEXT,
  to_on TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_responsibility_enterprise ON responsibility (enterprise);
CREATE INDEX ix_responsibility_unit ON responsibility (unit, id);
CREATE TABLE resumption_step (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  enterprise BLOB,
  unit INTEGER,
  from_unit INTEGER,
  step TEXT,
  day TEXT,
  from_state TEXT,
  to_state TEXT,
  was_guided INTEGER,
  guided INTEGER,
  reason TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_resumption_step_enterprise ON resumption_step (enterprise);
CREATE INDEX ix_resumption_step_unit ON resumption_step (unit, id);
CREATE TABLE return_template (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  code TEXT,
  version INTEGER,
  name TEXT,
  name_en TEXT,
  unit INTEGER,
  valid_from TEXT,
  valid_to TEXT,
  deadline INTEGER,
  cutoff INTEGER,
  remind_at INTEGER,
  escalate_at INTEGER,
  weekdays TEXT,
  note TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_return_template_unit ON return_template (unit, id);
CREATE INDEX ix_return_template_valid_from ON return_template (op, valid_from, id);
CREATE UNIQUE INDEX ix_return_template_unique_1 ON return_template (op, code,version) WHERE retired = 0;
CREATE TABLE return_version (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  daily_return BLOB,
  unit INTEGER,
  number INTEGER,
  day TEXT,
  channel TEXT,
  taker BLOB,
  content TEXT,
  nil INTEGER,
  no_change INTEGER,
  late INTEGER,
  beside INTEGER,
  receipt TEXT,
  prevention TEXT,
  note TEXT,
  withdrawn INTEGER,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_return_version_daily_return ON return_version (daily_return);
CREATE INDEX ix_return_version_unit ON return_version (unit, id);
CREATE INDEX ix_return_version_taker ON return_version (taker);
CREATE INDEX ix_return_version_index_1 ON return_version (op, day) WHERE beside = 1;
CREATE TABLE role_grant (
  id BLOB PRIMARY KEY,
  account BLOB,
  role TEXT,
  unit INTEGER,
  operation BLOB,
  valid_from TEXT,
  valid_to TEXT,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_role_grant_account ON role_grant (account);
CREATE INDEX ix_role_grant_unit ON role_grant (unit, id);
CREATE INDEX ix_role_grant_operation ON role_grant (operation);
CREATE TABLE setting (
  op INTEGER NOT NULL, name TEXT NOT NULL, number INTEGER, words TEXT, at_ms INTEGER NOT NULL, actor BLOB, PRIMARY KEY (op, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE shift (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  post BLOB,
  unit INTEGER,
  date TEXT,
  start INTEGER,
  end_at INTEGER,
  starts_at INTEGER,
  ends_at INTEGER,
  required INTEGER,
  template BLOB,
  remark TEXT,
  cover INTEGER,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_shift_post ON shift (post);
CREATE INDEX ix_shift_unit ON shift (unit, id);
CREATE INDEX ix_shift_date ON shift (op, date, id);
CREATE INDEX ix_shift_template ON shift (template);
CREATE INDEX ix_shift_by_seq ON shift (unit, seq);
CREATE UNIQUE INDEX ix_shift_unique_1 ON shift (op, post,date,start) WHERE retired = 0;
CREATE TABLE shift_template (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  post BLOB,
  unit INTEGER,
  name TEXT,
  start INTEGER,
  end_at INTEGER,
  required INTEGER,
  weekdays TEXT,
  valid_from TEXT,
  valid_to TEXT,
  cover INTEGER,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_shift_template_post ON shift_template (post);
CREATE INDEX ix_shift_template_unit ON shift_template (unit, id);
CREATE TABLE sign_in (
  id BLOB NOT NULL,
  op INTEGER NOT NULL,
  assignment BLOB,
  unit INTEGER NOT NULL,
  post BLOB,
  responder BLOB,
  phase TEXT,
  temperature INTEGER,
  outcome TEXT,
  method TEXT,
  photo BLOB,
  device_at INTEGER,
  at INTEGER,
  day TEXT,
  remark TEXT,
  clock_doubtful INTEGER,
  seq INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  digest BLOB,
  PRIMARY KEY (unit, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ix_sign_in_id ON sign_in (id);
CREATE INDEX ix_sign_in_index_1 ON sign_in (assignment);
CREATE TABLE staff_line (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  enterprise BLOB,
  unit INTEGER,
  name BLOB,
  hubei TEXT,
  left_on TEXT,
  place TEXT,
  plan_back_on TEXT,
  back_on TEXT,
  isolating_until TEXT,
  at_work_on TEXT,
  ended_on TEXT,
  note TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_staff_line_enterprise ON staff_line (enterprise);
CREATE INDEX ix_staff_line_unit ON staff_line (unit, id);
CREATE TABLE template_check (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  template BLOB,
  unit INTEGER,
  level TEXT,
  left_side TEXT,
  operator TEXT,
  right_side TEXT,
  words_zh TEXT,
  words_en TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_template_check_template ON template_check (template);
CREATE INDEX ix_template_check_unit ON template_check (unit, id);
CREATE TABLE template_field (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  template BLOB,
  unit INTEGER,
  code TEXT,
  place INTEGER,
  group_zh TEXT,
  group_en TEXT,
  label_zh TEXT,
  label_en TEXT,
  definition_zh TEXT,
  definition_en TEXT,
  type TEXT,
  choices TEXT,
  source TEXT,
  key TEXT,
  required INTEGER,
  carries INTEGER,
  most INTEGER,
  valid_to TEXT,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_template_field_template ON template_field (template);
CREATE INDEX ix_template_field_unit ON template_field (unit, id);
CREATE UNIQUE INDEX ix_template_field_unique_1 ON template_field (op, template,code) WHERE retired = 0;
CREATE TABLE template_level (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  template BLOB,
  unit INTEGER,
  level TEXT,
  due_at INTEGER,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_template_level_template ON template_level (template);
CREATE INDEX ix_template_level_unit ON template_level (unit, id);
CREATE UNIQUE INDEX ix_template_level_unique_1 ON template_level (op, template,level) WHERE retired = 0;
CREATE TABLE tombstone (
  unit INTEGER NOT NULL, kind INTEGER NOT NULL, id BLOB NOT NULL, op INTEGER, seq INTEGER NOT NULL, PRIMARY KEY (unit, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstone_by_seq ON tombstone (unit, seq);
CREATE TABLE unit (
  id BLOB PRIMARY KEY,
  no INTEGER,
  code TEXT,
  name TEXT,
  kind TEXT,
  parent INTEGER,
  parent_code TEXT,
  aliases TEXT,
  valid_from TEXT,
  valid_to TEXT,
  address TEXT,
  phone TEXT,
  effective_on TEXT,
  merged_into INTEGER,
  path TEXT,
  remark TEXT,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_unit_no ON unit (no, id);
CREATE UNIQUE INDEX ix_unit_code_key ON unit (code) WHERE retired = 0;
CREATE INDEX ix_unit_code ON unit (code, id);
CREATE INDEX ix_unit_name ON unit (name, id);
CREATE INDEX ix_unit_parent ON unit (parent);
CREATE INDEX ix_unit_by_seq ON unit (no, seq);
CREATE INDEX ix_unit_index_1 ON unit (no);
CREATE INDEX ix_unit_index_2 ON unit (path);
CREATE TABLE unit_seq (
  unit INTEGER PRIMARY KEY, seq INTEGER NOT NULL
) STRICT;
CREATE TABLE unit_spell (
  unit INTEGER NOT NULL, from_day INTEGER NOT NULL, to_day INTEGER NOT NULL, parent INTEGER NOT NULL, PRIMARY KEY (unit, from_day)
) STRICT;
CREATE INDEX unit_spell_parent ON unit_spell (parent);
CREATE TABLE visitor (
  id BLOB PRIMARY KEY,
  op INTEGER NOT NULL,
  unit INTEGER,
  post BLOB,
  household BLOB,
  name TEXT,
  sex TEXT,
  phone BLOB,
  phone_bi BLOB,
  citizen_id BLOB,
  citizen_id_bi BLOB,
  plate TEXT,
  party INTEGER,
  from_where TEXT,
  been_epidemic INTEGER,
  close_contact INTEGER,
  symptoms INTEGER,
  reason TEXT,
  relation TEXT,
  temperature INTEGER,
  outcome TEXT,
  day TEXT,
  arrived_at INTEGER,
  left_at INTEGER,
  device_at INTEGER,
  remark TEXT,
  clock_doubtful INTEGER,
  shard INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_by BLOB,
  retired INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by BLOB,
  updated_ms INTEGER NOT NULL,
  updated_by BLOB
) STRICT;
CREATE INDEX ix_visitor_unit ON visitor (unit, id);
CREATE INDEX ix_visitor_post ON visitor (post);
CREATE INDEX ix_visitor_household ON visitor (household);
CREATE INDEX ix_visitor_phone ON visitor (phone_bi);
CREATE INDEX ix_visitor_citizen_id ON visitor (citizen_id_bi);
CREATE INDEX ix_visitor_arrived_at ON visitor (op, arrived_at, id);
CREATE INDEX ix_visitor_by_seq ON visitor (unit, seq);
CREATE INDEX ix_visitor_index_1 ON visitor (unit, day);
CREATE INDEX ix_visitor_index_2 ON visitor (unit, state);
CREATE INDEX ix_visitor_deadline_1 ON visitor (op, day) WHERE retired = 0 AND state IN ('inside');
