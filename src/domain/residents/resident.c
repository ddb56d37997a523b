#include "domain/residents/residents.h"

/* Residents (居民): what the ID number says, doubles, when they count. */

INDICATOR_ROW(
    ind_living, 31, "residents.living", IND_STATE, "people", "居住人数", "Residents",
    "当日结束时已登记而未搬出的居民人数，含暂时外出的",
    "Residents on the register who have not moved out by the day's end; away for a time counts",
    "resident");

static const struct choice sexes[] = {{"female", "女", "female"}, {"male", "男", "male"}, {0}};
static const struct choice livings[] = {{"living", "在住", "living here"},
                                        {"away", "暂时外出", "away for a time"},
                                        {"moved_out", "已搬出", "moved out"},
                                        {0}};
static const struct choice cares[] = {{"elderly_alone", "独居老人", "elderly, alone"},
                                      {"elderly", "高龄老人", "very old"},
                                      {"disabled", "残疾", "disabled"},
                                      {"chronic", "慢性病", "chronically ill"},
                                      {"pregnant", "孕产妇", "pregnant"},
                                      {"bedridden", "卧床", "bedridden"},
                                      {"child", "儿童", "child"},
                                      {"low_income", "低保困难", "in need"},
                                      {"other", "其他", "other"},
                                      {0}};
static const struct field resident_fields[RESIDENT_FIELDS_] = {
    [RESIDENT_HOUSEHOLD] = {1, "household", FT_REF, FF_HOLDS | FF_REQUIRED | FF_FILTER | FF_DEVICE,
                            .ref = "household", .zh = "户", .en = "Household"},
    [RESIDENT_COMPOUND] = {2, "compound", FT_REF, FF_SYSTEM | FF_FILTER,
                           .taken_from = "household.compound", .ref = "compound", .zh = "小区",
                           .en = "Compound"},
    [RESIDENT_UNIT] = {3, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER,
                       .taken_from = "household.unit", .zh = "社区", .en = "Community"},
    [RESIDENT_NAME] = {4, "name", FT_TEXT, .min = 1, .max = 40,
                       .flags = FF_REQUIRED | FF_TITLE | FF_PERSONAL | FF_SEARCH | FF_SORT |
                                FF_INDEX | FF_DEVICE,
                       .mask = MASK_NAME, .zh = "姓名", .en = "Name",
                       .headers = "居民姓名|人员姓名"},
    [RESIDENT_SEX] = {5, "sex", FT_ENUM, FF_FILTER, .choices = sexes, .zh = "性别", .en = "Sex"},
    [RESIDENT_BIRTH] = {6, "birth", FT_DATE, FF_PERSONAL | FF_FILTER | FF_SORT, .mask = MASK_ALL,
                        .zh = "出生日期", .en = "Born on", .headers = "出生年月|生日"},
    [RESIDENT_CITIZEN_ID] = {7, "citizen_id", FT_CITIZEN_ID, FF_SEALED | FF_LOOKUP, .mask = MASK_ID,
                             .zh = "身份证号", .en = "Citizen ID",
                             .headers = "身份证号码|身份证|证件号码|公民身份号码"},
    [RESIDENT_PHONE] = {8, "phone", FT_PHONE, FF_SEALED | FF_LOOKUP, .mask = MASK_PHONE,
                        .zh = "电话", .en = "Phone", .headers = "联系电话|手机|手机号|手机号码"},
    [RESIDENT_RELATION] = {9, "relation", FT_TEXT, .max = 20, .zh = "与户主关系",
                           .en = "Relation to the head of the household",
                           .headers = "关系|与房主关系"},
    [RESIDENT_LIVING] = {10, "living", FT_ENUM, FF_FILTER | FF_DEVICE, .choices = livings,
                         .initial = "living", .zh = "是否在住", .en = "Living here",
                         .headers = "在住|居住状态|居住情况"},
    [RESIDENT_NO_PHONE] = {11, "no_phone", FT_BOOL, FF_FILTER | FF_DEVICE, .zh = "无智能手机",
                           .en = "Without a smartphone"},
    [RESIDENT_CARE] = {12, "care", FT_TAGS, FF_PERSONAL | FF_FILTER, .choices = cares,
                       .mask = MASK_ALL, .zh = "关爱类别", .en = "Care",
                       .headers = "特殊人群|重点人群|关爱对象"},
    [RESIDENT_EMPLOYER] = {13, "employer", FT_TEXT, FF_PERSONAL, .max = 80, .mask = MASK_ALL,
                           .zh = "工作单位", .en = "Employer", .headers = "单位"},
    [RESIDENT_HUKOU] = {14, "hukou", FT_TEXT, FF_PERSONAL, .max = 120, .mask = MASK_ALL,
                        .zh = "户籍地", .en = "Registered at", .headers = "户籍|户口所在地"},
    [RESIDENT_SINCE] = {15, "since", FT_DATE, FF_SYSTEM | FF_FILTER | FF_SORT, .zh = "登记日期",
                        .en = "Registered on"},
    [RESIDENT_LEFT_ON] = {16, "left_on", FT_DATE, FF_SYSTEM | FF_FILTER | FF_SORT, .zh = "搬出日期",
                          .en = "Moved out on"},
};
static const struct screen resident_screen = {
    .group = "residents",
    .order = 20,
    .columns = "name sex birth household relation living no_phone care phone",
    .quick = "living no_phone care"};

