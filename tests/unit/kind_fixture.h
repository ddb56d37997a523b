/* For tests of the engine: a small world of kinds (a global tree, a sealed and stateful record, one
 * that refers to others, one that is written in masses) over a store of either engine, with a
 * sealer that keeps its keys in memory. A world owns everything in it; world_done() ends it. One
 * thread beside the writer's. */
#ifndef SHOUWANG_TESTS_UNIT_KIND_FIXTURE_H
#define SHOUWANG_TESTS_UNIT_KIND_FIXTURE_H

#include "kind/ddl.h"
#include "kind/engine.h"
#include "store_fixture.h"

/* ---- the kinds ---- */

enum {
  UNIT_NO,
  UNIT_PARENT,
  UNIT_CODE,
  UNIT_NAME,
  UNIT_KIND,
  UNIT_FROM,
  UNIT_TO,
  UNIT_MERGED,
  UNIT_PATH
};
static const struct field unit_fields[] = {
    {.no = 1, .name = "no", .type = FT_INT, .flags = FF_SYSTEM, .zh = "号", .en = "Number"},
    {.no = 2, .name = "parent", .type = FT_INT, .flags = FF_SYSTEM, .zh = "上级", .en = "Parent"},
    {.no = 3,
     .name = "code",
     .type = FT_UNIT_CODE,
     .zh = "代码",
     .en = "Code",
     .flags = FF_REQUIRED | FF_KEY | FF_FILTER | FF_SORT | FF_SEARCH},
    {.no = 4,
     .name = "name",
     .type = FT_TEXT,
     .zh = "名称",
     .en = "Name",
     .flags = FF_REQUIRED | FF_TITLE | FF_FILTER | FF_SORT | FF_SEARCH},
    {.no = 5, .name = "kind", .type = FT_TEXT, .flags = FF_REQUIRED, .zh = "类型", .en = "Kind"},
    {.no = 6, .name = "valid_from", .type = FT_DATE, .zh = "起", .en = "From"},
    {.no = 7, .name = "valid_to", .type = FT_DATE, .zh = "止", .en = "To"},
    {.no = 8,
     .name = "merged_into",
     .type = FT_INT,
     .flags = FF_SYSTEM,
     .zh = "并入",
     .en = "Merged into"},
    {.no = 9, .name = "path", .type = FT_TEXT, .flags = FF_SYSTEM, .zh = "路径", .en = "Path"},
    {.no = 10,
     .name = "aliases",
     .type = FT_TAGS,
     .flags = FF_ALIAS,
     .zh = "别名",
     .en = "Aliases"},
};
static const struct kind unit_kind = {.no = 1,
                                      .name = "unit",
                                      .plural = "units",
                                      .zh = "单位",
                                      .en = "Unit",
                                      .flags = KF_GLOBAL,
                                      FIELDS(unit_fields)};

enum {
  RESP_NAME,
  RESP_ID,
  RESP_PHONE,
  RESP_ADDRESS,
  RESP_UNIT,
  RESP_HOST,
  RESP_AGE,
  RESP_JOINED,
  RESP_SKILLS,
  RESP_KIND,
  RESP_NOTE,
  RESP_SCORE,
  RESP_LEVEL,
  RESP_REPORTED
};
static const struct choice resp_kinds[] = {
    {"staff", "干部", "Staff"}, {"worker", "社工", "Social worker"}, {0}};
