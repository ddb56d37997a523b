/* What is known of a return before anybody types: the day before, the staff lines, the enterprise's
 * file, and the facts that no form asks again. Everything lies in the caller's arena; any thread.
 */
#ifndef DOMAIN_DAILY_RETURNS_PREFILL_H
#define DOMAIN_DAILY_RETURNS_PREFILL_H

#include "domain/daily_returns/daily_return.h"

/* Facts that the register and the staff lines know: facts.c. */
extern const struct known_fact return_facts[];
/* Head-count and planned opening may be said in a return, and the file follows; what else stands in
 * the file is changed there. */
bool item_said_in_return(const struct template_item *item);

/* The boxes as they would be filled for the day: from the day before, the staff lines, the file. */
struct prefill {
  struct record *enterprise;
  struct record *row;   /* NULL: not due yet */
  json_t *yesterday;    /* values of the last return before the day; NULL where none */
  int32_t yesterday_on; /* its day */
  int64_t staff[8];     /* enum staff_count */
  bool has_lines;
};
enum staff_count {
  STAFF_LINES,
  STAFF_AWAY,
  STAFF_HUBEI,
  STAFF_HUBEI_AWAY,
  STAFF_RETURNED_TODAY,
  STAFF_ISOLATING,
  STAFF_AT_WORK,
  STAFF_COUNTS_
};
_must_check_ int prefill_read(struct tx *tx, struct registry *en, struct arena *a,
                              const struct viewer *v, const struct uuid *enterprise,
                              const struct return_form *form, int32_t day, struct prefill *ret,
                              struct err *e);
/* The value that a box starts with; NULL where it starts empty. A new reference in no arena: the
 * caller hands it to a tree that belongs to one. */
json_t *prefill_value(const struct prefill *p, const struct template_item *item);

#endif
