#include "app/openapi_inner.h"
#include "app/figures.h"
#include "app/page.h"
#include "app/version.h"
#include "base/limits.h"
#include <stdlib.h>

/* Everything here is the tables read aloud: what differs by kind or route stands in its row. */

static const char PROBLEM_REF[] = "#/components/responses/Problem";

/* ---- operations ---- */

/* One method of one path; sorted by path, so that each path is written once. */
struct op {
  char path[160];
  int method;
  const struct route *route; /* a route of its own */
  const struct route_doc *doc;
  const struct kind *kind;         /* or one of a kind's */
  const struct transition *action; /* with a transition */
  const char *what;                /* "list", "create" …, "history" */
};
enum { OPS_MAX = 4096 };
struct ops {
  struct op *at;
  size_t n;
};

static struct op *op_add(struct ops *ops, int method, const char *pattern) {
  char path[sizeof ops->at->path];
  size_t n = 0;
  bool inside = false;
  for (const char *p = pattern; n + 2 < sizeof path; p++) {
    if (inside && (*p == '/' || *p == '\0')) {
      path[n++] = '}';
      inside = false;
    }
    if (!*p) break;
    inside = inside || *p == ':';
    path[n++] = *p == ':' ? '{' : *p;
  }
  path[n] = '\0';
  if (ops->n == OPS_MAX) return NULL;
  size_t at = 0;
  for (; at < ops->n; at++) {
    const int c = strcmp(ops->at[at].path, path);
    if (c == 0 && ops->at[at].method == method) return NULL; /* a module's route goes first */
    if (c > 0 || (c == 0 && ops->at[at].method > method)) break;
  }
  memmove(&ops->at[at + 1], &ops->at[at], (ops->n - at) * sizeof ops->at[0]);
  ops->n++;
  ops->at[at] = (struct op){.method = method};
  memcpy(ops->at[at].path, path, n + 1);
  return &ops->at[at];
}

static void route_op(const struct route *r, void *arg) {
  if (strstr(r->pattern, ":kinds")) return;
  struct op *op = op_add(arg, r->method, r->pattern);
  if (!op) return;
  op->route = r;
  for (const struct route_doc *d = route_docs; d->pattern; d++)
    if (d->method == r->method && strcmp(d->pattern, r->pattern) == 0) op->doc = d;
}

static void kind_op(struct ops *ops, const struct kind *k, int method, const char *tail,
                    const char *what, const struct transition *t) {
  struct buf b = BUF_INIT(KIB(1));
  buf_printf(&b, "/api/v1/%s%s", k->plural, tail);
  const char *pattern = buf_z(&b);
  struct op *op = pattern ? op_add(ops, method, pattern) : NULL;
  if (op) {
    op->kind = k;
    op->what = what;
    op->action = t;
  }
  buf_done(&b);
}

static bool any_sealed(const struct kind *k) {
  for (size_t i = 0; i < k->n_fields; i++)
    if (k->fields[i].flags & FF_SEALED) return true;
  return false;
}

static void kind_ops(struct ops *ops, const struct kind *k) {
  kind_op(ops, k, HTTP_GET, "", "list", NULL);
  kind_op(ops, k, HTTP_GET, "/:id", "get", NULL);
  kind_op(ops, k, HTTP_GET, "/:id/history", "history", NULL);
  if (page_exists(k)) kind_op(ops, k, HTTP_GET, "/:id/page", "page", NULL);
  for (const struct transition *t = k->transitions; t && t->name; t++) {
    struct buf b = BUF_INIT(128);
    buf_printf(&b, "/:id/%s", t->name);
    const char *tail = buf_z(&b);
    if (tail) kind_op(ops, k, HTTP_POST, tail, "action", t);
    buf_done(&b);
  }
  if (any_sealed(k)) kind_op(ops, k, HTTP_POST, "/:id/reveal", "reveal", NULL);
  if (k->flags & KF_NO_API) return;
  kind_op(ops, k, HTTP_POST, "", "create", NULL);
  if (k->flags & KF_EVENT) return;
  kind_op(ops, k, HTTP_PATCH, "/:id", "update", NULL);
  if (!(k->flags & KF_NO_RETIRE)) {
    kind_op(ops, k, HTTP_POST, "/:id/retire", "retire", NULL);
    kind_op(ops, k, HTTP_POST, "/:id/restore", "restore", NULL);
  }
  if (k->flags & KF_MERGE) {
    kind_op(ops, k, HTTP_POST, "/:id/merge", "merge", NULL);
    kind_op(ops, k, HTTP_POST, "/:id/unmerge", "unmerge", NULL);
  }
}

