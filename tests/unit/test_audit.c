#include "auth_fixture.h"
#include "auth/audit_impl.h"

#define WITH_AUTH(x, f)                                                                            \
  _cleanup_(auth_fixture_done) struct auth_fixture x = {0};                                        \
  CHECK_OK(auth_fixture_open(&x, f), &x.e)

static int make_person(struct auth_fixture *x, int32_t unit, const char *name,
                       struct uuid *ret_id) {
  struct change *c =
      change_make(x->a, &x->en, fixture_system(x), &fixture_person_kind, CHANGE_CREATE);
  change_set(c, PERSON_UNIT, V_I64(unit));
  change_set(c, PERSON_NAME, V_TEXTZ(name));
  change_set(c, PERSON_ID_NUMBER, V_TEXTZ("11010519491231002X"));
  c->source = "api";
  int r = change_do(c, &x->e);
  if (r == 0 && ret_id) *ret_id = c->id;
  return r;
}

/* Runs SQL as nobody in the product can. */
struct raw {
  const char *sql[4];
};
static int raw_run(struct tx *tx, void *arg, struct err *e) {
  const struct raw *raw = arg;
  int r = 0;
  for (size_t i = 0; r == 0 && i < ARRAY_LEN(raw->sql) && raw->sql[i]; i++)
    r = tx_script(tx, str_from(raw->sql[i]), e);
  return r;
}
static int raw(struct auth_fixture *x, const char *a, const char *b, const char *c) {
  static const struct cmd_class cls = {.name = "raw", .run = raw_run};
  struct raw arg = {{a, b, c}};
  return writer_run(x->en.writer, &cls, &arg, CMD_NORMAL, &x->e);
}
/* The same with the triggers out of the way: what somebody with the database's file can do. */
static int tamper(struct auth_fixture *x, const char *sql) {
  if (store_engine(x->f->store) == ENGINE_POSTGRES)
    return raw(x, "ALTER TABLE audit DISABLE TRIGGER USER", sql,
               "ALTER TABLE audit ENABLE TRIGGER USER");
  return raw(x, "DROP TRIGGER IF EXISTS audit_no_update; DROP TRIGGER IF EXISTS audit_no_delete",
             sql, NULL);
}

static struct audit_verdict verdict(struct auth_fixture *x) {
  struct audit_verdict v = {.finding = AUDIT_SOUND, .rows = -1};
  if (audit_verify(auth_audit(x->auth), x->f->store, &v, &x->e) < 0)
    printf("# %s %s\n", x->e.what, x->e.field);
  return v;
}

static int64_t count_rows(struct auth_fixture *x, const char *where) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct str sql = arena_printf(x->a, "SELECT count(*) FROM audit WHERE %s", where);
  if (store_read(x->f->store, &tx, &x->e) < 0 || cur_open_sql(tx, sql, P_NONE, &c, &x->e) < 0 ||
      cur_next(c, &x->e) != 1)
    return -1;
  return cur_i64(c, 0);
}

TEST_BOTH(audit_has_a_row_for_every_change) {
  WITH_AUTH(x, f);
  struct uuid id;
  int64_t before = count_rows(&x, "1 = 1");
  CHECK_OK(make_person(&x, WEST_COMMUNITY, "张三", &id), &x.e);
  struct change *c =
      change_make(x.a, &x.en, fixture_system(&x), &fixture_person_kind, CHANGE_UPDATE);
  c->id = id;
  change_set(c, PERSON_NAME, V_TEXTZ("李四"));
  CHECK_OK(change_do(c, &x.e), &x.e);
  CHECK_EQ_I64(count_rows(&x, "1 = 1"), before + 2);
  CHECK_EQ_I64(count_rows(&x, "action = 'create' AND kind = 4 AND unit = 3 AND detail IS NULL"), 1);
  CHECK_EQ_I64(count_rows(&x, "action = 'update' AND detail LIKE '%\"fields\":[\"name\"]%'"), 1);
  /* A command that fails leaves none. */
  c = change_make(x.a, &x.en, fixture_system(&x), &fixture_person_kind, CHANGE_UPDATE);
  c->id = id;
  c->if_rev = 99;
  change_set(c, PERSON_NAME, V_TEXTZ("王五"));
  CHECK_EQ_I64(change_do(c, &x.e), -E_CONFLICT);
  CHECK_EQ_I64(count_rows(&x, "1 = 1"), before + 2);
  CHECK_EQ_I64(verdict(&x).rows, before + 2);
  CHECK_EQ_I64(verdict(&x).finding, AUDIT_SOUND);
}

