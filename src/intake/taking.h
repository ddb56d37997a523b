/* Rows of a reading (reading.h) that somebody has looked at, taken: each is kept by its area, with
 * the channel and the taker, in a transaction of its own; together they are one import in the list,
 * and can be taken back as one. The same row again is answered as the first time. Blocks: never on
 * an HTTP or writer thread. */
#ifndef INTAKE_TAKING_H
#define INTAKE_TAKING_H

#include "sheets/import.h"
#include "intake/reading.h"

struct taken {
  struct uuid import; /* nil: nothing was to be kept */
  int64_t taken, again, refused;
};
/* Takes every row that is ROW_READY or, where `looked`, ROW_CHECK. */
_must_check_ int taking_run(struct reading *r, struct str channel, struct str filename,
                            struct taken *ret, struct err *e);
#endif
