#include "app/operation.h"
#include "domain/enterprises/enterprises.h"
#include "domain/enterprises/returns.h"
#include "domain/rosters/rosters.h"

/* The enterprise's file. What changes the day's totals (put on the register, planned, resumed,
 * moved, closed) is written as a step with its day, and the figures come from the steps: so a rate
 * of a past day stays what it was, whatever becomes of the enterprise. */

static void dates_in_order(const struct record *r, int from, int to, struct problems *ps) {
  if (!rec_null(r, from) && !rec_null(r, to) && rec_day(r, to) < rec_day(r, from))
    problem_add(ps, PROBLEM_dates_reversed, str_from(r->kind->fields[to].name));
}

static void not_in_future(const struct change *c, const struct record *r, int field,
                          struct problems *ps) {
  if (!rec_null(r, field) && rec_day(r, field) > c->viewer->today)
    problem_add(ps, PROBLEM_in_future, str_from(r->kind->fields[field].name));
}

void enterprise_check(const struct change *c, const struct record *old, struct record *rec,
                      struct problems *ps) {
  not_in_future(c, rec, ENTERPRISE_REGISTERED_ON, ps);
  not_in_future(c, rec, ENTERPRISE_RESUMED_ON, ps);
  not_in_future(c, rec, ENTERPRISE_CLOSED_ON, ps);
  not_in_future(c, rec, ENTERPRISE_EFFECTIVE_ON, ps);
  dates_in_order(rec, ENTERPRISE_REGISTERED_ON, ENTERPRISE_RESUMED_ON, ps);
  dates_in_order(rec, ENTERPRISE_REGISTERED_ON, ENTERPRISE_CLOSED_ON, ps);
  if (c->verb != CHANGE_UPDATE || c->internal) return;
  /* these dates come with their step, so that state and figures agree with them */
  static const int by_action[] = {ENTERPRISE_RESUMED_ON, ENTERPRISE_CLOSED_ON};
  for (size_t i = 0; i < ARRAY_LEN(by_action); i++)
    if (c->given[by_action[i]] && old &&
        !str_eq(rec_text(old, by_action[i]), rec_text(rec, by_action[i])))
      problem_add(ps, PROBLEM_read_only, str_from(enterprise_kind.fields[by_action[i]].name));
}

static struct val day_val(struct arena *a, int32_t day) {
  char text[DAY_TEXT];
  day_format(day, text);
  return V_TEXT(arena_dup(a, (struct str){text, 10}));
}

QUERY(q_last_step, "SELECT day FROM resumption_step WHERE enterprise = $1 ORDER BY day DESC, seq "
                   "DESC LIMIT 1");

/* The day on which this change counts: the date it carries, else today. */
static int32_t step_day(const struct change *c, const struct record *rec) {
  if (c->transition && str_is(rec->state, "resumed") && c->transition->to)
    return rec_null(rec, ENTERPRISE_RESUMED_ON) ? c->viewer->today
                                                : rec_day(rec, ENTERPRISE_RESUMED_ON);
  if (c->transition && str_is(rec->state, "closed"))
    return rec_null(rec, ENTERPRISE_CLOSED_ON) ? c->viewer->today
                                               : rec_day(rec, ENTERPRISE_CLOSED_ON);
  if (c->given[ENTERPRISE_EFFECTIVE_ON] && !rec_null(rec, ENTERPRISE_EFFECTIVE_ON))
    return rec_day(rec, ENTERPRISE_EFFECTIVE_ON);
  return c->viewer->today;
}

static bool makes_step(const struct change *c, const struct record *old, const struct record *rec) {
  return old &&
         (!str_eq(old->state, rec->state) || old->retired != rec->retired ||
          rec_unit(old, ENTERPRISE_UNIT) != rec_unit(rec, ENTERPRISE_UNIT) ||
          (rec_null(old, ENTERPRISE_GUIDED_ON) && !rec_null(rec, ENTERPRISE_GUIDED_ON))) &&
         c->kind;
}

