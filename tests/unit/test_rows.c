/* Each kind of wrong row, one string wrong at a time: the start says which row, and which string.
 */
#include "intake/reading.h"
#include "apidoc/rows.h"
#include "api/page.h"
#include "core/settings.h"
#include "core/verify.h"
#include "harness.h"
#include "notify/alarms.h"
#include "notify/topics.h"
#include "sheets/import.h"

#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#pragma GCC diagnostic ignored "-Woverride-init-side-effects"
#endif

/* ---- kinds ---- */

#define F(...)                                                                                     \
  { .no = 2, .name = "note", .type = FT_TEXT, .zh = "记", .en = "Note", __VA_ARGS__ }
#define FIELD_1(...) FIELDS_1(F(__VA_ARGS__))
#define FIELDS_1(...)                                                                              \
  .fields = (const struct field[]){UNIT, __VA_ARGS__},                                             \
  .n_fields = sizeof((const struct field[]){UNIT, __VA_ARGS__}) / sizeof(struct field)
#define UNIT                                                                                       \
  { .no = 1, .name = "unit", .type = FT_UNIT, .flags = FF_SCOPE, .zh = "单位", .en = "Unit" }
#define WALK(...)                                                                                  \
  { .no = 9, .name = "walk", .plural = "walks", .zh = "巡查", .en = "Walk", FIELD_1(), __VA_ARGS__ }
#define CHOICES(...)                                                                               \
  .choices = (const struct choice[]) {                                                             \
    __VA_ARGS__, {                                                                                 \
      0                                                                                            \
    }                                                                                              \
  }
#define STATES                                                                                     \
  .states = (const struct state[]) {                                                               \
    {"open", "开", "Open"}, {"done", "毕", "Done"}, {                                              \
      0                                                                                            \
    }                                                                                              \
  }
#define ACTION(...)                                                                                \
  STATES, .transitions = (const struct transition[]) {                                             \
    {.name = "end", .zh = "完成", .en = "End", .from = "open", .to = "done", __VA_ARGS__}, {       \
      0                                                                                            \
    }                                                                                              \
  }
#define LIST(...)                                                                                  \
  (const char *const[]) {                                                                          \
    __VA_ARGS__, NULL                                                                              \
  }

#define OWNER(...)                                                                                 \
  STATES, .owner = &(const struct owner) {                                                         \
    .unit = "unit", __VA_ARGS__                                                                    \
  }
#define FROZEN(of, what, ...)                                                                      \
  STATES, .frozen = (const struct frozen[]) {                                                      \
    {.states = of, .fields = what, __VA_ARGS__}, {                                                 \
      0                                                                                            \
    }                                                                                              \
  }
#define STAMP(of, ...)                                                                             \
  STATES, .stamps = (const struct stamp[]) {                                                       \
    {.states = of, __VA_ARGS__}, {                                                                 \
      0                                                                                            \
    }                                                                                              \
  }
#define DEADLINE(...)                                                                              \
  FIELDS_1(F(), {.no = 3, .name = "due", .type = FT_DATE, .zh = "限", .en = "Due"}), STATES,       \
      .deadlines = (const struct deadline[]) {                                                     \
    {.no = 1, .field = "due", .alarm = "late", __VA_ARGS__}, {                                     \
      0                                                                                            \
    }                                                                                              \
  }