static const struct count resident_counts[] = {{&ind_living, .from = "since", .until = "left_on"},
                                               {0}};

static void resident_check(const struct change *c, const struct record *old, struct record *rec,
                           struct problems *ps) {
  (void)old;
  if (!rec_null(rec, RESIDENT_BIRTH) && rec_day(rec, RESIDENT_BIRTH) > c->viewer->today)
    problem_add(ps, PROBLEM_in_future, S("birth"));
}

/* The number of one who has it is opened only where something hangs on it. */
static int id_number(struct change *c, struct record *rec, struct str *ret, struct err *e) {
  *ret = rec_text(rec, RESIDENT_CITIZEN_ID);
  if (ret->p || !rec->sealed[RESIDENT_CITIZEN_ID].p) return 0;
  struct record *copy = record_copy(c->a, rec);
  int r = record_plain(c->en->sealer, copy, RESIDENT_CITIZEN_ID, c->a, e);
  if (r >= 0) *ret = rec_text(copy, RESIDENT_CITIZEN_ID);
  return r;
}

static void warn_differs(struct problems *ps, struct str field) {
  problem_rule_warn(ps, field, S("与身份证号不符，已按身份证号登记"),
                    S("differs from the ID number, which was taken"));
}

/* Sex and birth are in the number (GB 11643): asked once, and the number is what counts. */
static void derive(struct change *c, struct record *rec, struct str id, struct problems *ps) {
  int32_t birth;
  bool female;
  if (!id.p || !citizen_id_valid(id, &birth, &female)) return;
  const char *sex = female ? "female" : "male";
  const struct val born = day_val(c->a, birth);
  if (c->given[RESIDENT_SEX] && !rec_null(rec, RESIDENT_SEX) && !rec_is(rec, RESIDENT_SEX, sex))
    warn_differs(ps, S("sex"));
  if (c->given[RESIDENT_BIRTH] && !rec_null(rec, RESIDENT_BIRTH) &&
      !str_eq(rec_text(rec, RESIDENT_BIRTH), born.s))
    warn_differs(ps, S("birth"));
  rec_set(rec, RESIDENT_SEX, V_TEXTZ(sex));
  rec_set(rec, RESIDENT_BIRTH, born);
}

/* One number is one person, who lives in one household; whoever has moved out may live elsewhere.
 * One phone may be a family's: nothing is said of it. */
static int look_for_double(struct tx *tx, struct change *c, struct record *rec, struct str id,
                           struct problems *ps, struct err *e) {
  struct record *found[4];
  size_t n = 0;
  if (!id.p || rec_is(rec, RESIDENT_LIVING, "moved_out")) return 0;
  int r =
      record_find(tx, c->en, c->a, &resident_kind, c->op, RESIDENT_CITIZEN_ID, id, found, 4, &n, e);
  for (size_t i = 0; i < n && r >= 0; i++) {
    struct emit em = {.tx = tx, .en = c->en, .viewer = c->viewer, .a = c->a};
    if (uuid_eq(&found[i]->id, &rec->id) || found[i]->retired ||
        rec_is(found[i], RESIDENT_LIVING, "moved_out"))
      continue;
    if (c->viewer->system || record_visible(c->viewer, found[i]))
      problem_text(ps, PROBLEM_duplicate, S("citizen_id"), (struct str){0}, (struct str){0},
                   record_title(&em, found[i]));
    else
      problem_add(ps, PROBLEM_duplicate_elsewhere, S("citizen_id"));
    return 0;
  }
  return r;
}

/* The figures count from the day of entry to the day of moving out. */
static void count_days(struct change *c, const struct record *old, struct record *rec) {
  const bool out = rec_is(rec, RESIDENT_LIVING, "moved_out");
  const struct val today = day_val(c->a, change_day(c));
  if (!old) rec_set(rec, RESIDENT_SINCE, today);
  if (!out)
    rec_set(rec, RESIDENT_LEFT_ON, V_NULL);
  else if (rec_null(rec, RESIDENT_LEFT_ON))
    rec_set(rec, RESIDENT_LEFT_ON, today);
}

static int resident_apply(struct tx *tx, struct change *c, const struct record *old,
                          struct record *rec, struct problems *ps, struct err *e) {
  struct str id = {NULL, 0};
  if (c->verb == CHANGE_RETIRE) return 0;
  count_days(c, old, rec);
  const bool numbered = c->given[RESIDENT_CITIZEN_ID];
  const bool back =
      old && (!str_eq(rec_text(old, RESIDENT_LIVING), rec_text(rec, RESIDENT_LIVING)) ||
              c->verb == CHANGE_RESTORE);
  if (!numbered && !back && !c->given[RESIDENT_SEX] && !c->given[RESIDENT_BIRTH]) return 0;
  int r = id_number(c, rec, &id, e);
  if (r < 0) return r;
  derive(c, rec, id, ps);
  return numbered || back ? look_for_double(tx, c, rec, id, ps, e) : 0;
}

const struct kind resident_kind = {
    KIND(34, "resident", "residents", "居民", "Resident", resident_fields),
    .screen = &resident_screen,
    .flags = KF_SYNC | KF_MERGE,
    .check = resident_check,
    .apply = resident_apply,
    .counts = resident_counts};
