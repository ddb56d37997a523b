#include "kind/counts_inner.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* Counting rows, read once at start into field numbers and values, so that what an event adds is
 * asked without looking at any text of a row. As constant as the tables afterwards. */

static struct {
  struct arena *a;
  struct plan *plans; /* of all kinds, one kind's after the other's */
  size_t n;
  struct {
    size_t first, n;
  } of[LIMIT_KINDS];
} made;

/* ---- at start ---- */

static int bad(const struct kind *k, const char *what, struct str which, struct err *e) {
  char text[120];
  snprintf(text, sizeof text, "%s: " STR_FMT, k->name, STR_ARG(which));
  return err_field(e, E_BUG, what, text);
}

static int field_of(const struct kind *k, const char *name, uint64_t types, int *ret_field,
                    struct err *e) {
  *ret_field = ABSENT;
  if (!name) return 0;
  if (!field_find(k, str_from(name), ret_field))
    return bad(k, "a counting row names an unknown field", str_from(name), e);
  const struct field *f = &k->fields[*ret_field];
  if (!(types >> f->type & 1) || f->flags & FF_SEALED)
    return bad(k, "a counting row's field is of a wrong type", str_from(name), e);
  return 0;
}

static int term_value(const struct kind *k, struct count_term *t, struct str v, struct err *e) {
  if (t->n_values == TERM_VALUES) return bad(k, "a counting row names too many values", v, e);
  const struct field *f = t->field == OF_STATE ? NULL : &k->fields[t->field];
  bool known = f != NULL;
  if (!f) known = kind_state(k, v) != NULL;
  if (f && f->type == FT_ENUM) {
    known = false;
    for (const struct choice *c = f->choices; c->value; c++) known |= str_is(v, c->value);
  }
  if (f && f->type == FT_BOOL) {
    known = str_is(v, "true") || str_is(v, "false");
    t->n[t->n_values] = str_is(v, "true");
  }
  /* The values stand in statements as they are. */
  for (size_t i = 0; i < v.n; i++)
    known &= v.p[i] == '_' || (v.p[i] >= 'a' && v.p[i] <= 'z') || (v.p[i] >= '0' && v.p[i] <= '9');
  if (!known || !v.n) return bad(k, "a counting row names an unknown value", v, e);
  t->text[t->n_values++] = v;
  return 0;
}

static int term_of(const struct kind *k, struct str text, struct count_term *t, struct err *e) {
  struct str values = text, name = str_split(&values, '=');
  if (!field_find(k, name, &t->field))
    t->field = str_is(name, "state") && k->states ? OF_STATE : ABSENT;
  if (t->field == ABSENT || !values.n)
    return bad(k, "a counting row's condition names an unknown field", name, e);
  t->number = t->field >= 0 && field_type(&k->fields[t->field])->storage == VAL_I64;
  if (str_is(values, "null") || str_is(values, "!null")) {
    t->not = values.n == 4;
    return 0;
  }
  t->not = values.p[0] == '!';
  values = str_sub(values, t->not, values.n);
  if (t->number && k->fields[t->field].type != FT_BOOL)
    return bad(k, "a counting row compares a number", name, e);
  int r = 0;
  while (values.p && r == 0) r = term_value(k, t, str_split(&values, ','), e);
  return r;
}

#define TYPE(t) (UINT64_C(1) << (t))

static int plan_of(const struct kind *k, const struct count *row, struct plan *p, struct err *e) {
  static const uint64_t units = TYPE(FT_UNIT), days = TYPE(FT_DATE) | TYPE(FT_MOMENT),
                        numbers = TYPE(FT_INT) | TYPE(FT_DECIMAL) | TYPE(FT_FEN),
                        ids = TYPE(FT_REF) | TYPE(FT_UUID);
  const enum indicator_type type = row->ind->type;
  *p = (struct plan){.row = row};
  int r = field_of(k, row->unit, units, &p->unit, e);
  if (r == 0) r = field_of(k, row->from, days, &p->from, e);
  if (r == 0) r = field_of(k, row->until, days, &p->until, e);
  if (r == 0) r = field_of(k, row->value, numbers, &p->value, e);
  if (r == 0) r = field_of(k, row->member, ids | units, &p->member, e);
  if (r == 0) r = field_of(k, row->undo, TYPE(FT_REF), &p->undo, e);
  if (r == 0) r = field_of(k, row->at, TYPE(FT_MOMENT) | TYPE(FT_MINUTE), &p->at, e);
  if (r == 0) r = field_of(k, row->hour, TYPE(FT_MOMENT), &p->hour, e);
  for (size_t i = 0; i < GROUP_FIELDS; i++) p->group[i] = ABSENT;
  struct str rest = str_from(row->group ? row->group : "");
  for (size_t i = 0; r == 0 && rest.p && rest.n; i++) {
    char name[64];
    struct str word = str_split(&rest, ' ');
    if (i == GROUP_FIELDS || word.n >= sizeof name) return bad(k, "too long a group", word, e);
    snprintf(name, sizeof name, STR_FMT, STR_ARG(word));
    r = field_of(k, name, ids, &p->group[i], e);
  }
  if (!row->unit && !kind_scope_field(k, 0, &p->unit)) p->unit = ABSENT;
  if (r == 0 && (p->unit < 0 || !row->from || row->days_after < 0 || row->days_after > 366))
    r = bad(k, "a counting row needs a unit and a day", str_from(row->ind->code), e);
  if (r == 0 && ((type == IND_DISTINCT) != (row->member != NULL) || type == IND_DERIVED ||
                 (row->until && type != IND_STATE) || !row->ind->kind ||
                 (row->hour && (row->at || type != IND_FLOW)) || (row->at && row->member) ||
                 strcmp(row->ind->kind, k->name) != 0))
    r = bad(k, "a counting row does not fit its indicator", str_from(row->ind->code), e);
  rest = str_from(row->where ? row->where : "");
  while (r == 0 && rest.p && rest.n) {
    struct str term = str_split(&rest, '&');
    if (p->n_terms == TERMS) return bad(k, "too long a condition", term, e);
    r = term_of(k, term, &p->terms[p->n_terms++], e);
  }
  return r;
}

