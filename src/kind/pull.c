#include "kind/inner.h"
#include <assert.h>

/* Copies of a unit's records are kept up by change numbers: a record carries the number of its last
 * change at its home unit, and what moves away leaves a tombstone with a number of the unit that it
 * left. A retired record keeps its row, and the row says so. */

QUERY(tombstone_put, "INSERT INTO tombstone (unit, kind, id, op, seq) VALUES ($1, $2, $3, $4, $5) "
                     "ON CONFLICT (unit, kind, id) DO UPDATE SET seq = excluded.seq");
QUERY(tombstone_drop, "DELETE FROM tombstone WHERE unit = $1 AND kind = $2 AND id = $3");
QUERY(tombstones_of, "SELECT kind, id, seq FROM tombstone WHERE unit = $1 AND seq > $2 "
                     "AND seq <= $3 AND op IN (0, $4) ORDER BY seq LIMIT $5");
QUERY(last_number, "SELECT seq FROM unit_seq WHERE unit = $1");

int tombstone_note(struct tx *tx, const struct record *old, const struct record *rec,
                   struct err *e) {
  const struct kind *k = rec->kind;
  const int32_t from = record_unit(old), to = record_unit(rec);
  int64_t seq;
  int r = 0;
  if (!(k->flags & KF_SYNC) || from == to) return 0;
  if (from && (r = seq_next(tx, from, &seq, e)) >= 0)
    r = tx_exec(tx, &tombstone_put,
                P(V_I64(from), V_I64(k->no), V_UUID(rec->id), V_I64(rec->op), V_I64(seq)), NULL, e);
  if (r >= 0 && to)
    r = tx_exec(tx, &tombstone_drop, P(V_I64(to), V_I64(k->no), V_UUID(rec->id)), NULL, e);
  return r < 0 ? r : 0;
}

int pull_gone(struct tx *tx, const struct pull_range *p, struct tombstone *out, size_t max,
              size_t *ret_n, struct err *e) {
  assert(p->after <= p->upto);
  _cleanup_(cur_donep) struct cur *c = NULL;
  size_t n = 0;
  int r = cur_open(
      tx, &tombstones_of,
      P(V_I64(p->unit), V_I64(p->after), V_I64(p->upto), V_I64(p->op), V_I64((int64_t)max)), &c, e);
  while (r >= 0 && n < max && (r = cur_next(c, e)) > 0) {
    const struct kind *k = kind_by_no((uint16_t)cur_i64(c, 0));
    if (k) out[n++] = (struct tombstone){.k = k, .id = cur_uuid(c, 1), .seq = cur_i64(c, 2)};
  }
  *ret_n = n;
  return r < 0 ? r : 0;
}

int pull_last(struct tx *tx, int32_t unit, int64_t *ret_seq, struct err *e) {
  *ret_seq = 0;
  int r = tx_i64(tx, &last_number, P(V_I64(unit)), ret_seq, e);
  return r == -E_NOROW ? 0 : r;
}

int pull_event_floor(struct tx *tx, struct arena *a, const struct kind *k, int32_t unit,
                     int64_t before_ms, int64_t *ret_seq, struct err *e) {
  int scope;
  *ret_seq = 0;
  if (!(k->flags & KF_EVENT) || !kind_scope_field(k, 0, &scope)) return 0;
  /* backwards from the newest: it passes over those days only that are pulled */
  struct str sql = arena_printf(a,
                                "SELECT seq FROM \"%s\" WHERE \"%s\" = $1 AND created_ms < $2 "
                                "ORDER BY seq DESC LIMIT 1",
                                k->name, k->fields[scope].name);
  _cleanup_(cur_donep) struct cur *c = NULL;
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for a statement");
  int r = cur_open_sql(tx, sql, P(V_I64(unit), V_I64(before_ms)), &c, e);
  if (r >= 0 && (r = cur_next(c, e)) > 0) *ret_seq = cur_i64(c, 0);
  return r < 0 ? r : 0;
}

/* The condition of a range; returns how many parameters it takes. */
static size_t where(struct buf *b, const struct pull_range *p, struct val *params) {
  const struct kind *k = p->k;
  int scope;
  size_t n = 0;
  params[n++] = V_I64(p->after);
  params[n++] = V_I64(p->upto);
  buf_lit(b, " WHERE t.seq > $1 AND t.seq <= $2");
  if (kind_scope_field(k, 0, &scope)) {
    params[n++] = V_I64(p->unit);
    buf_printf(b, " AND t.\"%s\" = $%zu", k->fields[scope].name, n);
  }
  if (!(k->flags & KF_GLOBAL)) {
    params[n++] = V_I64(p->op);
    buf_printf(b, " AND t.op = $%zu", n);
  }
  if (!p->live || k->flags & KF_EVENT) return n;
  buf_lit(b, " AND t.retired = 0");
  if (!k->device_since) return n;
  const int f = field_named(k, k->device_since);
  params[n++] = k->fields[f].type == FT_DATE ? V_TEXTZ(p->since_day) : V_I64(p->since_ms);
  buf_printf(b, " AND (t.\"%s\" IS NULL OR t.\"%s\" >= $%zu)", k->device_since, k->device_since, n);
  return n;
}

static int open_range(struct tx *tx, struct arena *a, const struct pull_range *p,
                      const char *columns, size_t max, struct cur **ret_cur, struct err *e) {
  struct val params[8];
  struct buf b = BUF_INIT(LIMIT_SQL_TEXT);
  buf_printf(&b, "SELECT %s FROM %s t", columns, kind_sql(p->k)->table);
  size_t n = where(&b, p, params);
  params[n++] = V_I64((int64_t)max);
  buf_printf(&b, " ORDER BY t.seq LIMIT $%zu", n);
  struct str sql = buf_ok(&b) ? arena_dup(a, buf_str(&b)) : (struct str){NULL, 0};
  buf_done(&b);
  if (!sql.p || arena_failed(a)) return err_set(e, E_NOMEM, "no memory for a statement");
  return cur_open_sql(tx, sql, params, n, ret_cur, e);
}

int pull_numbers(struct tx *tx, struct arena *a, const struct pull_range *p, int64_t *out,
                 size_t max, size_t *ret_n, struct err *e) {
  assert(p->after <= p->upto);
  _cleanup_(cur_donep) struct cur *c = NULL;
  size_t n = 0;
  int r = open_range(tx, a, p, "t.seq", max, &c, e);
  while (r >= 0 && n < max && (r = cur_next(c, e)) > 0) out[n++] = cur_i64(c, 0);
  *ret_n = n;
  return r < 0 ? r : 0;
}

int pull_records(struct tx *tx, struct arena *a, const struct pull_range *p, struct record **out,
                 size_t max, size_t *ret_n, struct err *e) {
  const struct kind_sql *ks = kind_sql(p->k);
  _cleanup_(cur_donep) struct cur *c = NULL;
  size_t n = 0;
  int r = open_range(tx, a, p, ks->columns, max, &c, e);
  while (r >= 0 && n < max && !arena_failed(a) && (r = cur_next(c, e)) > 0)
    out[n++] = row_record(c, ks, a);
  *ret_n = n;
  if (r >= 0 && arena_failed(a)) return err_set(e, E_NOMEM, "no memory for records");
  return r < 0 ? r : 0;
}
