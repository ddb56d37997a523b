/* Rows of a reading (reading.h) that somebody has looked at, taken: each is a return of its own,
 * with the channel and the taker, in a transaction of its own; together they are one import in the
 * list, and can be taken back as one. The same row again is answered as the first time. Blocks:
 * never on an HTTP or writer thread. */
#ifndef DOMAIN_ENTERPRISES_TAKING_H
#define DOMAIN_ENTERPRISES_TAKING_H

#include "app/import.h"
#include "domain/enterprises/reading.h"

struct taken {
  struct uuid import; /* nil: nothing was to be kept */
  int64_t taken, again, refused;
};
/* Takes every row that is ROW_READY or, where `looked`, ROW_CHECK; fills row->sub. */
_must_check_ int taking_run(struct reading *r, struct str channel, struct str filename,
                            struct taken *ret, struct err *e);
/* One version back: the one before it holds again, or the return is missing. */
_must_check_ int taking_undo(struct tx *tx, const struct import_undoing *u, struct err *e);

extern const struct import_plan *const return_imports[];
extern const struct import_plan enterprise_sheet; /* sheet.c */

#endif
