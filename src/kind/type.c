#include "kind/type_inner.h"
#include "base/limits.h"
#include <stdlib.h>
#include <math.h>
#include <assert.h>

/* ---- shared pieces ---- */

bool type_wrong(const struct type_ctx *c, const struct field *f, struct str path) {
  const struct field_type_ops *t = field_type(f);
  problem_text(c->ps, PROBLEM_wrong_type, path, str_from(t->expects_en), (struct str){0},
               str_from(t->expects_zh));
  return false;
}

bool type_say(const struct type_ctx *c, enum problem_code code, struct str path) {
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

static TYPE_FROM_TEXT(text_check) {
  const bool lines = f->type == FT_LONGTEXT;
  int64_t lo, hi;
  limits_of(f, 0, lines ? LIMIT_TEXT_LONG : LIMIT_TEXT_DEFAULT, &lo, &hi);
  const size_t chars = str_utf8_len(s);
  if (f->capitals) s = type_capitals(c->a, arena_half_width(c->a, s));
  if (chars == (size_t)-1 || has_control(s, lines)) return type_say(c, PROBLEM_bad_utf8, path);
  if ((int64_t)chars > hi) {
    problem_limit(c->ps, PROBLEM_too_long, path, hi);
    return false;
  }
  if ((int64_t)chars < lo) {
    problem_limit(c->ps, PROBLEM_too_short, path, lo);
    return false;
  }
  *ret_v = V_TEXT(arena_dup(c->a, s));
  return true;
}

TYPE_FROM_JSON(type_text_json) {
  if (!json_is_string(j)) return type_wrong(c, f, path);
  return field_from_text(c, f, json_str(j), path, ret_v);
}

static TYPE_TO_JSON(text_out) {
  (void)f, (void)z;
  jw_str(w, v->s);
}

static TYPE_TO_TEXT(text_text) {
  (void)a, (void)f, (void)z;
  return v->s;
}

static void type_key(struct jw *w, const char *type, const char *format) {
  jw_kstrz(w, "type", type);
  if (!format) return;
  jw_kstrz(w, "format", format);
}

static void text_openapi(struct jw *w, const struct field *f) {
  int64_t lo, hi;
  limits_of(f, 0, f->type == FT_LONGTEXT ? LIMIT_TEXT_LONG : LIMIT_TEXT_DEFAULT, &lo, &hi);
  type_key(w, "string", NULL);
  jw_ki64(w, "maxLength", hi);
  if (lo > 0) {
    jw_ki64(w, "minLength", lo);
  }
}

/* ---- numbers ---- */

static int scale_of(const struct field *f) {
  return f->type == FT_TEMP ? 1 : f->type == FT_DECIMAL ? f->scale : 0;
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

static TYPE_FROM_TEXT(number_text) {
  int64_t v;
  if (parse_decimal(s, scale_of(f), INT64_MIN, INT64_MAX, &v) < 0) return type_wrong(c, f, path);
  return number_check(c, f, v, path, ret_v);
}

static TYPE_FROM_JSON(number_json) {
  const int scale = scale_of(f);
  int64_t unit = 1, v;
  for (int i = 0; i < scale; i++) unit *= 10;
  if (json_is_integer(j)) {
    if (__builtin_mul_overflow((int64_t)json_integer_value(j), unit, &v))
      return type_wrong(c, f, path);
  } else if (json_is_real(j) && scale > 0) {
    /* a decimal sent as a JSON number: exact to the scale, or refused */
    double d = json_real_value(j) * (double)unit, nearest = nearbyint(d);
    if (!(fabs(nearest) < 1e15) || fabs(d - nearest) > 1e-6) return type_wrong(c, f, path);
    v = (int64_t)nearest;
  } else {
    return type_wrong(c, f, path);
  }
  return number_check(c, f, v, path, ret_v);
}

static TYPE_TO_JSON(number_out) {
  (void)z;
  jw_decimal(w, v->i, scale_of(f));
}

static TYPE_TO_TEXT(number_as_text) {
  (void)z;
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
    jw_ki64(w, "minimum", 34);
    jw_ki64(w, "maximum", 43);
  } else if (f->max) {
    jw_k(w, "minimum");
    jw_decimal(w, f->min, scale_of(f));
    jw_k(w, "maximum");
    jw_decimal(w, f->max, scale_of(f));
  }
}

/* ---- yes and no ---- */

static TYPE_FROM_JSON(bool_json) {
  if (!json_is_boolean(j)) return type_wrong(c, f, path);
  *ret_v = V_I64(json_is_true(j));
  return true;
}

static TYPE_FROM_TEXT(bool_text) {
  static const char *const yes[] = {"1", "true", "TRUE", "yes", "是", "有", "Y", "√"};
  static const char *const no[] = {"0", "false", "FALSE", "no", "否", "无", "N", "×"};
  for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
    if (str_is(s, yes[i]) || str_is(s, no[i])) {
      *ret_v = V_I64(str_is(s, yes[i]));
      return true;
    }
  }
  return type_wrong(c, f, path);
}

