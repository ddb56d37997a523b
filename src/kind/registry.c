#include "base/limits.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "kind/type.h"
#include <stdio.h>
#include <stdlib.h>

/* The registry is made once before any thread starts and never changes until the end: it is as
 * constant as the tables it is derived from, and is therefore not part of struct app. */
struct kind_info {
  const struct kind *k;
  right_t rights[VERBS_];
  right_t transition_rights[32];
};

static struct {
  struct arena *a;
  size_t n;
  struct kind_info kinds[LIMIT_KINDS];
  size_t n_rights;
  const char *rights[LIMIT_PERMISSIONS];
} reg;

static const char *const verb_names[VERBS_] = {"read",   "names",  "create", "update",
                                               "retire", "export", "import", "reveal"};

static right_t right_intern(const char *name) {
  for (size_t i = 0; i < reg.n_rights; i++)
    if (strcmp(reg.rights[i], name) == 0) return (right_t)i;
  if (reg.n_rights == LIMIT_PERMISSIONS) return RIGHT_NONE;
  reg.rights[reg.n_rights] = arena_strz(reg.a, str_from(name));
  return (right_t)reg.n_rights++;
}

static right_t right_of(const char *prefix, const char *verb) {
  char name[128];
  snprintf(name, sizeof name, "%s.%s", prefix, verb);
  return right_intern(name);
}

static bool name_ok(const char *z) {
  if (!z || !(z[0] >= 'a' && z[0] <= 'z') || strlen(z) > 40) return false;
  for (const char *p = z; *p; p++)
    if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_' || *p == '-'))
      return false;
  return true;
}

static int bad(struct err *e, const struct kind *k, const char *what, const char *name) {
  char field[64];
  snprintf(field, sizeof field, "%s.%s", k->name ? k->name : "?", name ? name : "");
  return err_field(e, E_BUG, what, field);
}

/* Every word of a space- or comma-separated list must be accepted by `known`. */
static bool each_word(const struct kind *k, const char *list, char sep,
                      bool (*known)(const struct kind *, struct str)) {
  struct str rest = str_from(list ? list : "");
  while (rest.p && rest.n) {
    struct str word = str_trim(str_split(&rest, sep));
    if (word.n && !known(k, word)) return false;
  }
  return true;
}

static bool known_field(const struct kind *k, struct str w) {
  return field_index(k, w) >= 0;
}
static bool known_state(const struct kind *k, struct str w) {
  return kind_state(k, w) != NULL;
}

static int check_field(const struct kind *k, size_t i, struct err *e) {
  static const char *const system_columns[] = {
      "id",      "op",         "seq",        "rev",        "state",      "state_by",
      "retired", "created_ms", "created_by", "updated_ms", "updated_by", "digest"};
  const struct field *f = &k->fields[i];
  if (!name_ok(f->name)) return bad(e, k, "a field's name", f->name);
  if (!f->zh || !f->en) return bad(e, k, "a field needs labels in both languages", f->name);
  if (f->no == 0) return bad(e, k, "a field needs a stable number", f->name);
  for (size_t j = 0; j < ARRAY_LEN(system_columns); j++)
    if (strcmp(f->name, system_columns[j]) == 0)
      return bad(e, k, "a field bears a system column's name", f->name);
  for (size_t j = 0; j < i; j++)
    if (k->fields[j].no == f->no || strcmp(k->fields[j].name, f->name) == 0)
      return bad(e, k, "a field's name or number is used twice", f->name);
  if (f->type == FT_ENUM && !f->choices) return bad(e, k, "an enum needs choices", f->name);
  if (f->type == FT_REF && !f->ref) return bad(e, k, "a reference needs its kind", f->name);
  if (f->type != FT_UNIT && f->flags & FF_SCOPE) return bad(e, k, "only a unit can scope", f->name);
  if (f->flags & FF_LOOKUP && !(f->flags & FF_SEALED))
    return bad(e, k, "only a sealed field has a blind index", f->name);
  if (f->flags & FF_SEALED && field_type(f)->storage != VAL_TEXT)
    return bad(e, k, "only text can be sealed", f->name);
  if (f->flags & FF_SEALED && f->flags & (FF_SORT | FF_INDEX | FF_SEARCH))
    return bad(e, k, "a sealed field cannot be sorted or searched", f->name);
  if (f->flags & FF_REVEAL &&
      f->flags & (FF_SEALED | FF_PERSONAL | FF_SORT | FF_SEARCH | FF_TITLE | FF_DEVICE))
    return bad(e, k, "a field for few is in nothing that many see", f->name);
  if (f->flags & FF_LOOSE && f->type != FT_REF)
    return bad(e, k, "only a reference is loose", f->name);
  if (f->flags & FF_SEALED && f->flags & FF_DEVICE)
    return bad(e, k, "a sealed field does not go onto a phone", f->name);
  if (f->flags & FF_DEVICE_TITLE && (f->type != FT_REF || !(f->flags & FF_DEVICE)))
    return bad(e, k, "only a reference on the phone has a title there", f->name);
  if (f->flags & FF_ALIAS && (f->type != FT_TAGS || f->choices))
    return bad(e, k, "further names are free tags", f->name);
  if (f->max && f->min > f->max) return bad(e, k, "minimum over maximum", f->name);
  return 0;
}

