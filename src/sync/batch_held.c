#include "notify/alarms.h"
#include "sync/batch.h"
#include "sync/quarantine.h"

/* One command for all that a batch holds back: each becomes a record of the quarantine under the
 * item's own id, so that sending it again adds nothing. One alarm tells the lead, however much
 * comes. */

QUERY(q_held_count, "SELECT count(*) FROM quarantine WHERE device = $1 AND state = 'held'");
QUERY(q_receipt_of, "SELECT count(*) FROM receipt WHERE id = $1 AND actor = $2");

static const char *const words[] = {
    [HELD_DEVICE_REVOKED] = "device_revoked",   [HELD_AUTHOR_REVOKED] = "author_revoked",
    [HELD_AUTHOR_EXPIRED] = "author_expired",   [HELD_AUTHOR_CLOSED] = "author_closed",
    [HELD_AUTHOR_UNKNOWN] = "author_unknown",   [HELD_UNREADABLE] = "unreadable",
    [HELD_CONTENT_CHANGED] = "content_changed", [HELD_CONFLICT] = "conflict"};

static bool clashes(const struct item *it) {
  return it->held == HELD_CONTENT_CHANGED || it->held == HELD_CONFLICT;
}

bool batch_conflicts(struct batch *bt) {
  bool any = false;
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    if (it->held || !it->c || uuid_is_nil(&it->device) || err_http(it->result) != 409) continue;
    it->held = HELD_CONFLICT;
    for (const struct problem *p = it->c->problems.first; p; p = p->next)
      if (p->code == PROBLEM_content_changed) it->held = HELD_CONTENT_CHANGED;
    it->account = it->by->user;
    if (!it->unit && bt->rq->device) it->unit = bt->rq->device->unit;
    if (!it->unit && bt->rq->session) it->unit = bt->rq->session->unit;
    it->what = arena_printf(bt->rq->a, STR_FMT " " STR_FMT, STR_ARG(it->asked.method),
                            STR_ARG(it->asked.path));
    any = true;
  }
  return any;
}

/* Both sides: what was asked, with the version that it saw, and what stands there (masked). */
static int both_sides(struct tx *tx, struct batch *bt, const struct viewer *v, struct item *it,
                      bool stands, struct err *e) {
  struct emit em = {
      .tx = tx, .en = &bt->rq->app->registry, .viewer = v, .a = bt->rq->a, .masked = true};
  struct record *rec = it->c->current;
  _cleanup_(buf_done) struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  int r = rec ? 0 : record_load(tx, em.a, it->c->kind, it->c->op, &it->c->id, &rec, e);
  if (r < 0 && r != -E_NOROW) return r;
  if (it->c->if_rev >= 0) json_object_set_new(it->asked.body, "rev", json_integer(it->c->if_rev));
  jw_init(&w, &b);
  jw_object(&w);
  jw_kstr(&w, "method", it->asked.method);
  jw_kstr(&w, "path", it->asked.path);
  jw_k(&w, "body");
  jw_tree(&w, it->asked.body);
  if (it->asked.saw) {
    jw_k(&w, "saw");
    jw_tree(&w, it->asked.saw);
  }
  if (stands && rec) {
    jw_k(&w, "stands");
    if ((r = emit_record(&em, &w, rec, e)) < 0) return r;
  }
  jw_end(&w);
  it->content = arena_dup(em.a, buf_str(&b));
  return buf_ok(&b) ? 0 : err_set(e, E_TOO_LARGE, "an item is too large to be kept");
}

/* Under an id of its own, since the item's stands for something else already: by what was asked,
 * whatever the version and however it came, so that the same is held once. */
static int clash_id(struct item *it, struct err *e) {
  _cleanup_(buf_done) struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  json_t *body = json_copy(it->asked.body);
  json_object_del(body, "id");
  json_object_del(body, "rev");
  jw_init(&w, &b);
  jw_array(&w);
  jw_str(&w, it->asked.method);
  jw_str(&w, it->asked.path);
  jw_tree(&w, body);
  jw_end(&w);
  json_decref(body);
  it->held_id = uuid_derive(&it->id, buf_str(&b));
  return buf_ok(&b) ? 0 : err_set(e, E_TOO_LARGE, "an item is too large to be kept");
}

