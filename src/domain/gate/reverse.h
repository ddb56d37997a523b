/* Scanning the other way round (反扫): the resident scans the gate's poster with his own phone,
 * gives his pass, and shows the guard what comes back. Public, without a session, so it says
 * little, comes by a code with a narrow viewer and limits (api/link.h), and writes nothing but a
 * passage that a pass allows. */
#ifndef DOMAIN_GATE_REVERSE_H
#define DOMAIN_GATE_REVERSE_H

#include "api/link.h"

int reverse_gate(struct rq *rq, struct jw *w, struct err *e); /* GET gate-codes/:code */
int reverse_pass(struct rq *rq, struct err *e);               /* POST gate-codes/:code/pass */
int gate_signs(struct rq *rq, struct jw *w, struct err *e);   /* GET posts/:id/signs */

/* The same for every open gate of a phone's community, for days without network. */
int gate_device_signs(struct rq *rq, struct tx *tx, struct jw *w, struct err *e);

/* A poster's code: /g/CODE, good until `renew_code` of its post. */
extern const struct link_purpose gate_purpose;
void gate_code_write(struct app *app, const struct uuid *post, int64_t serial, char out[LINK_TEXT]);

#endif
