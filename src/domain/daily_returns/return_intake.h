/* Returns that came by chat or mail, for the intake of such texts. Static. */
#ifndef DOMAIN_DAILY_RETURNS_RETURN_INTAKE_H
#define DOMAIN_DAILY_RETURNS_RETURN_INTAKE_H

#include "intake/reading_api.h"
#include "sheets/import.h"

extern const struct intake returns_intake;
extern const struct import_plan *const return_imports[];

/* Routes of daily-returns/: forms, paste, sheet, take. */
int return_forms(struct rq *rq, struct jw *w, struct err *e);
int return_paste(struct rq *rq, struct jw *w, struct err *e);
int return_sheet(struct rq *rq, struct jw *w, struct err *e);
int return_take(struct rq *rq, struct jw *w, struct err *e);

#endif
