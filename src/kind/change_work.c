#include "kind/inner.h"
#include "kind/rows.h"
#include <assert.h>

/* What the rows say of work: which fields are an action's own, which stand still in a state, who
 * counts as a second person, and what hangs on a record. */

static bool frozen_in(const struct kind *k, struct str state, const char *field) {
  for (const struct frozen *f = k->frozen; f && f->states; f++) {
    if (!word_in(f->states, state)) continue;
    if (strcmp(f->fields, "*") == 0 ? !word_in(f->but, str_from(field))
                                    : word_in(f->fields, str_from(field)))
      return true;
  }
  return false;
}

bool work_open(struct change *c, const struct record *old, size_t field) {
  const struct field *f = &c->kind->fields[field];
  const struct str name = str_from(f->name);
  if (c->internal || (c->verb != CHANGE_CREATE && c->verb != CHANGE_UPDATE)) return true;
  const struct transition *t = field_action(c->kind, field);
  if (t && (old || !(f->flags & FF_AT_CREATION))) {
    if (!old && c->v[field].t == VAL_NULL) return true;
    problem_text(&c->problems, PROBLEM_by_action, name, str_from(t->en), (struct str){0},
                 str_from(t->zh));
    return false;
  }
  if (!old || !frozen_in(c->kind, old->state, f->name)) return true;
  const struct state *s = kind_state(c->kind, old->state);
  problem_text(&c->problems, PROBLEM_frozen, name, str_from(s ? s->en : ""), old->state,
               str_from(s ? s->zh : ""));
  return false;
}

/* ---- stamps ---- */

struct stamping {
  const struct change *c;
  struct record *rec;
};

static void clear(void *arg, struct str word) {
  const struct stamping *s = arg;
  int f;
  if (!field_find(s->c->kind, word, &f) || s->c->given[f]) return;
  s->rec->v[f] = V_NULL;
  s->rec->sealed[f] = s->rec->blind[f] = (struct str){NULL, 0};
}

static void stamp(const struct stamping *s, const char *field) {
  const struct viewer *v = s->c->viewer;
  if (!field) return;
  const int f = field_named(s->c->kind, field);
  const struct field *fd = &s->c->kind->fields[f];
  assert(fd->flags & FF_SYSTEM);
  if (s->c->given[f]) return;
  if (fd->type == FT_MOMENT) {
    s->rec->v[f] = V_I64(change_moment(s->c));
  } else if (fd->type == FT_DATE) {
    char day[DAY_TEXT];
    day_format(zone_day(v->zone, change_moment(s->c), NULL), day);
    s->rec->v[f] = V_TEXT(arena_dup(s->c->a, str_from(day)));
  } else {
    const struct uuid who = strcmp(fd->ref, "responder") == 0 ? v->responder : v->user;
    s->rec->v[f] = uuid_is_nil(&who) ? V_NULL : V_UUID(who);
  }
}

void work_enter(struct change *c, struct record *rec) {
  struct stamping s = {c, rec};
  for (const struct stamp *st = c->kind->stamps; st && st->states; st++) {
    if (!word_in(st->states, rec->state)) continue;
    rows_words(st->clears, ' ', clear, &s);
    stamp(&s, st->at);
    stamp(&s, st->by);
  }
}

const char *work_person(const struct kind *k, const char *state) {
  for (const struct stamp *st = k->stamps; st && st->states; st++)
    if (st->by && word_in(st->states, str_from(state))) return st->by;
  return NULL;
}

/* ---- correcting ---- */

void work_corrects(struct change *c, const struct record *old, const struct record *rec) {
  bool differs = false;
  for (size_t f = 0; f < c->kind->n_fields; f++) {
    const struct str name = field_name(c->kind, f);
    if (!c->given[f] || !word_in(c->transition->takes, name)) continue;
    const struct transition *by = field_action(c->kind, f);
    if (rec->v[f].t == VAL_NULL)
      problem_add(&c->problems, PROBLEM_required, name);
    else if (old->v[f].t == VAL_NULL && by)
      problem_text(&c->problems, PROBLEM_by_action, name, str_from(by->en), (struct str){0},
                   str_from(by->zh));
    differs = differs || !val_same(&old->v[f], &rec->v[f]);
  }
  if (!differs) problem_add(&c->problems, PROBLEM_corrects_nothing, S(""));
}

/* ---- the second person ---- */

/* The account against which the second person is held; nil where nobody knows. */
static struct uuid first_person(const struct change *c, const struct record *old) {
  const char *state = c->transition ? c->transition->second_to : NULL;
  const char *field = state ? work_person(c->kind, state) : NULL;
  const struct uuid by = field ? rec_uuid(old, field_named(c->kind, field)) : old->state_by;
  return uuid_is_nil(&by) ? old->state_by : by;
}

