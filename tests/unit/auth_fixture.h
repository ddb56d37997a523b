/* For unit tests of what stands on accounts: a store with the account kinds and a few of the
 * test's own (units, an operation, responders, and `person` with sealed fields), the writer with
 * its parts, and struct auth with a clock that stands still until it is moved. One thread. */
#ifndef SHOUWANG_TESTS_UNIT_AUTH_FIXTURE_H
#define SHOUWANG_TESTS_UNIT_AUTH_FIXTURE_H

#include "auth/auth.h"
#include "store_fixture.h"

/* Units: 1 the city, 2 and 4 districts, 3 a community of 2, 5 one of 4. */
enum { CITY = 1, WEST = 2, WEST_COMMUNITY = 3, EAST = 4, EAST_COMMUNITY = 5 };

static const struct field fixture_unit_fields[] = {
    {.no = 1, .name = "no", .type = FT_UNIT, .flags = FF_SCOPE, .zh = "号", .en = "No"},
    {.no = 2, .name = "code", .type = FT_TEXT, .flags = FF_KEY, .zh = "编码", .en = "Code"},
    {.no = 3, .name = "name", .type = FT_TEXT, .flags = FF_TITLE, .zh = "名称", .en = "Name"},
    {.no = 4, .name = "kind", .type = FT_TEXT, .zh = "类", .en = "Kind"},
    {.no = 5, .name = "parent", .type = FT_UNIT, .zh = "上级", .en = "Parent"},
    {.no = 6, .name = "valid_from", .type = FT_DATE, .zh = "自", .en = "From"},
    {.no = 7, .name = "valid_to", .type = FT_DATE, .zh = "至", .en = "To"},
    {.no = 8, .name = "merged_into", .type = FT_UNIT, .zh = "并入", .en = "Merged"},
    {.no = 9, .name = "path", .type = FT_TEXT, .zh = "路径", .en = "Path"},
};
static const struct kind fixture_unit_kind = {.no = 1,
                                              .name = "unit",
                                              .plural = "units",
                                              .zh = "单位",
                                              .en = "Unit",
                                              .flags = KF_GLOBAL,
                                              FIELDS(fixture_unit_fields)};
static const struct field fixture_operation_fields[] = {
    {.no = 1, .name = "name", .type = FT_TEXT, .flags = FF_TITLE, .zh = "名称", .en = "Name"},
};
static const struct kind fixture_operation_kind = {.no = 2,
                                                   .name = "operation",
                                                   .plural = "operations",
                                                   .zh = "行动",
                                                   .en = "Operation",
                                                   .flags = KF_GLOBAL,
                                                   FIELDS(fixture_operation_fields)};
static const struct field fixture_responder_fields[] = {
    {.no = 1,
     .name = "name",
     .type = FT_TEXT,
     .flags = FF_TITLE | FF_PERSONAL,
     .mask = MASK_NAME,
     .zh = "姓名",
     .en = "Name"},
    {.no = 2, .name = "unit", .type = FT_UNIT, .flags = FF_SCOPE, .zh = "单位", .en = "Unit"},
};
static const struct kind fixture_responder_kind = {.no = 3,
                                                   .name = "responder",
                                                   .plural = "responders",
                                                   .zh = "人员",
                                                   .en = "Responder",
                                                   FIELDS(fixture_responder_fields)};

static const struct field fixture_post_fields[] = {
    {.no = 1, .name = "name", .type = FT_TEXT, .flags = FF_TITLE, .zh = "名称", .en = "Name"},
    {.no = 2, .name = "unit", .type = FT_UNIT, .flags = FF_SCOPE, .zh = "单位", .en = "Unit"},
};
static const struct kind fixture_post_kind = {.no = 24,
                                              .name = "post",
                                              .plural = "posts",
                                              .zh = "岗",
                                              .en = "Post",
                                              FIELDS(fixture_post_fields)};

enum { PERSON_UNIT, PERSON_NAME, PERSON_ID_NUMBER };
static const struct field fixture_person_fields[] = {
    [PERSON_UNIT] = {.no = 1,
                     .name = "unit",
                     .type = FT_UNIT,
                     .flags = FF_REQUIRED | FF_SCOPE,
                     .zh = "单位",
                     .en = "Unit"},
    [PERSON_NAME] = {.no = 2,
                     .name = "name",
                     .type = FT_TEXT,
                     .flags = FF_PERSONAL | FF_TITLE,
                     .mask = MASK_NAME,
                     .zh = "姓名",
                     .en = "Name"},
    [PERSON_ID_NUMBER] = {.no = 3,
                          .name = "id_number",
                          .type = FT_CITIZEN_ID,
                          .flags = FF_SEALED | FF_LOOKUP,
                          .mask = MASK_ID,
                          .zh = "证件号",
                          .en = "ID number"},
};
static const struct state fixture_person_states[] = {
    {"open", "开", "Open"}, {"closed", "关", "Closed"}, {0}};
