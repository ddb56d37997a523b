#include "app/app.h"
#include "app/alarms.h"
#include "app/figures.h"
#include "app/jobs.h"
#include "app/migrations.h"
#include "app/operation.h"
#include "app/outbox.h"
#include "app/settings.h"
#include "app/topics.h"
#include "base/log.h"
#include <stdatomic.h>
#include <stdlib.h>

enum { MODULES_MAX = 64 };

/* What all modules declare together; made once by app_declare, constant afterwards. */
static const struct kind *all_kinds[LIMIT_KINDS + 1];
static const char *all_rights[LIMIT_PERMISSIONS + 1];
static const struct role_grant *all_grants[MODULES_MAX + 1];

static int gather(struct err *e) {
  size_t kinds = 0, rights = 0, grants = 0;
  schema_add_tables(auth_tables, auth_tables_count);
  for (const char *const *r = auth_rights; *r && rights < LIMIT_PERMISSIONS; r++)
    all_rights[rights++] = *r;
  for (const struct module *const *m = modules; *m; m++) {
    for (const struct kind *const *k = (*m)->kinds; k && *k; k++) {
      if (kinds == LIMIT_KINDS) return err_set(e, E_BUG, "too many kinds");
      all_kinds[kinds++] = *k;
    }
    size_t tables = 0;
    while ((*m)->tables && (*m)->tables[tables].name) tables++;
    if (tables) schema_add_tables((*m)->tables, tables);
    for (const char *const *r = (*m)->rights; r && *r; r++) {
      if (rights == LIMIT_PERMISSIONS) return err_set(e, E_BUG, "too many rights");
      all_rights[rights++] = *r;
    }
    if ((*m)->grants) {
      if (grants == MODULES_MAX) return err_set(e, E_BUG, "too many modules");
      all_grants[grants++] = (*m)->grants;
    }
  }
  all_kinds[kinds] = NULL;
  all_rights[rights] = NULL;
  all_grants[grants] = NULL;
  return 0;
}

int app_declare(struct err *e) {
  int r = gather(e);
  if (r >= 0) r = kinds_init(all_kinds, all_rights, e);
  if (r >= 0) r = indicators_init(modules, e);
  if (r >= 0) r = alarms_init(modules, e);
  if (r >= 0) r = settings_init(modules, e);
  if (r >= 0) r = topics_init(modules, e);
  return r;
}

int app_rights_print(struct buf *out, struct err *e) {
  struct roles *roles = NULL;
  int r = roles_init(all_grants, &roles, e);
  if (r < 0) return r;
  rights_print(roles, out);
  roles_free(roles);
  return 0;
}

/* ---- the tree ---- */

struct unit_tree *app_tree(struct app *app) {
  pthread_rwlock_rdlock(&app->tree_lock);
  struct unit_tree *t = unit_tree_ref(app->tree);
  pthread_rwlock_unlock(&app->tree_lock);
  return t;
}

static struct unit_tree *tree_of(void *app) { return app_tree(app); }

static int tree_load(struct app *app, struct err *e) {
  struct unit_tree *fresh = NULL;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(app->store, &tx, e);
  if (r >= 0) r = unit_tree_load(tx, &fresh, e);
  if (r < 0) return r;
  pthread_rwlock_wrlock(&app->tree_lock);
  struct unit_tree *old = app->tree;
  app->tree = fresh;
  pthread_rwlock_unlock(&app->tree_lock);
  unit_tree_unref(old);
  return 0;
}

void app_tree_changed(struct app *app) {
  struct err e = {0};
  if (tree_load(app, &e) < 0) log_err(LOG_ERROR, "unit_tree_not_reloaded", &e);
}

void app_tree_changed_v(void *app) { app_tree_changed(app); }

void app_tree_lags(void *arg) {
  struct app *app = arg;
  int64_t none = 0;
  atomic_compare_exchange_strong(&app->tree_stale_ms, &none, monotonic_ms());
}

void app_tree_follow(struct app *app) {
  int64_t since = atomic_load(&app->tree_stale_ms);
  if (since && monotonic_ms() - since > 500 &&
      atomic_compare_exchange_strong(&app->tree_stale_ms, &since, 0))
    app_tree_changed(app);
}

/* ---- opening and closing ---- */

static int open_store(struct app *app, const struct app_options *o, struct err *e) {
  struct store_options so = {.where = o->database ? o->database : o->data,
                             .readers = o->readers,
                             .lanes = o->lanes,
                             .read_ms = o->read_ms,
                             .create = o->create,
                             .read_only = o->read_only};
  int r = store_open(&so, &app->store, e);
  int applied = 0;
  if (r >= 0 && !o->read_only) r = store_migrate(app->store, migrations, n_migrations, &applied, e);
  if (r >= 0 && applied) log_info("schema_migrated", "steps=%d", applied);
  return r;
}

