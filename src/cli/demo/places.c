#include "cli/demo/play.h"
#include "base/limits.h"
#include "domain/units/units.h"

/* The operation, its rules, the units and the accounts of the model case. */

static struct val text_of(const json_t *o, const char *key) {
  return V_TEXT(json_str(json_object_get(o, key)));
}

static int play_operation(struct player *p, struct err *e) {
  const json_t *op = json_object_get(p->doc, "operation");
  struct change *c = play_make(p, &operation_kind, CHANGE_CREATE);
  const struct uuid id = c->id;
  change_set(c, OPERATION_CODE, text_of(op, "code"));
  change_set(c, OPERATION_NAME, text_of(op, "name"));
  change_set(c, OPERATION_TIMEZONE, text_of(op, "timezone"));
  change_set(c, OPERATION_BEGINS, text_of(op, "begins"));
  int r = play_add(p, c, e);
  /* the rules below belong to it, and the viewer must know it */
  if (r >= 0) r = play_at(p, p->v->now_ms, e);
  const json_t *rules = json_object_get(p->doc, "policies");
  for (size_t i = 0; i < json_array_size(rules) && r >= 0; i++) {
    const json_t *rule = json_array_get(rules, i);
    c = play_make(p, &policy_rule_kind, CHANGE_CREATE);
    change_set(c, POLICY_OPERATION, V_UUID(id));
    change_set(c, POLICY_KEY, text_of(rule, "key"));
    change_set(c, POLICY_FROM, text_of(rule, "from"));
    change_set(c, POLICY_VALUE, V_I64(json_integer_value(json_object_get(rule, "value"))));
    change_set(c, POLICY_SOURCE, text_of(rule, "source"));
    r = play_add(p, c, e);
  }
  return r;
}

static struct val aliases_of(struct player *p, const json_t *unit) {
  const json_t *list = json_object_get(unit, "aliases");
  struct buf b = BUF_INIT(KIB(4));
  for (size_t i = 0; i < json_array_size(list); i++) {
    if (i) buf_char(&b, ',');
    buf_str_add(&b, json_str(json_array_get(list, i)));
  }
  struct val v = b.n ? V_TEXT(arena_dup(p->a, buf_str(&b))) : V_NULL;
  buf_done(&b);
  return v;
}

int play_units(struct player *p, struct err *e) {
  int r = play_operation(p, e);
  const json_t *units = json_object_get(p->doc, "units");
  for (size_t i = 0; i < json_array_size(units) && r >= 0; i++) {
    const json_t *u = json_array_get(units, i);
    struct change *c = play_make(p, &unit_kind, CHANGE_CREATE);
    change_set(c, UNIT_CODE, text_of(u, "code"));
    change_set(c, UNIT_NAME, text_of(u, "name"));
    change_set(c, UNIT_KIND, text_of(u, "kind"));
    if (json_is_string(json_object_get(u, "parent")))
      change_set(c, UNIT_PARENT_CODE, text_of(u, "parent"));
    if (json_object_get(u, "valid_from")) change_set(c, UNIT_VALID_FROM, text_of(u, "valid_from"));
    struct val aliases = aliases_of(p, u);
    if (aliases.t != VAL_NULL) change_set(c, UNIT_ALIASES, aliases);
    r = play_add(p, c, e);
  }
  return r < 0 ? r : play_at(p, p->v->now_ms, e);
}

/* Whoever holds the demonstration's gate account is one of those who serve at that community, with
 * the shift that comes next: his phone has something to do. */
static struct uuid someone_at(const struct player *p, int32_t unit) {
  const struct demo_person *found = NULL;
  for (size_t i = 0; i < p->n_people; i++) {
    const struct demo_person *who = &p->people[i];
    if (who->unit != unit || who->busy_on != p->last) continue;
    if (!found || who->busy_from > found->busy_from) found = who;
  }
  return found ? found->id : (struct uuid){{0}};
}

static int play_account(struct player *p, const json_t *row, struct err *e) {
  const int32_t unit = play_unit(p, json_str(json_object_get(row, "unit")));
  struct change *c = play_make(p, &account_kind, CHANGE_CREATE);
  const struct uuid id = c->id;
  change_set(c, ACCOUNT_LOGIN, text_of(row, "login"));
  change_set(c, ACCOUNT_NAME, text_of(row, "name"));
  change_set(c, ACCOUNT_UNIT, V_I64(unit));
  if (json_object_get(row, "responder_at")) {
    const struct uuid who =
        someone_at(p, play_unit(p, json_str(json_object_get(row, "responder_at"))));
    change_set(c, ACCOUNT_RESPONDER, V_UUID(who));
  }
  int r = play_add(p, c, e);
  if (r < 0) return r;
  c = play_make(p, &role_grant_kind, CHANGE_CREATE);
  change_set(c, GRANT_ACCOUNT, V_UUID(id));
  change_set(c, GRANT_ROLE, text_of(row, "role"));
  change_set(c, GRANT_UNIT, V_I64(unit));
  r = play_add(p, c, e);
  if (r >= 0) r = play_at(p, p->v->now_ms, e);
  if (r >= 0) r = auth_set_password(p->app->auth, &id, S("shouwang-demo"), false, e);
  return r;
}

int play_accounts(struct player *p, struct err *e) {
  int r = 0;
  const json_t *list = json_object_get(p->doc, "accounts");
  for (size_t i = 0; i < json_array_size(list) && r >= 0; i++)
    r = play_account(p, json_array_get(list, i), e);
  return r;
}
