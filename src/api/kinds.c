#include "api/api_internal.h"
#include "api/page.h"
#include "auth/audit.h"

/* The generic routes of every kind: what is special about a kind stands in its table. */

struct list_args {
  struct list_query *lq;
  struct rq *rq;
  const struct kind *k;
  struct type_ctx *c;
  int32_t unit;
};

static void list_arg(void *arg, struct str key, struct str value) {
  struct list_args *la = arg;
  list_parse(la->lq, la->rq->viewer, la->k, key, value, la->c);
}

struct listing {
  const struct kind *k;
  struct list_query lq;
  struct viewer *viewer;
};

static int list_answer(struct rq *rq, struct jw *w, struct err *e) {
  const struct listing *l = rq->work;
  struct list_page page = {.total = -1};
  struct emit em = {.tx = rq->tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  int r = record_list(rq->tx, rq->a, &rq->app->registry, rq->viewer, l->k, &l->lq, &page, e);
  if (r < 0) return r;
  jw_object(w);
  jw_karray(w, "items");
  r = emit_records(&em, w, page.items, page.n, e);
  jw_end(w);
  jw_kstr(w, "next", page.next);
  if (page.total >= 0) {
    jw_ki64(w, "total", page.total);
  }
  jw_end(w);
  return r;
}

/* Whether somebody with this number is on file is itself personal: who asked is written down, and
 * durable, before he is told. What he asked for is not. */
static int lookup_run(struct tx *tx, void *arg, struct err *e) {
  const struct listing *l = arg;
  struct buf b = BUF_INIT(KIB(2));
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  jw_karray(&w, "fields");
  for (size_t i = 0; i < l->lq.n_filters; i++) {
    const struct field *f = list_filter_field(l->k, &l->lq.filters[i]);
    if (f && f->flags & FF_SEALED) jw_strz(&w, f->name);
  }
  jw_end(&w);
  jw_end(&w);
  int r = audit_by(tx, l->viewer, "lookup", l->k, NULL, l->lq.unit, buf_str(&b), e);
  buf_done(&b);
  return r;
}
static const struct cmd_class lookup_cmd = {.name = "lookup", .run = lookup_run};

static bool looks_up(const struct listing *l) {
  for (size_t i = 0; i < l->lq.n_filters; i++) {
    const struct field *f = list_filter_field(l->k, &l->lq.filters[i]);
    if (f && f->flags & FF_SEALED && !str_is(l->lq.filters[i].text, "null")) return true;
  }
  return false;
}

static int kind_list(struct rq *rq, struct err *e) {
  struct listing *l = arena_new(rq->a, struct listing);
  struct type_ctx c = rq_types(rq);
  *l = (struct listing){.lq = {.descending = true, .limit = LIMIT_PAGE_DEFAULT},
                        .viewer = rq->viewer};
  int r = rq_kind(rq, rq->params[0], &l->k, e);
  if (r < 0) return r;
  struct list_args la = {.lq = &l->lq, .rq = rq, .k = l->k, .c = &c};
  http_each_arg(rq->http, list_arg, &la);
  list_check(&l->lq, rq->viewer, l->k, &c);
  r = rq_check(rq, e);
  if (r < 0) return r;
  if (looks_up(l)) return rq_do(rq, &lookup_cmd, l, CMD_NORMAL, list_answer, e);
  rq->work = l;
  rq_finish(rq, list_answer);
  return 0;
}

static int id_param(struct rq *rq, struct uuid *ret_id, struct err *e) {
  if (uuid_parse(rq->params[1], ret_id) < 0) return err_set(e, E_NOT_FOUND, "no such record");
  return 0;
}

static int asked_record(struct rq *rq, const struct kind **ret_k, struct record **ret_rec,
                        struct err *e) {
  struct uuid id;
  int r = rq_kind(rq, rq->params[0], ret_k, e);
  if (r >= 0) r = id_param(rq, &id, e);
  return r < 0 ? r : record_get(rq->tx, rq->a, rq->viewer, *ret_k, &id, ret_rec, e);
}

static int kind_get(struct rq *rq, struct jw *w, struct err *e) {
  const struct kind *k;
  struct record *rec;
  int r = asked_record(rq, &k, &rec, e);
  if (r < 0) return r;
  struct str have = http_header(rq->http, "If-None-Match");
  struct str tag = arena_printf(rq->a, "\"%lld\"", (long long)rec->rev);
  if (have.p && str_eq(have, tag)) {
    http_add_header(rq->http, "ETag", tag);
    rq->status = 304;
    return 0;
  }
  return rq_record(rq, w, rec, e);
}

/* The rev that the sender has seen: If-Match, or "rev" in the body; one that is no number stays
 * there, and is refused with the rest. */
static int seen_rev(struct rq *rq, struct change *c, struct err *e) {
  struct str tag = http_header(rq->http, "If-Match");
  const json_t *rev = json_object_get(rq->body, "rev");
  const bool number = json_is_integer(rev) && json_integer_value(rev) > 0;
  int64_t v;
  if (tag.p && tag.n && !str_is(tag, "*")) {
    if (str_starts(tag, S("W/"))) tag = str_sub(tag, 2, tag.n);
    if (tag.n > 2 && tag.p[0] == '"') tag = str_sub(tag, 1, tag.n - 2);
    if (parse_i64(tag, 0, INT64_MAX, &v) < 0)
      return err_field(e, E_MALFORMED, "not a revision", "If-Match");
    c->if_rev = v;
  } else if (number) {
    c->if_rev = json_integer_value(rev);
  }
  if (number || json_is_null(rev)) json_object_del(rq->body, "rev");
  return 0;
}

static struct change *make(struct rq *rq, const struct kind *k, enum change_verb verb) {
  struct change *c = change_make(rq->a, &rq->app->registry, rq->viewer, k, verb);
  c->at_ms = rq->now_ms;
  c->source = "api";
  return c;
}

static int parse_and_queue(struct rq *rq, struct change *c, struct str action, struct err *e) {
  int r = seen_rev(rq, c, e);
  if (r >= 0) r = rq_parse(rq, c, action, e);
  return r < 0 ? r : rq_change(rq, c, e);
}

static int kind_create(struct rq *rq, struct err *e) {
  const struct kind *k;
  int r = rq_kind(rq, rq->params[0], &k, e);
  if (r < 0) return r;
  if (k->flags & KF_NO_API) return err_set(e, E_METHOD, "these records are made by the system");
  return parse_and_queue(rq, make(rq, k, CHANGE_CREATE), (struct str){NULL, 0}, e);
}

static int kind_patch(struct rq *rq, struct err *e) {
  const struct kind *k;
  struct uuid id;
  int r = rq_kind(rq, rq->params[0], &k, e);
  if (r >= 0) r = id_param(rq, &id, e);
  if (r < 0) return r;
  if (k->flags & (KF_NO_API | KF_EVENT))
    return err_set(e, E_METHOD, "these records are corrected, not changed");
  struct change *c = make(rq, k, CHANGE_UPDATE);
  c->id = id;
  return parse_and_queue(rq, c, (struct str){NULL, 0}, e);
}

/* ---- reading unmasked data ---- */

static int reveal_answer(struct rq *rq, struct jw *w, struct err *e) {
  (void)e;
  struct reveal *rv = rq->work;
  jw_object(w);
  jw_kobject(w, "values");
  for (size_t i = 0; i < rv->n_opened; i++) {
    const int f = rv->opened[i];
    jw_key(w, str_from(rv->kind->fields[f].name));
    jw_str(w, rec_text(rv->rec, f));
  }
  jw_end(w);
  jw_end(w);
  return 0;
}

static int kind_reveal(struct rq *rq, const struct kind *k, const struct uuid *id, struct err *e) {
  struct reveal *rv = arena_new(rq->a, struct reveal);
  struct buf names = BUF_INIT(KIB(2));
  const json_t *fields = json_object_get(rq->body, "fields");
  for (size_t i = 0; i < json_array_size(fields); i++) {
    if (i) buf_char(&names, ',');
    buf_str_add(&names, json_str(json_array_get(fields, i)));
  }
  *rv = (struct reveal){.en = &rq->app->registry,
                        .viewer = rq->viewer,
                        .a = rq->a,
                        .kind = k,
                        .id = *id,
                        .fields = arena_dup(rq->a, buf_str(&names)),
                        .reason = str_trim(json_str(json_object_get(rq->body, "reason")))};
  buf_done(&names);
  problems_init(&rv->problems, rq->a);
  if (rv->fields.n == 0) problem_add(&rq->problems, PROBLEM_required, S("fields"));
  if (rv->reason.n == 0) problem_add(&rq->problems, PROBLEM_required, S("reason"));
  if (str_utf8_len(rv->reason) > LIMIT_TEXT_DEFAULT)
    problem_limit(&rq->problems, PROBLEM_too_long, S("reason"), LIMIT_TEXT_DEFAULT);
  int r = rq_check(rq, e);
  return r < 0 ? r : rq_do(rq, &reveal_cmd, rv, CMD_NORMAL, reveal_answer, e);
}

/* ---- merging ---- */

struct merging {
  struct change *c;
  struct uuid other;
  struct uuid merge;
  bool undo;
};

static int merge_run(struct tx *tx, void *arg, struct err *e) {
  struct merging *m = arg;
  return m->undo ? change_unmerge(tx, m->c, &m->other, e)
                 : change_merge(tx, m->c, &m->other, &m->merge, e);
}
static const struct cmd_class merge_cmd = {.name = "merge", .run = merge_run};

static int merge_answer(struct rq *rq, struct jw *w, struct err *e) {
  (void)e;
  struct merging *m = rq->work;
  jw_object(w);
  jw_kuuid(w, "merge", m->undo ? &m->other : &m->merge);
  jw_end(w);
  return 0;
}

static int kind_merge(struct rq *rq, const struct kind *k, const struct uuid *id, bool undo,
                      struct err *e) {
  struct merging *m = arena_new(rq->a, struct merging);
  const char *name = undo ? "merge" : "other";
  if (!(k->flags & KF_MERGE)) return err_set(e, E_NOT_FOUND, "these records cannot be merged");
  if (uuid_parse(json_str(json_object_get(rq->body, name)), &m->other) < 0)
    problem_add(&rq->problems, PROBLEM_required, str_from(name));
  int r = rq_check(rq, e);
  if (r < 0) return r;
  m->undo = undo;
  m->c = make(rq, k, undo ? CHANGE_UNMERGE : CHANGE_MERGE);
  m->c->id = *id;
  return rq_do(rq, &merge_cmd, m, CMD_NORMAL, merge_answer, e);
}

/* ---- actions ---- */

static int kind_action(struct rq *rq, struct err *e) {
  const struct kind *k;
  struct uuid id;
  const struct str action = rq->params[2];
  int r = rq_kind(rq, rq->params[0], &k, e);
  if (r >= 0) r = id_param(rq, &id, e);
  if (r < 0) return r;
  if (str_is(action, "reveal")) return kind_reveal(rq, k, &id, e);
  if (str_is(action, "merge")) {
    if (!kind_transition(k, action)) return kind_merge(rq, k, &id, false, e);
  } else if (str_is(action, "unmerge")) {
    return kind_merge(rq, k, &id, true, e);
  }
  const bool retire = str_is(action, "retire"), restore = str_is(action, "restore");
  if ((retire || restore) && k->flags & (KF_NO_RETIRE | KF_EVENT | KF_NO_API))
    return err_set(e, E_NOT_FOUND, "these records are not retired");
  if (!retire && !restore && !kind_transition(k, action))
    return err_set(e, E_NOT_FOUND, "no such action");
  struct change *c = make(rq, k, retire ? CHANGE_RETIRE : restore ? CHANGE_RESTORE : CHANGE_ACTION);
  c->id = id;
  return parse_and_queue(rq, c, retire || restore ? (struct str){NULL, 0} : action, e);
}

static int kind_history(struct rq *rq, struct jw *w, struct err *e) {
  const struct kind *k;
  struct record *rec;
  int r = asked_record(rq, &k, &rec, e);
  if (r < 0) return r;
  struct emit em = {.tx = rq->tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  return history_write(&em, w, k, &rec->id, e);
}

const struct route kind_routes[] = {
    {HTTP_GET, "/api/v1/:kinds", NULL, .flags = ROUTE_SIGNED_IN, .handle = kind_list, .zh = "列表",
     .en = "list"},
    {HTTP_POST, "/api/v1/:kinds", NULL, .flags = ROUTE_SIGNED_IN, .runs = RUNS_WRITER,
     .handle = kind_create, .zh = "新建", .en = "create"},
    {HTTP_GET, "/api/v1/:kinds/:id", NULL, .flags = ROUTE_SIGNED_IN, .answer = kind_get,
     .zh = "读取", .en = "read"},
    {HTTP_PATCH, "/api/v1/:kinds/:id", NULL, .flags = ROUTE_SIGNED_IN, .runs = RUNS_WRITER,
     .handle = kind_patch, .zh = "修改", .en = "change"},
    {HTTP_GET, "/api/v1/:kinds/:id/history", NULL, .flags = ROUTE_SIGNED_IN, .answer = kind_history,
     .zh = "修改记录", .en = "history"},
    {HTTP_GET, "/api/v1/:kinds/:id/page", NULL, .flags = ROUTE_SIGNED_IN, .answer = page_get,
     .zh = "一页看全", .en = "the record with what every area has to say about it"},
    {HTTP_POST, "/api/v1/:plural/bulk/:action", NULL, .flags = ROUTE_SIGNED_IN, .runs = RUNS_WRITER,
     .handle = bulk_post, .zh = "批量办理",
     .en = "one action on many records; preview: true only looks",
     .takes = "id?:id ids?:{id:id rev?:int}[] filter?:{*:text} unit? q? preview?:bool with?:object",
     .gives = "preview:bool matched:int done:BulkItem[] refused:BulkItem[]"},
    {HTTP_POST, "/api/v1/:kinds/:id/:action", NULL, .flags = ROUTE_SIGNED_IN, .runs = RUNS_WRITER,
     .handle = kind_action, .zh = "办理", .en = "act on"},
    {0}};
