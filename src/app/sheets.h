/* The area of imports and exports, over HTTP and as the list of what was imported. Static. */
#ifndef APP_SHEETS_H
#define APP_SHEETS_H

#include "app/module.h"

extern const struct module sheets_module;
extern const struct route sheet_routes[];

#endif
