/* A duty of a test kind, declared in a row: a household owes a visit each day. What is due is made
 * at its hour and follows who owes it; who is missing is told, then named to the unit; and all of
 * it ends when the last has answered. The daily return, with forms, is in test_reminders. */
#include "duties/duties_inner.h"
#include "app_fixture.h"
#include "kind/rows.h"

/* ---- who owes ---- */

enum { HOME_UNIT, HOME_NAME, HOME_FROM, HOME_UNTIL, HOME_WHO };
static const struct field home_fields[] = {
    {.no = 1,
     .name = "unit",
     .type = FT_UNIT,
     .flags = FF_REQUIRED | FF_SCOPE,
     .zh = "社区",
     .en = "Place"},
    {.no = 2,
     .name = "name",
     .type = FT_TEXT,
     .max = 40,
     .flags = FF_TITLE,
     .zh = "户",
     .en = "Home"},
    {.no = 3, .name = "since", .type = FT_DATE, .zh = "自", .en = "Since"},
    {.no = 4, .name = "until", .type = FT_DATE, .zh = "至", .en = "Until"},
    {.no = 5,
     .name = "visitor",
     .type = FT_REF,
     .ref = "responder",
     .zh = "走访人",
     .en = "Visitor"}};
static const struct state home_states[] = {
    {"watched", "观察", "Watched"}, {"left", "已离开", "Left"}, {0}};
static const struct transition home_moves[] = {
    {.name = "leave", .zh = "离开", .en = "Leave", .from = "watched", .to = "left"}, {0}};
static const struct kind home_kind = {.no = 40,
                                      .name = "home",
                                      .plural = "homes",
                                      .zh = "户",
                                      .en = "Home",
                                      FIELDS(home_fields),
                                      .states = home_states,
                                      .transitions = home_moves};

/* ---- what it was on which day ---- */

enum { STAY_HOME, STAY_UNIT, STAY_DAY, STAY_STATE };
static const struct field stay_fields[] = {
    {1, "home", FT_REF, FF_REQUIRED, .ref = "home", .zh = "户", .en = "Home"},
    {2, "unit", FT_UNIT, FF_REQUIRED | FF_SCOPE, .zh = "社区", .en = "Place"},
    {3, "day", FT_DATE, FF_REQUIRED | FF_TITLE, .zh = "日", .en = "Day"},
    {4, "became", FT_TEXT, FF_REQUIRED, .max = 20, .zh = "状态", .en = "State"}};
static const struct kind stay_kind = {KIND(42, "stay", "stays", "去留", "Stay", stay_fields)};
static const struct duty_states home_stays = {
    .kind = &stay_kind, .of = "home", .day = "day", .state = "became"};

/* ---- what is due ---- */

enum { VISIT_HOME, VISIT_UNIT, VISIT_DAY, VISIT_NAME, VISIT_WHO };
static const struct field visit_fields[] = {{.no = 1,
                                             .name = "home",
                                             .type = FT_REF,
                                             .ref = "home",
                                             .flags = FF_REQUIRED,
                                             .zh = "户",
                                             .en = "Home"},
                                            {.no = 2,
                                             .name = "unit",
                                             .type = FT_UNIT,
                                             .flags = FF_SYSTEM | FF_SCOPE,
                                             .zh = "社区",
                                             .en = "Place"},
                                            {.no = 3,
                                             .name = "day",
                                             .type = FT_DATE,
                                             .flags = FF_REQUIRED | FF_FILTER | FF_TITLE,
                                             .zh = "日",
                                             .en = "Day"},
                                            {.no = 4,
                                             .name = "name",
                                             .type = FT_TEXT,
                                             .max = 40,
                                             .flags = FF_SYSTEM,
                                             .zh = "户名",
                                             .en = "Name"},
                                            {.no = 5,
                                             .name = "visitor",
                                             .type = FT_REF,
                                             .ref = "responder",
                                             .flags = FF_SYSTEM,
                                             .zh = "走访人",
                                             .en = "Visitor"}};
