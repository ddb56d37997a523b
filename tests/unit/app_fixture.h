/* For tests of what stands between the engine and the areas (figures, alarms, outbox, jobs,
 * settings): a struct app over a fresh store of either engine, with real accounts, keys and audit,
 * a tree of 22 units, and two kinds of its own: `thing` (changed and retired at will) and `tick`
 * (an event). The including test lists LAYER_MODULES and a module of its own with the
 * kinds. One thread beside the writer's. */
#ifndef SHOUWANG_TESTS_UNIT_APP_FIXTURE_H
#define SHOUWANG_TESTS_UNIT_APP_FIXTURE_H

#include "notify/alarms.h"
#include "api/api.h"
#include "figures/figures.h"
#include "core/jobs.h"
#include "core/operation.h"
#include "notify/outbox.h"
#include "api/platform_module.h"
#include "core/core_module.h"
#include "figures/figures_module.h"
#include "notify/notify_module.h"
#include "sync/sync_module.h"
#include "core/settings.h"
#include "core/verify.h"
#include "http/pages.h"
#include "store_fixture.h"

/* The layers below the areas, first in the list of modules of each such test. */
#define LAYER_MODULES &core_module, &figures_module, &notify_module, &platform_module, &sync_module

/* ---- the kinds ---- */

enum { U_NO, U_CODE, U_NAME, U_KIND, U_PARENT, U_FROM, U_TO, U_MERGED, U_PATH };
static const struct field fx_unit_fields[] = {
    {.no = 1, .name = "no", .type = FT_INT, .flags = FF_SYSTEM, .zh = "号", .en = "No"},
    {.no = 2, .name = "code", .type = FT_TEXT, .flags = FF_KEY, .zh = "编码", .en = "Code"},
    {.no = 3, .name = "name", .type = FT_TEXT, .flags = FF_TITLE, .zh = "名称", .en = "Name"},
    {.no = 4, .name = "kind", .type = FT_TEXT, .zh = "类", .en = "Kind"},
    {.no = 5, .name = "parent", .type = FT_INT, .zh = "上级", .en = "Parent"},
    {.no = 6, .name = "valid_from", .type = FT_DATE, .zh = "自", .en = "From"},
    {.no = 7, .name = "valid_to", .type = FT_DATE, .zh = "至", .en = "To"},
    {.no = 8, .name = "merged_into", .type = FT_INT, .zh = "并入", .en = "Merged"},
    {.no = 9, .name = "path", .type = FT_TEXT, .zh = "路径", .en = "Path"},
};
static const struct kind fx_unit = {.no = 1,
                                    .name = "unit",
                                    .plural = "units",
                                    .zh = "单位",
                                    .en = "Unit",
                                    .flags = KF_GLOBAL,
                                    FIELDS(fx_unit_fields)};
static const struct field fx_operation_fields[] = {
    {.no = 1, .name = "name", .type = FT_TEXT, .flags = FF_TITLE, .zh = "名称", .en = "Name"},
    {.no = 2, .name = "no", .type = FT_INT, .zh = "号", .en = "No"},
    {.no = 3, .name = "code", .type = FT_TEXT, .zh = "代码", .en = "Code"},
    {.no = 4, .name = "timezone", .type = FT_TEXT, .zh = "时区", .en = "Zone"},
    {.no = 5, .name = "begins", .type = FT_DATE, .zh = "始", .en = "Begins"},
    {.no = 6, .name = "ends", .type = FT_DATE, .zh = "止", .en = "Ends"},
};
static const struct state fx_operation_states[] = {
    {"open", "开", "Open"}, {"closed", "关", "Closed"}, {0}};
static const struct kind fx_operation = {.no = 2,
                                         .name = "operation",
                                         .plural = "operations",
                                         .zh = "行动",
                                         .en = "Operation",
                                         .flags = KF_GLOBAL,
                                         FIELDS(fx_operation_fields),
                                         .states = fx_operation_states};
