/* A sealed item: what a phone wrote at its gate, shut to the server's public key as it was written.
 * Opening needs the key file; reading what was inside needs nothing, is bounded, and judges only
 * the form: method, path, body, the moment, and the author's token. Results lie in the arena
 * given. Safe from any thread. */
#ifndef AUTH_SEALED_H
#define AUTH_SEALED_H

#include "auth/keys.h"
#include "json/json.h"

enum {
  SEALED_PLAIN_MAX = 12 * 1024, /* bytes of JSON inside one item */
  SEALED_TEXT_MAX = (SEALED_PLAIN_MAX + BOX_OVERHEAD) * 4 / 3 + 4,
  SEALED_PATH_MAX = 200
};

struct sealed_item {
  struct str method, path; /* "POST", "/api/v1/gate-events" */
  json_t *body;            /* an object; never NULL */
  const json_t *saw;       /* {"state","rev"} of the record acted on; NULL: not said */
  int64_t at_ms;           /* the phone's clock as it was written; 0: not said */
  struct str author;       /* token; empty where none */
};

/* base64url text to JSON text. -E_TOO_LARGE, -E_UNREADABLE. */
_must_check_ int sealed_open(struct keys *k, struct arena *a, struct str text, uint32_t key_id,
                             struct str *ret_plain, struct err *e);
/* -E_UNREADABLE where it is no such object. */
_must_check_ int sealed_parse(struct arena *a, struct str plain, struct sealed_item *ret_item,
                              struct err *e);

#endif
