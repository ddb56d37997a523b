#include "kind/viewer.h"
#include <assert.h>

bool viewer_may(const struct viewer *v, right_t r, int32_t unit) {
  assert(unit >= 0);
  if (v->system) return true;
  if (r < 0) return false;
  for (size_t i = 0; i < v->n_grants; i++) {
    if (!right_has(&v->grants[i].rights, r)) continue;
    const int32_t root = v->grants[i].unit;
    if (unit == 0 || root == 0 || unit_within(v->tree, unit, root)) return true;
  }
  return false;
}

int viewer_scope(const struct viewer *v, right_t r, int32_t *out, size_t max) {
  assert(out || !max);
  if (v->system) return SCOPE_ALL;
  if (v->link) return 0; /* one subject is no branch */
  int n = 0;
  for (size_t i = 0; i < v->n_grants; i++) {
    int32_t unit = v->grants[i].unit;
    if (!right_has(&v->grants[i].rights, r)) continue;
    if (unit == 0) return SCOPE_ALL;
    const struct unit_row *u = unit_by_no(v->tree, unit);
    if (!u) continue;
    if (u->no == unit_root(v->tree)) return SCOPE_ALL;
    bool covered = false;
    for (int k = 0; k < n && !covered; k++) covered = unit_within(v->tree, unit, out[k]);
    if (covered) continue;
    int kept = 0;
    for (int k = 0; k < n; k++)
      if (!unit_within(v->tree, out[k], unit)) out[kept++] = out[k];
    n = kept;
    if ((size_t)n < max) out[n++] = unit;
  }
  return n;
}

bool viewer_writes(const struct viewer *v, const struct kind *k) {
  return k->flags & KF_GLOBAL || (v->op && !v->over);
}
