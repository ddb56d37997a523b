/* A kind with a field of every type, for the fuzzers of what is said about records. */
#ifndef SHOUWANG_TESTS_FUZZ_KINDS_H
#define SHOUWANG_TESTS_FUZZ_KINDS_H

#include "fuzz.h"
#include "kind/engine.h"
#include <stdlib.h>

#define BOTH  FF_FILTER | FF_SORT
#define LABEL .zh = "项", .en = "Item"
static const struct choice fuzz_choices[] = {{"a", "甲", "A"}, {"b", "乙", "B"}, {0}};
static const struct field fuzz_fields[] = {
    {.no = 1, .name = "text", .type = FT_TEXT, .flags = BOTH | FF_REQUIRED | FF_SEARCH, LABEL},
    {.no = 2, .name = "longtext", .type = FT_LONGTEXT, .flags = BOTH, LABEL},
    {.no = 3, .name = "int", .type = FT_INT, .flags = BOTH, .min = -5, .max = 500, LABEL},
    {.no = 4, .name = "decimal", .type = FT_DECIMAL, .scale = 3, .flags = BOTH, LABEL},
    {.no = 5, .name = "bool", .type = FT_BOOL, .flags = BOTH, LABEL},
    {.no = 6, .name = "date", .type = FT_DATE, .flags = BOTH, LABEL},
    {.no = 7, .name = "moment", .type = FT_MOMENT, .flags = BOTH, LABEL},
    {.no = 8, .name = "minute", .type = FT_MINUTE, .flags = BOTH, LABEL},
    {.no = 9, .name = "enum", .type = FT_ENUM, .choices = fuzz_choices, .flags = BOTH, LABEL},
    {.no = 10, .name = "tags", .type = FT_TAGS, .flags = BOTH, LABEL},
    {.no = 11, .name = "ref", .type = FT_REF, .ref = "thing", .flags = BOTH, LABEL},
    {.no = 12, .name = "unit", .type = FT_UNIT, .flags = BOTH, LABEL},
    {.no = 13, .name = "temp", .type = FT_TEMP, .flags = BOTH, LABEL},
    {.no = 14, .name = "fen", .type = FT_FEN, .flags = BOTH, LABEL},
    {.no = 15,
     .name = "phone",
     .type = FT_PHONE,
     .flags = FF_SEALED | FF_LOOKUP | FF_FILTER,
     LABEL},
    {.no = 16, .name = "citizen", .type = FT_CITIZEN_ID, .flags = BOTH | FF_PERSONAL, LABEL},
    {.no = 17, .name = "credit", .type = FT_CREDIT_CODE, .flags = BOTH, LABEL},
    {.no = 18, .name = "code", .type = FT_UNIT_CODE, .flags = BOTH, LABEL},
    {.no = 19, .name = "uuid", .type = FT_UUID, .flags = BOTH, LABEL},
    {.no = 20, .name = "photo", .type = FT_PHOTO, .flags = BOTH, LABEL},
};
static const struct state fuzz_states[] = {{"new", "新", "New"}, {"old", "旧", "Old"}, {0}};
static const struct transition fuzz_transitions[] = {{.name = "age",
                                                      .zh = "旧",
                                                      .en = "Age",
                                                      .from = "new",
                                                      .to = "old",
                                                      .needs = "text",
                                                      .takes = "int tags",
                                                      .flags = TR_REASON},
                                                     {0}};
static const struct kind fuzz_kind = {.no = 1,
                                      .name = "thing",
                                      .plural = "things",
                                      .zh = "物",
                                      .en = "Thing",
                                      FIELDS(fuzz_fields),
                                      .states = fuzz_states,
                                      .transitions = fuzz_transitions};

/* Once per process; what it makes is reachable until the end. */
static void fuzz_kinds_init(void) {
  static const struct kind *const list[] = {&fuzz_kind, NULL};
  struct err e;
  if (kinds_count() == 0 && kinds_init(list, NULL, &e) < 0) abort();
}

static struct viewer fuzz_viewer(void) {
  return (struct viewer){.op = 1,
                         .system = true,
                         .zone = zone_get("Asia/Shanghai"),
                         .today = day_from_civil(2020, 5, 8)};
}

#endif
