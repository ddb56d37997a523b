#include "api/api_internal.h"
#include <assert.h>

static_assert((int)LIMIT_BULK <= (int)LIMIT_PAGE, "what is previewed is one page");

/* POST {kinds}/bulk/{action}: one action on many records, each as if it had been asked for alone,
 * in a savepoint of its own. Those of a filter are previewed: what was shown is sent back by id
 * and version, so that what was previewed is what is done. All lies in the request's arena; while
 * commands are with the writer nobody else touches it. */

struct bulk_item {
  struct uuid id;
  int64_t rev; /* that was seen; 0: not said */
  struct change *c;
  struct cmd cmd;
  int result;
  struct err err;
};
struct bulk_slice {
  struct bulk_run *run;
  struct cmd cmd;
  size_t from, n;
};
struct bulk_run {
  struct rq *rq;
  const struct kind *k;
  enum change_verb verb;
  struct str action;
  json_t *with; /* the action's fields */
  struct uuid id;
  bool preview, filtered;
  struct list_query lq;
  struct bulk_item *items;
  size_t n;
  _Atomic size_t waiting;
};

/* A preview holds the writer while it looks: so many records at once. */
enum { SLICE = 100 };

/* ---- the answer ---- */

static void write_item(struct jw *w, struct emit *em, const struct bulk_item *it,
                       struct record *rec) {
  const bool seen = rec && record_visible(em->viewer, rec);
  jw_object(w);
  jw_kuuid(w, "id", &it->id);
  jw_k(w, "title");
  if (seen)
    jw_str(w, record_title(em, rec));
  else
    jw_null(w);
  if (seen) {
    jw_ki64(w, "rev", rec->rev);
    jw_kstr(w, "state", rec->state);
  }
  if (it->c->replayed) {
    jw_kbool(w, "replayed", true);
  }
  if (it->result < 0) {
    jw_k(w, "problem");
    rq_problem_inside(w, em, &it->err, &it->c->problems, NULL);
  }
  jw_end(w);
}

