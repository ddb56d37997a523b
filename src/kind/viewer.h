/* The two interfaces that the engine needs from above: the viewer (who asks, what he may, where)
 * and the sealer (the operation's keys). auth implements both. A viewer is made per request in
 * its arena; a sealer is shared and safe from any thread. */
#ifndef KIND_VIEWER_H
#define KIND_VIEWER_H

#include "base/limits.h"
#include "kind/kind.h"
#include "kind/tree.h"

enum { RIGHT_WORDS = LIMIT_PERMISSIONS / 64 };
struct right_set {
  uint64_t w[RIGHT_WORDS];
};
static inline bool right_has(const struct right_set *s, right_t r) {
  return r >= 0 && r < RIGHT_WORDS * 64 && (s->w[r / 64] >> (r % 64) & 1u);
}
static inline void right_add(struct right_set *s, right_t r) {
  if (r >= 0 && r < RIGHT_WORDS * 64) s->w[r / 64] |= UINT64_C(1) << (r % 64);
}

struct viewer_grant {
  int32_t unit; /* and all below it; 0: everything, also while there are no units yet */
  struct right_set rights;
  const char *role; /* static; NULL where it is none of a table's (a device) */
};

/* Whoever comes by a link or a code, without an account: he may what its purpose says, of its
 * subject and of what refers to it, and sees no list (auth/auth.h). */
struct viewer_link {
  const char *purpose;
  const struct kind *kind;
  struct uuid subject;
  const char *by_code; /* kinds that code may change for the holder, too */
};

struct viewer {
  struct uuid user;      /* nil: the system account */
  struct uuid responder; /* the person behind the account, nil where none */
  struct uuid device;
  struct str login;
  int64_t op;    /* number of the operation the request is about; 0: none, or several */
  bool over;     /* it is closed: it is only read */
  int32_t today; /* civil day in the operation's zone */
  int64_t now_ms;
  const struct zone *zone;
  struct unit_tree *tree; /* borrowed for the request */
  bool system;            /* may everything; audited as the system account */
  bool zh;
  const struct viewer_link *link; /* NULL: an account, a device or the system */
  const struct viewer_grant *grants;
  size_t n_grants;
};

/* Of a row g of role_grant: somebody who can sign in holds it on that day and in that operation.
 * The day (text) stands twice, then the operation's number: "$1", or "$%zu" to be filled in. */
#define GRANT_IN_FORCE(day, op)                                                                    \
  "g.retired = 0 AND (g.valid_from IS NULL OR g.valid_from <= " day ") AND (g.valid_to IS NULL "   \
  "OR g.valid_to >= " day ") AND (g.operation IS NULL OR g.operation IN (SELECT o.id FROM "        \
  "operation o WHERE o.no = " op ")) AND EXISTS (SELECT 1 FROM account a WHERE a.id = g.account "  \
  "AND a.state = 'active' AND a.retired = 0)"

/* Is there an operation into which such a record may be written? */
struct kind;
bool viewer_writes(const struct viewer *v, const struct kind *k);
/* Has he this right at that unit (a grant on it or an ancestor)? unit 0: anywhere at all. */
bool viewer_may(const struct viewer *v, right_t r, int32_t unit);
/* The roots of the branches where he has the right, without doubles or nested ones. Returns how
 * many; SCOPE_ALL when a root unit (or the system) is among them. */
enum { SCOPE_ALL = -1 };
int viewer_scope(const struct viewer *v, right_t r, int32_t *out, size_t max);

struct sealer;
struct sealer_ops {
  /* Encrypts under the operation's data key, bound to (op, kind, id, field). */
  int (*seal)(struct sealer *s, int64_t op, uint16_t kind, const struct uuid *id, uint16_t field,
              struct str plain, struct arena *a, struct str *ret_blob, struct err *e);
  /* E_GONE when the key is destroyed, E_BUG when the blob does not belong there. */
  int (*unseal)(struct sealer *s, int64_t op, uint16_t kind, const struct uuid *id, uint16_t field,
                struct str blob, struct arena *a, struct str *ret_plain, struct err *e);
  /* 16 bytes, the same for the same text under one operation: exact look-up without plain text. */
  int (*blind)(struct sealer *s, int64_t op, uint16_t kind, uint16_t field, struct str plain,
               uint8_t out[16], struct err *e);
  /* Keyed digest of a command's plain content, for receipts. */
  void (*digest)(struct sealer *s, struct str content, uint8_t out[16]);
};
struct sealer {
  const struct sealer_ops *ops;
};

#endif
