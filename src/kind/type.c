#include "kind/type.h"
#include "base/limits.h"
#include <stdlib.h>
#include <math.h>

/* ---- shared pieces ---- */

static bool wrong_type(const struct type_ctx *c, const struct field *f, struct str path) {
  const struct field_type_ops *t = field_type(f);
  problem_text(c->ps, PROBLEM_wrong_type, path, str_from(t->expects_en), (struct str){0},
               str_from(t->expects_zh));
  return false;
}

static bool say(const struct type_ctx *c, enum problem_code code, struct str path) {
  problem_add(c->ps, code, path);
  return false;
}

static bool in_range(const struct type_ctx *c, int64_t v, int64_t lo, int64_t hi, int scale,
                     struct str path) {
  if (v >= lo && v <= hi) return true;
  struct buf b = BUF_INIT(64);
  struct jw w;
  jw_init(&w, &b);
  jw_decimal(&w, v < lo ? lo : hi, scale);
  problem_text(c->ps, v < lo ? PROBLEM_too_small : PROBLEM_too_large, path, buf_str(&b),
               (struct str){0}, (struct str){0});
  buf_done(&b);
  return false;
}

static void limits_of(const struct field *f, int64_t lo, int64_t hi, int64_t *ret_lo,
                      int64_t *ret_hi) {
  *ret_lo = f->min || f->max ? f->min : lo;
  *ret_hi = f->max ? f->max : hi;
}

/* ---- text ---- */

static bool has_control(struct str s, bool lines) {
  for (size_t i = 0; i < s.n; i++) {
    unsigned char ch = (unsigned char)s.p[i];
    if (ch < 0x20 && !(lines && (ch == '\n' || ch == '\t'))) return true;
    if (ch == 0x7f) return true;
  }
  return false;
}

static bool text_check(const struct type_ctx *c, const struct field *f, struct str s,
                       struct str path, struct val *ret_v) {
  const bool lines = f->type == FT_LONGTEXT;
  int64_t lo, hi;
  limits_of(f, 0, lines ? LIMIT_TEXT_LONG : LIMIT_TEXT_DEFAULT, &lo, &hi);
  s = str_trim(s);
  size_t chars = str_utf8_len(s);
  if (chars == (size_t)-1 || has_control(s, lines)) return say(c, PROBLEM_bad_utf8, path);
  if ((int64_t)chars > hi) {
    problem_limit(c->ps, PROBLEM_too_long, path, hi);
    return false;
  }
  if (chars == 0) {
    *ret_v = V_NULL;
    return true;
  }
  if ((int64_t)chars < lo) {
    problem_limit(c->ps, PROBLEM_too_short, path, lo);
    return false;
  }
  *ret_v = V_TEXT(arena_dup(c->a, s));
  return true;
}

static bool text_json(const struct type_ctx *c, const struct field *f, const json_t *j,
                      struct str path, struct val *ret_v) {
  if (!json_is_string(j)) return wrong_type(c, f, path);
  return field_type(f)->from_text(c, f, json_str(j), path, ret_v);
}

static void text_out(struct jw *w, const struct field *f, const struct val *v,
                     const struct zone *z) {
  (void)f, (void)z;
  jw_str(w, v->t == VAL_TEXT ? v->s : (struct str){NULL, 0});
}

static struct str text_text(struct arena *a, const struct field *f, const struct val *v,
                            const struct zone *z) {
  (void)a, (void)f, (void)z;
  return v->t == VAL_TEXT ? v->s : S("");
}

static void type_key(struct jw *w, const char *type, const char *format) {
  jw_k(w, "type");
  jw_strz(w, type);
  if (!format) return;
  jw_k(w, "format");
  jw_strz(w, format);
}

static void text_openapi(struct jw *w, const struct field *f) {
  int64_t lo, hi;
  limits_of(f, 0, f->type == FT_LONGTEXT ? LIMIT_TEXT_LONG : LIMIT_TEXT_DEFAULT, &lo, &hi);
  type_key(w, "string", NULL);
  jw_k(w, "maxLength");
  jw_i64(w, hi);
  if (lo > 0) {
    jw_k(w, "minLength");
    jw_i64(w, lo);
  }
}

