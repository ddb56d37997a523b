#include "figures/figures.h"
#include "apidoc/openapi.h"

/* TypeScript types out of the same tables as the OpenAPI document: one interface per kind as it
 * comes out, one as it is created, and unions for everything that is one of a list. */

static void field_type_name(struct buf *b, const char *kind, const struct field *f) {
  char field[TYPE_NAME_TEXT];
  type_name(f->name, field);
  buf_printf(b, "%s%s", kind, field);
}

static void union_of_choices(struct buf *b, const char *kind, const struct field *f) {
  if (!f->choices) return;
  buf_lit(b, "export type ");
  field_type_name(b, kind, f);
  buf_lit(b, " =");
  for (const struct choice *c = f->choices; c->value; c++)
    buf_printf(b, "%s \"%s\"", c == f->choices ? "" : " |", c->value);
  buf_lit(b, ";\n");
}

static void value_type(struct buf *b, const char *kind, const struct field *f) {
  if (f->choices && f->type == FT_TAGS) {
    field_type_name(b, kind, f);
    buf_lit(b, "[]");
  } else if (f->choices) {
    field_type_name(b, kind, f);
  } else {
    buf_printf(b, "%s", field_type(f)->typescript);
  }
}

static void comment(struct buf *b, const struct field *f) {
  buf_printf(b, "  /** %s / %s */\n", f->zh, f->en);
}

static bool has_states(const struct kind *k) {
  return k->states && k->states[0].value;
}

static void record_interface(struct buf *b, const struct kind *k, const char *name) {
  buf_printf(b, "\n/** %s / %s */\nexport type %s = %s & {\n", k->zh, k->en, name,
             k->flags & KF_EVENT ? "EventHead" : "RecordHead");
  if (has_states(k)) buf_printf(b, "  state: %sState;\n", name);
  for (size_t i = 0; i < k->n_fields; i++) {
    const struct field *f = &k->fields[i];
    comment(b, f);
    buf_printf(b, "  %s: ", f->name);
    if (f->flags & FF_SEALED) {
      buf_lit(b, "string");
    } else {
      value_type(b, name, f);
      if (shown_as_text(f) && (f->choices || field_type(f)->storage != VAL_TEXT))
        buf_lit(b, " | string");
    }
    buf_lit(b, " | null;\n");
  }
  buf_lit(b, "};\n");
}

static void given_type(struct buf *b, const char *name, const struct field *f) {
  if (f->type == FT_UNIT)
    buf_lit(b, "UnitGiven");
  else if (f->type == FT_REF)
    buf_lit(b, "RefGiven");
  else
    value_type(b, name, f);
}

static void new_interface(struct buf *b, const struct kind *k, const char *name) {
  buf_printf(b, "\nexport interface %sNew {\n  id?: string;\n", name);
  for (size_t i = 0; i < k->n_fields; i++) {
    const struct field *f = &k->fields[i];
    const bool required = f->flags & FF_REQUIRED && !f->initial;
    if (!field_given(k, i, true)) continue;
    buf_printf(b, "  %s%s: ", f->name, required ? "" : "?");
    given_type(b, name, f);
    buf_printf(b, "%s;\n", required ? "" : " | null");
  }
  buf_lit(b, "}\n");
}

static void change_interface(struct buf *b, const struct kind *k, const char *name) {
  buf_printf(b, "\nexport interface %sChange {\n  rev?: number;\n", name);
  for (size_t i = 0; i < k->n_fields; i++) {
    const struct field *f = &k->fields[i];
    if (!field_given(k, i, false)) continue;
    buf_printf(b, "  %s?: ", f->name);
    given_type(b, name, f);
    buf_printf(b, "%s;\n", f->flags & FF_REQUIRED ? "" : " | null");
  }
  buf_lit(b, "}\n");
}

