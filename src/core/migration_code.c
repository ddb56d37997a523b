#include "core/migrations.h"

/* The C steps, by the number of their migration; store/store.h says how they run. The argument is
 * the struct app, whose store, keys and clock are open, and nothing else. */
const struct migration_code migration_code[] = {{0}};
