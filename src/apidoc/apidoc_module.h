/* The module of what the program says of itself: meta for the screens, the OpenAPI document.
 * Static. */
#ifndef APIDOC_APIDOC_MODULE_H
#define APIDOC_APIDOC_MODULE_H

#include "api/api.h"

extern const struct module apidoc_module;

int api_meta(struct rq *rq, struct jw *w, struct err *e); /* meta.c */

#endif
