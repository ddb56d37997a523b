/* Passwords: Argon2id by libsodium, at most a few at once since each takes 64 MiB and tens of
 * milliseconds; a small pool of threads does the work, so no HTTP or writer thread ever waits for
 * one. The pool owns its threads and queue; jobs belong to the caller until `done`. */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include "base/limits.h"
#include "json/problem.h"

enum { PASSWORD_HASH_TEXT = 128, PASSWORD_MIN = 8, PASSWORD_MAX = 128 };

/* At least 8 characters of three kinds (lower, upper, digits, others), none of the usual ones, and
 * not containing the login. Problems land under `field`. */
bool password_check(struct str password, struct str login, struct str field, struct problems *ps);

/* These take their time: on the pool or at the command line only. */
_must_check_ int password_hash(struct str password, char out[PASSWORD_HASH_TEXT], struct err *e);
/* An empty hash takes as long as a real one and never fits: a login that does not exist answers as
 * slowly as one that does. */
bool password_fits(struct str hash, struct str password);
/* Made with other parameters than today's: hash again at the next login. */
bool password_stale(struct str hash);

struct pool_job {
  void (*run)(struct pool_job *job);
  void *owner;
  struct pool_job *next;
};
struct pool;
_must_check_ int pool_start(size_t threads, struct pool **ret_pool, struct err *e);
/* Runs what is queued, then stops. */
struct pool *pool_stop(struct pool *p);
/* -E_BUSY when LIMIT_PASSWORD_QUEUE jobs wait. */
_must_check_ int pool_submit(struct pool *p, struct pool_job *job, struct err *e);

#endif
