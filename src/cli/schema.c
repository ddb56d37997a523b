#include "apidoc/openapi.h"
#include "auth/roles.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "core/migrations.h"
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

static int print_step(void) {
  struct err e = {0};
  struct buf out = BUF_INIT(MIB(16)), cannot = BUF_INIT(MIB(1));
  int r = schema_next_step(migrations, n_migrations, &out, &cannot, &e);
  if (r == 0 && !cannot.n) return print(&out);
  if (r == 0) fprintf(stderr, "to be written by hand:\n" STR_FMT, STR_ARG(buf_str(&cannot)));
  buf_done(&cannot);
  buf_done(&out);
  return r < 0 ? cli_fail(&e) : EXIT_FOUND;
}

int cmd_schema(struct cli *cl) {
  struct err e = {0};
  struct buf b = BUF_INIT(MIB(32));
  int r = app_declare(&e);
  if (r < 0) return cli_fail(&e);
  if (cl->sql) return print_sql(cl->sql);
  if (cl->migration) return print_step();
  if (cl->rights) {
    r = app_rights_print(&b, &e);
  } else if (cl->openapi) {
    openapi_write(&b);
    buf_char(&b, '\n');
  } else if (cl->ts) {
    typescript_write(&b);
  } else if (cl->numbers) {
    numbers_write(&b);
  } else {
    fprintf(stderr,
            "shouwang schema "
            "--openapi|--ts|--rights|--numbers|--migration|--sql=sqlite|--sql=postgresql\n");
    return EXIT_USAGE;
  }
  if (r < 0) {
    buf_done(&b);
    return cli_fail(&e);
  }
  return print(&b);
}
