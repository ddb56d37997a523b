/* Counting rows as they are read at start: what counts.c adds by, and counts_list.c finds the
 * records by. Only these two include this. As constant as the tables; any thread. */
#ifndef KIND_COUNTS_INNER_H
#define KIND_COUNTS_INNER_H

#include "kind/inner.h"

enum { TERMS = 4, TERM_VALUES = 8, GROUP_FIELDS = 3, OF_STATE = -1, ABSENT = -2 };

/* One part of a condition: the field (or the state) is among the values, or is not. Without values:
 * it is filled; `not`: it is empty. What asks not to be among values wants it filled, too. */
struct count_term {
  int field;
  bool not, number;
  struct str text[TERM_VALUES];
  int64_t n[TERM_VALUES];
  size_t n_values;
};
struct plan {
  const struct count *row;
  int unit, from, until, value, member, undo, at, hour, group[GROUP_FIELDS];
  struct count_term terms[TERMS];
  size_t n_terms;
};
/* All rows of a kind, one after the other. */
const struct plan *plans_of(const struct kind *k, size_t *ret_n);

#endif
