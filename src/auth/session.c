#include "auth/auth_impl.h"
#include "base/log.h"
#include <assert.h>
#include <stdlib.h>

/* A session in memory: what a request needs to be answered without a query. */
struct cached {
  uint8_t hash[HASH_BYTES];
  uint64_t epoch;
  int64_t used_ms, written_ms; /* product time; written: what the table has */
  struct auth_session s;       /* its text and grants lie behind this struct */
};

static pthread_mutex_t *lock_of(struct auth *au, size_t set) {
  return &au->cache_locks[set % CACHE_LOCKS];
}

static size_t set_of(const uint8_t hash[HASH_BYTES]) {
  uint64_t h;
  memcpy(&h, hash, sizeof h);
  return h % CACHE_SETS;
}

/* ---- tokens ---- */

void token_make(char out[AUTH_TOKEN_TEXT]) {
  uint8_t raw[TOKEN_BYTES];
  randombytes_buf(raw, sizeof raw);
  sodium_bin2base64(out, AUTH_TOKEN_TEXT, raw, sizeof raw,
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  sodium_memzero(raw, sizeof raw);
}

bool token_hash(struct auth *au, enum key_purpose p, struct str token, uint8_t out[HASH_BYTES]) {
  uint8_t raw[TOKEN_BYTES];
  size_t n;
  if (token.n != AUTH_TOKEN_TEXT - 1 ||
      sodium_base642bin(raw, sizeof raw, token.p, token.n, NULL, &n, NULL,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      n != sizeof raw)
    return false;
  keys_mac(au->keys, p, (struct str){(char *)raw, sizeof raw}, out, HASH_BYTES);
  sodium_memzero(raw, sizeof raw);
  return true;
}

/* Bound to the session by being made from it: nothing to store, nothing to mix up. */
void session_csrf(struct auth *au, const uint8_t hash[HASH_BYTES], char out[AUTH_CSRF_TEXT]) {
  uint8_t raw[16];
  keys_mac(au->keys, KEY_CSRF, (struct str){(const char *)hash, HASH_BYTES}, raw, sizeof raw);
  hex_encode(raw, sizeof raw, out);
}

bool auth_csrf_ok(const struct auth_session *s, struct str header) {
  return header.n == AUTH_CSRF_TEXT - 1 && sodium_memcmp(header.p, s->csrf, header.n) == 0;
}

/* ---- from the database ---- */

QUERY(q_session, "SELECT s.id, s.account, s.device, s.created_ms, s.last_seen_ms, s.expires_ms, "
                 "COALESCE(d.state, 'active') FROM login_session s "
                 "LEFT JOIN device d ON d.id = s.device WHERE s.token_hash = $1");
QUERY(q_session_account, "SELECT login, name, unit, responder, language, must_change_password "
                         "FROM account WHERE id = $1 AND retired = 0 AND state = 'active'");
QUERY(q_session_grants, "SELECT role, unit, operation, valid_from, valid_to, retired, "
                        "updated_ms FROM role_grant WHERE account = $1 "
                        "AND (retired = 0 OR updated_ms > $2) ORDER BY retired, id");

static int grants_of(struct tx *tx, struct arena *a, struct auth_session *s, int64_t ended_since,
                     struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct auth_grant *g = arena_array(a, struct auth_grant, LIMIT_GRANTS_PER_USER);
  int r = cur_open(tx, &q_session_grants, P(V_UUID(s->account), V_I64(ended_since)), &c, e);
  if (r < 0) return r;
  while ((r = cur_next(c, e)) == 1) {
    if (s->n_grants == LIMIT_GRANTS_PER_USER) { /* those that stand came first */
      if (!cur_i64(c, 5)) log_warn("roles_left_out", "login=" STR_FMT, STR_ARG(s->login));
      break;
    }
    struct auth_grant *x = &g[s->n_grants];
    *x = (struct auth_grant){.role = (int16_t)role_index(cur_text(c, 0)),
                             .unit = (int32_t)cur_i64(c, 1),
                             .op = cur_uuid(c, 2),
                             .from = INT32_MIN,
                             .to = INT32_MAX,
                             .ended_ms = cur_i64(c, 5) ? cur_i64(c, 6) : 0};
    s->dated |= x->ended_ms || !cur_null(c, 3) || !cur_null(c, 4);
    /* A date that cannot be read closes the grant rather than opening it. */
    if (!cur_null(c, 3) && day_parse(cur_text(c, 3), &x->from) != 0) continue;
    if (!cur_null(c, 4) && day_parse(cur_text(c, 4), &x->to) != 0) continue;
    if (x->role >= 0) s->n_grants++;
  }
  s->grants = g;
  return r < 0 ? r : 0;
}

int session_of_account(struct tx *tx, struct arena *a, const struct uuid *account,
                       int64_t ended_since, struct auth_session **ret_session, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct auth_session *s = arena_new(a, struct auth_session);
  int r = cur_open(tx, &q_session_account, P(V_UUID(*account)), &c, e);
  if (r == 0) r = cur_next(c, e);
  if (r <= 0) return r ?: -E_NOROW;
  s->account = *account;
  s->login = arena_dup(a, cur_text(c, 0));
  s->name = arena_dup(a, cur_text(c, 1));
  s->unit = (int32_t)cur_i64(c, 2);
  s->responder = cur_uuid(c, 3);
  s->zh = !str_is(cur_text(c, 4), "en");
  s->must_change_password = cur_i64(c, 5) != 0;
  c = cur_done(c);
  r = grants_of(tx, a, s, ended_since, e);
  if (r < 0) return r;
  *ret_session = s;
  return 0;
}

static int load(struct auth *au, struct tx *tx, struct arena *a, const uint8_t hash[HASH_BYTES],
                struct auth_session **ret_session, int64_t *ret_seen, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct auth_session *s;
  int r =
      cur_open(tx, &q_session, P(V_BLOB(((struct str){(const char *)hash, HASH_BYTES}))), &c, e);
  if (r == 0) r = cur_next(c, e);
  if (r < 0) return r;
  if (r == 0 || !str_is(cur_text(c, 6), "active"))
    return err_set(e, E_UNAUTHENTICATED, "no such session");
  struct uuid id = cur_uuid(c, 0), account = cur_uuid(c, 1), device = cur_uuid(c, 2);
  int64_t created = cur_i64(c, 3), seen = cur_i64(c, 4), expires = cur_i64(c, 5);
  c = cur_done(c);
  r = session_of_account(tx, a, &account, INT64_MAX, &s, e);
  if (r == -E_NOROW) return err_set(e, E_UNAUTHENTICATED, "the account is not active");
  if (r < 0) return r;
  s->id = id;
  s->device = device;
  s->created_ms = created;
  s->expires_ms = expires;
  session_csrf(au, hash, s->csrf);
  *ret_session = s;
  *ret_seen = seen;
  return 0;
}

/* ---- the cache ---- */

static bool over(const struct auth *au, const struct auth_session *s, int64_t seen, int64_t now) {
  return now >= s->expires_ms || now - seen > atomic_load(&au->idle_ms);
}

static struct str copy_text(char **at, struct str s) {
  if (s.n) memcpy(*at, s.p, s.n);
  struct str out = {*at, s.n};
  *at += s.n;
  return out;
}

/* All in one block: the session, its grants, its text. */
static struct cached *cached_make(const struct auth_session *s) {
  size_t grants = s->n_grants * sizeof(struct auth_grant);
  struct cached *c = malloc(sizeof *c + grants + s->login.n + s->name.n);
  if (!c) return NULL;
  c->s = *s;
  char *at = (char *)(c + 1);
  if (grants) memcpy(at, s->grants, grants);
  c->s.grants = (struct auth_grant *)at;
  at += grants;
  c->s.login = copy_text(&at, s->login);
  c->s.name = copy_text(&at, s->name);
  return c;
}

static struct auth_session *copy_out(struct arena *a, const struct auth_session *from) {
  struct auth_session *s = arena_new(a, struct auth_session);
  struct auth_grant *g = arena_array(a, struct auth_grant, from->n_grants);
  *s = *from;
  if (from->n_grants) memcpy(g, from->grants, from->n_grants * sizeof *g);
  s->grants = g;
  s->login = arena_dup(a, from->login);
  s->name = arena_dup(a, from->name);
  return s;
}

static struct cached **find(struct auth *au, size_t set, const uint8_t hash[HASH_BYTES]) {
  for (int i = 0; i < CACHE_WAYS; i++) {
    struct cached *c = au->cache[set].way[i];
    if (c && memcmp(c->hash, hash, HASH_BYTES) == 0) return &au->cache[set].way[i];
  }
  return NULL;
}

static void drop(struct auth *au, struct cached **c) {
  if (!*c) return;
  free(*c);
  *c = NULL;
  atomic_fetch_sub(&au->cached, 1);
}

static void keep(struct auth *au, const uint8_t hash[HASH_BYTES], const struct auth_session *s,
                 int64_t seen, int64_t now, uint64_t epoch, uint64_t drops) {
  size_t set = set_of(hash);
  struct cached *c = cached_make(s);
  if (!c) return; /* without a place in memory it is read again */
  memcpy(c->hash, hash, HASH_BYTES);
  c->epoch = epoch;
  c->used_ms = now;
  c->written_ms = seen;
  pthread_mutex_lock(lock_of(au, set));
  if (drops != atomic_load(&au->drops)) {
    free(c); /* something was taken back while it was being read */
  } else {
    struct cached **place = find(au, set, hash);
    for (int i = 0; !place && i < CACHE_WAYS; i++)
      if (!au->cache[set].way[i]) place = &au->cache[set].way[i];
    if (!place) {
      place = &au->cache[set].way[0];
      for (int i = 1; i < CACHE_WAYS; i++)
        if (au->cache[set].way[i]->used_ms < (*place)->used_ms) place = &au->cache[set].way[i];
    }
    drop(au, place);
    *place = c;
    atomic_fetch_add(&au->cached, 1);
  }
  pthread_mutex_unlock(lock_of(au, set));
}

QUERY(q_epoch, "SELECT n FROM auth_epoch WHERE one = 1");

bool auth_look(struct auth *au, struct tx *tx) {
  int64_t n = 0;
  struct err e = {0};
  int r = tx_i64(tx, &q_epoch, P_NONE, &n, &e);
  if (r < 0 && r != -E_NOROW) {
    /* Better to read every session again than to trust what may have been revoked. */
    log_err(LOG_WARN, "auth_epoch_unread", &e);
    atomic_fetch_add(&au->cache_epoch, 1);
    return true;
  }
  pthread_mutex_lock(&au->epoch_lock);
  const bool moved = n != au->db_epoch;
  if (moved) {
    au->db_epoch = n;
    atomic_fetch_add(&au->cache_epoch, 1);
  }
  pthread_mutex_unlock(&au->epoch_lock);
  return moved;
}

/* One request in each EPOCH_POLL_MS looks whether another server has taken anything back. */
static void poll_epoch(struct auth *au) {
  int64_t now = monotonic_ms(), last = atomic_load(&au->polled_ms);
  if (now - last < EPOCH_POLL_MS || !atomic_compare_exchange_strong(&au->polled_ms, &last, now))
    return;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct err e = {0};
  if (store_read(au->store, &tx, &e) == 0)
    (void)auth_look(au, tx);
  else
    atomic_fetch_add(&au->cache_epoch, 1);
}

/* NULL where nothing current is cached; else a copy, or *ret_over. */
static struct auth_session *from_cache(struct auth *au, struct arena *a,
                                       const uint8_t hash[HASH_BYTES], int64_t now,
                                       bool *ret_over) {
  struct auth_session *s = NULL;
  size_t set = set_of(hash);
  pthread_mutex_lock(lock_of(au, set));
  struct cached **c = find(au, set, hash);
  if (c && (*c)->epoch != atomic_load(&au->cache_epoch)) {
    c = NULL;
  } else if (c && over(au, &(*c)->s, (*c)->used_ms, now)) {
    *ret_over = true;
    drop(au, c);
  } else if (c) {
    (*c)->used_ms = now;
    s = copy_out(a, &(*c)->s);
  }
  pthread_mutex_unlock(lock_of(au, set));
  return s;
}

/* Where an entry of an older epoch is read again, what it knew of its last use still counts. */
static int64_t last_use(struct auth *au, const uint8_t hash[HASH_BYTES], int64_t seen) {
  size_t set = set_of(hash);
  pthread_mutex_lock(lock_of(au, set));
  struct cached **c = find(au, set, hash);
  if (c && (*c)->used_ms > seen) seen = (*c)->used_ms;
  pthread_mutex_unlock(lock_of(au, set));
  return seen;
}

bool auth_session_reads(struct auth *au, struct arena *a, struct str token,
                        struct auth_session **ret_session) {
  uint8_t hash[HASH_BYTES];
  bool ended = false;
  *ret_session = NULL;
  if (!token_hash(au, KEY_SESSION, token, hash)) return false;
  if (monotonic_ms() - atomic_load(&au->polled_ms) >= EPOCH_POLL_MS) return true;
  *ret_session = from_cache(au, a, hash, clock_now_ms(au->clock), &ended);
  if (*ret_session) atomic_fetch_add(&au->hits, 1);
  return !*ret_session;
}

int auth_session(struct auth *au, struct arena *a, struct str token,
                 struct auth_session **ret_session, struct err *e) {
  uint8_t hash[HASH_BYTES];
  bool ended = false;
  int64_t now = clock_now_ms(au->clock), seen = 0;
  if (!token_hash(au, KEY_SESSION, token, hash))
    return err_set(e, E_UNAUTHENTICATED, "this is no session token");
  poll_epoch(au);
  struct auth_session *s = from_cache(au, a, hash, now, &ended);
  if (arena_failed(a)) return err_set(e, E_NOMEM, "memory of the request");
  if (s) {
    atomic_fetch_add(&au->hits, 1);
    *ret_session = s;
    return 0;
  }
  if (ended) return err_set(e, E_UNAUTHENTICATED, "the session has ended");
  atomic_fetch_add(&au->misses, 1);
  uint64_t epoch = atomic_load(&au->cache_epoch), drops = atomic_load(&au->drops);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(au->store, &tx, e);
  if (r == 0) r = load(au, tx, a, hash, &s, &seen, e);
  if (r == 0 && arena_failed(a)) r = err_set(e, E_NOMEM, "memory of the request");
  if (r < 0) return r;
  if (over(au, s, last_use(au, hash, seen), now))
    return err_set(e, E_UNAUTHENTICATED, "the session has ended");
  keep(au, hash, s, seen, now, epoch, drops);
  *ret_session = s;
  return 0;
}

static void drop_account(struct auth *au, const struct uuid *account) {
  atomic_fetch_add(&au->drops, 1);
  for (size_t set = 0; set < CACHE_SETS; set++) {
    pthread_mutex_lock(lock_of(au, set));
    for (int i = 0; i < CACHE_WAYS; i++) {
      struct cached **c = &au->cache[set].way[i];
      if (*c && (uuid_is_nil(account) || uuid_eq(&(*c)->s.account, account))) drop(au, c);
    }
    pthread_mutex_unlock(lock_of(au, set));
  }
}

struct stale {
  struct auth *au;
  struct uuid account;
  int64_t epoch;
};

static void stale_committed(void *arg) {
  const struct stale *st = arg;
  struct auth *au = st->au;
  /* Our own step, and no other's in between: only this account is read again. */
  pthread_mutex_lock(&au->epoch_lock);
  if (au->db_epoch == st->epoch - 1) au->db_epoch = st->epoch;
  pthread_mutex_unlock(&au->epoch_lock);
  drop_account(au, &st->account);
}

QUERY(q_epoch_raise, "INSERT INTO auth_epoch (one, n) VALUES (1, 1) ON CONFLICT (one) DO UPDATE "
                     "SET n = auth_epoch.n + 1 RETURNING n");

int sessions_stale(struct auth *au, struct tx *tx, const struct uuid *account, struct err *e) {
  struct stale *st = arena_new(tx_arena(tx), struct stale);
  *st = (struct stale){.au = au, .account = account ? *account : (struct uuid){{0}}};
  int r = tx_i64(tx, &q_epoch_raise, P_NONE, &st->epoch, e);
  if (r < 0) return r;
  tx_on_commit(tx, stale_committed, st);
  return 0;
}

int cache_start(struct auth *au, struct err *e) {
  au->cache = calloc(CACHE_SETS, sizeof *au->cache);
  if (!au->cache) return err_set(e, E_NOMEM, "no memory for sessions");
  for (size_t i = 0; i < CACHE_LOCKS; i++) pthread_mutex_init(&au->cache_locks[i], NULL);
  return 0;
}

void cache_stop(struct auth *au) {
  if (!au->cache) return;
  for (size_t set = 0; set < CACHE_SETS; set++)
    for (int i = 0; i < CACHE_WAYS; i++) free(au->cache[set].way[i]);
  for (size_t i = 0; i < CACHE_LOCKS; i++) pthread_mutex_destroy(&au->cache_locks[i]);
  free(au->cache);
  au->cache = NULL;
}

/* ---- rows ---- */

QUERY(q_session_insert,
      "INSERT INTO login_session (token_hash, id, account, device, created_ms, last_seen_ms, "
      "expires_ms, peer) VALUES ($1, $2, $3, $4, $5, $5, $6, $7)");
QUERY(
    q_session_surplus,
    "DELETE FROM login_session WHERE account = $1 AND id NOT IN (SELECT id FROM login_session "
    "WHERE account = $1 ORDER BY created_ms DESC, id DESC LIMIT 50)"); /* limit: the newest stay */
QUERY(q_sessions_delete, "DELETE FROM login_session WHERE account = $1 AND id <> $2");
QUERY(q_account_seen, "UPDATE account SET last_seen = $2 WHERE id = $1");

int session_insert(struct auth *au, struct tx *tx, const struct auth_session *s,
                   const uint8_t hash[HASH_BYTES], struct str peer, int64_t now_ms, struct err *e) {
  static_assert(LIMIT_SESSIONS_PER_ACCOUNT == 50, "the query above says the same");
  int64_t surplus = 0;
  int r = tx_exec(tx, &q_session_insert,
                  P(V_BLOB(((struct str){(const char *)hash, HASH_BYTES})), V_UUID(s->id),
                    V_UUID(s->account), uuid_is_nil(&s->device) ? V_NULL : V_UUID(s->device),
                    V_I64(now_ms), V_I64(s->expires_ms), V_TEXT(peer)),
                  NULL, e);
  if (r == 0) r = tx_exec(tx, &q_session_surplus, P(V_UUID(s->account)), &surplus, e);
  if (r == 0) r = tx_exec(tx, &q_account_seen, P(V_UUID(s->account), V_I64(now_ms)), NULL, e);
  return r == 0 && surplus ? sessions_stale(au, tx, &s->account, e) : r;
}

int sessions_delete(struct auth *au, struct tx *tx, const struct uuid *account,
                    const struct uuid *but, int64_t *ret_n, struct err *e) {
  int64_t n = 0;
  struct uuid nobody = {{0}};
  int r = tx_exec(tx, &q_sessions_delete, P(V_UUID(*account), V_UUID(but ? *but : nobody)), &n, e);
  if (ret_n) *ret_n = n;
  return r == 0 ? sessions_stale(au, tx, account, e) : r;
}

/* ---- last use ---- */

enum { SEEN_CHUNK = 256 };
struct seen {
  size_t n;
  struct {
    uint8_t hash[HASH_BYTES];
    struct uuid account, device;
    int64_t at_ms;
  } s[SEEN_CHUNK];
};

QUERY(q_session_seen,
      "UPDATE login_session SET last_seen_ms = $2 WHERE token_hash = $1 AND last_seen_ms < $2");
QUERY(q_device_seen, "UPDATE device SET last_seen = $2 WHERE id = $1");

static int seen_run(struct tx *tx, void *arg, struct err *e) {
  const struct seen *s = arg;
  int r = 0;
  for (size_t i = 0; r == 0 && i < s->n; i++) {
    struct val at = V_I64(s->s[i].at_ms);
    r = tx_exec(tx, &q_session_seen,
                P(V_BLOB(((struct str){(const char *)s->s[i].hash, HASH_BYTES})), at), NULL, e);
    if (r == 0) r = tx_exec(tx, &q_account_seen, P(V_UUID(s->s[i].account), at), NULL, e);
    if (r == 0 && !uuid_is_nil(&s->s[i].device))
      r = tx_exec(tx, &q_device_seen, P(V_UUID(s->s[i].device), at), NULL, e);
  }
  return r;
}
static const struct cmd_class seen_cmd = {.name = "sessions_seen", .run = seen_run};

int sessions_seen(struct auth *au, struct err *e) {
  struct seen *s = malloc(sizeof *s);
  int r = s ? 0 : err_set(e, E_NOMEM, "no memory");
  for (size_t set = 0; r == 0 && set < CACHE_SETS;) {
    s->n = 0;
    for (; set < CACHE_SETS && s->n + CACHE_WAYS <= SEEN_CHUNK; set++) {
      pthread_mutex_lock(lock_of(au, set));
      for (int i = 0; i < CACHE_WAYS; i++) {
        struct cached *c = au->cache[set].way[i];
        if (!c || c->used_ms <= c->written_ms) continue;
        memcpy(s->s[s->n].hash, c->hash, HASH_BYTES);
        s->s[s->n].account = c->s.account;
        s->s[s->n].device = c->s.device;
        s->s[s->n++].at_ms = c->written_ms = c->used_ms;
      }
      pthread_mutex_unlock(lock_of(au, set));
    }
    if (s->n) r = writer_run(au->writer, &seen_cmd, s, CMD_BULK, e);
  }
  free(s);
  return r;
}
