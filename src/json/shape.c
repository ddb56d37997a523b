#include "json/shape.h"
#include "base/limits.h"

static const struct plain {
  const char *name, *type, *format, *typescript;
} plains[] = {
    {"text", "string", NULL, "string"},
    {"int", "integer", NULL, "number"},
    {"number", "number", NULL, "number"},
    {"bool", "boolean", NULL, "boolean"},
    {"id", "string", "uuid", "string"},
    {"date", "string", "date", "string"},
    {"moment", "string", "date-time", "string"},
    {"null", "null", NULL, "null"},
    {"object", "object", NULL, "Record<string, unknown>"},
    {"any", NULL, NULL, "unknown"},
};

static const struct plain *plain_find(struct str name) {
  for (size_t i = 0; i < ARRAY_LEN(plains); i++)
    if (str_is(name, plains[i].name)) return &plains[i];
  return NULL;
}

/* ---- taking a text apart ---- */

/* Up to the next `sep` that stands in no braces; the last piece leaves *s with p == NULL. */
static struct str piece(struct str *s, char sep) {
  const struct str all = *s;
  int depth = 0;
  size_t i = 0;
  for (; i < all.n && (depth > 0 || all.p[i] != sep); i++) {
    depth += all.p[i] == '{' || all.p[i] == '(';
    depth -= all.p[i] == '}' || all.p[i] == ')';
  }
  *s = i < all.n ? str_sub(all, i + 1, all.n) : (struct str){NULL, 0};
  return str_sub(all, 0, i);
}

bool shape_next(struct str *rest, struct shape_member *ret_member) {
  while (rest->p) {
    struct str one = piece(rest, ' ');
    if (!one.n) continue;
    *ret_member = (struct shape_member){.type = S("text")};
    if (str_starts(one, S("..."))) {
      ret_member->type = str_sub(one, 3, one.n);
      return true;
    }
    ret_member->name = piece(&one, ':');
    if (one.p) ret_member->type = one;
    ret_member->optional = str_ends(ret_member->name, S("?"));
    if (ret_member->optional)
      ret_member->name = str_sub(ret_member->name, 0, ret_member->name.n - 1);
    return true;
  }
  return false;
}

struct str shape_document(const char *text) {
  const struct str s = str_from(text ? text : "");
  return str_trim(str_sub(s, 0, str_find(s, S("file:"))));
}

struct str shape_files(const char *text) {
  const struct str s = str_from(text ? text : "");
  const size_t at = str_find(s, S("file:"));
  return at == (size_t)-1 ? (struct str){NULL, 0} : str_sub(s, at + 5, s.n);
}

static bool is_type(struct str document) {
  const char c = document.n ? document.p[0] : 'a';
  return c == '{' || c == '(' || c == '\'' || (c >= 'A' && c <= 'Z');
}

static bool taken_in(struct str members) {
  struct shape_member m;
  while (shape_next(&members, &m))
    if (!m.name.n) return true;
  return false;
}

/* The inside of "{…}" and "(…)". */
static struct str inside(struct str s) {
  return str_sub(s, 1, s.n - 2);
}

/* ---- is it right ---- */

struct checking {
  bool (*known)(void *arg, struct str name);
  void *arg;
  struct buf *wrong;
};

static void wrong(struct checking *c, const char *what, struct str text) {
  if (!c->wrong->n) buf_printf(c->wrong, "%s \"" STR_FMT "\"", what, STR_ARG(text));
}

static void check_type(struct checking *c, struct str type);

static bool name_good(struct str name) {
  size_t i = 0;
  if (str_is(name, "*")) return true;
  for (; i < name.n; i++) {
    const char x = name.p[i];
    const bool first = x >= 'a' && x <= 'z';
    if (!first && (!i || ((x < '0' || x > '9') && x != '_' && x != '-'))) break;
  }
  return name.n && i == name.n;
}

static void check_members(struct checking *c, struct str members) {
  struct shape_member m, other;
  for (struct str rest = members; shape_next(&rest, &m);) {
    check_type(c, m.type);
    if (!m.name.p) continue;
    if (!name_good(m.name)) wrong(c, "no name:", m.name);
    for (struct str more = rest; shape_next(&more, &other);)
      if (other.name.n && str_eq(m.name, other.name)) wrong(c, "stands twice:", m.name);
  }
}

static void check_one(struct checking *c, struct str t) {
  while (str_ends(t, S("[]"))) t = str_sub(t, 0, t.n - 2);
  const char first = t.n ? t.p[0] : '\0', last = t.n > 1 ? t.p[t.n - 1] : '\0';
  if (first == '{' && last == '}')
    check_members(c, inside(t));
  else if (first == '(' && last == ')')
    check_type(c, inside(t));
  else if (first >= 'A' && first <= 'Z' ? !c->known(c->arg, t) : !plain_find(t))
    if (first != '\'' || last != '\'') wrong(c, "no type is called", t);
}

static void check_type(struct checking *c, struct str type) {
  do check_one(c, piece(&type, '|'));
  while (type.p);
}

bool shape_check(const char *text, bool (*known)(void *arg, struct str name), void *arg,
                 struct buf *ret_wrong) {
  struct checking c = {known, arg, ret_wrong};
  const struct str document = shape_document(text);
  struct str files = shape_files(text);
  while (files.n) {
    const struct str media = str_split(&files, ' ');
    if (str_find(media, S("/")) == (size_t)-1) wrong(&c, "no file:", media);
  }
  if (is_type(document))
    check_type(&c, document);
  else
    check_members(&c, document);
  return !ret_wrong->n;
}

/* ---- JSON Schema ---- */

