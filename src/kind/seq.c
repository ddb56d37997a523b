#include "base/limits.h"
#include "kind/inner.h"
#include <stdlib.h>
#include <assert.h>

/* Change numbers of this transaction: read once per unit, counted in memory, written at its end.
 * The log makes savepoints possible: what a command took is given back when it is undone, and what
 * it read is forgotten, since the database gave up its lock with it. */
struct seq_row {
  int32_t unit; /* 0: free, so the row of unit 0 is kept as INT32_MIN */
  int64_t seq;
  bool dirty;
};
struct seq_log {
  int32_t unit;
  bool loaded; /* this entry read the row; else it took a number */
};
struct seq_part {
  struct seq_row *rows; /* open addressing, a power of two */
  size_t n_rows, cap_rows;
  struct seq_log *log;
  size_t n_log, cap_log;
  struct val *out; /* scratch of the flush */
  size_t cap_out;
};

static void *seq_create(size_t lane, void *arg) {
  (void)lane, (void)arg;
  return calloc(1, sizeof(struct seq_part));
}

static void seq_destroy(void *part) {
  struct seq_part *s = part;
  if (!s) return;
  free(s->rows);
  free(s->log);
  free(s->out);
  free(s);
}

static int32_t unit_key(int32_t unit) {
  return unit ? unit : INT32_MIN;
}

static size_t slot(const struct seq_part *s, int32_t key) {
  size_t i = ((uint32_t)key * UINT32_C(2654435769)) & (s->cap_rows - 1);
  while (s->rows[i].unit && s->rows[i].unit != key) i = (i + 1) & (s->cap_rows - 1);
  return i;
}

static struct seq_row *find(const struct seq_part *s, int32_t key) {
  if (!s->cap_rows) return NULL;
  struct seq_row *r = &s->rows[slot(s, key)];
  return r->unit ? r : NULL;
}

static int grow(struct seq_part *s, struct err *e) {
  if (s->n_rows * 2 < s->cap_rows) return 0;
  const size_t cap = s->cap_rows ? s->cap_rows * 2 : 256;
  struct seq_row *old = s->rows, *rows = calloc(cap, sizeof *rows);
  if (!rows) return err_set(e, E_NOMEM, "no memory for change numbers");
  const size_t n = s->cap_rows;
  s->rows = rows;
  s->cap_rows = cap;
  for (size_t i = 0; i < n; i++)
    if (old[i].unit) s->rows[slot(s, old[i].unit)] = old[i];
  free(old);
  return 0;
}

static int log_add(struct seq_part *s, int32_t key, bool loaded, struct err *e) {
  if (s->n_log == s->cap_log) {
    const size_t cap = s->cap_log ? s->cap_log * 2 : 1024;
    struct seq_log *log = reallocarray(s->log, cap, sizeof *log);
    if (!log) return err_set(e, E_NOMEM, "no memory for change numbers");
    s->log = log;
    s->cap_log = cap;
  }
  s->log[s->n_log++] = (struct seq_log){key, loaded};
  return 0;
}

static int keep(struct seq_part *s, int32_t key, int64_t seq, struct err *e) {
  int r = grow(s, e);
  if (r < 0) return r;
  if ((r = log_add(s, key, true, e)) < 0) return r;
  s->rows[slot(s, key)] = (struct seq_row){.unit = key, .seq = seq};
  s->n_rows++;
  return 0;
}

/* On PostgreSQL the row is locked from here to the commit, so that numbers follow the order of
 * commits on every server; SQLite has one writer and needs to read only. */
QUERY2(seq_lock, "SELECT seq FROM unit_seq WHERE unit = $1",
       "INSERT INTO unit_seq AS s (unit, seq) VALUES ($1, 0) "
       "ON CONFLICT (unit) DO UPDATE SET seq = s.seq RETURNING seq");

static int load(struct tx *tx, struct seq_part *s, int32_t key, struct err *e) {
  int64_t seq = 0;
  int r = tx_i64(tx, &seq_lock, P(V_I64(key == INT32_MIN ? 0 : key)), &seq, e);
  if (r < 0 && r != -E_NOROW) return r;
  return keep(s, key, seq, e);
}

QUERY2(seq_lock_many,
       "SELECT unit, seq FROM unit_seq WHERE unit IN (SELECT value FROM json_each($1))",
       "INSERT INTO unit_seq AS s (unit, seq) "
       "SELECT DISTINCT v::bigint, 0 FROM json_array_elements_text($1::json) AS t(v) ORDER BY 1 "
       "ON CONFLICT (unit) DO UPDATE SET seq = s.seq RETURNING unit, seq");

