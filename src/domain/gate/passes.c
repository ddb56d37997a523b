#include "domain/gate/passes.h"
#include "core/app.h"
#include "domain/gate/visitor.h"
#include "domain/residents/residents.h"
#include "domain/rosters/rosters.h"
#include <sodium.h>

/* Rules of passes: whose they are, what they are called, and what may become of them. */

enum { NUMBER_TRIES = 30, PASSES_AT_ONCE = 100, SERIAL_BITS = 53 };

void pass_check(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps) {
  (void)c, (void)old;
  if (!rec_null(rec, PASS_VALID_FROM) && !rec_null(rec, PASS_VALID_TO) &&
      rec_day(rec, PASS_VALID_TO) < rec_day(rec, PASS_VALID_FROM))
    problem_add(ps, PROBLEM_dates_reversed, S("valid_to"));
}

/* ---- whose it is ---- */

static int load(struct tx *tx, struct change *c, const struct kind *k, const struct record *rec,
                int field, struct record **ret, struct err *e) {
  *ret = NULL;
  if (rec_null(rec, field)) return 0;
  const struct uuid id = rec_uuid(rec, field);
  int r = record_load(tx, c->a, k, c->op, &id, ret, e);
  return r == -E_NOROW ? 0 : r; /* the engine has said that it is missing */
}

static bool is_class(const struct record *rec, const char *z) {
  return rec_is(rec, PASS_CLASS, z);
}

static bool same_uuid(const struct record *a, int fa, const struct record *b, int fb) {
  const struct uuid x = rec_uuid(a, fa), y = rec_uuid(b, fb);
  return uuid_eq(&x, &y);
}

/* Each class hangs on one thing; what else was given must fit to it. */
static int derive_holder(struct tx *tx, struct change *c, struct record *rec, struct problems *ps,
                         struct err *e) {
  struct record *resident, *visitor, *household, *compound;
  int r = load(tx, c, &resident_kind, rec, PASS_RESIDENT, &resident, e);
  if (r < 0) return r;
  if (resident) {
    if (!rec_null(rec, PASS_HOUSEHOLD) &&
        !same_uuid(rec, PASS_HOUSEHOLD, resident, RESIDENT_HOUSEHOLD))
      problem_add(ps, PROBLEM_other_household, S("household"));
    rec->v[PASS_HOUSEHOLD] = resident->v[RESIDENT_HOUSEHOLD];
  }
  r = load(tx, c, &visitor_kind, rec, PASS_VISITOR, &visitor, e);
  if (r < 0) return r;
  if (visitor) rec->v[PASS_HOUSEHOLD] = visitor->v[VISITOR_HOUSEHOLD];
  r = load(tx, c, &household_kind, rec, PASS_HOUSEHOLD, &household, e);
  if (r < 0) return r;
  if (household) rec->v[PASS_COMPOUND] = household->v[HOUSEHOLD_COMPOUND];
  r = load(tx, c, &compound_kind, rec, PASS_COMPOUND, &compound, e);
  if (r < 0) return r;
  if (is_class(rec, "person") && !resident) problem_add(ps, PROBLEM_required, S("resident"));
  if (is_class(rec, "household") && !household) problem_add(ps, PROBLEM_required, S("household"));
  if (is_class(rec, "vehicle") && rec_null(rec, PASS_PLATE))
    problem_add(ps, PROBLEM_required, S("plate"));
  if (is_class(rec, "visitor") && !visitor) problem_add(ps, PROBLEM_required, S("visitor"));
  if (!is_class(rec, "person")) rec_set(rec, PASS_RESIDENT, V_NULL);
  if (!compound && !problems_any(ps)) problem_add(ps, PROBLEM_required, S("compound"));
  if (!compound) return 0;
  rec->v[PASS_ESTATE] = compound->v[COMPOUND_ESTATE];
  rec->v[PASS_UNIT] = compound->v[COMPOUND_UNIT];
  return 0;
}

