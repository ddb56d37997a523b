#include "auth/auth_impl.h"
#include "base/log.h"
#include <stdlib.h>

/* Registered phones. A device's token says from which phone something comes and lets it pull what
 * phones keep; who wrote an item is said by an author's token, made while that person was signed in
 * on that phone. Both are stored as keyed hashes, and stay known after their end, so that what
 * comes late can be told from what was never ours. */

static struct val hash_val(const uint8_t hash[HASH_BYTES]) {
  return V_BLOB(((struct str){(const char *)hash, HASH_BYTES}));
}

/* ---- registering ---- */

QUERY(q_device_secret,
      "INSERT INTO device_secret (token_hash, device, made_ms) VALUES ($1, $2, $3)");

static int device_run(struct tx *tx, void *arg, struct err *e) {
  struct auth_device *d = arg;
  uint8_t hash[HASH_BYTES];
  int64_t now = clock_now_ms(d->auth->clock);
  /* The engine's own way, so that the device is in history, audit and lists like any record. */
  struct change *c = change_make(d->a, d->auth->en, d->viewer, &device_kind, CHANGE_CREATE);
  c->internal = true;
  c->at_ms = now;
  c->source = "api";
  change_set(c, DEVICE_NAME, V_TEXT(d->name));
  if (d->unit) change_set(c, DEVICE_UNIT, V_I64(d->unit));
  if (!uuid_is_nil(&d->post)) change_set(c, DEVICE_POST, V_UUID(d->post));
  change_set(c, DEVICE_ACCOUNT, V_UUID(d->viewer->user));
  change_set(c, DEVICE_LAST_SEEN, V_I64(now));
  if (!str_empty(d->public_key)) change_set(c, DEVICE_PUBLIC_KEY, V_TEXT(d->public_key));
  if (!str_empty(d->app_version)) change_set(c, DEVICE_APP_VERSION, V_TEXT(d->app_version));
  int r = change_ready(c, e);
  if (r == 0) r = change_run(tx, c, e);
  d->problems = c->problems;
  if (r < 0) return r;
  d->id = c->id;
  token_make(d->token);
  (void)token_hash(d->auth, KEY_DEVICE, str_from(d->token), hash);
  return tx_exec(tx, &q_device_secret, P(hash_val(hash), V_UUID(d->id), V_I64(now)), NULL, e);
}
const struct cmd_class auth_device_cmd = {.name = "device_register", .run = device_run};

/* ---- a device that asks ---- */

QUERY(q_device_by_token,
      "SELECT d.id, d.name, d.unit, d.post, d.account, d.state, COALESCE(d.last_seen, s.made_ms), "
      "COALESCE(d.last_item_at, 0) FROM device_secret s JOIN device d ON d.id = s.device WHERE "
      "s.token_hash = $1");

int auth_device_look(struct auth *au, struct tx *tx, struct arena *a, struct str token,
                     struct auth_device_info **ret_device, struct err *e) {
  uint8_t hash[HASH_BYTES];
  _cleanup_(cur_donep) struct cur *c = NULL;
  if (!token_hash(au, KEY_DEVICE, token, hash))
    return err_set(e, E_UNAUTHENTICATED, "no device has that token");
  int r = cur_open(tx, &q_device_by_token, P(hash_val(hash)), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  if (r == 0) return err_set(e, E_UNAUTHENTICATED, "no device has that token");
  struct auth_device_info *d = arena_new(a, struct auth_device_info);
  *d = (struct auth_device_info){.id = cur_uuid(c, 0),
                                 .name = arena_dup(a, cur_text(c, 1)),
                                 .unit = (int32_t)cur_i64(c, 2),
                                 .post = cur_uuid(c, 3),
                                 .account = cur_uuid(c, 4),
                                 .last_seen_ms = cur_i64(c, 6),
                                 .last_item_ms = cur_i64(c, 7)};
  d->ended = !str_is(cur_text(c, 5), "active") ||
             clock_now_ms(au->clock) - d->last_seen_ms > AUTH_DEVICE_DAYS * MS_DAY;
  *ret_device = d;
  return 0;
}

static void read_titles(const struct kind *k, struct right_set *rights) {
  for (size_t f = 0; f < k->n_fields; f++) {
    if (!(k->fields[f].flags & FF_DEVICE_TITLE)) continue;
    const struct kind *to = kind_by_name(str_from(k->fields[f].ref));
    if (to) right_add(rights, kind_right(to, VERB_READ));
  }
}

struct viewer *auth_device_viewer(struct arena *a, const struct auth_device_info *d,
                                  const struct auth_scope *sc) {
  struct viewer *v = auth_viewer_here(a, sc, d->name);
  struct viewer_grant *g = arena_new(a, struct viewer_grant);
  v->user = d->account;
  v->device = d->id;
  v->grants = g;
  /* A grant without a unit would be one on everything. */
  if (!d->unit || d->ended) return v;
  v->n_grants = 1;
  g->unit = d->unit;
  right_add(&g->rights, right_by_name(S("change.read")));
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    if (!kind_on_device(k)) continue;
    right_add(&g->rights, kind_right(k, VERB_READ));
    read_titles(k, &g->rights);
  }
  return v;
}

/* ---- heard from ---- */

QUERY(q_device_heard, "UPDATE device SET last_seen = $2 WHERE id = $1");
struct heard {
  struct cmd cmd;
  struct uuid device;
  int64_t at_ms;
};

