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

struct box {
  uint32_t id;
  int64_t created_ms;
  uint8_t secret[KEY_BYTES];
  uint8_t open[KEY_BYTES]; /* its public half; derived */
};

struct secrets {
  uint8_t master[KEY_BYTES];
  uint8_t sub[KEY_PURPOSES_][KEY_BYTES]; /* derived */
  struct slot slots[LIMIT_KEYS];
  size_t n;
  struct box boxes[BOX_KEYS_MAX]; /* oldest first */
  size_t n_boxes;
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
/* Runs `edit` on a draft of what the file holds now, and writes it. `edit` returns 1 where nothing
 * is to be written. */
_must_check_ int keys_edit(struct keys *k, int (*edit)(struct secrets *, void *, struct err *),
                           void *arg, struct err *e);
/* A new pair at the end of the draft. */
void box_add(struct secrets *s, int64_t now_ms);
struct slot *secrets_by_op(struct secrets *s, int64_t op);

#endif
