/* A request that comes by a link or a code (core/links.h), without an account: how often it may
 * come, whom it opens, with which viewer. Any thread that works on requests. */
#ifndef API_LINK_H
#define API_LINK_H

#include "api/api.h"
#include "core/links.h"

/* The purpose's limits of the address and of the link, then the subject: -E_RATE (err.sys:
 * seconds), -E_NOT_FOUND, -E_GONE. */
_must_check_ int rq_link(struct rq *rq, const struct link_purpose *p, struct str text,
                         struct link *ret_link, struct viewer **ret_viewer, struct err *e);
/* Where links lead: the setting public_url, else as whoever asks sees this server. */
struct str rq_link_base(struct rq *rq);

_must_check_ int rq_links_start(struct err *e);
void rq_links_stop(void);

#endif
