#include "core/jobs.h"
#include "core/verify.h"
#include "domain/gate/clash.h"
#include "domain/gate/clash_rules.h"
#include "product_fixture.h"

/* Random passages arrive in random order, the job runs now and then, and at the end there stand
 * exactly the clashes that a naive look at all of them finds. */

#define NOW INT64_C(1588930200000) /* 2020-05-08 17:30 in Beijing */

enum { PASSES = 5, EVENTS = 70, GATES = 3, DEVICES = 3, TRIALS = 6, CAUSES = 400 };

struct seen {
  struct uuid id, post, device;
  int64_t at_ms;
  int pass, corrects; /* corrects: of which event; -1: none */
  bool out, admitted;
};
struct trial {
  struct product *p;
  uint64_t seed;
  struct uuid passes[PASSES], posts[GATES], devices[DEVICES], households[PASSES];
  bool of_household[PASSES];
  int64_t void_from, void_to; /* of the first pass */
  struct seen events[EVENTS];
  size_t n;
};

static uint64_t draw(struct trial *t, uint64_t below) {
  uint64_t z = (t->seed += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return (z ^ (z >> 31)) % below;
}

/* ---- the naive model ---- */

static bool live(const struct trial *t, size_t i) {
  const struct seen *s = &t->events[i];
  if (s->corrects >= 0 || !s->admitted) return false;
  for (size_t k = 0; k < t->n; k++)
    if (t->events[k].corrects == (int)i) return false;
  return true;
}
static bool before(const struct seen *a, const struct seen *b) {
  return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : memcmp(a->id.b, b->id.b, 16) < 0;
}
static int64_t beijing_day(int64_t ms) {
  return (ms + 8 * MS_HOUR) / MS_DAY;
}
/* Is there a live one between a and b for which `same` holds? */
static bool between(const struct trial *t, size_t a, size_t b, bool exits) {
  for (size_t k = 0; k < t->n; k++) {
    const struct seen *s = &t->events[k];
    if (!live(t, k) || k == a || k == b) continue;
    if (exits ? !(s->out && t->of_household[s->pass] &&
                  uuid_eq(&t->households[s->pass], &t->households[t->events[a].pass]))
              : s->pass != t->events[a].pass)
      continue;
    if (before(&t->events[a], s) && before(s, &t->events[b])) return true;
  }
  return false;
}

static size_t model(const struct trial *t, struct str *out) {
  struct arena *a = t->p->a;
  size_t n = 0;
  for (size_t i = 0; i < t->n; i++) {
    const struct seen *x = &t->events[i];
    if (!live(t, i)) continue;
    if (x->pass == 0 && x->at_ms >= t->void_from && x->at_ms < t->void_to)
      out[n++] = clash_cause(a, "revoked_used", &x->id, NULL);
    for (size_t j = 0; j < t->n; j++) {
      const struct seen *y = &t->events[j];
      if (i == j || !live(t, j) || !before(x, y)) continue;
      const bool phones_differ =
          !uuid_is_nil(&x->device) && !uuid_is_nil(&y->device) && !uuid_eq(&x->device, &y->device);
      if (x->pass == y->pass && x->out == y->out && !(x->out && t->of_household[x->pass]) &&
          y->at_ms - x->at_ms <= 240 * MS_MINUTE &&
          (!uuid_eq(&x->post, &y->post) || phones_differ) && !between(t, i, j, false))
        out[n++] = clash_cause(a, "double_use", &x->id, &y->id);
      if (x->out && y->out && t->of_household[x->pass] && t->of_household[y->pass] &&
          uuid_eq(&t->households[x->pass], &t->households[y->pass]) &&
          beijing_day(y->at_ms) - beijing_day(x->at_ms) < 2 && !between(t, i, j, true))
        out[n++] = clash_cause(a, "second_exit", &x->id, &y->id);
    }
  }
  return n;
}

/* Whose last passage is an exit of more than three hours ago. */
static size_t model_overdue(const struct trial *t, int64_t now, struct str *out) {
  size_t n = 0;
  for (int p = 0; p < PASSES; p++) {
    const struct seen *last = NULL;
    for (size_t i = 0; i < t->n; i++)
      if (live(t, i) && t->events[i].pass == p && (!last || before(last, &t->events[i])))
        last = &t->events[i];
    if (last && t->of_household[p] && last->out && now - last->at_ms > 180 * MS_MINUTE)
      out[n++] = clash_cause(t->p->a, "overdue", &last->id, NULL);
  }
  return n;
}

/* ---- the product ---- */

static int order(const void *a, const void *b) {
  return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* What stands: causes that did not clear themselves. */
static size_t recorded(struct trial *t, bool overdue, struct str *out) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *cur = NULL;
  size_t n = 0;
  char sql[160];
  snprintf(sql, sizeof sql,
           "SELECT cause FROM clash WHERE state <> 'cleared' AND type %s 'overdue'",
           overdue ? "=" : "<>");
  if (store_read(t->p->app->store, &tx, &t->p->e) < 0) return 0;
  if (cur_open_sql(tx, str_from(sql), NULL, 0, &cur, &t->p->e) < 0) return 0;
  while (n < CAUSES && cur_next(cur, &t->p->e) == 1)
    out[n++] = arena_dup(t->p->a, cur_text(cur, 0));
  return n;
}

static bool same(struct str *a, size_t n_a, struct str *b, size_t n_b) {
  bool good = n_a == n_b;
  qsort(a, n_a, sizeof *a, order);
  qsort(b, n_b, sizeof *b, order);
  for (size_t i = 0, k = 0; i < n_a || k < n_b;) {
    const int c = i == n_a ? 1 : k == n_b ? -1 : str_cmp(a[i], b[k]);
    if (c != 0)
      printf("# %s " STR_FMT "\n", c < 0 ? "missing" : "too much", STR_ARG(c < 0 ? a[i] : b[k]));
    good = good && c == 0;
    i += c <= 0;
    k += c >= 0;
  }
  return good;
}

static int holders(struct trial *t, const struct uuid *building, int door) {
  struct product *p = t->p;
  int r = 0;
  for (int i = 0; i < PASSES && r >= 0; i++) {
    t->of_household[i] = i >= 3;
    r = product_household(p, building, door + i, &t->households[i]);
    if (r >= 0)
      r = product_pass(p, i >= 3 ? "household" : "person", &t->households[i], &t->passes[i]);
  }
  return r;
}

static int void_first(struct trial *t) {
  struct product *p = t->p;
  t->void_from = NOW - 40 * MS_HOUR;
  t->void_to = NOW - 20 * MS_HOUR;
  int r = product_at(p, t->void_from);
  if (r < 0) return r;
  struct change *c = product_make(p, &pass_kind, CHANGE_ACTION);
  c->id = t->passes[0];
  c->transition = kind_transition(&pass_kind, S("report_lost"));
  c->reason = S("试验");
  if ((r = product_do(p, c)) < 0 || (r = product_at(p, t->void_to)) < 0) return r;
  c = product_make(p, &pass_kind, CHANGE_ACTION);
  c->id = t->passes[0];
  c->transition = kind_transition(&pass_kind, S("reinstate"));
  c->reason = S("试验");
  r = product_do(p, c);
  return r < 0 ? r : product_at(p, NOW);
}

static void invent(struct trial *t) {
  t->n = EVENTS;
  for (size_t i = 0; i < t->n; i++) {
    struct seen *s = &t->events[i];
    *s = (struct seen){.id = idgen_next(&t->p->app->ids, NOW),
                       .post = t->posts[draw(t, GATES)],
                       .at_ms = NOW - (int64_t)draw(t, 72 * 60) * MS_MINUTE,
                       .pass = (int)draw(t, PASSES),
                       .corrects = -1,
                       .out = draw(t, 2),
                       .admitted = draw(t, 10) > 0};
    if (draw(t, 4)) s->device = t->devices[draw(t, DEVICES)];
    if (i > 10 && draw(t, 12) == 0) {
      const size_t what = draw(t, i);
      bool taken = t->events[what].corrects >= 0;
      for (size_t k = 0; k < i; k++) taken = taken || t->events[k].corrects == (int)what;
      /* only in the community where it happened, as the gate's own rule wants it */
      if (!taken) {
        s->corrects = (int)what;
        s->post = t->events[what].post;
      }
    }
  }
}

static int arrive(struct trial *t, const struct seen *s) {
  struct change *c = product_make(t->p, &gate_event_kind, CHANGE_CREATE);
  c->id = s->id;
  c->device = s->device;
  change_set(c, GATE_POST, V_UUID(s->post));
  change_set(c, GATE_DIRECTION, V_TEXTZ(s->out ? "out" : "in"));
  change_set(c, GATE_OUTCOME, V_TEXTZ(s->admitted ? "admitted" : "refused"));
  change_set(c, GATE_DEVICE_AT, V_I64(s->at_ms));
  change_set(c, GATE_PASS, V_UUID(t->passes[s->pass]));
  if (s->corrects >= 0) change_set(c, GATE_CORRECTS, V_UUID(t->events[s->corrects].id));
  return product_do(t->p, c);
}

static int follow(struct product *p) {
  struct arena *a = arena_create(LIMIT_ARENA_JOB);
  int r = job_by_hand(p->app, a, 0, clash_follow, &p->e);
  if (r >= 0) r = job_by_hand(p->app, a, 0, clash_overdue, &p->e);
  arena_free(a);
  return r;
}

static int64_t verified(struct product *p, int64_t *ret_wrong) {
  struct buf report = BUF_INIT(MIB(1));
  struct verify v = {.app = p->app, .a = p->a, .out = &report};
  if (store_read(p->app->store, &v.tx, &p->e) < 0) return -1;
  int r = clash_verify(&v, &p->e);
  tx_end(v.tx);
  buf_done(&report);
  *ret_wrong = v.wrong;
  return r < 0 ? r : v.checked;
}

static int spoil_run(struct tx *tx, void *arg, struct err *e) {
  return tx_script(tx, str_from(arg), e);
}
static int spoil(struct product *p, char *sql) {
  static const struct cmd_class cls = {.name = "spoil", .run = spoil_run};
  return writer_run(p->app->writer, &cls, sql, CMD_NORMAL, &p->e);
}

/* In random order; what is taken back comes after what it takes back. */
static int arrive_all(struct trial *t) {
  size_t left = t->n;
  bool there[EVENTS] = {false};
  int r = 0;
  while (left && r >= 0) {
    const size_t i = draw(t, t->n);
    const int what = t->events[i].corrects;
    if (there[i] || (what >= 0 && !there[what])) continue;
    there[i] = true;
    left--;
    r = arrive(t, &t->events[i]);
    if (r >= 0 && draw(t, 5) == 0) r = follow(t->p);
  }
  return r < 0 ? r : follow(t->p);
}

TEST_BOTH(late_arrivals_in_any_order_lead_to_the_same_clashes) {
  PRODUCT(p, NOW - 100 * MS_HOUR);
  static struct str want[CAUSES], have[CAUSES];
  struct trial t = {.p = &p, .seed = 20200126};
  struct uuid building;
  size_t n_want = 0, n_all = 0;
  CHECK_OK(product_units(&p), &p.e);
  const int32_t here = product_unit(&p, "110102013001"), there = product_unit(&p, "110102013002");
  CHECK_OK(product_gate(&p, here, "东门", &t.posts[0]), &p.e);
  CHECK_OK(product_gate(&p, here, "西门", &t.posts[1]), &p.e);
  CHECK_OK(product_gate(&p, there, "北门", &t.posts[2]), &p.e);
  CHECK_OK(product_building(&p, here, &building), &p.e);
  for (int i = 0; i < DEVICES; i++) t.devices[i] = idgen_next(&p.app->ids, NOW);
  for (int trial = 0; trial < TRIALS; trial++) {
    struct str overdue[PASSES * TRIALS], raised[CAUSES];
    CHECK_OK(product_at(&p, NOW - 100 * MS_HOUR), &p.e);
    CHECK_OK(holders(&t, &building, 100 * (trial + 1)), &p.e);
    CHECK_OK(void_first(&t), &p.e);
    invent(&t);
    CHECK_OK(arrive_all(&t), &p.e);
    n_want += model(&t, want + n_want);
    CHECK(n_want > n_all);
    n_all = n_want;
    CHECK(same(want, n_want, have, recorded(&t, false, have)));
    /* a minute later those who are out too long are known to be */
    CHECK_OK(product_at(&p, NOW + 2 * MS_MINUTE), &p.e);
    CHECK_OK(follow(&p), &p.e);
    const size_t n_out = model_overdue(&t, NOW + 2 * MS_MINUTE, overdue);
    const size_t n_raised = recorded(&t, true, raised);
    size_t found = 0;
    for (size_t i = 0; i < n_out; i++)
      for (size_t k = 0; k < n_raised; k++) found += str_eq(overdue[i], raised[k]);
    CHECK_EQ_I64((int64_t)found, (int64_t)n_out);
    CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM alarm WHERE state = 'open'"),
                 product_count(&p, "SELECT count(*) FROM clash WHERE state = 'open'"));
  }
  /* everything read anew comes to the same */
  const int64_t rows = product_count(&p, "SELECT count(*) FROM history WHERE kind = 44");
  struct change *c = product_make(&p, &policy_rule_kind, CHANGE_CREATE);
  struct uuid op;
  {
    _cleanup_(tx_endp) struct tx *tx = NULL;
    _cleanup_(cur_donep) struct cur *cur = NULL;
    CHECK_OK(store_read(p.app->store, &tx, &p.e), &p.e);
    CHECK_OK(cur_open_sql(tx, S("SELECT id FROM operation"), NULL, 0, &cur, &p.e), &p.e);
    CHECK(cur_next(cur, &p.e) == 1);
    op = cur_uuid(cur, 0);
  }
  change_set(c, POLICY_OPERATION, V_UUID(op));
  change_set(c, POLICY_KEY, V_TEXTZ("pass_household_days"));
  change_set(c, POLICY_FROM, V_TEXTZ("2020-01-01"));
  change_set(c, POLICY_VALUE, V_I64(2));
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_OK(follow(&p), &p.e);
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM history WHERE kind = 44"), rows);
  int64_t wrong = -1;
  CHECK(verified(&p, &wrong) > (int64_t)n_want);
  CHECK_EQ_I64(wrong, 0);
  CHECK_OK(spoil(&p, (char[]){"UPDATE clash SET cause = 'x' WHERE id = (SELECT id FROM clash "
                              "WHERE type = 'double_use' AND state = 'open' ORDER BY id LIMIT 1)"}),
           &p.e);
  CHECK_OK(spoil(&p, (char[]){"DELETE FROM gate_out"}), &p.e);
  CHECK(verified(&p, &wrong) > 0);
  CHECK(wrong > 2); /* one is not recorded, one has no passages, and those who are out */
}

