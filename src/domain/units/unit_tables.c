#include "core/settings.h"
#include "base/limits.h"
#include "domain/units/units.h"

/* "subdistrict or town" and "community or village" are also what the statistical bureau's list
 * calls its levels. */
static const struct choice unit_kinds[] = {
    {"city", "市", "city"},
    {"district", "区", "district"},
    {"subdistrict", "街道（乡镇、地区）", "subdistrict or town"},
    {"community", "社区（村）", "community or village"},
    {"compound", "小区", "residential compound"},
    {"federation", "总工会", "federation of trade unions"},
    {"union_institution", "工会所属事业单位", "union institution"},
    {"union", "基层工会", "grassroots union"},
    {"service_station", "工会服务站", "union service station"},
    {"office", "街道（地区）办事处", "subdistrict office"},
    {"bureau", "委办局", "bureau"},
    {"agency", "机关单位", "agency"},
    {"institution", "事业单位", "institution"},
    {"enterprise", "企业", "enterprise"},
    {"property", "物业", "property manager"},
    {"hospital", "医院", "hospital"},
    {"volunteers", "志愿者组织", "volunteers"},
    {"other", "其他", "other"},
    {0}};

static const struct field unit_fields[UNIT_FIELDS_] = {
    [UNIT_NO] = {1, "no", FT_UNIT, FF_SYSTEM | FF_SCOPE, .zh = "内部号", .en = "Number"},
    [UNIT_CODE] = {2, "code", FT_UNIT_CODE,
                   FF_REQUIRED | FF_KEY | FF_IMMUTABLE | FF_FILTER | FF_SORT | FF_SEARCH,
                   .zh = "编码", .en = "Code", .headers = "统计用区划代码|代码|单位编码",
                   .zh_help = "12位统计用区划代码；组织在后面加后缀，如 110102000000-zgh",
                   .en_help = "12-digit statistical code; an organisation adds a suffix"},
    [UNIT_NAME] = {3, "name", FT_TEXT,
                   FF_REQUIRED | FF_TITLE | FF_FILTER | FF_SORT | FF_INDEX | FF_SEARCH, .max = 80,
                   .zh = "名称", .en = "Name", .headers = "单位名称"},
    [UNIT_KIND] = {4, "kind", FT_ENUM, FF_REQUIRED | FF_FILTER | FF_SORT, .choices = unit_kinds,
                   .zh = "类别", .en = "Kind", .headers = "级别|level|单位类别"},
    [UNIT_PARENT] = {5, "parent", FT_UNIT,
                     FF_HOLDS | FF_AT_CREATION | FF_FILTER | FF_INDEX | FF_NO_IMPORT, .zh = "上级",
                     .en = "Parent"},
    [UNIT_PARENT_CODE] = {6, "parent_code", FT_UNIT_CODE, FF_IMMUTABLE, .zh = "上级编码",
                          .en = "Parent code", .headers = "上级代码|上级单位编码",
                          .zh_help = "导入时使用：上级可以在同一文件中",
                          .en_help = "for imports: the parent may stand in the same file"},
    [UNIT_ALIASES] = {7, "aliases", FT_TAGS, FF_SEARCH | FF_ALIAS, .zh = "别名", .en = "Aliases",
                      .headers = "又名|曾用名|简称",
                      .zh_help = "简称、旧名：导入时按这些名字也能找到本单位",
                      .en_help = "short and former names: imports find the unit by them, too"},
    [UNIT_VALID_FROM] = {8, "valid_from", FT_DATE, FF_FILTER, .zh = "有效自", .en = "Valid from",
                         .headers = "启用日期"},
    [UNIT_VALID_TO] = {9, "valid_to", FT_DATE, FF_AT_CREATION | FF_FILTER, .zh = "有效至",
                       .en = "Valid to", .headers = "停用日期"},
    [UNIT_ADDRESS] = {10, "address", FT_TEXT, .zh = "地址", .en = "Address"},
    [UNIT_PHONE] = {11, "phone", FT_PHONE, .zh = "单位电话", .en = "Office phone"},
    [UNIT_EFFECTIVE_ON] = {12, "effective_on", FT_DATE, FF_NO_IMPORT, .zh = "变更生效日",
                           .en = "Change takes effect"},
    [UNIT_MERGED_INTO] = {13, "merged_into", FT_UNIT, FF_NO_IMPORT, .zh = "并入",
                          .en = "Merged into"},
    [UNIT_PATH] = {14, "path", FT_TEXT, FF_SYSTEM, .zh = "路径", .en = "Path"},
    [UNIT_REMARK] = {15, "remark", FT_LONGTEXT, .max = 500, .zh = "备注", .en = "Remark"},
};