static int heard_run(struct tx *tx, void *arg, struct err *e) {
  const struct heard *h = arg;
  return tx_exec(tx, &q_device_heard, P(V_UUID(h->device), V_I64(h->at_ms)), NULL, e);
}
static const struct cmd_class heard_cmd = {.name = "device_heard", .run = heard_run};

static void heard_done(struct cmd *c) {
  if (c->result < 0) log_err(LOG_WARN, "device_not_noted", &c->err);
  free(c->owner);
}

void auth_device_heard(struct auth *au, const struct uuid *device, int64_t at_ms) {
  struct heard *h = au->writer ? calloc(1, sizeof *h) : NULL;
  if (!h) return; /* the next time says it too */
  *h = (struct heard){.device = *device, .at_ms = at_ms};
  h->cmd = (struct cmd){
      .cls = &heard_cmd, .arg = h, .priority = CMD_NORMAL, .done = heard_done, .owner = h};
  struct err e;
  if (writer_submit(au->writer, &h->cmd, &e) < 0) free(h);
}

/* ---- authors ---- */

QUERY(q_author_insert,
      "INSERT INTO device_author (token_hash, device, account, made_ms, expires_ms) "
      "VALUES ($1, $2, $3, $4, $5)");
QUERY(q_author_one, "UPDATE device_author SET revoked_ms = $3 WHERE device = $1 AND account = $2 "
                    "AND revoked_ms IS NULL");
QUERY(q_author_all,
      "UPDATE device_author SET revoked_ms = $2 WHERE account = $1 AND revoked_ms IS NULL");
QUERY(q_author_find,
      "SELECT x.device, x.account, x.expires_ms, x.revoked_ms, d.state, d.unit, "
      "COALESCE(d.last_seen, x.made_ms) FROM device_author x JOIN device d ON d.id = x.device "
      "WHERE x.token_hash = $1");

static int author_run(struct tx *tx, void *arg, struct err *e) {
  struct auth_author *x = arg;
  uint8_t hash[HASH_BYTES];
  const int64_t now = clock_now_ms(x->auth->clock);
  token_make(x->token);
  x->expires_ms = now + AUTH_AUTHOR_DAYS * MS_DAY;
  (void)token_hash(x->auth, KEY_DEVICE, str_from(x->token), hash);
  int r = tx_exec(tx, &q_author_insert,
                  P(hash_val(hash), V_UUID(x->device), V_UUID(x->viewer->user), V_I64(now),
                    V_I64(x->expires_ms)),
                  NULL, e);
  if (r < 0) return r;
  return audit_by(tx, x->viewer, "author", &device_kind, &x->device, x->unit, S(""), e);
}
const struct cmd_class auth_author_cmd = {.name = "device_author", .run = author_run};

int authors_end(struct auth *au, struct tx *tx, const struct uuid *account, int64_t *ret_n,
                struct err *e) {
  return tx_exec(tx, &q_author_all, P(V_UUID(*account), V_I64(clock_now_ms(au->clock))), ret_n, e);
}

static int author_end_run(struct tx *tx, void *arg, struct err *e) {
  struct auth_author_end *x = arg;
  const int64_t now = clock_now_ms(x->auth->clock);
  int r = uuid_is_nil(&x->device)
              ? authors_end(x->auth, tx, &x->account, &x->ended, e)
              : tx_exec(tx, &q_author_one, P(V_UUID(x->device), V_UUID(x->account), V_I64(now)),
                        &x->ended, e);
  if (r < 0) return r;
  return audit_by(tx, x->viewer, "author_revoke", &account_kind, &x->account, 0, S(""), e);
}
const struct cmd_class auth_author_end_cmd = {.name = "author_revoke", .run = author_end_run};

static enum author_verdict verdict_of(const struct auth *au, const struct cur *c) {
  const int64_t now = clock_now_ms(au->clock);
  if (!str_is(cur_text(c, 4), "active") || now - cur_i64(c, 6) > AUTH_DEVICE_DAYS * MS_DAY)
    return AUTHOR_DEVICE_REVOKED;
  if (!cur_null(c, 3)) return AUTHOR_REVOKED;
  return cur_i64(c, 2) <= now ? AUTHOR_EXPIRED : AUTHOR_GOOD;
}

int auth_author_look(struct auth *au, struct tx *tx, struct arena *a, struct str token,
                     struct auth_author_info **ret_author, struct err *e) {
  uint8_t hash[HASH_BYTES];
  struct auth_author_info *x = arena_new(a, struct auth_author_info);
  *x = (struct auth_author_info){.verdict = AUTHOR_UNKNOWN};
  *ret_author = x;
  if (!token_hash(au, KEY_DEVICE, token, hash)) return 0;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_author_find, P(hash_val(hash)), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r <= 0) return r;
  x->device = cur_uuid(c, 0);
  x->account = cur_uuid(c, 1);
  x->unit = (int32_t)cur_i64(c, 5);
  x->verdict = verdict_of(au, c);
  c = cur_done(c);
  if (x->verdict != AUTHOR_GOOD) return 0;
  r = session_of_account(tx, a, &x->account, clock_now_ms(au->clock) - AUTH_AUTHOR_DAYS * MS_DAY,
                         &x->person, e);
  if (r == -E_NOROW) {
    x->verdict = AUTHOR_CLOSED;
    return 0;
  }
  if (r >= 0) x->person->device = x->device;
  return r < 0 ? r : 0;
}
