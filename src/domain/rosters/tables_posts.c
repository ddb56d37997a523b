#include "domain/rosters/rosters.h"

static const struct choice post_kinds[] = {{"gate", "卡口", "gate"},
                                           {"office", "居委会值班", "office"},
                                           {"patrol", "巡逻", "patrol"},
                                           {"store", "物资点", "store"},
                                           {0}};
static const struct field post_fields[POST_FIELDS_] = {
    [POST_NAME] = {.no = 1, .name = "name", .type = FT_TEXT, .max = 60,
                   .flags = FF_REQUIRED | FF_TITLE | FF_SEARCH | FF_SORT, .zh = "名称",
                   .en = "Name", .headers = "值勤点|卡口名称"},
    [POST_UNIT] = {.no = 2, .name = "unit", .type = FT_UNIT,
                   .flags = FF_REQUIRED | FF_SCOPE | FF_FILTER | FF_IMMUTABLE, .zh = "所属单位",
                   .en = "Unit", .headers = "社区"},
    [POST_KIND] = {.no = 3, .name = "kind", .type = FT_ENUM, .choices = post_kinds,
                   .flags = FF_REQUIRED | FF_FILTER, .zh = "类别", .en = "Kind"},
    [POST_PLACE] = {.no = 4, .name = "place", .type = FT_TEXT, .max = 100, .flags = FF_SEARCH,
                    .zh = "位置", .en = "Place"},
    [POST_REQUIRED] = {.no = 5, .name = "required", .type = FT_INT, .min = 1, .max = 200,
                       .initial = "2", .zh = "每班应到人数", .en = "Required per shift"},
    [POST_LEAD] = {.no = 6, .name = "lead", .type = FT_REF, .ref = "responder", .zh = "带班人",
                   .en = "Lead"},
    [POST_PHOTO] = {.no = 7, .name = "photo_required", .type = FT_BOOL, .initial = "0",
                    .zh = "需拍在岗照", .en = "On-duty photo"},
    [POST_SKILLS] = {.no = 8, .name = "skills", .type = FT_TAGS, .zh = "所需特长",
                     .en = "Skills needed"},
    [POST_REMARK] = {.no = 9, .name = "remark", .type = FT_LONGTEXT, .max = 500, .zh = "备注",
                     .en = "Remark"},
};
static const struct state post_states[] = {
    {"open", "启用", "Open"}, {"closed", "停用", "Closed"}, {0}};
static const struct transition post_transitions[] = {
    {.name = "close", .zh = "停用", .en = "Close", .from = "open", .to = "closed",
     .flags = TR_REASON},
    {.name = "reopen", .zh = "启用", .en = "Reopen", .from = "closed", .to = "open"},
    {0}};
static const char *const post_uniques[] = {"unit,name", NULL};
const struct kind post_kind = {.no = 24, .name = "post", .plural = "posts", .zh = "值勤点",
                               .en = "Post", .flags = KF_SYNC, FIELDS(post_fields),
                               .states = post_states, .transitions = post_transitions,
                               .uniques = post_uniques, .applied = post_applied};

static const struct choice weekdays[] = {
    {"1", "周一", "Monday"},   {"2", "周二", "Tuesday"},  {"3", "周三", "Wednesday"},
    {"4", "周四", "Thursday"}, {"5", "周五", "Friday"},   {"6", "周六", "Saturday"},
    {"7", "周日", "Sunday"},   {0}};
