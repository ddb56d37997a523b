#include "output/pass.h"
#include <cbor.h>
#include <sodium.h>

/* ---- base45 ---- */

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

size_t base45_size(size_t n) {
  return n / 2 * 3 + n % 2 * 2;
}

void base45_encode(const uint8_t *data, size_t n, char *out) {
  for (size_t i = 0; i < n; i += 2) {
    const bool pair = i + 1 < n;
    unsigned v = pair ? data[i] * 256u + data[i + 1] : data[i];
    for (int digits = pair ? 3 : 2; digits > 0; digits--, v /= 45) *out++ = alphabet[v % 45];
  }
}

static int digit45(char c) {
  const char *at = c ? strchr(alphabet, c) : NULL;
  return at ? (int)(at - alphabet) : -1;
}

size_t base45_decode(struct str text, uint8_t *out, size_t max) {
  size_t n = 0;
  if (text.n % 3 == 1) return (size_t)-1;
  for (size_t i = 0; i < text.n; i += 3) {
    const size_t digits = text.n - i < 3 ? 2 : 3;
    unsigned v = 0, weight = 1;
    for (size_t k = 0; k < digits; k++, weight *= 45) {
      const int d = digit45(text.p[i + k]);
      if (d < 0) return (size_t)-1;
      v += (unsigned)d * weight;
    }
    const size_t bytes = digits - 1;
    if (v >> (8 * bytes) || n + bytes > max) return (size_t)-1;
    if (bytes == 2) out[n++] = (uint8_t)(v >> 8);
    out[n++] = (uint8_t)v;
  }
  return n;
}

/* ---- the numbers on cards ---- */

static unsigned luhn(const char *seven) {
  unsigned sum = 0;
  for (size_t i = 0; i < PASS_NUMBER_DIGITS - 1; i++) {
    unsigned d = (unsigned)(seven[i] - '0');
    if (i % 2 == 0 && (d *= 2) > 9) d -= 9;
    sum += d;
  }
  return (10 - sum % 10) % 10;
}

void pass_number(uint32_t seven, char out[PASS_NUMBER_DIGITS + 1]) {
  for (size_t i = PASS_NUMBER_DIGITS - 1; i-- > 0; seven /= 10) out[i] = (char)('0' + seven % 10);
  out[PASS_NUMBER_DIGITS - 1] = (char)('0' + luhn(out));
  out[PASS_NUMBER_DIGITS] = 0;
}

bool pass_number_valid(struct str number) {
  if (number.n != PASS_NUMBER_DIGITS) return false;
  for (size_t i = 0; i < number.n; i++)
    if (number.p[i] < '0' || number.p[i] > '9') return false;
  return number.p[PASS_NUMBER_DIGITS - 1] == (char)('0' + luhn(number.p));
}

/* ---- CBOR out ---- */

enum {
  CLAIM_EXP = 4,
  CLAIM_NBF = 5,
  CLAIM_CTI = 7,
  CLAIM_CLASS = -65537,
  CLAIM_ESTATE = -65538,
  HEADER_ALG = 1,
  HEADER_KID = 4,
  ALG_EDDSA = -8,
  COSE_SIGN1 = 18,
  SERIAL_BYTES = 8,
};

/* The whole and the message that is signed both fit well: see the sums of pass_encode. */
struct out {
  uint8_t p[PASS_CBOR_MAX];
  size_t n;
};

static void put_int(struct out *o, int64_t v) {
  o->n += v < 0 ? cbor_encode_negint((uint64_t)(-1 - v), o->p + o->n, sizeof o->p - o->n)
                : cbor_encode_uint((uint64_t)v, o->p + o->n, sizeof o->p - o->n);
}

static void put_bytes(struct out *o, const uint8_t *data, size_t n) {
  o->n += cbor_encode_bytestring_start(n, o->p + o->n, sizeof o->p - o->n);
  if (n == 0 || n > sizeof o->p - o->n) return;
  memcpy(o->p + o->n, data, n);
  o->n += n;
}

