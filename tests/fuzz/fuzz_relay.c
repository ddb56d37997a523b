#include "fuzz.h"

#include "base/err.h"
#include "base/limits.h"
#include "intake/relay.h"

#include <stdlib.h>

/* A chat's text. What is read stays within its bounds, every piece is whole UTF-8 of the text, and
 * text that was made plain once is plain. */

static void check_pieces(const struct str *list, size_t n, size_t max) {
  if (n > max) abort();
  for (size_t i = 0; i < n; i++)
    if (!list[i].n || !str_utf8_valid(list[i])) abort();
}

static void check_entry(const struct relay_entry *e, size_t n_boxes, size_t n_lines) {
  if (e->line < 1 || e->line > n_lines || e->n_values > n_boxes) abort();
  for (size_t i = 0; i < e->n_values; i++) {
    if (e->values[i].box >= n_boxes || e->values[i].n < 0 || e->values[i].n > 1000000) abort();
    for (size_t k = 0; k < i; k++)
      if (e->values[k].box == e->values[i].box) abort();
  }
  check_pieces(e->head, e->n_head, RELAY_HEAD);
  check_pieces(e->unclear, e->n_unclear, RELAY_PIECES);
  check_pieces(e->rest, e->n_rest, RELAY_PIECES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  static const struct relay_box boxes[] = {{{STR_INIT("到岗人数"), STR_INIT("到岗")}, 2},
                                           {{STR_INIT("居家")}, 1},
                                           {{STR_INIT("发热")}, 1},
                                           {{STR_INIT("离京未返"), STR_INIT("a")}, 2}};
  const struct str text = {(const char *)data, n};
  struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  struct relay r;
  struct err e = {0};
  if (!a) return 0;
  const int code = relay_read(a, text, boxes, ARRAY_LEN(boxes), &r, &e);
  if (code < 0 && e.code != -code) abort();
  if (code == 0) {
    if (r.n > RELAY_ENTRIES || r.n > r.n_lines) abort();
    for (size_t i = 0; i < r.n; i++) check_entry(&r.entries[i], ARRAY_LEN(boxes), r.n_lines);
    const struct str once = relay_normal(a, text), twice = relay_normal(a, once);
    if (!str_eq(once, twice) || once.n > text.n || !str_utf8_valid(once)) abort();
  }
  arena_free(a);
  return 0;
}
