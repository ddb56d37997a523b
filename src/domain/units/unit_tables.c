#include "app/settings.h"
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

bool unit_is_union(const struct unit_row *u) {
  return u && (str_is(u->kind, "federation") || str_is(u->kind, "union_institution") ||
               str_is(u->kind, "union") || str_is(u->kind, "service_station"));
}

static const struct field unit_fields[UNIT_FIELDS_] = {
    [UNIT_NO] = {.no = 1, .name = "no", .type = FT_UNIT, .flags = FF_SYSTEM | FF_SCOPE,
                 .zh = "内部号", .en = "Number"},
    [UNIT_CODE] = {.no = 2, .name = "code", .type = FT_UNIT_CODE,
                   .flags = FF_REQUIRED | FF_KEY | FF_IMMUTABLE | FF_FILTER | FF_SORT | FF_SEARCH,
                   .zh = "编码", .en = "Code", .headers = "统计用区划代码|代码|单位编码",
                   .zh_help = "12位统计用区划代码；组织在后面加后缀，如 110102000000-zgh",
                   .en_help = "12-digit statistical code; an organisation adds a suffix"},
    [UNIT_NAME] = {.no = 3, .name = "name", .type = FT_TEXT, .max = 80,
                   .flags = FF_REQUIRED | FF_TITLE | FF_FILTER | FF_SORT | FF_SEARCH,
                   .zh = "名称", .en = "Name", .headers = "单位名称"},
    [UNIT_KIND] = {.no = 4, .name = "kind", .type = FT_ENUM, .choices = unit_kinds,
                   .flags = FF_REQUIRED | FF_FILTER | FF_SORT, .zh = "类别", .en = "Kind",
                   .headers = "级别|level|单位类别"},
    [UNIT_PARENT] = {.no = 5, .name = "parent", .type = FT_UNIT, .flags = FF_FILTER | FF_INDEX | FF_NO_IMPORT,
                     .zh = "上级", .en = "Parent"},
    [UNIT_PARENT_CODE] = {.no = 6, .name = "parent_code", .type = FT_UNIT_CODE,
                          .flags = FF_IMMUTABLE, .zh = "上级编码", .en = "Parent code",
                          .headers = "上级代码|上级单位编码",
                          .zh_help = "导入时使用：上级可以在同一文件中",
                          .en_help = "for imports: the parent may stand in the same file"},
    [UNIT_ALIASES] = {.no = 7, .name = "aliases", .type = FT_TAGS, .flags = FF_SEARCH,
                      .zh = "别名", .en = "Aliases", .headers = "又名|曾用名|简称"},
    [UNIT_VALID_FROM] = {.no = 8, .name = "valid_from", .type = FT_DATE, .flags = FF_FILTER,
                         .zh = "有效自", .en = "Valid from", .headers = "启用日期"},
    [UNIT_VALID_TO] = {.no = 9, .name = "valid_to", .type = FT_DATE, .flags = FF_FILTER,
                       .zh = "有效至", .en = "Valid to", .headers = "停用日期"},
    [UNIT_ADDRESS] = {.no = 10, .name = "address", .type = FT_TEXT, .zh = "地址", .en = "Address"},
    [UNIT_PHONE] = {.no = 11, .name = "phone", .type = FT_PHONE, .zh = "单位电话",
                    .en = "Office phone"},
    [UNIT_EFFECTIVE_ON] = {.no = 12, .name = "effective_on", .type = FT_DATE,
                           .flags = FF_NO_IMPORT, .zh = "变更生效日", .en = "Change takes effect"},
    [UNIT_MERGED_INTO] = {.no = 13, .name = "merged_into", .type = FT_UNIT,
                          .flags = FF_NO_IMPORT, .zh = "并入", .en = "Merged into"},
    [UNIT_PATH] = {.no = 14, .name = "path", .type = FT_TEXT, .flags = FF_SYSTEM,
                   .zh = "路径", .en = "Path"},
    [UNIT_REMARK] = {.no = 15, .name = "remark", .type = FT_LONGTEXT, .max = 500, .zh = "备注",
                     .en = "Remark"},
};

static const struct state unit_states[] = {
    {"active", "有效", "Active"}, {"merged", "已并入", "Merged"}, {"closed", "已撤销", "Closed"},
    {0}};
static const struct transition unit_transitions[] = {
    {.name = "move", .zh = "调整上级", .en = "Move", .from = "active", .to = "active",
     .right = "unit.move", .needs = "parent effective_on", .flags = TR_REASON},
    {.name = "merge", .zh = "并入", .en = "Merge", .from = "active", .to = "merged",
     .right = "unit.move", .needs = "merged_into effective_on", .flags = TR_REASON},
    {.name = "close", .zh = "撤销", .en = "Close", .from = "active", .to = "closed",
     .right = "unit.move", .needs = "valid_to", .flags = TR_REASON},
    {.name = "reopen", .zh = "恢复", .en = "Reopen", .from = "merged closed", .to = "active",
     .right = "unit.move", .flags = TR_REASON},
    {0}};
static const char *const unit_indexes[] = {"no", "path", NULL};