TEST_BOTH(audit_holds_no_personal_value) {
  WITH_AUTH(x, f);
  struct uuid id;
  struct auth_task t;
  CHECK_OK(make_person(&x, WEST_COMMUNITY, "欧阳娜娜", &id), &x.e);
  CHECK_OK(fixture_account(&x, "renzhe", "lead", WEST_COMMUNITY, &id), &x.e);
  (void)!fixture_login(&x, "renzhe", "secret-typed-here", &t);
  (void)!fixture_login(&x, "my-password-by-mistake", "x", &t);
  CHECK_EQ_I64(count_rows(&x, "detail LIKE '%欧阳%' OR detail LIKE '%110105%' OR detail LIKE "
                              "'%测试%' OR detail LIKE '%secret%' OR detail LIKE '%mistake%'"),
               0);
  CHECK_EQ_I64(count_rows(&x, "action = 'login_failed'"), 2);
}

TEST_BOTH(audit_tells_who_read_what_and_why) {
  WITH_AUTH(x, f);
  struct uuid id;
  CHECK_OK(make_person(&x, WEST_COMMUNITY, "张三", &id), &x.e);
  struct reveal r = {.en = &x.en,
                     .viewer = fixture_system(&x),
                     .a = x.a,
                     .kind = &fixture_person_kind,
                     .id = id,
                     .fields = S("id_number"),
                     .reason = S("核对证件")};
  CHECK_OK(writer_run(x.en.writer, &reveal_cmd, &r, CMD_NORMAL, &x.e), &x.e);
  CHECK_EQ_I64(count_rows(&x, "action = 'reveal' AND unit = 3 AND detail LIKE '%id_number%' AND "
                              "detail LIKE '%核对证件%'"),
               1);
}

TEST_BOTH(audit_cannot_be_changed) {
  WITH_AUTH(x, f);
  CHECK_OK(make_person(&x, WEST_COMMUNITY, "张三", NULL), &x.e);
  int64_t before = count_rows(&x, "1 = 1");
  CHECK(before > 0);
  CHECK(raw(&x, "UPDATE audit SET action = 'nothing'", NULL, NULL) < 0);
  CHECK(raw(&x, "DELETE FROM audit", NULL, NULL) < 0);
  CHECK_EQ_I64(count_rows(&x, "action <> 'nothing'"), before);
  CHECK_EQ_I64(verdict(&x).finding, AUDIT_SOUND);
}

/* Whatever column of whatever row is changed, whatever row is taken out: found, and where. */
TEST_BOTH(audit_finds_every_tampering) {
  WITH_AUTH(x, f);
  for (int i = 0; i < 6; i++) CHECK_OK(make_person(&x, WEST_COMMUNITY, "张三", NULL), &x.e);
  int64_t n = count_rows(&x, "1 = 1");
  const struct {
    const char *change, *back;
  } columns[] = {{"at_ms = at_ms + 1", "at_ms = at_ms - 1"},
                 {"op = op + 1", "op = op - 1"},
                 {"action = 'x' || action", "action = substr(action, 2)"},
                 {"kind = kind + 1", "kind = kind - 1"},
                 {"unit = unit + 1", "unit = unit - 1"}};
  for (int64_t no = 1; no <= n; no += 2) {
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
      char sql[200];
      snprintf(sql, sizeof sql, "UPDATE audit SET %s WHERE pos = %lld", columns[i].change,
               (long long)no);
      CHECK_OK(tamper(&x, sql), &x.e);
      struct audit_verdict v = verdict(&x);
      CHECK_EQ_I64(v.finding, AUDIT_ALTERED);
      CHECK_EQ_I64(v.no, no);
      snprintf(sql, sizeof sql, "UPDATE audit SET %s WHERE pos = %lld", columns[i].back,
               (long long)no);
      CHECK_OK(tamper(&x, sql), &x.e);
      CHECK_EQ_I64(verdict(&x).finding, AUDIT_SOUND);
    }
  }
  char sql[100];
  snprintf(sql, sizeof sql, "DELETE FROM audit WHERE pos = %lld", (long long)(n - 3));
  CHECK_OK(tamper(&x, sql), &x.e);
  struct audit_verdict v = verdict(&x);
  CHECK_EQ_I64(v.finding, AUDIT_MISSING);
  CHECK_EQ_I64(v.no, n - 3);
}

