/* The routes of the gate, those of passes themselves, and what they share: which passes or
 * households somebody means by naming a compound, a building or a household. Handlers run on HTTP
 * threads, long ones on a thread of their own; everything lies in the request's arena. */
#ifndef DOMAIN_GATE_PASS_API_H
#define DOMAIN_GATE_PASS_API_H

#include "api/api.h"
#include "domain/gate/passes.h"

enum pass_target_kind { TARGET_COMPOUND, TARGET_BUILDING, TARGET_HOUSEHOLD, TARGET_IDS };
struct pass_target {
  enum pass_target_kind kind;
  struct uuid id;
  int32_t unit;
  struct uuid *ids; /* TARGET_IDS */
  size_t n_ids;
};
/* From the body; with `ids` a list of passes is taken too. Says the problems; asks `right` at the
 * unit concerned: -E_NOT_FOUND outside his branch. */
_must_check_ int pass_target(struct rq *rq, struct tx *tx, const char *right, bool ids,
                             struct pass_target *ret, struct err *e);

int pass_cards(struct rq *rq, struct jw *w, struct err *e);  /* POST passes/cards */
int gate_poster(struct rq *rq, struct jw *w, struct err *e); /* POST posts/:id/poster */

extern const struct route gate_routes[]; /* ends with {0} */

#endif
