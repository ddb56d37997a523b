/* What an area of the product declares: its kinds, indicators, routes, jobs, alarms, role grants
 * and further rights, each a table row. An area is one folder under domain/ and one line in
 * modules.c; everything else derives from these tables. All static; read-only after start. */
#ifndef CORE_MODULE_H
#define CORE_MODULE_H

#include "auth/roles.h"
#include "http/http.h"
#include "json/shape.h"
#include "kind/engine.h"

struct app;
struct rq; /* a request on its way through the API: api/api.h */

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
  /* As short for the city as for a community: reads no branch record by record. */
  ROUTE_SHORT = 128,
};
/* Where a request is worked on. */
enum route_runs {
  /* On a reader's thread (api/pool.c): it may read, and must where it may take its time.
   * City-wide readings have a thread of their own and nobody else waits behind them. */
  RUNS_READER,
  RUNS_LOOP,   /* on the server's loop: touches memory only */
  RUNS_WRITER, /* parsed on the loop, touching memory only, then handed to the writer */
  RUNS_WORKER, /* files and what else takes minutes: a few at once, none waits. No snapshot is held.
                */
};
struct jw;
/* Writes the answer's document and returns; the one place that calls it (rq_finish) has opened
 * rq->tx, asks for problems, replies with rq->status (200) and frees. */
typedef int route_answer(struct rq *rq, struct jw *w, struct err *e);
struct route {
  int method;          /* enum http_method */
  const char *pattern; /* "/api/v1/units/tree", "/api/v1/imports/:id/run" */
  const char *right;   /* needed somewhere in his branch; the handler's queries are scoped anyway */
  uint32_t flags;
  size_t body_limit; /* 0: LIMIT_BODY_DEFAULT */
  int (*handle)(struct rq *rq,
                struct err *e); /* replies, or suspends; an error is replied for it */
  const char *zh, *en;          /* for OpenAPI */
  enum route_runs runs;
  route_answer *answer; /* in place of `handle`, which is for what is no one document: files,
                           streams, commits */
  int64_t time_ms;      /* the answer may take that long; 0: 20 s, on a worker 20 minutes */
  /* What it asks for and answers, as json/shape.h spells it: its query, its body (needed where the
     method has one; "" for none) and its answer. A kind's own routes take theirs from the kind. */
  const char *query, *takes, *gives;
};

/* What an area gives a phone beside its records (keys to check passes by, say): a member "name" of
 * the answer to its registration and of its day. Written with the device's own viewer. */
struct device_section {
  const char *name;
  int (*write)(struct rq *rq, struct tx *tx, struct jw *w, struct err *e);
  const char *gives; /* the member's type */
};

enum job_flag {
  JOB_EACH = 1, /* on every server, not only on the one that holds the lease (core/jobs.h) */
  JOB_PER_OPERATION = 2, /* once for each open operation, with a viewer of it */
};
struct job_run; /* core/jobs.h */
struct job {
  const char *name;
  int64_t every_ms;
  int (*run)(struct job_run *run, struct err *e);
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

struct setting;       /* core/settings.h */
struct snapshot_type; /* core/snapshots.h */
struct verify_check;  /* core/verify.h */
struct import_plan;   /* sheets/import.h */
struct page_section;  /* api/page.h */
struct message_topic; /* notify/topics.h */
struct known_fact;    /* forms/forms.h */
struct duty;          /* duties/duties.h */
struct link_purpose;  /* auth/auth.h */
struct intake;        /* intake/reading.h */

struct module {
  const char *name, *zh, *en;
  const char *file;                          /* __FILE__: where its rows stand */
  const struct kind *const *kinds;           /* ends with NULL; may be NULL */
  const struct indicator *const *indicators; /* ends with NULL */
  const struct table_def *tables;            /* tables that are no kinds; ends with {0} */
  const struct route *routes;                /* ends with {0} */
  const struct shape *shapes;                /* what they name; ends with {NULL} */
  const struct job *jobs;                    /* ends with {0} */
  const struct alarm_type *const *alarms;    /* ends with NULL */
  const struct role_grant *grants; /* roles by patterns over rights (auth/roles.h); ends with {0} */
  const char *const *rights;       /* further rights, ends with NULL */
  const struct setting *settings;  /* ends with {NULL} */
  const struct snapshot_type *const *snapshots; /* ends with NULL */
  const struct verify_check *checks;            /* ends with {NULL} */
  const struct device_section *device;          /* ends with {NULL} */
  const struct import_plan *const *imports;     /* ends with NULL */
  const struct page_section *sections;          /* ends with {NULL} */
  const struct message_topic *const *topics;    /* ends with NULL */
  const struct known_fact *facts;               /* what no form may ask; ends with {NULL} */
  const struct duty *const *duties;             /* ends with NULL */
  const struct link_purpose *const *links;      /* what opens without an account; ends with NULL */
  const struct intake *const *intakes;          /* text and sheets taken in; ends with NULL */
  int (*start)(struct app *app, struct err *e); /* after the store is open; may be NULL */
  void (*stop)(struct app *app);
  /* Of layers, not of areas; each may be NULL. `rows` looks at the rows of all modules and says
   * every wrong one (apidoc/rows.c, which sees all their types); then `declare` is called once per
   * process and gathers those that are this layer's to read. `open` runs before the writer starts
   * and before any `start`, `close` after the writer has ended. */
  void (*rows)(const struct module *const *list, struct rows *rs);
  int (*declare)(const struct module *const *list, struct err *e);
  int (*open)(struct app *app, struct err *e);
  void (*close)(struct app *app);
  const struct tx_part *part; /* its part in every commit, at that place (enum in kind/engine.h) */
  size_t part_place;
};

/* The beginning of each module's row. */
#define MODULE(name_, zh_, en_) .name = (name_), .zh = (zh_), .en = (en_), .file = __FILE__

extern const struct module *const modules[]; /* ends with NULL; modules.c */

#endif