TEST_BOTH(audit_finds_a_cut_tail_by_its_anchor) {
  WITH_AUTH(x, f);
  for (int i = 0; i < 5; i++) CHECK_OK(make_person(&x, WEST_COMMUNITY, "张三", NULL), &x.e);
  CHECK_OK(audit_anchor(auth_audit(x.auth), f->store, &x.e), &x.e);
  int64_t n = count_rows(&x, "1 = 1");
  char sql[100];
  snprintf(sql, sizeof sql, "DELETE FROM audit WHERE pos > %lld", (long long)(n - 2));
  CHECK_OK(tamper(&x, sql), &x.e);
  struct audit_verdict v = verdict(&x);
  CHECK_EQ_I64(v.finding, AUDIT_TAIL_CUT);
  CHECK_EQ_I64(v.no, n);
  /* Not forgotten when the chain grows over it and is anchored again, nor by a restart. */
  fixture_stop_auth(&x);
  CHECK_OK(fixture_start_auth(&x, &x.e), &x.e);
  for (int i = 0; i < 5; i++) CHECK_OK(make_person(&x, WEST_COMMUNITY, "张三", NULL), &x.e);
  CHECK_OK(audit_anchor(auth_audit(x.auth), f->store, &x.e), &x.e);
  CHECK_OK(audit_anchor(auth_audit(x.auth), f->store, &x.e), &x.e);
  CHECK_EQ_I64(verdict(&x).finding, AUDIT_TAIL_CUT);
  CHECK_OK(audit_anchors_reset(x.keys_file, &x.e), &x.e);
  CHECK_EQ_I64(verdict(&x).finding, AUDIT_SOUND);
}

TEST_BOTH(audit_goes_on_after_a_restart) {
  WITH_AUTH(x, f);
  for (int i = 0; i < 4; i++) {
    CHECK_OK(make_person(&x, WEST_COMMUNITY, "张三", NULL), &x.e);
    fixture_stop_auth(&x);
    CHECK_OK(fixture_start_auth(&x, &x.e), &x.e);
  }
  struct audit_verdict v = verdict(&x);
  CHECK_EQ_I64(v.finding, AUDIT_SOUND);
  CHECK_EQ_I64(v.rows, 4);
}

/* The rows of a command that is undone go with it, those of its neighbours stay. */
struct mixed {
  struct cmd cmd;
  bool fail;
  _Atomic int *left;
};
static int mixed_run(struct tx *tx, void *arg, struct err *e) {
  const struct mixed *m = arg;
  char detail[64];
  snprintf(detail, sizeof detail, "{\"good\":%s}", m->fail ? "false" : "true");
  struct audit_entry en = {.action = "test", .detail = str_from(detail)};
  int r = audit_add(tx, &en, e);
  if (r == 0 && m->fail) r = audit_add(tx, &en, e);
  return r == 0 && m->fail ? err_set(e, E_STATE, "on purpose") : r;
}
static void mixed_done(struct cmd *c) {
  __atomic_sub_fetch((int *)c->owner, 1, __ATOMIC_SEQ_CST);
}

TEST_BOTH(audit_is_undone_with_its_command) {
  WITH_AUTH(x, f);
  static const struct cmd_class cls = {.name = "mixed", .run = mixed_run};
  enum { N = 500 };
  static struct mixed m[N];
  int left = N;
  for (int i = 0; i < N; i++) {
    m[i] = (struct mixed){.fail = i % 3 == 1};
    m[i].cmd = (struct cmd){
        .cls = &cls, .arg = &m[i], .priority = CMD_NORMAL, .done = mixed_done, .owner = &left};
    CHECK_OK(writer_submit(x.en.writer, &m[i].cmd, &x.e), &x.e);
  }
  while (__atomic_load_n(&left, __ATOMIC_SEQ_CST)) usleep(1000);
  CHECK_EQ_I64(count_rows(&x, "action = 'test' AND detail = '{\"good\":true}'"), N - (N + 1) / 3);
  CHECK_EQ_I64(count_rows(&x, "action = 'test' AND detail = '{\"good\":false}'"), 0);
  CHECK_EQ_I64(verdict(&x).finding, AUDIT_SOUND);
}

