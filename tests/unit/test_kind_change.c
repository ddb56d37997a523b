/* Creating and changing records: problems, rights and scope, versions, actions, receipts, history.
 */
#include "kind/engine.h"
#include "kind_fixture.h"

#define ALL                                                                                        \
  "responder.read responder.names responder.create responder.update responder.retire "             \
  "responder.release responder.reveal"
#define PERSON                                                                                     \
  "\"name\":\"王小明\",\"id_number\":\"11010519491231002X\",\"phone\":\"13812341234\","         \
  "\"address\":\"某某胡同12号\",\"unit\":\"110102001001\",\"age\":33,\"skills\":[\"b\",\"a\"]"

TEST_BOTH(create_and_read) {
  WORLD(w);
  int r;
  struct viewer u = world_user(&w, 1, DISTRICT_A, ALL);
  struct change *c = world_do(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL, "{" PERSON "}", &r);
  CHECK_STR(world_problems(&w, c), "");
  CHECK_OK(r, &w.e);
  CHECK(c->result && c->result->rev == 1 && c->result->seq == 1);
  CHECK_EQ_I64(w.changed, 1);
  struct record *rec = world_get(&w, &u, &resp_kind, &c->id);
  CHECK(rec);
  CHECK(rec_is(rec, RESP_NAME, "王小明"));
  CHECK(rec_is(rec, RESP_SKILLS, "a,b"));
  CHECK(rec_is(rec, RESP_KIND, "staff"));
  CHECK(str_is(rec->state, "planned"));
  CHECK(rec_null(rec, RESP_ID) && rec->sealed[RESP_ID].p);
  CHECK_OK(record_plain(w.en.sealer, rec, RESP_ID, w.a, &w.e), &w.e);
  CHECK(rec_is(rec, RESP_ID, "11010519491231002X"));
  CHECK_EQ_I64(rec->created_ms, clock_now_ms(&w.clock));
  json_t *j = world_emit(&w, &u, rec);
  CHECK(j);
  CHECK_STR(world_at(j, "name", NULL), "王小明");
  CHECK_STR(world_at(j, "id_number", NULL), "110***********002X");
  CHECK_STR(world_at(j, "phone", NULL), "138****1234");
  CHECK_STR(world_at(j, "unit", "code"), "110102001001");
  CHECK_STR(world_at(j, "unit", "name"), "甲一社区");
  CHECK_STR(world_at(j, "created_at", NULL), "2020-05-08T17:30:00+08:00");
  CHECK_EQ_I64(json_array_size(json_object_get(j, "masked")), 3);
  CHECK_EQ_I64(world_count(&w, "SELECT count(*) FROM history WHERE action = 'create' AND kind = 2"),
               1);
}

TEST_BOTH(all_problems_at_once) {
  WORLD(w);
  int r;
  struct viewer u = world_user(&w, 1, DISTRICT_A, ALL);
  struct change *c = world_parse(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL,
                                 "{\"id_number\":\"110105194912310021\",\"phone\":\"1\",\"age\":5,"
                                 "\"score\":3,\"nonsense\":1,\"seq\":4,\"unit\":\"110102001001\"}",
                                 &r);
  CHECK_EQ_I64(r, -E_INVALID);
  CHECK_STR(world_problems(&w, c),
            "bad_check_digit@id_number bad_format@phone too_small@age read_only@score "
            "unknown_field@nonsense read_only@seq required@name");
  /* a masked value that comes back is not taken for a value */
  c = world_parse(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL,
                  "{\"name\":\"王**\",\"unit\":\"110102001001\"}", &r);
  CHECK_STR(world_problems(&w, c), "bad_format@name");
  c = world_do(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL,
               "{\"name\":\"王\",\"note\":\"wrong\",\"unit\":\"110102001001\","
               "\"host\":\"110102009009\"}",
               &r);
  CHECK_EQ_I64(r, -E_INVALID);
  CHECK_STR(world_problems(&w, c), "retired@host rule@note");
  world_parse(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL, "[1]", &r);
  CHECK_EQ_I64(r, -E_MALFORMED);
  CHECK_EQ_I64(world_count(&w, "SELECT count(*) FROM responder"), 0);
}

