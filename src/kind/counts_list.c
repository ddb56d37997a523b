#include "kind/counts_inner.h"
#include <assert.h>
#include <stdio.h>

/* The list behind a figure: the records that its rows choose, all of them or the newest ones, and
 * what their lines add up to. The statements are made of names and numbers of ours alone. */

struct uuid count_key(const struct record *rec, const struct indicator *ind) {
  size_t n;
  const struct plan *p = plans_of(rec->kind, &n);
  for (size_t i = 0; i < n; i++) {
    if (p[i].row->ind != ind) continue;
    for (size_t g = 0; g < GROUP_FIELDS && p[i].group[g] >= 0; g++)
      if (!rec_null(rec, p[i].group[g])) return rec_uuid(rec, p[i].group[g]);
    if (p[i].undo >= 0 && !rec_null(rec, p[i].undo)) return rec_uuid(rec, p[i].undo);
  }
  return rec->id;
}

static void term_sql(struct buf *out, const struct kind *k, const struct count_term *t) {
  const char *name = t->field == OF_STATE ? "state" : k->fields[t->field].name;
  if (t->n_values == 0) {
    buf_printf(out, " AND t.\"%s\" IS %sNULL", name, t->not ? "" : "NOT ");
    return;
  }
  buf_printf(out, " AND t.\"%s\" %sIN (", name, t->not ? "NOT " : "");
  for (size_t i = 0; i < t->n_values; i++)
    if (t->number)
      buf_printf(out, "%s%lld", i ? ", " : "", (long long)t->n[i]);
    else
      buf_printf(out, "%s'" STR_FMT "'", i ? ", " : "", STR_ARG(t->text[i]));
  buf_lit(out, ")");
}

/* Days and moments are numbers of ours and stand in the text. */
static void span_sql(struct buf *out, const struct field *f, int after,
                     const struct count_span *s) {
  char day[DAY_TEXT];
  const bool begins = s->from != INT32_MIN;
  const int32_t from = begins ? s->from - after : 0, to = s->to - after;
  if (f->type == FT_DATE) {
    day_format(to, day);
    buf_printf(out, " AND t.\"%s\" <= '%s'", f->name, day);
    if (!begins) return;
    day_format(from, day);
    buf_printf(out, " AND t.\"%s\" >= '%s'", f->name, day);
    return;
  }
  const struct zone *z = s->zone;
  buf_printf(out, " AND t.\"%s\" < %lld", f->name,
             (long long)(z ? zone_moment(z, to + 1, 0) : (to + 1) * MS_DAY));
  if (begins)
    buf_printf(out, " AND t.\"%s\" >= %lld", f->name,
               (long long)(z ? zone_moment(z, from, 0) : from * MS_DAY));
}

/* The operation's live records. */
static void base_sql(struct buf *out, const struct kind_sql *ks, const struct count_span *s) {
  buf_printf(out, " FROM %s t WHERE %s", ks->table,
             ks->col_op >= 0 ? "t.op = $1" : "CAST($1 AS BIGINT) IS NOT NULL");
  if (ks->col_retired >= 0 && !s->with_retired) buf_lit(out, " AND t.retired = 0");
}

static void place_sql(struct buf *out, const struct kind *k, const struct plan *p,
                      const struct count_span *s, enum engine engine) {
  buf_printf(out, "%st.\"%s\" %s", s->by_id && engine == ENGINE_SQLITE ? "+" : "",
             k->fields[p->unit].name,
             !s->units.p ? "IS NOT NULL"
             : engine == ENGINE_SQLITE
                 ? "IN (SELECT value FROM json_each($2))"
                 : "= ANY(ARRAY(SELECT CAST(json_array_elements_text(CAST($2 AS json)) AS "
                   "BIGINT)))");
  span_sql(out, &k->fields[p->from], p->row->days_after, s);
}

