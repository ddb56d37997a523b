/* The steps from an empty database to the present schema, embedded from src/app/migrations/
 * (NNNN-name.sqlite.sql and NNNN-name.postgresql.sql). A released step is never edited. Static. */
#ifndef APP_MIGRATIONS_H
#define APP_MIGRATIONS_H

#include "store/store.h"

extern const struct migration migrations[];
extern const size_t n_migrations;

#endif
