#include "base/limits.h"
#include "cli/demo/play.h"
#include "domain/units/units.h"
#include <stdlib.h>

/* Invented people: who they are, who sends them where, and when they report. A person's
 * document number has the area code 000000, which was never given out, and a right check digit;
 * phones begin with 160, a range that no operator has. */

enum { PEOPLE_MAX = 4000, PLANS_MAX = 5000 };

/* A deployment to be played on its days. */
struct plan {
  struct uuid person, batch, pairing;
  size_t index; /* of the person */
  int32_t unit, sender, report, release;
  const char *route, *team, *duties;
  struct uuid deployment;
};
static struct str nth_char(struct str s, size_t n) {
  size_t at = 0;
  for (size_t seen = 0; at < s.n; seen++) {
    size_t len = 1;
    while (at + len < s.n && ((unsigned char)s.p[at + len] & 0xc0) == 0x80) len++;
    if (seen == n) return str_sub(s, at, len);
    at += len;
  }
  return (struct str){NULL, 0};
}

struct str play_name(struct player *p) {
  const json_t *names = json_object_get(p->doc, "names");
  struct str family = json_str(json_object_get(names, "surnames"));
  struct str given = json_str(json_object_get(names, "given"));
  struct str a = nth_char(family, play_random(p, str_utf8_len(family)));
  struct str b = nth_char(given, play_random(p, str_utf8_len(given)));
  struct str c = nth_char(given, play_random(p, str_utf8_len(given)));
  if (play_random(p, 5) == 0) c.n = 0;
  return arena_printf(p->a, STR_FMT STR_FMT STR_FMT, STR_ARG(a), STR_ARG(b), STR_ARG(c));
}

