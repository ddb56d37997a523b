#include "domain/enterprises/enterprises.h"
#include "domain/rosters/rosters.h"

/* Filing under the checklist of the day, checked on the spot by two; guidance; gaps. */

static struct val day_val(struct arena *a, int32_t day) {
  char text[DAY_TEXT];
  day_format(day, text);
  return V_TEXT(arena_dup(a, (struct str){text, 10}));
}

static void in_order(const struct record *r, int from, int to, struct problems *ps) {
  if (!rec_null(r, from) && !rec_null(r, to) && rec_day(r, to) < rec_day(r, from))
    problem_add(ps, PROBLEM_dates_reversed, str_from(r->kind->fields[to].name));
}

static void not_in_future(const struct change *c, const struct record *r, int field,
                          struct problems *ps) {
  if (!rec_null(r, field) && rec_day(r, field) > c->viewer->today)
    problem_add(ps, PROBLEM_in_future, str_from(r->kind->fields[field].name));
}

/* ---- checklists ---- */

void checklist_check(const struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps) {
  (void)c, (void)old;
  in_order(rec, CHECKLIST_FROM, CHECKLIST_TO, ps);
}

QUERY(q_checklist_unit, "SELECT unit FROM checklist WHERE id = $1");
QUERY(q_checklist_used,
      "SELECT count(*) FROM filing WHERE checklist = $1 AND state <> 'draft' AND retired = 0");

int checklist_item_apply(struct tx *tx, struct change *c, const struct record *old,
                         struct record *rec, struct problems *ps, struct err *e) {
  const struct val id = V_UUID(rec_uuid(rec, CITEM_CHECKLIST));
  int64_t unit = 0, used = 0;
  (void)c, (void)old;
  int r = tx_i64(tx, &q_checklist_unit, P(id), &unit, e);
  if (r == -E_NOROW) return 0;
  if (r >= 0) r = tx_i64(tx, &q_checklist_used, P(id), &used, e);
  if (r < 0) return r;
  rec_set(rec, CITEM_UNIT, V_I64(unit));
  /* under what somebody has filed stays readable as it was */
  if (used)
    problem_text(ps, PROBLEM_in_use, S("checklist"), (struct str){0}, (struct str){0},
                 S("已有企业按此清单备案，请新建一版 / filed under already: make a new one"));
  return 0;
}

/* ---- filings ---- */

/* The one in force that day at the enterprise's place: the nearest issuer's, and of his the
 * newest. */
QUERY(q_checklist_in_force,
      "SELECT k.id FROM checklist k JOIN unit i ON i.no = k.unit JOIN unit u ON u.no = $2 "
      "WHERE k.op = $1 AND k.retired = 0 AND k.valid_from <= $3 "
      "AND (k.valid_to IS NULL OR k.valid_to >= $3) "
      "AND substr(u.path, 1, length(i.path)) = i.path "
      "ORDER BY length(i.path) DESC, k.valid_from DESC LIMIT 1");
QUERY(q_items, "SELECT code, label_zh, label_en, type, least, most, required FROM checklist_item "
               "WHERE checklist = $1 AND retired = 0 ORDER BY place, code LIMIT 100");

