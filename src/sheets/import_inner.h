/* What the files of the import share: the run, its columns and its rows. A run and its rows belong
 * to the import's thread; a row's command reads the run on the writer's thread while that thread
 * waits. */
#ifndef SHEETS_IMPORT_INNER_H
#define SHEETS_IMPORT_INNER_H

#include "sheets/import.h"
#include "output/sheet_down.h"
#include "output/sheet_header.h"
#include <semaphore.h>

enum { IMPORT_FLIGHT = 64, IMPORT_ROWS = 50000, IMPORT_ALIVE_MS = 60 * 1000 };

enum {
  IMPORT_KIND,
  IMPORT_UNIT,
  IMPORT_FILE,
  IMPORT_RUN_ROWS,
  IMPORT_CREATED,
  IMPORT_UPDATED,
  IMPORT_UNCHANGED,
  IMPORT_BAD,
  IMPORT_FIELDS_
};

/* Found by key: rows of the file (`n` is the row), or records (`id`). */
struct import_slot {
  uint64_t hash;
  int64_t n;
  struct uuid id;
};
struct import_keys {
  struct import_slot *slots; /* NULL until used */
  size_t n, cap;             /* a power of two */
};

struct import_run_state {
  const struct import_options *o;
  const struct import_plan *plan; /* NULL where the kind has none */
  struct arena *a;                /* of the result */
  struct import_result *res;
  int key;                 /* field by which a row is found again; -1: always new, or the plan's */
  struct import_keys file; /* keys that the file brings, for a dry run */
  struct import_keys seen; /* keys of the rows read so far, with their rows */
  struct import_keys known;
  struct import_keys named; /* what cells refer to, by kind and name */
  int64_t at_ms;
  int64_t alive_ms; /* when its record was last told that somebody is at it */
  uint32_t header_row;
  struct sheet_down *downs; /* by column: what is merged over rows, where it names a place */
  struct str last_unit;     /* the cell that was looked up last, and what it was */
  int32_t last_unit_no;
};

/* A change of an import's own record, by the program. */
struct change *import_run_change(struct app *app, const struct viewer *v, struct arena *a,
                                 enum change_verb verb);

struct import_pending {
  const struct kind *kind;
  uint64_t hash;
  struct uuid id;
  int64_t rev;
  bool made;
};

struct run_row {
  struct import_row r; /* first: the hooks' view of it */
  struct cmd cmd;
  struct import_run_state *rn;
  struct change *c;      /* made inside the transaction */
  struct problems cells; /* r.problems as the cells left them: a second run starts from there */
  struct import_pending pending[IMPORT_EXTRAS * 2];
  size_t n_pending;
  struct record *about; /* that the row names by its id; NULL: it names none */
  bool *same;           /* by column: it says what stands there, as an export writes it */
  bool *masked;         /* by field: the cell holds what a mask left, which is no value */
  bool bad_cells, created, unchanged;
  sem_t *done;
};

const struct import_plan *import_plan_of(const struct kind *k);
right_t import_right(const struct kind *k);
bool import_word(const char *words, const char *word);
/* May this field be a column of the kind's sheet? */
bool import_takes(const struct kind *k, const struct import_plan *plan, size_t field);

/* Finds the header and leaves the reader behind it. */
_must_check_ int import_find_header(struct import_run_state *rn, struct sheet_reader *sheet,
                                    bool *ret_found, struct err *e);
/* The text that a unit's type understands, a code, for what stands in a cell; p == NULL, with a
 * problem, where the name is borne by several. */
struct str import_unit_text(struct run_row *r, struct str text, struct str column);
/* The id, as text, of the record that a cell names; p == NULL, with a problem, where it names none
 * or several. */
struct str import_ref_text(struct run_row *r, const struct field *f, struct str text);
void import_check_columns(struct import_run_state *rn, uint32_t row);
_must_check_ int import_take_cells(struct run_row *r, const struct sheet_row *row, struct err *e);
/* Problems of a row, with the column that each is about. */
void import_place_problems(struct run_row *r, const struct problems *from);

/* The template's example row, left in the file: its first cell begins with this word. */
#define IMPORT_EXAMPLE "示例："
bool import_is_example(const struct sheet_row *row);

uint64_t import_hash(struct str key);
struct import_slot *import_slot(const struct import_keys *k, uint64_t hash);
/* -E_NOMEM. An existing key keeps what it had. */
_must_check_ int import_key_add(struct arena *a, struct import_keys *k, uint64_t hash, int64_t n,
                                const struct uuid *id, struct err *e);

#endif
