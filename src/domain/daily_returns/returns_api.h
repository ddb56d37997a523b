/* The routes of returns share: the form as a page reads it, and a submission out of a request's
 * body. All in the request's arena. */
#ifndef DOMAIN_DAILY_RETURNS_RETURNS_API_H
#define DOMAIN_DAILY_RETURNS_RETURNS_API_H

#include "api/api.h"
#include "core/links.h"
#include "domain/daily_returns/returns.h"

struct form_query {
  struct uuid enterprise;
  int32_t day;
  struct str code; /* empty: every form of the day */
};
/* {"enterprise","day","now","forms":[{"template","fields":[…],"checks","return"…}],"lines":[…]}.
 * -E_NOT_FOUND where the viewer may not see the enterprise. */
_must_check_ int form_write(struct rq *rq, const struct viewer *v, const struct form_query *q,
                            struct jw *w, struct err *e);

/* GET returns/:token, POST returns/:token, POST and PATCH returns/:token/lines: links_api.c. */
int link_form(struct rq *rq, struct jw *w, struct err *e);
int link_submit(struct rq *rq, struct err *e);
int link_line_add(struct rq *rq, struct err *e);
int link_line_change(struct rq *rq, struct err *e);
int enterprise_link(struct rq *rq, struct err *e);
int enterprise_letters(struct rq *rq, struct jw *w, struct err *e); /* letters.c */

int return_post(struct rq *rq, struct err *e);
int return_form_get(struct rq *rq, struct jw *w, struct err *e);
/* The section of an enterprise's page: messages.c. */
int messages_section(struct rq *rq, struct tx *tx, const struct record *enterprise, struct jw *w,
                     struct err *e);
extern const struct setting return_settings[]; /* return_settings.c */

/* GET return-templates/burden (burden.c), GET enterprises/rates (rates.c). */
int burden_get(struct rq *rq, struct jw *w, struct err *e);
int rates_get(struct rq *rq, struct jw *w, struct err *e);
/* GET consolidations/beside?unit=&date=&template=&after=&limit= (after_lock.c). */
int after_lock_get(struct rq *rq, struct jw *w, struct err *e);

#define SUBMISSION_MEMBERS                                                                         \
  "id enterprise template day values nil no_change draft channel taker reminder_given prevention " \
  "note dry"
/* The fields of a submission from rq->body; problems in rq->problems. `day` is today where absent.
 */
void submission_from(struct rq *rq, const struct viewer *v, struct submission *s);
/* Commits it and answers 201 {"receipt","version","late","beside",…}, or what is wrong. */
_must_check_ int submission_commit(struct rq *rq, struct submission *s, struct err *e);

#endif
