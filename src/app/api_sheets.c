#include "app/api_internal.h"
#include "app/export.h"
#include "app/import.h"
#include "app/sheets.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>

/* Imports and exports over HTTP. They take their time, so each runs on a thread of its own while
 * the request is suspended; a few at once, the gate is served before them. */

struct sheet_work {
  struct rq *rq;
  void (*run)(struct rq *rq, struct sheet_work *w);
  const struct kind *kind;
  struct uuid id;
  bool dry, skip_bad, csv;
  struct str reason;
  struct list_query query;
  int columns[LIMIT_FIELDS_PER_KIND + 1]; /* of an export; none: all */
  size_t n_columns;
};

static void run_sheet(struct rq *rq, void *arg) {
  struct sheet_work *w = arg;
  w->run(rq, w);
}

static int start(struct rq *rq, struct sheet_work *w, struct err *e) {
  w->rq = rq;
  /* beside a full gate a large file waits its turn; only a few are under way at once */
  http_set_deadline(rq->http, 20 * MS_MINUTE);
  return rq_apart(rq, run_sheet, w, e);
}

/* ---- import ---- */

static void do_import(struct rq *rq, struct sheet_work *w) {
  struct err e = {0};
  struct import_result res = {0};
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw jw;
  /* A header holds no Chinese; an argument does. */
  const struct str named = rq_arg(rq, "filename");
  const struct import_options o = {
      .app = rq->app,
      .viewer = rq->viewer,
      .kind = w->kind,
      .bytes = http_body(rq->http),
      .filename = str_empty(named) ? http_header(rq->http, "X-Filename") : named,
      .dry = w->dry,
      .skip_bad = w->skip_bad};
  int r = import_run(&o, rq->a, &res, &e);
  if (r < 0) {
    rq_problem(rq, &e, &res.problems);
    return;
  }
  jw_init(&jw, &b);
  import_result_write(&jw, &res);
  rq_json(rq, 200, &b);
}

static bool flag_arg(struct rq *rq, const char *name) {
  struct str v = rq_arg(rq, name);
  return v.p && (str_is(v, "1") || str_is(v, "true"));
}

static int kind_arg(struct rq *rq, struct str name, const struct kind **ret_kind, struct err *e) {
  const struct kind *k = name.p ? kind_by_name(name) : NULL;
  if (!k && name.p) k = kind_by_plural(name);
  *ret_kind = k;
  if (k) return 0;
  problem_text(&rq->problems, PROBLEM_not_found, S("kind"), (struct str){0}, name, (struct str){0});
  return rq_check(rq, e);
}

/* GET imports/template?kind=resident: an empty workbook with the headers and an example. */
static int template_get(struct rq *rq, struct err *e) {
  const struct kind *k;
  struct buf b = BUF_INIT(MIB(4));
  int r = kind_arg(rq, rq_arg(rq, "kind"), &k, e);
  if (r < 0) return r;
  if (!viewer_may(rq->viewer, kind_right(k, VERB_IMPORT), 0) || k->flags & (KF_NO_API | KF_EVENT))
    return err_field(e, E_FORBIDDEN, "you may not import this kind of record", k->name);
  r = import_template(k, rq->viewer, rq->a, &b, e);
  if (r >= 0) {
    http_add_header(rq->http, "Content-Disposition",
                    arena_printf(rq->a, "attachment; filename=\"%s-template.xlsx\"", k->plural));
    http_reply(rq->http, 200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
               buf_str(&b), HTTP_COPY);
  }
  buf_done(&b);
  return r;
}

/* POST imports?kind=responder&dry=1&skip_bad=1&filename=…, the body is the file. */
static int import_post(struct rq *rq, struct err *e) {
  struct sheet_work *w = arena_new(rq->a, struct sheet_work);
  w->run = do_import;
  int r = kind_arg(rq, rq_arg(rq, "kind"), &w->kind, e);
  if (r < 0) return r;
  if (!viewer_may(rq->viewer, kind_right(w->kind, VERB_IMPORT), 0))
    return err_field(e, E_FORBIDDEN, "you may not import this kind of record", w->kind->name);
  w->dry = flag_arg(rq, "dry");
  w->skip_bad = flag_arg(rq, "skip_bad");
  return start(rq, w, e);
}

static void do_undo(struct rq *rq, struct sheet_work *w) {
  struct err e = {0};
  struct import_undone res;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw jw;
  int r = import_undo(rq->app, rq->viewer, rq->a, &w->id, &res, &e);
  if (r < 0) {
    rq_problem(rq, &e, NULL);
    return;
  }
  jw_init(&jw, &b);
  import_undone_write(&jw, &res);
  rq_json(rq, 200, &b);
}

static int import_undo_post(struct rq *rq, struct err *e) {
  struct sheet_work *w = arena_new(rq->a, struct sheet_work);
  w->run = do_undo;
  if (uuid_parse(rq->params[0], &w->id) < 0) return err_set(e, E_NOT_FOUND, "no such import");
  return start(rq, w, e);
}

/* ---- export ---- */

