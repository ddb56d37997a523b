/* The module of the figures: their right, and their part in a commit. Its handlers stand in api/.
 * Static. */
#ifndef FIGURES_FIGURES_MODULE_H
#define FIGURES_FIGURES_MODULE_H

#include "core/module.h"

extern const struct module figures_module;

#endif
