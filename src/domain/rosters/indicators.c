#include "domain/rosters/rosters.h"

/* What rosters count. */

INDICATOR_ROW(
    ind_seconded, 1, "people.seconded", IND_DISTINCT, "people", "工会系统下沉人数",
    "People seconded by unions",
    "派出单位为工会的已报到派驻所涉及的不同人数，累计到当日；一人多次只计一次",
    "Distinct people with a reported deployment whose sending unit is a union unit, up to the "
    "date; a person counts once",
    "deployment");
INDICATOR_ROW(ind_seconded_dual, 2, "people.seconded_dual", IND_DISTINCT, "people",
              "其中双报到人数", "of these by dual check-in",
              "其中至少有一次以双报到方式派驻的不同人数",
              "Those with at least one deployment by dual check-in", "deployment");
INDICATOR_ROW(ind_seconded_other, 3, "people.seconded_other", IND_DISTINCT, "people",
              "其他单位下沉人数", "People seconded by others",
              "派出单位不是工会（委办局、办事处、志愿者组织等）的不同人数",
              "Distinct people sent by units that are not unions", "deployment");
INDICATOR_ROW(ind_received, 4, "people.received", IND_STATE, "people", "在岗下沉人数",
              "People deployed here", "当日结束时派驻在本单位及下属单位的人数",
              "People deployed to units of the subtree at the day's end", "deployment");
INDICATOR_ROW(
    ind_due, 5, "people.due", IND_FLOW, "person_times", "应到", "Due",
    "当日排班人次 = 在岗 + 迟到 + 请假或体温异常 + 缺勤 + 未联系上 + 未到班次",
    "The day's assignments = present + late + excused + absent + not heard from + not begun",
    "assignment");
INDICATOR_ROW(ind_present, 6, "people.present", IND_FLOW, "person_times", "按时到岗", "Present",
              "班次开始前已签到", "Signed in by the start of the shift", "assignment");
INDICATOR_ROW(ind_late, 7, "people.late", IND_FLOW, "person_times", "迟到", "Late",
              "班次开始后签到", "Signed in after the start", "assignment");
INDICATOR_ROW(ind_excused, 8, "people.excused", IND_FLOW, "person_times", "请假或体温异常",
              "Excused", "请假，或体温达到阈值不得上岗", "On leave, or kept off by temperature",
              "assignment");
INDICATOR_ROW(ind_absent, 9, "people.absent", IND_FLOW, "person_times", "缺勤", "Absent",
              "已记缺勤，或宽限期后有联系而未签到",
              "Marked absent, or heard from after the grace without signing in", "assignment");
INDICATOR_ROW(ind_unheard, 10, "people.unheard", IND_FLOW, "person_times", "未联系上",
              "Not heard from", "班次已开始，以上都不是：没有任何消息",
              "The shift has begun and none of these: no word at all", "assignment");
INDICATOR_ROW(
    ind_upcoming, 17, "people.upcoming", IND_FLOW, "person_times", "未到班次", "Not begun",
    "班次尚未开始，也没有签到或请假；到点自动转为未联系上",
    "The shift has not begun, and nobody signed in or was excused; at its start they count "
    "as not heard from",
    "assignment");
INDICATOR_ROW(ind_batches, 11, "deploy.batches", IND_DISTINCT, "batches", "派出批次",
              "Batches sent", "有人报到的批次数，累计，按派出单位",
              "Batches with reported deployments, cumulative, by sending unit", "deployment");
INDICATOR_ROW(ind_person_times, 12, "deploy.person_times", IND_STATE, "person_times", "派出人次",
              "Person-times sent", "批次内已报到的派驻次数，累计；与人数不可混用",
              "Reported deployments within batches, cumulative; never to be mixed with people",
              "deployment");
INDICATOR_ROW(ind_planned, 13, "deploy.planned", IND_STATE, "people", "计划派出人数",
              "Planned strength", "已派出批次的计划人数之和；与实到分开",
              "Planned strength of dispatched batches, summed; apart from the actual", "batch");
INDICATOR_ROW(ind_subdistricts, 14, "deploy.subdistricts", IND_DISTINCT, "units",
              "涉及街道（乡镇）", "Subdistricts reached", "批次派驻涉及的不同街道（乡镇、地区）",
              "Distinct subdistricts that received them", "deployment");
INDICATOR_ROW(ind_communities, 15, "deploy.communities", IND_DISTINCT, "units", "涉及社区（村）",
              "Communities reached", "批次派驻涉及的不同社区（村）",
              "Distinct communities that received them", "deployment");
INDICATOR_ROW(ind_agencies, 16, "deploy.agencies", IND_DISTINCT, "units", "涉及机关单位",
              "Agencies reached", "批次派驻涉及的其他单位（如卫健委）",
              "Distinct other units that received them (the Health Commission, say)", "deployment");
