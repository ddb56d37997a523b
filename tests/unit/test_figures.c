#include "app_fixture.h"

static const struct module test_module = {
    .name = "test", .zh = "测试", .en = "Test", .kinds = fx_kinds, .indicators = fx_indicators};
const struct module *const modules[] = {&platform_module, &test_module, NULL};

/* ---- the model: records and the tree in memory, added up by brute force ---- */

enum { THINGS = 60, TICKS = 40, SPELLS = 16, WHO = 7, KNOWN_DAYS = 12, FIRST = FX_TODAY - 30 };

struct m_thing {
  bool there, retired;
  struct uuid id;
  int unit, host, who; /* who 0: nobody */
  int32_t day, open, close;
  int64_t n;
};
struct m_tick {
  int unit;
  int32_t day;
  int64_t n;
};
struct m_unit {
  struct unit_spell spells[SPELLS];
  int n;
};
struct model {
  struct m_thing things[THINGS];
  struct m_tick ticks[400];
  int n_ticks;
  struct m_unit units[FX_UNITS + 1];
  bool sub[FX_UNITS + 1]; /* is a subdistrict */
};
struct history {
  struct model days[KNOWN_DAYS]; /* as it stood at the end of each day */
  int n;
};

static uint64_t dice_state;
static int dice(int n) {
  dice_state = dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (int)((dice_state >> 33) % (uint64_t)n);
}

static int m_parent(const struct model *m, int unit, int32_t day) {
  const struct m_unit *u = &m->units[unit];
  for (int i = 0; i < u->n; i++)
    if (day < u->spells[i].to) return u->spells[i].parent;
  return 0;
}
static bool m_under(const struct model *m, int leaf, int unit, int32_t day) {
  for (int at = leaf; at; at = m_parent(m, at, day))
    if (at == unit) return true;
  return false;
}

static int m_subdistrict(const struct model *m, int unit, int32_t day) {
  while (unit && !m->sub[unit]) unit = m_parent(m, unit, day);
  return unit;
}

static int64_t m_value(const struct model *m, const struct indicator *ind, int unit, int32_t from,
                       int32_t day) {
  const int32_t lo = from == INT32_MIN ? day : from;
  int64_t sum = 0, members[WHO + 1] = {0}, subs[FX_UNITS + 1] = {0};
  for (int i = 0; ind == &ind_tick && i < m->n_ticks; i++)
    if (m->ticks[i].day >= lo && m->ticks[i].day <= day &&
        m_under(m, m->ticks[i].unit, unit, m->ticks[i].day))
      sum += m->ticks[i].n;
  for (int i = 0; i < THINGS; i++) {
    const struct m_thing *t = &m->things[i];
    if (!t->there || t->retired) continue;
    const bool in = t->day >= lo && t->day <= day && m_under(m, t->unit, unit, t->day);
    if (ind == &ind_count && in) sum++;
    if (ind == &ind_sum && in) sum += t->n;
    if (ind == &ind_subs && t->day >= from && t->day <= day && m_under(m, t->unit, unit, t->day))
      subs[m_subdistrict(m, t->host, t->day)]++;
    if (ind == &ind_open) {
      if (t->open <= day && m_under(m, t->unit, unit, t->open)) sum++;
      if (t->close != INT32_MIN && t->close <= day && m_under(m, t->unit, unit, t->close)) sum--;
    }
    if (ind == &ind_who && t->who && t->day >= from && t->day <= day &&
        m_under(m, t->host, unit, t->day))
      members[t->who]++;
  }
  for (int i = 1; i <= WHO; i++)
    if (members[i] > 0) sum++;
  for (int i = 1; i <= FX_UNITS; i++)
    if (subs[i] > 0) sum++;
  if (ind == &ind_mean) {
    int64_t n = m_value(m, &ind_count, unit, from, day);
    return n ? m_value(m, &ind_sum, unit, from, day) * 1000 / n : 0;
  }
  return sum;
}

/* ---- the same through the commands ---- */

struct step {
  struct app_fixture *x;
  struct model *m;
  int n;     /* changes in this one command */
  bool fail; /* the command fails at its end: everything is undone */
  bool moved;
};

static struct uuid who_id(int who) {
  return uuid_derive(&(struct uuid){{9}},
                     str_from((const char *[]){"", "a", "b", "c", "d", "e", "f", "g"}[who]));
}
static struct val v_day(struct arena *a, int32_t day) {
  char text[DAY_TEXT];
  if (day == INT32_MIN) return V_NULL;
  day_format(day, text);
  return V_TEXT(arena_dup(a, str_from(text)));
}

