/* One call of another service's interface over libcurl, for the channels: only to hosts that the
 * channels' file allows, never along a redirect, bounded in time and size. A client keeps its
 * connection between calls of one round. Replies live in the arena given; one thread. */
#ifndef NOTIFY_OUTBOX_WEB_H
#define NOTIFY_OUTBOX_WEB_H

#include "notify/channel_config.h"

enum { WEB_REPLY_MAX = 64 * 1024 };

struct web_client;
_must_check_ int web_client_open(struct app *app, struct channel_config *config,
                                 struct web_client **ret_client, struct err *e);
struct web_client *web_client_close(struct web_client *c);
void web_client_idle(struct web_client *c);

struct web_call {
  struct str url;
  struct str body;   /* empty: GET */
  struct str type;   /* of the body */
  struct str header; /* one more, "Name: value"; may be empty */
};
/* 0: the service has answered 2xx. -E_FORBIDDEN: a host that is not allowed, or the service does
 * not take us (4xx). -E_UNAVAILABLE: nobody is there. -E_TIMEOUT: it may have been taken. -E_RATE:
 * it wants us to wait. -E_IO: it has trouble. err.sys is the status, or curl's code. */
_must_check_ int web_call(struct web_client *c, const struct web_call *call, struct arena *a,
                          struct str *ret_reply, struct err *e);

#endif
