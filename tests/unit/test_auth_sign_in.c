#include "auth/auth_impl.h"
#include "auth_fixture.h"

#define PASSWORD "Zhongguancun-88"

#define WITH_AUTH(x, f)                                                                            \
  _cleanup_(auth_fixture_done) struct auth_fixture x = {0};                                        \
  CHECK_OK(auth_fixture_open(&x, f), &x.e)

static struct uuid somebody(struct auth_fixture *x, const char *login, const char *role,
                            int32_t unit) {
  struct uuid id = {{0}};
  if (fixture_account(x, login, role, unit, &id) == 0 &&
      auth_set_password(x->auth, &id, S(PASSWORD), false, &x->e) == 0)
    return id;
  printf("# %s: %s %s\n", login, x->e.what, x->e.field);
  return (struct uuid){{0}};
}

TEST_BOTH(sign_in_gives_a_session) {
  WITH_AUTH(x, f);
  struct uuid id = somebody(&x, "xicheng", "district_duty", WEST);
  struct auth_task t;
  CHECK(!uuid_is_nil(&id));
  CHECK_OK(fixture_login(&x, "XiCheng", PASSWORD, &t), &x.e);
  CHECK_EQ_I64(strlen(t.token), AUTH_TOKEN_TEXT - 1);
  CHECK(uuid_eq(&t.out->account, &id));
  struct auth_session *s;
  CHECK_OK(auth_session(x.auth, x.a, str_from(t.token), &s, &x.e), &x.e);
  CHECK(uuid_eq(&s->account, &id) && uuid_eq(&s->id, &t.out->id));
  CHECK_STR(s->csrf, t.out->csrf);
  CHECK(auth_csrf_ok(s, str_from(t.out->csrf)));
  CHECK(!auth_csrf_ok(s, S("")) && !auth_csrf_ok(s, S("00000000000000000000000000000000")));
  CHECK_EQ_I64(s->n_grants, 1);
  /* Another sign-in is another session. */
  struct auth_task u;
  CHECK_OK(fixture_login(&x, "xicheng", PASSWORD, &u), &x.e);
  CHECK(strcmp(t.token, u.token) != 0 && strcmp(t.out->csrf, u.out->csrf) != 0);
}

TEST_BOTH(sign_in_says_the_same_of_all_failures) {
  WITH_AUTH(x, f);
  CHECK(!uuid_is_nil(&(struct uuid[]){somebody(&x, "guangnei", "coordinator", WEST)}[0]));
  const char *const logins[] = {"guangnei", "nobody", ""};
  for (size_t i = 0; i < ARRAY_LEN(logins); i++) {
    struct auth_task t;
    CHECK_EQ_I64(fixture_login(&x, logins[i], "wrong", &t), -E_UNAUTHENTICATED);
    CHECK_STR(t.err.what, "wrong login or password");
    CHECK_STR(t.token, "");
  }
}

TEST_BOTH(lock_out_counts_by_login_and_ends) {
  WITH_AUTH(x, f);
  CHECK(!uuid_is_nil(&(struct uuid[]){somebody(&x, "shitou", "lead", WEST_COMMUNITY)}[0]));
  /* Existing or not: the same number of attempts, the same answer. */
  const char *const logins[] = {"shitou", "nosuchlogin"};
  struct auth_task t;
  for (size_t i = 0; i < ARRAY_LEN(logins); i++) {
    for (int k = 0; k < AUTH_FAILURES; k++)
      CHECK_EQ_I64(fixture_login(&x, logins[i], "wrong", &t), -E_UNAUTHENTICATED);
    CHECK_EQ_I64(fixture_login(&x, logins[i], "wrong", &t), -E_RATE);
    CHECK_EQ_I64(t.err.sys, AUTH_LOCK_MS / MS_SECOND);
    CHECK_EQ_I64(fixture_login(&x, logins[i], PASSWORD, &t), -E_RATE);
  }
  clock_set_frozen(&x.clock, FIXTURE_NOW + AUTH_LOCK_MS - 1);
  CHECK_EQ_I64(fixture_login(&x, "shitou", PASSWORD, &t), -E_RATE);
  clock_set_frozen(&x.clock, FIXTURE_NOW + AUTH_LOCK_MS);
  CHECK_OK(fixture_login(&x, "shitou", PASSWORD, &t), &x.e);
  /* The count starts anew after a success. */
  for (int k = 0; k < AUTH_FAILURES - 1; k++)
    CHECK_EQ_I64(fixture_login(&x, "shitou", "wrong", &t), -E_UNAUTHENTICATED);
  CHECK_OK(fixture_login(&x, "shitou", PASSWORD, &t), &x.e);
}