static int run_thing(struct tx *tx, struct step *s, struct err *e) {
  struct app_fixture *x = s->x;
  struct m_thing *t = &s->m->things[dice(THINGS)];
  const bool make = !t->there;
  const enum change_verb verb = make           ? CHANGE_CREATE
                                : t->retired   ? CHANGE_RESTORE
                                : dice(6) == 0 ? CHANGE_RETIRE
                                               : CHANGE_UPDATE;
  struct change *c = change_make(x->a, &x->app.registry, x->system, &fx_thing, verb);
  c->internal = true;
  if (!make) c->id = t->id;
  if (verb == CHANGE_RETIRE || verb == CHANGE_RESTORE) {
    t->retired = verb == CHANGE_RETIRE;
  } else {
    t->there = true;
    t->unit = 1 + dice(FX_UNITS);
    t->host = 1 + dice(FX_UNITS);
    t->who = dice(WHO + 1);
    t->day = FIRST + dice(30);
    t->open = FIRST + dice(20);
    t->close = dice(3) ? t->open + dice(15) : INT32_MIN;
    t->n = dice(100) - 10;
    change_set(c, T_UNIT, V_I64(t->unit));
    change_set(c, T_HOST, V_I64(t->host));
    change_set(c, T_DAY, v_day(x->a, t->day));
    change_set(c, T_N, V_I64(t->n));
    change_set(c, T_WHO, t->who ? V_UUID(who_id(t->who)) : V_NULL);
    change_set(c, T_OPEN, v_day(x->a, t->open));
    change_set(c, T_CLOSE, v_day(x->a, t->close));
  }
  int r = change_ready(c, e);
  t->id = c->id;
  return r < 0 ? r : change_run(tx, c, e);
}

/* Today's parents and paths, as the unit area keeps them. */
static int write_paths(struct tx *tx, const struct model *m, struct err *e) {
  char paths[FX_UNITS + 1][UNIT_PATH_MAX];
  for (int no = 1; no <= FX_UNITS; no++) {
    int chain[16], n = 0;
    size_t at = 0;
    for (int u = no; u; u = m_parent(m, u, FX_TODAY)) chain[n++] = u;
    while (n > 0)
      at += (size_t)snprintf(paths[no] + at, sizeof paths[no] - at, "%s%06d", at ? "/" : "",
                             chain[--n]);
    char sql[256];
    snprintf(sql, sizeof sql, "UPDATE unit SET parent = NULLIF(%d, 0), path = '%s' WHERE no = %d",
             m_parent(m, no, FX_TODAY), paths[no], no);
    int r = tx_script(tx, str_from(sql), e);
    if (r < 0) return r;
  }
  return 0;
}

/* A community goes to another subdistrict, or a subdistrict to another district, from some day on.
 */
static int run_move(struct tx *tx, struct step *s, struct err *e) {
  struct app_fixture *x = s->x;
  const int no = dice(2) ? 11 + dice(12) : 5 + dice(6);
  const int to = no >= 11 ? 5 + dice(6) : 2 + dice(3);
  const int32_t day = FIRST - 5 + dice(40);
  struct m_unit *u = &s->m->units[no];
  char sql[4096];
  int at = 0, keep = 0;
  if (u->n == SPELLS) return 0;
  while (keep < u->n && u->spells[keep].to <= day) keep++;
  if (u->spells[keep].from < day) keep++;
  u->n = keep;
  if (keep) u->spells[keep - 1].to = day;
  u->spells[u->n++] =
      (struct unit_spell){.parent = to, .from = keep ? day : -100000, .to = INT32_MAX};
  at += snprintf(sql, sizeof sql, "DELETE FROM unit_spell WHERE unit = %d;", no);
  for (int i = 0; i < u->n; i++)
    at += snprintf(sql + at, sizeof sql - (size_t)at,
                   "INSERT INTO unit_spell (unit, from_day, to_day, parent) VALUES (%d, %d, %d, "
                   "%d);",
                   no, u->spells[i].from, u->spells[i].to, u->spells[i].parent);
  int r = tx_script(tx, str_from(sql), e);
  if (r == 0) r = write_paths(tx, s->m, e);
  struct change *c = change_make(x->a, &x->app.registry, x->system, &fx_unit, CHANGE_UPDATE);
  c->internal = true;
  c->id = x->units[no];
  change_set(c, U_NAME, V_TEXT(arena_printf(x->a, "单位%d-%d", no, dice(1000000))));
  if (r == 0) r = change_ready(c, e);
  if (r == 0) r = change_run(tx, c, e);
  s->moved = true;
  return r;
}

