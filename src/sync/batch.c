#include "api/api_internal.h"
#include "base/log.h"
#include "sync/batch.h"
#include "sync/sync_module.h"

/* POST /batch: what a phone queued, each item answered on its own, in its order. An item's id is
 * its receipt: sent again, it is answered as the first time.
 *
 * Items come in the open, in the rights of whoever is signed in, or sealed as they were written, in
 * the rights of their author. Where all items are events they go to the writer as one command, so
 * that they are checked and written together; should that fail as a whole, they follow one by one.
 * Other batches are queued item by item into one lane at one priority, which keeps their order. */

/* ---- one item's request ---- */

static void refuse(struct item *it, int r, const struct err *e) {
  it->result = r;
  it->err = *e;
  if (it->c) it->problems = it->c->problems;
}

static int wrong(struct item *it, const char *field, struct err *e) {
  problem_add(&it->problems, PROBLEM_required, str_from(field));
  return err_set(e, E_INVALID, "the item has problems");
}

static enum change_verb verb_of(struct str action) {
  if (str_is(action, "retire")) return CHANGE_RETIRE;
  if (str_is(action, "restore")) return CHANGE_RESTORE;
  return CHANGE_ACTION;
}

/* "/api/v1/gate-events", "sign-ins/ID/sign-out": kind, id and action. */
static int route_item(struct app *app, struct arena *a, const struct viewer *v,
                      const struct batch_request *rq, struct change **ret_c, struct str *ret_action,
                      struct err *e) {
  struct str part[3] = {{0}}, path = rq->path;
  size_t n = 0;
  if (str_starts(path, S("/"))) path = str_sub(path, 1, path.n);
  if (str_starts(path, S("api/v1/"))) path = str_sub(path, 7, path.n);
  const struct str whole = path;
  while (path.p && n < 3) part[n++] = str_split(&path, '/');
  const struct kind *k = path.p ? NULL : kind_by_plural(part[0]);
  if (!k) return err_set(e, E_NOT_FOUND, "no such address");
  if (!viewer_may(v, kind_right(k, VERB_READ), 0))
    return err_field(e, E_FORBIDDEN, "you may not read this kind of record", k->name);
  const bool post = str_is(rq->method, "POST"), patch = str_is(rq->method, "PATCH");
  enum change_verb verb = CHANGE_CREATE;
  if (n == 2 && patch)
    verb = CHANGE_UPDATE;
  else if (n == 3 && post)
    verb = verb_of(part[2]);
  else if (n != 1 || !post)
    return err_set(e, E_METHOD, "a batch creates, changes and acts, nothing else");
  /* an area's own route: what it does beyond the kind's change would be left out here */
  if (app->api && api_own_route(app->api, post ? HTTP_POST : HTTP_PATCH,
                                arena_printf(a, "/api/v1/" STR_FMT, STR_ARG(whole))))
    return err_set(e, E_METHOD, "this address is not for batches");
  if (verb == CHANGE_ACTION) {
    if (!kind_transition(k, part[2])) return err_set(e, E_NOT_FOUND, "no such action");
    *ret_action = part[2];
  } else if (k->flags & KF_NO_API || (verb == CHANGE_UPDATE && k->flags & KF_EVENT) ||
             (verb >= CHANGE_RETIRE && k->flags & (KF_NO_RETIRE | KF_EVENT))) {
    return err_set(e, E_METHOD, "not possible with these records");
  }
  struct change *c = change_make(a, &app->registry, v, k, verb);
  c->at_ms = v->now_ms;
  c->source = "batch";
  if (n > 1 && uuid_parse(part[1], &c->id) < 0) return err_set(e, E_NOT_FOUND, "no such record");
  *ret_c = c;
  return 0;
}

/* A queued action says what it was decided over. What stands there otherwise by now is a conflict,
 * and a person looks at both. */
static void read_saw(struct change *c, const json_t *saw) {
  const json_t *state = json_object_get(saw, "state"), *rev = json_object_get(saw, "rev");
  if (!saw || json_is_null(saw)) return;
  if (!json_is_object(saw) || (state && !json_is_string(state)) || (rev && !json_is_integer(rev))) {
    problem_text(&c->problems, PROBLEM_wrong_type, S("saw"), S("{\"state\",\"rev\"}"),
                 (struct str){0}, (struct str){0});
    return;
  }
  if (state) c->saw = json_str(state);
  if (rev) c->if_rev = json_integer_value(rev);
}

