/* The area of imports and exports, over HTTP and as the list of what was imported. Static. */
#ifndef SHEETS_SHEETS_H
#define SHEETS_SHEETS_H

#include "core/module.h"

extern const struct module sheets_module;
extern const struct route sheet_routes[];

#endif
