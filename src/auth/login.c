#include "auth/auth_impl.h"
#include <stdlib.h>

/* Signing in goes its way in three steps: look up (read), measure the password (pool), write what
 * follows (a command). Who asks learns only whether it worked: that a login does not exist, that
 * its account is disabled and that the password is wrong look and take the same. The lock-out
 * counts by the login that was typed, existing or not. A second factor belongs between measuring
 * and writing: it is one more reason for `fits` to be false. */

struct auth_flow {
  struct pool_job job;
  struct cmd cmd;
  struct auth *au;
  struct auth_task *t;
  int64_t now_ms;
  struct str login;       /* as stored: lower case */
  struct str hash;        /* stored; empty where none */
  struct auth_session *s; /* whom it would be for; NULL where nobody */
  uint8_t login_hash[HASH_BYTES], code[HASH_BYTES], token[HASH_BYTES];
  bool fits;
  char fresh[PASSWORD_HASH_TEXT]; /* to be stored; empty where nothing new */
  int verdict;                    /* of a command that was committed all the same */
  int64_t wait_ms;
};

/* ---- attempts of one address ---- */

static struct peer *peer_of(struct auth *au, struct str peer) {
  uint64_t h = hash64(peer.p, peer.n);
  struct peer *p = &au->peers[h % LIMIT_PEERS];
  int64_t now = monotonic_ms();
  if (p->hash != h || now - p->since_ms > PEER_WINDOW_MS)
    *p = (struct peer){.hash = h, .since_ms = now};
  return p;
}

bool peer_blocked(struct auth *au, struct str peer) {
  if (str_empty(peer)) return false;
  pthread_mutex_lock(&au->peer_lock);
  bool blocked = peer_of(au, peer)->failed >= AUTH_PEER_ATTEMPTS;
  pthread_mutex_unlock(&au->peer_lock);
  return blocked;
}

void peer_failed(struct auth *au, struct str peer) {
  if (str_empty(peer)) return;
  pthread_mutex_lock(&au->peer_lock);
  peer_of(au, peer)->failed++;
  pthread_mutex_unlock(&au->peer_lock);
}

/* ---- rows ---- */

QUERY(q_login_account, "SELECT id FROM account WHERE login = $1 AND retired = 0");
QUERY(q_credential, "SELECT hash FROM credential WHERE account = $1");
QUERY(q_credential_put,
      "INSERT INTO credential (account, hash, changed_ms) VALUES ($1, $2, $3) ON CONFLICT "
      "(account) DO UPDATE SET hash = excluded.hash, changed_ms = excluded.changed_ms");
QUERY(q_must_change, "UPDATE account SET must_change_password = $2 WHERE id = $1");
QUERY(q_locked, "SELECT locked_until_ms FROM login_failure WHERE login_hash = $1");
QUERY(q_failed,
      "INSERT INTO login_failure (login_hash, failed, at_ms, locked_until_ms) "
      "VALUES ($1, 1, $2, 0) ON CONFLICT (login_hash) DO UPDATE SET failed = CASE WHEN "
      "login_failure.at_ms < $3 THEN 1 ELSE login_failure.failed + 1 END, at_ms = excluded.at_ms "
      "RETURNING failed");
QUERY(q_lock, "UPDATE login_failure SET failed = 0, locked_until_ms = $2 WHERE login_hash = $1");
QUERY(q_unlock, "DELETE FROM login_failure WHERE login_hash = $1");
QUERY(q_invited, "SELECT account FROM invitation WHERE code_hash = $1 AND used_ms IS NULL "
                 "AND expires_ms > $2");
QUERY(q_invitation_use, "UPDATE invitation SET used_ms = $2 WHERE code_hash = $1 "
                        "AND used_ms IS NULL AND expires_ms > $2");
QUERY(q_device, "SELECT s.device FROM device_secret s JOIN device d ON d.id = s.device "
                "WHERE s.token_hash = $1 AND d.state = 'active'");

static struct val hash_val(const uint8_t hash[HASH_BYTES]) {
  return V_BLOB(((struct str){(const char *)hash, HASH_BYTES}));
}

