/* Over HTTP: an area's routes call these with its row (reading.h). On a worker's thread; but for
 * the forms, since a register of fifty thousand names is read for it. */
#ifndef INTAKE_READING_API_H
#define INTAKE_READING_API_H

#include "api/api.h"
#include "intake/reading.h"

int intake_forms(struct rq *rq, const struct intake *area, struct jw *w, struct err *e);
int intake_paste(struct rq *rq, const struct intake *area, struct jw *w, struct err *e);
int intake_sheet(struct rq *rq, const struct intake *area, struct jw *w, struct err *e);
int intake_take(struct rq *rq, const struct intake *area, struct jw *w, struct err *e);

#endif
