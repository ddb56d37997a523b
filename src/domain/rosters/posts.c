#include "app/alarms.h"
#include "app/operation.h"
#include "base/limits.h"
#include "domain/rosters/rosters.h"
#include <stdlib.h>

/* Shift templates, shifts, assignments and sign-ins: their rules. */

QUERY(q_post_row, "SELECT unit, kind, state, retired, photo_required FROM post WHERE id = $1");

struct post_row {
  int64_t unit;
  bool open, photo;
};

static int post_read(struct tx *tx, const struct uuid *id, struct post_row *ret, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = cur_open(tx, &q_post_row, P(V_UUID(*id)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r < 0) return r;
  if (r == 0) return -E_NOROW;
  *ret = (struct post_row){.unit = cur_i64(cur, 0),
                           .open = str_is(cur_text(cur, 2), "open") && !cur_i64(cur, 3),
                           .photo = cur_i64(cur, 4) != 0};
  return 0;
}

/* The unit of a record that hangs on a post; a closed post takes nothing new. */
static int unit_from_post(struct tx *tx, struct change *c, struct record *rec, int post_field,
                          int unit_field, struct problems *ps, struct err *e) {
  struct post_row post;
  struct uuid id = rec_uuid(rec, post_field);
  int r = post_read(tx, &id, &post, e);
  if (r == -E_NOROW) return 0; /* said already by the reference's own rule */
  if (r < 0) return r;
  if (!post.open && c->verb == CHANGE_CREATE) problem_add(ps, PROBLEM_retired, S("post"));
  rec_set(rec, unit_field, V_I64(post.unit));
  return 0;
}

/* ---- templates ---- */

void template_check(const struct change *c, const struct record *old, struct record *rec,
                    struct problems *ps) {
  (void)c, (void)old;
  if (!rec_null(rec, TEMPLATE_FROM) && !rec_null(rec, TEMPLATE_TO) &&
      rec_day(rec, TEMPLATE_TO) < rec_day(rec, TEMPLATE_FROM))
    problem_add(ps, PROBLEM_dates_reversed, S("valid_to"));
  if (!rec_null(rec, TEMPLATE_START) && rec_i64(rec, TEMPLATE_START) == rec_i64(rec, TEMPLATE_END))
    problem_add(ps, PROBLEM_dates_reversed, S("end_at"));
}

int template_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                   struct problems *ps, struct err *e) {
  (void)old;
  return unit_from_post(tx, c, rec, TEMPLATE_POST, TEMPLATE_UNIT, ps, e);
}

/* ---- shifts ---- */

void shift_check(const struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps) {
  (void)old;
  if (rec_null(rec, SHIFT_DATE) || rec_null(rec, SHIFT_START) || rec_null(rec, SHIFT_END)) return;
  const int64_t start = rec_i64(rec, SHIFT_START), end = rec_i64(rec, SHIFT_END);
  if (start == end || start == 1440) problem_add(ps, PROBLEM_dates_reversed, S("end_at"));
  const int32_t day = rec_day(rec, SHIFT_DATE);
  rec_set(rec, SHIFT_STARTS_AT, V_I64(zone_moment(c->viewer->zone, day, (int)start)));
  /* an end before the start lies on the next day: the night shift */
  rec_set(rec, SHIFT_ENDS_AT,
          V_I64(zone_moment(c->viewer->zone, end <= start ? day + 1 : day, (int)end)));
}

QUERY(q_shift_assignments,
      "SELECT count(*) FROM assignment WHERE shift = $1 AND retired = 0 AND state <> 'cancelled'");

