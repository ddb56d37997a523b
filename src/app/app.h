/* The one mutable root of the program: everything that lives as long as the process hangs off
 * `struct app` and is passed in. Made and ended by the main thread; members lock themselves. */
#ifndef APP_APP_H
#define APP_APP_H

#include "app/module.h"
#include "auth/auth.h"
#include <pthread.h>

struct figures; /* app/figures.h */
struct alarms;  /* app/alarms.h */
struct outbox;  /* app/outbox.h */
struct jobs;    /* app/jobs.h */
struct settings; /* app/settings.h */
struct api;     /* app/api.h */

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
  struct settings *settings;
  struct api *api;
  _Atomic(struct http_server *) http; /* requests may come before http_start has returned */
  bool demo, read_only;

  pthread_rwlock_t tree_lock;
  struct unit_tree *tree; /* current; see app_tree */
  _Atomic int64_t tree_stale_ms; /* monotonic: since when it lags behind an import; 0: it does not */

  int64_t seen[8]; /* of the caches' tables, for what other processes change: platform.c's job */

  pthread_rwlock_t operations_lock;
  struct operation *operations; /* open and closed ones, small; app/operation.h */
  size_t n_operations;
};

/* Opens the store, brings the schema up, loads keys, tree and operations, starts writer, figures,
 * jobs. On failure nothing is left running. */
_must_check_ int app_open(const struct app_options *o, struct app **ret_app, struct err *e);
struct app *app_close(struct app *app);
static inline void app_closep(struct app **a) { *a = app_close(*a); }
/* kinds_init over all modules, indicators, rights, roles: once per process, before app_open. */
_must_check_ int app_declare(struct err *e);

/* Every role × right, for `schema --rights`; after app_declare. */
_must_check_ int app_rights_print(struct buf *out, struct err *e);

/* An installation made by `demo` stands at 17:30 of its last day, or where it was left when that
 * is later, and runs on from there. */
_must_check_ int app_clock_demo(struct app *app, struct err *e);

/* From a change inside an apply hook. */
static inline struct app *change_app(const struct change *c) {
  return (struct app *)(void *)((char *)c->en - offsetof(struct app, registry));
}

/* The current tree with a reference. */
struct unit_tree *app_tree(struct app *app);
/* Reads it anew; called after the commit that changed units (any thread). */
void app_tree_changed(struct app *app);

void app_tree_changed_v(void *app); /* the same, as a tx_on_commit callback */
/* While an import runs, units come by the thousand: the tree follows twice a second, and at its
 * end. As a tx_on_commit callback. */
void app_tree_lags(void *app);
/* … and it is the import's own thread that reads it, never a request's, which others wait behind. */
void app_tree_follow(struct app *app);

/* The viewer of the system account (command line, jobs) for an operation (0: the only open one,
 * or none). Lives in the arena. */
_must_check_ int app_system_viewer(struct app *app, struct arena *a, int64_t op,
                                   struct viewer **ret_viewer, struct err *e);

#endif
