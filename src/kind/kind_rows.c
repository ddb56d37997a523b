#include "kind/inner.h"
#include "kind/rows.h"
#include <stdio.h>

/* Every string of a kind's rows: the fields, the states, the transitions, the indexes. */

struct look {
  struct rows *rs;
  const struct kind *k;
  const char *type, *row; /* the row whose words are read */
};

/* What every table of a kind has beside its fields. */
static const char *const own_columns[] = {"id",         "op",         "seq",        "rev",
                                          "state",      "state_by",   "retired",    "created_ms",
                                          "created_by", "updated_ms", "updated_by", "digest"};

static bool own_column(struct str name) {
  for (size_t i = 0; i < ARRAY_LEN(own_columns); i++)
    if (str_is(name, own_columns[i])) return true;
  return false;
}

static void a_state(void *arg, struct str word) {
  const struct look *l = arg;
  if (!kind_state(l->k, word))
    rows_wrong(l->rs, l->type, l->row, "no state is called \"" STR_FMT "\"", STR_ARG(word));
}

static void a_field(void *arg, struct str word) {
  const struct look *l = arg;
  int f;
  if (!field_find(l->k, word, &f))
    rows_wrong(l->rs, l->type, l->row, "no field is called \"" STR_FMT "\"", STR_ARG(word));
}

static void a_column(void *arg, struct str word) {
  if (!own_column(word)) a_field(arg, word);
}

/* ---- fields ---- */

static void choices(struct rows *rs, const struct field *f) {
  for (const struct choice *c = f->choices; c && c->value; c++) {
    if (!*c->value || strchr(c->value, ','))
      rows_wrong(rs, "field", f->name, "\"%s\" cannot be a choice's value", c->value);
    if (!c->zh || !*c->zh || !c->en || !*c->en)
      rows_wrong(rs, "field", f->name, "choice \"%s\" needs its names in zh and en", c->value);
    for (const struct choice *b = f->choices; b < c; b++)
      if (strcmp(b->value, c->value) == 0)
        rows_wrong(rs, "field", f->name, "choice \"%s\" stands twice", c->value);
  }
  if (f->type == FT_ENUM && (!f->choices || !f->choices[0].value))
    rows_wrong(rs, "field", f->name, "an enum needs choices");
  if (f->choices && f->type != FT_ENUM && f->type != FT_TAGS)
    rows_wrong(rs, "field", f->name, "only an enum and tags have choices");
}

/* Says the first problem that reading `text` as the field's value has. */
static void says_problem(struct rows *rs, const char *type, const char *row, const char *what,
                         const char *text, struct arena *a, const struct problems *ps) {
  const struct str words = ps->first ? problem_words(a, ps->first, false) : S("not a value of it");
  rows_wrong(rs, type, row, "%s \"%s\": " STR_FMT, what, text, STR_ARG(words));
}

static struct type_ctx reading(struct arena *a, struct problems *ps) {
  problems_init(ps, a);
  return (struct type_ctx){.a = a, .zone = zone_get("Asia/Shanghai"), .ps = ps};
}

static void initial(struct rows *rs, const struct field *f) {
  struct problems ps;
  struct val v = V_NULL;
  if (!f->initial) return;
  if (f->type == FT_REF || f->type == FT_UNIT) {
    rows_wrong(rs, "field", f->name, "initial \"%s\": a record cannot be said in a row",
               f->initial);
    return;
  }
  _cleanup_(arena_freep) struct arena *a = arena_create(KIB(64));
  const struct type_ctx c = reading(a, &ps);
  if (!a) return;
  if (!field_from_text(&c, f, str_from(f->initial), str_from(f->name), &v) || v.t == VAL_NULL)
    says_problem(rs, "field", f->name, "initial", f->initial, a, &ps);
}

static bool imported(const struct field *f) {
  return !(f->flags & (FF_SYSTEM | FF_NO_IMPORT));
}