TEST_BOTH(lock_is_taken_off_by_the_security_administrator) {
  WITH_AUTH(x, f);
  struct uuid id = somebody(&x, "huaxiang", "lead", WEST_COMMUNITY);
  struct uuid sec = somebody(&x, "anquan", "secadmin", CITY);
  CHECK(!uuid_is_nil(&id) && !uuid_is_nil(&sec));
  struct auth_task t;
  for (int k = 0; k < AUTH_FAILURES; k++) (void)!fixture_login(&x, "huaxiang", "wrong", &t);
  CHECK_EQ_I64(fixture_login(&x, "huaxiang", PASSWORD, &t), -E_RATE);
  CHECK_OK(fixture_login(&x, "anquan", PASSWORD, &t), &x.e);
  struct auth_unlock un = {.auth = x.auth, .account = id};
  struct viewer *v = NULL;
  CHECK_OK(fixture_viewer(&x, t.token, &v), &x.e);
  un.viewer = v;
  CHECK_OK(writer_run(x.en.writer, &auth_unlock_cmd, &un, CMD_NORMAL, &x.e), &x.e);
  CHECK_OK(fixture_login(&x, "huaxiang", PASSWORD, &t), &x.e);
  /* Whoever has no such right does not even learn that the account exists. */
  CHECK_OK(fixture_viewer(&x, t.token, &v), &x.e);
  un.viewer = v;
  un.account = sec;
  CHECK_EQ_I64(writer_run(x.en.writer, &auth_unlock_cmd, &un, CMD_NORMAL, &x.e), -E_NOT_FOUND);
}

TEST_BOTH(sessions_idle_and_expire) {
  WITH_AUTH(x, f);
  CHECK(!uuid_is_nil(&(struct uuid[]){somebody(&x, "city", "city_duty", CITY)}[0]));
  struct auth_task t, u;
  struct auth_session *s;
  int64_t now = FIXTURE_NOW;
  CHECK_OK(fixture_login(&x, "city", PASSWORD, &t), &x.e);
  CHECK_OK(fixture_login(&x, "city", PASSWORD, &u), &x.e);
  /* In use, it lives beyond the idle time; unused, it does not. */
  for (int i = 0; i < 3; i++) {
    clock_set_frozen(&x.clock, now += AUTH_IDLE_MS);
    CHECK_OK(auth_session(x.auth, x.a, str_from(t.token), &s, &x.e), &x.e);
  }
  CHECK_EQ_I64(auth_session(x.auth, x.a, str_from(u.token), &s, &x.e), -E_UNAUTHENTICATED);
  CHECK_EQ_I64(auth_session(x.auth, x.a, str_from(u.token), &s, &x.e), -E_UNAUTHENTICATED);
  /* And never beyond its end. */
  while (now + AUTH_IDLE_MS < FIXTURE_NOW + AUTH_ABSOLUTE_MS) {
    clock_set_frozen(&x.clock, now += AUTH_IDLE_MS);
    CHECK_OK(auth_session(x.auth, x.a, str_from(t.token), &s, &x.e), &x.e);
  }
  clock_set_frozen(&x.clock, FIXTURE_NOW + AUTH_ABSOLUTE_MS);
  CHECK_EQ_I64(auth_session(x.auth, x.a, str_from(t.token), &s, &x.e), -E_UNAUTHENTICATED);
  /* A shorter idle time holds at once, a shorter life from the next sign-in. */
  auth_set_times(x.auth, MS_MINUTE, MS_HOUR);
  CHECK_OK(fixture_login(&x, "city", PASSWORD, &t), &x.e);
  CHECK_EQ_I64(t.out->expires_ms, clock_now_ms(&x.clock) + MS_HOUR);
  clock_set_frozen(&x.clock, clock_now_ms(&x.clock) + MS_MINUTE + 1);
  CHECK_EQ_I64(auth_session(x.auth, x.a, str_from(t.token), &s, &x.e), -E_UNAUTHENTICATED);
}

