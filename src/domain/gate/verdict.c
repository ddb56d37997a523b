#include "domain/gate/verdict.h"
#include "core/operation.h"

const struct choice *gate_verdict(const char *code) {
  const struct choice *v = gate_verdicts;
  while (v->value && strcmp(v->value, code) != 0) v++;
  return v->value ? v : NULL;
}

/* ---- what is known ---- */

QUERY(q_pass_by_serial, "SELECT id FROM pass WHERE op = $1 AND serial = $2 AND retired = 0");
QUERY(q_pass_by_number,
      "SELECT id FROM pass WHERE op = $1 AND unit = $2 AND number = $3 AND retired = 0");
QUERY(q_estates, "SELECT count(*), coalesce(sum(CASE WHEN estate = $3 THEN 1 ELSE 0 END), 0) "
                 "FROM compound WHERE op = $1 AND unit = $2 AND retired = 0");
/* Refused people have not passed, and what was taken back did not happen. */
QUERY(q_pass_last, "SELECT e.direction, e.happened_at FROM gate_event e WHERE e.pass = $1 "
                   "AND e.corrects IS NULL AND e.outcome IN ('admitted', 'remeasured') "
                   "AND NOT EXISTS (SELECT 1 FROM gate_event t WHERE t.corrects = e.id) "
                   "ORDER BY e.happened_at DESC LIMIT 1");
QUERY(q_household_exit,
      "SELECT max(e.happened_at) FROM gate_event e WHERE e.pass IN "
      "(SELECT p.id FROM pass p WHERE p.household = $1 AND p.class = 'household') "
      "AND e.direction = 'out' AND e.corrects IS NULL AND e.happened_at >= $2 "
      "AND e.outcome IN ('admitted', 'remeasured') "
      "AND NOT EXISTS (SELECT 1 FROM gate_event t WHERE t.corrects = e.id)");

static int find(struct tx *tx, struct arena *a, int64_t op, const struct query *q,
                const struct val *params, size_t n, struct record **ret, struct err *e) {
  struct uuid id;
  *ret = NULL;
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    int r = cur_open(tx, q, params, n, &cur, e);
    if (r < 0 || (r = cur_next(cur, e)) <= 0) return r;
    id = cur_uuid(cur, 0);
  }
  int r = record_load(tx, a, &pass_kind, op, &id, ret, e);
  return r == -E_NOROW ? 0 : r;
}

/* None known is no reason to send anybody away. */
static int of_here(struct tx *tx, const struct gate_question *q, int64_t estate, bool *ret_here,
                   struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = cur_open(tx, &q_estates, P(V_I64(q->op), V_I64(q->unit), V_I64(estate)), &cur, e);
  if (r < 0 || (r = cur_next(cur, e)) < 0) return r;
  *ret_here = cur_i64(cur, 0) == 0 || cur_i64(cur, 1) > 0;
  return 0;
}

static int last_passage(struct tx *tx, struct gate_answer *ans, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = cur_open(tx, &q_pass_last, P(V_UUID(ans->pass->id)), &cur, e);
  if (r < 0 || (r = cur_next(cur, e)) <= 0) return r;
  ans->last_out = str_is(cur_text(cur, 0), "out");
  ans->last_ms = cur_i64(cur, 1);
  return 0;
}

/* ---- the rules, in the phone's order ---- */

static const char *dated(const struct gate_question *q, const struct gate_answer *ans) {
  const int64_t now_s = q->now_ms / MS_SECOND;
  const int32_t today = zone_day(q->zone, q->now_ms, NULL);
  if (ans->has_claims && now_s >= ans->claims.exp_s) return "expired";
  if (ans->pass && rec_day(ans->pass, PASS_VALID_TO) < today) return "expired";
  if (ans->has_claims && now_s < ans->claims.nbf_s) return "not_yet";
  return ans->pass && rec_day(ans->pass, PASS_VALID_FROM) > today ? "not_yet" : NULL;
}

