/* The module that everything stands on: settings, receipts, sessions and what is kept in memory of
 * the database. The first line of modules.c. Static. */
#ifndef CORE_CORE_MODULE_H
#define CORE_CORE_MODULE_H

#include "core/module.h"

extern const struct module core_module;

#endif
