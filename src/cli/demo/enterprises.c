#include "cli/demo/enterprises.h"
#include "base/limits.h"
#include "domain/enterprises/contact.h"
#include "domain/enterprises/shipped.h"
#include "domain/residents/residents.h"
#include <stdio.h>

/* The register: buildings with their two heads, the callers of the service station, invented
 * enterprises. Their names have no place in them and their codes an area that was never given out,
 * so that no real one is meant. */

static size_t number_of(const json_t *o, const char *key) {
  return (size_t)json_integer_value(json_object_get(o, key));
}

struct change *play_make_at(struct player *p, const struct kind *k, enum change_verb verb,
                            int32_t day, int minute) {
  struct change *c = play_make(p, k, verb);
  c->at_ms = zone_moment(p->zone, day, minute);
  return c;
}

struct change *play_action_at(struct player *p, const struct kind *k, const struct uuid *id,
                              const char *action, int32_t day, int minute) {
  struct change *c = play_action(p, k, id, action);
  c->at_ms = zone_moment(p->zone, day, minute);
  return c;
}

/* ---- one enterprise ---- */

static struct str credit_code(struct player *p, size_t serial) {
  static const char letters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  static const uint8_t inner[] = {3, 7, 9, 10, 5, 8, 4, 2};
  char *t = arena_strz(p->a, arena_printf(p->a, "91000000%08u..", (unsigned)serial));
  unsigned sum = 0, weight = 1;
  for (size_t i = 0; i < 8; i++) sum += (unsigned)(t[8 + i] - '0') * inner[i];
  t[16] = "0X987654321"[sum % 11];
  sum = 0;
  for (size_t i = 0; i < 17; i++, weight = weight * 3 % 31)
    sum += (unsigned)(strchr(letters, t[i]) - letters) * weight;
  t[17] = letters[(31 - sum % 31) % 31];
  return (struct str){t, 18};
}

static struct str nth_char(struct str s, size_t n) {
  return str_sub(s, n * 3, 3); /* Chinese characters of the description: three bytes each */
}

static const json_t *trade_of(const struct player *p, size_t number) {
  const json_t *trades = json_object_get(json_object_get(p->doc, "enterprises"), "trades");
  return json_array_get(trades, number / 60 % json_array_size(trades));
}

static struct str firm_name(struct player *p, size_t number) {
  const json_t *all = json_object_get(p->doc, "enterprises");
  const struct str stem = nth_char(json_str(json_object_get(all, "stems")), number % 10);
  const struct str branch = nth_char(json_str(json_object_get(all, "branches")), number % 12);
  const struct str trade = json_str(json_array_get(trade_of(p, number), 0));
  return arena_printf(p->keep, STR_FMT STR_FMT STR_FMT "有限公司", STR_ARG(stem), STR_ARG(branch),
                      STR_ARG(trade));
}

static size_t serial_of(const struct player *p, const struct demo_firm *f) {
  size_t before = 1;
  for (size_t i = 0; i < p->enterprises->n_sets; i++) {
    const struct demo_set *s = &p->enterprises->sets[i];
    if (f >= s->firms && f < s->firms + s->n) return before + (size_t)(f - s->firms);
    before += s->n;
  }
  return before;
}

static int add_contact(struct player *p, const struct demo_firm *f, const char *role, size_t number,
                       int64_t at_ms, struct err *e) {
  struct change *c = play_make(p, &enterprise_contact_kind, CHANGE_CREATE);
  c->at_ms = at_ms;
  change_set(c, CONTACT_ENTERPRISE, V_UUID(f->id));
  change_set(c, CONTACT_ROLE, V_TEXTZ(role));
  change_set(c, CONTACT_NAME, V_TEXT(play_name(p)));
  change_set(c, CONTACT_PHONE, V_TEXT(arena_printf(p->a, "1603%07u", (unsigned)number)));
  return play_add(p, c, e);
}

