#include "kind/type_inner.h"
#include <string.h>

/* Spreadsheets write dates in many ways: 2020-5-8, 2020/5/8, 2020.5.8, 2020年5月8日, 20200508. */
static bool loose_date(struct str s, int32_t *ret_day) {
  int64_t part[3] = {0};
  size_t n = 0, digits = 0;
  if (day_parse(s, ret_day) == 0) return true;
  for (size_t i = 0; i < s.n; i++) {
    char ch = s.p[i];
    if (ch >= '0' && ch <= '9') {
      if (digits == 0 && n == 3) return false;
      if (digits == 0) n++;
      if (++digits > 8) return false;
      part[n - 1] = part[n - 1] * 10 + (ch - '0');
    } else {
      digits = 0;
    }
  }
  if (n == 1 && part[0] >= 19000101 && part[0] <= 21991231) {
    part[2] = part[0] % 100;
    part[1] = part[0] / 100 % 100;
    part[0] /= 10000;
  } else if (n != 3) {
    return false;
  }
  if (part[0] < 1900 || part[0] > 2199 || part[1] < 1 || part[1] > 12 || part[2] < 1 ||
      part[2] > 31)
    return false;
  char text[DAY_TEXT];
  day_format(day_from_civil((int)part[0], (int)part[1], (int)part[2]), text);
  int y, m, d;
  if (day_parse((struct str){text, 10}, ret_day) < 0) return false;
  day_to_civil(*ret_day, &y, &m, &d);
  return m == part[1] && d == part[2];
}

/* A cell of a date may bring midnight along: "2020/02/05 00:00:00". */
static struct str without_midnight(struct str s) {
  struct str rest = s, day = str_split(&rest, ' ');
  for (size_t i = 0; i < rest.n; i++)
    if (rest.p[i] != '0' && rest.p[i] != ':' && rest.p[i] != '.' && rest.p[i] != ' ') return s;
  return rest.p ? day : s;
}

/* "2月5日" lacks the year and 43866 is a number: both are no wrong dates, but no dates. */
static bool has_three_parts(struct str s) {
  size_t parts = 0, digits = 0;
  for (size_t i = 0; i < s.n; i++) {
    const bool digit = s.p[i] >= '0' && s.p[i] <= '9';
    if (digit) digits++;
    if (digit && (i == 0 || s.p[i - 1] < '0' || s.p[i - 1] > '9')) parts++;
  }
  return parts == 3 || (parts == 1 && digits == 8);
}

TYPE_FROM_TEXT(type_date_text) {
  int32_t day;
  char text[DAY_TEXT];
  (void)f;
  s = without_midnight(s);
  if (!loose_date(s, &day) && has_three_parts(s)) return type_say(c, PROBLEM_bad_date, path);
  if (!loose_date(s, &day)) {
    problem_text(c->ps, PROBLEM_bad_format, path, S("2020-02-05"), (struct str){0},
                 (struct str){0});
    return false;
  }
  day_format(day, text);
  *ret_v = V_TEXT(arena_dup(c->a, (struct str){text, 10}));
  return true;
}

TYPE_FROM_JSON(type_date_json) {
  int32_t day;
  if (!json_is_string(j)) return type_wrong(c, f, path);
  if (day_parse(json_str(j), &day) < 0) return type_say(c, PROBLEM_bad_date, path);
  *ret_v = V_TEXT(arena_dup(c->a, json_str(j)));
  return true;
}

TYPE_FROM_TEXT(type_moment_text) {
  int64_t ms;
  int32_t day;
  int minute = 0;
  (void)f;
  if (moment_parse(s, &ms) == 0) {
    *ret_v = V_I64(ms);
    return true;
  }
  /* without an offset it is civil time of the operation: "2020-05-08 17:30[:00]" or a bare date */
  struct str rest = s, date = str_split(&rest, str_find_char(s, 'T') == (size_t)-1 ? ' ' : 'T');
  if (!c->zone || !loose_date(date, &day)) return type_say(c, PROBLEM_bad_moment, path);
  if (rest.p && minute_parse(str_sub(rest, 0, 5), &minute) < 0)
    return type_say(c, PROBLEM_bad_moment, path);
  *ret_v = V_I64(zone_moment(c->zone, day, minute));
  return true;
}

TYPE_FROM_JSON(type_moment_json) {
  int64_t ms;
  if (!json_is_string(j)) return type_wrong(c, f, path);
  if (moment_parse(json_str(j), &ms) < 0) return type_say(c, PROBLEM_bad_moment, path);
  *ret_v = V_I64(ms);
  return true;
}

TYPE_TO_TEXT(type_moment_as_text) {
  char text[MOMENT_TEXT];
  (void)f;
  moment_format(v->i, z ? z : zone_get("UTC"), text);
  return arena_dup(a, str_from(text));
}

TYPE_TO_JSON(type_moment_out) {
  char text[MOMENT_TEXT];
  (void)f;
  moment_format(v->i, z ? z : zone_get("UTC"), text);
  jw_strz(w, text);
}

TYPE_FROM_TEXT(type_minute_text) {
  int minute;
  char padded[6] = "0";
  (void)f;
  if (s.n == 4 && s.p[1] == ':') {
    memcpy(padded + 1, s.p, 4);
    s = (struct str){padded, 5};
  }
  if (s.n == 8 && str_ends(s, S(":00"))) s.n = 5;
  if (minute_parse(s, &minute) < 0) {
    problem_text(c->ps, PROBLEM_bad_format, path, S("HH:MM"), (struct str){0}, (struct str){0});
    return false;
  }
  *ret_v = V_I64(minute);
  return true;
}

TYPE_TO_TEXT(type_minute_as_text) {
  char text[6];
  (void)f, (void)z;
  minute_format((int)v->i, text);
  return arena_dup(a, str_from(text));
}

TYPE_TO_JSON(type_minute_out) {
  char text[6];
  (void)f, (void)z;
  minute_format((int)v->i, text);
  jw_strz(w, text);
}
