#include "cli/demo/homes.h"
#include "base/limits.h"
#include "domain/gate/passes.h"
#include "domain/residents/residents.h"
#include "output/pass.h"

enum { HOMES_MAX = 16, MEMBERS_MAX = 4 };

static struct str zh_number(struct player *p, const char *form, int64_t n) {
  return arena_printf(p->a, form, (int)n);
}

/* ---- one household ---- */

static int play_resident(struct player *p, struct demo_home *h, size_t household, size_t member,
                         struct err *e) {
  static const char *const relations[MEMBERS_MAX] = {"户主", "配偶", "子女", "父母"};
  const size_t i = h->n_residents++;
  const size_t number = p->n_residents++;
  /* head and spouse of working age, a child or somebody old beside them */
  const int year = member < 2    ? 1962 + (int)play_random(p, 30)
                   : member == 2 ? 1990 + (int)play_random(p, 24)
                                 : 1936 + (int)play_random(p, 22);
  struct change *c = play_make(p, &resident_kind, CHANGE_CREATE);
  const struct str name = arena_dup(p->keep, play_name(p));
  h->residents[i] = (struct demo_resident){
      .id = c->id,
      .name = name,
      .household = household,
      .away_until = play_random(p, 5) < 2 ? p->first + (int32_t)play_random(p, 16) : 0};
  change_set(c, RESIDENT_HOUSEHOLD, V_UUID(h->households[household].id));
  change_set(c, RESIDENT_NAME, V_TEXT(name));
  change_set(c, RESIDENT_CITIZEN_ID, V_TEXT(play_citizen_id(p, year, number)));
  if (member < 2 || year < 2008)
    change_set(c, RESIDENT_PHONE, V_TEXT(arena_printf(p->a, "1601%07u", (unsigned)number)));
  change_set(c, RESIDENT_RELATION, V_TEXTZ(relations[member]));
  if (year < 1945) {
    change_set(c, RESIDENT_NO_PHONE, V_I64(1));
    change_set(c, RESIDENT_CARE, V_TEXTZ("chronic"));
  }
  h->households[household].n++;
  return play_add(p, c, e);
}

static int play_household(struct player *p, struct demo_home *h, const struct uuid *building,
                          int64_t number, int64_t stairwell, int door, bool by_household,
                          struct err *e) {
  static const uint8_t members[] = {1, 2, 2, 3, 3, 3, 4, 2};
  const size_t i = h->n_households++;
  struct change *c = play_make(p, &household_kind, CHANGE_CREATE);
  h->households[i] = (struct demo_household){
      .id = c->id,
      .code = arena_printf(p->keep, "%d-%d-%d", (int)number, (int)stairwell, door),
      .first = h->n_residents,
      .next_exit = (int32_t)play_random(p, 2),
      .by_household = by_household};
  change_set(c, HOUSEHOLD_BUILDING, V_UUID(*building));
  change_set(c, HOUSEHOLD_STAIRWELL, V_TEXT(arena_printf(p->a, "%d", (int)stairwell)));
  change_set(c, HOUSEHOLD_DOOR, V_TEXT(arena_printf(p->a, "%d", door)));
  change_set(c, HOUSEHOLD_TENURE, V_TEXTZ(play_random(p, 4) ? "own" : "rent"));
  int r = play_add(p, c, e);
  const size_t n = members[play_random(p, sizeof members)];
  for (size_t m = 0; m < n && r >= 0; m++) r = play_resident(p, h, i, m, e);
  return r;
}

/* ---- one compound ---- */

static bool listed(const json_t *list, int64_t number) {
  for (size_t i = 0; i < json_array_size(list); i++)
    if (json_integer_value(json_array_get(list, i)) == number) return true;
  return false;
}

static int play_building(struct player *p, struct demo_home *h, const json_t *o,
                         const struct uuid *compound, int64_t number, int64_t households,
                         struct err *e) {
  const int64_t stairwells = json_integer_value(json_object_get(o, "stairwells"));
  const bool by_household = listed(json_object_get(o, "household_passes"), number);
  struct change *c = play_make(p, &building_kind, CHANGE_CREATE);
  const struct uuid building = c->id;
  change_set(c, BUILDING_COMPOUND, V_UUID(*compound));
  change_set(c, BUILDING_NAME, V_TEXT(zh_number(p, "%d号楼", number)));
  change_set(c, BUILDING_FLOORS, V_I64(6));
  change_set(c, BUILDING_STAIRWELLS, V_I64(stairwells));
  int r = play_add(p, c, e);
  for (int64_t i = 0; i < households && r >= 0; i++) {
    const int64_t stairwell = i % stairwells + 1;
    const int door = (int)(i / stairwells / 2 + 1) * 100 + (int)(i / stairwells % 2 + 1);
    r = play_household(p, h, &building, number, stairwell, door, by_household, e);
  }
  if (r >= 0 && p->n_buildings < ARRAY_LEN(p->buildings))
    p->buildings[p->n_buildings++] = (struct demo_building){building, h->unit, number};
  return r;
}