TEST_BOTH(last_use_is_written_and_outlives_a_restart) {
  WITH_AUTH(x, f);
  CHECK(!uuid_is_nil(&(struct uuid[]){somebody(&x, "city", "city_duty", CITY)}[0]));
  struct auth_task t;
  struct auth_session *s;
  CHECK_OK(fixture_login(&x, "city", PASSWORD, &t), &x.e);
  CHECK_OK(auth_session(x.auth, x.a, str_from(t.token), &s, &x.e), &x.e);
  clock_set_frozen(&x.clock, FIXTURE_NOW + AUTH_IDLE_MS - 1);
  CHECK_OK(auth_session(x.auth, x.a, str_from(t.token), &s, &x.e), &x.e);
  CHECK_OK(auth_housekeeping(x.auth, &x.e), &x.e);
  fixture_stop_auth(&x);
  CHECK_OK(fixture_start_auth(&x, &x.e), &x.e);
  clock_set_frozen(&x.clock, FIXTURE_NOW + 2 * AUTH_IDLE_MS - 2);
  CHECK_OK(auth_session(x.auth, x.a, str_from(t.token), &s, &x.e), &x.e);
}

TEST_BOTH(what_is_taken_back_is_taken_back_at_once) {
  WITH_AUTH(x, f);
  struct uuid id = somebody(&x, "gate", "secondee", WEST_COMMUNITY);
  struct auth_task t, u;
  struct viewer *v = NULL;
  right_t read = right_by_name(S("person.read"));
  CHECK(!uuid_is_nil(&id));
  CHECK_OK(fixture_login(&x, "gate", PASSWORD, &t), &x.e);
  CHECK_OK(fixture_login(&x, "gate", PASSWORD, &u), &x.e);
  CHECK_OK(fixture_viewer(&x, t.token, &v), &x.e);
  CHECK_OK(fixture_viewer(&x, u.token, &v), &x.e);
  CHECK(viewer_may(v, read, WEST_COMMUNITY));
  /* One session ends, the other stays. */
  struct auth_end end = {.auth = x.auth, .viewer = v, .session = u.out->id};
  CHECK_OK(writer_run(x.en.writer, &auth_end_cmd, &end, CMD_NORMAL, &x.e), &x.e);
  CHECK_EQ_I64(end.ended, 1);
  CHECK_EQ_I64(fixture_viewer(&x, u.token, &v), -E_UNAUTHENTICATED);
  CHECK_OK(fixture_viewer(&x, t.token, &v), &x.e);
  /* The grant is retired: the session stays, the right is gone. */
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct list_query lq = {.limit = 5};
  struct list_page page;
  CHECK_OK(store_read(f->store, &tx, &x.e), &x.e);
  CHECK_OK(record_list(tx, x.a, &x.en, fixture_system(&x), &role_grant_kind, &lq, &page, &x.e),
           &x.e);
  CHECK_EQ_I64(page.n, 1);
  tx_end(tx);
  tx = NULL;
  struct change *c = change_make(x.a, &x.en, fixture_system(&x), &role_grant_kind, CHANGE_RETIRE);
  c->id = page.items[0]->id;
  CHECK_OK(change_do(c, &x.e), &x.e);
  CHECK_OK(fixture_viewer(&x, t.token, &v), &x.e);
  CHECK(!viewer_may(v, read, WEST_COMMUNITY));
  /* The account is disabled: the session is gone. */
  c = change_make(x.a, &x.en, fixture_system(&x), &account_kind, CHANGE_ACTION);
  c->id = id;
  c->transition = kind_transition(&account_kind, S("disable"));
  CHECK_OK(change_do(c, &x.e), &x.e);
  CHECK_EQ_I64(fixture_viewer(&x, t.token, &v), -E_UNAUTHENTICATED);
  CHECK_EQ_I64(fixture_login(&x, "gate", PASSWORD, &t), -E_UNAUTHENTICATED);
}

