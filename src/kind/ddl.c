#include "kind/ddl.h"
#include "base/limits.h"
#include "kind/record.h"
#include "kind/type.h"
#include <assert.h>
#include <stdlib.h>

static const char *sql_type(enum val_type t, enum engine e) {
  const bool pg = e == ENGINE_POSTGRES;
  switch (t) {
  case VAL_I64:
    return pg ? "BIGINT" : "INTEGER";
  case VAL_TEXT:
    return pg ? "TEXT COLLATE \"C\"" : "TEXT";
  case VAL_UUID:
    return pg ? "UUID" : "BLOB";
  case VAL_F64:
    return pg ? "DOUBLE PRECISION" : "REAL";
  case VAL_BLOB:
  case VAL_NULL:
    break;
  }
  return pg ? "BYTEA" : "BLOB";
}

/* The engine's own tables. Those of upper layers are added by schema_add_tables. */
static const struct table_def own_tables[] = {
    {.name = "history",
     .columns = "kind i64 NOT NULL, id uuid NOT NULL, rev i64 NOT NULL, op i64, unit i64, "
                "at_ms i64 NOT NULL, actor uuid, action text NOT NULL, reason text, changes text, "
                "PRIMARY KEY (kind, id, rev)"},
    {.name = "receipt",
     .columns = "id uuid PRIMARY KEY, op i64, unit i64, actor uuid, digest blob NOT NULL, "
                "status i64 NOT NULL, answer text, at_ms i64 NOT NULL",
     .after = "CREATE INDEX receipt_at ON receipt (at_ms)"},
    {.name = "unit_seq", .columns = "unit i64 PRIMARY KEY, seq i64 NOT NULL"},
    /* What has left a unit, for whoever keeps a copy of that unit's records. */
    {.name = "tombstone",
     .columns = "unit i64 NOT NULL, kind i64 NOT NULL, id uuid NOT NULL, op i64, seq i64 NOT NULL, "
                "PRIMARY KEY (unit, kind, id)",
     .after = "CREATE INDEX tombstone_by_seq ON tombstone (unit, seq)",
     .clustered = true},
    {.name = "unit_spell",
     .columns = "unit i64 NOT NULL, from_day i64 NOT NULL, to_day i64 NOT NULL, "
                "parent i64 NOT NULL, PRIMARY KEY (unit, from_day)",
     .after = "CREATE INDEX unit_spell_parent ON unit_spell (parent)"},
    {.name = "merge",
     .columns = "id uuid PRIMARY KEY, kind i64 NOT NULL, op i64, winner uuid NOT NULL, "
                "loser uuid NOT NULL, at_ms i64 NOT NULL, actor uuid, moved text NOT NULL, "
                "undone_ms i64",
     .after = "CREATE INDEX merge_winner ON merge (winner)"},
};

enum { EXTRA_TABLE_SETS = 16 };
static struct {
  const struct table_def *tables;
  size_t n;
} extra[EXTRA_TABLE_SETS];
static size_t n_extra;

void schema_add_tables(const struct table_def *tables, size_t n) {
  for (size_t i = 0; i < n_extra; i++)
    if (extra[i].tables == tables) return;
  if (n_extra == EXTRA_TABLE_SETS) return;
  extra[n_extra].tables = tables;
  extra[n_extra++].n = n;
}

/* An event's home never changes: its unit, which its key begins with, is its shard. */
bool kind_has_shard(const struct kind *k) {
  return !(k->flags & (KF_EVENT | KF_GLOBAL));
}

static void column(struct buf *out, const char *name, enum val_type t, const char *more,
                   enum engine e) {
  buf_printf(out, ",\n  %s %s%s", name, sql_type(t, e), more);
}

static bool lone_key(const struct field *f) {
  return (f->flags & FF_KEY) != 0;
}

