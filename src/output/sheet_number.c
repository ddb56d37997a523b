/* Numbers of a spreadsheet: what a number format says that they are, Excel's two calendars, and
 * the text that a person sees in the cell. */
#include "base/timeutil.h"
#include "output/sheet_impl.h"
#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ECMA-376 part 1, 18.8.30; 27..36 and 50..58 as Chinese Excel shows them. */
enum number_look number_look_builtin(int64_t id) {
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 54) ||
      id == 57 || id == 58)
    return LOOK_DATE;
  if (id == 22) return LOOK_MOMENT;
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id == 45 || id == 47 || id == 55 ||
      id == 56)
    return LOOK_TIME;
  return id == 46 ? LOOK_ELAPSED : LOOK_NUMBER;
}

/* Only the first section counts: the others are for negative numbers, zero and text. */
enum number_look number_look_code(struct str code) {
  bool date = false, time = false, month_or_minute = false, elapsed = false;
  if (str_is(code, "General")) return LOOK_NUMBER;
  for (size_t i = 0; i < code.n && code.p[i] != ';'; i++) {
    char c = code.p[i];
    if (c == '"') {
      size_t end = str_find_char(str_sub(code, i + 1, code.n), '"');
      if (end == (size_t)-1) break;
      i += end + 1;
    } else if (c == '\\' || c == '_' || c == '*') {
      i++;
    } else if (c == '[') {
      size_t end = str_find_char(str_sub(code, i + 1, code.n), ']');
      if (end == (size_t)-1) break;
      char first = end ? (char)(code.p[i + 1] | 0x20) : 0;
      size_t same = 0;
      while (same < end && (code.p[i + 1 + same] | 0x20) == first) same++;
      if (same == end && (first == 'h' || first == 'm' || first == 's')) elapsed = true;
      i += end + 1;
    } else if ((c | 0x20) == 'e' && i + 1 < code.n &&
               (code.p[i + 1] == '+' || code.p[i + 1] == '-')) {
      return LOOK_NUMBER;
    } else {
      c |= 0x20;
      date |= c == 'y' || c == 'd' || c == 'e';
      time |= c == 'h' || c == 's';
      month_or_minute |= c == 'm';
    }
  }
  if (elapsed) return LOOK_ELAPSED;
  date |= month_or_minute && !time;
  return date ? (time ? LOOK_MOMENT : LOOK_DATE) : time ? LOOK_TIME : LOOK_NUMBER;
}

static size_t date_text(const struct cell *c, char *out, size_t room) {
  int y, m, d, n;
  unsigned s = (unsigned)c->second;
  day_to_civil(c->day, &y, &m, &d);
  if (c->kind == CELL_DATE)
    n = snprintf(out, room, "%04d-%02d-%02d", y, m, d);
  else if (c->kind == CELL_MOMENT)
    n = snprintf(out, room, "%04d-%02d-%02d %02u:%02u:%02u", y, m, d, s / 3600, s / 60 % 60,
                 s % 60);
  else if (s % 60)
    n = snprintf(out, room, "%02u:%02u:%02u", s / 3600, s / 60 % 60, s % 60);
  else
    n = snprintf(out, room, "%02u:%02u", s / 3600, s / 60 % 60);
  return n > 0 ? (size_t)n : 0;
}

/* False where the calendar has no such day: the cell then stays a number. */
static bool serial_to_civil(double v, enum number_look look, bool base_1904, struct cell *c) {
  if (!(v >= 0) || v >= 2958466) return false;
  double whole = floor(v);
  int64_t day = (int64_t)whole;
  int64_t second = llround((v - whole) * 86400);
  if (look == LOOK_TIME || look == LOOK_ELAPSED) {
    if (day == 0 || (day == 1 && second == 0 && look == LOOK_ELAPSED)) {
      c->kind = CELL_TIME;
      c->second = (int32_t)(day ? 86400 : second);
      return true;
    }
    if (look == LOOK_ELAPSED) return false;
    look = LOOK_MOMENT;
  }
  if (look == LOOK_DATE) second = 0;
  if (second == 86400) {
    second = 0;
    day++;
  }
  if (base_1904) {
    c->day = (int32_t)(day + day_from_civil(1904, 1, 1));
  } else {
    /* Excel counts a 29 February 1900 (serial 60) that never was; 0 would be 1900-01-00. */
    if (day == 0 || day == 60) return false;
    c->day = (int32_t)(day + day_from_civil(1899, 12, day < 60 ? 31 : 30));
  }
  c->second = (int32_t)second;
  c->kind = look == LOOK_DATE ? CELL_DATE : CELL_MOMENT;
  return true;
}