/* Two servers on one database: what one takes back the other refuses within two seconds. */
TEST_BOTH(another_server_hears_of_it) {
  WITH_AUTH(x, f);
  struct uuid id = somebody(&x, "gate", "secondee", WEST_COMMUNITY);
  struct auth_task t;
  struct viewer *v = NULL;
  struct auth_session *s;
  CHECK(!uuid_is_nil(&id));
  CHECK_OK(fixture_login(&x, "gate", PASSWORD, &t), &x.e);
  struct auth *other = NULL;
  struct auth_options o = {
      .clock = &x.clock, .keys_file = x.keys_file, .grants = fixture_grant_tables};
  struct registry en = x.en;
  CHECK_OK(auth_start(&o, &other, &x.e), &x.e);
  CHECK_OK(auth_attach(other, &en, &x.e), &x.e);
  int first = auth_session(other, x.a, str_from(t.token), &s, &x.e);
  fixture_viewer(&x, t.token, &v);
  struct auth_end end = {.auth = x.auth, .viewer = v, .account = id};
  int ended = writer_run(x.en.writer, &auth_end_cmd, &end, CMD_NORMAL, &x.e);
  usleep(1100 * 1000);
  int after = auth_session(other, x.a, str_from(t.token), &s, &x.e);
  auth_detach(other);
  auth_stop(other);
  CHECK_EQ_I64(first, 0);
  CHECK_EQ_I64(ended, 0);
  CHECK_EQ_I64(after, -E_UNAUTHENTICATED);
}

TEST_BOTH(password_change_ends_the_other_sessions) {
  WITH_AUTH(x, f);
  struct uuid id = somebody(&x, "books", "books", WEST);
  struct auth_task t, u;
  struct auth_session *s;
  CHECK(!uuid_is_nil(&id));
  CHECK_OK(fixture_login(&x, "books", PASSWORD, &t), &x.e);
  CHECK_OK(fixture_login(&x, "books", PASSWORD, &u), &x.e);
  struct auth_task p = {.type = AUTH_PASSWORD,
                        .a = x.a,
                        .session = t.out,
                        .password = S("not it"),
                        .new_password = S("Haidian-2020-x")};
  CHECK_EQ_I64(auth_run(x.auth, &p, &x.e), -E_INVALID);
  CHECK_EQ_I64(p.problems.first->code, PROBLEM_wrong_password);
  p.password = S(PASSWORD);
  p.new_password = S("books-2020-X");
  CHECK_EQ_I64(auth_run(x.auth, &p, &x.e), -E_INVALID);
  CHECK_EQ_I64(p.problems.first->code, PROBLEM_usual_password);
  p.new_password = S("Haidian-2020-x");
  CHECK_OK(auth_run(x.auth, &p, &x.e), &x.e);
  CHECK_OK(auth_session(x.auth, x.a, str_from(t.token), &s, &x.e), &x.e);
  CHECK_EQ_I64(auth_session(x.auth, x.a, str_from(u.token), &s, &x.e), -E_UNAUTHENTICATED);
  CHECK_EQ_I64(fixture_login(&x, "books", PASSWORD, &u), -E_UNAUTHENTICATED);
  CHECK_OK(fixture_login(&x, "books", "Haidian-2020-x", &u), &x.e);
}