static int answer(struct rq *rq, struct jw *w, struct err *e) {
  const struct bulk_run *b = rq->work;
  struct emit em = {.tx = rq->tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  struct record **recs = arena_array(rq->a, struct record *, b->n + 1), **there = NULL;
  struct uuid *ids = arena_array(rq->a, struct uuid, b->n + 1);
  size_t n = 0;
  for (size_t i = 0; i < b->n; i++) ids[i] = b->items[i].id;
  int r = records_by_ids(rq->tx, rq->a, b->k, rq->viewer->op, ids, b->n, recs, e);
  there = arena_array(rq->a, struct record *, b->n + 1);
  for (size_t i = 0; i < b->n && r >= 0; i++)
    if (recs[i]) there[n++] = recs[i];
  if (r >= 0 && n) r = emit_prefetch(&em, there, n, e);
  if (r < 0) return r;
  jw_object(w);
  jw_kbool(w, "preview", b->preview);
  jw_ki64(w, "matched", (int64_t)b->n);
  for (int refused = 0; refused < 2; refused++) {
    jw_key(w, refused ? S("refused") : S("done"));
    jw_array(w);
    for (size_t i = 0; i < b->n; i++)
      if ((b->items[i].result < 0) == (refused != 0)) write_item(w, &em, &b->items[i], recs[i]);
    jw_end(w);
  }
  jw_end(w);
  return 0;
}

static void one_done(struct bulk_run *b) {
  if (atomic_fetch_sub(&b->waiting, 1) == 1) rq_finish_later(b->rq, answer);
}

/* ---- doing ---- */

static void item_done(struct cmd *cmd) {
  struct bulk_item *it = (struct bulk_item *)((char *)cmd - offsetof(struct bulk_item, cmd));
  it->result = cmd->result;
  it->err = cmd->err;
  one_done(cmd->owner);
}

static void submit_each(struct bulk_run *b) {
  for (size_t i = 0; i < b->n; i++) {
    struct bulk_item *it = &b->items[i];
    struct err e = {0};
    it->cmd = (struct cmd){.cls = change_cmd_class(it->c),
                           .arg = it->c,
                           .priority = CMD_BULK,
                           .done = item_done,
                           .owner = b};
    int r = writer_submit(b->rq->app->writer, &it->cmd, &e);
    if (r == 0) continue;
    it->result = r;
    it->err = e;
    one_done(b);
  }
}

/* ---- looking what would come of it ---- */

static int slice_run(struct tx *tx, void *arg, struct err *e) {
  const struct bulk_slice *s = arg;
  for (size_t i = s->from; i < s->from + s->n; i++) {
    struct bulk_item *it = &s->run->items[i];
    it->err = (struct err){0};
    it->result = change_run(tx, it->c, &it->err);
    const enum err_class why = err_class(-it->result);
    if (it->result < 0 && (why == ERR_ENVIRONMENT || why == ERR_BUG || it->err.code == E_RETRY)) {
      *e = it->err;
      return it->result;
    }
  }
  return err_set(e, E_PRECONDITION, "a preview is undone");
}
static const struct cmd_class slice_cmd = {
    .name = "bulk_preview", .run = slice_run, .undone = true};

static void slice_done(struct cmd *cmd) {
  const struct bulk_slice *s = cmd->arg;
  for (size_t i = s->from; cmd->err.code != E_PRECONDITION && i < s->from + s->n; i++) {
    s->run->items[i].result = cmd->result;
    s->run->items[i].err = cmd->err;
  }
  one_done(s->run);
}

static void submit_slices(struct bulk_run *b) {
  struct bulk_slice *slices = arena_array(b->rq->a, struct bulk_slice, b->n / SLICE + 1);
  for (size_t at = 0, i = 0; at < b->n; at += SLICE, i++) {
    struct bulk_slice *s = &slices[i];
    struct err e = {0};
    *s = (struct bulk_slice){.run = b, .from = at, .n = b->n - at < SLICE ? b->n - at : SLICE};
    s->cmd = (struct cmd){.cls = &slice_cmd, .arg = s, .priority = CMD_BULK, .done = slice_done};
    if (writer_submit(b->rq->app->writer, &s->cmd, &e) == 0) continue;
    s->cmd.result = -e.code;
    s->cmd.err = e;
    slice_done(&s->cmd);
  }
}

/* ---- from the request to the changes ---- */

static int change_for(struct bulk_run *b, struct bulk_item *it, struct err *e) {
  struct rq *rq = b->rq;
  char id[UUID_TEXT];
  struct change *c = change_make(rq->a, &rq->app->registry, rq->viewer, b->k, b->verb);
  it->c = c;
  c->at_ms = rq->now_ms;
  c->source = "bulk";
  c->id = it->id;
  if (it->rev > 0) c->if_rev = it->rev;
  uuid_format(&it->id, id);
  if (!uuid_is_nil(&b->id) && !b->preview) c->receipt = uuid_derive(&b->id, str_from(id));
  int r = change_parse(c, b->with, b->verb == CHANGE_ACTION ? b->action : (struct str){NULL, 0}, e);
  return r < 0 ? r : change_ready(c, e);
}

/* What is wrong with the fields is wrong for all, and said once. */
static int go(struct bulk_run *b, struct err *e) {
  struct rq *rq = b->rq;
  for (size_t i = 0; i < b->n; i++) {
    int r = change_for(b, &b->items[i], e);
    if (r == -E_INVALID) rq->problems = b->items[i].c->problems;
    if (r < 0) return r;
  }
  if (arena_failed(rq->a)) return err_set(e, E_NOMEM, "too many records at once");
  rq->work = b;
  rq->done = true; /* what comes of each is said of each */
  rq_suspend(rq);
  /* one more than there are, so that the answer waits until all have been handed over */
  atomic_store(&b->waiting, (b->preview ? (b->n + SLICE - 1) / SLICE : b->n) + 1);
  if (b->preview)
    submit_slices(b);
  else
    submit_each(b);
  one_done(b);
  return 0;
}

static void find(struct rq *rq, void *arg) {
  struct bulk_run *b = arg;
  struct list_page page = {.total = -1};
  struct err e = {0};
  b->lq.limit = LIMIT_BULK;
  b->lq.count = true;
  rq->limit.until_ms = monotonic_ms() + READ_MS;
  int r = rq_read(rq, &rq->tx, &e);
  if (r >= 0)
    r = record_list(rq->tx, rq->a, &rq->app->registry, rq->viewer, b->k, &b->lq, &page, &e);
  tx_endp(&rq->tx);
  rq->limit = (struct read_limit){0}; /* of this reading, not of the answer's */
  if (r >= 0 && page.total > LIMIT_BULK) {
    problem_text(&rq->problems, PROBLEM_too_many_match, S("filter"),
                 arena_printf(rq->a, "%d", LIMIT_BULK),
                 arena_printf(rq->a, "%lld", (long long)page.total), (struct str){0});
    r = rq_check(rq, &e);
  }
  if (r >= 0) {
    assert(page.n == (size_t)page.total);
    b->items = arena_array(rq->a, struct bulk_item, page.n + 1);
    b->n = page.n;
    for (size_t i = 0; i < page.n; i++)
      b->items[i] = (struct bulk_item){.id = page.items[i]->id, .rev = page.items[i]->rev};
    r = go(b, &e);
  }
  if (r < 0) api_failed(rq, &e);
}

static void ids(struct bulk_run *b, const json_t *list) {
  struct rq *rq = b->rq;
  b->n = json_array_size(list);
  if (b->n > LIMIT_BULK) {
    problem_limit(&rq->problems, PROBLEM_too_many, S("ids"), LIMIT_BULK);
    return;
  }
  b->items = arena_array(rq->a, struct bulk_item, b->n + 1);
  for (size_t i = 0; i < b->n; i++) {
    const json_t *one = json_array_get(list, i), *rev = json_object_get(one, "rev");
    struct bulk_item *it = &b->items[i];
    const struct str path = arena_printf(rq->a, "ids[%zu]", i);
    if (uuid_parse(json_str(json_object_get(one, "id")), &it->id) < 0 ||
        !(json_is_integer(rev) || (b->preview && !rev))) {
      problem_text(&rq->problems, PROBLEM_bad_format, path, S("{\"id\",\"rev\"}"), (struct str){0},
                   (struct str){0});
      continue;
    }
    it->rev = json_integer_value(rev);
    size_t j = 0;
    while (j < i && !uuid_eq(&it->id, &b->items[j].id)) j++;
    if (j < i) problem_add(&rq->problems, PROBLEM_twice, path);
  }
}

static void known(struct rq *rq) {
  static const char *const keys[] = {"id", "ids", "filter", "unit", "q", "preview", "with"};
  const char *key;
  json_t *value;
  json_object_foreach(rq->body, key, value) {
    bool is = false;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) is = is || strcmp(key, keys[i]) == 0;
    if (!is) problem_add(&rq->problems, PROBLEM_unknown_field, arena_printf(rq->a, "%.60s", key));
  }
}

