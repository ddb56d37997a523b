#include "app/operation.h"
#include "domain/rosters/rosters.h"
#include "domain/units/units.h"

/* Responders, batches, pairings, deployments: their rules and what they add to the figures. */

int change_within(struct tx *tx, struct change *by, struct change *inner, struct err *e) {
  inner->op = by->op;
  inner->at_ms = by->at_ms;
  inner->source = by->source;
  inner->internal = true;
  int r = change_ready(inner, e);
  if (r >= 0) r = change_run(tx, inner, e);
  /* what the inner record refuses, the outer one is told */
  for (const struct problem *p = inner->problems.first; p; p = p->next)
    if (!p->warning) problem_text(&by->problems, p->code, p->field, p->limit, p->value, p->other);
  return r;
}

static void dates_in_order(const struct record *r, int from, int to, struct problems *ps) {
  if (rec_null(r, from) || rec_null(r, to)) return;
  if (rec_day(r, to) < rec_day(r, from))
    problem_add(ps, PROBLEM_dates_reversed, str_from(r->kind->fields[to].name));
}

static void not_in_future(const struct change *c, const struct record *r, int field,
                          struct problems *ps) {
  if (!rec_null(r, field) && rec_day(r, field) > c->viewer->today)
    problem_add(ps, PROBLEM_in_future, str_from(r->kind->fields[field].name));
}

/* ---- responders ---- */

void responder_check(const struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps) {
  (void)old;
  dates_in_order(rec, RESPONDER_AVAILABLE_FROM, RESPONDER_AVAILABLE_TO, ps);
  if (!c->given || !c->given[RESPONDER_ID_NUMBER]) return;
  struct str id = rec_text(rec, RESPONDER_ID_NUMBER);
  int32_t birth;
  bool female;
  if (!id.p || !rec_is(rec, RESPONDER_ID_TYPE, "citizen_id")) return;
  if (id.n == 18 && !citizen_id_valid(id, NULL, NULL) && str_ends(id, S("000"))) {
    problem_add(ps, PROBLEM_id_lost_digits, S("id_number"));
    return;
  }
  if (id.n == 18 && id.p[17] == 'x') {
    char *upper = arena_strz(ps->a, id);
    upper[17] = 'X';
    id = str_from(upper);
    rec_set(rec, RESPONDER_ID_NUMBER, V_TEXT(id));
  }
  if (id.n != 18) {
    problem_add(ps, PROBLEM_bad_id_number, S("id_number"));
  } else if (!citizen_id_valid(id, &birth, &female)) {
    problem_add(ps, PROBLEM_bad_check_digit, S("id_number"));
  } else if (birth > c->viewer->today) {
    problem_add(ps, PROBLEM_in_future, S("id_number"));
  } else if (rec_null(rec, RESPONDER_SEX)) {
    /* asked once: the number says it (GB 11643, digit 17) */
    rec_set(rec, RESPONDER_SEX, V_TEXTZ(female ? "female" : "male"));
  }
}

/* The same document is the same person: refused. The same phone may be a couple's: said. */
static int look_for_double(struct tx *tx, struct change *c, struct record *rec, int field,
                           struct problems *ps, struct err *e) {
  struct record *found[4];
  size_t n = 0;
  struct str plain = rec_text(rec, field);
  if (!c->given[field] || !plain.p) return 0;
  int r = record_find(tx, c->en, c->a, &responder_kind, c->op, field, plain, found, 4, &n, e);
  for (size_t i = 0; i < n && r >= 0; i++) {
    if (uuid_eq(&found[i]->id, &rec->id) || found[i]->retired) continue;
    const bool visible = c->viewer->system || record_visible(c->viewer, found[i]);
    struct str who = visible ? rec_text(found[i], RESPONDER_NAME) : (struct str){NULL, 0};
    struct str path = str_from(responder_kind.fields[field].name);
    if (field == RESPONDER_ID_NUMBER) {
      problem_text(ps, visible ? PROBLEM_duplicate : PROBLEM_duplicate_elsewhere, path,
                   (struct str){0}, (struct str){0}, who);
    } else if (visible) {
      struct problem *p = problem_warn(ps, PROBLEM_duplicate_suggested, path);
      p->other = arena_dup(ps->a, who);
    }
    return 0;
  }
  return r;
}

int responder_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                    struct problems *ps, struct err *e) {
  (void)old;
  if (c->verb != CHANGE_CREATE && c->verb != CHANGE_UPDATE) return 0;
  int r = look_for_double(tx, c, rec, RESPONDER_ID_NUMBER, ps, e);
  return r < 0 ? r : look_for_double(tx, c, rec, RESPONDER_PHONE, ps, e);
}

