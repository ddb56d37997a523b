/* The boxes of one return, filled and checked: typed values against their types, what is known
 * from elsewhere, formulas, equations. Lives in the submission's arena. */
#ifndef DOMAIN_DAILY_RETURNS_VALUES_H
#define DOMAIN_DAILY_RETURNS_VALUES_H

#include "domain/daily_returns/returns.h"

struct values {
  const struct return_form *form;
  const struct prefill *before;
  int32_t day;
  json_t *set; /* code → value; belongs to the arena */
  bool headcount_given;
  struct str planned_given; /* the day of opening that was said; p == NULL: none */
};
/* Fills s->result_values; problems land in s->problems under "values.CODE", a broken equation
 * under "checks[i]" with the difference as its limit. -E_NOMEM only. */
_must_check_ int values_fill(struct values *v, struct submission *s, const struct return_form *form,
                             const struct prefill *p, struct err *e);
/* The derived counts of a row (staff_total …) from its values. */
void return_set_counts(struct change *c, const struct values *v);
/* The count under a key of the dictionary ("staff.total"); false where the form has none. */
bool values_by_key(const struct values *v, struct str key, int64_t *ret_n);

#endif
