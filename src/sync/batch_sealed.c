#include "sync/batch.h"

/* Sealed items: opened with the server's keys, their author found by the token inside. A batch has
 * few authors; each is looked up once, in one read transaction for all. */

struct author {
  struct author *next;
  struct str token;
  const struct auth_author_info *info;
  struct viewer *viewer; /* where good */
};

static int look_up(struct batch *bt, struct author *x, struct err *e) {
  struct rq *rq = bt->rq;
  struct auth_author_info *info;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(rq->app->store, &tx, e);
  if (r >= 0) r = auth_author_look(rq->app->auth, tx, rq->a, x->token, &info, e);
  if (r < 0) return r;
  x->info = info;
  if (info->verdict == AUTHOR_GOOD)
    x->viewer = auth_viewer(rq->app->auth, rq->a, info->person, &rq->scope);
  return 0;
}

static int author_of(struct batch *bt, struct str token, const struct author **ret, struct err *e) {
  for (struct author *x = bt->authors; x; x = x->next)
    if (str_eq(x->token, token)) {
      *ret = x;
      return 0;
    }
  struct author *x = arena_new(bt->rq->a, struct author);
  *x = (struct author){.token = token};
  int r = look_up(bt, x, e);
  if (r < 0) return r;
  x->next = bt->authors;
  bt->authors = x;
  *ret = x;
  return 0;
}

/* He may what he might as he wrote it: a right that ended since held then. */
static const struct viewer *viewer_then(const struct batch *bt, const struct author *x,
                                        const struct item *it) {
  struct rq *rq = bt->rq;
  if (!x->info->person->dated || !it->written_ms) return x->viewer;
  const bool own = rq->device && uuid_eq(&rq->device->id, &it->device);
  struct auth_scope then = rq->scope;
  then.rights_ms = it->written_ms + (own ? bt->offset_ms : 0);
  if (own && then.rights_ms < bt->last_ms) then.rights_ms = bt->last_ms;
  if (then.rights_ms > rq->now_ms) then.rights_ms = rq->now_ms;
  return auth_viewer(rq->app->auth, rq->a, x->info->person, &then);
}

/* ---- what is not carried out ---- */

static void hold(const struct batch *bt, struct item *it, enum held_reason reason,
                 struct str what) {
  const struct auth_device_info *d = bt->rq->device;
  it->held = reason;
  it->what = what;
  if (uuid_is_nil(&it->device) && d) it->device = d->id;
  if (!it->unit && d) it->unit = d->unit;
  if (!it->unit && bt->rq->session) it->unit = bt->rq->session->unit;
}

/* The phone keeps it for a person to mend (422); what it cannot open either is kept here. */
static int unreadable(const struct batch *bt, struct item *it, struct str text,
                      const struct err *why) {
  it->content = text.n <= SEALED_TEXT_MAX ? text : S("");
  hold(bt, it, HELD_UNREADABLE, S("?"));
  it->result = -why->code;
  it->err = *why;
  return it->result;
}

static enum held_reason reason_of(const struct batch *bt, const struct author *x) {
  if (bt->rq->device && bt->rq->device->ended) return HELD_DEVICE_REVOKED;
  switch (x->info->verdict) {
  case AUTHOR_GOOD:
    return NOT_HELD;
  case AUTHOR_UNKNOWN:
    return HELD_AUTHOR_UNKNOWN;
  case AUTHOR_EXPIRED:
    return HELD_AUTHOR_EXPIRED;
  case AUTHOR_REVOKED:
    return HELD_AUTHOR_REVOKED;
  case AUTHOR_CLOSED:
    return HELD_AUTHOR_CLOSED;
  case AUTHOR_DEVICE_REVOKED:
    break;
  }
  return HELD_DEVICE_REVOKED;
}

/* Without the author's token: that is never stored. */
static int keep_content(struct item *it, const struct sealed_item *in, struct arena *a,
                        struct err *e) {
  struct buf b = BUF_INIT(SEALED_PLAIN_MAX * 2);
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  jw_kstr(&w, "method", in->method);
  jw_kstr(&w, "path", in->path);
  jw_k(&w, "body");
  jw_tree(&w, in->body);
  jw_end(&w);
  if (buf_ok(&b)) it->content = arena_dup(a, buf_str(&b));
  const bool ok = buf_ok(&b);
  buf_done(&b);
  return ok ? 0 : err_set(e, E_TOO_LARGE, "a sealed item is too large");
}

int batch_item_sealed(struct batch *bt, struct item *it, const json_t *j, struct err *e) {
  struct rq *rq = bt->rq;
  const struct str text = json_str(json_object_get(j, "sealed"));
  const json_t *key = json_object_get(j, "key");
  const uint32_t key_id =
      json_is_integer(key) && json_integer_value(key) > 0 && json_integer_value(key) < UINT32_MAX
          ? (uint32_t)json_integer_value(key)
          : 0;
  struct sealed_item in;
  struct str plain;
  struct err why = {0};
  const struct author *x;
  int r = sealed_open(auth_keys(rq->app->auth), rq->a, text, key_id, &plain, &why);
  if (r >= 0) r = sealed_parse(rq->a, plain, &in, &why);
  if (r == -E_UNREADABLE) return unreadable(bt, it, text, &why);
  if (r < 0) {
    if (e) *e = why;
    return r;
  }
  if (!it->has_id) {
    problem_add(&it->problems, PROBLEM_required, S("id"));
    return err_set(e, E_INVALID, "the item has problems");
  }
  if ((r = author_of(bt, in.author, &x, e)) < 0) return r;
  it->account = x->info->account;
  it->device = x->info->device;
  it->unit = x->info->unit;
  it->written_ms = in.at_ms;
  it->asked = (struct batch_request){
      .id = it->id, .method = in.method, .path = in.path, .body = in.body, .saw = in.saw};
  const enum held_reason reason = reason_of(bt, x);
  if (reason != NOT_HELD) {
    if ((r = keep_content(it, &in, rq->a, e)) < 0) return r;
    hold(bt, it, reason,
         arena_printf(rq->a, STR_FMT " " STR_FMT, STR_ARG(in.method), STR_ARG(in.path)));
    return 0;
  }
  it->by = viewer_then(bt, x, it);
  const struct batch_request asked = it->asked;
  /* An offset was measured for the phone that sends, and says nothing of another one's clock. */
  const int64_t offset = bt->offset_ms;
  if (!rq->device || !uuid_eq(&rq->device->id, &it->device)) bt->offset_ms = 0;
  r = batch_item_run(bt, it, &asked, e);
  bt->offset_ms = offset;
  return r;
}
