#include "kind/inner.h"
#include <stdlib.h>

/* ---- who sees what ---- */

bool units_may(const struct viewer *v, right_t r, const int32_t *units, size_t n) {
  if (v->system) return true;
  if (n == 0) return viewer_may(v, r, 0);
  bool placed = false;
  for (size_t i = 0; i < n; i++) {
    if (units[i] == 0) continue;
    placed = true;
    if (viewer_may(v, r, units[i])) return true;
  }
  /* A record that could be placed and is not belongs to whoever has the whole tree. */
  return !placed && viewer_scope(v, r, NULL, 0) == SCOPE_ALL;
}

/* Has he the right somewhere below that unit? */
static bool works_below(const struct viewer *v, right_t r, int32_t unit) {
  for (size_t i = 0; i < v->n_grants; i++)
    if (right_has(&v->grants[i].rights, r) && v->grants[i].unit &&
        unit_within(v->tree, v->grants[i].unit, unit))
      return true;
  return false;
}

bool units_visible(const struct viewer *v, const struct kind *k, const int32_t *units, size_t n) {
  const right_t read = kind_right(k, VERB_READ);
  bool seen = units_may(v, read, units, n);
  for (size_t i = 0; i < n && !seen && k->flags & KF_INHERITED_DOWN; i++)
    seen = units[i] && works_below(v, read, units[i]);
  return seen;
}

static size_t scope_units(const struct record *r, int32_t *units) {
  const struct kind_sql *ks = kind_sql(r->kind);
  for (size_t i = 0; i < ks->n_scopes; i++) units[i] = rec_unit(r, ks->scopes[i]);
  return ks->n_scopes;
}

/* Of a link: the subject itself, or what refers to it. */
static bool covered(const struct viewer *v, const struct record *r) {
  const struct viewer_link *l = v->link;
  if (!l) return true;
  if (r->kind == l->kind) return uuid_eq(&r->id, &l->subject);
  for (size_t i = 0; i < r->kind->n_fields; i++) {
    const struct field *f = &r->kind->fields[i];
    if (f->type != FT_REF || strcmp(f->ref, l->kind->name) != 0 || rec_null(r, (int)i)) continue;
    const struct uuid to = rec_uuid(r, (int)i);
    if (uuid_eq(&to, &l->subject)) return true;
  }
  return false;
}

bool record_by_code(const struct viewer *v, const struct record *r) {
  if (covered(v, r)) return true;
  /* not by the subject's place: what hangs on it may lie where it was before it moved */
  return word_in(v->link->by_code, str_from(r->kind->name)) && (!r->op || r->op == v->op);
}

bool record_may(const struct viewer *v, const struct record *r, right_t right) {
  int32_t units[MAX_SCOPES];
  const size_t n = scope_units(r, units);
  return covered(v, r) && units_may(v, right, units, n);
}

bool record_visible(const struct viewer *v, const struct record *r) {
  if (v->system) return true;
  if (r->op && r->op != v->op) return false;
  int32_t units[MAX_SCOPES];
  return covered(v, r) && units_visible(v, r->kind, units, scope_units(r, units));
}

bool record_may_home(const struct viewer *v, const struct record *r, right_t right) {
  int32_t units[MAX_SCOPES];
  const size_t n = scope_units(r, units);
  return covered(v, r) && units_may(v, right, units, n ? 1 : 0);
}

/* ---- one record ---- */

int record_load(struct tx *tx, struct arena *a, const struct kind *k, int64_t op,
                const struct uuid *id, struct record **ret_rec, struct err *e) {
  const struct kind_sql *ks = kind_sql(k);
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &ks->by_id, P(V_UUID(*id)), &c, e);
  if (r < 0) return r;
  if ((r = cur_next(c, e)) <= 0) return r < 0 ? r : -E_NOROW;
  struct record *rec = row_record(c, ks, a);
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for a record");
  if (ks->col_op >= 0 && rec->op != op) return -E_NOROW;
  *ret_rec = rec;
  return 0;
}