static TYPE_TO_JSON(bool_out) {
  (void)f, (void)z;
  jw_bool(w, v->i != 0);
}

static TYPE_TO_TEXT(bool_as_text) {
  (void)a, (void)f, (void)z;
  return v->i ? S("是") : S("否");
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

static TYPE_FROM_TEXT(enum_text) {
  const struct choice *ch = choice_find(f, s);
  if (!ch) return not_in_list(c, f, path);
  *ret_v = V_TEXTZ(ch->value);
  return true;
}

static TYPE_FROM_JSON(enum_json) {
  if (!json_is_string(j)) return type_wrong(c, f, path);
  for (const struct choice *ch = f->choices; ch->value; ch++)
    if (str_is(json_str(j), ch->value)) {
      *ret_v = V_TEXTZ(ch->value);
      return true;
    }
  return not_in_list(c, f, path);
}

static TYPE_TO_TEXT(enum_as_text) {
  (void)a, (void)z;
  const struct choice *ch = choice_find(f, v->s);
  return ch ? str_from(ch->zh) : v->s;
}

static void enum_openapi(struct jw *w, const struct field *f) {
  type_key(w, "string", NULL);
  jw_karray(w, "enum");
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
    if (chars == (size_t)-1 || has_control(tag, false)) return type_say(c, PROBLEM_bad_utf8, path);
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

static TYPE_FROM_TEXT(tags_text) {
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

static TYPE_FROM_JSON(tags_json) {
  struct str tags[TAGS_MAX * 2];
  size_t n = 0;
  if (!json_is_array(j)) return type_wrong(c, f, path);
  if (json_array_size(j) > ARRAY_LEN(tags)) {
    problem_limit(c->ps, PROBLEM_too_many, path, TAGS_MAX);
    return false;
  }
  for (size_t i = 0; i < json_array_size(j); i++) {
    const json_t *item = json_array_get(j, i);
    if (!json_is_string(item)) return type_wrong(c, f, path);
    tags[n] = json_str(item);
    if (str_find_char(tags[n++], ',') != (size_t)-1) return type_wrong(c, f, path);
  }
  return tags_set(c, f, tags, n, path, ret_v);
}

static TYPE_TO_JSON(tags_out) {
  (void)f, (void)z;
  struct str rest = v->t == VAL_TEXT ? v->s : (struct str){NULL, 0};
  jw_array(w);
  while (rest.p) jw_str(w, str_split(&rest, ','));
  jw_end(w);
}

static void tags_openapi(struct jw *w, const struct field *f) {
  type_key(w, "array", NULL);
  jw_kobject(w, "items");
  if (f->choices)
    enum_openapi(w, f);
  else
    type_key(w, "string", NULL);
  jw_end(w);
}

/* ---- identities and references ---- */

static TYPE_FROM_TEXT(uuid_from_text) {
  struct uuid u;
  (void)f;
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

static TYPE_FROM_JSON(uuid_json) {
  if (f->type == FT_REF) j = id_inside(j);
  if (!json_is_string(j)) return type_wrong(c, f, path);
  return field_from_text(c, f, json_str(j), path, ret_v);
}

static TYPE_TO_JSON(uuid_out) {
  (void)f, (void)z;
  jw_uuid(w, &v->u);
}

static TYPE_TO_TEXT(uuid_as_text) {
  char text[UUID_TEXT];
  (void)f, (void)z;
  uuid_format(&v->u, text);
  return arena_dup(a, str_from(text));
}

static TYPE_FROM_TEXT(unit_text) {
  struct uuid id;
  const struct unit_row *u = NULL;
  (void)f;
  if (c->tree && uuid_parse(s, &id) == 0) u = unit_by_id(c->tree, &id);
  if (c->tree && !u) u = unit_by_code(c->tree, s);
  if (!u) {
    problem_text(c->ps, PROBLEM_not_found, path, (struct str){0}, s, (struct str){0});
    return false;
  }
  *ret_v = V_I64(u->no);
  return true;
}

static TYPE_FROM_JSON(unit_json) {
  j = id_inside(j);
  if (!json_is_string(j)) return type_wrong(c, f, path);
  return field_from_text(c, f, json_str(j), path, ret_v);
}

/* ---- objects ---- */

enum { JSON_BYTES = 8000 };

/* Keys in order, so that the same content is the same text: history and receipts compare it. */
static TYPE_FROM_JSON(object_json) {
  const int64_t most = f->max ? f->max : JSON_BYTES;
  if (!json_is_object(j)) return type_wrong(c, f, path);
  char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
  if (!text) return type_wrong(c, f, path);
  const struct str s = arena_dup(c->a, str_from(text));
  free(text);
  if ((int64_t)s.n > most) {
    problem_limit(c->ps, PROBLEM_too_long, path, most);
    return false;
  }
  *ret_v = V_TEXT(s);
  return true;
}

static TYPE_FROM_TEXT(object_text) {
  json_t *root;
  if (json_read(c->a, s, &root, NULL) < 0) return type_wrong(c, f, path);
  return object_json(c, f, root, path, ret_v);
}

static TYPE_TO_JSON(object_out) {
  (void)f, (void)z;
  jw_raw(w, v->s);
}

/* ---- the table ---- */

#define TEXT_LIKE                                                                                  \
  .storage = VAL_TEXT, .from_json = type_text_json, .to_json = text_out, .to_text = text_text,     \
  .openapi = text_openapi, .typescript = "string", .expects_zh = "文字", .expects_en = "text"
#define NUMBER_LIKE                                                                                \
  .storage = VAL_I64, .from_json = number_json, .from_text = number_text, .to_json = number_out,   \
  .to_text = number_as_text, .openapi = number_openapi, .typescript = "number",                    \
  .half_width = true, .ordered = true
#define UUID_LIKE                                                                                  \
  .storage = VAL_UUID, .from_json = uuid_json, .from_text = uuid_from_text, .to_json = uuid_out,   \
  .to_text = uuid_as_text, .schema = {"string", .format = "uuid"}, .expects_zh = "编号",           \
  .expects_en = "an id"

static const struct field_type_ops types[FT_TYPES_] = {
    [FT_TEXT] = {"text", TEXT_LIKE, .from_text = text_check},
    [FT_LONGTEXT] = {"longtext", TEXT_LIKE, .from_text = text_check},
    [FT_INT] = {"int", NUMBER_LIKE, .expects_zh = "整数", .expects_en = "a whole number",
                .example = "1"},
    [FT_DECIMAL] = {"decimal", NUMBER_LIKE, .expects_zh = "数字", .expects_en = "a number"},
    [FT_TEMP] = {"temp", NUMBER_LIKE, .expects_zh = "体温，如36.5",
                 .expects_en = "a temperature like 36.5", .example = "36.5"},
    [FT_FEN] = {"fen", NUMBER_LIKE, .expects_zh = "金额（分）", .expects_en = "an amount in fen"},
    [FT_BOOL] = {"bool", VAL_I64, bool_json, bool_text, bool_out, bool_as_text,
                 .schema = {.type = "boolean"}, .typescript = "boolean", .expects_zh = "是或否",
                 .expects_en = "true or false", .example = "否"},
    [FT_DATE] = {"date", VAL_TEXT, type_date_json, type_date_text, text_out, text_text,
                 .schema = {"string", .format = "date"}, .typescript = "string",
                 .expects_zh = "日期", .expects_en = "a date", .example = "2020-02-10",
                 .half_width = true, .ordered = true},
    [FT_MOMENT] = {"moment", VAL_I64, type_moment_json, type_moment_text, type_moment_out,
                   type_moment_as_text, .schema = {"string", .format = "date-time"},
                   .typescript = "string", .expects_zh = "时间", .expects_en = "a time",
                   .example = "2020-02-10 08:00", .half_width = true, .ordered = true},
    [FT_MINUTE] = {"minute", VAL_I64, type_text_json, type_minute_text, type_minute_out,
                   type_minute_as_text,
                   .schema = {"string", .pattern = "^([01][0-9]|2[0-4]):[0-5][0-9]$"},
                   .typescript = "string", .expects_zh = "时刻，如08:00",
                   .expects_en = "a time of day like 08:00", .example = "08:00", .half_width = true,
                   .ordered = true},
    [FT_ENUM] = {"enum", VAL_TEXT, enum_json, enum_text, text_out, enum_as_text,
                 .openapi = enum_openapi, .expects_zh = "选项", .expects_en = "one of the choices"},
    [FT_TAGS] = {"tags", VAL_TEXT, tags_json, tags_text, tags_out, text_text,
                 .openapi = tags_openapi, .typescript = "string[]", .expects_zh = "多个选项的列表",
                 .expects_en = "a list of texts"},
    [FT_REF] = {"ref", UUID_LIKE, .typescript = "Ref"},
    [FT_UNIT] = {"unit", VAL_I64, unit_json, unit_text, number_out, number_as_text,
                 .schema = {"string", .format = "uuid"}, .typescript = "UnitRef",
                 .expects_zh = "单位编码", .expects_en = "a unit's code or id",
                 .example = "110102013005"},
    [FT_UUID] = {"uuid", UUID_LIKE, .typescript = "string"},
    [FT_PHOTO] = {"photo", UUID_LIKE, .typescript = "string"},
    [FT_PHONE] = {"phone", TEXT_LIKE, .from_text = type_phone_text, .half_width = true,
                  .example = "13900000000"},
    [FT_CITIZEN_ID] = {"citizen_id", TEXT_LIKE, .from_text = type_id_text, .half_width = true},
    [FT_CREDIT_CODE] = {"credit_code", TEXT_LIKE, .from_text = type_credit_text,
                        .half_width = true},
    [FT_JSON] = {"json", VAL_TEXT, object_json, object_text, object_out, text_text,
                 .schema = {.type = "object"}, .typescript = "Record<string, unknown>",
                 .expects_zh = "对象", .expects_en = "an object"},
    [FT_UNIT_CODE] = {"unit_code", TEXT_LIKE, .from_text = type_unit_code_text,
                      .example = "110102013005", .half_width = true, .ordered = true},
};

const struct field_type_ops *field_type(const struct field *f) {
  assert(f->type < FT_TYPES_);
  return &types[f->type];
}

bool field_from_json(const struct type_ctx *c, const struct field *f, const json_t *j,
                     struct str path, struct val *ret_v) {
  return field_type(f)->from_json(c, f, j, path, ret_v);
}

bool field_from_text(const struct type_ctx *c, const struct field *f, struct str text,
                     struct str path, struct val *ret_v) {
  const struct field_type_ops *t = field_type(f);
  text = str_trim(text);
  if (t->half_width) text = arena_half_width(c->a, text);
  *ret_v = V_NULL;
  return text.n == 0 || t->from_text(c, f, text, path, ret_v);
}

void field_to_json(struct jw *w, const struct field *f, const struct val *v, const struct zone *z) {
  const struct field_type_ops *t = field_type(f);
  if (v->t == VAL_NULL && f->type != FT_TAGS) { /* no tags are an empty list */
    jw_null(w);
    return;
  }
  assert(v->t == VAL_NULL || v->t == t->storage);
  t->to_json(w, f, v, z);
}

struct str field_to_text(struct arena *a, const struct field *f, const struct val *v,
                         const struct zone *z) {
  return v->t == VAL_NULL ? S("") : field_type(f)->to_text(a, f, v, z);
}

void field_schema(struct jw *w, const struct field *f) {
  const struct field_type_ops *t = field_type(f);
  if (t->openapi) {
    t->openapi(w, f);
    return;
  }
  type_key(w, t->schema.type, t->schema.format);
  if (t->schema.pattern) jw_kstrz(w, "pattern", t->schema.pattern);
}
