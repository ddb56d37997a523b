/* What came by chat or as a sheet, read row by row under a form: whom each is about, which values
 * it reports, what is unclear. A reading only shows: nothing is kept until rows of it are taken by
 * a person (taking.h). What a row means to an area, and how it is kept, is a row of that area
 * (struct intake). All of it lies in the arena of the reading, on one thread. */
#ifndef INTAKE_READING_H
#define INTAKE_READING_H

#include "forms/forms.h"
#include "intake/names.h"
#include "intake/relay.h"

enum { READING_ROWS = 2000, READING_PIECES = RELAY_PIECES };

/* What is to be done with a row; the earlier ones hide the later ones. */
enum row_status {
  ROW_NOTHING,  /* neither a name nor a figure */
  ROW_UNKNOWN,  /* nobody of that name */
  ROW_SEVERAL,  /* more than one */
  ROW_REPEATED, /* a later row about the same holds */
  ROW_TAKEN,    /* exactly this was taken before */
  ROW_SAME,     /* says what stands there already */
  ROW_WRONG,    /* its problems say why */
  ROW_CHECK,    /* may be taken, but somebody should look: inferred, unclear, a change */
  ROW_READY,
  ROW_STATUSES_
};
extern const char *const row_status_words[ROW_STATUSES_];

struct reading;
struct reading_row;
struct verdict {
  bool taken; /* exactly this was taken before */
  bool same;  /* says what stands there */
  bool other; /* something else stands there */
};
/* How people call what a form asks: by the key of what is known, or by a piece of the label. */
struct intake_words {
  const char *key, *piece, *words; /* "staff.present", "到岗人数|到岗" */
};
/* An area that takes in such texts; `.intakes` of its module, checked at start. */
struct intake {
  const char *code;
  const struct kind *kind; /* of what is kept: in the list of imports */
  const char *right;       /* to take, at the place of whom a row is about */
  const char *subject;     /* the kind's reference to whom it is about: "enterprise" */
  const char *channels;    /* by which it may have come, "phone qq" */
  const char *said;        /* key of what stands in the file and may be said all the same */
  const char *name_titles, *code_titles; /* of a sheet's columns that name the subject */
  const struct intake_words *words;      /* ends with {NULL} */
  const struct query *names; /* id, unit, name, code, address, short names; of the operation $1 */
  /* What taking the row would say: row->problems, ->filled, ->stands. Keeps nothing. */
  int (*judge)(struct tx *tx, struct reading *r, struct reading_row *row, struct verdict *ret,
               struct err *e);
  /* Keeps it, in a transaction of its own, and notes it under the import. *ret_again: it was kept
   * before. -E_CONFLICT where something else than row->stands stands there meanwhile. */
  int (*take)(struct tx *tx, struct reading *r, struct reading_row *row, const struct uuid *import,
              struct str channel, bool *ret_again, struct err *e);
  /* Further members of a row that was kept, into its object; or NULL. */
  void (*write)(struct jw *w, const struct reading_row *row);
};

struct reading_row {
  int64_t n;      /* from 1, in order */
  int64_t number; /* the sender's own, or the sheet's row */
  struct str text, name;
  struct name_matches matches;
  const struct named *subject; /* the one that is meant */
  json_t *values;              /* code → value */
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
  struct uuid version;      /* what it would be kept as, or was */
  json_t *saw;              /* values that stood there when it was looked at; NULL: not said */
  struct str stands;        /* values that stand now; p == NULL: none */
  struct str filled;        /* what would be kept; p == NULL: nothing */
  struct problems problems; /* of the row as a whole; a == NULL for none */
  void *of;                 /* the area's own */
};
/* A sheet's totals row, beside what the rows above it come to. */
struct reading_total {
  int64_t row;
  struct str label, column;
  int64_t says, sum;
};
struct reading {
  const struct intake *area;
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

/* The forms in force that day where the viewer has the right, one of each code. */
size_t reading_forms(const struct template_set *set, const struct viewer *v, const char *right,
                     int32_t day, const struct return_form **out, size_t max);
/* Chooses the form and loads the names. -E_INVALID with r->problems ("template", "day"). */
_must_check_ int reading_begin(struct app *app, struct arena *a, const struct viewer *v,
                               const struct intake *area, struct str template_code, int32_t day,
                               struct reading *ret, struct err *e);
static inline void reading_endp(struct reading *r) {
  template_set_unref(r->set);
}
_must_check_ int reading_relay(struct reading *r, struct str text, struct err *e);
/* -E_INVALID with r->problems where no header is found or the file cannot be read. */
_must_check_ int reading_sheet(struct reading *r, struct str bytes, struct err *e);
/* Judges every row. Keeps nothing. */
_must_check_ int reading_check(struct reading *r, struct err *e);
/* The members of an object: "day", "template", "fields", "counts", "rows", "totals" … */
void reading_write_members(struct jw *w, struct reading *r);

/* Shared: boxes by the words under which people write them. */
size_t reading_boxes(struct reading *r, struct relay_box *boxes, size_t *items, size_t max);
/* As much of a text as a table shows, in whole characters. */
struct str reading_shown(struct reading *r, struct str text, size_t most);
/* "12", "12人", "十二": a count as people write it. */
bool reading_count(struct str text, int64_t *ret_n);
#endif