/* Steps follow one another: one that is dated before the last would give a past day two states. */
static int steps_in_order(struct tx *tx, const struct change *c, const struct record *rec,
                          struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int32_t last;
  int r = cur_open(tx, &q_last_step, P(V_UUID(rec->id)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r;
  /* at the date that was given for it */
  const struct str field = c->given[ENTERPRISE_RESUMED_ON]  ? S("resumed_on")
                           : c->given[ENTERPRISE_CLOSED_ON] ? S("closed_on")
                                                            : S("effective_on");
  if (day_parse(cur_text(cur, 0), &last) == 0 && step_day(c, rec) < last)
    problem_text(ps, PROBLEM_rule, field, (struct str){0},
                 S("早于上一步的日期 / before the day of the step before"), (struct str){0});
  return 0;
}

int enterprise_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps, struct err *e) {
  if (old) {
    if (c->transition && str_is(str_from(c->transition->name), "renew_link"))
      rec_set(rec, ENTERPRISE_LINK_SERIAL, V_I64(rec_i64(rec, ENTERPRISE_LINK_SERIAL) + 1));
    return makes_step(c, old, rec) ? steps_in_order(tx, c, rec, ps, e) : 0;
  }
  if (rec_null(rec, ENTERPRISE_REGISTERED_ON))
    rec_set(rec, ENTERPRISE_REGISTERED_ON, day_val(c->a, c->viewer->today));
  /* a register that is imported says already how far each has come */
  if (!rec_null(rec, ENTERPRISE_RESUMED_ON))
    rec->state = S("resumed");
  else if (!rec_null(rec, ENTERPRISE_PLANNED_ON))
    rec->state = S("planned");
  return 0;
}

static const char *step_name(const struct record *old, const struct record *rec) {
  static const struct {
    const char *to, *step;
  } by_state[] = {{"planned", "planned"}, {"filed", "filed"},         {"checked", "checked"},
                  {"resumed", "resumed"}, {"suspended", "suspended"}, {"closed", "closed"},
                  {"open", "reopened"}};
  if (!old) return "registered";
  if (old->retired != rec->retired) return rec->retired ? "erased" : "reopened";
  if (str_eq(old->state, rec->state))
    return rec_unit(old, ENTERPRISE_UNIT) != rec_unit(rec, ENTERPRISE_UNIT) ? "moved" : "guided";
  for (size_t i = 0; i < ARRAY_LEN(by_state); i++)
    if (str_is(rec->state, by_state[i].to)) return by_state[i].step;
  return "registered";
}

static int write_step(struct tx *tx, struct change *c, const char *name, int32_t day,
                      const struct record *old, const struct record *rec, struct str from,
                      struct str to, struct err *e) {
  struct change *in = change_make(c->a, c->en, c->viewer, &resumption_step_kind, CHANGE_CREATE);
  const bool gone = old && old->retired;
  change_set(in, STEP_ENTERPRISE, V_UUID(rec->id));
  change_set(in, STEP_UNIT, V_I64(rec_unit(rec, ENTERPRISE_UNIT)));
  if (old && !gone) change_set(in, STEP_FROM_UNIT, V_I64(rec_unit(old, ENTERPRISE_UNIT)));
  change_set(in, STEP_STEP, V_TEXTZ(name));
  change_set(in, STEP_DAY, day_val(c->a, day));
  if (!gone && from.p) change_set(in, STEP_FROM_STATE, V_TEXT(from));
  change_set(in, STEP_TO_STATE, V_TEXT(to));
  change_set(in, STEP_WAS_GUIDED, V_I64(old && !gone && !rec_null(old, ENTERPRISE_GUIDED_ON)));
  change_set(in, STEP_GUIDED, V_I64(!rec_null(rec, ENTERPRISE_GUIDED_ON)));
  if (c->reason.n) change_set(in, STEP_REASON, V_TEXT(c->reason));
  return change_within(tx, c, in, e);
}

/* On the register since one day, at work since another: two steps, each on its day. */
static int first_steps(struct tx *tx, struct change *c, const struct record *rec, struct err *e) {
  const bool resumed = str_is(rec->state, "resumed");
  const struct str first = resumed ? S("open") : rec->state;
  int r = write_step(tx, c, "registered", rec_day(rec, ENTERPRISE_REGISTERED_ON), NULL, rec,
                     (struct str){0}, first, e);
  if (r < 0 || !resumed) return r;
  return write_step(tx, c, "resumed", rec_day(rec, ENTERPRISE_RESUMED_ON), rec, rec, first,
                    rec->state, e);
}

int enterprise_applied(struct tx *tx, struct change *c, const struct record *old,
                       const struct record *rec, struct err *e) {
  int r = 0;
  if (!old)
    r = first_steps(tx, c, rec, e);
  else if (makes_step(c, old, rec))
    r = write_step(tx, c, step_name(old, rec), step_day(c, rec), old, rec, old->state,
                   rec->retired ? S("closed") : rec->state, e);
  return r < 0 ? r : returns_follow(tx, c, old, rec, e);
}

/* ---- figures ---- */

static void counted(struct contribs *out, int32_t unit, int32_t day, struct str state, bool guided,
                    int64_t n) {
  if (!unit || !state.p || str_is(state, "closed")) return;
  contrib_add(out, &ind_ent_total, unit, day, n);
  if (str_is(state, "planned") || str_is(state, "filed") || str_is(state, "checked"))
    contrib_add(out, &ind_ent_planned, unit, day, n);
  if (str_is(state, "resumed")) contrib_add(out, &ind_ent_resumed, unit, day, n);
  if (guided) contrib_add(out, &ind_ent_guided, unit, day, n);
}

void step_contribute(const struct record *r, struct contribs *out) {
  const int32_t day = rec_day(r, STEP_DAY);
  counted(out, rec_unit(r, STEP_FROM_UNIT), day, rec_text(r, STEP_FROM_STATE),
          rec_i64(r, STEP_WAS_GUIDED) != 0, -1);
  counted(out, rec_unit(r, STEP_UNIT), day, rec_text(r, STEP_TO_STATE),
          rec_i64(r, STEP_GUIDED) != 0, 1);
}

/* ---- what hangs on an enterprise ---- */

QUERY(q_enterprise_unit, "SELECT unit, state, retired FROM enterprise WHERE id = $1");

int of_enterprise_apply(struct tx *tx, struct change *c, const struct record *old,
                        struct record *rec, struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  if (old) return 0;
  int r = cur_open(tx, &q_enterprise_unit, P(V_UUID(rec_uuid(rec, 0))), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r; /* said already by the reference's own rule */
  if (str_is(cur_text(cur, 1), "closed") && !c->internal)
    problem_add(ps, PROBLEM_retired, S("enterprise"));
  rec_set(rec, 1, V_I64(cur_i64(cur, 0)));
  return 0;
}

/* One address and nothing else, as the relay will want it. */
static bool is_address(struct str s) {
  const size_t at = str_find_char(s, '@');
  for (size_t i = 0; i < s.n; i++)
    if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("<>,;:\\\"()[]", s.p[i])) return false;
  return at != (size_t)-1 && at > 0 && at + 1 < s.n &&
         str_find_char(str_sub(s, at + 1, s.n), '@') == (size_t)-1;
}

/* What is sealed is plain in the change only; else it stands in the record as it was. */
static bool has(const struct change *c, const struct record *old, int field) {
  if (c->given[field]) return c->v[field].t == VAL_TEXT && c->v[field].s.n > 0;
  return old && old->sealed[field].p;
}

void contact_check(const struct change *c, const struct record *old, struct record *rec,
                   struct problems *ps) {
  dates_in_order(rec, CONTACT_FROM, CONTACT_TO, ps);
  if (c->given[CONTACT_EMAIL] && has(c, old, CONTACT_EMAIL) && !is_address(c->v[CONTACT_EMAIL].s))
    problem_text(ps, PROBLEM_bad_format, S("email"), S("name@host"), (struct str){0},
                 S("名称@主机"));
  if (rec_is(rec, CONTACT_REMIND, "mail") && !has(c, old, CONTACT_EMAIL))
    problem_add(ps, PROBLEM_required, S("email"));
  if (rec_is(rec, CONTACT_REMIND, "sms") && !has(c, old, CONTACT_PHONE))
    problem_add(ps, PROBLEM_required, S("phone"));
}
