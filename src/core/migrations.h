/* The steps from an empty database to the present schema, embedded from src/core/migrations/
 * (NNNN-name.sqlite.sql and NNNN-name.postgresql.sql). A released step is never edited. Static. */
#ifndef CORE_MIGRATIONS_H
#define CORE_MIGRATIONS_H

#include "store/store.h"

extern const struct migration migrations[];
extern const size_t n_migrations;
/* What they do in C beside (migration_code.c). */
extern const struct migration_code migration_code[];

#endif