TEST_BOTH(a_return_clears_what_was_overdue_and_a_wrong_clock_is_said_once) {
  PRODUCT(p, NOW - 10 * MS_HOUR);
  struct trial t = {.p = &p, .seed = 7};
  struct uuid building;
  CHECK_OK(product_units(&p), &p.e);
  CHECK_OK(product_gate(&p, product_unit(&p, "110102013001"), "东门", &t.posts[0]), &p.e);
  CHECK_OK(product_building(&p, product_unit(&p, "110102013001"), &building), &p.e);
  CHECK_OK(holders(&t, &building, 1), &p.e);
  t.devices[0] = idgen_next(&p.app->ids, NOW);
  struct seen s = {.id = idgen_next(&p.app->ids, NOW),
                   .post = t.posts[0],
                   .device = t.devices[0],
                   .at_ms = NOW - 4 * MS_HOUR,
                   .pass = 4,
                   .corrects = -1,
                   .out = true,
                   .admitted = true};
  CHECK_OK(product_at(&p, NOW), &p.e);
  CHECK_OK(arrive(&t, &s), &p.e);
  CHECK_OK(follow(&p), &p.e);
  const char *const open = "SELECT count(*) FROM clash WHERE type = 'overdue' AND state = 'open'";
  /* the phone may be about to tell of the return */
  CHECK_EQ_I64(product_count(&p, open), 0);
  CHECK_OK(product_at(&p, NOW + 2 * MS_MINUTE), &p.e);
  CHECK_OK(follow(&p), &p.e);
  CHECK_OK(follow(&p), &p.e);
  CHECK_EQ_I64(product_count(&p, open), 1);
  s.id = idgen_next(&p.app->ids, NOW);
  s.at_ms = NOW - 1 * MS_HOUR;
  s.out = false;
  CHECK_OK(arrive(&t, &s), &p.e);
  CHECK_OK(follow(&p), &p.e);
  CHECK_EQ_I64(product_count(&p, open), 0);
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM clash WHERE outcome = 'returned'"), 1);
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM gate_out"), 0);
  for (int i = 0; i < 3; i++) {
    struct change *c = product_make(&p, &gate_event_kind, CHANGE_CREATE);
    c->device = t.devices[0];
    c->clock_offset_ms = -3 * MS_HOUR;
    change_set(c, GATE_POST, V_UUID(t.posts[0]));
    change_set(c, GATE_DIRECTION, V_TEXTZ("in"));
    change_set(c, GATE_OUTCOME, V_TEXTZ("admitted"));
    change_set(c, GATE_DEVICE_AT, V_I64(NOW + 3 * MS_HOUR));
    CHECK_OK(product_do(&p, c), &p.e);
    CHECK_OK(follow(&p), &p.e);
  }
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM clash WHERE type = 'clock_wrong'"), 1);
}
