#include "apidoc/openapi_inner.h"
#include <stdlib.h>

/* Names, small pieces, and the schemas of a kind: each is its table read aloud. */

void type_name(const char *name, char ret_text[TYPE_NAME_TEXT]) {
  size_t n = 0;
  bool up = true;
  for (const char *p = name; *p && n + 1 < TYPE_NAME_TEXT; p++) {
    if (*p == '_' || *p == '-') {
      up = true;
      continue;
    }
    ret_text[n++] = up && *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    up = false;
  }
  ret_text[n] = '\0';
}

bool word_listed(const char *list, const char *word) {
  struct str rest = str_from(list ? list : "");
  while (rest.p) {
    struct str w = str_split(&rest, ' ');
    if (w.n && str_is(w, word)) return true;
  }
  return false;
}

/* ---- shapes ---- */

void shapes_each(const struct module *const *list, void (*fn)(const struct shape *s, void *arg),
                 void *arg) {
  struct buf b = BUF_INIT(KIB(16));
  for (const struct module *const *m = list; *m; m++)
    for (const struct shape *s = (*m)->shapes; s && s->name; s++) fn(s, arg);
  for (const struct module *const *m = list; *m; m++)
    for (const struct device_section *d = (*m)->device; d && d->name; d++)
      buf_printf(&b, "%s:%s ", d->name, d->gives);
  fn(&(struct shape){"DeviceSections", b.n ? buf_z(&b) : ""}, arg);
  buf_done(&b);
}

static void compare(const struct shape *s, void *arg) {
  struct str *name = arg;
  if (str_is(*name, s->name)) *name = S("");
}

bool kind_shape(struct str name) {
  char kind[TYPE_NAME_TEXT];
  for (size_t i = 0; i < kinds_count(); i++) {
    const bool given = !(kind_at(i)->flags & KF_NO_API), event = kind_at(i)->flags & KF_EVENT;
    type_name(kind_at(i)->name, kind);
    if (!str_starts(name, str_from(kind))) continue;
    const struct str tail = str_sub(name, strlen(kind), name.n);
    if (!tail.n || (given && str_is(tail, "New")) || (given && !event && str_is(tail, "Change")))
      return true;
  }
  return str_is(name, "ProblemCode") || str_is(name, "FigureValues");
}

bool shape_known(void *list, struct str name) {
  const bool tables = kind_shape(name);
  if (!tables) shapes_each(list, compare, &name);
  return tables || !name.n;
}

/* ---- small pieces ---- */

void oa_pair(struct jw *w, const char *key, const char *value) {
  jw_key(w, str_from(key));
  jw_strz(w, value);
}

void oa_open(struct jw *w, const char *key) {
  jw_key(w, str_from(key));
  jw_object(w);
}

void oa_type(struct jw *w, const char *type) {
  oa_pair(w, "type", type);
}

void oa_ref(struct jw *w, const char *name, const char *tail) {
  char text[TYPE_NAME_TEXT * 2];
  struct buf b = BUF_INIT(sizeof text);
  buf_printf(&b, "#/components/schemas/%s%s", name, tail);
  jw_kstr(w, "$ref", buf_str(&b));
  buf_done(&b);
}

void oa_labels(struct jw *w, const char *zh, const char *en) {
  struct buf b = BUF_INIT(KIB(8));
  buf_printf(&b, "%s / %s", zh ? zh : "", en ? en : "");
  jw_kstr(w, "summary", buf_str(&b));
  buf_done(&b);
}

static void title(struct jw *w, const struct field *f) {
  oa_pair(w, "title", f->en);
  oa_pair(w, "x-title-zh", f->zh);
  if (f->en_help) oa_pair(w, "description", f->en_help);
  if (f->zh_help) oa_pair(w, "x-description-zh", f->zh_help);
}

static void choices(struct jw *w, const struct field *f) {
  if (!f->choices) return;
  oa_open(w, "x-choices");
  for (const struct choice *c = f->choices; c->value; c++) {
    oa_open(w, c->value);
    oa_pair(w, "zh", c->zh);
    oa_pair(w, "en", c->en);
    jw_end(w);
  }
  jw_end(w);
}

static void null_or(struct jw *w, void (*schema)(struct jw *w, const struct field *f),
                    const struct field *f, bool text_too) {
  jw_karray(w, "anyOf");
  jw_object(w);
  schema(w, f);
  jw_end(w);
  if (text_too) {
    jw_object(w);
    oa_type(w, "string");
    jw_end(w);
  }
  jw_object(w);
  oa_type(w, "null");
  jw_end(w);
  jw_end(w);
}

/* ---- fields ---- */

static void plain_schema(struct jw *w, const struct field *f) {
  if (f->type == FT_UNIT)
    oa_ref(w, "UnitRef", "");
  else if (f->type == FT_REF)
    oa_ref(w, "Ref", "");
  else
    field_schema(w, f);
}

static void masked_schema(struct jw *w, const struct field *f) {
  (void)f;
  oa_type(w, "string");
}

bool shown_as_text(const struct field *f) {
  return f->flags & FF_PERSONAL && f->type != FT_TEXT && f->type != FT_LONGTEXT;
}

/* As it comes out: every field may be empty in old records, and a mask is text whatever the type.
 */
