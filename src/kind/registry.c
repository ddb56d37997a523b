#include "base/limits.h"
#include "kind/ddl.h"
#include "kind/rows.h"
#include <assert.h>
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

static void derive_rights(struct kind_info *ki) {
  const char *prefix = ki->k->reads_as ? ki->k->reads_as : ki->k->name;
  for (int v = 0; v < VERBS_; v++) ki->rights[v] = right_of(prefix, verb_names[v]);
}

/* After all rights are known: an action's names one of them (kind_rows.c says which does not). */
static void derive_transitions(struct kind_info *ki) {
  size_t i = 0;
  for (const struct transition *t = ki->k->transitions;
       t && t->name && i < ARRAY_LEN(ki->transition_rights); t++, i++)
    ki->transition_rights[i] =
        t->right ? right_by_name(str_from(t->right)) : ki->rights[VERB_UPDATE];
}

static void add(const struct kind *k, struct rows *rs) {
  rows_of(rs, k->name, k->file);
  if (!rows_name_ok(k->name) || !rows_name_ok(k->plural)) {
    rows_wrong(rs, "kind", k->name, "name and plural \"%s\" are lower case, digits, - and _",
               k->plural ? k->plural : "");
    return;
  }
  for (size_t i = 0; i < reg.n; i++) {
    const struct kind *b = reg.kinds[i].k;
    if (b->no == k->no || strcmp(b->name, k->name) == 0 || strcmp(b->plural, k->plural) == 0)
      rows_wrong(rs, "kind", k->name, "name, plural or number %d is that of \"%s\", too",
                 (int)k->no, b->name);
  }
  if (reg.n == LIMIT_KINDS) {
    rows_wrong(rs, "kind", k->name, "too many kinds");
    return;
  }
  reg.kinds[reg.n] = (struct kind_info){.k = k};
  derive_rights(&reg.kinds[reg.n++]);
}

void kinds_register(const struct kind *const *kinds, const char *const *more_rights,
                    struct rows *rs) {
  kinds_forget();
  reg.a = arena_create(MIB(4));
  rows_of(rs, "kinds", NULL);
  if (!reg.a) {
    rows_wrong(rs, "kind", "", "no memory for the kinds");
    return;
  }
  for (; *kinds; kinds++) add(*kinds, rs);
  for (const char *const *name = more_rights; name && *name; name++) right_intern(*name);
  if (reg.n_rights == LIMIT_PERMISSIONS) rows_wrong(rs, "right", "", "too many rights");
  for (size_t i = 0; i < reg.n; i++) derive_transitions(&reg.kinds[i]);
}

void kinds_forget(void) {
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
    if (str_is(plural, reg.kinds[i].k->plural) ||
        (reg.kinds[i].k->alias && str_is(plural, reg.kinds[i].k->alias)))
      return reg.kinds[i].k;
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

bool field_find(const struct kind *k, struct str name, int *ret_field) {
  for (size_t i = 0; i < k->n_fields; i++) {
    if (!str_is(name, k->fields[i].name)) continue;
    *ret_field = (int)i;
    return true;
  }
  return false;
}

int field_named(const struct kind *k, const char *name) {
  int f = 0;
  const bool found = field_find(k, str_from(name), &f);
  assert(found);
  (void)found;
  return f;
}

/* In addresses it is written with -, in rows and records with _. */
static bool action_is(const struct transition *t, struct str name) {
  if (strlen(t->name) != name.n) return false;
  for (size_t i = 0; i < name.n; i++)
    if (t->name[i] != name.p[i] && !(t->name[i] == '_' && name.p[i] == '-')) return false;
  return true;
}

const struct transition *kind_transition(const struct kind *k, struct str name) {
  for (const struct transition *t = k->transitions; t && t->name; t++)
    if (action_is(t, name)) return t;
  return NULL;
}

bool word_in(const char *words, struct str word) {
  struct str rest = str_from(words ? words : "");
  while (rest.p && rest.n)
    if (str_eq(str_split(&rest, ' '), word)) return word.n > 0;
  return false;
}

const struct transition *field_action(const struct kind *k, size_t field) {
  const struct str name = str_from(k->fields[field].name);
  if (k->fields[field].flags & (FF_SYSTEM | FF_SHARED)) return NULL;
  for (const struct transition *t = k->transitions; t && t->name; t++)
    if (word_in(t->needs, name) || word_in(t->takes, name)) return t;
  return NULL;
}

bool field_given(const struct kind *k, size_t field, bool creating) {
  const uint32_t flags = k->fields[field].flags;
  if (flags & FF_SYSTEM || (!creating && flags & FF_IMMUTABLE)) return false;
  return (creating && flags & FF_AT_CREATION) || !field_action(k, field);
}

bool kind_scope_field(const struct kind *k, int nth, int *ret_field) {
  for (size_t i = 0; i < k->n_fields; i++) {
    if (!(k->fields[i].flags & FF_SCOPE) || nth-- != 0) continue;
    *ret_field = (int)i;
    return true;
  }
  return false;
}

int kind_home(const struct kind *k) {
  int f = 0;
  const bool scoped = kind_scope_field(k, 0, &f);
  assert(scoped);
  (void)scoped;
  return f;
}

const struct state *kind_state(const struct kind *k, struct str value) {
  for (const struct state *s = k->states; s && s->value; s++)
    if (str_is(value, s->value)) return s;
  return NULL;
}

right_t kind_right(const struct kind *k, enum verb v) {
  assert(v < VERBS_);
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
