/* The module of the routes to what lies below the areas: figures, alarms, settings, the outbox,
 * health. The handlers behind its table. Each replies or returns an error that is
 * replied for it; all memory is the request's. */
#ifndef API_PLATFORM_MODULE_H
#define API_PLATFORM_MODULE_H

#include "api/api.h"

extern const struct module platform_module;

/* figures.c */
int figures_get(struct rq *rq, struct jw *w, struct err *e);
int figures_children(struct rq *rq, struct jw *w, struct err *e);
int figures_series_get(struct rq *rq, struct jw *w, struct err *e);
int figures_records(struct rq *rq, struct jw *w, struct err *e);
int figures_stream(struct rq *rq, struct err *e);
int indicators_get(struct rq *rq, struct jw *w, struct err *e);
/* alarms.c */
int alarm_types_get(struct rq *rq, struct jw *w, struct err *e);
int settings_get(struct rq *rq, struct jw *w, struct err *e);
int setting_patch(struct rq *rq, struct err *e);
/* outbox.c */
int outbox_channels_get(struct rq *rq, struct jw *w, struct err *e);
int outbox_test_post(struct rq *rq, struct err *e);
/* health.c */
int metrics_get(struct rq *rq, struct jw *w, struct err *e);
int healthz_get(struct rq *rq, struct jw *w, struct err *e);
int readyz_get(struct rq *rq, struct jw *w, struct err *e);

#endif
