#include "apidoc/apidoc_module.h"
#include "figures/figures.h"
#include "core/operation.h"
#include "core/screens.h"
#include "core/version.h"

/* GET meta: what the screens are made of, cut down to what this viewer may read. */

static void labels(struct jw *w, const char *zh, const char *en) {
  jw_kstrz(w, "zh", zh);
  jw_kstrz(w, "en", en);
}

static void flag(struct jw *w, const char *name, bool on) {
  if (!on) return;
  jw_key(w, str_from(name));
  jw_bool(w, true);
}

static void text(struct jw *w, const char *key, const char *z) {
  if (!z) return;
  jw_key(w, str_from(key));
  jw_strz(w, z);
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

static void field_write(struct jw *w, const struct kind *k, size_t i) {
  const struct field *f = &k->fields[i];
  const bool at_first = field_given(k, i, true), then = field_given(k, i, false);
  jw_object(w);
  jw_kstrz(w, "name", f->name);
  jw_kstrz(w, "type", field_type(f)->name);
  labels(w, f->zh, f->en);
  if (f->zh_help) {
    jw_kstrz(w, "help_zh", f->zh_help);
    jw_kstrz(w, "help_en", f->en_help);
  }
  flag(w, "required", f->flags & FF_REQUIRED);
  flag(w, "immutable", at_first && !then);
  flag(w, "read_only", !at_first && !then);
  flag(w, "sealed", f->flags & FF_SEALED);
  flag(w, "personal", f->flags & FF_PERSONAL);
  flag(w, "filter", f->flags & FF_FILTER);
  flag(w, "sort", f->flags & FF_SORT);
  flag(w, "sort_wide", field_sorts_wide(f));
  if (f->flags & FF_SORT) text(w, "sort_with", field_sorts_with(k, i));
  flag(w, "narrows", field_narrows(k, f));
  flag(w, "lookup", f->flags & FF_LOOKUP);
  flag(w, "key", f->flags & FF_KEY);
  flag(w, "title", f->flags & FF_TITLE);
  flag(w, "scope", f->flags & FF_SCOPE);
  flag(w, "import", !(f->flags & (FF_SYSTEM | FF_NO_IMPORT)));
  if (f->min || f->max) {
    jw_ki64(w, "min", f->min);
    jw_ki64(w, "max", f->max);
  }
  if (f->scale) {
    jw_ki64(w, "scale", f->scale);
  }
  if (f->flags & FF_SEALED) {
    jw_kstrz(w, "mask", mask_names[f->mask]);
  }
  if (f->initial) {
    jw_kstrz(w, "initial", f->initial);
  }
  if (f->ref) {
    jw_kstrz(w, "ref", f->ref);
  }
  if (f->choices || f->words) {
    jw_karray(w, "choices");
    for (const struct choice *c = f->choices ? f->choices : f->words; c->value; c++) {
      jw_object(w);
      jw_kstrz(w, "value", c->value);
      labels(w, c->zh, c->en);
      jw_end(w);
    }
    jw_end(w);
  }
  jw_end(w);
}

static void actions_write(struct jw *w, const struct kind *k) {
  jw_karray(w, "actions");
  for (const struct transition *t = k->transitions; t && t->name; t++) {
    jw_object(w);
    jw_kstrz(w, "name", t->name);
    labels(w, t->zh, t->en);
    jw_k(w, "from");
    words(w, t->from);
    jw_kstrz(w, "to", t->to);
    jw_k(w, "needs");
    words(w, t->needs);
    jw_k(w, "takes");
    words(w, t->takes);
    flag(w, "second_person", t->flags & TR_SECOND_PERSON);
    flag(w, "reason", t->flags & TR_REASON);
    flag(w, "online", transition_online(t));
    jw_end(w);
  }
  jw_end(w);
}

static void may_write(struct jw *w, const struct viewer *v, const struct kind *k) {
  static const char *const verbs[VERBS_] = {"read",   "names",  "create", "update",
                                            "retire", "export", "import", "reveal"};
  jw_kobject(w, "may");
  for (int i = 0; i < VERBS_; i++) {
    jw_key(w, str_from(verbs[i]));
    jw_bool(w, viewer_may(v, kind_right(k, (enum verb)i), 0));
  }
  jw_karray(w, "actions");
  for (const struct transition *t = k->transitions; t && t->name; t++)
    if (viewer_may(v, transition_right(k, t), 0)) jw_strz(w, t->name);
  jw_end(w);
  jw_end(w);
}

static void names(struct jw *w, const char *key, const char *list) {
  if (!list) return;
  jw_key(w, str_from(key));
  words(w, list);
}

static void screen_write(struct jw *w, const struct screen *s) {
  if (!s) return;
  jw_kobject(w, "screen");
  text(w, "group", s->group);
  if (s->group) {
    jw_ki64(w, "order", s->order);
  }
  text(w, "zh", s->zh);
  text(w, "en", s->en);
  text(w, "lead_zh", s->zh_lead);
  text(w, "lead_en", s->en_lead);
  names(w, "columns", s->columns);
  names(w, "section", s->section);
  text(w, "sort", s->sort);
  names(w, "quick", s->quick);
  text(w, "link", s->link);
  names(w, "hide", s->hide);
  names(w, "offers", s->offers);
  names(w, "primary", s->primary);
  names(w, "phone", s->phone);
  names(w, "phone_offers", s->phone_offers);
  jw_end(w);
}

static const char *const tone_names[] = {"", "good", "wait", "bad"};

static void kind_write(struct jw *w, const struct viewer *v, const struct kind *k,
                       const char *area) {
  jw_object(w);
  jw_kstrz(w, "name", k->name);
  jw_kstrz(w, "plural", k->plural);
  labels(w, k->zh, k->en);
  jw_kstrz(w, "area", area);
  flag(w, "event", k->flags & KF_EVENT);
  flag(w, "issued", k->flags & KF_INHERITED_DOWN);
  flag(w, "merge", k->flags & KF_MERGE);
  flag(w, "mine", k->owner != NULL);
  flag(w, "global", k->flags & KF_GLOBAL);
  flag(w, "wide", list_wide(v, k, 0));
  flag(w, "made_by_system", k->flags & KF_NO_API);
  jw_karray(w, "title_fields");
  for (size_t i = 0; i < k->n_fields; i++)
    if (k->fields[i].flags & FF_TITLE) jw_strz(w, k->fields[i].name);
  jw_end(w);
  jw_karray(w, "fields");
  for (size_t i = 0; i < k->n_fields; i++) field_write(w, k, i);
  jw_end(w);
  jw_karray(w, "states");
  for (const struct state *s = k->states; s && s->value; s++) {
    jw_object(w);
    jw_kstrz(w, "value", s->value);
    labels(w, s->zh, s->en);
    const enum tone tone = state_tone(k, str_from(s->value));
    if (tone != TONE_NONE) {
      jw_kstrz(w, "tone", tone_names[tone]);
    }
    jw_end(w);
  }
  jw_end(w);
  if (k->frozen) {
    jw_karray(w, "frozen");
    for (const struct frozen *f = k->frozen; f->states; f++) {
      jw_object(w);
      jw_k(w, "states");
      words(w, f->states);
      jw_k(w, "fields");
      words(w, f->fields);
      jw_k(w, "but");
      words(w, f->but);
      jw_end(w);
    }
    jw_end(w);
  }
  screen_write(w, k->screen);
  actions_write(w, k);
  may_write(w, v, k);
  jw_end(w);
}

/* On a phone: only what it has a list of. */
static void kinds_write(struct jw *w, const struct viewer *v, bool phone) {
  jw_karray(w, "kinds");
  for (const struct module *const *m = modules; *m; m++)
    for (const struct kind *const *k = (*m)->kinds; k && *k; k++)
      if (viewer_may(v, kind_right(*k, VERB_READ), 0) &&
          (!phone || ((*k)->screen && (*k)->screen->phone)))
        kind_write(w, v, *k, (*m)->name);
  jw_end(w);
}

static void indicators_write(struct jw *w) {
  static const char *const types[] = {"flow", "state", "distinct", "derived"};
  jw_karray(w, "indicators");
  for (size_t i = 0; i < indicators_count(); i++) {
    const struct indicator *ind = indicator_at(i);
    jw_object(w);
    jw_kstrz(w, "code", ind->code);
    labels(w, ind->zh, ind->en);
    jw_kstrz(w, "definition_zh", ind->zh_definition);
    jw_kstrz(w, "definition_en", ind->en_definition);
    jw_kstrz(w, "unit", ind->measure);
    jw_kstrz(w, "type", types[ind->type]);
    jw_end(w);
  }
  jw_end(w);
}

static void areas_write(struct jw *w) {
  jw_karray(w, "areas");
  for (const struct module *const *m = modules; *m; m++) {
    jw_object(w);
    jw_kstrz(w, "name", (*m)->name);
    labels(w, (*m)->zh, (*m)->en);
    jw_end(w);
  }
  jw_end(w);
}

static void groups_write(struct jw *w) {
  jw_karray(w, "groups");
  for (const struct screen_group *g = screen_groups; g->code; g++) {
    jw_object(w);
    jw_kstrz(w, "code", g->code);
    labels(w, g->zh, g->en);
    flag(w, "folded", g->folded);
    jw_end(w);
  }
  jw_end(w);
}

/* The rules of today with their names and limits: a screen that knew them by heart would miss the
 * next one. Values and limits stand in the unit that a rule is written in (tenths of a degree). */
static void policy_write(struct jw *w, struct rq *rq, const struct operation *op) {
  jw_karray(w, "policy");
  for (const struct policy_key *k = policy_keys; k->key; k++) {
    jw_object(w);
    jw_kstrz(w, "key", k->key);
    labels(w, k->zh, k->en);
    jw_ki64(w, "value", policy(rq->app, op->no, k->key, rq->viewer->today));
    jw_ki64(w, "scale", k->scale);
    jw_kstrz(w, "measure", k->measure);
    jw_ki64(w, "min", k->min);
    jw_ki64(w, "max", k->max);
    jw_kstrz(w, "source_zh", k->zh_source);
    jw_kstrz(w, "source_en", k->en_source);
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
  jw_kuuid(w, "id", &ret_op->id);
  jw_kstrz(w, "code", ret_op->code);
  jw_kstrz(w, "name", ret_op->name);
  jw_kstrz(w, "timezone", ret_op->zone_name);
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

int api_meta(struct rq *rq, struct jw *w, struct err *e) {
  char now[MOMENT_TEXT];
  const bool phone = str_is(rq_arg(rq, "phone"), "1");
  (void)e;
  jw_object(w);
  jw_kstrz(w, "release", SHOUWANG_VERSION);
  jw_k(w, "now");
  moment_format(rq->now_ms, rq->viewer->zone, now);
  jw_strz(w, now);
  flag(w, "demo", rq->app->demo);
  operation_write(w, rq);
  areas_write(w);
  groups_write(w);
  kinds_write(w, rq->viewer, phone);
  if (!phone) indicators_write(w);
  jw_karray(w, "rights");
  for (size_t i = 0; i < rights_count(); i++)
    if (viewer_may(rq->viewer, (right_t)i, 0)) jw_strz(w, right_name((right_t)i));
  jw_end(w);
  jw_end(w);
  return 0;
}
