/* Buildings and parks in which enterprises sit: how many of them are back, have reported, are
 * missing, and who heads the building on either side. Counted for whoever asks: an enterprise, a
 * return or a gap that he may not read is not in his figures. All in the request's arena. */
#ifndef DOMAIN_DAILY_RETURNS_BUILDINGS_H
#define DOMAIN_DAILY_RETURNS_BUILDINGS_H

#include "api/api.h"
#include "domain/enterprises/enterprise.h"

enum { SIDE_PROPERTY, SIDE_COMMUNITY, SIDES };

struct house {
  struct record *building;
  int64_t enterprises, resumed; /* at the day's end */
  int64_t submitted, missing;   /* returns due that day */
  int64_t gaps, overdue;        /* not verified; of them past their day and not fixed */
  struct record *heads[SIDES];  /* in office that day; NULL */
};

/* Fills in everything but `building`. The houses are in the order of their codes. */
_must_check_ int houses_count(struct rq *rq, struct tx *tx, struct house *houses, size_t n,
                              int32_t day, struct err *e);
/* The members of one house but the building itself into the open object. */
_must_check_ int house_write(struct emit *em, struct jw *w, const struct house *h, struct err *e);

/* GET enterprises/buildings?unit=&date=&after=&limit= */
int buildings_get(struct rq *rq, struct jw *w, struct err *e);

/* The section of a building's page that says all this of it, with each of its enterprises. */
_must_check_ int building_section(struct rq *rq, struct tx *tx, const struct record *building,
                                  struct jw *w, struct err *e);

#endif
