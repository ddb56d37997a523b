/* Events: the fast path gives the same answers as one by one, and numbers in commit order. */
#include "kind/engine.h"
#include "kind_fixture.h"
#include <semaphore.h>

#define GATE "gate_event.read gate_event.names gate_event.create post.read responder.read"

struct gate {
  struct world *w;
  struct viewer v;
  char post[UUID_TEXT];
};

static bool gate_open(struct gate *g, struct world *w, int who, int unit, int comm) {
  char body[100];
  int r;
  g->w = w;
  g->v = world_user(w, who, unit, GATE);
  snprintf(body, sizeof body, "{\"name\":\"东门\",\"unit\":\"%s\"}", unit_codes[comm]);
  struct change *c = world_do(w, &w->system, &post_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  uuid_format(&c->id, g->post);
  return r == 0;
}

static struct change *event(struct gate *g, int id, int comm, const char *post, const char *who,
                            int *ret_r) {
  char body[400];
  snprintf(body, sizeof body,
           "{\"id\":\"01900000-0000-7000-8000-%012d\",\"unit\":\"%s\",\"post\":\"%s\","
           "\"direction\":\"in\",\"who\":\"%s\",\"temperature\":36.5,"
           "\"device_at\":\"2020-05-08T17:29:00+08:00\"}",
           id, unit_codes[comm], post, who);
  struct change *c = world_parse(g->w, &g->v, &gate_kind, CHANGE_CREATE, NULL, NULL, body, ret_r);
  if (*ret_r == 0) *ret_r = change_ready(c, &g->w->e);
  return c;
}

/* Queues them all behind a command that holds the writer, so that they are run as one batch. */
static sem_t finished, hold;
static void done(struct cmd *c) {
  (void)c;
  sem_post(&finished);
}
static int wait_run(struct tx *tx, void *arg, struct err *e) {
  (void)tx, (void)arg, (void)e;
  while (sem_wait(&hold) < 0) continue;
  return 0;
}

static bool together(struct world *w, struct change **list, size_t n, struct cmd *cmds) {
  static const struct cmd_class holder = {.name = "hold", .run = wait_run};
  struct cmd first = {.cls = &holder, .priority = CMD_GATE, .done = done};
  sem_init(&finished, 0, 0);
  sem_init(&hold, 0, 0);
  bool good = writer_submit(w->en.writer, &first, &w->e) == 0;
  size_t sent = 0;
  for (; sent < n && good; sent++) {
    cmds[sent] = (struct cmd){.cls = change_cmd_class(list[sent]),
                              .arg = list[sent],
                              .priority = change_priority(list[sent]),
                              .done = done};
    good = writer_submit(w->en.writer, &cmds[sent], &w->e) == 0;
  }
  sem_post(&hold);
  for (size_t i = 0; i < sent + 1; i++)
    while (sem_wait(&finished) < 0) continue;
  return good;
}

TEST_BOTH(one_event) {
  WORLD(w);
  struct gate g;
  int r;
  CHECK(gate_open(&g, &w, 1, COMM_A1, COMM_A1));
  w.changed = 0;
  struct change *c = event(&g, 1, COMM_A1, g.post, "王小明", &r);
  CHECK_OK(r, &w.e);
  CHECK_OK(change_do(c, &w.e), &w.e);
  CHECK(c->result && c->result->seq == 2 && !c->replayed); /* the post had number 1 */
  CHECK_EQ_I64(w.changed, 1);
  struct record *rec = world_get(&w, &g.v, &gate_kind, &c->id);
  CHECK(rec && rec->rev == 1);
  json_t *j = world_emit(&w, &g.v, rec);
  CHECK_STR(world_at(j, "who", NULL), "王小明");
  CHECK_STR(world_at(j, "post", "title"), "东门");
  CHECK_STR(world_at(j, "device_at", NULL), "2020-05-08T17:29:00+08:00");
  CHECK(json_real_value(json_object_get(j, "temperature")) > 36.4);
  c = event(&g, 1, COMM_A1, g.post, "王小明", &r);
  CHECK_OK(change_do(c, &w.e), &w.e);
  CHECK(c->replayed && c->result->seq == 2);
  c = event(&g, 1, COMM_A1, g.post, "别人", &r);
  CHECK_EQ_I64(change_do(c, &w.e), -E_CONFLICT);
  CHECK_STR(world_problems(&w, c), "content_changed@id");
  CHECK_EQ_I64(w.changed, 1);
  c = change_make(w.a, &w.en, &w.system, &gate_kind, CHANGE_UPDATE);
  c->id = rec->id;
  CHECK_EQ_I64(change_do(c, &w.e), -E_METHOD);
}

TEST_BOTH(a_batch_answers_each_by_itself) {
  WORLD(w);
  struct gate g, other;
  struct change *list[10];
  struct cmd cmds[10];
  int r;
  CHECK(gate_open(&g, &w, 1, DISTRICT_A, COMM_A1) && gate_open(&other, &w, 2, COMM_B1, COMM_B1));
  CHECK_OK(change_do(event(&g, 1, COMM_A1, g.post, "甲", &r), &w.e), &w.e);
  w.changed = 0;
  list[0] = event(&g, 2, COMM_A1, g.post, "乙", &r);         /* new */
  list[1] = event(&g, 1, COMM_A1, g.post, "甲", &r);         /* was there */
  list[2] = event(&g, 1, COMM_A1, g.post, "丙", &r);         /* the id with other content */
  list[3] = event(&g, 2, COMM_A1, g.post, "乙", &r);         /* twice in the batch */
  list[4] = event(&g, 2, COMM_A1, g.post, "丁", &r);         /* and with other content */
  list[5] = event(&g, 3, COMM_A1, g.post, "bad", &r);        /* refused by the check */
  list[6] = event(&g, 4, COMM_A2, other.post, "戊", &r);     /* a post he does not see */
  list[7] = event(&other, 5, COMM_B1, other.post, "己", &r); /* another community's */
  list[8] = event(&g, 6, COMM_A2, g.post, "庚", &r);
  list[9] = event(&g, 7, COMM_B1, g.post, "辛", &r); /* out of his branch */
  CHECK_EQ_I64(r, -E_FORBIDDEN);
  r = change_ready(list[9], &w.e);
  CHECK(together(&w, list, 10, cmds));
  const int want[] = {0,          0,          -E_CONFLICT, 0, -E_CONFLICT,
                      -E_INVALID, -E_INVALID, 0,           0, -E_FORBIDDEN};
  for (size_t i = 0; i < 10; i++) {
    if (cmds[i].result != want[i]) printf("# event %zu: %s\n", i, cmds[i].err.what);
    CHECK_EQ_I64(cmds[i].result, want[i]);
  }
  CHECK(!list[0]->replayed && list[1]->replayed && list[3]->replayed);
  CHECK(list[3]->result && list[3]->result->seq == list[0]->result->seq);
  CHECK_STR(world_problems(&w, list[5]), "rule@who");
  CHECK_STR(world_problems(&w, list[6]), "not_found@post");
  CHECK_EQ_I64(w.changed, 3);
  CHECK_EQ_I64(list[0]->result->seq, 3); /* the post, then the first event */
  CHECK_EQ_I64(list[7]->result->seq, 2);
  CHECK_EQ_I64(list[8]->result->seq, 1);
  CHECK_EQ_I64(world_count(&w, "SELECT count(*) FROM gate_event"), 4);
  CHECK_EQ_I64(world_count(&w, "SELECT seq FROM unit_seq WHERE unit = 4"), 3);
}

TEST_BOTH(numbers_without_gaps) {
  WORLD(w);
  struct gate g;
  struct change *list[300];
  struct cmd cmds[300];
  int r;
  CHECK(gate_open(&g, &w, 1, DISTRICT_A, COMM_A1));
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 300; i++) {
      const bool bad = i % 7 == 3;
      list[i] =
          event(&g, 1 + round * 300 + i, i % 2 ? COMM_A1 : COMM_A2, g.post, bad ? "bad" : "甲", &r);
      CHECK_OK(r, &w.e);
    }
    CHECK(together(&w, list, 300, cmds));
  }
  /* every number once, from 1 (from 2 where the post has the first) to the highest */
  CHECK_EQ_I64(world_count(&w, "SELECT count(*) FROM gate_event"), 3 * (300 - 43));
  CHECK_EQ_I64(world_count(&w, "SELECT count(*) FROM (SELECT unit FROM gate_event GROUP BY unit "
                               "HAVING count(*) <> max(seq) - min(seq) + 1) x"),
               0);
  CHECK_EQ_I64(world_count(&w,
                           "SELECT count(*) FROM unit_seq s WHERE s.unit IN (4, 5) AND s.seq <> "
                           "(SELECT max(g.seq) FROM gate_event g WHERE g.unit = s.unit)"),
               0);
  /* one community's list comes in the order of numbers, page by page */
  struct viewer gatekeeper = world_user(&w, 2, COMM_A2, GATE);
  struct list_query lq = {.limit = 100, .descending = true};
  struct list_page page;
  int64_t last = INT64_MAX;
  size_t n = 0;
  do {
    _cleanup_(tx_endp) struct tx *tx = NULL;
    CHECK_OK(store_read(w.f->store, &tx, &w.e), &w.e);
    CHECK_OK(record_list(tx, w.a, &w.en, &gatekeeper, &gate_kind, &lq, &page, &w.e), &w.e);
    for (size_t i = 0; i < page.n; i++) {
      CHECK(page.items[i]->seq < last);
      last = page.items[i]->seq;
    }
    n += page.n;
    lq.after = page.next;
  } while (page.next.p);
  CHECK_EQ_I64(n, world_count(&w, "SELECT count(*) FROM gate_event WHERE unit = 5"));
}

