#include "domain/daily_returns/clerk.h"
#include "domain/daily_returns/remind.h"
#include "core/settings.h"
#include "domain/daily_returns/chase_note.h"
#include "domain/daily_returns/reach.h"
#include "domain/enterprises/resumption_step.h"

/* The duty of a return each day: who owes it, how one who is missing is told, and who learns of it.
 */

static int still_missing(struct app *app, struct tx *tx, int64_t op, const struct uuid *row,
                         bool *ret_wanted, struct err *e) {
  return duty_owed(app, tx, &returns_duty, op, row, ret_wanted, e);
}

const struct message_topic topic_return_reminder = {
    .code = "return_reminder",
    .zh = "催报提醒",
    .en = "Reminder of a return",
    .args = "enterprise return return_en day when_zh when_en how_zh how_en",
    .window_ms = 3 * MS_MINUTE,
    .wanted = still_missing,
    .in_zh = {.subject = "{enterprise}：{day}的{return}还没有报",
              .body = "{enterprise}：\n{day}的{return}还没有收到，{when_zh}。{how_zh}\n"
                      "已经报过的请不必理会。\n",
              .brief = "{enterprise}{day}的{return}还没有报，{when_zh}。{how_zh}已报请忽略。"},
    .in_en = {.subject = "{enterprise}: {return_en} of {day} is missing",
              .body = "{enterprise}:\nyour return ({return_en}) of {day} has not arrived; "
                      "{when_en}. {how_en}\nIf you have reported meanwhile, never mind.\n",
              .brief = "{enterprise}: your return of {day} is missing; {when_en}. {how_en}"}};

const struct alarm_type alarm_returns_missing = {.no = 62,
                                                 .code = "returns.missing",
                                                 .zh = "{subject}过时未报：{value}",
                                                 .en = "{subject} still missing: {value}",
                                                 .owner_role = "coordinator",
                                                 .escalate_ms = 2 * MS_HOUR,
                                                 .severity = 2};
const struct message_topic topic_returns_missing = {
    .code = "returns_missing",
    .zh = "未报名单",
    .en = "Who is missing",
    .args = "unit what what_en day n names",
    .window_ms = 3 * MS_MINUTE,
    .in_zh = {.subject = "{unit}{day}{what}未报{n}家",
              .body = "{unit}{day}的{what}，过时未报{n}家：\n{names}\n",
              .brief = "{unit}{day}{what}未报{n}家。"},
    .in_en = {.subject = "{unit}: {n} missing, {what_en} of {day}",
              .body = "{unit}, {what_en} of {day}: {n} missing after the deadline:\n{names}\n"}};

struct str remind_link(struct app *app, struct arena *a, const struct viewer *v,
                       const struct record *enterprise) {
  char text[LINK_TEXT];
  const struct str base = link_public_url(app, a);
  const struct link l = link_for(app, v, &clerk_purpose, &enterprise->id,
                                 rec_i64(enterprise, ENTERPRISE_LINK_SERIAL));
  if (!base.n) return base;
  link_make(app, &clerk_purpose, &l, text);
  return arena_printf(a, STR_FMT "/e/%s", STR_ARG(base), text);
}

static int say(struct tx *tx, const struct reminding *g, const struct reach *to, struct err *e) {
  struct arena *a = g->a;
  const struct record *enterprise = g->subject;
  const int at = g->what.due;
  const bool over = g->over;
  const struct str link = remind_link(g->app, a, g->v, enterprise);
  int y, m, d;
  day_to_civil(g->what.day, &y, &m, &d);
  const struct message_arg args[] = {
      {"enterprise", rec_text(enterprise, ENTERPRISE_NAME)},
      {"return", g->what.name},
      {"return_en", g->what.name_en},
      {"day", to->language == SAY_EN ? arena_printf(a, "%04d-%02d-%02d", y, m, d)
                                     : arena_printf(a, "%d月%d日", m, d)},
      {"when_zh", over ? arena_printf(a, "已过%02d:%02d时限，仍可补报", at / 60, at % 60)
                       : arena_printf(a, "%02d:%02d截止", at / 60, at % 60)},
      {"when_en",
       over ? arena_printf(a, "it was due by %02d:%02d and is still taken", at / 60, at % 60)
            : arena_printf(a, "it is due by %02d:%02d", at / 60, at % 60)},
      {"how_zh", link.n ? arena_printf(a, "请打开 " STR_FMT " 填报。", STR_ARG(link))
                        : S("请用您的填报链接填报，或电话报给联络人。")},
      {"how_en", link.n ? arena_printf(a, "Open " STR_FMT " to report.", STR_ARG(link))
                        : S("Report by your link, or by telephone.")},
      {0}};
  const struct message msg = {.topic = &topic_return_reminder,
                              .to = to->to,
                              .language = to->language,
                              .args = args,
                              .op = g->v->op,
                              .unit = rec_unit(enterprise, ENTERPRISE_UNIT),
                              .subject_kind = &daily_return_kind,
                              .subject_id = g->record};
  return message_say(tx, g->app, g->v, a, &msg, e);
}

static int remind(struct tx *tx, const struct reminding *g, size_t *ret_n, struct err *e) {
  struct reach to[REACH_MAX];
  int r = reach_of(tx, g->app, g->a, g->subject, g->what.day, to, ret_n, e);
  for (size_t i = 0; i < *ret_n && r >= 0; i++) r = say(tx, g, &to[i], e);
  return r;
}

static const struct duty_note note = {.kind = &chase_note_kind,
                                      .of = "enterprise",
                                      .day = "day",
                                      .until = "promise_at",
                                      .key = "chase"};
static const struct duty_states enterprise_states = {
    .kind = &resumption_step_kind, .of = "enterprise", .day = "day", .state = "to_state"};
const struct duty returns_duty = {.code = "returns",
                                  .zh = "日报",
                                  .en = "Daily return",
                                  .kind = &daily_return_kind,
                                  .subject = &enterprise_kind,
                                  .of = "enterprise",
                                  .day = "day",
                                  .form = "template",
                                  .form_code = "template_code",
                                  .copies = "name building caller",
                                  .title = "name",
                                  .owed = "missing draft",
                                  .exempt = "exempt",
                                  .again = "due_again",
                                  .spared = "closed",
                                  .states = &enterprise_states,
                                  .from = "registered_on",
                                  .settings = "returns",
                                  .note = &note,
                                  .topic = &topic_return_reminder,
                                  .remind = remind,
                                  .alarm = &alarm_returns_missing,
                                  .list = &topic_returns_missing,
                                  .measure = "家",
                                  .key = "return",
                                  .asks = "template=template_code building=building caller=caller "
                                          "channel=channel q after limit sort count"};
