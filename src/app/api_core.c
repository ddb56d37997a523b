#include "app/api_internal.h"
#include "app/openapi.h"

static int openapi_get(struct rq *rq, struct err *e) {
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  openapi_write(&b);
  if (!buf_ok(&b)) {
    buf_done(&b);
    return err_set(e, E_NOMEM, "no memory for the document");
  }
  rq_json(rq, 200, &b);
  return 0;
}

const struct route core_routes[] = {{HTTP_GET, "/api/v1/meta", NULL, ROUTE_SIGNED_IN, 0, api_meta,
                                     "说明", "kinds, indicators and what this user may"},
                                    {HTTP_GET, "/api/v1/openapi.json", NULL, ROUTE_PUBLIC, 0,
                                     openapi_get, "接口说明", "this document"},
                                    {0}};
