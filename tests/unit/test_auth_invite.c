#include "auth/invite_sheet.h"
#include "auth_fixture.h"

#define WITH_AUTH(x, f)                                                                            \
  _cleanup_(auth_fixture_done) struct auth_fixture x = {0};                                        \
  CHECK_OK(auth_fixture_open(&x, f), &x.e)

static int invite(struct auth_fixture *x, const struct uuid *accounts, size_t n,
                  struct auth_invite *inv) {
  *inv = (struct auth_invite){
      .auth = x->auth, .viewer = fixture_system(x), .a = x->a, .accounts = accounts, .n = n};
  struct tx *tx = NULL;
  int r = store_read(x->f->store, &tx, &x->e);
  if (r == 0) r = auth_invite_ready(inv, tx, &x->e);
  tx_end(tx);
  return r == 0 ? writer_run(x->en.writer, &auth_invite_cmd, inv, CMD_BULK, &x->e) : r;
}

static int accept(struct auth_fixture *x, const char *code, const char *password, const char *login,
                  struct auth_task *t) {
  *t = (struct auth_task){.type = AUTH_ACCEPT,
                          .a = x->a,
                          .code = str_from(code),
                          .password = str_from(password),
                          .login = str_from(login),
                          .peer = S("192.0.2.7")};
  return auth_run(x->auth, t, &x->e);
}

TEST_BOTH(invitation_is_good_once) {
  WITH_AUTH(x, f);
  struct uuid id;
  struct auth_invite inv;
  struct auth_invitation look;
  struct auth_task t;
  struct auth_session *s;
  CHECK_OK(fixture_account(&x, "xin", "secondee", WEST_COMMUNITY, &id), &x.e);
  CHECK_OK(invite(&x, &id, 1, &inv), &x.e);
  CHECK(inv.out);
  const char *code = inv.out[0].code;
  CHECK_EQ_I64(strlen(code), AUTH_CODE_TEXT - 1);
  CHECK_OK(auth_invitation_look(x.auth, x.a, str_from(code), S(""), &look, &x.e), &x.e);
  CHECK_MEM(look.login.p, look.login.n, "xin", 3);
  /* A weak password spends nothing. */
  CHECK_EQ_I64(accept(&x, code, "weak", "", &t), -E_INVALID);
  CHECK_EQ_I64(t.problems.first->code, PROBLEM_weak_password);
  CHECK_OK(accept(&x, code, "Zhongguancun-88", "", &t), &x.e);
  CHECK_OK(auth_session(x.auth, x.a, str_from(t.token), &s, &x.e), &x.e);
  CHECK(uuid_eq(&s->account, &id));
  CHECK_EQ_I64(accept(&x, code, "Zhongguancun-88", "", &t), -E_GONE);
  CHECK_EQ_I64(auth_invitation_look(x.auth, x.a, str_from(code), S(""), &look, &x.e), -E_GONE);
  CHECK_OK(fixture_login(&x, "xin", "Zhongguancun-88", &t), &x.e);
}

TEST_BOTH(invitation_code_is_read_as_people_type_it) {
  WITH_AUTH(x, f);
  struct uuid id;
  struct auth_invite inv;
  struct auth_invitation look;
  CHECK_OK(fixture_account(&x, "xin", "secondee", WEST_COMMUNITY, &id), &x.e);
  for (int round = 0; round < 20; round++) {
    char typed[64];
    size_t n = 0;
    CHECK_OK(invite(&x, &id, 1, &inv), &x.e);
    CHECK(inv.out);
    const char *code = inv.out[0].code;
    for (size_t i = 0; code[i]; i++) {
      char c = code[i];
      if (i % 5 == 0 && i) typed[n++] = i % 2 ? '-' : ' ';
      typed[n++] = c == '0' ? 'O' : c == '1' ? 'l' : c >= 'a' ? (char)(c - 32) : c;
    }
    CHECK_OK(auth_invitation_look(x.auth, x.a, (struct str){typed, n}, S(""), &look, &x.e), &x.e);
    CHECK_EQ_I64(auth_invitation_look(x.auth, x.a, (struct str){typed, n - 1}, S(""), &look, &x.e),
                 -E_GONE);
    struct str groups = invite_code_groups(x.a, code);
    CHECK_OK(auth_invitation_look(x.auth, x.a, groups, S(""), &look, &x.e), &x.e);
  }
  CHECK_EQ_I64(auth_invitation_look(x.auth, x.a, S("u!u!"), S(""), &look, &x.e), -E_GONE);
}

