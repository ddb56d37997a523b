#include "app/openapi.h"
#include "auth/roles.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "kind/ddl.h"
#include <stdio.h>

static int print(struct buf *b) {
  bool ok = buf_ok(b) && fwrite(b->p, 1, b->n, stdout) == b->n && fflush(stdout) == 0;
  buf_done(b);
  return ok ? EXIT_OK : EXIT_ENVIRONMENT;
}

static int print_sql(const char *engine) {
  struct buf b = BUF_INIT(MIB(8));
  if (strcmp(engine, "sqlite") == 0)
    schema_sql(&b, ENGINE_SQLITE);
  else if (strcmp(engine, "postgresql") == 0)
    schema_sql(&b, ENGINE_POSTGRES);
  else {
    fprintf(stderr, "shouwang schema --sql=sqlite|postgresql\n");
    return EXIT_USAGE;
  }
  return print(&b);
}

int cmd_schema(struct cli *cl) {
  struct err e = {0};
  struct buf b = BUF_INIT(MIB(32));
  int r = app_declare(&e);
  if (r < 0) return cli_fail(&e);
  if (cl->sql) return print_sql(cl->sql);
  if (cl->rights) {
    r = app_rights_print(&b, &e);
  } else if (cl->openapi) {
    openapi_write(&b);
    buf_char(&b, '\n');
  } else if (cl->ts) {
    typescript_write(&b);
  } else {
    fprintf(stderr, "shouwang schema --openapi|--ts|--rights|--sql=sqlite|--sql=postgresql\n");
    return EXIT_USAGE;
  }
  if (r < 0) {
    buf_done(&b);
    return cli_fail(&e);
  }
  return print(&b);
}
