/* Registered phones at the API: registration, authors' proofs, and what areas give a phone beside
 * its records. All memory is the request's. */
#ifndef SYNC_DEVICES_H
#define SYNC_DEVICES_H

#include "api/api.h"

/* api_devices.c */
int device_register(struct rq *rq, struct err *e);
int device_author_post(struct rq *rq, struct err *e);
int device_author_delete(struct rq *rq, struct err *e);
/* "device", "unit", "box_key", "box_key_id", "now", "now_ms" and every area's section, as members
 * of the object that is open. rq->viewer is the device's. */
_must_check_ int device_facts(struct rq *rq, struct tx *tx, struct jw *w, struct err *e);

#endif