static void put_array(struct out *o, size_t n) {
  o->n += cbor_encode_array_start(n, o->p + o->n, sizeof o->p - o->n);
}

static void put_map(struct out *o, size_t n) {
  o->n += cbor_encode_map_start(n, o->p + o->n, sizeof o->p - o->n);
}

static void put_protected(struct out *o, uint32_t key_id) {
  const uint8_t kid[2] = {(uint8_t)(key_id >> 8), (uint8_t)key_id};
  const size_t n = key_id > 255 ? 2 : 1;
  put_map(o, 2);
  put_int(o, HEADER_ALG);
  put_int(o, ALG_EDDSA);
  put_int(o, HEADER_KID);
  put_bytes(o, kid + 2 - n, n);
}

static void put_payload(struct out *o, const struct pass_claims *c) {
  uint8_t serial[SERIAL_BYTES];
  for (size_t i = 0; i < SERIAL_BYTES; i++) serial[i] = (uint8_t)(c->serial >> (56 - 8 * i));
  put_map(o, 5);
  put_int(o, CLAIM_EXP);
  put_int(o, c->exp_s);
  put_int(o, CLAIM_NBF);
  put_int(o, c->nbf_s);
  put_int(o, CLAIM_CTI);
  put_bytes(o, serial, sizeof serial);
  put_int(o, CLAIM_CLASS);
  put_int(o, c->cls);
  put_int(o, CLAIM_ESTATE);
  put_int(o, c->estate);
}

static void put_signed_message(struct out *o, const struct out *head, const struct out *payload) {
  static const char context[] = "Signature1";
  put_array(o, 4);
  o->n += cbor_encode_string_start(sizeof context - 1, o->p + o->n, sizeof o->p - o->n);
  memcpy(o->p + o->n, context, sizeof context - 1);
  o->n += sizeof context - 1;
  put_bytes(o, head->p, head->n);
  put_bytes(o, NULL, 0);
  put_bytes(o, payload->p, payload->n);
}

static void put_token(struct out *o, const struct out *head, const struct out *payload,
                      const uint8_t signature[PASS_SIGNATURE]) {
  o->n += cbor_encode_tag(COSE_SIGN1, o->p + o->n, sizeof o->p - o->n);
  put_array(o, 4);
  put_bytes(o, head->p, head->n);
  put_map(o, 0);
  put_bytes(o, payload->p, payload->n);
  put_bytes(o, signature, PASS_SIGNATURE);
}

static bool in_range(const struct pass_claims *c) {
  return c->key_id >= 1 && c->key_id <= PASS_KEY_ID_MAX && c->cls >= PASS_OF_PERSON &&
         c->cls <= PASS_OF_VISITOR && c->serial >> 62 == 0 && c->nbf_s >= 0 &&
         c->exp_s >= c->nbf_s && c->exp_s <= UINT32_MAX;
}

int pass_encode(const struct pass_claims *c, pass_sign_fn sign, void *arg,
                struct pass_code *ret_code, struct err *e) {
  struct out head = {.n = 0}, payload = {.n = 0}, message = {.n = 0}, token = {.n = 0};
  uint8_t signature[PASS_SIGNATURE];
  if (!in_range(c)) return err_set(e, E_INVALID, "a pass's claims are out of their ranges");
  put_protected(&head, c->key_id);
  put_payload(&payload, c);
  put_signed_message(&message, &head, &payload);
  int r = sign(arg, c->key_id, (struct str){(const char *)message.p, message.n}, signature, e);
  if (r < 0) return r;
  put_token(&token, &head, &payload, signature);
  const size_t prefix = sizeof PASS_PREFIX - 1;
  if (prefix + base45_size(token.n) > PASS_CODE_MAX) return err_set(e, E_BUG, "pass_code");
  memcpy(ret_code->text, PASS_PREFIX, prefix);
  base45_encode(token.p, token.n, ret_code->text + prefix);
  ret_code->n = prefix + base45_size(token.n);
  ret_code->text[ret_code->n] = 0;
  return 0;
}

