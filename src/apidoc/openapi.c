#include "apidoc/openapi_inner.h"
#include "figures/figures.h"
#include "api/page.h"
#include "core/version.h"
#include "base/limits.h"
#include <stdlib.h>

/* Everything here is the tables read aloud: what differs by kind or route stands in its row. */

static const char PROBLEM_REF[] = "#/components/responses/Problem";

/* ---- operations ---- */

/* What every kind has, where its flags let it: `$` is the kind's type, `#` its name. */
struct kind_route {
  const char *what;
  int method;
  const char *tail;
  enum verb verb;
  const char *zh, *en, *takes, *gives;
  uint32_t only, never; /* of the kind's flags */
};
static const struct kind_route kind_ops_table[] = {
    {"list", HTTP_GET, "", VERB_READ, "列表", "list", NULL, "items:$[] next:text|null total?:int",
     0, 0},
    {"get", HTTP_GET, "/:id", VERB_READ, "读取", "read", NULL, "$", 0, 0},
    {"history", HTTP_GET, "/:id/history", VERB_READ, "修改记录", "history", NULL,
     "items:HistoryEntry[]", 0, 0},
    {"page", HTTP_GET, "/:id/page", VERB_READ, "一页看全", "all on one page", NULL,
     "#:$ sections:PageSection[]", 0, 0},
    {"reveal", HTTP_POST, "/:id/reveal", VERB_REVEAL, "查看明文", "read in plain",
     "fields:text[] reason", "values:{*:text|null}", 0, 0},
    {"create", HTTP_POST, "", VERB_CREATE, "新建", "create", "$New", "$", 0, KF_NO_API | KF_EVENT},
    {"create", HTTP_POST, "", VERB_CREATE, "新建", "create", "$New", "Written", KF_EVENT,
     KF_NO_API},
    {"update", HTTP_PATCH, "/:id", VERB_UPDATE, "修改", "change", "$Change", "$", 0,
     KF_NO_API | KF_EVENT},
    {"retire", HTTP_POST, "/:id/retire", VERB_RETIRE, "停用", "retire", "rev?:int reason?", "$", 0,
     KF_NO_API | KF_EVENT | KF_NO_RETIRE},
    {"restore", HTTP_POST, "/:id/restore", VERB_RETIRE, "恢复", "restore", "rev?:int reason?", "$",
     0, KF_NO_API | KF_EVENT | KF_NO_RETIRE},
    {"merge", HTTP_POST, "/:id/merge", VERB_UPDATE, "合并", "merge", "other:id", "merge:id",
     KF_MERGE, KF_NO_API | KF_EVENT},
    {"unmerge", HTTP_POST, "/:id/unmerge", VERB_UPDATE, "撤销合并", "undo a merge", "merge:id",
     "merge:id", KF_MERGE, KF_NO_API | KF_EVENT},
};
static const struct kind_route action_row = {.what = "action", .method = HTTP_POST, .gives = "$"};

/* One method of one path; sorted by path, so that each path is written once. */
struct op {
  char path[160];
  int method;
  const struct route *route;       /* a route of its own */
  const struct kind *kind;         /* or one of a kind's */
  const struct transition *action; /* with a transition */
  const struct kind_route *row;    /* what of the kind's */
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
  if (op) op->route = r;
}

