#include "domain/enterprises/returns.h"

/* Consolidation (汇总): a level checks its day, a second person accepts it, and it is locked with
 * the figures as they stand. Nothing of what comes later changes them: it is kept beside. */

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

static int freeze(struct tx *tx, struct change *c, struct record *rec, struct err *e) {
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
  jw_k(&w, "daily.submitted");
  jw_i64(&w, cur_i64(cur, 0) - cur_i64(cur, 1));
  jw_end(&w);
  const bool ok = buf_ok(&b);
  if (ok) rec_set(rec, LOCK_TOTALS, V_TEXT(arena_dup(c->a, buf_str(&b))));
  buf_done(&b);
  rec_set(rec, LOCK_LOCKED_AT, V_I64(c->at_ms));
  rec_set(rec, LOCK_LATE,
          V_I64(!rec_null(rec, LOCK_DUE_AT) && c->at_ms > rec_i64(rec, LOCK_DUE_AT)));
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
    problem_text(ps, PROBLEM_in_use, S("unit"), (struct str){0}, (struct str){0},
                 arena_dup(ps->a, cur_text(cur, 0)));
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

int consolidation_apply(struct tx *tx, struct change *c, const struct record *old,
                        struct record *rec, struct problems *ps, struct err *e) {
  if (!old) due_by(c, rec);
  if (!old || !c->transition) return 0;
  const struct str action = str_from(c->transition->name);
  if (str_is(action, "unlock")) {
    rec_set(rec, LOCK_TOTALS, V_NULL);
    rec_set(rec, LOCK_LOCKED_AT, V_NULL);
    rec_set(rec, LOCK_LATE, V_I64(0));
    return 0;
  }
  if (!str_is(action, "lock")) return 0;
  int r = none_open_below(tx, c, rec, ps, e);
  return r < 0 || problems_any(ps) ? r : freeze(tx, c, rec, e);
}