/* Where both persons are known they are compared, else the accounts: one with two is still one. */
int work_same_person(struct tx *tx, struct change *c, const struct record *old, bool *ret_same,
                     struct err *e) {
  const struct viewer *v = c->viewer;
  const struct uuid first = first_person(c, old);
  struct record *account;
  *ret_same = !uuid_is_nil(&first) && uuid_eq(&first, &v->user);
  if (*ret_same || uuid_is_nil(&first) || uuid_is_nil(&v->responder)) return 0;
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    for (size_t f = 0; f < k->n_fields; f++) {
      if (!(k->fields[f].flags & FF_PERSON)) continue;
      int r = record_load(tx, c->a, k, 0, &first, &account, e);
      if (r == -E_NOROW) continue;
      if (r < 0) return r;
      *ret_same =
          *ret_same || (account->v[f].t == VAL_UUID && uuid_eq(&account->v[f].u, &v->responder));
    }
  }
  return 0;
}

static bool signed_before(const struct change *c, const struct record *old,
                          const struct transition *t) {
  bool is = false;
  for (struct str rest = str_from(t->from); rest.p && rest.n;) {
    const struct str state = str_split(&rest, ' ');
    const char *by = work_person(c->kind, arena_strz(c->a, state));
    const struct uuid who = by ? rec_uuid(old, field_named(c->kind, by)) : (struct uuid){{0}};
    is |= !uuid_is_nil(&who) && uuid_eq(&who, &c->viewer->user);
  }
  return is;
}

/* What two have signed is not taken off by one of them: a third one says why. */
int work_retires(struct tx *tx, struct change *c, const struct record *old, struct err *e) {
  const struct transition *t = c->kind->transitions;
  while (t && t->name && !(t->flags & TR_SECOND_PERSON && t->to && str_is(old->state, t->to))) t++;
  if (!t || !t->name || c->internal) return 0;
  bool same;
  int r = work_same_person(tx, c, old, &same, e);
  if (r < 0) return r;
  if (same || signed_before(c, old, t)) problem_add(&c->problems, PROBLEM_same_person, S(""));
  if (!c->reason.n) problem_add(&c->problems, PROBLEM_required, S("reason"));
  return 0;
}

/* ---- what hangs on a record ---- */

enum { HELD_TITLES = 3 };

static bool hangs_on(const struct field *f, const struct kind *target) {
  if (!(f->flags & FF_HOLDS)) return false;
  return f->type == FT_REF ? strcmp(f->ref, target->name) == 0 : strcmp(target->name, "unit") == 0;
}

/* From names of the tables alone; $1 what is hung on, $2 now or today, where the kind has an end.
 */
static struct str holding(struct arena *a, const struct kind *k, size_t f) {
  const struct kind_sql *ks = kind_sql(k);
  struct buf b = BUF_INIT(KIB(4));
  buf_printf(&b, " FROM %s t WHERE t.\"%s\" = $1 AND t.retired = 0", ks->table, k->fields[f].name);
  struct str rest = str_from(k->ends ? k->ends : "");
  while (rest.p && rest.n) {
    const struct str state = str_split(&rest, ' ');
    buf_printf(&b, " AND t.state <> '" STR_FMT "'", STR_ARG(state));
  }
  if (k->holds_until) buf_printf(&b, " AND t.\"%s\" >= $2", k->holds_until);
  struct str sql = arena_dup(a, buf_str(&b));
  buf_done(&b);
  return sql;
}

static struct val now_for(const struct change *c, const struct kind *k) {
  char day[DAY_TEXT];
  const int f = field_named(k, k->holds_until);
  if (k->fields[f].type == FT_MOMENT) return V_I64(c->at_ms);
  day_format(c->viewer->today, day);
  return V_TEXT(arena_dup(c->a, str_from(day)));
}

/* "甲、乙…": of those that the reader may see. */
static int held_titles(struct tx *tx, struct change *c, const struct kind *k, struct str where,
                       const struct val *p, size_t n, struct str *ret, struct err *e) {
  const struct kind_sql *ks = kind_sql(k);
  struct record *recs[HELD_TITLES];
  size_t got = 0;
  int r;
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    struct str sql =
        arena_printf(c->a, "SELECT %s" STR_FMT " ORDER BY t.id LIMIT %d",
                     /* limit: the number is said */ ks->columns, STR_ARG(where), HELD_TITLES);
    r = cur_open_sql(tx, sql, p, n, &cur, e);
    while (r >= 0 && got < HELD_TITLES && (r = cur_next(cur, e)) > 0)
      recs[got++] = row_record(cur, ks, c->a);
  }
  struct emit em = {.tx = tx, .en = c->en, .viewer = c->viewer, .a = c->a};
  *ret = S("");
  for (size_t i = 0; i < got && r >= 0; i++)
    if (c->internal || record_visible(c->viewer, recs[i])) {
      const struct str title = record_title(&em, recs[i]);
      *ret = arena_printf(c->a, STR_FMT "%s" STR_FMT, STR_ARG(*ret), ret->n ? "、" : "",
                          STR_ARG(title));
    }
  return r < 0 ? r : 0;
}

