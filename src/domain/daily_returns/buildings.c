#include "domain/hazards/hazards.h"
#include "domain/daily_returns/buildings.h"
#include "api/page.h"
#include "base/limits.h"
#include "domain/residents/residents.h"

/* The houses of a page are neighbours by their code, so each count is one query over that stretch
 * of the unit's buildings. Where each enterprise stands on the day comes from its steps, as in
 * rates.c: both pages tell the same rate of a past day. */

#define OF_HOUSES                                                                                  \
  "JOIN unit u ON u.no = b.unit WHERE b.op = $1 AND b.retired = 0 AND u.path BETWEEN $3 AND $4 "   \
  "AND b.code BETWEEN $5 AND $6 "

QUERY(q_houses, "SELECT b.id FROM building b JOIN unit u ON u.no = b.unit "
                "WHERE b.op = $1 AND b.retired = 0 AND u.path BETWEEN $2 AND $3 "
                "AND (b.kind IN ('office', 'park') OR EXISTS (SELECT 1 FROM enterprise x "
                "WHERE x.building = b.id AND x.retired = 0 AND x.state <> 'closed')) "
                "AND (b.code > $4 OR (b.code = $4 AND b.id > $5)) ORDER BY b.code, b.id LIMIT $6");

QUERY(q_standing,
      "SELECT e.building, s.unit, s.to_state, count(*) FROM building b "
      "JOIN enterprise e ON e.building = b.id JOIN resumption_step s ON s.enterprise = "
      "e.id " OF_HOUSES
      "AND s.day <= $2 AND s.to_state <> 'closed' AND s.retired = 0 AND NOT EXISTS (SELECT 1 FROM "
      "resumption_step n WHERE n.retired = 0 AND n.enterprise = s.enterprise AND n.day <= $2 AND "
      "(n.day > s.day OR (n.day = s.day AND "
      "n.id > s.id))) GROUP BY e.building, s.unit, s.to_state");

/* With the operation said, an enterprise's days are found in the key's index alone: the rows of a
 * hundred days are not read for one of them. */
QUERY(q_reported, "SELECT e.building, d.unit, d.state, count(*) FROM building b "
                  "JOIN enterprise e ON e.building = b.id "
                  "JOIN daily_return d ON d.op = $1 AND d.enterprise = e.id " OF_HOUSES
                  "AND d.day = $2 AND d.retired = 0 GROUP BY e.building, d.unit, d.state");

QUERY(q_gaps,
      "SELECT g.building, g.unit, "
      "CASE WHEN g.due_on < $2 AND g.state <> 'fixed' THEN 'overdue' ELSE 'open' END, count(*) "
      "FROM building b JOIN hazard g ON g.building = b.id " OF_HOUSES
      "AND g.retired = 0 AND g.state <> 'verified' GROUP BY 1, 2, 3");

QUERY(q_in_office,
      "SELECT h.id FROM building b JOIN building_head h ON h.building = b.id " OF_HOUSES
      "AND h.retired = 0 AND h.side IS NOT NULL AND coalesce(h.stairwell, '') = '' "
      "AND h.starts <= $2 AND (h.ends IS NULL OR h.ends >= $2) ORDER BY h.starts");

static struct house *house_of(struct house *houses, size_t n, struct uuid id) {
  for (size_t i = 0; i < n; i++)
    if (uuid_eq(&houses[i].building->id, &id)) return &houses[i];
  return NULL;
}

typedef void (*counted_fn)(struct house *h, struct str what, int64_t n);

static void standing(struct house *h, struct str state, int64_t n) {
  h->enterprises += n;
  if (str_is(state, "resumed")) h->resumed += n;
}

static void reported(struct house *h, struct str state, int64_t n) {
  if (str_is(state, "missing") || str_is(state, "draft"))
    h->missing += n;
  else if (!str_is(state, "exempt"))
    h->submitted += n;
}

static void gap(struct house *h, struct str what, int64_t n) {
  h->gaps += n;
  if (str_is(what, "overdue")) h->overdue += n;
}

struct stretch {
  struct rq *rq;
  struct house *houses;
  size_t n;
  struct val params[6];
};

static int count(struct stretch *s, struct tx *tx, const struct query *q, const char *right,
                 counted_fn fn, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  const right_t needed = right_by_name(str_from(right));
  int r = cur_open(tx, q, s->params, ARRAY_LEN(s->params), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    struct house *h = house_of(s->houses, s->n, cur_uuid(c, 0));
    if (h && viewer_may(s->rq->viewer, needed, (int32_t)cur_i64(c, 1)))
      fn(h, cur_text(c, 2), cur_i64(c, 3));
  }
  return r < 0 ? r : 0;
}