static const struct field fx_rule_fields[] = {
    {.no = 1, .name = "operation", .type = FT_REF, .ref = "operation", .zh = "行动", .en = "Op"},
    {.no = 2, .name = "key", .type = FT_TEXT, .zh = "键", .en = "Key"},
    {.no = 3, .name = "effective_from", .type = FT_DATE, .zh = "自", .en = "From"},
    {.no = 4, .name = "value", .type = FT_INT, .zh = "值", .en = "Value"},
};
static const struct kind fx_rule = {.no = 6,
                                    .name = "policy_rule",
                                    .plural = "policy-rules",
                                    .zh = "规则",
                                    .en = "Rule",
                                    .flags = KF_GLOBAL,
                                    FIELDS(fx_rule_fields)};

static const struct field fx_responder_fields[] = {
    {.no = 1, .name = "name", .type = FT_TEXT, .flags = FF_TITLE, .zh = "姓名", .en = "Name"}};
static const struct kind fx_responder = {.no = 5,
                                         .name = "responder",
                                         .plural = "responders",
                                         .zh = "人员",
                                         .en = "Responder",
                                         FIELDS(fx_responder_fields)};

/* ---- the indicators ---- */

#define FX_WORDS                                                                                   \
  .zh = "指标", .en = "Indicator", .zh_definition = "口径", .en_definition = "as said"
static const struct indicator ind_count = {
    .no = 11, .code = "t.count", FX_WORDS, .measure = "things", .type = IND_FLOW, .kind = "thing"};
static const struct indicator ind_sum = {
    .no = 3, .code = "t.sum", FX_WORDS, .measure = "things", .type = IND_FLOW, .kind = "thing"};
static const struct indicator ind_open = {
    .no = 7, .code = "t.open", FX_WORDS, .measure = "things", .type = IND_STATE, .kind = "thing"};
static const struct indicator ind_who = {
    .no = 8, .code = "t.who", FX_WORDS, .measure = "people", .type = IND_DISTINCT, .kind = "thing"};
static const struct indicator ind_tick = {
    .no = 900, .code = "k.in", FX_WORDS, .measure = "events", .type = IND_FLOW, .kind = "tick"};
static const struct indicator ind_begun = {
    .no = 901, .code = "t.begun", FX_WORDS, .measure = "things", .type = IND_FLOW, .kind = "thing"};
static const struct indicator ind_subs = {.no = 14,
                                          .code = "t.subs",
                                          FX_WORDS,
                                          .measure = "units",
                                          .type = IND_DISTINCT,
                                          .kind = "thing"};
static int64_t fx_mean(const int64_t *values, const struct indicator *self) {
  (void)self;
  return values[11] ? values[3] * 1000 / values[11] : 0;
}
static const struct indicator ind_mean = {.no = 12,
                                          .code = "t.mean",
                                          FX_WORDS,
                                          .measure = "permille",
                                          .type = IND_DERIVED,
                                          .derive = fx_mean,
                                          .derived_from = "t.sum t.count"};
static const struct indicator *const fx_indicators[] = {
    &ind_count, &ind_sum, &ind_open, &ind_who, &ind_tick, &ind_begun, &ind_mean, &ind_subs, NULL};

static const struct count fx_thing_counts[] = {
    {.ind = &ind_count, .from = "day"},
    {.ind = &ind_sum, .from = "day", .value = "n"},
    {.ind = &ind_open, .from = "opened", .until = "closed"},
    /* rests on the tree: the subdistrict in which the host lies that day */
    {.ind = &ind_subs, .from = "day", .member = "host", .member_above = "subdistrict"},
    {.ind = &ind_who, .unit = "host", .from = "day", .member = "who"},
    {.ind = &ind_begun, .from = "day", .at = "at"},
    {0}};
static const struct count fx_tick_counts[] = {
    {.ind = &ind_tick, .from = "day", .value = "way", .hour = "at"}, {0}};