static bool all_digits(struct str s) {
  for (size_t i = 0; i < s.n; i++)
    if (s.p[i] < '0' || s.p[i] > '9') return false;
  return s.n > 0;
}

/* Excel keeps 15 digits, and so shows 36.600000000000001 as 36.6. No exponent: a person who typed
 * an ID looks for its digits. */
static size_t plain_text(double v, struct str source, char out[NUMBER_TEXT]) {
  enum { DIGITS = 15 };
  char sci[G_ASCII_DTOSTR_BUF_SIZE];
  size_t n = 0;
  if (all_digits(source) && source.n <= 40) {
    memcpy(out, source.p, source.n);
    return source.n;
  }
  if (v == 0) {
    out[0] = '0';
    return 1;
  }
  /* d.dddddddddddddde+xx: the digits, and where the point belongs among them */
  g_ascii_formatd(sci, sizeof sci, "%.14e", fabs(v));
  char digits[DIGITS] = {sci[0]};
  memcpy(digits + 1, sci + 2, DIGITS - 1);
  int64_t point = 0;
  if (parse_i64(str_from(strchr(sci, 'e') + 1), -400, 400, &point) < 0) return 0;
  point++;
  int significant = DIGITS;
  while (significant > 1 && digits[significant - 1] == '0') significant--;
  if (v < 0) out[n++] = '-';
  if (point <= 0) {
    out[n++] = '0';
    out[n++] = '.';
    for (int64_t i = point; i < 0; i++) out[n++] = '0';
    point = -1;
  }
  for (int i = 0; i < significant || i < point; i++) {
    if (i == point) out[n++] = '.';
    out[n++] = i < significant ? digits[i] : '0';
  }
  return n;
}

/* XML numbers only: no hex, no "inf", no "nan". */
static bool is_number(struct str s) {
  size_t i = 0, digits = 0;
  if (i < s.n && (s.p[i] == '-' || s.p[i] == '+')) i++;
  for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) digits++;
  if (i < s.n && s.p[i] == '.')
    for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) digits++;
  if (!digits) return false;
  if (i < s.n && (s.p[i] | 0x20) == 'e') {
    i++;
    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+')) i++;
    size_t power = i;
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') i++;
    if (i == power) return false;
  }
  return i == s.n;
}

int number_cell(struct str source, enum number_look look, bool base_1904, struct cell *c,
                char out[NUMBER_TEXT], size_t *ret_n) {
  char z[64];
  source = str_trim(source);
  if (source.n >= sizeof z || !is_number(source)) return -E_INVALID;
  memcpy(z, source.p, source.n);
  z[source.n] = 0;
  double v = g_ascii_strtod(z, NULL);
  if (!isfinite(v)) return -E_INVALID;
  c->number = v;
  c->was_number = true;
  if (look != LOOK_NUMBER && serial_to_civil(v, look, base_1904, c)) {
    *ret_n = date_text(c, out, NUMBER_TEXT);
    return 0;
  }
  c->kind = CELL_NUMBER;
  c->lost_digits = fabs(v) >= 1e15;
  *ret_n = plain_text(v, source, out);
  return 0;
}

int iso_cell(struct str source, struct cell *c, char out[NUMBER_TEXT], size_t *ret_n) {
  int32_t day;
  source = str_trim(source);
  if (day_parse(str_sub(source, 0, 10), &day) < 0) return -E_INVALID;
  int32_t second = 0;
  if (source.n > 10) {
    int minute;
    int64_t s = 0;
    if (source.n < 16 || (source.p[10] != 'T' && source.p[10] != ' ')) return -E_INVALID;
    if (minute_parse(str_sub(source, 11, 5), &minute) < 0 || minute == 1440) return -E_INVALID;
    struct str rest = str_sub(source, 16, source.n);
    if (rest.n && (rest.p[0] != ':' || parse_i64(str_sub(rest, 1, 2), 0, 59, &s) < 0))
      return -E_INVALID;
    second = (int32_t)(minute * 60 + s);
  }
  c->day = day;
  c->second = second;
  c->kind = source.n > 10 ? CELL_MOMENT : CELL_DATE;
  *ret_n = date_text(c, out, NUMBER_TEXT);
  return 0;
}
