#include "base/log.h"
#include "domain/enterprises/returns.h"
#include <pthread.h>
#include <stdatomic.h>

/* Published templates in memory. Every return is checked against its template, and fifty thousand
 * come in an hour: so the templates are read when one changes, not when one is used. */

static struct {
  pthread_rwlock_t lock;
  struct template_set *set;
} cache = {.lock = PTHREAD_RWLOCK_INITIALIZER};

QUERY(q_forms, "SELECT id, op, code, version, name, name_en, note, weekdays, unit, valid_from, "
               "valid_to, deadline, cutoff, remind_at, escalate_at FROM return_template "
               "WHERE retired = 0 AND state IN ('published', 'withdrawn') "
               "ORDER BY op, code, valid_from DESC, version DESC LIMIT 200");
QUERY(q_form_items, "SELECT code, label_zh, label_en, definition_zh, definition_en, group_zh, "
                    "group_en, choices, key, type, source, required, carries, most, valid_to, "
                    "place FROM template_field WHERE template = $1 AND retired = 0 "
                    "ORDER BY place, code LIMIT 80");
QUERY(q_form_rules, "SELECT level, left_side, operator, right_side, words_zh, words_en "
                    "FROM template_check WHERE template = $1 AND retired = 0 ORDER BY id LIMIT 40");
QUERY(q_form_levels, "SELECT level, due_at FROM template_level WHERE template = $1 AND retired = 0 "
                     "LIMIT 20");

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

static int read_items(struct tx *tx, struct arena *a, struct return_form *f, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  f->items = arena_array(a, struct template_item, TEMPLATE_FIELDS_MAX);
  int r = cur_open(tx, &q_form_items, P(V_UUID(f->id)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1 && f->n_items < TEMPLATE_FIELDS_MAX) {
    struct template_item *it = &f->items[f->n_items++];
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
    if (it->source == SOURCE_FORMULA && equation_parse(it->key, &it->formula) < 0)
      log_warn("template_formula_unreadable", "code=" STR_FMT, STR_ARG(it->code));
  }
  return r < 0 ? r : 0;
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
  while (r >= 0 && (r = cur_next(c, e)) == 1 && set->n < TEMPLATES_MAX)
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
  c = cur_done(c);
  for (size_t i = 0; i < set->n && r >= 0; i++) {
    r = read_items(tx, a, &set->forms[i], e);
    if (r >= 0) r = read_rules(tx, a, &set->forms[i], e);
    if (r >= 0) r = read_levels(tx, &set->forms[i], e);
  }
  return r < 0 ? r : 0;
}

static int load(struct app *app, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct arena *a = arena_create(MIB(16));
  if (!a) return err_set(e, E_NOMEM, "no memory for templates");
  struct template_set *set = arena_new(a, struct template_set);
  *set = (struct template_set){.refs = 1, .a = a};
  int r = store_read(app->store, &tx, e);
  if (r >= 0) r = read_forms(tx, set, e);
  if (r >= 0 && arena_failed(a)) r = err_set(e, E_NOMEM, "no memory for templates");
  if (r < 0) {
    arena_free(a);
    return r;
  }
  pthread_rwlock_wrlock(&cache.lock);
  struct template_set *old = cache.set;
  cache.set = set;
  pthread_rwlock_unlock(&cache.lock);
  template_set_unref(old);
  return 0;
}

static void reload(void *app) {
  struct err e = {0};
  if (load(app, &e) < 0) log_err(LOG_ERROR, "templates_not_reloaded", &e);
}

int return_template_applied(struct tx *tx, struct change *c, const struct record *old,
                            const struct record *rec, struct err *e) {
  (void)old, (void)rec, (void)e;
  tx_on_commit(tx, reload, change_app(c));
  return 0;
}

struct template_set *template_set_ref(void) {
  pthread_rwlock_rdlock(&cache.lock);
  struct template_set *set = cache.set;
  if (set) atomic_fetch_add(&set->refs, 1);
  pthread_rwlock_unlock(&cache.lock);
  return set;
}

void template_set_unref(struct template_set *set) {
  if (set && atomic_fetch_sub(&set->refs, 1) == 1) arena_free(set->a);
}

int templates_start(struct app *app, struct err *e) {
  return load(app, e);
}

void templates_stop(struct app *app) {
  (void)app;
  pthread_rwlock_wrlock(&cache.lock);
  struct template_set *old = cache.set;
  cache.set = NULL;
  pthread_rwlock_unlock(&cache.lock);
  template_set_unref(old);
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

bool item_said_in_return(const struct template_item *item) {
  return str_is(item->key, "staff.total") || str_is(item->key, "enterprise.headcount") ||
         str_is(item->key, "enterprise.planned_on");
}