/* ---- parameters ---- */

static void parameter(struct jw *w, const char *where, struct str name, bool required,
                      const char *schema, const char *description) {
  jw_object(w);
  jw_k(w, "name");
  jw_str(w, name);
  oa_pair(w, "in", where);
  if (required) {
    jw_k(w, "required");
    jw_bool(w, true);
  }
  jw_k(w, "schema");
  jw_raw(w, str_from(schema));
  if (description) oa_pair(w, "description", description);
  jw_end(w);
}

static void path_parameters(struct jw *w, const char *path) {
  struct str rest = str_from(path);
  while (rest.p) {
    struct str seg = str_split(&rest, '/');
    if (seg.n > 2 && seg.p[0] == '{')
      parameter(w, "path", str_sub(seg, 1, seg.n - 2), true, "{\"type\":\"string\"}", NULL);
  }
}

static void sort_parameter(struct jw *w, const struct kind *k) {
  struct buf b = BUF_INIT(KIB(8));
  buf_lit(&b, "{\"type\":\"string\",\"enum\":[\"id\",\"-id\"");
  for (size_t i = 0; i < k->n_fields; i++)
    if (k->fields[i].flags & FF_SORT)
      buf_printf(&b, ",\"%s\",\"-%s\"", k->fields[i].name, k->fields[i].name);
  buf_lit(&b, "]}");
  const char *schema = buf_z(&b);
  if (schema) parameter(w, "query", S("sort"), false, schema, "- in front: descending");
  buf_done(&b);
}

static void filter_parameter(struct jw *w, const char *field, const char *en) {
  struct buf b = BUF_INIT(KIB(1));
  buf_printf(&b, "filter[%s]", field);
  parameter(w, "query", buf_str(&b), false, "{\"type\":\"string\"}", en);
  buf_done(&b);
}

static void list_parameters(struct jw *w, const struct kind *k) {
  static const char filter_help[] = "a value, a range a..b, a list a,b,c, ~text for contains, null";
  struct buf limit = BUF_INIT(KIB(1));
  buf_printf(&limit, "{\"type\":\"integer\",\"minimum\":1,\"maximum\":%d,\"default\":%d}",
             (int)LIMIT_PAGE, (int)LIMIT_PAGE_DEFAULT);
  const char *schema = buf_z(&limit);
  bool search = false;
  if (schema) parameter(w, "query", S("limit"), false, schema, NULL);
  buf_done(&limit);
  parameter(w, "query", S("after"), false, "{\"type\":\"string\"}",
            "the `next` of the page before");
  sort_parameter(w, k);
  parameter(w, "query", S("unit"), false, "{\"type\":\"string\"}",
            "only the records of this unit's branch: its code or id");
  parameter(w, "query", S("total"), false, "{\"type\":\"integer\",\"enum\":[0,1]}", NULL);
  if (!(k->flags & KF_EVENT))
    parameter(w, "query", S("retired"), false, "{\"type\":\"string\"}", "retired records too");
  if (oa_has_states(k)) filter_parameter(w, "state", filter_help);
  for (size_t i = 0; i < k->n_fields; i++) {
    if (k->fields[i].flags & FF_FILTER) filter_parameter(w, k->fields[i].name, filter_help);
    search = search || k->fields[i].flags & FF_SEARCH;
  }
  if (search) parameter(w, "query", S("q"), false, "{\"type\":\"string\"}", "search");
}

/* ---- bodies and answers ---- */

static void content(struct jw *w, const char *media) {
  oa_open(w, "content");
  oa_open(w, media);
  oa_open(w, "schema");
}
static void content_end(struct jw *w) {
  jw_end(w);
  jw_end(w);
  jw_end(w);
}

static void body_of_schema(struct jw *w, const char *name, const char *tail) {
  oa_open(w, "requestBody");
  jw_k(w, "required");
  jw_bool(w, true);
  content(w, "application/json");
  oa_ref(w, name, tail);
  content_end(w);
  jw_end(w);
}

