/* The one mutable root of the program: everything that lives as long as the process hangs off
 * `struct app` and is passed in. Made and ended by the main thread; members lock themselves. */
#ifndef CORE_APP_H
#define CORE_APP_H

#include "core/module.h"
#include "auth/auth.h"
#include <pthread.h>

struct figures;   /* figures/figures.h */
struct alarms;    /* notify/alarms.h */
struct outbox;    /* notify/outbox.h */
struct jobs;      /* core/jobs.h */
struct operation; /* core/operation.h */
struct snapshots; /* core/snapshots.h */
struct api;       /* api/api.h */

struct app_options {
  const char *data;     /* data folder, or NULL with database */
  const char *database; /* postgresql://… */
  const char *keys;     /* key file; NULL: beside the data folder */
  bool create;
  bool read_only;
  bool demo; /* an installation made by `demo`: loopback only */
  size_t readers, lanes;
  int64_t read_ms; /* store_options.read_ms */
};

struct app {
  struct clock clock;
  struct idgen ids;
  struct store *store;
  struct writer *writer;
  struct auth *auth;
  struct registry registry;
  struct figures *figures;
  struct alarms *alarms;
  struct outbox *outbox;
  struct jobs *jobs;
  struct snapshots *snapshots;
  struct api *api;
  _Atomic(struct http_server *) http; /* requests may come before http_start has returned */
  bool demo, read_only;
  _Atomic bool stopping; /* what takes minutes breaks off */
};

/* Opens the store, brings the schema up, loads keys, tree and operations, starts writer, figures,
 * jobs. On failure nothing is left running. */
_must_check_ int app_open(const struct app_options *o, struct app **ret_app, struct err *e);
struct app *app_close(struct app *app);
static inline void app_closep(struct app **a) {
  *a = app_close(*a);
}
/* kinds_init over all modules, indicators, rights, roles: once per process, before app_open. */
_must_check_ int app_declare(struct err *e);

/* Every role × right, for `schema --rights`; after app_declare. */
_must_check_ int app_rights_print(struct buf *out, struct err *e);
/* Every right that some role holds; none where there is no memory. After app_declare. */
void app_rights_held(struct right_set *ret_held);

/* An installation made by `demo` stands at 17:30 of its last day, or where it was left when that
 * is later, and runs on from there. */
_must_check_ int app_clock_demo(struct app *app, struct err *e);

/* From a change inside an apply hook. */
static inline struct app *change_app(const struct change *c) {
  return (struct app *)(void *)((char *)c->en - offsetof(struct app, registry));
}

/* The current tree with a reference. */
struct unit_tree *app_tree(struct app *app);
extern const struct snapshot_type tree_snapshot;
/* The viewer of the system account (command line, jobs) for an operation (0: the only open one,
 * or none). Lives in the arena. */
_must_check_ int app_system_viewer(struct app *app, struct arena *a, int64_t op,
                                   struct viewer **ret_viewer, struct err *e);

/* The viewer of whoever holds a link to that record, which stands at the unit. */
_must_check_ int app_link_viewer(struct app *app, struct arena *a, int64_t op,
                                 const struct link_purpose *p, const struct uuid *subject,
                                 int32_t unit, struct viewer **ret_viewer, struct err *e);

#endif
