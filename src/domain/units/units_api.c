#include "api/api.h"
#include "base/limits.h"
#include "domain/units/units.h"

static void unit_write(struct jw *w, const struct unit_tree *t, const struct unit_row *u) {
  int32_t children = 0;
  for (int32_t i = u->first + 1; i <= u->last; i++)
    if (unit_at(t, (size_t)i)->parent == u->no) children++;
  emit_unit_open(w, u);
  jw_kstr(w, "kind", u->kind);
  jw_kbool(w, "retired", u->retired || u->merged_into);
  jw_ki64(w, "children", children);
  jw_end(w);
}

/* GET units/tree?unit=CODE: the unit, the ancestors he may see, its children. */
int units_tree_get(struct rq *rq, struct jw *w, struct err *e) {
  int32_t no, up[LIMIT_UNIT_DEPTH];
  const struct unit_tree *t = rq->viewer->tree;
  const right_t read = right_by_name(S("unit.read"));
  int r = rq_unit(rq, "unit", "unit.read", &no, e);
  if (r < 0) return r;
  const struct unit_row *u = unit_by_no(t, no);
  if (!u) return err_set(e, E_NOT_FOUND, "no such unit");
  jw_object(w);
  jw_k(w, "unit");
  unit_write(w, t, u);
  jw_karray(w, "path");
  size_t n = unit_ancestors(t, no, INT32_MAX - 1, up, LIMIT_UNIT_DEPTH);
  for (size_t i = n; i-- > 1;)
    if (viewer_may(rq->viewer, read, up[i])) unit_write(w, t, unit_by_no(t, up[i]));
  jw_end(w);
  jw_karray(w, "children");
  for (int32_t i = u->first + 1; i <= u->last; i++) {
    const struct unit_row *child = unit_at(t, (size_t)i);
    if (child->parent == no) unit_write(w, t, child);
  }
  jw_end(w);
  jw_end(w);
  return 0;
}
