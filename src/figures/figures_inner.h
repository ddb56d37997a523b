/* What the figures' files share: sums by key in memory, the structure behind struct figures, and
 * the two tables. Only the files of src/figures/ include this. A `struct sums` owns heap
 * memory and belongs to one thread. */
#ifndef FIGURES_FIGURES_INNER_H
#define FIGURES_FIGURES_INNER_H

#include "figures/figures.h"
#include "store/store.h"
#include <stdatomic.h>

/* ---- sums ---------------------------------------------------------------------------------- */

struct sum_key {
  int64_t op;
  int32_t unit;
  int32_t day;
  int32_t known;      /* the day on which it became known */
  int16_t minute;     /* from which it counts, or its hour's; ALL_DAY */
  uint32_t ind;       /* the indicator's number */
  struct uuid member; /* nil where the indicator counts no members */
};
struct sum {
  struct sum_key k;
  int64_t n;
};
/* Open addressing over a dense array, so that an entry's place stays what it is while the table
 * grows, and so that going through all of them costs nothing for the empty slots. */
struct sums {
  struct sum *e;
  size_t n, cap;
  uint32_t *slots; /* place + 1; 0: free */
  size_t mask;
};
enum { SUMS_MAX = 1 << 24 };

void sums_done(struct sums *s);
/* Empty again; memory is kept unless it has become large. */
void sums_clear(struct sums *s);
/* Adds n under the key; *ret_place (may be NULL) gets the entry's place. 0 or -E_NOMEM. */
_must_check_ int sums_add(struct sums *s, const struct sum_key *k, int64_t n, size_t *ret_place,
                          struct err *e);
struct sum *sums_find(const struct sums *s, const struct sum_key *k);
static inline struct sum_key contrib_key(const struct record *rec, const struct contrib *c,
                                         int32_t known) {
  return (struct sum_key){.op = rec->op,
                          .unit = c->unit,
                          .day = c->day,
                          .known = known,
                          .minute = c->minute,
                          .ind = c->ind->no,
                          .member = c->ind->type == IND_DISTINCT ? c->member : (struct uuid){{0}}};
}
void sums_sort(struct sums *s); /* by key; look-ups no longer work until sums_clear */

/* ---- the tree as it will be ------------------------------------------------------------------ */

/* A snapshot of the tree, and the spells of those units that this transaction (or another process)
 * has changed since. */
struct unit_change {
  int32_t no;
  struct unit_spell *spells;
  size_t n;
  bool absent; /* not even the database knows it */
};
struct spells {
  struct tx *tx;
  struct unit_tree *tree; /* borrowed */
  struct unit_change *changed;
  size_t n, cap;
};
void spells_done(struct spells *s);
/* The unit and its ancestors on that day, nearest first; the unit itself always. */
_must_check_ int spells_ancestors(struct spells *s, int32_t unit, int32_t day, int32_t *out,
                                  size_t max, size_t *ret_n, struct err *e);
/* The unit's spells as the transaction sees them. */
_must_check_ int spells_load(struct spells *s, int32_t unit, struct unit_change *ret_change,
                             struct err *e);
/* From now on the unit's spells are these; takes what `c` owns. */
_must_check_ int spells_set(struct spells *s, struct unit_change *c, struct err *e);
int32_t spell_parent(const struct unit_spell *spells, size_t n, int32_t day, int32_t otherwise);

/* ---- figures ----------------------------------------------------------------------------------
 */

enum { FIGURE_LISTENERS = 8, FIGURE_COMPLETENESS = 16, INDICATOR_NO_MAX = 1024 };

struct figures_live;
struct figures {
  struct app *app;
  struct {
    figures_listener fn;
    void *arg;
  } listeners[FIGURE_LISTENERS];
  size_t n_listeners;
  figures_completeness completeness[FIGURE_COMPLETENESS];
  size_t n_completeness;
  struct figures_live *live;
  _Atomic int64_t rows, flushes, streams, pushes;
};

/* Writes the sums (with ancestors in them already) as rows of this lane. */
_must_check_ int figures_store(struct tx *tx, struct sums *s, int64_t *ret_rows, struct err *e);
/* The one way by which what was added at the leaves reaches the tables, and the units above them,
 * within the commit; `full` is left sorted, for whoever tells of it. */
_must_check_ int figures_put(struct tx *tx, const struct sums *leaves, struct spells *s,
                             struct sums *full, int64_t *ret_rows, struct err *e);
enum { ROLL_COMMITS = 512 };
/* figures_roll.c: the same in two parts. Is the second one done after the commit? */
bool figures_after_commit(const struct figures *f);
/* Writes the leaves alone, and what is to be added above them under the commit's number. */
_must_check_ int figures_leave(struct tx *tx, const struct sums *leaves, struct sums *full,
                               int64_t *ret_rows, struct err *e);
/* Adds above what commits have left: of ROLL_COMMITS, or `all`. `up` is left sorted. */
_must_check_ int figures_roll(struct tx *tx, struct spells *s, bool all, struct sums *up,
                              struct err *e);
/* Takes off what verify has counted above and the roll-up has not reached yet; leaves that stand
 * outside of their lane's position are counted. */
_must_check_ int figures_under_way(struct tx *tx, struct spells *s, struct sums *counted,
                                   int64_t *ret_astray, struct err *e);
extern const struct cmd_class figures_roll_cmd; /* its argument: struct figures */
/* What the unit's move takes from the former ancestors and gives to the new ones. */
_must_check_ int figures_move(struct tx *tx, struct spells *s, int32_t unit, int32_t known,
                              struct sums *scratch, bool *ret_moved, struct err *e);

/* Adds to `leaves` what the records that name these units, or anything below them, contribute
 * differently since they changed. */
_must_check_ int figures_again(struct app *app, struct tx *tx, struct spells *s,
                               const int32_t *units, size_t n, int32_t known, struct sums *leaves,
                               struct err *e);
/* The operation's zone; NULL for none. */
const struct zone *figures_zone(struct app *app, int64_t op);
/* Marks everything that lies or lay below the units marked: marked[0..max] by number. */
void figures_mark_below(const struct unit_tree *t, bool *marked, int32_t max);

_must_check_ int figures_live_start(struct figures *f, struct err *e);
void figures_live_stop(struct figures *f);
void figures_live_changed(struct figures *f, int64_t op, const int32_t *units, size_t n);

const struct indicator *indicator_by_no(uint32_t no);
/* The numbers of that type as a JSON array, for the queries; of those alone that count by the
 * minute. */
struct str indicator_numbers(enum indicator_type t, bool by_minute);

/* Up to where the days have come: what counts from a minute behind it is not there yet. */
struct figures_now {
  int32_t day;
  int16_t minute;
};
static inline struct figures_now figures_now(const struct figure_query *q) {
  int minute = MINUTES_OF_DAY;
  if (!q->now_ms) return (struct figures_now){INT32_MAX, MINUTES_OF_DAY};
  const int32_t day =
      q->zone ? zone_day(q->zone, q->now_ms, &minute) : (int32_t)(q->now_ms / MS_DAY);
  if (!q->zone) minute = (int)(q->now_ms % MS_DAY / MS_MINUTE);
  return (struct figures_now){day, (int16_t)minute};
}
static inline bool figures_come(struct figures_now now, const struct contrib *c) {
  return c->minute == ALL_DAY || c->day < now.day || (c->day == now.day && c->minute <= now.minute);
}

#endif