TEST_BOTH(rights_and_scope) {
  WORLD(w);
  int r;
  struct viewer a = world_user(&w, 1, DISTRICT_A, ALL), b = world_user(&w, 2, DISTRICT_B, ALL),
                reader = world_user(&w, 3, CITY, "responder.read"),
                none = world_user(&w, 4, CITY, "post.read");
  struct change *c = world_do(&w, &b, &resp_kind, CHANGE_CREATE, NULL, NULL, "{" PERSON "}", &r);
  CHECK_EQ_I64(r, -E_FORBIDDEN);
  CHECK_STR(world_problems(&w, c), "out_of_scope@unit");
  world_do(&w, &none, &resp_kind, CHANGE_CREATE, NULL, NULL, "{\"nonsense\":1}", &r);
  CHECK_EQ_I64(r, -E_FORBIDDEN);
  c = world_do(&w, &a, &resp_kind, CHANGE_CREATE, NULL, NULL, "{" PERSON "}", &r);
  CHECK_OK(r, &w.e);
  const struct uuid id = c->id;
  CHECK(world_get(&w, &a, &resp_kind, &id) && world_get(&w, &reader, &resp_kind, &id));
  CHECK(!world_get(&w, &b, &resp_kind, &id));
  world_do(&w, &b, &resp_kind, CHANGE_UPDATE, &id, NULL, "{\"age\":40}", &r);
  CHECK_EQ_I64(r, -E_NOT_FOUND);
  world_do(&w, &reader, &resp_kind, CHANGE_UPDATE, &id, NULL, "{\"age\":40}", &r);
  CHECK_EQ_I64(r, -E_FORBIDDEN);
  /* seen from the second scope, but not changed from there */
  world_do(&w, &a, &resp_kind, CHANGE_UPDATE, &id, NULL, "{\"host\":\"110106001001\"}", &r);
  CHECK_OK(r, &w.e);
  CHECK(world_get(&w, &b, &resp_kind, &id));
  world_do(&w, &b, &resp_kind, CHANGE_UPDATE, &id, NULL, "{\"age\":40}", &r);
  CHECK_EQ_I64(r, -E_FORBIDDEN);
  /* moved to a place where he has no right */
  c = world_do(&w, &a, &resp_kind, CHANGE_UPDATE, &id, NULL, "{\"unit\":\"110106001001\"}", &r);
  CHECK_EQ_I64(r, -E_FORBIDDEN);
  CHECK_STR(world_problems(&w, c), "out_of_scope@unit");
  /* another operation's records do not exist */
  struct viewer other = a;
  other.op = 2;
  world_do(&w, &other, &resp_kind, CHANGE_UPDATE, &id, NULL, "{\"age\":40}", &r);
  CHECK_EQ_I64(r, -E_NOT_FOUND);
}

