#include "domain/residents/residents.h"

/* One place has many spellings: 15号楼, 15#, １５楼, 十五栋. They are compared, and put together
 * into a household's code, in one form. */

/* Full-width signs as ASCII ones, letters in capitals, without any space. */
static struct str flat(struct arena *a, struct str text) {
  struct str s = arena_half_width(a, text);
  char *out = (char *)s.p;
  size_t n = 0;
  for (size_t i = 0; i < s.n; i++) {
    const char c = s.p[i];
    if (c == ' ' || c == '\t') continue;
    out[n++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
  }
  return (struct str){out, n};
}

/* Until nothing but the name itself is left, so that what is in this form stays as it is. */
static struct str without_words(struct str s) {
  static const struct str words[] = {STR_INIT("楼"), STR_INIT("栋"),   STR_INIT("幢"),
                                     STR_INIT("座"), STR_INIT("单元"), STR_INIT("门洞"),
                                     STR_INIT("门"), STR_INIT("室"),   STR_INIT("号"),
                                     STR_INIT("户"), STR_INIT("房"),   STR_INIT("#")};
  static const struct str ordinal = STR_INIT("第");
  for (bool again = true; again;) {
    again = str_starts(s, ordinal) && s.n > ordinal.n;
    if (again) s = str_sub(s, ordinal.n, s.n);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
      if (s.n > words[i].n && str_ends(s, words[i])) {
        s.n -= words[i].n;
        again = true;
      }
  }
  return s;
}

/* 一 … 九百九十九; -1 where it is no such number. */
static int chinese_number(struct str s) {
  static const char *const digits[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
  int total = 0, digit = -1, last_place = 1000;
  while (s.n >= 3) {
    const struct str one = {s.p, 3};
    s = str_sub(s, 3, s.n);
    const int place = str_is(one, "百") ? 100 : str_is(one, "十") ? 10 : 0;
    if (place) {
      if (place >= last_place || digit == 0 || (digit < 0 && (place == 100 || total))) return -1;
      total += (digit < 0 ? 1 : digit) * place;
      digit = -1;
      last_place = place;
      continue;
    }
    int d = 0;
    while (d < 10 && !str_is(one, digits[d])) d++;
    /* 零 stands only between a hundred and a digit */
    if (d == 10 || digit > 0 || (d == 0 && last_place != 100)) return -1;
    if (digit == 0 && d == 0) return -1;
    digit = d;
    if (d) {
      if (!s.n) return total + d;
    }
  }
  return s.n || digit == 0 || !total ? -1 : total;
}

struct str place_normal(struct arena *a, struct str text) {
  struct str s = without_words(flat(a, str_trim(text)));
  const int number = s.n ? chinese_number(s) : -1;
  if (number > 0) return arena_printf(a, "%d", number);
  bool digits = true;
  for (size_t i = 0; i < s.n; i++) digits = digits && s.p[i] >= '0' && s.p[i] <= '9';
  while (digits && s.n > 1 && s.p[0] == '0') s = str_sub(s, 1, s.n);
  return s;
}

void place_normal_field(struct record *rec, int field, struct problems *ps) {
  if (rec_null(rec, field)) return;
  struct str s = place_normal(ps->a, rec_text(rec, field));
  rec_set(rec, field, s.n ? V_TEXT(s) : V_NULL);
}

struct str household_code(struct arena *a, struct str building, struct str stairwell,
                          struct str door) {
  if (!stairwell.n) return arena_printf(a, STR_FMT "-" STR_FMT, STR_ARG(building), STR_ARG(door));
  return arena_printf(a, STR_FMT "-" STR_FMT "-" STR_FMT, STR_ARG(building), STR_ARG(stairwell),
                      STR_ARG(door));
}
