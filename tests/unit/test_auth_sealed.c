#include "auth/sealed.h"
#include "base/limits.h"
#include "harness.h"
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW INT64_C(1588930200000)

struct place {
  char dir[256], file[300];
};
static bool place_make(struct place *p) {
  snprintf(p->dir, sizeof p->dir, "%s/sw-box.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
  if (!mkdtemp(p->dir)) return false;
  snprintf(p->file, sizeof p->file, "%s/keys", p->dir);
  return true;
}
static void place_done(struct place *p) {
  char command[300];
  snprintf(command, sizeof command, "rm -rf '%s'", p->dir);
  if (p->dir[0] && system(command) != 0) printf("# %s was not removed\n", p->dir);
}

#define WITH_KEYS(p, k, a, e)                                                                      \
  _cleanup_(place_done) struct place p = {0};                                                      \
  _cleanup_(keys_closep) struct keys *k = NULL;                                                    \
  _cleanup_(arena_freep) struct arena *a = arena_create(MIB(16));                                  \
  struct err e = {0};                                                                              \
  CHECK(a &&place_make(&p));                                                                       \
  CHECK_EQ_I64(keys_open(p.file, true, NOW, &k, &e), 0)

/* As a phone does it. */
static struct str seal(struct arena *a, const uint8_t open[KEY_BYTES], struct str plain) {
  const size_t n = plain.n + BOX_OVERHEAD;
  uint8_t *box = arena_alloc(a, n);
  char *text = arena_alloc(a, n * 2 + 8);
  (void)crypto_box_seal(box, (const uint8_t *)plain.p, plain.n, open);
  sodium_bin2base64(text, n * 2 + 8, box, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return str_from(text);
}

TEST(what_is_sealed_to_the_server_opens) {
  WITH_KEYS(p, k, a, e);
  uint8_t open[KEY_BYTES];
  uint32_t id = 0;
  struct str plain;
  CHECK_EQ_I64(keys_box_current(k, NOW, &id, open, &e), 0);
  CHECK_EQ_I64(id, 1);
  struct str text = seal(a, open, S("{\"path\":\"gate-events\"}"));
  CHECK_EQ_I64(sealed_open(k, a, text, id, &plain, &e), 0);
  CHECK(str_is(plain, "{\"path\":\"gate-events\"}"));
  /* the number is a hint only */
  CHECK_EQ_I64(sealed_open(k, a, text, 0, &plain, &e), 0);
  CHECK_EQ_I64(sealed_open(k, a, text, 77, &plain, &e), 0);
  CHECK_EQ_I64(sealed_open(k, a, seal(a, open, S("")), id, &plain, &e), 0);
  CHECK_EQ_I64(plain.n, 0);
}

TEST(a_flipped_bit_opens_nothing) {
  WITH_KEYS(p, k, a, e);
  uint8_t open[KEY_BYTES];
  uint32_t id;
  struct str plain = S("untouched");
  CHECK_EQ_I64(keys_box_current(k, NOW, &id, open, &e), 0);
  struct str text = seal(a, open, S("{\"path\":\"x\"}"));
  char *at = (char *)(uintptr_t)text.p;
  for (size_t i = 0; i + 1 < text.n; i++) {
    const char was = at[i];
    at[i] = was == 'A' ? 'B' : 'A';
    CHECK_EQ_I64(sealed_open(k, a, text, id, &plain, &e), -E_UNREADABLE);
    at[i] = was;
    CHECK_EQ_I64(sealed_open(k, a, str_sub(text, 0, i), id, &plain, &e), -E_UNREADABLE);
  }
  CHECK(str_is(plain, "untouched"));
  CHECK_EQ_I64(sealed_open(k, a, S("no base64 at all!"), id, &plain, &e), -E_UNREADABLE);
  CHECK_EQ_I64(sealed_open(k, a, (struct str){NULL, 0}, id, &plain, &e), -E_UNREADABLE);
}

TEST(a_rotated_key_still_opens_until_it_is_the_oldest_of_too_many) {
  WITH_KEYS(p, k, a, e);
  uint8_t first[KEY_BYTES], next[KEY_BYTES];
  uint32_t id, again;
  struct str plain;
  CHECK_EQ_I64(keys_box_current(k, NOW, &id, first, &e), 0);
  struct str old = seal(a, first, S("{}"));
  for (uint32_t n = 2; n <= BOX_KEYS_MAX; n++) {
    CHECK_EQ_I64(keys_box_rotate(k, NOW + n, &again, &e), 0);
    CHECK_EQ_I64(again, n);
    CHECK_EQ_I64(sealed_open(k, a, old, id, &plain, &e), 0);
  }
  CHECK_EQ_I64(keys_box_current(k, NOW, &again, next, &e), 0);
  CHECK_EQ_I64(again, BOX_KEYS_MAX);
  CHECK(memcmp(first, next, KEY_BYTES) != 0);
  /* and after the file has been read anew */
  k = keys_close(k);
  CHECK_EQ_I64(keys_open(p.file, false, NOW, &k, &e), 0);
  CHECK_EQ_I64(sealed_open(k, a, old, id, &plain, &e), 0);
  CHECK_EQ_I64(sealed_open(k, a, seal(a, next, S("{}")), 0, &plain, &e), 0);
  CHECK_EQ_I64(keys_box_rotate(k, NOW + 99, &again, &e), 0);
  CHECK_EQ_I64(sealed_open(k, a, old, id, &plain, &e), -E_UNREADABLE);
}

TEST(another_servers_box_stays_shut) {
  WITH_KEYS(p, k, a, e);
  uint8_t open[KEY_BYTES], secret[KEY_BYTES];
  struct str plain;
  CHECK_EQ_I64(crypto_box_keypair(open, secret), 0);
  CHECK_EQ_I64(sealed_open(k, a, seal(a, open, S("{}")), 0, &plain, &e), -E_UNREADABLE);
}

TEST(a_sealed_item_has_its_bounds) {
  WITH_KEYS(p, k, a, e);
  uint8_t open[KEY_BYTES];
  uint32_t id;
  struct str plain;
  CHECK_EQ_I64(keys_box_current(k, NOW, &id, open, &e), 0);
  char *big = arena_alloc(a, SEALED_PLAIN_MAX + 2);
  memset(big, 'x', SEALED_PLAIN_MAX + 1);
  CHECK_EQ_I64(
      sealed_open(k, a, seal(a, open, (struct str){big, SEALED_PLAIN_MAX}), id, &plain, &e), 0);
  CHECK_EQ_I64(plain.n, SEALED_PLAIN_MAX);
  char *text = arena_alloc(a, SEALED_TEXT_MAX + 2);
  memset(text, 'A', SEALED_TEXT_MAX + 1);
  CHECK_EQ_I64(sealed_open(k, a, (struct str){text, SEALED_TEXT_MAX + 1}, id, &plain, &e),
               -E_TOO_LARGE);
}

static int parse(struct arena *a, const char *text, struct sealed_item *it) {
  struct err e = {0};
  return sealed_parse(a, str_from(text), it, &e);
}

TEST(what_is_inside_a_sealed_item) {
  _cleanup_(arena_freep) struct arena *a = arena_create(MIB(1));
  struct sealed_item it;
  CHECK_EQ_I64(parse(a, "{\"path\":\"gate-events\",\"at\":5,\"author\":\"x\"}", &it), 0);
  CHECK(str_is(it.method, "POST") && str_is(it.path, "gate-events") && str_is(it.author, "x"));
  CHECK_EQ_I64(it.at_ms, 5);
  CHECK(json_is_object(it.body));
  CHECK_EQ_I64(parse(a, "{\"path\":\"x\",\"at\":\"2020-05-08T17:30:00+08:00\"}", &it), 0);
  CHECK_EQ_I64(it.at_ms, NOW);
  CHECK_EQ_I64(it.author.n, 0);
  static const char *const wrong[] = {"",
                                      "5",
                                      "[]",
                                      "{",
                                      "{}",
                                      "{\"path\":\"\"}",
                                      "{\"path\":\"a b\"}",
                                      "{\"path\":\"号\"}",
                                      "{\"path\":7}",
                                      "{\"path\":\"x\",\"body\":5}",
                                      "{\"path\":\"x\",\"at\":\"yesterday\"}",
                                      "{\"path\":\"x\",\"at\":-1}",
                                      "{\"path\":\"x\",\"method\":1}",
                                      "{\"path\":\"x\",\"author\":{}}",
                                      "{\"path\":\"x\",\"path\":\"y\"}"};
  for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
    const int r = parse(a, wrong[i], &it);
    if (r != -E_UNREADABLE) printf("# %s\n", wrong[i]);
    CHECK_EQ_I64(r, -E_UNREADABLE);
  }
}