int shift_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                struct problems *ps, struct err *e) {
  if (!old) return unit_from_post(tx, c, rec, SHIFT_POST, SHIFT_UNIT, ps, e);
  const bool moved = rec_i64(old, SHIFT_STARTS_AT) != rec_i64(rec, SHIFT_STARTS_AT) ||
                     rec_i64(old, SHIFT_ENDS_AT) != rec_i64(rec, SHIFT_ENDS_AT);
  const bool ends = str_is(rec->state, "cancelled") || rec->retired;
  int64_t n = 0;
  if (!moved && !ends) return 0;
  int r = tx_i64(tx, &q_shift_assignments, P(V_UUID(rec->id)), &n, e);
  if (r >= 0 && n)
    problem_text(ps, PROBLEM_in_use, moved ? S("start") : S(""), (struct str){0}, (struct str){0},
                 S("已有人排在此班次 / people are assigned to this shift"));
  return r;
}

/* ---- assignments ---- */

QUERY(q_shift_row, "SELECT unit, post, date, starts_at, ends_at, state, retired FROM shift "
                   "WHERE id = $1");
QUERY(q_assignment_overlap,
      "SELECT s.date, s.start, s.end_at, p.name FROM assignment a JOIN shift s ON s.id = a.shift "
      "JOIN post p ON p.id = a.post WHERE a.responder = $1 AND a.retired = 0 "
      "AND a.state <> 'cancelled' AND a.starts_at < $3 AND a.ends_at > $2 AND a.id <> $4 LIMIT 1");
QUERY(q_deployed_on, "SELECT count(*) FROM deployment d WHERE d.responder = $1 AND d.retired = 0 "
                     "AND d.state IN ('planned', 'reported', 'released') "
                     "AND (d.released_on IS NULL OR d.released_on >= $2) "
                     "AND coalesce(d.reported_on, d.planned_from, $2) <= $2");

