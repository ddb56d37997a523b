/* Steps of a migration, for store_migrate() and store_restore(). But for the lock, all
 * run inside the caller's transaction; nothing is owned. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/store_impl.h"

_must_check_ int migrate_check_list(const struct migration *list, size_t n, struct err *e);
/* Between transactions: until unlocked, no other process migrates or restores. */
_must_check_ int migrate_lock(struct tx *tx, struct err *e);
void migrate_unlock(struct tx *tx);
_must_check_ int migrate_version(struct tx *tx, int *ret_number, struct err *e);
/* The migration whose C step is not at its end; 0: none. */
_must_check_ int migrate_unfinished(struct tx *tx, int *ret_number, struct err *e);
/* The script of one migration, and its row. */
_must_check_ int migrate_one(struct tx *tx, const struct migration *m, struct err *e);

#endif
