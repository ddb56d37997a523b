#include "domain/gate/passes.h"

const struct choice gate_verdicts[] = {
    {"ok", "有效", "Valid"},
    {"ok_unlisted", "有效（本机名单未更新）", "Valid, not in this phone's list yet"},
    {"malformed", "不是出入证", "Not a pass"},
    {"oversized", "内容过长，不是出入证", "Too long for a pass"},
    {"forged", "签名不对，不是本系统签发", "Not signed by us"},
    {"unknown_key", "签发密钥不认识，请联网更新", "Unknown key: update this phone"},
    {"expired", "已过期", "Expired"},
    {"not_yet", "还没到生效日期", "Not valid yet"},
    {"other_estate", "不是本小区的证", "Of another estate"},
    {"void", "无效，请找组长", "Not valid: ask the lead"},
    {"just_used", "刚刚用过", "Used a moment ago"},
    {"used", "本户本期已外出过", "The household has been out in this period"},
    {"unknown_number", "没有这个证号", "No such number"},
    {"bad_number", "证号有误，请再核对", "The number is wrong: compare again"},
    {0}};

static const struct choice classes[] = {{"person", "个人", "Person"},
                                        {"household", "家庭", "Household"},
                                        {"vehicle", "车辆", "Vehicle"},
                                        {"visitor", "访客", "Visitor"},
                                        {0}};
static const struct choice reasons[] = {{"lost", "遗失", "Lost"},
                                        {"moved", "搬离", "Moved away"},
                                        {"misuse", "冒用或转借", "Misused"},
                                        {"hold", "暂停出入", "On hold"},
                                        {"expired", "到期", "Expired"},
                                        {"replaced", "换发", "Replaced"},
                                        {"other", "其他", "Other"},
                                        {0}};

static const struct field fields[PASS_FIELDS_] = {
    [PASS_NUMBER] = {1, "number", FT_TEXT,
                     FF_DEVICE | FF_SYSTEM | FF_INDEX | FF_FILTER | FF_SEARCH | FF_TITLE,
                     .max = PASS_NUMBER_DIGITS, .zh = "证号", .en = "Number"},
    [PASS_SERIAL] = {2, "serial", FT_INT, FF_DEVICE | FF_SYSTEM, .zh = "码内编号",
                     .en = "Serial in the code"},
    [PASS_CLASS] = {3, "class", FT_ENUM,
                    FF_DEVICE | FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_TITLE,
                    .choices = classes, .zh = "类别", .en = "Class"},
    [PASS_COMPOUND] = {4, "compound", FT_REF, FF_IMMUTABLE | FF_FILTER, .ref = "compound",
                       .zh = "小区", .en = "Compound", .zh_help = "有住户的由住户带出",
                       .en_help = "taken from the household where there is one"},
    [PASS_ESTATE] = {5, "estate", FT_INT, FF_DEVICE | FF_SYSTEM, .zh = "小区编号",
                     .en = "Estate number"},
    [PASS_UNIT] = {6, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "社区",
                   .en = "Community"},
    [PASS_HOUSEHOLD] = {7, "household", FT_REF, FF_DEVICE | FF_IMMUTABLE | FF_FILTER,
                        .ref = "household", .zh = "住户", .en = "Household"},
    [PASS_RESIDENT] = {8, "resident", FT_REF, FF_DEVICE | FF_IMMUTABLE | FF_FILTER,
                       .ref = "resident", .zh = "居民", .en = "Resident"},
    [PASS_PLATE] = {9, "plate", FT_TEXT, FF_DEVICE | FF_PERSONAL | FF_FILTER | FF_SEARCH, .min = 5,
                    .max = 12, .mask = MASK_TAIL, .zh = "车牌", .en = "Plate"},
    [PASS_VISITOR] = {10, "visitor", FT_REF, FF_DEVICE | FF_IMMUTABLE | FF_FILTER, .ref = "visitor",
                      .zh = "访客", .en = "Visitor"},
    [PASS_VALID_FROM] = {11, "valid_from", FT_DATE,
                         FF_DEVICE | FF_REQUIRED | FF_IMMUTABLE | FF_FILTER, .zh = "有效期自",
                         .en = "Valid from"},
    [PASS_VALID_TO] = {12, "valid_to", FT_DATE,
                       FF_DEVICE | FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_SORT,
                       .zh = "有效期至", .en = "Valid to"},
    [PASS_KEY_ID] = {13, "key_id", FT_INT, FF_SYSTEM, .zh = "签发密钥号", .en = "Key number"},
    [PASS_PRINTED_AT] = {14, "printed_at", FT_MOMENT, FF_SYSTEM | FF_FILTER, .zh = "制卡时间",
                         .en = "Printed at"},
    [PASS_VOID_REASON] = {15, "void_reason", FT_ENUM, FF_SYSTEM | FF_REVEAL | FF_FILTER,
                          .choices = reasons, .zh = "失效原因", .en = "Why void",
                          .zh_help = "只有负责人看得到", .en_help = "seen by the lead only"},
    [PASS_REPLACED_BY] = {16, "replaced_by", FT_REF, FF_SYSTEM | FF_FILTER, .ref = "pass",
                          .zh = "换发为", .en = "Replaced by"},
};
static const struct state states[] = {{"active", "有效", "Active"},
                                      {"lost", "已挂失", "Lost"},
                                      {"revoked", "已停用", "Revoked"},
                                      {"replaced", "已换发", "Replaced"},
                                      {0}};
