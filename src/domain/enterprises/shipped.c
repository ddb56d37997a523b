#include "domain/enterprises/shipped.h"
#include "domain/enterprises/checklist.h"
#include "forms/forms.h"

#define SHIPPED(name)                                                                              \
  extern const char shipped_##name[];                                                              \
  extern const size_t shipped_##name##_n
SHIPPED(union_daily);
SHIPPED(beijing_daily);
SHIPPED(offices_february);
SHIPPED(offices_april);

const struct shipped_file shipped_files[] = {
    {"union-daily", shipped_union_daily, &shipped_union_daily_n},
    {"beijing-daily", shipped_beijing_daily, &shipped_beijing_daily_n},
    {"offices-february", shipped_offices_february, &shipped_offices_february_n},
    {"offices-april", shipped_offices_april, &shipped_offices_april_n},
    {NULL, NULL, NULL}};

static void release(void *j) {
  json_decref(j);
}

/* ---- parameters ---- */

/* Said as one text for both languages, or as {"zh","en"}. */
static struct str parameter(const struct shipped *s, const json_t *doc, struct str name, bool en) {
  const char *const language = en ? "en" : "zh";
  const json_t *said = s->parameters ? json_object_getn(s->parameters, name.p, name.n) : NULL;
  const json_t *list = json_object_get(doc, "parameters");
  if (json_is_string(said)) return json_str(said);
  if (json_is_string(json_object_get(said, language)))
    return json_str(json_object_get(said, language));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *p = json_array_get(list, i);
    if (str_eq(json_str(json_object_get(p, "name")), name))
      return json_str(json_object_get(p, language));
  }
  return (struct str){NULL, 0};
}

static void filled(const struct shipped *s, const json_t *doc, struct str text, bool en,
                   struct buf *out) {
  for (size_t at = 0; at < text.n;) {
    const struct str rest = str_sub(text, at, text.n - at);
    const size_t open = str_find_char(rest, '{');
    const size_t close = open == (size_t)-1 ? open : str_find_char(rest, '}');
    if (open == (size_t)-1 || close == (size_t)-1 || close < open) {
      buf_str_add(out, rest);
      return;
    }
    buf_str_add(out, str_sub(rest, 0, open));
    buf_str_add(out, parameter(s, doc, str_sub(rest, open + 1, close - open - 1), en));
    at += close + 1;
  }
}

static bool in_english(const char *key) {
  const size_t n = strlen(key);
  return n > 3 && strcmp(key + n - 3, "_en") == 0;
}

static void no_strangers(struct shipped *s, const json_t *doc) {
  const char *key;
  json_t *value;
  if (!s->parameters) return;
  json_object_foreach(s->parameters, key, value) {
    const json_t *list = json_object_get(doc, "parameters");
    bool known = false;
    for (size_t i = 0; i < json_array_size(list); i++)
      known |= str_is(json_str(json_object_get(json_array_get(list, i), "name")), key);
    const struct str path = arena_printf(s->a, "parameters.%.40s", key);
    const struct str text = json_str(json_is_object(value) ? json_object_get(value, "zh") : value);
    if (!known)
      problem_add(&s->problems, PROBLEM_unknown_field, path);
    else if (!text.n)
      problem_add(&s->problems, PROBLEM_required, path);
    else if (str_utf8_len(text) > 12)
      problem_limit(&s->problems, PROBLEM_too_long, path, 12);
  }
}

/* ---- one record ---- */

/* The members of `from` that the kind knows, with the words filled in. */
static json_t *body_of(const struct shipped *s, const json_t *doc, const json_t *from,
                       const struct kind *k) {
  json_t *body = json_object();
  const char *key;
  json_t *value;
  if (!body) return NULL;
  arena_defer(s->a, release, body);
  json_object_foreach((json_t *)(uintptr_t)from, key, value) {
    bool known = false;
    for (size_t f = 0; f < k->n_fields && !known; f++) known = strcmp(k->fields[f].name, key) == 0;
    if (!known) continue;
    if (!json_is_string(value)) {
      json_object_set(body, key, value);
      continue;
    }
    struct buf b = BUF_INIT(KIB(4));
    filled(s, doc, json_str(value), in_english(key), &b);
    json_object_set_new(body, key, json_stringn(b.p ? b.p : "", b.n));
    buf_done(&b);
  }
  return body;
}