int play_firm_add(struct player *p, struct demo_set *s, struct demo_firm *f, struct str name,
                  int64_t at_ms, struct err *e) {
  const size_t serial = serial_of(p, f);
  struct change *c = play_make(p, &enterprise_kind, CHANGE_CREATE);
  c->at_ms = at_ms;
  f->id = c->id;
  f->name = name;
  f->registered = true;
  change_set(c, ENTERPRISE_NAME, V_TEXT(name));
  change_set(c, ENTERPRISE_CREDIT_CODE, V_TEXT(credit_code(p, serial)));
  change_set(c, ENTERPRISE_UNIT, V_I64(f->unit));
  change_set(c, ENTERPRISE_HEADCOUNT, V_I64(f->staff));
  change_set(c, ENTERPRISE_INDUSTRY, V_TEXT(json_str(json_array_get(trade_of(p, serial - 1), 1))));
  change_set(c, ENTERPRISE_CONTACT, V_TEXT(play_name(p)));
  change_set(c, ENTERPRISE_PHONE, V_TEXT(arena_printf(p->a, "1602%07u", (unsigned)serial)));
  change_set(c, ENTERPRISE_AREA, V_I64(f->staff * (3 + (int64_t)(serial % 9))));
  change_set(c, ENTERPRISE_UNION, V_TEXTZ(f->staff >= 25 ? "own" : serial % 3 ? "joint" : "none"));
  if (s->n_callers) change_set(c, ENTERPRISE_CALLER, V_UUID(s->callers[f->caller]));
  if (f->building < s->n_buildings) {
    change_set(c, ENTERPRISE_BUILDING, V_UUID(s->buildings[f->building]));
    change_set(c, ENTERPRISE_ROOM,
               V_TEXT(arena_printf(p->a, "%u%02u", (unsigned)(2 + serial % 9),
                                   (unsigned)(1 + serial / 9 % 20))));
  }
  int r = play_add(p, c, e);
  if (r >= 0 && f->staff >= 25) r = add_contact(p, f, "union_chair", serial * 2, at_ms, e);
  if (r >= 0 && f->staff >= 50) r = add_contact(p, f, "epidemic_officer", serial * 2 + 1, at_ms, e);
  return r;
}

/* How many it has, and where they are as the holiday begins. */
static void firm_staff(struct player *p, const struct demo_set *s, struct demo_firm *f) {
  const size_t i = (size_t)(f - s->firms);
  const json_t *communities = json_object_get(s->o, "communities");
  f->unit = play_unit(p, json_str(json_array_get(communities, i % json_array_size(communities))));
  f->caller = s->n_callers ? i % s->n_callers : 0;
  f->building = i % 8 < s->n_buildings ? i % 8 : FIRM_BUILDINGS;
  f->small = i % 70 == 69;
  f->keeps_lines = i % 52 == 7;
  f->staff = f->small ? 2 : 4 + (int64_t)play_random(p, 36);
  if (i % 23 == 5) f->staff += 40 + (int64_t)play_random(p, 100);
  if (f->small || f->keeps_lines) return;
  f->there = (int64_t)play_random(p, (uint64_t)f->staff / 14 + 1);
  f->elsewhere = (int64_t)play_random(p, 8) == 0;
  f->here = (int64_t)play_random(p, 5) == 0;
  f->away =
      f->there + f->elsewhere +
      (f->staff - f->there - f->elsewhere - f->here) * (25 + (int64_t)play_random(p, 30)) / 100;
}

/* By which channel: shares of the description, in an order that mixes them. */
static void firm_channel(struct player *p, const struct demo_set *s, struct demo_firm *f) {
  const json_t *channels = json_object_get(s->o, "channels");
  uint64_t luck = play_random(p, 100);
  for (size_t k = 0; k < json_array_size(channels); k++) {
    const uint64_t share =
        (uint64_t)json_integer_value(json_array_get(json_array_get(channels, k), 1));
    f->channel = k;
    if (luck < share) return;
    luck -= share;
  }
}

/* ---- buildings, each with its two heads ---- */

