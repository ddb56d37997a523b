#include "domain/hazards/hazards.h"

/* Hazards, gaps in prevention among them: found, put right by a day, looked at again by another
 * person; what fails that is open again. */

static const struct choice classes[] = {
    {"unregistered", "未登记的企业", "an enterprise nobody has on the register"},
    {"masks", "口罩、测温", "masks, temperatures"},
    {"spacing", "间距、面积", "spacing, area"},
    {"disinfection", "消毒、通风", "disinfection, ventilation"},
    {"supplies", "物资不足", "too few supplies"},
    {"isolation", "返京人员观察", "returnees not observed"},
    {"fire", "消防", "fire"},
    {"electricity", "用电", "electricity"},
    {"gas", "用气", "gas"},
    {"other", "其他", "other"},
    {0}};
static const struct field fields[HAZARD_FIELDS_] = {
    [HAZARD_UNIT] = {1, "unit", FT_UNIT, FF_HOLDS | FF_REQUIRED | FF_SCOPE | FF_FILTER,
                     .zh = "所在街道（社区）", .en = "Place"},
    [HAZARD_ENTERPRISE] = {2, "enterprise", FT_REF, FF_HOLDS | FF_SHARED | FF_FILTER | FF_INDEX,
                           .ref = "enterprise", .zh = "企业", .en = "Enterprise"},
    [HAZARD_BUILDING] = {3, "building", FT_REF, FF_FILTER, .ref = "building", .zh = "楼宇（园区）",
                         .en = "Building or park"},
    [HAZARD_NAME] = {4, "found_name", FT_TEXT, FF_SEARCH, .max = 80,
                     .zh = "发现的企业（未登记时填写）",
                     .en = "Enterprise found (where not registered)"},
    [HAZARD_KIND] = {5, "kind", FT_ENUM, FF_REQUIRED | FF_FILTER | FF_TITLE, .choices = classes,
                     .zh = "类别", .en = "Kind"},
    [HAZARD_TEXT] = {6, "what", FT_LONGTEXT, FF_REQUIRED | FF_TITLE | FF_SEARCH, .min = 2,
                     .max = 500, .zh = "隐患（盲点）", .en = "What is lacking"},
    [HAZARD_FOUND_ON] = {7, "found_on", FT_DATE, FF_REQUIRED | FF_SORT | FF_FILTER,
                         .zh = "发现日期", .en = "Found on"},
    [HAZARD_OWNER] = {8, "owner", FT_TEXT, FF_SHARED, .max = 60, .zh = "整改责任人",
                      .en = "Who closes it"},
    [HAZARD_DUE_ON] = {9, "due_on", FT_DATE, FF_SHARED | FF_SORT | FF_FILTER | FF_INDEX,
                       .zh = "整改期限", .en = "Due on"},
    [HAZARD_FIXED_ON] = {10, "fixed_on", FT_DATE, FF_AT_CREATION, .zh = "整改日期",
                         .en = "Closed on", .zh_help = "发现时即当场整改的，新建时填写",
                         .en_help = "at creation: it was put right on the spot"},
    [HAZARD_RESPONDER] = {11, "responder", FT_REF, FF_SHARED | FF_FILTER, .ref = "responder",
                          .zh = "责任人（本系统人员）", .en = "Whose task it is",
                          .zh_help = "填写后列入此人的待办",
                          .en_help = "It is on this person's to-do"},
    [HAZARD_INTERIM] = {12, "interim", FT_TEXT, FF_SHARED, .max = 200, .zh = "临时防护措施",
                        .en = "Protection meanwhile"},
};
static const struct state states[] = {{"found", "已发现", "Found"},
                                      {"fixing", "整改中", "Being fixed"},
                                      {"fixed", "已整改", "Fixed"},
                                      {"verified", "已复查", "Verified"},
                                      {0}};