static const struct field template_fields[TEMPLATE_FIELDS_] = {
    [TEMPLATE_POST] = {.no = 1, .name = "post", .type = FT_REF, .ref = "post",
                       .flags = FF_REQUIRED | FF_IMMUTABLE | FF_FILTER, .zh = "值勤点",
                       .en = "Post"},
    [TEMPLATE_UNIT] = {.no = 2, .name = "unit", .type = FT_UNIT,
                       .flags = FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "所属单位", .en = "Unit"},
    [TEMPLATE_NAME] = {.no = 3, .name = "name", .type = FT_TEXT, .max = 30,
                       .flags = FF_REQUIRED | FF_TITLE, .zh = "班次名称", .en = "Name"},
    [TEMPLATE_START] = {.no = 4, .name = "start", .type = FT_MINUTE, .flags = FF_REQUIRED,
                        .zh = "上岗", .en = "Start"},
    [TEMPLATE_END] = {.no = 5, .name = "end_at", .type = FT_MINUTE, .flags = FF_REQUIRED,
                      .zh = "下岗", .en = "End", .zh_help = "早于上岗时间即为次日",
                      .en_help = "before the start: on the next day"},
    [TEMPLATE_REQUIRED] = {.no = 6, .name = "required", .type = FT_INT, .min = 1, .max = 200,
                           .flags = FF_REQUIRED, .zh = "应到人数", .en = "Required"},
    [TEMPLATE_WEEKDAYS] = {.no = 7, .name = "weekdays", .type = FT_TAGS, .choices = weekdays,
                           .zh = "星期", .en = "Weekdays", .zh_help = "不填即每天",
                           .en_help = "none: every day"},
    [TEMPLATE_FROM] = {.no = 8, .name = "valid_from", .type = FT_DATE, .zh = "自", .en = "From"},
    [TEMPLATE_TO] = {.no = 9, .name = "valid_to", .type = FT_DATE, .zh = "至", .en = "To"},
};
const struct kind shift_template_kind = {
    .no = 25, .name = "shift_template", .plural = "shift-templates", .zh = "班次模板",
    .en = "Shift template", FIELDS(template_fields), .check = template_check,
    .apply = template_apply};

static const struct field shift_fields[SHIFT_FIELDS_] = {
    [SHIFT_POST] = {.no = 1, .name = "post", .type = FT_REF, .ref = "post",
                    .flags = FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_TITLE, .zh = "值勤点",
                    .en = "Post"},
    [SHIFT_UNIT] = {.no = 2, .name = "unit", .type = FT_UNIT,
                    .flags = FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "所属单位", .en = "Unit"},
    [SHIFT_DATE] = {.no = 3, .name = "date", .type = FT_DATE,
                    .flags = FF_REQUIRED | FF_FILTER | FF_SORT | FF_TITLE | FF_IMMUTABLE | FF_INDEX,
                    .zh = "日期", .en = "Date"},
    [SHIFT_START] = {.no = 4, .name = "start", .type = FT_MINUTE,
                     .flags = FF_REQUIRED | FF_TITLE, .zh = "上岗", .en = "Start"},
    [SHIFT_END] = {.no = 5, .name = "end_at", .type = FT_MINUTE, .flags = FF_REQUIRED | FF_TITLE,
                   .zh = "下岗", .en = "End"},
    [SHIFT_STARTS_AT] = {.no = 6, .name = "starts_at", .type = FT_MOMENT,
                         .flags = FF_SYSTEM | FF_FILTER | FF_SORT, .zh = "开始时间",
                         .en = "Starts at"},
    [SHIFT_ENDS_AT] = {.no = 7, .name = "ends_at", .type = FT_MOMENT, .flags = FF_SYSTEM,
                       .zh = "结束时间", .en = "Ends at"},
    [SHIFT_REQUIRED] = {.no = 8, .name = "required", .type = FT_INT, .min = 1, .max = 200,
                        .flags = FF_REQUIRED, .zh = "应到人数", .en = "Required"},
    [SHIFT_TEMPLATE] = {.no = 9, .name = "template", .type = FT_REF, .ref = "shift_template",
                        .zh = "班次模板", .en = "Template"},
    [SHIFT_REMARK] = {.no = 10, .name = "remark", .type = FT_TEXT, .zh = "备注", .en = "Remark"},
};
static const struct state shift_states[] = {
    {"open", "有效", "Open"}, {"cancelled", "已取消", "Cancelled"}, {0}};
static const struct transition shift_transitions[] = {
    {.name = "cancel", .zh = "取消", .en = "Cancel", .from = "open", .to = "cancelled",
     .flags = TR_REASON},
    {0}};
static const char *const shift_uniques[] = {"post,date,start", NULL};
const struct kind shift_kind = {.no = 26, .name = "shift", .plural = "shifts", .zh = "班次",
                                .en = "Shift", .flags = KF_SYNC, FIELDS(shift_fields),
                                .states = shift_states, .transitions = shift_transitions,
                                .uniques = shift_uniques, .check = shift_check,
                                .apply = shift_apply};

