#include "kind/engine.h"

int change_within(struct tx *tx, struct change *by, struct change *inner, struct err *e) {
  inner->op = inner->kind->flags & KF_GLOBAL ? 0 : by->op;
  inner->at_ms = by->at_ms;
  inner->device = by->device; /* its moment is that of the change that it belongs to */
  inner->clock_offset_ms = by->clock_offset_ms;
  inner->written_ms = by->written_ms;
  inner->not_before_ms = by->not_before_ms;
  inner->source = by->source;
  inner->internal = true;
  int r = change_ready(inner, e);
  if (r >= 0) r = change_run(tx, inner, e);
  /* what the inner record refuses, the outer one is told */
  for (const struct problem *p = inner->problems.first; p; p = p->next)
    if (!p->warning) problem_text(&by->problems, p->code, p->field, p->limit, p->value, p->other);
  return r;
}

struct val day_val(struct arena *a, int32_t day) {
  char text[DAY_TEXT];
  day_format(day, text);
  return V_TEXT(arena_dup(a, str_from(text)));
}

void dates_in_order(const struct record *r, int from, int to, struct problems *ps) {
  if (!rec_null(r, from) && !rec_null(r, to) && rec_day(r, to) < rec_day(r, from))
    problem_add(ps, PROBLEM_dates_reversed, str_from(r->kind->fields[to].name));
}

void not_in_future(const struct change *c, const struct record *r, int field, struct problems *ps) {
  if (!rec_null(r, field) && rec_day(r, field) > c->viewer->today)
    problem_add(ps, PROBLEM_in_future, str_from(r->kind->fields[field].name));
}
