/* Export of any kind as XLSX or CSV: only what the reader may see, as he may see it (masked in the
 * one emitter), with a reason that is audited before the first row and printed on the copy. The
 * caller owns the buffer. Blocks: never on an HTTP or writer thread. */
#ifndef APP_EXPORT_H
#define APP_EXPORT_H

#include "app/app.h"

struct export_options {
  const struct viewer *viewer;
  const struct kind *kind;
  struct list_query query;
  struct str reason;
  bool csv;
  const int *columns; /* of export_column, in their order; none: every field, and the state */
  size_t n_columns;
};
enum { EXPORT_NONE = -1, EXPORT_STATE = -2 };
/* A column by the name of its field, or "state"; EXPORT_NONE where an export has no such column. */
int export_column(const struct kind *k, struct str name);
/* -E_FORBIDDEN, -E_INVALID (no reason), -E_TOO_LARGE. */
_must_check_ int export_run(struct app *app, const struct export_options *o, struct arena *a,
                            struct buf *out, struct err *e);

#endif
