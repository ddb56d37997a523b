-- Each record of an operation says in which community it was made (0: a central one). Its scope may
-- move, this does not: records of one community can be laid onto a server of their own. Events need
-- no column: their key begins with it.
CREATE TEMP TABLE home AS
  SELECT u.no AS unit, max(a.no) AS community FROM unit u JOIN unit a
    ON u.path BETWEEN a.path AND a.path || '/~'
  WHERE u.no IS NOT NULL AND a.kind = 'community' GROUP BY u.no;
CREATE UNIQUE INDEX home_unit ON home (unit);
ALTER TABLE alarm ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE alarm SET shard = home.community FROM home WHERE home.unit = alarm.unit;
ALTER TABLE outbox_message ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE outbox_message SET shard = home.community FROM home WHERE home.unit = outbox_message.unit;
ALTER TABLE quarantine ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE quarantine SET shard = home.community FROM home WHERE home.unit = quarantine.unit;
ALTER TABLE responder ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE responder SET shard = home.community FROM home WHERE home.unit = responder.employer;
ALTER TABLE batch ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE batch SET shard = home.community FROM home WHERE home.unit = batch.sender;
ALTER TABLE pairing ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE pairing SET shard = home.community FROM home WHERE home.unit = pairing.sender;
ALTER TABLE deployment ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE deployment SET shard = home.community FROM home WHERE home.unit = deployment.unit;
ALTER TABLE post ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE post SET shard = home.community FROM home WHERE home.unit = post.unit;
ALTER TABLE shift_template ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE shift_template SET shard = home.community FROM home WHERE home.unit = shift_template.unit;
ALTER TABLE shift ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE shift SET shard = home.community FROM home WHERE home.unit = shift.unit;
ALTER TABLE assignment ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE assignment SET shard = home.community FROM home WHERE home.unit = assignment.unit;
ALTER TABLE compound ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE compound SET shard = home.community FROM home WHERE home.unit = compound.unit;
ALTER TABLE building ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE building SET shard = home.community FROM home WHERE home.unit = building.unit;
ALTER TABLE building_head ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE building_head SET shard = home.community FROM home WHERE home.unit = building_head.unit;
ALTER TABLE household ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE household SET shard = home.community FROM home WHERE home.unit = household.unit;
ALTER TABLE resident ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE resident SET shard = home.community FROM home WHERE home.unit = resident.unit;
ALTER TABLE pass ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE pass SET shard = home.community FROM home WHERE home.unit = pass.unit;
ALTER TABLE visitor ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE visitor SET shard = home.community FROM home WHERE home.unit = visitor.unit;
ALTER TABLE pass_key ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clash ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE clash SET shard = home.community FROM home WHERE home.unit = clash.unit;
ALTER TABLE enterprise ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE enterprise SET shard = home.community FROM home WHERE home.unit = enterprise.unit;
ALTER TABLE enterprise_contact ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE enterprise_contact SET shard = home.community FROM home WHERE home.unit = enterprise_contact.unit;
ALTER TABLE resumption_step ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE resumption_step SET shard = home.community FROM home WHERE home.unit = resumption_step.unit;
ALTER TABLE return_template ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE return_template SET shard = home.community FROM home WHERE home.unit = return_template.unit;
ALTER TABLE template_field ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE template_field SET shard = home.community FROM home WHERE home.unit = template_field.unit;
ALTER TABLE template_check ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE template_check SET shard = home.community FROM home WHERE home.unit = template_check.unit;
ALTER TABLE template_level ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE template_level SET shard = home.community FROM home WHERE home.unit = template_level.unit;
ALTER TABLE daily_return ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE daily_return SET shard = home.community FROM home WHERE home.unit = daily_return.unit;
ALTER TABLE return_version ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE return_version SET shard = home.community FROM home WHERE home.unit = return_version.unit;
ALTER TABLE staff_line ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE staff_line SET shard = home.community FROM home WHERE home.unit = staff_line.unit;
ALTER TABLE chase_note ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE chase_note SET shard = home.community FROM home WHERE home.unit = chase_note.unit;
ALTER TABLE consolidation ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE consolidation SET shard = home.community FROM home WHERE home.unit = consolidation.unit;
ALTER TABLE checklist ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE checklist SET shard = home.community FROM home WHERE home.unit = checklist.unit;
ALTER TABLE checklist_item ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checklist_item ADD COLUMN valid_to TEXT;
UPDATE checklist_item SET shard = home.community FROM home WHERE home.unit = checklist_item.unit;
ALTER TABLE filing ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE filing SET shard = home.community FROM home WHERE home.unit = filing.unit;
ALTER TABLE guidance ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE guidance SET shard = home.community FROM home WHERE home.unit = guidance.unit;
ALTER TABLE responsibility ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE responsibility SET shard = home.community FROM home WHERE home.unit = responsibility.unit;
ALTER TABLE prevention_gap ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
UPDATE prevention_gap SET shard = home.community FROM home WHERE home.unit = prevention_gap.unit;
DROP TABLE home;
-- Alarms of one record, and what is over by its deadline.
CREATE INDEX ix_alarm_index_3 ON alarm (subject_id) WHERE open_cause IS NOT NULL;
CREATE INDEX ix_assignment_deadline_1 ON assignment (op, starts_at) WHERE retired = 0 AND state IN ('due', 'absent');
-- What is kept in memory, and how often it has moved.
CREATE TABLE generation (
  name TEXT PRIMARY KEY, n INTEGER NOT NULL
) STRICT;
-- Gaps in prevention are hazards: whose task one is, what protects meanwhile, and what is over.
ALTER TABLE prevention_gap RENAME TO hazard;
DROP INDEX ix_prevention_gap_unit;
DROP INDEX ix_prevention_gap_enterprise;
DROP INDEX ix_prevention_gap_building;
ALTER TABLE hazard ADD COLUMN responder BLOB;
ALTER TABLE hazard ADD COLUMN interim TEXT;
CREATE INDEX ix_hazard_unit ON hazard (unit, id);
CREATE INDEX ix_hazard_enterprise ON hazard (enterprise);
CREATE INDEX ix_hazard_building ON hazard (building);
CREATE INDEX ix_hazard_responder ON hazard (responder);
CREATE INDEX ix_hazard_deadline_1 ON hazard (op, due_on) WHERE retired = 0 AND state IN ('found', 'fixing');

