#include "domain/residents/residents.h"

/* Compounds (小区): each belongs to a community, and has a number that its passes bear. */

static const struct field compound_fields[COMPOUND_FIELDS_] = {
    [COMPOUND_UNIT] = {1, "unit", FT_UNIT,
                       FF_HOLDS | FF_REQUIRED | FF_SCOPE | FF_IMMUTABLE | FF_FILTER, .zh = "社区",
                       .en = "Community", .headers = "所属社区|社区编码|社区代码"},
    [COMPOUND_NAME] = {2, "name", FT_TEXT, .min = 1, .max = 60,
                       .flags = FF_REQUIRED | FF_TITLE | FF_SEARCH | FF_SORT | FF_INDEX |
                                FF_FILTER | FF_DEVICE,
                       .zh = "小区", .en = "Compound", .headers = "小区名称|名称"},
    [COMPOUND_ESTATE] = {3, "estate", FT_INT, FF_SYSTEM | FF_SORT | FF_FILTER | FF_DEVICE,
                         .zh = "小区号", .en = "Estate number",
                         .zh_help = "出入证上的小区号，建立时给定，不再改变",
                         .en_help = "stands in its passes; given once, never changed"},
    [COMPOUND_ADDRESS] = {4, "address", FT_TEXT, FF_SEARCH, .max = 120, .zh = "地址",
                          .en = "Address"},
    [COMPOUND_NOTE] = {5, "note", FT_LONGTEXT, .max = 500, .zh = "备注", .en = "Note"},
};
static const char *const compound_uniques[] = {"unit, name", "estate", NULL};
static const struct screen compound_screen = {.columns = "name unit address estate"};

static const struct str communities[] = {STR_INIT("community"), STR_INIT("compound")};

static void compound_check(const struct change *c, const struct record *old, struct record *rec,
                           struct problems *ps) {
  if (old || rec_null(rec, COMPOUND_UNIT)) return;
  const struct unit_row *u = unit_by_no(c->viewer->tree, rec_unit(rec, COMPOUND_UNIT));
  for (size_t i = 0; u && i < ARRAY_LEN(communities); i++)
    if (str_eq(u->kind, communities[i])) return;
  problem_rule(ps, S("unit"), S("小区须属于一个社区（村）"),
               S("a compound belongs to a community"));
}

QUERY(q_next_estate, "SELECT coalesce(max(estate), 0) + 1 FROM compound WHERE op = $1");

static int compound_apply(struct tx *tx, struct change *c, const struct record *old,
                          struct record *rec, struct problems *ps, struct err *e) {
  (void)ps;
  int64_t estate;
  if (old) return 0;
  int r = tx_i64(tx, &q_next_estate, P(V_I64(c->op)), &estate, e);
  if (r >= 0) rec_set(rec, COMPOUND_ESTATE, V_I64(estate));
  return r;
}

const struct kind compound_kind = {
    KIND(30, "compound", "compounds", "小区", "Compound", compound_fields),
    .screen = &compound_screen,
    .flags = KF_SYNC,
    .uniques = compound_uniques,
    .check = compound_check,
    .apply = compound_apply};