static int check_kind(const struct kind *k, struct err *e) {
  if (!name_ok(k->name) || !name_ok(k->plural)) return bad(e, k, "a kind's name", k->plural);
  if (!k->zh || !k->en || !k->no) return bad(e, k, "a kind needs labels and a number", "");
  if (k->n_fields == 0 || k->n_fields > LIMIT_FIELDS_PER_KIND)
    return bad(e, k, "too many or no fields", "");
  for (size_t i = 0; i < k->n_fields; i++) {
    int r = check_field(k, i, e);
    if (r < 0) return r;
  }
  if (k->flags & KF_EVENT && kind_scope_field(k, 0) < 0)
    return bad(e, k, "an event kind needs a scope field", "");
  if (k->prepare && !(k->flags & KF_EVENT)) return bad(e, k, "only events come in runs", "");
  const int since = k->device_since ? field_index(k, str_from(k->device_since)) : -1;
  if (k->device_since &&
      (since < 0 || (k->fields[since].type != FT_DATE && k->fields[since].type != FT_MOMENT)))
    return bad(e, k, "a kind's device_since is no date or moment of it", k->device_since);
  if (k->flags & KF_EVENT && k->states) return bad(e, k, "an event kind has no states", "");
  if (k->transitions && !k->states) return bad(e, k, "transitions without states", "");
  for (const struct transition *t = k->transitions; t && t->name; t++) {
    if (!name_ok(t->name)) return bad(e, k, "a transition's name", t->name);
    if (t - k->transitions >= 32) return bad(e, k, "too many transitions", t->name);
    if (!each_word(k, t->from, ' ', known_state) || (t->to && !kind_state(k, str_from(t->to))))
      return bad(e, k, "a transition names an unknown state", t->name);
    if (!each_word(k, t->needs, ' ', known_field) || !each_word(k, t->takes, ' ', known_field))
      return bad(e, k, "a transition names an unknown field", t->name);
  }
  for (const char *const *u = k->uniques; u && *u; u++)
    if (!each_word(k, *u, ',', known_field)) return bad(e, k, "a unique's field", *u);
  return 0;
}

static int check_references(const struct kind *k, struct err *e) {
  for (size_t i = 0; i < k->n_fields; i++)
    if (k->fields[i].ref && !kind_by_name(str_from(k->fields[i].ref)))
      return bad(e, k, "a reference to an unknown kind", k->fields[i].name);
  return 0;
}

static void derive_rights(struct kind_info *ki) {
  const struct kind *k = ki->k;
  const char *prefix = k->reads_as ? k->reads_as : k->name;
  for (int v = 0; v < VERBS_; v++) ki->rights[v] = right_of(prefix, verb_names[v]);
  size_t i = 0;
  for (const struct transition *t = k->transitions; t && t->name; t++, i++)
    ki->transition_rights[i] = t->right ? right_intern(t->right) : ki->rights[VERB_UPDATE];
}