/* "unit, day", or with a condition: "corrects WHERE corrects IS NOT NULL". */
static void further_index(struct buf *out, const struct kind *k, int n, const char *what) {
  struct str columns = str_from(what), where = S("");
  const bool unique = str_ends(columns, S(" UNIQUE"));
  if (unique) columns = str_sub(columns, 0, columns.n - strlen(" UNIQUE"));
  const char *at = strstr(what, " WHERE ");
  if (at) where = str_sub(columns, (size_t)(at - what), columns.n);
  columns = str_sub(columns, 0, columns.n - where.n);
  buf_printf(out, "CREATE %sINDEX ix_%s_index_%d ON %s (" STR_FMT ")" STR_FMT ";\n",
             unique ? "UNIQUE " : "", k->name, n, k->name, STR_ARG(columns), STR_ARG(where));
}

static void kind_indexes(struct buf *out, const struct kind *k) {
  const char *op = k->flags & KF_GLOBAL ? "" : "op, ";
  int scope;
  for (size_t i = 0; i < k->n_fields; i++) {
    const struct field *f = &k->fields[i];
    const char *column_name = f->name;
    /* A list's order, read from the index (kind/list_order.c); else a look-up by the value alone.
     */
    const bool order = field_sorts_wide(f);
    char blind[64];
    if (f->flags & FF_LOOKUP) {
      struct buf b = BUF_INIT(sizeof blind);
      buf_printf(&b, "%s_bi", f->name);
      memcpy(blind, buf_z(&b), b.n + 1);
      buf_done(&b);
      column_name = blind;
    }
    if (lone_key(f)) {
      buf_printf(out, "CREATE UNIQUE INDEX ix_%s_%s_key ON %s (%s%s) WHERE retired = 0;\n", k->name,
                 f->name, k->name, op, column_name);
      /* the partial one does not serve a look-up that wants retired records too */
    }
    if (lone_key(f) || f->flags & (FF_INDEX | FF_LOOKUP) ||
        (f->type == FT_REF && !(k->flags & KF_EVENT)))
      buf_printf(out, "CREATE INDEX ix_%s_%s ON %s (%s%s%s);\n", k->name, f->name, k->name,
                 order ? op : "", column_name, order ? ", id" : "");
    else if (f->flags & FF_SCOPE && !(k->flags & KF_EVENT))
      buf_printf(out, "CREATE INDEX ix_%s_%s ON %s (%s, id);\n", k->name, f->name, k->name,
                 column_name);
  }
  if (!(k->flags & KF_EVENT) && k->flags & KF_SYNC && kind_scope_field(k, 0, &scope))
    buf_printf(out, "CREATE INDEX ix_%s_by_seq ON %s (%s, seq);\n", k->name, k->name,
               k->fields[scope].name);
  int n = 0;
  for (const char *const *u = k->uniques; u && *u; u++)
    buf_printf(out, "CREATE UNIQUE INDEX ix_%s_unique_%d ON %s (%s%s) WHERE retired = 0;\n",
               k->name, ++n, k->name, op, *u);
  n = 0;
  for (const char *const *x = k->indexes; x && *x; x++) further_index(out, k, ++n, *x);
  for (const struct deadline *d = k->deadlines; d && d->no; d++) {
    buf_printf(out, "CREATE INDEX ix_%s_deadline_%d ON %s (op, %s) WHERE ", k->name, (int)d->no,
               k->name, d->field);
    deadline_where(out, d);
    buf_lit(out, ";\n");
  }
}