static const struct state unit_states[] = {{"active", "有效", "Active"},
                                           {"merged", "已并入", "Merged"},
                                           {"closed", "已撤销", "Closed"},
                                           {0}};
static const struct transition unit_transitions[] = {
    {"move", "调整上级", "Move", "active", "active", .apply = unit_move, .right = "unit.move",
     .needs = "parent effective_on", .flags = TR_REASON | TR_ONLINE},
    {"merge", "并入", "Merge", "active", "merged", .apply = unit_merge, .right = "unit.move",
     .needs = "merged_into effective_on", .flags = TR_REASON | TR_ONLINE},
    {"close", "撤销", "Close", "active", "closed", .right = "unit.move", .needs = "valid_to",
     .flags = TR_REASON | TR_ONLINE | TR_LEAVES},
    {"reopen", "恢复", "Reopen", "merged closed", "active", .apply = unit_reopen,
     .right = "unit.move", .flags = TR_REASON | TR_ONLINE},
    {0}};
static const char *const unit_indexes[] = {"no", "path", NULL};

static const struct screen unit_screen = {
    .group = "overview", .order = 30, .hide = "no path parent_code", .good = "active"};
const struct kind unit_kind = {KIND(1, "unit", "units", "单位", "Unit", unit_fields),
                               .screen = &unit_screen,
                               .flags = KF_GLOBAL | KF_SYNC,
                               .states = unit_states,
                               .ends = "merged closed",
                               .transitions = unit_transitions,
                               .indexes = unit_indexes,
                               .check = unit_check,
                               .apply = unit_apply,
                               .applied = unit_applied};

static const struct field operation_fields[OPERATION_FIELDS_] = {
    [OPERATION_NO] = {1, "no", FT_INT, FF_SYSTEM | FF_SORT | FF_INDEX, .zh = "序号",
                      .en = "Number"},
    [OPERATION_CODE] = {2, "code", FT_TEXT, FF_REQUIRED | FF_KEY | FF_IMMUTABLE | FF_SEARCH,
                        .min = 2, .max = 32, .zh = "代号", .en = "Code"},
    [OPERATION_NAME] = {3, "name", FT_TEXT, FF_REQUIRED | FF_TITLE | FF_SEARCH, .max = 100,
                        .zh = "名称", .en = "Name"},
    [OPERATION_TIMEZONE] = {4, "timezone", FT_TEXT, FF_IMMUTABLE, .max = 60,
                            .initial = "Asia/Shanghai", .zh = "时区", .en = "Time zone"},
    [OPERATION_BEGINS] = {5, "begins", FT_DATE, FF_REQUIRED | FF_SORT | FF_INDEX, .zh = "开始",
                          .en = "Begins"},
    [OPERATION_ENDS] = {6, "ends", FT_DATE, FF_SHARED, .zh = "结束", .en = "Ends"},
    [OPERATION_REMARK] = {7, "remark", FT_LONGTEXT, .max = 1000, .zh = "说明", .en = "Remark"},
};
static const struct state operation_states[] = {
    {"open", "进行中", "Open"}, {"closed", "已结束", "Closed"}, {0}};
static const struct transition operation_transitions[] = {
    {"close", "结束行动", "Close", "open", "closed", .right = "operation.close", .needs = "ends",
     .flags = TR_REASON | TR_ONLINE},
    {"reopen", "重新开启", "Reopen", "closed", "open", .right = "operation.close",
     .flags = TR_REASON | TR_SECOND_PERSON},
    {0}};