/* Is that header one of the field's further ones? */
static bool has_header(const struct field *f, struct str header) {
  struct str rest = str_from(f->headers ? f->headers : "");
  while (rest.p && rest.n)
    if (str_eq(str_split(&rest, '|'), header)) return true;
  return false;
}

static void headers(struct rows *rs, const struct kind *k, size_t i) {
  const struct field *f = &k->fields[i];
  struct str rest = str_from(f->headers ? f->headers : "");
  while (f->headers && rest.p) {
    const struct str one = str_split(&rest, '|');
    if (!one.n || !str_eq(one, str_trim(one)))
      rows_wrong(rs, "field", f->name, "headers \"%s\": an empty or untrimmed one", f->headers);
    for (size_t j = 0; j < i && imported(f); j++)
      if (imported(&k->fields[j]) && has_header(&k->fields[j], one))
        rows_wrong(rs, "field", f->name, "header \"" STR_FMT "\" is that of \"%s\", too",
                   STR_ARG(one), k->fields[j].name);
  }
}

static void mask(struct rows *rs, const struct field *f) {
  static const struct {
    enum mask mask;
    enum field_type type;
  } only[] = {{MASK_ID, FT_CITIZEN_ID}, {MASK_PHONE, FT_PHONE}};
  if (f->mask > MASK_TAIL) rows_wrong(rs, "field", f->name, "no such mask");
  if (f->mask != MASK_ALL && !(f->flags & (FF_SEALED | FF_PERSONAL)))
    rows_wrong(rs, "field", f->name, "a mask, but nothing is hidden");
  for (size_t i = 0; i < ARRAY_LEN(only); i++)
    if (f->mask == only[i].mask && f->type != only[i].type && f->type != FT_TEXT)
      rows_wrong(rs, "field", f->name, "the mask does not fit type \"%s\"", field_type(f)->name);
}

static void flags(struct rows *rs, const struct field *f) {
  const struct {
    bool wrong;
    const char *what;
  } rules[] = {
      {f->type != FT_UNIT && f->flags & FF_SCOPE, "only a unit can scope"},
      {f->flags & FF_LOOKUP && !(f->flags & FF_SEALED), "only a sealed field has a blind index"},
      {f->flags & FF_SEALED && field_type(f)->storage != VAL_TEXT, "only text can be sealed"},
      {f->flags & FF_SEALED && f->flags & (FF_SORT | FF_INDEX | FF_SEARCH),
       "a sealed field cannot be sorted or searched"},
      {f->flags & FF_REVEAL &&
           f->flags & (FF_SEALED | FF_PERSONAL | FF_SORT | FF_SEARCH | FF_TITLE | FF_DEVICE),
       "a field for few is in nothing that many see"},
      {f->flags & FF_UNCHECKED_REF && f->type != FT_REF, "only a reference is loose"},
      {f->flags & FF_SEALED && f->flags & FF_DEVICE, "a sealed field does not go onto a phone"},
      {f->flags & FF_DEVICE_TITLE && (f->type != FT_REF || !(f->flags & FF_DEVICE)),
       "only a reference on the phone has a title there"},
      {f->flags & FF_ALIAS && (f->type != FT_TAGS || f->choices), "further names are free tags"},
      {f->max && f->min > f->max, "minimum over maximum"},
  };
  for (size_t i = 0; i < ARRAY_LEN(rules); i++)
    if (rules[i].wrong) rows_wrong(rs, "field", f->name, "%s", rules[i].what);
}

static bool in_action(const struct kind *k, const char *field) {
  const struct str name = str_from(field);
  for (const struct transition *t = k->transitions; t && t->name; t++)
    if (word_in(t->needs, name) || word_in(t->takes, name)) return true;
  return false;
}

