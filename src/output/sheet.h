/* Tables that people send: one reader for XLSX and CSV, told apart by their content, never by the
 * file's name. A reader borrows the file's bytes until it is closed and gives one row at a time;
 * a row and its cells belong to the reader and are valid until the next call on it, so no file is
 * ever held as rows. A file that is damaged or larger than base/limits.h allows is refused, with
 * the part concerned in err.field: as far as it can be known, before the first row. Nothing is
 * guessed away: what Excel did to a number, a formula or a merged header is told by flags, and the
 * importer decides. One thread per reader. */
#ifndef OUTPUT_SHEET_H
#define OUTPUT_SHEET_H

#include "base/err.h"

enum sheet_format { SHEET_XLSX, SHEET_CSV };

enum cell_kind {
  CELL_EMPTY,
  CELL_TEXT,
  CELL_NUMBER,
  CELL_DATE,   /* `day` */
  CELL_MOMENT, /* `day` and `second`: civil time, in whatever zone the sender lives */
  CELL_TIME,   /* `second`, 0..86400 */
  CELL_BOOL,   /* `number` is 0 or 1 */
  CELL_ERROR,  /* #N/A and its like, as text */
};

/* A CSV has only CELL_TEXT and CELL_EMPTY: what a text means, the column knows. */
struct cell {
  struct str text;   /* UTF-8. Dates YYYY-MM-DD, moments with " HH:MM:SS", times HH:MM[:SS],
                        booleans TRUE or FALSE, numbers in plain decimal as Excel would show them */
  struct str source; /* what stands in the file, e.g. 36.600000000000001 or 1.1010119900307E+17 */
  double number;     /* numbers, dates and booleans */
  int32_t day;       /* days since 1970-01-01 */
  int32_t second;    /* of that day */
  enum cell_kind kind;
  uint16_t column;  /* from 0 */
  bool was_number;  /* the file holds a number, whatever kind came of it */
  bool lost_digits; /* a number of more than 15 digits, or text such as 1.10101E+17 in a CSV: the
                       last digits of an ID are gone */
  bool formula; /* what is given is the result that was stored; CELL_EMPTY where there is none */
};

struct sheet_row {
  uint32_t number; /* as shown by Excel, from 1; in a CSV the record's number */
  size_t n;        /* cells[0 .. n-1], gaps filled with CELL_EMPTY; the last one is not empty
                      (but a CSV's row keeps all its fields) */
  const struct cell *cells;
  bool ragged; /* CSV: not as many fields as the first row has */
};

/* Rows from 1, columns from 0, both ends included. */
struct sheet_range {
  uint32_t first_row, last_row;
  uint16_t first_column, last_column;
};

struct sheet_reader;

/* Errors: -E_UNSUPPORTED (err.what: "xls", "encrypted", "ods", "xlsb", "html", "pdf"),
 * -E_MALFORMED (damaged; "bad_encoding" with the byte's offset in err.sys and in err.field),
 * -E_TOO_LARGE, -E_NOMEM. The first visible sheet is chosen. */
_must_check_ int sheet_open(struct str bytes, struct sheet_reader **ret_reader, struct err *e);
struct sheet_reader *sheet_close(struct sheet_reader *r);
static inline void sheet_closep(struct sheet_reader **r) {
  *r = sheet_close(*r);
}

enum sheet_format sheet_format(const struct sheet_reader *r);
/* "UTF-8", "GB18030", "UTF-16LE" or "UTF-16BE": worth showing to the sender for a CSV. */
const char *sheet_encoding(const struct sheet_reader *r);
/* A CSV's delimiter; 0 for XLSX. */

/* A CSV is one sheet without a name. */
size_t sheet_count(const struct sheet_reader *r);
struct str sheet_name(const struct sheet_reader *r, size_t i);
bool sheet_hidden(const struct sheet_reader *r, size_t i);
size_t sheet_chosen(const struct sheet_reader *r);
/* Starts at that sheet's first row; also the way to read a sheet again. -E_NOT_FOUND. */
_must_check_ int sheet_choose(struct sheet_reader *r, size_t i, struct err *e);
_must_check_ int sheet_choose_name(struct sheet_reader *r, struct str name, struct err *e);

/* The next row that has content; *ret_row is NULL at the end. After an error the sheet is over. */
_must_check_ int sheet_next(struct sheet_reader *r, const struct sheet_row **ret_row,
                            struct err *e);

/* Merged ranges of the chosen sheet, known before its first row. Only the first cell of a range
 * has content. */
size_t sheet_merges(const struct sheet_reader *r, const struct sheet_range **ret_ranges);
/* The range that covers a cell, or NULL. It looks through all of them: for header rows. */
const struct sheet_range *sheet_merged(const struct sheet_reader *r, uint32_t row, uint16_t column);

/* A row of HXL tags: no cell but empty ones and such as begin with '#', and at least one. */
bool sheet_row_is_hxl(const struct sheet_row *row);

/* 0 is A, 26 is AA. */
#define COLUMN_TEXT 4
void sheet_column(uint16_t column, char out[COLUMN_TEXT]);

#endif