QUERY(q_held_any, "SELECT count(*) FROM (SELECT 1 FROM quarantine WHERE device = $1 LIMIT 1) x");
QUERY(q_held_one, "SELECT count(*) FROM quarantine WHERE id = $1");

/* Held as what it asks, or as it came: by either id. *ret_there. */
static int held_as(struct tx *tx, struct item *it, bool *ret_there, struct err *e) {
  int64_t n = 0;
  *ret_there = false;
  int r = it->asked.body ? clash_id(it, e) : 0;
  if (r >= 0 && it->asked.body) r = tx_i64(tx, &q_held_one, P(V_UUID(it->held_id)), &n, e);
  if (r >= 0 && !n) {
    it->held_id = it->id;
    r = tx_i64(tx, &q_held_one, P(V_UUID(it->id)), &n, e);
  }
  *ret_there = r >= 0 && n > 0;
  return r < 0 ? r : 0;
}

int batch_held_before(struct batch *bt, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct uuid asked = {{0}};
  int64_t any = 0;
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    if (!it->queued || uuid_is_nil(&it->device)) continue;
    int r = tx ? 0 : store_read(bt->rq->app->store, &tx, e);
    if (r >= 0 && !uuid_eq(&asked, &it->device))
      r = tx_i64(tx, &q_held_any, P(V_UUID(it->device)), &any, e);
    asked = it->device;
    bool there = false;
    if (r >= 0 && any) r = held_as(tx, it, &there, e);
    if (r < 0) return r;
    if (!there) continue;
    it->held = HELD_CONFLICT;
    it->kept = true;
  }
  return 0;
}

static int clash_content(struct tx *tx, struct batch *bt, const struct viewer *v, struct item *it,
                         struct err *e) {
  const size_t most = (size_t)quarantine_kind.fields[HELD_CONTENT].max;
  int r = clash_id(it, e);
  if (r >= 0) r = both_sides(tx, bt, v, it, false, e);
  if (r < 0) return r;
  if (it->content.n > most) {
    it->result = err_set(&it->err, E_CONFLICT, "too large to be kept for a person");
    return 0;
  }
  struct str asked = it->content;
  r = both_sides(tx, bt, v, it, true, e);
  if (r >= 0 && it->content.n > most) it->content = asked;
  return r;
}

/* It was taken in while its author still could, and only the answer was lost: that is said, and
 * nothing is held. */
static int taken_before(struct tx *tx, struct batch *bt, struct item *it, struct err *e) {
  struct batch_request rq;
  struct record *rec;
  int64_t n = 0;
  struct arena *a = bt->rq->a;
  it->there = false;
  if (uuid_is_nil(&it->account)) return 0;
  int r = tx_i64(tx, &q_receipt_of, P(V_UUID(it->id), V_UUID(it->account)), &n, e);
  if (r < 0) return r;
  it->there = n > 0;
  if (it->there || batch_request_read(a, it->content, &rq, NULL) < 0) return 0;
  struct str path = rq.path;
  if (str_starts(path, S("/"))) path = str_sub(path, 1, path.n);
  if (str_starts(path, S("api/v1/"))) path = str_sub(path, 7, path.n);
  const struct kind *k = kind_by_plural(path);
  if (!k) return 0;
  struct uuid id = it->id;
  const struct str own = json_str(json_object_get(rq.body, "id"));
  if (own.n && uuid_parse(own, &id) < 0) return 0;
  r = record_load(tx, a, k, bt->rq->scope.op, &id, &rec, e);
  if (r == -E_NOROW) return 0;
  if (r == 0) it->there = uuid_eq(&rec->created_by, &it->account);
  return r;
}

/* What has no id of its own has one by its content. */
static struct uuid id_of(const struct item *it) {
  static const struct uuid space = {{0x71, 0x75, 0x61, 0x72, 0x61, 0x6e, 0x74, 0x69, 0x6e, 0x65}};
  return it->has_id ? it->id : uuid_derive(&space, it->content);
}

