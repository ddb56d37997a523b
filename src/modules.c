#include "api/accounts_module.h"
#include "api/platform_module.h"
#include "apidoc/apidoc_module.h"
#include "core/core_module.h"
#include "domain/daily_returns/daily_returns.h"
#include "domain/enterprises/enterprises.h"
#include "domain/gate/gate.h"
#include "domain/hazards/hazards.h"
#include "domain/residents/residents.h"
#include "domain/rosters/rosters.h"
#include "domain/units/units.h"
#include "duties/duties.h"
#include "figures/figures_module.h"
#include "forms/forms.h"
#include "notify/notify_module.h"
#include "sheets/sheets.h"
#include "sync/sync_module.h"

const struct module *const modules[] = {
    /* What the areas stand on, lowest first. */
    &core_module, &figures_module, &notify_module, &platform_module, &sync_module, &accounts_module,
    &sheets_module, &forms_module, &duties_module, &apidoc_module,
    /* The areas of the product. Adding one is a folder under domain/ and a line here. */
    &units_module, &rosters_module, &residents_module, &gate_module, &hazards_module,
    &enterprises_module, &daily_returns_module, NULL};
