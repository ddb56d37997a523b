/* The routes of returns share: the form as a page reads it, and a submission out of a request's
 * body. All in the request's arena. */
#ifndef DOMAIN_ENTERPRISES_RETURNS_API_H
#define DOMAIN_ENTERPRISES_RETURNS_API_H

#include "domain/enterprises/links.h"
#include "domain/enterprises/returns.h"

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
int link_form(struct rq *rq, struct err *e);
int link_submit(struct rq *rq, struct err *e);
int link_line_add(struct rq *rq, struct err *e);
int link_line_change(struct rq *rq, struct err *e);
int enterprise_link(struct rq *rq, struct err *e);
int enterprise_letters(struct rq *rq, struct err *e); /* letters.c */
/* Where a link leads: the setting public_url, else as whoever asks sees this server. */
struct str link_base(struct rq *rq);
/* The limits of those routes: links_api.c. */
_must_check_ int links_start(struct app *app, struct err *e);
void links_stop(struct app *app);

/* POST daily-returns/paste, daily-returns/sheet, daily-returns/take: reading_api.c. */
int return_paste(struct rq *rq, struct err *e);
int return_sheet(struct rq *rq, struct err *e);
int return_take(struct rq *rq, struct err *e);
/* GET daily-returns/forms. */
int return_forms(struct rq *rq, struct err *e);

/* GET return-templates/burden (burden.c), GET enterprises/rates (rates.c). */
int burden_get(struct rq *rq, struct err *e);
int rates_get(struct rq *rq, struct err *e);
/* GET consolidations/beside?unit=&date=&template=&after=&limit= (beside.c). */
int beside_get(struct rq *rq, struct err *e);
int gap_register(struct rq *rq, struct err *e); /* gaps.c */

/* The fields of a submission from rq->body; problems in rq->problems. `day` is today where absent.
 */
void submission_from(struct rq *rq, const struct viewer *v, struct submission *s);
/* Commits it and answers 201 {"receipt","version","late","beside",…}, or what is wrong. */
_must_check_ int submission_commit(struct rq *rq, struct submission *s, struct err *e);

#endif