/* One word of a route_doc: "items*:Item[]". */
struct word {
  struct str name, type;
  bool required, list;
};
static struct word word_read(struct str text) {
  struct word wd = {.type = S("string")};
  wd.name = str_split(&text, ':');
  if (text.p) wd.type = text;
  if (str_ends(wd.name, S("*"))) {
    wd.required = true;
    wd.name = str_sub(wd.name, 0, wd.name.n - 1);
  }
  if (str_ends(wd.type, S("[]"))) {
    wd.list = true;
    wd.type = str_sub(wd.type, 0, wd.type.n - 2);
  }
  return wd;
}

static void word_type(struct jw *w, const struct word *wd) {
  const char first = wd->type.n ? wd->type.p[0] : 's';
  if (first >= 'A' && first <= 'Z') {
    struct buf b = BUF_INIT(KIB(1));
    buf_printf(&b, "#/components/schemas/%.*s", (int)wd->type.n, wd->type.p);
    jw_k(w, "$ref");
    jw_str(w, buf_str(&b));
    buf_done(&b);
    return;
  }
  jw_k(w, "type");
  jw_str(w, wd->type);
}

static void word_schema(struct jw *w, const struct word *wd) {
  jw_object(w);
  if (wd->list) {
    oa_type(w, "array");
    oa_open(w, "items");
    word_type(w, wd);
    jw_end(w);
  } else {
    word_type(w, wd);
  }
  jw_end(w);
}

static void words_body(struct jw *w, const char *words) {
  struct str rest = str_from(words);
  oa_open(w, "requestBody");
  jw_k(w, "required");
  jw_bool(w, true);
  content(w, "application/json");
  oa_type(w, "object");
  jw_k(w, "required");
  jw_array(w);
  while (rest.p) {
    const struct word wd = word_read(str_split(&rest, ' '));
    if (wd.name.n && wd.required) jw_str(w, wd.name);
  }
  jw_end(w);
  oa_open(w, "properties");
  for (rest = str_from(words); rest.p;) {
    const struct word wd = word_read(str_split(&rest, ' '));
    if (!wd.name.n) continue;
    jw_key(w, wd.name);
    word_schema(w, &wd);
  }
  jw_end(w);
  content_end(w);
  jw_end(w);
}

static void words_query(struct jw *w, const char *words) {
  struct str rest = str_from(words ? words : "");
  while (rest.p) {
    const struct word wd = word_read(str_split(&rest, ' '));
    if (!wd.name.n) continue;
    parameter(w, "query", wd.name, wd.required,
              str_is(wd.type, "integer") ? "{\"type\":\"integer\"}" : "{\"type\":\"string\"}",
              NULL);
  }
}

static void action_body(struct jw *w, const struct op *op) {
  const struct kind *k = op->kind;
  const struct transition *t = op->action;
  oa_open(w, "requestBody");
  content(w, "application/json");
  oa_type(w, "object");
  jw_k(w, "required");
  jw_array(w);
  for (size_t i = 0; t && i < k->n_fields; i++)
    if (word_listed(t->needs, k->fields[i].name)) jw_strz(w, k->fields[i].name);
  if (t && t->flags & TR_REASON) jw_strz(w, "reason");
  jw_end(w);
  oa_open(w, "properties");
  oa_rev_field(w);
  for (size_t i = 0; t && i < k->n_fields; i++) {
    const bool needed = word_listed(t->needs, k->fields[i].name);
    if (needed || word_listed(t->takes, k->fields[i].name))
      oa_request_field(w, &k->fields[i], needed);
  }
  jw_k(w, "reason");
  jw_raw(w, S("{\"type\":\"string\",\"maxLength\":200}"));
  jw_end(w);
  content_end(w);
  jw_end(w);
}

static void answer(struct jw *w, const char *status, const char *description, const char *name,
                   const char *tail) {
  oa_open(w, status);
  oa_pair(w, "description", description);
  if (name) {
    content(w, "application/json");
    oa_ref(w, name, tail);
    content_end(w);
  }
  jw_end(w);
}

static void problem_answer(struct jw *w) {
  oa_open(w, "default");
  oa_pair(w, "$ref", PROBLEM_REF);
  jw_end(w);
}

