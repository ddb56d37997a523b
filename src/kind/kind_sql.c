#include "kind/inner.h"
#include <stdlib.h>
#include <assert.h>

/* Like the registry: made once at start, as constant afterwards as the tables it comes from. */
static struct {
  struct arena *a;
  struct kind_sql *kinds;
  size_t n;
} made;

const struct kind_sql *kind_sql(const struct kind *k) {
  size_t i = kind_index(k);
  return i < made.n ? &made.kinds[i] : NULL;
}

void kind_sql_done(void) {
  arena_free(made.a);
  made.a = NULL;
  made.kinds = NULL;
  made.n = 0;
}

/* One column of the list under construction; its position is what callers keep. */
static int add(struct buf *b, size_t *n, const char *prefix, const char *name, const char *tail) {
  buf_printf(b, "%s%s\"%s%s\"", *n ? ", " : "", prefix, name, tail);
  return (int)(*n)++;
}

static bool has_state(const struct kind *k) {
  return k->states && k->states[0].value;
}

static void columns(struct kind_sql *ks, struct buf *b) {
  const struct kind *k = ks->k;
  const bool event = k->flags & KF_EVENT;
  size_t n = 0;
  ks->col_op = ks->col_rev = ks->col_state = ks->col_state_by = ks->col_retired = -1;
  ks->col_updated_ms = ks->col_updated_by = -1;
  add(b, &n, "t.", "id", "");
  if (!(k->flags & KF_GLOBAL)) ks->col_op = add(b, &n, "t.", "op", "");
  ks->col_shard = kind_has_shard(k) ? add(b, &n, "t.", "shard", "") : -1;
  ks->col_seq = add(b, &n, "t.", "seq", "");
  ks->col_created_ms = add(b, &n, "t.", "created_ms", "");
  ks->col_created_by = add(b, &n, "t.", "created_by", "");
  if (!event) {
    ks->col_rev = add(b, &n, "t.", "rev", "");
    ks->col_retired = add(b, &n, "t.", "retired", "");
    ks->col_updated_ms = add(b, &n, "t.", "updated_ms", "");
    ks->col_updated_by = add(b, &n, "t.", "updated_by", "");
    if (has_state(k)) {
      ks->col_state = add(b, &n, "t.", "state", "");
      ks->col_state_by = add(b, &n, "t.", "state_by", "");
    }
  }
  for (size_t f = 0; f < k->n_fields; f++) {
    ks->col_field[f] = add(b, &n, "t.", k->fields[f].name, "");
    ks->col_blind[f] =
        k->fields[f].flags & FF_LOOKUP ? add(b, &n, "t.", k->fields[f].name, "_bi") : -1;
  }
  ks->n_columns = n;
}

/* The columns of INSERT in the order that row_params writes them, and their types. */
static void insert_columns(struct kind_sql *ks, struct buf *b, enum val_type *types) {
  const struct kind *k = ks->k;
  const bool event = k->flags & KF_EVENT;
  size_t n = 0;
#define COLUMN(name, tail, type) types[n] = (type), add(b, &n, "", (name), (tail))
  COLUMN("id", "", VAL_UUID);
  if (!(k->flags & KF_GLOBAL)) COLUMN("op", "", VAL_I64);
  if (kind_has_shard(k)) COLUMN("shard", "", VAL_I64);
  COLUMN("seq", "", VAL_I64);
  COLUMN("created_ms", "", VAL_I64);
  COLUMN("created_by", "", VAL_UUID);
  if (event) {
    COLUMN("digest", "", VAL_BLOB);
  } else {
    COLUMN("rev", "", VAL_I64);
    COLUMN("retired", "", VAL_I64);
    COLUMN("updated_ms", "", VAL_I64);
    COLUMN("updated_by", "", VAL_UUID);
    if (has_state(k)) {
      COLUMN("state", "", VAL_TEXT);
      COLUMN("state_by", "", VAL_UUID);
    }
  }
  for (size_t f = 0; f < k->n_fields; f++) {
    const bool sealed = k->fields[f].flags & FF_SEALED;
    COLUMN(k->fields[f].name, "", sealed ? VAL_BLOB : field_type(&k->fields[f])->storage);
    if (k->fields[f].flags & FF_LOOKUP) COLUMN(k->fields[f].name, "_bi", VAL_BLOB);
  }
#undef COLUMN
  ks->n_insert = n;
}

