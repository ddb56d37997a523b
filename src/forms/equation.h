/* Equations between the boxes of a return: sums of codes on both sides, compared. Text such as
 * "hubei_away + hubei_back" or "yesterday.total + returned_today". Parsed into terms that borrow
 * the text; nothing is allocated. Safe from any thread. */
#ifndef FORMS_EQUATION_H
#define FORMS_EQUATION_H

#include "base/str.h"

enum { EQUATION_TERMS = 12 };

struct equation_term {
  int sign;         /* +1 or -1 */
  bool yesterday;   /* of the last return before the day */
  struct str code;  /* empty: the constant */
  int64_t constant; /* 0 .. 1,000,000,000 */
};
struct equation_side {
  size_t n;
  struct equation_term terms[EQUATION_TERMS];
};

/* 0, or -E_INVALID where the text is no sum of codes (small letters, digits, '_') and numbers. */
_must_check_ int equation_parse(struct str text, struct equation_side *ret_side);

/* The value of a code; false where it is not known (not filled in, no day before). */
typedef bool (*equation_lookup)(void *arg, struct str code, bool yesterday, int64_t *ret_v);
/* False where some value is not known: such an equation says nothing. Values stay within ±10^18. */
bool equation_sum(const struct equation_side *side, equation_lookup look, void *arg,
                  int64_t *ret_v);

#endif
