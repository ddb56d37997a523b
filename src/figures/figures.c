#include "core/operation.h"
#include "figures/figures_inner.h"
#include <assert.h>
#include <stdlib.h>

/* ---- what collects during a transaction --------------------------------------------------------
 */

/* One step that rewind can take back: n added at a place, or a unit noted. */
struct step {
  uint32_t place;
  bool unit;
  int64_t n;
};
struct moved {
  int32_t unit, known;
  bool anyway; /* its kind changed: contributions may rest on that, even if it has not moved */
};
enum { STEPS_KEEP = 1 << 15 };

struct accumulator {
  struct figures *figures;
  struct sums leaves, full; /* as contributed; with the ancestors */
  struct sums up;           /* what earlier commits left for the roll-up */
  bool roll;                /* it runs in this transaction */
  struct step *steps;
  size_t n_steps, cap_steps;
  struct moved *moved;
  size_t n_moved, cap_moved;
  struct unit_tree *tree; /* one snapshot for the whole transaction */
  /* The civil day of a quarter of an hour: zones change at such borders only. */
  const struct zone *zone;
  int64_t quarter;
  int32_t known;
  bool has_known;
};

static void *acc_create(size_t lane, void *arg) {
  (void)lane;
  (void)arg;
  return calloc(1, sizeof(struct accumulator));
}

static void acc_destroy(void *part) {
  struct accumulator *acc = part;
  if (!acc) return;
  sums_done(&acc->leaves);
  sums_done(&acc->full);
  sums_done(&acc->up);
  unit_tree_unref(acc->tree);
  free(acc->steps);
  free(acc->moved);
  free(acc);
}

static size_t acc_mark(void *part) {
  return ((struct accumulator *)part)->n_steps;
}

static void acc_rewind(void *part, size_t mark) {
  struct accumulator *acc = part;
  assert(mark <= acc->n_steps && acc->n_moved <= acc->n_steps);
  while (acc->n_steps > mark) {
    const struct step *s = &acc->steps[--acc->n_steps];
    if (s->unit)
      acc->n_moved--;
    else
      acc->leaves.e[s->place].n -= s->n;
  }
}

static int step(struct accumulator *acc, struct step s, struct err *e) {
  if (acc->n_steps == acc->cap_steps) {
    size_t cap = acc->cap_steps ? acc->cap_steps * 2 : 1024;
    struct step *more = realloc(acc->steps, cap * sizeof *more);
    if (!more) return err_set(e, E_NOMEM, "no memory for figures");
    acc->steps = more;
    acc->cap_steps = cap;
  }
  acc->steps[acc->n_steps++] = s;
  return 0;
}

static int32_t known_day(struct accumulator *acc, const struct zone *z, int64_t at_ms) {
  int64_t quarter = at_ms / (15 * MS_MINUTE);
  if (!acc->has_known || acc->zone != z || acc->quarter != quarter) {
    acc->known = z ? zone_day(z, at_ms, NULL) : (int32_t)(at_ms / MS_DAY);
    acc->zone = z;
    acc->quarter = quarter;
    acc->has_known = true;
  }
  return acc->known;
}

static int note_unit(struct accumulator *acc, const struct record *old, const struct record *rec,
                     int32_t known, struct err *e) {
  int no, kind;
  if (!field_find(rec->kind, S("no"), &no) || !field_find(rec->kind, S("kind"), &kind)) return 0;
  if (acc->n_moved == acc->cap_moved) {
    size_t cap = acc->cap_moved ? acc->cap_moved * 2 : 16;
    struct moved *more = realloc(acc->moved, cap * sizeof *more);
    if (!more) return err_set(e, E_NOMEM, "no memory for moved units");
    acc->moved = more;
    acc->cap_moved = cap;
  }
  int r = step(acc, (struct step){.unit = true}, e);
  if (r < 0) return r;
  acc->moved[acc->n_moved++] = (struct moved){(int32_t)rec_i64(rec, no), known,
                                              !str_eq(rec_text(old, kind), rec_text(rec, kind))};
  return 0;
}

static int contribute(struct accumulator *acc, const struct record *rec, int32_t known, int sign,
                      struct err *e) {
  struct contribs out;
  out.tree = acc->tree;
  out.zone = acc->zone;
  record_contribs(rec, &out);
  for (size_t i = 0; i < out.n; i++) {
    const struct contrib *c = &out.c[i];
    struct sum_key k = contrib_key(rec, c, known);
    if (indicator_by_no(c->ind->no) != c->ind)
      return err_field(e, E_BUG, "a contribution to an indicator that no module lists",
                       c->ind->code);
    size_t place;
    int r = sums_add(&acc->leaves, &k, sign * c->n, &place, e);
    if (r == 0) {
      r = step(acc, (struct step){.place = (uint32_t)place, .n = sign * c->n}, e);
      if (r < 0) acc->leaves.e[place].n -= sign * c->n;
    }
    if (r < 0) return r;
  }
  return 0;
}

