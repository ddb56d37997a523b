#include "core/operation.h"
#include "duties/duties_inner.h"
#include "kind/rows.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* The rows of all areas: looked at, their fields found, their statements put together. */

static struct {
  struct duty_row rows[DUTIES_MAX];
  size_t n;
} reg;

struct duty_row *duty_row_at(size_t i) {
  return i < reg.n ? &reg.rows[i] : NULL;
}

struct duty_row *duty_row_of(const struct duty *d) {
  for (size_t i = 0; i < reg.n; i++)
    if (reg.rows[i].d == d) return &reg.rows[i];
  assert(false); /* a duty that no module declares */
  return NULL;
}

/* ---- what a row names ---- */

struct looking {
  struct rows *rs;
  const struct module *const *list;
  const struct duty *d;
};

static int field_of(struct looking *l, const struct kind *k, const char *name) {
  int f = -1;
  if (name && !field_find(k, str_from(name), &f))
    rows_wrong(l->rs, "duty", l->d->code, "%s has no field \"%s\"", k->name, name);
  return f;
}

static void one_state(struct looking *l, const struct kind *k, struct str word) {
  if (!kind_state(k, word))
    rows_wrong(l->rs, "duty", l->d->code, "%s has no state \"" STR_FMT "\"", k->name,
               STR_ARG(word));
}

static void own_state(void *arg, struct str word) {
  struct looking *l = arg;
  one_state(l, l->d->kind, word);
}

static void subject_state(void *arg, struct str word) {
  struct looking *l = arg;
  one_state(l, l->d->subject, word);
}

static void action(struct looking *l, const char *name) {
  if (!name || !kind_transition(l->d->kind, str_from(name)))
    rows_wrong(l->rs, "duty", l->d->code, "%s has no action \"%s\"", l->d->kind->name,
               name ? name : "");
}

static void settings_there(struct looking *l) {
  static const char *const names[] = {
      "remind_by",        "remind_before_minutes", "remind_most", "remind_again_minutes",
      "remind_from_hour", "remind_after_minutes",  "escalate_to", "remind_until_hour",
      "escalate_minutes"};
  char name[80];
  for (size_t i = 0; l->d->settings && i < ARRAY_LEN(names); i++) {
    bool there = false;
    snprintf(name, sizeof name, "%s.%s", l->d->settings, names[i]);
    for (const struct module *const *m = l->list; *m; m++)
      for (const struct setting *st = (*m)->settings; st && st->name; st++)
        there |= strcmp(st->name, name) == 0;
    if (!there) rows_wrong(l->rs, "duty", l->d->code, "no setting is called \"%s\"", name);
  }
}

static void look(struct rows *rs, const struct module *const *list, const struct duty *d,
                 struct duty_row *row) {
  struct looking l = {rs, list, d};
  struct str rest = str_from(d->copies ? d->copies : "");
  rows_labels(rs, "duty", d->code, d->zh, d->en);
  *row = (struct duty_row){.d = d,
                           .of = field_of(&l, d->kind, d->of),
                           .day = field_of(&l, d->kind, d->day),
                           .form = field_of(&l, d->kind, d->form),
                           .code = field_of(&l, d->kind, d->form_code),
                           .from = field_of(&l, d->subject, d->from),
                           .until = field_of(&l, d->subject, d->until)};
  if (!kind_scope_field(d->kind, 0, &row->unit) ||
      !kind_scope_field(d->subject, 0, &row->subject_unit))
    rows_wrong(rs, "duty", d->code, "what is due and who owes it need a place");
  if (!d->of || !d->day || !d->title) rows_wrong(rs, "duty", d->code, "needs of, day and title");
  if (!d->form != !d->form_code) rows_wrong(rs, "duty", d->code, "a form needs both its fields");
  (void)field_of(&l, d->kind, d->title);
  while (rest.p && rest.n && row->n_copies < DUTY_COPIES) {
    const struct str word = str_split(&rest, ' ');
    int *subject = &row->copies[row->n_copies].subject, *due = &row->copies[row->n_copies].due;
    if (field_find(d->subject, word, subject) && field_find(d->kind, word, due))
      row->n_copies++;
    else
      rows_wrong(rs, "duty", d->code, "both kinds need a field \"" STR_FMT "\"", STR_ARG(word));
  }
  if (rest.p && rest.n) rows_wrong(rs, "duty", d->code, "copies more than %d", (int)DUTY_COPIES);
  rows_words(d->owed, ' ', own_state, &l);
  rows_words(d->spared, ' ', subject_state, &l);
  action(&l, d->exempt);
  action(&l, d->again);
  settings_there(&l);
  if (!d->alarm != !d->measure) rows_wrong(rs, "duty", d->code, "an alarm counts by a measure");
  if (!d->remind != !d->topic) rows_wrong(rs, "duty", d->code, "a reminder needs its topic");
  if (d->states) {
    if (!d->spared || !d->states->of || !d->states->day || !d->states->state)
      rows_wrong(rs, "duty", d->code, "states need their fields, and one that spares");
    (void)field_of(&l, d->states->kind, d->states->of);
    (void)field_of(&l, d->states->kind, d->states->day);
    (void)field_of(&l, d->states->kind, d->states->state);
  }
  for (const struct duty_note *n = d->note; n; n = NULL) {
    (void)field_of(&l, n->kind, n->of);
    (void)field_of(&l, n->kind, n->day);
    (void)field_of(&l, n->kind, n->until);
  }
}

