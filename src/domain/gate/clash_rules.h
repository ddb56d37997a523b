/* What is a clash, as pure rules over passages in the order in which they happened: no database,
 * so that they can be held against a naive model. Passages are those that were admitted and not
 * taken back; text and lists belong to the caller's arena. */
#ifndef DOMAIN_GATE_CLASH_RULES_H
#define DOMAIN_GATE_CLASH_RULES_H

#include "base/arena.h"
#include "base/id.h"
#include "base/timeutil.h"

/* One passage with a pass. */
struct passage {
  struct uuid id, pass, household, post, device; /* nil where none */
  int64_t op, at_ms;
  int32_t unit, day;
  bool out, of_household; /* of_household: the pass is a household's */
};
/* In the order of happening; ids settle what fell on the same millisecond. */

struct clash_policy {
  int64_t same_pass_minutes; /* on the day of the second passage */
  int64_t household_days;    /* 0: no limit */
};

/* b follows a, of the same pass, with nothing between them. */
bool clash_double_use(const struct passage *a, const struct passage *b,
                      const struct clash_policy *p);
/* b follows a, both exits by household passes of the same household, with no other between them. */
bool clash_second_exit(const struct passage *a, const struct passage *b,
                       const struct clash_policy *p);

/* When a pass was not valid: half-open spells, the last one open at INT64_MAX. */
struct void_spell {
  int64_t from_ms, to_ms;
};
bool clash_void_at(const struct void_spell *spells, size_t n, int64_t at_ms);

/* "double_use:ID:ID": the same whichever side arrives last. b may be NULL. */
struct str clash_cause(struct arena *a, const char *type, const struct uuid *first,
                       const struct uuid *second);

#endif
