/* The area of the register: enterprises, their contacts, their way back to work, filings and who
 * answers for what. Each kind has a header of its own; this one names the area to modules.c. Static
 * and read-only. */
#ifndef DOMAIN_ENTERPRISES_ENTERPRISES_H
#define DOMAIN_ENTERPRISES_ENTERPRISES_H

#include "core/module.h"

extern const struct module enterprises_module;
extern const struct alarm_type alarm_filing_unchecked, alarm_filing_undecided;

#endif
