#include "apidoc/openapi.h"
#include "figures/figures.h"
#include "notify/alarms.h"
#include <stdlib.h>

/* The numbers that are stable for ever: by them seals, history, figures and phones know what they
 * hold. Kept as a copy, so that one used twice or changed is seen, and the next free one is. */

struct number {
  int no;
  const char *name, *zh;
};

static int by_number(const void *a, const void *b) {
  const struct number *x = a, *y = b;
  return (x->no > y->no) - (x->no < y->no);
}

static void table(struct buf *out, const char *type, struct number *list, size_t n) {
  if (n) qsort(list, n, sizeof *list, by_number);
  buf_printf(out, "# %s: %zu, the next free number is %d\n", type, n, n ? list[n - 1].no + 1 : 1);
  for (size_t i = 0; i < n; i++)
    buf_printf(out, "%4d %s %s\n", list[i].no, list[i].name, list[i].zh);
}

void numbers_write(struct buf *out) {
  static struct number list[1024];
  size_t n = 0;
  for (; n < kinds_count() && n < ARRAY_LEN(list); n++)
    list[n] = (struct number){kind_at(n)->no, kind_at(n)->name, kind_at(n)->zh};
  table(out, "kinds", list, n);
  for (n = 0; alarm_type_at(n) && n < ARRAY_LEN(list); n++)
    list[n] = (struct number){alarm_type_at(n)->no, alarm_type_at(n)->code, ""};
  table(out, "alarms", list, n);
  for (n = 0; indicator_at(n) && n < ARRAY_LEN(list); n++)
    list[n] = (struct number){indicator_at(n)->no, indicator_at(n)->code, indicator_at(n)->zh};
  table(out, "indicators", list, n);
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    for (n = 0; n < k->n_fields && n < ARRAY_LEN(list); n++)
      list[n] = (struct number){k->fields[n].no, k->fields[n].name, k->fields[n].zh};
    table(out, k->name, list, n);
  }
}
