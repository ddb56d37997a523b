#include "api/api.h"

/* What a handler asks of its request: arguments, and a transaction to read in. */

int rq_check(struct rq *rq, struct err *e) {
  if (!problems_any(&rq->problems)) return 0;
  return err_set(e, E_INVALID, "the input has problems");
}

int rq_read(struct rq *rq, struct tx **ret_tx, struct err *e) {
  return store_read_limited(rq->app->store, rq->limit.until_ms ? &rq->limit : NULL, ret_tx, e);
}

struct str rq_arg(struct rq *rq, const char *name) {
  char other[64];
  struct str v = http_arg(rq->http, name);
  if (v.p || strlen(name) >= sizeof other) return v;
  if (strcmp(name, "date") == 0) return http_arg(rq->http, "day");
  for (size_t i = 0; i <= strlen(name); i++) other[i] = name[i] == '-' ? '_' : name[i];
  return strcmp(name, other) == 0 ? v : http_arg(rq->http, other);
}

int rq_unit(struct rq *rq, const char *arg, const char *right, int32_t *ret_unit, struct err *e) {
  struct str text = rq_arg(rq, arg);
  struct uuid id;
  const struct unit_row *u = NULL;
  right_t need = right_by_name(str_from(right));
  if (!text.p || text.n == 0) {
    /* without one: the root of his own branch */
    int32_t scope[1];
    int n = viewer_scope(rq->viewer, need, scope, 1);
    int32_t no = n == SCOPE_ALL ? unit_root(rq->viewer->tree) : n > 0 ? scope[0] : 0;
    if (!no) return err_field(e, E_NOT_FOUND, "no unit", arg);
    *ret_unit = no;
    return 0;
  }
  if (uuid_parse(text, &id) == 0) u = unit_by_id(rq->viewer->tree, &id);
  if (!u) u = unit_by_code(rq->viewer->tree, text);
  if (!u || !viewer_may(rq->viewer, need, u->no))
    return err_field(e, E_NOT_FOUND, "no such unit in your branch", arg);
  *ret_unit = u->no;
  return 0;
}

int rq_day(struct rq *rq, const char *arg, int32_t *ret_day, struct err *e) {
  struct str text = rq_arg(rq, arg);
  if (!text.p || text.n == 0) {
    *ret_day = rq->viewer->today;
    return 0;
  }
  if (day_parse(text, ret_day) == 0) return 0;
  problem_add(&rq->problems, PROBLEM_bad_date, str_from(arg));
  return rq_check(rq, e);
}

int rq_kind(struct rq *rq, struct str plural, const struct kind **ret_kind, struct err *e) {
  const struct kind *k = kind_by_plural(plural);
  if (!k) return err_set(e, E_NOT_FOUND, "no such kind of record");
  if (!viewer_may(rq->viewer, kind_right(k, VERB_READ), 0))
    return err_field(e, E_FORBIDDEN, "you may not read this kind of record", k->name);
  *ret_kind = k;
  return 0;
}

struct type_ctx rq_types(struct rq *rq) {
  return (struct type_ctx){.a = rq->a,
                           .tree = rq->viewer->tree,
                           .zone = rq->viewer->zone,
                           .today = rq->viewer->today,
                           .ps = &rq->problems};
}

void rq_filter(struct rq *rq, const struct kind *k, struct list_query *lq) {
  static const char *const more[] = {"q", "unit"};
  struct type_ctx c = rq_types(rq);
  const char *key;
  json_t *value;
  json_object_foreach(json_object_get(rq->body, "filter"), key, value)
      list_parse(lq, rq->viewer, k, arena_printf(rq->a, "filter[%s]", key), json_str(value), &c);
  for (size_t i = 0; i < ARRAY_LEN(more); i++)
    if (json_is_string(json_object_get(rq->body, more[i])))
      list_parse(lq, rq->viewer, k, str_from(more[i]), json_str(json_object_get(rq->body, more[i])),
                 &c);
}