static const struct choice excuses[] = {{"leave", "请假", "leave"},
                                        {"temperature", "体温异常", "temperature"},
                                        {"replaced", "换班替岗", "replaced"},
                                        {"other", "其他", "other"},
                                        {0}};
static const struct field assignment_fields[ASSIGNMENT_FIELDS_] = {
    [ASSIGNMENT_SHIFT] = {.no = 1, .name = "shift", .type = FT_REF, .ref = "shift",
                          .flags = FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_TITLE, .zh = "班次",
                          .en = "Shift"},
    [ASSIGNMENT_RESPONDER] = {.no = 2, .name = "responder", .type = FT_REF, .ref = "responder",
                              .flags = FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_TITLE,
                              .zh = "人员", .en = "Responder"},
    [ASSIGNMENT_UNIT] = {.no = 3, .name = "unit", .type = FT_UNIT,
                         .flags = FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "所属单位",
                         .en = "Unit"},
    [ASSIGNMENT_POST] = {.no = 4, .name = "post", .type = FT_REF, .ref = "post",
                         .flags = FF_SYSTEM | FF_FILTER, .zh = "值勤点", .en = "Post"},
    [ASSIGNMENT_DATE] = {.no = 5, .name = "date", .type = FT_DATE,
                         .flags = FF_SYSTEM | FF_FILTER | FF_SORT | FF_INDEX, .zh = "日期",
                         .en = "Date"},
    [ASSIGNMENT_STARTS_AT] = {.no = 6, .name = "starts_at", .type = FT_MOMENT,
                              .flags = FF_SYSTEM | FF_FILTER | FF_SORT, .zh = "开始时间",
                              .en = "Starts at"},
    [ASSIGNMENT_ENDS_AT] = {.no = 7, .name = "ends_at", .type = FT_MOMENT, .flags = FF_SYSTEM,
                            .zh = "结束时间", .en = "Ends at"},
    [ASSIGNMENT_LEAD] = {.no = 8, .name = "lead", .type = FT_BOOL, .initial = "0", .zh = "带班",
                         .en = "Shift lead"},
    [ASSIGNMENT_SIGNED_IN_AT] = {.no = 9, .name = "signed_in_at", .type = FT_MOMENT,
                                 .flags = FF_SYSTEM, .zh = "签到时间", .en = "Signed in at"},
    [ASSIGNMENT_SIGNED_OUT_AT] = {.no = 10, .name = "signed_out_at", .type = FT_MOMENT,
                                  .flags = FF_SYSTEM, .zh = "签退时间", .en = "Signed out at"},
    [ASSIGNMENT_EXCUSE] = {.no = 11, .name = "excuse", .type = FT_ENUM, .choices = excuses,
                           .flags = FF_FILTER, .zh = "未到岗原因", .en = "Excuse"},
    [ASSIGNMENT_HEARD_AT] = {.no = 12, .name = "heard_at", .type = FT_MOMENT, .flags = FF_SYSTEM,
                             .zh = "最近联系", .en = "Last heard from"},
    [ASSIGNMENT_DECISION] = {.no = 13, .name = "decision", .type = FT_TEXT, .max = 200,
                             .zh = "超规则决定", .en = "Decision to break a rule",
                             .zh_help = "如连续工作超过规定，写明决定人和理由",
                             .en_help = "who decided, and why"},
};
static const struct state assignment_states[] = {{"due", "应到（未联系上）", "Due, not heard from"},
                                                 {"present", "在岗", "Present"},
                                                 {"late", "迟到", "Late"},
                                                 {"excused", "请假或体温异常", "Excused"},
                                                 {"absent", "缺勤", "Absent"},
                                                 {"cancelled", "已取消", "Cancelled"},
                                                 {0}};
