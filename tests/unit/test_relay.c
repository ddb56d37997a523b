#include "base/err.h"
#include "base/limits.h"
#include "intake/relay.h"
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

/* Chat relays in the shapes in which they are sent. Each entry is written down as
 * "head|head;box=n;flags;?unclear", one line per entry, and compared as a whole. */

enum { PRESENT, HOME, FEVER, AWAY, TOTAL };
static const struct relay_box boxes[] = {
    [PRESENT] = {{STR_INIT("到岗人数"), STR_INIT("到岗"), STR_INIT("在岗")}, 3},
    [HOME] = {{STR_INIT("居家办公"), STR_INIT("居家")}, 2},
    [FEVER] = {{STR_INIT("新发热人数"), STR_INIT("发热")}, 2},
    [AWAY] = {{STR_INIT("离京未返"), STR_INIT("出京未返")}, 2},
    [TOTAL] = {{STR_INIT("职工总数"), STR_INIT("总人数")}, 2}};
static const char *const names[] = {"present", "home", "fever", "away", "total"};

static struct str written(struct arena *a, const struct relay *r) {
  struct str out = S("");
  for (size_t i = 0; i < r->n; i++) {
    const struct relay_entry *e = &r->entries[i];
    struct str line = S("");
    for (size_t k = 0; k < e->n_head; k++)
      line =
          arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(line), k ? "|" : "", STR_ARG(e->head[k]));
    for (size_t k = 0; k < e->n_values; k++)
      line = arena_printf(a, STR_FMT ";%s=%lld%s", STR_ARG(line), names[e->values[k].box],
                          (long long)e->values[k].n, e->values[k].inferred ? "*" : "");
    line = arena_printf(a, STR_FMT "%s%s%s%s%s", STR_ARG(line), e->nil ? ";nil" : "",
                        e->no_change ? ";same" : "", e->normal ? ";normal" : "",
                        e->ditto ? ";ditto" : "", e->correction ? ";corrected" : "");
    for (size_t k = 0; k < e->n_unclear; k++)
      line = arena_printf(a, STR_FMT ";?" STR_FMT, STR_ARG(line), STR_ARG(e->unclear[k]));
    out = arena_printf(a, STR_FMT STR_FMT "\n", STR_ARG(out), STR_ARG(line));
  }
  return out;
}

static bool reads_as(const char *text, const char *want) {
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  struct relay r;
  struct err e = {0};
  if (relay_read(a, str_from(text), boxes, ARRAY_LEN(boxes), &r, &e) < 0) return false;
  const struct str got = written(a, &r);
  if (str_is(got, want)) return true;
  printf("# read:\n" STR_FMT "# wanted:\n%s", STR_ARG(got), want);
  return false;
}

TEST(a_relay_as_it_is_meant) {
  CHECK(reads_as("#接龙\n5月8日日报，请各企业接龙\n\n1. 某公司 张三 到岗12人 无异常\n"
                 "2. 乙商贸 李四 到岗 8 居家 3\n3. 丙 到岗：20人，居家：5人，发热：0\n",
                 "某公司|张三;present=12;normal\n乙商贸|李四;present=8;home=3\n"
                 "丙;present=20;home=5;fever=0\n"));
}

TEST(a_name_may_hold_the_word_itself) {
  CHECK(reads_as("日报接龙，请填\n1.接龙科技 到岗3", "接龙科技;present=3\n"));
}

TEST(numbers_of_every_kind) {
  CHECK(reads_as("１、甲公司　到岗１２人\n2️⃣ 乙公司 到岗3\n③丙公司 "
                 "到岗4\n(4)丁公司 "
                 "到岗5\n"
                 "5）戊公司 到岗6\n⒍己公司 到岗7\n7庚公司 到岗8\n8 辛公司 到岗9\n🔟 癸公司 到岗10",
                 "甲公司;present=12\n乙公司;present=3\n丙公司;present=4\n丁公司;present=5\n"
                 "戊公司;present=6\n己公司;present=7\n庚公司;present=8\n辛公司;present=9\n"
                 "癸公司;present=10\n"));
  CHECK(reads_as("1️⃣1️⃣ 甲公司 到岗3", "甲公司;present=3\n"));
}

TEST(entries_of_several_lines) {
  CHECK(reads_as(
      "1. 甲公司\n   到岗人数：12\n   居家办公：3\n   发热：无\n2. 乙公司\n到岗 5\n\n居家 1",
      "甲公司;present=12;home=3;fever=0\n乙公司;present=5;home=1\n"));
  CHECK(reads_as("甲公司\n到岗：12\n居家：3\n\n乙公司\n到岗：5\n",
                 "甲公司;present=12;home=3\n乙公司;present=5\n"));
}

TEST(the_number_may_stand_before_its_word) {
  CHECK(reads_as("1.甲公司 12人到岗 3人居家 无发热", "甲公司;present=12;home=3;fever=0\n"));
  CHECK(reads_as("1.甲公司到岗12人居家3人", "甲公司;present=12;home=3\n"));
  CHECK(reads_as("1.甲公司 到岗十二人 居家两人", "甲公司;present=12;home=2\n"));
  CHECK(reads_as("1.甲公司 总人数一百零五人", "甲公司;total=105\n"));
}

TEST(what_is_said_without_figures) {
  CHECK(
      reads_as("1.甲公司 无变化\n2.乙公司 同昨日\n3.丙公司 零报告\n4.丁公司 无\n5.戊公司 一切正常\n"
               "6.己公司 无异常",
               "甲公司;same\n乙公司;same\n丙公司;nil\n丁公司;nil\n戊公司;normal\n己公司;normal\n"));
}

