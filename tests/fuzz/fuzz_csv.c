#include "fuzz.h"

#include "base/limits.h"
#include "output/csv.h"
#include "output/sheet.h"

#include <stdlib.h>

/* Whatever is read as a CSV, in whatever encoding, can be written by the program's own writer and
 * comes back cell by cell. */

static void copy(struct sheet_reader *r, struct buf *out) {
  const struct sheet_row *row = NULL;
  struct csv_writer w;
  struct err e = {0};
  uint32_t last = 0;
  csv_begin(&w, out);
  csv_text(&w, S("header"));
  csv_end_row(&w);
  for (;;) {
    int code = sheet_next(r, &row, &e);
    if (code < 0 && e.code != -code) abort();
    if (code < 0 || !row) break;
    if (row->number <= last || row->n == 0 || row->n > LIMIT_XLSX_COLUMNS) abort();
    last = row->number;
    w.first_row_done = false; /* rows may be ragged here */
    for (size_t i = 0; i < row->n; i++) {
      if (!str_utf8_valid(row->cells[i].text) || row->cells[i].column != i) abort();
      csv_text(&w, row->cells[i].text);
    }
    csv_end_row(&w);
  }
  if (buf_ok(out) && !csv_ok(&w)) abort();
}

static void compare(struct sheet_reader *a, struct sheet_reader *b) {
  const struct sheet_row *one = NULL, *two = NULL;
  struct err e = {0};
  if (sheet_next(b, &two, &e) < 0 || !two) abort();
  while (sheet_next(a, &one, &e) == 0 && one) {
    if (sheet_next(b, &two, &e) < 0 || !two || one->n != two->n) abort();
    for (size_t i = 0; i < one->n; i++)
      if (!str_eq(one->cells[i].text, two->cells[i].text)) abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  struct str in = {(const char *)data, n};
  struct buf out = BUF_INIT(MIB(16));
  struct sheet_reader *a = NULL, *b = NULL;
  struct err e = {0};
  int code = sheet_open(in, &a, &e);
  if (code < 0 && e.code != -code) abort();
  if (code == 0 && sheet_format(a) == SHEET_CSV) {
    copy(a, &out);
    if (buf_ok(&out)) {
      if (sheet_choose(a, 0, &e) < 0 || sheet_open(buf_str(&out), &b, &e) < 0) abort();
      compare(a, b);
    }
  }
  sheet_close(a);
  sheet_close(b);
  buf_done(&out);
  return 0;
}
