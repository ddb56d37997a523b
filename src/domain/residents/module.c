#include "domain/residents/imports.h"

const struct indicator ind_households = {
    .no = 30,
    .code = "residents.households",
    .zh = "登记户数",
    .en = "Households",
    .zh_definition = "当日结束时已登记的户数，含空置和暂时外出的",
    .en_definition = "Households on the register at the day's end, vacant ones included",
    .measure = "households",
    .type = IND_STATE,
    .kind = "household",
    .filter = "",
    .date_field = "since"};
const struct indicator ind_living = {
    .no = 31,
    .code = "residents.living",
    .zh = "居住人数",
    .en = "Residents",
    .zh_definition = "当日结束时已登记而未搬出的居民人数，含暂时外出的",
    .en_definition =
        "Residents on the register who have not moved out by the day's end; away for a time counts",
    .measure = "people",
    .type = IND_STATE,
    .kind = "resident",
    .filter = "living=living,away",
    .date_field = "since"};

static const struct kind *const kinds[] = {&compound_kind,  &building_kind, &building_head_kind,
                                           &household_kind, &resident_kind, NULL};
static const struct indicator *const indicators[] = {&ind_households, &ind_living, NULL};

#define RESIDENTS_READ                                                                             \
  "compound.read building.read building_head.read household.read resident.read "
static const struct role_grant grants[] = {
    {"auditor", RESIDENTS_READ},
    {"city_duty", RESIDENTS_READ "compound.* building.*"},
    {"district_duty", RESIDENTS_READ "compound.* building.*"},
    {"coordinator", "compound.* building.* building_head.* household.* resident.*"},
    {"lead", "compound.* building.* building_head.* household.* resident.*"},
    {"secondee", RESIDENTS_READ "building_head.names"},
    {"viewer", RESIDENTS_READ},
    {0}};

const struct module residents_module = {.name = "residents",
                                        .zh = "居民",
                                        .en = "Residents",
                                        .kinds = kinds,
                                        .indicators = indicators,
                                        .imports = residents_imports,
                                        .sections = residents_sections,
                                        .grants = grants};
