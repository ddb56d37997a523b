#include "store/backup.h"
#include <stdio.h>

static const char tables_sqlite[] =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    " AND name NOT IN ('schema_migrations', 'backup_info') ORDER BY name";
static const char tables_postgres[] =
    "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
    " AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
    " AND relname <> 'schema_migrations' ORDER BY relname::text COLLATE \"C\"";
static const char columns_sqlite[] = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid";
static const char columns_postgres[] =
    "SELECT a.attname::text, format_type(a.atttypid, NULL) FROM pg_attribute a JOIN pg_class c"
    " ON c.oid = a.attrelid WHERE c.relname = $1"
    " AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
    " AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum";

static const struct {
  const char *name;
  enum val_type type;
} types[] = {
    {"bigint", VAL_I64},           {"integer", VAL_I64}, {"smallint", VAL_I64}, {"text", VAL_TEXT},
    {"bytea", VAL_BLOB},           {"blob", VAL_BLOB},   {"uuid", VAL_UUID},    {"real", VAL_F64},
    {"double precision", VAL_F64}, {"int", VAL_I64},
};

void sql_name(struct buf *out, struct str name) {
  buf_char(out, '"');
  for (size_t i = 0; i < name.n; i++) {
    if (name.p[i] == '"') buf_char(out, '"');
    buf_char(out, name.p[i]);
  }
  buf_char(out, '"');
}

int shape_tables(struct tx *tx, struct arena *a, struct str **ret_names, size_t *ret_n,
                 struct err *e) {
  enum { MOST = LIMIT_KINDS * 4 };
  struct str *names = arena_array(a, struct str, MOST);
  _cleanup_(cur_donep) struct cur *c = NULL;
  size_t n = 0;
  struct str sql = tx_engine(tx) == ENGINE_SQLITE ? S(tables_sqlite) : S(tables_postgres);
  int r = cur_open_sql(tx, sql, P_NONE, &c, e);
  while (r == 0 && (r = cur_next(c, e)) == 1) {
    r = 0;
    if (n == MOST) return err_set(e, E_TOO_LARGE, "too many tables");
    names[n++] = arena_dup(a, cur_text(c, 0));
  }
  if (r < 0) return r;
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the tables' names");
  *ret_names = names;
  *ret_n = n;
  return 0;
}

int shape_of(struct tx *tx, struct arena *a, struct str table, struct table_shape *ret_shape,
             struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct table_shape t = {.name = table};
  struct str sql = tx_engine(tx) == ENGINE_SQLITE ? S(columns_sqlite) : S(columns_postgres);
  int r = cur_open_sql(tx, sql, P(V_TEXT(table)), &c, e);
  while (r == 0 && (r = cur_next(c, e)) == 1) {
    struct str type = cur_text(c, 1);
    size_t k = 0;
    r = 0;
    while (k < ARRAY_LEN(types) &&
           (strlen(types[k].name) != type.n || strncasecmp(types[k].name, type.p, type.n) != 0))
      k++;
    if (t.n == LIMIT_COLUMNS || k == ARRAY_LEN(types)) {
      char name[64];
      snprintf(name, sizeof name, STR_FMT "." STR_FMT, STR_ARG(table), STR_ARG(cur_text(c, 0)));
      return err_field(e, E_BUG, "a column of a type that is not copied", name);
    }
    t.columns[t.n++] = (struct table_column){arena_dup(a, cur_text(c, 0)), types[k].type};
  }
  if (r < 0) return r;
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for the columns' names");
  *ret_shape = t;
  return 0;
}

void shape_names(struct buf *out, const struct table_shape *t) {
  for (size_t i = 0; i < t->n; i++) {
    if (i) buf_lit(out, ", ");
    sql_name(out, t->columns[i].name);
  }
}

int shape_count(struct tx *tx, struct str table, int64_t *ret_n, struct err *e) {
  _cleanup_(buf_done) struct buf sql = BUF_INIT(KIB(1));
  _cleanup_(cur_donep) struct cur *c = NULL;
  buf_lit(&sql, "SELECT count(*) FROM ");
  sql_name(&sql, table);
  int r = cur_open_sql(tx, buf_str(&sql), P_NONE, &c, e);
  if (r == 0) r = cur_next(c, e);
  if (r < 0) return r;
  *ret_n = cur_i64(c, 0);
  return 0;
}
