#include "app/api_internal.h"


const struct route core_routes[] = {
    {HTTP_GET, "/api/v1/meta", NULL, ROUTE_SIGNED_IN, 0, api_meta, "说明",
     "kinds, indicators and what this user may"},
    {0}};