TEST_BOTH(invitation_expires_and_gives_way_to_a_newer_one) {
  WITH_AUTH(x, f);
  struct uuid id;
  struct auth_invite first, second;
  struct auth_task t;
  CHECK_OK(fixture_account(&x, "xin", "secondee", WEST_COMMUNITY, &id), &x.e);
  CHECK_OK(invite(&x, &id, 1, &first), &x.e);
  CHECK_OK(invite(&x, &id, 1, &second), &x.e);
  CHECK_EQ_I64(accept(&x, first.out[0].code, "Zhongguancun-88", "", &t), -E_GONE);
  clock_set_frozen(&x.clock, FIXTURE_NOW + AUTH_INVITATION_DAYS * MS_DAY);
  CHECK_EQ_I64(accept(&x, second.out[0].code, "Zhongguancun-88", "", &t), -E_GONE);
  clock_set_frozen(&x.clock, FIXTURE_NOW + AUTH_INVITATION_DAYS * MS_DAY - 1);
  CHECK_OK(accept(&x, second.out[0].code, "Zhongguancun-88", "", &t), &x.e);
}

TEST_BOTH(invited_people_may_choose_their_login) {
  WITH_AUTH(x, f);
  struct uuid id, other;
  struct auth_invite inv;
  struct auth_task t;
  CHECK_OK(fixture_account(&x, "x000001", "secondee", WEST_COMMUNITY, &id), &x.e);
  CHECK_OK(fixture_account(&x, "taken", "secondee", WEST_COMMUNITY, &other), &x.e);
  CHECK_OK(invite(&x, &id, 1, &inv), &x.e);
  CHECK_EQ_I64(accept(&x, inv.out[0].code, "Zhongguancun-88", "Taken", &t), -E_INVALID);
  CHECK_EQ_I64(t.problems.first->code, PROBLEM_duplicate);
  CHECK_EQ_I64(accept(&x, inv.out[0].code, "Zhongguancun-88", "no blanks", &t), -E_INVALID);
  CHECK_OK(accept(&x, inv.out[0].code, "Zhongguancun-88", "Xiao.Wang", &t), &x.e);
  CHECK_MEM(t.out->login.p, t.out->login.n, "xiao.wang", 9);
  CHECK_OK(fixture_login(&x, "xiao.wang", "Zhongguancun-88", &t), &x.e);
  CHECK_EQ_I64(fixture_login(&x, "x000001", "Zhongguancun-88", &t), -E_UNAUTHENTICATED);
}

TEST_BOTH(guessing_codes_is_stopped_by_address) {
  WITH_AUTH(x, f);
  struct auth_invitation look;
  char code[AUTH_CODE_TEXT] = "00000000000000000000000000";
  for (int i = 0; i < AUTH_PEER_ATTEMPTS; i++) {
    code[5] = "0123456789abcdef"[i % 16];
    code[6] = "0123456789abcdef"[i / 16 % 16];
    code[7] = "0123456789abcdef"[i / 256];
    CHECK_EQ_I64(auth_invitation_look(x.auth, x.a, str_from(code), S("198.51.100.9"), &look, &x.e),
                 -E_GONE);
  }
  CHECK_EQ_I64(auth_invitation_look(x.auth, x.a, str_from(code), S("198.51.100.9"), &look, &x.e),
               -E_RATE);
  CHECK_EQ_I64(auth_invitation_look(x.auth, x.a, str_from(code), S("198.51.100.8"), &look, &x.e),
               -E_GONE);
}