static const struct state visit_states[] = {
    {"owed", "未访", "Owed"}, {"made", "已访", "Made"}, {"spared", "免访", "Spared"}, {0}};
static const struct transition visit_moves[] = {
    {.name = "make", .zh = "已访", .en = "Make", .from = "owed", .to = "made"},
    {.name = "spare", .zh = "免访", .en = "Spare", .from = "owed", .to = "spared"},
    {.name = "owe_again", .zh = "恢复", .en = "Owe again", .from = "spared", .to = "owed"},
    {0}};
static const char *const visit_uniques[] = {"home,day", NULL};
static const struct kind visit_kind = {.no = 41,
                                       .name = "visit",
                                       .plural = "visits",
                                       .zh = "走访",
                                       .en = "Visit",
                                       FIELDS(visit_fields),
                                       .states = visit_states,
                                       .transitions = visit_moves,
                                       .uniques = visit_uniques};

/* ---- the row ---- */

static const struct setting settings[] = {DUTY_SETTINGS("visits", "走访", "visit"), {0}};
static const struct message_topic topic_visit = {
    .code = "visit_owed",
    .zh = "催访",
    .en = "A visit",
    .args = "home",
    .in_zh = {.subject = "{home}", .body = "{home}未访"},
    .in_en = {.subject = "{home}", .body = "{home} was not visited"}};
static const struct message_topic topic_unvisited = {
    .code = "unvisited",
    .zh = "未访名单",
    .en = "Not visited",
    .args = "unit what what_en day n names",
    .in_zh = {.subject = "{unit}{n}户", .body = "{names}"},
    .in_en = {.subject = "{unit}: {n}", .body = "{names}"}};
static const struct alarm_type alarm_unvisited = {.no = 40,
                                                  .code = "visits.missing",
                                                  .zh = "{subject}未访：{value}",
                                                  .en = "{subject} not made: {value}",
                                                  .owner_role = "coordinator",
                                                  .severity = 2};

static int told; /* by the hook */
static int remind(struct tx *tx, const struct reminding *g, size_t *ret_n, struct err *e) {
  const struct message_arg args[] = {{"home", rec_text(g->subject, HOME_NAME)}, {0}};
  const struct message m = {.topic = &topic_visit,
                            .to = S("smtp:a@example.org"),
                            .args = args,
                            .op = g->v->op,
                            .unit = rec_unit(g->subject, HOME_UNIT),
                            .subject_kind = &visit_kind,
                            .subject_id = g->record};
  told++;
  *ret_n = 1;
  return message_say(tx, g->app, g->v, g->a, &m, e);
}

#define VISITS                                                                                     \
  .code = "visits", .zh = "走访", .en = "Visits", .kind = &visit_kind, .subject = &home_kind,      \
  .of = "home", .day = "day", .copies = "name visitor", .title = "name", .owed = "owed",           \
  .exempt = "spare", .again = "owe_again", .spared = "left", .states = &home_stays,                \
  .from = "since", .until = "until", .opens = 8 * 60, .due = 18 * 60, .settings = "visits",        \
  .topic = &topic_visit, .remind = remind, .alarm = &alarm_unvisited, .list = &topic_unvisited,    \
  .measure = "户", .key = "visit"
static const struct duty visits = {VISITS};

static const struct duty *const duties[] = {&visits, NULL};
static const struct kind *const kinds[] = {&fx_unit,
                                           &fx_operation,
                                           &fx_rule,
                                           &fx_thing,
                                           &fx_tick,
                                           &fx_responder,
                                           &fx_post,
                                           &account_kind,
                                           &role_grant_kind,
                                           &device_kind,
                                           &home_kind,
                                           &visit_kind,
                                           &stay_kind,
                                           &return_template_kind,
                                           &template_field_kind,
                                           &template_check_kind,
                                           &template_level_kind,
                                           NULL};
