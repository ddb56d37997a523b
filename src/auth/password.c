#include "auth/password.h"
#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

/* INTERACTIVE of libsodium 1.0.18: two passes over 64 MiB, 50-100 ms on one core. Fixed here, so
 * that another version of the library does not silently make every stored hash stale. */
#define HASH_OPS   2ULL
#define HASH_BYTES ((size_t)64 << 20)

/* Of "shouwang" under the parameters above with a random salt: what an unknown login is measured
 * against. It need not fit anything, it must only cost the same. */
static const char nobody[PASSWORD_HASH_TEXT] =
    "$argon2id$v=19$m=65536,t=2,p=1$"
    "c29tZSBvdGhlciBzYWx0IQ$5oq5gQmE1pQxZJqH4f0m3mYw0b8uQj1rS6n2V7kT9xA";

/* ---- the rule ---- */

/* Cores: what is left when digits and signs at both ends are taken off and look-alikes put back. */
static const char *const usual_cores[] = {
    "password", "passwd",  "passwort", "admin",    "administrator", "root",         "test",
    "user",     "welcome", "letmein",  "iloveyou", "woaini",        "woaizhongguo", "beijing",
    "qwerty",   "qwert",   "asdf",     "asdfgh",   "zxcvbn",        "zxcv",         "qaz",
    "qazwsx",   "qwe",     "abc",      "abcd",     "abcde",         "abcdef",       "a",
    "aa",       "aaa",     "shouwang", "login",
};
static const char *const usual[] = {
    "1qaz@wsx", "1qaz2wsx", "1q2w3e4r", "1q2w3e4r5t",
    "q1w2e3r4", "zaq1@wsx", "a1b2c3d4", "1a2b3c4d",
};

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}
/* Bytes of other scripts count as letters: they are no trimmings. */
static bool letter(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (unsigned char)c >= 0x80;
}

static char look_alike(char c) {
  switch (c) {
  case '0':
    return 'o';
  case '1':
    return 'i';
  case '3':
    return 'e';
  case '$':
  case '5':
    return 's';
  case '@':
  case '4':
    return 'a';
  default:
    return lower(c);
  }
}

static bool is_usual(struct str password) {
  char whole[PASSWORD_MAX], core[PASSWORD_MAX];
  size_t n = password.n < PASSWORD_MAX ? password.n : PASSWORD_MAX;
  for (size_t i = 0; i < n; i++) whole[i] = lower(password.p[i]);
  for (size_t i = 0; i < ARRAY_LEN(usual); i++)
    if (str_is((struct str){whole, n}, usual[i])) return true;
  size_t from = 0, to = n;
  while (from < to && !letter(whole[from])) from++;
  while (to > from && !letter(whole[to - 1])) to--;
  for (size_t i = from; i < to; i++) core[i - from] = look_alike(whole[i]);
  for (size_t i = 0; i < ARRAY_LEN(usual_cores); i++)
    if (str_is((struct str){core, to - from}, usual_cores[i])) return true;
  return false;
}

static bool contains_folded(struct str s, struct str what) {
  if (what.n < 3 || what.n > s.n) return false; /* a login of two letters is in half of all words */
  for (size_t i = 0; i + what.n <= s.n; i++) {
    size_t k = 0;
    while (k < what.n && lower(s.p[i + k]) == lower(what.p[k])) k++;
    if (k == what.n) return true;
  }
  return false;
}

bool password_check(struct str password, struct str login, struct str field, struct problems *ps) {
  size_t chars = str_utf8_len(password);
  if (chars == (size_t)-1) {
    problem_add(ps, PROBLEM_bad_utf8, field);
    return false;
  }
  if (password.n > PASSWORD_MAX) {
    problem_limit(ps, PROBLEM_too_long, field, PASSWORD_MAX);
    return false;
  }
  bool low = false, up = false, digit = false, other = false;
  for (size_t i = 0; i < password.n; i++) {
    char c = password.p[i];
    if (c >= 'a' && c <= 'z')
      low = true;
    else if (c >= 'A' && c <= 'Z')
      up = true;
    else if (c >= '0' && c <= '9')
      digit = true;
    else
      other = true;
  }
  if (chars < PASSWORD_MIN || low + up + digit + other < 3) {
    problem_add(ps, PROBLEM_weak_password, field);
    return false;
  }
  if (is_usual(password) || contains_folded(password, login)) {
    problem_add(ps, PROBLEM_usual_password, field);
    return false;
  }
  return true;
}

