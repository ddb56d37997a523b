#include "auth/password.h"
#include "base/limits.h"
#include "harness.h"
#include <stdatomic.h>
#include <sodium.h>

static bool fine(const char *password, const char *login, enum problem_code *ret_code) {
  struct arena *a = arena_create(KIB(64));
  struct problems ps;
  problems_init(&ps, a);
  bool ok = password_check(str_from(password), str_from(login), S("password"), &ps);
  if (ps.first) *ret_code = ps.first->code;
  ok = ok && !problems_any(&ps);
  arena_free(a);
  return ok;
}

TEST(password_rule) {
  enum problem_code code = PROBLEM_COUNT_;
  const char *const good[] = {"Zhongguancun-88", "abcXYZ12", "石头胡同abcDEF", "a1-a1-a1",
                              "correct Horse 1"};
  for (size_t i = 0; i < ARRAY_LEN(good); i++) {
    if (!fine(good[i], "gate", &code)) printf("# %s\n", good[i]);
    CHECK(fine(good[i], "gate", &code));
  }
  const char *const weak[] = {"",          "aB3-",      "aB3-567", "abcdefgh",
                              "abcdefgh1", "ABCDEFGH1", "12345678"};
  for (size_t i = 0; i < ARRAY_LEN(weak); i++) {
    CHECK(!fine(weak[i], "gate", &code));
    CHECK_EQ_I64(code, PROBLEM_weak_password);
  }
  const char *const usual[] = {"Password1",  "P@ssw0rd",  "Passw0rd!",   "Admin@123",
                               "Qwerty-123", "Aa123456",  "1qaz@WSX",    "Shouwang2020!",
                               "Abc12345",   "Welcome1!", "2020Beijing!"};
  for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
    if (fine(usual[i], "gate", &code)) printf("# %s\n", usual[i]);
    CHECK(!fine(usual[i], "gate", &code));
    CHECK_EQ_I64(code, PROBLEM_usual_password);
  }
  CHECK(!fine("My-Guangnei-7", "guangnei", &code) && fine("My-Guangnei-7", "shitou", &code));
  CHECK(fine("Haha-Wx-77", "wx", &code)); /* a login too short to matter */
  CHECK(!fine("\xff\xfe"
              "abcDEF12",
              "gate", &code));
  CHECK_EQ_I64(code, PROBLEM_bad_utf8);
}

TEST(password_hashes) {
  CHECK(sodium_init() >= 0);
  char one[PASSWORD_HASH_TEXT], two[PASSWORD_HASH_TEXT];
  struct err e = {0};
  CHECK_EQ_I64(password_hash(S("Zhongguancun-88"), one, &e), 0);
  CHECK_EQ_I64(password_hash(S("Zhongguancun-88"), two, &e), 0);
  CHECK(strcmp(one, two) != 0);
  CHECK(strncmp(one, "$argon2id$v=19$m=65536,t=2,p=1$", 31) == 0);
  CHECK(password_fits(str_from(one), S("Zhongguancun-88")));
  CHECK(!password_fits(str_from(one), S("Zhongguancun-89")));
  CHECK(!password_fits(str_from(one), S("")));
  CHECK(!password_fits(S(""), S("Zhongguancun-88")));
  CHECK(!password_fits(S("$argon2id$nonsense"), S("Zhongguancun-88")));
  CHECK(!password_stale(str_from(one)));
  CHECK(password_stale(S("$argon2id$v=19$m=8192,t=2,p=1$c29tZXNhbHRzb21lc2Fs$"
                         "l6cNTm1n2K1Gv3XbGx6P3V8v0t8qF8b3bQm2hWq1k1o")));
}

struct counted {
  struct pool_job job;
  _Atomic int *n;
};
static void count(struct pool_job *job) {
  atomic_fetch_add(((struct counted *)job->owner)->n, 1);
}

TEST(pool_runs_all_and_refuses_the_surplus) {
  static struct counted jobs[LIMIT_PASSWORD_QUEUE + 1];
  _Atomic int n = 0;
  struct pool *p = NULL;
  struct err e = {0};
  CHECK_EQ_I64(pool_start(0, &p, &e), 0); /* nobody works: the queue fills */
  for (int i = 0; i < LIMIT_PASSWORD_QUEUE; i++) {
    jobs[i] = (struct counted){.job = {.run = count, .owner = &jobs[i]}, .n = &n};
    CHECK_EQ_I64(pool_submit(p, &jobs[i].job, &e), 0);
  }
  CHECK_EQ_I64(pool_submit(p, &jobs[LIMIT_PASSWORD_QUEUE].job, &e), -E_BUSY);
  pool_stop(p);
  CHECK_EQ_I64(atomic_load(&n), 0);
  CHECK_EQ_I64(pool_start(2, &p, &e), 0);
  for (int i = 0; i < LIMIT_PASSWORD_QUEUE; i++)
    while (pool_submit(p, &jobs[i].job, &e) != 0) {
    }
  pool_stop(p);
  CHECK_EQ_I64(atomic_load(&n), LIMIT_PASSWORD_QUEUE);
}
