#include "domain/daily_returns/consolidation.h"

/* Nothing of what comes after a lock changes its figures: it is kept after the lock. */

static const struct field lock_fields[LOCK_FIELDS_] = {
    [LOCK_UNIT] = {1, "unit", FT_UNIT, FF_REQUIRED | FF_SCOPE | FF_IMMUTABLE | FF_FILTER,
                   .zh = "单位", .en = "Unit"},
    [LOCK_CODE] = {2, "template_code", FT_TEXT, FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_TITLE,
                   .max = 40, .zh = "报表", .en = "Return"},
    [LOCK_DAY] = {3, "day", FT_DATE, FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_SORT | FF_TITLE,
                  .zh = "日期", .en = "Day"},
    [LOCK_TOTALS] = {4, "totals", FT_JSON, FF_SYSTEM, .max = 4000, .zh = "锁定时的数字",
                     .en = "Figures at the lock"},
    [LOCK_LOCKED_AT] = {5, "locked_at", FT_MOMENT, FF_SYSTEM, .zh = "锁定时间", .en = "Locked at"},
    [LOCK_NOTE] = {6, "note", FT_TEXT, .max = 200, .zh = "说明", .en = "Note"},
    [LOCK_DUE_AT] = {7, "due_at", FT_MOMENT, FF_SYSTEM, .zh = "本级时限", .en = "Due by"},
    [LOCK_LATE] = {8, "late", FT_BOOL, FF_SYSTEM | FF_FILTER, .zh = "超过本级时限",
                   .en = "After the level's cut-off"},
};
static const struct state lock_states[] = {{"open", "汇总中", "Open"},
                                           {"checked", "已核对", "Checked"},
                                           {"accepted", "已通过", "Accepted"},
                                           {"locked", "已锁定", "Locked"},
                                           {0}};
static const struct stamp lock_stamps[] = {
    {.states = "open", .clears = "totals locked_at"}, {.states = "locked", .at = "locked_at"}, {0}};

/* ---- what is locked ---- */

/* Counted from the rows themselves: what else this very commit brings is in them already, and in
 * the figures only when it is written. */
QUERY(q_totals,
      "SELECT count(*), "
      "CAST(coalesce(sum(CASE WHEN d.version > 0 THEN 0 ELSE 1 END), 0) AS BIGINT), "
      "CAST(coalesce(sum(d.nil), 0) AS BIGINT), CAST(coalesce(sum(d.late), 0) AS BIGINT), "
      "CAST(coalesce(sum(d.staff_total), 0) AS BIGINT), "
      "CAST(coalesce(sum(d.staff_hubei), 0) AS BIGINT), "
      "CAST(coalesce(sum(d.staff_away), 0) AS BIGINT), "
      "CAST(coalesce(sum(d.staff_returned_today), 0) AS BIGINT), "
      "CAST(coalesce(sum(d.staff_present), 0) AS BIGINT) "
      "FROM daily_return d JOIN unit u ON u.no = d.unit "
      "WHERE d.op = $1 AND d.template_code = $2 AND d.day = $3 AND d.state <> 'exempt' "
      "AND u.path BETWEEN $4 AND $5");

static int totals_now(struct tx *tx, struct change *c, const struct record *rec,
                      struct str *ret_totals, struct err *e) {
  static const char *const names[] = {"daily.due",  "daily.missing",        "daily.nil",
                                      "daily.late", "staff.total",          "staff.hubei",
                                      "staff.away", "staff.returned_today", "staff.present"};
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  const struct unit_row *u = unit_by_no(c->viewer->tree, rec_unit(rec, LOCK_UNIT));
  _cleanup_(cur_donep) struct cur *cur = NULL;
  struct buf b = BUF_INIT(KIB(4));
  struct jw w;
  if (!u) return err_set(e, E_NOT_FOUND, "no such unit");
  unit_path_range(u, low, high);
  int r = cur_open(tx, &q_totals,
                   P(V_I64(c->op), V_TEXT(rec_text(rec, LOCK_CODE)), rec->v[LOCK_DAY], V_TEXTZ(low),
                     V_TEXTZ(high)),
                   &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r < 0) return r;
  jw_init(&w, &b);
  jw_object(&w);
  for (size_t i = 0; i < ARRAY_LEN(names); i++) {
    jw_key(&w, str_from(names[i]));
    jw_i64(&w, cur_i64(cur, i));
  }
  jw_ki64(&w, "daily.submitted", cur_i64(cur, 0) - cur_i64(cur, 1));
  jw_end(&w);
  const bool ok = buf_ok(&b);
  if (ok) *ret_totals = arena_dup(c->a, buf_str(&b));
  buf_done(&b);
  return ok ? 0 : err_set(e, E_NOMEM, "no memory for figures");
}

QUERY(q_open_below, "SELECT u.name FROM consolidation k JOIN unit u ON u.no = k.unit "
                    "WHERE k.op = $1 AND k.template_code = $2 AND k.day = $3 AND k.state <> "
                    "'locked' AND u.path BETWEEN $4 AND $5 AND k.id <> $6 LIMIT 1");

/* A level locks after those below it that have begun to consolidate. */
static int none_open_below(struct tx *tx, struct change *c, const struct record *rec,
                           struct problems *ps, struct err *e) {
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  const struct unit_row *u = unit_by_no(c->viewer->tree, rec_unit(rec, LOCK_UNIT));
  _cleanup_(cur_donep) struct cur *cur = NULL;
  if (!u) return 0;
  unit_path_range(u, low, high);
  int r = cur_open(tx, &q_open_below,
                   P(V_I64(c->op), V_TEXT(rec_text(rec, LOCK_CODE)), rec->v[LOCK_DAY], V_TEXTZ(low),
                     V_TEXTZ(high), V_UUID(rec->id)),
                   &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r > 0)
    problem_text(ps, PROBLEM_in_use, S("unit"), cur_text(cur, 0), (struct str){0},
                 cur_text(cur, 0));
  return r < 0 ? r : 0;
}