static int held_by(struct tx *tx, struct change *c, const struct record *rec, const struct kind *k,
                   size_t f, struct err *e) {
  const bool unit = k->fields[f].type == FT_UNIT;
  const struct val p[2] = {unit ? rec->v[field_named(rec->kind, "no")] : V_UUID(rec->id),
                           k->holds_until ? now_for(c, k) : V_NULL};
  const size_t n_params = k->holds_until ? 2 : 1;
  const struct str where = holding(c->a, k, f);
  struct str titles;
  int64_t n = 0;
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    struct str sql = arena_printf(c->a, "SELECT count(*)" STR_FMT, STR_ARG(where));
    if (arena_failed(c->a)) return err_set(e, E_NOMEM, "no memory for what hangs on a record");
    int r = cur_open_sql(tx, sql, p, n_params, &cur, e);
    if (r < 0 || (r = cur_next(cur, e)) < 0) return r;
    n = cur_i64(cur, 0);
  }
  if (!n) return 0;
  int r = held_titles(tx, c, k, where, p, n_params, &titles, e);
  if (r < 0) return r;
  problem_text(&c->problems, PROBLEM_held, S(""),
               arena_printf(c->a, "%s %lld: " STR_FMT, k->en, (long long)n, STR_ARG(titles)),
               str_from(k->name),
               arena_printf(c->a, "%s%lld：" STR_FMT, k->zh, (long long)n, STR_ARG(titles)));
  return 0;
}

int work_held(struct tx *tx, struct change *c, const struct record *rec, struct err *e) {
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    for (size_t f = 0; f < k->n_fields; f++) {
      int r = hangs_on(&k->fields[f], rec->kind) ? held_by(tx, c, rec, k, f, e) : 0;
      if (r < 0) return r;
    }
  }
  return 0;
}

/* ---- what follows it ---- */

static int follow_one(struct tx *tx, struct change *c, enum change_verb verb, const struct kind *k,
                      struct uuid id, struct err *e) {
  struct change *in = change_make(c->a, c->en, c->viewer, k, verb);
  if (arena_failed(c->a)) return err_set(e, E_NOMEM, "too much follows a record");
  in->id = id;
  in->op = c->op;
  in->at_ms = c->at_ms;
  in->source = c->source;
  in->internal = true;
  int r = change_ready(in, e);
  return r < 0 ? r : change_run(tx, in, e);
}

static int follow_by(struct tx *tx, struct change *c, const struct record *rec,
                     const struct kind *k, size_t f, struct err *e) {
  _cleanup_(buf_done) struct buf ids = BUF_INIT(LIMIT_ARENA_REQUEST);
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    struct str sql =
        arena_printf(c->a, "SELECT id FROM %s WHERE \"%s\" = $1 AND retired = $2 ORDER BY id",
                     kind_sql(k)->table, k->fields[f].name);
    if (arena_failed(c->a)) return err_set(e, E_NOMEM, "no memory for what follows a record");
    int r = cur_open_sql(tx, sql, P(V_UUID(rec->id), V_I64(!rec->retired)), &cur, e);
    while (r >= 0 && (r = cur_next(cur, e)) > 0) {
      const struct uuid id = cur_uuid(cur, 0);
      buf_add(&ids, id.b, sizeof id.b);
    }
    if (r < 0) return r;
  }
  if (!buf_ok(&ids)) return err_set(e, E_NOMEM, "too much follows a record");
  for (size_t at = 0; at < ids.n; at += sizeof(struct uuid)) {
    struct uuid id;
    memcpy(id.b, ids.p + at, sizeof id.b);
    int r = follow_one(tx, c, rec->retired ? CHANGE_RETIRE : CHANGE_RESTORE, k, id, e);
    if (r < 0) return r;
  }
  return 0;
}

int work_follow(struct tx *tx, struct change *c, const struct record *rec, struct err *e) {
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    for (size_t f = 0; f < k->n_fields; f++) {
      if (!(k->fields[f].flags & FF_FOLLOWS) || strcmp(k->fields[f].ref, rec->kind->name) != 0)
        continue;
      int r = follow_by(tx, c, rec, k, f, e);
      if (r < 0) return r;
    }
  }
  return 0;
}