static int open_auth(struct app *app, const struct app_options *o, struct err *e) {
  struct arena *a = arena_create(KIB(64));
  if (!a) return err_set(e, E_NOMEM, "no memory");
  const char *file = o->keys;
  if (!file) file = arena_strz(a, keys_default_file(a, o->database ? o->database : o->data));
  struct auth_options ao = {.clock = &app->clock,
                            .keys_file = file,
                            .create_keys = o->create,
                            .grants = all_grants};
  int r = auth_start(&ao, &app->auth, e);
  arena_free(a);
  return r;
}

static int open_writer(struct app *app, struct err *e) {
  const struct writer_options wo = {
      .parts = {[PART_SEQ] = &seq_part,
                [PART_FIGURES] = &figures_part,
                [PART_AUDIT] = audit_part(auth_audit(app->auth))}};
  return writer_start(app->store, &wo, &app->writer, e);
}

static void fill_registry(struct app *app) {
  app->registry = (struct registry){.store = app->store,
                                    .writer = app->writer,
                                    .sealer = auth_sealer(app->auth),
                                    .ids = &app->ids,
                                    .clock = &app->clock,
                                    .tree = tree_of,
                                    .tree_arg = app};
  app->registry.observers[app->registry.n_observers++] =
      (struct change_observer){.changed = figures_changed, .arg = app->figures};
  app->registry.observers[app->registry.n_observers++] = auth_observer(app->auth);
}

static int load_caches(struct app *app, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = tree_load(app, e);
  if (r >= 0) r = store_read(app->store, &tx, e);
  if (r >= 0) r = operations_load(app, tx, e);
  return r;
}

static int start_modules(struct app *app, struct err *e) {
  int r = 0;
  for (const struct module *const *m = modules; *m && r >= 0; m++)
    if ((*m)->start) r = (*m)->start(app, e);
  return r;
}

QUERY(q_latest_audit, "SELECT coalesce(max(at_ms), 0) FROM audit");

int app_clock_demo(struct app *app, struct err *e) {
  int64_t latest = 0;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  app->demo = true;
  int r = store_read(app->store, &tx, e);
  if (r >= 0) r = tx_i64(tx, &q_latest_audit, P_NONE, &latest, e);
  if (r >= 0) clock_set_running(&app->clock, latest);
  return r;
}

int app_open(const struct app_options *o, struct app **ret_app, struct err *e) {
  struct app *app = calloc(1, sizeof *app);
  if (!app) return err_set(e, E_NOMEM, "no memory");
  idgen_init(&app->ids);
  pthread_rwlock_init(&app->tree_lock, NULL);
  pthread_rwlock_init(&app->operations_lock, NULL);
  app->demo = o->demo;
  app->read_only = o->read_only;
  int r = open_store(app, o, e);
  if (r >= 0) r = open_auth(app, o, e);
  if (r >= 0) r = load_caches(app, e);
  if (r >= 0) r = settings_open(app, &app->settings, e);
  if (r >= 0) r = figures_open(app, &app->figures, e);
  if (r >= 0 && !o->read_only) r = open_writer(app, e);
  if (r >= 0) fill_registry(app);
  if (r >= 0 && !o->read_only) r = auth_attach(app->auth, &app->registry, e);
  if (r >= 0) r = alarms_open(app, &app->alarms, e);
  if (r >= 0) r = outbox_open(app, &app->outbox, e);
  if (r >= 0 && setting_i64(app, 0, "demonstration")) r = app_clock_demo(app, e);
  if (r >= 0) r = start_modules(app, e);
  if (r < 0) {
    app_close(app);
    return r;
  }
  *ret_app = app;
  return 0;
}

struct app *app_close(struct app *app) {
  if (!app) return NULL;
  if (app->jobs) app->jobs = jobs_stop(app->jobs);
  for (const struct module *const *m = modules; *m; m++)
    if ((*m)->stop) (*m)->stop(app);
  if (app->auth) auth_detach(app->auth);
  app->outbox = outbox_close(app->outbox);
  app->alarms = alarms_close(app->alarms);
  app->writer = writer_stop(app->writer);
  app->figures = figures_close(app->figures);
  app->settings = settings_close(app->settings);
  app->auth = auth_stop(app->auth);
  app->tree = unit_tree_unref(app->tree);
  app->store = store_close(app->store);
  for (size_t i = 0; i < app->n_operations; i++) free(app->operations[i].rules);
  free(app->operations);
  pthread_rwlock_destroy(&app->tree_lock);
  pthread_rwlock_destroy(&app->operations_lock);
  idgen_done(&app->ids);
  free(app);
  return NULL;
}

int app_system_viewer(struct app *app, struct arena *a, int64_t op, struct viewer **ret_viewer,
                      struct err *e) {
  struct operation o;
  struct auth_scope sc = {.now_ms = clock_now_ms(&app->clock),
                          .tree = app_tree(app),
                          .zone = zone_get("Asia/Shanghai")};
  arena_defer(a, unit_tree_release, sc.tree);
  int r = operation_get(app, op, &o, op ? e : NULL);
  if (r < 0 && op) return r;
  if (r >= 0) {
    sc.op = o.no;
    sc.op_id = o.id;
    sc.zone = o.zone;
  }
  sc.today = zone_day(sc.zone, sc.now_ms, NULL);
  *ret_viewer = auth_system_viewer(a, &sc);
  return 0;
}