/* ---- hashes ---- */

int password_hash(struct str password, char out[PASSWORD_HASH_TEXT], struct err *e) {
  static_assert(PASSWORD_HASH_TEXT >= crypto_pwhash_STRBYTES, "room for the longest hash");
  if (crypto_pwhash_str(out, password.p, password.n, HASH_OPS, HASH_BYTES) != 0)
    return err_set(e, E_NOMEM, "no memory for a password hash");
  return 0;
}

/* The library reads a hash as an array of its full length. */
static void hash_array(struct str hash, char out[PASSWORD_HASH_TEXT]) {
  memset(out, 0, PASSWORD_HASH_TEXT);
  if (hash.n < PASSWORD_HASH_TEXT) memcpy(out, hash.p, hash.n);
}

bool password_fits(struct str hash, struct str password) {
  char text[PASSWORD_HASH_TEXT];
  bool known = !str_empty(hash);
  if (known) hash_array(hash, text);
  int r = crypto_pwhash_str_verify(known ? text : nobody, password.p ? password.p : "", password.n);
  return known && r == 0;
}

bool password_stale(struct str hash) {
  char text[PASSWORD_HASH_TEXT];
  hash_array(hash, text);
  return crypto_pwhash_str_needs_rehash(text, HASH_OPS, HASH_BYTES) != 0;
}

/* ---- the pool ---- */

enum { POOL_THREADS_MAX = 8 };
struct pool {
  pthread_mutex_t lock;
  pthread_cond_t some;
  struct pool_job *first, **last;
  size_t queued, n_threads;
  bool stopping;
  pthread_t threads[POOL_THREADS_MAX];
};

static void *pool_thread(void *arg) {
  struct pool *p = arg;
  pthread_mutex_lock(&p->lock);
  for (;;) {
    while (!p->first && !p->stopping) pthread_cond_wait(&p->some, &p->lock);
    struct pool_job *job = p->first;
    if (!job) break;
    p->first = job->next;
    if (!p->first) p->last = &p->first;
    p->queued--;
    pthread_mutex_unlock(&p->lock);
    job->run(job);
    pthread_mutex_lock(&p->lock);
  }
  pthread_mutex_unlock(&p->lock);
  return NULL;
}

int pool_start(size_t threads, struct pool **ret_pool, struct err *e) {
  struct pool *p = calloc(1, sizeof *p);
  if (!p) return err_set(e, E_NOMEM, "no memory for the pool");
  p->last = &p->first;
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->some, NULL);
  if (threads > POOL_THREADS_MAX) threads = POOL_THREADS_MAX;
  for (; p->n_threads < threads; p->n_threads++) {
    int r = pthread_create(&p->threads[p->n_threads], NULL, pool_thread, p);
    if (r) {
      pool_stop(p);
      return err_sys(e, E_UNAVAILABLE, "cannot start a thread", r);
    }
  }
  *ret_pool = p;
  return 0;
}

struct pool *pool_stop(struct pool *p) {
  if (!p) return NULL;
  pthread_mutex_lock(&p->lock);
  p->stopping = true;
  pthread_cond_broadcast(&p->some);
  pthread_mutex_unlock(&p->lock);
  for (size_t i = 0; i < p->n_threads; i++) pthread_join(p->threads[i], NULL);
  pthread_cond_destroy(&p->some);
  pthread_mutex_destroy(&p->lock);
  free(p);
  return NULL;
}

int pool_submit(struct pool *p, struct pool_job *job, struct err *e) {
  pthread_mutex_lock(&p->lock);
  bool refused = p->stopping || p->queued >= LIMIT_PASSWORD_QUEUE;
  if (!refused) {
    job->next = NULL;
    *p->last = job;
    p->last = &job->next;
    p->queued++;
    pthread_cond_signal(&p->some);
  }
  pthread_mutex_unlock(&p->lock);
  return refused ? err_set(e, E_BUSY, "too many passwords wait to be checked") : 0;
}