TEST_BOTH(three_thousand_are_invited_at_once) {
  WITH_AUTH(x, f);
  enum { N = 300 }; /* accounts take the time; each is invited ten times */
  static struct uuid ids[LIMIT_INVITATIONS + 1];
  struct auth_invite inv;
  for (int i = 0; i < N; i++) {
    char login[24];
    snprintf(login, sizeof login, "worker%04d", i);
    CHECK_OK(fixture_account(&x, login, NULL, WEST_COMMUNITY, &ids[i]), &x.e);
  }
  for (int i = N; i <= LIMIT_INVITATIONS; i++) ids[i] = ids[i % N];
  int64_t start = monotonic_ms();
  CHECK_OK(invite(&x, ids, LIMIT_INVITATIONS, &inv), &x.e);
  printf("# %d invitations in %lld ms\n", LIMIT_INVITATIONS, (long long)(monotonic_ms() - start));
  CHECK(strcmp(inv.out[0].code, inv.out[N].code) != 0);
  CHECK_EQ_I64(invite(&x, ids, LIMIT_INVITATIONS + 1, &inv), -E_INVALID);
  CHECK_EQ_I64(invite(&x, ids, 0, &inv), -E_INVALID);
}

TEST_BOTH(devices_outlive_sessions_until_revoked) {
  WITH_AUTH(x, f);
  struct uuid id;
  struct auth_task t;
  struct viewer *v = NULL;
  struct auth_session *s;
  CHECK_OK(fixture_account(&x, "gate", "secondee", WEST_COMMUNITY, &id), &x.e);
  CHECK_OK(auth_set_password(x.auth, &id, S("Zhongguancun-88"), false, &x.e), &x.e);
  CHECK_OK(fixture_login(&x, "gate", "Zhongguancun-88", &t), &x.e);
  CHECK_OK(fixture_viewer(&x, t.token, &v), &x.e);
  CHECK(v && uuid_is_nil(&v->device));
  struct auth_device d = {
      .auth = x.auth, .viewer = v, .a = x.a, .name = S("门口的手机"), .unit = WEST_COMMUNITY};
  CHECK_OK(writer_run(x.en.writer, &auth_device_cmd, &d, CMD_NORMAL, &x.e), &x.e);
  clock_set_frozen(&x.clock, FIXTURE_NOW + 5 * MS_DAY);
  struct auth_task u = {.type = AUTH_LOGIN,
                        .a = x.a,
                        .login = S("gate"),
                        .password = S("Zhongguancun-88"),
                        .device = str_from(d.token)};
  CHECK_OK(auth_run(x.auth, &u, &x.e), &x.e);
  CHECK_OK(fixture_viewer(&x, u.token, &v), &x.e);
  CHECK(v && uuid_eq(&v->device, &d.id));
  struct change *c = change_make(x.a, &x.en, fixture_system(&x), &device_kind, CHANGE_ACTION);
  c->id = d.id;
  c->transition = kind_transition(&device_kind, S("revoke"));
  CHECK_OK(change_do(c, &x.e), &x.e);
  CHECK_EQ_I64(auth_session(x.auth, x.a, str_from(u.token), &s, &x.e), -E_UNAUTHENTICATED);
  u.result = 0;
  CHECK_EQ_I64(auth_run(x.auth, &u, &x.e), -E_FORBIDDEN);
}

TEST(sheet_of_cards_is_drawn) {
  _cleanup_(arena_freep) struct arena *a = arena_create(MIB(8));
  _cleanup_(buf_done) struct buf json = BUF_INIT(LIMIT_PDF_JSON);
  struct auth_invitation items[11];
  for (size_t i = 0; i < ARRAY_LEN(items); i++)
    items[i] = (struct auth_invitation){.login = S("worker"),
                                        .name = S("测试员"),
                                        .code = "0123456789abcdefghjkmnpqrs",
                                        .expires_ms = FIXTURE_NOW};
  struct invite_sheet s = {.a = a,
                           .items = items,
                           .n = ARRAY_LEN(items),
                           .base = S("http://127.0.0.1:8420/"),
                           .zone = zone_get("Asia/Shanghai"),
                           .now_ms = FIXTURE_NOW,
                           .zh = true};
  struct str link = invite_link(a, s.base, items[0].code);
  CHECK_MEM(link.p, link.n, "http://127.0.0.1:8420/i/0123456789abcdefghjkmnpqrs", 50);
  struct err e = {0};
  struct pdf p;
  invite_sheet_write(&s, &p, &json);
  CHECK(pdf_ok(&p));
  _cleanup_(buf_done) struct buf out = BUF_INIT(MIB(8));
  CHECK_EQ_I64(pdf_render_here(buf_str(&json), &out, &e), 0);
  CHECK(out.n > 1000 && memcmp(out.p, "%PDF-", 5) == 0);
}
