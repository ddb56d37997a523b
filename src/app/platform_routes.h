/* The handlers behind platform.c's table of routes. Each replies or returns an error that is
 * replied for it; all memory is the request's. */
#ifndef APP_PLATFORM_ROUTES_H
#define APP_PLATFORM_ROUTES_H

#include "app/api.h"

/* api_figures.c */
int figures_get(struct rq *rq, struct err *e);
int figures_children(struct rq *rq, struct err *e);
int figures_series_get(struct rq *rq, struct err *e);
int figures_records(struct rq *rq, struct err *e);
int figures_stream(struct rq *rq, struct err *e);
int indicators_get(struct rq *rq, struct err *e);
/* api_alarms.c */
int alarm_types_get(struct rq *rq, struct err *e);
int settings_get(struct rq *rq, struct err *e);
int setting_patch(struct rq *rq, struct err *e);
/* api_outbox.c */
int outbox_channels_get(struct rq *rq, struct err *e);
int outbox_test_post(struct rq *rq, struct err *e);
/* api_changes.c, api_batch.c */
int changes_get(struct rq *rq, struct err *e);
int changes_rows(struct rq *rq, struct err *e); /* api_changes_rows.c */
int batch_post(struct rq *rq, struct err *e);
/* api_health.c */
int metrics_get(struct rq *rq, struct err *e);
int healthz_get(struct rq *rq, struct err *e);
int readyz_get(struct rq *rq, struct err *e);

#endif
