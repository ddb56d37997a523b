#include "domain/daily_returns/prefill.h"

/* What is known before anybody types: yesterday's values, the staff lines, the enterprise's file.
 */

QUERY(q_row_of_day, "SELECT id FROM daily_return WHERE op = $1 AND enterprise = $2 AND "
                    "template_code = $3 AND day = $4 AND retired = 0");
/* The last version of the last day, also one that stands beside what was counted. */
QUERY(q_day_before, "SELECT v.content, d.day FROM daily_return d JOIN return_version v "
                    "ON v.daily_return = d.id AND v.retired = 0 AND coalesce(v.withdrawn, 0) = 0 "
                    "WHERE d.op = $1 AND d.enterprise = $2 AND d.template_code = $3 AND d.day < $4 "
                    "AND d.retired = 0 ORDER BY d.day DESC, v.number DESC LIMIT 1");
QUERY(q_lines, "SELECT left_on, back_on, isolating_until, at_work_on, hubei FROM staff_line "
               "WHERE op = $1 AND enterprise = $2 AND retired = 0 AND "
               "(ended_on IS NULL OR ended_on >= $3)");

static bool by(const struct cur *c, size_t col, struct str day) {
  return !cur_null(c, col) && str_cmp(cur_text(c, col), day) <= 0;
}

static int count_lines(struct tx *tx, int64_t op, const struct uuid *enterprise, struct str day,
                       struct prefill *p, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_lines, P(V_I64(op), V_UUID(*enterprise), V_TEXT(day)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    const bool left = by(c, 0, day), back = by(c, 1, day);
    const bool hubei = str_is(cur_text(c, 4), "yes");
    const bool today = !cur_null(c, 1) && str_eq(cur_text(c, 1), day);
    p->staff[STAFF_LINES]++;
    p->staff[STAFF_HUBEI] += hubei;
    p->staff[STAFF_AWAY] += left && !back;
    p->staff[STAFF_HUBEI_AWAY] += hubei && left && !back;
    p->staff[STAFF_RETURNED_TODAY] += today;
    p->staff[STAFF_ISOLATING] += back && !cur_null(c, 2) && str_cmp(cur_text(c, 2), day) >= 0;
    p->staff[STAFF_AT_WORK] += by(c, 3, day);
  }
  p->has_lines = p->staff[STAFF_LINES] > 0;
  return r < 0 ? r : 0;
}

static int day_before(struct tx *tx, struct arena *a, int64_t op, const struct uuid *enterprise,
                      struct str code, struct str day, struct prefill *p, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_day_before, P(V_I64(op), V_UUID(*enterprise), V_TEXT(code), V_TEXT(day)),
                   &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r <= 0 || cur_null(c, 0)) return r < 0 ? r : 0;
  if (day_parse(cur_text(c, 1), &p->yesterday_on) < 0) return 0;
  return json_read(a, arena_dup(a, cur_text(c, 0)), &p->yesterday, e);
}

int prefill_read(struct tx *tx, struct registry *en, struct arena *a, const struct viewer *v,
                 const struct uuid *enterprise, const struct return_form *form, int32_t day,
                 struct prefill *ret, struct err *e) {
  char text[DAY_TEXT];
  struct prefill p = {.yesterday_on = INT32_MIN};
  struct uuid row = {{0}};
  day_format(day, text);
  const struct str on = arena_dup(a, (struct str){text, 10});
  (void)en;
  int r = record_load(tx, a, &enterprise_kind, v->op, enterprise, &p.enterprise, e);
  if (r == -E_NOROW) return err_set(e, E_NOT_FOUND, "no such enterprise");
  if (r < 0) return r;
  struct cur *c = NULL;
  r = cur_open(tx, &q_row_of_day,
               P(V_I64(v->op), V_UUID(*enterprise), V_TEXT(form->code), V_TEXT(on)), &c, e);
  if (r >= 0 && (r = cur_next(c, e)) == 1) row = cur_uuid(c, 0);
  c = cur_done(c);
  if (r >= 0 && !uuid_is_nil(&row))
    r = record_load(tx, a, &daily_return_kind, v->op, &row, &p.row, e);
  if (r >= 0) r = day_before(tx, a, v->op, enterprise, form->code, on, &p, e);
  if (r >= 0) r = count_lines(tx, v->op, enterprise, on, &p, e);
  if (r < 0) return r;
  *ret = p;
  return 0;
}

/* ---- what a box starts with ---- */

static json_t *staff_value(const struct prefill *p, struct str key) {
  static const struct {
    const char *key;
    enum staff_count count;
  } keys[] = {{"staff.away", STAFF_AWAY},
              {"staff.hubei", STAFF_HUBEI},
              {"staff.hubei_away", STAFF_HUBEI_AWAY},
              {"staff.returned_today", STAFF_RETURNED_TODAY},
              {"staff.isolating", STAFF_ISOLATING},
              {"staff.present", STAFF_AT_WORK},
              {"staff.lines", STAFF_LINES}};
  for (size_t i = 0; i < ARRAY_LEN(keys); i++)
    if (str_is(key, keys[i].key)) return json_integer(p->staff[keys[i].count]);
  return NULL;
}

static json_t *text_value(const struct record *r, int f) {
  const struct str s = rec_text(r, f);
  return s.p ? json_stringn(s.p, s.n) : NULL;
}

/* Not the contact and the phone: what is personal stays in the file, and out of every return. */
static json_t *file_value(const struct prefill *p, struct str key) {
  static const struct {
    const char *key;
    int field;
  } texts[] = {{"enterprise.name", ENTERPRISE_NAME},
               {"enterprise.credit_code", ENTERPRISE_CREDIT_CODE},
               {"enterprise.address", ENTERPRISE_ADDRESS},
               {"enterprise.industry", ENTERPRISE_INDUSTRY},
               {"enterprise.planned_on", ENTERPRISE_PLANNED_ON},
               {"enterprise.resumed_on", ENTERPRISE_RESUMED_ON}};
  if (str_is(key, "staff.total") || str_is(key, "enterprise.headcount"))
    return rec_null(p->enterprise, ENTERPRISE_HEADCOUNT)
               ? NULL
               : json_integer(rec_i64(p->enterprise, ENTERPRISE_HEADCOUNT));
  if (str_is(key, "enterprise.area_m2"))
    return rec_null(p->enterprise, ENTERPRISE_AREA)
               ? NULL
               : json_integer(rec_i64(p->enterprise, ENTERPRISE_AREA));
  for (size_t i = 0; i < ARRAY_LEN(texts); i++)
    if (str_is(key, texts[i].key)) return text_value(p->enterprise, texts[i].field);
  return NULL;
}

json_t *prefill_value(const struct prefill *p, const struct template_item *item) {
  if (item->source == SOURCE_ENTERPRISE) return file_value(p, item->key);
  if (item->source == SOURCE_STAFF && p->has_lines) return staff_value(p, item->key);
  json_t *before = p->yesterday && item->carries
                       ? json_object_getn(p->yesterday, item->code.p, item->code.n)
                       : NULL;
  return before ? json_incref(before) : NULL;
}