/* ---- its statements ---- */

_printf_(3, 4) static void make(struct duty_row *row, enum duty_query which, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  const int n = vsnprintf(row->sql[which], sizeof row->sql[which], fmt, args);
  va_end(args);
  assert(n > 0 && (size_t)n < sizeof row->sql[which]);
  row->q[which] = (struct query){"duty", row->sql[which], NULL};
}

static const char *in_list(const char *words, char *out, size_t n) {
  struct str rest = str_from(words ? words : "");
  size_t at = 0;
  out[0] = 0;
  while (rest.p && at < n) {
    const struct str word = str_split(&rest, ' ');
    at += (size_t)snprintf(out + at, n - at, "%s'" STR_FMT "'", at ? ", " : "", STR_ARG(word));
  }
  assert(at < n);
  return out;
}

static void make_open(struct duty_row *row, const char *of_code) {
  const struct duty *d = row->d;
  const struct duty_states *const s = d->states;
  char from[120] = "", until[120] = "", spared[200], states[600] = "", on_day[300] = "s.state";
  const char *const unit = d->subject->fields[row->subject_unit].name;
  if (d->from) snprintf(from, sizeof from, "AND (s.%s IS NULL OR s.%s <= $2) ", d->from, d->from);
  if (d->until)
    snprintf(until, sizeof until, "AND (s.%s IS NULL OR s.%s >= $2) ", d->until, d->until);
  if (s)
    snprintf(on_day, sizeof on_day,
             "COALESCE((SELECT x.%s FROM %s x WHERE x.%s = s.id AND x.retired = 0 AND x.%s <= $2 "
             "ORDER BY x.%s DESC, x.seq DESC LIMIT 1), s.state)",
             s->state, s->kind->name, s->of, s->day, s->day);
  if (d->spared)
    snprintf(states, sizeof states, "AND %s NOT IN (%s) ", on_day,
             in_list(d->spared, spared, sizeof spared));
  make(row, DQ_LACKING,
       "SELECT s.id FROM %s s JOIN unit u ON u.no = s.%s WHERE s.op = $1 AND s.retired = 0 "
       "AND s.created_ms < $6 %s%s%s"
       "AND u.path BETWEEN $3 AND $4 AND NOT EXISTS (SELECT 1 FROM %s d WHERE d.op = $1 "
       "AND d.%s = s.id AND %s = $5 AND d.%s = $2 AND d.retired = 0) "
       "AND s.id > $7 ORDER BY s.id LIMIT $8",
       d->subject->name, unit, states, from, until, d->kind->name, d->of, of_code, d->day);
  if (s)
    make(row, DQ_SUBJECT_STATE,
         "SELECT x.%s FROM %s x WHERE x.%s = $1 AND x.retired = 0 AND x.%s <= $2 "
         "ORDER BY x.%s DESC, x.seq DESC LIMIT 1",
         s->state, s->kind->name, s->of, s->day, s->day);
  make(row, DQ_THERE,
       "SELECT count(*) FROM %s d WHERE d.op = $1 AND d.%s = $2 AND %s = $3 AND d.%s = $4 "
       "AND d.retired = 0",
       d->kind->name, d->of, of_code, d->day);
  make(row, DQ_OF_DAY,
       "SELECT d.id, %s, d.state FROM %s d WHERE d.op = $1 AND d.%s = $2 AND d.%s = $3 "
       "AND d.retired = 0 ORDER BY d.id LIMIT %d", /* limit: said */
       of_code, d->kind->name, d->of, d->day, DUTY_ROWS_A_DAY + 1);
  make(row, DQ_STATE, "SELECT d.state, d.%s FROM %s d WHERE d.id = $1", d->day, d->kind->name);
}