static void written_by(struct rows *rs, const struct kind *k, size_t i) {
  const struct field *f = &k->fields[i];
  if (f->flags & (FF_AT_CREATION | FF_SHARED) && !in_action(k, f->name))
    rows_wrong(rs, "field", f->name, "only an action's field says who else writes it");
  if (f->initial && field_action(k, i) && !(f->flags & (FF_AT_CREATION | FF_SYSTEM)))
    rows_wrong(rs, "field", f->name, "an action's own field has no initial value");
}

/* "household.unit" */
static void taken(struct rows *rs, const struct kind *k, const struct field *f) {
  struct str there = str_from(f->taken_from);
  const struct str ref = str_split(&there, '.');
  int r, t;
  const struct kind *from = NULL;
  if (field_find(k, ref, &r) && k->fields[r].type == FT_REF && k->fields[r].ref)
    from = kind_by_name(str_from(k->fields[r].ref));
  if (!from || k->flags & KF_EVENT)
    rows_wrong(rs, "field", f->name, "taken_from \"%s\": no reference of a record", f->taken_from);
  else if (!field_find(from, there, &t) || from->fields[t].type != f->type ||
           (from->fields[t].flags | f->flags) & FF_SEALED)
    rows_wrong(rs, "field", f->name, "taken_from \"%s\": nothing of its type is there",
               f->taken_from);
}

static void field_row(struct rows *rs, const struct kind *k, size_t i) {
  const struct field *f = &k->fields[i];
  if (!rows_name_ok(f->name)) {
    rows_wrong(rs, "field", f->name, "a name is lower case, digits, - and _");
    return;
  }
  if (f->type >= FT_TYPES_) {
    rows_wrong(rs, "field", f->name, "no such type");
    return;
  }
  rows_labels(rs, "field", f->name, f->zh, f->en);
  if (!f->zh_help != !f->en_help)
    rows_wrong(rs, "field", f->name, "its help stands in one language");
  if (f->no == 0) rows_wrong(rs, "field", f->name, "needs a stable number");
  if (own_column(str_from(f->name)))
    rows_wrong(rs, "field", f->name, "is a column that every table has");
  for (size_t j = 0; j < i; j++)
    if (k->fields[j].no == f->no || (k->fields[j].name && strcmp(k->fields[j].name, f->name) == 0))
      rows_wrong(rs, "field", f->name, "name or number %d is used twice", (int)f->no);
  if ((f->type == FT_REF) != (f->ref != NULL))
    rows_wrong(rs, "field", f->name, "a reference, and nothing else, names its kind");
  if (f->ref && !kind_by_name(str_from(f->ref)))
    rows_wrong(rs, "field", f->name, "no kind is called \"%s\"", f->ref);
  choices(rs, f);
  flags(rs, f);
  if (f->flags & FF_HOLDS && (k->flags & KF_EVENT || (f->type != FT_REF && f->type != FT_UNIT) ||
                              f->flags & FF_UNCHECKED_REF))
    rows_wrong(rs, "field", f->name, "only a record's reference or unit holds");
  if (f->flags & FF_FOLLOWS &&
      (f->type != FT_REF || f->flags & FF_HOLDS || !(k->flags & KF_NO_RETIRE)))
    rows_wrong(rs, "field", f->name,
               "only a reference of a kind that is not retired alone follows");
  if (f->flags & FF_PERSON && (f->type != FT_REF || !(k->flags & KF_GLOBAL)))
    rows_wrong(rs, "field", f->name, "a person is a reference of a global record");
  if (f->capitals && f->type != FT_TEXT)
    rows_wrong(rs, "field", f->name, "only a text is put into capitals");
  if (f->words && f->type != FT_TEXT) rows_wrong(rs, "field", f->name, "only a text holds codes");
  if (f->taken_from) taken(rs, k, f);
  written_by(rs, k, i);
  mask(rs, f);
  headers(rs, k, i);
  initial(rs, f);
}

/* ---- states and transitions ---- */