int batch_change(struct app *app, struct arena *a, const struct viewer *v,
                 const struct batch_request *rq, struct change **ret_c, struct problems *ps,
                 struct err *e) {
  struct str action = {NULL, 0};
  const json_t *rev;
  char id[UUID_TEXT];
  *ret_c = NULL;
  if (!rq->path.n) {
    problem_add(ps, PROBLEM_required, S("path"));
    return err_set(e, E_INVALID, "the item has problems");
  }
  int r = route_item(app, a, v, rq, ret_c, &action, e);
  if (r < 0) return r;
  struct change *c = *ret_c;
  read_saw(c, rq->saw);
  if (problems_any(&c->problems)) return err_set(e, E_INVALID, "the item has problems");
  /* A record that is made without an id of its own takes the item's. */
  if (c->verb == CHANGE_CREATE && !json_object_get(rq->body, "id")) {
    uuid_format(&rq->id, id);
    json_object_set_new(rq->body, "id", json_string(id));
  }
  if ((rev = json_object_get(rq->body, "rev"))) {
    if (json_is_integer(rev)) c->if_rev = json_integer_value(rev);
    json_object_del(rq->body, "rev");
  }
  if (!(c->kind->flags & KF_EVENT)) c->receipt = rq->id;
  return change_parse(c, rq->body, action, e);
}

int batch_request_read(struct arena *a, struct str json, struct batch_request *ret_rq,
                       struct err *e) {
  struct sealed_item it;
  int r = sealed_parse(a, json, &it, e);
  if (r < 0) return r;
  *ret_rq = (struct batch_request){.method = it.method, .path = it.path, .body = it.body};
  return 0;
}

/* Of the phone that sends, not of one whose entries it carries. */
static bool batch_own(const struct batch *bt, const struct item *it) {
  const struct auth_device_info *d = bt->rq->device;
  return d && !d->ended && uuid_eq(&d->id, &it->device);
}

int batch_item_run(struct batch *bt, struct item *it, const struct batch_request *rq,
                   struct err *e) {
  it->asked = *rq;
  int r = batch_change(bt->rq->app, bt->rq->a, it->by, rq, &it->c, &it->problems, e);
  if (r < 0) return r;
  if (!uuid_is_nil(&it->device) && it->c->transition && transition_online(it->c->transition)) {
    problem_add(&it->c->problems, PROBLEM_online_only, S("path"));
    return err_set(e, E_INVALID, "what is decided online does not wait in a phone");
  }
  it->c->device = it->device;
  it->c->device_seq = it->seq;
  it->c->clock_offset_ms = uuid_is_nil(&it->device) ? 0 : bt->offset_ms;
  it->c->written_ms = it->written_ms;
  if (batch_own(bt, it)) {
    it->c->not_before_ms = bt->last_ms;
    const int64_t at = change_moment(it->c);
    if (at == it->written_ms + bt->offset_ms)
      bt->last_ms = at; /* one that cannot be bounds nothing */
  }
  return change_ready(it->c, e);
}

/* Of somebody who is signed in, from the phone he signed in on or names by its token. */
static int item_in_the_open(struct batch *bt, struct item *it, json_t *j, struct err *e) {
  struct rq *rq = bt->rq;
  struct str method = json_str(json_object_get(j, "method"));
  struct batch_request asked = {.id = it->id,
                                .method = method.n ? method : S("POST"),
                                .path = json_str(json_object_get(j, "path")),
                                .body = json_object_get(j, "body"),
                                .saw = json_object_get(j, "saw")};
  if (!rq->session) return err_set(e, E_UNAUTHENTICATED, "an open item needs somebody signed in");
  const json_t *at = json_object_get(j, "at");
  if (json_is_integer(at) && json_integer_value(at) > 0) it->written_ms = json_integer_value(at);
  if (json_is_string(at) && moment_parse(json_str(at), &it->written_ms) < 0)
    problem_add(&it->problems, PROBLEM_bad_moment, S("at"));
  if (problems_any(&it->problems)) return err_set(e, E_INVALID, "the item has problems");
  it->by = rq->viewer;
  it->device = rq->device && !rq->device->ended ? rq->device->id : rq->session->device;
  if (!asked.path.n) return wrong(it, "path", e);
  if (!asked.body) {
    asked.body = json_object();
    json_object_set_new(j, "body", asked.body);
  }
  if (!json_is_object(asked.body))
    return err_set(e, E_MALFORMED, "an item's body must be an object");
  return batch_item_run(bt, it, &asked, e);
}

