#include "core/app.h"
#include "core/jobs.h"
#include "core/migrations.h"
#include "core/operation.h"
#include "core/screens.h"
#include "core/settings.h"
#include "core/snapshots.h"
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
  struct rows rs;
  int r = gather(e);
  if (r < 0) return r;
  rows_init(&rs);
  kinds_check(all_kinds, all_rights, &rs);
  for (const struct module *const *m = modules; *m; m++)
    if ((*m)->rows) (*m)->rows(modules, &rs);
  r = rows_verdict(&rs, e);
  if (r >= 0) r = kinds_init(all_kinds, all_rights, e);
  if (r >= 0) r = screens_check(e);
  for (const struct module *const *m = modules; *m && r >= 0; m++)
    if ((*m)->declare) r = (*m)->declare(modules, e);
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

void app_rights_held(struct right_set *ret_held) {
  struct roles *roles = NULL;
  *ret_held = (struct right_set){0};
  if (roles_init(all_grants, &roles, NULL) < 0) return;
  for (size_t i = 0; i < roles_count(); i++)
    for (size_t w = 0; w < RIGHT_WORDS; w++) ret_held->w[w] |= role_rights(roles, (int)i)->w[w];
  roles_free(roles);
}

/* ---- the tree ---- */

static int tree_load(struct app *app, struct tx *tx, struct arena *a, void **ret_data,
                     struct err *e) {
  struct unit_tree *tree = NULL;
  (void)app;
  int r = unit_tree_load(tx, &tree, e);
  if (r < 0) return r;
  arena_defer(a, unit_tree_release, tree);
  *ret_data = tree;
  return 0;
}
const struct snapshot_type tree_snapshot = {.name = "units", .kinds = "unit", .load = tree_load};

struct unit_tree *app_tree(struct app *app) {
  _cleanup_(snapshot_unrefp) struct snapshot *s = snapshot_ref(app, &tree_snapshot);
  return unit_tree_ref(s->data);
}

static struct unit_tree *tree_of(void *app) {
  return app_tree(app);
}

/* ---- opening and closing ---- */

static int open_store(struct app *app, const struct app_options *o, struct err *e) {
  struct store_options so = {.where = o->database ? o->database : o->data,
                             .readers = o->readers,
                             .lanes = o->lanes,
                             .read_ms = o->read_ms,
                             .create = o->create,
                             .read_only = o->read_only};
  return store_open(&so, &app->store, e);
}

/* With the keys at hand, since a step may seal or open what is there. */
static int upgrade(struct app *app, struct err *e) {
  int applied = 0;
  int r =
      store_migrate_with(app->store, migrations, n_migrations, migration_code, app, &applied, e);
  if (r >= 0 && applied) log_info("schema_migrated", "steps=%d", applied);
  return r;
}

static int open_auth(struct app *app, const struct app_options *o, struct err *e) {
  struct arena *a = arena_create(KIB(64));
  if (!a) return err_set(e, E_NOMEM, "no memory");
  const char *file = o->keys;
  if (!file) file = arena_strz(a, keys_default_file(a, o->database ? o->database : o->data));
  struct auth_options ao = {
      .clock = &app->clock, .keys_file = file, .create_keys = o->create, .grants = all_grants};
  int r = auth_start(&ao, &app->auth, e);
  arena_free(a);
  return r;
}

static int open_writer(struct app *app, struct err *e) {
  struct writer_options wo = {.parts = {[PART_SEQ] = &seq_part,
                                        [PART_AUDIT] = audit_part(auth_audit(app->auth)),
                                        [PART_SNAPSHOTS] = snapshots_part(app->snapshots)},
                              .behind = snapshots_behind,
                              .behind_arg = app};
  for (const struct module *const *m = modules; *m; m++)
    if ((*m)->part) wo.parts[(*m)->part_place] = (*m)->part;
  int r = writer_start(app->store, &wo, &app->writer, e);
  app->registry.writer = app->writer;
  return r;
}

static void fill_registry(struct app *app) {
  app->registry = (struct registry){.store = app->store,
                                    .sealer = auth_sealer(app->auth),
                                    .ids = &app->ids,
                                    .clock = &app->clock,
                                    .tree = tree_of,
                                    .tree_arg = app};
}

static int open_modules(struct app *app, struct err *e) {
  int r = 0;
  for (const struct module *const *m = modules; *m && r >= 0; m++)
    if ((*m)->open) r = (*m)->open(app, e);
  if (r < 0) return r;
  app->registry.observers[app->registry.n_observers++] = auth_observer(app->auth);
  app->registry.observers[app->registry.n_observers++] = snapshots_observer(app->snapshots);
  return 0;
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
  app->demo = o->demo;
  app->read_only = o->read_only;
  int r = open_store(app, o, e);
  if (r >= 0) r = open_auth(app, o, e);
  if (r >= 0 && !o->read_only) r = upgrade(app, e);
  if (r >= 0) r = snapshots_open(app, modules, &app->snapshots, e);
  if (r >= 0) fill_registry(app);
  if (r >= 0) r = open_modules(app, e);
  if (r >= 0 && !o->read_only) r = open_writer(app, e);
  if (r >= 0 && !o->read_only) r = auth_attach(app->auth, &app->registry, e);
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
  app->writer = writer_stop(app->writer);
  for (const struct module *const *m = modules; *m; m++)
    if ((*m)->close) (*m)->close(app);
  app->snapshots = snapshots_close(app->snapshots);
  app->auth = auth_stop(app->auth);
  app->store = store_close(app->store);
  idgen_done(&app->ids);
  free(app);
  return NULL;
}

static int scope_of(struct app *app, struct arena *a, int64_t op, struct auth_scope *sc,
                    struct err *e) {
  struct operation o;
  *sc = (struct auth_scope){.now_ms = clock_now_ms(&app->clock),
                            .tree = app_tree(app),
                            .zone = zone_get("Asia/Shanghai")};
  arena_defer(a, unit_tree_release, sc->tree);
  int r = operation_get(app, op, &o, op ? e : NULL);
  if (r < 0 && op) return r;
  if (r >= 0) {
    sc->op = o.no;
    sc->over = !o.open;
    sc->op_id = o.id;
    sc->zone = o.zone;
  }
  sc->today = zone_day(sc->zone, sc->now_ms, NULL);
  return 0;
}

int app_system_viewer(struct app *app, struct arena *a, int64_t op, struct viewer **ret_viewer,
                      struct err *e) {
  struct auth_scope sc;
  int r = scope_of(app, a, op, &sc, e);
  if (r >= 0) *ret_viewer = auth_system_viewer(a, &sc);
  return r;
}

int app_link_viewer(struct app *app, struct arena *a, int64_t op, const struct link_purpose *p,
                    const struct uuid *subject, int32_t unit, struct viewer **ret_viewer,
                    struct err *e) {
  struct auth_scope sc;
  int r = scope_of(app, a, op, &sc, e);
  if (r >= 0) *ret_viewer = auth_link_viewer(a, p, subject, unit, &sc);
  return r;
}