static const struct field resp_fields[] = {
    {.no = 1,
     .name = "name",
     .type = FT_TEXT,
     .mask = MASK_NAME,
     .zh = "姓名",
     .en = "Name",
     .flags = FF_REQUIRED | FF_PERSONAL | FF_TITLE | FF_FILTER | FF_SORT | FF_SEARCH,
     .max = 40},
    {.no = 2,
     .name = "id_number",
     .type = FT_CITIZEN_ID,
     .mask = MASK_ID,
     .zh = "身份证号",
     .en = "ID number",
     .flags = FF_SEALED | FF_LOOKUP | FF_KEY | FF_FILTER},
    {.no = 3,
     .name = "phone",
     .type = FT_PHONE,
     .mask = MASK_PHONE,
     .zh = "电话",
     .en = "Phone",
     .flags = FF_SEALED | FF_LOOKUP | FF_FILTER},
    {.no = 4,
     .name = "address",
     .type = FT_TEXT,
     .mask = MASK_TAIL,
     .zh = "住址",
     .en = "Address",
     .flags = FF_SEALED},
    {.no = 5,
     .name = "unit",
     .type = FT_UNIT,
     .zh = "派出单位",
     .en = "Unit",
     .flags = FF_REQUIRED | FF_SCOPE | FF_FILTER},
    {.no = 6, .name = "host", .type = FT_UNIT, .flags = FF_SCOPE, .zh = "接收", .en = "Host"},
    {.no = 7,
     .name = "age",
     .type = FT_INT,
     .flags = FF_FILTER | FF_SORT,
     .min = 16,
     .max = 99,
     .zh = "年龄",
     .en = "Age"},
    {.no = 8,
     .name = "joined",
     .type = FT_DATE,
     .flags = FF_FILTER | FF_SORT,
     .zh = "入职",
     .en = "Joined"},
    {.no = 9, .name = "skills", .type = FT_TAGS, .flags = FF_FILTER, .zh = "特长", .en = "Skills"},
    {.no = 10,
     .name = "kind",
     .type = FT_ENUM,
     .choices = resp_kinds,
     .flags = FF_FILTER,
     .initial = "staff",
     .zh = "类别",
     .en = "Kind"},
    {.no = 11,
     .name = "note",
     .type = FT_LONGTEXT,
     .flags = FF_SEARCH | FF_SHARED,
     .zh = "备注",
     .en = "Note"},
    {.no = 12, .name = "score", .type = FT_INT, .flags = FF_SYSTEM, .zh = "分", .en = "Score"},
    {.no = 13, .name = "level", .type = FT_INT, .flags = FF_IMMUTABLE, .zh = "级", .en = "Level"},
    {.no = 14,
     .name = "reported_on",
     .type = FT_DATE,
     .flags = FF_SYSTEM,
     .zh = "报到",
     .en = "Reported on"},
};
static const struct state resp_states[] = {{"planned", "计划", "Planned"},
                                           {"reported", "已报到", "Reported"},
                                           {"released", "已离岗", "Released"},
                                           {0}};
static const struct transition resp_transitions[] = {{.name = "report",
                                                      .zh = "报到",
                                                      .en = "Report",
                                                      .from = "planned",
                                                      .to = "reported",
                                                      .needs = "reported_on",
                                                      .takes = "note"},
                                                     {.name = "release",
                                                      .zh = "离岗",
                                                      .en = "Release",
                                                      .from = "reported",
                                                      .to = "released",
                                                      .right = "responder.release",
                                                      .flags = TR_SECOND_PERSON | TR_REASON},
                                                     {0}};
static void resp_check(const struct change *c, const struct record *old, struct record *rec,
                       struct problems *ps) {
  (void)c, (void)old;
  if (rec_is(rec, RESP_NOTE, "wrong")) problem_add(ps, PROBLEM_rule, S("note"));
}
static const struct kind resp_kind = {.no = 2,
                                      .name = "responder",
                                      .plural = "responders",
                                      .zh = "人员",
                                      .en = "Responder",
                                      .flags = KF_MERGE | KF_SYNC,
                                      FIELDS(resp_fields),
                                      .states = resp_states,
                                      .transitions = resp_transitions,
                                      .check = resp_check};

enum { POST_NAME, POST_UNIT };
static const struct field post_fields[] = {
    {.no = 1,
     .name = "name",
     .type = FT_TEXT,
     .flags = FF_REQUIRED | FF_TITLE,
     .zh = "名称",
     .en = "Name"},
    {.no = 2,
     .name = "unit",
     .type = FT_UNIT,
     .flags = FF_REQUIRED | FF_SCOPE,
     .zh = "社区",
     .en = "Community"},
};
static const struct kind post_kind = {
    .no = 3, .name = "post", .plural = "posts", .zh = "岗", .en = "Post", FIELDS(post_fields)};

