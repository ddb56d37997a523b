#include "domain/daily_returns/clerk.h"
#include "domain/enterprises/enterprise.h"

const struct link_purpose clerk_purpose = {
    .no = 2,
    .code = "enterprise",
    .kind = &enterprise_kind,
    .rights = "enterprise.read enterprise.names daily_return.read daily_return.names "
              "staff_line.read staff_line.names staff_line.create staff_line.update",
    .by_code = "return_version alarm",
    .serial = "link_serial",
    .ends = "closed",
    .days = "returns.link_days",
    .link_per_minute = "returns.link_per_minute",
    .address_per_minute = "returns.address_per_minute",
    .old_key = KEY_LINK};