static const struct frozen operation_frozen[] = {{"closed", "*", "remark"}, {0}};
static const struct screen operation_screen = {.good = "open"};
const struct kind operation_kind = {
    KIND(2, "operation", "operations", "行动", "Operation", operation_fields),
    .screen = &operation_screen,
    .flags = KF_GLOBAL | KF_NO_RETIRE,
    .states = operation_states,
    .frozen = operation_frozen,
    .transitions = operation_transitions,
    .check = operation_check,
    .apply = operation_apply,
    .applied = operation_applied};

static const struct field policy_fields[POLICY_FIELDS_] = {
    [POLICY_OPERATION] = {1, "operation", FT_REF, FF_REQUIRED | FF_IMMUTABLE | FF_FILTER,
                          .ref = "operation", .zh = "行动", .en = "Operation"},
    [POLICY_KEY] = {2, "key", FT_TEXT,
                    FF_REQUIRED | FF_IMMUTABLE | FF_TITLE | FF_FILTER | FF_SORT | FF_INDEX,
                    .max = 40, .zh = "规则", .en = "Rule"},
    [POLICY_FROM] = {3, "effective_from", FT_DATE,
                     FF_REQUIRED | FF_TITLE | FF_FILTER | FF_SORT | FF_INDEX, .zh = "自何日起",
                     .en = "Effective from"},
    [POLICY_VALUE] = {4, "value", FT_INT, FF_REQUIRED, .zh = "数值", .en = "Value",
                      .zh_help = "体温以十分之一度计，如37.3度填373",
                      .en_help = "temperatures in tenths of a degree: 37.3 is 373"},
    [POLICY_SOURCE] = {5, "source", FT_TEXT, .max = 200, .zh = "依据文件", .en = "Source"},
};
static const char *const policy_uniques[] = {"operation,key,effective_from", NULL};
const struct kind policy_rule_kind = {
    KIND(3, "policy_rule", "policy-rules", "政策规则", "Policy rule", policy_fields),
    .flags = KF_GLOBAL, .uniques = policy_uniques, .check = policy_check};

static const struct kind *const unit_module_kinds[] = {&unit_kind, &operation_kind,
                                                       &policy_rule_kind, NULL};
static const char *const unit_module_rights[] = {"unit.move", "operation.close", NULL};
static const struct role_grant unit_grants[] = {
    {"sysadmin", "unit.* operation.* policy_rule.*"},
    {"secadmin", "unit.read operation.read policy_rule.read"},
    {"auditor", "unit.read operation.read policy_rule.read"},
    {"city_duty", "unit.* operation.read operation.update policy_rule.*"},
    {"district_duty", "unit.* operation.read policy_rule.read"},
    {"coordinator", "unit.read unit.create unit.update unit.import unit.export operation.read "
                    "policy_rule.read"},
    {"lead", "unit.read unit.create unit.update operation.read policy_rule.read"},
    {"secondee", "unit.read operation.read policy_rule.read"},
    {"store", "unit.read operation.read policy_rule.read"},
    {"books", "unit.read operation.read policy_rule.read"},
    {"clerk", "unit.read operation.read"},
    {"viewer", "unit.read operation.read policy_rule.read"},
    {0}};
static const struct route unit_routes[] = {
    {HTTP_GET, "/api/v1/units/tree", "unit.read", .flags = ROUTE_SHORT, .answer = units_tree_get,
     .zh = "单位树", .en = "a unit, its ancestors and its children", .query = "unit?",
     .gives = "unit:TreeUnit path:TreeUnit[] children:TreeUnit[]"},
    {0}};

static const struct shape shapes[] = {{"TreeUnit", "...UnitRef kind retired:bool children:int"},
                                      {0}};

/* Made by `demo`: accounts with a known password, so loopback only, and a clock of its own. */
static const struct setting unit_settings[] = {{"demonstration", SETTING_BOOL, .initial = 0,
                                                .max = 1, .zh = "示例安装", .en = "Demonstration"},
                                               {0}};

const struct module units_module = {MODULE("units", "单位与行动", "Units"),
                                    .kinds = unit_module_kinds,
                                    .routes = unit_routes,
                                    .shapes = shapes,
                                    .grants = unit_grants,
                                    .settings = unit_settings,
                                    .rights = unit_module_rights};
