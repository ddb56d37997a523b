/* Every string of every row that the areas declare, checked at start: what it names must be there,
 * what it says must be readable, and nothing may stand twice. kind/rows.h is how it is said; the
 * rows of kinds are looked at in kind/kind_rows.c. Before threads. */
#ifndef APIDOC_ROWS_H
#define APIDOC_ROWS_H

#include "core/module.h"
#include "kind/rows.h"

/* After kinds_check, which registers the kinds and rights that these rows name. */
void rows_check(const struct module *const *list, struct rows *rs);

#endif