/* ---- batches and pairings ---- */

void batch_check(const struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps) {
  (void)old;
  dates_in_order(rec, BATCH_STARTS, BATCH_ENDS, ps);
  not_in_future(c, rec, BATCH_DISPATCHED_ON, ps);
}

void batch_contribute(const struct record *r, struct contribs *out) {
  if (r->retired || rec_null(r, BATCH_DISPATCHED_ON)) return;
  if (!str_is(r->state, "dispatched") && !str_is(r->state, "closed")) return;
  contrib_add(out, &ind_planned, rec_unit(r, BATCH_SENDER), rec_day(r, BATCH_DISPATCHED_ON),
              rec_i64(r, BATCH_PLANNED));
}

void pairing_check(const struct change *c, const struct record *old, struct record *rec,
                   struct problems *ps) {
  (void)c, (void)old;
  dates_in_order(rec, PAIRING_STARTS, PAIRING_ENDS, ps);
  if (rec_unit(rec, PAIRING_SENDER) == rec_unit(rec, PAIRING_RECEIVER))
    problem_add(ps, PROBLEM_cycle, S("receiver"));
}

/* ---- deployments ---- */

void deployment_check(const struct change *c, const struct record *old, struct record *rec,
                      struct problems *ps) {
  (void)old;
  dates_in_order(rec, DEPLOYMENT_PLANNED_FROM, DEPLOYMENT_PLANNED_TO, ps);
  dates_in_order(rec, DEPLOYMENT_REPORTED_ON, DEPLOYMENT_RELEASED_ON, ps);
  not_in_future(c, rec, DEPLOYMENT_REPORTED_ON, ps);
  not_in_future(c, rec, DEPLOYMENT_RELEASED_ON, ps);
  /* what a transition asks for is given through the transition, so that state and dates agree */
  if (c->verb == CHANGE_UPDATE || c->verb == CHANGE_CREATE) {
    static const int by_action[] = {DEPLOYMENT_REPORTED_ON, DEPLOYMENT_RELEASED_ON,
                                    DEPLOYMENT_RELEASE_REASON};
    for (size_t i = 0; i < ARRAY_LEN(by_action); i++)
      if (c->given[by_action[i]] && rec_null(rec, by_action[i]) != str_is(rec->state, "planned"))
        problem_add(ps, PROBLEM_read_only, str_from(deployment_kind.fields[by_action[i]].name));
  }
}

QUERY(q_deployment_open,
      "SELECT d.id, d.unit FROM deployment d WHERE d.responder = $1 AND d.retired = 0 "
      "AND d.state = 'reported' AND d.id <> $2 LIMIT 1");
QUERY(q_batch_sender, "SELECT sender, state FROM batch WHERE id = $1");
QUERY(q_responder_employer, "SELECT employer FROM responder WHERE id = $1");