static void rows_sql(struct buf *out, const struct kind_sql *ks, const struct count_span *s,
                     enum engine engine) {
  const struct kind *k = ks->k;
  size_t n;
  const struct plan *p = plans_of(k, &n);
  bool any = false;
  base_sql(out, ks, s);
  if (k->contribute) return; /* what a function counts is asked of every record */
  for (size_t i = 0; i < n; i++) {
    if (s->ind ? p[i].row->ind != s->ind : p[i].hour < 0) continue;
    buf_printf(out, "%s(", any ? " OR " : " AND (");
    any = true;
    place_sql(out, k, &p[i], s, engine);
    for (size_t t = 0; t < p[i].n_terms; t++) term_sql(out, k, &p[i].terms[t]);
    buf_lit(out, ")");
  }
  buf_printf(out, "%s", any ? ")" : " AND 1 = 0");
}

static int open_span(struct tx *tx, const struct kind *k, const struct count_span *s,
                     const struct buf *sql, struct cur **ret_cur, struct err *e) {
  const struct val p[] = {V_I64(s->op), V_TEXT(s->units)};
  assert(s->from <= s->to && (!s->ind || s->ind->type != IND_DERIVED));
  if (!buf_ok(sql)) return err_set(e, E_NOMEM, "no memory for a list of records");
  return cur_open_sql(tx, buf_str(sql), p, s->units.p && !k->contribute ? 2 : 1, ret_cur, e);
}

int count_each(struct tx *tx, const struct kind *k, const struct count_span *s,
               int (*fn)(struct record *r, void *arg, struct err *e), void *arg, struct err *e) {
  const struct kind_sql *ks = kind_sql(k);
  _cleanup_(buf_done) struct buf sql = BUF_INIT(LIMIT_SQL_TEXT);
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  _cleanup_(cur_donep) struct cur *c = NULL;
  if (!a) return err_set(e, E_NOMEM, "no memory for a list of records");
  buf_printf(&sql, "SELECT %s", ks->columns);
  rows_sql(&sql, ks, s, tx_engine(tx));
  int r = open_span(tx, k, s, &sql, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) > 0) {
    struct record *rec = row_record(c, ks, a);
    if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for a record");
    if ((r = fn(rec, arg, e)) != 0) return r;
    arena_reset(a);
  }
  return r;
}

/* ---- the same, page by page ---- */

/* The rows of an indicator, of which the first stands for all: they differ in their conditions and
 * amounts alone. */
static const struct plan *first_of(const struct kind *k, const struct indicator *ind,
                                   const struct plan **ret_end) {
  size_t n, i = 0;
  const struct plan *p = plans_of(k, &n);
  while (i < n && p[i].row->ind != ind) i++;
  *ret_end = p + n;
  return i < n ? &p[i] : NULL;
}

bool count_pages(const struct indicator *ind) {
  const struct kind *k = kind_by_name(str_from(ind->kind));
  const struct plan *end, *first = first_of(k, ind, &end);
  if (!first || k->contribute || ind->type == IND_DISTINCT) return false;
  for (const struct plan *p = first; p < end; p++) {
    if (p->row->ind != ind) continue;
    if (p->row->unit_kinds || p->at >= 0 || !(k->fields[p->unit].flags & FF_SCOPE) ||
        p->unit != first->unit || p->from != first->from || p->until != first->until ||
        p->undo != first->undo || p->row->days_after != first->row->days_after ||
        memcmp(p->group, first->group, sizeof first->group) != 0)
      return false;
    if (p->until >= 0 && (p->undo >= 0 || p->group[0] >= 0)) return false;
  }
  return true;
}

static void uuid_sql(struct buf *out, const struct uuid *id, enum engine engine) {
  char text[UUID_TEXT];
  uuid_format(id, text);
  if (engine == ENGINE_POSTGRES) {
    buf_printf(out, "CAST('%s' AS UUID)", text);
    return;
  }
  buf_lit(out, "x'");
  for (const char *c = text; *c; c++)
    if (*c != '-') buf_char(out, *c);
  buf_lit(out, "'");
}

/* The columns of which the first that is filled is the line's key; the id is behind them. */
static size_t key_fields(const struct plan *p, int out[GROUP_FIELDS + 1]) {
  size_t n = 0;
  for (; n < GROUP_FIELDS && p->group[n] >= 0; n++) out[n] = p->group[n];
  if (p->undo >= 0) out[n++] = p->undo;
  return n;
}

