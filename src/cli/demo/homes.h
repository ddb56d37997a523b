/* Where the invented residents of the model case live, and with what pass they go in and out. Made
 * once, on the first day; kept by the player's arena to the end. */
#ifndef CLI_DEMO_HOMES_H
#define CLI_DEMO_HOMES_H

#include "cli/demo/play.h"

struct demo_resident {
  struct uuid id, pass; /* pass: nil until passes are issued, or where the household's is used */
  struct str name;
  size_t household;
  int32_t away_until; /* back in Beijing on that day; 0: never left */
  int32_t lost_on;    /* where voided */
  bool voided;
};
struct demo_household {
  struct uuid id, pass;
  struct str code;
  size_t first, n; /* its residents */
  int32_t next_exit;
  size_t turn;
  bool by_household; /* one pass for all of them */
};
struct demo_home {
  int32_t unit;
  int32_t passes_from;
  struct demo_household *households;
  size_t n_households;
  struct demo_resident *residents;
  size_t n_residents;
  struct demo_post *gates[4];
  size_t n_gates;
};

/* Compounds, buildings, households, residents. */
_must_check_ int play_homes(struct player *p, struct err *e);
/* Passes of the communities that begin with them on this day, and building heads. */
_must_check_ int play_homes_day(struct player *p, int32_t day, struct err *e);

#endif
