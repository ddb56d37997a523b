#include "apidoc/openapi.h"
#include "apidoc/rows.h"
#include "notify/alarms.h"
#include "api/api_internal.h"
#include "sheets/import.h"
#include "core/jobs.h"
#include "core/operation.h"
#include "api/page.h"
#include "core/settings.h"
#include "notify/topics.h"
#include "core/verify.h"
#include "intake/reading.h"
#include <stdlib.h>

/* ---- what stands twice ---- */

enum { SEEN_MAX = 1024 };
/* The names or numbers of one type of row, over all areas. */
struct seen {
  const char *names[SEEN_MAX];
  size_t n;
  bool numbers[UINT16_MAX + 1];
};

static bool again(struct seen *s, const char *name) {
  for (size_t i = 0; i < s->n; i++)
    if (strcmp(s->names[i], name) == 0) return true;
  if (s->n < SEEN_MAX) s->names[s->n++] = name;
  return false;
}

struct check {
  struct rows *rs;
  const struct module *const *list;
  struct seen areas, tables, routes, sections, jobs, settings, indicators, alarms, topics, plans,
      device, checks, links, intakes, shapes;
  struct arena *a;
};

static void name_once(struct check *c, struct seen *s, const char *type, const char *name) {
  if (!name || !*name)
    rows_wrong(c->rs, type, name, "needs a name");
  else if (again(s, name))
    rows_wrong(c->rs, type, name, "stands twice");
}

static void number_once(struct check *c, struct seen *s, const char *type, const char *name,
                        uint16_t no) {
  if (!no)
    rows_wrong(c->rs, type, name, "needs a stable number");
  else if (s->numbers[no])
    rows_wrong(c->rs, type, name, "number %d is used twice", (int)no);
  s->numbers[no] = true;
}

/* "alarm.mail_to": halves of lower case, digits and _ */
static void dotted_name(struct check *c, const char *type, const char *name) {
  for (struct str rest = str_from(name); rest.p;) {
    const struct str part = str_split(&rest, '.');
    char one[64] = "";
    if (part.n && part.n < sizeof one) memcpy(one, part.p, part.n);
    if (!rows_name_ok(one)) {
      rows_wrong(c->rs, type, name, "a name is lower case, digits, _ and dots");
      return;
    }
  }
}

static bool listed(const char *list, struct str word) {
  for (struct str rest = str_from(list ? list : ""); rest.p && rest.n;)
    if (str_eq(str_split(&rest, ' '), word)) return true;
  return false;
}

/* Every {name} of a sentence is one of `args`. */
static void placeholders(struct check *c, const char *type, const char *row, const char *text,
                         const char *args) {
  struct str s = str_from(text ? text : ""), name;
  while (s.n) {
    const size_t n = message_placeholder(s, &name);
    if (n && !listed(args, name))
      rows_wrong(c->rs, type, row, "no value is called {" STR_FMT "}", STR_ARG(name));
    s = str_sub(s, n ? n : 1, s.n);
  }
}

static bool says(const char *text, struct str arg) {
  struct str s = str_from(text ? text : ""), name;
  while (s.n) {
    const size_t n = message_placeholder(s, &name);
    if (n && str_eq(name, arg)) return true;
    s = str_sub(s, n ? n : 1, s.n);
  }
  return false;
}

/* ---- tables that are no kinds ---- */

/* Up to the next comma that stands in no parentheses. */
static struct str next_column(struct str *rest) {
  int depth = 0;
  size_t i = 0;
  for (; i < rest->n && (depth || rest->p[i] != ','); i++)
    depth += (rest->p[i] == '(') - (rest->p[i] == ')');
  const struct str one = str_trim(str_sub(*rest, 0, i));
  *rest = i < rest->n ? str_sub(*rest, i + 1, rest->n) : (struct str){NULL, 0};
  return one;
}

