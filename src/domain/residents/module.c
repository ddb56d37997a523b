#include "domain/residents/imports.h"

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

const struct module residents_module = {MODULE("residents", "居民", "Residents"),
                                        .kinds = kinds,
                                        .indicators = indicators,
                                        .imports = residents_imports,
                                        .sections = residents_sections,
                                        .grants = grants};