/* $1 id, $2 the rev that is replaced, $3… what a change can touch. */
static void update_sql(struct kind_sql *ks, struct buf *b) {
  const struct kind *k = ks->k;
  size_t p = 3;
  buf_printf(b, "UPDATE %s SET seq = $3, rev = $4, retired = $5, updated_ms = $6, updated_by = $7",
             ks->table);
  p = 8;
  if (has_state(k)) {
    buf_lit(b, ", state = $8, state_by = $9");
    p = 10;
  }
  for (size_t f = 0; f < k->n_fields; f++) {
    buf_printf(b, ", \"%s\" = $%zu", k->fields[f].name, p++);
    if (k->fields[f].flags & FF_LOOKUP) buf_printf(b, ", \"%s_bi\" = $%zu", k->fields[f].name, p++);
  }
  buf_lit(b, " WHERE id = $1 AND rev = $2");
  ks->n_update = p - 1;
}

static const char *keep(struct buf *b) {
  const char *z = arena_strz(made.a, buf_str(b));
  if (!buf_ok(b)) return NULL;
  buf_clear(b);
  return z;
}

static void in_list(struct buf *b) {
  buf_lit(b, "(");
  for (int i = 1; i <= IN_LIST; i++) buf_printf(b, "%s$%d", i > 1 ? ", " : "", i);
  buf_lit(b, ")");
}

static const char *head_sql(const struct kind_sql *ks, struct buf *b, bool many) {
  buf_printf(b, "SELECT t.id, %s, %s, %s, %s", ks->col_op < 0 ? "CAST(0 AS BIGINT)" : "t.op",
             ks->col_retired < 0 ? "CAST(0 AS BIGINT)" : "t.retired",
             ks->col_shard < 0 ? "CAST(0 AS BIGINT)" : "t.shard",
             ks->col_retired < 0 ? "CAST(0 AS BIGINT)" : "t.updated_ms");
  for (size_t i = 0; i < ks->n_scopes; i++)
    buf_printf(b, ", t.\"%s\"", ks->k->fields[ks->scopes[i]].name);
  buf_printf(b, " FROM %s t WHERE t.id ", ks->table);
  if (many) {
    buf_lit(b, "IN ");
    in_list(b);
  } else {
    buf_lit(b, "= $1");
  }
  return keep(b);
}

static int unique(struct kind_sql *ks, struct buf *b, struct str names, struct err *e) {
  const struct kind *k = ks->k;
  if (ks->n_uniques == LIMIT_UNIQUES) return err_field(e, E_BUG, "too many uniques", k->name);
  struct unique_sql *u = &ks->uniques[ks->n_uniques++];
  size_t p = 2;
  buf_printf(b, "SELECT %s FROM %s t WHERE t.id <> $1 AND t.retired = 0", ks->columns, ks->table);
  if (ks->col_op >= 0) buf_printf(b, " AND t.op = $%zu", p++);
  while (names.p) {
    int f;
    if (!field_find(k, str_trim(str_split(&names, ',')), &f) || u->n == LIMIT_UNIQUE_FIELDS)
      return err_field(e, E_BUG, "a unique of unknown or too many fields", k->name);
    const uint32_t flags = k->fields[f].flags;
    if (flags & FF_SEALED && !(flags & FF_LOOKUP))
      return err_field(e, E_BUG, "a sealed field can be unique only with look-up", k->name);
    u->fields[u->n++] = f;
    buf_printf(b, " AND t.\"%s%s\" = $%zu", k->fields[f].name, flags & FF_LOOKUP ? "_bi" : "", p++);
  }
  buf_lit(b, " LIMIT 1");
  u->find = (struct query){k->name, keep(b), NULL};
  return 0;
}

static int uniques(struct kind_sql *ks, struct buf *b, struct err *e) {
  const struct kind *k = ks->k;
  int r = 0;
  for (size_t f = 0; f < k->n_fields && r == 0; f++)
    if (k->fields[f].flags & FF_KEY) r = unique(ks, b, field_name(k, f), e);
  for (const char *const *u = k->uniques; u && *u && r == 0; u++)
    r = unique(ks, b, str_from(*u), e);
  if (r == 0 && ks->n_uniques && k->flags & KF_EVENT)
    return err_field(e, E_BUG, "events cannot be unique by a field", k->name);
  return r;
}

static int event_refs(struct kind_sql *ks, struct err *e) {
  for (size_t f = 0; f < ks->k->n_fields; f++) {
    const struct field *fd = &ks->k->fields[f];
    const struct kind *target = fd->type == FT_REF ? kind_by_name(str_from(fd->ref)) : NULL;
    if (!target || !(target->flags & KF_EVENT)) continue;
    if (ks->n_event_refs == MAX_EVENT_REFS)
      return err_field(e, E_BUG, "too many references to events", ks->k->name);
    ks->event_refs[ks->n_event_refs++] = (int)f;
  }
  return 0;
}