const struct kind unit_kind = {.no = 1, .name = "unit", .plural = "units", .zh = "单位",
                               .en = "Unit", .flags = KF_GLOBAL | KF_SYNC, FIELDS(unit_fields),
                               .states = unit_states, .transitions = unit_transitions,
                               .indexes = unit_indexes, .check = unit_check, .apply = unit_apply,
                               .applied = unit_applied};

static const struct field operation_fields[OPERATION_FIELDS_] = {
    [OPERATION_NO] = {.no = 1, .name = "no", .type = FT_INT, .flags = FF_SYSTEM | FF_SORT,
                      .zh = "序号", .en = "Number"},
    [OPERATION_CODE] = {.no = 2, .name = "code", .type = FT_TEXT, .min = 2, .max = 32,
                        .flags = FF_REQUIRED | FF_KEY | FF_IMMUTABLE | FF_SEARCH, .zh = "代号",
                        .en = "Code"},
    [OPERATION_NAME] = {.no = 3, .name = "name", .type = FT_TEXT, .max = 100,
                        .flags = FF_REQUIRED | FF_TITLE | FF_SEARCH, .zh = "名称", .en = "Name"},
    [OPERATION_TIMEZONE] = {.no = 4, .name = "timezone", .type = FT_TEXT, .max = 60,
                            .initial = "Asia/Shanghai", .zh = "时区", .en = "Time zone"},
    [OPERATION_BEGINS] = {.no = 5, .name = "begins", .type = FT_DATE,
                          .flags = FF_REQUIRED | FF_SORT, .zh = "开始", .en = "Begins"},
    [OPERATION_ENDS] = {.no = 6, .name = "ends", .type = FT_DATE, .zh = "结束", .en = "Ends"},
    [OPERATION_REMARK] = {.no = 7, .name = "remark", .type = FT_LONGTEXT, .max = 1000,
                          .zh = "说明", .en = "Remark"},
};
static const struct state operation_states[] = {
    {"open", "进行中", "Open"}, {"closed", "已结束", "Closed"}, {0}};
static const struct transition operation_transitions[] = {
    {.name = "close", .zh = "结束行动", .en = "Close", .from = "open", .to = "closed",
     .right = "operation.close", .needs = "ends", .flags = TR_REASON},
    {.name = "reopen", .zh = "重新开启", .en = "Reopen", .from = "closed", .to = "open",
     .right = "operation.close", .flags = TR_REASON | TR_SECOND_PERSON},
    {0}};
const struct kind operation_kind = {
    .no = 2, .name = "operation", .plural = "operations", .zh = "行动", .en = "Operation",
    .flags = KF_GLOBAL | KF_NO_RETIRE, FIELDS(operation_fields), .states = operation_states,
    .transitions = operation_transitions, .check = operation_check, .apply = operation_apply,
    .applied = operation_applied};

static const struct field policy_fields[POLICY_FIELDS_] = {
    [POLICY_OPERATION] = {.no = 1, .name = "operation", .type = FT_REF, .ref = "operation",
                          .flags = FF_REQUIRED | FF_IMMUTABLE | FF_FILTER, .zh = "行动",
                          .en = "Operation"},
    [POLICY_KEY] = {.no = 2, .name = "key", .type = FT_TEXT, .max = 40,
                    .flags = FF_REQUIRED | FF_IMMUTABLE | FF_TITLE | FF_FILTER | FF_SORT,
                    .zh = "规则", .en = "Rule"},
    [POLICY_FROM] = {.no = 3, .name = "effective_from", .type = FT_DATE,
                     .flags = FF_REQUIRED | FF_TITLE | FF_FILTER | FF_SORT, .zh = "自何日起",
                     .en = "Effective from"},
    [POLICY_VALUE] = {.no = 4, .name = "value", .type = FT_INT, .flags = FF_REQUIRED, .zh = "数值",
                      .en = "Value",
                      .zh_help = "体温以十分之一度计，如37.3度填373",
                      .en_help = "temperatures in tenths of a degree: 37.3 is 373"},
    [POLICY_SOURCE] = {.no = 5, .name = "source", .type = FT_TEXT, .max = 200, .zh = "依据文件",
                       .en = "Source"},
};
static const char *const policy_uniques[] = {"operation,key,effective_from", NULL};
const struct kind policy_rule_kind = {
    .no = 3, .name = "policy_rule", .plural = "policy-rules", .zh = "政策规则", .en = "Policy rule",
    .flags = KF_GLOBAL, FIELDS(policy_fields), .uniques = policy_uniques, .check = policy_check,
    .applied = policy_applied};

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
    {HTTP_GET, "/api/v1/units/tree", "unit.read", 0, 0, units_tree_get, "单位树",
     "a unit, its ancestors and its children"},
    {0}};

/* Made by `demo`: accounts with a known password, so loopback only, and a clock of its own. */
static const struct setting unit_settings[] = {
    {.name = "demonstration", .type = SETTING_BOOL, .initial = 0, .max = 1, .zh = "示例安装",
     .en = "Demonstration"},
    {0}};

const struct module units_module = {.name = "units", .zh = "单位与行动", .en = "Units",
                                    .kinds = unit_module_kinds, .routes = unit_routes,
                                    .grants = unit_grants, .settings = unit_settings, .rights = unit_module_rights};
