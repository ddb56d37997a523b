#include "sheets/import_inner.h"

/* Places by the names that people write: the whole name, a further one (former, short), or one
 * without the office that sits there. */

enum { CANDIDATES = 5 };

static struct str without(struct str name, const struct str *tails, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (name.n > tails[i].n && str_ends(name, tails[i])) name.n -= tails[i].n;
  return name;
}

/* "石头社区居委会" is "石头社区", "广安门内街道办事处" is "广安门内街道". */
static struct str without_office(struct str name) {
  static const struct str tails[] = {STR_INIT("居民委员会"), STR_INIT("村民委员会"),
                                     STR_INIT("居委会"), STR_INIT("办事处")};
  return without(name, tails, ARRAY_LEN(tails));
}

/* "石头村委会" and "石头社区" are both "石头"; a street never is, since a community may bear its
 * name. */
static struct str without_tail(struct str name) {
  static const struct str tails[] = {STR_INIT("居民委员会"), STR_INIT("村民委员会"),
                                     STR_INIT("居委会"),     STR_INIT("村委会"),
                                     STR_INIT("社区"),       STR_INIT("村")};
  return without(name, tails, ARRAY_LEN(tails));
}

/* A further name is as good as the name without its office: where two places share one, somebody
 * has to say which. */
enum fit { FIT_NONE, FIT_LIKE, FIT_SAME, FIT_WHOLE };

static enum fit fits(const struct unit_row *u, struct str text) {
  if (str_eq(u->name, text)) return FIT_WHOLE;
  const struct str place = without_office(text);
  struct str rest = u->aliases;
  while (rest.p && rest.n) {
    const struct str alias = str_split(&rest, ',');
    if (str_eq(without_office(alias), place)) return FIT_SAME;
  }
  if (str_eq(without_office(u->name), place)) return FIT_SAME;
  return str_eq(without_tail(u->name), without_tail(text)) ? FIT_LIKE : FIT_NONE;
}

/* Those where he may import; how many there are, of which up to CANDIDATES are given. */
static size_t units_named(const struct run_row *r, struct str text,
                          const struct unit_row *out[CANDIDATES]) {
  const struct viewer *v = r->r.viewer;
  const right_t right = import_right(r->rn->o->kind);
  enum fit best = FIT_NONE;
  size_t n = 0;
  for (size_t i = 0; i < unit_count(v->tree); i++) {
    const struct unit_row *u = unit_at(v->tree, i);
    if (u->retired || u->merged_into) continue;
    const enum fit fit = fits(u, text);
    if (fit == FIT_NONE || fit < best || !viewer_may(v, right, u->no)) continue;
    if (fit > best) n = 0;
    best = fit;
    if (n < CANDIDATES) out[n] = u;
    n++;
  }
  return n;
}

static void say_several(struct run_row *r, struct str text, struct str column,
                        const struct unit_row *const found[], size_t n) {
  struct str list = {NULL, 0};
  for (size_t i = 0; i < n && i < CANDIDATES; i++) {
    const struct unit_row *up = unit_by_no(r->r.viewer->tree, found[i]->parent);
    list = arena_printf(r->r.a, STR_FMT "%s" STR_FMT STR_FMT " " STR_FMT, STR_ARG(list),
                        i ? "、" : "", STR_ARG(up ? up->name : S("")), STR_ARG(found[i]->name),
                        STR_ARG(found[i]->code));
  }
  if (n > CANDIDATES) list = arena_printf(r->r.a, STR_FMT "……", STR_ARG(list));
  problem_text(&r->r.problems, PROBLEM_several, column, (struct str){0}, text, list);
}

struct str import_unit_text(struct run_row *r, struct str text, struct str column) {
  struct import_run_state *rn = r->rn;
  const struct unit_row *found[CANDIDATES];
  struct uuid id;
  text = str_trim(text);
  if (!text.n || unit_by_code(r->r.viewer->tree, text) || uuid_parse(text, &id) == 0) return text;
  if (rn->last_unit_no && str_eq(rn->last_unit, text)) {
    const struct unit_row *u = unit_by_no(r->r.viewer->tree, rn->last_unit_no);
    return u ? u->code : text;
  }
  const size_t n = units_named(r, text, found);
  if (n > 1) {
    say_several(r, text, column, found, n);
    return (struct str){NULL, 0};
  }
  if (!n) return text;
  rn->last_unit = arena_dup(rn->a, text);
  rn->last_unit_no = found[0]->no;
  return found[0]->code;
}