/* A second server on the same lane: both read the head again and neither breaks the chain. */
TEST_BOTH(audit_lane_is_shared_by_two_servers) {
  WITH_AUTH(x, f);
  if (store_engine(f->store) == ENGINE_SQLITE) SKIP("one writer by design");
  _cleanup_(store_closep) struct store *s = NULL;
  struct store_options so = {.where = f->where};
  CHECK_OK(store_open(&so, &s, &x.e), &x.e);
  struct auth_fixture y = x;
  struct fixture other = *f;
  other.store = s;
  y.f = &other;
  y.auth = NULL;
  CHECK_OK(fixture_start_auth(&y, &x.e), &x.e);
  int r = 0;
  for (int i = 0; r == 0 && i < 10; i++)
    r = make_person(i % 2 ? &y : &x, WEST_COMMUNITY, "张三", NULL);
  fixture_stop_auth(&y);
  CHECK_EQ_I64(r, 0);
  struct audit_verdict v = verdict(&x);
  CHECK_EQ_I64(v.finding, AUDIT_SOUND);
  CHECK_EQ_I64(v.rows, 10);
}

/* ---- reading ---- */

static struct viewer *reader(struct auth_fixture *x, int32_t unit) {
  struct auth_grant mine = (struct auth_grant){
      .role = (int16_t)role_index(S("auditor")), .unit = unit, .from = INT32_MIN, .to = INT32_MAX};
  struct auth_session s = {.account = {{7}}, .grants = &mine, .n_grants = 1};
  struct auth_scope sc = fixture_scope(x);
  return auth_viewer(x->auth, x->a, &s, &sc);
}

static json_t *list(struct auth_fixture *x, const struct viewer *v, struct audit_query q,
                    int *ret) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(buf_done) struct buf b = BUF_INIT(MIB(4));
  struct jw w;
  json_t *root = NULL;
  jw_init(&w, &b);
  *ret = store_read(x->f->store, &tx, &x->e);
  if (*ret == 0) *ret = audit_list(tx, x->a, v, &q, &w, &x->e);
  if (*ret == 0) *ret = json_read(x->a, buf_str(&b), &root, &x->e);
  return root;
}

