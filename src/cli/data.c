#include "figures/figures.h"
#include "core/migrations.h"
#include "core/operation.h"
#include "core/verify.h"
#include "base/limits.h"
#include "cli/cli.h"
#include <stdio.h>
#include <stdlib.h>

static int wrong_date(const char *text) {
  fprintf(stderr, "shouwang: 日期应为 YYYY-MM-DD / a date is YYYY-MM-DD: %s\n", text);
  return EXIT_USAGE;
}

static void print_figures(const struct cli *cl, const struct unit_row *u,
                          const struct figure_query *q, const int64_t *values) {
  struct buf b = BUF_INIT(MIB(1));
  struct jw w;
  char day[DAY_TEXT];
  day_format(q->day, day);
  if (!cl->json) {
    printf(STR_FMT " " STR_FMT "  %s\n", STR_ARG(u->code), STR_ARG(u->name), day);
    for (size_t i = 0; i < indicators_count(); i++)
      printf("  %-28s %12lld  %s\n", indicator_at(i)->code, (long long)values[i],
             indicator_at(i)->zh);
    return;
  }
  jw_init(&w, &b);
  jw_object(&w);
  jw_kstr(&w, "unit", u->code);
  jw_kstrz(&w, "date", day);
  jw_kobject(&w, "figures");
  for (size_t i = 0; i < indicators_count(); i++) {
    jw_key(&w, str_from(indicator_at(i)->code));
    jw_i64(&w, values[i]);
  }
  jw_end(&w);
  jw_end(&w);
  printf(STR_FMT "\n", STR_ARG(buf_str(&b)));
  buf_done(&b);
}

int cmd_figures(struct cli *cl) {
  struct err e = {0};
  _cleanup_(app_closep) struct app *app = NULL;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct figure_query q = {.from = INT32_MIN, .as_known = INT32_MAX};
  if (!cl->unit) {
    fprintf(stderr, "shouwang: --unit CODE\n");
    return EXIT_USAGE;
  }
  if (cl->date && day_parse(str_from(cl->date), &q.day) < 0) return wrong_date(cl->date);
  if (cl->from && day_parse(str_from(cl->from), &q.from) < 0) return wrong_date(cl->from);
  if (cl->as_known && day_parse(str_from(cl->as_known), &q.as_known) < 0)
    return wrong_date(cl->as_known);
  int r = cli_open(cl, false, true, &app, &e);
  if (r >= 0) r = cli_operation(cl, app, &q.op, &e);
  if (r < 0) return cli_fail(&e);
  struct operation op;
  r = operation_get(app, q.op, &op, &e);
  if (r < 0) return cli_fail(&e);
  if (!cl->date) q.day = operation_today(app, &op);
  q.now_ms = clock_now_ms(&app->clock);
  q.zone = op.zone;
  _cleanup_(unit_tree_unrefp) struct unit_tree *tree = app_tree(app);
  const struct unit_row *u = unit_by_code(tree, str_from(cl->unit));
  if (!u) {
    err_field(&e, E_NOT_FOUND, "no such unit", cl->unit);
    return cli_fail(&e);
  }
  q.unit = u->no;
  int64_t *values = calloc(indicators_count() + 1, sizeof *values);
  r = values ? store_read(app->store, &tx, &e) : err_set(&e, E_NOMEM, "no memory");
  if (r >= 0) r = figures_read(tx, &q, values, &e);
  if (r >= 0) print_figures(cl, u, &q, values);
  free(values);
  return r < 0 ? cli_fail(&e) : EXIT_OK;
}

int cmd_verify(struct cli *cl) {
  struct err e = {0};
  int64_t wrong = 0;
  struct buf report = BUF_INIT(MIB(4));
  _cleanup_(app_closep) struct app *app = NULL;
  int r = cli_open(cl, false, true, &app, &e);
  if (r >= 0) r = verify_all(app, cl->deep, &report, &wrong, &e);
  if (r >= 0) printf(STR_FMT, STR_ARG(buf_str(&report)));
  buf_done(&report);
  if (r < 0) return cli_fail(&e);
  return wrong ? EXIT_FOUND : EXIT_OK;
}

static int one_file(const struct cli *cl) {
  if (cl->n_args == 1) return 0;
  fprintf(stderr, "shouwang %s FILE\n", cl->command);
  return EXIT_USAGE;
}

int cmd_backup(struct cli *cl) {
  struct err e = {0};
  _cleanup_(app_closep) struct app *app = NULL;
  if (one_file(cl)) return EXIT_USAGE;
  int r = cli_open(cl, false, true, &app, &e);
  if (r >= 0) r = store_backup(app->store, cl->args[0], &e);
  if (r < 0) return cli_fail(&e);
  printf("%s\n", cl->args[0]);
  return EXIT_OK;
}

int cmd_restore(struct cli *cl) {
  struct err e = {0};
  _cleanup_(store_closep) struct store *store = NULL;
  if (one_file(cl)) return EXIT_USAGE;
  const struct store_options so = {.where = cl->database ? cl->database : cl->data, .create = true};
  int r = store_open(&so, &store, &e);
  if (r >= 0) r = store_restore(store, cl->args[0], migrations, n_migrations, &e);
  /* The audit goes back with the rest: its heads of later are no sign of tampering then. */
  _cleanup_(arena_freep) struct arena *a = arena_create(KIB(64));
  if (r >= 0 && !a) r = err_set(&e, E_NOMEM, "no memory");
  if (r >= 0)
    r = audit_anchors_reset(cl->keys ? cl->keys : arena_strz(a, keys_default_file(a, so.where)),
                            &e);
  if (r < 0) return cli_fail(&e);
  printf("恢复完成，请用原来的密钥文件启动 / restored; start it with the key file it had\n");
  return EXIT_OK;
}