static void table_row(struct check *c, const struct table_def *t) {
  name_once(c, &c->tables, "table", t->name);
  for (struct str rest = str_from(t->columns ? t->columns : ""); rest.p;) {
    struct str column = next_column(&rest);
    const struct str name = str_split(&column, ' '), type = str_split(&column, ' ');
    if (str_is(name, "PRIMARY") || str_is(name, "CHECK") || str_is(name, "UNIQUE")) continue;
    if (!listed("i64 text blob uuid", type))
      rows_wrong(c->rs, "table", t->name,
                 "column \"" STR_FMT "\": no type is called \"" STR_FMT "\"", STR_ARG(name),
                 STR_ARG(type));
  }
}

/* ---- routes ---- */

/* The pattern with each ":name" as ":", which is what two routes are told apart by. */
static const char *route_shape(struct check *c, const struct route *r) {
  struct buf b = BUF_INIT(KIB(1));
  buf_printf(&b, "%d ", r->method);
  for (const char *p = r->pattern; *p; p++) {
    buf_char(&b, *p);
    if (*p != ':') continue;
    while (p[1] && p[1] != '/') p++;
  }
  const char *shape = arena_strz(c->a, buf_str(&b));
  buf_done(&b);
  return shape;
}

static void route_pattern(struct check *c, const struct route *r) {
  size_t segments = 0, params = 0;
  struct str rest = str_from(r->pattern);
  if (!rest.n || rest.p[0] != '/') rows_wrong(c->rs, "route", r->pattern, "begins with /");
  (void)str_split(&rest, '/');
  while (rest.p) {
    const struct str seg = str_split(&rest, '/');
    const bool param = seg.n && seg.p[0] == ':';
    bool good = seg.n > (param ? 1 : 0);
    for (size_t i = param; i < seg.n; i++) {
      const char x = seg.p[i];
      good = good && ((x >= 'a' && x <= 'z') || (x >= '0' && x <= '9') || x == '-' || x == '.' ||
                      (param && x == '_'));
    }
    if (!good)
      rows_wrong(c->rs, "route", r->pattern, "\"" STR_FMT "\" is no part of a path: lower case, -",
                 STR_ARG(seg));
    segments++;
    params += param;
  }
  if (segments > ROUTE_SEGMENTS || params > RQ_PARAMS)
    rows_wrong(c->rs, "route", r->pattern, "too many parts or parameters");
}

static void route_flags(struct check *c, const struct route *r) {
  const uint32_t f = r->flags;
  const bool reads = r->method == HTTP_GET || r->method == HTTP_DELETE;
  const struct {
    bool wrong;
    const char *what;
  } rules[] = {
      {r->method != HTTP_GET && r->method != HTTP_POST && r->method != HTTP_PUT &&
           r->method != HTTP_PATCH && r->method != HTTP_DELETE,
       "no such method"},
      {!r->handle && !r->answer, "has no function"},
      {r->handle && r->answer, "has two functions"},
      {r->runs > RUNS_WORKER || r->time_ms < 0, "runs nowhere, or in no time"},
      {r->right && f & (ROUTE_PUBLIC | ROUTE_SIGNED_IN), "a right, and yet open to more"},
      {!r->right && !(f & (ROUTE_PUBLIC | ROUTE_SIGNED_IN | ROUTE_DEVICE)), "open to nobody"},
      {f & ROUTE_PUBLIC && f & ROUTE_SIGNED_IN, "open to everybody, and to those signed in only"},
      {f & ROUTE_ENDED_DEVICE && !(f & ROUTE_DEVICE), "for revoked devices, but for no device"},
      {f & ROUTE_STREAM && r->method != HTTP_GET, "a stream is read"},
      {f & ROUTE_UNTYPED && reads, "a file to a method without a body"},
      {f & ROUTE_BATCH && reads, "a batch writes"},
  };
  for (size_t i = 0; i < ARRAY_LEN(rules); i++)
    if (rules[i].wrong) rows_wrong(c->rs, "route", r->pattern, "%s", rules[i].what);
}

