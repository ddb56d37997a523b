#include "app/import.h"
#include "domain/enterprises/enterprises.h"
#include "domain/enterprises/taking.h"

/* The register's sheet: a building stands there by its name, as people write it. */

enum { X_BUILDING, BUILDING_CHOICES = 8 };

static const struct import_extra sheet_extra[] = {
    {.name = "building",
     .max = 60,
     .zh = "楼宇（园区）",
     .en = "Building or park",
     .headers = "楼宇|园区|楼宇名称|写字楼",
     .example = "",
     .zh_help = "已登记的楼宇名称；没有的先登记",
     .en_help = "the name of a building on the register"},
    {0}};

QUERY(q_buildings_named, "SELECT b.id, b.unit FROM building b WHERE b.op = $1 AND b.retired = 0 "
                         "AND b.name = $2 ORDER BY b.id LIMIT 500");

static int place_building(struct tx *tx, struct import_row *r, struct err *e) {
  const struct str name = str_trim(r->extra[X_BUILDING]);
  const right_t right = right_by_name(S("building.read"));
  struct uuid found = {{0}};
  size_t n = 0;
  if (!name.n) return 0;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int x = cur_open(tx, &q_buildings_named, P(V_I64(r->viewer->op), V_TEXT(name)), &c, e);
  while (x >= 0 && (x = cur_next(c, e)) == 1) {
    if (!viewer_may(r->viewer, right, (int32_t)cur_i64(c, 1))) continue;
    found = cur_uuid(c, 0);
    n++;
  }
  if (x < 0) return x;
  if (n == 1)
    import_set(r, ENTERPRISE_BUILDING, V_UUID(found));
  else
    problem_text(&r->problems, n ? PROBLEM_ambiguous : PROBLEM_not_found, S("building"),
                 (struct str){0}, name, (struct str){0});
  return 0;
}

static int sheet_place(struct tx *tx, struct import_row *r, struct record **ret_existing,
                       struct err *e) {
  struct record *found[2];
  size_t n = 0;
  *ret_existing = NULL;
  int x = place_building(tx, r, e);
  if (x < 0 || !r->given[ENTERPRISE_CREDIT_CODE] || r->values[ENTERPRISE_CREDIT_CODE].t != VAL_TEXT)
    return x;
  x = record_find(tx, &r->app->registry, r->a, &enterprise_kind, r->viewer->op,
                  ENTERPRISE_CREDIT_CODE, r->values[ENTERPRISE_CREDIT_CODE].s, found, 2, &n, e);
  /* one he may not see is left to the rule that says only "elsewhere" */
  if (x >= 0 && n == 1 && !found[0]->retired && record_visible(r->viewer, found[0]))
    *ret_existing = found[0];
  return x;
}

const struct import_plan enterprise_sheet = {
    .kind = &enterprise_kind, .extra = sheet_extra, .filled = "building", .place = sheet_place};
