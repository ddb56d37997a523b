/* `verify`: recomputes everything derived and compares. Each check is a row; modules add their own
 * (the stock ledger, say). A check counts what it looked at and prints its differences, the first
 * VERIFY_SHOWN of them in words. Runs in one read transaction; changes nothing. */
#ifndef CORE_VERIFY_H
#define CORE_VERIFY_H

#include "core/app.h"

enum { VERIFY_SHOWN = 20 };

struct verify {
  struct app *app;
  struct tx *tx;
  struct arena *a; /* of the check under way */
  bool deep;       /* open every sealed value instead of a sample */
  struct buf *out; /* findings of the check under way */
  int64_t checked, wrong;
};
/* Counts one difference and prints it while there are few. */
void verify_wrong(struct verify *v, const char *fmt, ...) _printf_(2, 3);

struct verify_check {
  const char *name, *zh, *en;
  int (*run)(struct verify *v, struct err *e);
};

extern const struct verify_check core_checks[]; /* references, tree, numbers, sealed values */

/* All checks, in order. *ret_wrong 0: nothing found. The report is text for people: one line per
 * check with its counts, then what was found. */
_must_check_ int verify_all(struct app *app, bool deep, struct buf *report, int64_t *ret_wrong,
                            struct err *e);

#endif
