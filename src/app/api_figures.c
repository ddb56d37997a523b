#include "app/api_internal.h"
#include "app/figures.h"
#include "app/platform_routes.h"

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
  *q = (struct figure_query){.op = rq->viewer->op, .from = INT32_MIN, .as_known = INT32_MAX};
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

static void write_head(struct jw *w, struct rq *rq, const struct figure_query *q) {
  const struct unit_row *u = unit_by_no(rq->viewer->tree, q->unit);
  jw_k(w, "unit");
  jw_str(w, u ? u->code : S(""));
  write_day(w, "date", q->day);
  if (q->from != INT32_MIN) write_day(w, "from", q->from);
  if (q->as_known != INT32_MAX) write_day(w, "as_known", q->as_known);
}

/* ---- GET figures ---- */

int figures_get(struct rq *rq, struct err *e) {
  struct figure_query q;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = query_parse(rq, &q, e);
  if (r < 0) return r;
  int64_t *values = arena_array(rq->a, int64_t, indicators_count() + 1);
  r = rq_read(rq, &tx, e);
  if (r == 0) r = figures_read(tx, &q, values, e);
  if (r < 0) return r;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  write_head(&w, rq, &q);
  jw_k(&w, "figures");
  figures_write(&w, rq->viewer, q.unit, values, NULL);
  jw_k(&w, "complete");
  r = figures_write_complete(rq->app, tx, &q, &w, e);
  jw_end(&w);
  if (r < 0) {
    buf_done(&b);
    return r;
  }
  rq_json(rq, 200, &b);
  return 0;
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
  jw_k(w, "kind");
  jw_str(w, u->kind);
  jw_k(w, "children");
  jw_i64(w, children);
  jw_end(w);
}

int figures_children(struct rq *rq, struct err *e) {
  struct figure_query q;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  const size_t width = indicators_count();
  int r = query_parse(rq, &q, e);
  if (r < 0) return r;
  const bool *only = wanted_indicators(rq);
  if ((r = rq_check(rq, e)) < 0) return r;
  int32_t *units = arena_array(rq->a, int32_t, CHILDREN_MAX);
  const size_t n = children_on(rq->viewer->tree, q.unit, q.day, units, CHILDREN_MAX);
  int64_t *values = arena_array(rq->a, int64_t, n * width + 1);
  if (!values || arena_failed(rq->a)) return err_set(e, E_NOMEM, "too many units below");
  r = rq_read(rq, &tx, e);
  if (r == 0) r = figures_read_units(tx, &q, units, n, values, e);
  if (r < 0) return r;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  write_head(&w, rq, &q);
  jw_k(&w, "rows");
  jw_array(&w);
  for (size_t i = 0; i < n; i++) {
    jw_object(&w);
    jw_k(&w, "unit");
    write_unit(&w, rq->viewer->tree, unit_by_no(rq->viewer->tree, units[i]));
    jw_k(&w, "figures");
    figures_write(&w, rq->viewer, units[i], values + i * width, only);
    jw_end(&w);
  }
  jw_end(&w);
  jw_end(&w);
  rq_json(rq, 200, &b);
  return 0;
}

/* ---- GET figures/series ---- */

int figures_series_get(struct rq *rq, struct err *e) {
  struct figure_query q;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = query_parse(rq, &q, e);
  if (r < 0) return r;
  const struct indicator *ind = indicator_param(rq, q.unit);
  if (q.from == INT32_MIN) q.from = q.day - 29;
  if (q.day - q.from >= SERIES_DAYS)
    problem_limit(&rq->problems, PROBLEM_too_many, S("from"), SERIES_DAYS);
  if ((r = rq_check(rq, e)) < 0) return r;
  int64_t *values = arena_array(rq->a, int64_t, (size_t)(q.day - q.from) + 1);
  r = rq_read(rq, &tx, e);
  if (r == 0) r = figures_series(tx, q.op, q.unit, ind, q.from, q.day, values, e);
  if (r < 0) return r;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  write_head(&w, rq, &q);
  jw_k(&w, "indicator");
  jw_strz(&w, ind->code);
  jw_k(&w, "days");
  jw_array(&w);
  for (int32_t d = q.from; d <= q.day; d++) {
    jw_object(&w);
    write_day(&w, "date", d);
    jw_k(&w, "value");
    jw_i64(&w, values[d - q.from]);
    jw_end(&w);
  }
  jw_end(&w);
  jw_end(&w);
  rq_json(rq, 200, &b);
  return 0;
}

/* ---- GET figures/records ---- */

struct drill {
  struct rq *rq;
  const struct kind *kind;
  struct list_query *lq;
  struct type_ctx types;
};

/* Only how the list is shown may be said from outside; what is in it follows from the figure. */
static void drill_arg(void *arg, struct str key, struct str value) {
  struct drill *d = arg;
  if (str_is(key, "limit") || str_is(key, "after") || str_is(key, "sort") || str_is(key, "count"))
    list_parse(d->lq, d->rq->viewer, d->kind, key, value, &d->types);
}

/* The indicator's and the day's filters go past list_parse: a reader who may see the figure may
 * open it, also by a field that he could not filter by otherwise. */