struct str play_citizen_id(struct player *p, int year, size_t serial) {
  static const uint8_t weight[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  unsigned sum = 0;
  struct str id = arena_printf(p->a, "000000%04u%02u%02u%03u ", (unsigned)year,
                               1 + (unsigned)play_random(p, 12), 1 + (unsigned)play_random(p, 28),
                               (unsigned)(serial % 1000));
  char *text = arena_strz(p->a, id);
  for (size_t i = 0; i < 17; i++) sum += (unsigned)(text[i] - '0') * weight[i];
  text[17] = "10X98765432"[sum % 11];
  return (struct str){text, 18};
}

static struct str invented_id(struct player *p, size_t index) {
  return play_citizen_id(p, 1961 + (int)(index / 25 % 38), index);
}

static int add_person(struct player *p, int32_t employer, const char *category, size_t *ret_index,
                      struct err *e) {
  if (p->n_people == PEOPLE_MAX) return err_set(e, E_BUG, "too many people described");
  const size_t i = p->n_people++;
  struct change *c = play_make(p, &responder_kind, CHANGE_CREATE);
  p->people[i] = (struct demo_person){.id = c->id, .to = p->last + 1};
  change_set(c, RESPONDER_NAME, V_TEXT(play_name(p)));
  change_set(c, RESPONDER_ID_TYPE, V_TEXTZ("citizen_id"));
  change_set(c, RESPONDER_ID_NUMBER, V_TEXT(invented_id(p, i)));
  change_set(c, RESPONDER_PHONE, V_TEXT(arena_printf(p->a, "1600%07u", (unsigned)i)));
  change_set(c, RESPONDER_EMPLOYER, V_I64(employer));
  change_set(c, RESPONDER_CATEGORY, V_TEXTZ(category));
  change_set(c, RESPONDER_POLITICAL, V_TEXTZ(play_random(p, 3) ? "member" : "none"));
  change_set(c, RESPONDER_HEALTH_DECLARED, V_I64(1));
  *ret_index = i;
  return play_add(p, c, e);
}

int play_person(struct player *p, int32_t employer, const char *category, struct uuid *ret_id,
                struct err *e) {
  size_t index;
  int r = add_person(p, employer, category, &index, e);
  if (r >= 0) *ret_id = p->people[index].id;
  return r;
}

static struct plan *plan_add(struct player *p, size_t index, int32_t unit, int32_t sender,
                             const char *route, int32_t report, int32_t release) {
  if (p->n_plans == PLANS_MAX) abort();
  struct plan *pl = &p->plans[p->n_plans++];
  *pl = (struct plan){.person = p->people[index].id,
                      .index = index,
                      .unit = unit,
                      .sender = sender,
                      .route = route,
                      .report = report,
                      .release = release};
  return pl;
}

/* The communities of a branch, in the tree's order. */
static size_t communities(const struct player *p, int32_t branch, int32_t *out, size_t max) {
  const struct unit_tree *t = p->v->tree;
  const struct unit_row *top = unit_by_no(t, branch);
  size_t n = 0;
  for (int32_t i = top->first; i <= top->last && n < max; i++)
    if (str_is(unit_at(t, (size_t)i)->kind, UNIT_LEVEL_COMMUNITY))
      out[n++] = unit_at(t, (size_t)i)->no;
  if (n == 0) out[n++] = branch;
  return n;
}

static int play_sender(struct player *p, const json_t *s, struct err *e) {
  int32_t places[512];
  size_t n_places = 0;
  const int32_t sender = play_unit(p, json_str(json_object_get(s, "unit")));
  const json_t *receivers = json_object_get(s, "receivers");
  for (size_t i = 0; i < json_array_size(receivers); i++) {
    const int32_t branch = play_unit(p, json_str(json_array_get(receivers, i)));
    if (!branch) return err_set(e, E_BUG, "the description names an unknown unit");
    n_places += communities(p, branch, places + n_places, ARRAY_LEN(places) - n_places);
  }
  const int32_t from = play_date(s, "from", p->first), to = play_date(s, "to", from);
  const int64_t people = json_integer_value(json_object_get(s, "people"));
  const char *category = json_string_value(json_object_get(s, "category"));
  const char *route = json_string_value(json_object_get(s, "route"));
  int r = sender ? 0 : err_set(e, E_BUG, "the description names an unknown unit");
  for (int64_t i = 0; i < people && r >= 0; i++) {
    size_t index;
    r = add_person(p, sender, category, &index, e);
    if (r < 0) break;
    const int32_t report = from + (int32_t)play_random(p, (uint64_t)(to - from) + 1);
    /* most stay to the end; some are relieved after some weeks */
    const int32_t release =
        play_random(p, 5) ? INT32_MAX : report + 28 + (int32_t)play_random(p, 42);
    plan_add(p, index, places[(size_t)i % n_places], sender, route, report,
             release > p->last ? INT32_MAX : release);
  }
  return r;
}

static int play_batches(struct player *p, struct err *e) {
  const json_t *set = json_object_get(p->doc, "district_batches");
  const json_t *list = json_object_get(set, "batches");
  const int32_t sender = play_unit(p, json_str(json_object_get(set, "sender")));
  const size_t people = (size_t)json_integer_value(json_object_get(set, "people"));
  const size_t first = p->n_people;
  size_t next = 0;
  int r = 0;
  for (size_t i = 0, index; i < people && r >= 0; i++)
    r = add_person(p, sender, i % 3 ? "union_cadre" : "staff", &index, e);
  for (size_t i = 0; i < json_array_size(list) && r >= 0; i++) {
    const json_t *b = json_array_get(list, i);
    const json_t *receivers = json_object_get(b, "receivers");
    const int32_t day = play_date(b, "dispatched_on", p->first);
    const int64_t days = json_integer_value(json_object_get(b, "days"));
    struct change *c = play_make(p, &batch_kind, CHANGE_CREATE);
    const struct uuid batch = c->id;
    change_set(c, BATCH_NAME, V_TEXT(json_str(json_object_get(b, "name"))));
    change_set(c, BATCH_NUMBER, V_I64(json_integer_value(json_object_get(b, "number"))));
    change_set(c, BATCH_SENDER, V_I64(sender));
    change_set(c, BATCH_PLANNED, V_I64(json_integer_value(json_object_get(b, "planned"))));
    change_set(c, BATCH_STARTS, play_day_val(p, day));
    r = play_add(p, c, e);
    for (size_t j = 0; j < json_array_size(receivers); j++) {
      /* the first ones go a second time when everybody has been once */
      const size_t index = first + next++ % people;
      struct plan *pl =
          plan_add(p, index, play_unit(p, json_str(json_array_get(receivers, j))), sender,
                   "organised", day, days ? day + (int32_t)days - 1 : INT32_MAX);
      pl->batch = batch;
    }
  }
  return r;
}

static int play_pairing(struct player *p, struct err *e) {
  const json_t *set = json_object_get(p->doc, "pairing");
  const json_t *teams = json_object_get(set, "teams"),
               *receivers = json_object_get(set, "receivers");
  const int32_t sender = play_unit(p, json_str(json_object_get(set, "sender")));
  const int32_t from = play_date(set, "from", p->first);
  struct uuid pairings[8], batch;
  int32_t paired[8];
  size_t n = 0;
  int64_t planned = 0;
  int r = 0;
  for (; n < json_array_size(receivers) && n < ARRAY_LEN(pairings) && r >= 0; n++) {
    struct change *c = play_make(p, &pairing_kind, CHANGE_CREATE);
    pairings[n] = c->id;
    paired[n] = play_unit(p, json_str(json_array_get(receivers, n)));
    change_set(c, PAIRING_SENDER, V_I64(sender));
    change_set(c, PAIRING_RECEIVER, V_I64(paired[n]));
    change_set(c, PAIRING_STARTS, play_day_val(p, from));
    r = play_add(p, c, e);
  }
  for (size_t i = 0; i < json_array_size(teams); i++)
    planned += json_integer_value(json_object_get(json_array_get(teams, i), "people"));
  if (r < 0) return r;
  struct change *c = play_make(p, &batch_kind, CHANGE_CREATE);
  batch = c->id;
  change_set(c, BATCH_NAME, V_TEXTZ("对口支援组"));
  change_set(c, BATCH_NUMBER, V_I64(1));
  change_set(c, BATCH_SENDER, V_I64(sender));
  change_set(c, BATCH_PLANNED, V_I64(planned));
  change_set(c, BATCH_STARTS, play_day_val(p, from));
  r = play_add(p, c, e);
  for (size_t i = 0; i < json_array_size(teams) && r >= 0; i++) {
    const json_t *team = json_array_get(teams, i);
    const int32_t unit = play_unit(p, json_str(json_object_get(team, "unit")));
    for (int64_t k = json_integer_value(json_object_get(team, "people")); k > 0 && r >= 0; k--) {
      size_t index;
      r = add_person(p, sender, "union_cadre", &index, e);
      if (r < 0) break;
      struct plan *pl = plan_add(p, index, unit, sender, "organised", from, INT32_MAX);
      pl->team = json_string_value(json_object_get(team, "team"));
      pl->batch = batch;
      for (size_t q = 0; q < n; q++)
        if (unit_within(p->v->tree, unit, paired[q])) pl->pairing = pairings[q];
    }
  }
  return r;
}

int play_people(struct player *p, struct err *e) {
  int r = 0;
  p->people = arena_array(p->keep, struct demo_person, PEOPLE_MAX);
  p->plans = arena_array(p->keep, struct plan, PLANS_MAX);
  p->n_plans = 0;
  static const char *const sets[] = {"senders", "others"};
  r = play_pairing(p, e);
  if (r >= 0) r = play_batches(p, e);
  for (size_t s = 0; s < ARRAY_LEN(sets) && r >= 0; s++) {
    const json_t *list = json_object_get(p->doc, sets[s]);
    for (size_t i = 0; i < json_array_size(list) && r >= 0; i++) {
      r = play_sender(p, json_array_get(list, i), e);
      play_say(p, "人员 people");
    }
  }
  return r < 0 ? r : play_at(p, p->v->now_ms, e);
}

/* ---- the days ---- */

static int report(struct player *p, struct plan *pl, struct err *e) {
  struct demo_person *who = &p->people[pl->index];
  struct change *c = play_make(p, &deployment_kind, CHANGE_CREATE);
  pl->deployment = c->id;
  change_set(c, DEPLOYMENT_RESPONDER, V_UUID(pl->person));
  change_set(c, DEPLOYMENT_UNIT, V_I64(pl->unit));
  change_set(c, DEPLOYMENT_SENDER, V_I64(pl->sender));
  change_set(c, DEPLOYMENT_ROUTE, V_TEXTZ(pl->route));
  change_set(c, DEPLOYMENT_PLANNED_FROM, play_day_val(p, pl->report));
  change_set(c, DEPLOYMENT_DUTIES, V_TEXTZ("gate,screening"));
  if (!uuid_is_nil(&pl->batch)) change_set(c, DEPLOYMENT_BATCH, V_UUID(pl->batch));
  if (!uuid_is_nil(&pl->pairing)) change_set(c, DEPLOYMENT_PAIRING, V_UUID(pl->pairing));
  if (pl->team) change_set(c, DEPLOYMENT_TEAM, V_TEXTZ(pl->team));
  int r = play_add(p, c, e);
  if (r < 0) return r;
  c = play_action(p, &deployment_kind, &pl->deployment, "report");
  change_set(c, DEPLOYMENT_REPORTED_ON, play_day_val(p, pl->report));
  who->unit = pl->unit;
  who->sender = pl->sender;
  who->from = pl->report;
  who->to = pl->release == INT32_MAX ? p->last + 1 : pl->release;
  return play_add(p, c, e);
}

QUERY(q_demo_batches_due,
      "SELECT b.id FROM batch b WHERE b.state = 'planned' AND b.starts <= $1 ORDER BY b.id");

static int dispatch(struct player *p, int32_t day, struct err *e) {
  struct uuid due[64];
  size_t n = 0;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = store_read(p->app->store, &tx, e);
  if (r >= 0) r = cur_open(tx, &q_demo_batches_due, P(play_day_val(p, day)), &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1 && n < ARRAY_LEN(due)) due[n++] = cur_uuid(cur, 0);
  cur_donep(&cur);
  tx_endp(&tx);
  for (size_t i = 0; i < n && r >= 0; i++) {
    struct change *c = play_action(p, &batch_kind, &due[i], "dispatch");
    change_set(c, BATCH_DISPATCHED_ON, play_day_val(p, day));
    r = play_add(p, c, e);
  }
  return r < 0 ? r : 0;
}

int play_deployments_day(struct player *p, int32_t day, struct err *e) {
  int r = dispatch(p, day, e);
  /* relieved in the morning, relieved by others who report the same day */
  for (size_t i = 0; i < p->n_plans && r >= 0; i++) {
    struct plan *pl = &p->plans[i];
    if (pl->release != day || uuid_is_nil(&pl->deployment)) continue;
    struct change *c = play_action(p, &deployment_kind, &pl->deployment, "release");
    change_set(c, DEPLOYMENT_RELEASED_ON, play_day_val(p, day));
    change_set(c, DEPLOYMENT_RELEASE_REASON, V_TEXTZ("rotation"));
    r = play_add(p, c, e);
  }
  for (size_t i = 0; i < p->n_plans && r >= 0; i++)
    if (p->plans[i].report == day) r = report(p, &p->plans[i], e);
  return r;
}
