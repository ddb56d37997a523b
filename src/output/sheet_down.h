/* What is written once and merged over several rows of a column (a place beside all its
 * enterprises, an enterprise beside its lines) holds for each of them. The ranges are copied into
 * the arena, and so is the text that is carried. Rows are asked in their order. One thread. */
#ifndef OUTPUT_SHEET_DOWN_H
#define OUTPUT_SHEET_DOWN_H

#include "base/arena.h"
#include "output/sheet.h"

struct sheet_down {
  struct arena *a;
  struct sheet_range *ranges; /* one column wide, several rows high, by row */
  size_t n, at;
  struct str text;
};

/* For one column of the chosen sheet. */
_must_check_ int sheet_down_begin(struct sheet_down *d, const struct sheet_reader *r,
                                  struct arena *a, uint16_t column, struct err *e);
/* The cell's own text, or what was merged over it. */
struct str sheet_down(struct sheet_down *d, uint32_t row, struct str own);

#endif
