/* What backup.c and restore.c share: the form of a backup file. It is a SQLite file with the tables
 * of the store and one more, backup_info (key, value): "format", "version" (of the schema),
 * "engine", and "rows:<table>" for each table. The file is written under another name and renamed
 * when it is complete and synced. */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/store_impl.h"
#include <sqlite3.h>

#define BACKUP_FORMAT         1
#define BACKUP_APPLICATION_ID 0x53574231 /* SWB1 */

/* A table's columns as the engine declares them, and what each holds. */
struct table_column {
  struct str name;
  enum val_type type;
};
struct table_shape {
  struct str name;
  struct table_column columns[LIMIT_COLUMNS];
  size_t n;
};

/* Tables of the store, without schema_migrations, in order; the arena owns the names. */
_must_check_ int shape_tables(struct tx *tx, struct arena *a, struct str **ret_names, size_t *ret_n,
                              struct err *e);
_must_check_ int shape_of(struct tx *tx, struct arena *a, struct str table,
                          struct table_shape *ret_shape, struct err *e);
/* "a", "b", … quoted. */
void shape_names(struct buf *out, const struct table_shape *t);
_must_check_ int shape_count(struct tx *tx, struct str table, int64_t *ret_n, struct err *e);
void sql_name(struct buf *out, struct str name);

#endif
