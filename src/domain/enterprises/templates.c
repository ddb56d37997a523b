#include "domain/enterprises/returns.h"

/* Rules of templates: what may be changed when, and what a template must be like to be published:
 * every box defined, every equation over boxes that exist, and nothing asked that is known. */

const struct known_fact known_facts[] = {
    {"enterprise.name", "enterprise", "企业名称|单位名称|公司名称", "企业名称", "its name"},
    {"enterprise.credit_code", "enterprise", "统一社会信用代码|信用代码|社会信用代码", "信用代码",
     "its credit code"},
    {"enterprise.address", "enterprise", "经营地址|办公地址|地址", "经营地址", "its address"},
    {"enterprise.industry", "enterprise", "所属行业|行业", "行业", "its industry"},
    {"enterprise.area_m2", "enterprise", "经营面积|办公面积", "经营面积", "its floor area"},
    {"enterprise.contact", "enterprise", "联系人|填报人", "联系人", "its contact"},
    {"enterprise.phone", "enterprise", "联系电话|电话|手机", "联系电话", "its phone"},
    {"enterprise.planned_on", "enterprise", "拟复工日期|计划复工日期|计划开工日期", "拟复工日期",
     "its planned opening"},
    {"enterprise.resumed_on", "enterprise", "实际复工日期|复工日期|实际开工日期|是否复工|是否开工",
     "复工日期", "when it resumed"},
    {"staff.total", "enterprise", "职工总数|员工总数|职工人数|员工人数|人数合计", "职工总数",
     "its staff (the file's head-count)"},
    {"staff.away", "staff_lines", "离京未返|出京未返|离京人数|未返京人数|离京未返京", "离京未返",
     "staff away (counted from the lines)"},
    {"staff.hubei", "staff_lines", "湖北籍职工|湖北籍职工数|湖北籍人数|湖北籍", "湖北籍职工",
     "staff of Hubei origin (counted from the lines)"},
    {"staff.returned_today", "staff_lines", "当日返京|当日返京人数|今日返京", "当日返京",
     "back that day (counted from the lines)"},
    {"staff.isolating", "staff_lines", "隔离中|隔离人数|居家观察人数|观察中", "观察中",
     "under observation (counted from the lines)"},
    {"staff.present", NULL, "到岗|到岗人数|返岗|返岗人数|在岗人数", "到岗", "at work"},
    {NULL, NULL, NULL, NULL, NULL}};

void return_template_check(const struct change *c, const struct record *old, struct record *rec,
                           struct problems *ps) {
  const struct str days = rec_text(rec, TEMPLATE_RETURN_WEEKDAYS);
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
  if (!old || c->verb != CHANGE_UPDATE || str_is(old->state, "draft")) return;
  /* what was asked stays what it was: its last day may be set, the rest is a new version */
  for (size_t f = 0; f < rec->kind->n_fields; f++)
    if (c->given[f] && f != TEMPLATE_RETURN_TO && f != TEMPLATE_RETURN_REMIND &&
        f != TEMPLATE_RETURN_ESCALATE)
      problem_add(ps, PROBLEM_read_only, str_from(rec->kind->fields[f].name));
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
  for (const struct known_fact *f = known_facts; f->key; f++)
    if (str_is(it->key, f->key) || word_among(f->words, str_trim(it->zh))) return f;
  return NULL;
}

struct publishing {
  struct arena *a;
  struct problems *ps;
  struct template_item items[TEMPLATE_FIELDS_MAX];
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
  problem_text(p->ps, PROBLEM_rule, item_path(p, it), (struct str){0},
               arena_printf(p->a,
                            "“" STR_FMT "”已有数据，不再重复填报：请把来源设为 %s、数据项设为 %s / "
                            "is known already (%s): bind it with source %s and key %s",
                            STR_ARG(it->zh), f->source ? f->source : "typed", f->key, f->en,
                            f->source ? f->source : "typed", f->key),
               (struct str){0});
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

QUERY(q_publish_fields, "SELECT code, label_zh, key, type, source, choices FROM template_field "
                        "WHERE template = $1 AND retired = 0 ORDER BY place LIMIT 81");
QUERY(q_publish_checks, "SELECT left_side, right_side FROM template_check WHERE template = $1 AND "
                        "retired = 0 ORDER BY id LIMIT 41");

static int publish_fields(struct tx *tx, struct publishing *p, const struct uuid *id,
                          struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_publish_fields, P(V_UUID(*id)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    if (p->n == TEMPLATE_FIELDS_MAX) {
      problem_limit(p->ps, PROBLEM_too_many, S("fields"), TEMPLATE_FIELDS_MAX);
      return 0;
    }
    struct template_item *it = &p->items[p->n++];
    const struct str source = cur_text(c, 4), type = cur_text(c, 3);
    *it =
        (struct template_item){.code = arena_dup(p->a, cur_text(c, 0)),
                               .zh = arena_dup(p->a, cur_text(c, 1)),
                               .key = cur_null(c, 2) ? S("") : arena_dup(p->a, cur_text(c, 2)),
                               .choices = cur_null(c, 5) ? S("") : arena_dup(p->a, cur_text(c, 5)),
                               .type = str_is(type, "count")    ? VALUE_COUNT
                                       : str_is(type, "choice") ? VALUE_CHOICE
                                                                : VALUE_TEXT,
                               .source = str_is(source, "staff_lines")  ? SOURCE_STAFF
                                         : str_is(source, "enterprise") ? SOURCE_ENTERPRISE
                                         : str_is(source, "formula")    ? SOURCE_FORMULA
                                                                        : SOURCE_TYPED};
  }
  return r < 0 ? r : 0;
}

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
  int r = publish_fields(tx, p, &rec->id, e);
  if (r < 0) return r;
  if (p->n == 0) problem_add(ps, PROBLEM_required, S("fields"));
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
    problem_text(ps, PROBLEM_rule, S("template"), (struct str){0},
                 S("模板已发布：请新建版本，或只设停填日期 / published: make a new version, or set "
                   "only the last day"),
                 (struct str){0});
  return 0;
}