TEST_BOTH(versions) {
  WORLD(w);
  int r;
  struct viewer u = world_user(&w, 1, DISTRICT_A, ALL);
  struct change *c =
      world_do(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL, "{" PERSON ",\"level\":2}", &r);
  CHECK_OK(r, &w.e);
  const struct uuid id = c->id;
  c = world_do(&w, &u, &resp_kind, CHANGE_UPDATE, &id, NULL, "{\"age\":34,\"rev\":1}", &r);
  CHECK_OK(r, &w.e);
  CHECK_EQ_I64(c->result->rev, 2);
  CHECK_EQ_I64(c->result->seq, 2);
  c = world_do(&w, &u, &resp_kind, CHANGE_UPDATE, &id, NULL, "{\"age\":35,\"rev\":1}", &r);
  CHECK_EQ_I64(r, -E_CONFLICT);
  CHECK(c->current && c->current->rev == 2 && rec_i64(c->current, RESP_AGE) == 34);
  /* nothing new, also where it is sealed: nothing written */
  w.changed = 0;
  c = world_do(&w, &u, &resp_kind, CHANGE_UPDATE, &id, NULL,
               "{\"age\":34,\"phone\":\"+86 138 1234 1234\",\"address\":\"某某胡同12号\","
               "\"level\":2}",
               &r);
  CHECK_OK(r, &w.e);
  CHECK(c->unchanged);
  CHECK_EQ_I64(w.changed, 0);
  CHECK_EQ_I64(c->result->rev, 2);
  c = world_do(&w, &u, &resp_kind, CHANGE_UPDATE, &id, NULL, "{\"level\":3}", &r);
  CHECK_STR(world_problems(&w, c), "read_only@level");
  c = world_do(&w, &u, &resp_kind, CHANGE_UPDATE, &id, NULL, "{\"name\":null}", &r);
  CHECK_STR(world_problems(&w, c), "required@name");
  /* a sealed value is replaced, the others keep their blobs and blind indexes */
  world_do(&w, &u, &resp_kind, CHANGE_UPDATE, &id, NULL, "{\"phone\":\"13900000001\"}", &r);
  CHECK_OK(r, &w.e);
  struct record *found[4];
  size_t n = 0;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  CHECK_OK(store_read(w.f->store, &tx, &w.e), &w.e);
  CHECK_OK(
      record_find(tx, &w.en, w.a, &resp_kind, 1, RESP_PHONE, S("13900000001"), found, 4, &n, &w.e),
      &w.e);
  CHECK_EQ_I64(n, 1);
  CHECK_OK(
      record_find(tx, &w.en, w.a, &resp_kind, 1, RESP_PHONE, S("13812341234"), found, 4, &n, &w.e),
      &w.e);
  CHECK_EQ_I64(n, 0);
  CHECK_OK(record_find(tx, &w.en, w.a, &resp_kind, 1, RESP_ID, S("11010519491231002X"), found, 4,
                       &n, &w.e),
           &w.e);
  CHECK_EQ_I64(n, 1);
}

TEST_BOTH(actions) {
  WORLD(w);
  int r;
  struct viewer u = world_user(&w, 1, DISTRICT_A, ALL), second = world_user(&w, 2, CITY, ALL);
  struct change *c = world_do(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL, "{" PERSON "}", &r);
  CHECK_OK(r, &w.e);
  const struct uuid id = c->id;
  world_do(&w, &u, &resp_kind, CHANGE_ACTION, &id, "fly", "{}", &r);
  CHECK_EQ_I64(r, -E_NOT_FOUND);
  c = world_do(&w, &u, &resp_kind, CHANGE_ACTION, &id, "release", "{\"reason\":\"轮换\"}", &r);
  CHECK_EQ_I64(r, -E_STATE);
  CHECK_STR(world_problems(&w, c), "wrong_state@state");
  c = world_do(&w, &u, &resp_kind, CHANGE_ACTION, &id, "report", "{\"age\":4}", &r);
  CHECK_EQ_I64(r, -E_INVALID);
  CHECK_STR(world_problems(&w, c), "unknown_field@age required@reported_on");
  c = world_do(&w, &u, &resp_kind, CHANGE_ACTION, &id, "report",
               "{\"reported_on\":\"2020-02-01\",\"rev\":1}", &r);
  CHECK_OK(r, &w.e);
  CHECK(str_is(c->result->state, "reported"));
  c = world_do(&w, &u, &resp_kind, CHANGE_ACTION, &id, "release", "{}", &r);
  CHECK_STR(world_problems(&w, c), "required@reason");
  c = world_do(&w, &u, &resp_kind, CHANGE_ACTION, &id, "release", "{\"reason\":\"轮换\"}", &r);
  CHECK_EQ_I64(r, -E_INVALID);
  CHECK_STR(world_problems(&w, c), "same_person@");
  c = world_do(&w, &second, &resp_kind, CHANGE_ACTION, &id, "release", "{\"reason\":\"轮换\"}", &r);
  CHECK_OK(r, &w.e);
  CHECK(str_is(c->result->state, "released"));
  CHECK_EQ_I64(world_count(&w, "SELECT count(*) FROM history WHERE reason = '轮换'"), 1);
  world_do(&w, &u, &resp_kind, CHANGE_RETIRE, &id, NULL, "{\"reason\":\"x\"}", &r);
  CHECK_OK(r, &w.e);
  world_do(&w, &u, &resp_kind, CHANGE_UPDATE, &id, NULL, "{\"age\":50}", &r);
  CHECK_EQ_I64(r, -E_STATE);
  c = world_do(&w, &u, &resp_kind, CHANGE_RESTORE, &id, NULL, "{}", &r);
  CHECK_OK(r, &w.e);
  CHECK(!c->result->retired && c->result->rev == 5);
}

