/* Playing the model case: changes are made through the same commands as users' actions, in the
 * order of the days, many in flight at once. The player owns its arena and the commands under way;
 * one thread plays. The same description gives the same records: names, times and ids come from a
 * seeded generator and the clock that is set for each step. */
#ifndef CLI_DEMO_PLAY_H
#define CLI_DEMO_PLAY_H

#include "core/app.h"
#include "domain/rosters/rosters.h"

enum { PLAY_FLIGHT = 1000 };

struct plan;
struct demo_home;        /* homes.h */
struct demo_enterprises; /* enterprises.h */
/* One person's shift on the day under way. */
struct on_duty {
  struct uuid assignment, responder, post, shift;
  int32_t day;
  int start, end;
};
struct demo_building {
  struct uuid id;
  int32_t unit;
  int64_t number;
};
struct player {
  struct app *app;
  struct arena *keep; /* the description and what is remembered to the end */
  struct arena *a;    /* of the changes in flight */
  struct viewer *v;
  json_t *doc;
  const struct zone *zone;
  uint64_t seed;
  struct cmd cmds[PLAY_FLIGHT];
  struct {
    const char *name;
    const struct problems *problems;
  } said[PLAY_FLIGHT]; /* beside the commands: what they are, what was wrong with them */
  size_t n;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  size_t open;
  int64_t made, began_ms, said_ms;
  int32_t first, last; /* days of the case */
  struct demo_person *people;
  size_t n_people;
  struct plan *plans; /* deployments to come: people.c */
  size_t n_plans;
  struct on_duty *duties; /* of the day under way: duty.c */
  size_t n_duties;
  struct demo_home *homes;
  size_t n_homes, n_residents, n_passes, n_visitors;
  struct demo_enterprises *enterprises;
  struct demo_building buildings[128];
  size_t n_buildings;
  struct demo_post *posts;
  size_t n_posts;
};

struct demo_person {
  struct uuid id, deployment;
  int32_t unit, sender; /* where he serves, who sent him; 0 before he has reported */
  int32_t busy_on;      /* the last day on which he has a shift, and when that begins */
  int busy_from;
  int32_t from, to;     /* days on which he serves there, both included */
  const char *decision; /* for the one who does not rest */
  bool resting_never;
};
struct demo_post {
  struct uuid id;
  struct str name;
  int32_t unit, since;
  size_t turn; /* whose turn it is among those who serve there */
  bool gate;
  bool passes;    /* residents show theirs; who is written down by hand comes from outside */
  int64_t events; /* a day */
  int64_t inside;
};

uint64_t play_random(struct player *p, uint64_t below);
struct uuid play_id(struct player *p);
/* Ends what is in flight, sets the clock, begins a new arena and viewer. */
_must_check_ int play_at(struct player *p, int64_t at_ms, struct err *e);
_must_check_ int play_day(struct player *p, int32_t day, int minute, struct err *e);
struct change *play_make(struct player *p, const struct kind *k, enum change_verb verb);
struct change *play_action(struct player *p, const struct kind *k, const struct uuid *id,
                           const char *action);
/* Puts it in flight; when that is full, waits. */
_must_check_ int play_add(struct player *p, struct change *c, struct err *e);
/* The same for a command that is no change; `problems` are its own, in the player's arena. */
_must_check_ int play_cmd(struct player *p, const struct cmd_class *cls, void *arg,
                          const struct problems *problems, struct err *e);
_must_check_ int play_flush(struct player *p, struct err *e);
int32_t play_unit(struct player *p, struct str code); /* 0 where none: a fault of the description */
int32_t play_date(const json_t *o, const char *key, int32_t otherwise);
struct val play_day_val(struct player *p, int32_t day);
/* An invented name, and an ID number of the area 000000, which was never given out. */
struct str play_name(struct player *p);
struct str play_citizen_id(struct player *p, int year, size_t serial);
void play_say(struct player *p, const char *what);

_must_check_ int play_units(struct player *p, struct err *e);
_must_check_ int play_people(struct player *p, struct err *e);
/* Somebody more on the roll, who is sent nowhere. */
_must_check_ int play_person(struct player *p, int32_t employer, const char *category,
                             struct uuid *ret_id, struct err *e);
_must_check_ int play_posts(struct player *p, struct err *e);
_must_check_ int play_duty_day(struct player *p, int32_t day, struct err *e);
_must_check_ int play_deployments_day(struct player *p, int32_t day, struct err *e);
_must_check_ int play_accounts(struct player *p, struct err *e);

#endif
