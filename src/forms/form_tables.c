#include "forms/forms_inner.h"

/* Return templates: versioned and dated data. A published version is never changed; a field can be
 * retired by date, anything else is a new version. */

static const struct field template_fields[TEMPLATE_RETURN_FIELDS_] = {
    [TEMPLATE_RETURN_CODE] = {1, "code", FT_TEXT,
                              FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_SEARCH, .min = 2,
                              .max = 40, .zh = "编号", .en = "Code"},
    [TEMPLATE_RETURN_VERSION] = {2, "version", FT_INT, FF_REQUIRED | FF_IMMUTABLE | FF_SORT,
                                 .min = 1, .max = 999, .initial = "1", .zh = "版本",
                                 .en = "Version"},
    [TEMPLATE_RETURN_NAME] = {3, "name", FT_TEXT, FF_REQUIRED | FF_TITLE | FF_SEARCH, .min = 2,
                              .max = 80, .zh = "名称", .en = "Name"},
    [TEMPLATE_RETURN_NAME_EN] = {4, "name_en", FT_TEXT, .max = 80, .zh = "英文名称",
                                 .en = "Name in English"},
    [TEMPLATE_RETURN_UNIT] = {5, "unit", FT_UNIT, FF_REQUIRED | FF_SCOPE | FF_IMMUTABLE | FF_FILTER,
                              .zh = "发布单位", .en = "Issued by",
                              .zh_help = "该单位及下属范围内的企业填报",
                              .en_help = "enterprises within this branch report"},
    [TEMPLATE_RETURN_FROM] = {6, "valid_from", FT_DATE, FF_REQUIRED | FF_SORT | FF_INDEX,
                              .zh = "启用日期", .en = "Valid from"},
    [TEMPLATE_RETURN_TO] = {7, "valid_to", FT_DATE, FF_SHARED, .zh = "停用日期", .en = "Valid to"},
    [TEMPLATE_RETURN_DEADLINE] = {8, "deadline", FT_MINUTE, FF_REQUIRED, .initial = "16:00",
                                  .zh = "报送时限", .en = "Deadline"},
    [TEMPLATE_RETURN_CUTOFF] = {9, "cutoff", FT_MINUTE, FF_REQUIRED, .initial = "15:00",
                                .zh = "统计截止时点", .en = "Statistical cut-off",
                                .zh_help = "数字说明的是哪个时刻的情况；与报送时限是两回事",
                                .en_help = "the hour whose state the figures tell; not the "
                                           "deadline"},
    [TEMPLATE_RETURN_REMIND] = {10, "remind_at", FT_MINUTE, .zh = "催报时刻", .en = "Reminder at"},
    [TEMPLATE_RETURN_ESCALATE] = {11, "escalate_at", FT_MINUTE, .zh = "上报上级时刻",
                                  .en = "Up one level at"},
    [TEMPLATE_RETURN_WEEKDAYS] = {12, "weekdays", FT_TEXT, FF_REQUIRED, .max = 7,
                                  .initial = "1234567", .zh = "填报日（周一为1）",
                                  .en = "Days of the week (Monday is 1)"},
    [TEMPLATE_RETURN_NOTE] = {13, "note", FT_LONGTEXT, .max = 500, .zh = "填报说明",
                              .en = "Instructions"},
};
static const struct state template_states[] = {{"draft", "草稿", "Draft"},
                                               {"published", "已发布", "Published"},
                                               {"withdrawn", "已停用", "Withdrawn"},
                                               {0}};
static const struct transition template_transitions[] = {
    {"publish", "发布", "Publish", "draft", "published", .right = "return_template.publish",
     .flags = TR_ONLINE},
    {"withdraw", "停用", "Withdraw", "published", "withdrawn", .right = "return_template.publish",
     .needs = "valid_to", .flags = TR_ONLINE},
    {0}};
static const char *const template_uniques[] = {"code,version", NULL};
/* what was asked stays what it was: its last day may be set, the rest is a new version */
static const struct frozen template_frozen[] = {
    {"published withdrawn", "*", "valid_to remind_at escalate_at"}, {0}};
static const struct screen return_template_screen = {.group = "enterprises",
                                                     .order = 120,
                                                     .zh = "报表模板",
                                                     .en = "Templates",
                                                     .good = "published",
                                                     .wait = "draft"};
