/* Links and codes that open something without an account: what each kind of them is for is a row of
 * an area (struct link_purpose, auth/auth.h). A token is the purpose's number, the subject's id,
 * its serial, the last day, and a MAC under the installation's key; nothing is stored but the
 * serial: a higher one ends all former ones, and the same one can be printed again. For one that is
 * used once, like an invitation, see auth/invite.c. The rows are gathered at start; any thread. */
#ifndef CORE_LINKS_H
#define CORE_LINKS_H

#include "core/app.h"

enum { LINK_TEXT = 56 /* with NUL */, LINK_PURPOSES = 32 };

struct link {
  struct uuid subject;
  int64_t serial;
  int32_t last_day; /* INT32_MAX: as long as the subject */
};
/* From today for as long as the purpose says. */
struct link link_for(struct app *app, const struct viewer *v, const struct link_purpose *p,
                     const struct uuid *subject, int64_t serial);
/* The same text each time. */
void link_make(struct app *app, const struct link_purpose *p, const struct link *l,
               char out[LINK_TEXT]);
/* -E_NOT_FOUND where it was not made here, or for another purpose. */
_must_check_ int link_read(struct app *app, const struct link_purpose *p, struct str text,
                           struct link *ret_link, struct err *e);
/* Where it leads: the setting public_url without its last "/"; may be empty. */
struct str link_public_url(struct app *app, struct arena *a);

/* Reads the subject as it stands: -E_NOT_FOUND, -E_GONE (renewed, ended, retired, past its day).
 * *ret_viewer is the holder's: what the purpose says, of this subject alone. */
_must_check_ int link_holder(struct app *app, struct tx *tx, struct arena *a,
                             const struct link_purpose *p, const struct link *l,
                             struct viewer **ret_viewer, struct err *e);
/* The action that ends all links to the record: `apply` of a transition of its kind. */
apply_fn link_renew;

/* Gathers the rows (the module's `declare`). */
_must_check_ int links_init(const struct module *const *list, struct err *e);

#endif