enum { T_UNIT, T_HOST, T_DAY, T_N, T_WHO, T_OPEN, T_CLOSE, T_AT };
static const struct field fx_thing_fields[] = {
    {.no = 1,
     .name = "unit",
     .type = FT_UNIT,
     .flags = FF_REQUIRED | FF_SCOPE,
     .zh = "单位",
     .en = "Unit"},
    {.no = 2, .name = "host", .type = FT_UNIT, .zh = "接收", .en = "Host"},
    {.no = 3,
     .name = "day",
     .type = FT_DATE,
     .flags = FF_FILTER | FF_TITLE,
     .zh = "日",
     .en = "Day"},
    {.no = 4, .name = "n", .type = FT_INT, .zh = "数", .en = "Number"},
    {.no = 5, .name = "who", .type = FT_UUID, .zh = "谁", .en = "Who"},
    {.no = 6, .name = "opened", .type = FT_DATE, .zh = "开", .en = "Opened"},
    {.no = 7, .name = "closed", .type = FT_DATE, .zh = "关", .en = "Closed"},
    {.no = 8, .name = "at", .type = FT_MINUTE, .zh = "起", .en = "At"},
};
static const struct kind fx_thing = {.no = 3,
                                     .name = "thing",
                                     .plural = "things",
                                     .zh = "物",
                                     .en = "Thing",
                                     .flags = KF_SYNC,
                                     FIELDS(fx_thing_fields),
                                     .counts = fx_thing_counts};

enum { K_UNIT, K_DAY, K_WAY, K_AT };
static const struct field fx_tick_fields[] = {
    {.no = 1,
     .name = "unit",
     .type = FT_UNIT,
     .flags = FF_REQUIRED | FF_SCOPE,
     .zh = "单位",
     .en = "Unit"},
    {.no = 2, .name = "day", .type = FT_DATE, .flags = FF_FILTER, .zh = "日", .en = "Day"},
    {.no = 3, .name = "way", .type = FT_INT, .zh = "向", .en = "Way"},
    {.no = 4, .name = "at", .type = FT_MOMENT, .zh = "时", .en = "At"},
};
static const struct kind fx_tick = {.no = 4,
                                    .name = "tick",
                                    .plural = "ticks",
                                    .zh = "次",
                                    .en = "Tick",
                                    .flags = KF_EVENT | KF_SYNC,
                                    FIELDS(fx_tick_fields),
                                    .counts = fx_tick_counts};

static const struct field fx_post_fields[] = {
    {.no = 1, .name = "name", .type = FT_TEXT, .flags = FF_TITLE, .zh = "名称", .en = "Name"},
    {.no = 2, .name = "unit", .type = FT_UNIT, .flags = FF_SCOPE, .zh = "单位", .en = "Unit"},
};
static const struct kind fx_post = {
    .no = 24, .name = "post", .plural = "posts", .zh = "岗", .en = "Post", FIELDS(fx_post_fields)};

static const struct kind *const fx_kinds[] = {
    &fx_unit, &fx_operation, &fx_rule,         &fx_thing,    &fx_tick, &fx_responder,
    &fx_post, &account_kind, &role_grant_kind, &device_kind, NULL};

/* ---- the tree: 1 city, 2-4 districts, 5-10 subdistricts, 11-22 communities ---- */

enum { FX_UNITS = 22 };
static inline int fx_parent(int no) {
  return no == 1 ? 0 : no <= 4 ? 1 : no <= 10 ? 2 + (no - 5) / 2 : 5 + (no - 11) / 2;
}

#define FX_NOW   INT64_C(1588930200000) /* 2020-05-08 17:30 in Beijing */
#define FX_TODAY 18390

struct app_fixture {
  struct app app;
  struct arena *a;
  struct viewer *system;
  struct uuid units[FX_UNITS + 1];
  char keys_file[1200];
  struct err e;
};

static inline int fx_reload_tree(struct app_fixture *x) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct unit_tree *tree = NULL;
  struct arena *a = arena_create(KIB(64));
  int r = store_read(x->app.store, &tx, &x->e);
  if (r == 0) r = unit_tree_load(tx, &tree, &x->e);
  if (r == 0) arena_defer(a, unit_tree_release, tree);
  return r < 0 ? r : snapshot_put(&x->app, &tree_snapshot, a, tree, &x->e);
}
static inline void fx_reload(void *arg) {
  struct app_fixture *x = arg;
  if (fx_reload_tree(x) < 0) printf("# the tree was not reloaded: %s\n", x->e.what);
}
static struct unit_tree *fx_tree(void *arg) {
  return app_tree(arg);
}

