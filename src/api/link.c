#include "api/link.h"
#include "api/limiter.h"
#include "core/settings.h"

enum { CALLERS = 16384 };
static struct limiter *limits; /* made at start, before threads; locks itself */

int rq_links_start(struct err *e) {
  return limits ? 0 : limiter_open(CALLERS, &limits, e);
}

void rq_links_stop(void) {
  limits = limiter_close(limits);
}

static int not_too_often(struct rq *rq, const struct link_purpose *p, char what, struct str who,
                         const char *setting, struct err *e) {
  const struct str caller = arena_printf(rq->a, "%s %c" STR_FMT, p->code, what, STR_ARG(who));
  const int wait = limiter_take(limits, caller, setting_i64(rq->app, 0, setting), monotonic_ms());
  return wait ? err_sys(e, E_RATE, "too many requests by link", wait) : 0;
}

/* A whole office building may stand behind one address, and everybody behind a terminator on this
 * machine that does not say for whom it asks: that one is not limited. */
static bool of_this_machine(struct str peer) {
  return str_starts(peer, S("127.")) || str_is(peer, "::1");
}

int rq_link(struct rq *rq, const struct link_purpose *p, struct str text, struct link *ret_link,
            struct viewer **ret_viewer, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  char id[UUID_TEXT];
  int r = of_this_machine(rq_peer(rq))
              ? 0
              : not_too_often(rq, p, 'a', rq_peer(rq), p->address_per_minute, e);
  if (r >= 0) r = link_read(rq->app, p, text, ret_link, e);
  if (r < 0) return r;
  uuid_format(&ret_link->subject, id);
  r = not_too_often(rq, p, 'l', str_from(id), p->link_per_minute, e);
  if (r >= 0 && !rq->tx) r = rq_read(rq, &tx, e);
  if (r >= 0) r = link_holder(rq->app, rq->tx ?: tx, rq->a, p, ret_link, ret_viewer, e);
  if (r >= 0) (*ret_viewer)->zh = rq->zh;
  return r;
}

struct str rq_link_base(struct rq *rq) {
  const struct str base = link_public_url(rq->app, rq->a);
  return base.n ? base : rq_base_url(rq);
}