struct wrong_kind {
  const char *says;
  struct kind kind;
};
static const struct wrong_kind wrong_kinds[] = {
    {"field \"Note\": a name is lower case", WALK(FIELD_1(.name = "Note"))},
    {"field \"note\": needs its names in zh and en", WALK(FIELD_1(.en = ""))},
    {"field \"note\": its help stands in one language", WALK(FIELD_1(.zh_help = "帮助"))},
    {"field \"note\": needs a stable number", WALK(FIELD_1(.no = 0))},
    {"field \"note\": name or number 1 is used twice", WALK(FIELD_1(.no = 1))},
    {"field \"unit\": name or number 2 is used twice", WALK(FIELD_1(.name = "unit"))},
    {"field \"note\": no such type", WALK(FIELD_1(.type = FT_TYPES_))},
    {"field \"state\": is a column that every table has", WALK(FIELD_1(.name = "state"))},
    {"field \"note\": no kind is called \"pst\"", WALK(FIELD_1(.type = FT_REF, .ref = "pst"))},
    {"field \"note\": a reference, and nothing else, names its kind",
     WALK(FIELD_1(.type = FT_REF))},
    {"field \"note\": a reference, and nothing else, names its kind", WALK(FIELD_1(.ref = "walk"))},
    {"field \"note\": an enum needs choices", WALK(FIELD_1(.type = FT_ENUM))},
    {"field \"note\": only an enum and tags have choices",
     WALK(FIELD_1(CHOICES({"a", "甲", "A"})))},
    {"field \"note\": choice \"a\" stands twice",
     WALK(FIELD_1(.type = FT_ENUM, CHOICES({"a", "甲", "A"}, {"a", "乙", "B"})))},
    {"field \"note\": choice \"a\" needs its names in zh and en",
     WALK(FIELD_1(.type = FT_ENUM, CHOICES({"a", "甲", NULL})))},
    {"field \"note\": \"a,b\" cannot be a choice's value",
     WALK(FIELD_1(.type = FT_ENUM, CHOICES({"a,b", "甲", "A"})))},
    {"field \"note\": initial \"b\": ",
     WALK(FIELD_1(.type = FT_ENUM, CHOICES({"a", "甲", "A"}), .initial = "b"))},
    {"field \"note\": initial \"25:00\": ", WALK(FIELD_1(.type = FT_MINUTE, .initial = "25:00"))},
    {"field \"note\": initial \"six\": ", WALK(FIELD_1(.type = FT_INT, .initial = "six"))},
    {"field \"note\": initial \"9\": ",
     WALK(FIELD_1(.type = FT_INT, .min = 1, .max = 5, .initial = "9"))},
    {"field \"note\": initial \"x\": a record cannot be said in a row",
     WALK(FIELD_1(.type = FT_REF, .ref = "walk", .initial = "x"))},
    {"field \"note\": headers \"甲||乙\": an empty or untrimmed one",
     WALK(FIELD_1(.headers = "甲||乙"))},
    {"field \"more\": header \"电话\" is that of \"note\", too",
     WALK(FIELDS_1(F(.headers = "电话"), F(.no = 3, .name = "more", .headers = "手机|电话")))},
    {"field \"note\": a mask, but nothing is hidden", WALK(FIELD_1(.mask = MASK_TAIL))},
    {"field \"note\": the mask does not fit type \"phone\"",
     WALK(FIELD_1(.type = FT_PHONE, .flags = FF_SEALED, .mask = MASK_ID))},
    {"field \"note\": no such mask", WALK(FIELD_1(.flags = FF_SEALED, .mask = (enum mask)77))},
    {"field \"note\": only a unit can scope", WALK(FIELD_1(.flags = FF_SCOPE))},
    {"field \"note\": only a sealed field has a blind index", WALK(FIELD_1(.flags = FF_LOOKUP))},
    {"field \"note\": only text can be sealed", WALK(FIELD_1(.type = FT_INT, .flags = FF_SEALED))},
    {"field \"note\": a sealed field cannot be sorted or searched",
     WALK(FIELD_1(.flags = FF_SEALED | FF_SEARCH))},
    {"field \"note\": a field for few is in nothing that many see",
     WALK(FIELD_1(.flags = FF_REVEAL | FF_TITLE))},
    {"field \"note\": only a reference is loose", WALK(FIELD_1(.flags = FF_UNCHECKED_REF))},
    {"field \"note\": a sealed field does not go onto a phone",
     WALK(FIELD_1(.flags = FF_SEALED | FF_DEVICE))},
    {"field \"note\": only a reference on the phone has a title there",
     WALK(FIELD_1(.flags = FF_DEVICE_TITLE | FF_DEVICE))},
    {"field \"note\": further names are free tags", WALK(FIELD_1(.flags = FF_ALIAS))},
    {"field \"note\": minimum over maximum", WALK(FIELD_1(.min = 7, .max = 6))},
    {"field \"note\": taken_from \"day.unit\": no reference",
     WALK(FIELD_1(.taken_from = "day.unit"))},
    {"field \"more\": taken_from \"note.dya\": nothing of its type",
     WALK(FIELDS_1(F(.type = FT_REF, .ref = "post"),
                   F(.no = 3, .name = "more", .taken_from = "note.dya")))},
    {"state \"Open\": not a name",
     WALK(.states = (const struct state[]){{"Open", "开", "Open"}, {0}})},
    {"state \"open\": needs its names",
     WALK(.states = (const struct state[]){{"open", "开", NULL}, {0}})},
    {"state \"open\": stands twice",
     WALK(.states = (const struct state[]){{"open", "开", "O"}, {"open", "关", "C"}, {0}})},
    {"action \"End\": not a name", WALK(ACTION(.name = "End"))},
    {"action \"end\": needs its names in zh and en", WALK(ACTION(.zh = NULL))},
    {"action \"end\": begins in no state", WALK(ACTION(.from = ""))},
    {"action \"end\": no state is called \"opne\"", WALK(ACTION(.from = "done opne"))},
    {"action \"end\": no state is called \"dun\"", WALK(ACTION(.to = "dun"))},
    {"action \"end\": no right is called \"walk.ned\"", WALK(ACTION(.right = "walk.ned"))},
    {"action \"end\": no field is called \"nots\"", WALK(ACTION(.needs = "note nots"))},
    {"action \"end\": no field is called \"nte\"", WALK(ACTION(.takes = "nte"))},
    {"action \"end\": stands twice",
     WALK(STATES,
          .transitions =
              (const struct transition[]){{.name = "end", .zh = "完", .en = "E", .from = "open"},
                                          {.name = "end", .zh = "完", .en = "E", .from = "open"},
                                          {0}})},
    {"kind \"walk\": actions without states", WALK(ACTION(), .states = NULL)},
    {"unique \"unit, nte\": no field is called \"nte\"", WALK(.uniques = LIST("unit, nte"))},
    {"index \"unit, dy\": no field is called \"dy\"", WALK(.indexes = LIST("unit, dy"))},
    {"index \"unit WHERE nte IS NULL\": no field is called \"nte\"",
     WALK(.indexes = LIST("unit WHERE nte IS NULL"))},
    {"kind \"walk\": reads_as: no kind is called \"wlk\"", WALK(.reads_as = "wlk")},
    {"kind \"walk\": names_of: \"nte\" is no text", WALK(.names_of = "nte")},
    {"kind \"walk\": device_since \"note\" is no date", WALK(.device_since = "note")},
    {"kind \"walk\": holds_until \"dya\" is no date", WALK(.holds_until = "dya")},
    {"ends \"opne\": no state is called \"opne\"", WALK(STATES, .ends = "opne")},
    {"field \"note\": only a record's reference or unit holds", WALK(FIELD_1(.flags = FF_HOLDS))},
    {"field \"note\": only a reference of a kind that is not retired alone follows",
     WALK(FIELD_1(.flags = FF_FOLLOWS))},
    {"field \"note\": a person is a reference", WALK(FIELD_1(.flags = FF_PERSON))},
    {"kind \"walk\": device_since \"dya\" is no date", WALK(.device_since = "dya")},
    {"field \"note\": only an action's field says", WALK(FIELD_1(.flags = FF_SHARED))},
    {"field \"note\": an action's own field has no initial value",
     WALK(FIELD_1(.initial = "x"), ACTION(.takes = "note"))},
    {"field \"note\": only a text holds codes",
     WALK(FIELD_1(.type = FT_INT, .words = (const struct choice[]){{0}}))},
    {"owner \"walk\": needs a responder", WALK(.owner = &(const struct owner){.due = NULL})},
    {"owner \"walk\": \"note\" is no reference", WALK(OWNER(.responder = "note"))},
    {"owner \"walk\": \"note\" is no unit", WALK(OWNER(.unit = "note"))},
    {"owner \"walk\": role \"lead\" at no unit",
     WALK(.owner = &(const struct owner){.responder = "note", .role = "lead"})},
    {"owner \"walk\": no state is called \"opne\"", WALK(OWNER(.states = "opne"))},
    {"owner \"walk\": no state is called \"opnd\"", WALK(OWNER(.checks = "opnd"))},
    {"owner \"walk\": term_ms: after a moment", WALK(OWNER(.term_ms = MS_HOUR))},
    {"owner \"walk\": due: \"dya\" is no date", WALK(OWNER(.due = "dya"))},
    {"owner \"walk\": due: \"day\" is looked for by its reminder",
     WALK(FIELDS_1(
              F(.type = FT_REF, .ref = "post"),
              {.no = 3, .name = "day", .type = FT_DATE, .flags = FF_SORT, .zh = "日", .en = "D"}),
          OWNER(.responder = "note", .due = "day"))},
    {"owner \"walk\": until: \"note\" is no moment", WALK(OWNER(.until = "note"))},
    {"stamp \"opne\": no state is called \"opne\"", WALK(STAMP("opne", .clears = "note"))},
    {"stamp \"done\": writes nothing", WALK(STAMP("done"))},
    {"stamp \"done\": no field is called \"done_ta\"", WALK(STAMP("done", .at = "done_ta"))},
    {"stamp \"done\": \"note\" is no moment or date", WALK(STAMP("done", .at = "note"))},
    {"stamp \"done\": \"note\" is no account or responder", WALK(STAMP("done", .by = "note"))},
    {"stamp \"done\": no field is called \"nte\"", WALK(STAMP("done", .clears = "note nte"))},
    {"action \"end\": a correction takes fields and a reason",
     WALK(ACTION(.takes = "note", .flags = TR_CORRECTS | TR_REASON))},
    {"action \"end\": a correction takes fields and a reason",
     WALK(ACTION(.to = NULL, .takes = "note", .flags = TR_CORRECTS))},
    {"action \"end\": second_to \"opne\": no account",
     WALK(ACTION(.second_to = "opne", .flags = TR_SECOND_PERSON))},
    {"frozen \"opne\": no state is called \"opne\"", WALK(FROZEN("opne", "note"))},
    {"frozen \"done\": no field is called \"nte\"", WALK(FROZEN("done", "note nte"))},
    {"frozen \"done\": no field is called \"ntoe\"", WALK(FROZEN("done", "*", .but = "ntoe"))},
    {"frozen \"done\": names no field", WALK(FROZEN("done", NULL))},
    {"deadline \"dya\": no date or moment", WALK(DEADLINE(.field = "dya"))},
    {"deadline \"note\": no date or moment", WALK(DEADLINE(.field = "note"))},
    {"deadline \"due\": only a moment has minutes", WALK(DEADLINE(.after = "grace"))},
    {"deadline \"due\": no state is called \"opne\"", WALK(DEADLINE(.states = "opne done"))},
    {"deadline \"due\": needs an alarm", WALK(DEADLINE(.alarm = NULL))},
    {"deadline \"due\": no such minute", WALK(DEADLINE(.escalate_at = 24 * 60))},
    {"deadline \"due\": only what stands in an operation", WALK(DEADLINE(), .flags = KF_GLOBAL)},
    {"deadline \"due\": number 1 or its alarm is used twice",
     WALK(DEADLINE(),
          .deadlines =
              (const struct deadline[]){{1, "due", .alarm = "a"}, {1, "due", .alarm = "b"}, {0}})},
    {"kind \"walk\": needs its names in zh and en", WALK(.zh = NULL)},
    {"kind \"walk\": needs a stable number", WALK(.no = 0)},
    {"kind \"walk\": name, plural or number 8 is that of \"post\", too", WALK(.no = 8)},
    {"kind \"walk\": name, plural or number 9 is that of \"post\", too", WALK(.plural = "posts")},
    {"kind \"Walk\": name and plural \"walks\" are lower case", WALK(.name = "Walk")},
    {"kind \"walk\": name and plural \"Walks\" are lower case", WALK(.plural = "Walks")},
    {"kind \"walk\": too many or no fields", WALK(.n_fields = 0)},
    {"kind \"walk\": an event needs a scope field",
     WALK(.flags = KF_EVENT, .fields = (const struct field[]){F()}, .n_fields = 1)},
    {"kind \"walk\": an event has no states", WALK(.flags = KF_EVENT, STATES)},
};

