#include "fuzz.h"

#include "../unit/zipmake.h"
#include "base/limits.h"
#include "output/sheet.h"

#include <stdlib.h>

/* An input that begins like a zip is read as it is. Any other one is taken for the parts of a
 * workbook, separated by the byte 1e, and put into a zip with right checksums, so that the fuzzer
 * reaches the XML. What is read must be whole, and read the same a second time. */

static const char *const part_names[] = {"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml",
                                         "xl/styles.xml", "xl/workbook.xml",
                                         "xl/_rels/workbook.xml.rels"};

static const char workbook[] =
    "<workbook xmlns:r=\"" ZIPMAKE_REL
    "\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
static const char relations[] =
    ZIPMAKE_RELS(ZIPMAKE_ROW("rId1", "worksheet", "worksheets/sheet1.xml") ZIPMAKE_ROW(
        "rId2", "sharedStrings", "sharedStrings.xml") ZIPMAKE_ROW("rId3", "styles", "styles.xml"));

static void put_together(struct str in, struct buf *out) {
  struct zipmake z = {.out = out};
  struct str rest = in;
  zipmake_part(&z, "_rels/.rels",
               S(ZIPMAKE_RELS(ZIPMAKE_ROW("rId1", "officeDocument", "xl/workbook.xml"))));
  for (size_t i = 0; i < ARRAY_LEN(part_names); i++) {
    struct str part = rest.p ? str_split(&rest, '\x1e') : (struct str){0};
    if (i == 3 && part.n == 0) part = str_from(workbook);
    if (i == 4 && part.n == 0) part = str_from(relations);
    if (part.n) zipmake_part(&z, part_names[i], part);
  }
  zipmake_end(&z);
}

static void check_cell(const struct cell *c, size_t at) {
  if (c->column != at || !str_utf8_valid(c->text)) abort();
  if (c->kind == CELL_EMPTY && c->text.n) abort();
  if (c->kind != CELL_EMPTY && c->text.n == 0) abort();
  if ((c->kind == CELL_TIME || c->kind == CELL_MOMENT) && (c->second < 0 || c->second > 86400))
    abort();
  if (c->lost_digits && !c->was_number) abort();
}

static uint64_t read_sheet(struct sheet_reader *r, int *ret_code) {
  const struct sheet_row *row = NULL;
  struct err e = {0};
  uint64_t sum = 1469598103934665603u;
  uint32_t last = 0;
  int code;
  while ((code = sheet_next(r, &row, &e)) == 0 && row) {
    if (row->number <= last || row->n == 0 || row->n > LIMIT_XLSX_COLUMNS) abort();
    last = row->number;
    for (size_t i = 0; i < row->n; i++) {
      const struct cell *c = &row->cells[i];
      check_cell(c, i);
      sum = (sum ^ (uint64_t)c->kind ^ c->text.n << 8) * 1099511628211u;
      for (size_t k = 0; k < c->text.n; k++)
        sum = (sum ^ (unsigned char)c->text.p[k]) * 1099511628211u;
    }
    (void)sheet_merged(r, row->number, (uint16_t)(row->n - 1));
  }
  if (code < 0 && e.code != -code) abort();
  *ret_code = code;
  return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  struct str in = {(const char *)data, n};
  struct buf zip = BUF_INIT(MIB(8));
  struct sheet_reader *r = NULL;
  struct err e = {0};
  if (!str_starts(in, S("PK"))) {
    put_together(in, &zip);
    in = buf_str(&zip);
  }
  if (buf_ok(&zip)) {
    int code = sheet_open(in, &r, &e);
    if (code < 0 && e.code != -code) abort();
    /* what only begins like a zip may be a CSV, which has its own fuzzer */
    bool xlsx = code == 0 && sheet_format(r) == SHEET_XLSX;
    for (size_t i = 0; xlsx && i < sheet_count(r) && i < 4; i++) {
      int first_code, second_code;
      if (sheet_choose(r, i, &e) < 0) continue;
      uint64_t first = read_sheet(r, &first_code);
      if (sheet_choose(r, i, &e) < 0) abort();
      uint64_t second = read_sheet(r, &second_code);
      if (first != second || first_code != second_code) abort();
    }
    sheet_close(r);
  }
  buf_done(&zip);
  return 0;
}
