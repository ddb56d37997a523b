#include "base/limits.h"
#include "cli/demo/gates.h"
#include "domain/gate/gate.h"
#include <stdlib.h>

/* The days at the posts: shifts, who is assigned, who signs in, and the daily life at the gates. */

enum { POSTS_MAX = 256, SHIFTS_MAX = 8, AT_UNIT_MAX = 400, EVENTS_MAX = 200 };

static const struct demo_shift {
  const char *name;
  int start, end;
} gate_shifts[] = {{"夜班", 0, 360}, {"早班", 360, 720}, {"午班", 720, 1080}, {"晚班", 1080, 1440}},
  office_shifts[] = {{"白班", 480, 960}};

static int play_templates(struct player *p, const struct demo_post *post, struct err *e) {
  const struct demo_shift *s = post->gate ? gate_shifts : office_shifts;
  const size_t n = post->gate ? ARRAY_LEN(gate_shifts) : ARRAY_LEN(office_shifts);
  int r = 0;
  for (size_t i = 0; i < n && r >= 0; i++) {
    struct change *c = play_make(p, &shift_template_kind, CHANGE_CREATE);
    change_set(c, TEMPLATE_POST, V_UUID(post->id));
    change_set(c, TEMPLATE_NAME, V_TEXTZ(s[i].name));
    change_set(c, TEMPLATE_START, V_I64(s[i].start));
    change_set(c, TEMPLATE_END, V_I64(s[i].end));
    change_set(c, TEMPLATE_REQUIRED, V_I64(post->gate ? 2 : 1));
    change_set(c, TEMPLATE_FROM, play_day_val(p, post->since));
    r = play_add(p, c, e);
  }
  return r;
}

int play_posts(struct player *p, struct err *e) {
  const json_t *list = json_object_get(p->doc, "posts");
  p->posts = arena_array(p->keep, struct demo_post, POSTS_MAX);
  p->duties = arena_array(p->keep, struct on_duty, POSTS_MAX * SHIFTS_MAX);
  int r = 0;
  for (size_t i = 0; i < json_array_size(list) && i < POSTS_MAX && r >= 0; i++) {
    const json_t *o = json_array_get(list, i);
    struct demo_post *post = &p->posts[p->n_posts++];
    struct change *c = play_make(p, &post_kind, CHANGE_CREATE);
    const struct str kind = json_str(json_object_get(o, "kind"));
    *post = (struct demo_post){.id = c->id,
                               .name = json_str(json_object_get(o, "name")),
                               .unit = play_unit(p, json_str(json_object_get(o, "unit"))),
                               .since = play_date(o, "since", p->first),
                               .gate = str_is(kind, "gate"),
                               .events = json_integer_value(json_object_get(o, "gate_events"))};
    change_set(c, POST_NAME, V_TEXT(json_str(json_object_get(o, "name"))));
    change_set(c, POST_UNIT, V_I64(post->unit));
    change_set(c, POST_KIND, V_TEXT(kind));
    change_set(c, POST_REQUIRED, V_I64(post->gate ? 2 : 1));
    change_set(c, POST_PHOTO, V_I64(json_is_true(json_object_get(o, "photo"))));
    r = play_add(p, c, e);
    if (r >= 0) r = play_templates(p, post, e);
  }
  return r < 0 ? r : play_at(p, p->v->now_ms, e);
}

/* ---- one assignment, from the roster to the sign-out ---- */

static int sign(struct player *p, const struct on_duty *d, const char *phase, int64_t at,
                int64_t temperature, struct err *e) {
  struct change *c = play_make(p, &sign_in_kind, CHANGE_CREATE);
  change_set(c, SIGN_IN_ASSIGNMENT, V_UUID(d->assignment));
  change_set(c, SIGN_IN_PHASE, V_TEXTZ(phase));
  change_set(c, SIGN_IN_DEVICE_AT, V_I64(at));
  if (temperature) change_set(c, SIGN_IN_TEMPERATURE, V_I64(temperature));
  return play_add(p, c, e);
}

