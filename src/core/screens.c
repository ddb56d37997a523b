#include "core/screens.h"

const struct screen_group screen_groups[] = {
    {.code = "overview", .zh = "总览", .en = "Overview"},
    {.code = "gates", .zh = "卡口", .en = "Gates"},
    {.code = "residents", .zh = "居民", .en = "Residents"},
    {.code = "enterprises", .zh = "企业", .en = "Enterprises"},
    {.code = "duty", .zh = "值守", .en = "Duty"},
    {.code = "people", .zh = "力量", .en = "People"},
    {.code = "data", .zh = "数据", .en = "Data"},
    {.code = "admin", .zh = "管理", .en = "Administration", .folded = true},
    {0}};

static bool known(const char *code) {
  for (const struct screen_group *g = screen_groups; g->code; g++)
    if (strcmp(g->code, code) == 0) return true;
  return false;
}

int screens_check(struct err *e) {
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    int r = screen_check(k, e);
    if (r < 0) return r;
    if (k->screen && k->screen->group && !known(k->screen->group))
      return err_field(e, E_BUG, "a screen stands in an unknown group of the menu", k->name);
  }
  return 0;
}