static void record_answer(struct jw *w, const char *status, const char *name) {
  oa_open(w, status);
  oa_pair(w, "description", "the record");
  jw_k(w, "headers");
  jw_raw(w, S("{\"ETag\":{\"schema\":{\"type\":\"string\"},\"description\":\"its revision\"}}"));
  content(w, "application/json");
  oa_ref(w, name, "");
  content_end(w);
  jw_end(w);
}

static void conflict_answer(struct jw *w) {
  oa_open(w, "409");
  oa_pair(w, "description", "another revision than the one seen; `current` is the record as it is");
  content(w, "application/problem+json");
  oa_ref(w, "Problem", "");
  content_end(w);
  jw_end(w);
}

static void free_answer(struct jw *w, const char *status, const char *media, const char *schema) {
  oa_open(w, status);
  oa_pair(w, "description", "done");
  oa_open(w, "content");
  oa_open(w, media);
  jw_k(w, "schema");
  jw_raw(w, str_from(schema));
  jw_end(w);
  jw_end(w);
  jw_end(w);
}

static void kind_bodies(struct jw *w, const struct op *op, const char *name) {
  const char *what = op->what;
  if (strcmp(what, "create") == 0)
    body_of_schema(w, name, "New");
  else if (strcmp(what, "update") == 0)
    body_of_schema(w, name, "Change");
  else if (strcmp(what, "action") == 0 || strcmp(what, "retire") == 0 ||
           strcmp(what, "restore") == 0)
    action_body(w, op);
  else if (strcmp(what, "reveal") == 0)
    words_body(w, "fields*:string[] reason*");
  else if (strcmp(what, "merge") == 0)
    words_body(w, "other*");
  else if (strcmp(what, "unmerge") == 0)
    words_body(w, "merge*");
}

static void kind_answers(struct jw *w, const struct op *op, const char *name) {
  const char *what = op->what;
  if (strcmp(what, "list") == 0) {
    answer(w, "200", "a page", name, "Page");
  } else if (strcmp(what, "history") == 0) {
    answer(w, "200", "every revision", "History", "");
  } else if (strcmp(what, "page") == 0) {
    answer(w, "200", "the record under its kind's name, and what the areas add", "RecordPage", "");
  } else if (strcmp(what, "reveal") == 0) {
    answer(w, "200", "the plain values; the reading is in the audit", "Revealed", "");
  } else if (strcmp(what, "merge") == 0 || strcmp(what, "unmerge") == 0) {
    answer(w, "200", "the merge", "Merged", "");
  } else if (strcmp(what, "create") == 0) {
    record_answer(w, "201", op->kind->flags & KF_EVENT ? "Written" : name);
  } else {
    record_answer(w, "200", name);
    if (strcmp(what, "get") != 0) conflict_answer(w);
  }
}

static const char *right_of(const struct op *op) {
  static const struct {
    const char *what;
    enum verb verb;
  } verbs[] = {{"list", VERB_READ},      {"get", VERB_READ},      {"history", VERB_READ},
               {"create", VERB_CREATE},  {"update", VERB_UPDATE}, {"retire", VERB_RETIRE},
               {"restore", VERB_RETIRE}, {"reveal", VERB_REVEAL}, {"merge", VERB_UPDATE},
               {"unmerge", VERB_UPDATE}, {"page", VERB_READ}};
  if (op->route) return op->route->right;
  if (op->action) return right_name(transition_right(op->kind, op->action));
  for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
    if (strcmp(verbs[i].what, op->what) == 0)
      return right_name(kind_right(op->kind, verbs[i].verb));
  return NULL;
}