static const struct alarm_type *const alarms[] = {&alarm_unvisited, NULL};
static const struct message_topic *const topics[] = {&topic_visit, &topic_unvisited, NULL};
static const char *const rights[] = {"return_template.publish", NULL};
static const struct module test_module = {.name = "test",
                                          .zh = "测试",
                                          .en = "Test",
                                          .kinds = kinds,
                                          .indicators = fx_indicators,
                                          .settings = settings,
                                          .alarms = alarms,
                                          .topics = topics,
                                          .duties = duties,
                                          .rights = rights};
const struct module *const modules[] = {LAYER_MODULES, &duties_module, &test_module, NULL};

/* ---- the case ---- */

#define AT(hour, minute) (FX_NOW + (((hour)-17) * 60 + (minute)-30) * MS_MINUTE) /* 8 May */
enum { PLACE = 11, OTHER = 12 };

static int make(struct app_fixture *x, const struct kind *k, struct change **ret,
                enum change_verb verb) {
  struct change *c = *ret = change_make(x->a, &x->app.registry, x->system, k, verb);
  c->internal = true;
  c->at_ms = x->system->now_ms;
  c->source = "test";
  return 0;
}

static int home(struct app_fixture *x, const char *name, const char *since, struct uuid *ret) {
  struct change *c;
  int r = make(x, &home_kind, &c, CHANGE_CREATE);
  change_set(c, HOME_UNIT, V_I64(PLACE));
  change_set(c, HOME_NAME, V_TEXTZ(name));
  if (since) change_set(c, HOME_FROM, V_TEXTZ(since));
  if (r >= 0) r = change_do(c, &x->e);
  *ret = c->id;
  return r;
}

static int put(struct app_fixture *x, const struct uuid *id, int field, struct val v) {
  struct change *c;
  int r = make(x, &home_kind, &c, CHANGE_UPDATE);
  c->id = *id;
  change_set(c, field, v);
  return r < 0 ? r : change_do(c, &x->e);
}

static int visited(struct app_fixture *x, const char *name) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct change *c;
  int r = store_read(x->app.store, &tx, &x->e);
  if (r < 0) return r;
  struct cur *cur = NULL;
  make(x, &visit_kind, &c, CHANGE_ACTION);
  r = cur_open_sql(tx, S("SELECT id FROM visit WHERE name = $1 AND day = '2020-05-08'"),
                   P(V_TEXTZ(name)), &cur, &x->e);
  if (r >= 0 && (r = cur_next(cur, &x->e)) == 1) c->id = cur_uuid(cur, 0);
  cur = cur_done(cur);
  tx_endp(&tx);
  c->transition = kind_transition(&visit_kind, S("make"));
  return r < 0 ? r : change_do(c, &x->e);
}

static int at(struct app_fixture *x, int64_t now) {
  clock_set_frozen(&x->app.clock, now);
  return app_system_viewer(&x->app, x->a, 1, &x->system, &x->e);
}
static int opened_at(struct app_fixture *x, int64_t now) {
  int r = at(x, now);
  return r < 0 ? r : job_by_hand(&x->app, x->a, 1, duties_open, &x->e);
}
static int told_at(struct app_fixture *x, int64_t now) {
  int r = at(x, now);
  return r < 0 ? r : job_by_hand(&x->app, x->a, 1, duties_tell, &x->e);
}

static int by_any(struct app_fixture *x) {
  struct setting_change c = {.app = &x->app,
                             .viewer = x->system,
                             .op = 1,
                             .setting = setting_by_name(S("visits.remind_by")),
                             .text = S("any")};
  return writer_run(x->app.writer, &setting_change_cmd, &c, CMD_NORMAL, &x->e);
}

