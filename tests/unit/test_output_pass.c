#include "base/id.h"
#include "harness.h"
#include "output/pass.h"
#include "output/qr.h"
#include <sodium.h>

/* ---- base45 ---- */

/* The examples of RFC 9285, 4.3 and 4.4. */
static const struct {
  const char *plain, *code;
} vectors[] = {{"AB", "BB8"},
               {"Hello!!", "%69 VD92EX0"},
               {"base-45", "UJCLQE7W581"},
               {"ietf!", "QED8WEX0"},
               {"", ""}};

TEST(base45_gives_the_examples_of_its_rfc) {
  for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
    char out[32] = {0};
    uint8_t back[32];
    const size_t n = strlen(vectors[i].plain);
    base45_encode((const uint8_t *)vectors[i].plain, n, out);
    CHECK_STR(out, vectors[i].code);
    CHECK_EQ_I64(base45_size(n), strlen(vectors[i].code));
    CHECK_EQ_I64(base45_decode(str_from(vectors[i].code), back, sizeof back), n);
    CHECK_MEM((char *)back, n, vectors[i].plain, n);
  }
}

TEST(base45_refuses_what_is_none) {
  /* GGW is 65536; ::: more; "1" a rest of one; small letters and NUL are not of the alphabet. */
  static const struct str bad[] = {STR_INIT("GGW"),  STR_INIT(":::"),         STR_INIT("1"),
                                   STR_INIT("BB8A"), STR_INIT("bb8"),         STR_INIT("BB8::"),
                                   STR_INIT("A\0B"), STR_INIT("\xe4\xb8\xad")};
  uint8_t out[32];
  for (size_t i = 0; i < ARRAY_LEN(bad); i++)
    CHECK_EQ_I64((int64_t)base45_decode(bad[i], out, sizeof out), -1);
  CHECK_EQ_I64(base45_decode(S("FGW"), out, sizeof out), 2);
  CHECK_EQ_I64((int64_t)base45_decode(S("FGW"), out, 1), -1);
}

TEST(base45_brings_back_whatever_it_was_given) {
  for (size_t n = 0; n < 300; n++) {
    uint8_t data[300], back[300];
    char text[460];
    randombytes_buf(data, sizeof data);
    base45_encode(data, n, text);
    CHECK_EQ_I64(base45_decode((struct str){text, base45_size(n)}, back, sizeof back), n);
    CHECK(memcmp(data, back, n) == 0);
  }
}

/* ---- the numbers on cards ---- */

TEST(numbers_find_every_wrong_digit) {
  char no[PASS_NUMBER_DIGITS + 1];
  for (uint32_t k = 0; k < 2000; k++) {
    const uint32_t seven = k < 1000 ? k : randombytes_uniform(PASS_NUMBERS);
    pass_number(seven, no);
    CHECK_EQ_I64(strlen(no), PASS_NUMBER_DIGITS);
    CHECK(pass_number_valid(str_from(no)));
    for (size_t i = 0; i < PASS_NUMBER_DIGITS; i++) {
      const char was = no[i];
      for (char d = '0'; d <= '9'; d++) {
        no[i] = d;
        CHECK(pass_number_valid(str_from(no)) == (d == was));
      }
      no[i] = was;
    }
    for (size_t i = 0; i + 1 < PASS_NUMBER_DIGITS; i++) {
      const char x = no[i], y = no[i + 1];
      const bool found = x == y || (x == '0' && y == '9') || (x == '9' && y == '0');
      no[i] = y;
      no[i + 1] = x;
      CHECK(pass_number_valid(str_from(no)) == found);
      no[i] = x;
      no[i + 1] = y;
    }
  }
}

TEST(numbers_are_eight_digits) {
  CHECK(!pass_number_valid(S("")));
  CHECK(!pass_number_valid(S("0000000")));
  CHECK(pass_number_valid(S("00000000")));
  CHECK(!pass_number_valid(S("000000000")));
  CHECK(!pass_number_valid(S("0000000x")));
  /* reckoned by hand */
  CHECK(pass_number_valid(S("79927398")));
  CHECK(pass_number_valid(S("00000018")));
  CHECK(pass_number_valid(S("12345674")));
}

/* ---- codes ---- */

struct key {
  uint8_t pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES];
  uint32_t id;
};

static void key_make(struct key *k, uint32_t id) {
  uint8_t seed[crypto_sign_SEEDBYTES];
  memset(seed, (int)(id & 255), sizeof seed);
  crypto_sign_seed_keypair(k->pk, k->sk, seed);
  k->id = id;
}
static int key_sign(void *arg, uint32_t key_id, struct str m, uint8_t sig[PASS_SIGNATURE],
                    struct err *e) {
  const struct key *k = arg;
  if (key_id != k->id) return err_set(e, E_NOT_FOUND, "no such key");
  crypto_sign_detached(sig, NULL, (const uint8_t *)m.p, m.n, k->sk);
  return 0;
}
static bool key_find(void *arg, uint32_t key_id, uint8_t out[PASS_PUBLIC_KEY]) {
  const struct key *k = arg;
  if (key_id != k->id) return false;
  memcpy(out, k->pk, PASS_PUBLIC_KEY);
  return true;
}

