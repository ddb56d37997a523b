/* What a list's statement (list.c) and its order (list_order.c) share. Everything lives in the
 * request's arena. */
#ifndef KIND_LIST_INNER_H
#define KIND_LIST_INNER_H

#include "kind/inner.h"

enum { LIMIT_ROOTS = 64 };

/* Where a viewer has a right. */
struct scope {
  bool all;
  int n;
  int32_t roots[LIMIT_ROOTS];
};
void scope_of(const struct viewer *v, right_t r, struct scope *out);

struct order {
  const char *column; /* NULL: by id alone */
  int field;          /* of the column; ORDER_SEQ */
  enum val_type type;
  bool nulls, descending;
  bool indexed; /* read from an index in this order, given the filters */
};
enum { ORDER_SEQ = -1 };
_must_check_ int order_of(const struct viewer *v, const struct kind *k, const struct list_query *lq,
                          const struct scope *read, struct order *o, struct err *e);

/* Where the page before ended. */
struct place {
  struct val v;
  struct uuid id;
};
struct str cursor_make(struct arena *a, const struct kind *k, const struct order *o,
                       const struct record *r);
_must_check_ int cursor_read(struct arena *a, const struct kind *k, const struct order *o,
                             struct str text, struct place *ret_at, struct err *e);

/* The statement of a page's rows with a value in the order's column, or of those without one, which
 * come last: each is read from an index, both together by neither engine. */
struct list_statement {
  struct str text;
  struct val *p;
  size_t n;
};
_must_check_ int list_statement(struct arena *a, enum engine engine, struct registry *en,
                                const struct viewer *v, const struct kind *k,
                                const struct list_query *lq, bool nulls, size_t limit,
                                struct list_statement *ret, struct err *e);

#endif
