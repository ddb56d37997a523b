/* Every allocation of a change and of an answer fails once: what is then told is "no memory", and
 * what stands in the database is whole. */
#include "kind/engine.h"
#include "kind_fixture.h"

#define ALL                                                                                        \
  "responder.read responder.names responder.create responder.update post.read post.create "        \
  "assignment.read assignment.create gate_event.read gate_event.create"

struct attempt {
  struct world *w;
  const struct viewer *v;
  const struct kind *k;
  enum change_verb verb;
  const struct uuid *id;
  const char *body;
};

/* Parses and runs in an arena whose n-th allocation fails. */
static int attempt(const struct attempt *t, uint64_t n, struct uuid *ret_id) {
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  struct err e = {0};
  json_t *root = NULL;
  int r = json_read(a, str_from(t->body), &root, &e);
  if (r < 0) return r;
  arena_fail_at(a, n);
  struct change *c = change_make(a, &t->w->en, t->v, t->k, t->verb);
  if (t->id) c->id = *t->id;
  r = change_parse(c, root, S(""), &e);
  if (r == 0) r = change_do(c, &e);
  if (r == 0) *ret_id = c->id;
  if (r == 0 && arena_failed(a)) return -E_BUG;
  return r;
}

/* Fails the first, the second … until one attempt comes through; gives how many failed. */
static int64_t torture(const struct attempt *t, struct uuid *ret_id) {
  for (uint64_t n = 1; n < 2000; n++) {
    const int r = attempt(t, n, ret_id);
    if (r == 0) return (int64_t)n - 1;
    if (r != -E_NOMEM) {
      printf("# allocation %d: %s\n", (int)n, err_name(r));
      return -1;
    }
  }
  return -1;
}

TEST_BOTH(changes_without_memory) {
  WORLD(w);
  struct viewer u = world_user(&w, 1, DISTRICT_A, ALL);
  struct uuid person, post, id;
  char a[UUID_TEXT], b[UUID_TEXT], body[300];
  struct attempt t = {&w,
                      &u,
                      &resp_kind,
                      CHANGE_CREATE,
                      NULL,
                      "{\"id\":\"01900000-0000-7000-8000-000000000001\",\"name\":\"王小明\","
                      "\"id_number\":\"11010519491231002X\",\"phone\":\"13812341234\","
                      "\"unit\":\"110102001001\",\"skills\":[\"b\",\"a\"]}"};
  CHECK(torture(&t, &person) > 10);
  CHECK_EQ_I64(world_count(&w, "SELECT count(*) FROM responder"), 1);
  CHECK_EQ_I64(world_count(&w, "SELECT count(*) FROM receipt"), 1);
  CHECK_EQ_I64(world_count(&w, "SELECT seq FROM unit_seq WHERE unit = 4"), 1);
  t = (struct attempt){
      &w, &u, &resp_kind, CHANGE_UPDATE, &person, "{\"phone\":\"13900000000\",\"note\":\"x\"}"};
  CHECK(torture(&t, &id) > 10);
  CHECK_EQ_I64(world_count(&w, "SELECT count(*) FROM history WHERE kind = 2"), 2);
  t = (struct attempt){
      &w, &u, &post_kind, CHANGE_CREATE, NULL, "{\"name\":\"东门\",\"unit\":\"110102001001\"}"};
  CHECK(torture(&t, &post) > 3);
  uuid_format(&person, a);
  uuid_format(&post, b);
  snprintf(body, sizeof body, "{\"responder\":\"%s\",\"post\":\"%s\",\"day\":\"2020-05-01\"}", a,
           b);
  t = (struct attempt){&w, &u, &asg_kind, CHANGE_CREATE, NULL, body};
  CHECK(torture(&t, &id) > 5);
  snprintf(body, sizeof body,
           "{\"unit\":\"110102001001\",\"post\":\"%s\",\"direction\":\"in\",\"resident\":\"%s\"}",
           b, a);
  t = (struct attempt){&w, &u, &gate_kind, CHANGE_CREATE, NULL, body};
  CHECK(torture(&t, &id) > 3);
  CHECK_EQ_I64(world_count(&w, "SELECT count(*) FROM gate_event"), 1);
  CHECK_EQ_I64(world_count(&w, "SELECT seq FROM unit_seq WHERE unit = 4"), 5);
}

/* A page with references, its history and a text, in an arena whose n-th allocation fails. */
static int answer(struct world *w, const struct viewer *v, const struct uuid *id, uint64_t n,
                  struct buf *b) {
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct list_query lq = {.sort = list_field(RESP_NAME), .q = S("王"), .count = true, .limit = 10};
  struct list_query shifts = {.limit = 10};
  struct list_page page;
  struct jw jw;
  struct str text;
  bool masked;
  int r = store_read(w->f->store, &tx, &w->e);
  if (r < 0) return r;
  arena_fail_at(a, n);
  struct emit em = {.tx = tx, .en = &w->en, .viewer = v, .a = a};
  buf_clear(b);
  jw_init(&jw, b);
  jw_array(&jw);
  if ((r = record_list(tx, a, &w->en, v, &resp_kind, &lq, &page, &w->e)) < 0) return r;
  if ((r = emit_records(&em, &jw, page.items, page.n, &w->e)) < 0) return r;
  if ((r = record_list(tx, a, &w->en, v, &asg_kind, &shifts, &page, &w->e)) < 0) return r;
  if ((r = emit_records(&em, &jw, page.items, page.n, &w->e)) < 0) return r;
  if ((r = emit_text(&em, page.items[0], ASG_RESPONDER, &text, &masked, &w->e)) < 0) return r;
  if ((r = history_write(&em, &jw, &resp_kind, id, &w->e)) < 0) return r;
  jw_end(&jw);
  if (arena_failed(a)) return -E_NOMEM;
  return jw_ok(&jw) ? 0 : -E_BUG;
}

TEST_BOTH(answers_without_memory) {
  WORLD(w);
  int r;
  struct viewer u = world_user(&w, 1, DISTRICT_A, ALL);
  char a[UUID_TEXT], b[UUID_TEXT], body[300];
  struct change *c = world_do(&w, &u, &resp_kind, CHANGE_CREATE, NULL, NULL,
                              "{\"name\":\"王小明\",\"phone\":\"13812341234\","
                              "\"unit\":\"110102001001\"}",
                              &r);
  CHECK_OK(r, &w.e);
  const struct uuid id = c->id;
  uuid_format(&id, a);
  c = world_do(&w, &u, &post_kind, CHANGE_CREATE, NULL, NULL,
               "{\"name\":\"东门\",\"unit\":\"110102001001\"}", &r);
  CHECK_OK(r, &w.e);
  uuid_format(&c->id, b);
  snprintf(body, sizeof body, "{\"responder\":\"%s\",\"post\":\"%s\",\"day\":\"2020-05-01\"}", a,
           b);
  world_do(&w, &u, &asg_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_OK(r, &w.e);
  struct buf whole = BUF_INIT(KIB(64)), out = BUF_INIT(KIB(64));
  r = answer(&w, &u, &id, 0, &whole);
  uint64_t n = 1;
  if (r == 0)
    while ((r = answer(&w, &u, &id, n, &out)) == -E_NOMEM && n < 2000) n++;
  const bool same = whole.n == out.n && memcmp(whole.p, out.p, whole.n) == 0;
  buf_done(&whole);
  buf_done(&out);
  CHECK_OK(r, &w.e);
  CHECK(n > 20 && same);
}