static int turn_up(struct player *p, const struct on_duty *d, struct err *e) {
  const int64_t now = p->v->now_ms, starts = zone_moment(p->zone, d->day, d->start);
  const int64_t ends = zone_moment(p->zone, d->end == 1440 ? d->day + 1 : d->day, d->end % 1440);
  const uint64_t luck = play_random(p, 200);
  const int64_t early = (int64_t)play_random(p, 20 * 60) * MS_SECOND + 2 * MS_MINUTE;
  const int64_t temp = 361 + (int64_t)play_random(p, 8);
  if (starts > now) return 0;
  if (luck >= 199) return 0; /* no word of him: due, not heard from */
  if (luck >= 197) {
    struct change *c = play_action(p, &assignment_kind, &d->assignment, "mark_absent");
    return play_add(p, c, e);
  }
  if (luck >= 192) {
    struct change *c = play_action(p, &assignment_kind, &d->assignment, "excuse");
    change_set(c, ASSIGNMENT_EXCUSE, V_TEXTZ("leave"));
    return play_add(p, c, e);
  }
  const bool late = luck >= 184;
  const int64_t at = late ? starts + early / 2 : starts - early;
  int r = sign(p, d, "in", at, temp, e);
  if (r < 0 || ends > now) return r;
  return sign(p, d, "out", ends + (int64_t)play_random(p, 300) * MS_SECOND, 0, e);
}

/* Those who serve at this unit on this day, in the order of their coming. */
static size_t serving(const struct player *p, int32_t unit, int32_t day, size_t *out) {
  size_t n = 0;
  for (size_t i = 0; i < p->n_people && n < AT_UNIT_MAX; i++) {
    const struct demo_person *who = &p->people[i];
    if (who->unit == unit && who->from < day && who->to > day && !who->resting_never) out[n++] = i;
  }
  return n;
}

static int assign(struct player *p, const struct uuid *shift, const struct demo_person *who,
                  bool lead, struct on_duty *d, struct err *e) {
  struct change *c = play_make(p, &assignment_kind, CHANGE_CREATE);
  d->assignment = c->id;
  change_set(c, ASSIGNMENT_SHIFT, V_UUID(*shift));
  change_set(c, ASSIGNMENT_RESPONDER, V_UUID(who->id));
  change_set(c, ASSIGNMENT_LEAD, V_I64(lead));
  if (who->decision) change_set(c, ASSIGNMENT_DECISION, V_TEXTZ(who->decision));
  return play_add(p, c, e);
}

static int make_shift(struct player *p, const struct demo_post *post, int32_t day,
                      const struct demo_shift *s, struct uuid *ret_id, struct err *e) {
  struct change *c = play_make(p, &shift_kind, CHANGE_CREATE);
  *ret_id = c->id;
  change_set(c, SHIFT_POST, V_UUID(post->id));
  change_set(c, SHIFT_DATE, play_day_val(p, day));
  change_set(c, SHIFT_START, V_I64(s->start));
  change_set(c, SHIFT_END, V_I64(s->end));
  change_set(c, SHIFT_REQUIRED, V_I64(post->gate ? 2 : 1));
  return play_add(p, c, e);
}

static const struct demo_person *never_resting(const struct player *p, int32_t unit) {
  for (size_t i = 0; i < p->n_people; i++)
    if (p->people[i].resting_never && p->people[i].unit == unit) return &p->people[i];
  return NULL;
}

/* Nobody is on duty twice a day: fewer people, fewer shifts manned. */
static const struct demo_person *next_free(struct player *p, struct demo_post *post,
                                           const size_t *there, size_t n, int32_t day, int start) {
  for (size_t tries = 0; tries < n; tries++) {
    struct demo_person *who = &p->people[there[post->turn++ % n]];
    if (who->busy_on == day) continue;
    who->busy_on = day;
    who->busy_from = start;
    return who;
  }
  return NULL;
}

static int roster_post(struct player *p, struct demo_post *post, int32_t day,
                       struct on_duty *duties, size_t *n_duties, struct err *e) {
  size_t there[AT_UNIT_MAX];
  const size_t n = serving(p, post->unit, day, there);
  const struct demo_person *stays = post->gate ? NULL : never_resting(p, post->unit);
  const struct demo_shift *s = post->gate ? gate_shifts : office_shifts;
  const size_t shifts = post->gate ? ARRAY_LEN(gate_shifts) : ARRAY_LEN(office_shifts);
  int r = 0;
  for (size_t i = 0; i < shifts && r >= 0; i++) {
    struct uuid shift;
    r = make_shift(p, post, day, &s[i], &shift, e);
    for (size_t k = 0; k < (post->gate ? 2u : 1u) && r >= 0; k++) {
      const struct demo_person *who = stays ? stays : next_free(p, post, there, n, day, s[i].start);
      if (!who) break;
      struct on_duty *d = &duties[(*n_duties)++];
      *d = (struct on_duty){.post = post->id,
                            .shift = shift,
                            .responder = who->id,
                            .day = day,
                            .start = s[i].start,
                            .end = s[i].end};
      r = assign(p, &shift, who, k == 0, d, e);
    }
  }
  return r;
}