TEST(ditto_takes_the_figures_of_the_entry_above) {
  CHECK(reads_as("1.甲公司 到岗12 居家0\n2.乙公司 同上\n3.丙公司 +1\n4.丁公司 同上 到岗2",
                 "甲公司;present=12;home=0\n乙公司;present=12*;home=0*;ditto\n"
                 "丙公司;present=12*;home=0*;ditto\n丁公司;present=2;ditto\n"));
  CHECK(reads_as("1.甲公司 同上", "甲公司;ditto\n")); /* there is none above */
}

TEST(corrections_are_entries_of_their_own) {
  CHECK(reads_as("1.甲公司 到岗12\n2.乙公司 到岗3\n更正：甲公司 到岗13\n3.更正 乙公司 到岗4",
                 "甲公司;present=12\n乙公司;present=3\n甲公司;present=13;corrected\n"
                 "乙公司;present=4;corrected\n"));
}

TEST(messages_of_a_chat) {
  CHECK(reads_as("2020-05-08 09:03:11 张三(1234567)\n甲公司 到岗12\n\n"
                 "2020-05-08 9:05:00 李四(7654321)\n乙公司 到岗3 居家4\n",
                 "甲公司;present=12\n乙公司;present=3;home=4\n"));
  CHECK(reads_as("张三 2020/5/8 9:03:\n甲公司 到岗12\n李四 9:05\n乙公司 到岗3\n",
                 "甲公司;present=12\n乙公司;present=3\n"));
}

TEST(figures_by_their_place_follow_the_heading) {
  CHECK(reads_as("#接龙\n格式：单位 到岗 居家 发热\n1.甲公司 12 3 0\n2.乙公司 4 5",
                 "甲公司;present=12*;home=3*;fever=0*\n乙公司;?4;?5\n"));
  CHECK(reads_as("1.甲公司 12", "甲公司;?12\n"));
}

TEST(what_is_no_count_is_not_taken_for_one) {
  /* phones, temperatures, dates, hours, shares; names with digits in them */
  CHECK(reads_as("1.甲公司 张三 13900000000 到岗12人 体温36.5", "甲公司|张三;present=12\n"));
  CHECK(reads_as("1.甲公司 5月8日 到岗12", "甲公司;present=12\n"));
  CHECK(reads_as("1.甲公司 到岗50%", "甲公司;?到岗50%\n"));
  CHECK(reads_as("1.360科技 到岗12\n2. 7天酒店 到岗3\n3.二十一世纪不动产 到岗4",
                 "360科技;present=12\n7天酒店;present=3\n二十一世纪不动产;present=4\n"));
  CHECK(reads_as("1.甲公司 到岗12 到岗13", "甲公司;present=13;?到岗13\n"));
  CHECK(reads_as("1.甲公司 全员到岗", "甲公司|全员到岗\n"));
  CHECK(
      reads_as("1.中国平安 到岗12\n2.平安保险 到岗3", "中国平安;present=12\n平安保险;present=3\n"));
}

TEST(rubbish_is_read_as_nothing_much) {
  CHECK(reads_as("", ""));
  CHECK(reads_as(" \n\n\t\n", ""));
  CHECK(reads_as("#接龙\n", ""));
  CHECK(reads_as("😀😀😀", ""));
  CHECK(reads_as("收到\n[图片]\n谢谢大家", "收到\n图片\n谢谢大家\n"));
  CHECK(reads_as("\xff\xfe\x80 甲公司 到岗1", "甲公司;present=1\n"));
}

/* Entries written out in a random shape are read back as they were meant. */
TEST(random_relays_are_read_as_they_are_written) {
  static const char *const marks[] = {"%d. ", "%d、", "(%d)", "%d)", "%d．"};
  static const char *const gaps[] = {" ", "，", "　", "; ", "/ ", "\n  "};
  static const char *const ends[] = {"", "人", "名", "位"};
  uint64_t seed = 20200508;
  for (int round = 0; round < 400; round++) {
    _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
    struct str text = S("#接龙 日报\n"), want = S("");
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    const unsigned shape = (unsigned)(seed >> 33);
    const int n = (int)(shape % 9) + 1;
    for (int i = 1; i <= n; i++) {
      char mark[16];
      snprintf(mark, sizeof mark, marks[shape / 16 % 5], i);
      const char *gap = gaps[shape / 128 % 6], *end = ends[shape / 1024 % 4];
      const unsigned p = (shape >> 3) % 500 + (unsigned)i, h = (shape >> 5) % 90;
      text = arena_printf(a, STR_FMT "%s甲%d号公司%s到岗%u%s%s居家%s%u%s\n", STR_ARG(text), mark, i,
                          gap, p, end, gap, shape & 1 ? "：" : "", h, end);
      want = arena_printf(a, STR_FMT "甲%d号公司;present=%u;home=%u\n", STR_ARG(want), i, p, h);
    }
    CHECK(reads_as(arena_strz(a, text), arena_strz(a, want)));
  }
}

TEST(too_much_is_refused_or_cut) {
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  struct relay r;
  struct err e = {0};
  char *big = malloc(RELAY_TEXT + 1);
  memset(big, 'a', RELAY_TEXT + 1);
  CHECK(relay_read(a, (struct str){big, RELAY_TEXT + 1}, boxes, 5, &r, &e) == -E_TOO_LARGE);
  size_t n = 0;
  for (int i = 0; i < RELAY_ENTRIES + 5; i++)
    n += (size_t)snprintf(big + n, (size_t)RELAY_TEXT - n, "甲公司 到岗%d\n", i % 90);
  CHECK(relay_read(a, (struct str){big, n}, boxes, 5, &r, &e) == 0);
  free(big);
  CHECK(r.n == RELAY_ENTRIES && r.cut);
}