static void shape_text(struct check *c, const char *type, const char *row, const char *what,
                       const char *text) {
  struct buf b = BUF_INIT(KIB(4));
  if (!shape_check(text, shape_known, (void *)(uintptr_t)c->list, &b))
    rows_wrong(c->rs, type, row, "%s: " STR_FMT, what, STR_ARG(buf_str(&b)));
  buf_done(&b);
}

static void shape_row(struct check *c, const struct shape *s) {
  name_once(c, &c->shapes, "shape", s->name);
  if (*s->name < 'A' || *s->name > 'Z')
    rows_wrong(c->rs, "shape", s->name, "begins with a capital");
  if (kind_shape(str_from(s->name))) rows_wrong(c->rs, "shape", s->name, "is a kind's name");
  if (!s->text || !*s->text) rows_wrong(c->rs, "shape", s->name, "says nothing");
  shape_text(c, "shape", s->name, "text", s->text);
}

/* What a route of a kind's takes and gives stands in the kind. */
static void route_shapes(struct check *c, const struct route *r) {
  const bool body = r->method != HTTP_GET && r->method != HTTP_DELETE;
  const bool of_kind = strstr(r->pattern, "/:kinds") != NULL;
  if (!r->gives && !of_kind) rows_wrong(c->rs, "route", r->pattern, "does not say what it gives");
  if (!r->takes && body && !of_kind)
    rows_wrong(c->rs, "route", r->pattern, "does not say what it takes");
  if (r->takes && !body) rows_wrong(c->rs, "route", r->pattern, "takes what has no body");
  if (body && !(r->flags & ROUTE_UNTYPED) != !shape_files(r->takes).n)
    rows_wrong(c->rs, "route", r->pattern,
               "takes a file, and is not marked for it (or the reverse)");
  shape_text(c, "route", r->pattern, "query", r->query);
  shape_text(c, "route", r->pattern, "takes", r->takes);
  shape_text(c, "route", r->pattern, "gives", r->gives);
}

static void route_row(struct check *c, const struct route *r) {
  route_pattern(c, r);
  route_flags(c, r);
  rows_labels(c->rs, "route", r->pattern, r->zh, r->en);
  rows_right(c->rs, "route", r->pattern, r->right);
  route_shapes(c, r);
  if (again(&c->routes, route_shape(c, r))) rows_wrong(c->rs, "route", r->pattern, "stands twice");
}

/* ---- what pages, phones, imports and verify are made of ---- */

/* Without a function the row says which records the section lists. */
static void section_list(struct check *c, const struct page_section *s) {
  const struct kind *k = s->kind ? kind_by_plural(str_from(s->kind)) : NULL;
  const struct kind *page = kind_by_plural(str_from(s->page));
  struct list_by column;
  int f;
  if (!s->write != !!s->by || (s->by && !s->kind)) {
    rows_wrong(c->rs, "section", s->code, "has no function, and lists nothing (or both)");
    return;
  }
  if (!s->by || !k || !page) return;
  if (!field_find(k, str_from(s->by), &f) || k->fields[f].type != FT_REF ||
      kind_by_name(str_from(k->fields[f].ref)) != page)
    rows_wrong(c->rs, "section", s->code, "by \"%s\": does not name the page's record", s->by);
  if (s->sort && !field_find(k, str_from(s->sort + (*s->sort == '-')), &f))
    rows_wrong(c->rs, "section", s->code, "sort: no field is called \"%s\"", s->sort);
  struct str value = str_from(s->where ? s->where : "");
  const struct str name = str_split(&value, '=');
  if (s->where && (!list_column(k, name, &column) || !value.n))
    rows_wrong(c->rs, "section", s->code, "where \"%s\": not a column and its value", s->where);
}

