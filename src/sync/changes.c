#include "api/api.h"
#include "sync/sync_module.h"
#include <stdlib.h>

/* What a device of a unit needs, in the order in which it was committed: the records of KF_SYNC
 * kinds that are scoped to the unit itself, and those that belong to no unit (numbered by the
 * root). The cursor holds both positions, "123-45"; it is opaque to the client. Numbers are given
 * under a lock on the unit's row that lasts until the commit, so that none appears late. */

enum { CHANGES_DEFAULT = 200, CHANGES_MAX = LIMIT_PAGE };

struct position {
  int64_t seq;
  struct uuid id;
  const struct kind *kind;
  bool central, gone;
};

struct pull {
  struct rq *rq;
  struct tx *tx;
  int32_t unit;
  int64_t after_unit, after_central;
  int64_t limit;
  struct position *list;
  size_t n, max;
};

static int cursor_parse(struct pull *p) {
  struct str text = rq_arg(p->rq, "after");
  if (!text.p || !text.n) return 0;
  struct str unit = str_split(&text, '-');
  if (parse_i64(unit, 0, INT64_MAX, &p->after_unit) == 0 && text.p &&
      parse_i64(text, 0, INT64_MAX, &p->after_central) == 0)
    return 0;
  problem_text(&p->rq->problems, PROBLEM_bad_format, S("after"), S("cursor"), (struct str){0},
               (struct str){0});
  return 0;
}

/* Rights are asked for the kind at this unit; the record itself is asked again when it is read. */
static bool wanted(const struct pull *p, const struct kind *k) {
  return k->flags & KF_SYNC && viewer_may(p->rq->viewer, kind_right(k, VERB_READ), p->unit);
}

static int find_changes(struct pull *p, const struct kind *k, struct err *e) {
  int scope;
  const bool central = !kind_scope_field(k, 0, &scope);
  struct buf sql = BUF_INIT(KIB(2));
  struct val params[4] = {V_I64(central ? p->after_central : p->after_unit), V_I64(p->limit + 1)};
  size_t n = 2;
  buf_printf(&sql, "SELECT id, seq FROM \"%s\" WHERE seq > $1", k->name);
  if (!central) {
    buf_printf(&sql, " AND \"%s\" = $%zu", k->fields[scope].name, n + 1);
    params[n++] = V_I64(p->unit);
  }
  if (!(k->flags & KF_GLOBAL)) {
    buf_printf(&sql, " AND op = $%zu", n + 1);
    params[n++] = V_I64(p->rq->viewer->op);
  }
  buf_lit(&sql, " ORDER BY seq LIMIT $2");
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = buf_ok(&sql) ? cur_open_sql(p->tx, buf_str(&sql), params, n, &c, e)
                       : err_set(e, E_NOMEM, "no memory for a statement");
  while (r >= 0 && (r = cur_next(c, e)) == 1 && p->n < p->max)
    p->list[p->n++] = (struct position){
        .id = cur_uuid(c, 0), .seq = cur_i64(c, 1), .kind = k, .central = central};
  buf_done(&sql);
  return r < 0 ? r : 0;
}

/* What has moved away: a tombstone in the unit that it left. */
static int find_gone(struct pull *p, struct err *e) {
  const struct pull_range range = {
      .op = p->rq->viewer->op, .unit = p->unit, .after = p->after_unit, .upto = INT64_MAX};
  struct tombstone *list = arena_array(p->rq->a, struct tombstone, (size_t)p->limit + 1);
  size_t n = 0;
  if (!list) return err_set(e, E_NOMEM, "no memory for changes");
  int r = pull_gone(p->tx, &range, list, (size_t)p->limit + 1, &n, e);
  for (size_t i = 0; i < n && r >= 0 && p->n < p->max; i++)
    if (wanted(p, list[i].k))
      p->list[p->n++] =
          (struct position){.id = list[i].id, .seq = list[i].seq, .kind = list[i].k, .gone = true};
  return r;
}

