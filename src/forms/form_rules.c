#include "forms/forms_inner.h"

/* Rules of templates: what may be changed when, and what a template must be like to be published:
 * every box defined, every equation over boxes that exist, and nothing asked that is known. */

void return_template_check(const struct change *c, const struct record *old, struct record *rec,
                           struct problems *ps) {
  const struct str days = rec_text(rec, TEMPLATE_RETURN_WEEKDAYS);
  (void)c, (void)old;
  if (!rec_null(rec, TEMPLATE_RETURN_TO) &&
      rec_day(rec, TEMPLATE_RETURN_TO) < rec_day(rec, TEMPLATE_RETURN_FROM))
    problem_add(ps, PROBLEM_dates_reversed, S("valid_to"));
  for (size_t i = 0; i < days.n; i++)
    if (days.p[i] < '1' || days.p[i] > '7' ||
        str_find_char(str_sub(days, i + 1, days.n), days.p[i]) != (size_t)-1) {
      problem_text(ps, PROBLEM_bad_format, S("weekdays"), S("1234567"), (struct str){0},
                   (struct str){0});
      break;
    }
}

/* ---- publishing ---- */

static bool word_among(const char *words, struct str word) {
  struct str rest = str_from(words);
  while (rest.p)
    if (str_eq(str_split(&rest, '|'), word)) return true;
  return false;
}

/* The fact that this box asks for, by its key or by its words. */
static const struct known_fact *fact_of(const struct template_item *it) {
  const struct known_fact *f;
  for (size_t i = 0; (f = known_fact_at(i)); i++)
    if (str_is(it->key, f->key) || word_among(f->words, str_trim(it->zh))) return f;
  return NULL;
}

struct publishing {
  struct arena *a;
  struct problems *ps;
  struct template_item *items;
  size_t n;
};

static const struct template_item *item_of(const struct publishing *p, struct str code) {
  for (size_t i = 0; i < p->n; i++)
    if (str_eq(p->items[i].code, code)) return &p->items[i];
  return NULL;
}

static struct str item_path(struct publishing *p, const struct template_item *it) {
  return arena_printf(p->a, "fields." STR_FMT, STR_ARG(it->code));
}

static void ask_once(struct publishing *p, const struct template_item *it) {
  const struct known_fact *f = fact_of(it);
  const enum value_source must = !f || !f->source                            ? SOURCE_TYPED
                                 : str_is(str_from(f->source), "enterprise") ? SOURCE_ENTERPRISE
                                                                             : SOURCE_STAFF;
  const bool keyed = f && str_is(it->key, f->key);
  if (!f || (keyed && (it->source == must || it->source == SOURCE_FORMULA))) return;
  if (it->source == SOURCE_FORMULA) return;
  const char *const source = f->source ? f->source : "typed";
  problem_rule(p->ps, item_path(p, it),
               arena_printf(p->a,
                            "“" STR_FMT "”已有数据，不再重复填报：请把来源设为 %s、数据项设为 %s",
                            STR_ARG(it->zh), source, f->key),
               arena_printf(p->a, "is known already (%s): bind it with source %s and key %s", f->en,
                            source, f->key));
}

static void side_known(struct publishing *p, struct str path, struct str text) {
  struct equation_side side;
  if (equation_parse(text, &side) < 0) {
    problem_text(p->ps, PROBLEM_bad_format, path, S("a + b - c"), text, (struct str){0});
    return;
  }
  for (size_t i = 0; i < side.n; i++) {
    const struct template_item *it = side.terms[i].code.n ? item_of(p, side.terms[i].code) : NULL;
    if (side.terms[i].code.n && (!it || it->type != VALUE_COUNT))
      problem_text(p->ps, PROBLEM_not_found, path, (struct str){0}, side.terms[i].code,
                   (struct str){0});
  }
}