static int in_office(struct stretch *s, struct tx *tx, struct err *e) {
  enum { EACH = 8 };
  const size_t most = s->n * EACH;
  struct record **found = arena_array(s->rq->a, struct record *, most);
  size_t n = 0;
  bool more = false;
  if (!found) return err_set(e, E_NOMEM, "no memory for the heads");
  int r = records_found(tx, s->rq->a, &building_head_kind, s->rq->viewer->op, &q_in_office,
                        s->params, ARRAY_LEN(s->params), found, most, &n, &more, e);
  if (r >= 0 && more) return err_set(e, E_TOO_LARGE, "too many heads of buildings");
  for (size_t i = 0; i < n && r >= 0; i++) {
    struct house *h = house_of(s->houses, s->n, rec_uuid(found[i], HEAD_BUILDING));
    if (h && record_visible(s->rq->viewer, found[i]))
      h->heads[rec_is(found[i], HEAD_SIDE, "property") ? SIDE_PROPERTY : SIDE_COMMUNITY] = found[i];
  }
  return r < 0 ? r : 0;
}

int houses_count(struct rq *rq, struct tx *tx, struct house *houses, size_t n, int32_t day,
                 struct err *e) {
  char text[DAY_TEXT], low[UNIT_PATH_MAX] = "~", high[UNIT_PATH_MAX] = "";
  if (!n) return 0;
  day_format(day, text);
  /* the stretch of the tree in which they lie: from the first path to the end of the last */
  for (size_t i = 0; i < n; i++) {
    const struct unit_row *u =
        unit_by_no(rq->viewer->tree, rec_unit(houses[i].building, BUILDING_UNIT));
    char one_low[UNIT_PATH_MAX], one_high[UNIT_PATH_MAX];
    if (!u) continue;
    unit_path_range(u, one_low, one_high);
    if (strcmp(one_low, low) < 0) memcpy(low, one_low, sizeof low);
    if (strcmp(one_high, high) > 0) memcpy(high, one_high, sizeof high);
  }
  struct stretch s = {.rq = rq,
                      .houses = houses,
                      .n = n,
                      .params = {V_I64(rq->viewer->op), V_TEXTZ(text), V_TEXTZ(low), V_TEXTZ(high),
                                 houses[0].building->v[BUILDING_CODE],
                                 houses[n - 1].building->v[BUILDING_CODE]}};
  int r = count(&s, tx, &q_standing, "enterprise.read", standing, e);
  if (r >= 0) r = count(&s, tx, &q_reported, "daily_return.read", reported, e);
  if (r >= 0) r = count(&s, tx, &q_gaps, "hazard.read", gap, e);
  return r < 0 ? r : in_office(&s, tx, e);
}

/* ---- what is said of one ---- */

static void pair(struct jw *w, const char *key, const char *a, int64_t a_n, const char *b,
                 int64_t b_n) {
  jw_key(w, str_from(key));
  jw_object(w);
  jw_key(w, str_from(a));
  jw_i64(w, a_n);
  jw_key(w, str_from(b));
  jw_i64(w, b_n);
}

int house_write(struct emit *em, struct jw *w, const struct house *h, struct err *e) {
  static const char *const sides[SIDES] = {"property", "community"};
  int r = 0;
  pair(w, "resumed", "part", h->resumed, "of", h->enterprises);
  jw_k(w, "permille");
  if (h->enterprises)
    jw_i64(w, (h->resumed * 2000 + h->enterprises) / (2 * h->enterprises));
  else
    jw_null(w);
  jw_end(w);
  pair(w, "returns", "due", h->submitted + h->missing, "missing", h->missing);
  jw_end(w);
  pair(w, "gaps", "open", h->gaps, "overdue", h->overdue);
  jw_end(w);
  jw_kobject(w, "heads");
  for (size_t i = 0; i < SIDES && r >= 0; i++) {
    jw_key(w, str_from(sides[i]));
    if (h->heads[i])
      r = emit_record(em, w, h->heads[i], e);
    else
      jw_null(w);
  }
  jw_end(w);
  return r;
}

/* ---- the list ---- */

struct houses_query {
  struct branch b;
  struct uuid after;
  int64_t limit;
  struct str after_code;
};

static int houses_after(struct rq *rq, struct houses_query *q, struct err *e) {
  struct record *last;
  if (uuid_is_nil(&q->after)) return 0;
  int r = record_get(rq->tx, rq->a, rq->viewer, &building_kind, &q->after, &last, e);
  if (r >= 0) q->after_code = rec_text(last, BUILDING_CODE);
  return r;
}