static const struct transition transitions[] = {
    {"begin", "开始整改", "Begin", "found", "fixing", .right = "hazard.update",
     .takes = "owner due_on responder interim"},
    {"fix", "整改完成", "Fixed", "found fixing", "fixed", .right = "hazard.update",
     .needs = "fixed_on", .takes = "enterprise"},
    {"verify", "复查通过", "Verify", "fixed", "verified", .right = "hazard.verify",
     .flags = TR_SECOND_PERSON},
    {"reopen", "复查未通过", "Not closed", "fixed verified", "found", .right = "hazard.verify",
     .takes = "owner due_on responder interim", .flags = TR_REASON | TR_ONLINE},
    {0}};
static const struct alarm_type alarm_hazard_overdue = {
    .no = 63,
    .code = "hazard.overdue",
    .zh = "{subject}：整改期限 {value} 已过",
    .en = "{subject}: was to be put right by {value}",
    .owner_role = "coordinator",
    .severity = 2};
static const struct deadline deadlines[] = {{1, "due_on", .states = "found fixing",
                                             .alarm = "hazard.overdue", .escalate_to = "district",
                                             .escalate_at = 9 * 60},
                                            {0}};
static const struct frozen frozen[] = {{"fixed verified", "*", NULL}, {0}};
static const struct owner owner = {.responder = "responder",
                                   .unit = "unit",
                                   .role = "coordinator",
                                   .states = "found fixing",
                                   .checks = "fixed",
                                   .due = "due_on"};
/* ---- what must hold ---- */

static void needs(const struct record *r, int field, struct problems *ps) {
  if (rec_null(r, field)) problem_add(ps, PROBLEM_required, str_from(r->kind->fields[field].name));
}

/* What is not put right on the spot has somebody who does it by a day; and where it may burn
 * meanwhile, something that protects. */
static void check(const struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps) {
  static const int days[] = {HAZARD_FOUND_ON, HAZARD_FIXED_ON};
  dates_in_order(rec, HAZARD_FOUND_ON, HAZARD_DUE_ON, ps);
  dates_in_order(rec, HAZARD_FOUND_ON, HAZARD_FIXED_ON, ps);
  for (size_t i = 0; i < ARRAY_LEN(days); i++)
    if (!rec_null(rec, days[i]) && rec_day(rec, days[i]) > c->viewer->today)
      problem_add(ps, PROBLEM_in_future, str_from(rec->kind->fields[days[i]].name));
  if (rec_is(rec, HAZARD_KIND, "unregistered") && rec_null(rec, HAZARD_ENTERPRISE))
    needs(rec, HAZARD_NAME, ps);
  if (!old && !rec_null(rec, HAZARD_FIXED_ON)) {
    rec->state = S("fixed");
    return;
  }
  if (!str_is(rec->state, "found") && !str_is(rec->state, "fixing")) return;
  needs(rec, HAZARD_OWNER, ps);
  needs(rec, HAZARD_DUE_ON, ps);
  if (rec_is(rec, HAZARD_KIND, "fire") || rec_is(rec, HAZARD_KIND, "electricity") ||
      rec_is(rec, HAZARD_KIND, "gas"))
    needs(rec, HAZARD_INTERIM, ps);
}

/* One about an enterprise off the register is closed by that one standing on it. What is found at
 * an enterprise is found in its building; enterprises are an area above this one, and are known by
 * the name of their kind. */
static int apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  const struct kind *k = kind_by_name(S("enterprise"));
  const int building = field_named(k, "building");
  if (!old && rec_null(rec, HAZARD_BUILDING) && !rec_null(rec, HAZARD_ENTERPRISE)) {
    struct record *enterprise;
    const struct uuid id = rec_uuid(rec, HAZARD_ENTERPRISE);
    int r = record_load(tx, c->a, k, c->op, &id, &enterprise, e);
    if (r < 0) return r == -E_NOROW ? 0 : r;
    rec_set(rec, HAZARD_BUILDING, enterprise->v[building]);
  }
  if (str_is(rec->state, "fixed") && rec_is(rec, HAZARD_KIND, "unregistered"))
    needs(rec, HAZARD_ENTERPRISE, ps);
  return 0;
}

