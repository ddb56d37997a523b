#include "cli/demo/enterprises.h"
#include "domain/daily_returns/consolidation.h"

/* The levels put their day together: the subdistrict each day, the district in the last week. The
 * last day is checked and waits for the second person. */

enum { DISTRICT_DAYS = 7 };

static int level(struct player *p, struct str code, int32_t unit, int32_t day, int minute,
                 bool locks, struct err *e) {
  static const char *const actions[] = {"check", "accept", "lock"};
  struct change *c = play_make_at(p, &consolidation_kind, CHANGE_CREATE, day, minute);
  const struct uuid id = c->id;
  change_set(c, LOCK_UNIT, V_I64(unit));
  change_set(c, LOCK_CODE, V_TEXT(code));
  change_set(c, LOCK_DAY, play_day_val(p, day));
  int r = play_add(p, c, e);
  for (size_t i = 0; i < (locks ? ARRAY_LEN(actions) : 1) && r >= 0; i++)
    r = play_add(
        p, play_action_at(p, &consolidation_kind, &id, actions[i], day, minute + 2 + 3 * (int)i),
        e);
  return r;
}

int play_consolidations_day(struct player *p, int32_t day, struct err *e) {
  struct demo_enterprises *en = p->enterprises;
  int r = 0;
  for (size_t i = 0; i < en->n_sets && r >= 0; i++) {
    const struct demo_set *s = &en->sets[i];
    const struct unit_row *u = unit_by_no(p->v->tree, s->unit);
    if (day < s->from || !u || json_object_get(s->o, "template_missing")) continue;
    r = level(p, s->code, s->unit, day, 16 * 60 + 46, day < p->last, e);
    if (r >= 0 && u->parent && day < p->last && day >= p->last - DISTRICT_DAYS)
      r = level(p, s->code, u->parent, day, 17 * 60 + 30, true, e);
  }
  return r < 0 ? r : play_flush(p, e);
}
