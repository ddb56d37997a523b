#include "api/limiter.h"
#include "harness.h"
#include <stdio.h>

struct err e;
#define NOW INT64_C(1588930200000)

TEST(a_minutes_allowance_at_once_then_one_by_one) {
  struct limiter *l = NULL;
  CHECK(limiter_open(64, &l, &e) == 0);
  for (int i = 0; i < 6; i++) CHECK_EQ_I64(limiter_take(l, S("a"), 6, NOW), 0);
  CHECK_EQ_I64(limiter_take(l, S("a"), 6, NOW), 10);
  CHECK_EQ_I64(limiter_take(l, S("b"), 6, NOW), 0); /* another's is his own */
  CHECK_EQ_I64(limiter_take(l, S("a"), 6, NOW + 4000), 6);
  CHECK_EQ_I64(limiter_take(l, S("a"), 6, NOW + 10000), 0);
  CHECK_EQ_I64(limiter_take(l, S("a"), 6, NOW + 10000), 10);
  for (int i = 0; i < 6; i++) CHECK_EQ_I64(limiter_take(l, S("a"), 6, NOW + 200000), 0);
  CHECK(limiter_take(l, S("a"), 6, NOW + 200000) > 0);
  for (int i = 0; i < 1000; i++) CHECK_EQ_I64(limiter_take(l, S("c"), 0, NOW), 0);
  limiter_close(l);
}

TEST(never_more_than_the_rate_over_any_time) {
  struct limiter *l = NULL;
  CHECK(limiter_open(64, &l, &e) == 0);
  uint32_t seed = 7;
  int64_t at = NOW, taken = 0;
  for (int i = 0; i < 20000; i++) {
    seed = seed * 1664525 + 1013904223;
    at += seed >> 20; /* up to 4 s */
    const int wait = limiter_take(l, S("x"), 20, at);
    taken += wait == 0;
    CHECK(wait >= 0 && wait <= 3);
  }
  CHECK(taken <= 20 + (at - NOW) / 3000 + 1);
  CHECK(taken >= (at - NOW) / 3000 - 1); /* nor less than what is due to who keeps asking */
  limiter_close(l);
}

TEST(a_crowd_does_not_make_a_busy_one_forgotten) {
  struct limiter *l = NULL;
  char name[32];
  CHECK(limiter_open(64, &l, &e) == 0);
  while (limiter_take(l, S("busy"), 30, NOW) == 0) continue;
  for (int i = 0; i < 100000; i++) {
    snprintf(name, sizeof name, "stranger %d", i);
    (void)limiter_take(l, str_from(name), 30, NOW + i / 100);
  }
  CHECK(limiter_take(l, S("busy"), 30, NOW + 1000) > 0);
  limiter_close(l);
}