#define COUNT(sql) fx_count(&x, "SELECT count(*) FROM " sql)
#define TODAY      "visit WHERE day = '2020-05-08'"
#define CASE                                                                                       \
  APP(x);                                                                                          \
  CHECK_OK(duties_module.open(&x.app, &x.e), &x.e);                                                \
  struct uuid one, two, three;                                                                     \
  CHECK_OK(at(&x, AT(7, 0) - 20 * MS_DAY), &x.e);                                                  \
  CHECK_OK(home(&x, "甲户", "2020-05-07", &one), &x.e);                                            \
  CHECK_OK(home(&x, "乙户", NULL, &two), &x.e);                                                    \
  CHECK_OK(home(&x, "丙户", "2020-05-20", &three), &x.e);                                          \
  CHECK_OK(at(&x, AT(7, 0)), &x.e)

TEST_BOTH(what_is_due_is_made_at_its_hour_for_those_who_owe_it) {
  CASE;
  CHECK_OK(opened_at(&x, AT(7, 30)), &x.e); /* the days before, not yet today's */
  CHECK_EQ_I64(COUNT(TODAY), 0);
  CHECK_EQ_I64(COUNT("visit WHERE name = '甲户'"), 1); /* owes since yesterday */
  CHECK_EQ_I64(COUNT("visit WHERE name = '乙户'"), 15);
  CHECK_OK(opened_at(&x, AT(8, 0)), &x.e);
  CHECK_OK(opened_at(&x, AT(8, 1)), &x.e);
  CHECK_EQ_I64(COUNT(TODAY " AND state = 'owed'"), 2);
  CHECK_EQ_I64(COUNT("visit WHERE name = '丙户'"), 0); /* owes from the 20th on */
}

/* Nobody could have asked for what was due before a home was known. */
TEST_BOTH(nobody_owes_for_days_before_the_system_knew_of_him) {
  CASE;
  struct uuid late;
  CHECK_OK(home(&x, "戊户", "2020-05-01", &late), &x.e);
  CHECK_OK(opened_at(&x, AT(8, 0)), &x.e);
  CHECK_EQ_I64(COUNT("visit WHERE name = '戊户'"), 1);
}

static int became(struct app_fixture *x, const struct uuid *id, const char *day, const char *state,
                  struct uuid *ret) {
  struct change *c;
  int r = make(x, &stay_kind, &c, CHANGE_CREATE);
  change_set(c, STAY_HOME, V_UUID(*id));
  change_set(c, STAY_UNIT, V_I64(PLACE));
  change_set(c, STAY_DAY, V_TEXTZ(day));
  change_set(c, STAY_STATE, V_TEXTZ(state));
  if (r >= 0) r = change_do(c, &x->e);
  *ret = c->id;
  return r;
}

/* What is owed on a day goes by what the home was on that day, whenever that is learnt. */
TEST_BOTH(a_state_that_is_dated_back_spares_and_asks_again) {
#define OF_TWO "visit WHERE name = '乙户' AND state = "
  CASE;
  struct uuid left, back;
  CHECK_OK(opened_at(&x, AT(8, 0)), &x.e);
  CHECK_EQ_I64(COUNT(OF_TWO "'owed'"), 15);
  CHECK_OK(became(&x, &two, "2020-05-03", "left", &left), &x.e);
  CHECK_EQ_I64(COUNT(OF_TWO "'spared'"), 5); /* 3rd to 7th; today goes with the home itself */
  CHECK_OK(became(&x, &two, "2020-05-06", "watched", &back), &x.e);
  CHECK_EQ_I64(COUNT(OF_TWO "'spared'"), 3);
  struct change *c;
  CHECK_OK(make(&x, &stay_kind, &c, CHANGE_UPDATE), &x.e);
  c->id = left;
  change_set(c, STAY_DAY, V_TEXTZ("2020-05-05"));
  CHECK_OK(change_do(c, &x.e), &x.e);
  CHECK_EQ_I64(COUNT(OF_TWO "'spared'"), 1);
  CHECK_EQ_I64(COUNT(OF_TWO "'owed'"), 14);
}

