#include "fuzz_kinds.h"
#include "kind/inner.h"

/* "key\nvalue\nkey\nvalue…" as a list's arguments. A filter that is accepted is accepted again when
 * the statement is made, and what is a cursor has one text only. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  if (!a) return 0;
  fuzz_kinds_init();
  struct viewer v = fuzz_viewer();
  struct problems ps;
  struct list_query lq = {.limit = 0};
  struct str rest = {(const char *)data, n}, bytes;
  struct type_ctx c = {.a = a, .zone = v.zone, .today = v.today, .ps = &ps};
  problems_init(&ps, a);
  while (rest.p) {
    struct str key = str_split(&rest, '\n'), value = str_split(&rest, '\n');
    list_parse(&lq, &v, &fuzz_kind, key, value, &c);
  }
  if (lq.n_filters > LIMIT_FILTERS || lq.limit > LIMIT_PAGE) abort();
  for (size_t i = 0; i < lq.n_filters && !arena_failed(a); i++) {
    struct problems again;
    struct term *t = arena_new(a, struct term);
    problems_init(&again, a);
    c.ps = &again;
    if (!term_parse(t, &fuzz_kind, &lq.filters[i], S("filter"), &c) && !arena_failed(a)) abort();
  }
  if (lq.after.p && b64_decode(a, lq.after, &bytes) == 0 &&
      !str_eq(b64_encode(a, bytes), lq.after) && !arena_failed(a))
    abort();
  arena_free(a);
  return 0;
}
