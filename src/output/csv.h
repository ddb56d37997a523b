/* Writing CSV: UTF-8 with a byte order mark (without it Excel takes the file for the system's code
 * page), RFC 4180 quoting, lines ending in CRLF, into the caller's buffer, whose maximum holds.
 * Text that a spreadsheet would run as a formula (it begins with = + - @, a tab or CR) gets an
 * apostrophe in front, which the reader of sheet.h takes away again; numbers and dates are written
 * as they are. Misuse or a full buffer shows in csv_ok(). One thread per writer. */
#ifndef OUTPUT_CSV_H
#define OUTPUT_CSV_H

#include "base/buf.h"

struct csv_writer {
  struct buf *out;
  size_t columns; /* of the first row; every other row must have as many */
  size_t at;
  bool first_row_done, bad;
};

void csv_begin(struct csv_writer *w, struct buf *out);
void csv_text(struct csv_writer *w, struct str s);
/* For what the program itself formatted: numbers, dates, codes without free text. */
void csv_plain(struct csv_writer *w, struct str s);
void csv_i64(struct csv_writer *w, int64_t v);
void csv_end_row(struct csv_writer *w);
/* A whole row of HXL tags ("#date", "#adm1+code"); it stands behind the header. */
void csv_hxl_row(struct csv_writer *w, const struct str *tags, size_t n);
bool csv_ok(const struct csv_writer *w);

/* Whether the text needs the apostrophe, and whether it carries one. */
bool csv_needs_guard(struct str s);
bool csv_is_guarded(struct str s);

#endif
