#include "kind/inner.h"
#include <assert.h>

static bool empty(const struct record *r, size_t f) {
  return r->v[f].t == VAL_NULL && !r->sealed[f].p;
}

/* Is the value of this field of the new record one that stood there before? */
static bool stood(const struct record *old, const struct record *rec, size_t f) {
  return old && val_same(&old->v[f], &rec->v[f]);
}

/* As nothing is retired while others hang on it, nothing is restored that would hang on what has
 * been retired meanwhile. */
static bool asked_again(const struct change *c, const struct record *rec, size_t f) {
  return c->verb == CHANGE_RESTORE && c->kind->fields[f].flags & FF_HOLDS &&
         !word_in(c->kind->ends, rec->state);
}

/* What lacked a value before may go on lacking it: a field that became required with a release must
 * not stop every other change of the records that were there. */
void rules_required(struct change *c, const struct record *old, const struct record *rec) {
  for (size_t f = 0; f < c->kind->n_fields; f++)
    if (c->kind->fields[f].flags & FF_REQUIRED && empty(rec, f) && !(old && empty(old, f)))
      problem_add(&c->problems, PROBLEM_required, field_name(c->kind, f));
}

/* Merged into another one, or closed: nothing new is given to it. What the program itself fills in
 * (the unit of a gate that still stands there) is not refused for that. */
static bool ended(const struct unit_row *u, const struct change *c) {
  const int32_t today = c->viewer->today;
  return u->valid_to < today || (u->merged_into && u->valid_to <= today);
}

void rules_units(struct change *c, const struct record *old, const struct record *rec) {
  for (size_t f = 0; f < c->kind->n_fields; f++) {
    if (c->kind->fields[f].type != FT_UNIT || empty(rec, f)) continue;
    if (stood(old, rec, f) && !asked_again(c, rec, f)) continue;
    const struct str name = field_name(c->kind, f);
    const struct unit_row *u =
        c->viewer->tree ? unit_by_no(c->viewer->tree, rec_unit(rec, (int)f)) : NULL;
    if (!u) {
      char no[24];
      struct buf b = BUF_INIT(sizeof no);
      buf_i64(&b, rec_i64(rec, (int)f));
      problem_text(&c->problems, PROBLEM_not_found, name, (struct str){0}, buf_str(&b),
                   (struct str){0});
      buf_done(&b);
    } else if (u->retired || (!(c->kind->fields[f].flags & FF_SYSTEM) && ended(u, c))) {
      problem_text(&c->problems, PROBLEM_retired, name, (struct str){0}, u->code, (struct str){0});
    }
  }
}

void rules_head(struct change *c, size_t field, const struct head *h) {
  const struct field *f = &c->kind->fields[field];
  const struct kind *target = kind_by_name(str_from(f->ref));
  bool seen = h->found;
  if (seen && !c->internal)
    seen = units_visible(c->viewer, target, h->units, kind_sql(target)->n_scopes);
  if (!seen) {
    char id[UUID_TEXT];
    uuid_format(&h->id, id);
    problem_text(&c->problems, PROBLEM_not_found, str_from(f->name), (struct str){0}, str_from(id),
                 (struct str){0});
  } else if (h->retired && (uuid_is_nil(&c->device) || h->updated_ms <= change_moment(c))) {
    problem_add(&c->problems, PROBLEM_retired, str_from(f->name));
  }
}

int rules_refs(struct tx *tx, struct change *c, const struct record *old, const struct record *rec,
               struct err *e) {
  for (size_t f = 0; f < c->kind->n_fields; f++) {
    const struct field *fd = &c->kind->fields[f];
    const bool again = asked_again(c, rec, f);
    if (fd->type != FT_REF || fd->flags & FF_UNCHECKED_REF || empty(rec, f)) continue;
    if (stood(old, rec, f) && !again) continue;
    if (!c->given[f] && !again) continue; /* a stamp of the engine's own */
    struct head h = {.id = rec->v[f].u};
    int r = head_load(tx, kind_by_name(str_from(fd->ref)), refs_op(c), &h, e);
    if (r < 0) return r;
    rules_head(c, f, &h);
    if (!c->inner.shard && h.shard) {
      c->inner.shard = h.shard;
      c->inner.shard_at = h.units[0];
    }
  }
  return 0;
}

