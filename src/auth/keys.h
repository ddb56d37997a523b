/* The key file: master secret and one data key per operation, outside the database and outside
 * every backup. Destroying an operation's key removes it and leaves a tombstone with its date; what
 * was sealed under it, backups included, is then noise.
 *
 * Keys live in guarded, locked memory owned by `struct keys`; other processes' changes of the file
 * are taken in by keys_reload. Safe from any thread. */
#ifndef AUTH_KEYS_H
#define AUTH_KEYS_H

#include "kind/viewer.h"

enum { KEY_BYTES = 32, ESCROWS_MAX = 32 };

struct keys;
/* Opens the file; with `create` makes it where absent (mode 0600, synced). E_UNAVAILABLE where
 * there is none, E_FORBIDDEN where others may read it, E_INVALID where it is damaged. */
_must_check_ int keys_open(const char *file, bool create, int64_t now_ms, struct keys **ret_keys,
                           struct err *e);
struct keys *keys_close(struct keys *k);
static inline void keys_closep(struct keys **k) {
  *k = keys_close(*k);
}
/* Where the key file lies when not told: "<data>.keys" beside the folder for SQLite, else
 * /var/lib/shouwang/keys. */
struct str keys_default_file(struct arena *a, const char *where);
/* Takes in what another process has written; 0 also where nothing changed. */
_must_check_ int keys_reload(struct keys *k, struct err *e);

/* A data key for this operation; 0 where it has one already. 0 is the global one, made with the
 * file. E_GONE where it was destroyed: an operation gets no second key. */
_must_check_ int keys_operation_create(struct keys *k, int64_t op, int64_t now_ms, struct err *e);
/* For ever. Says by *ret_escrows how many escrow sets made meanwhile still hold the key: they must
 * be destroyed by hand. */
_must_check_ int keys_operation_destroy(struct keys *k, int64_t op, int64_t now_ms,
                                        size_t *ret_escrows, struct err *e);
enum key_state { KEY_NONE, KEY_ACTIVE, KEY_DESTROYED };
struct key_info {
  int64_t op;
  uint32_t no;
  enum key_state state;
  int64_t created_ms, destroyed_ms;
};
size_t keys_list(struct keys *k, struct key_info *out, size_t max);
enum key_state keys_operation_state(struct keys *k, int64_t op);

/* Two shares, each worthless alone (one-time pad); both together give the key file back. */
_must_check_ int keys_export_escrow(struct keys *k, const char *share_a, const char *share_b,
                                    int64_t now_ms, struct err *e);
_must_check_ int keys_from_escrow(const char *share_a, const char *share_b, const char *file,
                                  struct err *e);

/* Keyed BLAKE2b under a purpose's own subkey of the master secret: sessions, invitations, receipts,
 * anchors, posters. n_out 16..64. */
enum key_purpose {
  KEY_SESSION = 1,
  KEY_CSRF,
  KEY_INVITE,
  KEY_DEVICE,
  KEY_RECEIPT,
  KEY_LOGIN,
  KEY_ANCHOR,
  KEY_LINK,
  KEY_GATE = 12 /* the codes on gates' posters */
};
void keys_mac(struct keys *k, enum key_purpose p, struct str text, uint8_t *out, size_t n_out);

/* XChaCha20-Poly1305 under the operation's key; blob = version, key number, nonce, ciphertext. */
struct sealer *keys_sealer(struct keys *k);
enum { SEAL_OVERHEAD = 1 + 4 + 24 + 16 };

/* Keys that sign passes (Ed25519), by number: derived from the operation's data key each time, so
 * that they stand in no table and no backup, and die with it. Errors as of the sealer. */
_must_check_ int keys_pass_public(struct keys *k, int64_t op, uint32_t key_id, uint8_t out[32],
                                  struct err *e);
_must_check_ int keys_pass_sign(struct keys *k, int64_t op, uint32_t key_id, struct str message,
                                uint8_t out[64], struct err *e);
/* What phones seal to as they write: X25519 pairs by number, in the key file only. The newest one
 * is given out; those before it go on opening what was sealed to them (a phone may come back after
 * weeks), until BOX_KEYS_MAX are there and the oldest goes. */
enum { BOX_KEYS_MAX = 16, BOX_OVERHEAD = 48 };
/* Makes the first pair where a key file has none yet. */
_must_check_ int keys_box_current(struct keys *k, int64_t now_ms, uint32_t *ret_id,
                                  uint8_t ret_public[KEY_BYTES], struct err *e);
_must_check_ int keys_box_rotate(struct keys *k, int64_t now_ms, uint32_t *ret_id, struct err *e);
/* crypto_box_seal_open by that pair, or by any where id is 0 or unknown. `out` has room for
 * sealed.n - BOX_OVERHEAD bytes. False where none opens it. */
bool keys_box_open(struct keys *k, uint32_t id, struct str sealed, uint8_t *out);

/* A small file beside the key file, replaced as a whole and synced (audit anchors). */
const char *keys_file(const struct keys *k);
_must_check_ int keys_write_file(const char *file, struct str content, struct err *e);

#endif