static const struct kind good_kind = {.no = 8,
                                      .name = "post",
                                      .plural = "posts",
                                      .zh = "点",
                                      .en = "Post",
                                      FIELD_1(.name = "day", .type = FT_DATE, .flags = FF_FILTER),
                                      ACTION(.right = "post.end"),
                                      .file = __FILE__};
static const char *const rights[] = {"post.end", NULL};

static bool says(const struct rows *rs, const char *area, const char *text) {
  char whole[300];
  struct str said = buf_str(&rs->text);
  snprintf(whole, sizeof whole, "%s: %s", area, text);
  if (rs->wrong >= 1 && str_find(said, str_from(whole)) != (size_t)-1) return true;
  fprintf(stderr, "# wanted %s\n# got", whole);
  while (said.p && said.n) {
    const struct str line = str_split(&said, '\n');
    if (!str_starts(line, S("core: grant"))) fprintf(stderr, " " STR_FMT "\n#", STR_ARG(line));
  }
  fprintf(stderr, "\n");
  return false;
}

TEST(each_string_of_a_kind_is_looked_at) {
  for (size_t i = 0; i < ARRAY_LEN(wrong_kinds); i++) {
    const struct kind *const list[] = {&good_kind, &wrong_kinds[i].kind, NULL};
    struct rows rs;
    rows_init(&rs);
    kinds_check(list, rights, &rs);
    CHECK(says(&rs, wrong_kinds[i].kind.name, wrong_kinds[i].says));
    rows_done(&rs);
  }
  kinds_done();
}

