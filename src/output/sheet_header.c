#include "output/sheet_header.h"

enum { COLUMNS_LOOKED = 400 };

struct looked {
  uint32_t number;
  size_t n;
  struct str *cells; /* p == NULL where empty */
};
struct looking {
  struct sheet_reader *r;
  struct arena *a;
  struct looked rows[SHEET_HEADER_LOOKED];
  size_t n;
  bool merges; /* an XLSX with merged cells says which title covers what */
};

static int look(struct looking *l, struct err *e) {
  const struct sheet_row *row = NULL;
  const struct sheet_range *ranges;
  int x = 0;
  while (l->n < SHEET_HEADER_LOOKED && (x = sheet_next(l->r, &row, e)) >= 0 && row) {
    struct looked *to = &l->rows[l->n++];
    to->number = row->number;
    to->n = row->n < COLUMNS_LOOKED ? row->n : COLUMNS_LOOKED;
    to->cells = arena_array(l->a, struct str, to->n + 1);
    if (!to->cells) return err_set(e, E_NOMEM, "no memory for a header");
    for (size_t c = 0; c < to->n; c++) {
      const struct str text = str_trim(row->cells[c].text);
      if (text.n) to->cells[c] = arena_dup(l->a, text);
    }
  }
  l->merges = sheet_merges(l->r, &ranges) > 0;
  return x < 0 ? x : 0;
}

/* The title that covers a cell of a header's row: its own, or that of the range over it, which is
 * told once, in the range's first row. */
static struct str covering(const struct looking *l, size_t row, size_t column) {
  const struct looked *at = &l->rows[row];
  if (column < at->n && at->cells[column].n) return at->cells[column];
  const struct sheet_range *m = sheet_merged(l->r, at->number, (uint16_t)column);
  if (m && m->first_row == at->number && m->first_column < at->n) return at->cells[m->first_column];
  return (struct str){NULL, 0};
}

/* Without merges (a CSV) a group's title stands over its first column only. */
static struct str carried(const struct looking *l, size_t row, size_t column) {
  const struct looked *at = &l->rows[row];
  for (size_t c = column + 1; c-- > 0;)
    if (c < at->n && at->cells[c].n) return at->cells[c];
  return (struct str){NULL, 0};
}

static struct sheet_title title_at(const struct looking *l, size_t top, size_t bottom,
                                   size_t column) {
  struct sheet_title t = {.upper = {NULL, 0}};
  size_t low = bottom + 1;
  while (low-- > top) {
    t.lower = covering(l, low, column);
    if (t.lower.n) break;
  }
  if (!t.lower.n) return t;
  for (size_t row = low; row-- > top;) {
    const struct str above = l->merges ? covering(l, row, column) : carried(l, row, column);
    if (!above.n || str_eq(above, t.lower)) continue;
    t.upper =
        t.upper.n ? arena_printf(l->a, STR_FMT STR_FMT, STR_ARG(above), STR_ARG(t.upper)) : above;
  }
  return t;
}

static size_t columns_of(const struct looking *l, size_t top, size_t bottom) {
  size_t n = 0;
  for (size_t row = top; row <= bottom; row++)
    if (l->rows[row].n > n) n = l->rows[row].n;
  return n;
}

static void try_rows(const struct looking *l, size_t top, size_t bottom, sheet_title_known known,
                     void *arg, struct sheet_header *best) {
  struct sheet_header h = {.top = l->rows[top].number,
                           .bottom = l->rows[bottom].number,
                           .n = columns_of(l, top, bottom)};
  h.titles = arena_array(l->a, struct sheet_title, h.n + 1);
  if (!h.titles) return;
  for (size_t c = 0; c < h.n; c++) {
    h.titles[c] = title_at(l, top, bottom, c);
    if (h.titles[c].lower.n && known(arg, &h.titles[c])) h.known++;
  }
  if (h.known == 0 || (h.known < 2 && h.n > 2)) return;
  /* a title above the header adds nothing: the fewest rows that know as much */
  if (h.known > best->known ||
      (h.known == best->known && h.bottom - h.top < best->bottom - best->top))
    *best = h;
}

int sheet_header_find(struct sheet_reader *r, struct arena *a, sheet_title_known known, void *arg,
                      struct sheet_header *ret, struct err *e) {
  struct looking l = {.r = r, .a = a};
  const struct sheet_row *row;
  *ret = (struct sheet_header){.n = 0};
  int x = look(&l, e);
  if (x < 0) return x;
  for (size_t top = 0; top < l.n; top++)
    for (size_t deep = 0; deep < SHEET_HEADER_DEEP && top + deep < l.n; deep++)
      try_rows(&l, top, top + deep, known, arg, ret);
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for a header");
  x = sheet_choose(r, sheet_chosen(r), e);
  while (x >= 0 && ret->n && (x = sheet_next(r, &row, e)) >= 0 && row)
    if (row->number == ret->bottom) break;
  return x < 0 ? x : 0;
}