static struct pass_claims some_claims(uint32_t key_id) {
  return (struct pass_claims){.key_id = key_id,
                              .cls = PASS_OF_HOUSEHOLD,
                              .serial = UINT64_C(0x2badcafe01234567),
                              .nbf_s = 1588867200,
                              .exp_s = 1591545600,
                              .estate = 15};
}

static bool same(const struct pass_claims *a, const struct pass_claims *b) {
  return a->key_id == b->key_id && a->cls == b->cls && a->serial == b->serial &&
         a->nbf_s == b->nbf_s && a->exp_s == b->exp_s && a->estate == b->estate;
}

TEST(codes_come_back_as_they_were) {
  static const uint32_t ids[] = {1, 23, 24, 255, 256, 65535};
  for (size_t i = 0; i < 500; i++) {
    struct key k;
    struct pass_code code;
    struct err e = {0};
    key_make(&k, ids[i % ARRAY_LEN(ids)]);
    struct pass_claims c = some_claims(k.id), back = {0};
    if (i >= ARRAY_LEN(ids)) {
      c.cls = 1 + randombytes_uniform(4);
      c.serial = ((uint64_t)randombytes_random() << 32 | randombytes_random()) >> 2;
      c.nbf_s = randombytes_random();
      c.exp_s = c.nbf_s + randombytes_uniform((uint32_t)(UINT32_MAX - c.nbf_s));
      c.estate = randombytes_random() >> randombytes_uniform(32);
    }
    CHECK_EQ_I64(pass_encode(&c, key_sign, &k, &code, &e), 0);
    CHECK(code.n > 170 && code.n < 200);
    CHECK_EQ_I64(pass_open(pass_code_str(&code), key_find, &k, &back), PASS_SOUND);
    CHECK(same(&c, &back));
  }
}

/* Byte for byte what docs/passes.md shows, so that another's verifier can start from there. */
TEST(codes_are_the_bytes_that_are_documented) {
  /* tag 18 over an array of 4: alg EdDSA and kid 256, nothing unprotected, 35 bytes of claims in
   * the order exp, nbf, cti, class 2, estate 15; the signature follows */
  static const char want[] = "d28447a2012704420100a05823a5"
                             "041a5edd0f00051a5eb4308007482badcafe01234567"
                             "3a00010000023a000100010f5840";
  struct key k;
  struct pass_code code;
  struct err e = {0};
  uint8_t bytes[PASS_CBOR_MAX];
  char hex[2 * PASS_CBOR_MAX + 1];
  key_make(&k, 256);
  const struct pass_claims c = some_claims(256);
  CHECK_EQ_I64(pass_encode(&c, key_sign, &k, &code, &e), 0);
  CHECK(str_starts(pass_code_str(&code), S("SW1:")));
  const size_t n = base45_decode(str_sub(pass_code_str(&code), 4, code.n), bytes, sizeof bytes);
  CHECK(n != (size_t)-1 && n > PASS_SIGNATURE);
  hex_encode(bytes, n - PASS_SIGNATURE, hex);
  CHECK_STR(hex, want);
}

TEST(codes_make_a_small_qr) {
  struct key k;
  struct pass_code code;
  struct qr qr;
  struct err e = {0};
  key_make(&k, 1);
  const struct pass_claims c = some_claims(1);
  CHECK_EQ_I64(pass_encode(&c, key_sign, &k, &code, &e), 0);
  CHECK_EQ_I64(qr_encode(pass_code_str(&code), QR_MEDIUM, &qr, &e), 0);
  CHECK(qr.n <= 49); /* version 8: letters were packed as such */
}

TEST(codes_with_any_bit_changed_are_refused) {
  struct key k;
  struct pass_code code;
  struct pass_claims back;
  struct err e = {0};
  uint8_t bytes[PASS_CBOR_MAX];
  key_make(&k, 1);
  const struct pass_claims c = some_claims(1);
  CHECK_EQ_I64(pass_encode(&c, key_sign, &k, &code, &e), 0);
  const size_t n = base45_decode(str_sub(pass_code_str(&code), 4, code.n), bytes, sizeof bytes);
  size_t forged = 0;
  for (size_t bit = 0; bit < n * 8; bit++) {
    struct pass_code bad = code;
    bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    base45_encode(bytes, n, bad.text + 4);
    bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    const enum pass_fault f = pass_open(pass_code_str(&bad), key_find, &k, &back);
    CHECK(f == PASS_MALFORMED || f == PASS_FORGED || f == PASS_UNKNOWN_KEY);
    forged += f == PASS_FORGED;
    if (bit / 8 >= n - PASS_SIGNATURE) CHECK_EQ_I64(f, PASS_FORGED);
  }
  CHECK(forged >= PASS_SIGNATURE * 8 + 62);
}