static void section_row(struct check *c, const struct page_section *s) {
  const struct str key = arena_printf(c->a, "%s/%s", s->page, s->code ? s->code : "");
  rows_labels(c->rs, "section", s->code, s->zh, s->en);
  if (!s->code || !rows_name_ok(s->code)) rows_wrong(c->rs, "section", s->code, "not a name");
  if (again(&c->sections, arena_strz(c->a, key)))
    rows_wrong(c->rs, "section", s->code, "stands twice on the page of \"%s\"", s->page);
  if (!kind_by_plural(str_from(s->page)))
    rows_wrong(c->rs, "section", s->code, "page: no records are called \"%s\"", s->page);
  if (s->kind && !kind_by_plural(str_from(s->kind)))
    rows_wrong(c->rs, "section", s->code, "kind: no records are called \"%s\"", s->kind);
  if (!s->right) rows_wrong(c->rs, "section", s->code, "needs a right");
  rows_right(c->rs, "section", s->code, s->right);
  section_list(c, s);
}

static void device_row(struct check *c, const struct device_section *d) {
  static const char own[] = "device unit box_key box_key_id now now_ms";
  if (listed(own, str_from(d->name)))
    rows_wrong(c->rs, "device section", d->name, "is a member that every answer has");
  if (!rows_name_ok(d->name)) rows_wrong(c->rs, "device section", d->name, "not a name");
  name_once(c, &c->device, "device section", d->name);
  if (!d->write || !d->gives)
    rows_wrong(c->rs, "device section", d->name, "has no function, or no type");
  shape_text(c, "device section", d->name, "gives", d->gives);
}

struct plan_look {
  struct check *c;
  const struct import_plan *p;
  const char *what;
  bool extras; /* columns that are no fields count, too */
};

static void plan_word(void *arg, struct str word) {
  const struct plan_look *l = arg;
  int f;
  bool known = field_find(l->p->kind, word, &f);
  for (const struct import_extra *x = l->p->extra; l->extras && x && x->name; x++)
    known = known || str_is(word, x->name);
  if (!known)
    rows_wrong(l->c->rs, "import", l->p->kind->plural, "%s: no column is called \"" STR_FMT "\"",
               l->what, STR_ARG(word));
}

static void plan_either(void *arg, struct str words) {
  while (words.p && words.n) plan_word(arg, str_split(&words, '|'));
}

static void plan_row(struct check *c, const struct import_plan *p) {
  const char *row = p->kind ? p->kind->plural : "?";
  struct plan_look l = {c, p, "required", true};
  size_t extras = 0;
  if (!p->kind || kind_index(p->kind) == SIZE_MAX) {
    rows_wrong(c->rs, "import", row, "its kind is none of any area's");
    return;
  }
  name_once(c, &c->plans, "import", row);
  for (const struct import_extra *x = p->extra; x && x->name; x++, extras++) {
    if (!rows_name_ok(x->name)) rows_wrong(c->rs, "import", row, "column \"%s\": no name", x->name);
    rows_labels(c->rs, "import column", x->name, x->zh, x->en);
  }
  if (extras > IMPORT_EXTRAS) rows_wrong(c->rs, "import", row, "too many further columns");
  rows_words(p->required, ' ', plan_either, &l);
  l.what = "left_out";
  rows_words(p->left_out, ' ', plan_word, &l);
  l.what = "examples";
  for (const char *const *x = p->examples; x && *x; x += 2) {
    plan_word(&l, str_from(*x));
    if (x[1]) continue;
    rows_wrong(c->rs, "import", row, "examples: \"%s\" has none", *x);
    break;
  }
  l.extras = false;
  l.what = "filled";
  rows_words(p->filled, ' ', plan_word, &l);
  l.what = "optional";
  rows_words(p->optional, ' ', plan_word, &l);
  rows_right(c->rs, "import", row, p->right);
}

/* ---- settings, jobs, checks ---- */