int counts_init(struct err *e) {
  size_t n = 0;
  for (size_t i = 0; i < kinds_count(); i++)
    for (const struct count *c = kind_at(i)->counts; c && c->ind; c++) n++;
  counts_done();
  made.a = arena_create(KIB(16) + n * sizeof(struct plan));
  made.plans = made.a ? arena_array(made.a, struct plan, n + 1) : NULL;
  if (!made.plans) return err_set(e, E_NOMEM, "no memory for counting rows");
  for (size_t i = 0; i < kinds_count(); i++) {
    made.of[i].first = made.n;
    for (const struct count *c = kind_at(i)->counts; c && c->ind; c++) {
      int r = plan_of(kind_at(i), c, &made.plans[made.n++], e);
      if (r < 0) return r;
    }
    made.of[i].n = made.n - made.of[i].first;
  }
  assert(made.n == n);
  return 0;
}

void counts_done(void) {
  arena_free(made.a);
  memset(&made, 0, sizeof made);
}

bool kind_counts(const struct kind *k) {
  return k->counts || k->contribute;
}

const struct plan *plans_of(const struct kind *k, size_t *ret_n) {
  const size_t i = kind_index(k);
  assert(i < LIMIT_KINDS);
  *ret_n = made.of[i].n;
  return made.plans + made.of[i].first;
}

/* ---- what a record adds ---- */

/* A record that adds more than the limit is a programming error: better to stop than to publish
 * a figure that lacks something. */
static struct contrib *next(struct contribs *out) {
  if (out->n == LIMIT_CONTRIBS) abort();
  return &out->c[out->n++];
}

void contrib_add(struct contribs *out, const struct indicator *ind, int32_t unit, int32_t day,
                 int64_t n) {
  assert(ind->type != IND_DERIVED && day != INT32_MIN);
  if (unit && n)
    *next(out) = (struct contrib){.ind = ind, .unit = unit, .day = day, .minute = ALL_DAY, .n = n};
}

void contrib_member(struct contribs *out, const struct indicator *ind, int32_t unit, int32_t day,
                    struct uuid member) {
  assert(ind->type == IND_DISTINCT && day != INT32_MIN);
  if (unit)
    *next(out) = (struct contrib){
        .ind = ind, .unit = unit, .day = day, .minute = ALL_DAY, .n = 1, .member = member};
}

void contrib_member_unit(struct contribs *out, const struct indicator *ind, int32_t unit,
                         int32_t day, int32_t member_unit) {
  struct uuid u = {{0}};
  if (!member_unit) return;
  for (int i = 0; i < 4; i++) u.b[12 + i] = (uint8_t)((uint32_t)member_unit >> (24 - 8 * i));
  contrib_member(out, ind, unit, day, u);
}

static bool holds(const struct count_term *t, const struct record *r) {
  bool among = false;
  if (t->field >= 0 && r->v[t->field].t == VAL_NULL) return t->not &&t->n_values == 0;
  if (t->n_values == 0) return !t->not ;
  for (size_t i = 0; i < t->n_values && !among; i++)
    among = t->number ? r->v[t->field].i == t->n[i]
                      : str_eq(t->field < 0 ? r->state : r->v[t->field].s, t->text[i]);
  return among != t->not ;
}

static bool is_of(const struct unit_tree *tree, int32_t unit, const char *kinds) {
  if (!kinds) return true;
  const struct unit_row *u = unit_by_no(tree, unit);
  const bool not = kinds[0] == '!';
  struct str rest = str_from(kinds + not );
  while (u && rest.p)
    if (str_eq(u->kind, str_split(&rest, ' '))) return !not ;
  return not ;
}