enum { ASG_RESPONDER, ASG_POST, ASG_UNIT, ASG_DAY };
static const struct field asg_fields[] = {
    {.no = 1,
     .name = "responder",
     .type = FT_REF,
     .ref = "responder",
     .zh = "人",
     .en = "Person",
     .flags = FF_REQUIRED | FF_TITLE | FF_FILTER},
    {.no = 2,
     .name = "post",
     .type = FT_REF,
     .ref = "post",
     .flags = FF_REQUIRED | FF_TITLE,
     .zh = "岗",
     .en = "Post"},
    {.no = 3,
     .name = "unit",
     .type = FT_UNIT,
     .flags = FF_SCOPE | FF_SYSTEM,
     .zh = "社区",
     .en = "Community"},
    {.no = 4,
     .name = "day",
     .type = FT_DATE,
     .flags = FF_REQUIRED | FF_TITLE | FF_SORT,
     .zh = "日",
     .en = "Day"},
};
static const char *const asg_uniques[] = {"post,responder,day", NULL};
/* The unit comes from the post. */
static int asg_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps, struct err *e) {
  struct record *post;
  struct uuid id = rec_uuid(rec, ASG_POST);
  (void)old, (void)ps;
  int r = record_load(tx, c->a, &post_kind, c->op, &id, &post, e);
  if (r < 0) return r;
  rec_set(rec, ASG_UNIT, V_I64(rec_unit(post, POST_UNIT)));
  return 0;
}
static const struct kind asg_kind = {.no = 4,
                                     .name = "assignment",
                                     .plural = "assignments",
                                     .zh = "排班",
                                     .en = "Assignment",
                                     FIELDS(asg_fields),
                                     .uniques = asg_uniques,
                                     .apply = asg_apply};

enum { GATE_UNIT, GATE_POST, GATE_WAY, GATE_WHO, GATE_RESIDENT, GATE_TEMP, GATE_AT };
static const struct choice gate_ways[] = {{"in", "进", "In"}, {"out", "出", "Out"}, {0}};
static const struct field gate_fields[] = {
    {.no = 1,
     .name = "unit",
     .type = FT_UNIT,
     .flags = FF_REQUIRED | FF_SCOPE,
     .zh = "社区",
     .en = "Community"},
    {.no = 2,
     .name = "post",
     .type = FT_REF,
     .ref = "post",
     .flags = FF_REQUIRED | FF_FILTER,
     .zh = "岗",
     .en = "Post"},
    {.no = 3,
     .name = "direction",
     .type = FT_ENUM,
     .choices = gate_ways,
     .zh = "方向",
     .en = "Direction",
     .flags = FF_REQUIRED | FF_FILTER},
    {.no = 4,
     .name = "who",
     .type = FT_TEXT,
     .mask = MASK_NAME,
     .flags = FF_PERSONAL,
     .zh = "谁",
     .en = "Who"},
    {.no = 5,
     .name = "resident",
     .type = FT_REF,
     .ref = "responder",
     .zh = "居民",
     .en = "Resident"},
    {.no = 6, .name = "temperature", .type = FT_TEMP, .zh = "体温", .en = "Temperature"},
    {.no = 7, .name = "device_at", .type = FT_MOMENT, .zh = "时间", .en = "Time"},
};
static void gate_check(const struct change *c, const struct record *old, struct record *rec,
                       struct problems *ps) {
  (void)c, (void)old;
  if (rec_is(rec, GATE_WHO, "bad")) problem_add(ps, PROBLEM_rule, S("who"));
}
static const struct kind gate_kind = {.no = 5,
                                      .name = "gate_event",
                                      .plural = "gate-events",
                                      .zh = "出入",
                                      .en = "Gate event",
                                      .flags = KF_EVENT,
                                      FIELDS(gate_fields),
                                      .check = gate_check};

