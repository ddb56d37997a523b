#include "auth/keys_impl.h"

enum {
  SEAL_VERSION = 1,
  NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
  TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
  BOUND = 1 + 8 + 2 + 16 + 2
};

static void put_le(uint8_t *p, uint64_t v, size_t n) {
  for (size_t i = 0; i < n; i++) p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_le(const char *p, size_t n) {
  uint64_t v = 0;
  for (size_t i = 0; i < n; i++) v |= (uint64_t)(uint8_t)p[i] << (8 * i);
  return v;
}

/* What a blob is bound to: moved to another record, field or operation it does not open. */
static void bind(uint8_t out[BOUND], int64_t op, uint16_t kind, const struct uuid *id,
                 uint16_t field) {
  out[0] = SEAL_VERSION;
  put_le(out + 1, (uint64_t)op, 8);
  put_le(out + 9, kind, 2);
  memcpy(out + 11, id->b, 16);
  put_le(out + 27, field, 2);
}

static int refuse(const struct slot *k, struct err *e) {
  if (k && k->state == KEY_DESTROYED)
    return err_set(e, E_GONE, "the operation's key has been destroyed");
  return err_set(e, E_UNAVAILABLE, "the key file has no such key");
}

/* Read-locks with the operation's key in *ret_slot; another process may have made it just now. */
static int hold(struct keys *k, int64_t op, struct slot **ret_slot, struct err *e) {
  for (int attempt = 0;; attempt++) {
    pthread_rwlock_rdlock(&k->lock);
    struct slot *s = secrets_by_op(k->s, op);
    if (s && s->state == KEY_ACTIVE) {
      *ret_slot = s;
      return 0;
    }
    int r = refuse(s, e);
    bool unknown = !s;
    pthread_rwlock_unlock(&k->lock);
    if (!unknown || attempt || keys_reload(k, e) != 0) return r;
  }
}

static int seal(struct sealer *sealer, int64_t op, uint16_t kind, const struct uuid *id,
                uint16_t field, struct str plain, struct arena *a, struct str *ret_blob,
                struct err *e) {
  struct keys *k = (struct keys *)sealer;
  uint8_t bound[BOUND];
  size_t n = SEAL_OVERHEAD + plain.n;
  uint8_t *out = arena_alloc(a, n);
  if (!out) return err_set(e, E_NOMEM, "no memory to seal");
  struct slot *slot;
  int r = hold(k, op, &slot, e);
  if (r) return r;
  out[0] = SEAL_VERSION;
  put_le(out + 1, slot->no, 4);
  randombytes_buf(out + 5, NONCE);
  bind(bound, op, kind, id, field);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out + 5 + NONCE, NULL, (const uint8_t *)plain.p,
                                             plain.n, bound, BOUND, NULL, out + 5, slot->seal);
  pthread_rwlock_unlock(&k->lock);
  *ret_blob = (struct str){(char *)out, n};
  return 0;
}

static int unseal(struct sealer *sealer, int64_t op, uint16_t kind, const struct uuid *id,
                  uint16_t field, struct str blob, struct arena *a, struct str *ret_plain,
                  struct err *e) {
  struct keys *k = (struct keys *)sealer;
  uint8_t bound[BOUND];
  if (blob.n < SEAL_OVERHEAD || blob.p[0] != SEAL_VERSION)
    return err_set(e, E_BUG, "not a sealed value");
  size_t n = blob.n - SEAL_OVERHEAD;
  uint8_t *out = arena_alloc(a, n + 1);
  if (!out) return err_set(e, E_NOMEM, "no memory to unseal");
  struct slot *slot;
  int r = hold(k, op, &slot, e);
  if (r) return r;
  if (get_le(blob.p + 1, 4) != slot->no) {
    pthread_rwlock_unlock(&k->lock);
    return err_set(e, E_BUG, "sealed under another operation's key");
  }
  const uint8_t *p = (const uint8_t *)blob.p + 5;
  bind(bound, op, kind, id, field);
  r = crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, p + NONCE, n + TAG, bound, BOUND,
                                                 p, slot->seal);
  pthread_rwlock_unlock(&k->lock);
  if (r != 0) return err_set(e, E_BUG, "a sealed value does not belong where it stands");
  *ret_plain = (struct str){(char *)out, n};
  return 0;
}

static int blind(struct sealer *sealer, int64_t op, uint16_t kind, uint16_t field, struct str plain,
                 uint8_t out[16], struct err *e) {
  struct keys *k = (struct keys *)sealer;
  struct slot *slot;
  int r = hold(k, op, &slot, e);
  if (r) return r;
  uint8_t where[4];
  put_le(where, kind, 2);
  put_le(where + 2, field, 2);
  crypto_generichash_state st;
  crypto_generichash_init(&st, slot->blind, KEY_BYTES, 16);
  pthread_rwlock_unlock(&k->lock);
  crypto_generichash_update(&st, where, sizeof where);
  crypto_generichash_update(&st, (const uint8_t *)plain.p, plain.n);
  crypto_generichash_final(&st, out, 16);
  sodium_memzero(&st, sizeof st);
  return 0;
}

/* ---- passes ---- */

/* Secret keys are on the stack for the length of one signature only. */
struct pass_pair {
  uint8_t pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES];
  uint8_t seed[crypto_sign_SEEDBYTES];
};
static void pass_pair_done(struct pass_pair *p) {
  sodium_memzero(p, sizeof *p);
}

static int pass_pair(struct keys *k, int64_t op, uint32_t key_id, struct pass_pair *p,
                     struct err *e) {
  struct slot *slot;
  int r = hold(k, op, &slot, e);
  if (r) return r;
  crypto_kdf_derive_from_key(p->seed, sizeof p->seed, key_id, "passsign", slot->key);
  pthread_rwlock_unlock(&k->lock);
  crypto_sign_seed_keypair(p->pk, p->sk, p->seed);
  return 0;
}

int keys_pass_public(struct keys *k, int64_t op, uint32_t key_id, uint8_t out[32], struct err *e) {
  _cleanup_(pass_pair_done) struct pass_pair p = {0};
  int r = pass_pair(k, op, key_id, &p, e);
  if (r == 0) memcpy(out, p.pk, sizeof p.pk);
  return r;
}

int keys_pass_sign(struct keys *k, int64_t op, uint32_t key_id, struct str message, uint8_t out[64],
                   struct err *e) {
  _cleanup_(pass_pair_done) struct pass_pair p = {0};
  int r = pass_pair(k, op, key_id, &p, e);
  if (r == 0) crypto_sign_detached(out, NULL, (const uint8_t *)message.p, message.n, p.sk);
  return r;
}

void keys_mac(struct keys *k, enum key_purpose p, struct str text, uint8_t *out, size_t n_out) {
  pthread_rwlock_rdlock(&k->lock);
  crypto_generichash(out, n_out, (const uint8_t *)text.p, text.n, k->s->sub[p], KEY_BYTES);
  pthread_rwlock_unlock(&k->lock);
}

static void digest(struct sealer *sealer, struct str content, uint8_t out[16]) {
  keys_mac((struct keys *)sealer, KEY_RECEIPT, content, out, 16);
}

const struct sealer_ops keys_sealer_ops = {seal, unseal, blind, digest};

struct sealer *keys_sealer(struct keys *k) {
  return &k->sealer;
}
