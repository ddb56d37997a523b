#include "app/api_internal.h"
#include "app/figures.h"
#include "app/operation.h"
#include "app/version.h"

/* GET meta: what the screens are made of, cut down to what this viewer may read. */

static void labels(struct jw *w, const char *zh, const char *en) {
  jw_k(w, "zh");
  jw_strz(w, zh);
  jw_k(w, "en");
  jw_strz(w, en);
}

static void flag(struct jw *w, const char *name, bool on) {
  if (!on) return;
  jw_key(w, str_from(name));
  jw_bool(w, true);
}

static const char *const mask_names[] = {"all", "name", "id", "phone", "tail"};

static void words(struct jw *w, const char *list) {
  struct str rest = str_from(list ? list : "");
  jw_array(w);
  while (rest.p) {
    struct str word = str_split(&rest, ' ');
    if (word.n) jw_str(w, word);
  }
  jw_end(w);
}

static void field_write(struct jw *w, const struct field *f) {
  jw_object(w);
  jw_k(w, "name");
  jw_strz(w, f->name);
  jw_k(w, "type");
  jw_strz(w, field_type(f)->name);
  labels(w, f->zh, f->en);
  if (f->zh_help) {
    jw_k(w, "help_zh");
    jw_strz(w, f->zh_help);
    jw_k(w, "help_en");
    jw_strz(w, f->en_help);
  }
  flag(w, "required", f->flags & FF_REQUIRED);
  flag(w, "immutable", f->flags & FF_IMMUTABLE);
  flag(w, "read_only", f->flags & FF_SYSTEM);
  flag(w, "sealed", f->flags & FF_SEALED);
  flag(w, "personal", f->flags & FF_PERSONAL);
  flag(w, "filter", f->flags & FF_FILTER);
  flag(w, "sort", f->flags & FF_SORT);
  flag(w, "lookup", f->flags & FF_LOOKUP);
  flag(w, "key", f->flags & FF_KEY);
  flag(w, "title", f->flags & FF_TITLE);
  flag(w, "scope", f->flags & FF_SCOPE);
  flag(w, "import", !(f->flags & (FF_SYSTEM | FF_NO_IMPORT)));
  if (f->min || f->max) {
    jw_k(w, "min");
    jw_i64(w, f->min);
    jw_k(w, "max");
    jw_i64(w, f->max);
  }
  if (f->scale) {
    jw_k(w, "scale");
    jw_i64(w, f->scale);
  }
  if (f->flags & FF_SEALED) {
    jw_k(w, "mask");
    jw_strz(w, mask_names[f->mask]);
  }
  if (f->initial) {
    jw_k(w, "initial");
    jw_strz(w, f->initial);
  }
  if (f->ref) {
    jw_k(w, "ref");
    jw_strz(w, f->ref);
  }
  if (f->choices) {
    jw_k(w, "choices");
    jw_array(w);
    for (const struct choice *c = f->choices; c->value; c++) {
      jw_object(w);
      jw_k(w, "value");
      jw_strz(w, c->value);
      labels(w, c->zh, c->en);
      jw_end(w);
    }
    jw_end(w);
  }
  jw_end(w);
}

static void actions_write(struct jw *w, const struct kind *k) {
  jw_k(w, "actions");
  jw_array(w);
  for (const struct transition *t = k->transitions; t && t->name; t++) {
    jw_object(w);
    jw_k(w, "name");
    jw_strz(w, t->name);
    labels(w, t->zh, t->en);
    jw_k(w, "from");
    words(w, t->from);
    jw_k(w, "to");
    jw_strz(w, t->to);
    jw_k(w, "needs");
    words(w, t->needs);
    jw_k(w, "takes");
    words(w, t->takes);
    flag(w, "second_person", t->flags & TR_SECOND_PERSON);
    flag(w, "reason", t->flags & TR_REASON);
    jw_end(w);
  }
  jw_end(w);
}

static void may_write(struct jw *w, const struct viewer *v, const struct kind *k) {
  static const char *const verbs[VERBS_] = {"read",   "names",  "create", "update",
                                            "retire", "export", "import", "reveal"};
  jw_k(w, "may");
  jw_object(w);
  for (int i = 0; i < VERBS_; i++) {
    jw_key(w, str_from(verbs[i]));
    jw_bool(w, viewer_may(v, kind_right(k, (enum verb)i), 0));
  }
  jw_k(w, "actions");
  jw_array(w);
  for (const struct transition *t = k->transitions; t && t->name; t++)
    if (viewer_may(v, transition_right(k, t), 0)) jw_strz(w, t->name);
  jw_end(w);
  jw_end(w);
}

