/* The text of bulk statements for both engines. Appends to the caller's buffer, owns nothing. */
#ifndef STORE_BULK_H
#define STORE_BULK_H

#include "store/store_impl.h"

/* Rows of one multi-row INSERT on SQLite; what remains goes row by row. */
enum { BULK_ROWS = 8 };

/* INSERT … VALUES (?,?),(?,?)… */
void bulk_values_sql(struct buf *out, const struct bulk *b, size_t rows);
/* INSERT … SELECT * FROM unnest($1::bigint[], …) */
void bulk_unnest_sql(struct buf *out, const struct bulk *b);

#endif