QUERY(q_publish_checks, "SELECT left_side, right_side FROM template_check WHERE template = $1 AND "
                        "retired = 0 ORDER BY id LIMIT 41"); /* limit: said */

static int publish_checks(struct tx *tx, struct publishing *p, const struct uuid *id,
                          struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  size_t n = 0;
  int r = cur_open(tx, &q_publish_checks, P(V_UUID(*id)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1 && n <= TEMPLATE_CHECKS_MAX) {
    side_known(p, arena_printf(p->a, "checks[%zu].left_side", n), cur_text(c, 0));
    side_known(p, arena_printf(p->a, "checks[%zu].right_side", n++), cur_text(c, 1));
  }
  if (n > TEMPLATE_CHECKS_MAX)
    problem_limit(p->ps, PROBLEM_too_many, S("checks"), TEMPLATE_CHECKS_MAX);
  return r < 0 ? r : 0;
}

static int may_publish(struct tx *tx, struct change *c, const struct record *rec,
                       struct problems *ps, struct err *e) {
  struct publishing *p = arena_new(c->a, struct publishing);
  p->a = c->a;
  p->ps = ps;
  int r = form_items_read(tx, c->a, &rec->id, &p->items, &p->n, e);
  if (r < 0) return r;
  if (p->n == 0) problem_add(ps, PROBLEM_required, S("fields"));
  if (p->n > TEMPLATE_FIELDS_MAX)
    problem_limit(ps, PROBLEM_too_many, S("fields"), TEMPLATE_FIELDS_MAX);
  for (size_t i = 0; i < p->n; i++) {
    const struct template_item *it = &p->items[i];
    ask_once(p, it);
    if (it->source == SOURCE_FORMULA) side_known(p, item_path(p, it), it->key);
    if (it->type == VALUE_CHOICE && it->choices.n == 0)
      problem_add(ps, PROBLEM_required, item_path(p, it));
  }
  return publish_checks(tx, p, &rec->id, e);
}

int return_template_apply(struct tx *tx, struct change *c, const struct record *old,
                          struct record *rec, struct problems *ps, struct err *e) {
  if (!old || !str_is(rec->state, "published") || str_is(old->state, "published")) return 0;
  return may_publish(tx, c, rec, ps, e);
}

/* ---- the parts of a template ---- */

void template_field_check(const struct change *c, const struct record *old, struct record *rec,
                          struct problems *ps) {
  const struct str code = rec_text(rec, TFIELD_CODE);
  (void)c, (void)old;
  for (size_t i = 0; i < code.n; i++) {
    const char ch = code.p[i];
    if ((ch >= 'a' && ch <= 'z') || ch == '_' || (i > 0 && ch >= '0' && ch <= '9')) continue;
    problem_text(ps, PROBLEM_bad_format, S("code"), S("staff_total"), code, (struct str){0});
    break;
  }
  if (!rec_is(rec, TFIELD_SOURCE, "typed") && rec_null(rec, TFIELD_KEY))
    problem_add(ps, PROBLEM_required, S("key"));
}

QUERY(q_template_of, "SELECT unit, state FROM return_template WHERE id = $1");

int template_part_apply(struct tx *tx, struct change *c, const struct record *old,
                        struct record *rec, struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = cur_open(tx, &q_template_of, P(V_UUID(rec_uuid(rec, 0))), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r;
  rec_set(rec, 1, V_I64(cur_i64(cur, 0)));
  if (str_is(cur_text(cur, 1), "draft")) return 0;
  /* published: a box can be retired by date, nothing else */
  bool only_date = old && c->verb == CHANGE_UPDATE && rec->kind == &template_field_kind;
  for (size_t f = 0; only_date && f < rec->kind->n_fields; f++)
    only_date = !c->given[f] || f == TFIELD_TO;
  if (!only_date)
    problem_rule(ps, S("template"), S("模板已发布：请新建版本，或只设停填日期"),
                 S("published: make a new version, or set only the last day"));
  return 0;
}