static int parse_item(struct batch *bt, struct item *it, json_t *j, struct err *e) {
  if (!json_is_object(j)) return err_set(e, E_MALFORMED, "an item must be an object");
  const struct str id = json_str(json_object_get(j, "id"));
  const json_t *seq = json_object_get(j, "seq");
  it->has_id = uuid_parse(id, &it->id) == 0 && !uuid_is_nil(&it->id);
  if (json_is_integer(seq) && json_integer_value(seq) > 0) it->seq = json_integer_value(seq);
  if (json_object_get(j, "sealed")) return batch_item_sealed(bt, it, j, e);
  return it->has_id ? item_in_the_open(bt, it, j, e) : wrong(it, "id", e);
}

/* ---- the answer ---- */

static void write_record(struct jw *w, const struct change *c) {
  const struct record *rec = c->result;
  char at[MOMENT_TEXT];
  jw_object(w);
  jw_kuuid(w, "id", rec ? &rec->id : &c->id);
  jw_ki64(w, "rev", rec && rec->rev ? rec->rev : 1);
  jw_ki64(w, "seq", rec ? rec->seq : 0);
  if (rec && rec->state.p) {
    jw_kstr(w, "state", rec->state);
  }
  jw_k(w, "created_at");
  moment_format(rec ? rec->created_ms : c->at_ms, c->viewer->zone, at);
  jw_strz(w, at);
  if (c->replayed) {
    jw_kbool(w, "replayed", true);
  }
  if (c->problems.warnings) {
    jw_k(w, "warnings");
    problems_write(w, &c->problems);
  }
  jw_end(w);
}

static int item_status(const struct item *it) {
  if (it->held && it->result == 0) return it->there ? 201 : 202;
  if (it->result < 0 || !it->c) return err_http(it->result);
  return it->c->verb == CHANGE_CREATE ? 201 : 200;
}

static void write_held(struct jw *w, const struct item *it) {
  jw_object(w);
  jw_kuuid(w, "id", it->there ? &it->id : &it->held_id);
  if (it->there) {
    jw_kbool(w, "replayed", true);
  } else {
    jw_kstrz(w, "code", "quarantined");
  }
  jw_end(w);
}

static int answer(struct rq *rq, struct jw *w, struct err *e) {
  struct batch *bt = rq->work;
  struct emit em = {.tx = rq->tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  (void)e;
  jw_object(w);
  jw_karray(w, "items");
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    if (it->queued && it->c && it->result < 0) it->problems = it->c->problems;
    jw_object(w);
    jw_k(w, "id");
    if (it->has_id)
      jw_uuid(w, &it->id);
    else
      jw_null(w);
    jw_ki64(w, "status", item_status(it));
    jw_k(w, "body");
    em.viewer = it->by ? it->by : rq->viewer;
    if (it->held && it->result == 0)
      write_held(w, it);
    else if (it->result < 0 || !it->c)
      rq_problem_inside(w, &em, &it->err, &it->problems, it->c ? it->c->current : NULL);
    else
      write_record(w, it->c);
    jw_end(w);
  }
  jw_end(w);
  jw_end(w);
  return 0;
}

/* ---- into the writer ---- */

static void submit_held(struct batch *bt);
static void submit_seen(struct batch *bt);

/* What the phone keeps still, after this batch: what was not taken off it. */
static bool waiting_now(struct batch *bt, bool done) {
  int64_t taken = 0;
  for (size_t i = 0; i < bt->n; i++) {
    const struct item *it = &bt->items[i];
    taken += it->held ? it->result == 0 : it->queued && !(done && it->result < 0);
  }
  const int64_t before = bt->says.waiting, told = bt->told_waiting;
  if (told != INT64_MIN) bt->says.waiting = told > taken ? told - taken : 0;
  return bt->says.waiting != before;
}

/* All have been done; what clashed is kept before the phone is told to forget it, and what it has
 * still is told as it is. */
