/* When something at a gate happened: the phone's clock set right by what the server measured when
 * the phone spoke to it, never in the future, and the server's own time where the phone's makes no
 * sense. Pure; any thread. */
#ifndef DOMAIN_GATE_MOMENT_H
#define DOMAIN_GATE_MOMENT_H

#include "kind/engine.h"

/* device_at_ms 0: the phone said nothing. */
int64_t gate_moment(const struct change *c, int64_t device_at_ms);

#endif
