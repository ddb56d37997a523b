#include "notify/alarms.h"
#include "core/operation.h"
#include "domain/rosters/rosters.h"

/* Sign-ins (签到): by oneself, by the lead, or copied from paper; the assignment follows. */

const struct alarm_type alarm_sign_in_hot = {
    .no = 1,
    .code = "sign_in_hot",
    .zh = "{subject} 签到体温 {value}℃，未上岗，请安排替岗",
    .en = "{subject}: {value} °C at sign-in, kept off the post; arrange a replacement",
    .owner_role = "lead",
    .escalate_ms = 30 * MS_MINUTE,
    .severity = 3};

static const struct choice phases[] = {{"in", "签到", "sign-in"}, {"out", "签退", "sign-out"}, {0}};
static const struct choice outcomes[] = {{"on_post", "上岗", "on post"},
                                         {"kept_off", "体温异常，不上岗", "kept off the post"},
                                         {"signed_out", "离岗", "signed out"},
                                         {0}};
static const struct choice methods[] = {{"self", "本人", "self"},
                                        {"on_behalf", "代签", "on behalf"},
                                        {"paper", "纸质补录", "caught up from paper"},
                                        {0}};
static const struct field sign_in_fields[SIGN_IN_FIELDS_] = {
    [SIGN_IN_ASSIGNMENT] = {1, "assignment", FT_REF, FF_REQUIRED | FF_FILTER, .ref = "assignment",
                            .zh = "排班", .en = "Assignment"},
    [SIGN_IN_UNIT] = {2, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "所属单位",
                      .en = "Unit"},
    [SIGN_IN_POST] = {3, "post", FT_REF, FF_SYSTEM | FF_FILTER, .ref = "post", .zh = "值勤点",
                      .en = "Post"},
    [SIGN_IN_RESPONDER] = {4, "responder", FT_REF, FF_SYSTEM | FF_FILTER | FF_TITLE,
                           .ref = "responder", .zh = "人员", .en = "Responder"},
    [SIGN_IN_PHASE] = {5, "phase", FT_ENUM, FF_FILTER, .choices = phases, .initial = "in",
                       .zh = "签到签退", .en = "In or out"},
    [SIGN_IN_TEMPERATURE] = {6, "temperature", FT_TEMP, FF_FILTER, .zh = "体温",
                             .en = "Temperature"},
    [SIGN_IN_OUTCOME] = {7, "outcome", FT_ENUM, FF_SYSTEM | FF_FILTER, .choices = outcomes,
                         .zh = "结果", .en = "Outcome"},
    [SIGN_IN_METHOD] = {8, "method", FT_ENUM, FF_FILTER, .choices = methods, .initial = "self",
                        .zh = "方式", .en = "Method"},
    [SIGN_IN_PHOTO] = {9, "photo", FT_PHOTO, .zh = "在岗照", .en = "On-duty photo"},
    [SIGN_IN_DEVICE_AT] = {10, "device_at", FT_MOMENT, .zh = "手机时间", .en = "Device time"},
    [SIGN_IN_AT] = {11, "at", FT_MOMENT, FF_SYSTEM | FF_SORT | FF_FILTER, .zh = "时间",
                    .en = "Time"},
    [SIGN_IN_DAY] = {12, "day", FT_DATE, FF_SYSTEM | FF_SORT | FF_FILTER, .zh = "日期",
                     .en = "Day"},
    [SIGN_IN_REMARK] = {13, "remark", FT_TEXT, .zh = "备注", .en = "Remark"},
    [SIGN_IN_CLOCK_DOUBTFUL] = {14, "clock_doubtful", FT_BOOL, FF_SYSTEM | FF_FILTER,
                                .zh = "时钟存疑", .en = "Clock doubtful"},
};
static const char *const sign_in_indexes[] = {"assignment", NULL};
static const struct screen sign_in_screen = {
    .group = "duty",
    .order = 30,
    .zh = "签到",
    .en = "Sign-ins",
    .columns = "responder post phase temperature outcome method at",
    .quick = "clock_doubtful",
    .sort = "-at"};

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

/* The moment that counts: what a lead copies from paper, a registered phone's own, or the server's.
 */
static int64_t sign_in_moment(const struct change *c, struct record *rec) {
  const bool told = rec_is(rec, SIGN_IN_METHOD, "paper") || c->viewer->system;
  if (told && !rec_null(rec, SIGN_IN_DEVICE_AT)) return rec_i64(rec, SIGN_IN_DEVICE_AT);
  return uuid_is_nil(&c->device) ? c->at_ms
                                 : change_judged(c, rec, SIGN_IN_DEVICE_AT, SIGN_IN_CLOCK_DOUBTFUL);
}