/* A community becomes a subdistrict, or one again a community. */
static int run_rank(struct tx *tx, struct step *s, struct err *e) {
  struct app_fixture *x = s->x;
  const int no = 11 + dice(12);
  struct change *c = change_make(x->a, &x->app.registry, x->system, &fx_unit, CHANGE_UPDATE);
  s->m->sub[no] = !s->m->sub[no];
  c->internal = true;
  c->id = x->units[no];
  change_set(c, U_KIND, V_TEXTZ(s->m->sub[no] ? "subdistrict" : "community"));
  int r = change_ready(c, e);
  s->moved = true;
  return r < 0 ? r : change_run(tx, c, e);
}

static int run_step(struct tx *tx, void *arg, struct err *e) {
  struct step *s = arg;
  for (int i = 0; i < s->n; i++) {
    int r = dice(5) == 0    ? run_move(tx, s, e)
            : dice(15) == 0 ? run_rank(tx, s, e)
                            : run_thing(tx, s, e);
    if (r < 0) return r;
  }
  if (s->fail) return err_set(e, E_CONFLICT, "this one was meant to fail");
  if (s->moved) tx_on_commit(tx, fx_reload, s->x);
  return 0;
}
static const struct cmd_class step_cmd = {.name = "step", .run = run_step};

static int add_tick(struct app_fixture *x, struct model *m) {
  struct m_tick *t = &m->ticks[m->n_ticks++];
  *t = (struct m_tick){.unit = 11 + dice(12), .day = FIRST + dice(30), .n = dice(2) ? 1 : 2};
  struct change *c = change_make(x->a, &x->app.registry, x->system, &fx_tick, CHANGE_CREATE);
  c->internal = true;
  change_set(c, K_UNIT, V_I64(t->unit));
  change_set(c, K_DAY, v_day(x->a, t->day));
  change_set(c, K_WAY, V_I64(t->n));
  return change_do(c, &x->e);
}

static void begin_model(struct model *m) {
  memset(m, 0, sizeof *m);
  for (int no = 1; no <= FX_UNITS; no++)
    m->units[no] = (struct m_unit){
        .spells = {{.parent = fx_parent(no), .from = -100000, .to = INT32_MAX}}, .n = 1};
  for (int no = 5; no <= 10; no++) m->sub[no] = true;
}

/* ---- comparing ---- */

static bool same(struct app_fixture *x, struct tx *tx, const struct model *m, int unit,
                 int32_t from, int32_t day, int32_t known) {
  int64_t values[16];
  const struct figure_query q = {
      .op = 1, .unit = unit, .day = day, .from = from, .as_known = known};
  if (figures_read(tx, &q, values, &x->e) < 0) {
    printf("# figures_read: %s\n", x->e.what);
    return false;
  }
  for (size_t i = 0; i < indicators_count(); i++) {
    const int64_t want = m_value(m, indicator_at(i), unit, from, day);
    if (values[i] == want) continue;
    printf("# %s of unit %d on %d from %d as known %d: got %lld, want %lld\n",
           indicator_at(i)->code, unit, day - FIRST, from == INT32_MIN ? -1 : from - FIRST, known,
           (long long)values[i], (long long)want);
    return false;
  }
  return true;
}

static bool same_series(struct app_fixture *x, struct tx *tx, const struct model *m, int unit) {
  int64_t got[40];
  for (size_t i = 0; i < indicators_count(); i++) {
    if (figures_series(tx, 1, unit, indicator_at(i), FIRST + 3, FIRST + 33, got, &x->e) < 0)
      return false;
    for (int d = 0; d <= 30; d++) {
      const int64_t want = m_value(m, indicator_at(i), unit, INT32_MIN, FIRST + 3 + d);
      if (got[d] == want) continue;
      printf("# series of %s, unit %d, day %d: got %lld, want %lld\n", indicator_at(i)->code, unit,
             d, (long long)got[d], (long long)want);
      return false;
    }
  }
  return true;
}

static bool all_same(struct app_fixture *x, const struct model *m, const struct history *h) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  if (store_read(x->app.store, &tx, &x->e) < 0) return false;
  for (int u = 1; u <= 10; u++)
    for (int k = 0; k < 3; k++) {
      const int unit = u <= 4 ? u : 5 + dice(18);
      const int32_t day = FIRST + dice(34), from = FIRST + dice(day - FIRST + 1);
      if (!same(x, tx, m, unit, INT32_MIN, day, INT32_MAX)) return false;
      if (!same(x, tx, m, unit, from, day, INT32_MAX)) return false;
      for (int then = 0; then < h->n; then++)
        if (!same(x, tx, &h->days[then], unit, k & 1 ? from : INT32_MIN, day, FX_TODAY + then))
          return false;
    }
  return same_series(x, tx, m, 1 + dice(FX_UNITS)) && same_series(x, tx, m, 1);
}