static int uuid_of(struct tx *tx, const struct query *q, const struct val *params, size_t n,
                   struct uuid *ret_u, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, q, params, n, &c, e);
  if (r == 0) r = cur_next(c, e);
  if (r <= 0) return r ?: -E_NOROW;
  *ret_u = cur_uuid(c, 0);
  return 0;
}

int credential_put(struct tx *tx, const struct uuid *account, const char *hash, bool must_change,
                   int64_t now_ms, struct err *e) {
  return tx_exec(tx, &q_credential_put, P(V_UUID(*account), V_TEXTZ(hash), V_I64(now_ms)), NULL, e)
             ?: tx_exec(tx, &q_must_change, P(V_UUID(*account), V_I64(must_change)), NULL, e);
}

static int stored_hash(struct tx *tx, struct arena *a, const struct uuid *account,
                       struct str *ret_hash, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_credential, P(V_UUID(*account)), &c, e);
  if (r == 0) r = cur_next(c, e);
  if (r < 0) return r;
  *ret_hash = r ? arena_dup(a, cur_text(c, 0)) : S("");
  return 0;
}

/* ---- looking up ---- */

static int refuse_locked(struct auth_flow *f, int64_t until, struct err *e) {
  int64_t seconds = (until - f->now_ms + MS_SECOND - 1) / MS_SECOND;
  return err_sys(e, E_RATE, "too many wrong passwords", (int)seconds);
}

static int check_lock(struct auth_flow *f, struct tx *tx, struct err *e) {
  int64_t until;
  int r = tx_i64(tx, &q_locked, P(hash_val(f->login_hash)), &until, e);
  if (r == -E_NOROW) return 0;
  return r == 0 && until > f->now_ms ? refuse_locked(f, until, e) : r;
}

static int look_device(struct auth_flow *f, struct tx *tx, struct err *e) {
  uint8_t hash[HASH_BYTES];
  if (!f->s || str_empty(f->t->device)) return 0;
  int r = token_hash(f->au, KEY_DEVICE, f->t->device, hash)
              ? uuid_of(tx, &q_device, P(hash_val(hash)), &f->s->device, e)
              : -E_NOROW;
  return r == -E_NOROW ? err_set(e, E_FORBIDDEN, "this device is not registered any more") : r;
}

static int look_account(struct auth_flow *f, struct tx *tx, const struct uuid *account,
                        struct err *e) {
  int r = session_of_account(tx, f->t->a, account, INT64_MAX, &f->s, e);
  if (r == -E_NOROW) return 0; /* not active: as if unknown */
  if (r == 0) r = stored_hash(tx, f->t->a, account, &f->hash, e);
  return r;
}

static int look_login(struct auth_flow *f, struct tx *tx, struct err *e) {
  struct uuid account;
  int r = check_lock(f, tx, e);
  if (r == 0) r = uuid_of(tx, &q_login_account, P(V_TEXT(f->login)), &account, e);
  if (r == -E_NOROW) return 0;
  return r == 0 ? look_account(f, tx, &account, e) : r;
}

static int look_code(struct auth_flow *f, struct tx *tx, struct err *e) {
  struct uuid account;
  int r = code_hash(f->au, f->t->code, f->code)
              ? uuid_of(tx, &q_invited, P(hash_val(f->code), V_I64(f->now_ms)), &account, e)
              : -E_NOROW;
  if (r == 0) r = session_of_account(tx, f->t->a, &account, INT64_MAX, &f->s, e);
  if (r != -E_NOROW) return r;
  peer_failed(f->au, f->t->peer);
  return err_set(e, E_GONE, "the invitation is used, expired or unknown");
}

static int look(struct auth_flow *f, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct auth_task *t = f->t;
  int r = store_read(f->au->store, &tx, e);
  if (r < 0) return r;
  switch (t->type) {
  case AUTH_LOGIN:
    r = look_login(f, tx, e);
    break;
  case AUTH_ACCEPT:
    r = look_code(f, tx, e);
    break;
  case AUTH_PASSWORD:
    r = check_lock(f, tx, e) ?: look_account(f, tx, &t->session->account, e);
    break;
  }
  return r == 0 ? look_device(f, tx, e) : r;
}

