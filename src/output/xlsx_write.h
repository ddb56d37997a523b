/* Writing XLSX row by row with constant memory: the rows go to unlinked temporary files, the result
 * to the caller's buffer or as an open file. The table has one styled header row, frozen and with
 * filters, true dates, ID columns kept as text, and drop-downs for columns with choices; a second
 * sheet explains the columns. What marks the copy (who, when, why) stands in the printed header and
 * footer and in the document's properties. Options and columns are borrowed until the writer is
 * freed. Errors stick and are told by xlsx_finish. The process must run with a '.' as decimal point
 * (LC_NUMERIC "C"). One thread per writer. */
#ifndef OUTPUT_XLSX_WRITE_H
#define OUTPUT_XLSX_WRITE_H

#include "base/buf.h"
#include "base/err.h"

#define XLSX_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

enum xlsx_type {
  XLSX_TEXT,
  XLSX_LONG,   /* text of several lines */
  XLSX_CODE,   /* IDs, phones, codes: text, whatever is typed there later */
  XLSX_CHOICE, /* text out of `choices` */
  XLSX_NUMBER,
  XLSX_DATE,
  XLSX_MOMENT,
  XLSX_TIME,
  XLSX_TYPES_
};

struct xlsx_column {
  struct str title;
  enum xlsx_type type;
  uint8_t scale; /* decimals of a number */
  bool required;
  struct str note; /* for the second sheet */
  struct str hxl;  /* tag, or empty */
  const struct str *choices;
  size_t n_choices;
};

struct xlsx_options {
  struct str title;     /* of the document */
  struct str sheet;     /* name of the table's sheet */
  struct str watermark; /* "city 2020-05-08 17:30 日报核对"; may be empty */
  struct str author;
  const struct xlsx_column *columns;
  size_t n_columns;
  int64_t created_ms;
  bool zh;       /* language of the second sheet */
  bool hxl_row;  /* a row of tags behind the header */
  bool no_guide; /* without the second sheet */
};

struct xlsx_writer;
_must_check_ int xlsx_create(const struct xlsx_options *o, struct xlsx_writer **ret_w,
                             struct err *e);
struct xlsx_writer *xlsx_free(struct xlsx_writer *w);
static inline void xlsx_freep(struct xlsx_writer **w) {
  *w = xlsx_free(*w);
}

/* One call per column, from the left. A number that a double would not hold is written as text. */
void xlsx_text(struct xlsx_writer *w, struct str s);
void xlsx_i64(struct xlsx_writer *w, int64_t v);
void xlsx_decimal(struct xlsx_writer *w, int64_t v, int scale);
void xlsx_date(struct xlsx_writer *w, int32_t day);
void xlsx_moment(struct xlsx_writer *w, int32_t day, int32_t second);
void xlsx_time(struct xlsx_writer *w, int32_t second);
void xlsx_empty(struct xlsx_writer *w);
void xlsx_end_row(struct xlsx_writer *w);

/* Ends the file and appends it to `out`. Errors: -E_TOO_LARGE (rows, a text over 32,767
 * characters, the buffer's maximum), -E_IO, -E_NOMEM, -E_BUG (cells do not match the columns). */
_must_check_ int xlsx_finish(struct xlsx_writer *w, struct buf *out, struct err *e);
/* The same as an unlinked file at its start, for the caller to close. */
_must_check_ int xlsx_finish_fd(struct xlsx_writer *w, int *ret_fd, struct err *e);

#endif