static int fx_units_run(struct tx *tx, void *arg, struct err *e) {
  struct app_fixture *x = arg;
  struct viewer v = {.system = true, .zone = zone_get("Asia/Shanghai"), .now_ms = FX_NOW};
  char paths[FX_UNITS + 1][UNIT_PATH_MAX] = {""};
  for (int no = 1; no <= FX_UNITS; no++) {
    struct change *c = change_make(x->a, &x->app.registry, &v, &fx_unit, CHANGE_CREATE);
    struct unit_row up = {.path = str_from(paths[fx_parent(no)])};
    char sql[128];
    unit_path_make(fx_parent(no) ? &up : NULL, no, paths[no]);
    c->internal = true;
    change_set(c, U_NO, V_I64(no));
    change_set(c, U_CODE, V_TEXT(arena_printf(x->a, "c%d", no)));
    change_set(c, U_NAME, V_TEXT(arena_printf(x->a, "单位%d", no)));
    change_set(c, U_KIND,
               V_TEXTZ(no == 1    ? "city"
                       : no <= 4  ? "district"
                       : no <= 10 ? "subdistrict"
                                  : "community"));
    if (fx_parent(no)) change_set(c, U_PARENT, V_I64(fx_parent(no)));
    change_set(c, U_PATH, V_TEXT(arena_dup(x->a, str_from(paths[no]))));
    int r = change_ready(c, e);
    if (r == 0) r = change_run(tx, c, e);
    snprintf(sql, sizeof sql,
             "INSERT INTO unit_spell (unit, from_day, to_day, parent) VALUES "
             "(%d, -100000, %d, %d)",
             no, INT32_MAX, fx_parent(no));
    if (r == 0) r = tx_script(tx, str_from(sql), e);
    if (r < 0) return r;
    x->units[no] = c->id;
  }
  return 0;
}

static inline int fx_schema(struct app_fixture *x) {
  _cleanup_(buf_done) struct buf lite = BUF_INIT(MIB(1));
  _cleanup_(buf_done) struct buf pg = BUF_INIT(MIB(1));
  schema_sql(&lite, ENGINE_SQLITE);
  schema_sql(&pg, ENGINE_POSTGRES);
  struct migration all = {1, "all", buf_z(&lite), buf_z(&pg)};
  return store_migrate(x->app.store, &all, 1, NULL, &x->e);
}

static const struct role_grant *const fx_no_grants[] = {NULL};

/* Operations are not read from the table of this fixture's kind. */
static const struct snapshot_type *const fx_snapshots[] = {&tree_snapshot, &settings_snapshot,
                                                           NULL};
static const struct module fx_snapshot_module = {.name = "snapshots", .snapshots = fx_snapshots};
static const struct module *const fx_snapshot_modules[] = {&fx_snapshot_module, NULL};

static inline int fx_operations(struct app_fixture *x, size_t n) {
  struct arena *a = arena_create(MIB(1));
  struct operations *all = arena_new(a, struct operations);
  *all = (struct operations){.list = arena_array(a, struct operation, n), .n = n};
  for (size_t i = 0; i < n; i++)
    all->list[i] = (struct operation){.no = (int64_t)i + 1,
                                      .code = "op",
                                      .zone = zone_get("Asia/Shanghai"),
                                      .begins = FX_TODAY - 100,
                                      .ends = INT32_MAX,
                                      .open = true};
  return snapshot_put(&x->app, &operations_snapshot, a, all, &x->e);
}

