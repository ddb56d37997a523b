#include "base/log.h"
#include "core/snapshots.h"
#include "forms/forms_inner.h"
#include <stdatomic.h>

/* Published templates in memory. Every return is checked against its template, and fifty thousand
 * come in an hour: so they are a snapshot, read when one changes and not when one is used. */

static struct app *of; /* whose they are */

QUERY(q_forms, "SELECT id, op, code, version, name, name_en, note, weekdays, unit, valid_from, "
               "valid_to, deadline, cutoff, remind_at, escalate_at FROM return_template "
               "WHERE retired = 0 AND state IN ('published', 'withdrawn') "
               "ORDER BY op, code, valid_from DESC, version DESC");
QUERY(q_form_items, "SELECT code, label_zh, label_en, definition_zh, definition_en, group_zh, "
                    "group_en, choices, key, type, source, required, carries, most, valid_to, "
                    "place FROM template_field WHERE template = $1 AND retired = 0 "
                    "ORDER BY place, code LIMIT 81"); /* limit: said */
/* limit: publishing refuses more */
QUERY(q_form_rules, "SELECT level, left_side, operator, right_side, words_zh, words_en FROM "
                    "template_check WHERE template = $1 AND retired = 0 ORDER BY id LIMIT 40");
QUERY(q_form_levels,
      "SELECT level, due_at FROM template_level WHERE template = $1 AND retired = 0");

const char *const template_level_names[TEMPLATE_LEVELS] = {"community", "subdistrict", "district",
                                                           "city"};

static int32_t day_or(const struct cur *c, size_t col, int32_t otherwise) {
  int32_t day = otherwise;
  if (!cur_null(c, col) && day_parse(cur_text(c, col), &day) < 0) day = otherwise;
  return day;
}

static int minute_or_none(const struct cur *c, size_t col) {
  return cur_null(c, col) ? -1 : (int)cur_i64(c, col);
}

static struct str kept(struct arena *a, const struct cur *c, size_t col) {
  return cur_null(c, col) ? (struct str){NULL, 0} : arena_dup(a, cur_text(c, col));
}

static enum value_type value_type_of(struct str s) {
  return str_is(s, "text")     ? VALUE_TEXT
         : str_is(s, "bool")   ? VALUE_BOOL
         : str_is(s, "date")   ? VALUE_DATE
         : str_is(s, "choice") ? VALUE_CHOICE
                               : VALUE_COUNT;
}

static enum value_source source_of(struct str s) {
  return str_is(s, "staff_lines")  ? SOURCE_STAFF
         : str_is(s, "enterprise") ? SOURCE_ENTERPRISE
         : str_is(s, "formula")    ? SOURCE_FORMULA
                                   : SOURCE_TYPED;
}

int form_items_read(struct tx *tx, struct arena *a, const struct uuid *form,
                    struct template_item **ret_items, size_t *ret_n, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct template_item *items = *ret_items = arena_array(a, struct template_item, FORM_ITEMS_READ);
  int r = items ? 0 : err_set(e, E_NOMEM, "no memory for templates");
  *ret_n = 0;
  if (r >= 0) r = cur_open(tx, &q_form_items, P(V_UUID(*form)), &c, e);
  while (r >= 0 && *ret_n < FORM_ITEMS_READ && (r = cur_next(c, e)) == 1) {
    struct template_item *it = &items[(*ret_n)++];
    *it = (struct template_item){.code = kept(a, c, 0),
                                 .zh = kept(a, c, 1),
                                 .en = kept(a, c, 2),
                                 .zh_definition = kept(a, c, 3),
                                 .en_definition = kept(a, c, 4),
                                 .group_zh = kept(a, c, 5),
                                 .group_en = kept(a, c, 6),
                                 .choices = kept(a, c, 7),
                                 .key = kept(a, c, 8),
                                 .type = value_type_of(cur_text(c, 9)),
                                 .source = source_of(cur_text(c, 10)),
                                 .required = cur_i64(c, 11) != 0,
                                 .carries = cur_i64(c, 12) != 0,
                                 .most = cur_null(c, 13) ? INT64_MAX : cur_i64(c, 13),
                                 .to = day_or(c, 14, INT32_MAX),
                                 .place = cur_i64(c, 15)};
  }
  return r < 0 ? r : 0;
}

