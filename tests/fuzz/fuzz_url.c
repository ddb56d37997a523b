#include "fuzz.h"

#include "base/limits.h"
#include "http/accept.h"
#include "http/url.h"

#include <stdlib.h>

static void clean(struct str s) {
  if (!s.p || !str_utf8_valid(s)) abort();
  for (size_t i = 0; i < s.n; i++)
    if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f) abort();
}

/* Whatever is accepted is clean text, and a path that stays where it says. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  if (!a) return 0;
  struct str raw = {(const char *)data, n};
  struct err e = {0};
  struct url u;
  if (url_parse(a, raw, &u, &e) == 0) {
    clean(u.path);
    if (u.path.n == 0 || u.path.p[0] != '/' || u.path.n > n) abort();
    if (str_find(u.path, S("//")) != (size_t)-1 || str_find(u.path, S("/../")) != (size_t)-1 ||
        str_ends(u.path, S("/..")))
      abort();
    if (u.n_args > URL_ARGS_MAX) abort();
    for (size_t i = 0; i < u.n_args; i++) {
      clean(u.args[i].key);
      clean(u.args[i].value);
      if (!url_arg(&u, u.args[i].key).p) abort();
    }
  } else if (e.code == E_OK) {
    abort();
  }
  (void)accepts_gzip(raw);
  (void)etag_listed(raw, S("\"a\""));
  arena_free(a);
  return 0;
}