/* ---- one at a time ---- */

QUERY(q_pass_of_resident,
      "SELECT number FROM pass WHERE resident = $1 AND class = 'person' AND state = 'active' "
      "AND id <> $2 AND valid_from <= $4 AND valid_to >= $3 LIMIT 1");
QUERY(q_pass_of_household,
      "SELECT number FROM pass WHERE household = $1 AND class = 'household' AND state = 'active' "
      "AND id <> $2 AND valid_from <= $4 AND valid_to >= $3 LIMIT 1");
QUERY(q_pass_of_vehicle,
      "SELECT number FROM pass WHERE unit = $1 AND plate = $5 AND class = 'vehicle' "
      "AND state = 'active' AND id <> $2 AND valid_from <= $4 AND valid_to >= $3 LIMIT 1");
QUERY(q_pass_held, "SELECT count(*) FROM pass WHERE household = $1 AND state = 'revoked' "
                   "AND void_reason = 'hold'");

/* A second good pass for the same holder and time would undo what voiding the first one is for. */
static int only_one(struct tx *tx, const struct record *rec, struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  const struct val self = V_UUID(rec->id), from = rec->v[PASS_VALID_FROM],
                   to = rec->v[PASS_VALID_TO];
  int r;
  if (is_class(rec, "person"))
    r = cur_open(tx, &q_pass_of_resident, P(rec->v[PASS_RESIDENT], self, from, to), &cur, e);
  else if (is_class(rec, "household"))
    r = cur_open(tx, &q_pass_of_household, P(rec->v[PASS_HOUSEHOLD], self, from, to), &cur, e);
  else if (is_class(rec, "vehicle"))
    r = cur_open(tx, &q_pass_of_vehicle, P(rec->v[PASS_UNIT], self, from, to, rec->v[PASS_PLATE]),
                 &cur, e);
  else
    return 0;
  if (r < 0 || (r = cur_next(cur, e)) <= 0) return r;
  problem_text(ps, PROBLEM_duplicate, S("class"), (struct str){0}, (struct str){0},
               cur_text(cur, 0));
  return 0;
}

/* Whose household is on hold gets no new pass by another way. */
static int not_held(struct tx *tx, const struct record *rec, struct problems *ps, struct err *e) {
  int64_t n = 0;
  if (rec_null(rec, PASS_HOUSEHOLD)) return 0;
  int r = tx_i64(tx, &q_pass_held, P(rec->v[PASS_HOUSEHOLD]), &n, e);
  if (r >= 0 && n) problem_add(ps, PROBLEM_passes_void, S("household"));
  return r;
}

/* ---- what it is called ---- */

QUERY(q_pass_number_there, "SELECT count(*) FROM pass WHERE op = $1 AND unit = $2 AND number = $3 "
                           "AND retired = 0");

static int draw_number(struct tx *tx, struct change *c, struct record *rec, struct err *e) {
  for (int i = 0; i < NUMBER_TRIES; i++) {
    char no[PASS_NUMBER_DIGITS + 1];
    int64_t there = 0;
    pass_number(randombytes_uniform(PASS_NUMBERS), no);
    int r = tx_i64(tx, &q_pass_number_there, P(V_I64(c->op), rec->v[PASS_UNIT], V_TEXTZ(no)),
                   &there, e);
    if (r < 0) return r;
    if (there) continue;
    rec_set(rec, PASS_NUMBER, V_TEXT(arena_dup(c->a, str_from(no))));
    return 0;
  }
  return err_set(e, E_UNAVAILABLE, "the community's pass numbers are used up");
}

/* 53 bits of the 62 that a code has room for: whole as a number in JavaScript too. */
static int64_t draw_serial(void) {
  uint64_t v;
  randombytes_buf(&v, sizeof v);
  return (int64_t)(v >> (64 - SERIAL_BITS));
}

