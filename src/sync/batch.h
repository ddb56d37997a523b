/* What a phone has queued: one item's request made into a change, items that are sealed, and those
 * that are held for a person. Shared by the batch route and the quarantine; everything lies in the
 * arena of its request, and is used by one thread at a time. */
#ifndef SYNC_BATCH_H
#define SYNC_BATCH_H

#include "api/api.h"
#include "auth/sealed.h"
#include <stdatomic.h>

/* What an item asks for. */
struct batch_request {
  struct uuid id; /* its receipt, and the id of what it makes where the body has none */
  struct str method, path;
  json_t *body;      /* an object */
  const json_t *saw; /* {"state","rev"} that a phone saw as it queued an action; or NULL */
};
/* {"method","path","body"} as the quarantine keeps it. */
_must_check_ int batch_request_read(struct arena *a, struct str json, struct batch_request *ret_rq,
                                    struct err *e);
/* Routes and parses it in that viewer's rights. *ret_c is there as far as it came (else NULL), with
 * its problems; `ps` gets those found before there was a change. */
_must_check_ int batch_change(struct app *app, struct arena *a, const struct viewer *v,
                              const struct batch_request *rq, struct change **ret_c,
                              struct problems *ps, struct err *e);

enum held_reason {
  NOT_HELD,
  HELD_DEVICE_REVOKED,
  HELD_AUTHOR_REVOKED,
  HELD_AUTHOR_EXPIRED,
  HELD_AUTHOR_CLOSED,
  HELD_AUTHOR_UNKNOWN,
  HELD_UNREADABLE,
  HELD_CONTENT_CHANGED, /* its id was used before for something else */
  HELD_CONFLICT         /* what it changes has another version or state than it saw */
};

struct item {
  struct uuid id;
  bool has_id;
  int64_t seq;                /* the phone's own number; 0: none */
  const struct viewer *by;    /* in whose rights; NULL where it came not so far */
  struct change *c;           /* NULL where it never came so far */
  struct batch_request asked; /* what c was made of */
  struct cmd cmd;
  bool queued;
  int result;
  struct err err;
  struct problems problems;
  /* Where it is held: */
  enum held_reason held;
  struct uuid account, device; /* nil where unknown */
  int32_t unit;
  struct str what, content;
  int64_t written_ms;
  struct uuid held_id;
  bool kept;  /* the command that holds has been done */
  bool there; /* it had been taken in before its author or device was revoked */
};

/* What the phone says of itself; INT64_MIN: not said. */
struct batch_says {
  int64_t waiting, oldest_waiting_ms, clock_offset_ms;
  char app_version[41]; /* empty: not said */
};
struct author; /* one of the batch, looked up once */
struct batch {
  struct rq *rq;
  size_t n;
  struct item *items;
  struct cmd **events; /* of all items that are to run, when all are events */
  size_t n_events, n_held;
  bool settled;      /* conflicts were looked for */
  int64_t offset_ms; /* the server's clock less the phone's */
  int64_t last_ms;   /* when what the phone sent last happened; 0: it has sent nothing yet */
  struct batch_says says;
  int64_t told_waiting; /* as it said, with what this batch brings */
  struct author *authors;
  struct cmd cmd, hold, seen;
  _Atomic size_t waiting;
};

/* api_batch.c */
_must_check_ int batch_item_run(struct batch *bt, struct item *it, const struct batch_request *rq,
                                struct err *e);
/* batch_sealed.c: opens it, finds out who wrote it, and hands it on or holds it. */
_must_check_ int batch_item_sealed(struct batch *bt, struct item *it, const json_t *j,
                                   struct err *e);
/* batch_held.c: marks what a phone sent and what clashes; true where there is any. A phone has
 * nobody who could mend it, and does not get on while it keeps it. */
bool batch_conflicts(struct batch *bt);
/* What is held already, or was and has been decided on, is that again: not carried out, not held a
 * second time. Sets it->kept. */
_must_check_ int batch_held_before(struct batch *bt, struct err *e);
/* The command that keeps what is held; arg is the batch. */
extern const struct cmd_class batch_hold_cmd;
/* seen.c: the command that notes what the batch says of its phone; arg is the batch. */
extern const struct cmd_class batch_seen_cmd;
extern const struct alarm_type alarm_missing;

#endif