static void a_stamp(struct rows *rs, const struct kind *k, const char *states, const char *name,
                    bool person) {
  int i;
  if (!name) return;
  if (!field_find(k, str_from(name), &i)) {
    rows_wrong(rs, "stamp", states, "no field is called \"%s\"", name);
    return;
  }
  const struct field *f = &k->fields[i];
  const bool fits = person ? f->type == FT_REF && f->ref &&
                                 (!strcmp(f->ref, "account") || !strcmp(f->ref, "responder"))
                           : f->type == FT_MOMENT || f->type == FT_DATE;
  if (!fits || !(f->flags & FF_SYSTEM) || f->flags & FF_SEALED)
    rows_wrong(rs, "stamp", states, "\"%s\" is no %s with FF_SYSTEM", name,
               person ? "account or responder" : "moment or date");
}

static void states(struct rows *rs, const struct kind *k) {
  for (const struct state *s = k->states; s && s->value; s++) {
    if (!rows_name_ok(s->value)) rows_wrong(rs, "state", s->value, "not a name");
    rows_labels(rs, "state", s->value, s->zh, s->en);
    for (const struct state *b = k->states; b < s; b++)
      if (strcmp(b->value, s->value) == 0) rows_wrong(rs, "state", s->value, "stands twice");
  }
}

static void transition_row(struct rows *rs, const struct kind *k, const struct transition *t) {
  struct look l = {rs, k, "action", t->name};
  if (!rows_name_ok(t->name)) rows_wrong(rs, "action", t->name, "not a name");
  rows_labels(rs, "action", t->name, t->zh, t->en);
  if (t - k->transitions >= 32) rows_wrong(rs, "action", t->name, "too many actions");
  for (const struct transition *b = k->transitions; b < t; b++)
    if (strcmp(b->name, t->name) == 0) rows_wrong(rs, "action", t->name, "stands twice");
  if (!t->from || !*t->from) rows_wrong(rs, "action", t->name, "begins in no state");
  rows_words(t->from, ' ', a_state, &l);
  if (t->to) a_state(&l, str_from(t->to));
  rows_right(rs, "action", t->name, t->right);
  if (t->flags & TR_CORRECTS && (t->to || t->needs || !t->takes || !(t->flags & TR_REASON)))
    rows_wrong(rs, "action", t->name, "a correction takes fields and a reason, and leads nowhere");
  if (t->second_to) {
    const char *by = work_person(k, t->second_to);
    int f;
    if (!(t->flags & TR_SECOND_PERSON) || !by || !field_find(k, str_from(by), &f) ||
        !k->fields[f].ref || strcmp(k->fields[f].ref, "account") != 0)
      rows_wrong(rs, "action", t->name, "second_to \"%s\": no account is kept of that state",
                 t->second_to);
  }
  rows_words(t->needs, ' ', a_field, &l);
  rows_words(t->takes, ' ', a_field, &l);
}

static void stamp_row(struct rows *rs, const struct kind *k, const struct stamp *s) {
  struct look l = {rs, k, "stamp", s->states};
  rows_words(s->states, ' ', a_state, &l);
  if (!s->at && !s->by && !s->clears) rows_wrong(rs, "stamp", s->states, "writes nothing");
  a_stamp(rs, k, s->states, s->at, false);
  a_stamp(rs, k, s->states, s->by, true);
  rows_words(s->clears, ' ', a_field, &l);
}

static bool is_field(const struct kind *k, const char *name, enum field_type type) {
  int f;
  return field_find(k, str_from(name), &f) && k->fields[f].type == type;
}