/* ---- numbers ---- */

static int scale_of(const struct field *f) {
  switch (f->type) {
  case FT_TEMP:
    return 1;
  case FT_DECIMAL:
    return f->scale;
  case FT_TEXT:
  case FT_LONGTEXT:
  case FT_INT:
  case FT_BOOL:
  case FT_DATE:
  case FT_MOMENT:
  case FT_MINUTE:
  case FT_ENUM:
  case FT_TAGS:
  case FT_REF:
  case FT_UNIT:
  case FT_FEN:
  case FT_PHONE:
  case FT_CITIZEN_ID:
  case FT_CREDIT_CODE:
  case FT_UNIT_CODE:
  case FT_UUID:
  case FT_PHOTO:
  case FT_JSON:
  case FT_TYPES_:
    break;
  }
  return 0;
}

static bool number_check(const struct type_ctx *c, const struct field *f, int64_t v,
                         struct str path, struct val *ret_v) {
  int64_t lo = -INT64_C(1000000000000), hi = INT64_C(1000000000000);
  if (f->type == FT_TEMP) lo = 340, hi = 430; /* thermometers of the field; source: product rules */
  if (f->type == FT_FEN) lo = 0;
  limits_of(f, lo, hi, &lo, &hi);
  if (!in_range(c, v, lo, hi, scale_of(f), path)) return false;
  *ret_v = V_I64(v);
  return true;
}

static bool number_text(const struct type_ctx *c, const struct field *f, struct str s,
                        struct str path, struct val *ret_v) {
  int64_t v;
  s = str_trim(s);
  if (s.n == 0) {
    *ret_v = V_NULL;
    return true;
  }
  if (parse_decimal(s, scale_of(f), INT64_MIN, INT64_MAX, &v) < 0) return wrong_type(c, f, path);
  return number_check(c, f, v, path, ret_v);
}

static bool number_json(const struct type_ctx *c, const struct field *f, const json_t *j,
                        struct str path, struct val *ret_v) {
  const int scale = scale_of(f);
  int64_t unit = 1, v;
  for (int i = 0; i < scale; i++) unit *= 10;
  if (json_is_integer(j)) {
    if (__builtin_mul_overflow((int64_t)json_integer_value(j), unit, &v))
      return wrong_type(c, f, path);
  } else if (json_is_real(j) && scale > 0) {
    /* a decimal sent as a JSON number: exact to the scale, or refused */
    double d = json_real_value(j) * (double)unit, nearest = nearbyint(d);
    if (!(fabs(nearest) < 1e15) || fabs(d - nearest) > 1e-6) return wrong_type(c, f, path);
    v = (int64_t)nearest;
  } else {
    return wrong_type(c, f, path);
  }
  return number_check(c, f, v, path, ret_v);
}

static void number_out(struct jw *w, const struct field *f, const struct val *v,
                       const struct zone *z) {
  (void)z;
  if (v->t == VAL_I64)
    jw_decimal(w, v->i, scale_of(f));
  else
    jw_null(w);
}

static struct str number_as_text(struct arena *a, const struct field *f, const struct val *v,
                                 const struct zone *z) {
  (void)z;
  if (v->t != VAL_I64) return S("");
  struct buf b = BUF_INIT(64);
  struct jw w;
  jw_init(&w, &b);
  jw_decimal(&w, v->i, scale_of(f));
  struct str out = arena_dup(a, buf_str(&b));
  buf_done(&b);
  return out;
}

static void number_openapi(struct jw *w, const struct field *f) {
  type_key(w, scale_of(f) ? "number" : "integer", scale_of(f) ? NULL : "int64");
  if (f->type == FT_TEMP) {
    jw_k(w, "minimum");
    jw_i64(w, 34);
    jw_k(w, "maximum");
    jw_i64(w, 43);
  } else if (f->max) {
    jw_k(w, "minimum");
    jw_decimal(w, f->min, scale_of(f));
    jw_k(w, "maximum");
    jw_decimal(w, f->max, scale_of(f));
  }
}

