/* The code of a pass: "SW1:" and, in base45, a signed CBOR web token (COSE_Sign1 of RFC 9052 over
 * the claims of RFC 8392, EdDSA). It says a random number, a class, an estate and a validity, and
 * nothing that would tell who it is. docs/passes.md has the format for whoever writes a verifier.
 *
 * There is exactly one way of writing a given pass: what decodes to the same claims by other bytes
 * is refused as malformed. Nothing is allocated; the caller's structs hold all of it. Safe from any
 * thread. */
#ifndef OUTPUT_PASS_H
#define OUTPUT_PASS_H

#include "base/err.h"

#define PASS_PREFIX "SW1:"
enum {
  PASS_CODE_MAX = 400, /* characters of a code; a real one has about 175 */
  PASS_CBOR_MAX = 264, /* what that many can hold */
  PASS_SIGNATURE = 64,
  PASS_PUBLIC_KEY = 32,
  PASS_KEY_ID_MAX = 65535,
};

enum pass_class { PASS_OF_PERSON = 1, PASS_OF_HOUSEHOLD, PASS_OF_VEHICLE, PASS_OF_VISITOR };

struct pass_claims {
  uint32_t key_id; /* 1..PASS_KEY_ID_MAX */
  enum pass_class cls;
  uint64_t serial;      /* random, 62 bits */
  int64_t nbf_s, exp_s; /* valid from, and until before; seconds since 1970 */
  uint32_t estate;
};

struct pass_code {
  char text[PASS_CODE_MAX + 1]; /* ends in NUL */
  size_t n;
};
static inline struct str pass_code_str(const struct pass_code *c) {
  return (struct str){c->text, c->n};
}

/* Signs `message` under the key that the claims name. */
typedef int (*pass_sign_fn)(void *arg, uint32_t key_id, struct str message,
                            uint8_t signature[PASS_SIGNATURE], struct err *e);
/* Errors: -E_INVALID (claims out of their ranges), and what `sign` answers. */
_must_check_ int pass_encode(const struct pass_claims *claims, pass_sign_fn sign, void *arg,
                             struct pass_code *ret_code, struct err *e);

enum pass_fault { PASS_SOUND, PASS_OVERSIZED, PASS_MALFORMED, PASS_UNKNOWN_KEY, PASS_FORGED };
/* The public key of that number; false where there is none. */
typedef bool (*pass_key_fn)(void *arg, uint32_t key_id, uint8_t key[PASS_PUBLIC_KEY]);
/* Reads a code and checks its signature; dates are the caller's to look at. With PASS_UNKNOWN_KEY
 * and PASS_FORGED the claims are there too, unproven: good for a log, never for a decision. */
_must_check_ enum pass_fault pass_open(struct str code, pass_key_fn key, void *arg,
                                       struct pass_claims *ret_claims);

/* Base45 (RFC 9285). Encoding n bytes takes base45_size(n) characters. Decoding gives the bytes'
 * number, or (size_t)-1 where the text is none or does not fit. */
size_t base45_size(size_t n);
void base45_encode(const uint8_t *data, size_t n, char *out);
size_t base45_decode(struct str text, uint8_t *out, size_t max);

/* The short number on a card: seven digits and a check digit (ISO/IEC 7812, "Luhn"), which finds
 * every single wrong digit and nearly all swapped neighbours. */
enum { PASS_NUMBER_DIGITS = 8, PASS_NUMBERS = 10000000 };
void pass_number(uint32_t seven, char out[PASS_NUMBER_DIGITS + 1]);
bool pass_number_valid(struct str number);

#endif
