/* Routes and jobs of rosters that are more than records: the board, the phone's day, shifts from
 * templates, on-duty photos, and the job that tells the absent from the unheard. Handlers run on
 * HTTP threads; jobs on the jobs' thread. */
#ifndef DOMAIN_ROSTERS_ROSTER_API_H
#define DOMAIN_ROSTERS_ROSTER_API_H

#include "domain/rosters/rosters.h"

int roster_board(struct rq *rq, struct jw *w, struct err *e);
int my_day(struct rq *rq, struct jw *w, struct err *e);
int device_day(struct rq *rq, struct jw *w, struct err *e);
int shifts_generate(struct rq *rq, struct err *e);
int batch_accounts(struct rq *rq, struct err *e);
int photo_post(struct rq *rq, struct err *e);
int photo_get(struct rq *rq, struct err *e);

/* Sealed photos; the table is declared with the schema. */
extern const struct table_def photo_tables[2];
struct job_run;
int photos_expire(struct job_run *run, struct err *e);
/* Says beside the figures which gates' phones have fallen silent. */
int silent_start(struct app *app, struct err *e);
/* Says beside the figures how many shifts have not begun. */
int presence_settle(struct job_run *run, struct err *e);

#endif