static int build(struct kind_sql *ks, struct buf *b, struct err *e) {
  const struct kind *k = ks->k;
  enum val_type types[LIMIT_FIELDS_PER_KIND * 2 + 16];
  buf_printf(b, "\"%s\"", k->name);
  ks->table = keep(b);
  for (int f; ks->n_scopes < MAX_SCOPES && kind_scope_field(k, (int)ks->n_scopes, &f);)
    ks->scopes[ks->n_scopes++] = f;
  int r = event_refs(ks, e);
  if (r < 0) return r;
  columns(ks, b);
  ks->columns = keep(b);

  buf_printf(b, "SELECT %s FROM %s t WHERE t.id = $1", ks->columns, ks->table);
  ks->by_id = (struct query){k->name, keep(b), NULL};
  buf_printf(b, "SELECT %s FROM %s t WHERE t.id IN ", ks->columns, ks->table);
  in_list(b);
  ks->by_ids = (struct query){k->name, keep(b), NULL};
  ks->head = (struct query){k->name, head_sql(ks, b, false), NULL};
  ks->heads = (struct query){k->name, head_sql(ks, b, true), NULL};
  buf_printf(b, "SELECT %s FROM %s t WHERE %s ORDER BY t.id", ks->columns, ks->table,
             ks->col_op < 0 ? "CAST($1 AS BIGINT) IS NOT NULL" : "t.op = $1");
  ks->each = (struct query){k->name, keep(b), NULL};

  insert_columns(ks, b, types);
  if (ks->n_insert > LIMIT_PARAMS || ks->n_columns > LIMIT_COLUMNS)
    return err_field(e, E_BUG, "a kind has more columns than a statement may", k->name);
  const char *list = keep(b);
  enum val_type *kept = arena_array(made.a, enum val_type, ks->n_insert);
  memcpy(kept, types, ks->n_insert * sizeof *kept);
  ks->bulk = (struct bulk){.name = k->name,
                           .table = ks->table,
                           .columns = list,
                           .types = kept,
                           .n_columns = ks->n_insert};
  buf_printf(b, "INSERT INTO %s (%s) VALUES (", ks->table, list);
  for (size_t i = 1; i <= ks->n_insert; i++) buf_printf(b, "%s$%zu", i > 1 ? ", " : "", i);
  buf_lit(b, ")");
  ks->insert = (struct query){k->name, keep(b), NULL};
  if (k->flags & KF_EVENT) {
    buf_printf(b, "SELECT t.id, %s, t.created_by, t.digest FROM %s t WHERE t.id IN ",
               ks->col_op < 0 ? "CAST(0 AS BIGINT)" : "t.op", ks->table);
    in_list(b);
    ks->digests = (struct query){k->name, keep(b), NULL};
  } else {
    update_sql(ks, b);
    ks->update = (struct query){k->name, keep(b), NULL};
    if (ks->n_update > LIMIT_PARAMS)
      return err_field(e, E_BUG, "a kind has more columns than a statement may", k->name);
  }
  r = uniques(ks, b, e);
  if (r < 0) return r;
  if (!buf_ok(b) || arena_failed(made.a)) return err_set(e, E_NOMEM, "no memory for statements");
  return 0;
}

int kind_sql_init(struct err *e) {
  kind_sql_done();
  made.a = arena_create(MIB(8));
  if (!made.a) return err_set(e, E_NOMEM, "no memory for statements");
  made.n = kinds_count();
  made.kinds = arena_array(made.a, struct kind_sql, made.n);
  struct buf b = BUF_INIT(LIMIT_SQL_TEXT);
  int r = 0;
  for (size_t i = 0; i < made.n && r == 0; i++) {
    made.kinds[i].k = kind_at(i);
    r = build(&made.kinds[i], &b, e);
  }
  buf_done(&b);
  return r;
}

void kind_sql_each(void (*fn)(const struct query *, void *), void *arg) {
  for (size_t i = 0; i < made.n; i++) {
    const struct kind_sql *ks = &made.kinds[i];
    const struct query *const all[] = {&ks->by_id, &ks->by_ids, &ks->head,   &ks->heads,
                                       &ks->each,  &ks->insert, &ks->update, &ks->digests};
    for (size_t q = 0; q < ARRAY_LEN(all); q++)
      if (all[q]->sql) fn(all[q], arg);
    for (size_t u = 0; u < ks->n_uniques; u++) fn(&ks->uniques[u].find, arg);
  }
}

/* ---- rows ---- */

