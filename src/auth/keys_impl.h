/* What keys.c (the file) and seal.c (its use) share. Private to auth. Everything with a secret in
 * it lies in memory from sodium_malloc: guarded, locked, wiped when freed. */
#ifndef AUTH_KEYS_IMPL_H
#define AUTH_KEYS_IMPL_H

#include "auth/keys.h"
#include <pthread.h>
#include <sodium.h>
#include <stdarg.h>
#include <sys/stat.h>

enum { KEY_PATH_MAX = 4096, KEY_FILE_MAX = 128 * 1024, KEY_PURPOSES_ = KEY_GATE + 1 };

struct slot {
  int64_t op;
  uint32_t no;
  enum key_state state;
  int64_t created_ms, destroyed_ms;
  uint8_t key[KEY_BYTES];
  uint8_t seal[KEY_BYTES], blind[KEY_BYTES]; /* derived; die with the key */
};

struct secrets {
  uint8_t master[KEY_BYTES];
  uint8_t sub[KEY_PURPOSES_][KEY_BYTES]; /* derived */
  struct slot slots[LIMIT_KEYS];
  size_t n;
  int64_t escrows[ESCROWS_MAX];
  size_t n_escrows;
};

struct keys {
  struct sealer sealer; /* first: a sealer is its keys */
  char file[KEY_PATH_MAX];
  pthread_rwlock_t lock; /* over s and seen */
  struct secrets *s;
  struct stat seen;
  pthread_mutex_t change; /* over draft; taken before lock */
  struct secrets *draft;
};

extern const struct sealer_ops keys_sealer_ops;
struct slot *secrets_by_op(struct secrets *s, int64_t op);

#endif