static void owner_row(struct rows *rs, const struct kind *k, const struct owner *o) {
  struct look l = {rs, k, "owner", k->name};
  int due = 0;
  if (k->flags & (KF_EVENT | KF_GLOBAL) || (!o->responder && !o->unit))
    rows_wrong(rs, "owner", k->name, "needs a responder or a unit of records of an operation");
  if (o->responder && !is_field(k, o->responder, FT_REF))
    rows_wrong(rs, "owner", k->name, "\"%s\" is no reference of it", o->responder);
  if (o->unit && !is_field(k, o->unit, FT_UNIT))
    rows_wrong(rs, "owner", k->name, "\"%s\" is no unit of it", o->unit);
  if (o->role && !o->unit) rows_wrong(rs, "owner", k->name, "role \"%s\" at no unit", o->role);
  rows_words(o->states, ' ', a_state, &l);
  rows_words(o->checks, ' ', a_state, &l);
  if (o->checks && !o->unit) rows_wrong(rs, "owner", k->name, "checks: a role at a unit does that");
  if (o->due && (!field_find(k, str_from(o->due), &due) || !(k->fields[due].flags & FF_SORT) ||
                 (k->fields[due].type != FT_DATE && k->fields[due].type != FT_MOMENT)))
    rows_wrong(rs, "owner", k->name, "due: \"%s\" is no date or moment with FF_SORT", o->due);
  if (o->until && !is_field(k, o->until, FT_MOMENT))
    rows_wrong(rs, "owner", k->name, "until: \"%s\" is no moment of it", o->until);
  if (o->term_ms && (!o->due || o->responder || k->fields[due].type != FT_MOMENT))
    rows_wrong(rs, "owner", k->name, "term_ms: after a moment that nobody is reminded of");
  if (o->responder && o->due && !(k->fields[due].flags & FF_INDEX))
    rows_wrong(rs, "owner", k->name, "due: \"%s\" is looked for by its reminder: FF_INDEX", o->due);
}

static void frozen_row(struct rows *rs, const struct kind *k, const struct frozen *z) {
  struct look l = {rs, k, "frozen", z->states};
  rows_words(z->states, ' ', a_state, &l);
  rows_words(z->but, ' ', a_field, &l);
  if (!z->fields) rows_wrong(rs, "frozen", z->states, "names no field");
  if (z->fields && strcmp(z->fields, "*") != 0) rows_words(z->fields, ' ', a_field, &l);
}

static void deadline_row(struct rows *rs, const struct kind *k, const struct deadline *d) {
  struct look l = {rs, k, "deadline", d->field};
  int f;
  if (!d->field || !field_find(k, str_from(d->field), &f) ||
      (k->fields[f].type != FT_DATE && k->fields[f].type != FT_MOMENT))
    rows_wrong(rs, "deadline", d->field, "no date or moment of it is called so");
  else if (d->after && k->fields[f].type != FT_MOMENT)
    rows_wrong(rs, "deadline", d->field, "only a moment has minutes of grace");
  if (k->flags & (KF_EVENT | KF_GLOBAL))
    rows_wrong(rs, "deadline", d->field, "only what stands in an operation has one");
  rows_words(d->states, ' ', a_state, &l);
  if (!d->alarm) rows_wrong(rs, "deadline", d->field, "needs an alarm");
  if (d->escalate_at < 0 || d->escalate_at >= 24 * 60 || d->news_ms < 0)
    rows_wrong(rs, "deadline", d->field, "no such minute of the day, or term");
  for (const struct deadline *o = k->deadlines; o < d; o++)
    if (o->no == d->no || (o->alarm && d->alarm && strcmp(o->alarm, d->alarm) == 0))
      rows_wrong(rs, "deadline", d->field, "number %d or its alarm is used twice", (int)d->no);
}

/* ---- the kind as a whole ---- */

/* "pass, happened_at WHERE pass IS NOT NULL": columns; what is in lower case behind WHERE is one.
 */
static void index_row(struct rows *rs, const struct kind *k, const char *index) {
  struct look l = {rs, k, "index", index};
  const char *where = strstr(index, " WHERE ");
  const struct str text = str_from(index);
  struct str list = where ? str_sub(text, 0, (size_t)(where - index)) : text;
  while (list.p && list.n) a_column(&l, str_trim(str_split(&list, ',')));
  for (struct str rest = where ? str_from(where + 7) : S(""); rest.p && rest.n;) {
    const struct str word = str_split(&rest, ' ');
    if (word.n && word.p[0] >= 'a' && word.p[0] <= 'z') a_column(&l, word);
  }
}