struct record *row_record(const struct cur *c, const struct kind_sql *ks, struct arena *a) {
  const struct kind *k = ks->k;
  struct record *r = record_make(a, k);
  r->id = cur_uuid(c, 0);
  if (ks->col_op >= 0) r->op = cur_i64(c, (size_t)ks->col_op);
  if (ks->col_shard >= 0) r->shard = (int32_t)cur_i64(c, (size_t)ks->col_shard);
  r->seq = cur_i64(c, (size_t)ks->col_seq);
  r->created_ms = r->updated_ms = cur_i64(c, (size_t)ks->col_created_ms);
  r->created_by = r->updated_by = cur_uuid(c, (size_t)ks->col_created_by);
  if (ks->col_rev >= 0) {
    r->rev = cur_i64(c, (size_t)ks->col_rev);
    r->retired = cur_i64(c, (size_t)ks->col_retired) != 0;
    r->updated_ms = cur_i64(c, (size_t)ks->col_updated_ms);
    r->updated_by = cur_uuid(c, (size_t)ks->col_updated_by);
  }
  if (ks->col_state >= 0) {
    r->state = arena_dup(a, cur_text(c, (size_t)ks->col_state));
    r->state_by = cur_uuid(c, (size_t)ks->col_state_by);
  }
  for (size_t f = 0; f < k->n_fields; f++) {
    const size_t col = (size_t)ks->col_field[f];
    if (cur_null(c, col)) continue;
    if (k->fields[f].flags & FF_SEALED) {
      r->sealed[f] = arena_dup(a, cur_blob(c, col));
      if (ks->col_blind[f] >= 0) r->blind[f] = arena_dup(a, cur_blob(c, (size_t)ks->col_blind[f]));
      continue;
    }
    switch (field_type(&k->fields[f])->storage) {
    case VAL_I64:
      r->v[f] = V_I64(cur_i64(c, col));
      break;
    case VAL_TEXT:
      r->v[f] = V_TEXT(arena_dup(a, cur_text(c, col)));
      break;
    case VAL_UUID:
      r->v[f] = V_UUID(cur_uuid(c, col));
      break;
    case VAL_BLOB:
      r->v[f] = V_BLOB(arena_dup(a, cur_blob(c, col)));
      break;
    case VAL_F64:
      r->v[f] = V_F64(cur_f64(c, col));
      break;
    case VAL_NULL:
      break;
    }
  }
  return r;
}

static size_t field_params(const struct kind *k, const struct record *r, struct val *p) {
  size_t n = 0;
  for (size_t f = 0; f < k->n_fields; f++) {
    if (!(k->fields[f].flags & FF_SEALED)) {
      p[n++] = r->v[f];
      continue;
    }
    p[n++] = V_BLOB(r->sealed[f]);
    if (!(k->fields[f].flags & FF_LOOKUP)) continue;
    p[n++] = r->sealed[f].p ? V_BLOB(r->blind[f]) : V_NULL;
  }
  return n;
}

size_t row_insert_params(const struct kind_sql *ks, const struct record *r, const struct change *c,
                         struct val *p) {
  const struct kind *k = ks->k;
  size_t n = 0;
  p[n++] = V_UUID(r->id);
  if (ks->col_op >= 0) p[n++] = V_I64(r->op);
  assert(r->kind == k && !uuid_is_nil(&r->id));
  if (ks->col_shard >= 0) p[n++] = V_I64(r->shard);
  p[n++] = V_I64(r->seq);
  p[n++] = V_I64(r->created_ms);
  p[n++] = V_UUID(r->created_by);
  if (k->flags & KF_EVENT) {
    p[n++] = V_BLOB(change_digest(c));
  } else {
    p[n++] = V_I64(r->rev);
    p[n++] = V_I64(r->retired);
    p[n++] = V_I64(r->updated_ms);
    p[n++] = V_UUID(r->updated_by);
    if (ks->col_state >= 0) {
      p[n++] = V_TEXT(r->state);
      p[n++] = V_UUID(r->state_by);
    }
  }
  return n + field_params(k, r, p + n);
}

size_t row_update_params(const struct kind_sql *ks, const struct record *r, int64_t old_rev,
                         struct val *p) {
  size_t n = 0;
  p[n++] = V_UUID(r->id);
  p[n++] = V_I64(old_rev);
  p[n++] = V_I64(r->seq);
  p[n++] = V_I64(r->rev);
  p[n++] = V_I64(r->retired);
  p[n++] = V_I64(r->updated_ms);
  p[n++] = V_UUID(r->updated_by);
  if (ks->col_state >= 0) {
    p[n++] = V_TEXT(r->state);
    p[n++] = V_UUID(r->state_by);
  }
  return n + field_params(ks->k, r, p + n);
}
