#include "domain/residents/residents.h"

/* Buildings (楼栋): of a compound, or alone in a community (an office building, a park). */

static const struct choice building_kinds[] = {{"residential", "住宅楼", "residential"},
                                               {"office", "写字楼", "office building"},
                                               {"park", "园区", "park"},
                                               {"other", "其他", "other"},
                                               {0}};
static const struct field building_fields[BUILDING_FIELDS_] = {
    [BUILDING_COMPOUND] = {1, "compound", FT_REF,
                           FF_HOLDS | FF_IMMUTABLE | FF_TITLE | FF_FILTER | FF_DEVICE,
                           .ref = "compound", .zh = "小区", .en = "Compound",
                           .zh_help = "写字楼、园区可不填，另填社区",
                           .en_help = "an office building or a park may have none"},
    [BUILDING_UNIT] = {2, "unit", FT_UNIT, FF_SCOPE | FF_IMMUTABLE | FF_FILTER,
                       .taken_from = "compound.unit", .zh = "社区", .en = "Community",
                       .headers = "所属社区|社区编码|社区代码",
                       .zh_help = "有小区的，即小区所在社区",
                       .en_help = "that of the compound where there is one"},
    [BUILDING_NAME] = {3, "name", FT_TEXT, .min = 1, .max = 40,
                       .flags =
                           FF_REQUIRED | FF_TITLE | FF_SEARCH | FF_SORT | FF_FILTER | FF_DEVICE,
                       .zh = "楼", .en = "Building", .headers = "楼号|楼栋|楼栋号|楼名|名称"},
    [BUILDING_CODE] = {4, "code", FT_TEXT, FF_SYSTEM | FF_SORT | FF_FILTER, .max = 40, .zh = "楼码",
                       .en = "Building code"},
    [BUILDING_KIND] = {5, "kind", FT_ENUM, FF_FILTER, .choices = building_kinds,
                       .initial = "residential", .zh = "楼栋类型", .en = "Kind of building",
                       .headers = "类型"},
    [BUILDING_FLOORS] = {6, "floors", FT_INT, .min = 1, .max = 200, .zh = "层数", .en = "Floors"},
    [BUILDING_STAIRWELLS] = {7, "stairwells", FT_INT, .min = 1, .max = 60, .zh = "单元数",
                             .en = "Stairwells"},
    [BUILDING_MANAGER] = {8, "manager", FT_TEXT, FF_SEARCH, .max = 80, .zh = "物业",
                          .en = "Property manager", .headers = "物业公司"},
    [BUILDING_NOTE] = {9, "note", FT_LONGTEXT, .max = 500, .zh = "备注", .en = "Note"},
};
static const char *const building_uniques[] = {"compound, code", NULL};
static const char *const building_indexes[] = {"unit, code", NULL};
static const struct screen building_screen = {
    .columns = "name compound kind floors stairwells manager unit"};

QUERY(q_lone_building, "SELECT count(*) FROM building WHERE op = $1 AND unit = $2 AND code = $3 "
                       "AND compound IS NULL AND retired = 0 AND id <> $4");

static int building_apply(struct tx *tx, struct change *c, const struct record *old,
                          struct record *rec, struct problems *ps, struct err *e) {
  (void)old;
  int64_t n = 0;
  if (c->verb == CHANGE_RETIRE) return 0;
  if (rec_null(rec, BUILDING_UNIT)) {
    problem_add(ps, PROBLEM_required, S("unit"));
    return 0;
  }
  rec_set(rec, BUILDING_CODE, V_TEXT(place_normal(c->a, rec_text(rec, BUILDING_NAME))));
  if (!rec_null(rec, BUILDING_COMPOUND)) return 0;
  /* within a compound the unique index says it */
  int r =
      tx_i64(tx, &q_lone_building,
             P(V_I64(c->op), rec->v[BUILDING_UNIT], rec->v[BUILDING_CODE], V_UUID(rec->id)), &n, e);
  if (r >= 0 && n)
    problem_text(ps, PROBLEM_duplicate, S("name"), (struct str){0}, (struct str){0},
                 rec_text(rec, BUILDING_NAME));
  return r;
}

QUERY(q_household_ids, "SELECT id FROM household WHERE building = $1 AND retired = 0 ORDER BY id");

/* A renamed building renames its households: their apply hook makes the code anew. */
static int building_applied(struct tx *tx, struct change *c, const struct record *old,
                            const struct record *rec, struct err *e) {
  struct uuid *ids = NULL;
  size_t n = 0, cap = 0;
  if (!old || str_eq(rec_text(old, BUILDING_CODE), rec_text(rec, BUILDING_CODE))) return 0;
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    int r = cur_open(tx, &q_household_ids, P(V_UUID(rec->id)), &cur, e);
    while (r >= 0 && (r = cur_next(cur, e)) == 1) {
      if (n == cap) {
        struct uuid *more = arena_array(c->a, struct uuid, cap ? cap * 2 : 64);
        if (arena_failed(c->a)) return err_set(e, E_NOMEM, "no memory for the households");
        if (n) memcpy(more, ids, n * sizeof *ids);
        ids = more;
        cap = cap ? cap * 2 : 64;
      }
      ids[n++] = cur_uuid(cur, 0);
    }
    if (r < 0) return r;
  }
  for (size_t i = 0; i < n; i++) {
    struct change *in = change_make(c->a, c->en, c->viewer, &household_kind, CHANGE_UPDATE);
    in->id = ids[i];
    int r = change_within(tx, c, in, e);
    if (r < 0) return r;
  }
  return 0;
}

const struct kind building_kind = {
    KIND(31, "building", "buildings", "楼栋", "Building", building_fields),
    .screen = &building_screen,
    .flags = KF_SYNC,
    .uniques = building_uniques,
    .indexes = building_indexes,
    .apply = building_apply,
    .applied = building_applied};
