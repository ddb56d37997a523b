#include "app/figures_inner.h"
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
      rd->values[place * indicators_count() + indicator_index(ind)] = cur_i64(c, 2);
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

static bool any_of(enum indicator_type t) {
  return indicator_numbers(t).n > 2;
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
  const struct val op = V_I64(q->op), units = V_TEXT(buf_str(&list)), day = V_I64(q->day),
                   known = V_I64(q->as_known);
  int r = buf_ok(&list) ? 0 : err_set(e, E_NOMEM, "no memory for a list of units");
  if (r == 0 && any_of(IND_FLOW))
    r = read_rows(tx, &q_figure_sums,
                  P(op, units, V_TEXT(indicator_numbers(IND_FLOW)), V_I64(from), day, known), rd,
                  e);
  if (r == 0 && any_of(IND_STATE))
    r = read_rows(tx, &q_figure_sums,
                  P(op, units, V_TEXT(indicator_numbers(IND_STATE)), V_I64(INT32_MIN), day, known),
                  rd, e);
  if (r == 0 && any_of(IND_DISTINCT))
    r = read_rows(tx, &q_member_counts,
                  P(op, units, V_TEXT(indicator_numbers(IND_DISTINCT)), V_I64(since), day, known),
                  rd, e);
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

static int series_sums(const struct series *s, struct err *e) {
  const struct val op = V_I64(s->op), unit = V_I64(s->unit), ind = V_I64(s->ind->no);
  _cleanup_(cur_donep) struct cur *c = NULL;
  int64_t before = 0;
  int r = 0;
  if (s->ind->type == IND_STATE)
    r = tx_i64(s->tx, &q_figure_before, P(op, unit, ind, V_I64(s->from)), &before, e);
  if (r == 0)
    r = cur_open(s->tx, &q_figure_days, P(op, unit, ind, V_I64(s->from), V_I64(s->to)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) add_on(s, (int32_t)cur_i64(c, 0), cur_i64(c, 1));
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
    const struct figure_query q = {
        .op = s->op, .unit = s->unit, .day = d, .from = INT32_MIN, .as_known = INT32_MAX};
    r = figures_read(s->tx, &q, all, e);
    s->values[d - s->from] = all[indicator_index(s->ind)];
  }
  free(all);
  return r;
}

int figures_series(struct tx *tx, int64_t op, int32_t unit, const struct indicator *ind,
                   int32_t from, int32_t to, int64_t *values, struct err *e) {
  const struct series s = {
      .tx = tx, .op = op, .unit = unit, .from = from, .to = to, .ind = ind, .values = values};
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
