/* The unit tests' harness: a test file includes this header once, writes TEST(name) { ... } blocks
 * and nothing else; main() is here. Each test prints one line of the protocol of docs/testing.md
 * (`ok - name`, `not ok - name`, `skip - name: why`). A failed CHECK says where and what, marks the
 * test as failed and leaves it at once, so that a crash does not follow from what was just found
 * wrong; cleanup attributes run as on any return. With arguments, only tests whose name contains
 * one of them run; --list prints the names. Tests run one after another on the main thread; CHECK
 * is for that thread only (a thread of a test hands its findings back through its join). */
#ifndef SHOUWANG_TESTS_UNIT_HARNESS_H
#define SHOUWANG_TESTS_UNIT_HARNESS_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct harness_test {
  const char *name;
  void (*run)(void);
  struct harness_test *next;
};

static struct harness_test *harness_first, **harness_last = &harness_first;
static bool harness_failed;
static const char *harness_why_skipped;

#define TEST(name_)                                                                                \
  static void test_##name_(void);                                                                  \
  __attribute__((constructor)) static void harness_add_##name_(void) {                             \
    static struct harness_test t = {.name = #name_, .run = test_##name_};                          \
    *harness_last = &t;                                                                            \
    harness_last = &t.next;                                                                        \
  }                                                                                                \
  static void test_##name_(void)

#define HARNESS_FAIL(...)                                                                          \
  do {                                                                                             \
    harness_failed = true;                                                                         \
    printf("# %s:%d: ", __FILE__, __LINE__);                                                       \
    printf(__VA_ARGS__);                                                                           \
    putchar('\n');                                                                                 \
    return;                                                                                        \
  } while (0)

/* Leaves the test: it cannot run here (no database URL, say). The runner counts and shows it. */
#define SKIP(why_)                                                                                 \
  do {                                                                                             \
    harness_why_skipped = (why_);                                                                  \
    return;                                                                                        \
  } while (0)

#define CHECK(cond_)                                                                               \
  do {                                                                                             \
    if (!(cond_)) HARNESS_FAIL("CHECK(%s)", #cond_);                                               \
  } while (0)

#define CHECK_EQ_I64(got_, want_)                                                                  \
  do {                                                                                             \
    int64_t harness_g = (int64_t)(got_), harness_w = (int64_t)(want_);                             \
    if (harness_g != harness_w)                                                                    \
      HARNESS_FAIL("%s: got %" PRId64 ", want %" PRId64, #got_, harness_g, harness_w);             \
  } while (0)

/* For NUL-ended text; either side may be NULL. */
#define CHECK_STR(got_, want_)                                                                     \
  do {                                                                                             \
    const char *harness_g = (got_), *harness_w = (want_);                                          \
    if (!harness_g || !harness_w ? harness_g != harness_w : strcmp(harness_g, harness_w) != 0)     \
      HARNESS_FAIL("%s: got \"%s\", want \"%s\"", #got_, harness_g ? harness_g : "(null)",         \
                   harness_w ? harness_w : "(null)");                                              \
  } while (0)

/* For text with a length. */
#define CHECK_MEM(got_, got_n_, want_, want_n_)                                                    \
  do {                                                                                             \
    size_t harness_gn = (got_n_), harness_wn = (want_n_);                                          \
    const void *harness_g = (got_), *harness_w = (want_);                                          \
    if (harness_gn != harness_wn || (harness_gn && memcmp(harness_g, harness_w, harness_gn) != 0)) \
      HARNESS_FAIL("%s: got %zu bytes \"%.*s\", want %zu bytes \"%.*s\"", #got_, harness_gn,       \
                   (int)harness_gn, (const char *)harness_g, harness_wn, (int)harness_wn,          \
                   (const char *)harness_w);                                                       \
  } while (0)

static bool harness_wanted(const char *name, int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (strstr(name, argv[i])) return true;
  return argc < 2;
}

int main(int argc, char **argv) {
  bool list = argc == 2 && strcmp(argv[1], "--list") == 0;
  int failed = 0, ran = 0;
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (struct harness_test *t = harness_first; t; t = t->next) {
    if (list) {
      puts(t->name);
      continue;
    }
    if (!harness_wanted(t->name, argc, argv)) continue;
    harness_failed = false;
    harness_why_skipped = NULL;
    t->run();
    ran++;
    if (harness_failed)
      printf("not ok - %s\n", t->name);
    else if (harness_why_skipped)
      printf("skip - %s: %s\n", t->name, harness_why_skipped);
    else
      printf("ok - %s\n", t->name);
    failed += harness_failed;
  }
  if (!list && ran == 0) {
    printf("not ok - no test ran\n");
    return 1;
  }
  return failed ? 1 : 0;
}

#endif