TEST(a_wrong_kind_stops_the_start_and_all_of_it_is_said) {
  const struct kind two =
      WALK(FIELD_1(.initial = "", .en = "", .headers = "|"), .reads_as = "wlk", .file = __FILE__);
  const struct kind *const list[] = {&good_kind, &two, NULL}, *const good[] = {&good_kind, NULL};
  struct err e = {0};
  struct rows rs;
  rows_init(&rs);
  kinds_check(list, rights, &rs);
  CHECK(rs.wrong == 5);
  CHECK(says(&rs, "walk (tests/unit/test_rows.c)", "kind \"walk\": reads_as"));
  CHECK(rows_verdict(&rs, &e) == -E_BUG);
  CHECK(kinds_init(list, rights, &e) == -E_BUG);
  CHECK(kinds_init(good, rights, &e) == 0);
  kinds_done();
}

/* ---- areas ---- */

static int no_handler(struct rq *rq, struct err *e) {
  (void)rq;
  return err_set(e, E_BUG, "nobody calls it");
}
static int no_answer(struct rq *rq, struct jw *w, struct err *e) {
  (void)rq, (void)w;
  return err_set(e, E_BUG, "nobody calls it");
}
static int no_section(struct rq *rq, struct tx *tx, const struct record *r, struct jw *w,
                      struct err *e) {
  (void)rq, (void)tx, (void)r, (void)w;
  return err_set(e, E_BUG, "nobody calls it");
}
static int no_facts(struct rq *rq, struct tx *tx, struct jw *w, struct err *e) {
  (void)rq, (void)tx, (void)w;
  return err_set(e, E_BUG, "nobody calls it");
}
static int no_run(struct job_run *run, struct err *e) {
  (void)run;
  return err_set(e, E_BUG, "nobody calls it");
}
static int no_check(struct verify *v, struct err *e) {
  (void)v;
  return err_set(e, E_BUG, "nobody calls it");
}
static int64_t no_sum(const int64_t *values, const struct indicator *self) {
  (void)self;
  return values[0];
}

#define NAMES .zh = "名", .en = "Name"
#define ROUTE(...)                                                                                 \
  .routes = (const struct route[]) {                                                               \
    {.method = HTTP_GET,                                                                           \
     .pattern = "/api/v1/posts/near",                                                              \
     .right = "post.read",                                                                         \
     .handle = no_handler,                                                                         \
     .gives = "",                                                                                  \
     NAMES,                                                                                        \
     __VA_ARGS__},                                                                                 \
    {                                                                                              \
      0                                                                                            \
    }                                                                                              \
  }
#define SHAPES(...)                                                                                \
  .shapes = (const struct shape[]) {                                                               \
    __VA_ARGS__, {                                                                                 \
      0                                                                                            \
    }                                                                                              \
  }
#define SECTION(...)                                                                               \
  .sections = (const struct page_section[]) {                                                      \
    {.page = "posts",                                                                              \
     .code = "days",                                                                               \
     NAMES,                                                                                        \
     .right = "post.read",                                                                         \
     .write = no_section,                                                                          \
     __VA_ARGS__},                                                                                 \
    {                                                                                              \
      0                                                                                            \
    }                                                                                              \
  }
