#include "auth/keys_impl.h"
#include <assert.h>

static_assert(BOX_OVERHEAD == crypto_box_SEALBYTES, "as libsodium seals");
static_assert(KEY_BYTES == crypto_box_SECRETKEYBYTES && KEY_BYTES == crypto_box_PUBLICKEYBYTES,
              "as libsodium keys");

void box_add(struct secrets *s, int64_t now_ms) {
  const uint32_t last = s->n_boxes ? s->boxes[s->n_boxes - 1].id : 0;
  if (s->n_boxes == BOX_KEYS_MAX) {
    sodium_memzero(&s->boxes[0], sizeof s->boxes[0]);
    memmove(s->boxes, s->boxes + 1, sizeof s->boxes[0] * (BOX_KEYS_MAX - 1));
    s->n_boxes--;
  }
  struct box *b = &s->boxes[s->n_boxes++];
  *b = (struct box){.id = last + 1, .created_ms = now_ms};
  (void)crypto_box_keypair(b->open, b->secret);
}

struct wanted {
  int64_t now_ms;
  bool another;
};

static int edit_box(struct secrets *s, void *arg, struct err *e) {
  const struct wanted *w = arg;
  (void)e;
  if (s->n_boxes && !w->another) return 1;
  box_add(s, w->now_ms);
  return 0;
}

static bool newest(struct keys *k, uint32_t *ret_id, uint8_t ret_public[KEY_BYTES]) {
  pthread_rwlock_rdlock(&k->lock);
  const size_t n = k->s->n_boxes;
  if (n) {
    *ret_id = k->s->boxes[n - 1].id;
    memcpy(ret_public, k->s->boxes[n - 1].open, KEY_BYTES);
  }
  pthread_rwlock_unlock(&k->lock);
  return n != 0;
}

int keys_box_current(struct keys *k, int64_t now_ms, uint32_t *ret_id,
                     uint8_t ret_public[KEY_BYTES], struct err *e) {
  struct wanted w = {.now_ms = now_ms};
  if (newest(k, ret_id, ret_public)) return 0;
  int r = keys_edit(k, edit_box, &w, e);
  if (r < 0) return r;
  return newest(k, ret_id, ret_public) ? 0 : err_set(e, E_BUG, "the key file lost its pair");
}

int keys_box_rotate(struct keys *k, int64_t now_ms, uint32_t *ret_id, struct err *e) {
  struct wanted w = {.now_ms = now_ms, .another = true};
  uint8_t open[KEY_BYTES];
  int r = keys_edit(k, edit_box, &w, e);
  if (r == 0) (void)newest(k, ret_id, open);
  return r;
}

/* The pair of that number first, then from the newest down. */
static size_t pairs(struct keys *k, uint32_t id, struct box out[BOX_KEYS_MAX]) {
  size_t n = 0;
  pthread_rwlock_rdlock(&k->lock);
  for (size_t i = k->s->n_boxes; i-- > 0;)
    if (k->s->boxes[i].id == id) out[n++] = k->s->boxes[i];
  for (size_t i = k->s->n_boxes; i-- > 0;)
    if (k->s->boxes[i].id != id) out[n++] = k->s->boxes[i];
  pthread_rwlock_unlock(&k->lock);
  return n;
}

bool keys_box_open(struct keys *k, uint32_t id, struct str sealed, uint8_t *out) {
  struct box boxes[BOX_KEYS_MAX];
  bool open = false;
  if (sealed.n < BOX_OVERHEAD) return false;
  const size_t n = pairs(k, id, boxes);
  for (size_t i = 0; i < n && !open; i++)
    open = crypto_box_seal_open(out, (const uint8_t *)sealed.p, sealed.n, boxes[i].open,
                                boxes[i].secret) == 0;
  sodium_memzero(boxes, sizeof boxes);
  return open;
}
