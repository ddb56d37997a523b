#include "auth_fixture.h"

/* The rights matrix, exhaustively: what viewer_may answers for every role, right, operation and
 * place must be what the tables say, read here in another way than roles.c does. */

#define WITH_AUTH(x, f)                                                                            \
  _cleanup_(auth_fixture_done) struct auth_fixture x = {0};                                        \
  CHECK_OK(auth_fixture_open(&x, f), &x.e)

static const struct uuid op_here = {{1}}, op_other = {{2}};

static struct viewer *viewer_with(struct auth_fixture *x, int role, int32_t unit,
                                  const struct uuid *grant_op, const struct uuid *op) {
  struct auth_grant *g = arena_new(x->a, struct auth_grant);
  struct auth_session *s = arena_new(x->a, struct auth_session);
  *g = (struct auth_grant){.role = (int16_t)role, .unit = unit, .from = INT32_MIN, .to = INT32_MAX};
  if (grant_op) g->op = *grant_op;
  *s = (struct auth_session){.account = {{9}}, .grants = g, .n_grants = 1};
  struct auth_scope sc = fixture_scope(x);
  sc.op_id = *op;
  return auth_viewer(x->auth, x->a, s, &sc);
}

/* Does the pattern cover the name? By cutting both at the dot. */
static bool covers(struct str pattern, const char *right) {
  struct str name = str_from(right), p1 = str_split(&pattern, '.'), n1 = str_split(&name, '.');
  return (str_is(p1, "*") || str_eq(p1, n1)) && (str_is(pattern, "*") || str_eq(pattern, name));
}

static bool row_gives(const struct role_grant *g, const char *right) {
  bool gives = false;
  for (struct str rest = str_from(g->rights); rest.p;) {
    struct str word = str_split(&rest, ' ');
    if (!word.n) continue;
    if (word.p[0] == '-')
      gives = gives && !covers(str_sub(word, 1, word.n), right);
    else
      gives = gives || covers(word, right);
  }
  return gives;
}

static bool expected(int role, const char *right) {
  const char *name = role_at((size_t)role)->name;
  const struct role_grant *const tables[] = {auth_role_grants, fixture_grants};
  if (strncmp(right, "give.", 5) == 0) {
    for (struct str rest = str_from(role_at((size_t)role)->may_grant); rest.p;)
      if (str_is(str_split(&rest, ' '), right + 5)) return true;
  }
  for (size_t t = 0; t < ARRAY_LEN(tables); t++)
    for (const struct role_grant *g = tables[t]; g->role; g++)
      if (strcmp(g->role, name) == 0 && row_gives(g, right)) return true;
  return false;
}

TEST_BOTH(rights_matrix_every_role_right_place_and_operation) {
  WITH_AUTH(x, f);
  int64_t asked = 0, given = 0;
  for (int role = 0; role < (int)roles_count(); role++) {
    for (int32_t unit = CITY; unit <= EAST_COMMUNITY; unit++) {
      struct viewer *here = viewer_with(&x, role, unit, &op_here, &op_here);
      struct viewer *other = viewer_with(&x, role, unit, &op_here, &op_other);
      struct viewer *any = viewer_with(&x, role, unit, NULL, &op_other);
      for (right_t r = 0; (size_t)r < rights_count(); r++) {
        bool want = expected(role, right_name(r));
        for (int32_t at = CITY; at <= EAST_COMMUNITY; at++) {
          bool inside = unit_within(x.tree, at, unit);
          if (viewer_may(here, r, at) != (want && inside))
            printf("# %s %s at %d from %d\n", role_at((size_t)role)->name, right_name(r), at, unit);
          CHECK_EQ_I64(viewer_may(here, r, at), want && inside);
          CHECK_EQ_I64(viewer_may(any, r, at), want && inside);
          CHECK(!viewer_may(other, r, at));
          given += want && inside;
          asked++;
        }
        CHECK_EQ_I64(viewer_may(here, r, 0), want);
        CHECK(!viewer_may(other, r, 0));
      }
    }
  }
  CHECK_EQ_I64(asked, (int64_t)(roles_count() * rights_count() * 25));
  CHECK(given > 500);
}

TEST_BOTH(a_grant_without_a_unit_is_on_everything) {
  WITH_AUTH(x, f);
  struct viewer *v = viewer_with(&x, role_index(S("city_duty")), 0, NULL, &op_here);
  int32_t roots[4];
  CHECK_EQ_I64(viewer_scope(v, right_by_name(S("person.read")), roots, 4), SCOPE_ALL);
  CHECK(viewer_may(v, right_by_name(S("person.read")), EAST_COMMUNITY));
  /* The first administrator, before there is any unit. */
  v->tree = NULL;
  CHECK_EQ_I64(viewer_scope(v, right_by_name(S("person.read")), roots, 4), SCOPE_ALL);
  CHECK(viewer_may(v, right_by_name(S("person.read")), 0));
}

