#include "harness.h"

/* What every other unit test rests on: a failed check must be seen. The macros leave the function
 * that they stand in, so each expectation is a function of its own, run by hand. */

static void fails_on_false(void) {
  CHECK(1 + 1 == 3);
}

static void fails_on_number(void) {
  CHECK_EQ_I64(INT64_MIN, INT64_MAX);
}

static void fails_on_text(void) {
  CHECK_STR("a", NULL);
}

static void fails_on_length(void) {
  CHECK_MEM("ab", 2, "ab", 1);
}

static void passes(void) {
  CHECK(true);
  CHECK_EQ_I64(-1, -1);
  CHECK_STR("石头", "石头");
  CHECK_STR(NULL, NULL);
  CHECK_MEM(NULL, 0, "", 0);
}

static void skips(void) {
  SKIP("on purpose");
}

static bool fails(void (*run)(void)) {
  bool before = harness_failed;
  harness_failed = false;
  run();
  bool after = harness_failed;
  harness_failed = before;
  return after;
}

TEST(harness_sees_what_is_wrong) {
  CHECK(fails(fails_on_false));
  CHECK(fails(fails_on_number));
  CHECK(fails(fails_on_text));
  CHECK(fails(fails_on_length));
}

TEST(harness_accepts_what_is_right) {
  CHECK(!fails(passes));
}

TEST(harness_says_why_it_skips) {
  skips();
  const char *why = harness_why_skipped;
  harness_why_skipped = NULL;
  CHECK_STR(why, "on purpose");
}

TEST(harness_filters_by_name) {
  char *argv[] = {(char[]){"x"}, (char[]){"tree"}, NULL};
  CHECK(harness_wanted("unit_tree_cycle", 2, argv));
  CHECK(!harness_wanted("unit_merge", 2, argv));
  CHECK(harness_wanted("unit_merge", 1, argv));
}