#define DEVICE(...)                                                                                \
  .device = (const struct device_section[]) {                                                      \
    {.name = "facts", .write = no_facts, .gives = "int", __VA_ARGS__}, {                           \
      0                                                                                            \
    }                                                                                              \
  }
#define PLAN(...)                                                                                  \
  .imports = (const struct import_plan *const[]) {                                                 \
    &(const struct import_plan){.kind = &good_kind, __VA_ARGS__}, NULL                             \
  }
#define SETTING(...)                                                                               \
  .settings = (const struct setting[]) {                                                           \
    {.name = "post.hours", NAMES, .max = 9, __VA_ARGS__}, {                                        \
      0                                                                                            \
    }                                                                                              \
  }
#define JOB(...)                                                                                   \
  .jobs = (const struct job[]) {                                                                   \
    {.name = "rounds", .every_ms = 1, .run = no_run, __VA_ARGS__}, {                               \
      0                                                                                            \
    }                                                                                              \
  }
#define VERIFY(...)                                                                                \
  .checks = (const struct verify_check[]) {                                                        \
    {.name = "stock", NAMES, .run = no_check, __VA_ARGS__}, {                                      \
      0                                                                                            \
    }                                                                                              \
  }
#define ALARM(...)                                                                                 \
  .alarms = (const struct alarm_type *const[]) {                                                   \
    &(const struct alarm_type){.no = 1, .code = "fever", NAMES, .severity = 1, __VA_ARGS__}, NULL  \
  }
#define WORDS(...)                                                                                 \
  { .subject = "题", .body = "文", __VA_ARGS__ }
#define TOPIC(...)                                                                                 \
  .topics = (const struct message_topic *const[]) {                                                \
    &(const struct message_topic){                                                                 \
        .code = "news", NAMES, .in_zh = WORDS(), .in_en = WORDS(), __VA_ARGS__},                   \
        NULL                                                                                       \
  }
#define INDICATOR(...)                                                                             \
  .indicators = (const struct indicator *const[]) {                                                \
    &(const struct indicator){.no = 1,                                                             \
                              .code = "posts.total",                                               \
                              NAMES,                                                               \
                              .zh_definition = "口径",                                             \
                              .en_definition = "as said",                                          \
                              .measure = "posts",                                                  \
                              .kind = "post",                                                      \
                              __VA_ARGS__},                                                        \
        NULL                                                                                       \
  }
#define GRANT(...)                                                                                 \
  .grants = (const struct role_grant[]) {                                                          \
    {__VA_ARGS__}, {                                                                               \
      0                                                                                            \
    }                                                                                              \
  }
#define TABLE(...)                                                                                 \
  .tables = (const struct table_def[]) {                                                           \
    {.name = "note", .columns = "id uuid PRIMARY KEY, n i64", __VA_ARGS__}, {                      \
      0                                                                                            \
    }                                                                                              \
  }
#define AREA(...)                                                                                  \
  { .name = "walks", NAMES, __VA_ARGS__ }

static const struct kind due_kind = {
    .no = 10,
    .name = "due",
    .plural = "dues",
    NAMES,
    DEADLINE(.alarm = "lte", .after = "grce", .escalate_to = "distrct")};
static const struct kind *const due_kinds[] = {&due_kind, NULL};

#define LINK(...)                                                                                  \
  .links = (const struct link_purpose *const[]) {                                                  \
    &(const struct link_purpose){                                                                  \
        .no = 1, .code = "family", .kind = &good_kind, .once = true, .for_days = 14, __VA_ARGS__}, \
        NULL                                                                                       \
  }
#define TOKEN(...) LINK(.once = false, .for_days = 0, .rights = "post.read", __VA_ARGS__)

static const struct query no_names = {"no_names", "SELECT 1", NULL};
#define INTAKE(...)                                                                                \
  .intakes = (const struct intake *const[]) {                                                      \
    &(const struct intake){.code = "chat",                                                         \
                           .kind = &good_kind,                                                     \
                           .right = "post.read",                                                   \
                           .subject = "day",                                                       \
                           .channels = "phone",                                                    \
                           .names = &no_names,                                                     \
                           __VA_ARGS__},                                                           \
        NULL                                                                                       \
  }

