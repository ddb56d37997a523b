/* Filings: what an enterprise says under the checklist of the day, and what two people find on the
 * spot. Everything borrows the change's arena; one thread, inside its transaction. */
#ifndef DOMAIN_ENTERPRISES_FILING_H
#define DOMAIN_ENTERPRISES_FILING_H

#include "api/api.h"
#include "domain/enterprises/checklist.h"
#include "domain/enterprises/enterprise.h"

enum {
  FILING_ENTERPRISE,
  FILING_UNIT,
  FILING_CHECKLIST,
  FILING_PLANNED_ON,
  FILING_FIRST_BATCH,
  FILING_ANSWERS,
  FILING_FILED_ON,
  FILING_CHECKED_ON,
  FILING_FINDINGS,
  FILING_DECIDED_ON,
  FILING_NOTE,
  FILING_ATTENDANCE,
  FILING_AREA,
  FILING_SPACING,
  FILING_STOCK,
  FILING_MEALS,
  FILING_MODE,
  FILING_RETURNED_FOR,
  FILING_FOUND,
  FILING_FIRST,
  FILING_SECOND,
  FILING_SECOND_FINDINGS,
  FILING_FIELDS_
};
extern const struct kind filing_kind;

/* A rule of filings that was broken, in words of either language. */
void filing_refused(struct problems *ps, struct str path, struct str zh, struct str en);

/* Every condition of its checklist against what the filing says; problems by path. */
_must_check_ int filing_answers_ok(struct tx *tx, struct change *c, const struct record *filing,
                                   struct problems *ps, struct err *e);
/* Every condition against what was found on the spot; problems by path. */
_must_check_ int filing_found_ok(struct tx *tx, struct change *c, const struct record *filing,
                                 struct problems *ps, struct err *e);
/* What was found not to agree: how many, and each with its remark in one text. */
_must_check_ int filing_found_wrong(struct tx *tx, struct change *c, const struct record *filing,
                                    size_t *ret_n, struct str *ret_text, struct err *e);

/* GET filings/form?enterprise=&date= */
int filing_form_get(struct rq *rq, struct jw *w, struct err *e);

#endif