/* ---- measuring ---- */

static int hash_new(struct auth_flow *f, struct str password, const char *field, struct err *e) {
  struct str login = f->t->type == AUTH_ACCEPT && !str_empty(f->login) ? f->login : f->s->login;
  password_check(password, login, str_from(field), &f->t->problems);
  if (problems_any(&f->t->problems)) return err_set(e, E_INVALID, "the new password");
  return password_hash(password, f->fresh, e);
}

static int measure(struct auth_flow *f, struct err *e) {
  struct auth_task *t = f->t;
  if (t->type == AUTH_ACCEPT) {
    if (!str_empty(f->login) && !login_valid(f->login))
      problem_text(&t->problems, PROBLEM_bad_format, S("login"), S("a-z 0-9 . - _"), f->login,
                   S(""));
    f->fits = true;
    return hash_new(f, t->password, "password", e);
  }
  f->fits = password_fits(f->hash, t->password) && f->s;
  if (!f->fits) return 0;
  if (t->type == AUTH_PASSWORD) return hash_new(f, t->new_password, "new", e);
  return password_stale(f->hash) ? password_hash(t->password, f->fresh, e) : 0;
}

/* ---- writing ---- */

static int note(struct auth_flow *f, struct tx *tx, const char *action, struct err *e) {
  _cleanup_(buf_done) struct buf b = BUF_INIT(1024);
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  jw_kstr(&w, "peer", f->t->peer);
  jw_end(&w);
  struct audit_entry en = {
      .at_ms = f->now_ms, .action = action, .kind = &account_kind, .detail = buf_str(&b)};
  if (f->s) {
    en.id = f->s->account;
    en.unit = f->s->unit;
    if (f->fits) en.actor = f->s->account;
  }
  return audit_add(tx, &en, e);
}

static int write_failure(struct auth_flow *f, struct tx *tx, struct err *e) {
  int64_t failed;
  int r = tx_i64(tx, &q_failed,
                 P(hash_val(f->login_hash), V_I64(f->now_ms), V_I64(f->now_ms - FAILURE_WINDOW_MS)),
                 &failed, e);
  if (r == 0 && failed >= AUTH_FAILURES)
    r = tx_exec(tx, &q_lock, P(hash_val(f->login_hash), V_I64(f->now_ms + AUTH_LOCK_MS)), NULL, e);
  f->verdict = f->t->type == AUTH_LOGIN ? E_UNAUTHENTICATED : E_INVALID;
  if (r == 0 && failed == AUTH_FAILURES) r = note(f, tx, "login_locked", e);
  return r == 0 ? note(f, tx, "login_failed", e) : r;
}

static int write_session_row(struct auth_flow *f, struct tx *tx, struct err *e) {
  return session_insert(f->au, tx, f->s, f->token, f->t->peer, f->now_ms, e);
}

static int write_login(struct auth_flow *f, struct tx *tx, struct err *e) {
  /* Four others may have failed, or one locked it, since it was looked up. */
  int r = check_lock(f, tx, e);
  if (r < 0) return r;
  if (!f->fits) return write_failure(f, tx, e);
  r = tx_exec(tx, &q_unlock, P(hash_val(f->login_hash)), NULL, e);
  if (r == 0 && f->fresh[0])
    r = tx_exec(tx, &q_credential_put,
                P(V_UUID(f->s->account), V_TEXTZ(f->fresh), V_I64(f->now_ms)), NULL, e);
  return r ?: write_session_row(f, tx, e) ?: note(f, tx, "login", e);
}