/* Days that are made up for after a time without a server: one who had left then owes nothing. */
TEST_BOTH(a_day_that_is_made_up_for_goes_by_the_states_of_that_day) {
  CASE;
  struct uuid left, back;
  CHECK_OK(became(&x, &two, "2020-05-03", "left", &left), &x.e);
  CHECK_OK(became(&x, &two, "2020-05-06", "watched", &back), &x.e);
  CHECK_OK(opened_at(&x, AT(8, 0)), &x.e);
  CHECK_EQ_I64(COUNT(OF_TWO "'owed'"), 12);
  CHECK_EQ_I64(COUNT("visit WHERE name = '乙户' AND day BETWEEN '2020-05-03' AND '2020-05-05'"), 0);
}

TEST_BOTH(it_follows_who_owes_it) {
  CASE;
  struct uuid four;
  CHECK_OK(opened_at(&x, AT(8, 0)), &x.e);
  CHECK_OK(home(&x, "丁户", NULL, &four), &x.e); /* comes during the day */
  CHECK_EQ_I64(COUNT(TODAY), 3);
  CHECK_OK(put(&x, &four, HOME_NAME, V_TEXTZ("丁家")), &x.e);
  CHECK_EQ_I64(COUNT(TODAY " AND name = '丁家'"), 1);
  CHECK_OK(put(&x, &one, HOME_UNIT, V_I64(OTHER)), &x.e);
  CHECK_EQ_I64(COUNT(TODAY " AND unit = 12 AND name = '甲户'"), 1);
  CHECK_OK(put(&x, &two, HOME_UNTIL, V_TEXTZ("2020-05-07")), &x.e);
  CHECK_EQ_I64(COUNT(TODAY " AND state = 'spared' AND name = '乙户'"), 1);
  CHECK_OK(put(&x, &two, HOME_UNTIL, V_NULL), &x.e);
  CHECK_EQ_I64(COUNT(TODAY " AND state = 'owed' AND name = '乙户'"), 1);
  /* what was done stays done, wherever its home goes */
  CHECK_OK(visited(&x, "丁家"), &x.e);
  struct change *c;
  CHECK_OK(make(&x, &home_kind, &c, CHANGE_ACTION), &x.e);
  c->id = four;
  c->transition = kind_transition(&home_kind, S("leave"));
  CHECK_OK(change_do(c, &x.e), &x.e);
  CHECK_EQ_I64(COUNT(TODAY " AND state = 'made' AND name = '丁家'"), 1);
}

/* Whoever is named by the subject and has left is not carried over, nor does he stop anything. */
TEST_BOTH(a_visitor_who_left_stops_nothing) {
  CASE;
  struct change *c;
  CHECK_OK(make(&x, &fx_responder, &c, CHANGE_CREATE), &x.e);
  CHECK_OK(change_do(c, &x.e), &x.e);
  const struct uuid who = c->id;
  CHECK_OK(put(&x, &one, HOME_WHO, V_UUID(who)), &x.e);
  CHECK_OK(make(&x, &fx_responder, &c, CHANGE_RETIRE), &x.e);
  c->id = who;
  CHECK_OK(change_do(c, &x.e), &x.e);
  CHECK_OK(opened_at(&x, AT(8, 0)), &x.e);
  CHECK_EQ_I64(COUNT(TODAY " AND name = '甲户' AND visitor IS NULL"), 1);
  CHECK_OK(put(&x, &one, HOME_NAME, V_TEXTZ("甲家")), &x.e);
  CHECK_EQ_I64(COUNT(TODAY " AND name = '甲家' AND visitor IS NULL"), 1);
}

