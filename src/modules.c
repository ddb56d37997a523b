#include "app/accounts.h"
#include "app/module.h"
#include "app/platform.h"
#include "app/sheets.h"
#include "domain/enterprises/enterprises.h"
#include "domain/gate/gate.h"
#include "domain/residents/residents.h"
#include "domain/rosters/rosters.h"
#include "domain/units/units.h"

/* The areas of the product. Adding one is a folder under domain/ and a line here. */
const struct module *const modules[] = {
    &platform_module,  &accounts_module, &sheets_module,      &units_module, &rosters_module,
    &residents_module, &gate_module,     &enterprises_module, NULL,
};
