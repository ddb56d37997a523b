/* Daily life at the gates of the model case: residents out and back with their passes, visitors,
 * handovers, and the few things that go wrong. Passages alternate for each pass, so that what
 * clashes is what the description says. One thread plays. */
#ifndef CLI_DEMO_GATES_H
#define CLI_DEMO_GATES_H

#include "cli/demo/homes.h"

/* Before anybody comes: passes reported lost, and the lead's word on former clashes. */
_must_check_ int play_gates_morning(struct player *p, int32_t day, struct err *e);
/* Everything that happened up to the clock; then what the gates missed is looked for. */
_must_check_ int play_gates_day(struct player *p, int32_t day, struct err *e);
_must_check_ int play_clashes(struct player *p, struct err *e);

#endif
