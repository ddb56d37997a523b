/* The audit: one row per change and per reading of unmasked data, besides logins, exports, grants
 * and refusals. Rows are collected during a transaction (struct tx_part) and written once before
 * its commit, chained by BLAKE2b-256, one chain per lane; the database refuses to change or delete
 * them. Heads are anchored in a file beside the key file, so that a cut tail is found as well.
 *
 * No row holds a personal value: ids, numbers and names of fields only, and the reason that a
 * reader gave. `struct audit` belongs to struct auth; audit_add only inside a transaction. */
#ifndef AUTH_AUDIT_H
#define AUTH_AUDIT_H

#include "kind/engine.h"

struct audit;
struct keys;
_must_check_ int audit_create(struct clock *clock, struct keys *keys, struct audit **ret_audit,
                              struct err *e);
struct audit *audit_free(struct audit *au);
/* For writer_options.parts[PART_AUDIT] and registry.observers. */
const struct tx_part *audit_part(struct audit *au);

struct audit_entry {
  int64_t at_ms; /* 0: now */
  struct uuid actor;
  int64_t op;
  const char *action;      /* static: "create", "login", "login_failed", "export" … */
  const struct kind *kind; /* NULL where none */
  struct uuid id;
  int32_t unit;
  struct str detail; /* a JSON object, copied; empty where none */
};
/* Adds a row to this transaction; it goes with the command where that is undone. */
_must_check_ int audit_add(struct tx *tx, const struct audit_entry *en, struct err *e);
/* The same with who, when and which operation taken from the viewer. */
_must_check_ int audit_by(struct tx *tx, const struct viewer *v, const char *action,
                          const struct kind *kind, const struct uuid *id, int32_t unit,
                          struct str detail, struct err *e);
int audit_changed(struct tx *tx, const struct change *c, const struct record *old,
                  const struct record *rec, void *arg, struct err *e);
int audit_revealed(struct tx *tx, const struct viewer *v, const struct record *rec,
                   struct str fields, struct str reason, void *arg, struct err *e);

/* ---- verify ---- */

enum audit_finding { AUDIT_SOUND, AUDIT_ALTERED, AUDIT_MISSING, AUDIT_TAIL_CUT };
struct audit_verdict {
  int64_t rows, lanes, anchors;
  enum audit_finding finding;
  int64_t lane, no; /* of the first broken row */
};
/* Recomputes every chain and compares the anchored heads. 0 with the verdict, or -code where it
 * could not be read. */
_must_check_ int audit_verify(struct audit *au, struct store *s, struct audit_verdict *ret_verdict,
                              struct err *e);
/* Writes the heads of all lanes to the anchor file and the log; a job calls it each minute, and
 * audit_free at the end where a store was ever seen. */
_must_check_ int audit_anchor(struct audit *au, struct store *s, struct err *e);
/* After a deliberate restore of an older state: the former anchors beside this key file are set
 * aside. */
_must_check_ int audit_anchors_reset(const char *keys_file, struct err *e);

/* ---- reading ---- */

struct audit_query {
  struct uuid actor, id; /* nil: any */
  struct str action;
  const struct kind *kind;
  int32_t unit;           /* this branch; 0: the viewer's own scope */
  int64_t from_ms, to_ms; /* [from, to); 0: open */
  struct str after;
  int limit;
};
/* Newest first, {"items":[…],"next":…}, within the branches where the viewer has audit.read. */
_must_check_ int audit_list(struct tx *tx, struct arena *a, const struct viewer *v,
                            const struct audit_query *q, struct jw *w, struct err *e);

#endif