static void schema_ref(struct jw *w, struct str name) {
  struct buf b = BUF_INIT(KIB(1));
  buf_printf(&b, "#/components/schemas/" STR_FMT, STR_ARG(name));
  jw_kstr(w, "$ref", buf_str(&b));
  buf_done(&b);
}

static void schema_own(struct jw *w, struct str members) {
  struct shape_member m;
  jw_kstrz(w, "type", "object");
  jw_karray(w, "required");
  for (struct str rest = members; shape_next(&rest, &m);)
    if (m.name.n && !m.optional && !str_is(m.name, "*")) jw_str(w, m.name);
  jw_end(w);
  jw_kobject(w, "properties");
  for (struct str rest = members; shape_next(&rest, &m);) {
    if (!m.name.n || str_is(m.name, "*")) continue;
    jw_key(w, m.name);
    shape_schema_type(w, m.type);
  }
  jw_end(w);
  for (struct str rest = members; shape_next(&rest, &m);) {
    if (!str_is(m.name, "*")) continue;
    jw_k(w, "additionalProperties");
    shape_schema_type(w, m.type);
  }
}

static void schema_members(struct jw *w, struct str members) {
  struct shape_member m;
  if (!taken_in(members)) {
    schema_own(w, members);
    return;
  }
  jw_karray(w, "allOf");
  for (struct str rest = members; shape_next(&rest, &m);)
    if (!m.name.n) shape_schema_type(w, m.type);
  jw_object(w);
  schema_own(w, members);
  jw_end(w);
  jw_end(w);
}

/* Into the open object. */
static void schema_one(struct jw *w, struct str t) {
  const struct plain *p = plain_find(t);
  if (str_ends(t, S("[]"))) {
    jw_kstrz(w, "type", "array");
    jw_k(w, "items");
    shape_schema_type(w, str_sub(t, 0, t.n - 2));
  } else if (t.n && t.p[0] == '{') {
    schema_members(w, inside(t));
  } else if (t.n && t.p[0] == '\'') {
    jw_kstr(w, "const", inside(t));
  } else if (!p) {
    schema_ref(w, t);
  } else {
    if (p->type) jw_kstrz(w, "type", p->type);
    if (p->format) jw_kstrz(w, "format", p->format);
  }
}

void shape_schema_type(struct jw *w, struct str type) {
  if (str_starts(type, S("(")) && str_ends(type, S(")"))) type = inside(type);
  struct str rest = type;
  const struct str first = piece(&rest, '|');
  jw_object(w);
  if (!rest.p) {
    schema_one(w, first);
  } else {
    jw_karray(w, "anyOf");
    for (rest = type; rest.p;) shape_schema_type(w, piece(&rest, '|'));
    jw_end(w);
  }
  jw_end(w);
}

void shape_schema(struct jw *w, struct str document) {
  if (is_type(document)) {
    shape_schema_type(w, document);
    return;
  }
  jw_object(w);
  schema_members(w, document);
  jw_end(w);
}

/* ---- TypeScript ---- */

static void ts_type(struct buf *b, struct str type);

static void ts_members(struct buf *b, struct str members, const char *before) {
  struct shape_member m;
  while (shape_next(&members, &m)) {
    if (!m.name.n) continue;
    const bool any = str_is(m.name, "*"), quoted = str_find_char(m.name, '-') != (size_t)-1;
    const char *quote = quoted ? "\"" : "";
    buf_printf(b, "%s%s" STR_FMT "%s%s: ", before, quote,
               STR_ARG(any ? S("[name: string]") : m.name), quote, m.optional ? "?" : "");
    ts_type(b, m.type);
    buf_char(b, ';');
  }
}

static void ts_object(struct buf *b, struct str members) {
  struct shape_member m;
  const bool more = taken_in(members);
  if (more) buf_char(b, '(');
  for (struct str rest = members; shape_next(&rest, &m);)
    if (!m.name.n) buf_printf(b, STR_FMT " & ", STR_ARG(m.type));
  buf_char(b, '{');
  ts_members(b, members, " ");
  buf_printf(b, " }%s", more ? ")" : "");
}

static void ts_one(struct buf *b, struct str t) {
  const struct plain *p = plain_find(t);
  if (str_ends(t, S("[]"))) {
    ts_one(b, str_sub(t, 0, t.n - 2));
    buf_lit(b, "[]");
  } else if (t.n && t.p[0] == '(') {
    buf_char(b, '(');
    ts_type(b, inside(t));
    buf_char(b, ')');
  } else if (t.n && t.p[0] == '{') {
    ts_object(b, inside(t));
  } else if (t.n && t.p[0] == '\'') {
    buf_printf(b, "\"" STR_FMT "\"", STR_ARG(inside(t)));
  } else {
    buf_str_add(b, p ? str_from(p->typescript) : t);
  }
}

static void ts_type(struct buf *b, struct str type) {
  while (type.p) {
    ts_one(b, piece(&type, '|'));
    if (type.p) buf_lit(b, " | ");
  }
}

void shape_typescript(struct buf *b, struct str document) {
  if (is_type(document))
    ts_type(b, document);
  else
    ts_object(b, document);
}

void shape_declare(struct buf *b, const struct shape *s) {
  struct shape_member m;
  const struct str document = shape_document(s->text);
  buf_printf(b, "\nexport type %s = ", s->name);
  if (is_type(document)) {
    ts_type(b, document);
  } else {
    for (struct str rest = document; shape_next(&rest, &m);)
      if (!m.name.n) buf_printf(b, STR_FMT " & ", STR_ARG(m.type));
    buf_char(b, '{');
    ts_members(b, document, "\n  ");
    buf_lit(b, "\n}");
  }
  buf_lit(b, ";\n");
}