int record_get(struct tx *tx, struct arena *a, const struct viewer *v, const struct kind *k,
               const struct uuid *id, struct record **ret_rec, struct err *e) {
  struct record *rec;
  int r = record_load(tx, a, k, v->op, id, &rec, e);
  if (r == -E_NOROW || (r == 0 && !record_visible(v, rec)))
    return err_field(e, E_NOT_FOUND, "no such record, or not for this reader", k->name);
  if (r == 0) *ret_rec = rec;
  return r;
}

/* ---- many by id ---- */

static int id_order(const void *a, const void *b) {
  return memcmp(((const struct uuid *)a)->b, ((const struct uuid *)b)->b, 16);
}

/* A chunk of ids as parameters; the last one fills the rest, so that one statement serves all. */
static void id_params(const struct uuid *ids, size_t n, size_t stride, struct val p[IN_LIST]) {
  const char *at = (const char *)ids;
  for (size_t i = 0; i < IN_LIST; i++) {
    struct uuid id;
    memcpy(&id, at + (i < n ? i : n - 1) * stride, sizeof id);
    p[i] = V_UUID(id);
  }
}

int records_by_ids(struct tx *tx, struct arena *a, const struct kind *k, int64_t op,
                   const struct uuid *ids, size_t n, struct record **out, struct err *e) {
  const struct kind_sql *ks = kind_sql(k);
  struct val p[IN_LIST];
  for (size_t from = 0; from < n; from += IN_LIST) {
    const size_t m = n - from < IN_LIST ? n - from : IN_LIST;
    _cleanup_(cur_donep) struct cur *c = NULL;
    id_params(ids + from, m, sizeof *ids, p);
    int r = cur_open(tx, &ks->by_ids, p, IN_LIST, &c, e);
    if (r < 0) return r;
    while ((r = cur_next(c, e)) > 0) {
      struct record *rec = row_record(c, ks, a);
      if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for records");
      if (ks->col_op >= 0 && op && rec->op != op) continue;
      for (size_t i = from; i < from + m; i++)
        if (uuid_eq(&ids[i], &rec->id)) out[i] = rec;
    }
    if (r < 0) return r;
  }
  return 0;
}

int records_found(struct tx *tx, struct arena *a, const struct kind *k, int64_t op,
                  const struct query *q, const struct val *params, size_t n_params,
                  struct record **out, size_t max, size_t *ret_n, bool *ret_more, struct err *e) {
  struct uuid *ids = arena_array(a, struct uuid, max + 1);
  struct record **recs = arena_array(a, struct record *, max + 1);
  size_t n = 0;
  int r = 0;
  if (!ids || !recs) return err_set(e, E_NOMEM, "no memory for records");
  *ret_n = 0;
  {
    _cleanup_(cur_donep) struct cur *c = NULL;
    r = cur_open(tx, q, params, n_params, &c, e);
    while (r >= 0 && n <= max && (r = cur_next(c, e)) == 1) {
      recs[n] = NULL;
      ids[n++] = cur_uuid(c, 0);
    }
    if (r < 0) return r;
  }
  *ret_more = n > max;
  if (n > max) n = max;
  r = records_by_ids(tx, a, k, op, ids, n, recs, e);
  for (size_t i = 0; i < n && r >= 0; i++)
    if (recs[i]) out[(*ret_n)++] = recs[i];
  return r < 0 ? r : 0;
}

static void head_row(const struct kind_sql *ks, const struct cur *c, int64_t op, struct head *h) {
  if (ks->col_op >= 0 && op >= 0 && cur_i64(c, 1) != op) return;
  h->found = true;
  h->retired = cur_i64(c, 2) != 0;
  h->shard = (int32_t)cur_i64(c, 3);
  h->updated_ms = cur_i64(c, 4);
  for (size_t i = 0; i < ks->n_scopes; i++) h->units[i] = (int32_t)cur_i64(c, 5 + i);
}

int head_load(struct tx *tx, const struct kind *k, int64_t op, struct head *h, struct err *e) {
  const struct kind_sql *ks = kind_sql(k);
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &ks->head, P(V_UUID(h->id)), &c, e);
  if (r < 0 || (r = cur_next(c, e)) <= 0) return r;
  head_row(ks, c, op, h);
  return 0;
}