struct wrong_area {
  const char *says;
  struct module area;
};
static const struct kind unit_kind;
static const struct wrong_area wrong_areas[] = {
    {"area \"walks\": needs its names in zh and en", AREA(.en = NULL)},
    {"route \"/api/v1/posts/near\": no right is called \"post.raed\"",
     AREA(ROUTE(.right = "post.raed"))},
    {"route \"api/v1/posts\": begins with /", AREA(ROUTE(.pattern = "api/v1/posts"))},
    {"\"near_by\" is no part of a path", AREA(ROUTE(.pattern = "/api/v1/posts/near_by"))},
    {"\":\" is no part of a path", AREA(ROUTE(.pattern = "/api/v1/posts/:/near"))},
    {"\"\" is no part of a path", AREA(ROUTE(.pattern = "/api/v1//posts"))},
    {"too many parts or parameters", AREA(ROUTE(.pattern = "/a/:b/:c/:d/:e/:f"))},
    {"no such method", AREA(ROUTE(.method = 3))},
    {"does not say what it gives", AREA(ROUTE(.gives = NULL))},
    {"does not say what it takes", AREA(ROUTE(.method = HTTP_POST))},
    {"takes what has no body", AREA(ROUTE(.takes = "n:int"))},
    {"takes a file, and is not marked",
     AREA(ROUTE(.method = HTTP_POST, .takes = "file:image/png"))},
    {"route \"/api/v1/posts/near\": gives: no type is called \"Pst\"", AREA(ROUTE(.gives = "Pst"))},
    {"route \"/api/v1/posts/near\": query: no type is called \"itn\"",
     AREA(ROUTE(.query = "limit?:itn"))},
    {"shape \"Stock\": stands twice", AREA(SHAPES({"Stock", "n"}, {"Stock", "n"}))},
    {"shape \"Post\": is a kind's name", AREA(SHAPES({"Post", "n"}))},
    {"shape \"stock\": begins with a capital", AREA(SHAPES({"stock", "n"}))},
    {"shape \"Stock\": says nothing", AREA(SHAPES({"Stock", ""}))},
    {"shape \"Stock\": text: no type is called \"itn\"", AREA(SHAPES({"Stock", "n:itn"}))},
    {"has no function", AREA(ROUTE(.handle = NULL))},
    {"has two functions", AREA(ROUTE(.answer = no_answer))},
    {"runs nowhere, or in no time", AREA(ROUTE(.time_ms = -1))},
    {"needs its names in zh and en", AREA(ROUTE(.zh = NULL))},
    {"a right, and yet open to more", AREA(ROUTE(.flags = ROUTE_PUBLIC))},
    {"open to nobody", AREA(ROUTE(.right = NULL))},
    {"open to everybody, and to those signed in only",
     AREA(ROUTE(.right = NULL, .flags = ROUTE_PUBLIC | ROUTE_SIGNED_IN))},
    {"for revoked devices, but for no device", AREA(ROUTE(.flags = ROUTE_ENDED_DEVICE))},
    {"a stream is read", AREA(ROUTE(.method = HTTP_POST, .flags = ROUTE_STREAM))},
    {"a file to a method without a body", AREA(ROUTE(.flags = ROUTE_UNTYPED))},
    {"a batch writes", AREA(ROUTE(.flags = ROUTE_BATCH))},
    {"route \"/api/v1/posts/:no/on\": stands twice",
     AREA(.routes = (const struct route[]){{HTTP_GET, "/api/v1/posts/:id/on", "post.read",
                                            .handle = no_handler, NAMES, .gives = ""},
                                           {HTTP_GET, "/api/v1/posts/:no/on", "post.read",
                                            .handle = no_handler, NAMES, .gives = ""},
                                           {0}})},
    {"section \"days\": page: no records are called \"post\"", AREA(SECTION(.page = "post"))},
    {"section \"days\": kind: no records are called \"psts\"", AREA(SECTION(.kind = "psts"))},
    {"section \"days\": no right is called \"post.look\"", AREA(SECTION(.right = "post.look"))},
    {"section \"days\": needs a right", AREA(SECTION(.right = NULL))},
    {"section \"Days\": not a name", AREA(SECTION(.code = "Days"))},
    {"section \"days\": needs its names in zh and en", AREA(SECTION(.en = NULL))},
    {"section \"days\": has no function, and lists nothing", AREA(SECTION(.write = NULL))},
    {"section \"days\": has no function, and lists nothing", AREA(SECTION(.by = "post"))},
    {"section \"days\": by \"pst\": does not name",
     AREA(SECTION(.write = NULL, .kind = "posts", .by = "pst"))},
    {"section \"days\": stands twice on the page of \"posts\"",
     AREA(.sections =
              (const struct page_section[]){
                  {"posts", "days", "名", "Name", 1, "post.read", NULL, .write = no_section},
                  {"posts", "days", "名", "Name", 2, "post.read", NULL, .write = no_section},
                  {0}})},
    {"device section \"now\": is a member that every answer has", AREA(DEVICE(.name = "now"))},
    {"device section \"Facts\": not a name", AREA(DEVICE(.name = "Facts"))},
    {"device section \"facts\": has no function", AREA(DEVICE(.write = NULL))},
    {"import \"?\": its kind is none of any area's", AREA(PLAN(.kind = NULL))},
    {"import \"posts\": required: no column is called \"dya\"", AREA(PLAN(.required = "day|dya"))},
    {"import \"posts\": filled: no column is called \"dya\"", AREA(PLAN(.filled = "dya"))},
    {"import \"posts\": optional: no column is called \"dya\"", AREA(PLAN(.optional = "dya"))},
    {"import \"posts\": left_out: no column is called \"dya\"", AREA(PLAN(.left_out = "dya"))},
    {"import \"posts\": examples: no column is called \"dya\"",
     AREA(PLAN(.examples = LIST("dya", "1")))},
    {"import \"posts\": examples: \"day\" has none", AREA(PLAN(.examples = LIST("day")))},
    {"import \"posts\": no right is called \"post.imprt\"", AREA(PLAN(.right = "post.imprt"))},
    {"import column \"no\": needs its names",
     AREA(PLAN(.extra = (const struct import_extra[]){{.name = "no"}, {0}}))},
    {"import \"posts\": column \"No\": no name",
     AREA(PLAN(.extra = (const struct import_extra[]){{.name = "No", NAMES}, {0}}))},
    {"setting \"Post.hours\": a name is lower case", AREA(SETTING(.name = "Post.hours"))},
    {"setting \"post.hours\": needs its names", AREA(SETTING(.zh = NULL))},
    {"setting \"post.hours\": default 10 is not within 0 to 9", AREA(SETTING(.initial = 10))},
    {"setting \"post.hours\": default 2 is neither 0 nor 1",
     AREA(SETTING(.type = SETTING_BOOL, .initial = 2))},
    {"setting \"post.hours\": a text for what is no text", AREA(SETTING(.allowed = "a b"))},
    {"setting \"post.hours\": default \"longer than nine\" is too long",
     AREA(SETTING(.type = SETTING_TEXT, .initial_text = "longer than nine"))},
    {"setting \"post.hours\": default \"c\" is none of \"a b\"",
     AREA(SETTING(.type = SETTING_TEXT, .initial_text = "c", .allowed = "a b"))},
    {"job \"Rounds\": not a name", AREA(JOB(.name = "Rounds"))},
    {"job \"rounds\": needs a time and a function", AREA(JOB(.every_ms = 0))},
    {"verify check \"stock\": needs its names", AREA(VERIFY(.zh = NULL))},
    {"verify check \"stock\": has no function", AREA(VERIFY(.run = NULL))},
    {"alarm \"Fever\": a name is lower case", AREA(ALARM(.code = "Fever"))},
    {"alarm \"\": needs a name", AREA(ALARM(.code = NULL))},
    {"alarm \"fever\": needs a stable number", AREA(ALARM(.no = 0))},
    {"alarm \"fever\": needs its names", AREA(ALARM(.en = NULL))},
    {"alarm \"fever\": no value is called {sbject}", AREA(ALARM(.zh = "{sbject}"))},
    {"alarm \"fever\": no value is called {vlue}", AREA(ALARM(.en = "of {vlue}"))},
    {"alarm \"fever\": no role is called \"leed\"", AREA(ALARM(.owner_role = "leed"))},
    {"alarm \"fever\": severity 4 is not 1, 2 or 3", AREA(ALARM(.severity = 4))},
    {"alarm \"fever\": escalates before", AREA(ALARM(.escalate_ms = -1))},
    {"topic \"news\": needs its names", AREA(TOPIC(.en = NULL))},
    {"topic \"news\": needs subject and body", AREA(TOPIC(.in_en = WORDS(.body = NULL)))},
    {"topic \"news\": no value is called {who}", AREA(TOPIC(.in_zh = WORDS(.subject = "{who}")))},
    {"topic \"news\": no value is called {day}", AREA(TOPIC(.in_en = WORDS(.body = "on {day}")))},
    {"topic \"news\": no value is called {n}", AREA(TOPIC(.in_en = WORDS(.brief = "{n}")))},
    {"topic \"news\": args: nothing says {day}", AREA(TOPIC(.args = "day"))},
    {"link \"family\": needs a kind that it opens", AREA(LINK(.kind = NULL))},
    {"link \"family\": needs a kind that it opens", AREA(LINK(.kind = &due_kind))},
    {"link \"family\": no right is called \"post.look\"", AREA(TOKEN(.rights = "post.look"))},
    {"link \"family\": needs rights", AREA(TOKEN(.rights = NULL))},
    {"link \"family\": no kind is called \"pst\"", AREA(TOKEN(.by_code = "post pst"))},
    {"link \"family\": no state is called \"shut\"", AREA(TOKEN(.ends = "shut"))},
    {"link \"family\": its serial is no number", AREA(TOKEN(.serial = "day"))},
    {"link \"family\": its serial is no number", AREA(TOKEN(.serial = NULL))},
    {"link \"family\": no setting is called \"walk.days\"", AREA(TOKEN(.days = "walk.days"))},
    {"link \"family\": needs limits", AREA(TOKEN(.link_per_minute = NULL))},
    {"link \"family\": no setting is called \"a.b\"", AREA(TOKEN(.address_per_minute = "a.b"))},
    {"link \"family\": its kind needs a unit", AREA(TOKEN(.kind = &unit_kind))},
    {"link \"family\": one that is used once has its days", AREA(LINK(.for_days = 0))},
    {"intake \"chat\": needs a kind that is kept", AREA(INTAKE(.kind = NULL))},
    {"intake \"chat\": needs a kind that is kept", AREA(INTAKE(.kind = &due_kind))},
    {"intake \"chat\": no right is called \"post.look\"", AREA(INTAKE(.right = "post.look"))},
    {"intake \"chat\": needs a right", AREA(INTAKE(.right = NULL))},
    {"intake \"chat\": its subject is no reference", AREA(INTAKE(.subject = "day"))},
    {"intake \"chat\": needs names, titles", AREA(INTAKE(.names = NULL))},
    {"intake \"chat\": no channel is called \"fax\"", AREA(INTAKE(.channels = "fax"))},
    {"intake \"chat\": needs channels", AREA(INTAKE(.channels = NULL))},
    {"intake \"chat\": \"a|b\" are words of a key, or of a piece",
     AREA(INTAKE(.words = (const struct intake_words[]){{.words = "a|b"}, {0}}))},
    {"intake \"\": needs a name", AREA(INTAKE(.code = ""))},
    {"link \"family\": needs a stable number", AREA(LINK(.no = 0))},
    {"link \"Family\": not a name", AREA(LINK(.code = "Family"))},
    {"indicator \"posts.total\": no kind is called \"pst\"", AREA(INDICATOR(.kind = "pst"))},
    {"indicator \"posts.total\": needs a kind", AREA(INDICATOR(.kind = NULL))},
    {"indicator \"posts.total\": a derived one says what", AREA(INDICATOR(.derived_from = "a.b"))},
    {"indicator \"posts.total\": no indicator is called \"a.b\"",
     AREA(INDICATOR(.type = IND_DERIVED, .derive = no_sum, .derived_from = "a.b"))},
    {"indicator \"posts.total\": needs a definition", AREA(INDICATOR(.en_definition = NULL))},
    {"indicator \"posts.total\": needs its names", AREA(INDICATOR(.zh = NULL))},
    {"indicator \"posts.total\": needs a stable number", AREA(INDICATOR(.no = 0))},
    {"indicator \"Total\": a name is lower case", AREA(INDICATOR(.code = "Total"))},
    {"indicator \"posts.total\": a derived one, and only that, has a function",
     AREA(INDICATOR(.derive = no_sum))},
    {"deadline \"due\": no alarm is called \"lte\"", AREA(.kinds = due_kinds)},
    {"deadline \"due\": no policy is called \"grce\"", AREA(.kinds = due_kinds)},
    {"deadline \"due\": no kind of unit is called \"distrct\"", AREA(.kinds = due_kinds)},
    {"grant \"leed\": no such role", AREA(GRANT("leed", "post.read"))},
    {"grant \"lead\": no right is called \"pst.*\"", AREA(GRANT("lead", "post.read pst.*"))},
    {"grant \"lead\": no right is called \"post.raed\"", AREA(GRANT("lead", "post.* -post.raed"))},
    {"right \"Post.end\": a name is lower case", AREA(.rights = LIST("Post.end"))},
    {"table \"post\": stands twice", AREA(TABLE(.name = "post"))},
    {"table \"note\": column \"n\": no type is called \"int\"",
     AREA(TABLE(.columns = "id uuid, n int, PRIMARY KEY (id, n)"))},
};