TEST(before_the_first_unit_a_grant_on_everything_reaches_all_there_is) {
  struct viewer_grant grant = {0};
  const struct viewer v = {.grants = &grant, .n_grants = 1};
  int32_t roots[1];
  right_add(&grant.rights, 3);
  CHECK_EQ_I64(viewer_scope(&v, 3, roots, 1), SCOPE_ALL);
  CHECK_EQ_I64(viewer_scope(&v, 4, roots, 1), 0);
}

TEST(a_pattern_that_matches_nothing_stops_the_start) {
  const char *rights[64];
  size_t n = 0;
  struct err e = {0};
  struct roles *r = NULL;
  for (; auth_rights[n] && n < 60; n++) rights[n] = auth_rights[n];
  rights[n++] = "person.close";
  rights[n] = NULL;
  CHECK_EQ_I64(kinds_init(fixture_kinds, rights, &e), 0);
  const struct role_grant typo[] = {{"lead", "person.read persn.update"}, {0}};
  const struct role_grant nobody[] = {{"leed", "person.read"}, {0}};
  const struct role_grant *const a[] = {typo, NULL}, *const b[] = {nobody, NULL};
  CHECK_EQ_I64(roles_init(a, &r, &e), -E_BUG);
  CHECK(strstr(e.field, "grant \"lead\"") != NULL);
  CHECK_EQ_I64(roles_init(b, &r, &e), -E_BUG);
  kinds_done();
}

/* What the three administrators may not, whatever the patterns say. */
TEST_BOTH(the_three_administrators_are_apart) {
  WITH_AUTH(x, f);
  const struct {
    const char *role, *right;
  } never[] = {
      {"sysadmin", "audit.read"},     {"sysadmin", "keys.manage"},
      {"sysadmin", "session.revoke"}, {"sysadmin", "person.read"},
      {"sysadmin", "person.reveal"},  {"sysadmin", "account.lock"},
      {"secadmin", "audit.read"},     {"secadmin", "account.create"},
      {"secadmin", "person.read"},    {"secadmin", "role_grant.create"},
      {"auditor", "person.names"},    {"auditor", "person.reveal"},
      {"auditor", "person.update"},   {"auditor", "person.export"},
      {"auditor", "account.update"},  {"auditor", "keys.manage"},
      {"viewer", "audit.read"},       {"viewer", "account.read"},
  };
  for (size_t i = 0; i < ARRAY_LEN(never); i++) {
    int role = role_index(str_from(never[i].role));
    right_t r = right_by_name(str_from(never[i].right));
    CHECK(role >= 0 && r != RIGHT_NONE);
    if (right_has(role_rights(auth_roles(x.auth), role), r))
      printf("# %s %s\n", never[i].role, never[i].right);
    CHECK(!right_has(role_rights(auth_roles(x.auth), role), r));
  }
}

/* ---- who may give what ---- */

static int give(struct auth_fixture *x, const struct viewer *v, struct uuid account,
                const char *role, int32_t unit, enum problem_code *ret_code) {
  struct change *c = change_make(x->a, &x->en, v, &role_grant_kind, CHANGE_CREATE);
  char text[UUID_TEXT];
  json_t *body = json_object();
  uuid_format(&account, text);
  json_object_set_new(body, "account", json_string(text));
  json_object_set_new(body, "role", json_string(role));
  char code[8];
  snprintf(code, sizeof code, "c%d", unit);
  if (unit) json_object_set_new(body, "unit", json_string(code));
  int r = change_parse(c, body, S(""), &x->e);
  if (r == 0) r = change_do(c, &x->e);
  json_decref(body);
  *ret_code = c->problems.first ? c->problems.first->code : PROBLEM_COUNT_;
  return r;
}

TEST_BOTH(nobody_gives_more_than_he_has) {
  WITH_AUTH(x, f);
  struct uuid target;
  enum problem_code code;
  int64_t tried = 0;
  for (int giver = 0; giver < (int)roles_count(); giver++) {
    struct viewer *v = viewer_with(&x, giver, WEST, NULL, &op_here);
    right_t create = kind_right(&role_grant_kind, VERB_CREATE);
    for (int role = 0; role < (int)roles_count(); role++) {
      char login[32];
      snprintf(login, sizeof login, "target-%d-%d", giver, role);
      CHECK_OK(fixture_account(&x, login, NULL, WEST_COMMUNITY, &target), &x.e);
      const char *name = role_at((size_t)role)->name;
      bool may = viewer_may(v, create, WEST) && viewer_may(v, role_give_right(role), WEST);
      /* Outside his branch, and for everything: never. */
      CHECK(give(&x, v, target, name, EAST_COMMUNITY, &code) < 0);
      CHECK(give(&x, v, target, name, 0, &code) < 0);
      CHECK(give(&x, v, target, name, CITY, &code) < 0);
      int r = give(&x, v, target, name, WEST_COMMUNITY, &code);
      if ((r == 0) != may)
        printf("# %s gives %s: %s %s\n", role_at((size_t)giver)->name, name, err_name(r),
               x.e.field);
      CHECK_EQ_I64(r == 0, may);
      tried++;
    }
  }
  CHECK_EQ_I64(tried, (int64_t)(roles_count() * roles_count()));
}