TEST_BOTH(whoever_must_change_may_nothing_else) {
  WITH_AUTH(x, f);
  struct uuid id = somebody(&x, "lead1", "lead", WEST_COMMUNITY);
  struct auth_task t;
  struct viewer *v = NULL;
  CHECK_OK(auth_set_password(x.auth, &id, S(PASSWORD), true, &x.e), &x.e);
  CHECK_OK(fixture_login(&x, "lead1", PASSWORD, &t), &x.e);
  CHECK(t.out->must_change_password);
  CHECK_OK(fixture_viewer(&x, t.token, &v), &x.e);
  CHECK(!viewer_may(v, right_by_name(S("person.read")), 0));
  struct auth_task p = {.type = AUTH_PASSWORD,
                        .a = x.a,
                        .session = t.out,
                        .password = S(PASSWORD),
                        .new_password = S("Chaoyang-12-y")};
  CHECK_OK(auth_run(x.auth, &p, &x.e), &x.e);
  CHECK_OK(fixture_viewer(&x, t.token, &v), &x.e);
  CHECK(viewer_may(v, right_by_name(S("person.read")), WEST_COMMUNITY));
}

TEST_BOTH(grants_have_dates_and_operations) {
  WITH_AUTH(x, f);
  struct uuid id = somebody(&x, "lead2", NULL, WEST_COMMUNITY);
  right_t read = right_by_name(S("person.read"));
  struct auth_task t;
  struct viewer *v = NULL;
  CHECK(!uuid_is_nil(&id));
  struct change *c = change_make(x.a, &x.en, fixture_system(&x), &role_grant_kind, CHANGE_CREATE);
  change_set(c, GRANT_ACCOUNT, V_UUID(id));
  change_set(c, GRANT_ROLE, V_TEXTZ("lead"));
  change_set(c, GRANT_UNIT, V_I64(WEST_COMMUNITY));
  change_set(c, GRANT_FROM, V_TEXTZ("2020-05-09"));
  change_set(c, GRANT_TO, V_TEXTZ("2020-05-10"));
  CHECK_OK(change_do(c, &x.e), &x.e);
  for (int day = 0; day < 4; day++) {
    clock_set_frozen(&x.clock, FIXTURE_NOW + day * MS_DAY);
    CHECK_OK(fixture_login(&x, "lead2", PASSWORD, &t), &x.e);
    CHECK_OK(fixture_viewer(&x, t.token, &v), &x.e);
    CHECK_EQ_I64(viewer_may(v, read, WEST_COMMUNITY), day == 1 || day == 2);
    CHECK(!viewer_may(v, read, EAST_COMMUNITY) && !viewer_may(v, read, WEST));
  }
}

/* Sessions as they are written, without a password each. */
struct others {
  struct auth *auth;
  struct auth_session s;
  int64_t at_ms;
  struct idgen *ids;
};
static int others_run(struct tx *tx, void *arg, struct err *e) {
  struct others *o = arg;
  int r = 0;
  for (int i = 0; r == 0 && i < LIMIT_SESSIONS_PER_ACCOUNT; i++) {
    uint8_t hash[HASH_BYTES];
    randombytes_buf(hash, sizeof hash);
    o->s.id = idgen_next(o->ids, ++o->at_ms);
    r = session_insert(o->auth, tx, &o->s, hash, S("192.0.2.1"), o->at_ms, e);
  }
  return r;
}

