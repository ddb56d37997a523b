#include "fuzz.h"

#include "auth/sealed.h"
#include "base/limits.h"

#include <stdlib.h>

/* Whatever a phone put into a sealed item: it is read within its bounds or called unreadable, and
 * what was read can be written down and read again as the same (the quarantine does that). */
static void again(struct arena *a, const struct sealed_item *in) {
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  struct err e = {0};
  struct sealed_item out;
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "method");
  jw_str(&w, in->method);
  jw_k(&w, "path");
  jw_str(&w, in->path);
  jw_k(&w, "body");
  jw_tree(&w, in->body);
  jw_end(&w);
  if (!jw_ok(&w)) abort();
  const struct str text = buf_str(&b);
  if (text.n <= SEALED_PLAIN_MAX) {
    if (sealed_parse(a, text, &out, &e) != 0) abort();
    if (!str_eq(out.path, in->path) || !str_eq(out.method, in->method)) abort();
    if (!json_equal(out.body, in->body) || out.author.n) abort();
  }
  buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  if (!a) return 0;
  struct err e = {0};
  struct sealed_item it;
  const struct str text = {(const char *)data, n};
  int r = sealed_parse(a, text, &it, &e);
  if (r == 0) {
    if (!json_is_object(it.body) || !it.path.n || it.path.n > SEALED_PATH_MAX) abort();
    again(a, &it);
  } else if (r != -E_UNREADABLE && r != -E_TOO_LARGE && r != -E_NOMEM) {
    abort();
  }
  arena_free(a);
  return 0;
}
