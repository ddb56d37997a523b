#include "base/limits.h"
#include "intake/names.h"
#include "harness.h"

/* Names as people write them, against a small register. */

static const char *const on_register[][3] = {
    {"北京鼎盛商贸有限公司", "91110102000000001X", "鼎盛"},
    {"北京鼎盛餐饮管理有限公司", "91110102000000002X", ""},
    {"蓝图（北京）科技有限公司", "91110102000000003X", "蓝图,蓝图科技"},
    {"360科技有限公司", "", ""},
    {"广安物业服务有限责任公司", "", "广安物业"},
    {"同名商店", "", ""},
    {"同名商店", "", ""}};

static struct name_index made(struct arena *a) {
  static struct named all[ARRAY_LEN(on_register)];
  static struct str shorts[ARRAY_LEN(on_register)];
  struct name_index ix = {.a = a, .place = S("北京市"), .all = all, .n = ARRAY_LEN(on_register)};
  struct err e = {0};
  for (size_t i = 0; i < ix.n; i++) {
    all[i] = (struct named){
        .unit = 1, .name = str_from(on_register[i][0]), .credit_code = str_from(on_register[i][1])};
    all[i].id.b[0] = (uint8_t)(i + 1);
    shorts[i] = str_from(on_register[i][2]);
  }
  if (names_index(&ix, shorts, &e) < 0) ix.n = 0;
  return ix;
}

static bool finds(const char *words, const char *by, int which, size_t several) {
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  const struct name_index ix = made(a);
  struct str pieces[8], rest = str_from(words);
  struct name_matches m;
  size_t n = 0;
  while (rest.p && n < 8) pieces[n++] = str_split(&rest, '|');
  names_find(&ix, pieces, n, &m);
  const bool right =
      m.n == several &&
      (!several || (strcmp(name_by_words[m.by], by) == 0 && m.found[0]->id.b[0] == which + 1));
  if (!right)
    printf("# %s: %zu found, by %s, first %d\n", words, m.n, name_by_words[m.by],
           m.n ? m.found[0]->id.b[0] - 1 : -1);
  return right;
}

TEST(a_name_is_found_by_the_best_likeness) {
  CHECK(finds("91110102000000002x", "code", 1, 1));
  CHECK(finds("北京鼎盛商贸有限公司", "name", 0, 1));
  CHECK(finds("北京鼎盛商贸 有限公司|张三", "name", 0, 1));
  CHECK(finds("张三|北京鼎盛商贸有限公司", "name", 0, 1));
  CHECK(finds("蓝图(北京)科技有限公司", "name", 2, 1));
  CHECK(finds("鼎盛|李四", "short", 0, 1));
  CHECK(finds("蓝图|科技", "short", 2, 1));
  CHECK(finds("鼎盛商贸|张三", "core", 0, 1));
  CHECK(finds("３６０科技", "core", 3, 1));
  CHECK(finds("鼎盛餐饮|张三", "part", 1, 1));
  CHECK(finds("鼎盛商贸张三", "part", 0, 1));
}

TEST(what_is_not_sure_is_said) {
  CHECK(finds("同名商店", "name", 5, 2));
  CHECK(finds("京鼎盛", "part", 0, 2));
  CHECK(finds("不在册公司", "", 0, 0));
  CHECK(finds("张三", "", 0, 0));
  CHECK(finds("公司", "", 0, 0));
  CHECK(finds("", "", 0, 0));
}

TEST(a_name_without_place_and_form) {
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  static const char *const pairs[][2] = {{"北京某某商贸有限责任公司", "某某商贸"},
                                         {"北京市某某", "某某"},
                                         {"（北京）某某　集团", "某某"},
                                         {"A&B 有限公司", "ab有限公司"}};
  for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
    const struct str core = name_core(name_whole(a, str_from(pairs[i][0])), S("北京市"));
    if (!str_is(core, pairs[i][1])) printf("# %s: " STR_FMT "\n", pairs[i][0], STR_ARG(core));
    CHECK(str_is(core, pairs[i][1]));
  }
}
