#include "api/api.h"
#include "sheets/export.h"
#include "sheets/import.h"
#include "core/jobs.h"
#include "output/xlsx_write.h"
#include "sheets/sheets.h"

/* Imports and exports over HTTP. They take their time (beside a full gate a large file waits its
 * turn), so each runs apart while the request is suspended; a few at once. */

struct sheet_work {
  const struct kind *kind;
  bool csv;
  struct str reason;
  struct list_query query;
  int columns[LIMIT_FIELDS_PER_KIND + 1]; /* of an export; none: all */
  size_t n_columns;
};

/* ---- import ---- */

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
static int template_get(struct rq *rq, struct jw *w, struct err *e) {
  const struct kind *k;
  int r = kind_arg(rq, rq_arg(rq, "kind"), &k, e);
  if (r < 0) return r;
  if (!viewer_may(rq->viewer, kind_right(k, VERB_IMPORT), 0) || k->flags & (KF_NO_API | KF_EVENT))
    return err_field(e, E_FORBIDDEN, "you may not import this kind of record", k->name);
  r = import_template(k, rq->viewer, rq->a, w->b, e);
  if (r >= 0) rq_file(rq, XLSX_TYPE, arena_printf(rq->a, "%s-template.xlsx", k->plural));
  return r;
}

/* POST imports?kind=responder&dry=1&skip-bad=1&filename=…, the body is the file. */
static int import_post(struct rq *rq, struct jw *w, struct err *e) {
  struct import_result res = {0};
  /* A header holds no Chinese; an argument does. */
  const struct str named = rq_arg(rq, "filename");
  struct import_options o = {.app = rq->app,
                             .viewer = rq->viewer,
                             .bytes = http_body(rq->http),
                             .filename =
                                 str_empty(named) ? http_header(rq->http, "X-Filename") : named,
                             .dry = flag_arg(rq, "dry"),
                             .skip_bad = flag_arg(rq, "skip-bad")};
  int r = kind_arg(rq, rq_arg(rq, "kind"), &o.kind, e);
  if (r < 0) return r;
  if (!viewer_may(rq->viewer, kind_right(o.kind, VERB_IMPORT), 0))
    return err_field(e, E_FORBIDDEN, "you may not import this kind of record", o.kind->name);
  r = import_run(&o, rq->a, &res, e);
  if (r >= 0)
    import_result_write(w, &res);
  else if (res.problems.a)
    rq->problems = res.problems;
  return r;
}

static int import_undo_post(struct rq *rq, struct jw *w, struct err *e) {
  struct import_undone res;
  struct uuid id;
  if (uuid_parse(rq->params[0], &id) < 0) return err_set(e, E_NOT_FOUND, "no such import");
  int r = import_undo(rq->app, rq->viewer, rq->a, &id, &res, e);
  if (r >= 0) import_undone_write(w, &res);
  return r;
}

/* ---- export ---- */