static const struct transition assignment_transitions[] = {
    {.name = "excuse", .zh = "请假", .en = "Excuse", .from = "due absent", .to = "excused",
     .needs = "excuse"},
    {.name = "mark_absent", .zh = "记缺勤", .en = "Mark absent", .from = "due", .to = "absent"},
    {.name = "unmark", .zh = "撤销缺勤或请假", .en = "Take back", .from = "absent excused",
     .to = "due", .flags = TR_REASON},
    {.name = "cancel", .zh = "撤下", .en = "Take off", .from = "due absent excused",
     .to = "cancelled"},
    /* what a sign-in does; no role holds the right, only the sign-in's own rule acts */
    {.name = "arrive", .zh = "签到", .en = "Arrive", .from = "due absent", .to = "present",
     .right = "assignment.by_sign_in", .takes = "signed_in_at heard_at"},
    {.name = "arrive_late", .zh = "迟到", .en = "Arrive late", .from = "due absent", .to = "late",
     .right = "assignment.by_sign_in", .takes = "signed_in_at heard_at"},
    {.name = "keep_off", .zh = "体温异常", .en = "Keep off", .from = "due absent",
     .to = "excused", .right = "assignment.by_sign_in", .takes = "excuse heard_at"},
    {0}};
static const char *const assignment_indexes[] = {"responder, starts_at", "unit, date", NULL};
const struct kind assignment_kind = {
    .no = 27, .name = "assignment", .plural = "assignments", .zh = "排班", .en = "Assignment",
    .flags = KF_SYNC, FIELDS(assignment_fields), .states = assignment_states,
    .transitions = assignment_transitions, .indexes = assignment_indexes,
    .apply = assignment_apply, .contribute = assignment_contribute};

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
    [SIGN_IN_ASSIGNMENT] = {.no = 1, .name = "assignment", .type = FT_REF, .ref = "assignment",
                            .flags = FF_REQUIRED | FF_FILTER, .zh = "排班", .en = "Assignment"},
    [SIGN_IN_UNIT] = {.no = 2, .name = "unit", .type = FT_UNIT,
                      .flags = FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "所属单位", .en = "Unit"},
    [SIGN_IN_POST] = {.no = 3, .name = "post", .type = FT_REF, .ref = "post",
                      .flags = FF_SYSTEM | FF_FILTER, .zh = "值勤点", .en = "Post"},
    [SIGN_IN_RESPONDER] = {.no = 4, .name = "responder", .type = FT_REF, .ref = "responder",
                           .flags = FF_SYSTEM | FF_FILTER | FF_TITLE, .zh = "人员",
                           .en = "Responder"},
    [SIGN_IN_PHASE] = {.no = 5, .name = "phase", .type = FT_ENUM, .choices = phases,
                       .initial = "in", .flags = FF_FILTER, .zh = "签到签退", .en = "In or out"},
    [SIGN_IN_TEMPERATURE] = {.no = 6, .name = "temperature", .type = FT_TEMP, .flags = FF_FILTER,
                             .zh = "体温", .en = "Temperature"},
    [SIGN_IN_OUTCOME] = {.no = 7, .name = "outcome", .type = FT_ENUM, .choices = outcomes,
                         .flags = FF_SYSTEM | FF_FILTER, .zh = "结果", .en = "Outcome"},
    [SIGN_IN_METHOD] = {.no = 8, .name = "method", .type = FT_ENUM, .choices = methods,
                        .initial = "self", .flags = FF_FILTER, .zh = "方式", .en = "Method"},
    [SIGN_IN_PHOTO] = {.no = 9, .name = "photo", .type = FT_PHOTO, .zh = "在岗照",
                       .en = "On-duty photo"},
    [SIGN_IN_DEVICE_AT] = {.no = 10, .name = "device_at", .type = FT_MOMENT, .zh = "手机时间",
                           .en = "Device time"},
    [SIGN_IN_AT] = {.no = 11, .name = "at", .type = FT_MOMENT,
                    .flags = FF_SYSTEM | FF_SORT | FF_FILTER, .zh = "时间", .en = "Time"},
    [SIGN_IN_DAY] = {.no = 12, .name = "day", .type = FT_DATE,
                     .flags = FF_SYSTEM | FF_SORT | FF_FILTER, .zh = "日期", .en = "Day"},
    [SIGN_IN_REMARK] = {.no = 13, .name = "remark", .type = FT_TEXT, .zh = "备注",
                        .en = "Remark"},
};
static const char *const sign_in_indexes[] = {"assignment", NULL};
const struct kind sign_in_kind = {.no = 28, .name = "sign_in", .plural = "sign-ins", .zh = "签到",
                                  .en = "Sign-in", .flags = KF_EVENT | KF_SYNC,
                                  FIELDS(sign_in_fields), .indexes = sign_in_indexes,
                                  .apply = sign_in_apply, .applied = sign_in_applied};