int figures_changed(struct tx *tx, const struct change *c, const struct record *old,
                    const struct record *rec, void *arg, struct err *e) {
  const struct kind *k = c->kind;
  const bool unit = old && rec && strcmp(k->name, "unit") == 0;
  if (!kind_counts(k) && !unit) return 0;
  struct accumulator *acc = tx_part(tx, PART_FIGURES);
  acc->figures = arg;
  if (!acc->tree) acc->tree = c->en->tree(c->en->tree_arg);
  int32_t known = known_day(acc, c->viewer->zone, c->at_ms);
  int r = unit ? note_unit(acc, old, rec, known, e) : 0;
  if (!kind_counts(k)) return r;
  if (r == 0 && rec) r = contribute(acc, rec, known, 1, e);
  if (r == 0 && old) r = contribute(acc, old, known, -1, e);
  return r;
}

/* ---- before the commit ---------------------------------------------------------------------- */

const struct zone *figures_zone(struct app *app, int64_t op) {
  OPERATIONS(app, ops);
  for (size_t i = 0; i < ops->n; i++)
    if (ops->list[i].no == op) return ops->list[i].zone;
  return NULL;
}

/* Every contribution at its unit and at each ancestor of that day. */
static int figures_expand(const struct sums *leaves, struct sums *full, struct spells *s,
                          struct err *e) {
  for (size_t i = 0; i < leaves->n; i++) {
    const struct sum *leaf = &leaves->e[i];
    int32_t up[LIMIT_UNIT_DEPTH];
    size_t n = 0;
    if (leaf->n == 0) continue;
    int r = spells_ancestors(s, leaf->k.unit, leaf->k.day, up, LIMIT_UNIT_DEPTH, &n, e);
    for (size_t u = 0; u < n && r == 0; u++) {
      struct sum_key k = leaf->k;
      k.unit = up[u];
      r = sums_add(full, &k, leaf->n, NULL, e);
    }
    if (r < 0) return r;
  }
  return 0;
}

int figures_put(struct tx *tx, const struct sums *leaves, struct spells *s, struct sums *full,
                int64_t *ret_rows, struct err *e) {
  assert(leaves != full);
  sums_clear(full);
  int r = figures_expand(leaves, full, s, e);
  return r < 0 ? r : figures_store(tx, full, ret_rows, e);
}

/* The moves come after everything that was added under the old tree, one by one, each onto what
 * the one before has written; then what contributes differently since. */
static int flush_moves(struct tx *tx, struct accumulator *acc, struct spells *s, struct err *e) {
  struct sums scratch = {0}, leaves = {0};
  int32_t *units = arena_array(tx_arena(tx), int32_t, acc->n_moved);
  int64_t rows = 0;
  size_t n = 0;
  int r = units ? 0 : err_set(e, E_NOMEM, "no memory for moved units");
  for (size_t i = 0; i < acc->n_moved && r == 0; i++) {
    const struct moved *m = &acc->moved[i];
    bool moved = false, before = false;
    for (size_t j = 0; j < i && !before; j++) before = acc->moved[j].unit == m->unit;
    if (!before) r = figures_move(tx, s, m->unit, m->known, &scratch, &moved, e);
    if (moved || m->anyway) units[n++] = m->unit;
  }
  const int32_t known = acc->moved[acc->n_moved - 1].known;
  if (r == 0 && n) r = figures_again(acc->figures->app, tx, s, units, n, known, &leaves, e);
  if (r == 0) r = figures_put(tx, &leaves, s, &scratch, &rows, e);
  sums_done(&scratch);
  sums_done(&leaves);
  return r;
}

static int acc_flush(struct tx *tx, void *part, struct err *e) {
  struct accumulator *acc = part;
  if (acc->n_steps == 0 && !acc->roll) return 0;
  struct spells s = {.tx = tx, .tree = acc->tree};
  int64_t rows = 0;
  /* What moves takes along all that was added under the old tree. */
  const bool after = !acc->n_moved && figures_after_commit(acc->figures);
  int r = acc->roll || acc->n_moved ? figures_roll(tx, &s, acc->n_moved > 0, &acc->up, e) : 0;
  if (r == 0)
    r = after ? figures_leave(tx, &acc->leaves, &acc->full, &rows, e)
              : figures_put(tx, &acc->leaves, &s, &acc->full, &rows, e);
  if (r == 0) atomic_fetch_add(&acc->figures->rows, rows);
  if (r == 0 && acc->n_moved) r = flush_moves(tx, acc, &s, e);
  spells_done(&s);
  return r;
}