static const struct transition fixture_person_transitions[] = {{.name = "close",
                                                                .zh = "关",
                                                                .en = "Close",
                                                                .from = "open",
                                                                .to = "closed",
                                                                .right = "person.close"},
                                                               {0}};
static const struct kind fixture_person_kind = {.no = 4,
                                                .name = "person",
                                                .plural = "persons",
                                                .zh = "人",
                                                .en = "Person",
                                                FIELDS(fixture_person_fields),
                                                .states = fixture_person_states,
                                                .transitions = fixture_person_transitions};

static const struct kind *const fixture_kinds[] = {&fixture_unit_kind,
                                                   &fixture_operation_kind,
                                                   &fixture_responder_kind,
                                                   &fixture_post_kind,
                                                   &fixture_person_kind,
                                                   &account_kind,
                                                   &role_grant_kind,
                                                   &device_kind,
                                                   NULL};
/* What an area would declare. */
static const struct role_grant fixture_grants[] = {{"city_duty", "person.* -person.reveal"},
                                                   {"district_duty", "person.*"},
                                                   {"lead", "person.*"},
                                                   {"secondee", "person.read person.create"},
                                                   {0}};
static const struct role_grant *const fixture_grant_tables[] = {fixture_grants, NULL};

struct auth_fixture {
  struct fixture *f;
  struct clock clock;
  struct idgen ids;
  char keys_file[1200];
  struct auth *auth;
  struct registry en;
  struct unit_tree *tree;
  struct arena *a;
  struct problems ps;
  struct err e;
};

#define FIXTURE_NOW INT64_C(1588930200000) /* 2020-05-08 17:30 in Beijing */

static struct unit_tree *fixture_tree(void *arg) {
  return unit_tree_ref(((struct auth_fixture *)arg)->tree);
}

static int fixture_units_run(struct tx *tx, void *arg, struct err *e) {
  static const struct {
    int no, parent;
    const char *path;
  } units[] = {{1, 0, "1"}, {2, 1, "1/2"}, {3, 2, "1/2/3"}, {4, 1, "1/4"}, {5, 4, "1/4/5"}};
  (void)arg;
  for (size_t i = 0; i < ARRAY_LEN(units); i++) {
    struct uuid id = uuid_derive(&(struct uuid){{1}}, str_from(units[i].path));
    char sql[512], text[UUID_TEXT], value[64];
    uuid_format(&id, text);
    if (tx_engine(tx) == ENGINE_POSTGRES) {
      snprintf(value, sizeof value, "'%s'", text);
    } else {
      char hex[33];
      hex_encode(id.b, 16, hex);
      snprintf(value, sizeof value, "x'%s'", hex);
    }
    snprintf(sql, sizeof sql,
             "INSERT INTO unit (id, no, code, name, kind, parent, path, seq, rev, retired, "
             "created_ms, updated_ms) VALUES (%s, %d, 'c%d', 'unit %d', 'community', NULLIF(%d, 0),"
             " '%s', 1, 1, 0, 0, 0)",
             value, units[i].no, units[i].no, units[i].no, units[i].parent, units[i].path);
    int r = tx_script(tx, str_from(sql), e);
    if (r < 0) return r;
  }
  return 0;
}

/* The schema is what the kinds print. */
static int fixture_schema(struct fixture *f, struct err *e) {
  _cleanup_(buf_done) struct buf lite = BUF_INIT(MIB(1));
  _cleanup_(buf_done) struct buf pg = BUF_INIT(MIB(1));
  schema_sql(&lite, ENGINE_SQLITE);
  schema_sql(&pg, ENGINE_POSTGRES);
  struct migration all = {1, "all", buf_z(&lite), buf_z(&pg)};
  return store_migrate(f->store, &all, 1, NULL, e);
}

static int fixture_start_auth(struct auth_fixture *x, struct err *e) {
  static const struct tx_part no_figures = {.name = "figures"};
  struct auth_options o = {.clock = &x->clock,
                           .keys_file = x->keys_file,
                           .create_keys = true,
                           .grants = fixture_grant_tables};
  int r = auth_start(&o, &x->auth, e);
  if (r < 0) return r;
  struct writer_options wo = {.parts = {[PART_SEQ] = &seq_part,
                                        [PART_FIGURES] = &no_figures,
                                        [PART_AUDIT] = audit_part(auth_audit(x->auth))}};
  x->en = (struct registry){.store = x->f->store,
                            .sealer = auth_sealer(x->auth),
                            .ids = &x->ids,
                            .clock = &x->clock,
                            .tree = fixture_tree,
                            .tree_arg = x};
  x->en.observers[x->en.n_observers++] = auth_observer(x->auth);
  r = writer_start(x->f->store, &wo, &x->en.writer, e);
  return r < 0 ? r : auth_attach(x->auth, &x->en, e);
}