/* In before out, out before now; who has signed out already has. */
static int sign_out(struct change *c, const struct record *as, struct record *rec,
                    struct problems *ps, struct err *e) {
  const int64_t in = rec_i64(as, ASSIGNMENT_SIGNED_IN_AT);
  rec_set(rec, SIGN_IN_OUTCOME, V_TEXTZ("signed_out"));
  if (rec_null(as, ASSIGNMENT_SIGNED_IN_AT)) {
    problem_add(ps, PROBLEM_not_signed_in, S("phase"));
    return 0;
  }
  if (!rec_null(as, ASSIGNMENT_SIGNED_OUT_AT))
    return err_field(e, E_CONFLICT, "has been signed out already", "phase");
  if (rec_i64(rec, SIGN_IN_AT) >= in) return 0;
  if (uuid_is_nil(&c->device)) {
    problem_add(ps, PROBLEM_dates_reversed, S("device_at"));
    return 0;
  }
  rec_set(rec, SIGN_IN_AT, V_I64(in));
  rec_set(rec, SIGN_IN_CLOCK_DOUBTFUL, V_I64(1));
  return 0;
}

static int sign_in_phase(struct app *app, struct change *c, const struct record *as,
                         struct record *rec, struct problems *ps, struct err *e) {
  const bool in = rec_is(rec, SIGN_IN_PHASE, "in");
  const int64_t at = sign_in_moment(c, rec);
  const int32_t day = zone_day(c->viewer->zone, at, NULL);
  char text[DAY_TEXT];
  day_format(day, text);
  rec_set(rec, SIGN_IN_AT, V_I64(at));
  rec_set(rec, SIGN_IN_DAY, V_TEXT(arena_dup(c->a, (struct str){text, 10})));
  if (at > c->at_ms) problem_add(ps, PROBLEM_in_future, S("device_at"));
  if (!in) return sign_out(c, as, rec, ps, e);
  const int64_t early = policy(app, c->op, "sign_in_early_minutes", day) * MS_MINUTE;
  const bool open = word_in("due absent", as->state);
  /* Decided here while the phone had no network: a person looks at both. */
  if (!open && !uuid_is_nil(&c->device))
    return err_field(e, E_CONFLICT, "the assignment stands otherwise by now", "assignment");
  if (!open)
    sign_in_refuse(ps, PROBLEM_wrong_state, "assignment", arena_strz(c->a, as->state));
  else if (at < rec_i64(as, ASSIGNMENT_STARTS_AT) - early || at > rec_i64(as, ASSIGNMENT_ENDS_AT))
    problem_add(ps, PROBLEM_outside_shift, S("assignment"));
  if (rec_null(rec, SIGN_IN_TEMPERATURE)) {
    problem_add(ps, PROBLEM_required, S("temperature"));
    return 0;
  }
  const int64_t temp = rec_i64(rec, SIGN_IN_TEMPERATURE);
  if (temp < policy(app, c->op, "temp_low", day))
    problem_warn(ps, PROBLEM_remeasure, S("temperature"));
  const bool hot = temp >= policy(app, c->op, "temp_threshold", day);
  rec_set(rec, SIGN_IN_OUTCOME, V_TEXTZ(hot ? "kept_off" : "on_post"));
  return 0;
}

static int sign_in_apply(struct tx *tx, struct change *c, const struct record *old,
                         struct record *rec, struct problems *ps, struct err *e) {
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
  return sign_in_phase(change_app(c), c, as, rec, ps, e);
}

/* A replacement is asked for at once: who, where and how hot, without more of him than his title.
 */
static int tell_lead(struct tx *tx, struct change *c, const struct record *rec, struct record *as,
                     struct err *e) {
  const int64_t temp = rec_i64(rec, SIGN_IN_TEMPERATURE);
  struct emit em = {.tx = tx, .en = c->en, .viewer = c->viewer, .a = c->a};
  char id[UUID_TEXT];
  uuid_format(&rec->id, id);
  const struct alarm al = {
      .type = &alarm_sign_in_hot,
      .op = c->op,
      .unit = rec_unit(rec, SIGN_IN_UNIT),
      .subject_kind = &assignment_kind,
      .subject_id = as->id,
      .cause_value = arena_dup(c->a, str_from(id)), /* each reading is one of its own */
      .subject = record_title(&em, as),
      .value = arena_printf(c->a, "%lld.%lld", (long long)(temp / 10), (long long)(temp % 10))};
  return alarm_raise(tx, c, &al, NULL, NULL, e);
}

/* The assignment follows its sign-in, and the lead is told of a fever. */
static int sign_in_applied(struct tx *tx, struct change *c, const struct record *old,
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

const struct kind sign_in_kind = {.no = 28,
                                  .name = "sign_in",
                                  .plural = "sign-ins",
                                  .zh = "签到",
                                  .en = "Sign-in",
                                  .screen = &sign_in_screen,
                                  .flags = KF_EVENT | KF_SYNC,
                                  FIELDS(sign_in_fields),
                                  .indexes = sign_in_indexes,
                                  .apply = sign_in_apply,
                                  .applied = sign_in_applied};