/* Work: found, fixed by one, verified by another. */
enum {
  GAP_WHAT,
  GAP_UNIT,
  GAP_OWNER,
  GAP_SOURCE,
  GAP_FIXED_ON,
  GAP_POST,
  GAP_FIXED_AT,
  GAP_FIXED_BY,
  GAP_SHOWN_ON
};
static const struct field gap_fields[] = {
    {.no = 1,
     .name = "what",
     .type = FT_TEXT,
     .flags = FF_REQUIRED | FF_TITLE,
     .zh = "问题",
     .en = "What"},
    {.no = 2,
     .name = "unit",
     .type = FT_UNIT,
     .flags = FF_REQUIRED | FF_SCOPE,
     .zh = "社区",
     .en = "Community"},
    {.no = 3, .name = "owner", .type = FT_TEXT, .flags = FF_SHARED, .zh = "责任人", .en = "Owner"},
    {.no = 4,
     .name = "source",
     .type = FT_TEXT,
     .flags = FF_AT_CREATION,
     .zh = "来源",
     .en = "Source"},
    {.no = 5, .name = "fixed_on", .type = FT_DATE, .zh = "整改日期", .en = "Fixed on"},
    {.no = 6,
     .name = "post",
     .type = FT_REF,
     .ref = "post",
     .flags = FF_HOLDS,
     .zh = "岗",
     .en = "Post"},
    {.no = 7,
     .name = "fixed_at",
     .type = FT_MOMENT,
     .flags = FF_SYSTEM | FF_FILTER | FF_SORT,
     .zh = "整改时间",
     .en = "Fixed at"},
    {.no = 8,
     .name = "fixed_by",
     .type = FT_REF,
     .ref = "account",
     .flags = FF_SYSTEM,
     .zh = "整改人",
     .en = "Fixed by"},
    {.no = 9,
     .name = "shown_on",
     .type = FT_DATE,
     .flags = FF_SYSTEM,
     .zh = "出示日期",
     .en = "Shown on"},
};
static const struct stamp gap_stamps[] = {{.states = "found", .clears = "fixed_at fixed_by"},
                                          {.states = "fixed", .at = "fixed_at", .by = "fixed_by"},
                                          {.states = "shown", .at = "shown_on"},
                                          {0}};
static const struct state gap_states[] = {{"found", "已发现", "Found"},
                                          {"fixed", "已整改", "Fixed"},
                                          {"shown", "已出示", "Shown"},
                                          {"verified", "已复查", "Verified"},
                                          {0}};
static int gap_fixes(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps, struct err *e) {
  (void)tx, (void)c, (void)old, (void)e;
  if (rec_is(rec, GAP_WHAT, "hopeless")) problem_add(ps, PROBLEM_rule, S("what"));
  return 0;
}
static const struct transition gap_transitions[] = {
    {.name = "fix",
     .zh = "整改",
     .en = "Fix",
     .from = "found",
     .to = "fixed",
     .needs = "fixed_on",
     .takes = "owner source",
     .apply = gap_fixes},
    {.name = "show", .zh = "出示", .en = "Show", .from = "fixed", .to = "shown"},
    {.name = "reopen", .zh = "重开", .en = "Reopen", .from = "fixed shown", .to = "found"},
    {.name = "verify",
     .zh = "复查",
     .en = "Verify",
     .from = "fixed shown",
     .to = "verified",
     .second_to = "fixed",
     .flags = TR_SECOND_PERSON},
    {0}};
static const struct frozen gap_frozen[] = {{"fixed", "what", NULL}, {"verified", "*", NULL}, {0}};
static const struct kind gap_kind = {.no = 6,
                                     .name = "gap",
                                     .plural = "gaps",
                                     .zh = "盲点",
                                     .en = "Gap",
                                     FIELDS(gap_fields),
                                     .states = gap_states,
                                     .stamps = gap_stamps,
                                     .ends = "verified",
                                     .transitions = gap_transitions,
                                     .frozen = gap_frozen};

/* Who acts under an account. */
enum { ACCOUNT_PERSON };
static const struct field account_fields[] = {{.no = 1,
                                               .name = "person",
                                               .type = FT_REF,
                                               .ref = "responder",
                                               .flags = FF_PERSON,
                                               .zh = "人",
                                               .en = "Person"}};
static const struct kind account_kind = {.no = 7,
                                         .name = "account",
                                         .plural = "accounts",
                                         .zh = "账号",
                                         .en = "Account",
                                         .flags = KF_GLOBAL,
                                         FIELDS(account_fields)};

static const struct kind *const world_kinds[] = {&unit_kind, &resp_kind, &post_kind,    &asg_kind,
                                                 &gate_kind, &gap_kind,  &account_kind, NULL};
static const char *const world_rights[] = {"responder.release", NULL};

/* ---- a sealer for tests: a keystream and a tag out of the table hash ---- */

struct test_sealer {
  struct sealer s;
  uint64_t nonce;
  bool destroyed;
};

static inline uint64_t test_mix(int64_t op, uint16_t kind, const struct uuid *id, uint16_t field,
                                uint64_t nonce, uint64_t n) {
  struct {
    int64_t op;
    uint64_t kind_field, nonce, n;
    struct uuid id;
  } in = {op, (uint64_t)kind << 16 | field, nonce, n, id ? *id : (struct uuid){{0}}};
  return hash64(&in, sizeof in);
}

