#include "fuzz.h"

#include "base/limits.h"
#include "json/json.h"

#include <stdlib.h>

/* Whatever is accepted can be written by the program's own writer and read back as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  if (!a) return 0;
  struct err e = {0};
  json_t *first = NULL;
  if (json_read(a, (struct str){(const char *)data, n}, &first, &e) == 0) {
    struct buf b = BUF_INIT(LIMIT_JSON_OUT);
    struct jw w;
    jw_init(&w, &b);
    jw_tree(&w, first);
    if (buf_ok(&b)) {
      json_t *second = NULL;
      if (!jw_ok(&w) || json_read(a, buf_str(&b), &second, &e) != 0) abort();
      if (!json_equal(first, second)) abort();
    }
    buf_done(&b);
  } else if (e.code == E_OK) {
    abort();
  }
  arena_free(a);
  return 0;
}
