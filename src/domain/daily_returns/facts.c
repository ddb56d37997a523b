#include "domain/daily_returns/prefill.h"

const struct known_fact return_facts[] = {
    {"enterprise.name", "enterprise", "企业名称|单位名称|公司名称", "企业名称", "its name"},
    {"enterprise.credit_code", "enterprise", "统一社会信用代码|信用代码|社会信用代码", "信用代码",
     "its credit code"},
    {"enterprise.address", "enterprise", "经营地址|办公地址|地址", "经营地址", "its address"},
    {"enterprise.industry", "enterprise", "所属行业|行业", "行业", "its industry"},
    {"enterprise.area_m2", "enterprise", "经营面积|办公面积", "经营面积", "its floor area"},
    {"enterprise.contact", "enterprise", "联系人|填报人", "联系人", "its contact"},
    {"enterprise.phone", "enterprise", "联系电话|电话|手机", "联系电话", "its phone"},
    {"enterprise.planned_on", "enterprise", "拟复工日期|计划复工日期|计划开工日期", "拟复工日期",
     "its planned opening"},
    {"enterprise.resumed_on", "enterprise", "实际复工日期|复工日期|实际开工日期|是否复工|是否开工",
     "复工日期", "when it resumed"},
    {"staff.total", "enterprise", "职工总数|员工总数|职工人数|员工人数|人数合计", "职工总数",
     "its staff (the file's head-count)"},
    {"staff.away", "staff_lines", "离京未返|出京未返|离京人数|未返京人数|离京未返京", "离京未返",
     "staff away (counted from the lines)"},
    {"staff.hubei", "staff_lines", "湖北籍职工|湖北籍职工数|湖北籍人数|湖北籍", "湖北籍职工",
     "staff of Hubei origin (counted from the lines)"},
    {"staff.returned_today", "staff_lines", "当日返京|当日返京人数|今日返京", "当日返京",
     "back that day (counted from the lines)"},
    {"staff.isolating", "staff_lines", "隔离中|隔离人数|居家观察人数|观察中", "观察中",
     "under observation (counted from the lines)"},
    {"staff.present", NULL, "到岗|到岗人数|返岗|返岗人数|在岗人数", "到岗", "at work"},
    {NULL, NULL, NULL, NULL, NULL}};

bool item_said_in_return(const struct template_item *item) {
  return str_is(item->key, "staff.total") || str_is(item->key, "enterprise.headcount") ||
         str_is(item->key, "enterprise.planned_on");
}
