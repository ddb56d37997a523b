/* Where a sheet's header lies and what each column is called: titles stand above it, and it may
 * take up to three rows, with groups merged over their columns ("从湖北来京：" over "未返京" and
 * "已返京"). The caller says which titles it knows; those rows are the header under which most
 * columns are known. Titles are copied into the arena. One thread per reader. */
#ifndef OUTPUT_SHEET_HEADER_H
#define OUTPUT_SHEET_HEADER_H

#include "base/arena.h"
#include "output/sheet.h"

enum { SHEET_HEADER_LOOKED = 10, SHEET_HEADER_DEEP = 3 };

struct sheet_title {
  struct str lower; /* the lowest cell with a text: "未返京" */
  struct str upper; /* what stands above it, joined: "从湖北来京"; empty in a header of one row */
};
struct sheet_header {
  uint32_t top, bottom; /* rows as shown by Excel */
  size_t n;             /* columns; 0: no header was found */
  size_t known;
  struct sheet_title *titles;
};
typedef bool (*sheet_title_known)(void *arg, const struct sheet_title *t);

/* Leaves the reader behind the header, or at its start where none was found. */
_must_check_ int sheet_header_find(struct sheet_reader *r, struct arena *a, sheet_title_known known,
                                   void *arg, struct sheet_header *ret, struct err *e);

#endif