static int used(struct tx *tx, struct app *app, const struct gate_question *q,
                struct gate_answer *ans, struct err *e) {
  const int32_t today = zone_day(q->zone, q->now_ms, NULL);
  const int64_t days = policy(app, q->op, "pass_household_days", today);
  int64_t exit_ms = 0;
  if (days <= 0) return 0;
  const int32_t oldest = today - (int32_t)days + 1;
  int r =
      tx_i64(tx, &q_household_exit,
             P(ans->pass->v[PASS_HOUSEHOLD], V_I64(zone_moment(q->zone, oldest, 0))), &exit_ms, e);
  if (r < 0 || exit_ms == 0) return r == -E_NOROW ? 0 : r;
  ans->next_day =
      zone_day(q->zone, exit_ms < q->now_ms ? exit_ms : q->now_ms, NULL) + (int32_t)days;
  return 0;
}

static int say(struct gate_answer *ans, const char *code) {
  ans->verdict = gate_verdict(code);
  return 0;
}

static int judge_known(struct tx *tx, struct app *app, const struct gate_question *q,
                       struct gate_answer *ans, struct err *e) {
  if (!str_is(ans->pass->state, "active")) return say(ans, "void");
  int r = last_passage(tx, ans, e);
  if (r < 0) return r;
  const int64_t since = q->now_ms - ans->last_ms;
  if (ans->last_ms && ans->last_out == q->out && since < PASS_REPLAY_MS && since > -PASS_REPLAY_MS)
    return say(ans, "just_used");
  if (!rec_is(ans->pass, PASS_CLASS, "household")) return say(ans, "ok");
  if (!q->out) {
    const int64_t allowed =
        policy(app, q->op, "pass_household_minutes", zone_day(q->zone, q->now_ms, NULL));
    if (ans->last_ms && ans->last_out && allowed > 0 && since / MS_MINUTE > allowed)
      ans->overdue_minutes = since / MS_MINUTE;
    return say(ans, "ok");
  }
  r = used(tx, app, q, ans, e);
  return r < 0 ? r : say(ans, ans->next_day ? "used" : "ok");
}

static int judge(struct tx *tx, struct app *app, const struct gate_question *q,
                 struct gate_answer *ans, struct err *e) {
  bool here = true;
  int r = of_here(tx, q, ans->has_claims ? ans->claims.estate : rec_i64(ans->pass, PASS_ESTATE),
                  &here, e);
  if (r < 0) return r;
  if (!here) return say(ans, "other_estate");
  const char *when = dated(q, ans);
  if (when) return say(ans, when);
  return ans->pass ? judge_known(tx, app, q, ans, e) : say(ans, "ok_unlisted");
}

/* ---- codes ---- */

struct known_keys {
  struct pass_public_key keys[PASS_KEYS_MAX];
  size_t n;
};
static bool key_of(void *arg, uint32_t key_id, uint8_t key[PASS_PUBLIC_KEY]) {
  const struct known_keys *k = arg;
  for (size_t i = 0; i < k->n; i++) {
    if (k->keys[i].key_id != key_id) continue;
    memcpy(key, k->keys[i].key, PASS_PUBLIC_KEY);
    return true;
  }
  return false;
}

static int judge_code(struct tx *tx, struct app *app, struct arena *a,
                      const struct gate_question *q, struct gate_answer *ans, struct err *e) {
  static const char *const faults[] = {"", "oversized", "malformed", "unknown_key", "forged"};
  struct known_keys keys = {.n = 0};
  int r = pass_keys_public(tx, q->op, keys.keys, &keys.n, e);
  if (r < 0) return r;
  const enum pass_fault fault = pass_open(q->code, key_of, &keys, &ans->claims);
  if (fault != PASS_SOUND) {
    /* what an unproved code says of itself is shown to nobody */
    ans->claims = (struct pass_claims){0};
    return say(ans, faults[fault]);
  }
  ans->has_claims = true;
  r = find(tx, a, q->op, &q_pass_by_serial, P(V_I64(q->op), V_I64((int64_t)ans->claims.serial)),
           &ans->pass, e);
  return r < 0 ? r : judge(tx, app, q, ans, e);
}

int gate_judge(struct tx *tx, struct app *app, struct arena *a, const struct gate_question *q,
               struct gate_answer *ret, struct err *e) {
  *ret = (struct gate_answer){0};
  if (q->code.n) return judge_code(tx, app, a, q, ret, e);
  if (!pass_number_valid(q->number)) return say(ret, "bad_number");
  int r = find(tx, a, q->op, &q_pass_by_number, P(V_I64(q->op), V_I64(q->unit), V_TEXT(q->number)),
               &ret->pass, e);
  if (r < 0) return r;
  return ret->pass ? judge(tx, app, q, ret, e) : say(ret, "unknown_number");
}
