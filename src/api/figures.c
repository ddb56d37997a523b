#include "api/api_internal.h"
#include "api/platform_module.h"
#include "figures/figures.h"
#include <assert.h>

enum { SERIES_DAYS = 400, CHILDREN_MAX = 1024 };

/* ---- what was asked ---- */

static int optional_day(struct rq *rq, const char *arg, int32_t otherwise, int32_t *ret_day) {
  struct str text = rq_arg(rq, arg);
  *ret_day = otherwise;
  if (!text.p || !text.n) return 0;
  if (day_parse(text, ret_day) == 0) return 0;
  problem_add(&rq->problems, PROBLEM_bad_date, str_from(arg));
  return 0;
}

static int query_parse(struct rq *rq, struct figure_query *q, struct err *e) {
  *q = (struct figure_query){.op = rq->viewer->op,
                             .from = INT32_MIN,
                             .as_known = INT32_MAX,
                             .now_ms = rq->now_ms,
                             .zone = rq->viewer->zone};
  if (!q->op) return err_set(e, E_NOT_FOUND, "no operation is open");
  int r = rq_unit(rq, "unit", "figure.read", &q->unit, e);
  if (r < 0) return r;
  (void)!optional_day(rq, "date", rq->viewer->today, &q->day);
  (void)!optional_day(rq, "from", INT32_MIN, &q->from);
  (void)!optional_day(rq, "as-known", INT32_MAX, &q->as_known);
  if (q->from != INT32_MIN && q->from > q->day)
    problem_add(&rq->problems, PROBLEM_dates_reversed, S("from"));
  return rq_check(rq, e);
}

static const struct indicator *indicator_param(struct rq *rq, int32_t unit) {
  struct str code = rq_arg(rq, "indicator");
  const struct indicator *ind = code.p ? indicator_by_code(code) : NULL;
  if (!code.p || !code.n)
    problem_add(&rq->problems, PROBLEM_required, S("indicator"));
  else if (!ind || !indicator_readable(rq->viewer, ind, unit))
    problem_text(&rq->problems, PROBLEM_not_found, S("indicator"), (struct str){0}, code,
                 (struct str){0});
  return ind;
}

static void write_day(struct jw *w, const char *key, int32_t day) {
  char text[DAY_TEXT];
  day_format(day, text);
  jw_key(w, str_from(key));
  jw_strz(w, text);
}

static int write_head(struct jw *w, struct rq *rq, const struct figure_query *q, struct err *e) {
  int64_t behind = 0;
  int r = figures_behind(rq->tx, &behind, e);
  const struct unit_row *u = unit_by_no(rq->viewer->tree, q->unit);
  jw_kstr(w, "unit", u ? u->code : S(""));
  write_day(w, "date", q->day);
  if (q->from != INT32_MIN) write_day(w, "from", q->from);
  if (q->as_known != INT32_MAX) write_day(w, "as_known", q->as_known);
  if (behind) jw_k(w, "behind");
  if (behind) jw_i64(w, behind);
  return r;
}

/* ---- GET figures ---- */

int figures_get(struct rq *rq, struct jw *w, struct err *e) {
  struct figure_query q;
  int r = query_parse(rq, &q, e);
  if (r < 0) return r;
  int64_t *values = arena_array(rq->a, int64_t, indicators_count() + 1);
  r = figures_read(rq->tx, &q, values, e);
  if (r < 0) return r;
  jw_object(w);
  if ((r = write_head(w, rq, &q, e)) < 0) return r;
  jw_k(w, "figures");
  figures_write(w, rq->viewer, q.unit, values, NULL);
  jw_k(w, "complete");
  r = figures_write_complete(rq->app, rq->tx, &q, w, e);
  jw_end(w);
  return r;
}

/* ---- GET figures/children ---- */

/* The units that stood directly below on that day. */
static size_t children_on(const struct unit_tree *t, int32_t unit, int32_t day, int32_t *out,
                          size_t max) {
  size_t n = 0;
  for (size_t i = 0; i < unit_count(t) && n < max; i++) {
    const struct unit_row *u = unit_at(t, i);
    int32_t up[2];
    if (u->no == unit || u->retired || day < u->valid_from || day >= u->valid_to) continue;
    if (unit_ancestors(t, u->no, day, up, 2) == 2 && up[1] == unit) out[n++] = u->no;
  }
  return n;
}

