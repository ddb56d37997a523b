/* What the two halves of the API document share: openapi_schemas.c writes names, small pieces and
 * the schemas of kinds, openapi.c the paths and what stands around. Nothing is kept; any thread. */
#ifndef APIDOC_OPENAPI_INNER_H
#define APIDOC_OPENAPI_INNER_H

#include "apidoc/openapi.h"

void oa_pair(struct jw *w, const char *key, const char *value);
/* "key": {, to be ended by the caller. */
void oa_open(struct jw *w, const char *key);
void oa_type(struct jw *w, const char *type);
void oa_ref(struct jw *w, const char *name, const char *tail);
/* The two labels as one description. */
void oa_labels(struct jw *w, const char *zh, const char *en);
void oa_request_field(struct jw *w, const struct field *f, bool required);
void oa_rev_field(struct jw *w);
bool oa_has_states(const struct kind *k);
/* What a kind's records look like: as answered, as a page, and, where some role may, as made and as
 * changed. */
void oa_kind_schemas(struct jw *w, const struct kind *k, const struct right_set *held);

#endif
