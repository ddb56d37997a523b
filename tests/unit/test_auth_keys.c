#include "auth/keys.h"
#include "harness.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW INT64_C(1588930200000)

struct place {
  char dir[256], file[300], a[300], b[300], other[300];
};
static bool place_make(struct place *p) {
  snprintf(p->dir, sizeof p->dir, "%s/sw-keys.XXXXXX",
           getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
  if (!mkdtemp(p->dir)) return false;
  snprintf(p->file, sizeof p->file, "%s/keys", p->dir);
  snprintf(p->a, sizeof p->a, "%s/share-a", p->dir);
  snprintf(p->b, sizeof p->b, "%s/share-b", p->dir);
  snprintf(p->other, sizeof p->other, "%s/other", p->dir);
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
  _cleanup_(arena_freep) struct arena *a = arena_create(MIB(4));                                   \
  struct err e = {0};                                                                              \
  CHECK(a &&place_make(&p));                                                                       \
  CHECK_EQ_I64(keys_open(p.file, true, NOW, &k, &e), 0)

static struct uuid an_id(uint8_t n) {
  struct uuid u = {{0}};
  u.b[15] = n;
  return u;
}

static int seal(struct keys *k, int64_t op, uint16_t kind, const struct uuid *id, uint16_t field,
                struct str plain, struct arena *a, struct str *ret, struct err *e) {
  struct sealer *s = keys_sealer(k);
  return s->ops->seal(s, op, kind, id, field, plain, a, ret, e);
}
static int unseal(struct keys *k, int64_t op, uint16_t kind, const struct uuid *id, uint16_t field,
                  struct str blob, struct arena *a, struct str *ret, struct err *e) {
  struct sealer *s = keys_sealer(k);
  return s->ops->unseal(s, op, kind, id, field, blob, a, ret, e);
}

TEST(keys_file_is_private_and_lasts) {
  WITH_KEYS(p, k, a, e);
  struct stat st;
  CHECK_EQ_I64(stat(p.file, &st), 0);
  CHECK_EQ_I64(st.st_mode & 0777, 0600);
  struct uuid id = an_id(1);
  struct str blob, plain;
  CHECK_EQ_I64(keys_operation_create(k, 7, NOW, &e), 0);
  CHECK_EQ_I64(seal(k, 7, 3, &id, 2, S("11010519491231002X"), a, &blob, &e), 0);
  k = keys_close(k);
  CHECK_EQ_I64(keys_open(p.file, false, NOW, &k, &e), 0);
  CHECK_EQ_I64(unseal(k, 7, 3, &id, 2, blob, a, &plain, &e), 0);
  CHECK_MEM(plain.p, plain.n, "11010519491231002X", 18);
  /* Creating again changes nothing. */
  CHECK_EQ_I64(keys_operation_create(k, 7, NOW + 1, &e), 0);
  CHECK_EQ_I64(unseal(k, 7, 3, &id, 2, blob, a, &plain, &e), 0);
}

TEST(keys_file_that_is_not_right_is_refused) {
  WITH_KEYS(p, k, a, e);
  k = keys_close(k);
  CHECK_EQ_I64(chmod(p.file, 0644), 0);
  CHECK_EQ_I64(keys_open(p.file, false, NOW, &k, &e), -E_FORBIDDEN);
  CHECK_EQ_I64(chmod(p.file, 0600), 0);
  CHECK_EQ_I64(keys_open(p.other, false, NOW, &k, &e), -E_UNAVAILABLE);
  /* Every single byte counts. */
  char text[4096];
  FILE *f = fopen(p.file, "r");
  size_t n = fread(text, 1, sizeof text, f);
  fclose(f);
  CHECK(n > 100 && n < sizeof text);
  for (size_t i = 0; i < n; i++) {
    char was = text[i];
    text[i] = was == '1' ? '2' : '1';
    f = fopen(p.file, "w");
    CHECK_EQ_I64(fwrite(text, 1, n, f), n);
    fclose(f);
    text[i] = was;
    struct keys *bad = NULL;
    int r = keys_open(p.file, false, NOW, &bad, &e);
    keys_close(bad);
    if (r != -E_INVALID) printf("# byte %zu of %zu\n", i, n);
    CHECK_EQ_I64(r, -E_INVALID);
  }
  for (size_t cut = 0; cut < n; cut += 7) {
    f = fopen(p.file, "w");
    CHECK_EQ_I64(fwrite(text, 1, cut, f), cut);
    fclose(f);
    struct keys *bad = NULL;
    int r = keys_open(p.file, false, NOW, &bad, &e);
    keys_close(bad);
    CHECK_EQ_I64(r, -E_INVALID);
  }
}

TEST(sealed_value_opens_only_where_it_belongs) {
  WITH_KEYS(p, k, a, e);
  struct uuid id = an_id(1), other = an_id(2);
  struct str blob, plain = S("untouched"), again;
  CHECK_EQ_I64(keys_operation_create(k, 1, NOW, &e), 0);
  CHECK_EQ_I64(keys_operation_create(k, 2, NOW, &e), 0);
  struct str secret = S("石头胡同7号院");
  CHECK_EQ_I64(seal(k, 1, 10, &id, 4, secret, a, &blob, &e), 0);
  CHECK_EQ_I64(blob.n, secret.n + SEAL_OVERHEAD);
  CHECK_EQ_I64(seal(k, 1, 10, &id, 4, secret, a, &again, &e), 0);
  CHECK(!str_eq(blob, again)); /* a nonce of its own each time */
  CHECK_EQ_I64(unseal(k, 2, 10, &id, 4, blob, a, &plain, &e), -E_BUG);
  CHECK_EQ_I64(unseal(k, 1, 11, &id, 4, blob, a, &plain, &e), -E_BUG);
  CHECK_EQ_I64(unseal(k, 1, 10, &other, 4, blob, a, &plain, &e), -E_BUG);
  CHECK_EQ_I64(unseal(k, 1, 10, &id, 5, blob, a, &plain, &e), -E_BUG);
  CHECK_MEM(plain.p, plain.n, "untouched", 9);
  /* Nor with any bit of it changed, nor cut short. */
  char *p_ = (char *)blob.p;
  for (size_t i = 0; i < blob.n; i++) {
    p_[i] ^= 1;
    CHECK_EQ_I64(unseal(k, 1, 10, &id, 4, blob, a, &plain, &e), -E_BUG);
    p_[i] ^= 1;
    CHECK_EQ_I64(unseal(k, 1, 10, &id, 4, str_sub(blob, 0, i), a, &plain, &e), -E_BUG);
  }
  CHECK_EQ_I64(unseal(k, 1, 10, &id, 4, blob, a, &plain, &e), 0);
  CHECK(str_eq(plain, secret));
  /* Nothing at all is a value too. */
  CHECK_EQ_I64(seal(k, 1, 10, &id, 4, S(""), a, &blob, &e), 0);
  CHECK_EQ_I64(unseal(k, 1, 10, &id, 4, blob, a, &plain, &e), 0);
  CHECK_EQ_I64(plain.n, 0);
}

TEST(blind_index_is_the_operations_own) {
  WITH_KEYS(p, k, a, e);
  struct sealer *s = keys_sealer(k);
  uint8_t x[16], y[16];
  CHECK_EQ_I64(keys_operation_create(k, 1, NOW, &e), 0);
  CHECK_EQ_I64(keys_operation_create(k, 2, NOW, &e), 0);
  CHECK_EQ_I64(s->ops->blind(s, 1, 3, 2, S("13800001111"), x, &e), 0);
  CHECK_EQ_I64(s->ops->blind(s, 1, 3, 2, S("13800001111"), y, &e), 0);
  CHECK(memcmp(x, y, 16) == 0);
  CHECK_EQ_I64(s->ops->blind(s, 2, 3, 2, S("13800001111"), y, &e), 0);
  CHECK(memcmp(x, y, 16) != 0);
  CHECK_EQ_I64(s->ops->blind(s, 1, 3, 1, S("13800001111"), y, &e), 0);
  CHECK(memcmp(x, y, 16) != 0);
  CHECK_EQ_I64(s->ops->blind(s, 1, 4, 2, S("13800001111"), y, &e), 0);
  CHECK(memcmp(x, y, 16) != 0);
  CHECK_EQ_I64(s->ops->blind(s, 1, 3, 2, S("13800001112"), y, &e), 0);
  CHECK(memcmp(x, y, 16) != 0);
}

/* Keys of passes: the same after a restart, another for each operation and number, and gone with
 * the operation's key. */
TEST(pass_keys_live_and_die_with_the_operations) {
  WITH_KEYS(p, k, a, e);
  uint8_t one[32], again[32], sig[64];
  const struct str m = S("signed");
  CHECK_EQ_I64(keys_pass_public(k, 1, 1, one, &e), -E_UNAVAILABLE);
  CHECK_EQ_I64(keys_operation_create(k, 1, NOW, &e), 0);
  CHECK_EQ_I64(keys_operation_create(k, 2, NOW, &e), 0);
  CHECK_EQ_I64(keys_pass_public(k, 1, 1, one, &e), 0);
  CHECK_EQ_I64(keys_pass_public(k, 1, 2, again, &e), 0);
  CHECK(memcmp(one, again, 32) != 0);
  CHECK_EQ_I64(keys_pass_public(k, 2, 1, again, &e), 0);
  CHECK(memcmp(one, again, 32) != 0);
  k = keys_close(k);
  CHECK_EQ_I64(keys_open(p.file, false, NOW, &k, &e), 0);
  CHECK_EQ_I64(keys_pass_public(k, 1, 1, again, &e), 0);
  CHECK(memcmp(one, again, 32) == 0);
  CHECK_EQ_I64(keys_pass_sign(k, 1, 1, m, sig, &e), 0);
  CHECK_EQ_I64(crypto_sign_verify_detached(sig, (const uint8_t *)m.p, m.n, one), 0);
  sig[5] ^= 1;
  CHECK(crypto_sign_verify_detached(sig, (const uint8_t *)m.p, m.n, one) != 0);
  CHECK_EQ_I64(keys_operation_destroy(k, 1, NOW, NULL, &e), 0);
  CHECK_EQ_I64(keys_pass_sign(k, 1, 1, m, sig, &e), -E_GONE);
  CHECK_EQ_I64(keys_pass_public(k, 1, 1, again, &e), -E_GONE);
  CHECK_EQ_I64(keys_pass_sign(k, 2, 1, m, sig, &e), 0);
}

TEST(destroyed_key_is_gone_everywhere) {
  WITH_KEYS(p, k, a, e);
  struct sealer *s = keys_sealer(k);
  struct uuid id = an_id(1);
  struct str blob, plain;
  uint8_t bi[16];
  size_t escrows = 9;
  CHECK_EQ_I64(keys_operation_create(k, 5, NOW, &e), 0);
  CHECK_EQ_I64(seal(k, 5, 1, &id, 1, S("x"), a, &blob, &e), 0);
  CHECK_EQ_I64(keys_export_escrow(k, p.a, p.b, NOW + 1, &e), 0);
  /* Its bytes, to look for afterwards. */
  char before[8192], after[8192];
  FILE *f = fopen(p.file, "r");
  size_t n = fread(before, 1, sizeof before - 1, f);
  fclose(f);
  before[n] = 0;
  const char *line = strstr(before, "key 5 ");
  CHECK(line != NULL);
  const char *hex = strchr(line, '\n') - 64;
  CHECK_EQ_I64(keys_operation_destroy(k, 5, NOW + 2, &escrows, &e), 0);
  CHECK_EQ_I64(escrows, 1);
  f = fopen(p.file, "r");
  n = fread(after, 1, sizeof after - 1, f);
  fclose(f);
  after[n] = 0;
  char key[65] = {0};
  memcpy(key, hex, 64);
  CHECK(strstr(after, key) == NULL);
  CHECK(strstr(after, "destroyed 5 ") != NULL);
  CHECK_EQ_I64(unseal(k, 5, 1, &id, 1, blob, a, &plain, &e), -E_GONE);
  CHECK_EQ_I64(seal(k, 5, 1, &id, 1, S("x"), a, &blob, &e), -E_GONE);
  CHECK_EQ_I64(s->ops->blind(s, 5, 1, 1, S("x"), bi, &e), -E_GONE);
  CHECK_EQ_I64(keys_operation_create(k, 5, NOW + 3, &e), -E_GONE);
  CHECK_EQ_I64(keys_operation_destroy(k, 5, NOW + 4, NULL, &e), 0);
  CHECK_EQ_I64(keys_operation_destroy(k, 0, NOW + 4, NULL, &e), -E_INVALID);
  CHECK_EQ_I64(keys_operation_destroy(k, 99, NOW + 4, NULL, &e), -E_NOT_FOUND);
  CHECK_EQ_I64(keys_operation_state(k, 5), KEY_DESTROYED);
  struct key_info info[4];
  CHECK_EQ_I64(keys_list(k, info, 4), 2);
  CHECK_EQ_I64(info[1].destroyed_ms, NOW + 2);
}

TEST(another_process_sees_new_keys) {
  WITH_KEYS(p, k, a, e);
  _cleanup_(keys_closep) struct keys *server = NULL;
  struct uuid id = an_id(1);
  struct str blob, plain;
  CHECK_EQ_I64(keys_open(p.file, false, NOW, &server, &e), 0);
  CHECK_EQ_I64(seal(server, 3, 1, &id, 1, S("x"), a, &blob, &e), -E_UNAVAILABLE);
  CHECK_EQ_I64(keys_operation_create(k, 3, NOW, &e), 0);
  CHECK_EQ_I64(seal(server, 3, 1, &id, 1, S("x"), a, &blob, &e), 0);
  CHECK_EQ_I64(unseal(k, 3, 1, &id, 1, blob, a, &plain, &e), 0);
  CHECK_EQ_I64(keys_operation_destroy(k, 3, NOW, NULL, &e), 0);
  CHECK_EQ_I64(keys_reload(server, &e), 0);
  CHECK_EQ_I64(unseal(server, 3, 1, &id, 1, blob, a, &plain, &e), -E_GONE);
  /* Both change the file in turn, and neither loses what the other did. */
  for (int64_t op = 10; op < 30; op++)
    CHECK_EQ_I64(keys_operation_create(op % 2 ? k : server, op, NOW, &e), 0);
  CHECK_EQ_I64(keys_reload(k, &e) + keys_reload(server, &e), 0);
  for (int64_t op = 10; op < 30; op++) {
    CHECK_EQ_I64(keys_operation_state(k, op), KEY_ACTIVE);
    CHECK_EQ_I64(keys_operation_state(server, op), KEY_ACTIVE);
  }
}

TEST(escrow_needs_both_shares_of_one_set) {
  WITH_KEYS(p, k, a, e);
  _cleanup_(keys_closep) struct keys *back = NULL;
  char c[320], d[320];
  struct uuid id = an_id(1);
  struct str blob, plain;
  snprintf(c, sizeof c, "%s-2", p.a);
  snprintf(d, sizeof d, "%s-2", p.b);
  CHECK_EQ_I64(keys_operation_create(k, 1, NOW, &e), 0);
  CHECK_EQ_I64(seal(k, 1, 1, &id, 1, S("13901234567"), a, &blob, &e), 0);
  CHECK_EQ_I64(keys_export_escrow(k, p.a, p.b, NOW, &e), 0);
  CHECK_EQ_I64(keys_export_escrow(k, p.a, d, NOW, &e), -E_EXISTS);
  CHECK_EQ_I64(keys_export_escrow(k, c, d, NOW + 1, &e), 0);
  CHECK_EQ_I64(keys_from_escrow(p.a, d, p.other, &e), -E_INVALID);
  CHECK_EQ_I64(keys_from_escrow(p.b, p.a, p.other, &e), -E_INVALID);
  CHECK_EQ_I64(keys_from_escrow(p.a, p.a, p.other, &e), -E_INVALID);
  CHECK_EQ_I64(keys_from_escrow(p.a, p.b, p.file, &e), -E_EXISTS);
  CHECK_EQ_I64(keys_from_escrow(p.a, p.b, p.other, &e), 0);
  CHECK_EQ_I64(keys_open(p.other, false, NOW, &back, &e), 0);
  CHECK_EQ_I64(unseal(back, 1, 1, &id, 1, blob, a, &plain, &e), 0);
  CHECK_MEM(plain.p, plain.n, "13901234567", 11);
}

struct worker {
  struct keys *k;
  int64_t op;
  int failed;
};
static void *seal_all_the_time(void *arg) {
  struct worker *w = arg;
  struct arena *a = arena_create(MIB(16));
  struct err e;
  for (uint8_t i = 0; i < 250; i++) {
    struct uuid id = an_id(i);
    struct str blob, plain;
    w->failed += seal(w->k, w->op, 1, &id, 1, S("secret"), a, &blob, &e) != 0 ||
                 unseal(w->k, w->op, 1, &id, 1, blob, a, &plain, &e) != 0 ||
                 !str_is(plain, "secret");
  }
  arena_free(a);
  return NULL;
}

TEST(keys_are_used_while_they_change) {
  WITH_KEYS(p, k, a, e);
  struct worker w[4];
  pthread_t t[4];
  CHECK_EQ_I64(keys_operation_create(k, 1, NOW, &e), 0);
  for (int i = 0; i < 4; i++) {
    w[i] = (struct worker){.k = k, .op = 1};
    CHECK_EQ_I64(pthread_create(&t[i], NULL, seal_all_the_time, &w[i]), 0);
  }
  int changed = 0;
  for (int64_t op = 2; op < 22; op++) changed += keys_operation_create(k, op, NOW, &e) == 0;
  for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
  CHECK_EQ_I64(changed, 20);
  for (int i = 0; i < 4; i++) CHECK_EQ_I64(w[i].failed, 0);
}

TEST(keys_lie_beside_the_data) {
  _cleanup_(arena_freep) struct arena *a = arena_create(KIB(64));
  struct str s = keys_default_file(a, "/srv/shouwang/data/");
  CHECK_MEM(s.p, s.n, "/srv/shouwang/data.keys", 23);
  s = keys_default_file(a, "postgresql://db/x");
  CHECK_MEM(s.p, s.n, "/var/lib/shouwang/keys", 22);
}