static int drill_filter(struct drill *d, struct str field, struct str text, struct err *e) {
  int f = str_is(field, "state") ? -1 : field_index(d->kind, field);
  if (f < 0 && !str_is(field, "state"))
    return err_field(e, E_BUG, "an indicator's filter names an unknown field", d->kind->name);
  if (d->lq->n_filters == LIMIT_FILTERS) return err_set(e, E_BUG, "too many filters");
  d->lq->filters[d->lq->n_filters++] = (struct list_filter){.field = f, .text = text};
  return 0;
}

static struct str day_range(struct drill *d, const struct field *f, int32_t from, int32_t to) {
  struct arena *a = d->rq->a;
  char lo[MOMENT_TEXT] = "", hi[MOMENT_TEXT];
  if (f->type == FT_MOMENT) {
    const struct zone *z = d->rq->viewer->zone;
    if (from != INT32_MIN) moment_format(zone_moment(z, from, 0), z, lo);
    moment_format(zone_moment(z, to + 1, 0) - 1, z, hi);
  } else {
    if (from != INT32_MIN) day_format(from, lo);
    day_format(to, hi);
  }
  return arena_printf(a, "%s..%s", lo, hi);
}

static int drill_down(struct drill *d, const struct indicator *ind, const struct figure_query *q,
                      struct err *e) {
  struct str rest = str_from(ind->filter ? ind->filter : "");
  int r = 0;
  while (rest.p && rest.n && r == 0) {
    struct str value = str_split(&rest, '&');
    struct str field = str_split(&value, '=');
    r = drill_filter(d, field, value, e);
  }
  if (r < 0 || !ind->date_field) return r;
  int32_t from = q->from;
  if (ind->type == IND_FLOW && from == INT32_MIN) from = q->day;
  if (ind->type == IND_STATE) from = INT32_MIN;
  const int f = field_index(d->kind, str_from(ind->date_field));
  return drill_filter(d, str_from(ind->date_field), day_range(d, &d->kind->fields[f], from, q->day),
                      e);
}

int figures_records(struct rq *rq, struct err *e) {
  struct figure_query q;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct list_query lq = {
      .sort = -1, .descending = true, .limit = LIMIT_PAGE_DEFAULT, .count = true};
  struct list_page page = {.total = -1};
  int r = query_parse(rq, &q, e);
  if (r < 0) return r;
  const struct indicator *ind = indicator_param(rq, q.unit);
  if ((r = rq_check(rq, e)) < 0) return r;
  const struct kind *k = ind->kind ? kind_by_name(str_from(ind->kind)) : NULL;
  if (!k) return err_field(e, E_NOT_FOUND, "no records stand behind this figure", ind->code);
  struct drill d = {.rq = rq,
                    .kind = k,
                    .lq = &lq,
                    .types = {.a = rq->a,
                              .tree = rq->viewer->tree,
                              .zone = rq->viewer->zone,
                              .today = rq->viewer->today,
                              .ps = &rq->problems}};
  http_each_arg(rq->http, drill_arg, &d);
  if ((r = rq_check(rq, e)) < 0) return r;
  lq.unit = q.unit;
  lq.unit_field =
      (ind->unit_field ? field_index(k, str_from(ind->unit_field)) : kind_scope_field(k, 0)) + 1;
  lq.unit_kinds = ind->unit_kinds;
  r = drill_down(&d, ind, &q, e);
  if (r == 0) r = rq_read(rq, &tx, e);
  if (r == 0) r = record_list(tx, rq->a, &rq->app->registry, rq->viewer, k, &lq, &page, e);
  if (r < 0) return r;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  jw_init(&w, &b);
  jw_object(&w);
  write_head(&w, rq, &q);
  jw_k(&w, "indicator");
  jw_strz(&w, ind->code);
  jw_k(&w, "kind");
  jw_strz(&w, k->plural);
  jw_k(&w, "items");
  jw_array(&w);
  r = emit_records(&em, &w, page.items, page.n, e);
  jw_end(&w);
  jw_k(&w, "next");
  jw_str(&w, page.next);
  jw_k(&w, "total");
  jw_i64(&w, page.total);
  jw_end(&w);
  if (r < 0) {
    buf_done(&b);
    return r;
  }
  rq_json(rq, 200, &b);
  return 0;
}

/* ---- GET figures/stream, GET indicators ---- */

int figures_stream(struct rq *rq, struct err *e) {
  int32_t unit;
  if (!rq->viewer->op) return err_set(e, E_NOT_FOUND, "no operation is open");
  int r = rq_unit(rq, "unit", "figure.read", &unit, e);
  return r < 0 ? r : figures_subscribe(rq->app->figures, rq->http, rq->viewer, unit, e);
}

int indicators_get(struct rq *rq, struct err *e) {
  static const char *const types[] = {"flow", "state", "distinct", "derived"};
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  (void)e;
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "items");
  jw_array(&w);
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
    jw_object(&w);
    for (size_t p = 0; p < ARRAY_LEN(parts); p++) {
      jw_key(&w, str_from(parts[p].key));
      jw_str(&w, str_from(parts[p].text));
    }
    jw_end(&w);
  }
  jw_end(&w);
  jw_end(&w);
  rq_json(rq, 200, &b);
  return 0;
}