/* The unit's and the root's numbers are two orders; within each the list stays in order. */
static int by_order(const void *pa, const void *pb) {
  const struct position *a = pa, *b = pb;
  if (a->central != b->central) return a->central ? -1 : 1;
  return (a->seq > b->seq) - (a->seq < b->seq);
}

static void write_head(struct jw *w, const struct position *at, bool gone) {
  jw_object(w);
  jw_kstrz(w, "kind", at->kind->plural);
  jw_ki64(w, "seq", at->seq);
  if (!gone) return;
  jw_kuuid(w, "id", &at->id);
  jw_kbool(w, "gone", true);
}

static int write_items(struct pull *p, size_t n, struct jw *w, struct err *e) {
  struct emit em = {
      .tx = p->tx, .en = &p->rq->app->registry, .viewer = p->rq->viewer, .a = p->rq->a};
  for (size_t i = 0; i < n; i++) {
    const struct position *at = &p->list[i];
    struct record *rec;
    struct err mine = {0};
    *(at->central ? &p->after_central : &p->after_unit) = at->seq;
    if (at->gone) {
      write_head(w, at, true);
      jw_end(w);
      continue;
    }
    int r = record_get(p->tx, p->rq->a, p->rq->viewer, at->kind, &at->id, &rec, &mine);
    if (r == -E_NOT_FOUND) continue;
    if (r < 0) {
      if (e) *e = mine;
      return r;
    }
    write_head(w, at, rec->retired);
    jw_k(w, "record");
    r = emit_record(&em, w, rec, e);
    jw_end(w);
    if (r < 0) return r;
  }
  return 0;
}

static int pull_parse(struct pull *p, struct err *e) {
  struct rq *rq = p->rq;
  const struct str limit = rq_arg(rq, "limit");
  p->limit = CHANGES_DEFAULT;
  int r = rq_unit(rq, "unit", "change.read", &p->unit, e);
  if (r < 0) return r;
  (void)!cursor_parse(p);
  if (limit.n && parse_i64(limit, 1, CHANGES_MAX, &p->limit) < 0)
    problem_limit(&rq->problems, PROBLEM_too_large, S("limit"), CHANGES_MAX);
  return rq_check(rq, e);
}

int changes_get(struct rq *rq, struct jw *w, struct err *e) {
  struct pull p = {.rq = rq};
  const struct str form = rq_arg(rq, "form");
  if (str_is(form, "rows")) return changes_rows(rq, w, e);
  if (form.n)
    problem_text(&rq->problems, PROBLEM_not_in_list, S("form"), S("rows"), form, S("rows"));
  if (!rq->session) return err_field(e, E_FORBIDDEN, "a device pulls form=rows", "form");
  int r = pull_parse(&p, e);
  if (r < 0) return r;
  p.tx = rq->tx;
  size_t kinds = 0;
  for (size_t i = 0; i < kinds_count(); i++) kinds += wanted(&p, kind_at(i));
  p.max = (kinds + 1) * (size_t)(p.limit + 1);
  p.list = arena_array(rq->a, struct position, p.max + 1);
  if (!p.list || arena_failed(rq->a)) return err_set(e, E_NOMEM, "no memory for changes");
  for (size_t i = 0; i < kinds_count() && r == 0; i++)
    if (wanted(&p, kind_at(i))) r = find_changes(&p, kind_at(i), e);
  if (r == 0) r = find_gone(&p, e);
  if (r < 0) return r;
  qsort(p.list, p.n, sizeof *p.list, by_order);
  const bool more = p.n > (size_t)p.limit;
  jw_object(w);
  jw_karray(w, "items");
  r = write_items(&p, more ? (size_t)p.limit : p.n, w, e);
  jw_end(w);
  jw_kstr(w, "next",
          arena_printf(rq->a, "%lld-%lld", (long long)p.after_unit, (long long)p.after_central));
  jw_kbool(w, "more", more);
  jw_end(w);
  return r;
}
