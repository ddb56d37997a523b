#include "store/bulk.h"
#include "store/pg_impl.h"
#include <stdlib.h>
#include <assert.h>

enum { BULK_CHUNK = 2000, ARRAY_HEAD = 20 };

static Oid element(enum val_type t) {
  switch (t) {
  case VAL_I64:
    return OID_INT8;
  case VAL_BLOB:
    return OID_BYTEA;
  case VAL_UUID:
    return OID_UUID;
  case VAL_F64:
    return OID_FLOAT8;
  case VAL_TEXT:
  case VAL_NULL:
    return OID_TEXT;
  }
  return OID_TEXT;
}

/* One value with its length in front; a negative length is NULL. */
static bool add(struct buf *out, enum val_type want, const struct val *v, bool *ret_null) {
  unsigned char raw[12];
  bool bytes = v->t == VAL_TEXT || v->t == VAL_BLOB;
  if (v->t == VAL_NULL || (bytes && !v->s.p)) {
    pg_put_u32(raw, UINT32_MAX);
    buf_add(out, raw, 4);
    *ret_null = true;
    return true;
  }
  if (v->t != want) return false;
  if (bytes) {
    if (v->s.n > LIMIT_BULK_BYTES) return false;
    pg_put_u32(raw, (uint32_t)v->s.n);
    buf_add(out, raw, 4);
    buf_str_add(out, v->s);
  } else if (v->t == VAL_UUID) {
    pg_put_u32(raw, 16);
    buf_add(out, raw, 4);
    buf_add(out, v->u.b, 16);
  } else {
    uint64_t bits;
    memcpy(&bits, v->t == VAL_F64 ? (const void *)&v->f : (const void *)&v->i, sizeof bits);
    pg_put_u32(raw, 8);
    pg_put_u64(raw + 4, bits);
    buf_add(out, raw, 12);
  }
  return true;
}

/* A column of the rows as a one-dimensional array in PostgreSQL's binary form. */
static bool add_array(struct buf *out, const struct bulk *b, size_t col, const struct val *rows,
                      size_t n) {
  size_t at = out->n;
  bool null = false;
  unsigned char head[ARRAY_HEAD] = {0};
  buf_add(out, head, sizeof head);
  for (size_t i = 0; i < n; i++)
    if (!add(out, b->types[col], &rows[i * b->n_columns + col], &null)) return false;
  if (!buf_ok(out)) return true;
  pg_put_u32(head, 1); /* dimensions */
  pg_put_u32(head + 4, null);
  pg_put_u32(head + 8, element(b->types[col]));
  pg_put_u32(head + 12, (uint32_t)n);
  pg_put_u32(head + 16, 1); /* first index */
  memcpy(out->p + at, head, sizeof head);
  return true;
}

static int statement(struct pg_conn *c, const struct bulk *b, struct pg_prep **ret_prep,
                     struct err *e) {
  struct prep *found = prep_find(&c->cache, b);
  if (found) {
    *ret_prep = (struct pg_prep *)found;
    return 0;
  }
  _cleanup_(buf_done) struct buf sql = BUF_INIT(LIMIT_SQL_TEXT);
  bulk_unnest_sql(&sql, b);
  if (!buf_z(&sql)) return err_field(e, E_BUG, "a bulk statement too long", b->name);
  struct pg_prep *p = NULL;
  int r = pg_prepare(c, b->name, sql.p, &p, e);
  if (r == 0) r = prep_put(&c->cache, &p->base, b, (struct str){NULL, 0}, e);
  if (r == 0) *ret_prep = p;
  return r;
}

static int chunk(struct pg_conn *c, const struct bulk *b, const struct val *rows, size_t n,
                 bool later, struct err *e) {
  struct pg_prep *p = NULL;
  _cleanup_(pg_params_done) struct pg_params w;
  size_t start[LIMIT_COLUMNS + 1];
  w.text = BUF_INIT(LIMIT_BULK_BYTES);
  int r = statement(c, b, &p, e);
  if (!p) return r;
  for (size_t k = 0; k < b->n_columns; k++) {
    start[k] = w.text.n;
    if (!add_array(&w.text, b, k, rows, n))
      return err_field(e, E_BUG, "a value is not of its column's type", b->name);
  }
  start[b->n_columns] = w.text.n;
  if (!buf_ok(&w.text)) return err_field(e, E_TOO_LARGE, "a bulk insert too large", b->name);
  for (size_t k = 0; k < b->n_columns; k++) {
    w.values[k] = w.text.p + start[k];
    w.lengths[k] = (int)(start[k + 1] - start[k]);
    w.formats[k] = 1;
  }
  return later ? pg_call_later(c, p, &w, false, e) : pg_call(c, b->name, p, &w, NULL, e);
}

/* As many rows as one statement should carry. */
static size_t rows_of_chunk(const struct bulk *b, const struct val *rows, size_t n) {
  size_t bytes = 0, step = 0;
  while (step < n && step < BULK_CHUNK) {
    for (size_t k = 0; k < b->n_columns; k++) {
      const struct val *v = &rows[step * b->n_columns + k];
      bytes += v->t == VAL_TEXT || v->t == VAL_BLOB ? v->s.n + 4 : 20;
    }
    if (step > 0 && bytes > LIMIT_BULK_BYTES / 4) break;
    step++;
  }
  assert(step && step <= n);
  return step;
}

static int chunks(struct conn *base, const struct bulk *b, const struct val *rows, size_t n,
                  bool later, struct err *e) {
  struct pg_conn *c = (struct pg_conn *)base;
  for (size_t step; n > 0; n -= step, rows += step * b->n_columns) {
    step = rows_of_chunk(b, rows, n);
    struct pg_fresh fresh = pg_fresh(c);
    const bool wait = !later || fresh.n;
    int r = chunk(c, b, rows, step, !wait, e);
    if (r < 0 && pg_again(c, &fresh)) r = chunk(c, b, rows, step, false, e);
    if (r < 0) return r;
  }
  return 0;
}

int pg_bulk(struct conn *base, const struct bulk *b, const struct val *rows, size_t n,
            struct err *e) {
  return chunks(base, b, rows, n, false, e);
}

int pg_bulk_later(struct conn *base, const struct bulk *b, const struct val *rows, size_t n,
                  struct err *e) {
  return chunks(base, b, rows, n, true, e);
}
