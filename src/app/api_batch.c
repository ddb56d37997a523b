#include "app/api_internal.h"
#include "app/platform_routes.h"
#include <stdatomic.h>

/* POST /batch: what a phone queued, each item answered on its own, in its order. An item's id is
 * its receipt: sent again, it is answered as the first time.
 *
 * Where all items are events they go to the writer as one command, so that they are checked and
 * written together; should that fail as a whole, they follow one by one. Other batches are queued
 * item by item into one lane at one priority, which keeps their order. */

struct item {
  struct uuid id;
  bool has_id;
  struct change *c; /* NULL where it never came so far */
  struct cmd cmd;
  bool queued;
  int result;
  struct err err;
  struct problems problems;
};

struct batch {
  struct rq *rq;
  size_t n;
  struct item *items;
  struct cmd **events; /* of all items that are to run, when all are events */
  size_t n_events;
  struct cmd cmd;
  _Atomic size_t waiting;
};

/* ---- one item's request ---- */

static void refuse(struct item *it, int r, const struct err *e) {
  it->result = r;
  it->err = *e;
  if (it->c) it->problems = it->c->problems;
}

static int wrong(struct rq *rq, struct item *it, const char *field, struct err *e) {
  (void)rq;
  problem_add(&it->problems, PROBLEM_required, str_from(field));
  return err_set(e, E_INVALID, "the item has problems");
}

static enum change_verb verb_of(struct str action) {
  if (str_is(action, "retire")) return CHANGE_RETIRE;
  if (str_is(action, "restore")) return CHANGE_RESTORE;
  return CHANGE_ACTION;
}

/* "/api/v1/gate-events", "sign-ins/ID/sign-out": kind, id and action. */
static int route_item(struct rq *rq, struct item *it, struct str method, struct str path,
                      struct str *ret_action, struct err *e) {
  struct str part[3] = {{0}};
  size_t n = 0;
  if (str_starts(path, S("/"))) path = str_sub(path, 1, path.n);
  if (str_starts(path, S("api/v1/"))) path = str_sub(path, 7, path.n);
  while (path.p && n < 3) part[n++] = str_split(&path, '/');
  const struct kind *k = path.p ? NULL : kind_by_plural(part[0]);
  if (!k) return err_set(e, E_NOT_FOUND, "no such address");
  if (!viewer_may(rq->viewer, kind_right(k, VERB_READ), 0))
    return err_field(e, E_FORBIDDEN, "you may not read this kind of record", k->name);
  const bool post = str_is(method, "POST"), patch = str_is(method, "PATCH");
  enum change_verb verb = CHANGE_CREATE;
  if (n == 2 && patch)
    verb = CHANGE_UPDATE;
  else if (n == 3 && post)
    verb = verb_of(part[2]);
  else if (n != 1 || !post)
    return err_set(e, E_METHOD, "a batch creates, changes and acts, nothing else");
  if (verb == CHANGE_ACTION) {
    if (!kind_transition(k, part[2])) return err_set(e, E_NOT_FOUND, "no such action");
    *ret_action = part[2];
  } else if (k->flags & KF_NO_API || (verb == CHANGE_UPDATE && k->flags & KF_EVENT) ||
             (verb >= CHANGE_RETIRE && k->flags & (KF_NO_RETIRE | KF_EVENT))) {
    return err_set(e, E_METHOD, "not possible with these records");
  }
  it->c = change_make(rq->a, &rq->app->registry, rq->viewer, k, verb);
  it->c->at_ms = rq->now_ms;
  it->c->source = "batch";
  if (n > 1 && uuid_parse(part[1], &it->c->id) < 0)
    return err_set(e, E_NOT_FOUND, "no such record");
  return 0;
}

static int parse_item(struct rq *rq, struct item *it, json_t *j, struct err *e) {
  struct str action = {NULL, 0};
  const json_t *rev;
  if (!json_is_object(j)) return err_set(e, E_MALFORMED, "an item must be an object");
  const struct str id = json_str(json_object_get(j, "id"));
  const struct str method = json_str(json_object_get(j, "method"));
  const struct str path = json_str(json_object_get(j, "path"));
  json_t *body = json_object_get(j, "body");
  it->has_id = uuid_parse(id, &it->id) == 0 && !uuid_is_nil(&it->id);
  if (!it->has_id) return wrong(rq, it, "id", e);
  if (!path.n) return wrong(rq, it, "path", e);
  int r = route_item(rq, it, method.n ? method : S("POST"), path, &action, e);
  if (r < 0) return r;
  if (!body) {
    body = json_object();
    json_object_set_new(j, "body", body);
  }
  if (!json_is_object(body)) return err_set(e, E_MALFORMED, "an item's body must be an object");
  struct change *c = it->c;
  /* A record that is made without an id of its own takes the item's. */
  if (c->verb == CHANGE_CREATE && !json_object_get(body, "id"))
    json_object_set_new(body, "id", json_stringn(id.p, id.n));
  if ((rev = json_object_get(body, "rev"))) {
    if (json_is_integer(rev)) c->if_rev = json_integer_value(rev);
    json_object_del(body, "rev");
  }
  r = change_parse(c, body, action, e);
  if (r < 0) return r;
  if (!(c->kind->flags & KF_EVENT)) c->receipt = it->id;
  return change_ready(c, e);
}

