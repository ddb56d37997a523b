/* Export of any kind as XLSX or CSV: only what the reader may see, as he may see it (masked in the
 * one emitter), with a reason that is audited before the first row and printed on the copy. The
 * caller owns the buffer. Blocks: never on an HTTP or writer thread. */
#ifndef SHEETS_EXPORT_H
#define SHEETS_EXPORT_H

#include "core/app.h"
#include "output/xlsx_write.h"

struct export_options {
  const struct viewer *viewer;
  const struct kind *kind;
  struct list_query query;
  struct str reason;
  bool csv;
  const int *columns; /* of export_column, in their order; none: every field, the state, the id */
  size_t n_columns;
};
enum { EXPORT_NONE = -1, EXPORT_STATE = -2, EXPORT_ID = -3 };
/* The record's id, by which an import finds it again: what the column is called. */
#define EXPORT_ID_ZH "记录编号"
#define EXPORT_ID_EN "Record ID"
/* A column by the name of its field, "state" or "id"; EXPORT_NONE where an export has no such
 * column. */
int export_column(const struct kind *k, struct str name);
/* How a field stands in a sheet; `filled_in`: in one that people fill in. */
enum xlsx_type sheet_cell_type(const struct field *f, bool filled_in);
/* -E_FORBIDDEN, -E_INVALID (no reason), -E_TOO_LARGE. */
_must_check_ int export_run(struct app *app, const struct export_options *o, struct arena *a,
                            struct buf *out, struct err *e);

#endif