static int name_it(struct tx *tx, struct change *c, struct record *rec, struct err *e) {
  uint32_t key_id = 0;
  /* the program's own (the model case) may bring them along */
  int r = rec_null(rec, PASS_NUMBER) ? draw_number(tx, c, rec, e) : 0;
  if (r >= 0) r = pass_key_current(tx, c, &key_id, e);
  if (rec_null(rec, PASS_SERIAL)) rec_set(rec, PASS_SERIAL, V_I64(draw_serial()));
  rec_set(rec, PASS_KEY_ID, V_I64(key_id));
  return r;
}

/* ---- what becomes of it ---- */

static struct uuid replacement(struct change *c) {
  return idgen_next(c->en->ids, c->at_ms);
}

int pass_lost(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
              struct problems *ps, struct err *e) {
  (void)tx, (void)c, (void)old, (void)ps, (void)e;
  rec_set(rec, PASS_VOID_REASON, V_TEXT(S("lost")));
  return 0;
}

int pass_replace(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  (void)tx, (void)old, (void)e;
  if (rec_day(rec, PASS_VALID_TO) < c->viewer->today)
    problem_add(ps, PROBLEM_pass_expired, S("valid_to"));
  rec_set(rec, PASS_VOID_REASON, V_TEXT(S("replaced")));
  rec_set(rec, PASS_REPLACED_BY, V_UUID(replacement(c)));
  return 0;
}

int pass_reinstate(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                   struct problems *ps, struct err *e) {
  (void)c, (void)old;
  rec_set(rec, PASS_VOID_REASON, V_NULL);
  return only_one(tx, rec, ps, e);
}

int pass_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e) {
  if (old) return 0;
  int r = derive_holder(tx, c, rec, ps, e);
  if (r < 0 || problems_any(ps)) return r;
  r = only_one(tx, rec, ps, e);
  if (r >= 0) r = not_held(tx, rec, ps, e);
  if (r < 0 || problems_any(ps)) return r;
  return name_it(tx, c, rec, e);
}

/* The card that takes a lost one's place is a pass of its own, good from today. */
int pass_replaced(struct tx *tx, struct change *c, const struct record *old,
                  const struct record *rec, struct err *e) {
  static const int same[] = {PASS_CLASS, PASS_COMPOUND, PASS_HOUSEHOLD, PASS_RESIDENT,
                             PASS_PLATE, PASS_VISITOR,  PASS_VALID_TO};
  char today[DAY_TEXT];
  (void)old;
  struct change *in = change_make(c->a, c->en, c->viewer, &pass_kind, CHANGE_CREATE);
  in->id = rec_uuid(rec, PASS_REPLACED_BY);
  for (size_t i = 0; i < ARRAY_LEN(same); i++) change_set(in, same[i], rec->v[same[i]]);
  day_format(c->viewer->today, today);
  change_set(in, PASS_VALID_FROM,
             rec_day(rec, PASS_VALID_FROM) > c->viewer->today
                 ? rec->v[PASS_VALID_FROM]
                 : V_TEXT(arena_dup(c->a, (struct str){today, 10})));
  return change_within(tx, c, in, e);
}

/* ---- a household's ---- */

QUERY(q_household_passes, "SELECT id FROM pass WHERE household = $1 AND op = $2 "
                          "AND state = 'active' ORDER BY id LIMIT 100"); /* limit: asked again */
QUERY(q_household_voided, "SELECT id FROM pass WHERE household = $1 AND op = $2 "
                          "AND state = 'revoked' AND void_reason = $3 "
                          "ORDER BY id LIMIT 100"); /* limit: asked again */

static int act_on(struct tx *tx, struct change *by, const struct uuid *id, const char *action,
                  struct str reason, struct err *e) {
  struct change *c = change_make(by->a, by->en, by->viewer, &pass_kind, CHANGE_ACTION);
  c->id = *id;
  c->transition = kind_transition(&pass_kind, str_from(action));
  c->reason = by->reason.n ? by->reason : by->viewer->zh ? S("按户办理") : S("for the household");
  if (reason.n) change_set(c, PASS_VOID_REASON, V_TEXT(reason));
  return change_within(tx, by, c, e);
}