static void setting_row(struct check *c, const struct setting *s) {
  const int64_t max = s->max ? s->max : SETTING_TEXT_MAX;
  const struct str text = str_from(s->initial_text ? s->initial_text : "");
  name_once(c, &c->settings, "setting", s->name);
  dotted_name(c, "setting", s->name);
  rows_labels(c->rs, "setting", s->name, s->zh, s->en);
  if (s->type == SETTING_INT && (s->min > s->initial || s->initial > s->max))
    rows_wrong(c->rs, "setting", s->name, "default %lld is not within %lld to %lld",
               (long long)s->initial, (long long)s->min, (long long)s->max);
  if (s->type == SETTING_BOOL && s->initial != 0 && s->initial != 1)
    rows_wrong(c->rs, "setting", s->name, "default %lld is neither 0 nor 1", (long long)s->initial);
  if (s->type != SETTING_TEXT && (s->initial_text || s->allowed))
    rows_wrong(c->rs, "setting", s->name, "a text for what is no text");
  if (s->type == SETTING_TEXT && (int64_t)str_utf8_len(text) > max)
    rows_wrong(c->rs, "setting", s->name, "default \"%s\" is too long", s->initial_text);
  if (s->allowed && !listed(s->allowed, text))
    rows_wrong(c->rs, "setting", s->name, "default \"" STR_FMT "\" is none of \"%s\"",
               STR_ARG(text), s->allowed);
}

static void policy_row(struct check *c, const struct policy_key *p) {
  name_once(c, &c->settings, "policy", p->key);
  rows_labels(c->rs, "policy", p->key, p->zh, p->en);
  if (p->initial < p->min || p->initial > p->max)
    rows_wrong(c->rs, "policy", p->key, "default %lld is not within its limits",
               (long long)p->initial);
}

static void job_row(struct check *c, const struct job *j) {
  name_once(c, &c->jobs, "job", j->name);
  if (!rows_name_ok(j->name)) rows_wrong(c->rs, "job", j->name, "not a name");
  if (j->every_ms <= 0 || !j->run) rows_wrong(c->rs, "job", j->name, "needs a time and a function");
}

static void check_row(struct check *c, const struct verify_check *v) {
  name_once(c, &c->checks, "verify check", v->name);
  rows_labels(c->rs, "verify check", v->name, v->zh, v->en);
  if (!v->run) rows_wrong(c->rs, "verify check", v->name, "has no function");
}

/* ---- alarms and messages ---- */

static void alarm_row(struct check *c, const struct alarm_type *t) {
  name_once(c, &c->alarms, "alarm", t->code);
  number_once(c, &c->alarms, "alarm", t->code, t->no);
  dotted_name(c, "alarm", t->code ? t->code : "");
  rows_labels(c->rs, "alarm", t->code, t->zh, t->en);
  placeholders(c, "alarm", t->code, t->zh, "subject value");
  placeholders(c, "alarm", t->code, t->en, "subject value");
  if (t->owner_role && role_index(str_from(t->owner_role)) < 0)
    rows_wrong(c->rs, "alarm", t->code, "no role is called \"%s\"", t->owner_role);
  if (t->severity < 1 || t->severity > 3)
    rows_wrong(c->rs, "alarm", t->code, "severity %d is not 1, 2 or 3", t->severity);
  if (t->escalate_ms < 0) rows_wrong(c->rs, "alarm", t->code, "escalates before it is raised");
}

struct topic_look {
  struct check *c;
  const struct message_topic *t;
};

static void topic_arg(void *arg, struct str word) {
  const struct topic_look *l = arg;
  const struct message_words *const both[] = {&l->t->in_zh, &l->t->in_en};
  bool said = false;
  for (size_t i = 0; i < ARRAY_LEN(both); i++)
    said = said || says(both[i]->subject, word) || says(both[i]->body, word) ||
           says(both[i]->brief, word);
  if (!said)
    rows_wrong(l->c->rs, "topic", l->t->code, "args: nothing says {" STR_FMT "}", STR_ARG(word));
}