static void kind_op_write(struct jw *w, const struct op *op) {
  static const struct {
    const char *what, *zh, *en;
  } words[] = {{"list", "列表", "list"},
               {"get", "读取", "read"},
               {"create", "新建", "create"},
               {"update", "修改", "change"},
               {"history", "修改记录", "history"},
               {"retire", "停用", "retire"},
               {"restore", "恢复", "restore"},
               {"reveal", "查看明文", "read in plain"},
               {"merge", "合并", "merge"},
               {"unmerge", "撤销合并", "undo a merge"},
               {"page", "一页看全", "all on one page"}};
  const struct kind *k = op->kind;
  char name[TYPE_NAME_TEXT];
  struct buf id = BUF_INIT(KIB(1)), zh = BUF_INIT(KIB(2)), en = BUF_INIT(KIB(2));
  const char *verb_zh = op->action ? op->action->zh : "",
             *verb_en = op->action ? op->action->en : "";
  type_name(k->name, name);
  for (size_t i = 0; i < ARRAY_LEN(words); i++)
    if (strcmp(words[i].what, op->what) == 0) verb_zh = words[i].zh, verb_en = words[i].en;
  buf_printf(&id, "%s.%s", k->name, op->action ? op->action->name : op->what);
  buf_printf(&zh, "%s：%s", k->zh, verb_zh);
  buf_printf(&en, "%s: %s", k->en, verb_en);
  jw_k(w, "operationId");
  jw_str(w, buf_str(&id));
  oa_labels(w, buf_z(&zh), buf_z(&en));
  jw_k(w, "tags");
  jw_array(w);
  jw_strz(w, k->plural);
  jw_end(w);
  if (op->action) {
    oa_pair(w, "x-from", op->action->from);
    if (op->action->to) oa_pair(w, "x-to", op->action->to);
    if (op->action->flags & TR_SECOND_PERSON) {
      jw_k(w, "x-second-person");
      jw_bool(w, true);
    }
  }
  jw_k(w, "parameters");
  jw_array(w);
  path_parameters(w, op->path);
  if (strcmp(op->what, "list") == 0) list_parameters(w, k);
  if (strcmp(op->what, "update") == 0)
    parameter(w, "header", S("If-Match"), false, "{\"type\":\"string\"}", "the revision seen");
  jw_end(w);
  kind_bodies(w, op, name);
  oa_open(w, "responses");
  kind_answers(w, op, name);
  problem_answer(w);
  jw_end(w);
  buf_done(&id);
  buf_done(&zh);
  buf_done(&en);
}

static void route_op_write(struct jw *w, const struct op *op) {
  const struct route *r = op->route;
  const struct route_doc *d = op->doc;
  const bool api = str_starts(str_from(r->pattern), S("/api/"));
  oa_labels(w, r->zh, r->en);
  if (r->flags & ROUTE_PUBLIC) {
    jw_k(w, "security");
    jw_raw(w, S("[]"));
  }
  jw_k(w, "parameters");
  jw_array(w);
  path_parameters(w, op->path);
  if (d) words_query(w, d->query);
  jw_end(w);
  if (r->method != HTTP_GET && r->method != HTTP_DELETE) {
    jw_k(w, "x-body-limit");
    jw_i64(w, (int64_t)(r->body_limit ? r->body_limit : LIMIT_BODY_DEFAULT));
    if (r->flags & ROUTE_UNTYPED) {
      jw_k(w, "requestBody");
      jw_raw(w,
             S("{\"required\":true,\"content\":{\"application/octet-stream\":{\"schema\":{}}}}"));
    } else if (d && d->body) {
      words_body(w, d->body);
    } else {
      jw_k(w, "requestBody");
      jw_raw(w, S("{\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\"}}}}"));
    }
  }
  oa_open(w, "responses");
  if (d && d->answer)
    answer(w, "2XX", "done", d->answer, "");
  else if (r->flags & ROUTE_STREAM)
    free_answer(w, "200", "text/event-stream", "{\"type\":\"string\"}");
  else if (api)
    free_answer(w, "2XX", "application/json", "{\"type\":\"object\"}");
  else
    free_answer(w, "200", "text/plain", "{\"type\":\"string\"}");
  problem_answer(w);
  jw_end(w);
}

static const char *method_name(int method) {
  switch (method) {
  case HTTP_GET:
    return "get";
  case HTTP_POST:
    return "post";
  case HTTP_PUT:
    return "put";
  case HTTP_PATCH:
    return "patch";
  case HTTP_DELETE:
    return "delete";
  }
  return "trace"; /* the route table's check knows no other */
}