static int pick_checklist(struct tx *tx, struct change *c, struct record *rec, struct problems *ps,
                          struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  if (!rec_null(rec, FILING_CHECKLIST)) return 0;
  int r = cur_open(
      tx, &q_checklist_in_force,
      P(V_I64(c->op), V_I64(rec_unit(rec, FILING_UNIT)), day_val(c->a, c->viewer->today)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r > 0)
    rec_set(rec, FILING_CHECKLIST, V_UUID(cur_uuid(cur, 0)));
  else if (r == 0)
    problem_text(ps, PROBLEM_rule, S("checklist"), (struct str){0},
                 S("当日没有有效的复工条件清单 / no checklist is in force on this day"),
                 (struct str){0});
  return r < 0 ? r : 0;
}

static void answer_ok(struct change *c, const struct cur *item, const json_t *answer,
                      struct problems *ps) {
  const struct str path = arena_printf(c->a, "answers." STR_FMT, STR_ARG(cur_text(item, 0)));
  const bool required = cur_i64(item, 6) != 0;
  if (!answer || json_is_null(answer)) {
    if (required) problem_add(ps, PROBLEM_required, path);
    return;
  }
  if (str_is(cur_text(item, 3), "yes")) {
    if (!json_is_boolean(answer))
      problem_text(ps, PROBLEM_wrong_type, path, S("true or false"), (struct str){0}, S("是或否"));
    else if (required && json_is_false(answer))
      problem_text(ps, PROBLEM_rule, path, (struct str){0},
                   arena_printf(c->a, "须做到：" STR_FMT " / must be so: " STR_FMT,
                                STR_ARG(cur_text(item, 1)), STR_ARG(cur_text(item, 2))),
                   (struct str){0});
    return;
  }
  if (!json_is_number(answer)) {
    problem_text(ps, PROBLEM_wrong_type, path, S("a number"), (struct str){0}, S("数字"));
    return;
  }
  /* limits are in tenths, as the items' decimals are kept */
  const double tenths = json_number_value(answer) * 10;
  if (!cur_null(item, 4) && tenths < (double)cur_i64(item, 4))
    problem_text(ps, PROBLEM_too_small, path,
                 arena_printf(c->a, "%g", (double)cur_i64(item, 4) / 10), (struct str){0},
                 (struct str){0});
  if (!cur_null(item, 5) && tenths > (double)cur_i64(item, 5))
    problem_text(ps, PROBLEM_too_large, path,
                 arena_printf(c->a, "%g", (double)cur_i64(item, 5) / 10), (struct str){0},
                 (struct str){0});
}

static int answers_ok(struct tx *tx, struct change *c, const struct record *rec,
                      struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  const struct str text = rec_text(rec, FILING_ANSWERS);
  json_t *answers = NULL;
  int r = text.p ? json_read(c->a, text, &answers, e) : 0;
  if (r >= 0) r = cur_open(tx, &q_items, P(V_UUID(rec_uuid(rec, FILING_CHECKLIST))), &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1) {
    const struct str code = cur_text(cur, 0);
    answer_ok(c, cur, answers ? json_object_getn(answers, code.p, code.n) : NULL, ps);
  }
  return r < 0 ? r : 0;
}

int filing_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  int r = of_enterprise_apply(tx, c, old, rec, ps, e);
  if (r < 0 || !c->transition) return r;
  const struct val today = day_val(c->a, c->viewer->today);
  if (str_is(rec->state, "checked")) rec_set(rec, FILING_CHECKED_ON, today);
  if (str_is(rec->state, "accepted") || str_is(rec->state, "refused"))
    rec_set(rec, FILING_DECIDED_ON, today);
  if (!str_is(rec->state, "filed")) return 0;
  rec_set(rec, FILING_FILED_ON, today);
  r = pick_checklist(tx, c, rec, ps, e);
  return r < 0 || problems_any(ps) ? r : answers_ok(tx, c, rec, ps, e);
}

/* The enterprise follows its filing, as far as it has not gone further already. */
int filing_applied(struct tx *tx, struct change *c, const struct record *old,
                   const struct record *rec, struct err *e) {
  struct record *enterprise;
  const struct uuid id = rec_uuid(rec, FILING_ENTERPRISE);
  const bool files = str_is(rec->state, "filed"), checks = str_is(rec->state, "checked");
  if (!old || str_eq(old->state, rec->state) || !(files || checks)) return 0;
  int r = record_load(tx, c->a, &enterprise_kind, c->op, &id, &enterprise, e);
  if (r < 0) return r;
  const bool before = str_is(enterprise->state, "open") || str_is(enterprise->state, "planned");
  if ((files && !before) || (checks && !str_is(enterprise->state, "filed"))) return 0;
  struct change *in = change_make(c->a, c->en, c->viewer, &enterprise_kind, CHANGE_ACTION);
  in->id = id;
  in->transition = kind_transition(&enterprise_kind, files ? S("file") : S("check"));
  if (files) change_set(in, ENTERPRISE_PLANNED_ON, rec->v[FILING_PLANNED_ON]);
  return change_within(tx, c, in, e);
}