static bool verified(struct app_fixture *x, int64_t want_wrong) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct buf report = BUF_INIT(MIB(1));
  int64_t checked = 0, wrong = 0;
  int r = store_read(x->app.store, &tx, &x->e);
  if (r == 0) r = figures_verify(&x->app, tx, &report, &checked, &wrong, &x->e);
  const bool ok = r == 0 && wrong == want_wrong && checked > 0;
  if (!ok)
    printf("# verify: r %d, checked %lld, wrong %lld\n%.*s", r, (long long)checked,
           (long long)wrong, (int)report.n, report.p ? report.p : "");
  buf_done(&report);
  return ok;
}

TEST_BOTH(figures_against_brute_force) {
  APP(x);
  static struct model m, before;
  static struct history h;
  begin_model(&m);
  h.n = 0;
  dice_state = 20200508;
  for (int day = 0; day < 5; day++) {
    clock_set_frozen(&x.app.clock, FX_NOW + day * MS_DAY);
    for (int i = 0; i < 25; i++) {
      struct step s = {.x = &x, .m = &m, .n = 1 + dice(5), .fail = dice(6) == 0};
      before = m;
      int r = writer_run(x.app.writer, &step_cmd, &s, CMD_NORMAL, &x.e);
      if (s.fail) {
        CHECK(r == -E_CONFLICT);
        m = before;
      } else {
        CHECK_OK(r, &x.e);
      }
      for (int k = 0; k < 2; k++) CHECK_OK(add_tick(&x, &m), &x.e);
    }
    CHECK(all_same(&x, &m, &h));
    h.days[h.n++] = m;
    CHECK(verified(&x, 0));
  }
}

struct waiting {
  pthread_mutex_t lock;
  pthread_cond_t all;
  int left;
};
static void one_done(struct cmd *c) {
  struct waiting *w = c->owner;
  pthread_mutex_lock(&w->lock);
  if (--w->left == 0) pthread_cond_signal(&w->all);
  pthread_mutex_unlock(&w->lock);
}

/* Events of one commit, next to commands that fail, reach each row once and only what stood. */
TEST_BOTH(many_at_once) {
  APP(x);
  static struct model m;
  enum { N = 200 };
  static struct cmd cmds[N];
  static struct waiting waiting;
  waiting = (struct waiting){PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, N};
  begin_model(&m);
  dice_state = 7;
  struct step good = {.x = &x, .m = &m, .n = 30}, bad = {.x = &x, .m = &m, .n = 30, .fail = true};
  CHECK_OK(writer_run(x.app.writer, &step_cmd, &good, CMD_NORMAL, &x.e), &x.e);
  static struct model kept;
  kept = m;
  CHECK(writer_run(x.app.writer, &step_cmd, &bad, CMD_NORMAL, &x.e) == -E_CONFLICT);
  m = kept;
  for (int i = 0; i < N; i++) {
    struct change *c = change_make(x.a, &x.app.registry, x.system, &fx_tick, CHANGE_CREATE);
    c->internal = true;
    /* every tenth names a unit that is not there */
    const int unit = i % 10 == 9 ? 99 : 11 + i % 12;
    change_set(c, K_UNIT, V_I64(unit));
    change_set(c, K_DAY, v_day(x.a, FIRST + i % 3));
    change_set(c, K_WAY, V_I64(1));
    CHECK_OK(change_ready(c, &x.e), &x.e);
    cmds[i] = (struct cmd){
        .cls = &event_cmd, .arg = c, .priority = CMD_GATE, .done = one_done, .owner = &waiting};
    if (unit != 99) m.ticks[m.n_ticks++] = (struct m_tick){unit, FIRST + i % 3, 1};
  }
  for (int i = 0; i < N; i++) CHECK_OK(writer_submit(x.app.writer, &cmds[i], &x.e), &x.e);
  pthread_mutex_lock(&waiting.lock);
  while (waiting.left) pthread_cond_wait(&waiting.all, &waiting.lock);
  pthread_mutex_unlock(&waiting.lock);
  for (int i = 0; i < N; i++)
    CHECK(i % 10 == 9 ? cmds[i].result == -E_INVALID : cmds[i].result == 0);
  const struct history none = {.n = 0};
  CHECK(all_same(&x, &m, &none));
  CHECK(verified(&x, 0));
}