static void day_of(struct rows *rs, const struct kind *k, const char *what, const char *name) {
  int f;
  if (!field_find(k, str_from(name), &f) ||
      (k->fields[f].type != FT_DATE && k->fields[f].type != FT_MOMENT))
    rows_wrong(rs, "kind", k->name, "%s \"%s\" is no date or moment of it", what, name);
}

static void kind_row(struct rows *rs, const struct kind *k) {
  const bool scoped = kind_scoped(k);
  rows_of(rs, k->name, k->file);
  rows_labels(rs, "kind", k->name, k->zh, k->en);
  if (!k->no) rows_wrong(rs, "kind", k->name, "needs a stable number");
  if (k->n_fields == 0 || k->n_fields > LIMIT_FIELDS_PER_KIND)
    rows_wrong(rs, "kind", k->name, "too many or no fields");
  for (size_t i = 0; i < k->n_fields; i++) field_row(rs, k, i);
  if (k->flags & KF_EVENT && !scoped)
    rows_wrong(rs, "kind", k->name, "an event needs a scope field");
  if (k->prepare && !(k->flags & KF_EVENT))
    rows_wrong(rs, "kind", k->name, "only events come in runs");
  if (k->flags & KF_EVENT && k->states) rows_wrong(rs, "kind", k->name, "an event has no states");
  if (k->transitions && !k->states) rows_wrong(rs, "kind", k->name, "actions without states");
  if (k->names_of && !is_field(k, k->names_of, FT_TEXT))
    rows_wrong(rs, "kind", k->name, "names_of: \"%s\" is no text of it", k->names_of);
  if (k->reads_as && !kind_by_name(str_from(k->reads_as)))
    rows_wrong(rs, "kind", k->name, "reads_as: no kind is called \"%s\"", k->reads_as);
  if (k->device_since) day_of(rs, k, "device_since", k->device_since);
  if (k->holds_until) day_of(rs, k, "holds_until", k->holds_until);
  rows_words(k->ends, ' ', a_state, &(struct look){rs, k, "ends", k->ends});
  states(rs, k);
  for (const struct transition *t = k->transitions; t && t->name; t++) transition_row(rs, k, t);
  for (const struct stamp *s = k->stamps; s && s->states; s++) stamp_row(rs, k, s);
  if (k->owner) owner_row(rs, k, k->owner);
  for (const struct frozen *z = k->frozen; z && z->states; z++) frozen_row(rs, k, z);
  for (const struct deadline *d = k->deadlines; d && d->no; d++) deadline_row(rs, k, d);
  for (const char *const *u = k->uniques; u && *u; u++) {
    struct look l = {rs, k, "unique", *u};
    rows_words(*u, ',', a_field, &l);
  }
  for (const char *const *x = k->indexes; x && *x; x++) index_row(rs, k, *x);
}

void kinds_check(const struct kind *const *kinds, const char *const *more_rights, struct rows *rs) {
  kinds_register(kinds, more_rights, rs);
  for (size_t i = 0; i < kinds_count(); i++) kind_row(rs, kind_at(i));
}

int kinds_init(const struct kind *const *kinds, const char *const *more_rights, struct err *e) {
  struct rows rs;
  rows_init(&rs);
  kinds_check(kinds, more_rights, &rs);
  int r = rows_verdict(&rs, e);
  return r < 0 ? r : kind_sql_init(e);
}

void kinds_done(void) {
  kind_sql_done();
  kinds_forget();
}

void rows_right(struct rows *rs, const char *type, const char *row, const char *right) {
  if (right && right_by_name(str_from(right)) == RIGHT_NONE)
    rows_wrong(rs, type, row, "no right is called \"%s\"", right);
}
