#include "sheets/export.h"
#include "sheets/import.h"
#include "base/limits.h"
#include "cli/cli.h"
#include <stdio.h>
#include <stdlib.h>

/* `import KIND FILE` and `export KIND`: the same code as over HTTP, by the system account. */

static const struct kind *kind_named(const char *name) {
  const struct kind *k = kind_by_name(str_from(name));
  if (!k) k = kind_by_plural(str_from(name));
  if (!k) fprintf(stderr, "shouwang: 没有这个类别 / no such kind: %s\n", name);
  return k;
}

static int read_file(const char *name, struct buf *out, struct err *e) {
  FILE *f = fopen(name, "rb");
  if (!f) return err_field(e, E_NOT_FOUND, "the file cannot be read", name);
  for (;;) {
    char *at = buf_room(out, KIB(64));
    if (!at) break;
    const size_t n = fread(at, 1, KIB(64), f);
    out->n += n;
    if (n == 0) break;
  }
  const bool bad = ferror(f) != 0;
  fclose(f);
  if (!buf_ok(out)) return err_field(e, E_TOO_LARGE, "the file is too large", name);
  return bad ? err_field(e, E_IO, "the file cannot be read", name) : 0;
}

static void say(const struct cli *cl, struct arena *a, const struct import_result *r) {
  if (cl->json) {
    struct buf b = BUF_INIT(LIMIT_JSON_OUT);
    struct jw w;
    jw_init(&w, &b);
    import_result_write(&w, r);
    printf(STR_FMT "\n", STR_ARG(buf_str(&b)));
    buf_done(&b);
    return;
  }
  for (const struct problem *p = r->problems.first; p; p = p->next)
    printf("%s 第 %lld 行 row %lld  " STR_FMT ": " STR_FMT " / " STR_FMT "\n",
           p->warning ? "?" : "!", (long long)p->row, (long long)p->row,
           STR_ARG(p->column.n ? p->column : p->field), STR_ARG(problem_words(a, p, true)),
           STR_ARG(problem_words(a, p, false)));
  printf(
      "%lld 行 rows: %lld 新增 created, %lld 更新 updated, %lld 未变 unchanged, %lld 有误 bad%s\n",
      (long long)r->rows, (long long)r->created, (long long)r->updated, (long long)r->unchanged,
      (long long)r->bad, r->done ? "" : "（未写入 nothing written）");
}

int cmd_import(struct cli *cl) {
  struct err e = {0};
  struct viewer *v;
  struct import_result res = {0};
  struct buf file = BUF_INIT(LIMIT_BODY_IMPORT);
  if (cl->n_args != 2) {
    fprintf(stderr, "shouwang import KIND FILE\n");
    return EXIT_USAGE;
  }
  _cleanup_(app_closep) struct app *app = NULL;
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_JOB);
  int r = cli_as_system(cl, a, &app, &v, &e);
  if (r < 0) return cli_fail(&e);
  const struct kind *k = kind_named(cl->args[0]);
  if (!k) return EXIT_USAGE;
  r = read_file(cl->args[1], &file, &e);
  const struct import_options o = {.app = app,
                                   .viewer = v,
                                   .kind = k,
                                   .bytes = buf_str(&file),
                                   .filename = str_from(cl->args[1]),
                                   .dry = cl->dry_run,
                                   .skip_bad = cl->skip_bad};
  if (r >= 0) r = import_run(&o, a, &res, &e);
  if (res.problems.a) say(cl, a, &res);
  buf_done(&file);
  if (r < 0) return cli_fail(&e);
  return res.bad ? EXIT_FOUND : EXIT_OK;
}

static int write_out(const struct cli *cl, const struct buf *b, struct err *e) {
  FILE *f = cl->out ? fopen(cl->out, "wb") : stdout;
  if (!f) return err_field(e, E_IO, "the file cannot be written", cl->out);
  bool ok = fwrite(b->p, 1, b->n, f) == b->n;
  ok = (f == stdout ? fflush(f) : fclose(f)) == 0 && ok;
  return ok ? 0 : err_field(e, E_IO, "the file cannot be written", cl->out ? cl->out : "-");
}

int cmd_export(struct cli *cl) {
  struct err e = {0};
  struct viewer *v;
  struct buf out = BUF_INIT(MIB(256));
  if (cl->n_args != 1 || !cl->reason) {
    fprintf(stderr, "shouwang export KIND --reason TEXT [--format csv] [--out FILE]\n");
    return EXIT_USAGE;
  }
  _cleanup_(app_closep) struct app *app = NULL;
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_JOB);
  int r = cli_as_system(cl, a, &app, &v, &e);
  if (r < 0) return cli_fail(&e);
  const struct kind *k = kind_named(cl->args[0]);
  if (!k) return EXIT_USAGE;
  struct export_options o = {.viewer = v,
                             .kind = k,
                             .query = {.limit = LIMIT_PAGE},
                             .reason = str_from(cl->reason),
                             .csv = !cl->format || strcmp(cl->format, "csv") == 0};
  struct problems ps;
  problems_init(&ps, a);
  struct type_ctx c = {.a = a, .tree = v->tree, .zone = v->zone, .today = v->today, .ps = &ps};
  for (struct str rest = str_from(cl->filter ? cl->filter : ""); rest.p && rest.n;) {
    struct str value = str_split(&rest, '&'), key = str_split(&value, '=');
    list_parse(&o.query, v, k, arena_printf(a, "filter[" STR_FMT "]", STR_ARG(key)), value, &c);
  }
  if (problems_any(&ps)) {
    for (const struct problem *p = ps.first; p; p = p->next)
      fprintf(stderr, STR_FMT ": " STR_FMT "\n", STR_ARG(p->field),
              STR_ARG(problem_words(a, p, false)));
    return EXIT_USAGE;
  }
  r = export_run(app, &o, a, &out, &e);
  if (r >= 0) r = write_out(cl, &out, &e);
  buf_done(&out);
  return r < 0 ? cli_fail(&e) : EXIT_OK;
}
