/* The area of daily returns: returns and their versions, who is missing, consolidation, links, and
 * what came by chat or mail. Each kind has a header of its own; this one names the area to
 * modules.c. Static and read-only. */
#ifndef DOMAIN_DAILY_RETURNS_DAILY_RETURNS_H
#define DOMAIN_DAILY_RETURNS_DAILY_RETURNS_H

#include "core/module.h"

extern const struct module daily_returns_module;

#endif
