/* Scanning the other way round (反扫): the resident scans the gate's poster with his own phone,
 * gives his pass, and shows the guard what comes back. Public, without a session, so it says
 * little, is held to limits per address and per gate, and writes nothing but a passage that a pass
 * allows. The limits' table hangs off this file, behind a lock of its own. */
#ifndef DOMAIN_GATE_REVERSE_H
#define DOMAIN_GATE_REVERSE_H

#include "app/api.h"

int reverse_gate(struct rq *rq, struct err *e); /* GET gate-codes/:code */
int reverse_pass(struct rq *rq, struct err *e); /* POST gate-codes/:code/pass */
int gate_signs(struct rq *rq, struct err *e);   /* GET posts/:id/signs */

/* The same for every open gate of a phone's community, for days without network. */
int gate_device_signs(struct rq *rq, struct tx *tx, struct jw *w, struct err *e);

/* May this one go on? Counts it. Any thread. */
bool reverse_allowed(struct str address, const struct uuid *post, int64_t now_ms);

enum { REVERSE_PER_ADDRESS = 20, REVERSE_PER_GATE = 180 }; /* a minute */

#endif