/* ---- CBOR in: one item at a time, nothing allocated ---- */

enum item_type { ITEM_NONE, ITEM_INT, ITEM_BYTES, ITEM_ARRAY, ITEM_MAP };
struct item {
  enum item_type t;
  int64_t i; /* the integer, or the number of members */
  struct str bytes;
};

static void got(void *arg, enum item_type t, uint64_t v) {
  *(struct item *)arg = (struct item){v > INT64_MAX ? ITEM_NONE : t, (int64_t)v, {0}};
}
static void got_u8(void *arg, uint8_t v) {
  got(arg, ITEM_INT, v);
}
static void got_u16(void *arg, uint16_t v) {
  got(arg, ITEM_INT, v);
}
static void got_u32(void *arg, uint32_t v) {
  got(arg, ITEM_INT, v);
}
static void got_u64(void *arg, uint64_t v) {
  got(arg, ITEM_INT, v);
}
static void got_negative(void *arg, uint64_t v) {
  got(arg, ITEM_INT, v);
  ((struct item *)arg)->i = -1 - ((struct item *)arg)->i;
}
static void got_n8(void *arg, uint8_t v) {
  got_negative(arg, v);
}
static void got_n16(void *arg, uint16_t v) {
  got_negative(arg, v);
}
static void got_n32(void *arg, uint32_t v) {
  got_negative(arg, v);
}
static void got_bytes(void *arg, cbor_data data, size_t n) {
  *(struct item *)arg = (struct item){ITEM_BYTES, 0, {(const char *)data, n}};
}
static void got_array(void *arg, size_t n) {
  got(arg, ITEM_ARRAY, n);
}
static void got_map(void *arg, size_t n) {
  got(arg, ITEM_MAP, n);
}

/* What a pass has no use for leaves the item as it was: of no type. */
static struct cbor_callbacks callbacks(void) {
  struct cbor_callbacks c = cbor_empty_callbacks;
  c.uint8 = got_u8;
  c.uint16 = got_u16;
  c.uint32 = got_u32;
  c.uint64 = got_u64;
  c.negint8 = got_n8;
  c.negint16 = got_n16;
  c.negint32 = got_n32;
  c.negint64 = got_negative;
  c.byte_string = got_bytes;
  c.array_start = got_array;
  c.map_start = got_map;
  return c;
}

/* Takes the next item, which must be of that type. */
static bool take(struct str *in, enum item_type t, struct item *ret_item) {
  const struct cbor_callbacks c = callbacks();
  *ret_item = (struct item){.t = ITEM_NONE};
  const struct cbor_decoder_result r =
      cbor_stream_decode((cbor_data)(const void *)in->p, in->n, &c, ret_item);
  if (r.status != CBOR_DECODER_FINISHED || r.read > in->n || ret_item->t != t) return false;
  *in = str_sub(*in, r.read, in->n);
  return true;
}

static bool take_exactly(struct str *in, enum item_type t, int64_t v) {
  struct item it;
  return take(in, t, &it) && it.i == v;
}

static bool take_claim(struct str *in, int64_t key, int64_t lo, int64_t hi, int64_t *ret_v) {
  struct item it;
  if (!take_exactly(in, ITEM_INT, key) || !take(in, ITEM_INT, &it) || it.i < lo || it.i > hi)
    return false;
  *ret_v = it.i;
  return true;
}

