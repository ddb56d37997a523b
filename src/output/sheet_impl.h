/* What the readers of src/output/ share and nobody else includes: the base that both formats put
 * first in their struct, and the making of a cell out of a number. Memory as in sheet.h. */
#ifndef OUTPUT_SHEET_IMPL_H
#define OUTPUT_SHEET_IMPL_H

#include "base/buf.h"
#include "base/limits.h"
#include "output/sheet.h"

struct sheet_ops {
  int (*choose)(struct sheet_reader *r, size_t i, struct err *e);
  int (*next)(struct sheet_reader *r, const struct sheet_row **ret_row, struct err *e);
  void (*close)(struct sheet_reader *r);
};

struct sheet_info {
  struct str name; /* owned by the format's reader */
  bool hidden;
};

struct sheet_reader {
  const struct sheet_ops *ops;
  enum sheet_format format;
  const char *encoding;
  char delimiter;
  struct sheet_info *sheets;
  size_t n_sheets, chosen;
  struct sheet_range *merges;
  size_t n_merges;
};

_must_check_ int xlsx_open(struct str bytes, struct sheet_reader **ret_reader, struct err *e);
_must_check_ int csv_open(struct str bytes, struct sheet_reader **ret_reader, struct err *e);

/* What a number format makes of a number. */
enum number_look { LOOK_NUMBER, LOOK_DATE, LOOK_MOMENT, LOOK_TIME, LOOK_ELAPSED };
enum number_look number_look_builtin(int64_t id);
enum number_look number_look_code(struct str code);

/* The cell's kind, number and calendar fields, from a number as text; the text that a person
 * reads goes to `out`. -E_INVALID when `source` is no number. */
enum { NUMBER_TEXT = 360 };
_must_check_ int number_cell(struct str source, enum number_look look, bool base_1904,
                             struct cell *c, char out[NUMBER_TEXT], size_t *ret_n);
/* An ISO 8601 date or civil moment, as in cells of type "d". -E_INVALID. */
_must_check_ int iso_cell(struct str source, struct cell *c, char out[NUMBER_TEXT], size_t *ret_n);

#endif
