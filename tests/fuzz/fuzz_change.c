#include "fuzz_kinds.h"

/* Only what a request is known again by is asked of it here. */
static void digest(struct sealer *s, struct str content, uint8_t out[16]) {
  const uint64_t h = hash64(content.p, content.n);
  (void)s;
  memcpy(out, &h, sizeof h);
  memcpy(out + sizeof h, &h, sizeof h);
}
static const struct sealer_ops ops = {.digest = digest};

/* A body as a creation, an update and an action: what is accepted has no problems, keeps to its
 * fields' storage, and what is refused says why. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  static const enum change_verb verbs[] = {CHANGE_CREATE, CHANGE_UPDATE, CHANGE_ACTION};
  fuzz_kinds_init();
  struct viewer v = fuzz_viewer();
  struct clock clock = {0};
  struct sealer sealer = {.ops = &ops};
  struct registry en = {.clock = &clock, .sealer = &sealer};
  for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
    struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
    struct err e = {0};
    json_t *root;
    if (!a) return 0;
    if (json_read(a, (struct str){(const char *)data, n}, &root, &e) == 0) {
      struct change *c = change_make(a, &en, &v, &fuzz_kind, verbs[i]);
      const int r = change_parse(c, root, S("age"), &e);
      if (r == 0 && problems_any(&c->problems)) abort();
      if (r == -E_INVALID && !problems_any(&c->problems)) abort();
      for (size_t f = 0; r == 0 && f < fuzz_kind.n_fields; f++)
        if (c->v[f].t != VAL_NULL && c->v[f].t != field_type(&fuzz_fields[f])->storage) abort();
    }
    arena_free(a);
  }
  return 0;
}
