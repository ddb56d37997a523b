/* The parts of the job that finds clashes: what one look at a community holds. Reading is in
 * clash_look.c, writing in clash_write.c. All memory is the look's arena; the jobs' thread. */
#ifndef DOMAIN_GATE_CLASH_INNER_H
#define DOMAIN_GATE_CLASH_INNER_H

#include "core/jobs.h"
#include "domain/gate/clash.h"
#include "domain/gate/clash_rules.h"

struct behind {
  struct behind *next; /* among those that were read */
  int32_t unit;
  int64_t seq, upto;
};

enum { SPELLS = 16 }; /* times that one pass was voided and given back */

struct touched_pass {
  struct uuid pass, household;
  int64_t op;
  bool of_household;
  struct passage *list;
  size_t n;
  struct void_spell spells[SPELLS];
  size_t n_spells;
};

/* What the events say now. */
struct found {
  struct found *next;
  const char *type;
  int64_t op;
  struct str cause, detail;
  struct passage first, second;
  bool pair;
};
/* What stands in the records. */
struct stored {
  struct stored *next;
  struct uuid id;
  int64_t op;
  struct str cause;
  bool open, overdue;
};
struct out_row {
  struct out_row *next;
  struct passage last;
  struct uuid pass;
  int64_t op;
  bool is_out;
};

struct look {
  struct app *app;
  struct arena *a;
  int32_t unit;
  int64_t from, upto, earliest, latest, now_ms, clock_ms;
  bool more;
  struct touched_pass *passes, **slots;
  size_t n_passes, mask;
  struct found *found;
  size_t n_found;
  struct stored *stored;
  struct out_row *outs;
  struct viewer *viewers[16]; /* of the operations met */
  size_t n_viewers;
};

/* Makes sure that look_viewer has the operation. */
_must_check_ int look_operation(struct look *k, int64_t op, struct err *e);
struct viewer *look_viewer(struct look *k, int64_t op);
struct found *look_find(struct look *k, const char *type, int64_t op);
/* Fills found, stored and outs from the passages around what arrived. */
_must_check_ int look_around(struct look *k, struct tx *tx, struct err *e);
_must_check_ int look_write(struct look *k, struct err *e);

/* A phone that comes back tells of the exit and of the return within the same minute. */
#define SETTLED_MS MS_MINUTE

#endif