TEST_BOTH(nobody_has_more_sessions_than_his_due) {
  WITH_AUTH(x, f);
  static const struct cmd_class cls = {.name = "others", .run = others_run};
  struct uuid id = somebody(&x, "many", "viewer", CITY);
  struct auth_task first, last;
  struct auth_session *s;
  CHECK(!uuid_is_nil(&id));
  CHECK_OK(fixture_login(&x, "many", PASSWORD, &first), &x.e);
  CHECK_OK(auth_session(x.auth, x.a, str_from(first.token), &s, &x.e), &x.e);
  struct others o = {.auth = x.auth, .s = *s, .at_ms = FIXTURE_NOW, .ids = &x.ids};
  CHECK_OK(writer_run(x.en.writer, &cls, &o, CMD_NORMAL, &x.e), &x.e);
  clock_set_frozen(&x.clock, o.at_ms + 1);
  CHECK_OK(fixture_login(&x, "many", PASSWORD, &last), &x.e);
  CHECK_EQ_I64(auth_session(x.auth, x.a, str_from(first.token), &s, &x.e), -E_UNAUTHENTICATED);
  CHECK_OK(auth_session(x.auth, x.a, str_from(last.token), &s, &x.e), &x.e);
}

TEST_BOTH(tokens_that_are_none) {
  WITH_AUTH(x, f);
  struct auth_session *s;
  const char *const bad[] = {"",
                             "x",
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                             "' OR 1=1 --"};
  for (size_t i = 0; i < ARRAY_LEN(bad); i++)
    CHECK_EQ_I64(auth_session(x.auth, x.a, str_from(bad[i]), &s, &x.e), -E_UNAUTHENTICATED);
  /* Any single character changed is another token. */
  struct auth_task t;
  CHECK(!uuid_is_nil(&(struct uuid[]){somebody(&x, "city", "city_duty", CITY)}[0]));
  CHECK_OK(fixture_login(&x, "city", PASSWORD, &t), &x.e);
  for (size_t i = 0; i + 1 < AUTH_TOKEN_TEXT; i++) {
    char other[AUTH_TOKEN_TEXT];
    memcpy(other, t.token, sizeof other);
    other[i] = other[i] == 'A' ? 'B' : 'A';
    CHECK_EQ_I64(auth_session(x.auth, x.a, str_from(other), &s, &x.e), -E_UNAUTHENTICATED);
  }
}

/* Each allocation of a request fails once: refused, not half done. */
TEST_BOTH(no_memory_gives_no_session) {
  WITH_AUTH(x, f);
  struct uuid id = somebody(&x, "city", "city_duty", CITY);
  struct auth_task t, u;
  CHECK(!uuid_is_nil(&id));
  CHECK_OK(fixture_login(&x, "city", PASSWORD, &t), &x.e);
  struct arena *keep = x.a;
  bool done = false;
  for (uint64_t at = 1; at < 100 && !done; at++) {
    _cleanup_(arena_freep) struct arena *a = arena_create(MIB(1));
    struct auth_session *s = NULL;
    struct auth_scope sc = fixture_scope(&x);
    arena_fail_at(a, at);
    int r = auth_session(x.auth, a, str_from(t.token), &s, &x.e);
    struct viewer *v = r == 0 ? auth_viewer(x.auth, a, s, &sc) : NULL;
    done = !arena_failed(a);
    if (done)
      CHECK(r == 0 && v->n_grants == 1);
    else
      CHECK(r == -E_NOMEM || (v && v->n_grants == 0));
  }
  CHECK(done);
  done = false;
  for (uint64_t at = 1; at < 100 && !done; at++) {
    x.a = arena_create(MIB(1));
    arena_fail_at(x.a, at);
    int r = fixture_login(&x, "city", PASSWORD, &u);
    done = !arena_failed(x.a);
    bool fine = done ? r == 0 && u.token[0] : r == -E_NOMEM && !u.token[0];
    arena_free(x.a);
    x.a = keep;
    CHECK(fine);
  }
  CHECK(done);
}