TEST_BOTH(the_missing_are_told_then_named_until_the_last_has_answered) {
  CASE;
  CHECK_OK(opened_at(&x, AT(8, 0)), &x.e);
  CHECK_OK(by_any(&x), &x.e);
  told = 0;
  CHECK_OK(told_at(&x, AT(15, 59)), &x.e);
  CHECK_EQ_I64(told, 0);
  CHECK_OK(told_at(&x, AT(16, 0)), &x.e); /* two hours before */
  CHECK_OK(told_at(&x, AT(16, 1)), &x.e);
  CHECK_EQ_I64(told, 2);
  CHECK_EQ_I64(COUNT("duty_reminder WHERE messages = 1"), 2);
  CHECK_OK(visited(&x, "甲户"), &x.e);
  CHECK_OK(told_at(&x, AT(17, 30)), &x.e); /* half an hour before: one is left */
  CHECK_EQ_I64(told, 3);
  CHECK_EQ_I64(COUNT("alarm"), 0);
  CHECK_OK(told_at(&x, AT(19, 0)), &x.e);
  CHECK_OK(told_at(&x, AT(19, 1)), &x.e);
  CHECK_EQ_I64(COUNT("alarm WHERE state = 'open' AND value = '1户：乙户'"), 1);
  CHECK_OK(visited(&x, "乙户"), &x.e);
  CHECK_EQ_I64(COUNT("alarm WHERE state = 'closed'"), 1);
  CHECK_EQ_I64(COUNT("alarm"), 1);
}

TEST_BOTH(an_alarm_names_those_who_are_missing_now) {
  CASE;
  CHECK_OK(opened_at(&x, AT(8, 0)), &x.e);
  CHECK_OK(told_at(&x, AT(19, 0)), &x.e);
  CHECK_EQ_I64(COUNT("alarm WHERE state = 'open' AND value LIKE '2户：%'"), 1);
  CHECK_OK(visited(&x, "甲户"), &x.e);
  CHECK_EQ_I64(COUNT("alarm WHERE state = 'open' AND value = '1户：乙户'"), 1);
}

/* ---- wrong rows ---- */

#define WRONG(...)                                                                                 \
  &(const struct duty) {                                                                           \
    VISITS, __VA_ARGS__                                                                            \
  }
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif

TEST_BOTH(every_string_of_a_row_is_looked_at) {
  APP(x);
  const struct {
    const struct duty *duty;
    const char *said;
  } wrong[] = {{WRONG(.of = "house"), "visit has no field \"house\""},
               {WRONG(.day = "date"), "visit has no field \"date\""},
               {WRONG(.title = "title"), "visit has no field \"title\""},
               {WRONG(.from = "form"), "home has no field \"form\""},
               {WRONG(.until = "unitl"), "home has no field \"unitl\""},
               {WRONG(.copies = "name visiter"), "both kinds need a field \"visiter\""},
               {WRONG(.owed = "due"), "visit has no state \"due\""},
               {WRONG(.spared = "gone"), "home has no state \"gone\""},
               {WRONG(.exempt = "spar"), "visit has no action \"spar\""},
               {WRONG(.again = NULL), "visit has no action \"\""},
               {WRONG(.settings = "visit"), "no setting is called \"visit.remind_by\""},
               {WRONG(.spared = NULL), "states need their fields, and one that spares"},
               {WRONG(.form = "name"), "a form needs both its fields"},
               {WRONG(.measure = NULL), "an alarm counts by a measure"},
               {WRONG(.topic = NULL), "a reminder needs its topic"}};
  for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
    struct rows rs;
    const struct duty *const list[] = {wrong[i].duty, NULL};
    const struct module one = {
        .name = "test", .file = "here.c", .settings = settings, .duties = list};
    const struct module *const all[] = {&one, NULL};
    rows_init(&rs);
    duties_look(all, &rs);
    const bool found = str_find(buf_str(&rs.text), str_from(wrong[i].said)) != (size_t)-1;
    if (!found) printf("# %zu: %.*s\n", i, (int)rs.text.n, rs.text.p);
    CHECK(found);
    rows_done(&rs);
  }
}
