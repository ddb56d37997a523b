#include "output/sheet_down.h"
#include <stdlib.h>

static int by_row(const void *x, const void *y) {
  const struct sheet_range *a = x, *b = y;
  return a->first_row < b->first_row ? -1 : a->first_row > b->first_row;
}

int sheet_down_begin(struct sheet_down *d, const struct sheet_reader *r, struct arena *a,
                     uint16_t column, struct err *e) {
  const struct sheet_range *all;
  const size_t n = sheet_merges(r, &all);
  size_t tall = 0;
  *d = (struct sheet_down){.a = a};
  for (size_t pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < n; i++) {
      const struct sheet_range *m = &all[i];
      if (column < m->first_column || column > m->last_column || m->first_row == m->last_row)
        continue;
      /* titles run over several columns; what holds for several rows is one column wide */
      if (m->first_column != m->last_column) continue;
      if (pass)
        d->ranges[d->n++] = *m;
      else
        tall++;
    }
    if (!tall) return 0;
    if (!pass && !(d->ranges = arena_array(a, struct sheet_range, tall)))
      return err_set(e, E_NOMEM, "no memory for merged cells");
  }
  qsort(d->ranges, d->n, sizeof *d->ranges, by_row);
  return 0;
}

struct str sheet_down(struct sheet_down *d, uint32_t row, struct str own) {
  while (d->at < d->n && d->ranges[d->at].last_row < row) {
    d->at++;
    d->text = (struct str){NULL, 0};
  }
  if (d->at == d->n || row < d->ranges[d->at].first_row) return own;
  if (row == d->ranges[d->at].first_row) d->text = arena_dup(d->a, own);
  return own.n ? own : d->text;
}
