/* Operations (行动) in memory: one emergency each, with its zone, dates and dated policy rules. A
 * snapshot (core/snapshots.h); most readers copy what they need. */
#ifndef CORE_OPERATION_H
#define CORE_OPERATION_H

#include "core/snapshots.h"

enum { POLICY_RULES_MAX = 256, POLICY_KEY_MAX = 40 };

struct policy_value {
  char key[POLICY_KEY_MAX];
  int32_t from; /* day it takes effect */
  int64_t value;
};

struct operation {
  int64_t no;
  struct uuid id;
  char code[40], name[120], zone_name[64];
  const struct zone *zone;
  int32_t begins, ends; /* ends: INT32_MAX while open */
  bool open;
  struct policy_value *rules; /* sorted by key, from */
  size_t n_rules;
};

/* All of them, open and closed, for as long as the name is in scope. */
struct operations {
  struct operation *list;
  size_t n;
};
extern const struct snapshot_type operations_snapshot;
#define OPERATIONS(app_, name_)                                                                    \
  _cleanup_(snapshot_unrefp) struct snapshot *name_##_of =                                         \
      snapshot_ref((app_), &operations_snapshot);                                                  \
  const struct operations *name_ = name_##_of->data

/* Policy keys are table rows: key, unit, default, limits, names and source. */
struct policy_key {
  const char *key, *zh, *en, *measure;
  int64_t initial, min, max;
  uint8_t scale;
  const char *zh_source, *en_source;
};
extern const struct policy_key policy_keys[]; /* ends with {NULL} */

/* The rule in force on that day; the key's default where no rule is. Unknown keys abort. */
int64_t policy(struct app *app, int64_t op, const char *key, int32_t day);
/* Copies the operation with that number (0: the only open one). -E_NOT_FOUND, or -E_INVALID where
 * several are open and none was named. */
_must_check_ int operation_get(struct app *app, int64_t no, struct operation *ret_op,
                               struct err *e);
_must_check_ int operation_by_code(struct app *app, struct str code, struct operation *ret_op,
                                   struct err *e);
enum { OPERATIONS_MAX = 256 };
/* The numbers of those that are open, in their order. */
size_t operations_open(struct app *app, int64_t out[OPERATIONS_MAX]);
int32_t operation_today(struct app *app, const struct operation *op);

#endif
