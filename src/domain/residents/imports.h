/* The import sheets of residents, and the sections of their pages: tables for the module's row.
 * Static; the functions run where sheets/import.h and api/page.h say. */
#ifndef DOMAIN_RESIDENTS_IMPORTS_H
#define DOMAIN_RESIDENTS_IMPORTS_H

#include "sheets/import.h"
#include "api/page.h"
#include "domain/residents/residents.h"

extern const struct import_plan *const residents_imports[];
extern const struct page_section residents_sections[];

#endif
