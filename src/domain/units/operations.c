#include "core/operation.h"
#include "domain/units/units.h"

void operation_check(const struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps) {
  (void)c;
  int32_t begins = rec_day(rec, OPERATION_BEGINS), ends = rec_day(rec, OPERATION_ENDS);
  if (!rec_null(rec, OPERATION_ENDS) && ends < begins)
    problem_add(ps, PROBLEM_dates_reversed, S("ends"));
  if (old && begins > rec_day(old, OPERATION_BEGINS))
    problem_rule(ps, S("begins"), S("不能推后：已有记录可能早于这一天"),
                 S("cannot be later: there may be records of earlier days"));
  struct str zone = rec_text(rec, OPERATION_TIMEZONE);
  if (zone.p && !zone_get(arena_strz(ps->a, zone)))
    problem_text(ps, PROBLEM_not_found, S("timezone"), (struct str){0}, zone, (struct str){0});
}

QUERY(q_operation_next_no, "SELECT coalesce(max(no), 0) + 1 FROM operation");

int operation_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                    struct problems *ps, struct err *e) {
  int64_t no;
  (void)c, (void)ps;
  if (old) return 0;
  int r = tx_i64(tx, &q_operation_next_no, P_NONE, &no, e);
  if (r >= 0) rec_set(rec, OPERATION_NO, V_I64(no));
  return r;
}

int operation_applied(struct tx *tx, struct change *c, const struct record *old,
                      const struct record *rec, struct err *e) {
  (void)tx;
  if (old) return 0;
  /* A key made for a command that is undone later is never used and does no harm; a record
   * without its key could not be sealed. */
  return keys_operation_create(auth_keys(change_app(c)->auth), rec_i64(rec, OPERATION_NO), c->at_ms,
                               e);
}

void policy_check(const struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps) {
  (void)c, (void)old;
  for (const struct policy_key *k = policy_keys; k->key; k++) {
    if (!rec_is(rec, POLICY_KEY, k->key)) continue;
    int64_t v = rec_i64(rec, POLICY_VALUE);
    if (v < k->min) problem_limit(ps, PROBLEM_too_small, S("value"), k->min);
    if (v > k->max) problem_limit(ps, PROBLEM_too_large, S("value"), k->max);
    return;
  }
  problem_text(ps, PROBLEM_not_found, S("key"), (struct str){0}, rec_text(rec, POLICY_KEY),
               (struct str){0});
}