static void make_tell(struct duty_row *row, const char *of_code) {
  const struct duty *d = row->d;
  const struct duty_note *n = d->note;
  const char *const unit = d->kind->fields[row->unit].name;
  char states[200], owed[500], note[300] = "AND $6 > CAST(0 AS BIGINT) ";
  snprintf(owed, sizeof owed,
           "FROM %s d WHERE d.op = $1 AND %s = $2 AND d.%s = $3 AND d.state IN (%s) "
           "AND d.retired = 0 ",
           d->kind->name, of_code, d->day, in_list(d->owed, states, sizeof states));
  if (n)
    snprintf(note, sizeof note,
             "AND NOT EXISTS (SELECT 1 FROM %s n WHERE n.op = $1 AND n.%s = d.%s AND n.%s = $3 "
             "AND n.%s > $6) ",
             n->kind->name, n->of, d->of, n->day, n->until);
  make(row, DQ_REMIND,
       "SELECT d.id, d.%s %sAND NOT EXISTS (SELECT 1 FROM duty_reminder r WHERE r.record = d.id "
       "AND r.slot = $4) AND (SELECT count(*) FROM duty_reminder r WHERE r.record = d.id "
       "AND r.messages > 0 AND r.slot < %d) < $5 %sAND d.id > $7 ORDER BY d.id LIMIT $8",
       d->of, owed, SLOT_OWN, note);
  make(row, DQ_NAMES, "SELECT d.%s %sAND d.%s = $4 ORDER BY d.%s, d.id LIMIT $5", d->title, owed,
       unit, d->title);
  make(row, DQ_COUNT, "SELECT count(*) %sAND d.%s = $4", owed, unit);
  if (n)
    make(row, DQ_NOTE,
         "SELECT n.id FROM %s n WHERE n.op = $1 AND n.%s = $2 AND n.%s = $3 AND n.retired = 0 "
         "ORDER BY n.seq DESC LIMIT 1",
         n->kind->name, n->of, n->day);
  if (!d->alarm) return;
  make(row, DQ_UNITS,
       "SELECT d.%s %sAND NOT EXISTS (SELECT 1 FROM alarm x WHERE x.op = $1 AND x.unit = d.%s "
       "AND x.code = '%s' AND x.cause = $3 || ':' || $2 || ':' || d.%s) "
       "AND d.%s > $4 GROUP BY d.%s ORDER BY d.%s LIMIT $5",
       unit, owed, unit, d->alarm->code, unit, unit, unit, unit);
}

void duties_look(const struct module *const *list, struct rows *rs) {
  reg.n = 0;
  for (const struct module *const *m = list; *m; m++) {
    rows_of(rs, (*m)->name, (*m)->file);
    for (const struct duty *const *d = (*m)->duties; d && *d; d++) {
      if (reg.n < DUTIES_MAX)
        look(rs, list, *d, &reg.rows[reg.n++]);
      else
        rows_wrong(rs, "duty", (*d)->code, "is one of more than %d", (int)DUTIES_MAX);
    }
  }
}

int duties_declare(const struct module *const *list, struct err *e) {
  (void)list, (void)e;
  for (size_t i = 0; i < reg.n; i++) {
    char code[80] = "''";
    const struct duty *d = reg.rows[i].d;
    if (d->form_code) snprintf(code, sizeof code, "d.%s", d->form_code);
    make_open(&reg.rows[i], code);
    make_tell(&reg.rows[i], code);
  }
  return 0;
}

/* ---- what is asked, and when ---- */

struct due duty_due(struct app *app, const struct viewer *v, const struct duty *d,
                    const struct return_form *f, int32_t day) {
  if (f)
    return (struct due){.duty = d,
                        .form = f,
                        .code = f->code,
                        .name = f->name,
                        .name_en = f->name_en.n ? f->name_en : f->name,
                        .unit = f->unit,
                        .day = day,
                        .due = f->deadline,
                        .remind = f->remind,
                        .escalate = f->escalate};
  return (struct due){.duty = d,
                      .code = S(""),
                      .name = str_from(d->zh),
                      .name_en = str_from(d->en),
                      .unit = unit_root(v->tree),
                      .day = day,
                      .due = d->due_key ? (int)policy(app, v->op, d->due_key, day) : d->due,
                      .remind = -1,
                      .escalate = -1};
}

static bool in_force(const struct template_set *set, const struct viewer *v,
                     const struct return_form *f, int32_t day) {
  const struct return_form *forms[TEMPLATES_MAX];
  const size_t n = forms_for(set, v->tree, v->op, f->unit, day, forms, ARRAY_LEN(forms));
  for (size_t i = 0; i < n; i++)
    if (forms[i] == f) return true;
  return false;
}

size_t dues(struct app *app, const struct viewer *v, const struct duty *d,
            const struct template_set *set, int32_t unit, int32_t day, struct due *out,
            size_t max) {
  size_t n = 0;
  if (!d->form) {
    out[n++] = duty_due(app, v, d, NULL, day);
    return n;
  }
  if (unit) {
    const struct return_form *forms[TEMPLATES_MAX];
    const size_t all = forms_for(set, v->tree, v->op, unit, day, forms, ARRAY_LEN(forms));
    for (; n < all && n < max; n++) out[n] = duty_due(app, v, d, forms[n], day);
    return n;
  }
  for (size_t i = 0; set && i < set->n && n < max; i++)
    if (set->forms[i].op == v->op && in_force(set, v, &set->forms[i], day))
      out[n++] = duty_due(app, v, d, &set->forms[i], day);
  return n;
}

/* ---- what may be tuned ---- */

int64_t duty_tuned(struct app *app, int64_t op, const struct duty *d, const char *name,
                   int64_t none) {
  char full[80];
  if (!d->settings) return none;
  snprintf(full, sizeof full, "%s.%s", d->settings, name);
  return setting_i64(app, op, full);
}

struct str duty_tuned_text(struct app *app, int64_t op, const struct duty *d, const char *name,
                           struct arena *a) {
  char full[80];
  if (!d->settings) return S("");
  snprintf(full, sizeof full, "%s.%s", d->settings, name);
  return setting_text(app, op, full, a);
}
