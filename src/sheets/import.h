/* Import of spreadsheets into any kind: columns are found by name, label or the headers that a
 * field's row lists; each row becomes a change (created, or updated by the kind's key), with its
 * problems by row and column. An area may add a plan to one of its kinds: columns that are no
 * fields, and a hook that finds or makes what a record hangs on. A dry run does everything and is
 * undone at once; a run keeps what it did by row, so that it can be taken back as a whole. An
 * import is for one thread; it owns its arena. Plans are static. */
#ifndef SHEETS_IMPORT_H
#define SHEETS_IMPORT_H

#include "core/app.h"

extern const struct kind import_kind; /* the list of imports; rows are in table import_row */
extern const struct table_def import_tables[2];

/* ---- plans ---- */

/* A column that is no field of the kind: the name of what its records hang on. */
struct import_extra {
  const char *name; /* in the result and in problems, as a field's */
  const char *zh, *en;
  const char *headers; /* further ones, "楼号|楼栋" */
  int64_t max;         /* characters; 0: a text field's own */
  const char *example; /* in the template's example row */
  const char *zh_help, *en_help;
  bool unit; /* a unit: by code or by a name that only one unit of the importer's has */
};

struct import_row;
struct import_undoing {
  struct app *app;
  const struct viewer *viewer;
  struct arena *a;
  struct uuid id;
  int64_t rev, at_ms;
};
struct import_plan {
  const struct kind *kind;
  const struct import_extra *extra; /* ends with {0}; at most IMPORT_EXTRAS */
  const char *required; /* "compound building|place": columns by name, `|` where either will do */
  const char *filled;   /* "household": fields that `place` gives, which are therefore no columns */
  const char *optional; /* "unit": required fields whose column may be absent: `place` may know */
  const char *left_out; /* and columns that are read but do not stand in the template */
  const char *const *examples; /* pairs of a column's name and its example, ends with NULL */
  /* What people write for a value, before it is read: "是" for "在住". May be NULL. */
  struct str (*cell)(const struct field *f, struct str text);
  /* What stands once in a file, from the cells alone; p == NULL where the row has none. */
  struct str (*key)(const struct import_row *r, const char **ret_column);
  /* Inside the transaction: gives the filled fields, and the record that the row is about where
   * there is one. Problems go to r->problems. May run more than once. */
  int (*place)(struct tx *tx, struct import_row *r, struct record **ret_existing, struct err *e);
  /* For what is made otherwise than by rows of this machinery (import_begin): by which right it is
   * taken back (NULL: the kind's import), and how one record is: -E_CONFLICT where somebody has
   * changed it since. */
  const char *right;
  int (*undo)(struct tx *tx, const struct import_undoing *u, struct err *e);
};

enum { IMPORT_EXTRAS = 8 };
struct import_row {
  struct app *app;
  const struct viewer *viewer;
  struct arena *a; /* of a few rows */
  const struct import_plan *plan;
  int64_t number, at_ms;
  struct val *values; /* by field; meaning only where given */
  bool *given;
  struct str extra[IMPORT_EXTRAS]; /* by place in plan->extra; p == NULL where empty */
  int32_t unit;                    /* of the extra column that is one; 0 where empty */
  struct problems problems;        /* of the cells, and of `place` */
};

/* What this run found or made under a key of the hook's choosing, so that it is not looked up for
 * every row; and noting that it was found. */
bool import_known(const struct import_row *r, const struct kind *k, struct str key,
                  struct uuid *ret_id);
void import_know(struct import_row *r, const struct kind *k, struct str key, const struct uuid *id);
/* A further record that this row needs (a create, with the fields set): with the importer's own
 * rights, counted, and taken back with the import. Its problems are said of `column`. */
_must_check_ int import_make(struct tx *tx, struct import_row *r, struct change *c,
                             const char *column, struct str key, struct err *e);
/* A change of the row's own making, for import_make. */
struct change *import_change(struct import_row *r, const struct kind *k);
void import_set(struct import_row *r, int field, struct val v);

/* ---- a run ---- */

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
  const struct field *field;        /* of the kind, or NULL */
  const struct import_extra *extra; /* of the plan, or NULL */
  const struct field *shows;        /* whose value an export writes under this header, or NULL */
  bool id; /* of the record that the row is about; a column that is nothing of all is left out */
};

struct import_made {
  const struct kind *kind;
  int64_t n;
};

struct import_result {
  struct uuid id; /* of the import; nil for a dry run */
  const struct kind *kind;
  int64_t rows, created, updated, unchanged, bad;
  bool done; /* something was written */
  struct import_column *columns;
  size_t n_columns;
  struct import_made made[IMPORT_EXTRAS]; /* further records */
  size_t n_made;
  const char *encoding;
  struct problems problems; /* by row and column */
};

/* Reads, checks and (unless dry) writes. Everything in *ret lies in the arena. -E_INVALID with
 * ret->problems where the file as a whole cannot be used or, without skip_bad, any row is bad:
 * then nothing was written. Blocks: never on an HTTP or writer thread. */
_must_check_ int import_run(const struct import_options *o, struct arena *a,
                            struct import_result *ret, struct err *e);
void import_result_write(struct jw *w, const struct import_result *r);

/* ---- a run of another making ---- */

/* The job that finds imports whose process is gone. */
struct job_run;
_must_check_ int imports_lost(struct job_run *run, struct err *e);

/* What an area takes in bulk by itself is kept as an import too, so that it stands in the list and
 * can be taken back. Each record is traced in its own transaction. */
struct import_counts {
  int64_t rows, created, updated, unchanged, bad;
};
_must_check_ int import_begin(struct app *app, const struct viewer *v, struct arena *a,
                              const struct kind *k, struct str filename, struct uuid *ret_id,
                              struct err *e);
_must_check_ int import_traced(struct tx *tx, const struct uuid *import, int64_t row,
                               const struct kind *k, const struct uuid *id, int64_t rev,
                               struct err *e);
/* Not `whole`: it was broken off, some rows stand and the rest does not. */
_must_check_ int import_end(struct app *app, const struct viewer *v, struct arena *a,
                            const struct uuid *id, const struct import_counts *n, bool whole,
                            struct err *e);

/* ---- taking back ---- */

enum import_left_why { LEFT_CHANGED, LEFT_IN_USE, LEFT_RULE, LEFT_KEY_GONE, LEFT_WHYS_ };
struct import_left {
  const struct kind *kind;
  struct uuid id;
  int64_t row;
  struct str title;
  enum import_left_why why;
};
enum { IMPORT_LEFT_SHOWN = 200 };
struct import_undone {
  int64_t retired;  /* had been created */
  int64_t restored; /* had been updated: the old values are back */
  int64_t left;
  struct import_left *which; /* the first IMPORT_LEFT_SHOWN of those left */
  size_t n_which;
};
/* Takes back an import, last row first: what it created is retired, what it updated gets its old
 * values again, each where nobody has changed it since; what is left is said one by one. Blocks. */
_must_check_ int import_undo(struct app *app, const struct viewer *v, struct arena *a,
                             const struct uuid *id, struct import_undone *ret, struct err *e);
void import_undone_write(struct jw *w, const struct import_undone *u);

/* An empty workbook with the headers that an import of the kind takes and one row as an example,
 * appended to `out`. */
_must_check_ int import_template(const struct kind *k, const struct viewer *v, struct arena *a,
                                 struct buf *out, struct err *e);

#endif
