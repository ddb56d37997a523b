#include "domain/residents/residents.h"

/* Households (户): known by building, stairwell and door, in one spelling. */

INDICATOR_ROW(ind_households, 30, "residents.households", IND_STATE, "households", "登记户数",
              "Households", "当日结束时已登记的户数，含空置和暂时外出的",
              "Households on the register at the day's end, vacant ones included", "household");

static const struct choice tenures[] = {
    {"own", "自住", "owner"}, {"rent", "出租", "rented"}, {"other", "其他", "other"}, {0}};
static const struct choice occupancies[] = {{"occupied", "有人住", "occupied"},
                                            {"vacant", "空置", "vacant"},
                                            {"away", "暂时外出", "away for a time"},
                                            {0}};
static const struct field household_fields[HOUSEHOLD_FIELDS_] = {
    [HOUSEHOLD_BUILDING] = {1, "building", FT_REF,
                            FF_HOLDS | FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_DEVICE |
                                FF_DEVICE_TITLE,
                            .ref = "building", .zh = "楼栋", .en = "Building"},
    [HOUSEHOLD_COMPOUND] = {2, "compound", FT_REF, FF_SYSTEM | FF_FILTER | FF_DEVICE,
                            .taken_from = "building.compound", .ref = "compound", .zh = "小区",
                            .en = "Compound"},
    [HOUSEHOLD_UNIT] = {3, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER,
                        .taken_from = "building.unit", .zh = "社区", .en = "Community"},
    [HOUSEHOLD_STAIRWELL] = {4, "stairwell", FT_TEXT, FF_FILTER | FF_SORT | FF_DEVICE, .max = 20,
                             .zh = "单元", .en = "Stairwell", .headers = "单元号|门洞"},
    [HOUSEHOLD_DOOR] = {5, "door", FT_TEXT, FF_REQUIRED | FF_FILTER | FF_SORT | FF_DEVICE, .min = 1,
                        .max = 20, .zh = "门牌", .en = "Door",
                        .headers = "门牌号|房号|户号|室|房间号"},
    [HOUSEHOLD_CODE] = {6, "code", FT_TEXT,
                        FF_SYSTEM | FF_TITLE | FF_SEARCH | FF_FILTER | FF_SORT | FF_DEVICE,
                        .max = 100, .zh = "户", .en = "Household",
                        .zh_help = "楼-单元-门牌，如15-2-301",
                        .en_help = "building-stairwell-door, 15-2-301"},
    [HOUSEHOLD_TENURE] = {7, "tenure", FT_ENUM, FF_FILTER, .choices = tenures, .zh = "房屋性质",
                          .en = "Tenure", .headers = "房屋类型|居住性质"},
    [HOUSEHOLD_OCCUPIED] = {8, "occupied", FT_ENUM, FF_FILTER, .choices = occupancies,
                            .initial = "occupied", .zh = "居住情况", .en = "Occupied"},
    [HOUSEHOLD_NOTE] = {9, "note", FT_LONGTEXT, FF_PERSONAL, .max = 500, .mask = MASK_ALL,
                        .zh = "备注", .en = "Note"},
    [HOUSEHOLD_SINCE] = {10, "since", FT_DATE, FF_SYSTEM | FF_FILTER | FF_SORT, .zh = "登记日期",
                         .en = "Registered on"},
};
static const char *const household_uniques[] = {"building, code", NULL};
static const char *const household_indexes[] = {"compound, code", NULL};
static const struct screen household_screen = {
    .columns = "code compound building stairwell door occupied tenure",
    .quick = "building occupied tenure"};

static const struct count household_counts[] = {{&ind_households, .from = "since"}, {0}};

static void household_check(const struct change *c, const struct record *old, struct record *rec,
                            struct problems *ps) {
  (void)c, (void)old;
  place_normal_field(rec, HOUSEHOLD_STAIRWELL, ps);
  place_normal_field(rec, HOUSEHOLD_DOOR, ps);
}

static int household_apply(struct tx *tx, struct change *c, const struct record *old,
                           struct record *rec, struct problems *ps, struct err *e) {
  (void)ps;
  struct record *building;
  if (c->verb == CHANGE_RETIRE) return 0;
  const struct uuid id = rec_uuid(rec, HOUSEHOLD_BUILDING);
  int r = record_load(tx, c->a, &building_kind, c->op, &id, &building, e);
  if (r < 0) return r;
  if (!old) rec_set(rec, HOUSEHOLD_SINCE, day_val(c->a, change_day(c)));
  rec_set(
      rec, HOUSEHOLD_CODE,
      V_TEXT(household_code(c->a, rec_text(building, BUILDING_CODE),
                            rec_text(rec, HOUSEHOLD_STAIRWELL), rec_text(rec, HOUSEHOLD_DOOR))));
  return 0;
}

const struct kind household_kind = {
    KIND(33, "household", "households", "户", "Household", household_fields),
    .screen = &household_screen,
    .flags = KF_SYNC,
    .uniques = household_uniques,
    .indexes = household_indexes,
    .check = household_check,
    .apply = household_apply,
    .counts = household_counts};
