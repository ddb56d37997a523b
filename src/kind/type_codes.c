#include "kind/type_inner.h"

/* GB 11643-1999: weights and check characters; the area code is that of first issue, so any is
 * accepted. */
bool citizen_id_valid(struct str id, int32_t *ret_birth_day, bool *ret_female) {
  static const uint8_t weight[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  static const char check[] = "10X98765432";
  unsigned sum = 0;
  int64_t y, m, d;
  int32_t day;
  char date[DAY_TEXT];
  if (id.n != 18) return false;
  for (size_t i = 0; i < 17; i++) {
    if (id.p[i] < '0' || id.p[i] > '9') return false;
    sum += (unsigned)(id.p[i] - '0') * weight[i];
  }
  if (check[sum % 11] != id.p[17]) return false;
  if (parse_i64(str_sub(id, 6, 4), 1900, 2199, &y) < 0) return false;
  if (parse_i64(str_sub(id, 10, 2), 1, 12, &m) < 0) return false;
  if (parse_i64(str_sub(id, 12, 2), 1, 31, &d) < 0) return false;
  day_format(day_from_civil((int)y, (int)m, (int)d), date);
  if (day_parse((struct str){date, 10}, &day) < 0) return false;
  int y2, m2, d2;
  day_to_civil(day, &y2, &m2, &d2);
  if (y2 != y || m2 != m || d2 != d) return false;
  if (ret_birth_day) *ret_birth_day = day;
  if (ret_female) *ret_female = (id.p[16] - '0') % 2 == 0;
  return true;
}

/* GB 32100-2015: alphabet without I O S V Z, weights are powers of 3 modulo 31. */
enum credit_code credit_code_check(struct str code) {
  static const struct str alphabet = STR_INIT("0123456789ABCDEFGHJKLMNPQRTUWXY");
  unsigned sum = 0, weight = 1;
  if (code.n != 18) return CREDIT_BAD_FORM;
  for (size_t i = 0; i < 18; i++) {
    size_t v = str_find_char(alphabet, code.p[i]);
    if (v == (size_t)-1) return CREDIT_BAD_FORM;
    if (i < 17) sum += (unsigned)v * weight;
    weight = weight * 3 % 31;
  }
  return alphabet.p[(31 - sum % 31) % 31] == code.p[17] ? CREDIT_OK : CREDIT_BAD_CHECK;
}

struct str phone_normal(struct arena *a, struct str text) {
  char *out = arena_alloc(a, text.n + 1);
  size_t n = 0;
  text = str_trim(text);
  if (str_starts(text, S("+86")))
    text = str_sub(text, 3, text.n);
  else if (str_starts(text, S("0086")))
    text = str_sub(text, 4, text.n);
  if (!out) return (struct str){NULL, 0};
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    if (c >= '0' && c <= '9')
      out[n++] = c;
    else if (c != ' ' && c != '-' && c != '(' && c != ')')
      return (struct str){NULL, 0};
  }
  bool mobile = n == 11 && out[0] == '1' && out[1] >= '3';
  bool landline = (n >= 10 && n <= 12 && out[0] == '0') || (n >= 7 && n <= 8 && out[0] != '0');
  return mobile || landline ? (struct str){out, n} : (struct str){NULL, 0};
}

/* The bytes of the first `chars` code points. */
static struct str first_chars(struct str s, size_t chars) {
  size_t n = 0;
  while (n < s.n && chars) {
    n++;
    while (n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80) n++;
    chars--;
  }
  return str_sub(s, 0, n);
}

struct str mask_text(struct arena *a, enum mask m, struct str plain) {
  size_t chars = str_utf8_len(plain);
  if (!plain.p || plain.n == 0) return plain;
  if (chars == (size_t)-1) return S("****");
  switch (m) {
  case MASK_NAME: {
    struct str head = first_chars(plain, 1);
    return arena_printf(a, STR_FMT "%s", STR_ARG(head), chars > 2 ? "**" : "*");
  }
  case MASK_ID:
    if (chars != plain.n || plain.n < 10) return S("****");
    return arena_printf(a, "%.3s***********%.4s", plain.p, plain.p + plain.n - 4);
  case MASK_PHONE:
    if (chars != plain.n || plain.n < 7) return S("****");
    return arena_printf(a, "%.3s****%.4s", plain.p, plain.p + plain.n - 4);
  case MASK_TAIL: {
    struct str head = first_chars(plain, chars / 3);
    return arena_printf(a, STR_FMT "****", STR_ARG(head));
  }
  case MASK_ALL:
    break;
  }
  return S("****");
}

/* ---- as they are typed ---- */

TYPE_FROM_TEXT(type_phone_text) {
  (void)f;
  struct str normal = phone_normal(c->a, s);
  if (!normal.p) {
    problem_text(c->ps, PROBLEM_bad_format, path, S("13900000000"), (struct str){0},
                 (struct str){0});
    return false;
  }
  *ret_v = V_TEXT(normal);
  return true;
}

struct str type_capitals(struct arena *a, struct str s) {
  char *z = arena_strz(a, s);
  for (char *p = z; *p; p++)
    if (*p >= 'a' && *p <= 'z') *p = (char)(*p - 'a' + 'A');
  return str_from(z);
}

TYPE_FROM_TEXT(type_id_text) {
  int32_t birth = 0;
  (void)f;
  /* 1.10105E+17, or 15 digits and three zeros: a spreadsheet has rounded the number */
  if (str_find_char(s, '+') != (size_t)-1 ||
      (s.n == 18 && str_ends(s, S("000")) && !citizen_id_valid(s, NULL, NULL)))
    return type_say(c, PROBLEM_id_lost_digits, path);
  struct str id = type_capitals(c->a, s);
  if (id.n != 18) return type_say(c, PROBLEM_bad_id_number, path);
  if (!citizen_id_valid(id, &birth, NULL)) return type_say(c, PROBLEM_bad_check_digit, path);
  if (c->today && birth > c->today) return type_say(c, PROBLEM_in_future, path);
  *ret_v = V_TEXT(id);
  return true;
}

TYPE_FROM_TEXT(type_credit_text) {
  (void)f;
  struct str code = type_capitals(c->a, s);
  switch (credit_code_check(code)) {
  case CREDIT_BAD_FORM:
    problem_text(c->ps, PROBLEM_bad_format, path, S("18"), (struct str){0}, (struct str){0});
    return false;
  case CREDIT_BAD_CHECK:
    /* real certificates carry such codes: said, not refused */
    problem_warn(c->ps, PROBLEM_check_digit_warning, path);
    break;
  case CREDIT_OK:
    break;
  }
  *ret_v = V_TEXT(code);
  return true;
}

TYPE_FROM_TEXT(type_unit_code_text) {
  (void)f;
  bool ok = s.n >= 12 && s.n <= 40;
  for (size_t i = 0; ok && i < s.n; i++) {
    char ch = s.p[i];
    ok = i < 12    ? ch >= '0' && ch <= '9'
         : i == 12 ? ch == '-'
                   : (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '-';
  }
  if (!ok || s.n == 13) {
    problem_text(c->ps, PROBLEM_bad_format, path, S("110102000000 / 110102000000-zgh"),
                 (struct str){0}, (struct str){0});
    return false;
  }
  *ret_v = V_TEXT(arena_dup(c->a, s));
  return true;
}
