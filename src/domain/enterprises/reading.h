/* Returns that came by chat or as a sheet, read row by row: which enterprise is meant, which values
 * it reports, what is unclear. A reading only shows: nothing is kept until rows of it are taken
 * (taking.h). All of it lies in the arena of the reading, on one thread. */
#ifndef DOMAIN_ENTERPRISES_READING_H
#define DOMAIN_ENTERPRISES_READING_H

#include "domain/enterprises/names.h"
#include "domain/enterprises/relay.h"
#include "domain/enterprises/returns.h"

enum { READING_ROWS = 2000, READING_PIECES = RELAY_PIECES };

/* What is to be done with a row; the earlier ones hide the later ones. */
enum row_status {
  ROW_NOTHING,  /* neither an enterprise nor a figure */
  ROW_UNKNOWN,  /* nobody on the register of that name */
  ROW_SEVERAL,  /* more than one */
  ROW_REPEATED, /* a later row of the same enterprise holds */
  ROW_TAKEN,    /* exactly this was taken before */
  ROW_SAME,     /* says what stands there already */
  ROW_WRONG,    /* its problems say why */
  ROW_CHECK,    /* may be taken, but somebody should look: inferred, unclear, a change */
  ROW_READY,
  ROW_STATUSES_
};
extern const char *const row_status_words[ROW_STATUSES_];

struct reading_row {
  int64_t n;      /* from 1, in order */
  int64_t number; /* the sender's own, or the sheet's row */
  struct str text, name;
  struct name_matches matches;
  const struct named *enterprise; /* the one that is meant */
  json_t *values;                 /* code → value */
  bool nil, no_change, ditto, correction;
  struct str note;
  struct str unclear[READING_PIECES], rest[READING_PIECES], inferred[TEMPLATE_FIELDS_MAX];
  size_t n_unclear, n_rest, n_inferred;
  struct problems cells; /* of a sheet: by column; a == NULL for none */
  /* By reading_check. */
  enum row_status status;
  bool looked; /* by a person: what is unclear is settled, and a change is meant */
  bool again;  /* taken before, and meant once more */
  int64_t repeated_by;
  struct uuid version; /* what it would be kept as, or was */
  struct str stands;   /* values that stand now; p == NULL: none */
  struct submission sub;
};
/* A sheet's totals row, beside what the rows above it come to. */
struct reading_total {
  int64_t row;
  struct str label, column;
  int64_t says, sum;
};
struct reading {
  struct app *app;
  struct arena *a;
  const struct viewer *viewer;
  const struct return_form *form;
  struct template_set *set; /* keeps the form */
  int32_t day;
  struct name_index names;
  struct reading_row *rows;
  size_t n, n_heading;
  bool cut;
  struct str titles[TEMPLATE_FIELDS_MAX]; /* of a sheet: the column of each item */
  struct reading_total *totals;
  size_t n_totals;
  struct problems problems; /* of the whole: columns */
};

/* The forms in force that day where the viewer may take returns, one of each code. */
size_t reading_forms(const struct template_set *set, const struct viewer *v, int32_t day,
                     const struct return_form **out, size_t max);
/* Chooses the form and loads the names. -E_INVALID with r->problems ("template", "day"). */
_must_check_ int reading_begin(struct app *app, struct arena *a, const struct viewer *v,
                               struct str template_code, int32_t day, struct reading *ret,
                               struct err *e);
static inline void reading_endp(struct reading *r) {
  template_set_unref(r->set);
}
_must_check_ int reading_relay(struct reading *r, struct str text, struct err *e);
/* -E_INVALID with r->problems where no header is found or the file cannot be read. */
_must_check_ int reading_sheet(struct reading *r, struct str bytes, struct err *e);
/* Judges every row: a look at what submitting it would say. Keeps nothing. */
_must_check_ int reading_check(struct reading *r, struct err *e);
/* The members of an object: "day", "template", "fields", "counts", "rows", "totals" … */
void reading_write_members(struct jw *w, struct reading *r);

/* Shared: boxes by the words under which people write them. */
size_t reading_boxes(struct reading *r, struct relay_box *boxes, size_t *items, size_t max);
/* As much of a text as a table shows, in whole characters. */
struct str reading_shown(struct reading *r, struct str text, size_t most);
/* "12", "12人", "十二": a count as people write it. */
bool reading_count(struct str text, int64_t *ret_n);
/* What the row would be submitted as; sub->id is that of its content. */
void reading_submission(const struct reading *r, struct reading_row *row, struct submission *sub);
/* Taken back ones do not count: the id of the first that was not. */
_must_check_ int reading_version(struct tx *tx, struct reading *r, struct reading_row *row,
                                 bool *ret_taken, struct err *e);

#endif