/* The account's own change of its login, through the engine like any other. */
static int write_new_login(struct auth_flow *f, struct tx *tx, struct err *e) {
  struct arena *a = tx_arena(tx);
  struct viewer *v = arena_new(a, struct viewer);
  *v = (struct viewer){.user = f->s->account,
                       .login = f->s->login,
                       .now_ms = f->now_ms,
                       .zone = zone_get("UTC"),
                       .tree = f->au->en->tree(f->au->en->tree_arg),
                       .zh = f->s->zh};
  struct change *c = change_make(a, f->au->en, v, &account_kind, CHANGE_UPDATE);
  c->id = f->s->account;
  c->internal = true;
  c->at_ms = f->now_ms;
  change_set(c, ACCOUNT_LOGIN, V_TEXT(f->login));
  int r = change_ready(c, e);
  if (r == 0) r = change_run(tx, c, e);
  v->tree = unit_tree_unref(v->tree);
  if (r == -E_INVALID || r == -E_EXISTS) {
    problem_text(&f->t->problems, PROBLEM_duplicate, S("login"), S(""), f->login, f->login);
    return err_set(e, E_INVALID, "the login is taken");
  }
  return r;
}

static int write_acceptance(struct auth_flow *f, struct tx *tx, struct err *e) {
  int64_t used;
  int r = tx_exec(tx, &q_invitation_use, P(hash_val(f->code), V_I64(f->now_ms)), &used, e);
  if (r == 0 && used == 0) return err_set(e, E_GONE, "the invitation has just been used");
  bool renamed = !str_empty(f->login) && !str_eq(f->login, f->s->login);
  if (r == 0 && renamed) r = write_new_login(f, tx, e);
  if (r == 0) r = credential_put(tx, &f->s->account, f->fresh, false, f->now_ms, e);
  if (r == 0) r = sessions_delete(f->au, tx, &f->s->account, NULL, NULL, e);
  if (r < 0) return r;
  f->s->must_change_password = false;
  if (renamed) f->s->login = f->login;
  return write_session_row(f, tx, e) ?: note(f, tx, "invitation_accepted", e);
}

static int write_password(struct auth_flow *f, struct tx *tx, struct err *e) {
  int r = check_lock(f, tx, e);
  if (r < 0) return r;
  if (!f->fits) return write_failure(f, tx, e);
  r = credential_put(tx, &f->s->account, f->fresh, false, f->now_ms, e);
  if (r == 0) r = sessions_delete(f->au, tx, &f->s->account, &f->t->session->id, NULL, e);
  return r == 0 ? note(f, tx, "password_changed", e) : r;
}

static int flow_run(struct tx *tx, void *arg, struct err *e) {
  struct auth_flow *f = arg;
  f->verdict = 0;
  switch (f->t->type) {
  case AUTH_LOGIN:
    return write_login(f, tx, e);
  case AUTH_ACCEPT:
    return write_acceptance(f, tx, e);
  case AUTH_PASSWORD:
    return write_password(f, tx, e);
  }
  return err_set(e, E_BUG, "no such task");
}
static const struct cmd_class flow_cmd = {.name = "sign_in", .run = flow_run};

/* ---- the way ---- */

static void finish(struct auth_flow *f, int r) {
  struct auth_task *t = f->t;
  sodium_memzero(f->fresh, sizeof f->fresh);
  if (r < 0) {
    sodium_memzero(t->token, sizeof t->token);
    if (r == -E_UNAUTHENTICATED || r == -E_RATE || f->verdict) peer_failed(f->au, t->peer);
    atomic_fetch_add(&f->au->refused, 1);
  } else {
    t->out = f->s;
    atomic_fetch_add(&f->au->logins, t->type != AUTH_PASSWORD);
  }
  t->result = r;
  t->done(t);
}

static void flow_committed(struct cmd *c) {
  struct auth_flow *f = c->owner;
  int r = c->result;
  if (r < 0) f->t->err = c->err;
  if (r == 0 && f->verdict) {
    if (f->t->type == AUTH_PASSWORD) problem_add(&f->t->problems, PROBLEM_wrong_password, S("old"));
    r = err_set(&f->t->err, f->verdict, "wrong login or password");
  }
  finish(f, r);
}

/* The session as it will be, before it is written: its token is new with each sign-in, whatever
 * the client came with. */
static void prepare_session(struct auth_flow *f) {
  struct auth_task *t = f->t;
  if (!f->fits || t->type == AUTH_PASSWORD) return;
  token_make(t->token);
  (void)token_hash(f->au, KEY_SESSION, str_from(t->token), f->token);
  session_csrf(f->au, f->token, f->s->csrf);
  f->s->id = idgen_next(f->au->en->ids, f->now_ms);
  f->s->created_ms = f->now_ms;
  f->s->expires_ms = f->now_ms + atomic_load(&f->au->absolute_ms);
}