static void key_sql(struct buf *out, const struct kind *k, const struct plan *p) {
  int fields[GROUP_FIELDS + 1];
  const size_t n = key_fields(p, fields);
  if (n) buf_lit(out, "coalesce(");
  for (size_t i = 0; i < n; i++) buf_printf(out, "t.\"%s\", ", k->fields[fields[i]].name);
  buf_printf(out, n ? "t.id)" : "t.id");
}

static void when_sql(struct buf *out, const struct kind *k, const struct plan *p) {
  buf_lit(out, "1 = 1");
  for (size_t t = 0; t < p->n_terms; t++) term_sql(out, k, &p->terms[t]);
}

/* What a record adds to its line. */
static void amount_sql(struct buf *out, const struct kind *k, const struct plan *first,
                       const struct plan *end) {
  const struct field *f = k->fields;
  for (const struct plan *p = first; p < end; p++) {
    if (p->row->ind != first->row->ind) continue;
    buf_printf(out, "%s(CASE WHEN ", p == first ? "" : " + ");
    when_sql(out, k, p);
    buf_printf(out, " THEN %s", p->row->takes ? "-1 * " : "");
    if (p->undo >= 0)
      buf_printf(out, "(CASE WHEN t.\"%s\" IS NULL THEN 1 ELSE -1 END) * ", f[p->undo].name);
    if (p->value >= 0)
      buf_printf(out, "coalesce(t.\"%s\", %lld)", f[p->value].name, (long long)p->row->empty);
    else
      buf_lit(out, "1");
    buf_lit(out, " ELSE 0 END)");
  }
}

/* What counts within the span; a state that has ended by then adds nothing. */
static void candidates_sql(struct buf *out, const struct kind_sql *ks, const struct plan *first,
                           const struct plan *end, const struct count_span *s, enum engine engine) {
  struct count_span ended = *s;
  base_sql(out, ks, s);
  buf_lit(out, " AND ");
  place_sql(out, ks->k, first, s, engine);
  for (const struct plan *p = first; p < end; p++) {
    if (p->row->ind != first->row->ind) continue;
    buf_printf(out, p == first ? " AND ((" : " OR (");
    when_sql(out, ks->k, p);
    buf_lit(out, ")");
  }
  buf_lit(out, ")");
  if (first->until < 0) return;
  const struct field *f = &ks->k->fields[first->until];
  ended.from = INT32_MIN;
  buf_printf(out, " AND (t.\"%s\" IS NULL OR NOT (1 = 1", f->name);
  span_sql(out, f, 0, &ended);
  buf_lit(out, "))");
}

int count_heads(struct tx *tx, const struct kind *k, const struct count_span *s,
                const struct uuid *before, struct count_head *out, size_t *ret_n, struct err *e) {
  _cleanup_(buf_done) struct buf sql = BUF_INIT(LIMIT_SQL_TEXT);
  _cleanup_(cur_donep) struct cur *c = NULL;
  const struct plan *end, *first = first_of(k, s->ind, &end);
  assert(first && count_pages(s->ind));
  buf_lit(&sql, "SELECT t.id, ");
  key_sql(&sql, k, first);
  candidates_sql(&sql, kind_sql(k), first, end, s, tx_engine(tx));
  if (before) buf_lit(&sql, " AND t.id < ");
  if (before) uuid_sql(&sql, before, tx_engine(tx));
  buf_printf(&sql, " ORDER BY t.id DESC LIMIT %d",
             COUNT_HEADS); /* limit: the caller asks for more */
  *ret_n = 0;
  int r = open_span(tx, k, s, &sql, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) > 0)
    out[(*ret_n)++] = (struct count_head){.id = cur_uuid(c, 0), .key = cur_uuid(c, 1)};
  return r;
}

/* The records whose key is among the heads' and stands in the nth of the key's columns: those
 * before it are empty. */
