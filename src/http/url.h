/* The request target: percent-decoding and the list of query arguments. What is not clean is
 * refused (-E_MALFORMED), never repaired: broken escapes, NUL and control characters, text that is
 * not UTF-8, an encoded slash, `.` and `..` segments, empty segments. The result lies in the arena.
 * No state; any thread. */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "base/arena.h"
#include "base/err.h"

enum { URL_MAX = 8192, URL_ARGS_MAX = 64 };

struct url_arg {
  struct str key, value;
};

struct url {
  struct str path; /* decoded, begins with '/' */
  struct url_arg *args;
  size_t n_args;
};

/* `raw` as it stands in the request line: "/a%20b?x=1&y=%E5%AE%88". */
_must_check_ int url_parse(struct arena *a, struct str raw, struct url *ret_url, struct err *e);
/* The first argument of that name; p == NULL where absent. */
struct str url_arg(const struct url *u, struct str key);

#endif
