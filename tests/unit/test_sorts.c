/* The orders in which lists are read without sorting them: for every kind of the product, and every
 * order that `meta` publishes for the whole city, the plan of either engine reads an index. Nothing
 * is timed, and the tables are empty: what is asked is whether it can be done, so PostgreSQL is
 * told to sort only where it must. */
#include "kind/list_inner.h"
#include "product_fixture.h"

#define NOW_MS INT64_C(1588900000000)

struct plan {
  struct product *p;
  struct tx *tx;
  const struct kind *k;
  size_t asked, sorted;
};

static void plan_done(struct plan *t) {
  tx_end(t->tx);
}

/* Or joins the branch's units, whose order then hangs on what the planner thinks of them. */
static bool sorts(struct str line) {
  static const char *const words[] = {"Sort", "TEMP B-TREE", "Join", "Nested Loop"};
  size_t n = 0;
  for (size_t i = 0; i < ARRAY_LEN(words); i++)
    n += str_find(line, str_from(words[i])) != (size_t)-1;
  return n > 0;
}

/* The lines of a statement's plan that sort. */
static size_t look(struct plan *t, const struct list_statement *st, struct str what) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  const bool pg = tx_engine(t->tx) == ENGINE_POSTGRES;
  size_t n = 0, lines = 0;
  const struct str text = arena_printf(t->p->a, "EXPLAIN %s" STR_FMT,
                                       pg ? "(COSTS OFF) " : "QUERY PLAN ", STR_ARG(st->text));
  int r = cur_open_sql(t->tx, text, st->p, st->n, &c, &t->p->e);
  for (; r >= 0 && (r = cur_next(c, &t->p->e)) > 0; lines++) {
    const struct str line = cur_text(c, pg ? 0 : 3);
    if (sorts(line))
      printf("# %s by " STR_FMT ": " STR_FMT "\n", t->k->name, STR_ARG(what), STR_ARG(line));
    n += sorts(line);
  }
  if (r < 0) printf("# %s: %s %s\n", t->k->name, t->p->e.what, t->p->e.field);
  return r < 0 || lines == 0 ? 1 : n;
}

/* Both parts of the first page and of one behind a record, both ways. */
static void ask(struct plan *t, struct list_query *lq) {
  const struct field *f = &t->k->fields[lq->sort.field];
  struct record *last = record_make(t->p->a, t->k);
  last->id = idgen_next(&t->p->app->ids, NOW_MS);
  last->v[lq->sort.field] = field_type(f)->storage == VAL_TEXT ? V_TEXT(S("a")) : V_I64(1);
  for (int i = 0; i < 8; i++) {
    struct list_statement st;
    lq->descending = i & 1;
    lq->after = i & 2 ? list_cursor(t->p->a, t->p->v, t->k, lq, last) : (struct str){NULL, 0};
    int r = list_statement(t->p->a, tx_engine(t->tx), &t->p->app->registry, t->p->v, t->k, lq,
                           i & 4, 51, &st, &t->p->e);
    t->sorted += r < 0 || !st.text.p || look(t, &st, str_from(f->name)) > 0;
    t->asked++;
  }
}

/* By whoever has the city without naming a unit, by name, and a district of it. */
static void ask_of_city(struct plan *t, struct list_query *lq) {
  ask(t, lq);
  if (!kind_scoped(t->k)) return;
  lq->unit = product_unit(t->p, "110000000000");
  ask(t, lq);
  lq->unit = product_unit(t->p, "110102000000");
  ask(t, lq);
  lq->unit = 0;
}

static void set(struct plan *t, const char *sql) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  CHECK_OK(cur_open_sql(t->tx, str_from(sql), NULL, 0, &c, &t->p->e), &t->p->e);
  CHECK(cur_next(c, &t->p->e) >= 0);
}

static void begin(struct plan *t, struct product *p, struct fixture *f) {
  *t = (struct plan){.p = p};
  CHECK_OK(product_open(p, f, NOW_MS), &p->e);
  CHECK_OK(product_units(p), &p->e);
  CHECK_OK(store_read(p->app->store, &t->tx, &p->e), &p->e);
  if (tx_engine(t->tx) == ENGINE_POSTGRES) {
    set(t, "SELECT set_config('enable_sort', 'off', false), set_config('enable_seqscan', 'off', "
           "false), "
           "set_config('enable_bitmapscan', 'off', false), "
           "set_config('enable_incremental_sort', 'off', false)");
  }
}

TEST_BOTH(every_order_published_for_the_city_is_an_indexs) {
  _cleanup_(product_done) struct product p;
  _cleanup_(plan_done) struct plan t;
  begin(&t, &p, f);
  for (size_t i = 0; i < kinds_count(); i++) {
    t.k = kind_at(i);
    for (size_t s = 0; s < t.k->n_fields; s++) {
      struct list_query lq = {.sort = list_field((int)s)};
      if (field_sorts_wide(&t.k->fields[s])) ask_of_city(&t, &lq);
      const char *with = field_sorts_with(t.k, s);
      if (!(t.k->fields[s].flags & FF_SORT) || !with) continue;
      lq.filters[lq.n_filters++] =
          (struct list_filter){list_field(field_named(t.k, with)), S("2020-05-08")};
      ask_of_city(&t, &lq);
    }
  }
  printf("# %zu statements\n", t.asked);
  CHECK(t.asked >= 500);
  CHECK_EQ_I64((int64_t)t.sorted, 0);
}

/* The look itself must see a sort. */
TEST_BOTH(a_sort_is_seen) {
  _cleanup_(product_done) struct product p;
  _cleanup_(plan_done) struct plan t;
  begin(&t, &p, f);
  t.k = &deployment_kind;
  struct list_query lq = {.sort = list_field(field_named(t.k, "released_on"))};
  ask(&t, &lq);
  CHECK_EQ_I64((int64_t)t.sorted, 8);
}

/* Whoever has one subdistrict, or less, has the orders that must be sorted; a city's or district's
 * reader has them once he names such a unit. */
TEST_BOTH(how_wide_a_list_is) {
  _cleanup_(product_done) struct product p;
  CHECK_OK(product_open(&p, f, NOW_MS), &p.e);
  CHECK_OK(product_units(&p), &p.e);
  static const struct {
    const char *of[2], *unit;
    bool wide;
  } rows[] = {
      {{"110000000000"}, NULL, true},
      {{"110000000000"}, "110102000000", true},
      {{"110000000000"}, "110102013000", false},
      {{"110102000000"}, NULL, true},
      {{"110102013000"}, NULL, false},
      {{"110102013001"}, NULL, false},
      {{"110102013001"}, "110000000000", false},
      {{"110102013001", "110102013002"}, NULL, false},
  };
  for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
    struct viewer_grant g[2] = {{.unit = 0}};
    struct viewer v = *p.v;
    v.system = false;
    v.grants = g;
    for (; v.n_grants < 2 && rows[i].of[v.n_grants]; v.n_grants++) {
      g[v.n_grants].unit = product_unit(&p, rows[i].of[v.n_grants]);
      right_add(&g[v.n_grants].rights, kind_right(&deployment_kind, VERB_READ));
    }
    const int32_t unit = rows[i].unit ? product_unit(&p, rows[i].unit) : 0;
    CHECK_EQ_I64(list_wide(&v, &deployment_kind, unit), rows[i].wide);
  }
}