static int add_head(struct player *p, const struct uuid *building, const struct uuid *responder,
                    const char *note, size_t number, struct err *e) {
  struct change *c = play_make(p, &building_head_kind, CHANGE_CREATE);
  change_set(c, HEAD_BUILDING, V_UUID(*building));
  if (responder)
    change_set(c, HEAD_RESPONDER, V_UUID(*responder));
  else {
    change_set(c, HEAD_NAME, V_TEXT(play_name(p)));
    change_set(c, HEAD_PHONE, V_TEXT(arena_printf(p->a, "1604%07u", (unsigned)number)));
  }
  change_set(c, HEAD_STARTS, play_day_val(p, p->first));
  change_set(c, HEAD_SIDE, V_TEXTZ(responder ? "community" : "property"));
  change_set(c, HEAD_NOTE, V_TEXTZ(note));
  return play_add(p, c, e);
}

static int add_buildings(struct player *p, struct demo_set *s, struct err *e) {
  const json_t *list = json_object_get(s->o, "buildings");
  struct change *c = play_make(p, &compound_kind, CHANGE_CREATE);
  const struct uuid compound = c->id;
  const int32_t unit = play_unit(p, json_str(json_object_get(s->o, "compound_unit")));
  change_set(c, COMPOUND_UNIT, V_I64(unit));
  change_set(c, COMPOUND_NAME, V_TEXT(json_str(json_object_get(s->o, "compound"))));
  int r = play_add(p, c, e);
  for (size_t i = 0; i < json_array_size(list) && i < FIRM_BUILDINGS && r >= 0; i++) {
    const json_t *b = json_array_get(list, i);
    c = play_make(p, &building_kind, CHANGE_CREATE);
    s->buildings[s->n_buildings++] = c->id;
    change_set(c, BUILDING_COMPOUND, V_UUID(compound));
    change_set(c, BUILDING_NAME, V_TEXT(json_str(json_array_get(b, 0))));
    change_set(c, BUILDING_MANAGER, V_TEXT(json_str(json_array_get(b, 1))));
    change_set(c, BUILDING_KIND, V_TEXTZ("office"));
    change_set(c, BUILDING_FLOORS, V_I64(8 + (int64_t)i));
    r = play_add(p, c, e);
    if (r >= 0 && s->n_callers)
      r = add_head(p, &s->buildings[i], &s->callers[i % s->n_callers], "街道干部楼长", 0, e);
    if (r >= 0) r = add_head(p, &s->buildings[i], NULL, "物业楼长", i + 10 * (size_t)unit, e);
  }
  return r;
}

/* ---- a set ---- */

static int32_t asked_from(struct player *p, const struct demo_set *s) {
  const json_t *list = json_object_get(json_object_get(p->doc, "enterprises"), "templates");
  for (size_t i = 0; i < json_array_size(list); i++)
    if (play_unit(p, json_str(json_object_get(json_array_get(list, i), "unit"))) == s->unit)
      return play_date(json_array_get(list, i), "from", p->first);
  return INT32_MAX;
}

static int set_make(struct player *p, struct demo_set *s, const json_t *o, struct err *e) {
  const int32_t station = play_unit(p, json_str(json_object_get(o, "station")));
  const size_t staff = number_of(o, "staff"), resumed = number_of(o, "resumed");
  const int32_t from = play_date(o, "resume_from", p->first), to = play_date(o, "resume_to", from);
  int r = 0;
  *s = (struct demo_set){.o = o,
                         .unit = play_unit(p, json_str(json_object_get(o, "unit"))),
                         .count = number_of(o, "count"),
                         .code = json_str(json_object_get(o, "template"))};
  s->from = asked_from(p, s);
  s->n = s->count + (json_object_get(o, "closed") != NULL);
  s->firms = arena_array(p->keep, struct demo_firm, s->n);
  if (!s->unit || !station || !s->firms) return err_set(e, E_BUG, "the description of enterprises");
  for (size_t i = 0; i < staff && i < FIRM_CALLERS && r >= 0; i++)
    r = play_person(p, station, i ? "union_cadre" : "staff", &s->callers[s->n_callers++], e);
  /* people first: what is made next refers to them */
  if (r >= 0) r = play_flush(p, e);
  if (r >= 0) r = add_buildings(p, s, e);
  for (size_t i = 0; i < s->n && r >= 0; i++) {
    struct demo_firm *f = &s->firms[i];
    firm_staff(p, s, f);
    firm_channel(p, s, f);
    /* spread over the weeks, most in February and March */
    const uint64_t days = (uint64_t)(to - from) + 1, a = play_random(p, days),
                   b = play_random(p, days);
    if (i < resumed) f->resumes = from + (int32_t)(a < b ? a : b);
  }
  return r;
}