static void kind_write(struct jw *w, const struct viewer *v, const struct kind *k,
                       const char *area) {
  jw_object(w);
  jw_k(w, "name");
  jw_strz(w, k->name);
  jw_k(w, "plural");
  jw_strz(w, k->plural);
  labels(w, k->zh, k->en);
  jw_k(w, "area");
  jw_strz(w, area);
  flag(w, "event", k->flags & KF_EVENT);
  flag(w, "issued", k->flags & KF_ISSUED);
  flag(w, "merge", k->flags & KF_MERGE);
  flag(w, "global", k->flags & KF_GLOBAL);
  flag(w, "made_by_system", k->flags & KF_NO_API);
  jw_k(w, "title_fields");
  jw_array(w);
  for (size_t i = 0; i < k->n_fields; i++)
    if (k->fields[i].flags & FF_TITLE) jw_strz(w, k->fields[i].name);
  jw_end(w);
  jw_k(w, "fields");
  jw_array(w);
  for (size_t i = 0; i < k->n_fields; i++) field_write(w, &k->fields[i]);
  jw_end(w);
  jw_k(w, "states");
  jw_array(w);
  for (const struct state *s = k->states; s && s->value; s++) {
    jw_object(w);
    jw_k(w, "value");
    jw_strz(w, s->value);
    labels(w, s->zh, s->en);
    jw_end(w);
  }
  jw_end(w);
  actions_write(w, k);
  may_write(w, v, k);
  jw_end(w);
}

static void kinds_write(struct jw *w, const struct viewer *v) {
  jw_k(w, "kinds");
  jw_array(w);
  for (const struct module *const *m = modules; *m; m++)
    for (const struct kind *const *k = (*m)->kinds; k && *k; k++)
      if (viewer_may(v, kind_right(*k, VERB_READ), 0)) kind_write(w, v, *k, (*m)->name);
  jw_end(w);
}

static void indicators_write(struct jw *w) {
  static const char *const types[] = {"flow", "state", "distinct", "derived"};
  jw_k(w, "indicators");
  jw_array(w);
  for (size_t i = 0; i < indicators_count(); i++) {
    const struct indicator *ind = indicator_at(i);
    jw_object(w);
    jw_k(w, "code");
    jw_strz(w, ind->code);
    labels(w, ind->zh, ind->en);
    jw_k(w, "definition_zh");
    jw_strz(w, ind->zh_definition);
    jw_k(w, "definition_en");
    jw_strz(w, ind->en_definition);
    jw_k(w, "unit");
    jw_strz(w, ind->measure);
    jw_k(w, "type");
    jw_strz(w, types[ind->type]);
    jw_end(w);
  }
  jw_end(w);
}

static void areas_write(struct jw *w) {
  jw_k(w, "areas");
  jw_array(w);
  for (const struct module *const *m = modules; *m; m++) {
    jw_object(w);
    jw_k(w, "name");
    jw_strz(w, (*m)->name);
    labels(w, (*m)->zh, (*m)->en);
    jw_end(w);
  }
  jw_end(w);
}

/* The rules of today with their names and limits: a screen that knew them by heart would miss the
 * next one. Values and limits stand in the unit that a rule is written in (tenths of a degree). */
static void policy_write(struct jw *w, struct rq *rq, const struct operation *op) {
  jw_k(w, "policy");
  jw_array(w);
  for (const struct policy_key *k = policy_keys; k->key; k++) {
    jw_object(w);
    jw_k(w, "key");
    jw_strz(w, k->key);
    labels(w, k->zh, k->en);
    jw_k(w, "value");
    jw_i64(w, policy(rq->app, op->no, k->key, rq->viewer->today));
    jw_k(w, "scale");
    jw_i64(w, k->scale);
    jw_k(w, "measure");
    jw_strz(w, k->measure);
    jw_k(w, "min");
    jw_i64(w, k->min);
    jw_k(w, "max");
    jw_i64(w, k->max);
    jw_k(w, "source");
    jw_strz(w, k->source);
    jw_end(w);
  }
  jw_end(w);
}

bool rq_operation_open(struct rq *rq, struct jw *w, struct operation *ret_op) {
  jw_k(w, "operation");
  if (!rq->viewer->op || operation_get(rq->app, rq->viewer->op, ret_op, NULL) < 0) {
    jw_null(w);
    return false;
  }
  jw_object(w);
  jw_k(w, "id");
  jw_uuid(w, &ret_op->id);
  jw_k(w, "code");
  jw_strz(w, ret_op->code);
  jw_k(w, "name");
  jw_strz(w, ret_op->name);
  jw_k(w, "timezone");
  jw_strz(w, ret_op->zone_name);
  return true;
}

static void operation_write(struct jw *w, struct rq *rq) {
  struct operation op;
  char day[DAY_TEXT];
  if (!rq_operation_open(rq, w, &op)) return;
  jw_k(w, "today");
  day_format(rq->viewer->today, day);
  jw_strz(w, day);
  if (op.begins > INT32_MIN) {
    jw_k(w, "begins");
    day_format(op.begins, day);
    jw_strz(w, day);
  }
  policy_write(w, rq, &op);
  jw_end(w);
}

int api_meta(struct rq *rq, struct err *e) {
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  char now[MOMENT_TEXT];
  (void)e;
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "release");
  jw_strz(&w, SHOUWANG_VERSION);
  jw_k(&w, "now");
  moment_format(rq->now_ms, rq->viewer->zone, now);
  jw_strz(&w, now);
  flag(&w, "demo", rq->app->demo);
  operation_write(&w, rq);
  areas_write(&w);
  kinds_write(&w, rq->viewer);
  indicators_write(&w);
  jw_k(&w, "rights");
  jw_array(&w);
  for (size_t i = 0; i < rights_count(); i++)
    if (viewer_may(rq->viewer, (right_t)i, 0)) jw_strz(&w, right_name((right_t)i));
  jw_end(&w);
  jw_end(&w);
  rq_json(rq, 200, &b);
  return 0;
}
