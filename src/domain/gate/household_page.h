/* What the gate contributes to a household's page (api/page.h): its passes, who went out and came
 * back, its visitors of the day, clashes to resolve. The table is static; its functions run on the
 * request's thread, and all memory is the request's. */
#ifndef DOMAIN_GATE_HOUSEHOLD_PAGE_H
#define DOMAIN_GATE_HOUSEHOLD_PAGE_H

#include "api/page.h"

extern const struct page_section gate_sections[]; /* ends with {0} */

#endif
