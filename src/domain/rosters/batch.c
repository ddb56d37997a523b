#include "core/operation.h"
#include "domain/rosters/rosters.h"
#include "domain/units/units.h"

/* Batches (批次) of a sending unit, with the strength that was planned. */

static const struct field batch_fields[BATCH_FIELDS_] = {
    [BATCH_NAME] = {1, "name", FT_TEXT, FF_REQUIRED | FF_TITLE | FF_SEARCH, .max = 60, .zh = "名称",
                    .en = "Name"},
    [BATCH_NUMBER] = {2, "number", FT_INT, FF_REQUIRED | FF_SORT | FF_FILTER, .min = 1, .max = 999,
                      .zh = "批次", .en = "Number", .headers = "批次号"},
    [BATCH_SENDER] = {3, "sender", FT_UNIT, FF_REQUIRED | FF_SCOPE | FF_IMMUTABLE | FF_FILTER,
                      .zh = "派出单位", .en = "Sending unit"},
    [BATCH_PLANNED] = {4, "planned", FT_INT, FF_REQUIRED | FF_SORT, .min = 0, .max = 100000,
                       .zh = "计划人数", .en = "Planned strength"},
    [BATCH_STARTS] = {5, "starts", FT_DATE, FF_REQUIRED | FF_SORT | FF_INDEX, .zh = "开始",
                      .en = "Starts"},
    [BATCH_ENDS] = {6, "ends", FT_DATE, FF_SHARED, .zh = "结束", .en = "Ends"},
    [BATCH_RECEIVERS] = {7, "receivers", FT_TAGS, .zh = "接收单位", .en = "Receiving units"},
    [BATCH_DISPATCHED_ON] = {8, "dispatched_on", FT_DATE, FF_NO_IMPORT | FF_SORT, .zh = "派出日期",
                             .en = "Dispatched on"},
    [BATCH_REMARK] = {9, "remark", FT_LONGTEXT, .max = 500, .zh = "备注", .en = "Remark"},
};
static const struct state batch_states[] = {{"planned", "计划", "Planned"},
                                            {"dispatched", "已派出", "Dispatched"},
                                            {"closed", "已结束", "Closed"},
                                            {"cancelled", "已取消", "Cancelled"},
                                            {0}};
static const struct transition batch_transitions[] = {
    {"dispatch", "派出", "Dispatch", "planned", "dispatched", .needs = "dispatched_on"},
    {"close", "结束", "Close", "dispatched", "closed", .needs = "ends", .flags = TR_ONLINE},
    {"cancel", "取消", "Cancel", "planned", "cancelled", .flags = TR_REASON | TR_ONLINE},
    {"correct", "更正", "Correct", "dispatched closed", .takes = "dispatched_on",
     .flags = TR_CORRECTS | TR_REASON},
    {0}};
static const char *const batch_uniques[] = {"sender,number", NULL};
static const struct frozen batch_frozen[] = {{"closed cancelled", "*", "remark"}, {0}};
static const struct screen batch_screen = {
    .group = "people",
    .order = 20,
    .zh_lead = "计划人数与实到人数分开登记；打开批次看人与人次。",
    .en_lead = "Planned and actual strength are recorded apart; open a batch to see both.",
    .columns = "name number sender planned starts ends dispatched_on",
    .sort = "-starts",
    .good = "dispatched",
    .wait = "planned"};

static const struct count batch_counts[] = {
    {&ind_planned, .from = "dispatched_on", .where = "state=dispatched,closed", .value = "planned"},
    {0}};

static void batch_check(const struct change *c, const struct record *old, struct record *rec,
                        struct problems *ps) {
  (void)old;
  dates_in_order(rec, BATCH_STARTS, BATCH_ENDS, ps);
  not_in_future(c, rec, BATCH_DISPATCHED_ON, ps);
}

const struct kind batch_kind = {KIND(21, "batch", "batches", "批次", "Batch", batch_fields),
                                .screen = &batch_screen,
                                .states = batch_states,
                                .frozen = batch_frozen,
                                .transitions = batch_transitions,
                                .uniques = batch_uniques,
                                .check = batch_check,
                                .counts = batch_counts};