static int write_export(struct rq *rq, const struct sheet_work *x, struct buf *out, struct err *e) {
  const struct export_options o = {.viewer = rq->viewer,
                                   .kind = x->kind,
                                   .query = x->query,
                                   .reason = x->reason,
                                   .csv = x->csv,
                                   .columns = x->columns,
                                   .n_columns = x->n_columns};
  char day[DAY_TEXT];
  int r = export_run(rq->app, &o, rq->a, out, e);
  if (r < 0) return r;
  day_format(rq->viewer->today, day);
  rq_file(rq, x->csv ? "text/csv; charset=utf-8" : XLSX_TYPE,
          arena_printf(rq->a, "%s-%s.%s", x->kind->plural, day, x->csv ? "csv" : "xlsx"));
  return 0;
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
static int export_post(struct rq *rq, struct jw *w, struct err *e) {
  struct sheet_work *x = arena_new(rq->a, struct sheet_work);
  x->query = (struct list_query){.limit = LIMIT_PAGE};
  int r = kind_arg(rq, json_str(json_object_get(rq->body, "kind")), &x->kind, e);
  if (r < 0) return r;
  x->reason = str_trim(json_str(json_object_get(rq->body, "reason")));
  x->csv = str_is(json_str(json_object_get(rq->body, "format")), "csv");
  if (x->reason.n == 0) problem_add(&rq->problems, PROBLEM_required, S("reason"));
  if (str_utf8_len(x->reason) > LIMIT_TEXT_DEFAULT)
    problem_limit(&rq->problems, PROBLEM_too_long, S("reason"), LIMIT_TEXT_DEFAULT);
  rq_filter(rq, x->kind, &x->query);
  export_columns(rq, x);
  r = rq_check(rq, e);
  if (r < 0) return r;
  if (!viewer_may(rq->viewer, kind_right(x->kind, VERB_EXPORT), 0))
    return err_field(e, E_FORBIDDEN, "you may not export this kind of record", x->kind->name);
  return write_export(rq, x, w->b, e);
}

const struct route sheet_routes[] = {
    {HTTP_POST, "/api/v1/imports", NULL, .flags = ROUTE_SIGNED_IN | ROUTE_UNTYPED,
     .body_limit = LIMIT_BODY_IMPORT, .runs = RUNS_WORKER, .answer = import_post, .zh = "导入文件",
     .en = "import a file; dry=1 only looks", .query = "kind dry?:int skip-bad?:int filename?",
     .takes = "file:" XLSX_TYPE " text/csv", .gives = "ImportReport"},
    {HTTP_GET, "/api/v1/imports/template", NULL, .flags = ROUTE_SIGNED_IN | ROUTE_SHORT,
     .answer = template_get, .zh = "导入模板",
     .en = "an empty workbook with the headers that an import takes, and an example row",
     .query = "kind", .gives = "file:" XLSX_TYPE},
    {HTTP_POST, "/api/v1/imports/:id/undo", NULL, .flags = ROUTE_SIGNED_IN, .runs = RUNS_WORKER,
     .answer = import_undo_post, .zh = "撤销导入", .en = "take an import back", .takes = "",
     .gives = "ImportUndone"},
    {HTTP_POST, "/api/v1/exports", NULL, .flags = ROUTE_SIGNED_IN, .runs = RUNS_WORKER,
     .answer = export_post, .zh = "导出", .en = "export a list",
     .takes = "kind format?:'xlsx'|'csv' reason filter?:{*:text} q? unit? columns?:text[]",
     .gives = "file:" XLSX_TYPE " text/csv"},
    {0}};

static const struct shape shapes[] = {
    {"ImportReport", "id:id|null rows:int created:int updated:int unchanged:int bad:int done:bool "
                     "encoding made:{...Label kind n:int}[] columns:{header field:text|null zh? "
                     "en?}[] problems:FieldProblem[] more:bool"},
    {"ImportUndone", "undone:int restored:int left:int kept:{...Label kind id:id title:text|null "
                     "row:int why:'changed'|'in_use'|'rule'|'key_gone'}[]"},
    {0}};

static const struct kind *const kinds[] = {&import_kind, NULL};
static const char *const rights[] = {"import_run.undo", "import_run.by_import", NULL};
static const struct job jobs[] = {{"imports_lost", MS_MINUTE, imports_lost, 0}, {0}};
static const struct role_grant grants[] = {{"sysadmin", "import_run.read import_run.undo"},
                                           {"auditor", "import_run.read"},
                                           {"city_duty", "import_run.read import_run.undo"},
                                           {"district_duty", "import_run.read import_run.undo"},
                                           {"coordinator", "import_run.read import_run.undo"},
                                           {"lead", "import_run.read import_run.undo"},
                                           {0}};
const struct module sheets_module = {MODULE("sheets", "导入导出", "Import and export"),
                                     .kinds = kinds,
                                     .tables = import_tables,
                                     .routes = sheet_routes,
                                     .shapes = shapes,
                                     .jobs = jobs,
                                     .grants = grants,
                                     .rights = rights};
