/* One record, one page: GET /api/v1/{kinds}/{id}/page answers the record with sections that the
 * areas contribute, without the page knowing the areas. A section is a row of its area's table
 * `.sections`; it is left out for whoever lacks its right where the record belongs. Static; a
 * section's function runs on the request's thread, on one snapshot for the whole page. */
#ifndef API_PAGE_H
#define API_PAGE_H

#include "api/api.h"

struct page_section {
  const char *page; /* plural of the kind whose page it is: "households" */
  const char *code, *zh, *en;
  int order;         /* sections stand by it, then by code */
  const char *right; /* needed at the record's unit */
  const char *kind;  /* plural of the records in `items`; NULL: items of the section's own form */
  /* Into the section's open object: "items", and what else it has to say. NULL: the records of
   * `kind` whose reference `by` is the subject, by the rest of the row. */
  int (*write)(struct rq *rq, struct tx *tx, const struct record *subject, struct jw *w,
               struct err *e);
  const char *by;
  const char *sort;  /* "-day"; NULL: as they were made */
  const char *where; /* "state=open", or a date's last days: "day=today", "day=today-13" */
  int limit;         /* LIMIT_PAGE_DEFAULT where 0 */
};

int page_get(struct rq *rq, struct jw *w, struct err *e);

/* "items": these records, through the one emitter. */
_must_check_ int page_items(struct rq *rq, struct tx *tx, struct jw *w, struct record **recs,
                            size_t n, struct err *e);
/* "items": the records of a kind whose reference `field` is the subject, in the reader's scope, at
 * most `limit` (LIMIT_PAGE_DEFAULT where 0), and "more" where there are more. `filters` are pairs
 * "state", "active", …, NULL, or NULL; `sort` is a field's name, with a minus for descending, or
 * NULL: as they were made. */
_must_check_ int page_list(struct rq *rq, struct tx *tx, struct jw *w, const struct kind *k,
                           const char *field, const struct uuid *subject,
                           const char *const *filters, const char *sort, int limit, struct err *e);

#endif
