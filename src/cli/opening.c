#include "core/operation.h"
#include "cli/cli.h"
#include <stdio.h>

/* Readers: those of the API's shares (api_pool.c), and a few for jobs, live figures and signing in.
 */
enum { SERVE_READ_MS = 60000, SERVE_READERS = 14 };

/* What every command does first and last. */

int cli_fail(const struct err *e) {
  fprintf(stderr, "shouwang: %s / %s: %s%s%s%s\n", err_text(e->code, true),
          err_text(e->code, false), e->what ? e->what : "", e->field[0] ? " (" : "", e->field,
          e->field[0] ? ")" : "");
  if (err_class(e->code) == ERR_BUG)
    fprintf(stderr, "  at %s:%d, %d\n", e->file ? e->file : "?", e->line, e->sys);
  switch (err_class(e->code)) {
  case ERR_CALLER:
    return EXIT_FOUND;
  case ERR_RETRY:
  case ERR_ENVIRONMENT:
  case ERR_BUG:
    break;
  }
  return EXIT_ENVIRONMENT;
}

int cli_open(const struct cli *cl, bool create, bool read_only, struct app **ret_app,
             struct err *e) {
  int r = app_declare(e);
  if (r < 0) return r;
  const struct app_options o = {.data = cl->data,
                                .database = cl->database,
                                .keys = cl->keys,
                                .readers = cl->serves ? SERVE_READERS : 0,
                                .read_ms = cl->serves ? SERVE_READ_MS : 0,
                                .create = create,
                                .read_only = read_only};
  return app_open(&o, ret_app, e);
}

int cli_operation(const struct cli *cl, struct app *app, int64_t *ret_op, struct err *e) {
  struct operation op;
  int r = cl->operation ? operation_by_code(app, str_from(cl->operation), &op, e)
                        : operation_get(app, 0, &op, e);
  if (r >= 0) *ret_op = op.no;
  return r;
}

int cli_as_system(const struct cli *cl, struct arena *a, struct app **ret_app,
                  struct viewer **ret_viewer, struct err *e) {
  int64_t op = 0;
  if (!a) return err_set(e, E_NOMEM, "no memory");
  int r = cli_open(cl, false, false, ret_app, e);
  if (r >= 0 && cl->operation) r = cli_operation(cl, *ret_app, &op, e);
  return r < 0 ? r : app_system_viewer(*ret_app, a, op, ret_viewer, e);
}
