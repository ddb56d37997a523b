/* What the files of auth share; private to auth. Memory and locks belong to `struct auth`; each
 * function says which thread may call it where that matters. */
#ifndef AUTH_AUTH_IMPL_H
#define AUTH_AUTH_IMPL_H

#include "auth/auth.h"
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

enum {
  TOKEN_BYTES = 32,
  HASH_BYTES = 32,
  LOGIN_TYPED_MAX = 64,
  CACHE_WAYS = 8,
  CACHE_SETS = LIMIT_SESSIONS_CACHED / CACHE_WAYS,
  CACHE_LOCKS = 64,
  EPOCH_POLL_MS = 1000, /* how long another server's change may stay unseen */
  FAILURE_WINDOW_MS = 15 * 60 * 1000,
  PEER_WINDOW_MS = 5 * 60 * 1000,
};

struct cached;
struct cache_set {
  struct cached *way[CACHE_WAYS];
};

/* Failed attempts of one address; the table is small and forgets the oldest. */
struct peer {
  uint64_t hash;
  int64_t since_ms; /* monotonic */
  int32_t failed;
};

struct auth {
  struct clock *clock;
  struct keys *keys;
  struct audit *audit;
  struct roles *roles;
  struct pool *pool;
  struct registry *en;
  struct store *store;
  struct writer *writer;
  _Atomic int64_t idle_ms, absolute_ms;
  size_t hash_threads;

  pthread_mutex_t cache_locks[CACHE_LOCKS];
  struct cache_set *cache;      /* CACHE_SETS */
  _Atomic uint64_t cache_epoch; /* entries of another epoch are read again */
  _Atomic uint64_t drops;       /* counts invalidations here: a load that crossed one is not kept */
  _Atomic int64_t polled_ms;    /* monotonic */
  pthread_mutex_t epoch_lock;
  int64_t db_epoch;

  pthread_mutex_t peer_lock;
  struct peer *peers; /* LIMIT_PEERS */

  _Atomic int64_t cached, hits, misses, logins, refused;
};

/* ---- accounts.c ---- */
bool login_valid(struct str login);
struct str login_normal(struct arena *a, struct str login);
/* As viewer_may, but what has no unit (an account of the centre, a grant on everything) is for
 * those who have the right everywhere. */
bool may_there(const struct viewer *v, right_t r, int32_t unit);
/* Has that account a role or a branch that this viewer could not give? */
_must_check_ int account_outranks(struct tx *tx, const struct viewer *v, const struct uuid *account,
                                  bool *ret_outranks, struct err *e);

/* ---- session.c ---- */
_must_check_ int cache_start(struct auth *au, struct err *e);
void cache_stop(struct auth *au);
void token_make(char out[AUTH_TOKEN_TEXT]);
/* The keyed hash of a token; false where it cannot be one. */
bool token_hash(struct auth *au, enum key_purpose p, struct str token, uint8_t out[HASH_BYTES]);
void session_csrf(struct auth *au, const uint8_t hash[HASH_BYTES], char out[AUTH_CSRF_TEXT]);
/* Facts about an account and its grants, for a session that is being made. -E_NOROW. */
_must_check_ int session_of_account(struct tx *tx, struct arena *a, const struct uuid *account,
                                    int64_t ended_since, struct auth_session **ret_session,
                                    struct err *e);
/* In a transaction: what is cached about this account (nil: about all) is wrong once this has
 * been committed, here and on other servers. */
_must_check_ int sessions_stale(struct auth *au, struct tx *tx, const struct uuid *account,
                                struct err *e);
_must_check_ int session_insert(struct auth *au, struct tx *tx, const struct auth_session *s,
                                const uint8_t hash[HASH_BYTES], struct str peer, int64_t now_ms,
                                struct err *e);
/* Ends an account's sessions but one (nil: all). */
_must_check_ int sessions_delete(struct auth *au, struct tx *tx, const struct uuid *account,
                                 const struct uuid *but, int64_t *ret_n, struct err *e);
/* Writes last_seen of what was used since the last time. */
_must_check_ int sessions_seen(struct auth *au, struct err *e);

/* ---- devices.c ---- */
/* Ends the proofs of all that an account has written and not yet sent. */
_must_check_ int authors_end(struct auth *au, struct tx *tx, const struct uuid *account,
                             int64_t *ret_n, struct err *e);

/* ---- invite.c ---- */
void code_make(char out[AUTH_CODE_TEXT]);
/* Tolerant of case, hyphens, blanks, o for 0, i and l for 1. */
bool code_hash(struct auth *au, struct str code, uint8_t out[HASH_BYTES]);

/* ---- login.c ---- */
bool peer_blocked(struct auth *au, struct str peer);
void peer_failed(struct auth *au, struct str peer);
_must_check_ int credential_put(struct tx *tx, const struct uuid *account, const char *hash,
                                bool must_change, int64_t now_ms, struct err *e);

/* A viewer of that operation and moment who may nothing yet, and reads Chinese. */
struct viewer *auth_viewer_here(struct arena *a, const struct auth_scope *sc, struct str login);

#endif