/* Those that were acted upon do not match any more: the query is asked until it finds none. */
static int act_on_all(struct tx *tx, struct change *by, const struct query *q,
                      const struct val *params, size_t n_params, const char *action,
                      struct str reason, size_t *ret_n, struct err *e) {
  struct uuid ids[PASSES_AT_ONCE];
  size_t n, all = 0;
  int r;
  do {
    n = 0;
    {
      _cleanup_(cur_donep) struct cur *cur = NULL;
      r = cur_open(tx, q, params, n_params, &cur, e);
      while (r >= 0 && n < PASSES_AT_ONCE && (r = cur_next(cur, e)) == 1)
        ids[n++] = cur_uuid(cur, 0);
    }
    for (size_t i = 0; i < n && r >= 0; i++) r = act_on(tx, by, &ids[i], action, reason, e);
    all += n;
  } while (r >= 0 && n == PASSES_AT_ONCE);
  if (r >= 0 && ret_n) *ret_n = all;
  return r < 0 ? r : 0;
}

int passes_void_household(struct tx *tx, struct change *by, const struct uuid *household,
                          struct str reason, size_t *ret_n, struct err *e) {
  return act_on_all(tx, by, &q_household_passes, P(V_UUID(*household), V_I64(by->op)), "revoke",
                    reason, ret_n, e);
}

int passes_reinstate_household(struct tx *tx, struct change *by, const struct uuid *household,
                               struct str reason, size_t *ret_n, struct err *e) {
  return act_on_all(tx, by, &q_household_voided,
                    P(V_UUID(*household), V_I64(by->op), V_TEXT(reason)), "reinstate",
                    (struct str){0}, ret_n, e);
}

/* ---- who has gone ---- */

QUERY(q_resident_passes, "SELECT id FROM pass WHERE resident = $1 AND op = $2 "
                         "AND state = 'active' ORDER BY id LIMIT 100"); /* limit: asked again */
/* Those of its vehicles that hang on no household. */
QUERY(q_compound_passes,
      "SELECT id FROM pass WHERE compound = $1 AND op = $2 AND household IS NULL "
      "AND state = 'active' ORDER BY id LIMIT 100"); /* limit: asked again */

static bool stands(const struct record *r) {
  return r && !r->retired &&
         (r->kind != &resident_kind || !rec_is(r, RESIDENT_LIVING, "moved_out"));
}

/* A card outlives nobody's moving out, nor the household that was taken off the register. Coming
 * back is no reason to give one again: the lead does. */
int passes_follow_holders(struct tx *tx, const struct change *c, const struct record *old,
                          const struct record *rec, void *arg, struct err *e) {
  static const struct {
    const struct kind *kind;
    const struct query *q;
    const char *zh, *en;
  } holders[] = {
      {&resident_kind, &q_resident_passes, "居民已搬离", "the resident has moved out"},
      {&household_kind, &q_household_passes, "住户已注销", "the household is off the register"},
      {&compound_kind, &q_compound_passes, "小区已注销", "the compound is off the register"}};
  size_t i = 0;
  (void)arg;
  while (i < ARRAY_LEN(holders) && holders[i].kind != rec->kind) i++;
  if (i == ARRAY_LEN(holders) || !stands(old) || stands(rec)) return 0;
  struct change *by = arena_new(c->a, struct change);
  *by = *c;
  by->reason = str_from(by->viewer->zh ? holders[i].zh : holders[i].en);
  int r = act_on_all(tx, by, holders[i].q, P(V_UUID(rec->id), V_I64(c->op)), "revoke", S("moved"),
                     NULL, e);
  if (r == -E_INVALID) return err_set(e, E_BUG, "a pass of who has gone could not be voided");
  return r;
}
