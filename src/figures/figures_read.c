#include "figures/figures_inner.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* $2 and $3 are lists in JSON: units, and numbers of indicators. */
QUERY2(q_figure_sums,
       "SELECT unit, ind, CAST(sum(value) AS BIGINT) FROM figure WHERE op = $1 "
       "AND unit IN (SELECT value FROM json_each($2)) AND ind IN (SELECT value FROM json_each($3)) "
       "AND day BETWEEN $4 AND $5 AND known_day <= $6 GROUP BY unit, ind",
       "SELECT unit, ind, CAST(sum(value) AS BIGINT) FROM figure WHERE op = $1 "
       "AND unit = ANY(ARRAY(SELECT CAST(json_array_elements_text(CAST($2 AS json)) AS BIGINT))) "
       "AND ind = ANY(ARRAY(SELECT CAST(json_array_elements_text(CAST($3 AS json)) AS BIGINT))) "
       "AND day BETWEEN $4 AND $5 AND known_day <= $6 GROUP BY unit, ind");
QUERY2(q_member_counts,
       "SELECT unit, ind, count(*) FROM (SELECT unit, ind, member FROM figure_member "
       "WHERE op = $1 AND unit IN (SELECT value FROM json_each($2)) "
       "AND ind IN (SELECT value FROM json_each($3)) "
       "AND day BETWEEN $4 AND $5 AND known_day <= $6 "
       "GROUP BY unit, ind, member HAVING sum(value) > 0) AS m GROUP BY unit, ind",
       "SELECT unit, ind, count(*) FROM (SELECT unit, ind, member FROM figure_member "
       "WHERE op = $1 "
       "AND unit = ANY(ARRAY(SELECT CAST(json_array_elements_text(CAST($2 AS json)) AS BIGINT))) "
       "AND ind = ANY(ARRAY(SELECT CAST(json_array_elements_text(CAST($3 AS json)) AS BIGINT))) "
       "AND day BETWEEN $4 AND $5 AND known_day <= $6 "
       "GROUP BY unit, ind, member HAVING sum(value) > 0) AS m GROUP BY unit, ind");
/* What has not come yet, with the sign that takes it away: minutes behind $8 of day $7, and of
 * later days. Asked of today and later alone. */
QUERY2(q_figure_later,
       "SELECT unit, ind, CAST(-sum(value) AS BIGINT) FROM figure WHERE op = $1 "
       "AND unit IN (SELECT value FROM json_each($2)) AND ind IN (SELECT value FROM json_each($3)) "
       "AND day BETWEEN $4 AND $5 AND known_day <= $6 AND minute >= 0 "
       "AND (day > $7 OR minute > $8) GROUP BY unit, ind",
       "SELECT unit, ind, CAST(-sum(value) AS BIGINT) FROM figure WHERE op = $1 "
       "AND unit = ANY(ARRAY(SELECT CAST(json_array_elements_text(CAST($2 AS json)) AS BIGINT))) "
       "AND ind = ANY(ARRAY(SELECT CAST(json_array_elements_text(CAST($3 AS json)) AS BIGINT))) "
       "AND day BETWEEN $4 AND $5 AND known_day <= $6 AND minute >= 0 "
       "AND (day > $7 OR minute > $8) GROUP BY unit, ind");
QUERY(q_figure_days_later,
      "SELECT day, CAST(-sum(value) AS BIGINT) FROM figure WHERE op = $1 AND unit = $2 "
      "AND ind = $3 AND day BETWEEN $4 AND $5 AND minute >= 0 AND (day > $6 OR minute > $7) "
      "GROUP BY day");
QUERY(q_figure_hours, "SELECT ind, minute / 60, CAST(sum(value) AS BIGINT) FROM figure "
                      "WHERE op = $1 AND unit = $2 AND day = $3 AND known_day <= $4 "
                      "AND minute >= 0 GROUP BY ind, minute / 60");
QUERY(q_figure_days,
      "SELECT day, CAST(sum(value) AS BIGINT) FROM figure WHERE op = $1 AND unit = $2 "
      "AND ind = $3 AND day BETWEEN $4 AND $5 GROUP BY day");
