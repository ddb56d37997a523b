#include "domain/gate/gate_code.h"
#include <sodium.h>
#include <stdio.h>

enum { MAC_BYTES = 4, CODE_BYTES = 16 + MAC_BYTES };

/* Without I, L, O and U: what is typed off paper is not mistaken. */
static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void mac_of(struct app *app, const struct uuid *post, uint8_t out[MAC_BYTES]) {
  uint8_t whole[16];
  keys_mac(auth_keys(app->auth), KEY_GATE, (struct str){(const char *)post->b, 16}, whole,
           sizeof whole);
  memcpy(out, whole, MAC_BYTES);
}

void gate_code_write(struct app *app, const struct uuid *post, char out[GATE_CODE_TEXT]) {
  uint8_t bytes[CODE_BYTES];
  memcpy(bytes, post->b, 16);
  mac_of(app, post, bytes + 16);
  for (size_t i = 0; i < GATE_CODE_TEXT - 1; i++) {
    const size_t bit = i * 5;
    const unsigned two =
        bytes[bit / 8] * 256u + (bit / 8 + 1 < CODE_BYTES ? bytes[bit / 8 + 1] : 0);
    out[i] = digits[two >> (11 - bit % 8) & 31];
  }
  out[GATE_CODE_TEXT - 1] = 0;
}

static int digit_of(char c) {
  if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
  if (c == 'I' || c == 'L') c = '1';
  if (c == 'O') c = '0';
  const char *at = c ? strchr(digits, c) : NULL;
  return at ? (int)(at - digits) : -1;
}

bool gate_code_read(struct app *app, struct str code, struct uuid *ret_post) {
  uint8_t bytes[CODE_BYTES] = {0}, mac[MAC_BYTES];
  struct uuid post;
  if (code.n != GATE_CODE_TEXT - 1) return false;
  for (size_t i = 0; i < code.n; i++) {
    const int d = digit_of(code.p[i]);
    if (d < 0) return false;
    for (size_t k = 0; k < 5; k++)
      if (d >> (4 - k) & 1) bytes[(i * 5 + k) / 8] |= (uint8_t)(0x80u >> (i * 5 + k) % 8);
  }
  memcpy(post.b, bytes, 16);
  mac_of(app, &post, mac);
  if (sodium_memcmp(mac, bytes + 16, MAC_BYTES) != 0) return false;
  *ret_post = post;
  return true;
}

int gate_code_sign_of_day(struct app *app, const struct uuid *post, int32_t day) {
  char id[UUID_TEXT], text[UUID_TEXT + 24];
  uint8_t out[16];
  uuid_format(post, id);
  snprintf(text, sizeof text, "%s day %d", id, day);
  keys_mac(auth_keys(app->auth), KEY_GATE, str_from(text), out, sizeof out);
  return (out[0] * 256 + out[1]) % 100;
}
