#include "domain/gate/clash_rules.h"

/* At one gate a phone knows what it wrote itself; two phones, or two gates, did not know of each
 * other. */
static bool apart(const struct passage *a, const struct passage *b) {
  if (!uuid_eq(&a->post, &b->post)) return true;
  return !uuid_is_nil(&a->device) && !uuid_is_nil(&b->device) && !uuid_eq(&a->device, &b->device);
}

bool clash_double_use(const struct passage *a, const struct passage *b,
                      const struct clash_policy *p) {
  if (a->out != b->out || !apart(a, b)) return false;
  if (b->at_ms - a->at_ms > p->same_pass_minutes * MS_MINUTE) return false;
  /* a household's exits are counted by their own rule */
  return !(b->out && b->of_household && p->household_days > 0);
}

bool clash_second_exit(const struct passage *a, const struct passage *b,
                       const struct clash_policy *p) {
  return p->household_days > 0 && b->day - a->day < p->household_days;
}

bool clash_void_at(const struct void_spell *spells, size_t n, int64_t at_ms) {
  for (size_t i = 0; i < n; i++)
    if (at_ms >= spells[i].from_ms && at_ms < spells[i].to_ms) return true;
  return false;
}

struct str clash_cause(struct arena *a, const char *type, const struct uuid *first,
                       const struct uuid *second) {
  char x[UUID_TEXT], y[UUID_TEXT];
  uuid_format(first, x);
  if (!second) return arena_printf(a, "%s:%s", type, x);
  uuid_format(second, y);
  return arena_printf(a, "%s:%s:%s", type, x, y);
}
