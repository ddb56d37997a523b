CREATE TABLE account (
  id UUID PRIMARY KEY,
  login TEXT COLLATE "C",
  name TEXT COLLATE "C",
  unit BIGINT,
  responder UUID,
  language TEXT COLLATE "C",
  must_change_password BIGINT,
  last_seen BIGINT,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE UNIQUE INDEX ix_account_login_key ON account (login) WHERE retired = 0;
CREATE INDEX ix_account_login ON account (login, id);
CREATE INDEX ix_account_unit ON account (unit, id);
CREATE INDEX ix_account_responder ON account (responder);
CREATE TABLE alarm (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  code TEXT COLLATE "C",
  unit BIGINT,
  escalated_to BIGINT,
  severity BIGINT,
  subject_kind TEXT COLLATE "C",
  subject_id UUID,
  subject TEXT COLLATE "C",
  value TEXT COLLATE "C",
  cause TEXT COLLATE "C",
  open_cause TEXT COLLATE "C",
  owner_role TEXT COLLATE "C",
  owner_unit BIGINT,
  raised_at BIGINT,
  due_at BIGINT,
  escalations BIGINT,
  acknowledged_by UUID,
  acknowledged_at BIGINT,
  closed_at BIGINT,
  mailed_at BIGINT,
  note TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_alarm_unit ON alarm (unit, id);
CREATE INDEX ix_alarm_acknowledged_by ON alarm (acknowledged_by);
CREATE UNIQUE INDEX ix_alarm_unique_1 ON alarm (op, open_cause) WHERE retired = 0;
CREATE INDEX ix_alarm_index_1 ON alarm (state, due_at);
CREATE INDEX ix_alarm_index_2 ON alarm (state, unit);
CREATE INDEX ix_alarm_index_3 ON alarm (subject_id) WHERE open_cause IS NOT NULL;
CREATE TABLE assignment (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  shift UUID,
  responder UUID,
  unit BIGINT,
  post UUID,
  date TEXT COLLATE "C",
  starts_at BIGINT,
  ends_at BIGINT,
  lead BIGINT,
  signed_in_at BIGINT,
  signed_out_at BIGINT,
  excuse TEXT COLLATE "C",
  heard_at BIGINT,
  decision TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
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
  pos BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL, actor UUID, op BIGINT NOT NULL, action TEXT COLLATE "C" NOT NULL, kind BIGINT NOT NULL, id UUID, unit BIGINT NOT NULL, detail TEXT COLLATE "C", chain BYTEA NOT NULL
);
CREATE INDEX audit_at ON audit (at_ms);
CREATE INDEX audit_id ON audit (id);
CREATE INDEX audit_actor ON audit (actor, at_ms) WHERE action <> 'create';
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''the audit is append-only''; END';
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TABLE auth_epoch (
  one BIGINT PRIMARY KEY, n BIGINT NOT NULL
);
CREATE TABLE batch (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  name TEXT COLLATE "C",
  number BIGINT,
  sender BIGINT,
  planned BIGINT,
  starts TEXT COLLATE "C",
  ends TEXT COLLATE "C",
  receivers TEXT COLLATE "C",
  dispatched_on TEXT COLLATE "C",
  remark TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_batch_sender ON batch (sender, id);
CREATE INDEX ix_batch_starts ON batch (op, starts, id);
CREATE UNIQUE INDEX ix_batch_unique_1 ON batch (op, sender,number) WHERE retired = 0;
CREATE TABLE building (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  compound UUID,
  unit BIGINT,
  name TEXT COLLATE "C",
  code TEXT COLLATE "C",
  kind TEXT COLLATE "C",
  floors BIGINT,
  stairwells BIGINT,
  manager TEXT COLLATE "C",
  note TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_building_compound ON building (compound);
CREATE INDEX ix_building_unit ON building (unit, id);
CREATE INDEX ix_building_by_seq ON building (unit, seq);
CREATE UNIQUE INDEX ix_building_unique_1 ON building (op, compound, code) WHERE retired = 0;
CREATE INDEX ix_building_index_1 ON building (unit, code);
CREATE TABLE building_head (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  building UUID,
  unit BIGINT,
  stairwell TEXT COLLATE "C",
  responder UUID,
  name TEXT COLLATE "C",
  phone BYTEA,
  starts TEXT COLLATE "C",
  ends TEXT COLLATE "C",
  note TEXT COLLATE "C",
  side TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_building_head_building ON building_head (building);
CREATE INDEX ix_building_head_unit ON building_head (unit, id);
CREATE INDEX ix_building_head_responder ON building_head (responder);
CREATE INDEX ix_building_head_starts ON building_head (op, starts, id);
CREATE TABLE chase_note (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  enterprise UUID,
  unit BIGINT,
  day TEXT COLLATE "C",
  outcome TEXT COLLATE "C",
  promise_at BIGINT,
  note TEXT COLLATE "C",
  called_by UUID,
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_chase_note_enterprise ON chase_note (enterprise);
CREATE INDEX ix_chase_note_unit ON chase_note (unit, id);
CREATE INDEX ix_chase_note_called_by ON chase_note (called_by);
CREATE TABLE checklist (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  code TEXT COLLATE "C",
  name TEXT COLLATE "C",
  name_en TEXT COLLATE "C",
  unit BIGINT,
  valid_from TEXT COLLATE "C",
  valid_to TEXT COLLATE "C",
  source TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_checklist_unit ON checklist (unit, id);
CREATE UNIQUE INDEX ix_checklist_unique_1 ON checklist (op, unit,code,valid_from) WHERE retired = 0;
CREATE TABLE checklist_item (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  checklist UUID,
  unit BIGINT,
  code TEXT COLLATE "C",
  place BIGINT,
  label_zh TEXT COLLATE "C",
  label_en TEXT COLLATE "C",
  type TEXT COLLATE "C",
  least BIGINT,
  most BIGINT,
  required BIGINT,
  definition_zh TEXT COLLATE "C",
  definition_en TEXT COLLATE "C",
  filing_field TEXT COLLATE "C",
  valid_to TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_checklist_item_checklist ON checklist_item (checklist);
CREATE INDEX ix_checklist_item_unit ON checklist_item (unit, id);
CREATE UNIQUE INDEX ix_checklist_item_unique_1 ON checklist_item (op, checklist,code) WHERE retired = 0;
CREATE TABLE clash (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  type TEXT COLLATE "C",
  unit BIGINT,
  post UUID,
  pass UUID,
  household UUID,
  first_event UUID,
  second_event UUID,
  first_at BIGINT,
  second_at BIGINT,
  device UUID,
  detail TEXT COLLATE "C",
  day TEXT COLLATE "C",
  found_at BIGINT,
  cause TEXT COLLATE "C",
  outcome TEXT COLLATE "C",
  note TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
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
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  unit BIGINT,
  name TEXT COLLATE "C",
  estate BIGINT,
  address TEXT COLLATE "C",
  note TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_compound_unit ON compound (unit, id);
CREATE INDEX ix_compound_name ON compound (op, name, id);
CREATE INDEX ix_compound_by_seq ON compound (unit, seq);
CREATE UNIQUE INDEX ix_compound_unique_1 ON compound (op, unit, name) WHERE retired = 0;
CREATE UNIQUE INDEX ix_compound_unique_2 ON compound (op, estate) WHERE retired = 0;
CREATE TABLE consolidation (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  unit BIGINT,
  template_code TEXT COLLATE "C",
  day TEXT COLLATE "C",
  totals TEXT COLLATE "C",
  locked_at BIGINT,
  note TEXT COLLATE "C",
  due_at BIGINT,
  late BIGINT,
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_consolidation_unit ON consolidation (unit, id);
CREATE UNIQUE INDEX ix_consolidation_unique_1 ON consolidation (op, unit,template_code,day) WHERE retired = 0;
CREATE TABLE credential (
  account UUID PRIMARY KEY, hash TEXT COLLATE "C" NOT NULL, changed_ms BIGINT NOT NULL
);
CREATE TABLE daily_return (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  enterprise UUID,
  unit BIGINT,
  template UUID,
  template_code TEXT COLLATE "C",
  day TEXT COLLATE "C",
  name TEXT COLLATE "C",
  version BIGINT,
  channel TEXT COLLATE "C",
  taker UUID,
  content TEXT COLLATE "C",
  nil BIGINT,
  no_change BIGINT,
  late BIGINT,
  receipt TEXT COLLATE "C",
  submitted_at BIGINT,
  reminder_given BIGINT,
  prevention TEXT COLLATE "C",
  note TEXT COLLATE "C",
  staff_total BIGINT,
  staff_hubei BIGINT,
  staff_away BIGINT,
  staff_returned_today BIGINT,
  staff_present BIGINT,
  building UUID,
  caller UUID,
  returned_for TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
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
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  responder UUID,
  unit BIGINT,
  sender BIGINT,
  route TEXT COLLATE "C",
  batch UUID,
  pairing UUID,
  slip_no TEXT COLLATE "C",
  team TEXT COLLATE "C",
  duties TEXT COLLATE "C",
  planned_from TEXT COLLATE "C",
  planned_to TEXT COLLATE "C",
  reported_on TEXT COLLATE "C",
  released_on TEXT COLLATE "C",
  release_reason TEXT COLLATE "C",
  feedback TEXT COLLATE "C",
  feedback_on TEXT COLLATE "C",
  remark TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_deployment_responder ON deployment (responder);
CREATE INDEX ix_deployment_unit ON deployment (unit, id);
CREATE INDEX ix_deployment_sender ON deployment (sender, id);
CREATE INDEX ix_deployment_batch ON deployment (batch);
CREATE INDEX ix_deployment_pairing ON deployment (pairing);
CREATE INDEX ix_deployment_reported_on ON deployment (op, reported_on, id);
CREATE INDEX ix_deployment_by_seq ON deployment (unit, seq);
CREATE TABLE device (
  id UUID PRIMARY KEY,
  name TEXT COLLATE "C",
  unit BIGINT,
  account UUID,
  public_key TEXT COLLATE "C",
  last_seen BIGINT,
  post UUID,
  app_version TEXT COLLATE "C",
  last_sync BIGINT,
  waiting BIGINT,
  oldest_waiting_at BIGINT,
  clock_offset_ms BIGINT,
  seq_seen BIGINT,
  missing TEXT COLLATE "C",
  last_item_at BIGINT,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_device_unit ON device (unit, id);
CREATE INDEX ix_device_account ON device (account);
CREATE INDEX ix_device_post ON device (post);
CREATE TABLE device_author (
  token_hash BYTEA PRIMARY KEY, device UUID NOT NULL, account UUID NOT NULL, made_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL, revoked_ms BIGINT
);
CREATE INDEX device_author_device ON device_author (device, account);
CREATE INDEX device_author_account ON device_author (account);
CREATE INDEX device_author_expires ON device_author (expires_ms);
CREATE TABLE device_secret (
  token_hash BYTEA PRIMARY KEY, device UUID NOT NULL, made_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX device_secret_device ON device_secret (device);
CREATE TABLE duty_reminder (
  record UUID NOT NULL, slot BIGINT NOT NULL, at_ms BIGINT NOT NULL, messages BIGINT NOT NULL, PRIMARY KEY (record, slot)
);
CREATE TABLE enterprise (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  name TEXT COLLATE "C",
  credit_code TEXT COLLATE "C",
  unit BIGINT,
  building UUID,
  room TEXT COLLATE "C",
  registered_address TEXT COLLATE "C",
  address TEXT COLLATE "C",
  area_m2 BIGINT,
  industry TEXT COLLATE "C",
  headcount BIGINT,
  contact TEXT COLLATE "C",
  phone BYTEA,
  caller UUID,
  union_status TEXT COLLATE "C",
  registered_on TEXT COLLATE "C",
  planned_on TEXT COLLATE "C",
  resumed_on TEXT COLLATE "C",
  guided_on TEXT COLLATE "C",
  closed_on TEXT COLLATE "C",
  effective_on TEXT COLLATE "C",
  link_serial BIGINT,
  note TEXT COLLATE "C",
  short_names TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_enterprise_name ON enterprise (op, name, id);
CREATE UNIQUE INDEX ix_enterprise_credit_code_key ON enterprise (op, credit_code) WHERE retired = 0;
CREATE INDEX ix_enterprise_credit_code ON enterprise (credit_code);
CREATE INDEX ix_enterprise_unit ON enterprise (unit, id);
CREATE INDEX ix_enterprise_building ON enterprise (building);
CREATE INDEX ix_enterprise_caller ON enterprise (caller);
CREATE INDEX ix_enterprise_index_1 ON enterprise (op, unit);
CREATE TABLE enterprise_contact (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  enterprise UUID,
  unit BIGINT,
  role TEXT COLLATE "C",
  name TEXT COLLATE "C",
  phone BYTEA,
  phone_bi BYTEA,
  from_on TEXT COLLATE "C",
  to_on TEXT COLLATE "C",
  note TEXT COLLATE "C",
  email BYTEA,
  remind_by TEXT COLLATE "C",
  language TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_enterprise_contact_enterprise ON enterprise_contact (enterprise);
CREATE INDEX ix_enterprise_contact_unit ON enterprise_contact (unit, id);
CREATE INDEX ix_enterprise_contact_phone ON enterprise_contact (phone_bi);
CREATE TABLE figure (
  op BIGINT NOT NULL, unit BIGINT NOT NULL, ind BIGINT NOT NULL, day BIGINT NOT NULL, minute BIGINT NOT NULL, known_day BIGINT NOT NULL, lane BIGINT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (op, unit, ind, day, minute, known_day, lane)
);
CREATE TABLE figure_indicator (
  ind BIGINT PRIMARY KEY, counted_ms BIGINT NOT NULL
);
CREATE TABLE figure_leaf (
  lane BIGINT NOT NULL, n BIGINT NOT NULL, op BIGINT NOT NULL, unit BIGINT NOT NULL, ind BIGINT NOT NULL, member UUID NOT NULL, day BIGINT NOT NULL, minute BIGINT NOT NULL, known_day BIGINT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (lane, n, op, unit, ind, member, day, minute, known_day)
);
CREATE TABLE figure_member (
  op BIGINT NOT NULL, unit BIGINT NOT NULL, ind BIGINT NOT NULL, member UUID NOT NULL, day BIGINT NOT NULL, known_day BIGINT NOT NULL, lane BIGINT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (op, unit, ind, member, day, known_day, lane)
);
CREATE TABLE figure_position (
  lane BIGINT PRIMARY KEY, written BIGINT NOT NULL, rolled BIGINT NOT NULL
);
CREATE TABLE filing (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  enterprise UUID,
  unit BIGINT,
  checklist UUID,
  planned_on TEXT COLLATE "C",
  first_batch BIGINT,
  answers TEXT COLLATE "C",
  filed_on TEXT COLLATE "C",
  checked_on TEXT COLLATE "C",
  findings TEXT COLLATE "C",
  decided_on TEXT COLLATE "C",
  note TEXT COLLATE "C",
  attendance BIGINT,
  area_per_person BIGINT,
  spacing BIGINT,
  stock_days BIGINT,
  meals TEXT COLLATE "C",
  work_mode TEXT COLLATE "C",
  returned_for TEXT COLLATE "C",
  found TEXT COLLATE "C",
  first_checker UUID,
  second_checker UUID,
  second_findings TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_filing_enterprise ON filing (enterprise);
CREATE INDEX ix_filing_unit ON filing (unit, id);
CREATE INDEX ix_filing_checklist ON filing (checklist);
CREATE INDEX ix_filing_planned_on ON filing (op, planned_on, id);
CREATE INDEX ix_filing_first_checker ON filing (first_checker);
CREATE INDEX ix_filing_second_checker ON filing (second_checker);
CREATE INDEX ix_filing_deadline_1 ON filing (op, planned_on) WHERE retired = 0 AND state IN ('filed', 'first_check');
CREATE INDEX ix_filing_deadline_2 ON filing (op, planned_on) WHERE retired = 0 AND state IN ('checked');
CREATE TABLE gate_cursor (
  unit BIGINT NOT NULL PRIMARY KEY, seq BIGINT NOT NULL
);
CREATE TABLE gate_event (
  id UUID NOT NULL,
  op BIGINT NOT NULL,
  unit BIGINT NOT NULL,
  post UUID,
  direction TEXT COLLATE "C",
  who_kind TEXT COLLATE "C",
  who TEXT COLLATE "C",
  door TEXT COLLATE "C",
  vehicle TEXT COLLATE "C",
  temperature BIGINT,
  first_temperature BIGINT,
  outcome TEXT COLLATE "C",
  reason TEXT COLLATE "C",
  device_at BIGINT,
  day TEXT COLLATE "C",
  abnormal BIGINT,
  corrects UUID,
  pass UUID,
  household UUID,
  visitor UUID,
  how TEXT COLLATE "C",
  verdict TEXT COLLATE "C",
  device UUID,
  device_seq BIGINT,
  offline BIGINT,
  clock_offset BIGINT,
  happened_at BIGINT,
  mask_worn BIGINT,
  skipped_temperature BIGINT,
  pass_serial BIGINT,
  clock_doubtful BIGINT,
  seq BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  digest BYTEA,
  PRIMARY KEY (unit, seq)
);
CREATE UNIQUE INDEX ix_gate_event_id ON gate_event (id);
CREATE INDEX ix_gate_event_index_1 ON gate_event (unit, day);
CREATE UNIQUE INDEX ix_gate_event_index_2 ON gate_event (corrects) WHERE corrects IS NOT NULL;
CREATE INDEX ix_gate_event_index_3 ON gate_event (pass, happened_at) WHERE pass IS NOT NULL;
CREATE INDEX ix_gate_event_index_4 ON gate_event (household, happened_at) WHERE household IS NOT NULL;
CREATE INDEX ix_gate_event_index_5 ON gate_event (visitor) WHERE visitor IS NOT NULL;
CREATE TABLE gate_out (
  pass UUID NOT NULL PRIMARY KEY, op BIGINT NOT NULL, unit BIGINT NOT NULL, household UUID, post UUID NOT NULL, event UUID NOT NULL, since_ms BIGINT NOT NULL, known_ms BIGINT NOT NULL, raised BIGINT NOT NULL
);
CREATE INDEX gate_out_due ON gate_out (op, raised, since_ms);
;
CREATE TABLE generation (
  name TEXT COLLATE "C" PRIMARY KEY, n BIGINT NOT NULL
);
CREATE TABLE guidance (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  enterprise UUID,
  unit BIGINT,
  day TEXT COLLATE "C",
  departments TEXT COLLATE "C",
  directive TEXT COLLATE "C",
  advice TEXT COLLATE "C",
  given_by UUID,
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_guidance_enterprise ON guidance (enterprise);
CREATE INDEX ix_guidance_unit ON guidance (unit, id);
CREATE INDEX ix_guidance_given_by ON guidance (given_by);
CREATE TABLE handover (
  id UUID NOT NULL,
  op BIGINT NOT NULL,
  unit BIGINT NOT NULL,
  post UUID,
  day TEXT COLLATE "C",
  outgoing UUID,
  incoming UUID,
  shift UUID,
  inside BIGINT,
  overdue TEXT COLLATE "C",
  in_hand TEXT COLLATE "C",
  keys TEXT COLLATE "C",
  stock TEXT COLLATE "C",
  remarks TEXT COLLATE "C",
  outgoing_at BIGINT,
  incoming_at BIGINT,
  device_at BIGINT,
  paper BIGINT,
  confirmed BIGINT,
  outgoing_by UUID,
  incoming_by UUID,
  outgoing_proof TEXT COLLATE "C",
  incoming_proof TEXT COLLATE "C",
  clock_doubtful BIGINT,
  seq BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  digest BYTEA,
  PRIMARY KEY (unit, seq)
);
CREATE UNIQUE INDEX ix_handover_id ON handover (id);
CREATE INDEX ix_handover_index_1 ON handover (unit, day);
CREATE TABLE hazard (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  unit BIGINT,
  enterprise UUID,
  building UUID,
  found_name TEXT COLLATE "C",
  kind TEXT COLLATE "C",
  what TEXT COLLATE "C",
  found_on TEXT COLLATE "C",
  owner TEXT COLLATE "C",
  due_on TEXT COLLATE "C",
  fixed_on TEXT COLLATE "C",
  responder UUID,
  interim TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_hazard_unit ON hazard (unit, id);
CREATE INDEX ix_hazard_enterprise ON hazard (enterprise);
CREATE INDEX ix_hazard_building ON hazard (building);
CREATE INDEX ix_hazard_due_on ON hazard (op, due_on, id);
CREATE INDEX ix_hazard_responder ON hazard (responder);
CREATE INDEX ix_hazard_deadline_1 ON hazard (op, due_on) WHERE retired = 0 AND state IN ('found', 'fixing');
CREATE TABLE history (
  kind BIGINT NOT NULL, id UUID NOT NULL, rev BIGINT NOT NULL, op BIGINT, unit BIGINT, at_ms BIGINT NOT NULL, actor UUID, action TEXT COLLATE "C" NOT NULL, reason TEXT COLLATE "C", changes TEXT COLLATE "C", PRIMARY KEY (kind, id, rev)
);
CREATE TABLE household (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  building UUID,
  compound UUID,
  unit BIGINT,
  stairwell TEXT COLLATE "C",
  door TEXT COLLATE "C",
  code TEXT COLLATE "C",
  tenure TEXT COLLATE "C",
  occupied TEXT COLLATE "C",
  note TEXT COLLATE "C",
  since TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_household_building ON household (building);
CREATE INDEX ix_household_compound ON household (compound);
CREATE INDEX ix_household_unit ON household (unit, id);
CREATE INDEX ix_household_by_seq ON household (unit, seq);
CREATE UNIQUE INDEX ix_household_unique_1 ON household (op, building, code) WHERE retired = 0;
CREATE INDEX ix_household_index_1 ON household (compound, code);
CREATE TABLE import_row (
  import UUID NOT NULL, row BIGINT NOT NULL, n BIGINT NOT NULL, kind BIGINT NOT NULL, id UUID NOT NULL, created BIGINT NOT NULL, rev BIGINT NOT NULL, PRIMARY KEY (import, row, n)
);
CREATE TABLE import_run (
  id UUID PRIMARY KEY,
  kind TEXT COLLATE "C",
  unit BIGINT,
  filename TEXT COLLATE "C",
  rows BIGINT,
  created BIGINT,
  updated BIGINT,
  unchanged BIGINT,
  bad BIGINT,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_import_run_unit ON import_run (unit, id);
CREATE TABLE invitation (
  code_hash BYTEA PRIMARY KEY, account UUID NOT NULL, made_by UUID, made_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL, used_ms BIGINT
);
CREATE INDEX invitation_account ON invitation (account);
CREATE TABLE job_lease (
  name TEXT COLLATE "C" PRIMARY KEY, holder UUID NOT NULL, until_ms BIGINT NOT NULL
);
CREATE TABLE login_failure (
  login_hash BYTEA PRIMARY KEY, failed BIGINT NOT NULL, at_ms BIGINT NOT NULL, locked_until_ms BIGINT NOT NULL
);
CREATE INDEX login_failure_at ON login_failure (at_ms);
CREATE TABLE login_session (
  token_hash BYTEA PRIMARY KEY, id UUID NOT NULL, account UUID NOT NULL, device UUID, created_ms BIGINT NOT NULL, last_seen_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL, peer TEXT COLLATE "C"
);
CREATE UNIQUE INDEX login_session_id ON login_session (id);
CREATE INDEX login_session_account ON login_session (account);
CREATE INDEX login_session_expires ON login_session (expires_ms);
CREATE TABLE merge (
  id UUID PRIMARY KEY, kind BIGINT NOT NULL, op BIGINT, winner UUID NOT NULL, loser UUID NOT NULL, at_ms BIGINT NOT NULL, actor UUID, moved TEXT COLLATE "C" NOT NULL, undone_ms BIGINT
);
CREATE INDEX merge_winner ON merge (winner);
CREATE TABLE operation (
  id UUID PRIMARY KEY,
  no BIGINT,
  code TEXT COLLATE "C",
  name TEXT COLLATE "C",
  timezone TEXT COLLATE "C",
  begins TEXT COLLATE "C",
  ends TEXT COLLATE "C",
  remark TEXT COLLATE "C",
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_operation_no ON operation (no, id);
CREATE UNIQUE INDEX ix_operation_code_key ON operation (code) WHERE retired = 0;
CREATE INDEX ix_operation_code ON operation (code);
CREATE INDEX ix_operation_begins ON operation (begins, id);
CREATE TABLE outbox_message (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  channel TEXT COLLATE "C",
  topic TEXT COLLATE "C",
  recipient BYTEA,
  recipient_bi BYTEA,
  subject BYTEA,
  body BYTEA,
  unit BIGINT,
  subject_kind TEXT COLLATE "C",
  subject_id UUID,
  digest_window BIGINT,
  attempts BIGINT,
  next_at BIGINT,
  sent_at BIGINT,
  sent_with UUID,
  gave_up_at BIGINT,
  last_error TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_outbox_message_recipient ON outbox_message (recipient_bi);
CREATE INDEX ix_outbox_message_unit ON outbox_message (unit, id);
CREATE INDEX ix_outbox_message_next_at ON outbox_message (op, next_at, id);
CREATE INDEX ix_outbox_message_index_1 ON outbox_message (state, next_at);
CREATE INDEX ix_outbox_message_index_2 ON outbox_message (subject_id);
CREATE TABLE pairing (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  sender BIGINT,
  receiver BIGINT,
  starts TEXT COLLATE "C",
  ends TEXT COLLATE "C",
  remark TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_pairing_sender ON pairing (sender, id);
CREATE INDEX ix_pairing_receiver ON pairing (receiver, id);
CREATE INDEX ix_pairing_starts ON pairing (op, starts, id);
CREATE UNIQUE INDEX ix_pairing_unique_1 ON pairing (op, sender,receiver,starts) WHERE retired = 0;
CREATE TABLE pass (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  number TEXT COLLATE "C",
  serial BIGINT,
  class TEXT COLLATE "C",
  compound UUID,
  estate BIGINT,
  unit BIGINT,
  household UUID,
  resident UUID,
  plate TEXT COLLATE "C",
  visitor UUID,
  valid_from TEXT COLLATE "C",
  valid_to TEXT COLLATE "C",
  key_id BIGINT,
  printed_at BIGINT,
  void_reason TEXT COLLATE "C",
  replaced_by UUID,
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
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
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  key_id BIGINT,
  public_key TEXT COLLATE "C",
  made_on TEXT COLLATE "C",
  retired_on TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_pass_key_key_id ON pass_key (op, key_id, id);
CREATE UNIQUE INDEX ix_pass_key_unique_1 ON pass_key (op, key_id) WHERE retired = 0;
CREATE TABLE photo (
  id UUID PRIMARY KEY, op BIGINT NOT NULL, unit BIGINT NOT NULL, owner UUID NOT NULL, at_ms BIGINT NOT NULL, expires_day BIGINT NOT NULL, content_type TEXT COLLATE "C" NOT NULL, sealed BYTEA NOT NULL
);
CREATE INDEX photo_expires ON photo (expires_day);
CREATE TABLE policy_rule (
  id UUID PRIMARY KEY,
  operation UUID,
  key TEXT COLLATE "C",
  effective_from TEXT COLLATE "C",
  value BIGINT,
  source TEXT COLLATE "C",
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_policy_rule_operation ON policy_rule (operation);
CREATE INDEX ix_policy_rule_key ON policy_rule (key, id);
CREATE INDEX ix_policy_rule_effective_from ON policy_rule (effective_from, id);
CREATE UNIQUE INDEX ix_policy_rule_unique_1 ON policy_rule (operation,key,effective_from) WHERE retired = 0;
CREATE TABLE post (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  name TEXT COLLATE "C",
  unit BIGINT,
  kind TEXT COLLATE "C",
  place TEXT COLLATE "C",
  required BIGINT,
  lead UUID,
  photo_required BIGINT,
  skills TEXT COLLATE "C",
  remark TEXT COLLATE "C",
  code_serial BIGINT,
  closed_at BIGINT,
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_post_name ON post (op, name, id);
CREATE INDEX ix_post_unit ON post (unit, id);
CREATE INDEX ix_post_lead ON post (lead);
CREATE INDEX ix_post_by_seq ON post (unit, seq);
CREATE UNIQUE INDEX ix_post_unique_1 ON post (op, unit,name) WHERE retired = 0;
CREATE TABLE quarantine (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  unit BIGINT,
  device UUID,
  account UUID,
  reason TEXT COLLATE "C",
  what TEXT COLLATE "C",
  content BYTEA,
  device_seq BIGINT,
  written_at BIGINT,
  clock_offset_ms BIGINT,
  note TEXT COLLATE "C",
  result TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_quarantine_unit ON quarantine (unit, id);
CREATE INDEX ix_quarantine_device ON quarantine (device);
CREATE INDEX ix_quarantine_account ON quarantine (account);
CREATE INDEX ix_quarantine_written_at ON quarantine (op, written_at, id);
CREATE INDEX ix_quarantine_index_1 ON quarantine (device, state);
CREATE INDEX ix_quarantine_index_2 ON quarantine (state, unit);
CREATE TABLE receipt (
  id UUID PRIMARY KEY, op BIGINT, unit BIGINT, actor UUID, digest BYTEA NOT NULL, status BIGINT NOT NULL, answer TEXT COLLATE "C", at_ms BIGINT NOT NULL
);
CREATE INDEX receipt_at ON receipt (at_ms);
CREATE TABLE resident (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  household UUID,
  compound UUID,
  unit BIGINT,
  name TEXT COLLATE "C",
  sex TEXT COLLATE "C",
  birth TEXT COLLATE "C",
  citizen_id BYTEA,
  citizen_id_bi BYTEA,
  phone BYTEA,
  phone_bi BYTEA,
  relation TEXT COLLATE "C",
  living TEXT COLLATE "C",
  no_phone BIGINT,
  care TEXT COLLATE "C",
  employer TEXT COLLATE "C",
  hukou TEXT COLLATE "C",
  since TEXT COLLATE "C",
  left_on TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_resident_household ON resident (household);
CREATE INDEX ix_resident_compound ON resident (compound);
CREATE INDEX ix_resident_unit ON resident (unit, id);
CREATE INDEX ix_resident_name ON resident (op, name, id);
CREATE INDEX ix_resident_citizen_id ON resident (citizen_id_bi);
CREATE INDEX ix_resident_phone ON resident (phone_bi);
CREATE INDEX ix_resident_by_seq ON resident (unit, seq);
CREATE TABLE responder (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  name TEXT COLLATE "C",
  sex TEXT COLLATE "C",
  id_type TEXT COLLATE "C",
  id_number BYTEA,
  id_number_bi BYTEA,
  phone BYTEA,
  phone_bi BYTEA,
  employer BIGINT,
  serving BIGINT,
  home_community BIGINT,
  category TEXT COLLATE "C",
  position TEXT COLLATE "C",
  political TEXT COLLATE "C",
  skills TEXT COLLATE "C",
  available_from TEXT COLLATE "C",
  available_to TEXT COLLATE "C",
  health_declared BIGINT,
  health_note BYTEA,
  emergency_name TEXT COLLATE "C",
  emergency_phone BYTEA,
  retires_on TEXT COLLATE "C",
  remark TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_responder_name ON responder (op, name, id);
CREATE INDEX ix_responder_id_number ON responder (id_number_bi);
CREATE INDEX ix_responder_phone ON responder (phone_bi);
CREATE INDEX ix_responder_employer ON responder (employer, id);
CREATE INDEX ix_responder_serving ON responder (serving, id);
CREATE INDEX ix_responder_by_seq ON responder (employer, seq);
CREATE TABLE responsibility (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  enterprise UUID,
  unit BIGINT,
  party TEXT COLLATE "C",
  body TEXT COLLATE "C",
  person TEXT COLLATE "C",
  phone BYTEA,
  duty TEXT COLLATE "C",
  from_on TEXT COLLATE "C",
  to_on TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_responsibility_enterprise ON responsibility (enterprise);
CREATE INDEX ix_responsibility_unit ON responsibility (unit, id);
CREATE TABLE resumption_step (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  enterprise UUID,
  unit BIGINT,
  from_unit BIGINT,
  step TEXT COLLATE "C",
  day TEXT COLLATE "C",
  from_state TEXT COLLATE "C",
  to_state TEXT COLLATE "C",
  was_guided BIGINT,
  guided BIGINT,
  reason TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_resumption_step_enterprise ON resumption_step (enterprise);
CREATE INDEX ix_resumption_step_unit ON resumption_step (unit, id);
CREATE TABLE return_template (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  code TEXT COLLATE "C",
  version BIGINT,
  name TEXT COLLATE "C",
  name_en TEXT COLLATE "C",
  unit BIGINT,
  valid_from TEXT COLLATE "C",
  valid_to TEXT COLLATE "C",
  deadline BIGINT,
  cutoff BIGINT,
  remind_at BIGINT,
  escalate_at BIGINT,
  weekdays TEXT COLLATE "C",
  note TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_return_template_unit ON return_template (unit, id);
CREATE INDEX ix_return_template_valid_from ON return_template (op, valid_from, id);
CREATE UNIQUE INDEX ix_return_template_unique_1 ON return_template (op, code,version) WHERE retired = 0;
CREATE TABLE return_version (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  daily_return UUID,
  unit BIGINT,
  number BIGINT,
  day TEXT COLLATE "C",
  channel TEXT COLLATE "C",
  taker UUID,
  content TEXT COLLATE "C",
  nil BIGINT,
  no_change BIGINT,
  late BIGINT,
  beside BIGINT,
  receipt TEXT COLLATE "C",
  prevention TEXT COLLATE "C",
  note TEXT COLLATE "C",
  withdrawn BIGINT,
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_return_version_daily_return ON return_version (daily_return);
CREATE INDEX ix_return_version_unit ON return_version (unit, id);
CREATE INDEX ix_return_version_taker ON return_version (taker);
CREATE INDEX ix_return_version_index_1 ON return_version (op, day) WHERE beside = 1;
CREATE TABLE role_grant (
  id UUID PRIMARY KEY,
  account UUID,
  role TEXT COLLATE "C",
  unit BIGINT,
  operation UUID,
  valid_from TEXT COLLATE "C",
  valid_to TEXT COLLATE "C",
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_role_grant_account ON role_grant (account);
CREATE INDEX ix_role_grant_unit ON role_grant (unit, id);
CREATE INDEX ix_role_grant_operation ON role_grant (operation);
CREATE TABLE setting (
  op BIGINT NOT NULL, name TEXT COLLATE "C" NOT NULL, number BIGINT, words TEXT COLLATE "C", at_ms BIGINT NOT NULL, actor UUID, PRIMARY KEY (op, name)
);
CREATE TABLE shift (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  post UUID,
  unit BIGINT,
  date TEXT COLLATE "C",
  start BIGINT,
  end_at BIGINT,
  starts_at BIGINT,
  ends_at BIGINT,
  required BIGINT,
  template UUID,
  remark TEXT COLLATE "C",
  cover BIGINT,
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_shift_post ON shift (post);
CREATE INDEX ix_shift_unit ON shift (unit, id);
CREATE INDEX ix_shift_date ON shift (op, date, id);
CREATE INDEX ix_shift_template ON shift (template);
CREATE INDEX ix_shift_by_seq ON shift (unit, seq);
CREATE UNIQUE INDEX ix_shift_unique_1 ON shift (op, post,date,start) WHERE retired = 0;
CREATE TABLE shift_template (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  post UUID,
  unit BIGINT,
  name TEXT COLLATE "C",
  start BIGINT,
  end_at BIGINT,
  required BIGINT,
  weekdays TEXT COLLATE "C",
  valid_from TEXT COLLATE "C",
  valid_to TEXT COLLATE "C",
  cover BIGINT,
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_shift_template_post ON shift_template (post);
CREATE INDEX ix_shift_template_unit ON shift_template (unit, id);
CREATE TABLE sign_in (
  id UUID NOT NULL,
  op BIGINT NOT NULL,
  assignment UUID,
  unit BIGINT NOT NULL,
  post UUID,
  responder UUID,
  phase TEXT COLLATE "C",
  temperature BIGINT,
  outcome TEXT COLLATE "C",
  method TEXT COLLATE "C",
  photo UUID,
  device_at BIGINT,
  at BIGINT,
  day TEXT COLLATE "C",
  remark TEXT COLLATE "C",
  clock_doubtful BIGINT,
  seq BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  digest BYTEA,
  PRIMARY KEY (unit, seq)
);
CREATE UNIQUE INDEX ix_sign_in_id ON sign_in (id);
CREATE INDEX ix_sign_in_index_1 ON sign_in (assignment);
CREATE TABLE staff_line (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  enterprise UUID,
  unit BIGINT,
  name BYTEA,
  hubei TEXT COLLATE "C",
  left_on TEXT COLLATE "C",
  place TEXT COLLATE "C",
  plan_back_on TEXT COLLATE "C",
  back_on TEXT COLLATE "C",
  isolating_until TEXT COLLATE "C",
  at_work_on TEXT COLLATE "C",
  ended_on TEXT COLLATE "C",
  note TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_staff_line_enterprise ON staff_line (enterprise);
CREATE INDEX ix_staff_line_unit ON staff_line (unit, id);
CREATE TABLE template_check (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  template UUID,
  unit BIGINT,
  level TEXT COLLATE "C",
  left_side TEXT COLLATE "C",
  operator TEXT COLLATE "C",
  right_side TEXT COLLATE "C",
  words_zh TEXT COLLATE "C",
  words_en TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_template_check_template ON template_check (template);
CREATE INDEX ix_template_check_unit ON template_check (unit, id);
CREATE TABLE template_field (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  template UUID,
  unit BIGINT,
  code TEXT COLLATE "C",
  place BIGINT,
  group_zh TEXT COLLATE "C",
  group_en TEXT COLLATE "C",
  label_zh TEXT COLLATE "C",
  label_en TEXT COLLATE "C",
  definition_zh TEXT COLLATE "C",
  definition_en TEXT COLLATE "C",
  type TEXT COLLATE "C",
  choices TEXT COLLATE "C",
  source TEXT COLLATE "C",
  key TEXT COLLATE "C",
  required BIGINT,
  carries BIGINT,
  most BIGINT,
  valid_to TEXT COLLATE "C",
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_template_field_template ON template_field (template);
CREATE INDEX ix_template_field_unit ON template_field (unit, id);
CREATE UNIQUE INDEX ix_template_field_unique_1 ON template_field (op, template,code) WHERE retired = 0;
CREATE TABLE template_level (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  template UUID,
  unit BIGINT,
  level TEXT COLLATE "C",
  due_at BIGINT,
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_template_level_template ON template_level (template);
CREATE INDEX ix_template_level_unit ON template_level (unit, id);
CREATE UNIQUE INDEX ix_template_level_unique_1 ON template_level (op, template,level) WHERE retired = 0;
CREATE TABLE tombstone (
  unit BIGINT NOT NULL, kind BIGINT NOT NULL, id UUID NOT NULL, op BIGINT, seq BIGINT NOT NULL, PRIMARY KEY (unit, kind, id)
);
CREATE INDEX tombstone_by_seq ON tombstone (unit, seq);
CREATE TABLE unit (
  id UUID PRIMARY KEY,
  no BIGINT,
  code TEXT COLLATE "C",
  name TEXT COLLATE "C",
  kind TEXT COLLATE "C",
  parent BIGINT,
  parent_code TEXT COLLATE "C",
  aliases TEXT COLLATE "C",
  valid_from TEXT COLLATE "C",
  valid_to TEXT COLLATE "C",
  address TEXT COLLATE "C",
  phone TEXT COLLATE "C",
  effective_on TEXT COLLATE "C",
  merged_into BIGINT,
  path TEXT COLLATE "C",
  remark TEXT COLLATE "C",
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
CREATE INDEX ix_unit_no ON unit (no, id);
CREATE UNIQUE INDEX ix_unit_code_key ON unit (code) WHERE retired = 0;
CREATE INDEX ix_unit_code ON unit (code, id);
CREATE INDEX ix_unit_name ON unit (name, id);
CREATE INDEX ix_unit_parent ON unit (parent);
CREATE INDEX ix_unit_by_seq ON unit (no, seq);
CREATE INDEX ix_unit_index_1 ON unit (no);
CREATE INDEX ix_unit_index_2 ON unit (path);
CREATE TABLE unit_seq (
  unit BIGINT PRIMARY KEY, seq BIGINT NOT NULL
);
CREATE TABLE unit_spell (
  unit BIGINT NOT NULL, from_day BIGINT NOT NULL, to_day BIGINT NOT NULL, parent BIGINT NOT NULL, PRIMARY KEY (unit, from_day)
);
CREATE INDEX unit_spell_parent ON unit_spell (parent);
CREATE TABLE visitor (
  id UUID PRIMARY KEY,
  op BIGINT NOT NULL,
  unit BIGINT,
  post UUID,
  household UUID,
  name TEXT COLLATE "C",
  sex TEXT COLLATE "C",
  phone BYTEA,
  phone_bi BYTEA,
  citizen_id BYTEA,
  citizen_id_bi BYTEA,
  plate TEXT COLLATE "C",
  party BIGINT,
  from_where TEXT COLLATE "C",
  been_epidemic BIGINT,
  close_contact BIGINT,
  symptoms BIGINT,
  reason TEXT COLLATE "C",
  relation TEXT COLLATE "C",
  temperature BIGINT,
  outcome TEXT COLLATE "C",
  day TEXT COLLATE "C",
  arrived_at BIGINT,
  left_at BIGINT,
  device_at BIGINT,
  remark TEXT COLLATE "C",
  clock_doubtful BIGINT,
  shard BIGINT NOT NULL DEFAULT 0,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  state_by UUID,
  retired BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  created_by UUID,
  updated_ms BIGINT NOT NULL,
  updated_by UUID
);
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