const struct kind return_template_kind = {
    KIND(53, "return_template", "return-templates", "报表模板", "Return template", template_fields),
    .screen = &return_template_screen,
    .flags = KF_INHERITED_DOWN,
    .states = template_states,
    .frozen = template_frozen,
    .transitions = template_transitions,
    .uniques = template_uniques,
    .check = return_template_check,
    .apply = return_template_apply};

/* ---- fields of a template ---- */

#define OF_TEMPLATE                                                                                \
  {                                                                                                \
    .no = 1, .name = "template", .type = FT_REF, .ref = "return_template",                         \
    .flags = FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_INDEX, .zh = "模板", .en = "Template"     \
  }
#define ITS_ISSUER                                                                                 \
  {                                                                                                \
    .no = 2, .name = "unit", .type = FT_UNIT, .flags = FF_SYSTEM | FF_SCOPE, .zh = "发布单位",     \
    .en = "Issued by"                                                                              \
  }

static const struct choice value_types[] = {
    {"count", "数量", "count"},           {"text", "文字", "text"},
    {"bool", "是否", "yes or no"},        {"date", "日期", "date"},
    {"choice", "选项", "one of choices"}, {0}};
static const struct choice sources[] = {
    {"typed", "填写", "typed"},
    {"staff_lines", "由人员明细计算", "counted from the staff lines"},
    {"enterprise", "取自企业台账", "from the enterprise's file"},
    {"formula", "由公式计算", "computed by a formula"},
    {0}};
static const struct field tfield_fields[TFIELD_FIELDS_] = {
    [TFIELD_TEMPLATE] = OF_TEMPLATE,
    [TFIELD_UNIT] = ITS_ISSUER,
    [TFIELD_CODE] = {3, "code", FT_TEXT, FF_REQUIRED | FF_IMMUTABLE | FF_TITLE, .min = 1, .max = 30,
                     .zh = "字段代码", .en = "Code", .zh_help = "小写字母、数字和下划线",
                     .en_help = "small letters, digits, underscores"},
    [TFIELD_ORDER] = {4, "place", FT_INT, FF_REQUIRED | FF_SORT, .min = 0, .max = 999, .zh = "次序",
                      .en = "Place"},
    [TFIELD_GROUP] = {5, "group_zh", FT_TEXT, .max = 40, .zh = "分组", .en = "Group"},
    [TFIELD_GROUP_EN] = {6, "group_en", FT_TEXT, .max = 60, .zh = "分组（英文）",
                         .en = "Group in English"},
    [TFIELD_ZH] = {7, "label_zh", FT_TEXT, FF_REQUIRED | FF_TITLE, .min = 1, .max = 60,
                   .zh = "名称", .en = "Label"},
    [TFIELD_EN] = {8, "label_en", FT_TEXT, FF_REQUIRED, .max = 80, .zh = "英文名称",
                   .en = "Label in English"},
    [TFIELD_DEFINITION] = {9, "definition_zh", FT_TEXT, FF_REQUIRED, .min = 2, .max = 300,
                           .zh = "口径", .en = "Definition"},
    [TFIELD_DEFINITION_EN] = {10, "definition_en", FT_TEXT, FF_REQUIRED, .max = 300,
                              .zh = "口径（英文）", .en = "Definition in English"},
    [TFIELD_TYPE] = {11, "type", FT_ENUM, FF_REQUIRED, .choices = value_types, .initial = "count",
                     .zh = "类型", .en = "Type"},
    [TFIELD_CHOICES] = {12, "choices", FT_TAGS, .zh = "选项", .en = "Choices"},
    [TFIELD_SOURCE] = {13, "source", FT_ENUM, FF_REQUIRED, .choices = sources, .initial = "typed",
                       .zh = "来源", .en = "Source"},
    [TFIELD_KEY] = {14, "key", FT_TEXT, .max = 100, .zh = "对应数据项（或公式）",
                    .en = "Known as (or formula)",
                    .zh_help =
                        "如 staff.total、enterprise.headcount；公式如 hubei_back + other_back",
                    .en_help = "staff.total, enterprise.headcount; a formula: hubei_back + "
                               "other_back"},
    [TFIELD_REQUIRED] = {15, "required", FT_BOOL, .initial = "true", .zh = "必填",
                         .en = "Required"},
    [TFIELD_CARRIES] = {16, "carries", FT_BOOL, .initial = "true", .zh = "沿用前一日",
                        .en = "Carried over",
                        .zh_help = "当日新增一类的数不沿用，零报告和无变化时记为0",
                        .en_help = "what is new of the day is not carried: nil and no change make "
                                   "it 0"},
    [TFIELD_MAX] = {17, "most", FT_INT, .min = 0, .max = 100000000, .zh = "上限", .en = "At most"},
    [TFIELD_TO] = {18, "valid_to", FT_DATE, .zh = "停填日期", .en = "Not asked after"},
};
static const char *const tfield_uniques[] = {"template,code", NULL};
const struct kind template_field_kind = {
    KIND(54, "template_field", "template-fields", "模板字段", "Template field", tfield_fields),
    .reads_as = "return_template",
    .flags = KF_INHERITED_DOWN,
    .uniques = tfield_uniques,
    .check = template_field_check,
    .apply = template_part_apply};

