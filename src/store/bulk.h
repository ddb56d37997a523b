/* The text of bulk statements for both engines. Appends to the caller's buffer, owns nothing. */
#ifndef STORE_BULK_H
#define STORE_BULK_H

#include "store/store_impl.h"

/* INSERT … VALUES (?,?…): one row. Several to a statement are slower in SQLite: such a statement
 * can fail half-way, so it first copies every page that it changes. */
void bulk_values_sql(struct buf *out, const struct bulk *b);
/* INSERT … SELECT * FROM unnest($1::bigint[], …) */
void bulk_unnest_sql(struct buf *out, const struct bulk *b);

#endif
