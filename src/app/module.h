/* What an area of the product declares: its kinds, indicators, routes, jobs, alarms, role grants
 * and further rights, each a table row. An area is one folder under domain/ and one line in
 * modules.c; everything else derives from these tables. All static; read-only after start. */
#ifndef APP_MODULE_H
#define APP_MODULE_H

#include "auth/roles.h"
#include "http/http.h"
#include "kind/engine.h"

struct app;
struct rq; /* a request on its way through the API: app/api.h */

enum route_flag {
  ROUTE_PUBLIC = 1,    /* no session needed */
  ROUTE_SIGNED_IN = 2, /* any signed-in user; right is NULL */
  ROUTE_STREAM = 4,
  ROUTE_UNTYPED = 8, /* the body is not JSON (files) */
  /* A registered device may call it with its own credential: rq->device, no session. Nothing else
   * opens to that credential. */
  ROUTE_DEVICE = 16,
  /* Also one that has been revoked; the handler looks at rq->device->ended. */
  ROUTE_ENDED_DEVICE = 32,
  /* A phone's batch may name this address: it is then done as the kind's own change, so the route
   * must do no more than that. An area's other routes are not for batches. */
  ROUTE_BATCH = 64,
};
struct route {
  int method;          /* enum http_method */
  const char *pattern; /* "/api/v1/units/tree", "/api/v1/imports/:id/run" */
  const char *right;   /* needed somewhere in his branch; the handler's queries are scoped anyway */
  uint32_t flags;
  size_t body_limit; /* 0: LIMIT_BODY_DEFAULT */
  int (*handle)(struct rq *rq,
                struct err *e); /* replies, or suspends; an error is replied for it */
  const char *zh, *en;          /* for OpenAPI */
};

/* What an area gives a phone beside its records (keys to check passes by, say): a member "name" of
 * the answer to its registration and of its day. Written with the device's own viewer. */
struct device_section {
  const char *name;
  int (*write)(struct rq *rq, struct tx *tx, struct jw *w, struct err *e);
};

enum job_flag {
  JOB_EACH = 1, /* on every server, not only on the one that holds the lease (app/jobs.h) */
};
struct job {
  const char *name;
  int64_t every_ms;
  int (*run)(struct app *app, struct arena *a, struct err *e);
  uint32_t flags; /* enum job_flag */
};

/* Alarms: raised by code naming a row; never raised twice for one cause while it is open. */
struct alarm_type {
  uint16_t no;
  const char *code, *zh, *en; /* text takes {subject} {value} */
  const char *owner_role;     /* at the unit concerned, else the nearest ancestor that has one */
  int64_t escalate_ms;        /* unacknowledged so long: one level up; 0: never */
  int severity;               /* 1 low … 3 high */
};

struct setting;       /* app/settings.h */
struct verify_check;  /* app/verify.h */
struct import_plan;   /* app/import.h */
struct page_section;  /* app/page.h */
struct message_topic; /* app/topics.h */

struct module {
  const char *name, *zh, *en;
  const struct kind *const *kinds;           /* ends with NULL; may be NULL */
  const struct indicator *const *indicators; /* ends with NULL */
  const struct table_def *tables;            /* tables that are no kinds; ends with {0} */
  const struct route *routes;                /* ends with {0} */
  const struct job *jobs;                    /* ends with {0} */
  const struct alarm_type *const *alarms;    /* ends with NULL */
  const struct role_grant *grants; /* roles by patterns over rights (auth/roles.h); ends with {0} */
  const char *const *rights;       /* further rights, ends with NULL */
  const struct setting *settings;  /* ends with {NULL} */
  const struct verify_check *checks;            /* ends with {NULL} */
  const struct device_section *device;          /* ends with {NULL} */
  const struct import_plan *const *imports;     /* ends with NULL */
  const struct page_section *sections;          /* ends with {NULL} */
  const struct message_topic *const *topics;    /* ends with NULL */
  int (*start)(struct app *app, struct err *e); /* after the store is open; may be NULL */
  void (*stop)(struct app *app);
};

extern const struct module *const modules[]; /* ends with NULL; modules.c */

#endif