static inline int test_seal(struct sealer *s, int64_t op, uint16_t kind, const struct uuid *id,
                            uint16_t field, struct str plain, struct arena *a, struct str *ret_blob,
                            struct err *e) {
  struct test_sealer *t = (struct test_sealer *)s;
  char *p = arena_alloc(a, plain.n + 16);
  uint64_t nonce = __atomic_add_fetch(&t->nonce, 1, __ATOMIC_RELAXED), tag;
  if (t->destroyed) return err_set(e, E_GONE, "the key is destroyed");
  memcpy(p, &nonce, 8);
  for (size_t i = 0; i < plain.n; i++)
    p[16 + i] = (char)(plain.p[i] ^ (char)test_mix(op, kind, id, field, nonce, i + 1));
  tag = test_mix(op, kind, id, field, nonce, 0) ^ hash64(plain.p, plain.n);
  memcpy(p + 8, &tag, 8);
  *ret_blob = (struct str){p, plain.n + 16};
  return 0;
}

static inline int test_unseal(struct sealer *s, int64_t op, uint16_t kind, const struct uuid *id,
                              uint16_t field, struct str blob, struct arena *a,
                              struct str *ret_plain, struct err *e) {
  struct test_sealer *t = (struct test_sealer *)s;
  uint64_t nonce, tag;
  if (t->destroyed) return err_set(e, E_GONE, "the key is destroyed");
  if (blob.n < 16) return err_set(e, E_BUG, "not a sealed value");
  char *p = arena_alloc(a, blob.n - 16 + 1);
  memcpy(&nonce, blob.p, 8);
  memcpy(&tag, blob.p + 8, 8);
  for (size_t i = 16; i < blob.n; i++)
    p[i - 16] = (char)(blob.p[i] ^ (char)test_mix(op, kind, id, field, nonce, i - 15));
  if (tag != (test_mix(op, kind, id, field, nonce, 0) ^ hash64(p, blob.n - 16)))
    return err_set(e, E_BUG, "a sealed value that does not belong here");
  *ret_plain = (struct str){p, blob.n - 16};
  return 0;
}

static inline int test_blind(struct sealer *s, int64_t op, uint16_t kind, uint16_t field,
                             struct str plain, uint8_t out[16], struct err *e) {
  (void)s, (void)e;
  uint64_t h[2] = {hash64(plain.p, plain.n) ^ (uint64_t)op, (uint64_t)kind << 16 | field};
  h[1] = hash64(h, sizeof h);
  memcpy(out, h, 16);
  return 0;
}

static inline void test_digest(struct sealer *s, struct str content, uint8_t out[16]) {
  (void)s;
  uint64_t h[2] = {hash64(content.p, content.n), content.n};
  h[1] = hash64(h, sizeof h);
  memcpy(out, h, 16);
}

static const struct sealer_ops test_sealer_ops = {test_seal, test_unseal, test_blind, test_digest};

/* ---- the world ---- */

enum { CITY = 1, DISTRICT_A, DISTRICT_B, COMM_A1, COMM_A2, COMM_B1, COMM_OLD };
static const char *const unit_codes[] = {NULL,           "110000000000", "110102000000",
                                         "110106000000", "110102001001", "110102001002",
                                         "110106001001", "110102009009"};

struct world {
  struct fixture *f;
  struct registry en;
  struct test_sealer sealer;
  struct idgen ids;
  struct clock clock;
  struct unit_tree *tree;
  struct arena *a;
  struct viewer system;
  struct err e;
  struct uuid units[8];
  int changed, revealed;
  struct str last_fields;
};

static int world_changed(struct tx *tx, const struct change *c, const struct record *old,
                         const struct record *rec, void *arg, struct err *e) {
  (void)tx, (void)c, (void)old, (void)rec, (void)e;
  ((struct world *)arg)->changed++;
  return 0;
}

static int world_revealed(struct tx *tx, const struct viewer *v, const struct record *rec,
                          struct str fields, struct str reason, void *arg, struct err *e) {
  struct world *w = arg;
  (void)tx, (void)v, (void)rec, (void)reason, (void)e;
  w->revealed++;
  w->last_fields = fields;
  return 0;
}

static inline void world_done(struct world *w) {
  if (!w->a) return;
  w->en.writer = writer_stop(w->en.writer);
  w->tree = unit_tree_unref(w->tree);
  idgen_done(&w->ids);
  kinds_done();
  w->a = arena_free(w->a);
}