static const struct choice unit_kinds[] = {
    {"union", "工会", "Union"}, {"district", "区", "District"}, {0}};
static const struct field unit_fields[] = {
    {.no = 1, .name = "kind", .type = FT_ENUM, .choices = unit_kinds, NAMES}};
static const struct kind unit_kind = {
    .no = 1, .name = "unit", .plural = "units", NAMES, .flags = KF_GLOBAL, FIELDS(unit_fields)};

static void declare_kinds(struct rows *rs) {
  const struct kind *const kinds[] = {&unit_kind, &good_kind, NULL};
  const char *all[64] = {"post.end"};
  for (size_t i = 0; auth_rights[i] && i < 60; i++) all[i + 1] = auth_rights[i];
  rows_init(rs);
  kinds_check(kinds, all, rs);
}

/* Roles name rights of kinds that are not here: what the core says of itself is left out. */
TEST(each_string_of_an_area_is_looked_at) {
  for (size_t i = 0; i < ARRAY_LEN(wrong_areas); i++) {
    const struct module *const list[] = {&wrong_areas[i].area, NULL};
    struct rows rs;
    declare_kinds(&rs);
    CHECK(rs.wrong == 0);
    rows_check(list, &rs);
    CHECK(says(&rs, "walks", "") && says(&rs, "", wrong_areas[i].says));
    rows_done(&rs);
  }
  kinds_done();
}

