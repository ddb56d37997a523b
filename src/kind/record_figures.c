#include "kind/record.h"
#include <stdlib.h>

/* A record that adds more than the limit is a programming error: better to stop than to publish
 * a figure that lacks something. */
static struct contrib *next(struct contribs *out) {
  if (out->n == LIMIT_CONTRIBS) abort();
  return &out->c[out->n++];
}

void contrib_add(struct contribs *out, const struct indicator *ind, int32_t unit, int32_t day,
                 int64_t n) {
  if (unit && n) *next(out) = (struct contrib){.ind = ind, .unit = unit, .day = day, .n = n};
}

void contrib_member(struct contribs *out, const struct indicator *ind, int32_t unit, int32_t day,
                    struct uuid member) {
  if (unit)
    *next(out) =
        (struct contrib){.ind = ind, .unit = unit, .day = day, .n = 1, .member = member};
}

void contrib_member_unit(struct contribs *out, const struct indicator *ind, int32_t unit,
                         int32_t day, int32_t member_unit) {
  struct uuid u = {{0}};
  if (!member_unit) return;
  for (int i = 0; i < 4; i++) u.b[12 + i] = (uint8_t)((uint32_t)member_unit >> (24 - 8 * i));
  contrib_member(out, ind, unit, day, u);
}