/* ---- after it ---------------------------------------------------------------------------------
 */

static void tell(struct figures *f, int64_t op, const int32_t *units, size_t n) {
  for (size_t i = 0; i < f->n_listeners; i++) f->listeners[i].fn(f->listeners[i].arg, op, units, n);
}

/* The sums are sorted by operation and unit since they were stored. */
static void tell_all(struct accumulator *acc, const struct sums *s) {
  enum { AT_ONCE = 512 };
  int32_t units[AT_ONCE];
  size_t n = 0;
  for (size_t i = 0; i < s->n; i++) {
    const struct sum_key *k = &s->e[i].k;
    const bool new_op = i && k->op != s->e[i - 1].k.op;
    if (n && (new_op || n == AT_ONCE)) {
      tell(acc->figures, s->e[i - 1].k.op, units, n);
      n = 0;
    }
    if (n == 0 || units[n - 1] != k->unit) units[n++] = k->unit;
  }
  if (n) tell(acc->figures, s->e[s->n - 1].k.op, units, n);
}

static void acc_finish(void *part, bool committed) {
  struct accumulator *acc = part;
  if (committed && (acc->n_steps || acc->roll)) {
    atomic_fetch_add(&acc->figures->flushes, 1);
    tell_all(acc, &acc->full);
    tell_all(acc, &acc->up);
  }
  sums_clear(&acc->up);
  acc->roll = false;
  sums_clear(&acc->leaves);
  sums_clear(&acc->full);
  acc->tree = unit_tree_unref(acc->tree);
  acc->n_steps = acc->n_moved = 0;
  if (acc->cap_steps > STEPS_KEEP) {
    free(acc->steps);
    acc->steps = NULL;
    acc->cap_steps = 0;
  }
}

static int roll_run(struct tx *tx, void *arg, struct err *e) {
  struct accumulator *acc = tx_part(tx, PART_FIGURES);
  (void)e;
  acc->figures = arg;
  if (!acc->tree) acc->tree = app_tree(acc->figures->app);
  acc->roll = true; /* before the commit, with what else it brings */
  return 0;
}
const struct cmd_class figures_roll_cmd = {.name = "figures_roll_up", .run = roll_run};

const struct tx_part figures_part = {.name = "figures",
                                     .create = acc_create,
                                     .destroy = acc_destroy,
                                     .mark = acc_mark,
                                     .rewind = acc_rewind,
                                     .flush = acc_flush,
                                     .finish = acc_finish};

/* ---- the structure -----------------------------------------------------------------------------
 */

int figures_open(struct app *app, struct figures **ret_figures, struct err *e) {
  struct figures *f = calloc(1, sizeof *f);
  if (!f) return err_set(e, E_NOMEM, "no memory for figures");
  f->app = app;
  int r = figures_live_start(f, e);
  if (r < 0) {
    free(f);
    return r;
  }
  *ret_figures = f;
  return 0;
}

struct figures *figures_close(struct figures *f) {
  if (!f) return NULL;
  figures_live_stop(f);
  free(f);
  return NULL;
}

void figures_listen(struct figures *f, figures_listener fn, void *arg) {
  if (f->n_listeners == FIGURE_LISTENERS) abort(); /* a programming error, at start */
  f->listeners[f->n_listeners].fn = fn;
  f->listeners[f->n_listeners++].arg = arg;
}

int figures_add_completeness(struct figures *f, figures_completeness fn, struct err *e) {
  if (f->n_completeness == FIGURE_COMPLETENESS)
    return err_set(e, E_BUG, "too many completeness hooks");
  f->completeness[f->n_completeness++] = fn;
  return 0;
}

int figures_write_complete(struct app *app, struct tx *tx, const struct figure_query *q,
                           struct jw *w, struct err *e) {
  jw_object(w);
  jw_karray(w, "notes");
  for (size_t i = 0; i < app->figures->n_completeness; i++) {
    int r = app->figures->completeness[i](app, tx, q, w, e);
    if (r < 0) return r;
  }
  jw_end(w);
  jw_end(w);
  return 0;
}

void figures_note(struct jw *w, const char *code, int64_t count, struct str zh, struct str en) {
  jw_object(w);
  jw_kstrz(w, "code", code);
  jw_ki64(w, "count", count);
  jw_kstr(w, "zh", zh);
  jw_kstr(w, "en", en);
  jw_end(w);
}

void figures_stats(const struct figures *f, struct figures_stats *ret_stats) {
  *ret_stats = (struct figures_stats){.rows = atomic_load(&f->rows),
                                      .flushes = atomic_load(&f->flushes),
                                      .streams = atomic_load(&f->streams),
                                      .pushes = atomic_load(&f->pushes)};
}