static int play_home(struct player *p, struct demo_home *h, const json_t *o, struct err *e) {
  const json_t *buildings = json_object_get(o, "buildings");
  const size_t n = json_array_size(buildings);
  const int64_t all = json_integer_value(json_object_get(o, "households"));
  *h = (struct demo_home){.unit = play_unit(p, json_str(json_object_get(o, "unit"))),
                          .passes_from = play_date(o, "passes_from", p->first)};
  if (!h->unit || !n) return err_set(e, E_BUG, "the description of a compound");
  h->households = arena_array(p->keep, struct demo_household, (size_t)all + n);
  h->residents = arena_array(p->keep, struct demo_resident, ((size_t)all + n) * MEMBERS_MAX);
  for (size_t i = 0; i < p->n_posts && h->n_gates < ARRAY_LEN(h->gates); i++)
    if (p->posts[i].unit == h->unit && p->posts[i].gate) h->gates[h->n_gates++] = &p->posts[i];
  struct change *c = play_make(p, &compound_kind, CHANGE_CREATE);
  const struct uuid compound = c->id;
  change_set(c, COMPOUND_UNIT, V_I64(h->unit));
  change_set(c, COMPOUND_NAME, V_TEXT(json_str(json_object_get(o, "compound"))));
  change_set(c, COMPOUND_ADDRESS, V_TEXT(json_str(json_object_get(o, "address"))));
  int r = play_add(p, c, e);
  for (size_t i = 0; i < n && r >= 0; i++)
    r = play_building(p, h, o, &compound, json_integer_value(json_array_get(buildings, i)),
                      all / (int64_t)n, e);
  return r;
}

int play_homes(struct player *p, struct err *e) {
  const json_t *list = json_object_get(p->doc, "homes");
  int r = 0;
  p->homes = arena_array(p->keep, struct demo_home, HOMES_MAX);
  for (size_t i = 0; i < json_array_size(list) && i < HOMES_MAX && r >= 0; i++)
    r = play_home(p, &p->homes[p->n_homes++], json_array_get(list, i), e);
  return r < 0 ? r : play_flush(p, e);
}

/* ---- passes ---- */

static int play_pass(struct player *p, const struct uuid *household, const struct uuid *resident,
                     int32_t from, struct uuid *ret_pass, struct err *e) {
  char number[PASS_NUMBER_DIGITS + 1];
  struct change *c = play_make(p, &pass_kind, CHANGE_CREATE);
  *ret_pass = c->id;
  /* the same on each loading, so that cards printed once are good again */
  pass_number((uint32_t)(p->n_passes++ * 7919 % PASS_NUMBERS), number);
  change_set(c, PASS_NUMBER, V_TEXT(arena_dup(p->a, str_from(number))));
  change_set(c, PASS_SERIAL, V_I64((int64_t)(play_random(p, 0) >> 11)));
  change_set(c, PASS_CLASS, V_TEXTZ(resident ? "person" : "household"));
  change_set(c, PASS_HOUSEHOLD, V_UUID(*household));
  if (resident) change_set(c, PASS_RESIDENT, V_UUID(*resident));
  change_set(c, PASS_VALID_FROM, play_day_val(p, from));
  change_set(c, PASS_VALID_TO, V_TEXTZ("2020-06-30"));
  change_set(c, PASS_PRINTED_AT, V_I64(p->v->now_ms));
  return play_add(p, c, e);
}

static int issue(struct player *p, struct demo_home *h, int32_t day, struct err *e) {
  int r = 0;
  for (size_t i = 0; i < h->n_gates; i++) h->gates[i]->passes = true;
  for (size_t i = 0; i < h->n_households && r >= 0; i++) {
    struct demo_household *hh = &h->households[i];
    if (hh->by_household) {
      hh->next_exit += day;
      r = play_pass(p, &hh->id, NULL, day, &hh->pass, e);
      continue;
    }
    for (size_t k = 0; k < hh->n && r >= 0; k++) {
      struct demo_resident *who = &h->residents[hh->first + k];
      r = play_pass(p, &hh->id, &who->id, day, &who->pass, e);
    }
  }
  return r;
}

/* ---- building heads ---- */

static int play_head(struct player *p, const json_t *o, struct err *e) {
  const int32_t unit = play_unit(p, json_str(json_object_get(o, "unit")));
  const int32_t sender = play_unit(p, json_str(json_object_get(o, "sender")));
  const int64_t number = json_integer_value(json_object_get(o, "building"));
  const struct demo_building *b = NULL;
  const struct demo_person *who = NULL;
  for (size_t i = 0; i < p->n_buildings; i++)
    if (p->buildings[i].unit == unit && p->buildings[i].number == number) b = &p->buildings[i];
  for (size_t i = 0; i < p->n_people && !who; i++)
    if (p->people[i].unit == unit && p->people[i].sender == sender) who = &p->people[i];
  if (!b || !who) return err_set(e, E_BUG, "the description of a building head");
  struct change *c = play_make(p, &building_head_kind, CHANGE_CREATE);
  change_set(c, HEAD_BUILDING, V_UUID(b->id));
  change_set(c, HEAD_RESPONDER, V_UUID(who->id));
  change_set(c, HEAD_STARTS, V_TEXT(json_str(json_object_get(o, "from"))));
  return play_add(p, c, e);
}

int play_homes_day(struct player *p, int32_t day, struct err *e) {
  const json_t *heads = json_object_get(p->doc, "building_heads");
  int r = 0;
  for (size_t i = 0; i < p->n_homes && r >= 0; i++)
    if (p->homes[i].passes_from == day) r = issue(p, &p->homes[i], day, e);
  for (size_t i = 0; i < json_array_size(heads) && r >= 0; i++)
    if (play_date(json_array_get(heads, i), "from", 0) == day)
      r = play_head(p, json_array_get(heads, i), e);
  return r < 0 ? r : play_flush(p, e);
}
