/* Inside of the filings: which checklists are in force, and whether what was said
 * (filing_answers.c) satisfies one. Everything borrows the change's arena; one thread, inside its
 * transaction. */
#ifndef DOMAIN_ENTERPRISES_FILINGS_H
#define DOMAIN_ENTERPRISES_FILINGS_H

#include "app/api.h"

enum { CHECKLISTS_IN_FORCE = 16, CHECKLIST_ITEMS = 100 };

/* A rule of filings that was broken, in words of either language. */
void filing_refused(struct problems *ps, struct str path, struct str zh, struct str en);

/* Those in force at that place that day, one of each code: the nearest issuer's, and of his the
 * newest. The first is the one that counts where nobody chooses. */
_must_check_ int checklists_in_force(struct tx *tx, int64_t op, int32_t unit, struct val day,
                                     struct uuid *out, size_t *ret_n, struct err *e);

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
int filing_form_get(struct rq *rq, struct err *e);

#endif