static inline int world_tree(struct world *w) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct unit_tree *tree;
  int r = store_read(w->f->store, &tx, &w->e);
  if (r < 0 || (r = unit_tree_load(tx, &tree, &w->e)) < 0) return r;
  unit_tree_unref(w->tree);
  w->tree = w->system.tree = tree;
  return 0;
}

static inline int world_unit(struct world *w, int no, int parent, const char *name) {
  struct change *c = change_make(w->a, &w->en, &w->system, &unit_kind, CHANGE_CREATE);
  char path[UNIT_PATH_MAX], up[UNIT_PATH_MAX] = "";
  struct unit_row above = {.path = str_from(up)};
  if (parent == CITY) snprintf(up, sizeof up, "%06d", CITY);
  if (parent > CITY) snprintf(up, sizeof up, "%06d/%06d", CITY, parent);
  above.path = str_from(up);
  unit_path_make(parent ? &above : NULL, no, path);
  c->internal = true;
  change_set(c, UNIT_NO, V_I64(no));
  change_set(c, UNIT_PARENT, parent ? V_I64(parent) : V_NULL);
  change_set(c, UNIT_CODE, V_TEXTZ(unit_codes[no]));
  change_set(c, UNIT_NAME, V_TEXTZ(name));
  change_set(c, UNIT_KIND, V_TEXTZ("community"));
  change_set(c, UNIT_PATH, V_TEXT(arena_dup(w->a, str_from(path))));
  int r = change_do(c, &w->e);
  w->units[no] = c->id;
  if (r < 0 || no != COMM_OLD) return r;
  c = change_make(w->a, &w->en, &w->system, &unit_kind, CHANGE_RETIRE);
  c->id = w->units[no];
  return change_do(c, &w->e);
}

static inline int world_open(struct world *w, struct fixture *f) {
  static const struct {
    int no, parent;
    const char *name;
  } units[] = {{CITY, 0, "北京市"},
               {DISTRICT_A, CITY, "西城区"},
               {DISTRICT_B, CITY, "丰台区"},
               {COMM_A1, DISTRICT_A, "甲一社区"},
               {COMM_A2, DISTRICT_A, "甲二社区"},
               {COMM_B1, DISTRICT_B, "乙一社区"},
               {COMM_OLD, DISTRICT_A, "旧社区"}};
  *w = (struct world){.f = f, .sealer = {.s = {&test_sealer_ops}}};
  w->a = arena_create(LIMIT_ARENA_JOB);
  idgen_init(&w->ids);
  clock_set_frozen(&w->clock, INT64_C(1588930200000)); /* 2020-05-08T17:30+08:00 */
  w->en = (struct registry){.store = f->store,
                            .sealer = &w->sealer.s,
                            .ids = &w->ids,
                            .clock = &w->clock,
                            .observers = {{world_changed, world_revealed, w}},
                            .n_observers = 1};
  w->system = (struct viewer){.op = 1,
                              .system = true,
                              .zone = zone_get("Asia/Shanghai"),
                              .today = day_from_civil(2020, 5, 8),
                              .now_ms = clock_now_ms(&w->clock),
                              .login = S("system")};
  int r = kinds_init(world_kinds, world_rights, &w->e);
  if (r < 0) return r;
  struct buf lite = BUF_INIT(MIB(1)), pg = BUF_INIT(MIB(1));
  schema_sql(&lite, ENGINE_SQLITE);
  schema_sql(&pg, ENGINE_POSTGRES);
  struct migration m = {1, "world", buf_z(&lite), buf_z(&pg)};
  r = store_migrate(f->store, &m, 1, NULL, &w->e);
  buf_done(&lite);
  buf_done(&pg);
  struct writer_options o = {.parts = {&seq_part}};
  if (r == 0) r = writer_start(f->store, &o, &w->en.writer, &w->e);
  if (r == 0) r = world_tree(w);
  for (size_t i = 0; i < ARRAY_LEN(units) && r == 0; i++)
    r = world_unit(w, units[i].no, units[i].parent, units[i].name);
  if (r == 0) r = world_tree(w);
  w->changed = 0;
  return r;
}