static int houses_read(struct rq *rq, const struct houses_query *q, struct house *houses,
                       size_t *ret_n, bool *ret_more, struct err *e) {
  struct record **found = arena_array(rq->a, struct record *, LIMIT_PAGE);
  if (!found) return err_set(e, E_NOMEM, "no memory for the buildings");
  int r =
      records_found(rq->tx, rq->a, &building_kind, rq->viewer->op, &q_houses,
                    P(q->b.op, q->b.low, q->b.high, V_TEXT(q->after_code.p ? q->after_code : S("")),
                      V_UUID(q->after), V_I64(q->limit + 1)),
                    found, (size_t)q->limit, ret_n, ret_more, e);
  for (size_t i = 0; i < *ret_n && r >= 0; i++) houses[i] = (struct house){.building = found[i]};
  return r;
}

static int houses_write(struct rq *rq, struct tx *tx, const struct houses_query *q,
                        const struct house *houses, size_t shown, bool more, struct jw *w,
                        struct err *e) {
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  int r = 0;
  jw_object(w);
  jw_kstr(w, "day", q->b.day_text);
  jw_karray(w, "items");
  for (size_t i = 0; i < shown && r >= 0; i++) {
    if (!record_visible(rq->viewer, houses[i].building)) continue;
    jw_object(w);
    jw_k(w, "building");
    r = emit_record(&em, w, houses[i].building, e);
    if (r >= 0) r = house_write(&em, w, &houses[i], e);
    jw_end(w);
  }
  jw_end(w);
  jw_kuuid(w, "next", more ? &houses[shown - 1].building->id : NULL);
  jw_end(w);
  return r;
}

int buildings_get(struct rq *rq, struct jw *w, struct err *e) {
  struct houses_query q = {.limit = 0};
  struct house *houses = arena_array(rq->a, struct house, LIMIT_PAGE);
  bool more = false;
  size_t n = 0;
  if (!houses) return err_set(e, E_NOMEM, "no memory for the buildings");
  rq_page(rq, &q.after, &q.limit);
  int r = rq_branch(rq, "enterprise.read", &q.b, e);
  if (r >= 0) r = houses_after(rq, &q, e);
  if (r >= 0) r = houses_read(rq, &q, houses, &n, &more, e);
  if (r >= 0) r = houses_count(rq, rq->tx, houses, n, q.b.day, e);
  if (r < 0) return r;
  r = houses_write(rq, rq->tx, &q, houses, n, more, w, e);
  if (r >= 0 && !jw_ok(w)) r = err_set(e, E_TOO_LARGE, "the page is too large");
  return r;
}

/* ---- on a building's page ---- */

QUERY(q_today, "SELECT d.enterprise, d.unit, d.template_code, d.state, d.late FROM enterprise e "
               "JOIN daily_return d ON d.op = $1 AND d.enterprise = e.id "
               "WHERE e.op = $1 AND e.building = $2 AND d.day = $3 AND d.retired = 0 "
               "AND d.state <> 'exempt' ORDER BY d.enterprise, d.template_code");

static int todays_returns(struct rq *rq, struct tx *tx, const struct record *building, struct jw *w,
                          struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  const right_t needed = right_by_name(S("daily_return.read"));
  char day[DAY_TEXT];
  day_format(rq->viewer->today, day);
  jw_kstrz(w, "day", day);
  jw_karray(w, "today");
  int r =
      cur_open(tx, &q_today, P(V_I64(rq->viewer->op), V_UUID(building->id), V_TEXTZ(day)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    const struct uuid id = cur_uuid(c, 0);
    if (!viewer_may(rq->viewer, needed, (int32_t)cur_i64(c, 1))) continue;
    jw_object(w);
    jw_kuuid(w, "enterprise", &id);
    jw_kstr(w, "template", cur_text(c, 2));
    jw_kstr(w, "state", cur_text(c, 3));
    jw_kbool(w, "late", cur_i64(c, 4) != 0);
    jw_end(w);
  }
  jw_end(w);
  return r < 0 ? r : 0;
}

int building_section(struct rq *rq, struct tx *tx, const struct record *building, struct jw *w,
                     struct err *e) {
  static const char *const here[] = {"state", "open,planned,filed,checked,resumed,suspended", NULL};
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  struct house h = {.building = record_copy(rq->a, building)};
  int r = houses_count(rq, tx, &h, 1, rq->viewer->today, e);
  if (r >= 0) r = house_write(&em, w, &h, e);
  if (r >= 0) r = todays_returns(rq, tx, building, w, e);
  if (r >= 0)
    r = page_list(rq, tx, w, &enterprise_kind, "building", &building->id, here, "name", LIMIT_PAGE,
                  e);
  return r;
}
