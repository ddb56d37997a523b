/* What a gate's people and their lead look at through the day: passages by the hour, who is inside
 * and who is not back yet, what stands unresolved beside the figures, and the gate's part of a
 * household's page. Handlers run on HTTP threads; all memory is the request's. */
#ifndef DOMAIN_GATE_WATCH_H
#define DOMAIN_GATE_WATCH_H

#include "api/api.h"

int gate_hours(struct rq *rq, struct jw *w, struct err *e); /* GET gate/hours?unit=&date=[&post=] */
int gate_inside(struct rq *rq, struct jw *w, struct err *e); /* GET gate/inside?unit=|post= */
_must_check_ int watch_start(struct app *app, struct err *e);

#endif