TEST_BOTH(nobody_gives_to_himself_and_nobody_is_two_administrators) {
  WITH_AUTH(x, f);
  struct uuid id;
  enum problem_code code;
  CHECK_OK(fixture_account(&x, "shenji", "auditor", CITY, &id), &x.e);
  CHECK_EQ_I64(give(&x, fixture_system(&x), id, "secadmin", CITY, &code), -E_INVALID);
  CHECK_EQ_I64(code, PROBLEM_role_apart);
  CHECK_EQ_I64(give(&x, fixture_system(&x), id, "sysadmin", 0, &code), -E_INVALID);
  CHECK_EQ_I64(give(&x, fixture_system(&x), id, "viewer", CITY, &code), 0);
  CHECK_OK(fixture_account(&x, "zhiban", "district_duty", WEST, &id), &x.e);
  struct viewer *v = viewer_with(&x, role_index(S("district_duty")), WEST, NULL, &op_here);
  v->user = id;
  CHECK_EQ_I64(give(&x, v, id, "lead", WEST_COMMUNITY, &code), -E_INVALID);
  CHECK_EQ_I64(code, PROBLEM_same_person);
}

static int act(struct auth_fixture *x, const struct viewer *v, struct uuid id, const char *action) {
  struct change *c = change_make(x->a, &x->en, v, &account_kind, CHANGE_ACTION);
  json_t *body = json_object();
  c->id = id;
  if (strcmp(action, "lock") == 0) json_object_set_new(body, "reason", json_string("suspected"));
  int r = change_parse(c, body, str_from(action), &x->e);
  if (r == 0) r = change_do(c, &x->e);
  json_decref(body);
  return r;
}

/* An account may live in a community and still be above its lead. */
TEST_BOTH(nobody_touches_an_account_above_his) {
  WITH_AUTH(x, f);
  struct uuid above, below;
  CHECK_OK(fixture_account(&x, "above", NULL, WEST_COMMUNITY, &above), &x.e);
  CHECK_OK(fixture_account(&x, "below", "secondee", WEST_COMMUNITY, &below), &x.e);
  enum problem_code code;
  CHECK_OK(give(&x, fixture_system(&x), above, "district_duty", WEST, &code), &x.e);
  struct viewer *lead = viewer_with(&x, role_index(S("lead")), WEST_COMMUNITY, NULL, &op_here);
  struct viewer *sec = viewer_with(&x, role_index(S("secadmin")), CITY, NULL, &op_here);
  CHECK_OK(act(&x, lead, below, "disable"), &x.e);
  CHECK_EQ_I64(act(&x, lead, above, "disable"), -E_INVALID);
  struct auth_invite inv = {.auth = x.auth, .viewer = lead, .a = x.a, .accounts = &above, .n = 1};
  _cleanup_(tx_endp) struct tx *tx = NULL;
  CHECK_OK(store_read(f->store, &tx, &x.e), &x.e);
  CHECK_EQ_I64(auth_invite_ready(&inv, tx, &x.e), -E_INVALID);
  CHECK_EQ_I64(inv.problems.first->code, PROBLEM_out_of_scope);
  /* Locking is the security administrator's, and his alone. */
  CHECK(act(&x, lead, above, "lock") < 0);
  CHECK_OK(act(&x, sec, above, "lock"), &x.e);
  CHECK(act(&x, sec, below, "enable") < 0);
}

TEST_BOTH(matrix_prints_every_right_once) {
  WITH_AUTH(x, f);
  _cleanup_(buf_done) struct buf b = BUF_INIT(MIB(1));
  rights_print(auth_roles(x.auth), &b);
  CHECK(buf_ok(&b));
  size_t lines = 0;
  for (struct str rest = buf_str(&b); rest.n;) {
    struct str line = str_split(&rest, '\n');
    if (!line.n) break;
    struct str name = str_split(&line, ' ');
    CHECK(right_by_name(name) != RIGHT_NONE);
    lines++;
  }
  CHECK_EQ_I64(lines, rights_count());
  _cleanup_(buf_done) struct buf j = BUF_INIT(MIB(1));
  json_t *root;
  rights_json(auth_roles(x.auth), &j);
  CHECK_OK(json_read(x.a, buf_str(&j), &root, &x.e), &x.e);
  CHECK_EQ_I64(json_array_size(json_object_get(root, "roles")), roles_count());
  CHECK_EQ_I64(json_object_size(json_object_get(root, "rights")), rights_count());
}