static int fail_after(struct tx *tx, void *arg, struct err *e) {
  int r = change_run(tx, arg, e);
  return r < 0 ? r : err_set(e, E_STATE, "thought better of it");
}

/* What a command took is given back when it is undone. */
TEST_BOTH(numbers_of_undone_commands) {
  static const struct cmd_class failing = {.name = "failing", .run = fail_after};
  WORLD(w);
  struct gate g;
  int r;
  CHECK(gate_open(&g, &w, 1, DISTRICT_A, COMM_A1));
  struct change *a = event(&g, 1, COMM_A1, g.post, "甲", &r);
  struct change *b = event(&g, 2, COMM_A2, g.post, "甲", &r);
  struct change *list[] = {event(&g, 3, COMM_A1, g.post, "甲", &r), a, b,
                           event(&g, 4, COMM_A2, g.post, "甲", &r)};
  struct cmd cmds[4];
  static const struct cmd_class holder = {.name = "hold", .run = wait_run};
  struct cmd first = {.cls = &holder, .priority = CMD_GATE, .done = done};
  sem_init(&finished, 0, 0);
  sem_init(&hold, 0, 0);
  CHECK_OK(writer_submit(w.en.writer, &first, &w.e), &w.e);
  for (size_t i = 0; i < 4; i++) {
    cmds[i] = (struct cmd){.cls = i == 1 || i == 2 ? &failing : &event_cmd,
                           .arg = list[i],
                           .priority = CMD_GATE,
                           .done = done};
    CHECK_OK(writer_submit(w.en.writer, &cmds[i], &w.e), &w.e);
  }
  sem_post(&hold);
  for (size_t i = 0; i < 5; i++)
    while (sem_wait(&finished) < 0) continue;
  CHECK_EQ_I64(cmds[1].result, -E_STATE);
  CHECK_EQ_I64(cmds[0].result, 0);
  CHECK_EQ_I64(cmds[3].result, 0);
  CHECK_EQ_I64(list[0]->result->seq, 2);
  CHECK_EQ_I64(list[3]->result->seq, 1);
  CHECK_EQ_I64(world_count(&w, "SELECT seq FROM unit_seq WHERE unit = 4"), 2);
  CHECK_EQ_I64(world_count(&w, "SELECT seq FROM unit_seq WHERE unit = 5"), 1);
  CHECK_EQ_I64(world_count(&w, "SELECT count(*) FROM gate_event"), 2);
}
