/* What the writing (audit.c), the checking (audit_verify.c) and the reading (audit_list.c) of the
 * audit share. Private to auth. Positions are one number: the lane above AUDIT_LANE_SHIFT, the
 * row's number in its lane below, so that the table is one tree that only grows at its end. */
#ifndef AUTH_AUDIT_IMPL_H
#define AUTH_AUDIT_IMPL_H

#include "auth/audit.h"
#include "auth/keys.h"
#include <pthread.h>
#include <sodium.h>

enum { AUDIT_CHAIN = 32, AUDIT_COLUMNS = 10, AUDIT_LANE_SHIFT = 44, AUDIT_LANES = 256 };

struct audit_head {
  int64_t no; /* 0: nothing written yet */
  uint8_t chain[AUDIT_CHAIN];
};

struct audit {
  struct clock *clock;
  struct keys *keys;
  struct tx_part part;
  pthread_mutex_t anchoring; /* one anchor at a time */
};

/* A row as it is hashed and read. */
struct audit_view {
  int64_t pos, at_ms, op, kind, unit;
  struct uuid actor, id;
  struct str action, detail;
};
void audit_hash(struct buf *canon, const struct audit_view *v, const uint8_t before[AUDIT_CHAIN],
                uint8_t out[AUDIT_CHAIN]);
_must_check_ int audit_read_head(struct tx *tx, size_t lane, struct audit_head *ret_head,
                                 struct err *e);

#endif
