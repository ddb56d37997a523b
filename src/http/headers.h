/* The security headers that every answer carries unless its handler set its own. Pages and scripts
 * (a worker is ruled by the headers of its own script) get the policy of docs/http.md; anything
 * else is data and may load nothing at all. Static memory; any thread. */
#ifndef HTTP_HEADERS_H
#define HTTP_HEADERS_H

#include "base/str.h"

struct default_header {
  const char *name, *value;
};

/* Whether answers of this type can run in a browser. */
bool headers_type_is_page(struct str content_type);
/* Whether compressing pays: text, JSON, XML, scripts, SVG. */
bool headers_type_is_text(struct str content_type);
/* The policy of a page or script that needs more than the others; NULL for all others. */
const char *headers_page_policy(struct str path);
const struct default_header *headers_default(bool page, size_t *ret_n);

#endif
