/* The module of phones: what has changed for them, what they have queued, what is held for a
 * person, and their registration. Static. */
#ifndef SYNC_SYNC_MODULE_H
#define SYNC_SYNC_MODULE_H

#include "api/api.h"

extern const struct module sync_module;

int changes_get(struct rq *rq, struct jw *w, struct err *e);
int changes_rows(struct rq *rq, struct jw *w, struct err *e); /* changes_rows.c */
int batch_post(struct rq *rq, struct err *e);

#endif