static void fixture_stop_auth(struct auth_fixture *x) {
  if (x->auth) auth_detach(x->auth);
  x->en.writer = writer_stop(x->en.writer);
  x->auth = auth_stop(x->auth);
}

static int auth_fixture_open(struct auth_fixture *x, struct fixture *f) {
  static const struct cmd_class units = {.name = "units", .run = fixture_units_run};
  const char *rights[64];
  size_t n = 0;
  for (; auth_rights[n] && n < 60; n++) rights[n] = auth_rights[n];
  rights[n++] = "person.close";
  rights[n] = NULL;
  *x = (struct auth_fixture){.f = f, .a = arena_create(MIB(64))};
  idgen_init(&x->ids);
  problems_init(&x->ps, x->a);
  clock_set_frozen(&x->clock, FIXTURE_NOW);
  static int count;
  snprintf(x->keys_file, sizeof x->keys_file, "%s/sw-test-%d-%d.keys",
           getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", (int)getpid(), ++count);
  int r = kinds_init(fixture_kinds, rights, &x->e);
  if (r == 0) r = fixture_schema(f, &x->e);
  if (r == 0) r = fixture_start_auth(x, &x->e);
  if (r == 0) r = writer_run(x->en.writer, &units, NULL, CMD_NORMAL, &x->e);
  if (r == 0) r = keys_operation_create(auth_keys(x->auth), 1, FIXTURE_NOW, &x->e);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  if (r == 0) r = store_read(f->store, &tx, &x->e);
  if (r == 0) r = unit_tree_load(tx, &x->tree, &x->e);
  return r;
}

static void auth_fixture_done(struct auth_fixture *x) {
  char name[1300];
  fixture_stop_auth(x);
  x->tree = unit_tree_unref(x->tree);
  kinds_done();
  arena_free(x->a);
  idgen_done(&x->ids);
  const char *const suffixes[] = {"", ".lock", ".heads", ".heads.before-restore"};
  for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
    snprintf(name, sizeof name, "%s%s", x->keys_file, suffixes[i]);
    unlink(name);
  }
}

static inline struct auth_scope fixture_scope(struct auth_fixture *x) {
  int64_t now = clock_now_ms(&x->clock);
  const struct zone *z = zone_get("Asia/Shanghai");
  return (struct auth_scope){
      .op = 1, .today = zone_day(z, now, NULL), .now_ms = now, .zone = z, .tree = x->tree};
}

static inline struct viewer *fixture_system(struct auth_fixture *x) {
  struct auth_scope sc = fixture_scope(x);
  return auth_system_viewer(x->a, &sc);
}

/* An account and, where `role` is given, that role at the same unit. */
static inline int fixture_account(struct auth_fixture *x, const char *login, const char *role,
                                  int32_t unit, struct uuid *ret_id) {
  const struct viewer *system = fixture_system(x);
  struct change *c = change_make(x->a, &x->en, system, &account_kind, CHANGE_CREATE);
  change_set(c, ACCOUNT_LOGIN, V_TEXTZ(login));
  change_set(c, ACCOUNT_NAME, V_TEXTZ("测试员"));
  change_set(c, ACCOUNT_UNIT, V_I64(unit));
  int r = change_do(c, &x->e);
  *ret_id = c->id;
  if (r < 0 || !role) return r;
  c = change_make(x->a, &x->en, system, &role_grant_kind, CHANGE_CREATE);
  change_set(c, GRANT_ACCOUNT, V_UUID(*ret_id));
  change_set(c, GRANT_ROLE, V_TEXTZ(role));
  change_set(c, GRANT_UNIT, V_I64(unit));
  return change_do(c, &x->e);
}

static inline int fixture_login(struct auth_fixture *x, const char *login, const char *password,
                                struct auth_task *t) {
  *t = (struct auth_task){.type = AUTH_LOGIN,
                          .a = x->a,
                          .login = str_from(login),
                          .password = str_from(password),
                          .peer = S("192.0.2.1")};
  x->e = (struct err){0};
  return auth_run(x->auth, t, &x->e);
}

/* His viewer as a request would get it. */
static inline int fixture_viewer(struct auth_fixture *x, const char *token,
                                 struct viewer **ret_viewer) {
  struct auth_session *s;
  struct auth_scope sc = fixture_scope(x);
  int r = auth_session(x->auth, x->a, str_from(token), &s, &x->e);
  if (r == 0) *ret_viewer = auth_viewer(x->auth, x->a, s, &sc);
  return r;
}

#endif
