/* The contract in machine-readable form, derived from the tables of kinds, routes, rights and
 * indicators: an OpenAPI 3.1 document and TypeScript types. Nothing is kept: each call writes into
 * the caller's buffer. After app_declare; any thread. */
#ifndef APP_OPENAPI_H
#define APP_OPENAPI_H

#include "app/api.h"

void openapi_write(struct buf *out);
void typescript_write(struct buf *out);

/* Names of schemas and types: "gate_event" → "GateEvent". */
enum { TYPE_NAME_TEXT = 96 };
void type_name(const char *name, char ret_text[TYPE_NAME_TEXT]);
/* Does the word stand in a list like "released_on release_reason"? */
bool word_listed(const char *list, const char *word);

/* What a route that is no kind's takes and gives. `query` and `body` list names, a `*` marks the
 * required ones; a name may carry its type behind a colon ("limit:integer", "fields:string[]").
 * `answer` is a component schema, NULL where it is a free object. */
struct route_doc {
  int method;
  const char *pattern, *query, *body, *answer;
};
extern const struct route_doc route_docs[]; /* openapi_routes.c; ends with {0} */

extern const char openapi_shared_schemas[]; /* openapi_shared.c */

#endif