static void action_type(struct buf *b, const struct kind *k, const char *name) {
  if (!k->transitions || !k->transitions[0].name) return;
  buf_printf(b, "\nexport interface %sActions {\n", name);
  for (const struct transition *t = k->transitions; t->name; t++) {
    buf_printf(b, "  /** %s / %s */\n  \"", t->zh, t->en);
    for (const char *p = t->name; *p; p++) buf_char(b, *p == '_' ? '-' : *p);
    buf_lit(b, "\": {");
    buf_lit(b, " rev?: number;");
    buf_printf(b, " reason%s: string;", t->flags & TR_REASON ? "" : "?");
    for (size_t i = 0; i < k->n_fields; i++) {
      const struct field *f = &k->fields[i];
      const bool needed = word_listed(t->needs, f->name);
      if (!needed && !word_listed(t->takes, f->name)) continue;
      buf_printf(b, " %s%s: ", f->name, needed ? "" : "?");
      given_type(b, name, f);
      buf_printf(b, "%s;", needed ? "" : " | null");
    }
    buf_lit(b, " };\n");
  }
  buf_lit(b, "}\n");
}

static void kind_types(struct buf *b, const struct kind *k) {
  char name[TYPE_NAME_TEXT];
  type_name(k->name, name);
  buf_char(b, '\n');
  if (has_states(k)) {
    buf_printf(b, "export type %sState =", name);
    for (const struct state *s = k->states; s->value; s++)
      buf_printf(b, "%s \"%s\"", s == k->states ? "" : " |", s->value);
    buf_lit(b, ";\n");
  }
  for (size_t i = 0; i < k->n_fields; i++) union_of_choices(b, name, &k->fields[i]);
  record_interface(b, k, name);
  if (!(k->flags & KF_NO_API)) {
    new_interface(b, k, name);
    if (!(k->flags & KF_EVENT)) change_interface(b, k, name);
  }
  action_type(b, k, name);
}

static void map_of_kinds(struct buf *b) {
  buf_lit(b, "\n/** The records behind /api/v1/{plural}. */\nexport interface Kinds {\n");
  for (size_t i = 0; i < kinds_count(); i++) {
    char name[TYPE_NAME_TEXT];
    type_name(kind_at(i)->name, name);
    buf_printf(b, "  \"%s\": %s;\n", kind_at(i)->plural, name);
  }
  buf_lit(b, "}\n");
}

static void unions(struct buf *b) {
  buf_lit(b, "\nexport type Indicator =");
  for (size_t i = 0; i < indicators_count(); i++)
    buf_printf(b, "\n  | \"%s\"", indicator_at(i)->code);
  buf_lit(b, ";\n\nexport type Right =");
  for (size_t i = 0; i < rights_count(); i++) buf_printf(b, "\n  | \"%s\"", right_name((right_t)i));
  buf_lit(b, ";\n\nexport type ProblemCode =");
  for (int i = 0; i < PROBLEM_COUNT_; i++)
    buf_printf(b, "\n  | \"%s\"", problem_name((enum problem_code)i));
  buf_lit(b, ";\n");
}

static const char head[] =
    "// The records of the API and the shapes of its answers, made by `shouwang schema --ts`.\n\n"
    "export interface Page<T> {\n  items: T[];\n  next: string | null;\n  total?: number;\n}\n\n"
    "export type FigureValues = { [code in Indicator]?: number };\n";

static void declare(const struct shape *s, void *out) {
  shape_declare(out, s);
}

/* What the routes that are no kind's give, by method and path. */
static void answer_of(const struct route *r, void *out) {
  const struct str document = shape_document(r->gives);
  if (!document.n) return;
  buf_printf(out, "  \"%s %s\": ", method_name(r->method), r->pattern);
  shape_typescript(out, document);
  buf_lit((struct buf *)out, ";\n");
}

void typescript_write(struct buf *out) {
  buf_lit(out, head);
  shapes_each(modules, declare, out);
  for (size_t i = 0; i < kinds_count(); i++) kind_types(out, kind_at(i));
  map_of_kinds(out);
  buf_lit(out, "\n/** What the other routes answer. */\nexport interface Answers {\n");
  api_each_route(answer_of, out);
  buf_lit(out, "}\n");
  unions(out);
}