static void kind_table(struct buf *out, const struct kind *k, enum engine e) {
  const bool event = k->flags & KF_EVENT;
  const int scope = event ? kind_home(k) : 0;
  buf_printf(out, "CREATE TABLE %s (\n  id %s%s", k->name, sql_type(VAL_UUID, e),
             event ? " NOT NULL" : " PRIMARY KEY");
  if (!(k->flags & KF_GLOBAL)) column(out, "op", VAL_I64, " NOT NULL", e);
  for (size_t i = 0; i < k->n_fields; i++) {
    const struct field *f = &k->fields[i];
    const bool sealed = f->flags & FF_SEALED;
    column(out, f->name, sealed ? VAL_BLOB : field_type(f)->storage,
           event && (int)i == scope ? " NOT NULL" : "", e);
    if (f->flags & FF_LOOKUP) {
      buf_printf(out, ",\n  %s_bi %s", f->name, sql_type(VAL_BLOB, e));
    }
  }
  if (kind_has_shard(k)) column(out, "shard", VAL_I64, " NOT NULL DEFAULT 0", e);
  column(out, "seq", VAL_I64, " NOT NULL", e);
  if (event) {
    column(out, "created_ms", VAL_I64, " NOT NULL", e);
    column(out, "created_by", VAL_UUID, "", e);
    column(out, "digest", VAL_BLOB, "", e);
    buf_printf(out, ",\n  PRIMARY KEY (%s, seq)\n)", k->fields[scope].name);
  } else {
    column(out, "rev", VAL_I64, " NOT NULL", e);
    if (k->states) {
      column(out, "state", VAL_TEXT, " NOT NULL", e);
      column(out, "state_by", VAL_UUID, "", e);
    }
    column(out, "retired", VAL_I64, " NOT NULL", e);
    column(out, "created_ms", VAL_I64, " NOT NULL", e);
    column(out, "created_by", VAL_UUID, "", e);
    column(out, "updated_ms", VAL_I64, " NOT NULL", e);
    column(out, "updated_by", VAL_UUID, "", e);
    buf_lit(out, "\n)");
  }
  buf_str_add(out, e == ENGINE_SQLITE ? (event ? S(" STRICT, WITHOUT ROWID;\n") : S(" STRICT;\n"))
                                      : S(";\n"));
  if (event) buf_printf(out, "CREATE UNIQUE INDEX ix_%s_id ON %s (id);\n", k->name, k->name);
  kind_indexes(out, k);
}

static bool word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Copies the columns, replacing the words i64, text, blob and uuid by the engine's types. */
static void typed_columns(struct buf *out, const char *columns, enum engine e) {
  static const struct {
    const char *word;
    enum val_type t;
  } types[] = {{"i64", VAL_I64}, {"text", VAL_TEXT}, {"blob", VAL_BLOB}, {"uuid", VAL_UUID}};
  for (const char *p = columns; *p;) {
    if (!word_char(*p)) {
      buf_char(out, *p++);
      continue;
    }
    const char *end = p;
    while (word_char(*end)) end++;
    struct str word = {p, (size_t)(end - p)};
    const char *as = NULL;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
      if (str_is(word, types[i].word)) as = sql_type(types[i].t, e);
    buf_str_add(out, as ? str_from(as) : word);
    p = end;
  }
}

static void plain_table(struct buf *out, const struct table_def *t, enum engine e) {
  const char *more = e == ENGINE_SQLITE ? t->after_sqlite : t->after_postgres;
  buf_printf(out, "CREATE TABLE %s (\n  ", t->name);
  typed_columns(out, t->columns, e);
  if (e == ENGINE_SQLITE)
    buf_str_add(out, t->clustered ? S("\n) STRICT, WITHOUT ROWID;\n") : S("\n) STRICT;\n"));
  else
    buf_lit(out, "\n);\n");
  if (t->after) buf_printf(out, "%s;\n", t->after);
  if (more) buf_printf(out, "%s;\n", more);
}

struct schema_table {
  const char *name;
  const struct table_def *def; /* or */
  const struct kind *kind;
};

static int by_name(const void *a, const void *b) {
  return strcmp(((const struct schema_table *)a)->name, ((const struct schema_table *)b)->name);
}

/* By name, so that a further table moves no other one. */
void schema_sql(struct buf *out, enum engine e) {
  struct schema_table all[LIMIT_KINDS * 2];
  size_t n = 0;
  for (size_t i = 0; i < ARRAY_LEN(own_tables); i++)
    all[n++] = (struct schema_table){.name = own_tables[i].name, .def = &own_tables[i]};
  for (size_t s = 0; s < n_extra; s++)
    for (size_t i = 0; i < extra[s].n && n < ARRAY_LEN(all); i++)
      all[n++] = (struct schema_table){.name = extra[s].tables[i].name, .def = &extra[s].tables[i]};
  for (size_t i = 0; i < kinds_count() && n < ARRAY_LEN(all); i++)
    all[n++] = (struct schema_table){.name = kind_at(i)->name, .kind = kind_at(i)};
  assert(n < ARRAY_LEN(all));
  qsort(all, n, sizeof *all, by_name);
  for (size_t i = 0; i < n; i++) {
    if (all[i].def)
      plain_table(out, all[i].def, e);
    else
      kind_table(out, all[i].kind, e);
  }
}