static int write_one(struct tx *tx, struct batch *bt, const struct viewer *v, struct item *it,
                     struct err *e) {
  struct rq *rq = bt->rq;
  struct change *c = change_make(rq->a, &rq->app->registry, v, &quarantine_kind, CHANGE_CREATE);
  c->id = it->held_id;
  c->internal = true;
  c->at_ms = rq->now_ms;
  c->source = "batch";
  change_set(c, HELD_UNIT, V_I64(it->unit ? it->unit : unit_root(rq->scope.tree)));
  if (!uuid_is_nil(&it->device)) change_set(c, HELD_DEVICE, V_UUID(it->device));
  if (!uuid_is_nil(&it->account)) change_set(c, HELD_ACCOUNT, V_UUID(it->account));
  change_set(c, HELD_REASON, V_TEXTZ(words[it->held]));
  change_set(c, HELD_WHAT, V_TEXT(it->what));
  change_set(c, HELD_CONTENT, V_TEXT(it->content));
  if (it->seq) change_set(c, HELD_SEQ, V_I64(it->seq));
  if (it->written_ms) change_set(c, HELD_WRITTEN_AT, V_I64(it->written_ms));
  /* An offset was measured for the phone that sends; of one whose entries it carries it says
   * nothing. */
  const bool own = rq->device && uuid_eq(&rq->device->id, &it->device);
  change_set(c, HELD_CLOCK_OFFSET, V_I64(own ? bt->offset_ms : 0));
  int r = change_ready(c, e);
  return r < 0 ? r : change_run(tx, c, e);
}

/* Sets it->result where this one alone is refused. */
static int keep_one(struct tx *tx, struct batch *bt, const struct viewer *v, struct item *it,
                    bool *ret_new, struct err *e) {
  struct record *rec;
  int64_t n = 0;
  int r = clashes(it) ? clash_content(tx, bt, v, it, e) : taken_before(tx, bt, it, e);
  if (r < 0 || it->there || (clashes(it) && it->result < 0)) return r;
  bool before = false;
  if (!clashes(it) && it->asked.body) r = held_as(tx, it, &before, e);
  if (r < 0 || before) return r;
  if (!clashes(it)) it->held_id = id_of(it);
  r = record_load(tx, bt->rq->a, &quarantine_kind, bt->rq->scope.op, &it->held_id, &rec, e);
  if (r != -E_NOROW) return r;
  /* A key that was lost must not fill the disk. */
  if (!uuid_is_nil(&it->device)) {
    if ((r = tx_i64(tx, &q_held_count, P(V_UUID(it->device)), &n, e)) < 0) return r;
    if (n >= LIMIT_HELD_PER_DEVICE) {
      it->result = err_set(&it->err, E_RATE, "too much of this device is held already");
      return 0;
    }
  }
  *ret_new = true;
  return write_one(tx, bt, v, it, e);
}

static int tell(struct tx *tx, struct batch *bt, const struct viewer *v, const struct item *it,
                struct err *e) {
  struct rq *rq = bt->rq;
  struct record *device = NULL;
  struct str subject = S("?");
  if (!uuid_is_nil(&it->device)) {
    int r = record_load(tx, rq->a, &device_kind, 0, &it->device, &device, e);
    if (r < 0 && r != -E_NOROW) return r;
    if (r == 0) subject = rec_text(device, DEVICE_NAME);
  }
  const struct alarm al = {.type = &alarm_quarantine,
                           .op = rq->scope.op,
                           .unit = it->unit ? it->unit : unit_root(rq->scope.tree),
                           .subject_kind = device ? &device_kind : NULL,
                           .subject_id = device ? it->device : (struct uuid){{0}},
                           .subject = subject,
                           .value = str_from(words[it->held]),
                           .cause = device ? S("") : S("unknown")};
  return alarm_raise_as(tx, &rq->app->registry, v, rq->a, &al, NULL, NULL, e);
}

static int hold_run(struct tx *tx, void *arg, struct err *e) {
  struct batch *bt = arg;
  const struct viewer *v = auth_system_viewer(bt->rq->a, &bt->rq->scope);
  struct uuid told = {{0}};
  bool told_any = false;
  if (!bt->rq->scope.op) return err_set(e, E_STATE, "no operation is open");
  for (size_t i = 0; i < bt->n; i++) {
    struct item *it = &bt->items[i];
    bool fresh = false;
    if (!it->held || it->kept) continue;
    if (clashes(it)) it->result = 0;
    int r = keep_one(tx, bt, v, it, &fresh, e);
    if (r >= 0 && fresh && !(told_any && uuid_eq(&told, &it->device))) {
      r = tell(tx, bt, v, it, e);
      told = it->device;
      told_any = true;
    }
    if (r < 0) return r;
  }
  return 0;
}

const struct cmd_class batch_hold_cmd = {.name = "quarantine", .run = hold_run};
