/* The four parties that answer for an enterprise (the locality, the competent department, the
 * employer, the individual): whose part nobody holds on a day. A part is held by an entry whose
 * dates include the day. Memory is the request's arena. */
#ifndef DOMAIN_ENTERPRISES_RESPONSIBILITIES_H
#define DOMAIN_ENTERPRISES_RESPONSIBILITIES_H

#include "api/api.h"
#include "domain/enterprises/enterprise.h"

enum {
  RESPONSIBILITY_ENTERPRISE,
  RESPONSIBILITY_UNIT,
  RESPONSIBILITY_PARTY,
  RESPONSIBILITY_BODY,
  RESPONSIBILITY_PERSON,
  RESPONSIBILITY_PHONE,
  RESPONSIBILITY_TEXT,
  RESPONSIBILITY_FROM,
  RESPONSIBILITY_TO,
  RESPONSIBILITY_FIELDS_
};
extern const struct kind responsibility_kind;

/* GET enterprises/unanswered?unit=&date=&party=&q=&after=&limit= */
int unanswered_get(struct rq *rq, struct jw *w, struct err *e);

/* The section of an enterprise's page: every entry, and which parts are empty today. */
_must_check_ int parties_section(struct rq *rq, struct tx *tx, const struct record *enterprise,
                                 struct jw *w, struct err *e);

#endif