static void kind_op(struct ops *ops, const struct kind *k, const char *tail,
                    const struct kind_route *row, const struct transition *t) {
  struct buf b = BUF_INIT(KIB(1));
  buf_printf(&b, "/api/v1/%s%s", k->plural, tail);
  const char *pattern = buf_z(&b);
  struct op *op = pattern ? op_add(ops, row->method, pattern) : NULL;
  if (op) {
    op->kind = k;
    op->row = row;
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
  for (size_t i = 0; i < ARRAY_LEN(kind_ops_table); i++) {
    const struct kind_route *row = &kind_ops_table[i];
    if ((k->flags & row->only) != row->only || k->flags & row->never) continue;
    if (row->verb != VERB_REVEAL || any_sealed(k)) kind_op(ops, k, row->tail, row, NULL);
  }
  for (const struct transition *t = k->transitions; t && t->name; t++) {
    struct buf b = BUF_INIT(128);
    buf_lit(&b, "/:id/");
    for (const char *p = t->name; *p; p++) buf_char(&b, *p == '_' ? '-' : *p);
    const char *tail = buf_z(&b);
    if (tail) kind_op(ops, k, tail, &action_row, t);
    buf_done(&b);
  }
}

/* ---- parameters ---- */

static void parameter(struct jw *w, const char *where, struct str name, bool required,
                      const char *schema, const char *description) {
  jw_object(w);
  jw_kstr(w, "name", name);
  oa_pair(w, "in", where);
  if (required) {
    jw_kbool(w, "required", true);
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
      parameter(w, "path", str_sub(seg, 1, seg.n - 2), true,
                str_is(seg, "{id}") ? "{\"type\":\"string\",\"format\":\"uuid\"}"
                                    : "{\"type\":\"string\"}",
                NULL);
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
  struct buf help = BUF_INIT(KIB(8));
  buf_lit(&help,
          "- in front: descending. Above a subdistrict, unless a filter names one record: id");
  for (size_t i = 0; i < k->n_fields; i++) {
    const char *with = k->fields[i].flags & FF_SORT ? field_sorts_with(k, i) : NULL;
    if (with) buf_printf(&help, ", %s within one %s", k->fields[i].name, with);
    if (field_sorts_wide(&k->fields[i])) buf_printf(&help, ", %s", k->fields[i].name);
  }
  if (schema) parameter(w, "query", S("sort"), false, schema, buf_z(&help));
  buf_done(&help);
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
  if (k->owner) filter_parameter(w, "mine", "true: whose owner the reader is");
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

/* The document in the text, and the files that may come instead. */
static void shape_content(struct jw *w, const char *text) {
  const struct str document = shape_document(text);
  struct str files = shape_files(text);
  oa_open(w, "content");
  if (document.n) {
    oa_open(w, "application/json");
    jw_k(w, "schema");
    shape_schema(w, document);
    jw_end(w);
  }
  while (files.n) {
    const struct str media = str_split(&files, ' ');
    jw_key(w, media);
    jw_raw(w, str_starts(media, S("text/"))
                  ? S("{\"schema\":{\"type\":\"string\"}}")
                  : S("{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}"));
  }
  jw_end(w);
}

/* Where nothing is required, it may be left out. */
static void shape_body(struct jw *w, const char *text) {
  struct shape_member m = {.optional = true};
  if (!text || !*text) return;
  for (struct str rest = shape_document(text); m.optional && shape_next(&rest, &m);) continue;
  oa_open(w, "requestBody");
  jw_kbool(w, "required", !m.optional || shape_files(text).n);
  shape_content(w, text);
  jw_end(w);
}

static void shape_query(struct jw *w, const char *text) {
  struct shape_member m;
  for (struct str rest = str_from(text ? text : ""); shape_next(&rest, &m);) {
    struct buf b = BUF_INIT(KIB(4));
    struct jw schema;
    jw_init(&schema, &b);
    shape_schema_type(&schema, m.type);
    parameter(w, "query", m.name, !m.optional, buf_z(&b), NULL);
    buf_done(&b);
  }
}

static void action_body(struct jw *w, const struct op *op) {
  const struct kind *k = op->kind;
  const struct transition *t = op->action;
  oa_open(w, "requestBody");
  content(w, "application/json");
  oa_type(w, "object");
  jw_karray(w, "required");
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

static void problem_answer(struct jw *w) {
  oa_open(w, "default");
  oa_pair(w, "$ref", PROBLEM_REF);
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

static void gives_answer(struct jw *w, const char *status, const char *gives, bool record) {
  oa_open(w, status);
  oa_pair(w, "description", record ? "the record" : "done");
  if (record) {
    jw_k(w, "headers");
    jw_raw(w, S("{\"ETag\":{\"schema\":{\"type\":\"string\"},\"description\":\"its revision\"}}"));
  }
  if (gives && *gives) shape_content(w, gives);
  jw_end(w);
}

/* What the row takes or gives, of this kind. */
static const char *of_kind(struct buf *b, const char *text, const struct kind *k) {
  char type[TYPE_NAME_TEXT];
  type_name(k->name, type);
  buf_clear(b);
  for (; text && *text; text++) {
    const struct str one = {text, 1};
    buf_str_add(b, *text == '$' ? str_from(type) : *text == '#' ? str_from(k->name) : one);
  }
  return buf_z(b);
}

static void kind_takes_gives(struct jw *w, const struct op *op) {
  const struct kind_route *row = op->row;
  const bool record = strcmp(row->gives, "$") == 0, made = row->verb == VERB_CREATE;
  struct buf b = BUF_INIT(KIB(1));
  if (op->action)
    action_body(w, op);
  else
    shape_body(w, of_kind(&b, row->takes, op->kind));
  oa_open(w, "responses");
  gives_answer(w, made ? "201" : "200", of_kind(&b, row->gives, op->kind), record);
  if (record && row->method != HTTP_GET && !made) conflict_answer(w);
  problem_answer(w);
  jw_end(w);
  buf_done(&b);
}

static const char *right_of(const struct op *op) {
  if (op->route) return op->route->right;
  return right_name(op->action ? transition_right(op->kind, op->action)
                               : kind_right(op->kind, op->row->verb));
}

static void kind_op_write(struct jw *w, const struct op *op) {
  const struct kind *k = op->kind;
  const struct transition *t = op->action;
  struct buf id = BUF_INIT(KIB(1)), zh = BUF_INIT(KIB(2)), en = BUF_INIT(KIB(2));
  buf_printf(&id, "%s.%s", k->name, t ? t->name : op->row->what);
  buf_printf(&zh, "%s：%s", k->zh, t ? t->zh : op->row->zh);
  buf_printf(&en, "%s: %s", k->en, t ? t->en : op->row->en);
  jw_kstr(w, "operationId", buf_str(&id));
  oa_labels(w, buf_z(&zh), buf_z(&en));
  jw_karray(w, "tags");
  jw_strz(w, k->plural);
  jw_end(w);
  if (t) {
    oa_pair(w, "x-from", t->from);
    if (t->to) oa_pair(w, "x-to", t->to);
    if (t->flags & TR_SECOND_PERSON) {
      jw_kbool(w, "x-second-person", true);
    }
  }
  jw_karray(w, "parameters");
  path_parameters(w, op->path);
  if (op->row == &kind_ops_table[0]) list_parameters(w, k);
  if (op->row->method == HTTP_PATCH)
    parameter(w, "header", S("If-Match"), false, "{\"type\":\"string\"}", "the revision seen");
  jw_end(w);
  kind_takes_gives(w, op);
  buf_done(&id);
  buf_done(&zh);
  buf_done(&en);
}

const char *method_name(int method) {
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

/* "posts.by_id.signs.get": the path's parts, and the method. */
static void route_id(struct jw *w, const struct op *op) {
  struct str rest = str_from(op->path);
  struct buf b = BUF_INIT(KIB(1));
  if (str_starts(rest, S("/api/v1"))) rest = str_sub(rest, 7, rest.n);
  while (rest.p) {
    const struct str part = str_split(&rest, '/');
    if (part.n && part.p[0] == '{')
      buf_printf(&b, "by_%.*s.", (int)part.n - 2, part.p + 1);
    else if (part.n)
      buf_printf(&b, STR_FMT ".", STR_ARG(part));
  }
  buf_printf(&b, "%s", method_name(op->method));
  jw_kstr(w, "operationId", buf_str(&b));
  buf_done(&b);
}

static void route_op_write(struct jw *w, const struct op *op) {
  const struct route *r = op->route;
  route_id(w, op);
  oa_labels(w, r->zh, r->en);
  if (r->flags & ROUTE_PUBLIC) {
    jw_k(w, "security");
    jw_raw(w, S("[]"));
  }
  jw_karray(w, "parameters");
  path_parameters(w, op->path);
  shape_query(w, r->query);
  jw_end(w);
  if (r->method != HTTP_GET && r->method != HTTP_DELETE)
    jw_ki64(w, "x-body-limit", (int64_t)(r->body_limit ? r->body_limit : LIMIT_BODY_DEFAULT));
  shape_body(w, r->takes);
  oa_open(w, "responses");
  gives_answer(w, "2XX", r->gives, false);
  problem_answer(w);
  jw_end(w);
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

/* What no role may (the system's own actions) always answers 403: it is not for the outside. */
static void keep_open(struct ops *ops, const struct right_set *held) {
  size_t n = 0;
  for (size_t i = 0; i < ops->n; i++) {
    const char *right = right_of(&ops->at[i]);
    if (!right || right_has(held, right_by_name(str_from(right)))) ops->at[n++] = ops->at[i];
  }
  ops->n = n;
}

/* ---- what all share ---- */

static void problem_codes_schema(struct jw *w) {
  oa_open(w, "ProblemCode");
  oa_type(w, "string");
  jw_karray(w, "enum");
  for (int i = 0; i < PROBLEM_COUNT_; i++) jw_strz(w, problem_name((enum problem_code)i));
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

static void shape_component(const struct shape *s, void *w) {
  jw_key(w, str_from(s->name));
  shape_schema(w, str_from(s->text));
}

static void components_write(struct jw *w, const struct right_set *held) {
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
  problem_codes_schema(w);
  figure_values_schema(w);
  for (size_t i = 0; i < kinds_count(); i++) oa_kind_schemas(w, kind_at(i), held);
  shapes_each(modules, shape_component, w);
  jw_end(w);
  jw_end(w);
}

void openapi_write(struct buf *out) {
  struct right_set held;
  struct jw w;
  struct ops ops = {.at = calloc(OPS_MAX, sizeof *ops.at)};
  if (!ops.at) {
    out->failed = true;
    return;
  }
  api_each_route(route_op, &ops);
  for (size_t i = 0; i < kinds_count(); i++) kind_ops(&ops, kind_at(i));
  app_rights_held(&held);
  keep_open(&ops, &held);
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
  components_write(&w, &held);
  jw_end(&w);
  if (!jw_ok(&w)) out->failed = true;
  free(ops.at);
}
