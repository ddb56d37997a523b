#include "domain/enterprises/links.h"
#include <sodium.h>
#include <stdio.h>

enum { BODY = 24, MAC = 16 };

static void put32(uint8_t *p, uint32_t v) {
  for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t get32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void link_make(struct app *app, const struct link *l, char out[LINK_TEXT]) {
  uint8_t raw[BODY + MAC];
  memcpy(raw, l->enterprise.b, 16);
  put32(raw + 16, (uint32_t)l->serial);
  put32(raw + 20, (uint32_t)l->last_day);
  keys_mac(auth_keys(app->auth), KEY_LINK, (struct str){(const char *)raw, BODY}, raw + BODY, MAC);
  sodium_bin2base64(out, LINK_TEXT, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

int link_read(struct app *app, struct str text, struct link *ret_link, struct err *e) {
  uint8_t raw[BODY + MAC], mac[MAC];
  size_t n = 0;
  if (text.n >= LINK_TEXT ||
      sodium_base642bin(raw, sizeof raw, text.p, text.n, NULL, &n, NULL,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      n != sizeof raw)
    return err_set(e, E_NOT_FOUND, "no such link");
  keys_mac(auth_keys(app->auth), KEY_LINK, (struct str){(const char *)raw, BODY}, mac, MAC);
  if (sodium_memcmp(mac, raw + BODY, MAC) != 0) return err_set(e, E_NOT_FOUND, "no such link");
  memcpy(ret_link->enterprise.b, raw, 16);
  ret_link->serial = get32(raw + 16);
  ret_link->last_day = (int32_t)get32(raw + 20);
  return 0;
}
