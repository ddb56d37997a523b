#include "kind/record.h"
#include <assert.h>

void deadline_where(struct buf *out, const struct deadline *d) {
  struct str rest = str_from(d->states);
  buf_lit(out, "retired = 0");
  if (rest.p) buf_lit(out, " AND state IN (");
  for (bool first = true; rest.p; first = false) {
    const struct str word = str_split(&rest, ' ');
    buf_printf(out, "%s'" STR_FMT "'%s", first ? "" : ", ", STR_ARG(word), rest.p ? "" : ")");
  }
}

bool deadline_runs(const struct deadline *d, const struct record *r) {
  assert(d->field);
  const int f = field_named(r->kind, d->field);
  struct str rest = str_from(d->states);
  bool in = !d->states;
  while (rest.p && !in) in = str_eq(str_split(&rest, ' '), r->state);
  return in && !r->retired && !rec_null(r, f);
}
