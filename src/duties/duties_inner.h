/* What the files of duties/ share: the rows with their fields looked up and their statements put
 * together, made once at start of the names in the tables; the rest borrows the caller's arena. */
#ifndef DUTIES_DUTIES_INNER_H
#define DUTIES_DUTIES_INNER_H

#include "duties/duties.h"
#include "kind/rows.h"

enum { DUTIES_MAX = 16, DUTY_COPIES = 8, DUES_A_DAY = TEMPLATES_MAX, DUTY_ROWS_A_DAY = 40 };
/* In duty_reminder: what the area tells itself, from here on. */
enum { SLOT_OWN = 100 };

enum duty_query {
  /* $1 op $2 day $3 $4 branch $5 code $6 its end $7 after $8 n: subjects without their record */
  DQ_LACKING,
  DQ_SUBJECT_STATE, /* $1 subject $2 day: its state on that day */
  DQ_THERE,         /* $1 op $2 subject $3 code $4 day: how many */
  DQ_OF_DAY,        /* $1 op $2 subject $3 day: id, code, state */
  DQ_STATE,         /* $1 id: state, day */
  DQ_REMIND,        /* $1 op $2 code $3 day $4 slot $5 most $6 now $7 after $8 n: id, subject */
  DQ_UNITS, /* $1 op $2 code $3 day $4 after $5 n: units where one is owed and no alarm was */
  DQ_NAMES, /* $1 op $2 code $3 day $4 unit $5 n: by name */
  DQ_COUNT, /* $1 op $2 code $3 day $4 unit */
  DQ_NOTE,  /* $1 op $2 subject $3 day: the last note */
  DUTY_QUERIES
};
struct duty_row {
  const struct duty *d;
  int of, day, form, code, unit; /* of the kind */
  int subject_unit, from, until; /* of the subject; -1: none */
  struct {
    int subject, due;
  } copies[DUTY_COPIES];
  size_t n_copies;
  struct query q[DUTY_QUERIES];
  char sql[DUTY_QUERIES][1000];
};

/* duty_rows.c */
/* Looks at the rows of all areas and says what is wrong; then makes their statements. */
void duties_look(const struct module *const *list, struct rows *rs);
_must_check_ int duties_declare(const struct module *const *list, struct err *e);
struct duty_row *duty_row_at(size_t i); /* NULL behind the last */
struct duty_row *duty_row_of(const struct duty *d);
/* What is asked on a day in the operation, or (unit not 0) of a subject at that unit. */
size_t dues(struct app *app, const struct viewer *v, const struct duty *d,
            const struct template_set *set, int32_t unit, int32_t day, struct due *out, size_t max);
/* A number of its settings; `none` where it has no settings. */
int64_t duty_tuned(struct app *app, int64_t op, const struct duty *d, const char *name,
                   int64_t none);
struct str duty_tuned_text(struct app *app, int64_t op, const struct duty *d, const char *name,
                           struct arena *a);

/* duty_tell.c: in the transaction in which the last one has answered, is exempted, or has moved
 * away, the alarm of its unit ends. */
_must_check_ int duty_settle(struct tx *tx, const struct change *c, const struct duty_row *row,
                             const struct record *old, const struct record *rec, struct err *e);

/* duty_open.c: observer of changes: today's records follow their subject. */
_must_check_ int duties_follow(struct tx *tx, const struct change *c, const struct record *old,
                               const struct record *rec, void *arg, struct err *e);

#endif