static void same_lines_sql(struct buf *out, const struct kind_sql *ks, const int *fields,
                           size_t n_fields, size_t nth, const struct count_head *heads,
                           size_t n_heads, enum engine engine) {
  for (size_t i = 0; i < nth; i++)
    buf_printf(out, " AND t.\"%s\" IS NULL", ks->k->fields[fields[i]].name);
  buf_printf(out, " AND t.\"%s\" IN (", nth < n_fields ? ks->k->fields[fields[nth]].name : "id");
  for (size_t j = 0; j < n_heads; j++) {
    if (j) buf_lit(out, ", ");
    uuid_sql(out, &heads[j].key, engine);
  }
  buf_lit(out, ")");
}

static void fill_heads(struct count_head *heads, size_t n, const struct count_head *line) {
  for (size_t i = 0; i < n; i++) {
    if (!uuid_eq(&heads[i].key, &line->key)) continue;
    heads[i].n = line->n;
    heads[i].records = line->records;
    heads[i].first = !line->first; /* of its line, unless a newer record stands before all these */
    return;
  }
}

int count_head_lines(struct tx *tx, const struct kind *k, const struct count_span *s,
                     const struct uuid *before, struct count_head *heads, size_t n, struct err *e) {
  _cleanup_(buf_done) struct buf sql = BUF_INIT(LIMIT_SQL_TEXT);
  _cleanup_(cur_donep) struct cur *c = NULL;
  const enum engine engine = tx_engine(tx);
  const struct plan *end, *first = first_of(k, s->ind, &end);
  int fields[GROUP_FIELDS + 1];
  const size_t n_fields = key_fields(first, fields);
  struct count_span by_key = *s;
  by_key.by_id = true;
  assert(first && n > 0 && n <= COUNT_HEADS);
  buf_lit(&sql, "SELECT k, CAST(sum(n) AS BIGINT), count(*), sum(newer) FROM (");
  for (size_t nth = 0; nth <= n_fields; nth++) {
    buf_printf(&sql, "%sSELECT ", nth ? " UNION ALL " : "");
    key_sql(&sql, k, first);
    buf_lit(&sql, " AS k, ");
    amount_sql(&sql, k, first, end);
    buf_lit(&sql, " AS n, CASE WHEN ");
    if (before) buf_lit(&sql, "t.id >= ");
    if (before) uuid_sql(&sql, before, engine);
    buf_printf(&sql, "%s THEN 1 ELSE 0 END AS newer", before ? "" : "1 = 0");
    candidates_sql(&sql, kind_sql(k), first, end, &by_key, engine);
    same_lines_sql(&sql, kind_sql(k), fields, n_fields, nth, heads, n, engine);
  }
  buf_lit(&sql, ") AS c GROUP BY k");
  int r = open_span(tx, k, s, &sql, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) > 0) {
    const struct count_head line = {.key = cur_uuid(c, 0),
                                    .n = cur_i64(c, 1),
                                    .records = cur_i64(c, 2),
                                    .first = cur_i64(c, 3) > 0};
    fill_heads(heads, n, &line);
  }
  return r;
}

int count_lines_of(struct tx *tx, const struct kind *k, const struct count_span *s, int64_t *ret_n,
                   struct err *e) {
  _cleanup_(buf_done) struct buf sql = BUF_INIT(LIMIT_SQL_TEXT);
  _cleanup_(cur_donep) struct cur *c = NULL;
  const struct plan *end, *first = first_of(k, s->ind, &end);
  int fields[GROUP_FIELDS + 1];
  assert(first && count_pages(s->ind));
  const bool each = key_fields(first, fields) == 0; /* each record is a line of its own */
  buf_printf(&sql, "SELECT count(*)%s", each ? "" : " FROM (SELECT 1");
  candidates_sql(&sql, kind_sql(k), first, end, s, tx_engine(tx));
  if (!each) buf_lit(&sql, " GROUP BY ");
  if (!each) key_sql(&sql, k, first);
  buf_printf(&sql, each ? " AND " : " HAVING sum(");
  amount_sql(&sql, k, first, end);
  buf_printf(&sql, each ? " <> 0" : ") <> 0) AS l");
  int r = open_span(tx, k, s, &sql, &c, e);
  if (r >= 0) r = cur_next(c, e);
  *ret_n = r == 1 ? cur_i64(c, 0) : 0;
  return r < 0 ? r : 0;
}