/* A user with one grant: rights as words, at a unit. Further ones by world_grant(). */
static inline void world_grant(struct world *w, struct viewer *v, int unit, const char *rights) {
  struct viewer_grant *g = arena_array(w->a, struct viewer_grant, v->n_grants + 1);
  if (v->n_grants) memcpy(g, v->grants, v->n_grants * sizeof *g);
  g[v->n_grants].unit = unit;
  for (struct str rest = str_from(rights); rest.p;) {
    right_t r = right_by_name(str_split(&rest, ' '));
    if (r == RIGHT_NONE) printf("# an unknown right in: %s\n", rights);
    right_add(&g[v->n_grants].rights, r);
  }
  v->grants = g;
  v->n_grants++;
}

static inline struct viewer world_user(struct world *w, int who, int unit, const char *rights) {
  struct viewer v = w->system;
  v.system = false;
  v.user.b[0] = 0xaa;
  v.user.b[15] = (uint8_t)who;
  v.login = S("somebody");
  world_grant(w, &v, unit, rights);
  return v;
}

/* ---- doing things as JSON ---- */

static inline struct change *world_parse(struct world *w, const struct viewer *v,
                                         const struct kind *k, enum change_verb verb,
                                         const struct uuid *id, const char *action,
                                         const char *body, int *ret_r) {
  struct change *c = change_make(w->a, &w->en, v, k, verb);
  json_t *root = NULL;
  w->e = (struct err){0};
  if (id) c->id = *id;
  *ret_r = json_read(w->a, str_from(body), &root, &w->e);
  if (*ret_r == 0) *ret_r = change_parse(c, root, str_from(action ? action : ""), &w->e);
  return c;
}

static inline struct change *world_do(struct world *w, const struct viewer *v, const struct kind *k,
                                      enum change_verb verb, const struct uuid *id,
                                      const char *action, const char *body, int *ret_r) {
  struct change *c = world_parse(w, v, k, verb, id, action, body, ret_r);
  if (*ret_r == 0) *ret_r = change_do(c, &w->e);
  return c;
}

/* "code@field code@field …" of the problems, sorted as they came. */
static inline const char *world_problems(struct world *w, const struct change *c) {
  struct buf b = BUF_INIT(KIB(8));
  for (const struct problem *p = c->problems.first; p; p = p->next)
    buf_printf(&b, "%s%s@" STR_FMT, b.n ? " " : "", problem_name(p->code), STR_ARG(p->field));
  const char *z = arena_strz(w->a, buf_str(&b));
  buf_done(&b);
  return z;
}

static inline json_t *world_emit(struct world *w, const struct viewer *v, struct record *r) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw jw;
  json_t *root = NULL;
  jw_init(&jw, &b);
  if (store_read(w->f->store, &tx, &w->e) < 0) return NULL;
  struct emit em = {.tx = tx, .en = &w->en, .viewer = v, .a = w->a};
  int rc = emit_record(&em, &jw, r, &w->e);
  if (rc == 0 && jw_ok(&jw)) rc = json_read(w->a, arena_dup(w->a, buf_str(&b)), &root, &w->e);
  if (rc < 0) printf("# emit: %s %.*s\n", w->e.what ? w->e.what : "?", (int)b.n, b.p);
  buf_done(&b);
  return root;
}

/* A record as it stands, through the reader's eyes; NULL where he may not. */
static inline struct record *world_get(struct world *w, const struct viewer *v,
                                       const struct kind *k, const struct uuid *id) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct record *r = NULL;
  if (store_read(w->f->store, &tx, &w->e) < 0) return NULL;
  return record_get(tx, w->a, v, k, id, &r, &w->e) == 0 ? r : NULL;
}

static inline int64_t world_count(struct world *w, const char *sql) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  if (store_read(w->f->store, &tx, &w->e) < 0) return -1;
  if (cur_open_sql(tx, str_from(sql), NULL, 0, &c, &w->e) < 0) return -1;
  return cur_next(c, &w->e) > 0 ? cur_i64(c, 0) : -1;
}

/* "x" of {"a":{"b":"x"}} by world_at(root, "a", "b", NULL). */
static inline const char *world_at(const json_t *j, const char *key, const char *inner) {
  j = json_object_get(j, key);
  if (inner) j = json_object_get(j, inner);
  return json_string_value(j);
}

#define WORLD(name_)                                                                               \
  _cleanup_(world_done) struct world name_;                                                        \
  CHECK_OK(world_open(&name_, f), &name_.e)

#endif