static inline int fx_start(struct app_fixture *x) {
  struct app *app = &x->app;
  struct auth_options o = {
      .clock = &app->clock, .keys_file = x->keys_file, .create_keys = true, .grants = fx_no_grants};
  int r = auth_start(&o, &app->auth, &x->e);
  if (r < 0) return r;
  struct writer_options wo = {.parts = {[PART_SEQ] = &seq_part,
                                        [PART_FIGURES] = &figures_part,
                                        [PART_AUDIT] = audit_part(auth_audit(app->auth)),
                                        [PART_SNAPSHOTS] = snapshots_part(app->snapshots)}};
  r = figures_open(app, &app->figures, &x->e);
  if (r == 0) r = writer_start(app->store, &wo, &app->writer, &x->e);
  app->registry = (struct registry){.store = app->store,
                                    .writer = app->writer,
                                    .sealer = auth_sealer(app->auth),
                                    .ids = &app->ids,
                                    .clock = &app->clock,
                                    .tree = fx_tree,
                                    .tree_arg = app};
  app->registry.observers[app->registry.n_observers++] =
      (struct change_observer){.changed = figures_changed, .arg = app->figures};
  app->registry.observers[app->registry.n_observers++] = auth_observer(app->auth);
  if (r == 0) r = auth_attach(app->auth, &app->registry, &x->e);
  if (r == 0) r = keys_operation_create(auth_keys(app->auth), 1, FX_NOW, &x->e);
  return r;
}

static inline int app_fixture_open(struct app_fixture *x, struct fixture *f) {
  static const struct cmd_class units = {.name = "units", .run = fx_units_run};
  static int count;
  struct app *app = &x->app;
  *x = (struct app_fixture){.a = arena_create(LIMIT_ARENA_JOB)};
  app->store = f->store;
  idgen_init(&app->ids);
  clock_set_frozen(&app->clock, FX_NOW);
  const char *tmp = getenv("TMPDIR");
  snprintf(x->keys_file, sizeof x->keys_file, "%s/sw-app-%d-%d.keys", tmp ? tmp : "/tmp",
           (int)getpid(), ++count);
  int r = app_declare(&x->e);
  if (r == 0) r = fx_schema(x);
  if (r == 0) r = snapshots_open(app, fx_snapshot_modules, &app->snapshots, &x->e);
  if (r == 0) r = fx_operations(x, 1);
  if (r == 0) r = fx_start(x);
  if (r == 0) r = writer_run(app->writer, &units, x, CMD_NORMAL, &x->e);
  if (r == 0) r = fx_reload_tree(x);
  if (r == 0) r = alarms_open(app, &app->alarms, &x->e);
  if (r == 0) r = outbox_open(app, &app->outbox, &x->e);
  if (r == 0) r = app_system_viewer(app, x->a, 1, &x->system, &x->e);
  return r;
}

static inline void app_fixture_done(struct app_fixture *x) {
  struct app *app = &x->app;
  char name[1300];
  if (!x->a) return;
  app->jobs = jobs_stop(app->jobs);
  if (app->auth) auth_detach(app->auth);
  app->outbox = outbox_close(app->outbox);
  app->alarms = alarms_close(app->alarms);
  app->writer = writer_stop(app->writer);
  app->figures = figures_close(app->figures);
  app->snapshots = snapshots_close(app->snapshots);
  app->auth = auth_stop(app->auth);
  idgen_done(&app->ids);
  arena_free(x->a);
  kinds_done();
  const char *const suffixes[] = {"", ".lock", ".heads", ".heads.before-restore"};
  for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
    snprintf(name, sizeof name, "%s%s", x->keys_file, suffixes[i]);
    unlink(name);
  }
}

static inline int64_t fx_count(struct app_fixture *x, const char *sql) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  if (store_read(x->app.store, &tx, &x->e) < 0) return -1;
  if (cur_open_sql(tx, str_from(sql), NULL, 0, &c, &x->e) < 0) return -1;
  return cur_next(c, &x->e) > 0 ? cur_i64(c, 0) : -1;
}

static int fx_script_run(struct tx *tx, void *arg, struct err *e) {
  return tx_script(tx, str_from(arg), e);
}
static inline int fx_script(struct app_fixture *x, const char *sql) {
  static const struct cmd_class script = {.name = "script", .run = fx_script_run};
  return writer_run(x->app.writer, &script, (void *)(uintptr_t)sql, CMD_NORMAL, &x->e);
}

#define APP(name_)                                                                                 \
  _cleanup_(app_fixture_done) struct app_fixture name_ = {0};                                      \
  CHECK_OK(app_fixture_open(&name_, f), &name_.e)

#endif
