#include "domain/daily_returns/return_version.h"

static const struct field version_fields[VERSION_FIELDS_] = {
    [VERSION_RETURN] = {1, "daily_return", FT_REF, FF_REQUIRED | FF_FILTER | FF_INDEX,
                        .ref = "daily_return", .zh = "日报", .en = "Return"},
    [VERSION_UNIT] = ITS_UNIT(2),
    [VERSION_NUMBER] = {3, "number", FT_INT, FF_SYSTEM | FF_SORT, .zh = "版次", .en = "Version"},
    [VERSION_DAY] = {4, "day", FT_DATE, FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_SORT,
                     .zh = "日期", .en = "Day"},
    [VERSION_CHANNEL] = {5, "channel", FT_ENUM, FF_FILTER, .choices = return_channels,
                         .zh = "报送渠道", .en = "Channel"},
    [VERSION_TAKER] = {6, "taker", FT_REF, .ref = "responder", .zh = "记录人", .en = "Taken by"},
    [VERSION_VALUES] = {7, "content", FT_JSON, .max = 6000, .zh = "填报内容", .en = "Values"},
    [VERSION_NIL] = {8, "nil", FT_BOOL, .zh = "零报告", .en = "Nil return"},
    [VERSION_NO_CHANGE] = {9, "no_change", FT_BOOL, .zh = "与前一日相同", .en = "No change"},
    [VERSION_LATE] = {10, "late", FT_BOOL, .zh = "迟报", .en = "Late"},
    [VERSION_BESIDE] = {11, "beside", FT_BOOL, FF_FILTER, .zh = "锁定后更正",
                        .en = "After the lock", .zh_help = "上级已锁定：保留备查，不改变已报数字",
                        .en_help = "kept beside the locked figures, which stay"},
    [VERSION_RECEIPT] = {12, "receipt", FT_TEXT, FF_TITLE, .max = 24, .zh = "回执号",
                         .en = "Receipt"},
    [VERSION_PREVENTION] = {13, "prevention", FT_ENUM, .choices = return_preventions,
                            .zh = "企业工会防疫工作", .en = "The union's prevention work"},
    [VERSION_NOTE] = {14, "note", FT_TEXT, .max = 300, .zh = "困难与诉求、说明",
                      .en = "Difficulties and notes"},
    [VERSION_WITHDRAWN] = {15, "withdrawn", FT_BOOL, FF_SYSTEM | FF_FILTER, .zh = "已撤销",
                           .en = "Taken back", .zh_help = "随整批导入一起撤销，保留备查",
                           .en_help = "taken back with its import; kept"},
};
static const char *const version_indexes[] = {"op, day WHERE beside = 1", NULL};
const struct kind return_version_kind = {KIND(57, "return_version", "return-versions", "日报版次",
                                              "Version of a return", version_fields),
                                         .flags = KF_NO_API | KF_NO_RETIRE,
                                         .reads_as = "daily_return", .indexes = version_indexes};