static bool *wanted_indicators(struct rq *rq) {
  struct str list = rq_arg(rq, "indicators");
  if (!list.p || !list.n) return NULL;
  bool *only = arena_array(rq->a, bool, indicators_count() + 1);
  while (list.p) {
    struct str code = str_trim(str_split(&list, ','));
    const struct indicator *ind = code.n ? indicator_by_code(code) : NULL;
    if (ind)
      only[indicator_index(ind)] = true;
    else if (code.n)
      problem_text(&rq->problems, PROBLEM_not_found, S("indicators"), (struct str){0}, code,
                   (struct str){0});
  }
  return only;
}

static void write_unit(struct jw *w, const struct unit_tree *t, const struct unit_row *u) {
  int64_t children = 0;
  for (int32_t i = u->first + 1; i <= u->last; i++)
    children += unit_at(t, (size_t)i)->parent == u->no;
  emit_unit_open(w, u);
  jw_kstr(w, "kind", u->kind);
  jw_ki64(w, "children", children);
  jw_end(w);
}

int figures_children(struct rq *rq, struct jw *w, struct err *e) {
  struct figure_query q;
  const size_t width = indicators_count();
  int r = query_parse(rq, &q, e);
  if (r < 0) return r;
  const bool *only = wanted_indicators(rq);
  if ((r = rq_check(rq, e)) < 0) return r;
  int32_t *units = arena_array(rq->a, int32_t, CHILDREN_MAX);
  const size_t n = children_on(rq->viewer->tree, q.unit, q.day, units, CHILDREN_MAX);
  if (n == CHILDREN_MAX) return err_set(e, E_TOO_LARGE, "too many units below");
  int64_t *values = arena_array(rq->a, int64_t, n * width + 1);
  if (!values || arena_failed(rq->a)) return err_set(e, E_NOMEM, "too many units below");
  r = figures_read_units(rq->tx, &q, units, n, values, e);
  if (r < 0) return r;
  jw_object(w);
  if ((r = write_head(w, rq, &q, e)) < 0) return r;
  jw_karray(w, "rows");
  for (size_t i = 0; i < n; i++) {
    jw_object(w);
    jw_k(w, "unit");
    write_unit(w, rq->viewer->tree, unit_by_no(rq->viewer->tree, units[i]));
    jw_k(w, "figures");
    figures_write(w, rq->viewer, units[i], values + i * width, only);
    jw_end(w);
  }
  jw_end(w);
  jw_end(w);
  return 0;
}

/* ---- GET figures/series ---- */

int figures_series_get(struct rq *rq, struct jw *w, struct err *e) {
  struct figure_query q;
  int r = query_parse(rq, &q, e);
  if (r < 0) return r;
  const struct indicator *ind = indicator_param(rq, q.unit);
  if (q.from == INT32_MIN) q.from = q.day - 29;
  if (q.day - q.from >= SERIES_DAYS)
    problem_limit(&rq->problems, PROBLEM_too_many, S("from"), SERIES_DAYS);
  if ((r = rq_check(rq, e)) < 0) return r;
  int64_t *values = arena_array(rq->a, int64_t, (size_t)(q.day - q.from) + 1);
  r = figures_series(rq->tx, &q, ind, values, e);
  if (r < 0) return r;
  jw_object(w);
  if ((r = write_head(w, rq, &q, e)) < 0) return r;
  jw_kstrz(w, "indicator", ind->code);
  jw_karray(w, "days");
  for (int32_t d = q.from; d <= q.day; d++) {
    jw_object(w);
    write_day(w, "date", d);
    jw_ki64(w, "value", values[d - q.from]);
    jw_end(w);
  }
  jw_end(w);
  jw_end(w);
  return 0;
}

/* ---- GET figures/records ---- */

static void write_share(struct jw *w, const struct record *rec, void *arg) {
  const struct behind_item **item = arg;
  assert((*item)->rec == rec);
  jw_ki64(w, "counts", (*item)->counts);
  jw_ki64(w, "records", (*item)->records);
  if ((*item)->since) {
    jw_kstrz(w, "since", (*item)->since);
  }
  ++*item;
}

static int write_items(struct rq *rq, struct tx *tx, struct jw *w, const struct behind_page *page,
                       struct err *e) {
  const struct behind_item *item = page->items;
  struct record **recs = arena_array(rq->a, struct record *, page->n + 1);
  struct emit em = {.tx = tx,
                    .en = &rq->app->registry,
                    .viewer = rq->viewer,
                    .a = rq->a,
                    .more = write_share,
                    .more_arg = &item};
  if (!recs) return err_set(e, E_NOMEM, "no memory for the answer");
  for (size_t i = 0; i < page->n; i++) recs[i] = page->items[i].rec;
  jw_karray(w, "items");
  int r = emit_records(&em, w, recs, page->n, e);
  jw_end(w);
  return r;
}