static void flow_step(struct pool_job *job) {
  struct auth_flow *f = job->owner;
  struct auth_task *t = f->t;
  int r = look(f, &t->err) ?: measure(f, &t->err);
  if (r == 0 && arena_failed(t->a)) r = err_set(&t->err, E_NOMEM, "memory of the request");
  if (r == 0) {
    prepare_session(f);
    r = writer_submit(f->au->writer, &f->cmd, &t->err);
    if (r == 0) return;
  }
  finish(f, r);
}

int auth_submit(struct auth *au, struct auth_task *t, struct err *e) {
  if (peer_blocked(au, t->peer))
    return err_sys(e, E_RATE, "too many attempts from this address",
                   PEER_WINDOW_MS / (int)MS_SECOND);
  struct auth_flow *f = arena_new(t->a, struct auth_flow);
  t->flow = f;
  t->result = 0;
  t->err = (struct err){0};
  problems_init(&t->problems, t->a);
  f->au = au;
  f->t = t;
  f->now_ms = clock_now_ms(au->clock);
  f->login = login_normal(t->a, t->type == AUTH_PASSWORD ? t->session->login : t->login);
  keys_mac(au->keys, KEY_LOGIN, f->login, f->login_hash, sizeof f->login_hash);
  f->job = (struct pool_job){.run = flow_step, .owner = f};
  f->cmd = (struct cmd){
      .cls = &flow_cmd, .arg = f, .priority = CMD_NORMAL, .done = flow_committed, .owner = f};
  if (arena_failed(t->a)) return err_set(e, E_NOMEM, "memory of the request");
  if (t->type != AUTH_ACCEPT && t->password.n > PASSWORD_MAX)
    return err_set(e, E_UNAUTHENTICATED, "no password is so long");
  return pool_submit(au->pool, &f->job, e);
}

/* ---- waiting for it ---- */

struct waiter {
  pthread_mutex_t lock;
  pthread_cond_t cond;
  bool done;
};

static void wake(struct auth_task *t) {
  struct waiter *w = t->owner;
  pthread_mutex_lock(&w->lock);
  w->done = true;
  pthread_cond_signal(&w->cond);
  pthread_mutex_unlock(&w->lock);
}

int auth_run(struct auth *au, struct auth_task *t, struct err *e) {
  struct waiter w = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
  t->done = wake;
  t->owner = &w;
  int r = auth_submit(au, t, e);
  if (r < 0) return r;
  pthread_mutex_lock(&w.lock);
  while (!w.done) pthread_cond_wait(&w.cond, &w.lock);
  pthread_mutex_unlock(&w.lock);
  pthread_mutex_destroy(&w.lock);
  pthread_cond_destroy(&w.cond);
  if (t->result < 0 && e) *e = t->err;
  return t->result;
}

/* ---- without the old one ---- */

struct set_password {
  struct auth *au;
  struct uuid account;
  char hash[PASSWORD_HASH_TEXT];
  bool must_change;
};

static int set_run(struct tx *tx, void *arg, struct err *e) {
  const struct set_password *x = arg;
  int64_t now = clock_now_ms(x->au->clock);
  struct audit_entry en = {
      .at_ms = now, .action = "password_set", .kind = &account_kind, .id = x->account};
  return credential_put(tx, &x->account, x->hash, x->must_change, now, e)
             ?: sessions_delete(x->au, tx, &x->account, NULL, NULL, e)
             ?: audit_add(tx, &en, e);
}
static const struct cmd_class set_cmd = {.name = "password_set", .run = set_run};

int auth_set_password(struct auth *au, const struct uuid *account, struct str password,
                      bool must_change, struct err *e) {
  struct set_password x = {.au = au, .account = *account, .must_change = must_change};
  int r = password_hash(password, x.hash, e);
  return r == 0 ? writer_run(au->writer, &set_cmd, &x, CMD_NORMAL, e) : r;
}
