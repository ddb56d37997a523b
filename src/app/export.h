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
};
/* -E_FORBIDDEN, -E_INVALID (no reason), -E_TOO_LARGE. */
_must_check_ int export_run(struct app *app, const struct export_options *o, struct arena *a,
                            struct buf *out, struct err *e);

#endif