static void finish(struct batch *bt) {
  const bool look = !bt->settled;
  bt->settled = true;
  if (look && batch_conflicts(bt)) {
    atomic_store(&bt->waiting, 1);
    submit_held(bt);
    return;
  }
  if (waiting_now(bt, true)) {
    atomic_store(&bt->waiting, 1);
    submit_seen(bt);
    return;
  }
  rq_finish_later(bt->rq, answer);
}

static void one_done(struct batch *bt) {
  if (atomic_fetch_sub(&bt->waiting, 1) == 1) finish(bt);
}

static void item_done(struct cmd *cmd) {
  struct batch *bt = cmd->owner;
  struct item *it = (struct item *)((char *)cmd - offsetof(struct item, cmd));
  it->result = cmd->result;
  it->err = cmd->err;
  one_done(bt);
}

static void hold_done(struct cmd *cmd) {
  struct batch *bt = cmd->owner;
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    if (!it->held || it->kept) continue;
    it->kept = true;
    if (cmd->result >= 0) continue;
    it->result = cmd->result;
    it->err = cmd->err;
  }
  one_done(bt);
}

static void submit_held(struct batch *bt) {
  struct err e = {0};
  bt->hold = (struct cmd){
      .cls = &batch_hold_cmd, .arg = bt, .priority = CMD_NORMAL, .done = hold_done, .owner = bt};
  int r = writer_submit(bt->rq->app->writer, &bt->hold, &e);
  if (r == 0) return;
  bt->hold.result = r;
  bt->hold.err = e;
  hold_done(&bt->hold);
}

static void seen_done(struct cmd *cmd) {
  if (cmd->result < 0) log_err(LOG_WARN, "device_not_noted", &cmd->err);
  one_done(cmd->owner);
}

static void submit_seen(struct batch *bt) {
  bt->seen = (struct cmd){
      .cls = &batch_seen_cmd, .arg = bt, .priority = CMD_NORMAL, .done = seen_done, .owner = bt};
  int r = writer_submit(bt->rq->app->writer, &bt->seen, &bt->seen.err);
  if (r == 0) return;
  bt->seen.result = r;
  seen_done(&bt->seen);
}

static void submit_items(struct batch *bt, enum cmd_priority priority, bool by_unit) {
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    if (!it->queued) continue;
    int scope;
    const bool scoped = kind_scope_field(it->c->kind, 0, &scope);
    it->cmd = (struct cmd){.cls = change_cmd_class(it->c),
                           .arg = it->c,
                           .priority = priority,
                           .lane_key = by_unit && scoped ? (uint64_t)it->c->v[scope].i : 0,
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
    atomic_fetch_add(&bt->waiting, bt->n_events);
    submit_items(bt, CMD_GATE, true);
    one_done(bt);
    return;
  }
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    if (!it->queued) continue;
    it->result = cmd->result < 0 ? cmd->result : it->cmd.result;
    it->err = cmd->result < 0 ? cmd->err : it->cmd.err;
  }
  one_done(bt);
}

static void submit_events(struct batch *bt) {
  size_t n = 0;
  uint64_t key = 0;
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    if (!it->queued) continue;
    int scope;
    if (!key && kind_scope_field(it->c->kind, 0, &scope)) key = (uint64_t)it->c->v[scope].i;
    it->cmd = (struct cmd){.cls = &event_cmd, .arg = it->c};
    bt->events[n++] = &it->cmd;
  }
  bt->cmd = (struct cmd){.cls = &batch_cmd,
                         .arg = bt,
                         .priority = CMD_GATE,
                         .lane_key = key,
                         .done = batch_done,
                         .owner = bt};
  int r = writer_submit(bt->rq->app->writer, &bt->cmd, &bt->cmd.err);
  if (r == 0) return;
  for (size_t i = 0; i < bt->n; i++) {
    if (!bt->items[i].queued) continue;
    bt->items[i].result = r;
    bt->items[i].err = bt->cmd.err;
  }
  one_done(bt);
}

