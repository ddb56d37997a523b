/* Passes (出入证): who may go in and out of an estate, for whom a card was printed. A pass is one
 * row with a random number; its code (output/pass.h) is signed when it is asked for, under a key
 * that is derived from the operation's data key and so dies with it. A pass that was lost, revoked
 * or replaced stays as it was, and says to the gate only that it is not valid. Tables are static;
 * the functions run inside transactions or requests. */
#ifndef DOMAIN_GATE_PASSES_H
#define DOMAIN_GATE_PASSES_H

#include "core/module.h"
#include "output/pass.h"

enum {
  PASS_NUMBER,
  PASS_SERIAL,
  PASS_CLASS,
  PASS_COMPOUND,
  PASS_ESTATE,
  PASS_UNIT,
  PASS_HOUSEHOLD,
  PASS_RESIDENT,
  PASS_PLATE,
  PASS_VISITOR,
  PASS_VALID_FROM,
  PASS_VALID_TO,
  PASS_KEY_ID,
  PASS_PRINTED_AT,
  PASS_VOID_REASON,

  PASS_REPLACED_BY,
  PASS_FIELDS_
};
enum { PASS_KEY_NUMBER, PASS_KEY_PUBLIC, PASS_KEY_MADE_ON, PASS_KEY_RETIRED_ON, PASS_KEY_FIELDS_ };

extern const struct kind pass_kind, pass_key_kind;

/* What a gate answers to a code or a number; the same on the phone and here, in this order. The
 * words of `void` never say why. */
extern const struct choice gate_verdicts[];

/* ---- hooks of the tables ---- */
void pass_check(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps);
int pass_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e);
apply_fn pass_lost, pass_replace, pass_reinstate; /* what its actions do */
applied_fn pass_replaced;

/* ---- keys ---- */
/* The key under which passes are signed now, made where the operation has none yet. */
_must_check_ int pass_key_current(struct tx *tx, struct change *by, uint32_t *ret_key_id,
                                  struct err *e);
/* The next one; the former stays good for checking. *ret_key (may be NULL) gets its record. */
_must_check_ int pass_key_rotate(struct tx *tx, struct change *by, struct record **ret_key,
                                 struct err *e);
struct pass_public_key {
  uint32_t key_id;
  uint8_t key[PASS_PUBLIC_KEY];
};
enum { PASS_KEYS_MAX = 64 };
/* All public keys of an operation, the newest first; for phones and for checking here. */
_must_check_ int pass_keys_public(struct tx *tx, int64_t op,
                                  struct pass_public_key out[PASS_KEYS_MAX], size_t *ret_n,
                                  struct err *e);
/* [{"id":3,"key":"base64url"}] */
void pass_keys_write(struct jw *w, const struct pass_public_key *keys, size_t n);

/* ---- codes ---- */
/* The code of a pass, the same each time. -E_GONE where the operation's key is destroyed. */
_must_check_ int pass_code_of(struct app *app, const struct record *pass,
                              struct pass_code *ret_code, struct err *e);

/* ---- for other areas ---- */
/* Voids every pass that lets the household's people out, with that reason (a value of the field
 * void_reason); reinstating gives back those that were voided with the same reason and no others.
 * Both can be repeated. They run inside `by`'s transaction, in the name of who caused it;
 * *ret_n (may be NULL) gets how many passes changed. */
_must_check_ int passes_void_household(struct tx *tx, struct change *by,
                                       const struct uuid *household, struct str reason,
                                       size_t *ret_n, struct err *e);
_must_check_ int passes_reinstate_household(struct tx *tx, struct change *by,
                                            const struct uuid *household, struct str reason,
                                            size_t *ret_n, struct err *e);
/* An observer of changes: the passes of a resident who moves out, and of a resident, household or
 * compound whose record is retired, are void from then on. */
_must_check_ int passes_follow_holders(struct tx *tx, const struct change *c,
                                       const struct record *old, const struct record *rec,
                                       void *arg, struct err *e);

#endif