TEST_BOTH(sent_again) {
  WORLD(w);
  int r;
  struct viewer u = world_user(&w, 1, CITY, ALL), other = world_user(&w, 2, CITY, ALL);
  const char *body = "{\"id\":\"01900000-0000-7000-8000-000000000001\"," PERSON "}";
  struct change *c = world_do(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_OK(r, &w.e);
  CHECK(!c->replayed);
  c = world_do(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_OK(r, &w.e);
  CHECK(c->replayed && c->result && c->result->rev == 1);
  CHECK_EQ_I64(w.changed, 1);
  c = world_do(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL,
               "{\"id\":\"01900000-0000-7000-8000-000000000001\",\"name\":\"李\","
               "\"unit\":\"110102001001\"}",
               &r);
  CHECK_EQ_I64(r, -E_CONFLICT);
  CHECK_STR(world_problems(&w, c), "content_changed@id");
  CHECK(!c->current && !c->result);
  c = world_do(&w, &other, &resp_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_EQ_I64(r, -E_CONFLICT);
  CHECK_STR(world_problems(&w, c), "content_changed@id");
  CHECK(!c->current && !c->result);
  /* any command under a receipt of its own */
  const struct uuid id = c->id;
  for (int i = 0; i < 2; i++) {
    c = world_parse(&w, &u, &resp_kind, CHANGE_ACTION, &id, "report",
                    "{\"reported_on\":\"2020-02-01\"}", &r);
    CHECK_OK(r, &w.e);
    c->receipt.b[3] = 7;
    CHECK_OK(change_do(c, &w.e), &w.e);
    CHECK(c->replayed == (i == 1));
    CHECK_EQ_I64(c->result->rev, 2);
  }
}

TEST(one_value_has_one_text) {
  static const char *const same[] = {
      "{\"b\": [1, 1.0, 36.50, true, null], \"a\": {\"y\": \"\\u674e\", \"x\": {}}}",
      "{\"a\":{\"x\":{},\"y\":\"李\"},\"b\":[1.0,1,3.65e1,true,null]}"};
  _cleanup_(arena_freep) struct arena *a = arena_create(MIB(1));
  struct err e;
  for (size_t i = 0; i < ARRAY_LEN(same); i++) {
    _cleanup_(buf_done) struct buf b = BUF_INIT(KIB(4));
    json_t *j;
    CHECK_OK(json_read(a, str_from(same[i]), &j, &e), &e);
    json_canonical(&b, j);
    CHECK_STR(buf_z(&b), "{\"a\":{\"x\":{},\"y\":\"李\"},\"b\":[1,1,36.5,true,null]}");
  }
}

/* By the JSON that came, not by what was made of it. */
TEST_BOTH(the_same_request_is_the_same_json) {
  WORLD(w);
  int r;
  struct viewer u = world_user(&w, 1, CITY, ALL);
  static const struct {
    const char *body;
    int want;
  } sent[] = {{"{\"id\":\"01900000-0000-7000-8000-000000000001\",\"name\":\"李\","
               "\"unit\":\"110102001001\",\"age\":40}",
               0},
              {"{\"age\": 40, \"unit\":\"110102001001\", \"name\":\"\\u674e\","
               "\"id\":\"01900000-0000-7000-8000-000000000001\"}",
               0},
              /* what is the initial value anyway is said, where it was not */
              {"{\"id\":\"01900000-0000-7000-8000-000000000001\",\"name\":\"李\","
               "\"unit\":\"110102001001\",\"age\":40,\"kind\":\"staff\"}",
               -E_CONFLICT},
              {"{\"id\":\"01900000-0000-7000-8000-000000000001\",\"name\":\"李\","
               "\"unit\":\"110102001001\",\"age\":41}",
               -E_CONFLICT}};
  for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
    struct change *c = world_do(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL, sent[i].body, &r);
    CHECK_EQ_I64(r, sent[i].want);
    CHECK(r < 0 || c->replayed == (i > 0));
  }
  /* a default that is another one by now changes nothing of what was asked */
  struct change *c = world_parse(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL, sent[0].body, &r);
  CHECK_OK(r, &w.e);
  change_set(c, field_named(&resp_kind, "kind"), V_TEXTZ("volunteer"));
  CHECK_OK(change_do(c, &w.e), &w.e);
  CHECK(c->replayed);
}

static int forget_sent(struct tx *tx, void *arg, struct err *e) {
  return tx_exec_sql(tx, S("UPDATE receipt SET digest = $1"), P(V_BLOB(*(struct str *)arg)), NULL,
                     e);
}

/* A receipt of the first release has the digest of the values; it is compared as then. */
TEST_BOTH(a_receipt_of_the_first_release_is_known) {
  static const struct cmd_class forget = {.name = "forget", .run = forget_sent};
  WORLD(w);
  int r;
  struct viewer u = world_user(&w, 1, CITY, ALL);
  const char *body = "{\"id\":\"01900000-0000-7000-8000-000000000001\"," PERSON "}";
  struct change *c = world_do(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_OK(r, &w.e);
  CHECK_EQ_I64(c->n_digest, DIGEST_SENT);
  c = world_parse(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_OK(r, &w.e);
  c->n_digest = 0; /* as it was made then */
  CHECK_OK(change_ready(c, &w.e), &w.e);
  CHECK_EQ_I64(c->n_digest, DIGEST_VALUES);
  struct str then = {(const char *)c->digest, c->n_digest};
  CHECK_OK(writer_run(w.en.writer, &forget, &then, CMD_NORMAL, &w.e), &w.e);
  c = world_do(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_OK(r, &w.e);
  CHECK(c->replayed);
  world_do(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL,
           "{\"id\":\"01900000-0000-7000-8000-000000000001\",\"name\":\"李\","
           "\"unit\":\"110102001001\"}",
           &r);
  CHECK_EQ_I64(r, -E_CONFLICT);
}

TEST_BOTH(unique_values) {
  WORLD(w);
  int r;
  struct viewer a = world_user(&w, 1, DISTRICT_A, ALL), b = world_user(&w, 2, DISTRICT_B, ALL),
                masked = world_user(&w, 3, DISTRICT_A, "responder.read responder.create");
  struct change *c = world_do(&w, &a, &resp_kind, CHANGE_CREATE, NULL, NULL, "{" PERSON "}", &r);
  CHECK_OK(r, &w.e);
  const struct uuid id = c->id;
  const char *twin = "{\"name\":\"李\",\"id_number\":\"11010519491231002x\",\"unit\":\"%s\"}";
  char body[256];
  snprintf(body, sizeof body, twin, "110102001002");
  c = world_do(&w, &a, &resp_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_EQ_I64(r, -E_INVALID);
  CHECK_STR(world_problems(&w, c), "duplicate@id_number");
  CHECK(str_is(c->problems.first->other, "王小明"));
  c = world_do(&w, &masked, &resp_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK(str_is(c->problems.first->other, "王**"));
  snprintf(body, sizeof body, twin, "110106001001");
  c = world_do(&w, &b, &resp_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_STR(world_problems(&w, c), "duplicate_elsewhere@id_number");
  CHECK(!c->problems.first->other.p);
  /* a retired one gives its number free, and cannot come back while somebody has it */
  world_do(&w, &a, &resp_kind, CHANGE_RETIRE, &id, NULL, "{}", &r);
  CHECK_OK(r, &w.e);
  world_do(&w, &b, &resp_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_OK(r, &w.e);
  c = world_do(&w, &a, &resp_kind, CHANGE_RESTORE, &id, NULL, "{}", &r);
  CHECK_EQ_I64(r, -E_INVALID);
  CHECK_STR(world_problems(&w, c), "duplicate_elsewhere@id_number");
}

TEST_BOTH(references) {
  WORLD(w);
  int r;
  struct viewer a = world_user(&w, 1, DISTRICT_A,
                               ALL " post.read post.create assignment.read "
                                   "assignment.create assignment.update"),
                b = world_user(&w, 2, DISTRICT_B,
                               ALL " post.read post.create assignment.read "
                                   "assignment.create");
  struct change *c = world_do(&w, &a, &resp_kind, CHANGE_CREATE, NULL, NULL, "{" PERSON "}", &r);
  CHECK_OK(r, &w.e);
  char person[UUID_TEXT], post[UUID_TEXT], body[400];
  uuid_format(&c->id, person);
  c = world_do(&w, &a, &post_kind, CHANGE_CREATE, NULL, NULL,
               "{\"name\":\"东门\",\"unit\":\"110102001001\"}", &r);
  CHECK_OK(r, &w.e);
  uuid_format(&c->id, post);
  const struct uuid post_id = c->id;
  snprintf(body, sizeof body,
           "{\"responder\":\"%s\",\"post\":{\"id\":\"%s\"},\"day\":\"2020-05-01\"}", person, post);
  c = world_do(&w, &b, &asg_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_EQ_I64(r, -E_INVALID);
  CHECK_STR(world_problems(&w, c), "not_found@responder not_found@post");
  c = world_do(&w, &a, &asg_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_STR(world_problems(&w, c), "");
  CHECK_OK(r, &w.e);
  CHECK_EQ_I64(rec_unit(c->result, ASG_UNIT), COMM_A1);
  json_t *j = world_emit(&w, &a, c->result);
  CHECK_STR(world_at(j, "responder", "title"), "王小明");
  CHECK_STR(world_at(j, "post", "id"), post);
  CHECK_STR(world_at(j, "post", "title"), "东门");
  c = world_do(&w, &a, &asg_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_STR(world_problems(&w, c), "duplicate@post");
  CHECK(str_is(c->problems.first->other, "王小明 东门 2020-05-01"));
  snprintf(body, sizeof body, "{\"responder\":\"%s\",\"post\":\"%s\",\"day\":\"2020-05-02\"}", post,
           post);
  c = world_do(&w, &a, &asg_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_STR(world_problems(&w, c), "not_found@responder");
  c = change_make(w.a, &w.en, &a, &post_kind, CHANGE_RETIRE);
  c->id = post_id;
  CHECK_EQ_I64(change_do(c, &w.e), -E_FORBIDDEN);
  c->internal = true;
  CHECK_OK(change_do(c, &w.e), &w.e);
  snprintf(body, sizeof body, "{\"responder\":\"%s\",\"post\":\"%s\",\"day\":\"2020-05-02\"}",
           person, post);
  c = world_do(&w, &a, &asg_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_STR(world_problems(&w, c), "retired@post");
}

struct preparing {
  const struct query *list[512];
  size_t n;
};

static void collect(const struct query *q, void *arg) {
  struct preparing *p = arg;
  if (p->n < ARRAY_LEN(p->list)) p->list[p->n++] = q;
}

/* With too many parameters a statement is prepared, and refused for that alone. */
static int prepare(struct tx *tx, void *arg, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct val v[LIMIT_PARAMS];
  memset(v, 0, sizeof v);
  return cur_open(tx, arg, v, LIMIT_PARAMS, &c, e);
}

TEST_BOTH(statements_of_every_kind) {
  static const struct cmd_class cls = {.name = "prepare", .run = prepare};
  WORLD(w);
  struct preparing p = {.n = 0};
  kind_sql_each(collect, &p);
  query_each(collect, &p);
  CHECK(p.n > 40 && p.n < ARRAY_LEN(p.list));
  for (size_t i = 0; i < p.n; i++) {
    w.e = (struct err){.what = ""};
    int r = writer_run(w.en.writer, &cls, (void *)(uintptr_t)p.list[i], CMD_NORMAL, &w.e);
    if (r != -E_BUG || !strstr(w.e.what, "number of parameters"))
      HARNESS_FAIL("%s: %s %s", p.list[i]->sql, w.e.what, w.e.field);
  }
}