/* ---- the gates ---- */

static int gate_event(struct player *p, struct demo_post *post, int64_t at, struct err *e) {
  const struct str family = json_str(json_object_get(json_object_get(p->doc, "names"), "surnames"));
  const size_t who = play_random(p, family.n / 3) * 3;
  const uint64_t luck = play_random(p, 1000);
  /* nobody leaves who did not come in: residents who never passed are not counted */
  const bool in = play_random(p, 2) || post->inside == 0;
  struct change *c = play_make(p, &gate_event_kind, CHANGE_CREATE);
  change_set(c, GATE_POST, V_UUID(post->id));
  change_set(c, GATE_DIRECTION, V_TEXTZ(in ? "in" : "out"));
  change_set(c, GATE_WHO,
             V_TEXT(arena_printf(p->a, STR_FMT "%s", STR_ARG(str_sub(family, who, 3)),
                                 play_random(p, 2) ? "女士" : "先生")));
  change_set(c, GATE_DOOR,
             V_TEXT(arena_printf(p->a, "%u-%u-%u0%u", 1 + (unsigned)play_random(p, 20),
                                 1 + (unsigned)play_random(p, 4), 1 + (unsigned)play_random(p, 6),
                                 1 + (unsigned)play_random(p, 3))));
  change_set(c, GATE_DEVICE_AT, V_I64(at));
  change_set(c, GATE_TEMPERATURE, V_I64(360 + (int64_t)play_random(p, 10)));
  change_set(c, GATE_WHO_KIND,
             V_TEXTZ(luck < 850   ? post->passes ? luck < 550 ? "courier" : "worker" : "resident"
                     : luck < 950 ? "courier"
                                  : "visitor"));
  change_set(c, GATE_OUTCOME, V_TEXTZ("admitted"));
  const bool turned_away = in && ((luck >= 940 && luck < 950) || luck == 996);
  if (!turned_away) post->inside += in ? 1 : -1;
  if (luck >= 940 && luck < 950 && in) {
    change_set(c, GATE_OUTCOME, V_TEXTZ("refused"));
    change_set(c, GATE_REASON, V_TEXTZ("未登记的外来人员"));
  } else if (luck >= 997) {
    change_set(c, GATE_FIRST_TEMPERATURE, V_I64(374));
    change_set(c, GATE_OUTCOME, V_TEXTZ("remeasured"));
  } else if (luck == 996 && in) {
    change_set(c, GATE_FIRST_TEMPERATURE, V_I64(378));
    change_set(c, GATE_TEMPERATURE, V_I64(379));
    change_set(c, GATE_OUTCOME, V_TEXTZ("fever_clinic"));
  } else if (luck < 80) {
    change_set(c, GATE_VEHICLE,
               V_TEXT(arena_printf(p->a, "京A%05u", (unsigned)play_random(p, 100000))));
  }
  return play_add(p, c, e);
}

static int earlier(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

static int gate_day(struct player *p, struct demo_post *post, int32_t day, struct err *e) {
  int r = 0;
  int64_t at[EVENTS_MAX];
  const int64_t opens = zone_moment(p->zone, day, 360);
  const int64_t n = post->events < EVENTS_MAX ? post->events : EVENTS_MAX;
  for (int64_t i = 0; i < n; i++) at[i] = opens + (int64_t)play_random(p, 16 * 3600) * MS_SECOND;
  qsort(at, (size_t)n, sizeof at[0], earlier);
  for (int64_t i = 0; i < n && r >= 0; i++)
    if (at[i] <= p->v->now_ms) r = gate_event(p, post, at[i], e);
  return r;
}

int play_duty_day(struct player *p, int32_t day, struct err *e) {
  struct on_duty *duties = p->duties;
  size_t n = 0;
  int r = 0;
  for (size_t i = 0; i < p->n_posts && r >= 0; i++)
    if (p->posts[i].since <= day) r = roster_post(p, &p->posts[i], day, duties, &n, e);
  p->n_duties = n;
  /* the night shift is over by now; of the last day, what has begun, with two minutes left for what
   * follows from it */
  if (r >= 0) r = play_day(p, day, day == p->last ? 17 * 60 + 28 : 24 * 60 - 1, e);
  for (size_t i = 0; i < n && r >= 0; i++) r = turn_up(p, &duties[i], e);
  if (r >= 0) r = play_flush(p, e);
  for (size_t i = 0; i < p->n_posts && r >= 0; i++)
    if (p->posts[i].gate && p->posts[i].since <= day) r = gate_day(p, &p->posts[i], day, e);
  return r < 0 ? r : play_gates_day(p, day, e);
}