static void do_export(struct rq *rq, struct sheet_work *w) {
  struct err e = {0};
  struct buf b = BUF_INIT(MIB(64));
  const struct export_options o = {.viewer = rq->viewer,
                                   .kind = w->kind,
                                   .query = w->query,
                                   .reason = w->reason,
                                   .csv = w->csv,
                                   .columns = w->columns,
                                   .n_columns = w->n_columns};
  int r = export_run(rq->app, &o, rq->a, &b, &e);
  if (r < 0) {
    buf_done(&b);
    rq_problem(rq, &e, NULL);
    return;
  }
  char day[DAY_TEXT];
  day_format(rq->viewer->today, day);
  http_add_header(rq->http, "Content-Disposition",
                  arena_printf(rq->a, "attachment; filename=\"%s-%s.%s\"", w->kind->plural, day,
                               w->csv ? "csv" : "xlsx"));
  http_reply(rq->http, 200,
             w->csv ? "text/csv; charset=utf-8"
                    : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
             buf_str(&b), HTTP_COPY);
  buf_done(&b);
}

/* "columns": ["name", "phone", "state"], in that order; absent or empty: all of them. */
static void export_columns(struct rq *rq, struct sheet_work *w) {
  json_t *list = json_object_get(rq->body, "columns"), *item;
  size_t i;
  if (!list || json_is_null(list)) return;
  if (!json_is_array(list)) {
    problem_text(&rq->problems, PROBLEM_wrong_type, S("columns"), S("array"), (struct str){0},
                 (struct str){0});
    return;
  }
  json_array_foreach(list, i, item) {
    const struct str name = json_str(item);
    const struct str path = arena_printf(rq->a, "columns[%zu]", i);
    const int f = name.p ? export_column(w->kind, name) : EXPORT_NONE;
    bool twice = false;
    for (size_t k = 0; k < w->n_columns; k++) twice = twice || w->columns[k] == f;
    if (f == EXPORT_NONE)
      problem_text(&rq->problems, PROBLEM_not_found, path, (struct str){0}, name, (struct str){0});
    else if (!twice && w->n_columns < ARRAY_LEN(w->columns))
      w->columns[w->n_columns++] = f;
  }
}

/* POST exports {"kind","format","reason","filter":{field: text},"q","unit","columns":[…]} */
static int export_post(struct rq *rq, struct err *e) {
  struct sheet_work *w = arena_new(rq->a, struct sheet_work);
  struct type_ctx c = {.a = rq->a,
                       .tree = rq->viewer->tree,
                       .zone = rq->viewer->zone,
                       .today = rq->viewer->today,
                       .ps = &rq->problems};
  w->run = do_export;
  w->query = (struct list_query){.sort = -1, .limit = LIMIT_PAGE};
  int r = kind_arg(rq, json_str(json_object_get(rq->body, "kind")), &w->kind, e);
  if (r < 0) return r;
  w->reason = str_trim(json_str(json_object_get(rq->body, "reason")));
  w->csv = str_is(json_str(json_object_get(rq->body, "format")), "csv");
  if (w->reason.n == 0) problem_add(&rq->problems, PROBLEM_required, S("reason"));
  if (str_utf8_len(w->reason) > LIMIT_TEXT_DEFAULT)
    problem_limit(&rq->problems, PROBLEM_too_long, S("reason"), LIMIT_TEXT_DEFAULT);
  const char *key;
  json_t *value, *filters = json_object_get(rq->body, "filter");
  json_object_foreach(filters, key, value) {
    struct str k = arena_printf(rq->a, "filter[%s]", key);
    list_parse(&w->query, rq->viewer, w->kind, k, json_str(value), &c);
  }
  static const char *const more[] = {"q", "unit"};
  for (size_t i = 0; i < ARRAY_LEN(more); i++)
    if (json_is_string(json_object_get(rq->body, more[i])))
      list_parse(&w->query, rq->viewer, w->kind, str_from(more[i]),
                 json_str(json_object_get(rq->body, more[i])), &c);
  export_columns(rq, w);
  r = rq_check(rq, e);
  if (r < 0) return r;
  if (!viewer_may(rq->viewer, kind_right(w->kind, VERB_EXPORT), 0))
    return err_field(e, E_FORBIDDEN, "you may not export this kind of record", w->kind->name);
  return start(rq, w, e);
}

const struct route sheet_routes[] = {
    {HTTP_POST, "/api/v1/imports", NULL, ROUTE_SIGNED_IN | ROUTE_UNTYPED, LIMIT_BODY_IMPORT,
     import_post, "导入文件", "import a file; dry=1 only looks"},
    {HTTP_GET, "/api/v1/imports/template", NULL, ROUTE_SIGNED_IN, 0, template_get, "导入模板",
     "an empty workbook with the headers that an import takes, and an example row"},
    {HTTP_POST, "/api/v1/imports/:id/undo", NULL, ROUTE_SIGNED_IN, 0, import_undo_post, "撤销导入",
     "take an import back"},
    {HTTP_POST, "/api/v1/exports", NULL, ROUTE_SIGNED_IN, 0, export_post, "导出", "export a list"},
    {0}};

static const struct kind *const kinds[] = {&import_kind, NULL};
static const char *const rights[] = {"import_run.undo", NULL};
static const struct role_grant grants[] = {{"sysadmin", "import_run.read import_run.undo"},
                                           {"auditor", "import_run.read"},
                                           {"city_duty", "import_run.read import_run.undo"},
                                           {"district_duty", "import_run.read import_run.undo"},
                                           {"coordinator", "import_run.read import_run.undo"},
                                           {"lead", "import_run.read import_run.undo"},
                                           {0}};
const struct module sheets_module = {.name = "sheets",
                                     .zh = "导入导出",
                                     .en = "Import and export",
                                     .kinds = kinds,
                                     .tables = import_tables,
                                     .routes = sheet_routes,
                                     .grants = grants,
                                     .rights = rights};