static int add(struct shipped *s, const struct kind *k, const json_t *body, struct uuid *ret_id,
               struct err *e) {
  if (s->n == SHIPPED_PARTS) return err_set(e, E_BUG, "a shipped file with too many parts");
  struct change *c = change_make(s->a, &s->app->registry, s->viewer, k, CHANGE_CREATE);
  c->at_ms = s->viewer->now_ms;
  c->source = s->source;
  c->id = idgen_next(&s->app->ids, c->at_ms);
  c->fresh_id = true;
  if (ret_id) *ret_id = c->id;
  int r = change_parse(c, body, (struct str){NULL, 0}, e);
  for (const struct problem *p = c->problems.first; r == -E_INVALID && p; p = p->next)
    problem_text(&s->problems, p->code, p->field, p->limit, p->value, p->other);
  if (r >= 0) r = change_ready(c, e);
  s->parts[s->n++] = c;
  return r;
}

static int add_parts(struct shipped *s, const json_t *doc, const char *list, const char *of,
                     const struct kind *k, bool placed, struct err *e) {
  char id[UUID_TEXT];
  const json_t *rows = json_object_get(doc, list);
  int r = 0;
  uuid_format(&s->id, id);
  for (size_t i = 0; i < json_array_size(rows) && r >= 0; i++) {
    json_t *body = body_of(s, doc, json_array_get(rows, i), k);
    if (!body) return err_set(e, E_NOMEM, "no memory for a shipped template");
    json_object_set_new(body, of, json_string(id));
    if (placed) json_object_set_new(body, "place", json_integer((json_int_t)i + 1));
    r = add(s, k, body, NULL, e);
  }
  return r;
}

QUERY(q_newest_version, "SELECT coalesce(max(version), 0) FROM return_template WHERE op = $1 AND "
                        "code = $2");

static int next_version(struct shipped *s, struct str code, int64_t *ret, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(s->app->store, &tx, e);
  if (r >= 0) r = tx_i64(tx, &q_newest_version, P(V_I64(s->viewer->op), V_TEXT(code)), ret, e);
  *ret += 1;
  return r;
}

static int add_publication(struct shipped *s, struct err *e) {
  struct change *c = change_make(s->a, &s->app->registry, s->viewer, s->kind, CHANGE_ACTION);
  c->at_ms = s->viewer->now_ms;
  c->source = s->source;
  c->id = s->id;
  int r = change_parse(c, NULL, S("publish"), e);
  if (r >= 0) r = change_ready(c, e);
  s->parts[s->n++] = c;
  return r;
}

static int add_template(struct shipped *s, const json_t *doc, json_t *body, struct err *e) {
  int64_t version;
  int r = next_version(s, s->code, &version, e);
  if (r < 0) return r;
  json_object_set_new(body, "version", json_integer(version));
  r = add(s, s->kind, body, &s->id, e);
  if (r >= 0) r = add_parts(s, doc, "fields", "template", &template_field_kind, true, e);
  if (r >= 0) r = add_parts(s, doc, "checks", "template", &template_check_kind, false, e);
  if (r >= 0) r = add_parts(s, doc, "levels", "template", &template_level_kind, false, e);
  return r >= 0 && s->publish ? add_publication(s, e) : r;
}

static int add_checklist(struct shipped *s, const json_t *doc, json_t *body, struct err *e) {
  /* dated versions of one list */
  json_object_set(body, "code", json_object_get(doc, "list"));
  int r = add(s, s->kind, body, &s->id, e);
  return r < 0 ? r : add_parts(s, doc, "items", "checklist", &checklist_item_kind, true, e);
}

static int read_doc(struct arena *a, const struct shipped_file *f, json_t **ret, struct err *e) {
  return json_read(a, (struct str){f->text, *f->n}, ret, e);
}