/* ---- what they count for ---- */

static INDICATOR_ROW(ind_found, 70, "hazards.found", IND_FLOW, "events", "发现隐患",
                     "Hazards found", "当日发现的隐患（盲点），含当场整改的",
                     "Found that day, those put right on the spot included", "hazard");
static INDICATOR_ROW(ind_closed, 71, "hazards.closed", IND_FLOW, "events", "整改隐患",
                     "Hazards put right", "整改日期为当日的隐患；复查未通过的不再计入",
                     "Put right that day; one that fails its second look counts no longer",
                     "hazard");
static INDICATOR_ROW(ind_open, 72, "hazards.open", IND_STATE, "events", "未整改隐患",
                     "Hazards open", "已发现、当日日终尚未整改的隐患",
                     "Found and not put right by the end of the day", "hazard");
static INDICATOR_ROW(
    ind_overdue, 73, "hazards.overdue", IND_STATE, "events", "超期隐患", "Hazards overdue",
    "整改期限已过、当日日终尚未整改的隐患（期限当日不算）",
    "Past the day by which they were due and not put right; on that day itself not yet", "hazard");

#define OPEN  "state=found,fixing"
#define FIXED "state=fixed,verified"
static const struct count counts[] = {
    {&ind_found, .from = "found_on"},
    {&ind_closed, .from = "fixed_on", .where = FIXED},
    {&ind_open, .from = "found_on", .where = OPEN},
    {&ind_open, .from = "found_on", .until = "fixed_on", .where = FIXED},
    {&ind_overdue, .from = "due_on", .days_after = 1, .where = OPEN},
    {&ind_overdue, .from = "due_on", .days_after = 1, .until = "fixed_on", .where = FIXED},
    {0}};

static const struct screen screen = {.group = "enterprises",
                                     .order = 110,
                                     .zh = "隐患（防控盲点）",
                                     .en = "Hazards",
                                     .columns = "what kind enterprise building owner due_on unit",
                                     .sort = "due_on",
                                     .quick = "kind building",
                                     .link = "what",
                                     .good = "verified",
                                     .wait = "fixing fixed",
                                     .bad = "found"};
const struct kind hazard_kind = {.no = 66,
                                 .name = "hazard",
                                 .plural = "hazards",
                                 .alias = "prevention-gaps",
                                 .zh = "隐患",
                                 .en = "Hazard",
                                 .screen = &screen,
                                 FIELDS(fields),
                                 .states = states,
                                 .frozen = frozen,
                                 .ends = "verified",
                                 .transitions = transitions,
                                 .deadlines = deadlines,
                                 .counts = counts,
                                 .owner = &owner,
                                 .check = check,
                                 .apply = apply};

/* ---- the area ---- */

static const struct kind *const kinds[] = {&hazard_kind, NULL};
static const struct indicator *const indicators[] = {&ind_found, &ind_closed, &ind_open,
                                                     &ind_overdue, NULL};
static const struct alarm_type *const alarms[] = {&alarm_hazard_overdue, NULL};
static const struct role_grant grants[] = {
    {"auditor", "hazard.read"},
    {"city_duty", "hazard.*"},
    {"district_duty", "hazard.*"},
    {"coordinator", "hazard.*"},
    {"lead", "hazard.read hazard.create hazard.update hazard.verify"},
    {"viewer", "hazard.read"},
    {0}};
static const char *const rights[] = {"hazard.verify", NULL};
const struct module hazards_module = {.name = "hazards",
                                      .file = __FILE__,
                                      .zh = "隐患",
                                      .en = "Hazards",
                                      .kinds = kinds,
                                      .rights = rights,
                                      .grants = grants,
                                      .indicators = indicators,
                                      .alarms = alarms};