TEST(codes_cut_short_or_grown_are_malformed) {
  struct key k;
  struct pass_code code;
  struct pass_claims back;
  struct err e = {0};
  key_make(&k, 1);
  const struct pass_claims c = some_claims(1);
  CHECK_EQ_I64(pass_encode(&c, key_sign, &k, &code, &e), 0);
  for (size_t n = 0; n < code.n; n++)
    CHECK_EQ_I64(pass_open((struct str){code.text, n}, key_find, &k, &back), PASS_MALFORMED);
  char longer[600];
  memset(longer, '0', sizeof longer);
  memcpy(longer, code.text, code.n);
  for (size_t n = code.n + 1; n <= PASS_CODE_MAX; n++)
    CHECK_EQ_I64(pass_open((struct str){longer, n}, key_find, &k, &back), PASS_MALFORMED);
  CHECK_EQ_I64(pass_open((struct str){longer, PASS_CODE_MAX + 1}, key_find, &k, &back),
               PASS_OVERSIZED);
  CHECK_EQ_I64(pass_open(S("https://example.org/"), key_find, &k, &back), PASS_MALFORMED);
  CHECK_EQ_I64(pass_open(S("SW2:00"), key_find, &k, &back), PASS_MALFORMED);
}

TEST(codes_of_other_keys_are_told_apart) {
  struct key k, other;
  struct pass_code code;
  struct pass_claims back = {0};
  struct err e = {0};
  key_make(&k, 1);
  key_make(&other, 2);
  const struct pass_claims c = some_claims(1);
  CHECK_EQ_I64(pass_encode(&c, key_sign, &k, &code, &e), 0);
  CHECK_EQ_I64(pass_open(pass_code_str(&code), key_find, &other, &back), PASS_UNKNOWN_KEY);
  CHECK_EQ_I64(back.serial, c.serial);
  other.id = 1; /* the right number, another key */
  CHECK_EQ_I64(pass_open(pass_code_str(&code), key_find, &other, &back), PASS_FORGED);
}

/* The same claims written at greater length, and signed: only one writing is taken. */
TEST(codes_have_one_writing_only) {
  struct key k;
  struct pass_code code;
  struct pass_claims back;
  struct err e = {0};
  uint8_t bytes[PASS_CBOR_MAX];
  key_make(&k, 1);
  const struct pass_claims c = some_claims(1);
  CHECK_EQ_I64(pass_encode(&c, key_sign, &k, &code, &e), 0);
  size_t n = base45_decode(str_sub(pass_code_str(&code), 4, code.n), bytes, sizeof bytes);
  /* the empty map of unprotected members as one of indefinite length: bf ff for a0 */
  uint8_t *at = memchr(bytes, 0xa0, n);
  CHECK(at != NULL);
  const size_t before = (size_t)(at - bytes);
  memmove(at + 2, at + 1, n - before - 1);
  at[0] = 0xbf;
  at[1] = 0xff;
  base45_encode(bytes, n + 1, code.text + 4);
  code.n = 4 + base45_size(n + 1);
  CHECK_EQ_I64(pass_open(pass_code_str(&code), key_find, &k, &back), PASS_MALFORMED);
  /* the same as a map of length 0 in two bytes: b8 00 */
  at[0] = 0xb8;
  at[1] = 0x00;
  base45_encode(bytes, n + 1, code.text + 4);
  CHECK_EQ_I64(pass_open(pass_code_str(&code), key_find, &k, &back), PASS_MALFORMED);
}

TEST(claims_out_of_their_ranges_are_not_signed) {
  struct key k;
  struct pass_code code;
  struct err e = {0};
  key_make(&k, 1);
  struct pass_claims c = some_claims(1);
  c.serial |= UINT64_C(1) << 62;
  CHECK_EQ_I64(pass_encode(&c, key_sign, &k, &code, &e), -E_INVALID);
  c = some_claims(1);
  c.exp_s = c.nbf_s - 1;
  CHECK_EQ_I64(pass_encode(&c, key_sign, &k, &code, &e), -E_INVALID);
  c = some_claims(1);
  c.cls = (enum pass_class)5;
  CHECK_EQ_I64(pass_encode(&c, key_sign, &k, &code, &e), -E_INVALID);
  c = some_claims(0);
  CHECK_EQ_I64(pass_encode(&c, key_sign, &k, &code, &e), -E_INVALID);
  c = some_claims(2); /* whoever signs may refuse */
  CHECK_EQ_I64(pass_encode(&c, key_sign, &k, &code, &e), -E_NOT_FOUND);
}
