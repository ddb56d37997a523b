#include "core/settings.h"
#include "domain/daily_returns/reach.h"
#include "domain/daily_returns/remind.h"
#include "domain/daily_returns/sent_back.h"

/* A return that comes back for correction is told to those whom a reminder would reach, with the
 * reason and the way to it, in the transaction that sends it back. The outbox asks again before
 * each attempt: what has been corrected meanwhile is not sent. */

enum { REASON_SHOWN = 80 };

QUERY(q_still_back, "SELECT state FROM daily_return WHERE id = $1");

static int still_sent_back(struct app *app, struct tx *tx, int64_t op, const struct uuid *row,
                           bool *ret_wanted, struct err *e) {
  (void)app, (void)op;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_still_back, P(V_UUID(*row)), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  *ret_wanted = r == 1 && str_is(cur_text(c, 0), "returned");
  return 0;
}

const struct message_topic topic_return_sent_back = {
    .code = "return_sent_back",
    .zh = "日报退回更正",
    .en = "A return sent back",
    .args = "enterprise return return_en day reason how_zh how_en",
    .window_ms = 3 * MS_MINUTE,
    .wanted = still_sent_back,
    .in_zh = {.subject = "{enterprise}：{day}的{return}被退回更正",
              .body = "{enterprise}：\n{day}的{return}被退回更正，原因：{reason}\n{how_zh}\n"
                      "已经更正的请不必理会。\n",
              .brief = "{enterprise}{day}的{return}被退回更正：{reason}。{how_zh}已更正请忽略。"},
    .in_en = {.subject = "{enterprise}: {return_en} of {day} was sent back",
              .body = "{enterprise}:\nyour return ({return_en}) of {day} was sent back to be "
                      "corrected: {reason}\n{how_en}\nIf you have corrected it meanwhile, never "
                      "mind.\n",
              .brief = "{enterprise}: your return of {day} was sent back: {reason}. {how_en}"}};

/* ---- what ---- */

struct telling {
  struct app *app;
  struct arena *a;
  const struct viewer *v;
  const struct record *row, *enterprise;
  struct str name, name_en; /* of the return */
};

/* A text message is paid for by its length. */
static struct str shortened(struct arena *a, struct str s) {
  size_t n = 0, at = 0;
  while (at < s.n) {
    const bool starts = ((unsigned char)s.p[at] & 0xc0) != 0x80;
    if (starts && n++ == REASON_SHOWN)
      return arena_printf(a, STR_FMT "…", STR_ARG(str_sub(s, 0, at)));
    at++;
  }
  return s;
}

static int name_form(struct tx *tx, struct telling *t, struct err *e) {
  struct record *template;
  const struct uuid id = rec_uuid(t->row, RETURN_TEMPLATE);
  int r = record_load(tx, t->a, &return_template_kind, t->row->op, &id, &template, e);
  if (r < 0) return r;
  t->name = rec_text(template, TEMPLATE_RETURN_NAME);
  t->name_en = rec_text(template, TEMPLATE_RETURN_NAME_EN);
  if (!t->name_en.n) t->name_en = t->name;
  return 0;
}

/* The page opens with today's return; an earlier day has to be named. */
static struct str link_to(const struct telling *t) {
  const struct str link = remind_link(t->app, t->a, t->v, t->enterprise);
  const struct str day = rec_text(t->row, RETURN_DAY);
  if (!link.n || rec_day(t->row, RETURN_DAY) == t->v->today) return link;
  return arena_printf(t->a, STR_FMT "?d=" STR_FMT, STR_ARG(link), STR_ARG(day));
}

static int say(struct tx *tx, struct telling *t, const struct reach *to, struct err *e) {
  struct arena *a = t->a;
  const struct str link = link_to(t);
  int y, m, d;
  day_to_civil(rec_day(t->row, RETURN_DAY), &y, &m, &d);
  const struct message_arg args[] = {
      {"enterprise", rec_text(t->enterprise, ENTERPRISE_NAME)},
      {"return", t->name},
      {"return_en", t->name_en},
      {"day", to->language == SAY_EN ? arena_printf(a, "%04d-%02d-%02d", y, m, d)
                                     : arena_printf(a, "%d月%d日", m, d)},
      {"reason", shortened(a, rec_text(t->row, RETURN_REASON))},
      {"how_zh", link.n ? arena_printf(a, "请打开 " STR_FMT " 更正。", STR_ARG(link))
                        : S("请用您的填报链接更正，或电话报给联络人。")},
      {"how_en", link.n ? arena_printf(a, "Open " STR_FMT " to correct it.", STR_ARG(link))
                        : S("Correct it by your link, or by telephone.")},
      {0}};
  const struct message msg = {.topic = &topic_return_sent_back,
                              .to = to->to,
                              .language = to->language,
                              .args = args,
                              .op = t->row->op,
                              .not_before_ms = duty_not_before(t->app, t->v, &returns_duty),
                              .unit = rec_unit(t->row, RETURN_UNIT),
                              .subject_kind = &daily_return_kind,
                              .subject_id = t->row->id};
  return message_say(tx, t->app, t->v, a, &msg, e);
}

/* ---- whether ---- */

static int tell(struct tx *tx, struct telling *t, struct err *e) {
  struct reach to[REACH_MAX];
  struct record *enterprise;
  const struct uuid id = rec_uuid(t->row, RETURN_ENTERPRISE);
  int64_t before = 0;
  size_t n = 0;
  int r = duty_told_times(tx, &t->row->id, &before, e);
  if (r < 0 || before >= setting_i64(t->app, t->row->op, "returns.remind_most")) return r;
  r = record_load(tx, t->a, &enterprise_kind, t->row->op, &id, &enterprise, e);
  if (r < 0) return r;
  t->enterprise = enterprise;
  r = name_form(tx, t, e);
  if (r >= 0) r = reach_of(tx, t->app, t->a, enterprise, t->v->today, to, &n, e);
  for (size_t i = 0; i < n && r >= 0; i++) r = say(tx, t, &to[i], e);
  if (r >= 0) r = duty_told(tx, &t->row->id, rec_i64(t->row, RETURN_VERSION), t->v->now_ms, n, e);
  if (r >= 0 && n) tx_on_commit(tx, outbox_wake, t->app);
  return r;
}

int return_sent_back(struct tx *tx, struct change *c, const struct record *old,
                     const struct record *rec, struct err *e) {
  (void)old;
  struct telling t = {.app = change_app(c), .a = c->a, .v = c->viewer, .row = rec};
  const bool off = str_is(setting_text(t.app, rec->op, "returns.remind_by", c->a), "none");
  return off ? 0 : tell(tx, &t, e);
}
