#include "domain/rosters/rosters.h"
#include "domain/units/units.h"

/* Pairings (结对) of a sending and a receiving unit, for a period. */

static const struct field pairing_fields[PAIRING_FIELDS_] = {
    [PAIRING_SENDER] = {1, "sender", FT_UNIT,
                        FF_REQUIRED | FF_SCOPE | FF_IMMUTABLE | FF_FILTER | FF_TITLE,
                        .zh = "支援单位", .en = "Supporting unit"},
    [PAIRING_RECEIVER] = {2, "receiver", FT_UNIT,
                          FF_REQUIRED | FF_SCOPE | FF_IMMUTABLE | FF_FILTER | FF_TITLE,
                          .zh = "受援单位", .en = "Supported unit"},
    [PAIRING_STARTS] = {3, "starts", FT_DATE, FF_REQUIRED | FF_SORT | FF_INDEX, .zh = "开始",
                        .en = "Starts"},
    [PAIRING_ENDS] = {4, "ends", FT_DATE, FF_SHARED, .zh = "结束", .en = "Ends"},
    [PAIRING_REMARK] = {5, "remark", FT_LONGTEXT, .max = 500, .zh = "备注", .en = "Remark"},
};
static const struct state pairing_states[] = {
    {"active", "进行中", "Active"}, {"ended", "已结束", "Ended"}, {0}};
static const struct transition pairing_transitions[] = {
    {"end", "结束", "End", "active", "ended", .needs = "ends"}, {0}};
static const char *const pairing_uniques[] = {"sender,receiver,starts", NULL};
static const struct frozen pairing_frozen[] = {{"ended", "*", "remark"}, {0}};
static const struct screen pairing_screen = {.group = "people",
                                             .order = 40,
                                             .zh = "对口支援",
                                             .en = "Paired support",
                                             .columns = "sender receiver starts ends",
                                             .sort = "-starts",
                                             .good = "active"};

static void pairing_check(const struct change *c, const struct record *old, struct record *rec,
                          struct problems *ps) {
  (void)c, (void)old;
  dates_in_order(rec, PAIRING_STARTS, PAIRING_ENDS, ps);
  if (rec_unit(rec, PAIRING_SENDER) == rec_unit(rec, PAIRING_RECEIVER))
    problem_add(ps, PROBLEM_cycle, S("receiver"));
}

const struct kind pairing_kind = {
    KIND(22, "pairing", "pairings", "对口支援", "Paired support", pairing_fields),
    .screen = &pairing_screen,
    .states = pairing_states,
    .frozen = pairing_frozen,
    .transitions = pairing_transitions,
    .uniques = pairing_uniques,
    .check = pairing_check};