static void topic_row(struct check *c, const struct message_topic *t) {
  const struct message_words *const both[] = {&t->in_zh, &t->in_en};
  struct topic_look l = {c, t};
  name_once(c, &c->topics, "topic", t->code);
  rows_labels(c->rs, "topic", t->code, t->zh, t->en);
  for (size_t i = 0; i < ARRAY_LEN(both); i++) {
    if (!both[i]->subject || !both[i]->body)
      rows_wrong(c->rs, "topic", t->code, "needs subject and body in zh and en");
    placeholders(c, "topic", t->code, both[i]->subject, t->args);
    placeholders(c, "topic", t->code, both[i]->body, t->args);
    placeholders(c, "topic", t->code, both[i]->brief, t->args);
  }
  rows_words(t->args, ' ', topic_arg, &l);
}

/* ---- indicators ---- */

static bool unit_kind(struct str word) {
  const struct kind *units = kind_by_name(S("unit"));
  int f;
  if (!units || !field_find(units, S("kind"), &f) || !units->fields[f].choices) return true;
  const struct choice *ch = units->fields[f].choices;
  while (ch->value && !str_is(word, ch->value)) ch++;
  return ch->value != NULL;
}

static void indicator_row(struct check *c, const struct indicator *ind) {
  name_once(c, &c->indicators, "indicator", ind->code);
  number_once(c, &c->indicators, "indicator", ind->code, ind->no);
  dotted_name(c, "indicator", ind->code ? ind->code : "");
  rows_labels(c->rs, "indicator", ind->code, ind->zh, ind->en);
  if (!ind->zh_definition || !ind->en_definition || !ind->measure)
    rows_wrong(c->rs, "indicator", ind->code, "needs a definition in zh and en, and a measure");
  if ((ind->type == IND_DERIVED) != (ind->derive != NULL))
    rows_wrong(c->rs, "indicator", ind->code, "a derived one, and only that, has a function");
  if (ind->kind && !kind_by_name(str_from(ind->kind)))
    rows_wrong(c->rs, "indicator", ind->code, "no kind is called \"%s\"", ind->kind);
  if ((ind->type == IND_DERIVED) != (ind->derived_from != NULL))
    rows_wrong(c->rs, "indicator", ind->code, "a derived one says what it looks at");
  if (!ind->kind && ind->type != IND_DERIVED)
    rows_wrong(c->rs, "indicator", ind->code, "needs a kind whose records count");
}

/* ---- links ---- */

struct link_look {
  struct check *c;
  const struct link_purpose *p;
};
static void link_right(void *arg, struct str word) {
  const struct link_look *l = arg;
  char name[80];
  snprintf(name, sizeof name, STR_FMT, STR_ARG(word));
  rows_right(l->c->rs, "link", l->p->code, name);
}

static void link_kind(void *arg, struct str word) {
  const struct link_look *l = arg;
  if (!kind_by_name(word))
    rows_wrong(l->c->rs, "link", l->p->code, "no kind is called \"" STR_FMT "\"", STR_ARG(word));
}

static void link_state(void *arg, struct str word) {
  const struct link_look *l = arg;
  if (!kind_state(l->p->kind, word))
    rows_wrong(l->c->rs, "link", l->p->code, "no state is called \"" STR_FMT "\"", STR_ARG(word));
}

static void link_setting(struct check *c, const struct link_purpose *p, const char *name,
                         bool must) {
  if (!name && must) rows_wrong(c->rs, "link", p->code, "needs limits of how often it may come");
  if (name && !again(&c->settings, name))
    rows_wrong(c->rs, "link", p->code, "no setting is called \"%s\"", name);
}