static const struct transition transitions[] = {
    {"report_lost", "挂失", "Report lost", "active", "lost", .apply = pass_lost},
    {"revoke", "停用", "Revoke", "active lost", "revoked", .needs = "void_reason",
     .flags = TR_REASON},
    {"reinstate", "恢复", "Reinstate", "lost revoked", "active", .apply = pass_reinstate,
     .flags = TR_REASON | TR_ONLINE},
    {"replace", "换发", "Replace", "active lost", "replaced", .apply = pass_replace,
     .applied = pass_replaced, .flags = TR_ONLINE},
    {"correct", "更正", "Correct", "revoked", .takes = "void_reason",
     .flags = TR_CORRECTS | TR_REASON},
    {0}};
static const char *const uniques[] = {"unit,number", "serial", NULL};
static const char *const indexes[] = {"unit, plate WHERE plate IS NOT NULL", NULL};
static const struct screen pass_screen = {
    .group = "gates",
    .order = 40,
    .columns = "number class household resident plate valid_from valid_to printed_at",
    .quick = "class household",
    .good = "active",
    .wait = "lost",
    .bad = "revoked"};
const struct kind pass_kind = {KIND(41, "pass", "passes", "出入证", "Pass", fields),
                               .screen = &pass_screen,
                               .flags = KF_SYNC | KF_NO_RETIRE,
                               .states = states,
                               .transitions = transitions,
                               .uniques = uniques,
                               .indexes = indexes,
                               .device_since = "valid_to",
                               .check = pass_check,
                               .apply = pass_apply};

static const struct field key_fields[PASS_KEY_FIELDS_] = {
    [PASS_KEY_NUMBER] = {1, "key_id", FT_INT, FF_SYSTEM | FF_SORT | FF_INDEX | FF_TITLE,
                         .zh = "密钥号", .en = "Key number"},
    [PASS_KEY_PUBLIC] = {2, "public_key", FT_TEXT, FF_SYSTEM, .max = 64, .zh = "公钥",
                         .en = "Public key"},
    [PASS_KEY_MADE_ON] = {3, "made_on", FT_DATE, FF_SYSTEM, .zh = "启用日期", .en = "Made on"},
    [PASS_KEY_RETIRED_ON] = {4, "retired_on", FT_DATE, FF_SYSTEM, .zh = "停止签发日期",
                             .en = "No longer signs since"},
};
static const char *const key_uniques[] = {"key_id", NULL};
const struct kind pass_key_kind = {
    KIND(45, "pass_key", "pass-keys", "出入证密钥", "Pass key", key_fields),
    .flags = KF_NO_API | KF_NO_RETIRE, .uniques = key_uniques};