QUERY(q_figure_before,
      "SELECT CAST(coalesce(sum(value), 0) AS BIGINT) FROM figure WHERE op = $1 AND unit = $2 "
      "AND ind = $3 AND day < $4");
QUERY(q_member_days,
      "SELECT member, day, CAST(sum(value) AS BIGINT) FROM figure_member WHERE op = $1 "
      "AND unit = $2 AND ind = $3 AND day <= $4 GROUP BY member, day ORDER BY member, day");

struct reading {
  const int32_t *units; /* sorted places are not needed: looked up by place below */
  size_t n_units;
  int64_t *values;
};

static size_t place_of_unit(const struct reading *rd, int32_t unit) {
  for (size_t i = 0; i < rd->n_units; i++)
    if (rd->units[i] == unit) return i;
  return SIZE_MAX;
}

static int read_rows(struct tx *tx, const struct query *q, const struct val *params, size_t n,
                     const struct reading *rd, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  size_t place = 0;
  int r = cur_open(tx, q, params, n, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    const int32_t unit = (int32_t)cur_i64(c, 0);
    const struct indicator *ind = indicator_by_no((uint32_t)cur_i64(c, 1));
    if (!ind) continue; /* of an earlier release */
    if (place >= rd->n_units || rd->units[place] != unit) place = place_of_unit(rd, unit);
    if (place != SIZE_MAX)
      rd->values[place * indicators_count() + indicator_index(ind)] += cur_i64(c, 2);
    else
      place = 0;
  }
  return r < 0 ? r : 0;
}

static void derive(int64_t *values) {
  int64_t by_no[INDICATOR_NO_MAX] = {0};
  const size_t n = indicators_count();
  for (size_t i = 0; i < n; i++) by_no[indicator_at(i)->no] = values[i];
  for (size_t i = 0; i < n; i++) {
    const struct indicator *ind = indicator_at(i);
    if (ind->type == IND_DERIVED) values[i] = by_no[ind->no] = ind->derive(by_no, ind);
  }
}

static bool any_of(enum indicator_type t, bool by_minute) {
  return indicator_numbers(t, by_minute).n > 2;
}

/* The list of units and the query's own parameters, as the statements want them. */
struct asked {
  struct val op, units, day, known;
};

static int take_later(struct tx *tx, const struct figure_query *q, const struct asked *a,
                      const struct reading *rd, struct err *e) {
  const struct figures_now now = figures_now(q);
  const int32_t from = q->from == INT32_MIN ? q->day : q->from;
  int r = 0;
  if (q->day < now.day) return 0;
  if (any_of(IND_FLOW, true))
    r = read_rows(tx, &q_figure_later,
                  P(a->op, a->units, V_TEXT(indicator_numbers(IND_FLOW, true)),
                    V_I64(from > now.day ? from : now.day), a->day, a->known, V_I64(now.day),
                    V_I64(now.minute)),
                  rd, e);
  if (r == 0 && any_of(IND_STATE, true))
    r = read_rows(tx, &q_figure_later,
                  P(a->op, a->units, V_TEXT(indicator_numbers(IND_STATE, true)), V_I64(now.day),
                    a->day, a->known, V_I64(now.day), V_I64(now.minute)),
                  rd, e);
  return r;
}

enum { UNITS_AT_ONCE = 256 };

static int read_some(struct tx *tx, const struct figure_query *q, const struct reading *rd,
                     struct err *e) {
  const int64_t from = q->from == INT32_MIN ? q->day : q->from;
  const int64_t since = q->from; /* of distinct members: the beginning, or the span's */
  struct buf list = BUF_INIT(UNITS_AT_ONCE * 12 + 2);
  buf_char(&list, '[');
  for (size_t i = 0; i < rd->n_units; i++) {
    if (i) buf_char(&list, ',');
    buf_i64(&list, rd->units[i]);
  }
  buf_char(&list, ']');
  const struct asked a = {V_I64(q->op), V_TEXT(buf_str(&list)), V_I64(q->day), V_I64(q->as_known)};
  int r = buf_ok(&list) ? 0 : err_set(e, E_NOMEM, "no memory for a list of units");
  if (r == 0 && any_of(IND_FLOW, false))
    r = read_rows(
        tx, &q_figure_sums,
        P(a.op, a.units, V_TEXT(indicator_numbers(IND_FLOW, false)), V_I64(from), a.day, a.known),
        rd, e);
  if (r == 0 && any_of(IND_STATE, false))
    r = read_rows(tx, &q_figure_sums,
                  P(a.op, a.units, V_TEXT(indicator_numbers(IND_STATE, false)), V_I64(INT32_MIN),
                    a.day, a.known),
                  rd, e);
  if (r == 0 && any_of(IND_DISTINCT, false))
    r = read_rows(tx, &q_member_counts,
                  P(a.op, a.units, V_TEXT(indicator_numbers(IND_DISTINCT, false)), V_I64(since),
                    a.day, a.known),
                  rd, e);
  if (r == 0) r = take_later(tx, q, &a, rd, e);
  buf_done(&list);
  for (size_t i = 0; i < rd->n_units && r == 0; i++) derive(rd->values + i * indicators_count());
  return r;
}

