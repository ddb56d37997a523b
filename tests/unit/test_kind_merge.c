/* Two records of one person become one, and two again. */
#include "kind/engine.h"
#include "kind_fixture.h"

#define ALL                                                                                        \
  "responder.read responder.names responder.create responder.update responder.retire "             \
  "assignment.read assignment.create gate_event.read gate_event.create post.read"

struct merging {
  struct change *c;
  struct uuid other;
  struct uuid merge;
};

static int run_merge(struct tx *tx, void *arg, struct err *e) {
  struct merging *m = arg;
  return change_merge(tx, m->c, &m->other, &m->merge, e);
}
static int run_unmerge(struct tx *tx, void *arg, struct err *e) {
  struct merging *m = arg;
  return change_unmerge(tx, m->c, &m->merge, e);
}
static const struct cmd_class merge_cls = {.name = "merge", .run = run_merge},
                              unmerge_cls = {.name = "unmerge", .run = run_unmerge};

struct cast {
  struct world *w;
  struct viewer v;
  struct uuid winner, loser, post, shift, both, gate;
};

static bool create(struct cast *k, const struct kind *kind, const char *body, struct uuid *ret_id) {
  int r;
  struct change *c = world_do(k->w, &k->w->system, kind, CHANGE_CREATE, NULL, NULL, body, &r);
  *ret_id = c->id;
  if (r < 0) printf("# %s: %s %s\n", body, world_problems(k->w, c), k->w->e.what);
  return r == 0;
}

static bool assignment(struct cast *k, const struct uuid *who, const char *day,
                       struct uuid *ret_id) {
  char body[300], person[UUID_TEXT], post[UUID_TEXT];
  uuid_format(who, person);
  uuid_format(&k->post, post);
  snprintf(body, sizeof body, "{\"responder\":\"%s\",\"post\":\"%s\",\"day\":\"%s\"}", person, post,
           day);
  return create(k, &asg_kind, body, ret_id);
}

static bool cast(struct cast *k, struct world *w) {
  char body[300], person[UUID_TEXT], post[UUID_TEXT];
  *k = (struct cast){.w = w, .v = world_user(w, 1, DISTRICT_A, ALL)};
  if (!create(k, &resp_kind, "{\"name\":\"王小明\",\"unit\":\"110102001001\"}", &k->winner) ||
      !create(k, &resp_kind, "{\"name\":\"王晓明\",\"unit\":\"110102001002\"}", &k->loser) ||
      !create(k, &post_kind, "{\"name\":\"东门\",\"unit\":\"110102001001\"}", &k->post) ||
      !assignment(k, &k->loser, "2020-05-01", &k->shift))
    return false;
  uuid_format(&k->loser, person);
  uuid_format(&k->post, post);
  snprintf(body, sizeof body,
           "{\"unit\":\"110102001001\",\"post\":\"%s\",\"direction\":\"in\",\"resident\":\"%s\"}",
           post, person);
  return create(k, &gate_kind, body, &k->gate);
}

static struct uuid who(struct cast *k, const struct kind *kind, const struct uuid *id, int field) {
  struct record *r = world_get(k->w, &k->w->system, kind, id);
  return r ? rec_uuid(r, field) : (struct uuid){{0}};
}

TEST_BOTH(merged_and_back) {
  WORLD(w);
  struct cast k;
  CHECK(cast(&k, &w));
  struct merging m = {.c = change_make(w.a, &w.en, &k.v, &resp_kind, CHANGE_MERGE),
                      .other = k.loser};
  m.c->id = k.winner;
  w.changed = 0;
  CHECK_OK(writer_run(w.en.writer, &merge_cls, &m, CMD_NORMAL, &w.e), &w.e);
  CHECK_EQ_I64(w.changed, 4); /* the shift, the event, the loser, the winner */
  struct uuid now = who(&k, &asg_kind, &k.shift, ASG_RESPONDER);
  CHECK(uuid_eq(&now, &k.winner));
  now = who(&k, &gate_kind, &k.gate, GATE_RESIDENT);
  CHECK(uuid_eq(&now, &k.winner));
  struct record *loser = world_get(&w, &k.v, &resp_kind, &k.loser);
  CHECK(loser && loser->retired);
  CHECK_EQ_I64(world_get(&w, &k.v, &resp_kind, &k.winner)->rev, 2);
  CHECK_EQ_I64(world_count(&w, "SELECT count(*) FROM history WHERE action = 'merge'"), 1);

  /* one that is made afterwards stays with the winner */
  struct uuid later;
  CHECK(assignment(&k, &k.winner, "2020-05-02", &later));
  struct merging back = {.c = change_make(w.a, &w.en, &k.v, &resp_kind, CHANGE_UNMERGE),
                         .merge = m.merge};
  CHECK_OK(writer_run(w.en.writer, &unmerge_cls, &back, CMD_NORMAL, &w.e), &w.e);
  now = who(&k, &asg_kind, &k.shift, ASG_RESPONDER);
  CHECK(uuid_eq(&now, &k.loser));
  now = who(&k, &gate_kind, &k.gate, GATE_RESIDENT);
  CHECK(uuid_eq(&now, &k.loser));
  now = who(&k, &asg_kind, &later, ASG_RESPONDER);
  CHECK(uuid_eq(&now, &k.winner));
  CHECK(!world_get(&w, &k.v, &resp_kind, &k.loser)->retired);
  CHECK_EQ_I64(writer_run(w.en.writer, &unmerge_cls, &back, CMD_NORMAL, &w.e), -E_STATE);
}

TEST_BOTH(merges_refused) {
  WORLD(w);
  struct cast k;
  CHECK(cast(&k, &w));
  struct viewer far = world_user(&w, 2, DISTRICT_B, ALL), half = world_user(&w, 3, COMM_A1, ALL),
                reader = world_user(&w, 4, CITY, "responder.read");
  const struct {
    const struct viewer *v;
    int want;
  } cases[] = {{&far, -E_NOT_FOUND}, {&half, -E_NOT_FOUND}, {&reader, -E_FORBIDDEN}};
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct merging m = {.c = change_make(w.a, &w.en, cases[i].v, &resp_kind, CHANGE_MERGE),
                        .other = k.loser};
    m.c->id = k.winner;
    CHECK_EQ_I64(writer_run(w.en.writer, &merge_cls, &m, CMD_NORMAL, &w.e), cases[i].want);
  }
  struct merging self = {.c = change_make(w.a, &w.en, &k.v, &resp_kind, CHANGE_MERGE),
                         .other = k.winner};
  self.c->id = k.winner;
  CHECK_EQ_I64(writer_run(w.en.writer, &merge_cls, &self, CMD_NORMAL, &w.e), -E_STATE);
  /* both stand on the same shift: somebody must decide, and nothing was moved */
  CHECK(assignment(&k, &k.winner, "2020-05-01", &k.both));
  struct merging clash = {.c = change_make(w.a, &w.en, &k.v, &resp_kind, CHANGE_MERGE),
                          .other = k.loser};
  clash.c->id = k.winner;
  CHECK_EQ_I64(writer_run(w.en.writer, &merge_cls, &clash, CMD_NORMAL, &w.e), -E_INVALID);
  CHECK_STR(world_problems(&w, clash.c), "duplicate@post");
  struct uuid now = who(&k, &gate_kind, &k.gate, GATE_RESIDENT);
  CHECK(uuid_eq(&now, &k.loser));
  CHECK(!world_get(&w, &k.v, &resp_kind, &k.loser)->retired);
}