/* A token's subject is read by its row: one column for the place, one for the serial, one state. */
static void link_row(struct check *c, const struct link_purpose *p) {
  const struct link_look l = {c, p};
  int f;
  name_once(c, &c->links, "link", p->code);
  number_once(c, &c->links, "link", p->code, p->no);
  if (!rows_name_ok(p->code ? p->code : "")) rows_wrong(c->rs, "link", p->code, "not a name");
  if (!p->kind || kind_by_name(str_from(p->kind->name)) != p->kind) {
    rows_wrong(c->rs, "link", p->code, "needs a kind that it opens");
    return;
  }
  if (p->once && (p->for_days <= 0 || p->serial || p->days || p->typed || p->old_key))
    rows_wrong(c->rs, "link", p->code, "one that is used once has its days, and no token");
  if (p->once) return;
  if (p->for_days) rows_wrong(c->rs, "link", p->code, "only one that is used once has such days");
  if (p->kind->flags & KF_GLOBAL || !p->kind->states || !kind_scoped(p->kind))
    rows_wrong(c->rs, "link", p->code, "its kind needs a unit, states and an operation");
  if (!p->serial || !field_find(p->kind, str_from(p->serial), &f) ||
      p->kind->fields[f].type != FT_INT || !(p->kind->fields[f].flags & FF_SYSTEM))
    rows_wrong(c->rs, "link", p->code, "its serial is no number of the program's own");
  if (!p->rights) rows_wrong(c->rs, "link", p->code, "needs rights");
  rows_words(p->rights, ' ', link_right, (void *)(uintptr_t)&l);
  rows_words(p->by_code, ' ', link_kind, (void *)(uintptr_t)&l);
  rows_words(p->ends, ' ', link_state, (void *)(uintptr_t)&l);
  link_setting(c, p, p->days, false);
  link_setting(c, p, p->link_per_minute, true);
  link_setting(c, p, p->address_per_minute, true);
}

/* ---- intakes ---- */

struct channel_look {
  struct check *c;
  const struct intake *in;
};
static void intake_channel(void *arg, struct str word) {
  const struct channel_look *l = arg;
  int f;
  const struct choice *ch =
      field_find(l->in->kind, S("channel"), &f) ? l->in->kind->fields[f].choices : NULL;
  while (ch && ch->value && !str_is(word, ch->value)) ch++;
  if (!ch || !ch->value)
    rows_wrong(l->c->rs, "intake", l->in->code, "no channel is called \"" STR_FMT "\"",
               STR_ARG(word));
}

static void intake_row(struct check *c, const struct intake *in) {
  int f;
  name_once(c, &c->intakes, "intake", in->code);
  if (!in->kind || kind_by_name(str_from(in->kind->name)) != in->kind) {
    rows_wrong(c->rs, "intake", in->code, "needs a kind that is kept");
    return;
  }
  if (!in->right) rows_wrong(c->rs, "intake", in->code, "needs a right");
  rows_right(c->rs, "intake", in->code, in->right);
  if (!in->subject || !field_find(in->kind, str_from(in->subject), &f) ||
      in->kind->fields[f].type != FT_REF)
    rows_wrong(c->rs, "intake", in->code, "its subject is no reference of the kind");
  if (!in->names || !in->judge || !in->take || !in->name_titles || !in->code_titles)
    rows_wrong(c->rs, "intake", in->code, "needs names, titles, and functions to judge and take");
  if (!in->channels) rows_wrong(c->rs, "intake", in->code, "needs channels");
  rows_words(in->channels, ' ', intake_channel, &(struct channel_look){c, in});
  for (const struct intake_words *w = in->words; w && w->words; w++)
    if (!w->key == !w->piece)
      rows_wrong(c->rs, "intake", in->code, "\"%s\" are words of a key, or of a piece", w->words);
}

/* ---- deadlines ---- */

/* What of a kind's deadlines other tables say; the rest is in kind/kind_rows.c. */
static void deadline_row(struct check *c, const struct deadline *d) {
  const struct policy_key *p = policy_keys;
  while (d->after && p->key && strcmp(p->key, d->after) != 0) p++;
  if (d->after && !p->key)
    rows_wrong(c->rs, "deadline", d->field, "no policy is called \"%s\"", d->after);
  if (d->alarm && !again(&c->alarms, d->alarm))
    rows_wrong(c->rs, "deadline", d->field, "no alarm is called \"%s\"", d->alarm);
  if (d->escalate_to && !unit_kind(str_from(d->escalate_to)))
    rows_wrong(c->rs, "deadline", d->field, "no kind of unit is called \"%s\"", d->escalate_to);
}

