#include "app/openapi_inner.h"
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
  jw_k(w, "$ref");
  jw_str(w, buf_str(&b));
  buf_done(&b);
}

void oa_labels(struct jw *w, const char *zh, const char *en) {
  struct buf b = BUF_INIT(KIB(8));
  buf_printf(&b, "%s / %s", zh ? zh : "", en ? en : "");
  jw_k(w, "summary");
  jw_str(w, buf_str(&b));
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
  jw_k(w, "anyOf");
  jw_array(w);
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
    field_type(f)->openapi(w, f);
}

static void masked_schema(struct jw *w, const struct field *f) {
  (void)f;
  oa_type(w, "string");
}

/* As it comes out: every field may be empty in old records, and a mask is text whatever the type.
 */
static void answer_field(struct jw *w, const struct field *f) {
  oa_open(w, f->name);
  title(w, f);
  if (f->flags & FF_SEALED)
    null_or(w, masked_schema, f, false);
  else
    null_or(w, plain_schema, f, f->flags & FF_PERSONAL && field_type(f)->storage != VAL_TEXT);
  choices(w, f);
  if (f->flags & FF_SYSTEM) {
    jw_k(w, "readOnly");
    jw_bool(w, true);
  }
  if (f->flags & FF_SEALED) {
    jw_k(w, "x-sealed");
    jw_bool(w, true);
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
  field_type(f)->openapi(w, f);
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

static bool creates_with(const struct field *f) {
  return !(f->flags & FF_SYSTEM);
}
static bool must_be_given(const struct field *f) {
  return creates_with(f) && f->flags & FF_REQUIRED && !f->initial;
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

static void moment_field(struct jw *w, const char *name) {
  oa_open(w, name);
  oa_type(w, "string");
  oa_pair(w, "format", "date-time");
  jw_end(w);
}

static void names_field(struct jw *w, const char *name, const char *description) {
  oa_open(w, name);
  oa_type(w, "array");
  oa_open(w, "items");
  oa_type(w, "string");
  jw_end(w);
  oa_pair(w, "description", description);
  jw_end(w);
}

bool oa_has_states(const struct kind *k) {
  return k->states && k->states[0].value;
}

static void state_field(struct jw *w, const struct kind *k) {
  oa_open(w, "state");
  oa_type(w, "string");
  jw_k(w, "enum");
  jw_array(w);
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
  schema_begin(w, name, "");
  oa_pair(w, "title", k->en);
  oa_pair(w, "x-title-zh", k->zh);
  jw_k(w, "required");
  jw_array(w);
  jw_strz(w, "id");
  jw_strz(w, "rev");
  jw_strz(w, "seq");
  if (oa_has_states(k)) jw_strz(w, "state");
  jw_strz(w, "created_at");
  jw_strz(w, "updated_at");
  if (!(k->flags & KF_EVENT)) jw_strz(w, "retired");
  for (size_t i = 0; i < k->n_fields; i++) jw_strz(w, k->fields[i].name);
  jw_end(w);
  oa_open(w, "properties");
  id_field(w, NULL);
  oa_rev_field(w);
  oa_open(w, "seq");
  oa_type(w, "integer");
  jw_end(w);
  if (oa_has_states(k)) state_field(w, k);
  moment_field(w, "created_at");
  moment_field(w, "updated_at");
  if (!(k->flags & KF_EVENT)) {
    oa_open(w, "retired");
    oa_type(w, "boolean");
    jw_end(w);
  }
  for (size_t i = 0; i < k->n_fields; i++) answer_field(w, &k->fields[i]);
  names_field(w, "masked", "fields whose value is shown masked");
  names_field(w, "destroyed", "fields whose key is destroyed");
  jw_k(w, "warnings");
  jw_raw(w, S("{\"type\":\"array\",\"description\":\"said on a change, refused nothing\",\"items\":"
              "{\"$ref\":\"#/components/schemas/FieldProblem\"}}"));
  jw_end(w);
  jw_end(w);
}

static void new_schema(struct jw *w, const struct kind *k, const char *name) {
  schema_begin(w, name, "New");
  jw_k(w, "required");
  jw_array(w);
  for (size_t i = 0; i < k->n_fields; i++)
    if (must_be_given(&k->fields[i])) jw_strz(w, k->fields[i].name);
  jw_end(w);
  oa_open(w, "properties");
  id_field(w, "UUIDv7 made by the sender: the same request sent twice makes one record");
  for (size_t i = 0; i < k->n_fields; i++)
    if (creates_with(&k->fields[i]))
      oa_request_field(w, &k->fields[i], must_be_given(&k->fields[i]));
  jw_end(w);
  jw_k(w, "additionalProperties");
  jw_bool(w, false);
  jw_end(w);
}

static void change_schema(struct jw *w, const struct kind *k, const char *name) {
  schema_begin(w, name, "Change");
  oa_open(w, "properties");
  oa_rev_field(w);
  for (size_t i = 0; i < k->n_fields; i++)
    if (!(k->fields[i].flags & (FF_SYSTEM | FF_IMMUTABLE)))
      oa_request_field(w, &k->fields[i], k->fields[i].flags & FF_REQUIRED);
  jw_end(w);
  jw_end(w);
}

static void page_schema(struct jw *w, const char *name) {
  schema_begin(w, name, "Page");
  jw_k(w, "required");
  jw_array(w);
  jw_strz(w, "items");
  jw_strz(w, "next");
  jw_end(w);
  oa_open(w, "properties");
  oa_open(w, "items");
  oa_type(w, "array");
  oa_open(w, "items");
  oa_ref(w, name, "");
  jw_end(w);
  jw_end(w);
  jw_k(w, "next");
  jw_raw(w, S("{\"type\":[\"string\",\"null\"],\"description\":\"give it back as after=\"}"));
  jw_k(w, "total");
  jw_raw(w, S("{\"type\":\"integer\",\"description\":\"with total=1\"}"));
  jw_end(w);
  jw_end(w);
}

void oa_kind_schemas(struct jw *w, const struct kind *k) {
  char name[TYPE_NAME_TEXT];
  type_name(k->name, name);
  record_schema(w, k, name);
  page_schema(w, name);
  if (k->flags & KF_NO_API) return;
  new_schema(w, k, name);
  if (!(k->flags & KF_EVENT)) change_schema(w, k, name);
}
