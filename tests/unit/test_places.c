#include "base/arena.h"
#include "base/limits.h"
#include "domain/residents/residents.h"
#include "harness.h"
#include <stdlib.h>

static struct arena *arena(void) {
  return arena_create(MIB(1));
}

TEST(one_place_has_one_spelling) {
  static const char *const same[][2] = {
      {"15号楼", "15"},    {"１５楼", "15"},   {"15#", "15"},
      {"15 栋", "15"},     {"十五号楼", "15"}, {"第十五幢", "15"},
      {"二单元", "2"},     {"0301室", "301"},  {"一百零三", "103"},
      {"一百一十", "110"}, {"二十", "20"},     {"九百九十九号", "999"},
      {"B座", "B"},        {"b座", "B"},       {"甲16号楼", "甲16"},
      {"南楼", "南"},      {"0", "0"},         {"楼", "楼"},
      {"1号楼楼", "1"},    {"", ""},           {"二十二十", "二十二十"},
      {"百", "百"},        {"一二", "一二"},   {"　3　", "3"}};
  _cleanup_(arena_freep) struct arena *a = arena();
  for (size_t i = 0; i < ARRAY_LEN(same); i++) {
    const struct str got = place_normal(a, str_from(same[i][0]));
    if (!str_is(got, same[i][1]))
      HARNESS_FAIL("%s became " STR_FMT ", not %s", same[i][0], STR_ARG(got), same[i][1]);
  }
}

TEST(what_is_in_that_form_stays_and_is_readable) {
  static const char *const pieces[] = {"1",  "0", "十", "百", "零", "二", "楼", "号", "单元", "第",
                                       "室", "B", "a",  "#",  "－", "Ａ", " ",  "　", "甲",   "门"};
  _cleanup_(arena_freep) struct arena *a = arena();
  srand(7);
  for (int round = 0; round < 20000; round++) {
    char text[64] = "";
    if (round % 500 == 0) arena_reset(a);
    for (int n = rand() % 6; n >= 0; n--)
      strncat(text, pieces[(size_t)rand() % ARRAY_LEN(pieces)], sizeof text - strlen(text) - 1);
    const struct str once = place_normal(a, str_from(text));
    const struct str twice = place_normal(a, once);
    if (!str_utf8_valid(once) || !str_eq(once, twice))
      HARNESS_FAIL("%s became " STR_FMT " and then " STR_FMT, text, STR_ARG(once), STR_ARG(twice));
  }
}

TEST(a_code_is_put_together) {
  _cleanup_(arena_freep) struct arena *a = arena();
  CHECK(str_is(household_code(a, S("15"), S("2"), S("301")), "15-2-301"));
  CHECK(str_is(household_code(a, S("15"), (struct str){NULL, 0}, S("301")), "15-301"));
}