static int read_items(struct tx *tx, struct arena *a, struct return_form *f, struct err *e) {
  const int r = form_items_read(tx, a, &f->id, &f->items, &f->n_items, e);
  if (r >= 0 && f->n_items > TEMPLATE_FIELDS_MAX)
    return err_field(e, E_TOO_LARGE, "too many boxes in a template", "template_field");
  for (size_t i = 0; r >= 0 && i < f->n_items; i++) {
    struct template_item *it = &f->items[i];
    if (it->source == SOURCE_FORMULA && equation_parse(it->key, &it->formula) < 0)
      log_warn("template_formula_unreadable", "code=" STR_FMT, STR_ARG(it->code));
  }
  return r;
}

static int read_rules(struct tx *tx, struct arena *a, struct return_form *f, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  f->rules = arena_array(a, struct template_rule, TEMPLATE_CHECKS_MAX);
  int r = cur_open(tx, &q_form_rules, P(V_UUID(f->id)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1 && f->n_rules < TEMPLATE_CHECKS_MAX) {
    struct template_rule *ru = &f->rules[f->n_rules];
    const struct str op = cur_text(c, 2);
    *ru = (struct template_rule){.hard = str_is(cur_text(c, 0), "hard"),
                                 .left_text = kept(a, c, 1),
                                 .op = str_is(op, "le")   ? '<'
                                       : str_is(op, "ge") ? '>'
                                                          : '=',
                                 .right_text = kept(a, c, 3),
                                 .zh = kept(a, c, 4),
                                 .en = kept(a, c, 5)};
    if (equation_parse(ru->left_text, &ru->left) == 0 &&
        equation_parse(ru->right_text, &ru->right) == 0)
      f->n_rules++;
  }
  return r < 0 ? r : 0;
}

static int read_levels(struct tx *tx, struct return_form *f, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  for (size_t i = 0; i < TEMPLATE_LEVELS; i++) f->levels[i] = -1;
  int r = cur_open(tx, &q_form_levels, P(V_UUID(f->id)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1)
    for (size_t i = 0; i < TEMPLATE_LEVELS; i++)
      if (str_is(cur_text(c, 0), template_level_names[i])) f->levels[i] = (int)cur_i64(c, 1);
  return r < 0 ? r : 0;
}

static int read_forms(struct tx *tx, struct template_set *set, struct err *e) {
  struct arena *a = set->a;
  _cleanup_(cur_donep) struct cur *c = NULL;
  set->forms = arena_array(a, struct return_form, TEMPLATES_MAX);
  int r = cur_open(tx, &q_forms, P_NONE, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    if (set->n == TEMPLATES_MAX) return err_set(e, E_TOO_LARGE, "too many templates in force");
    set->forms[set->n++] = (struct return_form){.id = cur_uuid(c, 0),
                                                .op = cur_i64(c, 1),
                                                .code = kept(a, c, 2),
                                                .version = cur_i64(c, 3),
                                                .name = kept(a, c, 4),
                                                .name_en = kept(a, c, 5),
                                                .note = kept(a, c, 6),
                                                .weekdays = kept(a, c, 7),
                                                .unit = (int32_t)cur_i64(c, 8),
                                                .from = day_or(c, 9, INT32_MAX),
                                                .to = day_or(c, 10, INT32_MAX),
                                                .deadline = minute_or_none(c, 11),
                                                .cutoff = minute_or_none(c, 12),
                                                .remind = minute_or_none(c, 13),
                                                .escalate = minute_or_none(c, 14)};
  }
  c = cur_done(c);
  for (size_t i = 0; i < set->n && r >= 0; i++) {
    r = read_items(tx, a, &set->forms[i], e);
    if (r >= 0) r = read_rules(tx, a, &set->forms[i], e);
    if (r >= 0) r = read_levels(tx, &set->forms[i], e);
  }
  return r < 0 ? r : 0;
}

static void release(void *set) {
  template_set_unref(set);
}

static int load(struct app *app, struct tx *tx, struct arena *a, void **ret_data, struct err *e) {
  static _Atomic uint64_t serial;
  struct arena *own = arena_create(MIB(16));
  if (!own) return err_set(e, E_NOMEM, "no memory for templates");
  struct template_set *set = arena_new(own, struct template_set);
  *set = (struct template_set){.refs = 1, .a = own, .serial = atomic_fetch_add(&serial, 1) + 1};
  int r = read_forms(tx, set, e);
  if (r >= 0 && arena_failed(own)) r = err_set(e, E_NOMEM, "no memory for templates");
  if (r < 0) {
    arena_free(own);
    return r;
  }
  arena_defer(a, release, set);
  of = app;
  *ret_data = set;
  return 0;
}
static const struct snapshot_type templates_snapshot = {
    .name = "return_templates",
    .kinds = "return_template template_field template_check template_level",
    .load = load};
const struct snapshot_type *const form_snapshots[] = {&templates_snapshot, NULL};

struct template_set *template_set_ref(void) {
  if (!of) return NULL;
  _cleanup_(snapshot_unrefp) struct snapshot *s = snapshot_ref(of, &templates_snapshot);
  struct template_set *set = s->data;
  atomic_fetch_add(&set->refs, 1);
  return set;
}

void template_set_unref(struct template_set *set) {
  if (set && atomic_fetch_sub(&set->refs, 1) == 1) arena_free(set->a);
}

/* ---- which applies ---- */

static bool on_weekday(struct str weekdays, int32_t day) {
  return str_find_char(weekdays, (char)('0' + day_weekday(day))) != (size_t)-1;
}

/* Where an enterprise stood is not asked by day: its rows are made on the day itself. */
size_t forms_for(const struct template_set *set, const struct unit_tree *tree, int64_t op,
                 int32_t unit, int32_t day, const struct return_form **out, size_t max) {
  size_t n = 0;
  struct str last = {NULL, 0};
  for (size_t i = 0; set && i < set->n && n < max; i++) {
    const struct return_form *f = &set->forms[i];
    if (f->op != op || day < f->from || day > f->to || !unit_within(tree, unit, f->unit)) continue;
    /* versions of a code come newest first: the newest in force is the one */
    if (last.p && str_eq(last, f->code)) continue;
    last = f->code;
    if (on_weekday(f->weekdays, day)) out[n++] = f;
  }
  return n;
}

size_t forms_in(const struct template_set *set, const struct unit_tree *tree, int64_t op,
                int32_t unit, int32_t day, const struct return_form **out, size_t max) {
  size_t n = 0;
  struct str last = {NULL, 0};
  for (size_t i = 0; set && i < set->n && n < max; i++) {
    const struct return_form *f = &set->forms[i];
    const bool near = unit_within(tree, unit, f->unit) || unit_within(tree, f->unit, unit);
    if (f->op != op || day < f->from || day > f->to || !near) continue;
    if (last.p && str_eq(last, f->code)) continue;
    last = f->code;
    out[n++] = f;
  }
  return n;
}

const struct return_form *form_by_id(const struct template_set *set, const struct uuid *id) {
  for (size_t i = 0; set && i < set->n; i++)
    if (uuid_eq(&set->forms[i].id, id)) return &set->forms[i];
  return NULL;
}

bool form_asks(const struct template_item *item, int32_t day) {
  return day <= item->to;
}

int form_level_due(const struct return_form *form, struct str unit_kind) {
  for (size_t i = 0; i < TEMPLATE_LEVELS; i++)
    if (str_is(unit_kind, template_level_names[i])) return form->levels[i];
  return -1;
}
