#include "sheets/import_inner.h"
#include "base/limits.h"
#include "sheets/export.h"

/* What an importer fills in: the columns that the import knows, with their choices, and one row
 * that shows how it is meant and is skipped when it is left in. */

enum { TEMPLATE_COLUMNS = LIMIT_FIELDS_PER_KIND + IMPORT_EXTRAS };

struct column_of {
  const struct import_extra *extra;
  const struct field *field;
};

static bool required_word(const char *words, const char *name) {
  struct str rest = str_from(words ? words : "");
  while (rest.p && rest.n) {
    struct str either = str_split(&rest, ' ');
    if (str_is(str_split(&either, '|'), name)) return true;
  }
  return false;
}

static size_t columns_of(const struct kind *k, const struct import_plan *plan,
                         struct column_of *out) {
  size_t n = 0;
  for (const struct import_extra *x = plan ? plan->extra : NULL; x && x->name; x++)
    if (!import_word(plan->left_out, x->name)) out[n++] = (struct column_of){.extra = x};
  for (size_t f = 0; f < k->n_fields; f++)
    if (import_takes(k, plan, f) && field_given(k, f, true) && k->fields[f].type != FT_PHOTO &&
        !(plan && import_word(plan->left_out, k->fields[f].name)))
      out[n++] = (struct column_of){.field = &k->fields[f]};
  return n;
}

static void describe(const struct column_of *from, const struct import_plan *plan, bool zh,
                     struct arena *a, struct xlsx_column *to) {
  const struct import_extra *x = from->extra;
  const struct field *f = from->field;
  if (x) {
    *to = (struct xlsx_column){.title = str_from(x->zh),
                               .type = XLSX_CODE,
                               .required = required_word(plan->required, x->name),
                               .note = str_from(zh ? x->zh_help : x->en_help)};
    return;
  }
  static const struct str yes_no[] = {STR_INIT("是"), STR_INIT("否")};
  *to = (struct xlsx_column){.title = str_from(f->zh),
                             .type = sheet_cell_type(f, true),
                             .scale = f->type == FT_TEMP ? 1 : f->scale,
                             .required = (f->flags & FF_REQUIRED && !f->initial) ||
                                         (plan && required_word(plan->required, f->name)),
                             .note = str_from(zh ? f->zh_help : f->en_help)};
  if (f->type == FT_BOOL) {
    to->choices = yes_no;
    to->n_choices = ARRAY_LEN(yes_no);
  } else if (f->type == FT_ENUM) {
    while (f->choices[to->n_choices].value) to->n_choices++;
    struct str *choices = arena_array(a, struct str, to->n_choices);
    for (size_t i = 0; i < to->n_choices; i++) choices[i] = str_from(f->choices[i].zh);
    to->choices = choices;
  }
}

static const char *type_example(const struct field *f) {
  const char *example = field_type(f)->example;
  return f->type == FT_ENUM ? f->choices[0].zh : example ? example : "";
}

static struct str example_of(const struct column_of *c, const struct import_plan *plan) {
  const char *name = c->extra ? c->extra->name : c->field->name;
  for (const char *const *pair = plan ? plan->examples : NULL; pair && *pair; pair += 2)
    if (strcmp(pair[0], name) == 0) return str_from(pair[1]);
  return str_from(c->extra ? c->extra->example : type_example(c->field));
}

static void example_row(struct xlsx_writer *w, const struct column_of *cols, size_t n,
                        const struct import_plan *plan, struct arena *a) {
  for (size_t i = 0; i < n; i++) {
    struct str text = example_of(&cols[i], plan);
    /* the first one says what the row is */
    if (i == 0) text = arena_printf(a, IMPORT_EXAMPLE STR_FMT, STR_ARG(text));
    if (text.n)
      xlsx_text(w, text);
    else
      xlsx_empty(w);
  }
  xlsx_end_row(w);
}

int import_template(const struct kind *k, const struct viewer *v, struct arena *a, struct buf *out,
                    struct err *e) {
  const struct import_plan *plan = import_plan_of(k);
  struct column_of from[TEMPLATE_COLUMNS];
  const size_t n = columns_of(k, plan, from);
  struct xlsx_column *cols = arena_array(a, struct xlsx_column, n);
  for (size_t i = 0; i < n; i++) describe(&from[i], plan, v->zh, a, &cols[i]);
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the template");
  const struct xlsx_options o = {.title = str_from(k->zh),
                                 .sheet = str_from(k->zh),
                                 .columns = cols,
                                 .n_columns = n,
                                 .created_ms = v->now_ms,
                                 .zh = v->zh};
  _cleanup_(xlsx_freep) struct xlsx_writer *w = NULL;
  int x = xlsx_create(&o, &w, e);
  if (x < 0) return x;
  example_row(w, from, n, plan, a);
  return xlsx_finish(w, out, e);
}