int shipped_read(struct shipped *s, struct err *e) {
  const struct shipped_file *f = shipped_files;
  json_t *doc;
  problems_init(&s->problems, s->a);
  while (f->code && !str_is(s->code, f->code)) f++;
  if (!f->code) return err_set(e, E_NOT_FOUND, "no such shipped template");
  int r = read_doc(s->a, f, &doc, e);
  if (r < 0) return r;
  const bool list = str_is(json_str(json_object_get(doc, "kind")), checklist_kind.plural);
  s->kind = list ? &checklist_kind : &return_template_kind;
  no_strangers(s, doc);
  if (list && s->publish) problem_add(&s->problems, PROBLEM_unknown_field, S("publish"));
  if (problems_any(&s->problems)) return err_set(e, E_INVALID, "the request has problems");
  json_t *body = body_of(s, doc, doc, s->kind);
  if (!body) return err_set(e, E_NOMEM, "no memory for a shipped template");
  json_object_set_new(body, "unit", json_stringn(s->unit.p ? s->unit.p : "", s->unit.n));
  if (s->from.n) json_object_set_new(body, "valid_from", json_stringn(s->from.p, s->from.n));
  return list ? add_checklist(s, doc, body, e) : add_template(s, doc, body, e);
}

static int shipped_run(struct tx *tx, void *arg, struct err *e) {
  struct shipped *s = arg;
  int r = 0;
  for (size_t i = 0; i < s->n && r >= 0; i++) {
    r = change_run(tx, s->parts[i], e);
    for (const struct problem *p = s->parts[i]->problems.first; r == -E_INVALID && p; p = p->next)
      if (!p->warning) problem_text(&s->problems, p->code, p->field, p->limit, p->value, p->other);
  }
  return r;
}
const struct cmd_class shipped_cmd = {.name = "shipped_take", .run = shipped_run};

/* ---- what there is ---- */

static void write_text(struct shipped *s, struct jw *w, const json_t *doc, const char *key,
                       const char *from, bool en) {
  struct buf b = BUF_INIT(KIB(4));
  filled(s, doc, json_str(json_object_get(doc, from)), en, &b);
  jw_key(w, str_from(key));
  jw_str(w, buf_str(&b));
  buf_done(&b);
}

static int write_file(struct shipped *s, struct jw *w, const struct shipped_file *f,
                      struct err *e) {
  static const struct {
    const char *key, *from;
    bool en;
  } texts[] = {{"name_zh", "name", false},
               {"name_en", "name_en", true},
               {"source_zh", "source", false},
               {"source_en", "source_en", true}};
  json_t *doc;
  int r = read_doc(s->a, f, &doc, e);
  if (r < 0) return r;
  const json_t *fields = json_object_get(doc, "fields"), *items = json_object_get(doc, "items");
  int64_t boxes = 0;
  for (size_t i = 0; i < json_array_size(fields); i++) {
    const json_t *source = json_object_get(json_array_get(fields, i), "source");
    boxes += !source || str_is(json_str(source), "typed");
  }
  jw_object(w);
  jw_kstrz(w, "code", f->code);
  jw_kstr(w, "kind", json_str(json_object_get(doc, "kind")));
  for (size_t i = 0; i < ARRAY_LEN(texts); i++)
    write_text(s, w, doc, texts[i].key, texts[i].from, texts[i].en);
  jw_kstr(w, "valid_from", json_str(json_object_get(doc, "valid_from")));
  jw_ki64(w, "fields", (int64_t)(json_array_size(fields) + json_array_size(items)));
  jw_ki64(w, "boxes", items ? (int64_t)json_array_size(items) : boxes);
  jw_ki64(w, "checks", (int64_t)json_array_size(json_object_get(doc, "checks")));
  jw_k(w, "parameters");
  if (json_object_get(doc, "parameters"))
    jw_tree(w, json_object_get(doc, "parameters"));
  else
    jw_null(w);
  jw_end(w);
  return 0;
}

int shipped_list(struct arena *a, struct jw *w, struct err *e) {
  struct shipped s = {.a = a};
  int r = 0;
  jw_object(w);
  jw_karray(w, "items");
  for (const struct shipped_file *f = shipped_files; f->code && r >= 0; f++)
    r = write_file(&s, w, f, e);
  jw_end(w);
  jw_end(w);
  return r;
}
