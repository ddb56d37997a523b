#include "kind/inner.h"
#include <assert.h>

enum { REASON_CHARS = 200 };

/* May this field be sent with this verb? A problem is said where not. */
static bool accepted(struct change *c, const struct field *f) {
  const struct str name = str_from(f->name);
  if (c->internal) return true;
  switch (c->verb) {
  case CHANGE_CREATE:
  case CHANGE_UPDATE:
    if (!(f->flags & FF_SYSTEM)) return true;
    problem_add(&c->problems, PROBLEM_read_only, name);
    return false;
  case CHANGE_ACTION:
    if (word_in(c->transition->needs, name) || word_in(c->transition->takes, name)) return true;
    break;
  case CHANGE_RETIRE:
  case CHANGE_RESTORE:
  case CHANGE_MERGE:
  case CHANGE_UNMERGE:
    break;
  }
  problem_add(&c->problems, PROBLEM_unknown_field, name);
  return false;
}

static void parse_field(struct change *c, size_t i, const json_t *value) {
  const struct field *f = &c->kind->fields[i];
  const struct str name = str_from(f->name);
  struct type_ctx types = change_types(c);
  if (!accepted(c, f)) return;
  if (json_is_null(value)) {
    change_set(c, (int)i, V_NULL);
    return;
  }
  /* A masked value that a form sends back must not become the value. */
  if (f->flags & (FF_SEALED | FF_PERSONAL) && json_is_string(value) &&
      str_find_char(json_str(value), '*') != (size_t)-1) {
    problem_text(&c->problems, PROBLEM_bad_format, name, S("≠ *"), (struct str){0},
                 (struct str){0});
    return;
  }
  struct val v = V_NULL;
  /* `given` also where it is wrong: it is then not missing on top. */
  c->given[i] = true;
  if (field_from_json(&types, f, value, name, &v)) c->v[i] = v;
}

static void parse_reason(struct change *c, const json_t *value) {
  if (!json_is_string(value)) {
    problem_text(&c->problems, PROBLEM_wrong_type, S("reason"), S("text"), (struct str){0},
                 (struct str){0});
    return;
  }
  struct str text = str_trim(json_str(value));
  const size_t chars = str_utf8_len(text);
  if (chars == (size_t)-1)
    problem_add(&c->problems, PROBLEM_bad_utf8, S("reason"));
  else if (chars > REASON_CHARS)
    problem_limit(&c->problems, PROBLEM_too_long, S("reason"), REASON_CHARS);
  else
    c->reason = arena_dup(c->a, text);
}

/* Keys that are no fields: the id that a client makes, the version it saw, the reason it gives. */
static void parse_other(struct change *c, struct str key, const json_t *value) {
  static const char *const shown[] = {"seq",        "state",      "retired", "created_at",
                                      "updated_at", "created_by", "masked",  "destroyed"};
  if (str_is(key, "id")) {
    struct uuid id;
    if (!json_is_string(value) || uuid_parse(json_str(value), &id) < 0 || uuid_is_nil(&id)) {
      problem_text(&c->problems, PROBLEM_bad_format, key, S("UUID"), (struct str){0},
                   (struct str){0});
    } else if (c->verb == CHANGE_CREATE) {
      c->id = id;
      c->client_id = true;
    } else if (!uuid_eq(&id, &c->id)) {
      problem_add(&c->problems, PROBLEM_read_only, key);
    }
  } else if (str_is(key, "rev") && c->verb != CHANGE_CREATE) {
    if (json_is_integer(value) && json_integer_value(value) > 0)
      c->if_rev = json_integer_value(value);
    else
      problem_text(&c->problems, PROBLEM_wrong_type, key, S("1, 2, 3 …"), (struct str){0},
                   (struct str){0});
  } else if (str_is(key, "reason") && c->verb != CHANGE_CREATE) {
    parse_reason(c, value);
  } else {
    enum problem_code code = PROBLEM_unknown_field;
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
      if (str_is(key, shown[i])) code = PROBLEM_read_only;
    problem_add(&c->problems, code, key);
  }
}

/* What must be there: at creation, and in an action; nothing required can be taken away. */
static void missing(struct change *c) {
  for (size_t i = 0; i < c->kind->n_fields; i++) {
    const struct field *f = &c->kind->fields[i];
    const bool empty = c->v[i].t == VAL_NULL;
    bool needed = f->flags & FF_REQUIRED && !(f->flags & FF_SYSTEM) &&
                  (c->verb == CHANGE_CREATE || c->given[i]);
    if (c->verb == CHANGE_ACTION && word_in(c->transition->needs, str_from(f->name))) needed = true;
    if (!needed || !empty) continue;
    bool said = false;
    for (const struct problem *p = c->problems.first; p && !said; p = p->next)
      said = str_is(p->field, f->name) && !p->warning;
    if (!said) problem_add(&c->problems, PROBLEM_required, str_from(f->name));
  }
}

int change_parse(struct change *c, const json_t *body, struct str action, struct err *e) {
  const struct viewer *v = c->viewer;
  if (c->verb == CHANGE_ACTION) {
    c->transition = kind_transition(c->kind, action);
    if (!c->transition) return err_field(e, E_NOT_FOUND, "no such action", c->kind->name);
  }
  assert(c->verb == CHANGE_ACTION || !c->transition);
  if (body && !json_is_object(body)) return err_set(e, E_MALFORMED, "the body must be an object");
  /* Whoever has the right nowhere learns nothing from problems either. */
  if (!c->internal && !viewer_may(v, change_right(c), 0))
    return err_field(e, E_FORBIDDEN, "the right is missing", c->kind->name);
  if (!viewer_writes(v, c->kind)) problem_add(&c->problems, PROBLEM_no_operation, S("operation"));
  json_t *object = (json_t *)(uintptr_t)body; /* jansson's iterators take a non-const object */
  for (void *it = object ? json_object_iter(object) : NULL; it;
       it = json_object_iter_next(object, it)) {
    const char *key = json_object_iter_key(it);
    int i;
    if (field_find(c->kind, str_from(key), &i))
      parse_field(c, (size_t)i, json_object_iter_value(it));
    else
      parse_other(c, str_from(key), json_object_iter_value(it));
  }
  int r = change_idempotent(c) ? change_sent(c, body, e) : 0;
  if (r < 0) return r;
  change_initial(c);
  if (c->verb == CHANGE_CREATE || c->verb == CHANGE_UPDATE || c->verb == CHANGE_ACTION) missing(c);
  if (c->verb == CHANGE_ACTION && c->transition->flags & TR_REASON && !c->reason.n)
    problem_add(&c->problems, PROBLEM_required, S("reason"));

  int home;
  if (c->verb == CHANGE_CREATE && kind_scope_field(c->kind, 0, &home) && c->v[home].t == VAL_I64 &&
      !c->internal && !viewer_may(v, change_right(c), (int32_t)c->v[home].i)) {
    problem_add(&c->problems, PROBLEM_out_of_scope, field_name(c->kind, (size_t)home));
    c->inner.refused = true;
  }
  /* All at once: what the record's own rule finds in the fields that could be read, as well. */
  if (c->verb == CHANGE_CREATE && problems_any(&c->problems) && c->kind->check) {
    struct record *rec = change_fresh(c);
    change_overlay(c, NULL, rec);
    c->kind->check(c, NULL, rec, &c->problems);
  }
  if (arena_failed(c->a)) return err_set(e, E_NOMEM, "no memory for the change");
  return change_verdict(c, e);
}
