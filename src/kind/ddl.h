/* DDL for both engines out of the kinds' tables and of the few tables that are not kinds (the
 * engine's own, and those that modules declare as `struct table_def`). Also the statements that
 * the engine keeps per kind. Static text lives for ever; made once at start. */
#ifndef KIND_DDL_H
#define KIND_DDL_H

#include "kind/kind.h"

/* A table that is no kind. `columns` names each column with one of the words i64, text, blob,
 * uuid, followed by constraints, e.g. "token blob PRIMARY KEY, user uuid NOT NULL, at_ms i64":
 * the words are replaced by each engine's types. `after` is further DDL (indexes, triggers). */
struct table_def {
  const char *name;
  const char *columns;
  const char *after; /* the same on both engines; may be NULL */
  const char *after_sqlite;
  const char *after_postgres;
  bool clustered; /* rows lie in the order of the primary key (SQLite: WITHOUT ROWID) */
};
/* Tables of upper layers: registered before schema_sql is called, kept by pointer. */
void schema_add_tables(const struct table_def *tables, size_t n);

/* Built by kinds_init, undone by kinds_done (kind_sql.c). */
_must_check_ int kind_sql_init(struct err *e);
void kind_sql_done(void);
/* Every statement the engine made, for the test that prepares them all. */
void kind_sql_each(void (*fn)(const struct query *q, void *arg), void *arg);

/* Has its table the column `shard`? Not those of no operation, and not events. */
bool kind_has_shard(const struct kind *k);
/* Every table with its indexes, by name. */
void schema_sql(struct buf *out, enum engine e);
/* What the next pair of migration files must hold after these (ddl_step.c). *ret_cannot gets a line
 * for each difference that must be written by hand; `out` is of no use then. */
_must_check_ int schema_next_step(const struct migration *list, size_t n, struct buf *out,
                                  struct buf *ret_cannot, struct err *e);

#endif
