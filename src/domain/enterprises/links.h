/* The link by which an enterprise reports without an account: its id, the link's serial, its last
 * day and a MAC under the installation's key, in base64url. Nothing is stored but the serial: a
 * renewed link ends the former one, and the same link can be printed again. Any thread. */
#ifndef DOMAIN_ENTERPRISES_LINKS_H
#define DOMAIN_ENTERPRISES_LINKS_H

#include "app/app.h"

enum { LINK_TEXT = 56 /* with NUL */ };

struct link {
  struct uuid enterprise;
  int64_t serial;
  int32_t last_day;
};
void link_make(struct app *app, const struct link *l, char out[LINK_TEXT]);
/* -E_NOT_FOUND where it was not made here; whether it is still valid is the caller's question. */
_must_check_ int link_read(struct app *app, struct str text, struct link *ret_link, struct err *e);

#endif