TEST(what_two_areas_call_alike_is_said) {
  const struct module one = AREA(SETTING(), JOB(), ALARM(), TOPIC(), INDICATOR(), PLAN(), VERIFY(),
                                 DEVICE(), TABLE(), ROUTE(), SECTION(), LINK()),
                      two = AREA(.name = "again", SETTING(), JOB(), ALARM(), TOPIC(), INDICATOR(),
                                 PLAN(), VERIFY(), DEVICE(), TABLE(), ROUTE(), SECTION(), LINK());
  static const char *const twice[] = {
      "setting \"post.hours\": stands twice", "job \"rounds\": stands twice",
      "alarm \"fever\": stands twice",        "alarm \"fever\": number 1 is used twice",
      "topic \"news\": stands twice",         "indicator \"posts.total\": stands twice",
      "import \"posts\": stands twice",       "verify check \"stock\": stands twice",
      "device section \"facts\": stands",     "table \"note\": stands twice",
      "section \"days\": stands twice",       "link \"family\": stands twice",
      "link \"family\": number 1 is used",    "route \"/api/v1/posts/near\": stands twice"};
  const struct module *const list[] = {&one, &two, NULL};
  struct rows rs;
  declare_kinds(&rs);
  rows_check(list, &rs);
  for (size_t i = 0; i < ARRAY_LEN(twice); i++) CHECK(says(&rs, "again", twice[i]));
  CHECK(str_find(buf_str(&rs.text), S("\nwalks: ")) == (size_t)-1);
  rows_done(&rs);
  kinds_done();
}

TEST(the_product_has_no_wrong_row) {
  struct err e = {0};
  CHECK(app_declare(&e) == 0);
}