static void answer_field(struct jw *w, const struct field *f) {
  oa_open(w, f->name);
  title(w, f);
  if (f->flags & FF_SEALED)
    null_or(w, masked_schema, f, false);
  else
    null_or(w, plain_schema, f, shown_as_text(f));
  choices(w, f);
  if (f->flags & FF_SYSTEM) {
    jw_kbool(w, "readOnly", true);
  }
  if (f->flags & FF_SEALED) {
    jw_kbool(w, "x-sealed", true);
  }
  jw_end(w);
}

static void given_schema(struct jw *w, const struct field *f) {
  if (f->type == FT_UNIT) {
    oa_ref(w, "UnitGiven", "");
    return;
  }
  if (f->type == FT_REF) {
    oa_ref(w, "RefGiven", "");
    return;
  }
  field_schema(w, f);
}

void oa_request_field(struct jw *w, const struct field *f, bool required) {
  oa_open(w, f->name);
  title(w, f);
  if (required)
    given_schema(w, f);
  else
    null_or(w, given_schema, f, false);
  jw_end(w);
}

static bool must_be_given(const struct kind *k, size_t i) {
  const struct field *f = &k->fields[i];
  return field_given(k, i, true) && f->flags & FF_REQUIRED && !f->initial;
}

/* ---- schemas of a kind ---- */

void oa_rev_field(struct jw *w) {
  oa_open(w, "rev");
  oa_type(w, "integer");
  oa_pair(w, "description", "the revision that the sender has seen; If-Match says the same");
  jw_end(w);
}

static void id_field(struct jw *w, const char *description) {
  oa_open(w, "id");
  oa_type(w, "string");
  oa_pair(w, "format", "uuid");
  if (description) oa_pair(w, "description", description);
  jw_end(w);
}

static void schema_begin(struct jw *w, const char *name, const char *tail) {
  struct buf b = BUF_INIT(TYPE_NAME_TEXT * 2);
  buf_printf(&b, "%s%s", name, tail);
  jw_key(w, buf_str(&b));
  jw_object(w);
  oa_type(w, "object");
  buf_done(&b);
}

bool oa_has_states(const struct kind *k) {
  return k->states && k->states[0].value;
}

static void state_field(struct jw *w, const struct kind *k) {
  oa_open(w, "state");
  oa_type(w, "string");
  jw_karray(w, "enum");
  for (const struct state *s = k->states; s->value; s++) jw_strz(w, s->value);
  jw_end(w);
  oa_open(w, "x-choices");
  for (const struct state *s = k->states; s->value; s++) {
    oa_open(w, s->value);
    oa_pair(w, "zh", s->zh);
    oa_pair(w, "en", s->en);
    jw_end(w);
  }
  jw_end(w);
  jw_end(w);
}

static void record_schema(struct jw *w, const struct kind *k, const char *name) {
  oa_open(w, name);
  oa_pair(w, "title", k->en);
  oa_pair(w, "x-title-zh", k->zh);
  jw_karray(w, "allOf");
  jw_object(w);
  oa_ref(w, k->flags & KF_EVENT ? "EventHead" : "RecordHead", "");
  jw_end(w);
  jw_object(w);
  oa_type(w, "object");
  jw_karray(w, "required");
  if (oa_has_states(k)) jw_strz(w, "state");
  for (size_t i = 0; i < k->n_fields; i++) jw_strz(w, k->fields[i].name);
  jw_end(w);
  oa_open(w, "properties");
  if (oa_has_states(k)) state_field(w, k);
  for (size_t i = 0; i < k->n_fields; i++) answer_field(w, &k->fields[i]);
  jw_end(w);
  jw_end(w);
  jw_end(w);
  jw_end(w);
}

static void new_schema(struct jw *w, const struct kind *k, const char *name) {
  schema_begin(w, name, "New");
  jw_karray(w, "required");
  for (size_t i = 0; i < k->n_fields; i++)
    if (must_be_given(k, i)) jw_strz(w, k->fields[i].name);
  jw_end(w);
  oa_open(w, "properties");
  id_field(w, "UUIDv7 made by the sender: the same request sent twice makes one record");
  for (size_t i = 0; i < k->n_fields; i++)
    if (field_given(k, i, true)) oa_request_field(w, &k->fields[i], must_be_given(k, i));
  jw_end(w);
  jw_kbool(w, "additionalProperties", false);
  jw_end(w);
}

static void change_schema(struct jw *w, const struct kind *k, const char *name) {
  schema_begin(w, name, "Change");
  oa_open(w, "properties");
  oa_rev_field(w);
  for (size_t i = 0; i < k->n_fields; i++)
    if (field_given(k, i, false))
      oa_request_field(w, &k->fields[i], k->fields[i].flags & FF_REQUIRED);
  jw_end(w);
  jw_end(w);
}

void oa_kind_schemas(struct jw *w, const struct kind *k, const struct right_set *held) {
  char name[TYPE_NAME_TEXT];
  type_name(k->name, name);
  record_schema(w, k, name);
  if (k->flags & KF_NO_API) return;
  if (right_has(held, kind_right(k, VERB_CREATE))) new_schema(w, k, name);
  if (!(k->flags & KF_EVENT) && right_has(held, kind_right(k, VERB_UPDATE)))
    change_schema(w, k, name);
}
