/* The module that every area stands on: alarms, the outbox, settings, figures' routes, changes,
 * batch and metrics. The first line of modules.c. Static. */
#ifndef APP_PLATFORM_H
#define APP_PLATFORM_H

#include "app/module.h"

extern const struct module platform_module;

#endif