static bool take_payload(struct str in, struct pass_claims *c) {
  struct item serial;
  int64_t cls, estate;
  if (!take_exactly(&in, ITEM_MAP, 5) || !take_claim(&in, CLAIM_EXP, 0, UINT32_MAX, &c->exp_s) ||
      !take_claim(&in, CLAIM_NBF, 0, UINT32_MAX, &c->nbf_s) ||
      !take_exactly(&in, ITEM_INT, CLAIM_CTI) || !take(&in, ITEM_BYTES, &serial) ||
      serial.bytes.n != SERIAL_BYTES ||
      !take_claim(&in, CLAIM_CLASS, PASS_OF_PERSON, PASS_OF_VISITOR, &cls) ||
      !take_claim(&in, CLAIM_ESTATE, 0, UINT32_MAX, &estate))
    return false;
  c->serial = 0;
  for (size_t i = 0; i < SERIAL_BYTES; i++) c->serial = c->serial << 8 | (uint8_t)serial.bytes.p[i];
  c->cls = (enum pass_class)cls;
  c->estate = (uint32_t)estate;
  return in.n == 0;
}

static bool take_header(struct str in, uint32_t *ret_key_id) {
  struct item kid;
  if (!take_exactly(&in, ITEM_MAP, 2) || !take_exactly(&in, ITEM_INT, HEADER_ALG) ||
      !take_exactly(&in, ITEM_INT, ALG_EDDSA) || !take_exactly(&in, ITEM_INT, HEADER_KID) ||
      !take(&in, ITEM_BYTES, &kid) || kid.bytes.n < 1 || kid.bytes.n > 2)
    return false;
  *ret_key_id = 0;
  for (size_t i = 0; i < kid.bytes.n; i++) *ret_key_id = *ret_key_id << 8 | (uint8_t)kid.bytes.p[i];
  return in.n == 0;
}

static bool take_token(struct str in, struct pass_claims *c, uint8_t signature[PASS_SIGNATURE]) {
  struct item head, payload, sig;
  /* By hand: libcbor 0.8 reads only the tags that were assigned when it was young. */
  if (in.n == 0 || (uint8_t)in.p[0] != (0xc0 | COSE_SIGN1)) return false;
  in = str_sub(in, 1, in.n);
  if (!take_exactly(&in, ITEM_ARRAY, 4) || !take(&in, ITEM_BYTES, &head) ||
      !take_exactly(&in, ITEM_MAP, 0) || !take(&in, ITEM_BYTES, &payload) ||
      !take(&in, ITEM_BYTES, &sig) || in.n || sig.bytes.n != PASS_SIGNATURE)
    return false;
  memcpy(signature, sig.bytes.p, PASS_SIGNATURE);
  return take_header(head.bytes, &c->key_id) && take_payload(payload.bytes, c) && in_range(c);
}

enum pass_fault pass_open(struct str code, pass_key_fn key, void *arg,
                          struct pass_claims *ret_claims) {
  uint8_t bytes[PASS_CBOR_MAX], signature[PASS_SIGNATURE], public_key[PASS_PUBLIC_KEY];
  struct out head = {.n = 0}, payload = {.n = 0}, message = {.n = 0}, again = {.n = 0};
  struct pass_claims c = {0};
  const size_t prefix = sizeof PASS_PREFIX - 1;
  if (code.n > PASS_CODE_MAX) return PASS_OVERSIZED;
  if (!str_starts(code, S(PASS_PREFIX))) return PASS_MALFORMED;
  const size_t n = base45_decode(str_sub(code, prefix, code.n), bytes, sizeof bytes);
  if (n == (size_t)-1 || !take_token((struct str){(const char *)bytes, n}, &c, signature))
    return PASS_MALFORMED;
  put_protected(&head, c.key_id);
  put_payload(&payload, &c);
  put_token(&again, &head, &payload, signature);
  if (again.n != n || memcmp(again.p, bytes, n) != 0) return PASS_MALFORMED;
  *ret_claims = c;
  if (!key(arg, c.key_id, public_key)) return PASS_UNKNOWN_KEY;
  put_signed_message(&message, &head, &payload);
  return crypto_sign_verify_detached(signature, message.p, message.n, public_key) == 0
             ? PASS_SOUND
             : PASS_FORGED;
}