-- Filings whose check or decision is over by the day on which they meant to open.
CREATE INDEX ix_filing_deadline_1 ON filing (op, planned_on) WHERE retired = 0 AND state IN ('filed', 'first_check');
CREATE INDEX ix_filing_deadline_2 ON filing (op, planned_on) WHERE retired = 0 AND state IN ('checked');
-- Reminders are of duties; that a unit was told who is missing is its alarm.
ALTER TABLE return_reminder RENAME TO duty_reminder;
ALTER TABLE duty_reminder RENAME COLUMN daily_return TO record;
DROP TABLE return_escalation;
-- A figure's day by its hours, and what counts from a minute of it. What is kept so now is counted anew.
ALTER TABLE figure RENAME TO figure_before;
CREATE TABLE figure (
  op INTEGER NOT NULL, unit INTEGER NOT NULL, ind INTEGER NOT NULL, day INTEGER NOT NULL, minute INTEGER NOT NULL, known_day INTEGER NOT NULL, lane INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (op, unit, ind, day, minute, known_day, lane)
) STRICT, WITHOUT ROWID;
INSERT INTO figure (op, unit, ind, day, known_day, lane, value, minute)
  SELECT op, unit, ind, day, known_day, lane, value, -1 FROM figure_before;
DROP TABLE figure_before;
DELETE FROM figure_indicator WHERE ind IN (10, 20, 21, 22, 23, 24);