static void paths_write(struct jw *w, const struct ops *ops) {
  oa_open(w, "paths");
  for (size_t i = 0; i < ops->n; i++) {
    const struct op *op = &ops->at[i];
    const char *right = right_of(op);
    if (i == 0 || strcmp(ops->at[i - 1].path, op->path) != 0) {
      if (i) jw_end(w);
      oa_open(w, op->path);
    }
    oa_open(w, method_name(op->method));
    if (right) oa_pair(w, "x-right", right);
    if (op->route)
      route_op_write(w, op);
    else
      kind_op_write(w, op);
    jw_end(w);
  }
  if (ops->n) jw_end(w);
  jw_end(w);
}

/* ---- what all share ---- */

static void field_problem_schema(struct jw *w) {
  static const char *const texts[] = {"limit", "value", "other", "column", "zh", "en"};
  oa_open(w, "FieldProblem");
  oa_type(w, "object");
  jw_k(w, "required");
  jw_raw(w, S("[\"field\",\"code\",\"zh\",\"en\"]"));
  oa_open(w, "properties");
  jw_k(w, "field");
  jw_raw(w, S("{\"type\":[\"string\",\"null\"]}"));
  oa_open(w, "code");
  oa_type(w, "string");
  jw_k(w, "enum");
  jw_array(w);
  for (int i = 0; i < PROBLEM_COUNT_; i++) jw_strz(w, problem_name((enum problem_code)i));
  jw_end(w);
  jw_end(w);
  for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
    oa_open(w, texts[i]);
    oa_type(w, "string");
    jw_end(w);
  }
  jw_k(w, "row");
  jw_raw(w, S("{\"type\":\"integer\",\"description\":\"of a file, 1-based\"}"));
  jw_k(w, "warning");
  jw_raw(w, S("{\"type\":\"boolean\",\"description\":\"said, but does not refuse\"}"));
  jw_end(w);
  jw_end(w);
}

static void figure_values_schema(struct jw *w) {
  oa_open(w, "FigureValues");
  oa_type(w, "object");
  oa_open(w, "properties");
  for (size_t i = 0; i < indicators_count(); i++) {
    const struct indicator *ind = indicator_at(i);
    oa_open(w, ind->code);
    oa_type(w, "integer");
    oa_pair(w, "title", ind->en);
    oa_pair(w, "x-title-zh", ind->zh);
    oa_pair(w, "description", ind->en_definition);
    jw_end(w);
  }
  jw_end(w);
  jw_end(w);
}

static void components_write(struct jw *w) {
  oa_open(w, "components");
  jw_k(w, "securitySchemes");
  jw_raw(w,
         S("{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"},\"cookie\":{\"type\":\"apiKey\","
           "\"in\":\"cookie\",\"name\":\"sw_session\",\"description\":\"with X-CSRF-Token on "
           "every method but GET\"}}"));
  oa_open(w, "responses");
  oa_open(w, "Problem");
  oa_pair(w, "description", "what was wrong, all of it at once");
  content(w, "application/problem+json");
  oa_ref(w, "Problem", "");
  content_end(w);
  jw_end(w);
  jw_end(w);
  oa_open(w, "schemas");
  field_problem_schema(w);
  figure_values_schema(w);
  for (size_t i = 0; i < kinds_count(); i++) oa_kind_schemas(w, kind_at(i));
  /* the last of them: the fixed ones, written as they are */
  buf_char(w->b, ',');
  buf_str_add(w->b, str_from(openapi_shared_schemas));
  jw_end(w);
  jw_end(w);
}

void openapi_write(struct buf *out) {
  struct jw w;
  struct ops ops = {.at = calloc(OPS_MAX, sizeof *ops.at)};
  if (!ops.at) {
    out->failed = true;
    return;
  }
  api_each_route(route_op, &ops);
  for (size_t i = 0; i < kinds_count(); i++) kind_ops(&ops, kind_at(i));
  jw_init(&w, out);
  jw_object(&w);
  oa_pair(&w, "openapi", "3.1.0");
  oa_open(&w, "info");
  oa_pair(&w, "title", "守望 Shouwang");
  oa_pair(&w, "version", SHOUWANG_VERSION);
  jw_k(&w, "license");
  jw_raw(&w, S("{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}"));
  jw_end(&w);
  jw_k(&w, "security");
  jw_raw(&w, S("[{\"bearer\":[]},{\"cookie\":[]}]"));
  paths_write(&w, &ops);
  components_write(&w);
  jw_end(&w);
  if (!jw_ok(&w)) out->failed = true;
  free(ops.at);
}