/* ---- yes and no ---- */

static bool bool_json(const struct type_ctx *c, const struct field *f, const json_t *j,
                      struct str path, struct val *ret_v) {
  if (!json_is_boolean(j)) return wrong_type(c, f, path);
  *ret_v = V_I64(json_is_true(j));
  return true;
}

static bool bool_text(const struct type_ctx *c, const struct field *f, struct str s,
                      struct str path, struct val *ret_v) {
  static const char *const yes[] = {"1", "true", "TRUE", "yes", "是", "有", "Y", "√"};
  static const char *const no[] = {"0", "false", "FALSE", "no", "否", "无", "N", "×"};
  s = str_trim(s);
  *ret_v = V_NULL;
  if (s.n == 0) return true;
  for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
    if (str_is(s, yes[i]) || str_is(s, no[i])) {
      *ret_v = V_I64(str_is(s, yes[i]));
      return true;
    }
  }
  return wrong_type(c, f, path);
}

static void bool_out(struct jw *w, const struct field *f, const struct val *v,
                     const struct zone *z) {
  (void)f, (void)z;
  if (v->t == VAL_I64)
    jw_bool(w, v->i != 0);
  else
    jw_null(w);
}

static struct str bool_as_text(struct arena *a, const struct field *f, const struct val *v,
                               const struct zone *z) {
  (void)a, (void)f, (void)z;
  return v->t != VAL_I64 ? S("") : v->i ? S("是") : S("否");
}

static void bool_openapi(struct jw *w, const struct field *f) {
  (void)f;
  type_key(w, "boolean", NULL);
}

/* ---- dates and times ---- */

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

static bool date_text(const struct type_ctx *c, const struct field *f, struct str s,
                      struct str path, struct val *ret_v) {
  int32_t day;
  char text[DAY_TEXT];
  (void)f;
  s = str_trim(s);
  *ret_v = V_NULL;
  if (s.n == 0) return true;
  if (!loose_date(s, &day)) return say(c, PROBLEM_bad_date, path);
  day_format(day, text);
  *ret_v = V_TEXT(arena_dup(c->a, (struct str){text, 10}));
  return true;
}

static bool date_json(const struct type_ctx *c, const struct field *f, const json_t *j,
                      struct str path, struct val *ret_v) {
  int32_t day;
  if (!json_is_string(j)) return wrong_type(c, f, path);
  if (day_parse(json_str(j), &day) < 0) return say(c, PROBLEM_bad_date, path);
  *ret_v = V_TEXT(arena_dup(c->a, json_str(j)));
  return true;
}

static void date_openapi(struct jw *w, const struct field *f) {
  (void)f;
  type_key(w, "string", "date");
}

static bool moment_text(const struct type_ctx *c, const struct field *f, struct str s,
                        struct str path, struct val *ret_v) {
  int64_t ms;
  int32_t day;
  int minute = 0;
  (void)f;
  s = str_trim(s);
  *ret_v = V_NULL;
  if (s.n == 0) return true;
  if (moment_parse(s, &ms) == 0) {
    *ret_v = V_I64(ms);
    return true;
  }
  /* without an offset it is civil time of the operation: "2020-05-08 17:30[:00]" or a bare date */
  struct str rest = s, date = str_split(&rest, str_find_char(s, 'T') == (size_t)-1 ? ' ' : 'T');
  if (!c->zone || !loose_date(date, &day)) return say(c, PROBLEM_bad_moment, path);
  if (rest.p && minute_parse(str_sub(rest, 0, 5), &minute) < 0)
    return say(c, PROBLEM_bad_moment, path);
  *ret_v = V_I64(zone_moment(c->zone, day, minute));
  return true;
}

static bool moment_json(const struct type_ctx *c, const struct field *f, const json_t *j,
                        struct str path, struct val *ret_v) {
  int64_t ms;
  if (!json_is_string(j)) return wrong_type(c, f, path);
  if (moment_parse(json_str(j), &ms) < 0) return say(c, PROBLEM_bad_moment, path);
  *ret_v = V_I64(ms);
  return true;
}