struct derived_look {
  struct check *c;
  const struct indicator *ind;
};
static void derived_from(void *arg, struct str word) {
  const struct derived_look *l = arg;
  for (size_t i = 0; i < l->c->indicators.n; i++)
    if (str_is(word, l->c->indicators.names[i])) return;
  rows_wrong(l->c->rs, "indicator", l->ind->code, "no indicator is called \"" STR_FMT "\"",
             STR_ARG(word));
}

/* What names rows of other areas: when all are known. */
static void across(struct check *c, const struct module *m) {
  rows_of(c->rs, m->name, m->file);
  for (const struct intake *const *i = m->intakes; i && *i; i++) intake_row(c, *i);
  for (const struct link_purpose *const *p = m->links; p && *p; p++) link_row(c, *p);
  for (const struct indicator *const *i = m->indicators; i && *i; i++)
    rows_words((*i)->derived_from, ' ', derived_from, &(struct derived_look){c, *i});
  for (const struct kind *const *k = m->kinds; k && *k; k++)
    for (const struct deadline *d = (*k)->deadlines; d && d->no; d++) deadline_row(c, d);
}

/* ---- an area ---- */

static void area(struct check *c, const struct module *m) {
  rows_of(c->rs, m->name, m->file);
  name_once(c, &c->areas, "area", m->name);
  rows_labels(c->rs, "area", m->name, m->zh, m->en);
  for (const struct table_def *t = m->tables; t && t->name; t++) table_row(c, t);
  for (const struct shape *s = m->shapes; s && s->name; s++) shape_row(c, s);
  for (const struct route *r = m->routes; r && r->pattern; r++) route_row(c, r);
  for (const struct page_section *s = m->sections; s && s->page; s++) section_row(c, s);
  for (const struct device_section *d = m->device; d && d->name; d++) device_row(c, d);
  for (const struct import_plan *const *p = m->imports; p && *p; p++) plan_row(c, *p);
  for (const struct setting *s = m->settings; s && s->name; s++) setting_row(c, s);
  for (const struct job *j = m->jobs; j && j->name; j++) job_row(c, j);
  for (const struct verify_check *v = m->checks; v && v->name; v++) check_row(c, v);
  for (const struct alarm_type *const *t = m->alarms; t && *t; t++) alarm_row(c, *t);
  for (const struct message_topic *const *t = m->topics; t && *t; t++) topic_row(c, *t);
  for (const struct indicator *const *i = m->indicators; i && *i; i++) indicator_row(c, *i);
  for (const char *const *r = m->rights; r && *r; r++) dotted_name(c, "right", *r);
  if (m->grants) roles_check(m->grants, c->rs);
}

/* What no area owns. */
static void core(struct check *c) {
  rows_of(c->rs, "core", NULL);
  for (const struct route *r = kind_routes; r->pattern; r++) route_row(c, r);
  for (const struct policy_key *p = policy_keys; p->key; p++) policy_row(c, p);
  for (size_t i = 0; i < auth_tables_count; i++) table_row(c, &auth_tables[i]);
  roles_check(auth_role_grants, c->rs);
}

void rows_check(const struct module *const *list, struct rows *rs) {
  struct check *c = calloc(1, sizeof *c);
  if (c) c->a = arena_create(MIB(1));
  rows_of(rs, "areas", NULL);
  if (!c || !c->a) {
    rows_wrong(rs, "area", "", "no memory to look at their rows");
    free(c);
    return;
  }
  c->rs = rs;
  c->list = list;
  for (size_t i = 0; i < kinds_count(); i++) again(&c->tables, kind_at(i)->name);
  core(c);
  for (const struct module *const *m = list; *m; m++) area(c, *m);
  for (const struct module *const *m = list; *m; m++) across(c, *m);
  if (arena_failed(c->a)) rows_wrong(rs, "area", "", "no memory to look at its rows");
  arena_free(c->a);
  free(c);
}