/* ---- the answer ---- */

static void write_record(struct jw *w, const struct change *c) {
  const struct record *rec = c->result;
  char at[MOMENT_TEXT];
  jw_object(w);
  jw_k(w, "id");
  jw_uuid(w, rec ? &rec->id : &c->id);
  jw_k(w, "rev");
  jw_i64(w, rec && rec->rev ? rec->rev : 1);
  jw_k(w, "seq");
  jw_i64(w, rec ? rec->seq : 0);
  if (rec && rec->state.p) {
    jw_k(w, "state");
    jw_str(w, rec->state);
  }
  jw_k(w, "created_at");
  moment_format(rec ? rec->created_ms : c->at_ms, c->viewer->zone, at);
  jw_strz(w, at);
  if (c->replayed) {
    jw_k(w, "replayed");
    jw_bool(w, true);
  }
  if (c->problems.warnings) {
    jw_k(w, "warnings");
    problems_write(w, &c->problems);
  }
  jw_end(w);
}

/* A clash is shown to a person: with what stands there now. */
static void write_problem(struct jw *w, struct emit *em, struct item *it) {
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw inner;
  struct err e = {0};
  jw_init(&inner, &b);
  problem_document(&inner, &it->err, &it->problems);
  if (it->c && it->c->current && em->tx && b.n && b.p[b.n - 1] == '}') {
    const size_t whole = b.n;
    b.n--;
    buf_lit(&b, ",\"current\":");
    jw_init(&inner, &b);
    if (emit_record(em, &inner, it->c->current, &e) == 0) {
      buf_char(&b, '}');
    } else {
      b.n = whole - 1;
      buf_char(&b, '}');
    }
  }
  jw_raw(w, buf_str(&b));
  if (!buf_ok(&b)) w->b->failed = true;
  buf_done(&b);
}

static int item_status(const struct item *it) {
  if (it->result < 0 || !it->c) return err_http(it->result);
  return it->c->verb == CHANGE_CREATE ? 201 : 200;
}

static void answer(struct rq *rq, void *arg) {
  struct batch *bt = arg;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct emit em = {.en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  for (size_t i = 0; i < bt->n && !tx; i++)
    if (bt->items[i].c && bt->items[i].c->current && store_read(rq->app->store, &tx, NULL) < 0)
      break; /* then without */
  em.tx = tx;
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "items");
  jw_array(&w);
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    if (it->queued && it->c && it->result < 0) it->problems = it->c->problems;
    jw_object(&w);
    jw_k(&w, "id");
    if (it->has_id)
      jw_uuid(&w, &it->id);
    else
      jw_null(&w);
    jw_k(&w, "status");
    jw_i64(&w, item_status(it));
    jw_k(&w, "body");
    if (it->result < 0 || !it->c)
      write_problem(&w, &em, it);
    else
      write_record(&w, it->c);
    jw_end(&w);
  }
  jw_end(&w);
  jw_end(&w);
  rq_json(rq, 200, &b);
}

/* ---- into the writer ---- */

static void one_done(struct batch *bt) {
  if (atomic_fetch_sub(&bt->waiting, 1) == 1) api_answer_later(bt->rq, answer, bt);
}

static void item_done(struct cmd *cmd) {
  struct batch *bt = cmd->owner;
  struct item *it = (struct item *)((char *)cmd - offsetof(struct item, cmd));
  it->result = cmd->result;
  it->err = cmd->err;
  one_done(bt);
}

static void submit_items(struct batch *bt, enum cmd_priority priority, bool by_unit) {
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    if (!it->queued) continue;
    const int scope = kind_scope_field(it->c->kind, 0);
    it->cmd = (struct cmd){.cls = change_cmd_class(it->c),
                           .arg = it->c,
                           .priority = priority,
                           .lane_key = by_unit && scope >= 0 ? (uint64_t)it->c->v[scope].i : 0,
                           .done = item_done,
                           .owner = bt};
    struct err e = {0};
    int r = writer_submit(bt->rq->app->writer, &it->cmd, &e);
    if (r == 0) continue;
    it->result = r;
    it->err = e;
    one_done(bt);
  }
}