/* As a JSON array: those whose counter is not known yet. */
static size_t missing(struct seq_part *s, const int32_t *units, size_t n, struct buf *b) {
  size_t wanted = 0;
  for (size_t i = 0; i < n; i++) {
    if (find(s, unit_key(units[i]))) continue;
    buf_char(b, wanted++ ? ',' : '[');
    buf_i64(b, units[i]);
  }
  buf_char(b, ']');
  return wanted;
}

static int load_many(struct tx *tx, struct seq_part *s, struct str list, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &seq_lock_many, P(V_TEXT(list)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    const int32_t key = unit_key((int32_t)cur_i64(c, 0));
    if (!find(s, key)) r = keep(s, key, cur_i64(c, 1), e);
  }
  return r;
}

int seq_prepare(struct tx *tx, const int32_t *units, size_t n, struct err *e) {
  struct seq_part *s = tx_part(tx, PART_SEQ);
  _cleanup_(buf_done) struct buf b = BUF_INIT(MIB(1));
  if (missing(s, units, n, &b) < 2) return 0;
  if (!buf_ok(&b)) return err_set(e, E_NOMEM, "no memory for change numbers");
  return load_many(tx, s, buf_str(&b), e);
}

int seq_next(struct tx *tx, int32_t unit, int64_t *ret_seq, struct err *e) {
  struct seq_part *s = tx_part(tx, PART_SEQ);
  const int32_t key = unit_key(unit);
  struct seq_row *row = find(s, key);
  int r;
  if (!row) {
    if ((r = load(tx, s, key, e)) < 0) return r;
    row = find(s, key);
  }
  if ((r = log_add(s, key, false, e)) < 0) return r;
  row->dirty = true;
  *ret_seq = ++row->seq;
  assert(*ret_seq > 0); /* numbers are given from 1 on, and never twice */
  return 0;
}

static size_t seq_mark(void *part) {
  return ((struct seq_part *)part)->n_log;
}

/* Takes a row out and moves those that collided with it into their places. */
static void forget(struct seq_part *s, int32_t key) {
  size_t i = slot(s, key);
  s->rows[i].unit = 0;
  s->n_rows--;
  for (size_t j = (i + 1) & (s->cap_rows - 1); s->rows[j].unit; j = (j + 1) & (s->cap_rows - 1)) {
    struct seq_row moved = s->rows[j];
    s->rows[j].unit = 0;
    s->rows[slot(s, moved.unit)] = moved;
  }
}

static void seq_rewind(void *part, size_t mark) {
  struct seq_part *s = part;
  while (s->n_log > mark) {
    const struct seq_log l = s->log[--s->n_log];
    struct seq_row *row = find(s, l.unit);
    if (!row) continue;
    if (l.loaded)
      forget(s, l.unit);
    else
      row->seq--;
  }
}

static int seq_flush(struct tx *tx, void *part, struct err *e) {
  static const enum val_type types[] = {VAL_I64, VAL_I64};
  static const struct bulk seq_rows = {.name = "unit_seq",
                                       .table = "unit_seq",
                                       .columns = "unit, seq",
                                       .types = types,
                                       .n_columns = 2,
                                       .conflict = "ON CONFLICT (unit) DO UPDATE SET "
                                                   "seq = excluded.seq"};
  struct seq_part *s = part;
  if (s->n_rows * 2 > s->cap_out) {
    struct val *out = reallocarray(s->out, s->n_rows * 4, sizeof *out);
    if (!out) return err_set(e, E_NOMEM, "no memory for change numbers");
    s->out = out;
    s->cap_out = s->n_rows * 4;
  }
  size_t n = 0;
  for (size_t i = 0; i < s->cap_rows; i++) {
    if (!s->rows[i].unit || !s->rows[i].dirty) continue;
    s->out[n++] = V_I64(s->rows[i].unit == INT32_MIN ? 0 : s->rows[i].unit);
    s->out[n++] = V_I64(s->rows[i].seq);
  }
  return n ? tx_bulk_later(tx, &seq_rows, s->out, n / 2, e) : 0;
}

static void seq_finish(void *part, bool committed) {
  struct seq_part *s = part;
  (void)committed;
  if (s->n_rows) memset(s->rows, 0, s->cap_rows * sizeof *s->rows);
  s->n_rows = s->n_log = 0;
}

const struct tx_part seq_part = {.name = "change numbers",
                                 .create = seq_create,
                                 .destroy = seq_destroy,
                                 .mark = seq_mark,
                                 .rewind = seq_rewind,
                                 .flush = seq_flush,
                                 .finish = seq_finish};

int32_t seq_unit(const struct viewer *v, const struct record *r) {
  int32_t unit = record_unit(r);
  return unit || !v->tree ? unit : unit_root(v->tree);
}