static int batch_fits(struct tx *tx, const struct record *rec, struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  if (rec_null(rec, DEPLOYMENT_BATCH)) return 0;
  int r = cur_open(tx, &q_batch_sender, P(V_UUID(rec_uuid(rec, DEPLOYMENT_BATCH))), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r;
  if (cur_i64(cur, 0) != rec_i64(rec, DEPLOYMENT_SENDER))
    problem_text(ps, PROBLEM_rule, S("batch"), (struct str){0},
                 S("批次属于另一派出单位 / the batch belongs to another sending unit"),
                 (struct str){0});
  if (str_is(cur_text(cur, 1), "cancelled")) problem_add(ps, PROBLEM_retired, S("batch"));
  return 0;
}

static int one_place_at_a_time(struct tx *tx, struct change *c, const struct record *rec,
                               struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = cur_open(tx, &q_deployment_open,
                   P(V_UUID(rec_uuid(rec, DEPLOYMENT_RESPONDER)), V_UUID(rec->id)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r;
  const struct unit_row *u = unit_by_no(c->viewer->tree, (int32_t)cur_i64(cur, 1));
  problem_text(ps, PROBLEM_rule, S("responder"), (struct str){0},
               S("该人员已在其他单位报到，须先办理离岗 / reported elsewhere: release first"),
               u ? u->name : (struct str){0});
  return 0;
}

int deployment_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps, struct err *e) {
  int r = 0;
  if (!old && rec_null(rec, DEPLOYMENT_SENDER)) {
    int64_t employer = 0;
    r = tx_i64(tx, &q_responder_employer, P(V_UUID(rec_uuid(rec, DEPLOYMENT_RESPONDER))), &employer,
               e);
    if (r == -E_NOROW) return 0; /* said already: the reference does not exist */
    if (r < 0) return r;
    rec_set(rec, DEPLOYMENT_SENDER, V_I64(employer));
  }
  if (!old || c->given[DEPLOYMENT_BATCH]) r = batch_fits(tx, rec, ps, e);
  const bool reports = str_is(rec->state, "reported") && (!old || !str_is(old->state, "reported"));
  if (r >= 0 && reports) {
    r = one_place_at_a_time(tx, c, rec, ps, e);
    if (r >= 0 && rec_null(rec, DEPLOYMENT_SLIP)) {
      /* 报到单: the receiving unit's code, and the record's own end */
      const struct unit_row *u = unit_by_no(c->viewer->tree, rec_unit(rec, DEPLOYMENT_UNIT));
      char id[UUID_TEXT];
      uuid_format(&rec->id, id);
      rec_set(
          rec, DEPLOYMENT_SLIP,
          V_TEXT(arena_printf(c->a, "BD-" STR_FMT "-%.6s", STR_ARG(u ? u->code : S("")), id + 30)));
    }
  }
  return r;
}

/* Where someone serves now is kept with him, so that those he serves may see him. */
int deployment_applied(struct tx *tx, struct change *c, const struct record *old,
                       const struct record *rec, struct err *e) {
  const bool was = old && str_is(old->state, "reported");
  const bool is = str_is(rec->state, "reported") && !rec->retired;
  if (was == is) return 0;
  struct change *in = change_make(c->a, c->en, c->viewer, &responder_kind, CHANGE_UPDATE);
  in->id = rec_uuid(rec, DEPLOYMENT_RESPONDER);
  change_set(in, RESPONDER_SERVING, is ? V_I64(rec_i64(rec, DEPLOYMENT_UNIT)) : V_NULL);
  return change_within(tx, c, in, e);
}

static void contribute_batch(const struct record *r, struct contribs *out, int32_t sender,
                             int32_t day) {
  const int32_t unit = rec_unit(r, DEPLOYMENT_UNIT);
  const struct unit_row *u = unit_by_no(out->tree, unit);
  contrib_member(out, &ind_batches, sender, day, rec_uuid(r, DEPLOYMENT_BATCH));
  contrib_add(out, &ind_person_times, sender, day, 1);
  if (!u) return;
  if (str_is(u->kind, UNIT_LEVEL_COMMUNITY))
    contrib_member_unit(out, &ind_communities, sender, day, unit);
  const int32_t sub = unit_ancestor_of_kind(out->tree, unit, day, UNIT_LEVEL_SUBDISTRICT);
  const bool area =
      str_is(u->kind, UNIT_LEVEL_COMMUNITY) || str_is(u->kind, UNIT_LEVEL_SUBDISTRICT);
  if (area && sub)
    contrib_member_unit(out, &ind_subdistricts, sender, day, sub);
  else if (!area)
    contrib_member_unit(out, &ind_agencies, sender, day, unit);
}

void deployment_contribute(const struct record *r, struct contribs *out) {
  if (r->retired || rec_null(r, DEPLOYMENT_REPORTED_ON)) return;
  if (!str_is(r->state, "reported") && !str_is(r->state, "released")) return;
  const int32_t day = rec_day(r, DEPLOYMENT_REPORTED_ON);
  const int32_t sender = rec_unit(r, DEPLOYMENT_SENDER), unit = rec_unit(r, DEPLOYMENT_UNIT);
  const struct uuid person = rec_uuid(r, DEPLOYMENT_RESPONDER);
  if (unit_is_union(unit_by_no(out->tree, sender))) {
    contrib_member(out, &ind_seconded, sender, day, person);
    if (rec_is(r, DEPLOYMENT_ROUTE, "dual_checkin"))
      contrib_member(out, &ind_seconded_dual, sender, day, person);
  } else {
    contrib_member(out, &ind_seconded_other, sender, day, person);
  }
  contrib_add(out, &ind_received, unit, day, 1);
  if (!rec_null(r, DEPLOYMENT_RELEASED_ON))
    contrib_add(out, &ind_received, unit, rec_day(r, DEPLOYMENT_RELEASED_ON), -1);
  if (!rec_null(r, DEPLOYMENT_BATCH)) contribute_batch(r, out, sender, day);
}
