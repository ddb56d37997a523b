#include "base/limits.h"
#include "domain/residents/imports.h"

/* What this area says on the page of a household and of a building. */

static int heads_of(struct rq *rq, struct tx *tx, const struct uuid *building, struct str stairwell,
                    bool all, struct jw *w, struct err *e) {
  char today[DAY_TEXT], id[UUID_TEXT];
  struct list_page page = {.total = -1};
  day_format(rq->viewer->today, today);
  uuid_format(building, id);
  const struct list_query lq = {
      .filters = {{list_field(HEAD_BUILDING), arena_dup(rq->a, str_from(id))},
                  {list_field(HEAD_STARTS), arena_printf(rq->a, "..%s", today)}},
      .n_filters = 2,
      .sort = list_field(HEAD_STARTS),
      .descending = true,
      .limit = LIMIT_PAGE};
  int r =
      record_list(tx, rq->a, &rq->app->registry, rq->viewer, &building_head_kind, &lq, &page, e);
  size_t n = 0;
  for (size_t i = 0; i < page.n && r >= 0; i++) {
    const struct record *h = page.items[i];
    if (!rec_null(h, HEAD_ENDS) && rec_day(h, HEAD_ENDS) < rq->viewer->today) continue;
    const struct str of = rec_text(h, HEAD_STAIRWELL);
    if (!all && of.n && !str_eq(of, stairwell)) continue;
    page.items[n++] = page.items[i];
  }
  return r < 0 ? r : page_items(rq, tx, w, page.items, n, e);
}

/* Of the whole building, and of its own stairwell. */
static int head_of_household(struct rq *rq, struct tx *tx, const struct record *household,
                             struct jw *w, struct err *e) {
  const struct uuid building = rec_uuid(household, HOUSEHOLD_BUILDING);
  return heads_of(rq, tx, &building, rec_text(household, HOUSEHOLD_STAIRWELL), false, w, e);
}

static int head_of_building(struct rq *rq, struct tx *tx, const struct record *building,
                            struct jw *w, struct err *e) {
  return heads_of(rq, tx, &building->id, (struct str){NULL, 0}, true, w, e);
}

const struct page_section residents_sections[] = {
    {"households", "members", "成员", "Members", 10, "resident.read", "residents",
     .by = "household", .limit = 100},
    {"households", "building_head", "楼长", "Building head", 80, "building_head.read",
     "building-heads", .write = head_of_household},
    {"buildings", "building_head", "楼长", "Building head", 10, "building_head.read",
     "building-heads", .write = head_of_building},
    {"buildings", "households", "各户", "Households", 20, "household.read", "households",
     .by = "building", .sort = "code", .limit = LIMIT_PAGE},
    {0}};
