/* What the gate contributes to a household's page (app/page.h). Static. */
#ifndef DOMAIN_GATE_HOUSEHOLD_PAGE_H
#define DOMAIN_GATE_HOUSEHOLD_PAGE_H

#include "app/page.h"

extern const struct page_section gate_sections[]; /* ends with {0} */

#endif
