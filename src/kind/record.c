#include "kind/record.h"
#include "base/limits.h"
#include <assert.h>

struct record *record_make(struct arena *a, const struct kind *k) {
  assert(k->n_fields && k->n_fields <= LIMIT_FIELDS_PER_KIND);
  struct record *r = arena_new(a, struct record);
  r->kind = k;
  r->v = arena_array(a, struct val, k->n_fields);
  r->sealed = arena_array(a, struct str, k->n_fields);
  r->blind = arena_array(a, struct str, k->n_fields);
  r->rev = 1;
  return r;
}

static struct val val_copy(struct arena *a, struct val v) {
  if (v.t == VAL_TEXT || v.t == VAL_BLOB) v.s = arena_dup(a, v.s);
  return v;
}

struct record *record_copy(struct arena *a, const struct record *r) {
  struct record *copy = arena_new(a, struct record);
  *copy = *r;
  copy->state = arena_dup(a, r->state);
  copy->v = arena_array(a, struct val, r->kind->n_fields);
  copy->sealed = arena_array(a, struct str, r->kind->n_fields);
  copy->blind = arena_array(a, struct str, r->kind->n_fields);
  for (size_t f = 0; f < r->kind->n_fields; f++) {
    copy->v[f] = val_copy(a, r->v[f]);
    copy->sealed[f] = arena_dup(a, r->sealed[f]);
    copy->blind[f] = arena_dup(a, r->blind[f]);
  }
  return copy;
}

int32_t rec_day(const struct record *r, int f) {
  int32_t day;
  assert(r->kind->fields[f].type == FT_DATE);
  return day_parse(rec_text(r, f), &day) < 0 ? INT32_MIN : day;
}

int32_t record_unit(const struct record *r) {
  int home;
  return kind_scope_field(r->kind, 0, &home) ? rec_unit(r, home) : 0;
}

int record_plain(struct sealer *s, struct record *r, int f, struct arena *a, struct err *e) {
  const struct field *fd = &r->kind->fields[f];
  if (!(fd->flags & FF_SEALED) || !rec_null(r, f) || !r->sealed[f].p) return 0;
  struct str plain;
  int rc = s->ops->unseal(s, r->op, r->kind->no, &r->id, fd->no, r->sealed[f], a, &plain, e);
  if (rc < 0) return rc;
  r->v[f] = V_TEXT(plain);
  return 0;
}
