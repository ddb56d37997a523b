/* The groups of the desk's menu, which kinds name in the rows of their screens and the desk reads
 * from `meta`. Constant, any thread; screens_check is asked once at start. */
#ifndef CORE_SCREENS_H
#define CORE_SCREENS_H

#include "kind/kind.h"

struct screen_group {
  const char *code, *zh, *en;
  bool folded; /* opened by whoever wants it */
};
extern const struct screen_group screen_groups[]; /* in their order; ends with {NULL} */

/* Every group that a kind names is there, and every other name of its screen's row. After
 * kinds_init. */
_must_check_ int screens_check(struct err *e);

#endif