/* ---- all events at once ---- */

static int run_events(struct tx *tx, void *arg, struct err *e) {
  struct batch *bt = arg;
  return event_cmd.run_many(tx, bt->events, bt->n_events, e);
}

/* Several phones' batches in one commit are one list of events. */
static int run_batches(struct tx *tx, struct cmd **cmds, size_t n, struct err *e) {
  size_t total = 0, at = 0;
  for (size_t i = 0; i < n; i++) total += ((struct batch *)cmds[i]->arg)->n_events;
  struct cmd **all = arena_array(tx_arena(tx), struct cmd *, total + 1);
  if (!all || arena_failed(tx_arena(tx))) return err_set(e, E_NOMEM, "no memory for a batch");
  for (size_t i = 0; i < n; i++) {
    const struct batch *bt = cmds[i]->arg;
    for (size_t k = 0; k < bt->n_events; k++) all[at++] = bt->events[k];
    cmds[i]->result = 0;
  }
  return event_cmd.run_many(tx, all, total, e);
}
static const struct cmd_class batch_cmd = {
    .name = "batch", .run = run_events, .run_many = run_batches};

static void batch_done(struct cmd *cmd) {
  struct batch *bt = cmd->owner;
  if (cmd->result < 0 && err_class(cmd->result) != ERR_ENVIRONMENT) {
    /* One of them spoiled it for all: alone, each gets what it deserves. */
    atomic_store(&bt->waiting, bt->n_events);
    submit_items(bt, CMD_GATE, true);
    return;
  }
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    if (!it->queued) continue;
    it->result = cmd->result < 0 ? cmd->result : it->cmd.result;
    it->err = cmd->result < 0 ? cmd->err : it->cmd.err;
  }
  api_answer_later(bt->rq, answer, bt);
}

static int submit_events(struct batch *bt, struct err *e) {
  struct rq *rq = bt->rq;
  bt->events = arena_array(rq->a, struct cmd *, bt->n_events);
  if (!bt->events || arena_failed(rq->a)) return err_set(e, E_NOMEM, "no memory for a batch");
  size_t n = 0;
  uint64_t key = 0;
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    if (!it->queued) continue;
    const int scope = kind_scope_field(it->c->kind, 0);
    if (!key) key = (uint64_t)it->c->v[scope].i;
    it->cmd = (struct cmd){.cls = &event_cmd, .arg = it->c};
    bt->events[n++] = &it->cmd;
  }
  bt->cmd = (struct cmd){.cls = &batch_cmd,
                         .arg = bt,
                         .priority = CMD_GATE,
                         .lane_key = key,
                         .done = batch_done,
                         .owner = bt};
  http_suspend(rq->http);
  int r = writer_submit(rq->app->writer, &bt->cmd, e);
  if (r < 0) rq_problem(rq, e, NULL);
  return 0;
}

static int submit_mixed(struct batch *bt, size_t n, struct err *e) {
  struct rq *rq = bt->rq;
  if (arena_failed(rq->a)) return err_set(e, E_NOMEM, "the batch is too large");
  /* One more than there are, so that the answer waits until all have been handed over. */
  atomic_store(&bt->waiting, n + 1);
  http_suspend(rq->http);
  submit_items(bt, CMD_NORMAL, false);
  one_done(bt);
  return 0;
}

int batch_post(struct rq *rq, struct err *e) {
  const json_t *list = json_object_get(rq->body, "items");
  if (!json_is_array(list)) problem_add(&rq->problems, PROBLEM_required, S("items"));
  if (json_array_size(list) > LIMIT_BATCH_ITEMS)
    problem_limit(&rq->problems, PROBLEM_too_many, S("items"), LIMIT_BATCH_ITEMS);
  int r = rq_check(rq, e);
  if (r < 0) return r;
  struct batch *bt = arena_new(rq->a, struct batch);
  *bt = (struct batch){.rq = rq, .n = json_array_size(list)};
  bt->items = arena_array(rq->a, struct item, bt->n + 1);
  if (!bt->items || arena_failed(rq->a)) return err_set(e, E_NOMEM, "the batch is too large");
  size_t ready = 0;
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    struct err mine = {0};
    problems_init(&it->problems, rq->a);
    r = parse_item(rq, it, json_array_get(list, i), &mine);
    if (r < 0) {
      refuse(it, r, &mine);
      continue;
    }
    it->queued = true;
    ready++;
    bt->n_events += (it->c->kind->flags & KF_EVENT) != 0;
  }
  if (ready == 0) {
    answer(rq, bt);
    return 0;
  }
  return bt->n_events == ready ? submit_events(bt, e) : submit_mixed(bt, ready, e);
}