/* By when this level has its day together, by the form that was in force that day. */
static void due_by(const struct change *c, struct record *rec) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  const struct return_form *forms[16];
  const int32_t day = rec_day(rec, LOCK_DAY);
  const struct unit_row *u = unit_by_no(c->viewer->tree, rec_unit(rec, LOCK_UNIT));
  const size_t n =
      u && set ? forms_in(set, c->viewer->tree, c->op, u->no, day, forms, ARRAY_LEN(forms)) : 0;
  for (size_t i = 0; i < n; i++) {
    const int minute = form_level_due(forms[i], u->kind);
    if (str_eq(forms[i]->code, rec_text(rec, LOCK_CODE)) && minute >= 0)
      rec_set(rec, LOCK_DUE_AT, V_I64(zone_moment(c->viewer->zone, day, minute)));
  }
}

static int apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  (void)tx, (void)ps, (void)e;
  if (!old) due_by(c, rec);
  return 0;
}

static int unlock(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps, struct err *e) {
  (void)tx, (void)c, (void)old, (void)ps, (void)e;
  rec_set(rec, LOCK_LATE, V_I64(0));
  return 0;
}

/* What is checked is what a second person accepts and what is locked. */
static int checked(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                   struct problems *ps, struct err *e) {
  struct str totals;
  (void)old, (void)ps;
  int r = totals_now(tx, c, rec, &totals, e);
  if (r >= 0) rec_set(rec, LOCK_TOTALS, V_TEXT(totals));
  return r;
}

static int lock(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                struct problems *ps, struct err *e) {
  struct str totals;
  (void)old;
  int r = none_open_below(tx, c, rec, ps, e);
  if (r < 0 || problems_any(ps)) return r;
  if ((r = totals_now(tx, c, rec, &totals, e)) < 0) return r;
  /* one that was checked by the release before has none yet */
  if (!rec_null(rec, LOCK_TOTALS) && !str_eq(totals, rec_text(rec, LOCK_TOTALS)))
    problem_rule(ps, S("totals"), S("核对之后又有报送，数字已变；请退回后重新核对、通过"),
                 S("have changed since they were checked: send back, check and accept again"));
  rec_set(rec, LOCK_TOTALS, V_TEXT(totals));
  rec_set(rec, LOCK_LATE,
          V_I64(!rec_null(rec, LOCK_DUE_AT) &&
                rec_i64(rec, LOCK_LOCKED_AT) > rec_i64(rec, LOCK_DUE_AT)));
  return 0;
}

static void check(const struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps) {
  (void)old;
  if (!rec_null(rec, LOCK_DAY) && rec_day(rec, LOCK_DAY) > c->viewer->today)
    problem_add(ps, PROBLEM_in_future, S("day"));
}

/* ---- the kind ---- */

static const struct transition lock_transitions[] = {
    {"check", "核对", "Check", "open", "checked", .apply = checked, .right = "consolidation.check",
     .flags = TR_ONLINE},
    {"send_back", "退回", "Return for correction", "checked accepted", "open",
     .right = "consolidation.accept", .flags = TR_REASON | TR_ONLINE},
    {"accept", "通过", "Accept", "checked", "accepted", .right = "consolidation.accept",
     .flags = TR_SECOND_PERSON},
    {"lock", "锁定", "Lock", "accepted", "locked", .apply = lock, .right = "consolidation.lock",
     .flags = TR_ONLINE},
    {"unlock", "解锁", "Unlock", "locked", "open", .apply = unlock, .right = "consolidation.lock",
     .flags = TR_REASON | TR_ONLINE},
    {0}};
static const char *const lock_uniques[] = {"unit,template_code,day", NULL};
static const struct frozen lock_frozen[] = {{"checked accepted locked", "*", NULL}, {0}};
static const struct screen consolidation_screen = {.good = "accepted locked", .wait = "checked"};
const struct kind consolidation_kind = {
    KIND(60, "consolidation", "consolidations", "日报汇总", "Consolidation", lock_fields),
    .screen = &consolidation_screen,
    .flags = KF_NO_RETIRE,
    .states = lock_states,
    .stamps = lock_stamps,
    .frozen = lock_frozen,
    .transitions = lock_transitions,
    .uniques = lock_uniques,
    .check = check,
    .apply = apply};

/* ---- is a day locked? ---- */

QUERY(q_lock, "SELECT count(*) FROM consolidation WHERE op = $1 AND unit = $2 AND "
              "template_code = $3 AND day = $4 AND state = 'locked'");

int return_locked(struct tx *tx, const struct viewer *v, const struct record *row, bool *ret_locked,
                  struct err *e) {
  int64_t locks = 0;
  int r = 0;
  for (const struct unit_row *u = unit_by_no(v->tree, rec_unit(row, RETURN_UNIT));
       u && !locks && r >= 0; u = unit_by_no(v->tree, u->parent))
    r = tx_i64(tx, &q_lock,
               P(V_I64(v->op), V_I64(u->no), V_TEXT(rec_text(row, RETURN_CODE)),
                 V_TEXT(rec_text(row, RETURN_DAY))),
               &locks, e);
  if (r >= 0) *ret_locked = locks > 0;
  return r;
}