static int32_t zone_day_of(const struct zone *z, int64_t at, int *ret_minute) {
  if (z) return zone_day(z, at, ret_minute);
  if (ret_minute) *ret_minute = (int)(at % MS_DAY / MS_MINUTE);
  return (int32_t)(at / MS_DAY);
}

static int32_t day_of(const struct record *r, int field, const struct zone *z) {
  if (field < 0 || rec_null(r, field)) return INT32_MIN;
  if (r->kind->fields[field].type == FT_DATE) return rec_day(r, field);
  return zone_day_of(z, rec_i64(r, field), NULL);
}

/* The minute on that day; what begins before it begins with it, what begins behind it ends it. */
static int16_t minute_of(const struct record *r, int field, const struct zone *z, int32_t day) {
  int minute;
  if (field < 0 || rec_null(r, field)) return ALL_DAY;
  if (r->kind->fields[field].type == FT_MINUTE) return (int16_t)rec_i64(r, field);
  const int32_t on = zone_day_of(z, rec_i64(r, field), &minute);
  return on < day ? 0 : on > day ? MINUTES_OF_DAY : (int16_t)minute;
}

/* Adds n under the minute of that field, or under its hour. */
static void add_at(const struct plan *p, const struct record *r, int32_t unit, int32_t day,
                   int field, int64_t n, struct contribs *out) {
  const size_t before = out->n;
  int16_t minute = minute_of(r, field, out->zone, day);
  if (p->hour >= 0 && minute > 0)
    minute = (int16_t)(minute >= MINUTES_OF_DAY ? 23 * 60 : minute / 60 * 60);
  contrib_add(out, p->row->ind, unit, day, n);
  if (out->n > before) out->c[before].minute = minute;
}

static void add_member(const struct plan *p, const struct record *r, int32_t unit, int32_t day,
                       struct contribs *out) {
  if (r->kind->fields[p->member].type != FT_UNIT) {
    contrib_member(out, p->row->ind, unit, day, rec_uuid(r, p->member));
    return;
  }
  int32_t counted = rec_unit(r, p->member);
  if (!is_of(out->tree, counted, p->row->member_kinds)) return;
  if (p->row->member_above)
    counted = unit_ancestor_of_kind(out->tree, counted, day, p->row->member_above);
  contrib_member_unit(out, p->row->ind, unit, day, counted);
}

static void add_row(const struct plan *p, const struct record *r, struct contribs *out) {
  for (size_t i = 0; i < p->n_terms; i++)
    if (!holds(&p->terms[i], r)) return;
  const int32_t unit = rec_unit(r, p->unit), said = day_of(r, p->from, out->zone),
                end = day_of(r, p->until, out->zone), day = said + p->row->days_after;
  if (!unit || said == INT32_MIN || !is_of(out->tree, unit, p->row->unit_kinds)) return;
  /* Within a day a state lasts where both its minutes are known. */
  const bool moment = p->at >= 0 && p->until >= 0 && r->kind->fields[p->until].type == FT_MOMENT;
  if (end != INT32_MIN && (moment ? end < day : end <= day)) return; /* over before it began */
  if (p->member >= 0) {
    if (!rec_null(r, p->member)) add_member(p, r, unit, day, out);
    return;
  }
  int64_t n = 1;
  if (p->value >= 0) n = rec_null(r, p->value) ? p->row->empty : rec_i64(r, p->value);
  if (p->row->takes) n = -n;
  if (p->undo >= 0 && !rec_null(r, p->undo)) n = -n;
  add_at(p, r, unit, day, p->at >= 0 ? p->at : p->hour, n, out);
  if (end != INT32_MIN) add_at(p, r, unit, end, moment ? p->until : ABSENT, -n, out);
}

void record_contribs(const struct record *rec, struct contribs *out) {
  assert(rec->kind && out);
  size_t n;
  const struct plan *p = plans_of(rec->kind, &n);
  out->n = 0;
  if (rec->retired) return;
  for (size_t i = 0; i < n; i++) add_row(&p[i], rec, out);
  if (rec->kind->contribute) rec->kind->contribute(rec, out);
}

enum count_by count_by(const struct indicator *ind) {
  const struct kind *k = ind->kind ? kind_by_name(str_from(ind->kind)) : NULL;
  size_t n = 0;
  const struct plan *p = k ? plans_of(k, &n) : NULL;
  enum count_by by = COUNT_BY_DAY;
  for (size_t i = 0; i < n; i++)
    if (p[i].row->ind == ind && by == COUNT_BY_DAY)
      by = p[i].hour >= 0 ? COUNT_BY_HOUR : p[i].at >= 0 ? COUNT_BY_MINUTE : COUNT_BY_DAY;
  return by;
}