/* A computed figure has no records of its own: what it is computed from can be opened. */
static int derived(struct rq *rq, struct tx *tx, const struct indicator *ind,
                   const struct figure_query *q, struct jw *w, struct behind_page *page,
                   struct err *e) {
  int64_t *values = arena_array(rq->a, int64_t, indicators_count() + 1);
  int r = values ? figures_read(tx, q, values, e) : err_set(e, E_NOMEM, "no memory for figures");
  if (r < 0) return r;
  page->figure = values[indicator_index(ind)];
  jw_karray(w, "derived_from");
  for (struct str rest = str_from(ind->derived_from); rest.p;) jw_str(w, str_split(&rest, ' '));
  jw_end(w);
  return 0;
}

static int page_args(struct rq *rq, struct behind_query *bq, struct err *e) {
  int64_t limit = LIMIT_PAGE_DEFAULT;
  struct str text = rq_arg(rq, "limit");
  if (text.n && parse_i64(text, 1, INT32_MAX, &limit) < 0)
    problem_text(&rq->problems, PROBLEM_wrong_type, S("limit"), S("1…500"), text, (struct str){0});
  else if (limit > LIMIT_PAGE)
    problem_limit(&rq->problems, PROBLEM_too_large, S("limit"), LIMIT_PAGE);
  bq->limit = (size_t)limit;
  bq->after = rq_arg(rq, "after");
  return rq_check(rq, e);
}

int figures_records(struct rq *rq, struct jw *w, struct err *e) {
  struct behind_query bq = {.viewer = rq->viewer};
  struct behind_page page = {.figure = 0};
  int r = query_parse(rq, &bq.q, e);
  if (r < 0) return r;
  bq.ind = indicator_param(rq, bq.q.unit);
  if ((r = page_args(rq, &bq, e)) < 0) return r;
  const struct kind *k = bq.ind->kind ? kind_by_name(str_from(bq.ind->kind)) : NULL;
  jw_object(w);
  if ((r = write_head(w, rq, &bq.q, e)) < 0) return r;
  jw_kstrz(w, "indicator", bq.ind->code);
  jw_kstrz(w, "kind", k ? k->plural : "");
  if (bq.ind->type == IND_DERIVED)
    r = derived(rq, rq->tx, bq.ind, &bq.q, w, &page, e);
  else
    r = figures_behind_list(rq->app, rq->tx, rq->a, &bq, &page, e);
  if (r == 0) r = write_items(rq, rq->tx, w, &page, e);
  const struct {
    const char *key;
    int64_t n;
  } numbers[] = {{"figure", page.figure}, {"hidden", page.hidden}, {"total", page.total}};
  for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
    jw_key(w, str_from(numbers[i].key));
    jw_i64(w, numbers[i].n);
  }
  if (bq.q.as_known != INT32_MAX && bq.ind->type != IND_DERIVED) {
    jw_ki64(w, "now", page.now);
  }
  jw_kstr(w, "next", page.next);
  jw_end(w);
  return r;
}

/* ---- GET figures/stream, GET indicators ---- */

int figures_stream(struct rq *rq, struct err *e) {
  int32_t unit;
  if (!rq->viewer->op) return err_set(e, E_NOT_FOUND, "no operation is open");
  int r = rq_unit(rq, "unit", "figure.read", &unit, e);
  return r < 0 ? r : figures_subscribe(rq->app->figures, rq->http, rq->viewer, unit, e);
}

int indicators_get(struct rq *rq, struct jw *w, struct err *e) {
  static const char *const types[] = {"flow", "state", "distinct", "derived"};
  (void)e;
  jw_object(w);
  jw_karray(w, "items");
  for (size_t i = 0; i < indicators_count(); i++) {
    const struct indicator *ind = indicator_at(i);
    if (!indicator_readable(rq->viewer, ind, 0)) continue;
    const struct kind *k = ind->kind ? kind_by_name(str_from(ind->kind)) : NULL;
    const struct {
      const char *key, *text;
    } parts[] = {{"code", ind->code},
                 {"zh", ind->zh},
                 {"en", ind->en},
                 {"definition_zh", ind->zh_definition},
                 {"definition_en", ind->en_definition},
                 {"unit", ind->measure},
                 {"type", types[ind->type]},
                 {"records", k ? k->plural : NULL}};
    jw_object(w);
    for (size_t p = 0; p < ARRAY_LEN(parts); p++) {
      jw_key(w, str_from(parts[p].key));
      jw_str(w, str_from(parts[p].text));
    }
    jw_end(w);
  }
  jw_end(w);
  jw_end(w);
  return 0;
}
