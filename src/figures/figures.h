/* Figures: every total of the product, kept per operation, unit (leaf and each ancestor), day,
 * indicator and the day on which it became known, in the same transaction as the records they
 * come of. A record's contribution is a pure function of the record (kind->contribute); the
 * engine adds new minus old. Kept per writer lane; readers add up the lanes.
 *
 * Tables figure(op, unit, ind, day, minute, known_day, lane, value) and figure_member(op, unit,
 * ind, member, day, known_day, lane, value), clustered in that order: an indicator's days lie side
 * by side, so that a span, a state and a series are each one short range. Members with a positive
 * sum count.
 *
 * When a unit moves (its spells change), what it and all below it added on the days concerned is
 * taken from the former ancestors and given to the new ones, known from the day of the move. */
#ifndef FIGURES_FIGURES_H
#define FIGURES_FIGURES_H

#include "core/app.h"

struct figures;
_must_check_ int figures_open(struct app *app, struct figures **ret_figures, struct err *e);
struct figures *figures_close(struct figures *f);
/* The writer's part and the observer that feed it. */
extern const struct tx_part figures_part;
int figures_changed(struct tx *tx, const struct change *c, const struct record *old,
                    const struct record *rec, void *arg, struct err *e);

/* All indicators of all modules, by number and code. */
_must_check_ int indicators_init(const struct module *const *list, struct err *e);
const struct indicator *indicator_by_code(struct str code);
const struct indicator *indicator_at(size_t i); /* NULL behind the last */
size_t indicators_count(void);

struct figure_query {
  int64_t op;
  int32_t unit;
  int32_t day;
  int32_t from;     /* INT32_MIN: the day alone */
  int32_t as_known; /* INT32_MAX: now */
  /* Now, and in which zone: what counts from a minute of today or of a later day is left out until
   * that minute has come. 0: it is the day's end. */
  int64_t now_ms;
  const struct zone *zone;
};
/* values[i] is that of indicator_at(i). */
_must_check_ int figures_read(struct tx *tx, const struct figure_query *q, int64_t *values,
                              struct err *e);
/* One row per unit given: values is n_units × indicators_count(). */
_must_check_ int figures_read_units(struct tx *tx, const struct figure_query *q,
                                    const int32_t *units, size_t n_units, int64_t *values,
                                    struct err *e);
/* How many commits the figures above the leaves are behind; 0 where they are rolled up in them. */
_must_check_ int figures_behind(struct tx *tx, int64_t *ret_n, struct err *e);
/* Day by day for one indicator, from q->from to q->day: values[0..day-from]. */
_must_check_ int figures_series(struct tx *tx, const struct figure_query *q,
                                const struct indicator *ind, int64_t *values, struct err *e);
/* q->day by its hours, of n indicators that are kept so: out[i * 24 + hour]. With a field of their
 * kind, of those records alone that name `of` there: one gate's of a community's, by the same rows.
 */
_must_check_ int figures_hours(struct app *app, struct tx *tx, const struct figure_query *q,
                               const struct indicator *const *inds, size_t n, int field,
                               const struct uuid *of, int64_t *out, struct err *e);
/* Recomputes everything from the records; differences are counted and the first ones printed. */
_must_check_ int figures_verify(struct app *app, struct tx *tx, struct buf *report,
                                int64_t *ret_checked, int64_t *ret_wrong, struct err *e);
/* Counts the indicators that this installation has never counted (it is older than they are). At
 * start, before anybody is served. */
_must_check_ int figures_count_new(struct app *app, struct err *e);
/* Live: told after each commit which (op, unit, day) rows have changed. */
typedef void (*figures_listener)(void *arg, int64_t op, const int32_t *units, size_t n);
void figures_listen(struct figures *f, figures_listener fn, void *arg);

/* May this viewer read that indicator at the unit? He needs figure.read there, and the right to
 * read the kind behind it. */
bool indicator_readable(const struct viewer *v, const struct indicator *ind, int32_t unit);
/* Place of an indicator in the arrays above. */
size_t indicator_index(const struct indicator *ind);
/* {"code":value,…} of what the viewer may read; `only` (may be NULL) picks by place. */
void figures_write(struct jw *w, const struct viewer *v, int32_t unit, const int64_t *values,
                   const bool *only);

/* ---- the records behind a figure ---- */

/* One line of the list: the record shown, what its line adds to the figure, and how many records
 * share the line (those of one member, the steps of one thing). */
struct behind_item {
  struct record *rec;
  int64_t counts, records;
  const char *since; /* what happened since the day asked as known: "came", "changed", "went" */
};
struct behind_query {
  const struct indicator *ind; /* not a derived one */
  struct figure_query q;
  const struct viewer *viewer;
  struct str after;
  size_t limit;
};
/* Over all pages the sum of `counts` and `hidden` (what this reader may not see) is `now`, the
 * figure as known now. Newest records first. */
struct behind_page {
  struct behind_item *items;
  size_t n;
  struct str next; /* p == NULL at the end */
  int64_t figure, now, hidden, total;
};
_must_check_ int figures_behind_list(struct app *app, struct tx *tx, struct arena *a,
                                     const struct behind_query *bq, struct behind_page *ret_page,
                                     struct err *e);

/* What is missing from the figures of a unit and day: "complete":{"notes":[{"code","count","zh",
 * "en"}…]}. Each module that knows something adds notes to the open array. Registered at start;
 * called with a read transaction. Returns 0 or -code. */
typedef int (*figures_completeness)(struct app *app, struct tx *tx, const struct figure_query *q,
                                    struct jw *w, struct err *e);
void figures_note(struct jw *w, const char *code, int64_t count, struct str zh, struct str en);
_must_check_ int figures_add_completeness(struct figures *f, figures_completeness fn,
                                          struct err *e);
_must_check_ int figures_write_complete(struct app *app, struct tx *tx,
                                        const struct figure_query *q, struct jw *w, struct err *e);

/* Live streams: the changed indicators of one unit, at most one push a second each, read and
 * pushed by a thread of its own. `viewer` is copied as far as needed. */
struct http_request;
_must_check_ int figures_subscribe(struct figures *f, struct http_request *rq,
                                   const struct viewer *v, int32_t unit, struct err *e);
struct figures_stats {
  int64_t rows, flushes, streams, pushes;
};
void figures_stats(const struct figures *f, struct figures_stats *ret_stats);

#endif