/* ---- guidance ---- */

int guidance_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                   struct problems *ps, struct err *e) {
  not_in_future(c, rec, GUIDANCE_DAY, ps);
  if (!old && rec_null(rec, GUIDANCE_BY) && !uuid_is_nil(&c->viewer->responder))
    rec_set(rec, GUIDANCE_BY, V_UUID(c->viewer->responder));
  return of_enterprise_apply(tx, c, old, rec, ps, e);
}

int guidance_applied(struct tx *tx, struct change *c, const struct record *old,
                     const struct record *rec, struct err *e) {
  struct record *enterprise;
  const struct uuid id = rec_uuid(rec, GUIDANCE_ENTERPRISE);
  if (old) return 0;
  int r = record_load(tx, c->a, &enterprise_kind, c->op, &id, &enterprise, e);
  if (r < 0 || !rec_null(enterprise, ENTERPRISE_GUIDED_ON)) return r;
  struct change *in = change_make(c->a, c->en, c->viewer, &enterprise_kind, CHANGE_UPDATE);
  in->id = id;
  change_set(in, ENTERPRISE_GUIDED_ON, rec->v[GUIDANCE_DAY]);
  change_set(in, ENTERPRISE_EFFECTIVE_ON, rec->v[GUIDANCE_DAY]);
  return change_within(tx, c, in, e);
}

/* ---- responsibilities and gaps ---- */

void duty_check(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps) {
  (void)c, (void)old;
  in_order(rec, DUTY_FROM, DUTY_TO, ps);
}

/* Whose part it is on a day is read from the dates: without a first one it begins today. */
int duty_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e) {
  if (!old && rec_null(rec, DUTY_FROM) &&
      (rec_null(rec, DUTY_TO) || rec_day(rec, DUTY_TO) >= c->viewer->today))
    rec_set(rec, DUTY_FROM, day_val(c->a, c->viewer->today));
  return of_enterprise_apply(tx, c, old, rec, ps, e);
}

void gap_check(const struct change *c, const struct record *old, struct record *rec,
               struct problems *ps) {
  (void)old;
  in_order(rec, GAP_FOUND_ON, GAP_DUE_ON, ps);
  in_order(rec, GAP_FOUND_ON, GAP_FIXED_ON, ps);
  not_in_future(c, rec, GAP_FOUND_ON, ps);
  not_in_future(c, rec, GAP_FIXED_ON, ps);
  if (rec_is(rec, GAP_KIND, "unregistered") && rec_null(rec, GAP_NAME) &&
      rec_null(rec, GAP_ENTERPRISE))
    problem_add(ps, PROBLEM_required, S("found_name"));
}

/* A gap of this kind is closed by the enterprise standing on the register. What is found at an
 * enterprise is found in its building. */
int gap_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
              struct problems *ps, struct err *e) {
  if (!old && rec_null(rec, GAP_BUILDING) && !rec_null(rec, GAP_ENTERPRISE)) {
    struct record *enterprise;
    const struct uuid id = rec_uuid(rec, GAP_ENTERPRISE);
    int r = record_load(tx, c->a, &enterprise_kind, c->op, &id, &enterprise, e);
    if (r < 0) return r == -E_NOROW ? 0 : r;
    rec_set(rec, GAP_BUILDING, enterprise->v[ENTERPRISE_BUILDING]);
  }
  if (str_is(rec->state, "fixed") && rec_is(rec, GAP_KIND, "unregistered") &&
      rec_null(rec, GAP_ENTERPRISE))
    problem_add(ps, PROBLEM_required, S("enterprise"));
  return 0;
}