static int submit(struct batch *bt, size_t ready, struct err *e) {
  struct rq *rq = bt->rq;
  const bool together = ready && bt->n_events == ready && bt->n_held == 0;
  bool seen = rq->device && !rq->device->ended;
  for (size_t i = 0; i < bt->n && !seen; i++)
    seen = bt->items[i].seq && !uuid_is_nil(&bt->items[i].device);
  (void)waiting_now(bt, false);
  if (together) bt->events = arena_array(rq->a, struct cmd *, bt->n_events);
  if (arena_failed(rq->a)) return err_set(e, E_NOMEM, "the batch is too large");
  /* One more than there are, so that the answer waits until all have been handed over. */
  atomic_store(&bt->waiting, (together ? 1 : ready) + 1U + (seen ? 1U : 0) + (bt->n_held ? 1U : 0));
  rq_suspend(rq);
  if (seen) submit_seen(bt);
  if (bt->n_held) submit_held(bt);
  if (together)
    submit_events(bt);
  else
    submit_items(bt, CMD_NORMAL, false);
  one_done(bt);
  return 0;
}

/* ---- the phone's word of itself ---- */

static int64_t member_ms(struct rq *rq, const char *name) {
  const json_t *j = json_object_get(rq->body, name);
  if (!j) return INT64_MIN;
  if (json_is_null(j)) return INT64_MIN;
  if (json_is_integer(j) && json_integer_value(j) >= 0) return json_integer_value(j);
  int64_t ms;
  if (json_is_string(j) && moment_parse(json_str(j), &ms) == 0) return ms;
  problem_add(&rq->problems, PROBLEM_bad_moment, str_from(name));
  return INT64_MIN;
}

static void read_report(struct batch *bt) {
  struct rq *rq = bt->rq;
  const int64_t sent = member_ms(rq, "sent_at");
  const json_t *waiting = json_object_get(rq->body, "waiting");
  const struct str version = json_str(json_object_get(rq->body, "app_version"));
  struct batch_says *s = &bt->says;
  *s = (struct batch_says){.waiting = INT64_MIN,
                           .oldest_waiting_ms = member_ms(rq, "oldest_waiting_at"),
                           .clock_offset_ms = INT64_MIN};
  if (sent != INT64_MIN) s->clock_offset_ms = bt->offset_ms = rq->now_ms - sent;
  if (json_is_integer(waiting) && json_integer_value(waiting) >= 0)
    s->waiting = json_integer_value(waiting);
  bt->told_waiting = s->waiting;
  if (version.n && version.n < sizeof s->app_version && str_utf8_valid(version))
    memcpy(s->app_version, version.p, version.n);
  if (rq->device) bt->last_ms = rq->device->last_item_ms;
}

/* Takes what is held already out of those that are to run. */
static int look_held(struct batch *bt, size_t *ready, struct err *e) {
  int r = *ready ? batch_held_before(bt, e) : 0;
  for (size_t i = 0; i < bt->n && r >= 0; i++) {
    struct item *it = &bt->items[i];
    if (!it->queued || !it->kept) continue;
    it->queued = false;
    bt->n_events -= (it->c->kind->flags & KF_EVENT) != 0;
    (*ready)--;
  }
  return r;
}

int batch_post(struct rq *rq, struct err *e) {
  const json_t *list = json_object_get(rq->body, "items");
  struct batch *bt = arena_new(rq->a, struct batch);
  *bt = (struct batch){.rq = rq, .n = json_array_size(list)};
  rq->work = bt;
  if (!json_is_array(list)) problem_add(&rq->problems, PROBLEM_required, S("items"));
  if (bt->n > LIMIT_BATCH_ITEMS)
    problem_limit(&rq->problems, PROBLEM_too_many, S("items"), LIMIT_BATCH_ITEMS);
  read_report(bt);
  /* What a phone has waits there until it can be written, and is not refused for good. */
  if (!rq->viewer->op || rq->viewer->over)
    return err_set(e, E_UNAVAILABLE, "no operation is open, or several are: name one");
  int r = rq_check(rq, e);
  if (r < 0) return r;
  bt->items = arena_array(rq->a, struct item, bt->n + 1);
  if (!bt->items || arena_failed(rq->a)) return err_set(e, E_NOMEM, "the batch is too large");
  size_t ready = 0;
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    struct err mine = {0};
    problems_init(&it->problems, rq->a);
    r = parse_item(bt, it, json_array_get(list, i), &mine);
    if (it->held) {
      bt->n_held++;
      continue;
    }
    if (r < 0) {
      refuse(it, r, &mine);
      continue;
    }
    it->queued = true;
    ready++;
    bt->n_events += (it->c->kind->flags & KF_EVENT) != 0;
  }
  r = look_held(bt, &ready, e);
  return r < 0 ? r : submit(bt, ready, e);
}