TEST_BOTH(audit_is_read_within_ones_branch) {
  WITH_AUTH(x, f);
  struct uuid id, someone;
  int r;
  for (int i = 0; i < 7; i++) {
    clock_set_frozen(&x.clock, FIXTURE_NOW + i * 1000);
    CHECK_OK(make_person(&x, i % 2 ? EAST_COMMUNITY : WEST_COMMUNITY, "张三", &id), &x.e);
  }
  CHECK_OK(fixture_account(&x, "someone", NULL, WEST, &someone), &x.e);
  const struct {
    int32_t unit;
    size_t n;
  } want[] = {{CITY, 8}, {WEST, 5}, {WEST_COMMUNITY, 4}, {EAST, 3}, {EAST_COMMUNITY, 3}};
  for (size_t i = 0; i < ARRAY_LEN(want); i++) {
    json_t *page = list(&x, reader(&x, want[i].unit), (struct audit_query){0}, &r);
    CHECK_OK(r, &x.e);
    CHECK_EQ_I64(json_array_size(json_object_get(page, "items")), want[i].n);
    page = list(&x, reader(&x, CITY), (struct audit_query){.unit = want[i].unit}, &r);
    CHECK_OK(r, &x.e);
    CHECK_EQ_I64(json_array_size(json_object_get(page, "items")), want[i].n);
  }
  json_t *page = list(&x, reader(&x, CITY), (struct audit_query){.id = id}, &r);
  CHECK_EQ_I64(json_array_size(json_object_get(page, "items")), 1);
  page = list(&x, reader(&x, EAST), (struct audit_query){.id = id}, &r);
  CHECK_EQ_I64(json_array_size(json_object_get(page, "items")), 0);
  page = list(&x, reader(&x, CITY), (struct audit_query){.kind = &account_kind}, &r);
  CHECK_EQ_I64(json_array_size(json_object_get(page, "items")), 1);
  page = list(&x, reader(&x, CITY), (struct audit_query){.action = S("update")}, &r);
  CHECK_EQ_I64(json_array_size(json_object_get(page, "items")), 0);
  page = list(&x, reader(&x, CITY), (struct audit_query){.actor = someone}, &r);
  CHECK_EQ_I64(json_array_size(json_object_get(page, "items")), 0);
  page = list(&x, reader(&x, CITY),
              (struct audit_query){.from_ms = FIXTURE_NOW + 1000, .to_ms = FIXTURE_NOW + 3000}, &r);
  CHECK_EQ_I64(json_array_size(json_object_get(page, "items")), 2);
  /* By actor, with creations only where they are asked for. */
  struct viewer *maker = fixture_system(&x);
  maker->user = someone;
  for (int i = 0; i < 3; i++) {
    struct change *c = change_make(x.a, &x.en, maker, &fixture_person_kind, CHANGE_CREATE);
    change_set(c, PERSON_UNIT, V_I64(WEST_COMMUNITY));
    change_set(c, PERSON_NAME, V_TEXTZ("张三"));
    CHECK_OK(change_do(c, &x.e), &x.e);
  }
  struct change *c = change_make(x.a, &x.en, maker, &fixture_person_kind, CHANGE_UPDATE);
  c->id = id;
  change_set(c, PERSON_NAME, V_TEXTZ("李四"));
  CHECK_OK(change_do(c, &x.e), &x.e);
  page = list(&x, reader(&x, CITY), (struct audit_query){.actor = someone}, &r);
  CHECK_EQ_I64(json_array_size(json_object_get(page, "items")), 1);
  CHECK_STR(json_string_value(json_object_get(page, "without")), "create");
  page =
      list(&x, reader(&x, CITY), (struct audit_query){.actor = someone, .action = S("create")}, &r);
  CHECK_EQ_I64(json_array_size(json_object_get(page, "items")), 3);
  page = list(&x, reader(&x, CITY), (struct audit_query){.actor = someone, .id = id}, &r);
  CHECK_EQ_I64(json_array_size(json_object_get(page, "items")), 1);
  /* Nobody without the right. */
  struct viewer nobody = *reader(&x, CITY);
  nobody.n_grants = 0;
  list(&x, &nobody, (struct audit_query){0}, &r);
  CHECK_EQ_I64(r, -E_FORBIDDEN);
}

TEST_BOTH(audit_pages_meet_without_gap_or_double) {
  WITH_AUTH(x, f);
  for (int i = 0; i < 25; i++) { /* several in one millisecond */
    clock_set_frozen(&x.clock, FIXTURE_NOW + i / 4);
    CHECK_OK(make_person(&x, i % 2 ? EAST_COMMUNITY : WEST_COMMUNITY, "张三", NULL), &x.e);
  }
  for (int32_t unit = CITY; unit <= WEST; unit++) {
    int64_t last = INT64_MAX, seen = 0;
    struct str after = S("");
    for (int page = 0; page < 20; page++) {
      int r;
      json_t *p = list(&x, reader(&x, unit), (struct audit_query){.limit = 4, .after = after}, &r);
      CHECK_OK(r, &x.e);
      size_t i;
      json_t *row;
      json_array_foreach(json_object_get(p, "items"), i, row) {
        int64_t no = json_integer_value(json_object_get(row, "no"));
        CHECK(no < last);
        last = no;
        seen++;
      }
      if (json_is_null(json_object_get(p, "next"))) break;
      after = json_str(json_object_get(p, "next"));
    }
    CHECK_EQ_I64(seen, unit == CITY ? 25 : 13);
  }
  int r;
  list(&x, reader(&x, CITY), (struct audit_query){.after = S("rubbish")}, &r);
  CHECK_EQ_I64(r, -E_MALFORMED);
}
