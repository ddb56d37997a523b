#include "forms/equation.h"
#include "harness.h"

struct known {
  const char *code;
  int64_t today, yesterday;
  bool filled;
};
static const struct known some[] = {{"a", 7, 5, true}, {"b_2", 3, 0, true}, {"empty", 0, 0, false}};

static bool look(void *arg, struct str code, bool yesterday, int64_t *ret_v) {
  (void)arg;
  for (size_t i = 0; i < ARRAY_LEN(some); i++) {
    if (!str_is(code, some[i].code) || !some[i].filled) continue;
    *ret_v = yesterday ? some[i].yesterday : some[i].today;
    return true;
  }
  return false;
}

TEST(sums_of_codes_and_numbers) {
  static const struct {
    const char *text;
    int64_t sum;
  } good[] = {{"a", 7},
              {" a + b_2 ", 10},
              {"a-b_2-1", 3},
              {"10 - a", 3},
              {"yesterday.a + b_2", 8},
              {"a - yesterday.a", 2},
              {"0", 0},
              {"a+a+a+a+a+a+a+a+a+a+a+a", 84}};
  for (size_t i = 0; i < ARRAY_LEN(good); i++) {
    struct equation_side side;
    int64_t sum = -1;
    CHECK(equation_parse(str_from(good[i].text), &side) == 0);
    CHECK(equation_sum(&side, look, NULL, &sum));
    CHECK_EQ_I64(sum, good[i].sum);
  }
}

TEST(what_is_no_sum_is_refused) {
  static const char *const bad[] = {
      "",    " ",   "+a",   "a+",          "a ++ b",
      "A",   "a b", "a*2",  "yesterday.",  "yesterday.5",
      "1e3", "-1",  "a+b-", "99999999999", "a+a+a+a+a+a+a+a+a+a+a+a+a",
      "人数"};
  for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
    struct equation_side side = {.n = 77};
    CHECK(equation_parse(str_from(bad[i]), &side) < 0);
    CHECK_EQ_I64((int64_t)side.n, 77); /* untouched on failure */
  }
}

TEST(a_sum_over_an_empty_box_says_nothing) {
  struct equation_side side;
  int64_t sum = -1;
  CHECK(equation_parse(S("a + empty"), &side) == 0);
  CHECK(!equation_sum(&side, look, NULL, &sum));
  CHECK_EQ_I64(sum, -1);
}

/* Random sums, written out and read back, give what the terms give. */
TEST(random_sums_are_read_as_they_are_written) {
  uint64_t seed = 20200126;
  for (int round = 0; round < 2000; round++) {
    char text[200];
    size_t n = 0;
    int64_t want = 0, sum = 0;
    const int terms = 1 + (int)(seed >> 33) % EQUATION_TERMS;
    for (int t = 0; t < terms; t++) {
      seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
      const int64_t v = (int64_t)(seed >> 40) % 1000;
      const bool minus = t > 0 && (seed >> 39 & 1);
      n += (size_t)snprintf(text + n, sizeof text - n, "%s%lld",
                            t == 0  ? ""
                            : minus ? " - "
                                    : "+",
                            (long long)v);
      want += minus ? -v : v;
    }
    struct equation_side side;
    CHECK(equation_parse((struct str){text, n}, &side) == 0);
    CHECK(equation_sum(&side, look, NULL, &sum));
    CHECK_EQ_I64(sum, want);
  }
}