static int take_shift(struct tx *tx, struct record *rec, struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = cur_open(tx, &q_shift_row, P(V_UUID(rec_uuid(rec, ASSIGNMENT_SHIFT))), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r;
  rec_set(rec, ASSIGNMENT_UNIT, V_I64(cur_i64(cur, 0)));
  rec_set(rec, ASSIGNMENT_POST, V_UUID(cur_uuid(cur, 1)));
  rec_set(rec, ASSIGNMENT_DATE, V_TEXT(arena_dup(ps->a, cur_text(cur, 2))));
  rec_set(rec, ASSIGNMENT_STARTS_AT, V_I64(cur_i64(cur, 3)));
  rec_set(rec, ASSIGNMENT_ENDS_AT, V_I64(cur_i64(cur, 4)));
  if (!str_is(cur_text(cur, 5), "open") || cur_i64(cur, 6))
    problem_add(ps, PROBLEM_retired, S("shift"));
  return 0;
}

static int no_overlap(struct tx *tx, const struct record *rec, struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  char start[6], end[6];
  int r = cur_open(tx, &q_assignment_overlap,
                   P(V_UUID(rec_uuid(rec, ASSIGNMENT_RESPONDER)),
                     V_I64(rec_i64(rec, ASSIGNMENT_STARTS_AT)),
                     V_I64(rec_i64(rec, ASSIGNMENT_ENDS_AT)), V_UUID(rec->id)),
                   &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r;
  minute_format((int)cur_i64(cur, 1), start);
  minute_format((int)cur_i64(cur, 2), end);
  problem_text(ps, PROBLEM_overlap, S("responder"), (struct str){0}, (struct str){0},
               arena_printf(ps->a, STR_FMT " %s–%s " STR_FMT, STR_ARG(cur_text(cur, 0)), start, end,
                            STR_ARG(cur_text(cur, 3))));
  return 0;
}

int assignment_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps, struct err *e) {
  if (old && !(c->transition && str_is(rec->state, "due"))) return 0;
  int r = old ? 0 : take_shift(tx, rec, ps, e);
  if (r >= 0 && !rec_null(rec, ASSIGNMENT_STARTS_AT)) r = no_overlap(tx, rec, ps, e);
  if (r < 0 || old) return r;
  int64_t n = 0;
  r = tx_i64(tx, &q_deployed_on,
             P(V_UUID(rec_uuid(rec, ASSIGNMENT_RESPONDER)), V_TEXT(rec_text(rec, ASSIGNMENT_DATE))),
             &n, e);
  if (r >= 0 && n == 0) {
    struct problem *p = problem_warn(ps, PROBLEM_rule, S("responder"));
    p->value = S("该人员当日没有派驻记录 / the person is not deployed on that day");
  }
  return r;
}

void assignment_contribute(const struct record *r, struct contribs *out) {
  static const struct {
    const char *state;
    const struct indicator *ind;
  } by_state[] = {{"present", &ind_present},
                  {"late", &ind_late},
                  {"excused", &ind_excused},
                  {"absent", &ind_absent},
                  {"due", &ind_unheard}};
  if (r->retired || rec_null(r, ASSIGNMENT_DATE)) return;
  const int32_t unit = rec_unit(r, ASSIGNMENT_UNIT), day = rec_day(r, ASSIGNMENT_DATE);
  for (size_t i = 0; i < ARRAY_LEN(by_state); i++) {
    if (!str_is(r->state, by_state[i].state)) continue;
    contrib_add(out, &ind_due, unit, day, 1);
    contrib_add(out, by_state[i].ind, unit, day, 1);
  }
}

/* ---- sign-ins ---- */

static int sign_in_refuse(struct problems *ps, enum problem_code code, const char *field,
                          const char *value) {
  problem_text(ps, code, str_from(field), (struct str){0}, str_from(value), (struct str){0});
  return 0;
}

/* Whose shift it is, and whether he who signs may. */
static void sign_in_who(const struct change *c, const struct record *assignment,
                        const struct record *rec, struct problems *ps) {
  const struct uuid person = rec_uuid(assignment, ASSIGNMENT_RESPONDER);
  const bool own = uuid_eq(&person, &c->viewer->responder);
  if (own || c->viewer->system) return;
  /* a lead signs for someone without a phone, and says so */
  const bool may = viewer_may(c->viewer, right_by_name(S("sign_in.on_behalf")),
                              rec_unit(assignment, ASSIGNMENT_UNIT));
  if (!may)
    problem_add(ps, PROBLEM_not_theirs, S("assignment"));
  else if (rec_is(rec, SIGN_IN_METHOD, "self"))
    problem_add(ps, PROBLEM_not_theirs, S("method"));
}

/* The moment that counts: the server's, or what a lead copies from paper. */
static int64_t sign_in_moment(const struct change *c, const struct record *rec) {
  const bool told = rec_is(rec, SIGN_IN_METHOD, "paper") || c->viewer->system;
  return told && !rec_null(rec, SIGN_IN_DEVICE_AT) ? rec_i64(rec, SIGN_IN_DEVICE_AT) : c->at_ms;
}

static void sign_in_phase(struct app *app, struct change *c, const struct record *as,
                          struct record *rec, struct problems *ps) {
  const bool in = rec_is(rec, SIGN_IN_PHASE, "in");
  const int64_t at = sign_in_moment(c, rec);
  const int32_t day = zone_day(c->viewer->zone, at, NULL);
  char text[DAY_TEXT];
  day_format(day, text);
  rec_set(rec, SIGN_IN_AT, V_I64(at));
  rec_set(rec, SIGN_IN_DAY, V_TEXT(arena_dup(c->a, (struct str){text, 10})));
  if (!in) {
    if (rec_null(as, ASSIGNMENT_SIGNED_IN_AT))
      sign_in_refuse(ps, PROBLEM_wrong_state, "phase", "未签到 / not signed in");
    rec_set(rec, SIGN_IN_OUTCOME, V_TEXTZ("signed_out"));
    return;
  }
  const int64_t early = policy(app, c->op, "sign_in_early_minutes", day) * MS_MINUTE;
  if (!str_is(as->state, "due") && !str_is(as->state, "absent"))
    sign_in_refuse(ps, PROBLEM_wrong_state, "assignment", arena_strz(c->a, as->state));
  else if (at < rec_i64(as, ASSIGNMENT_STARTS_AT) - early || at > rec_i64(as, ASSIGNMENT_ENDS_AT))
    sign_in_refuse(ps, PROBLEM_wrong_state, "assignment",
                   "不在签到时间内 / outside the time of the shift");
  if (rec_null(rec, SIGN_IN_TEMPERATURE)) {
    problem_add(ps, PROBLEM_required, S("temperature"));
    return;
  }
  const int64_t temp = rec_i64(rec, SIGN_IN_TEMPERATURE);
  if (temp < policy(app, c->op, "temp_low", day))
    problem_warn(ps, PROBLEM_remeasure, S("temperature"));
  const bool hot = temp >= policy(app, c->op, "temp_threshold", day);
  rec_set(rec, SIGN_IN_OUTCOME, V_TEXTZ(hot ? "kept_off" : "on_post"));
}

int sign_in_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps, struct err *e) {
  struct record *as;
  (void)old;
  struct uuid id = rec_uuid(rec, SIGN_IN_ASSIGNMENT);
  int r = record_load(tx, c->a, &assignment_kind, c->op, &id, &as, e);
  if (r == -E_NOROW) return 0; /* said already by the reference's own rule */
  if (r < 0) return r;
  rec_set(rec, SIGN_IN_UNIT, as->v[ASSIGNMENT_UNIT]);
  rec_set(rec, SIGN_IN_POST, as->v[ASSIGNMENT_POST]);
  rec_set(rec, SIGN_IN_RESPONDER, as->v[ASSIGNMENT_RESPONDER]);
  sign_in_who(c, as, rec, ps);
  sign_in_phase(change_app(c), c, as, rec, ps);
  return 0;
}

