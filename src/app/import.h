/* Import of spreadsheets into any kind: columns are found by name, label or the headers that a
 * field's row lists; each row becomes a change (created, or updated by the kind's key), with its
 * problems by row and column. A dry run does everything and is undone at once; a run keeps what it
 * did by row, so that it can be undone as a whole. An import is for one thread; it owns its arena. */
#ifndef APP_IMPORT_H
#define APP_IMPORT_H

#include "app/app.h"

extern const struct kind import_kind; /* the list of imports; rows are in table import_row */
extern const struct table_def import_tables[2];

struct import_options {
  struct app *app;
  const struct viewer *viewer; /* by login and name; not borrowed beyond the call */
  const struct kind *kind;
  struct str bytes;    /* the file, borrowed */
  struct str filename; /* for the list only */
  bool dry;
  bool skip_bad; /* else nothing is imported when any row has a problem */
};

struct import_column {
  struct str header;
  int field; /* -1: not known, left out */
};

struct import_result {
  struct uuid id; /* of the import; nil for a dry run */
  int64_t rows, created, updated, unchanged, bad;
  bool done; /* something was written */
  struct import_column *columns;
  size_t n_columns;
  const char *encoding;
  struct problems problems; /* by row and column */
};

/* Reads, checks and (unless dry) writes. Everything in *ret lies in the arena. -E_INVALID with
 * ret->problems where the file as a whole cannot be used or, without skip_bad, any row is bad:
 * then nothing was written. Blocks: never on an HTTP or writer thread. */
_must_check_ int import_run(const struct import_options *o, struct arena *a,
                            struct import_result *ret, struct err *e);
/* Takes back an import: what it created is retired, where nobody has changed it since;
 * *ret_left counts what was left because somebody had, and what it had updated. */
_must_check_ int import_undo(struct app *app, const struct viewer *v, struct arena *a,
                             const struct uuid *id, int64_t *ret_undone, int64_t *ret_left,
                             struct err *e);
void import_result_write(struct jw *w, const struct import_result *r);

#endif
