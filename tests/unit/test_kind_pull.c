/* Copies of a unit's records, kept up by change numbers and tombstones. */
#include "kind/engine.h"
#include "kind_fixture.h"

#define ALL                                                                                        \
  "responder.read responder.names responder.create responder.update responder.retire "             \
  "gate_event.read gate_event.create post.read post.create"

/* What somebody who copies the unit sees after a number: live records, and ids that are gone. */
struct seen {
  size_t live, retired, gone;
  struct uuid last_gone;
  int64_t last;
};

static int look(struct world *w, int32_t unit, int64_t after, bool live, struct seen *out) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct record *recs[50];
  struct tombstone gone[50];
  size_t n = 0, m = 0;
  *out = (struct seen){0};
  int r = store_read(w->f->store, &tx, &w->e);
  if (r >= 0) r = pull_last(tx, unit, &out->last, &w->e);
  if (r < 0) return r;
  const struct pull_range p = {.k = &resp_kind,
                               .op = w->system.op,
                               .unit = unit,
                               .after = after,
                               .upto = out->last,
                               .live = live,
                               .since_day = "2020-01-01"};
  r = pull_records(tx, w->a, &p, recs, 50, &n, &w->e);
  if (r >= 0) r = pull_gone(tx, &p, gone, 50, &m, &w->e);
  for (size_t i = 0; i < n; i++) *(recs[i]->retired ? &out->retired : &out->live) += 1;
  out->gone = m;
  if (m) out->last_gone = gone[m - 1].id;
  return r;
}

static int32_t unit_no(struct world *w, const char *code) {
  const struct unit_row *u = unit_by_code(w->system.tree, str_from(code));
  return u ? u->no : 0;
}

TEST_BOTH(what_leaves_a_unit_leaves_a_tombstone) {
  WORLD(w);
  struct seen s;
  int r;
  struct viewer v = world_user(&w, 1, DISTRICT_A, ALL);
  const int32_t a = unit_no(&w, "110102001001"), b = unit_no(&w, "110102001002");
  CHECK(a && b);
  struct change *c = world_do(&w, &v, &resp_kind, CHANGE_CREATE, NULL, NULL,
                              "{\"name\":\"王小明\",\"unit\":\"110102001001\"}", &r);
  CHECK_OK(r, &w.e);
  CHECK_OK(look(&w, a, 0, true, &s), &w.e);
  CHECK_EQ_I64(s.live, 1);
  const int64_t before = s.last;

  (void)world_do(&w, &v, &resp_kind, CHANGE_UPDATE, &c->id, NULL, "{\"unit\":\"110102001002\"}",
                 &r);
  CHECK_OK(r, &w.e);
  CHECK_OK(look(&w, a, before, false, &s), &w.e);
  CHECK_EQ_I64(s.live, 0);
  CHECK_EQ_I64(s.gone, 1);
  CHECK(uuid_eq(&s.last_gone, &c->id));
  CHECK(s.last > before);
  CHECK_OK(look(&w, b, 0, true, &s), &w.e);
  CHECK_EQ_I64(s.live, 1);
  /* whoever comes later is told nothing of it twice */
  const int64_t told = s.last;
  CHECK_OK(look(&w, b, told, false, &s), &w.e);
  CHECK_EQ_I64(s.live + s.gone, 0);

  /* back again: the tombstone goes, the record comes */
  (void)world_do(&w, &v, &resp_kind, CHANGE_UPDATE, &c->id, NULL, "{\"unit\":\"110102001001\"}",
                 &r);
  CHECK_OK(r, &w.e);
  CHECK_OK(look(&w, a, before, false, &s), &w.e);
  CHECK_EQ_I64(s.live, 1);
  CHECK_EQ_I64(s.gone, 0);
  CHECK_OK(look(&w, b, told, false, &s), &w.e);
  CHECK_EQ_I64(s.gone, 1);
  CHECK_EQ_I64(world_count(&w, "SELECT COUNT(*) FROM tombstone"), 1);
}

TEST_BOTH(a_retired_record_says_so_itself) {
  WORLD(w);
  struct seen s;
  int r;
  struct viewer v = world_user(&w, 1, DISTRICT_A, ALL);
  const int32_t a = unit_no(&w, "110102001001");
  struct change *c = world_do(&w, &v, &resp_kind, CHANGE_CREATE, NULL, NULL,
                              "{\"name\":\"王小明\",\"unit\":\"110102001001\"}", &r);
  CHECK_OK(r, &w.e);
  CHECK_OK(look(&w, a, 0, true, &s), &w.e);
  const int64_t before = s.last;
  (void)world_do(&w, &v, &resp_kind, CHANGE_RETIRE, &c->id, NULL, "{}", &r);
  CHECK_OK(r, &w.e);
  CHECK_OK(look(&w, a, before, false, &s), &w.e);
  CHECK_EQ_I64(s.retired, 1);
  CHECK_OK(look(&w, a, 0, true, &s), &w.e);
  CHECK_EQ_I64(s.live + s.retired, 0);
  (void)world_do(&w, &v, &resp_kind, CHANGE_RESTORE, &c->id, NULL, "{}", &r);
  CHECK_OK(r, &w.e);
  CHECK_OK(look(&w, a, before, false, &s), &w.e);
  CHECK_EQ_I64(s.live, 1);
  CHECK_EQ_I64(world_count(&w, "SELECT COUNT(*) FROM tombstone"), 0);
}