/* ---- equations ---- */

static const struct choice levels[] = {
    {"hard", "必须成立", "must hold"}, {"soft", "请核对", "is asked about"}, {0}};
static const struct choice operators[] = {
    {"eq", "等于", "="}, {"le", "不大于", "≤"}, {"ge", "不小于", "≥"}, {0}};
static const struct field tcheck_fields[TCHECK_FIELDS_] = {
    [TCHECK_TEMPLATE] = OF_TEMPLATE,
    [TCHECK_UNIT] = ITS_ISSUER,
    [TCHECK_LEVEL] = {3, "level", FT_ENUM, FF_REQUIRED, .choices = levels, .initial = "hard",
                      .zh = "要求", .en = "Level"},
    [TCHECK_LEFT] = {4, "left_side", FT_TEXT, FF_REQUIRED | FF_TITLE, .min = 1, .max = 120,
                     .zh = "左边", .en = "Left side",
                     .zh_help = "字段代码用 + 和 - 连接；yesterday.代码 为前一日",
                     .en_help = "codes joined by + and -; yesterday.CODE is the day before"},
    [TCHECK_OP] = {5, "operator", FT_ENUM, FF_REQUIRED | FF_TITLE, .choices = operators,
                   .initial = "eq", .zh = "关系", .en = "Relation"},
    [TCHECK_RIGHT] = {6, "right_side", FT_TEXT, FF_REQUIRED | FF_TITLE, .min = 1, .max = 120,
                      .zh = "右边", .en = "Right side"},
    [TCHECK_ZH] = {7, "words_zh", FT_TEXT, FF_REQUIRED, .max = 120, .zh = "说明", .en = "Words"},
    [TCHECK_EN] = {8, "words_en", FT_TEXT, FF_REQUIRED, .max = 160, .zh = "说明（英文）",
                   .en = "Words in English"},
};
const struct kind template_check_kind = {
    KIND(55, "template_check", "template-checks", "平衡关系", "Equation", tcheck_fields),
    .reads_as = "return_template", .flags = KF_INHERITED_DOWN, .apply = template_part_apply};

/* ---- by when each level has its day together ---- */

static const struct choice unit_levels[] = {
    {"community", "社区（村）", "community or village"},
    {"subdistrict", "街道（乡镇、地区）", "subdistrict or town"},
    {"district", "区", "district"},
    {"city", "市", "city"},
    {0}};
static const struct field level_fields[LEVEL_FIELDS_] = {
    [LEVEL_TEMPLATE] = OF_TEMPLATE,
    [LEVEL_UNIT] = ITS_ISSUER,
    [LEVEL_LEVEL] = {3, "level", FT_ENUM, FF_REQUIRED | FF_IMMUTABLE | FF_TITLE,
                     .choices = unit_levels, .zh = "层级", .en = "Level"},
    [LEVEL_DUE_AT] = {4, "due_at", FT_MINUTE, FF_REQUIRED | FF_TITLE, .zh = "汇总上报时限",
                      .en = "Consolidated by", .zh_help = "该层级当日汇总锁定的最晚时刻",
                      .en_help = "the latest hour at which this level locks its day"},
};
static const char *const level_uniques[] = {"template,level", NULL};
const struct kind template_level_kind = {KIND(67, "template_level", "template-levels",
                                              "各级汇总时限", "Cut-off of a level", level_fields),
                                         .reads_as = "return_template", .flags = KF_INHERITED_DOWN,
                                         .uniques = level_uniques, .apply = template_part_apply};
