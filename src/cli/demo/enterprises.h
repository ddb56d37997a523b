/* The enterprises of the model case: their register, their staff coming back, the return of each
 * day, the way back to work. They have a generator of their own, so that what else the case holds
 * does not depend on them. Made on the first day; kept by the player's arena to the end. */
#ifndef CLI_DEMO_ENTERPRISES_H
#define CLI_DEMO_ENTERPRISES_H

#include "cli/demo/play.h"

enum { FIRM_SETS = 4, FIRM_CALLERS = 16, FIRM_BUILDINGS = 8, FIRM_ISOLATION = 14, FIRM_LINES = 2 };

struct demo_firm {
  struct uuid id, lines[FIRM_LINES], filing;
  struct str name;
  int32_t unit;
  size_t caller, building, channel;
  int64_t staff, here, there, elsewhere; /* staff; of Hubei origin: in town, in Hubei, elsewhere */
  int64_t away, isolating[FIRM_ISOLATION], back_today, finished;
  int32_t planned, resumes; /* day on which it will resume; 0: never */
  int32_t filed;            /* day of its filing */
  bool keeps_lines, small, resumed, suspended, registered, closed;
  char last[200]; /* what was reported the day before */
};
struct demo_set {
  const json_t *o;
  int32_t unit, from; /* the first day of its return */
  struct demo_firm *firms;
  size_t n, count; /* count: on the register at the end */
  struct uuid callers[FIRM_CALLERS], buildings[FIRM_BUILDINGS];
  size_t n_callers, n_buildings;
  struct str code; /* of its template */
};
struct demo_enterprises {
  struct demo_set sets[FIRM_SETS];
  size_t n_sets;
  uint64_t seed;
  struct uuid *gaps; /* by their place in the description */
};

/* Buildings, callers, the register: before the first day. */
_must_check_ int play_enterprises(struct player *p, struct err *e);
/* All of one day; ends with nothing in flight. */
_must_check_ int play_enterprises_day(struct player *p, int32_t day, struct err *e);

/* Within a day: enterprises.c calls them. */
_must_check_ int play_firm_add(struct player *p, struct demo_set *s, struct demo_firm *f,
                               struct str name, int64_t at_ms, struct err *e);
_must_check_ int play_returns_day(struct player *p, struct demo_set *s, int32_t day, struct err *e);
_must_check_ int play_resumption_day(struct player *p, struct demo_set *s, int32_t day,
                                     struct err *e);
_must_check_ int play_gaps_day(struct player *p, int32_t day, struct err *e);
_must_check_ int play_consolidations_day(struct player *p, int32_t day, struct err *e);
/* A change as play_make makes it, at that minute of the day. */
struct change *play_make_at(struct player *p, const struct kind *k, enum change_verb verb,
                            int32_t day, int minute);
struct change *play_action_at(struct player *p, const struct kind *k, const struct uuid *id,
                              const char *action, int32_t day, int minute);

#endif