-- A gate's code on posters can be renewed.
ALTER TABLE post ADD COLUMN code_serial INTEGER;
-- Visitors who are inside still when their day is over.
CREATE INDEX ix_visitor_deadline_1 ON visitor (op, day) WHERE retired = 0 AND state IN ('inside');
-- What is due soon, of which its owner is reminded.
CREATE INDEX ix_assignment_starts_at ON assignment (op, starts_at, id);
CREATE INDEX ix_hazard_due_on ON hazard (op, due_on, id);
-- A visitor's passages, for the list behind who is inside.
CREATE INDEX ix_gate_event_index_5 ON gate_event (visitor) WHERE visitor IS NOT NULL;
-- Figures rolled up after the commit: what is under way, and up to which commit of each lane.
CREATE TABLE figure_leaf (
  lane INTEGER NOT NULL, n INTEGER NOT NULL, op INTEGER NOT NULL, unit INTEGER NOT NULL, ind INTEGER NOT NULL, member BLOB NOT NULL, day INTEGER NOT NULL, minute INTEGER NOT NULL, known_day INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (lane, n, op, unit, ind, member, day, minute, known_day)
) STRICT, WITHOUT ROWID;
CREATE TABLE figure_position (
  lane INTEGER PRIMARY KEY, written INTEGER NOT NULL, rolled INTEGER NOT NULL
) STRICT;
-- The orders in which lists are read above a subdistrict: whole, with the id that parts what is alike.
DROP INDEX ix_account_login;
CREATE INDEX ix_account_login ON account (login, id);
DROP INDEX ix_unit_code;
CREATE INDEX ix_unit_code ON unit (code, id);
DROP INDEX ix_assignment_date;
CREATE INDEX ix_assignment_date ON assignment (op, date, id);
DROP INDEX ix_shift_date;
CREATE INDEX ix_shift_date ON shift (op, date, id);
DROP INDEX ix_deployment_reported_on;
CREATE INDEX ix_deployment_reported_on ON deployment (op, reported_on, id);
DROP INDEX ix_daily_return_index_2;
CREATE INDEX ix_daily_return_index_2 ON daily_return (op, day, name, id);
CREATE INDEX ix_batch_starts ON batch (op, starts, id);
CREATE INDEX ix_building_head_starts ON building_head (op, starts, id);
CREATE INDEX ix_clash_found_at ON clash (op, found_at, id);
CREATE INDEX ix_compound_name ON compound (op, name, id);
CREATE INDEX ix_enterprise_name ON enterprise (op, name, id);
CREATE INDEX ix_filing_planned_on ON filing (op, planned_on, id);
CREATE INDEX ix_operation_no ON operation (no, id);
CREATE INDEX ix_operation_begins ON operation (begins, id);
CREATE INDEX ix_outbox_message_next_at ON outbox_message (op, next_at, id);
CREATE INDEX ix_pairing_starts ON pairing (op, starts, id);
CREATE INDEX ix_pass_key_key_id ON pass_key (op, key_id, id);
CREATE INDEX ix_policy_rule_key ON policy_rule (key, id);
CREATE INDEX ix_policy_rule_effective_from ON policy_rule (effective_from, id);
CREATE INDEX ix_post_name ON post (op, name, id);
CREATE INDEX ix_quarantine_written_at ON quarantine (op, written_at, id);
CREATE INDEX ix_resident_name ON resident (op, name, id);
CREATE INDEX ix_responder_name ON responder (op, name, id);
CREATE INDEX ix_return_template_valid_from ON return_template (op, valid_from, id);
CREATE INDEX ix_unit_name ON unit (name, id);
CREATE INDEX ix_visitor_arrived_at ON visitor (op, arrived_at, id);
-- Since when a gate is closed: what happened there before may arrive after.
ALTER TABLE post ADD COLUMN closed_at INTEGER;
UPDATE post SET closed_at = updated_ms WHERE state = 'closed';
-- A phone's own numbers, those that never arrived, and when what it sent last happened.
ALTER TABLE device ADD COLUMN seq_seen INTEGER;
ALTER TABLE device ADD COLUMN missing TEXT;
ALTER TABLE device ADD COLUMN last_item_at INTEGER;
-- A phone's moment that cannot be.
ALTER TABLE sign_in ADD COLUMN clock_doubtful INTEGER;
ALTER TABLE gate_event ADD COLUMN clock_doubtful INTEGER;
ALTER TABLE visitor ADD COLUMN clock_doubtful INTEGER;
ALTER TABLE handover ADD COLUMN clock_doubtful INTEGER;
-- A passage is taken back once. Of several corrections in one batch, which all counted, the first stays; the figures
-- of the gate are counted anew (above).
DELETE FROM gate_event WHERE corrects IS NOT NULL AND EXISTS (SELECT 1 FROM gate_event o
  WHERE o.corrects = gate_event.corrects AND (o.seq < gate_event.seq OR (o.seq = gate_event.seq AND o.id < gate_event.id)));
DELETE FROM figure_indicator WHERE ind = 25;
DROP INDEX ix_gate_event_index_2;
CREATE UNIQUE INDEX ix_gate_event_index_2 ON gate_event (corrects) WHERE corrects IS NOT NULL;
-- Duty round the clock.
ALTER TABLE shift_template ADD COLUMN cover INTEGER;
ALTER TABLE shift ADD COLUMN cover INTEGER;