/* ---- what stands once, in the record that is referred to ---- */

static void taken_field(const struct kind *k, size_t field, int *ret_ref, int *ret_there) {
  struct str there = str_from(k->fields[field].taken_from);
  const struct str ref = str_split(&there, '.');
  const bool known = field_find(k, ref, ret_ref);
  assert(known);
  (void)known;
  *ret_there = field_named(kind_by_name(str_from(k->fields[*ret_ref].ref)), there.p);
}

int rules_taken(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                struct err *e) {
  const struct kind *k = c->kind;
  struct record *from = NULL;
  if (c->verb == CHANGE_RETIRE) return 0;
  for (size_t f = 0; f < k->n_fields; f++) {
    int ref, there;
    if (!k->fields[f].taken_from) continue;
    taken_field(k, f, &ref, &there);
    if (empty(rec, (size_t)ref) || stood(old, rec, (size_t)ref)) continue;
    const struct kind *named = kind_by_name(str_from(k->fields[ref].ref));
    if (!from || from->kind != named || !uuid_eq(&from->id, &rec->v[ref].u)) {
      int r = record_load(tx, c->a, named, refs_op(c), &rec->v[ref].u, &from, e);
      if (r < 0) return r;
    }
    assert(from->kind == named);
    if (c->given[f] && !empty(rec, f) && !val_same(&rec->v[f], &from->v[there]))
      problem_text(&c->problems, PROBLEM_differs_from, field_name(k, f),
                   str_from(k->fields[ref].en), (struct str){0}, str_from(k->fields[ref].zh));
    rec_set(rec, (int)f, from->v[there]);
  }
  return 0;
}

/* ---- what may exist once ---- */

static void say_duplicate(struct tx *tx, struct change *c, struct str field, struct record *other) {
  struct emit em = {.tx = tx, .en = c->en, .viewer = c->viewer, .a = c->a};
  if (c->internal || record_visible(c->viewer, other))
    problem_text(&c->problems, PROBLEM_duplicate, field, (struct str){0}, (struct str){0},
                 record_title(&em, other));
  else
    problem_add(&c->problems, PROBLEM_duplicate_elsewhere, field);
}

/* Parameters of a unique's look-up; 0 where it does not apply. */
static size_t unique_params(const struct unique_sql *u, const struct record *old,
                            const struct record *rec, struct val *p) {
  const struct kind *k = rec->kind;
  bool touched = !old || old->retired != rec->retired;
  size_t n = 0;
  p[n++] = V_UUID(rec->id);
  if (!(k->flags & KF_GLOBAL)) p[n++] = V_I64(rec->op);
  for (size_t i = 0; i < u->n; i++) {
    const size_t f = (size_t)u->fields[i];
    if (empty(rec, f)) return 0;
    if (k->fields[f].flags & FF_LOOKUP) {
      if (!rec->blind[f].p) return 0;
      touched = touched || !str_eq(old->blind[f], rec->blind[f]);
      p[n++] = V_BLOB(rec->blind[f]);
    } else {
      touched = touched || !stood(old, rec, f);
      p[n++] = rec->v[f];
    }
  }
  return touched ? n : 0;
}

int rules_uniques(struct tx *tx, struct change *c, const struct record *old,
                  const struct record *rec, struct err *e) {
  const struct kind_sql *ks = kind_sql(c->kind);
  struct val p[LIMIT_UNIQUE_FIELDS + 2];
  assert(ks->n_uniques <= LIMIT_UNIQUES);
  if (rec->retired) return 0;
  for (size_t i = 0; i < ks->n_uniques; i++) {
    const struct unique_sql *u = &ks->uniques[i];
    const size_t n = unique_params(u, old, rec, p);
    if (!n) continue;
    struct record *other = NULL;
    {
      _cleanup_(cur_donep) struct cur *cur = NULL;
      int r = cur_open(tx, &u->find, p, n, &cur, e);
      if (r < 0 || (r = cur_next(cur, e)) < 0) return r;
      if (r > 0) other = row_record(cur, ks, c->a);
    }
    if (other) say_duplicate(tx, c, field_name(c->kind, (size_t)u->fields[0]), other);
  }
  return 0;
}
