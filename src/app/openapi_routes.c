#include "app/openapi.h"

/* Requests and answers of the routes that belong to no kind. That each row names a route is a
 * test's business (tests/unit/test_openapi.c). */
const struct route_doc route_docs[] = {
    {HTTP_POST, "/api/v1/sessions", NULL, "login* password* totp", "Session"},
    {HTTP_GET, "/api/v1/sessions/current", NULL, NULL, "Session"},
    {HTTP_POST, "/api/v1/sessions/current/password", NULL, "old* new*", NULL},
    {HTTP_POST, "/api/v1/invitations", NULL, "users:string[]", NULL},
    {HTTP_POST, "/api/v1/invitations/look", NULL, "code*", NULL},
    {HTTP_POST, "/api/v1/invitations/accept", NULL, "code* login password*", "Session"},
    {HTTP_GET, "/api/v1/figures", "unit* date from as-known", NULL, "Figures"},
    {HTTP_GET, "/api/v1/figures/children", "unit* date from as-known indicators", NULL,
     "FigureRows"},
    {HTTP_GET, "/api/v1/figures/series", "unit* indicator* from date", NULL, "FigureSeries"},
    {HTTP_GET, "/api/v1/figures/records", "unit* indicator* date from", NULL, NULL},
    {HTTP_GET, "/api/v1/figures/stream", "unit*", NULL, NULL},
    {HTTP_GET, "/api/v1/units/tree", "unit depth:integer", NULL, "UnitTree"},
    {HTTP_GET, "/api/v1/changes", "unit* after limit:integer", NULL, "Page"},
    {HTTP_POST, "/api/v1/batch", NULL, "device items*:Item[]", "BatchAnswers"},
    {HTTP_POST, "/api/v1/imports", "kind* dry:integer skip_bad:integer", NULL, "ImportReport"},
    {HTTP_POST, "/api/v1/exports", NULL, "kind* format reason* filter:object q unit", NULL},
    {HTTP_GET, "/api/v1/audit", "limit:integer after", NULL, "Page"},
    {HTTP_GET, "/api/v1/rosters/board", "unit* from to", NULL, NULL},
    {HTTP_POST, "/api/v1/passes/issue", NULL,
     "compound building household class* valid_from* valid_to*", NULL},
    {HTTP_POST, "/api/v1/passes/cards", NULL,
     "ids:string[] compound building household only_unprinted:boolean", NULL},
    {HTTP_POST, "/api/v1/passes/void-household", NULL, "household* reason* note", NULL},
    {HTTP_POST, "/api/v1/passes/reinstate-household", NULL, "household* reason* note", NULL},
    {HTTP_POST, "/api/v1/posts/:id/poster", NULL, "size", NULL},
    {HTTP_POST, "/api/v1/gate/check", NULL, "code number direction* post*", NULL},
    {0}};