static struct str moment_as_text(struct arena *a, const struct field *f, const struct val *v,
                                 const struct zone *z) {
  char text[MOMENT_TEXT];
  (void)f;
  if (v->t != VAL_I64) return S("");
  moment_format(v->i, z ? z : zone_get("UTC"), text);
  return arena_dup(a, str_from(text));
}

static void moment_out(struct jw *w, const struct field *f, const struct val *v,
                       const struct zone *z) {
  char text[MOMENT_TEXT];
  (void)f;
  if (v->t != VAL_I64) {
    jw_null(w);
    return;
  }
  moment_format(v->i, z ? z : zone_get("UTC"), text);
  jw_strz(w, text);
}

static void moment_openapi(struct jw *w, const struct field *f) {
  (void)f;
  type_key(w, "string", "date-time");
}

static bool minute_text(const struct type_ctx *c, const struct field *f, struct str s,
                        struct str path, struct val *ret_v) {
  int minute;
  char padded[6] = "0";
  (void)f;
  s = str_trim(s);
  *ret_v = V_NULL;
  if (s.n == 0) return true;
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

static struct str minute_as_text(struct arena *a, const struct field *f, const struct val *v,
                                 const struct zone *z) {
  char text[6];
  (void)f, (void)z;
  if (v->t != VAL_I64) return S("");
  minute_format((int)v->i, text);
  return arena_dup(a, str_from(text));
}

static void minute_out(struct jw *w, const struct field *f, const struct val *v,
                       const struct zone *z) {
  char text[6];
  (void)f, (void)z;
  if (v->t != VAL_I64) {
    jw_null(w);
    return;
  }
  minute_format((int)v->i, text);
  jw_strz(w, text);
}

static void minute_openapi(struct jw *w, const struct field *f) {
  (void)f;
  type_key(w, "string", NULL);
  jw_k(w, "pattern");
  jw_strz(w, "^([01][0-9]|2[0-4]):[0-5][0-9]$");
}

/* ---- choices ---- */

/* "Subdistrict or town" and "subdistrict_or_town" are one label. */
static bool same_label(struct str s, const char *label) {
  size_t i = 0;
  for (const char *p = label; *p; p++, i++) {
    if (i == s.n) return false;
    char x = s.p[i], y = *p;
    if (x >= 'A' && x <= 'Z') x = (char)(x - 'A' + 'a');
    if (y >= 'A' && y <= 'Z') y = (char)(y - 'A' + 'a');
    if (x == '_' || x == '-') x = ' ';
    if (y == '_' || y == '-') y = ' ';
    if (x != y) return false;
  }
  return i == s.n;
}

/* "社区（村）" is also "社区". */
static bool same_zh(struct str s, const char *zh) {
  const struct str label = str_from(zh);
  const size_t at = str_find(label, S("（"));
  return str_eq(s, label) || (at != (size_t)-1 && str_eq(s, str_sub(label, 0, at)));
}

static const struct choice *choice_find(const struct field *f, struct str s) {
  for (const struct choice *ch = f->choices; ch && ch->value; ch++)
    if (same_label(s, ch->value) || same_zh(s, ch->zh) || same_label(s, ch->en)) return ch;
  return NULL;
}

static bool not_in_list(const struct type_ctx *c, const struct field *f, struct str path) {
  struct buf values = BUF_INIT(KIB(2)), labels = BUF_INIT(KIB(4));
  for (const struct choice *ch = f->choices; ch && ch->value; ch++) {
    buf_printf(&values, "%s%s", values.n ? ", " : "", ch->value);
    buf_printf(&labels, "%s%s", labels.n ? "、" : "", ch->zh);
  }
  problem_text(c->ps, PROBLEM_not_in_list, path, buf_str(&values), (struct str){0},
               buf_str(&labels));
  buf_done(&values);
  buf_done(&labels);
  return false;
}

static bool enum_text(const struct type_ctx *c, const struct field *f, struct str s,
                      struct str path, struct val *ret_v) {
  s = str_trim(s);
  *ret_v = V_NULL;
  if (s.n == 0) return true;
  const struct choice *ch = choice_find(f, s);
  if (!ch) return not_in_list(c, f, path);
  *ret_v = V_TEXTZ(ch->value);
  return true;
}

static bool enum_json(const struct type_ctx *c, const struct field *f, const json_t *j,
                      struct str path, struct val *ret_v) {
  if (!json_is_string(j)) return wrong_type(c, f, path);
  for (const struct choice *ch = f->choices; ch->value; ch++)
    if (str_is(json_str(j), ch->value)) {
      *ret_v = V_TEXTZ(ch->value);
      return true;
    }
  return not_in_list(c, f, path);
}

static struct str enum_as_text(struct arena *a, const struct field *f, const struct val *v,
                               const struct zone *z) {
  (void)a, (void)z;
  if (v->t != VAL_TEXT) return S("");
  const struct choice *ch = choice_find(f, v->s);
  return ch ? str_from(ch->zh) : v->s;
}

static void enum_openapi(struct jw *w, const struct field *f) {
  type_key(w, "string", NULL);
  jw_k(w, "enum");
  jw_array(w);
  for (const struct choice *ch = f->choices; ch->value; ch++) jw_strz(w, ch->value);
  jw_end(w);
}

/* ---- tags: sorted, each once, joined by commas ---- */

enum { TAGS_MAX = 24, TAG_CHARS = 24 };

static bool tags_set(const struct type_ctx *c, const struct field *f, struct str *tags, size_t n,
                     struct str path, struct val *ret_v) {
  struct str kept[TAGS_MAX];
  size_t n_kept = 0;
  for (size_t i = 0; i < n; i++) {
    struct str tag = str_trim(tags[i]);
    if (tag.n == 0) continue;
    if (f->choices) {
      const struct choice *ch = choice_find(f, tag);
      if (!ch) return not_in_list(c, f, path);
      tag = str_from(ch->value);
    }
    size_t chars = str_utf8_len(tag);
    if (chars == (size_t)-1 || has_control(tag, false)) return say(c, PROBLEM_bad_utf8, path);
    if (chars > TAG_CHARS) {
      problem_limit(c->ps, PROBLEM_too_long, path, TAG_CHARS);
      return false;
    }
    size_t at = 0;
    while (at < n_kept && str_cmp(kept[at], tag) < 0) at++;
    if (at < n_kept && str_eq(kept[at], tag)) continue;
    if (n_kept == TAGS_MAX) {
      problem_limit(c->ps, PROBLEM_too_many, path, TAGS_MAX);
      return false;
    }
    memmove(&kept[at + 1], &kept[at], (n_kept - at) * sizeof kept[0]);
    kept[at] = tag;
    n_kept++;
  }
  struct buf b = BUF_INIT(KIB(4));
  for (size_t i = 0; i < n_kept; i++) {
    if (i) buf_char(&b, ',');
    buf_str_add(&b, kept[i]);
  }
  *ret_v = b.n ? V_TEXT(arena_dup(c->a, buf_str(&b))) : V_NULL;
  buf_done(&b);
  return true;
}

static bool tags_text(const struct type_ctx *c, const struct field *f, struct str s,
                      struct str path, struct val *ret_v) {
  struct str tags[TAGS_MAX * 2];
  size_t n = 0;
  char *flat = arena_strz(c->a, s);
  /* people separate with whatever their keyboard gives */
  static const struct str marks[] = {STR_INIT("、"), STR_INIT("，"), STR_INIT("；"), STR_INIT(";")};
  struct str rest = {flat, s.n};
  for (size_t m = 0; m < ARRAY_LEN(marks); m++)
    for (size_t at; (at = str_find(rest, marks[m])) != (size_t)-1;) {
      flat[at] = ',';
      for (size_t k = 1; k < marks[m].n; k++) flat[at + k] = ' ';
    }
  while (rest.p && n < ARRAY_LEN(tags)) tags[n++] = str_split(&rest, ',');
  return tags_set(c, f, tags, n, path, ret_v);
}

static bool tags_json(const struct type_ctx *c, const struct field *f, const json_t *j,
                      struct str path, struct val *ret_v) {
  struct str tags[TAGS_MAX * 2];
  size_t n = 0;
  if (!json_is_array(j)) return wrong_type(c, f, path);
  if (json_array_size(j) > ARRAY_LEN(tags)) {
    problem_limit(c->ps, PROBLEM_too_many, path, TAGS_MAX);
    return false;
  }
  for (size_t i = 0; i < json_array_size(j); i++) {
    const json_t *item = json_array_get(j, i);
    if (!json_is_string(item)) return wrong_type(c, f, path);
    tags[n] = json_str(item);
    if (str_find_char(tags[n++], ',') != (size_t)-1) return wrong_type(c, f, path);
  }
  return tags_set(c, f, tags, n, path, ret_v);
}

static void tags_out(struct jw *w, const struct field *f, const struct val *v,
                     const struct zone *z) {
  (void)f, (void)z;
  struct str rest = v->t == VAL_TEXT ? v->s : (struct str){NULL, 0};
  jw_array(w);
  while (rest.p) jw_str(w, str_split(&rest, ','));
  jw_end(w);
}

static void tags_openapi(struct jw *w, const struct field *f) {
  type_key(w, "array", NULL);
  jw_k(w, "items");
  jw_object(w);
  if (f->choices)
    enum_openapi(w, f);
  else
    type_key(w, "string", NULL);
  jw_end(w);
}

/* ---- identities and references ---- */

static bool uuid_from_text(const struct type_ctx *c, const struct field *f, struct str s,
                           struct str path, struct val *ret_v) {
  struct uuid u;
  (void)f;
  s = str_trim(s);
  *ret_v = V_NULL;
  if (s.n == 0) return true;
  if (uuid_parse(s, &u) < 0) {
    problem_text(c->ps, PROBLEM_bad_format, path, S("UUID"), (struct str){0}, (struct str){0});
    return false;
  }
  *ret_v = V_UUID(u);
  return true;
}

/* A reference may come back as it went out: {"id": …, "title": …}. */
static const json_t *id_inside(const json_t *j) {
  const json_t *id = json_is_object(j) ? json_object_get(j, "id") : NULL;
  return id ? id : j;
}

static bool uuid_json(const struct type_ctx *c, const struct field *f, const json_t *j,
                      struct str path, struct val *ret_v) {
  if (f->type == FT_REF) j = id_inside(j);
  if (!json_is_string(j)) return wrong_type(c, f, path);
  return uuid_from_text(c, f, json_str(j), path, ret_v);
}

static void uuid_out(struct jw *w, const struct field *f, const struct val *v,
                     const struct zone *z) {
  (void)f, (void)z;
  if (v->t == VAL_UUID)
    jw_uuid(w, &v->u);
  else
    jw_null(w);
}

static struct str uuid_as_text(struct arena *a, const struct field *f, const struct val *v,
                               const struct zone *z) {
  char text[UUID_TEXT];
  (void)f, (void)z;
  if (v->t != VAL_UUID) return S("");
  uuid_format(&v->u, text);
  return arena_dup(a, str_from(text));
}

static void uuid_openapi(struct jw *w, const struct field *f) {
  (void)f;
  type_key(w, "string", "uuid");
}

static bool unit_text(const struct type_ctx *c, const struct field *f, struct str s,
                      struct str path, struct val *ret_v) {
  struct uuid id;
  const struct unit_row *u = NULL;
  (void)f;
  s = str_trim(s);
  *ret_v = V_NULL;
  if (s.n == 0) return true;
  if (c->tree && uuid_parse(s, &id) == 0) u = unit_by_id(c->tree, &id);
  if (c->tree && !u) u = unit_by_code(c->tree, s);
  if (!u) {
    problem_text(c->ps, PROBLEM_not_found, path, (struct str){0}, s, (struct str){0});
    return false;
  }
  *ret_v = V_I64(u->no);
  return true;
}

static bool unit_json(const struct type_ctx *c, const struct field *f, const json_t *j,
                      struct str path, struct val *ret_v) {
  j = id_inside(j);
  if (!json_is_string(j)) return wrong_type(c, f, path);
  return unit_text(c, f, json_str(j), path, ret_v);
}

/* ---- numbers that identify ---- */

static bool phone_text(const struct type_ctx *c, const struct field *f, struct str s,
                       struct str path, struct val *ret_v) {
  (void)f;
  *ret_v = V_NULL;
  if (str_trim(s).n == 0) return true;
  struct str normal = phone_normal(c->a, s);
  if (!normal.p) {
    problem_text(c->ps, PROBLEM_bad_format, path, S("13900000000"), (struct str){0},
                 (struct str){0});
    return false;
  }
  *ret_v = V_TEXT(normal);
  return true;
}

static char *upper(struct arena *a, struct str s) {
  char *z = arena_strz(a, s);
  for (char *p = z; *p; p++)
    if (*p >= 'a' && *p <= 'z') *p = (char)(*p - 'a' + 'A');
  return z;
}

static bool id_text(const struct type_ctx *c, const struct field *f, struct str s, struct str path,
                    struct val *ret_v) {
  int32_t birth = 0;
  (void)f;
  s = str_trim(s);
  *ret_v = V_NULL;
  if (s.n == 0) return true;
  /* 1.10105E+17, or 15 digits and three zeros: a spreadsheet has rounded the number */
  if (str_find_char(s, '+') != (size_t)-1 ||
      (s.n == 18 && str_ends(s, S("000")) && !citizen_id_valid(s, NULL, NULL)))
    return say(c, PROBLEM_id_lost_digits, path);
  struct str id = str_from(upper(c->a, s));
  if (id.n != 18) return say(c, PROBLEM_bad_id_number, path);
  if (!citizen_id_valid(id, &birth, NULL)) return say(c, PROBLEM_bad_check_digit, path);
  if (c->today && birth > c->today) return say(c, PROBLEM_in_future, path);
  *ret_v = V_TEXT(id);
  return true;
}

static bool credit_text(const struct type_ctx *c, const struct field *f, struct str s,
                        struct str path, struct val *ret_v) {
  (void)f;
  s = str_trim(s);
  *ret_v = V_NULL;
  if (s.n == 0) return true;
  struct str code = str_from(upper(c->a, s));
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

static bool unit_code_text(const struct type_ctx *c, const struct field *f, struct str s,
                           struct str path, struct val *ret_v) {
  (void)f;
  s = str_trim(s);
  *ret_v = V_NULL;
  if (s.n == 0) return true;
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

/* ---- objects ---- */

enum { JSON_BYTES = 8000 };

/* Keys in order, so that the same content is the same text: history and receipts compare it. */
static bool object_json(const struct type_ctx *c, const struct field *f, const json_t *j,
                        struct str path, struct val *ret_v) {
  const int64_t most = f->max ? f->max : JSON_BYTES;
  if (!json_is_object(j)) return wrong_type(c, f, path);
  char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
  if (!text) return wrong_type(c, f, path);
  const struct str s = arena_dup(c->a, str_from(text));
  free(text);
  if ((int64_t)s.n > most) {
    problem_limit(c->ps, PROBLEM_too_long, path, most);
    return false;
  }
  *ret_v = V_TEXT(s);
  return true;
}

static bool object_text(const struct type_ctx *c, const struct field *f, struct str s,
                        struct str path, struct val *ret_v) {
  json_t *root;
  *ret_v = V_NULL;
  if (str_trim(s).n == 0) return true;
  if (json_read(c->a, s, &root, NULL) < 0) return wrong_type(c, f, path);
  return object_json(c, f, root, path, ret_v);
}

static void object_out(struct jw *w, const struct field *f, const struct val *v,
                       const struct zone *z) {
  (void)f, (void)z;
  if (v->t == VAL_TEXT)
    jw_raw(w, v->s);
  else
    jw_null(w);
}

static void object_openapi(struct jw *w, const struct field *f) {
  (void)f;
  type_key(w, "object", NULL);
}

/* ---- the table ---- */

#define TEXT_LIKE                                                                                  \
  .storage = VAL_TEXT, .from_json = text_json, .to_json = text_out, .to_text = text_text,          \
  .typescript = "string", .expects_zh = "文字", .expects_en = "text"
#define NUMBER_LIKE                                                                                \
  .storage = VAL_I64, .from_json = number_json, .from_text = number_text, .to_json = number_out,   \
  .to_text = number_as_text, .openapi = number_openapi, .typescript = "number"
#define UUID_LIKE                                                                                  \
  .storage = VAL_UUID, .from_json = uuid_json, .from_text = uuid_from_text, .to_json = uuid_out,   \
  .to_text = uuid_as_text, .openapi = uuid_openapi, .expects_zh = "编号", .expects_en = "an id"

static const struct field_type_ops types[FT_TYPES_] = {
    [FT_TEXT] = {"text", TEXT_LIKE, .from_text = text_check, .openapi = text_openapi},
    [FT_LONGTEXT] = {"longtext", TEXT_LIKE, .from_text = text_check, .openapi = text_openapi},
    [FT_INT] = {"int", NUMBER_LIKE, .expects_zh = "整数", .expects_en = "a whole number"},
    [FT_DECIMAL] = {"decimal", NUMBER_LIKE, .expects_zh = "数字", .expects_en = "a number"},
    [FT_TEMP] = {"temp", NUMBER_LIKE, .expects_zh = "体温，如36.5",
                 .expects_en = "a temperature like 36.5"},
    [FT_FEN] = {"fen", NUMBER_LIKE, .expects_zh = "金额（分）", .expects_en = "an amount in fen"},
    [FT_BOOL] = {"bool", VAL_I64, bool_json, bool_text, bool_out, bool_as_text, bool_openapi,
                 "boolean", "是或否", "true or false"},
    [FT_DATE] = {"date", VAL_TEXT, date_json, date_text, text_out, text_text, date_openapi,
                 "string", "日期", "a date"},
    [FT_MOMENT] = {"moment", VAL_I64, moment_json, moment_text, moment_out, moment_as_text,
                   moment_openapi, "string", "时间", "a time"},
    [FT_MINUTE] = {"minute", VAL_I64, text_json, minute_text, minute_out, minute_as_text,
                   minute_openapi, "string", "时刻，如08:00", "a time of day like 08:00"},
    [FT_ENUM] = {"enum", VAL_TEXT, enum_json, enum_text, text_out, enum_as_text, enum_openapi, NULL,
                 "选项", "one of the choices"},
    [FT_TAGS] = {"tags", VAL_TEXT, tags_json, tags_text, tags_out, text_text, tags_openapi,
                 "string[]", "多个选项的列表", "a list of texts"},
    [FT_REF] = {"ref", UUID_LIKE, .typescript = "Ref"},
    [FT_UNIT] = {"unit", VAL_I64, unit_json, unit_text, number_out, number_as_text, uuid_openapi,
                 "UnitRef", "单位编码", "a unit's code or id"},
    [FT_UUID] = {"uuid", UUID_LIKE, .typescript = "string"},
    [FT_PHOTO] = {"photo", UUID_LIKE, .typescript = "string"},
    [FT_PHONE] = {"phone", TEXT_LIKE, .from_text = phone_text, .openapi = text_openapi},
    [FT_CITIZEN_ID] = {"citizen_id", TEXT_LIKE, .from_text = id_text, .openapi = text_openapi},
    [FT_CREDIT_CODE] = {"credit_code", TEXT_LIKE, .from_text = credit_text,
                        .openapi = text_openapi},
    [FT_JSON] = {"json", VAL_TEXT, object_json, object_text, object_out, text_text, object_openapi,
                 "Record<string, unknown>", "对象", "an object"},
    [FT_UNIT_CODE] = {"unit_code", TEXT_LIKE, .from_text = unit_code_text, .openapi = text_openapi},
};

const struct field_type_ops *field_type(const struct field *f) {
  return &types[f->type];
}
