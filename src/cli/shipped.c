#include "base/limits.h"
#include "cli/cli.h"
#include "domain/enterprises/shipped.h"
#include <stdio.h>

/* `shipped`: what templates and checklists come along, and putting one into the operation. */

static int list_all(const struct cli *cl, struct arena *a, struct err *e) {
  struct buf b = BUF_INIT(KIB(64));
  struct jw w;
  json_t *doc;
  jw_init(&w, &b);
  int r = shipped_list(a, &w, e);
  if (r >= 0 && cl->json) printf(STR_FMT "\n", STR_ARG(buf_str(&b)));
  if (r >= 0 && !cl->json) r = json_read(a, buf_str(&b), &doc, e);
  const json_t *items = r >= 0 && !cl->json ? json_object_get(doc, "items") : NULL;
  for (size_t i = 0; i < json_array_size(items); i++) {
    const json_t *o = json_array_get(items, i);
    printf("%-18.*s %.*s / %.*s\n", STR_ARG(json_str(json_object_get(o, "code"))),
           STR_ARG(json_str(json_object_get(o, "name_zh"))),
           STR_ARG(json_str(json_object_get(o, "name_en"))));
  }
  buf_done(&b);
  return r;
}

static int take(const struct cli *cl, struct arena *a, struct err *e) {
  char id[UUID_TEXT];
  struct viewer *v;
  _cleanup_(app_closep) struct app *app = NULL;
  struct shipped *s = arena_new(a, struct shipped);
  int r = cli_as_system(cl, a, &app, &v, e);
  if (r < 0) return r;
  *s = (struct shipped){.app = app,
                        .a = a,
                        .viewer = v,
                        .source = "cli",
                        .code = str_from(cl->args[1]),
                        .unit = str_from(cl->unit),
                        .from = str_from(cl->from ? cl->from : ""),
                        .publish = cl->publish};
  r = shipped_read(s, e);
  if (r >= 0) r = writer_run(app->writer, &shipped_cmd, s, CMD_NORMAL, e);
  for (const struct problem *p = s->problems.first; p; p = p->next)
    fprintf(stderr, STR_FMT ": " STR_FMT "\n", STR_ARG(p->field),
            STR_ARG(problem_words(a, p, false)));
  if (r < 0) return r;
  uuid_format(&s->id, id);
  printf("%s %s\n", s->kind->plural, id);
  return 0;
}

int cmd_shipped(struct cli *cl) {
  struct err e = {0};
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_JOB);
  const bool takes = cl->n_args == 2 && strcmp(cl->args[0], "take") == 0 && cl->unit;
  if (!takes && !(cl->n_args == 1 && strcmp(cl->args[0], "list") == 0)) {
    fprintf(stderr, "shouwang shipped list\n"
                    "shouwang shipped take CODE --unit CODE [--from YYYY-MM-DD] [--publish]\n");
    return EXIT_USAGE;
  }
  int r = !a ? err_set(&e, E_NOMEM, "no memory") : takes ? take(cl, a, &e) : list_all(cl, a, &e);
  return r < 0 ? cli_fail(&e) : EXIT_OK;
}