int figures_read_units(struct tx *tx, const struct figure_query *q, const int32_t *units,
                       size_t n_units, int64_t *values, struct err *e) {
  const size_t width = indicators_count();
  memset(values, 0, n_units * width * sizeof *values);
  for (size_t at = 0; at < n_units; at += UNITS_AT_ONCE) {
    size_t n = n_units - at < UNITS_AT_ONCE ? n_units - at : UNITS_AT_ONCE;
    const struct reading rd = {.units = units + at, .n_units = n, .values = values + at * width};
    int r = read_some(tx, q, &rd, e);
    if (r < 0) return r;
  }
  return 0;
}

int figures_read(struct tx *tx, const struct figure_query *q, int64_t *values, struct err *e) {
  return figures_read_units(tx, q, &q->unit, 1, values, e);
}

/* ---- day by day --------------------------------------------------------------------------------
 */

struct series {
  struct tx *tx;
  const struct figure_query *q;
  int64_t op;
  int32_t unit, from, to;
  const struct indicator *ind;
  int64_t *values;
};

static void add_on(const struct series *s, int32_t day, int64_t n) {
  if (day <= s->to) s->values[day < s->from ? 0 : day - s->from] += n;
}

static void run_up(const struct series *s) {
  for (int32_t d = 1; d <= s->to - s->from; d++) s->values[d] += s->values[d - 1];
}

static int add_days(const struct series *s, const struct query *q, const struct val *p, size_t n,
                    struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(s->tx, q, p, n, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) add_on(s, (int32_t)cur_i64(c, 0), cur_i64(c, 1));
  return r < 0 ? r : 0;
}

static int series_sums(const struct series *s, struct err *e) {
  const struct val op = V_I64(s->op), unit = V_I64(s->unit), ind = V_I64(s->ind->no);
  const struct figures_now now = figures_now(s->q);
  const int32_t later = s->ind->type == IND_FLOW && s->from > now.day ? s->from : now.day;
  int64_t before = 0;
  int r = 0;
  if (s->ind->type == IND_STATE)
    r = tx_i64(s->tx, &q_figure_before, P(op, unit, ind, V_I64(s->from)), &before, e);
  if (r == 0) r = add_days(s, &q_figure_days, P(op, unit, ind, V_I64(s->from), V_I64(s->to)), e);
  if (r == 0 && s->to >= now.day && count_by(s->ind) == COUNT_BY_MINUTE)
    r = add_days(s, &q_figure_days_later,
                 P(op, unit, ind, V_I64(later), V_I64(s->to), V_I64(now.day), V_I64(now.minute)),
                 e);
  if (r < 0) return r;
  if (s->ind->type == IND_STATE) {
    s->values[0] += before;
    run_up(s);
  }
  return 0;
}

