#include "app_fixture.h"
#include "figures/figures_inner.h"

static const struct module test_module = {
    .name = "test", .zh = "测试", .en = "Test", .kinds = fx_kinds, .indicators = fx_indicators};
const struct module *const modules[] = {LAYER_MODULES, &test_module, NULL};

/* ---- the model: records and the tree in memory, added up by brute force ---- */

enum { THINGS = 60, TICKS = 40, SPELLS = 16, WHO = 7, KNOWN_DAYS = 12, FIRST = FX_TODAY - 30 };

struct m_thing {
  bool there, retired;
  struct uuid id;
  int unit, host, who; /* who 0: nobody */
  int32_t day, open, close;
  int at; /* minute of the day; -1: none */
  int64_t n;
};
struct m_tick {
  int unit, hour;
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

static int32_t m_today = FX_TODAY; /* as the test's clock has it, always at 17:30 */
static bool m_begun(const struct m_thing *t) {
  return t->at < 0 || t->day < m_today || (t->day == m_today && t->at <= 1050);
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
    if (ind == &ind_begun && in && m_begun(t)) sum++;
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
    t->day = FIRST + dice(33);
    t->at = dice(4) ? dice(1441) : -1;
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
    change_set(c, T_AT, t->at < 0 ? V_NULL : V_I64(t->at));
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
  *t = (struct m_tick){
      .unit = 11 + dice(12), .day = FIRST + dice(30), .hour = dice(24), .n = dice(2) ? 1 : 2};
  struct change *c = change_make(x->a, &x->app.registry, x->system, &fx_tick, CHANGE_CREATE);
  c->internal = true;
  change_set(c, K_UNIT, V_I64(t->unit));
  change_set(c, K_DAY, v_day(x->a, t->day));
  change_set(c, K_WAY, V_I64(t->n));
  change_set(c, K_AT, V_I64(zone_moment(x->system->zone, t->day, t->hour * 60 + dice(60))));
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

static struct figure_query asked(struct app_fixture *x, int unit, int32_t day, int32_t from,
                                 int32_t known) {
  return (struct figure_query){.op = 1,
                               .unit = unit,
                               .day = day,
                               .from = from,
                               .as_known = known,
                               .now_ms = clock_now_ms(&x->app.clock),
                               .zone = x->system->zone};
}

static bool same(struct app_fixture *x, struct tx *tx, const struct model *m, int unit,
                 int32_t from, int32_t day, int32_t known) {
  int64_t values[16];
  const struct figure_query q = asked(x, unit, day, from, known);
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
    const struct figure_query q = asked(x, unit, FIRST + 33, FIRST + 3, INT32_MAX);
    if (figures_series(tx, &q, indicator_at(i), got, &x->e) < 0) return false;
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

/* The hours of a day are those of the model, and add up to the day. */
static bool same_hours(struct app_fixture *x, struct tx *tx, const struct model *m, int unit,
                       int32_t day) {
  const struct indicator *const ind = &ind_tick;
  const struct figure_query q = asked(x, unit, day, INT32_MIN, INT32_MAX);
  int64_t got[24], want[24] = {0};
  if (figures_hours(&x->app, tx, &q, &ind, 1, -1, NULL, got, &x->e) < 0) return false;
  for (int i = 0; i < m->n_ticks; i++)
    if (m->ticks[i].day == day && m_under(m, m->ticks[i].unit, unit, day))
      want[m->ticks[i].hour] += m->ticks[i].n;
  if (memcmp(got, want, sizeof got) == 0) return true;
  printf("# the hours of unit %d on day %d differ\n", unit, day - FIRST);
  return false;
}

static bool all_same(struct app_fixture *x, const struct model *m, const struct history *h) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  if (store_read(x->app.store, &tx, &x->e) < 0) return false;
  for (int u = 1; u <= 10; u++)
    for (int k = 0; k < 3; k++) {
      const int unit = u <= 4 ? u : 5 + dice(18);
      const int32_t day = FIRST + dice(34), from = FIRST + dice(day - FIRST + 1);
      if (!same(x, tx, m, unit, INT32_MIN, day, INT32_MAX)) return false;
      if (!same_hours(x, tx, m, unit, day)) return false;
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
    m_today = FX_TODAY + day;
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

/* ---- the list behind a figure ---- */

struct listing {
  int64_t sum, lines;
  uint64_t order;          /* of what stands there, and in which order */
  struct behind_page page; /* the last one */
};

static bool list_all(struct app_fixture *x, struct tx *tx, struct behind_query *bq,
                     struct listing *l) {
  *l = (struct listing){.sum = 0};
  bq->after = (struct str){NULL, 0};
  do {
    if (figures_behind_list(&x->app, tx, x->a, bq, &l->page, &x->e) < 0) {
      printf("# figures_behind_list: %s\n", x->e.what);
      return false;
    }
    for (size_t i = 0; i < l->page.n; i++) {
      const struct behind_item *item = &l->page.items[i];
      l->sum += item->counts;
      l->order = l->order * 31 + hash64(item->rec->id.b, 16) + (uint64_t)item->counts * 7 +
                 (uint64_t)item->records;
    }
    l->lines += (int64_t)l->page.n;
    bq->after = l->page.next;
  } while (l->page.next.p);
  return true;
}

/* Read page by page, what the lines count and what is hidden is what the model counts; and read a
 * page at a time or all for each page, the same lines stand in the same order. */
static bool listed(struct app_fixture *x, struct tx *tx, const struct viewer *v,
                   const struct model *m, const struct indicator *ind, int unit, int32_t from,
                   int32_t day, int64_t *ret_hidden) {
  struct behind_query bq = {.ind = ind,
                            .q = asked(x, unit, day, from, INT32_MAX),
                            .viewer = v,
                            .limit = 1 + (size_t)dice(9)};
  const int64_t want = m_value(m, ind, unit, from, day);
  struct listing l, whole;
  if (!list_all(x, tx, &bq, &l)) return false;
  bq.q.as_known = INT32_MAX - 1;
  bq.limit = 500;
  if (!list_all(x, tx, &bq, &whole)) return false;
  *ret_hidden += l.page.hidden != 0;
  if (l.sum + l.page.hidden == want && l.page.figure == want && l.page.now == want &&
      l.lines == l.page.total && l.order == whole.order && l.page.total == whole.page.total &&
      l.page.hidden == whole.page.hidden)
    return true;
  printf("# list of %s, unit %d, day %d from %d: adds up to %lld, hidden %lld, want %lld; %lld "
         "lines, %lld at once\n",
         ind->code, unit, day - FIRST, from == INT32_MIN ? -1 : from - FIRST, (long long)l.sum,
         (long long)l.page.hidden, (long long)want, (long long)l.lines, (long long)whole.lines);
  return false;
}

static bool lists_of_the_day(struct app_fixture *x, const struct model *m, int64_t *ret_open,
                             int64_t *ret_hidden) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(unit_tree_unrefp) struct unit_tree *tree = app_tree(&x->app);
  struct viewer_grant grant = {.unit = 2};
  struct viewer all = *x->system;
  all.tree = tree;
  struct viewer district = all;
  right_add(&grant.rights, kind_right(&fx_thing, VERB_READ));
  right_add(&grant.rights, kind_right(&fx_tick, VERB_READ));
  district.system = false;
  district.grants = &grant;
  district.n_grants = 1;
  if (store_read(x->app.store, &tx, &x->e) < 0) return false;
  for (int i = 0; i < 150; i++) {
    const struct indicator *ind = fx_indicators[dice(6)];
    const int unit = dice(3) ? 1 + dice(10) : 11 + dice(12);
    const int32_t on = FIRST + dice(34), from = dice(2) ? INT32_MIN : FIRST + dice(on - FIRST + 1);
    if (!listed(x, tx, &all, m, ind, unit, from, on, ret_open) ||
        !listed(x, tx, &district, m, ind, unit, from, on, ret_hidden))
      return false;
  }
  return true;
}

TEST_BOTH(a_list_adds_up_to_its_figure) {
  APP(x);
  static struct model m, before;
  int64_t hidden = 0, open = 0;
  begin_model(&m);
  dice_state = 4711;
  for (int day = 0; day < 3; day++) {
    clock_set_frozen(&x.app.clock, FX_NOW + day * MS_DAY);
    m_today = FX_TODAY + day;
    for (int i = 0; i < 20; i++) {
      struct step s = {.x = &x, .m = &m, .n = 1 + dice(5), .fail = dice(6) == 0};
      before = m;
      int r = writer_run(x.app.writer, &step_cmd, &s, CMD_NORMAL, &x.e);
      if (s.fail) m = before;
      CHECK(r == (s.fail ? -E_CONFLICT : 0));
      CHECK_OK(add_tick(&x, &m), &x.e);
    }
    CHECK(lists_of_the_day(&x, &m, &open, &hidden));
  }
  CHECK_EQ_I64(open, 0);
  CHECK(hidden > 20);
}

static int make_thing(struct app_fixture *x, int day, enum change_verb verb, struct uuid *id) {
  clock_set_frozen(&x->app.clock, FX_NOW + day * MS_DAY);
  struct change *c = change_make(x->a, &x->app.registry, x->system, &fx_thing, verb);
  c->internal = true;
  if (verb == CHANGE_RETIRE) c->id = *id;
  if (verb == CHANGE_CREATE) change_set(c, T_UNIT, V_I64(12));
  if (verb == CHANGE_CREATE) change_set(c, T_DAY, v_day(x->a, FX_TODAY - 1));
  int r = change_do(c, &x->e);
  *id = c->id;
  return r;
}

/* A cursor goes on with the list that it was given for, and with no other. */
TEST_BOTH(a_cursor_is_bound_to_its_list) {
  APP(x);
  static struct model m;
  begin_model(&m);
  dice_state = 5;
  for (int i = 0; i < 12; i++) CHECK_OK(add_tick(&x, &m), &x.e);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(unit_tree_unrefp) struct unit_tree *tree = app_tree(&x.app);
  struct viewer v = *x.system;
  struct behind_page page;
  v.tree = tree;
  struct behind_query bq = {
      .ind = &ind_tick, .q = asked(&x, 1, FIRST + 29, FIRST, INT32_MAX), .viewer = &v, .limit = 5};
  CHECK_OK(store_read(x.app.store, &tx, &x.e), &x.e);
  CHECK_OK(figures_behind_list(&x.app, tx, x.a, &bq, &page, &x.e), &x.e);
  CHECK_EQ_I64(page.total, 12);
  bq.after = page.next;
  CHECK_OK(figures_behind_list(&x.app, tx, x.a, &bq, &page, &x.e), &x.e);
  CHECK_EQ_I64(page.total, 12);
  CHECK_EQ_I64((int64_t)page.n, 5);
  bq.q.unit = 2;
  CHECK(figures_behind_list(&x.app, tx, x.a, &bq, &page, &x.e) == -E_INVALID);
  bq.q.unit = 1;
  bq.ind = &ind_count;
  CHECK(figures_behind_list(&x.app, tx, x.a, &bq, &page, &x.e) == -E_INVALID);
}

/* As known on an earlier day: that day's figure, today's list, and what happened since. */
TEST_BOTH(what_came_and_went_since_is_marked) {
  APP(x);
  struct uuid went, stays, came;
  struct behind_page page;
  CHECK_OK(make_thing(&x, 0, CHANGE_CREATE, &went), &x.e);
  CHECK_OK(make_thing(&x, 0, CHANGE_CREATE, &stays), &x.e);
  CHECK_OK(make_thing(&x, 2, CHANGE_CREATE, &came), &x.e);
  CHECK_OK(make_thing(&x, 2, CHANGE_RETIRE, &went), &x.e);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(unit_tree_unrefp) struct unit_tree *tree = app_tree(&x.app);
  struct viewer v = *x.system;
  v.tree = tree;
  const struct behind_query bq = {
      .ind = &ind_count,
      .q = {.op = 1, .unit = 1, .day = FX_TODAY - 1, .from = INT32_MIN, .as_known = FX_TODAY + 1},
      .viewer = &v,
      .limit = 10};
  CHECK_OK(store_read(x.app.store, &tx, &x.e), &x.e);
  CHECK_OK(figures_behind_list(&x.app, tx, x.a, &bq, &page, &x.e), &x.e);
  CHECK_EQ_I64(page.figure, 2);
  CHECK_EQ_I64(page.now, 2);
  CHECK_EQ_I64((int64_t)page.n, 3);
  for (size_t i = 0; i < page.n; i++) {
    const struct behind_item *item = &page.items[i];
    const bool gone = uuid_eq(&item->rec->id, &went), new = uuid_eq(&item->rec->id, &came);
    CHECK_EQ_I64(item->counts, gone ? 0 : 1);
    CHECK(gone  ? str_is(str_from(item->since), "went")
          : new ? str_is(str_from(item->since), "came")
                : item->since == NULL);
  }
}

/* Made in a community it stays that community's, wherever its scope goes; above them it is
 * nobody's. */
TEST_BOTH(a_record_keeps_its_shard) {
  APP(x);
  static const int32_t home[] = {12, 5, 1};
  for (size_t i = 0; i < ARRAY_LEN(home); i++) {
    struct change *c = change_make(x.a, &x.app.registry, x.system, &fx_thing, CHANGE_CREATE);
    c->internal = true;
    change_set(c, T_UNIT, V_I64(home[i]));
    change_set(c, T_N, V_I64(home[i]));
    CHECK_OK(change_do(c, &x.e), &x.e);
    struct change *move = change_make(x.a, &x.app.registry, x.system, &fx_thing, CHANGE_UPDATE);
    move->internal = true;
    move->id = c->id;
    change_set(move, T_UNIT, V_I64(14));
    CHECK_OK(change_do(move, &x.e), &x.e);
  }
  CHECK_EQ_I64(fx_count(&x, "SELECT shard FROM thing WHERE n = 12 AND unit = 14"), 12);
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM thing WHERE n <> 12 AND shard = 0"), 2);
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
  m_today = FX_TODAY;
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
    change_set(c, K_AT, V_I64(zone_moment(x.system->zone, FIRST + i % 3, i % 24 * 60)));
    CHECK_OK(change_ready(c, &x.e), &x.e);
    cmds[i] = (struct cmd){
        .cls = &event_cmd, .arg = c, .priority = CMD_GATE, .done = one_done, .owner = &waiting};
    if (unit != 99) m.ticks[m.n_ticks++] = (struct m_tick){unit, i % 24, FIRST + i % 3, 1};
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
  CHECK_OK(fx_script(
               &x, "INSERT INTO figure (op, unit, ind, day, known_day, lane, value, minute) VALUES "
                   "(1, 2, 3, 12345, 18390, 0, 5, -1)"),
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

static int64_t behind(struct app_fixture *x) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int64_t n = -1;
  if (store_read(x->app.store, &tx, &x->e) < 0 || figures_behind(tx, &n, &x->e) < 0) return -1;
  return n;
}

static int roll_up(struct app_fixture *x) {
  return writer_run(x->app.writer, &figures_roll_cmd, x->app.figures, CMD_NORMAL, &x->e);
}

static bool after_commit(struct app_fixture *x, bool after) {
  struct setting_change c = {.app = &x->app,
                             .viewer = x->system,
                             .setting = setting_by_name(S("figures.roll_up_after_commit")),
                             .i = after};
  return writer_run(x->app.writer, &setting_change_cmd, &c, CMD_NORMAL, &x->e) == 0;
}

/* The roll-up runs after the commit, whenever it comes: a leaf has its figure at once, what is
 * above says how far it is behind, verify knows what is under way, and in the end all is the same.
 * Units that move take along what was left under the old tree. */
TEST_BOTH(the_roll_up_after_the_commit_has_a_position) {
  APP(x);
  static struct model m, before;
  const struct history none = {.n = 0};
  int64_t values[16];
  int seen_behind = 0;
  begin_model(&m);
  m_today = FX_TODAY;
  dice_state = 31;
  CHECK(after_commit(&x, true));
  CHECK_OK(add_tick(&x, &m), &x.e);
  CHECK_EQ_I64(behind(&x), 1);
  CHECK(verified(&x, 0));
  {
    _cleanup_(tx_endp) struct tx *tx = NULL;
    CHECK_OK(store_read(x.app.store, &tx, &x.e), &x.e);
    for (int at_top = 0; at_top < 2; at_top++) {
      const struct figure_query q =
          asked(&x, at_top ? 1 : m.ticks[0].unit, m.ticks[0].day, INT32_MIN, INT32_MAX);
      CHECK_OK(figures_read(tx, &q, values, &x.e), &x.e);
      CHECK_EQ_I64(values[indicator_index(&ind_tick)], at_top ? 0 : m.ticks[0].n);
    }
  }
  for (int i = 0; i < 60; i++) {
    struct step s = {.x = &x, .m = &m, .n = 1 + dice(5), .fail = dice(6) == 0};
    before = m;
    int r = writer_run(x.app.writer, &step_cmd, &s, CMD_NORMAL, &x.e);
    if (s.fail) m = before;
    CHECK(r == (s.fail ? -E_CONFLICT : 0));
    CHECK_OK(add_tick(&x, &m), &x.e);
    seen_behind += behind(&x) > 0;
    if (i % 10 == 0) CHECK(verified(&x, 0));
    if (dice(5) == 0) CHECK_OK(roll_up(&x), &x.e);
    if (i == 40) CHECK(after_commit(&x, false));
  }
  CHECK(seen_behind > 20);
  CHECK_OK(fx_script(&x, "UPDATE figure_position SET written = written + 1"), &x.e);
  CHECK_EQ_I64(behind(&x), 1);
  CHECK_OK(roll_up(&x), &x.e);
  CHECK_EQ_I64(behind(&x), 0);
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM figure_leaf"), 0);
  CHECK(all_same(&x, &m, &none));
  CHECK(verified(&x, 0));
}

/* A leaf that stands outside of its lane's position would never be rolled up: it is found. */
TEST_BOTH(verify_finds_leaves_astray) {
  APP(x);
  static struct model m;
  begin_model(&m);
  dice_state = 3;
  CHECK(after_commit(&x, true));
  CHECK_OK(add_tick(&x, &m), &x.e);
  CHECK(verified(&x, 0));
  CHECK_OK(fx_script(&x, "UPDATE figure_position SET rolled = written"), &x.e);
  CHECK(verified(&x, 1));
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

/* What counts from a minute is there when the clock has come to it, without anything written. */
TEST_BOTH(a_minute_comes_without_a_commit) {
  APP(x);
  static const int32_t days[] = {FX_TODAY - 1, FX_TODAY, FX_TODAY + 1};
  for (size_t i = 0; i < ARRAY_LEN(days); i++) {
    struct change *c = change_make(x.a, &x.app.registry, x.system, &fx_thing, CHANGE_CREATE);
    c->internal = true;
    change_set(c, T_UNIT, V_I64(12));
    change_set(c, T_DAY, v_day(x.a, days[i]));
    change_set(c, T_AT, V_I64(1051)); /* 17:31 */
    CHECK_OK(change_do(c, &x.e), &x.e);
  }
  _cleanup_(tx_endp) struct tx *tx = NULL;
  CHECK_OK(store_read(x.app.store, &tx, &x.e), &x.e);
  for (int minute = 0; minute < 2; minute++) {
    int64_t values[16], series[3];
    clock_set_frozen(&x.app.clock, FX_NOW + minute * MS_MINUTE);
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
      const struct figure_query q = asked(&x, 1, days[i], INT32_MIN, INT32_MAX);
      const bool come = i == 0 || (i == 1 && minute);
      CHECK_OK(figures_read(tx, &q, values, &x.e), &x.e);
      CHECK_EQ_I64(values[indicator_index(&ind_begun)], come);
      CHECK_EQ_I64(values[indicator_index(&ind_count)], 1);
    }
    const struct figure_query span = asked(&x, 1, FX_TODAY + 1, FX_TODAY - 1, INT32_MAX);
    CHECK_OK(figures_series(tx, &span, &ind_begun, series, &x.e), &x.e);
    CHECK(series[0] == 1 && series[1] == minute && series[2] == 0);
  }
}

/* An indicator that is younger than the installation is counted once, from the records. */
TEST_BOTH(a_new_indicator_is_counted) {
  APP(x);
  static struct model m;
  begin_model(&m);
  dice_state = 11;
  m_today = FX_TODAY;
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
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM figure_indicator"), 7);
}