int kinds_init(const struct kind *const *kinds, const char *const *more_rights, struct err *e) {
  kinds_done();
  reg.a = arena_create(MIB(4));
  if (!reg.a) return err_set(e, E_NOMEM, "no memory for the kinds");
  for (; *kinds; kinds++) {
    const struct kind *k = *kinds;
    int r = check_kind(k, e);
    if (r < 0) return r;
    if (reg.n == LIMIT_KINDS) return bad(e, k, "too many kinds", "");
    for (size_t i = 0; i < reg.n; i++)
      if (reg.kinds[i].k->no == k->no || strcmp(reg.kinds[i].k->name, k->name) == 0 ||
          strcmp(reg.kinds[i].k->plural, k->plural) == 0)
        return bad(e, k, "a kind's name or number is used twice", "");
    reg.kinds[reg.n] = (struct kind_info){.k = k};
    derive_rights(&reg.kinds[reg.n++]);
  }
  for (const char *const *name = more_rights; name && *name; name++) right_intern(*name);
  if (reg.n_rights == LIMIT_PERMISSIONS) return err_set(e, E_BUG, "too many rights");
  for (size_t i = 0; i < reg.n; i++) {
    int r = check_references(reg.kinds[i].k, e);
    if (r < 0) return r;
  }
  return kind_sql_init(e);
}

void kinds_done(void) {
  kind_sql_done();
  arena_free(reg.a);
  memset(&reg, 0, sizeof reg);
}

size_t kinds_count(void) {
  return reg.n;
}
const struct kind *kind_at(size_t i) {
  return i < reg.n ? reg.kinds[i].k : NULL;
}

const struct kind *kind_by_name(struct str name) {
  for (size_t i = 0; i < reg.n; i++)
    if (str_is(name, reg.kinds[i].k->name)) return reg.kinds[i].k;
  return NULL;
}

const struct kind *kind_by_plural(struct str plural) {
  for (size_t i = 0; i < reg.n; i++)
    if (str_is(plural, reg.kinds[i].k->plural)) return reg.kinds[i].k;
  return NULL;
}

const struct kind *kind_by_no(uint16_t no) {
  for (size_t i = 0; i < reg.n; i++)
    if (reg.kinds[i].k->no == no) return reg.kinds[i].k;
  return NULL;
}

size_t kind_index(const struct kind *k) {
  for (size_t i = 0; i < reg.n; i++)
    if (reg.kinds[i].k == k) return i;
  return SIZE_MAX;
}

int field_index(const struct kind *k, struct str name) {
  for (size_t i = 0; i < k->n_fields; i++)
    if (str_is(name, k->fields[i].name)) return (int)i;
  return -1;
}

const struct transition *kind_transition(const struct kind *k, struct str name) {
  for (const struct transition *t = k->transitions; t && t->name; t++)
    if (str_is(name, t->name)) return t;
  return NULL;
}

int kind_scope_field(const struct kind *k, int nth) {
  for (size_t i = 0; i < k->n_fields; i++)
    if (k->fields[i].flags & FF_SCOPE && nth-- == 0) return (int)i;
  return -1;
}

const struct state *kind_state(const struct kind *k, struct str value) {
  for (const struct state *s = k->states; s && s->value; s++)
    if (str_is(value, s->value)) return s;
  return NULL;
}

right_t kind_right(const struct kind *k, enum verb v) {
  size_t i = kind_index(k);
  return i == SIZE_MAX ? RIGHT_NONE : reg.kinds[i].rights[v];
}

right_t transition_right(const struct kind *k, const struct transition *t) {
  size_t i = kind_index(k);
  return i == SIZE_MAX ? RIGHT_NONE : reg.kinds[i].transition_rights[t - k->transitions];
}

size_t rights_count(void) {
  return reg.n_rights;
}
const char *right_name(right_t r) {
  return r >= 0 && (size_t)r < reg.n_rights ? reg.rights[r] : NULL;
}

right_t right_by_name(struct str name) {
  for (size_t i = 0; i < reg.n_rights; i++)
    if (str_is(name, reg.rights[i])) return (right_t)i;
  return RIGHT_NONE;
}