static int register_all(struct player *p, struct demo_set *s, size_t *number, struct err *e) {
  /* the last of those counted is the one that nobody had on the register */
  const bool missed = json_object_get(s->o, "closed") != NULL;
  int r = 0;
  for (size_t i = 0; i < s->n && r >= 0; i++) {
    const struct str name = firm_name(p, (*number)++);
    if (missed && i == s->count - 1) continue;
    r = play_firm_add(p, s, &s->firms[i], name, zone_moment(p->zone, p->first, 480), e);
  }
  return r;
}

int play_enterprises(struct player *p, struct err *e) {
  const json_t *all = json_object_get(p->doc, "enterprises"), *sets = json_object_get(all, "sets");
  struct demo_enterprises *en = p->enterprises = arena_new(p->keep, struct demo_enterprises);
  const uint64_t seed = p->seed;
  size_t number = 0;
  if (!en) return err_set(e, E_NOMEM, "no memory");
  *en = (struct demo_enterprises){.seed = 20200127};
  en->gaps = arena_array(p->keep, struct uuid, json_array_size(json_object_get(all, "gaps")));
  int r = play_flush(p, e);
  p->seed = en->seed;
  for (size_t i = 0; i < json_array_size(sets) && i < FIRM_SETS && r >= 0; i++)
    r = set_make(p, &en->sets[en->n_sets++], json_array_get(sets, i), e);
  for (size_t i = 0; i < en->n_sets && r >= 0; i++) r = register_all(p, &en->sets[i], &number, e);
  if (r >= 0) r = play_flush(p, e);
  en->seed = p->seed;
  p->seed = seed;
  return r;
}

/* ---- what was shipped, taken on its day ---- */

static int take(struct player *p, const json_t *o, const char *on, bool publish, struct err *e) {
  char day[DAY_TEXT];
  day_format(play_date(o, on, p->first), day);
  struct shipped *s = arena_new(p->a, struct shipped);
  *s = (struct shipped){.app = p->app,
                        .a = p->a,
                        .viewer = p->v,
                        .source = "demo",
                        .code = json_str(json_object_get(o, "code")),
                        .unit = json_str(json_object_get(o, "unit")),
                        .from = arena_dup(p->a, (struct str){day, 10}),
                        .publish = publish};
  int r = shipped_read(s, e);
  return r < 0 ? r : play_cmd(p, &shipped_cmd, s, &s->problems, e);
}

static int take_due(struct player *p, int32_t day, struct err *e) {
  const json_t *all = json_object_get(p->doc, "enterprises");
  static const struct {
    const char *list, *on;
    bool publish;
  } kinds[] = {{"templates", "from", true}, {"checklists", "on", false}};
  int r = 0;
  for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
    const json_t *list = json_object_get(all, kinds[k].list);
    for (size_t i = 0; i < json_array_size(list) && r >= 0; i++)
      if (play_date(json_array_get(list, i), kinds[k].on, 0) == day)
        r = take(p, json_array_get(list, i), kinds[k].on, kinds[k].publish, e);
  }
  return r < 0 ? r : play_flush(p, e);
}

int play_enterprises_day(struct player *p, int32_t day, struct err *e) {
  struct demo_enterprises *en = p->enterprises;
  const uint64_t seed = p->seed;
  int r = play_flush(p, e);
  p->seed = en->seed;
  if (r >= 0) r = take_due(p, day, e);
  if (r >= 0) r = play_gaps_day(p, day, e);
  for (size_t i = 0; i < en->n_sets && r >= 0; i++) {
    r = play_resumption_day(p, &en->sets[i], day, e);
    if (r >= 0) r = play_returns_day(p, &en->sets[i], day, e);
  }
  if (r >= 0) r = play_consolidations_day(p, day, e);
  if (r >= 0) r = play_at(p, p->v->now_ms, e);
  en->seed = p->seed;
  p->seed = seed;
  return r;
}
