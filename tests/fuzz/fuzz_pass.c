#include "fuzz.h"

#include "output/pass.h"

#include <sodium.h>
#include <stdlib.h>

static uint8_t pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES];

static int sign(void *arg, uint32_t key_id, struct str m, uint8_t sig[PASS_SIGNATURE],
                struct err *e) {
  (void)arg, (void)key_id, (void)e;
  crypto_sign_detached(sig, NULL, (const uint8_t *)m.p, m.n, sk);
  return 0;
}
static bool key(void *arg, uint32_t key_id, uint8_t out[PASS_PUBLIC_KEY]) {
  (void)arg, (void)key_id;
  memcpy(out, pk, sizeof pk);
  return true;
}

/* What is taken as sound is, character for character, what signing its claims gives; what decodes
 * as base45 is written again as it was. The same bytes are tried as a code, and as what a code
 * holds, so that the fuzzer need not find base45 first. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  static const uint8_t seed[crypto_sign_SEEDBYTES] = {7};
  struct pass_claims c = {0};
  struct pass_code again;
  struct err e = {0};
  char text[PASS_CODE_MAX + 8];
  uint8_t bytes[PASS_CBOR_MAX];
  crypto_sign_seed_keypair(pk, sk, seed);
  struct str code = {(const char *)data, n};
  const size_t plain = base45_decode(code, bytes, sizeof bytes);
  if (plain != (size_t)-1) {
    if (base45_size(plain) != n) abort();
    base45_encode(bytes, plain, text);
    if (memcmp(text, data, n) != 0) abort();
  }
  for (int turn = 0; turn < 2; turn++) {
    const enum pass_fault f = pass_open(code, key, NULL, &c);
    if (f == PASS_UNKNOWN_KEY || (code.n > PASS_CODE_MAX) != (f == PASS_OVERSIZED)) abort();
    if (f == PASS_SOUND || f == PASS_FORGED) {
      if (pass_encode(&c, sign, NULL, &again, &e) != 0) abort();
      if (f == PASS_SOUND && !str_eq(pass_code_str(&again), code)) abort();
      if (f == PASS_FORGED && str_eq(pass_code_str(&again), code)) abort();
      if (again.n != code.n) abort();
    }
    if (n > PASS_CBOR_MAX) break;
    memcpy(text, PASS_PREFIX, 4);
    base45_encode(data, n, text + 4);
    code = (struct str){text, 4 + base45_size(n)};
  }
  (void)pass_number_valid(code);
  return 0;
}