/* What is not as the records say is found: a value altered, a row lost, a row too many. */
TEST_BOTH(verify_finds_what_is_wrong) {
  APP(x);
  static struct model m;
  begin_model(&m);
  dice_state = 99;
  struct step s = {.x = &x, .m = &m, .n = 40};
  CHECK_OK(writer_run(x.app.writer, &step_cmd, &s, CMD_NORMAL, &x.e), &x.e);
  CHECK(verified(&x, 0));
  CHECK_OK(fx_script(&x,
                     "UPDATE figure SET value = value + 1 WHERE unit = 1 AND ind = 11 AND day = "
                     "(SELECT min(day) FROM figure WHERE unit = 1 AND ind = 11)"),
           &x.e);
  CHECK(verified(&x, 1));
  CHECK_OK(fx_script(&x, "INSERT INTO figure (op, unit, ind, day, known_day, lane, value) VALUES "
                         "(1, 2, 3, 12345, 18390, 0, 5)"),
           &x.e);
  CHECK(verified(&x, 2));
  CHECK_OK(fx_script(&x, "UPDATE figure_member SET value = value + 3 WHERE unit = 1 AND "
                         "day = (SELECT max(day) FROM figure_member WHERE unit = 1) AND value > 0"),
           &x.e);
  const int64_t members = fx_count(
      &x, "SELECT count(*) FROM (SELECT member FROM figure_member WHERE unit = 1 AND value > 0 AND "
          "day = (SELECT max(day) FROM figure_member WHERE unit = 1) GROUP BY member) AS t");
  CHECK(members > 0);
  CHECK(verified(&x, 2 + members));
}

/* The same row is not written twice in one commit, and nothing is written for what cancels out. */
TEST_BOTH(rows_are_few) {
  APP(x);
  struct figures_stats before, after;
  figures_stats(x.app.figures, &before);
  static struct model m;
  begin_model(&m);
  dice_state = 3;
  CHECK_OK(add_tick(&x, &m), &x.e);
  figures_stats(x.app.figures, &after);
  CHECK_EQ_I64(after.rows - before.rows, 4); /* community, subdistrict, district, city */
  CHECK_EQ_I64(after.flushes - before.flushes, 1);
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM figure"), 4);
}

static int told_units;
static int64_t told_op;
static void told(void *arg, int64_t op, const int32_t *units, size_t n) {
  (void)arg;
  told_op = op;
  for (size_t i = 0; i < n; i++) told_units |= 1 << units[i];
}

TEST_BOTH(listeners_are_told_after_the_commit) {
  APP(x);
  static struct model m;
  begin_model(&m);
  dice_state = 3;
  told_units = 0;
  figures_listen(x.app.figures, told, NULL);
  CHECK_OK(add_tick(&x, &m), &x.e);
  const int leaf = m.ticks[0].unit;
  const int want = 1 << leaf | 1 << fx_parent(leaf) | 1 << fx_parent(fx_parent(leaf)) | 1 << 1;
  CHECK_EQ_I64(told_units, want);
  CHECK_EQ_I64(told_op, 1);
}

/* An indicator that is younger than the installation is counted once, from the records. */
TEST_BOTH(a_new_indicator_is_counted) {
  APP(x);
  static struct model m;
  begin_model(&m);
  dice_state = 11;
  CHECK_OK(figures_count_new(&x.app, &x.e), &x.e); /* nothing there yet: only noted */
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM figure"), 0);
  struct step s = {.x = &x, .m = &m, .n = 40};
  CHECK_OK(writer_run(x.app.writer, &step_cmd, &s, CMD_NORMAL, &x.e), &x.e);
  CHECK_OK(add_tick(&x, &m), &x.e);
  const struct history none = {.n = 0};
  CHECK_OK(fx_script(&x, "DELETE FROM figure WHERE ind IN (11, 900); "
                         "DELETE FROM figure_member WHERE ind = 8; "
                         "DELETE FROM figure_indicator WHERE ind IN (11, 900, 8)"),
           &x.e);
  CHECK(!all_same(&x, &m, &none));
  CHECK_OK(figures_count_new(&x.app, &x.e), &x.e);
  CHECK(all_same(&x, &m, &none));
  CHECK(verified(&x, 0));
  CHECK_OK(figures_count_new(&x.app, &x.e), &x.e);
  CHECK(verified(&x, 0));
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM figure_indicator"), 6);
}