/* A member counts from the day on which his sum becomes positive, until it no longer is. */
static int series_members(const struct series *s, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct uuid member = {{0}};
  bool any = false;
  int64_t sum = 0;
  int r = cur_open(s->tx, &q_member_days,
                   P(V_I64(s->op), V_I64(s->unit), V_I64(s->ind->no), V_I64(s->to)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    struct uuid this = cur_uuid(c, 0);
    if (!any || !uuid_eq(&this, &member)) sum = 0;
    any = true;
    member = this;
    const bool counted = sum > 0;
    sum += cur_i64(c, 2);
    if ((sum > 0) != counted) add_on(s, (int32_t)cur_i64(c, 1), sum > 0 ? 1 : -1);
  }
  if (r < 0) return r;
  run_up(s);
  return 0;
}

static int series_derived(const struct series *s, struct err *e) {
  int64_t *all = calloc(indicators_count(), sizeof *all);
  if (!all) return err_set(e, E_NOMEM, "no memory for a series");
  int r = 0;
  for (int32_t d = s->from; d <= s->to && r == 0; d++) {
    struct figure_query q = *s->q;
    q.day = d;
    q.from = INT32_MIN;
    r = figures_read(s->tx, &q, all, e);
    s->values[d - s->from] = all[indicator_index(s->ind)];
  }
  free(all);
  return r;
}

int figures_series(struct tx *tx, const struct figure_query *q, const struct indicator *ind,
                   int64_t *values, struct err *e) {
  const int32_t from = q->from, to = q->day;
  const struct series s = {.tx = tx,
                           .q = q,
                           .op = q->op,
                           .unit = q->unit,
                           .from = from,
                           .to = to,
                           .ind = ind,
                           .values = values};
  assert(ind && values);
  if (to < from) return err_set(e, E_BUG, "a series that ends before it begins");
  memset(values, 0, ((size_t)(to - from) + 1) * sizeof *values);
  switch (ind->type) {
  case IND_FLOW:
  case IND_STATE:
    return series_sums(&s, e);
  case IND_DISTINCT:
    return series_members(&s, e);
  case IND_DERIVED:
    return series_derived(&s, e);
  }
  return err_set(e, E_BUG, "an indicator without a type");
}

/* ---- by the hour -------------------------------------------------------------------------------
 */

struct hours {
  const struct indicator *const *inds;
  size_t n;
  int field;
  struct uuid of;
  int32_t day;
  struct contribs out;
  int64_t *values;
};

static void add_hour(const struct hours *h, uint32_t ind, int64_t hour, int64_t n) {
  assert(hour >= 0 && hour < 24);
  for (size_t i = 0; i < h->n; i++)
    if (h->inds[i]->no == ind) h->values[i * 24 + (size_t)hour] += n;
}

static int add_hours_of(struct record *rec, void *arg, struct err *e) {
  struct hours *h = arg;
  (void)e;
  if (rec->v[h->field].t != VAL_UUID || !uuid_eq(&rec->v[h->field].u, &h->of)) return 0;
  record_contribs(rec, &h->out);
  for (size_t i = 0; i < h->out.n; i++) {
    const struct contrib *c = &h->out.c[i];
    if (c->minute != ALL_DAY && c->day == h->day) add_hour(h, c->ind->no, c->minute / 60, c->n);
  }
  return 0;
}

int figures_hours(struct app *app, struct tx *tx, const struct figure_query *q,
                  const struct indicator *const *inds, size_t n, int field, const struct uuid *of,
                  int64_t *out, struct err *e) {
  struct hours h = {.inds = inds, .n = n, .field = field, .day = q->day, .values = out};
  memset(out, 0, n * 24 * sizeof *out);
  for (size_t i = 0; i < n; i++) assert(count_by(inds[i]) == COUNT_BY_HOUR);
  if (field >= 0) {
    char units[16];
    snprintf(units, sizeof units, "[%d]", (int)q->unit);
    h.of = *of;
    h.out.zone = figures_zone(app, q->op);
    const struct count_span s = {
        .zone = h.out.zone, .op = q->op, .from = q->day, .to = q->day, .units = str_from(units)};
    return count_each(tx, kind_by_name(str_from(inds[0]->kind)), &s, add_hours_of, &h, e);
  }
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_figure_hours,
                   P(V_I64(q->op), V_I64(q->unit), V_I64(q->day), V_I64(q->as_known)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1)
    if (indicator_by_no((uint32_t)cur_i64(c, 0)) &&
        count_by(indicator_by_no((uint32_t)cur_i64(c, 0))) == COUNT_BY_HOUR)
      add_hour(&h, (uint32_t)cur_i64(c, 0), cur_i64(c, 1), cur_i64(c, 2));
  return r < 0 ? r : 0;
}