int heads_load(struct tx *tx, const struct kind *k, int64_t op, struct head *heads, size_t n,
               struct err *e) {
  const struct kind_sql *ks = kind_sql(k);
  struct val p[IN_LIST];
  qsort(heads, n, sizeof *heads, id_order); /* the id stands first */
  for (size_t from = 0; from < n; from += IN_LIST) {
    const size_t m = n - from < IN_LIST ? n - from : IN_LIST;
    _cleanup_(cur_donep) struct cur *c = NULL;
    id_params(&heads[from].id, m, sizeof *heads, p);
    int r = cur_open(tx, &ks->heads, p, IN_LIST, &c, e);
    if (r < 0) return r;
    while ((r = cur_next(c, e)) > 0) {
      const struct uuid id = cur_uuid(c, 0);
      struct head *h = bsearch(&id, heads + from, m, sizeof *heads, id_order);
      if (h) head_row(ks, c, op, h);
    }
    if (r < 0) return r;
  }
  return 0;
}

/* ---- look-up by a value ---- */

static int lookup_value(struct registry *en, const struct kind *k, int64_t op, int field,
                        struct str plain, uint8_t blind[16], struct val *ret_v, struct err *e) {
  const struct field *f = &k->fields[field];
  if (k->flags & KF_GLOBAL) op = 0;
  if (f->flags & FF_LOOKUP) {
    int r = en->sealer->ops->blind(en->sealer, op, k->no, f->no, plain, blind, e);
    if (r < 0) return r;
    *ret_v = V_BLOB(((struct str){(const char *)blind, 16}));
    return 0;
  }
  if (f->flags & FF_SEALED) return err_field(e, E_BUG, "a sealed field without look-up", f->name);
  struct val v = {.t = field_type(f)->storage};
  if (v.t == VAL_TEXT)
    v.s = plain;
  else if (v.t == VAL_I64 && parse_i64(plain, INT64_MIN, INT64_MAX, &v.i) == 0)
    ;
  else if (v.t == VAL_UUID && uuid_parse(plain, &v.u) == 0)
    ;
  else
    return err_field(e, E_INVALID, "not a value of this field", f->name);
  *ret_v = v;
  return 0;
}

int record_find(struct tx *tx, struct registry *en, struct arena *a, const struct kind *k,
                int64_t op, int field, struct str plain, struct record **out, size_t max,
                size_t *ret_n, struct err *e) {
  const struct kind_sql *ks = kind_sql(k);
  uint8_t blind[16];
  struct val p[3];
  int r = lookup_value(en, k, op, field, plain, blind, &p[0], e);
  if (r < 0) return r;
  const bool own = ks->col_op >= 0;
  struct str sql = arena_printf(a,
                                "SELECT %s FROM %s t WHERE t.\"%s%s\" = $1%s ORDER BY t.id "
                                "LIMIT %s", /* limit: the caller's */
                                ks->columns, ks->table, k->fields[field].name,
                                k->fields[field].flags & FF_LOOKUP ? "_bi" : "",
                                own ? " AND t.op = $2" : "", own ? "$3" : "$2");
  size_t n = 1, found = 0;
  if (own) p[n++] = V_I64(op);
  p[n++] = V_I64((int64_t)max);
  _cleanup_(cur_donep) struct cur *c = NULL;
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the look-up");
  if ((r = cur_open_sql(tx, sql, p, n, &c, e)) < 0) return r;
  while (found < max && !arena_failed(a) && (r = cur_next(c, e)) > 0)
    out[found++] = row_record(c, ks, a);
  if (r < 0) return r;
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the look-up");
  *ret_n = found;
  return 0;
}

int record_each(struct tx *tx, const struct kind *k, int64_t op,
                int (*fn)(struct record *r, void *arg, struct err *e), void *arg, struct err *e) {
  const struct kind_sql *ks = kind_sql(k);
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  if (!a) return err_set(e, E_NOMEM, "no memory for a record");
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &ks->each, P(V_I64(op)), &c, e);
  if (r < 0) return r;
  while ((r = cur_next(c, e)) > 0) {
    struct record *rec = row_record(c, ks, a);
    if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for a record");
    if ((r = fn(rec, arg, e)) != 0) return r;
    arena_reset(a);
  }
  return r;
}
