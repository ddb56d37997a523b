/* The sections of a handover's page (api/page.h): who handed over to whom with what was left to do,
 * and the visitors who were inside then. On the request's thread; all memory is the request's. */
#ifndef DOMAIN_GATE_HANDOVER_PAGE_H
#define DOMAIN_GATE_HANDOVER_PAGE_H

#include "api/page.h"

_must_check_ int handover_section(struct rq *rq, struct tx *tx, const struct record *rec,
                                  struct jw *w, struct err *e);
_must_check_ int handover_inside_section(struct rq *rq, struct tx *tx, const struct record *rec,
                                         struct jw *w, struct err *e);

#endif