/* Whether somebody with a number is on file is asked for alone, where that is written down. */
static bool filters_plain(const struct bulk_run *b) {
  for (size_t i = 0; i < b->lq.n_filters; i++) {
    const struct field *f = list_filter_field(b->k, &b->lq.filters[i]);
    if (f && f->flags & FF_SEALED) return false;
  }
  return true;
}

static int whose(struct bulk_run *b, struct err *e) {
  struct rq *rq = b->rq;
  const struct str nil = S("00000000-0000-0000-0000-000000000000");
  const bool retire = str_is(b->action, "retire"), restore = str_is(b->action, "restore");
  b->verb = retire ? CHANGE_RETIRE : restore ? CHANGE_RESTORE : CHANGE_ACTION;
  int r = rq_kind(rq, rq->params[0], &b->k, e);
  if (r < 0) return r;
  if (retire || restore ? b->k->flags & (KF_NO_RETIRE | KF_EVENT | KF_NO_API)
                        : !kind_transition(b->k, b->action))
    return err_set(e, E_NOT_FOUND, "no such action");
  /* an area's own route does more than the kind's change */
  if (api_own_route(rq->app->api, HTTP_POST,
                    arena_printf(rq->a, "/api/v1/%s/" STR_FMT "/" STR_FMT, b->k->plural,
                                 STR_ARG(nil), STR_ARG(b->action))))
    return err_set(e, E_METHOD, "this action is done one by one");
  return 0;
}

int bulk_post(struct rq *rq, struct err *e) {
  struct bulk_run *b = arena_new(rq->a, struct bulk_run);
  *b = (struct bulk_run){.rq = rq, .action = rq->params[1]};
  int r = whose(b, e);
  if (r < 0) return r;
  if (!json_is_object(rq->body)) return err_set(e, E_MALFORMED, "the body must be an object");
  const json_t *list = json_object_get(rq->body, "ids");
  const struct str id = json_str(json_object_get(rq->body, "id"));
  b->filtered = json_object_get(rq->body, "filter") != NULL;
  b->preview = json_is_true(json_object_get(rq->body, "preview"));
  b->with = json_object_get(rq->body, "with");
  known(rq);
  if (id.p && uuid_parse(id, &b->id) < 0)
    problem_text(&rq->problems, PROBLEM_bad_format, S("id"), S("UUID"), (struct str){0},
                 (struct str){0});
  if (!b->filtered && !json_is_array(list)) problem_add(&rq->problems, PROBLEM_required, S("ids"));
  /* what a filter finds is looked at before it is done, and then named */
  if (b->filtered && (!b->preview || list))
    problem_add(&rq->problems, PROBLEM_preview_first, S("filter"));
  if (json_is_array(list)) ids(b, list);
  if (b->filtered) rq_filter(rq, b->k, &b->lq);
  if (!filters_plain(b)) problem_add(&rq->problems, PROBLEM_read_only, S("filter"));
  if ((r = rq_check(rq, e)) < 0) return r;
  if (!b->filtered) return go(b, e);
  return api_queue(rq, api_city_wide(rq) ? SHARE_WIDE : SHARE_READS, find, b, e);
}
