#include "store/bulk.h"
#include <assert.h>

static void head(struct buf *out, const struct bulk *b) {
  buf_printf(out, "INSERT INTO %s (%s) ", b->table, b->columns);
}

void bulk_values_sql(struct buf *out, const struct bulk *b) {
  assert(b->n_columns);
  head(out, b);
  for (size_t k = 0; k < b->n_columns; k++) buf_str_add(out, str_from(k ? ",?" : "VALUES (?"));
  buf_char(out, ')');
  if (b->conflict) buf_printf(out, " %s", b->conflict);
}

static const char *array_type(enum val_type t) {
  switch (t) {
  case VAL_I64:
    return "bigint[]";
  case VAL_BLOB:
    return "bytea[]";
  case VAL_UUID:
    return "uuid[]";
  case VAL_F64:
    return "float8[]";
  case VAL_TEXT:
  case VAL_NULL:
    return "text[]";
  }
  return "text[]";
}

void bulk_unnest_sql(struct buf *out, const struct bulk *b) {
  assert(b->n_columns);
  head(out, b);
  buf_lit(out, "SELECT * FROM unnest(");
  for (size_t k = 0; k < b->n_columns; k++)
    buf_printf(out, "%s$%zu::%s", k ? "," : "", k + 1, array_type(b->types[k]));
  buf_char(out, ')');
  if (b->conflict) buf_printf(out, " %s", b->conflict);
}