/* A replacement is asked for at once: who, where and how hot, without more of him than his title.
 */
static int tell_lead(struct tx *tx, struct change *c, const struct record *rec, struct record *as,
                     struct err *e) {
  const int64_t temp = rec_i64(rec, SIGN_IN_TEMPERATURE);
  struct emit em = {.tx = tx, .en = c->en, .viewer = c->viewer, .a = c->a};
  const struct alarm al = {
      .type = &alarm_sign_in_hot,
      .op = c->op,
      .unit = rec_unit(rec, SIGN_IN_UNIT),
      .subject_kind = &assignment_kind,
      .subject_id = as->id,
      .subject = record_title(&em, as),
      .value = arena_printf(c->a, "%lld.%lld", (long long)(temp / 10), (long long)(temp % 10))};
  return alarm_raise(tx, c, &al, NULL, NULL, e);
}

/* The assignment follows its sign-in, and the lead is told of a fever. */
int sign_in_applied(struct tx *tx, struct change *c, const struct record *old,
                    const struct record *rec, struct err *e) {
  (void)old;
  const int64_t at = rec_i64(rec, SIGN_IN_AT);
  const bool out = rec_is(rec, SIGN_IN_PHASE, "out");
  const bool hot = rec_is(rec, SIGN_IN_OUTCOME, "kept_off");
  struct record *as;
  struct uuid id = rec_uuid(rec, SIGN_IN_ASSIGNMENT);
  int r = record_load(tx, c->a, &assignment_kind, c->op, &id, &as, e);
  if (r < 0) return r;
  const bool in_time = at <= rec_i64(as, ASSIGNMENT_STARTS_AT);
  struct change *in =
      change_make(c->a, c->en, c->viewer, &assignment_kind, out ? CHANGE_UPDATE : CHANGE_ACTION);
  in->id = id;
  change_set(in, ASSIGNMENT_HEARD_AT, V_I64(c->at_ms));
  if (out) {
    change_set(in, ASSIGNMENT_SIGNED_OUT_AT, V_I64(at));
  } else {
    in->transition = kind_transition(&assignment_kind, hot       ? S("keep_off")
                                                       : in_time ? S("arrive")
                                                                 : S("arrive_late"));
    if (hot)
      change_set(in, ASSIGNMENT_EXCUSE, V_TEXTZ("temperature"));
    else
      change_set(in, ASSIGNMENT_SIGNED_IN_AT, V_I64(at));
  }
  r = change_within(tx, c, in, e);
  return r < 0 || !hot ? r : tell_lead(tx, c, rec, as, e);
}
