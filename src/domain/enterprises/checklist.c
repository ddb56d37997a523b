#include "domain/enterprises/checklist.h"

static const struct field checklist_fields[CHECKLIST_FIELDS_] = {
    [CHECKLIST_CODE] = {1, "code", FT_TEXT, FF_REQUIRED | FF_IMMUTABLE | FF_FILTER, .min = 2,
                        .max = 40, .zh = "编号", .en = "Code"},
    [CHECKLIST_NAME] = {2, "name", FT_TEXT, FF_REQUIRED | FF_TITLE | FF_SEARCH, .min = 2,
                        .max = 100, .zh = "名称", .en = "Name"},
    [CHECKLIST_NAME_EN] = {3, "name_en", FT_TEXT, .max = 120, .zh = "英文名称",
                           .en = "Name in English"},
    [CHECKLIST_UNIT] = {4, "unit", FT_UNIT, FF_REQUIRED | FF_SCOPE | FF_IMMUTABLE | FF_FILTER,
                        .zh = "适用范围", .en = "In force within"},
    [CHECKLIST_FROM] = {5, "valid_from", FT_DATE, FF_REQUIRED | FF_SORT, .zh = "施行日期",
                        .en = "In force from"},
    [CHECKLIST_TO] = {6, "valid_to", FT_DATE, .zh = "废止日期", .en = "In force to"},
    [CHECKLIST_SOURCE] = {7, "source", FT_TEXT, .max = 200, .zh = "依据", .en = "Source"},
};

static void check(const struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps) {
  (void)c, (void)old;
  dates_in_order(rec, CHECKLIST_FROM, CHECKLIST_TO, ps);
}

static const char *const checklist_uniques[] = {"unit,code,valid_from", NULL};
const struct kind checklist_kind = {
    KIND(61, "checklist", "checklists", "复工条件清单", "Checklist", checklist_fields),
    .flags = KF_INHERITED_DOWN, .uniques = checklist_uniques, .check = check};

/* ---- conditions ---- */

static const struct choice item_types[] = {{"yes", "须做到", "must be so"},
                                           {"number", "数值", "a number"},
                                           {"text", "文字", "words"},
                                           {0}};
/* What the filing has a box for already is not asked again among its answers. */
static const struct choice item_sources[] = {{"attendance", "备案表“到岗率”", "its attendance"},
                                             {"area_per_person", "备案表“人均面积”", "its area"},
                                             {"spacing", "备案表“工位间距”", "its spacing"},
                                             {"stock_days", "备案表“物资可用天数”", "its stock"},
                                             {0}};
static const struct field item_fields[CITEM_FIELDS_] = {
    [CITEM_CHECKLIST] = {1, "checklist", FT_REF, FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_INDEX,
                         .ref = "checklist", .zh = "清单", .en = "Checklist"},
    [CITEM_UNIT] = {2, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE, .zh = "适用范围",
                    .en = "In force within"},
    [CITEM_CODE] = {3, "code", FT_TEXT, FF_REQUIRED | FF_IMMUTABLE, .min = 1, .max = 30,
                    .zh = "代码", .en = "Code"},
    [CITEM_PLACE] = {4, "place", FT_INT, FF_REQUIRED | FF_SORT, .max = 999, .zh = "次序",
                     .en = "Place"},
    [CITEM_ZH] = {5, "label_zh", FT_TEXT, FF_REQUIRED | FF_TITLE, .min = 2, .max = 120,
                  .zh = "条件", .en = "Condition"},
    [CITEM_EN] = {6, "label_en", FT_TEXT, FF_REQUIRED, .max = 160, .zh = "条件（英文）",
                  .en = "Condition in English"},
    [CITEM_TYPE] = {7, "type", FT_ENUM, FF_REQUIRED, .choices = item_types, .initial = "yes",
                    .zh = "类型", .en = "Type"},
    [CITEM_LEAST] = {8, "least", FT_DECIMAL, .scale = 1, .max = 100000, .zh = "不低于",
                     .en = "At least"},
    [CITEM_MOST] = {9, "most", FT_DECIMAL, .scale = 1, .max = 100000, .zh = "不高于",
                    .en = "At most"},
    [CITEM_REQUIRED] = {10, "required", FT_BOOL, .initial = "true", .zh = "必须满足",
                        .en = "Required"},
    [CITEM_DEFINITION] = {11, "definition_zh", FT_LONGTEXT, .max = 300, .zh = "口径",
                          .en = "Definition in Chinese"},
    [CITEM_DEFINITION_EN] = {12, "definition_en", FT_LONGTEXT, .max = 400, .zh = "口径（英文）",
                             .en = "Definition in English"},
    [CITEM_SOURCE] = {13, "filing_field", FT_ENUM, .choices = item_sources, .zh = "取自",
                      .en = "Taken from", .zh_help = "备案表已有该栏时不再重复填写",
                      .en_help = "what the filing has a box for is not asked again"},
    [CITEM_TO] = {14, "valid_to", FT_DATE, .zh = "停用日期", .en = "Asked until",
                  .zh_help = "此后的备案不再询问，已有的答复保留",
                  .en_help = "filings after it are not asked; answers given stay"},
};

/* No last day, or one that has not passed: filings after it would be judged by what they were not
 * asked. */
static bool still_asked(const struct record *rec, int32_t today) {
  return rec_null(rec, CITEM_TO) || rec_day(rec, CITEM_TO) >= today;
}

/* Nothing but from when on it is asked no longer. */
static bool only_ends(const struct record *old, const struct record *rec) {
  for (int f = 0; f < CITEM_FIELDS_; f++)
    if (f != CITEM_TO && f != CITEM_UNIT && !val_same(&old->v[f], &rec->v[f])) return false;
  return old->retired == rec->retired;
}

QUERY(q_checklist_unit, "SELECT unit FROM checklist WHERE id = $1");
QUERY(q_checklist_used,
      "SELECT count(*) FROM filing WHERE checklist = $1 AND state <> 'draft' AND retired = 0");

static int item_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                      struct problems *ps, struct err *e) {
  const struct val id = V_UUID(rec_uuid(rec, CITEM_CHECKLIST));
  int64_t unit = 0, used = 0;
  int r = tx_i64(tx, &q_checklist_unit, P(id), &unit, e);
  if (r == -E_NOROW) return 0;
  if (r >= 0) r = tx_i64(tx, &q_checklist_used, P(id), &used, e);
  if (r < 0) return r;
  rec_set(rec, CITEM_UNIT, V_I64(unit));
  /* a box of the filing that holds a number cannot answer by yes or in words */
  if (!rec_null(rec, CITEM_SOURCE) && !rec_is(rec, CITEM_TYPE, "number"))
    problem_text(ps, PROBLEM_refused, S("filing_field"), (struct str){0},
                 S("只有数值条目可取自备案表"), S("only a number is taken from the filing"));
  /* under what somebody has filed stays readable as it was */
  if (used && old && only_ends(old, rec) && still_asked(old, c->viewer->today) &&
      still_asked(rec, c->viewer->today))
    return 0;
  if (used && old && only_ends(old, rec))
    problem_rule(ps, S("valid_to"),
                 S("已有企业按此清单备案，停用日期不能早于今天，已停用的不能恢复"),
                 S("filed under already: not before today, and what has ended stays so"));
  else if (used)
    problem_rule(ps, S("checklist"), S("已有企业按此清单备案，请新建一版"),
                 S("filed under already: make a new one"));
  return 0;
}

static const char *const item_uniques[] = {"checklist,code", NULL};
const struct kind checklist_item_kind = {
    KIND(62, "checklist_item", "checklist-items", "清单条目", "Checklist item", item_fields),
    .reads_as = "checklist", .flags = KF_INHERITED_DOWN, .uniques = item_uniques,
    .apply = item_apply};

/* ---- which hold where, and when ---- */

QUERY(q_in_force, "SELECT k.id, k.code FROM checklist k JOIN unit i ON i.no = k.unit "
                  "JOIN unit u ON u.no = $2 "
                  "WHERE k.op = $1 AND k.retired = 0 AND k.valid_from <= $3 "
                  "AND (k.valid_to IS NULL OR k.valid_to >= $3) "
                  "AND substr(u.path, 1, length(i.path)) = i.path "
                  "ORDER BY length(i.path) DESC, k.valid_from DESC, k.id DESC");

int checklists_in_force(struct tx *tx, int64_t op, int32_t unit, struct val day, struct uuid *out,
                        size_t *ret_n, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  char codes[CHECKLISTS_IN_FORCE][164];
  int r = cur_open(tx, &q_in_force, P(V_I64(op), V_I64(unit), day), &cur, e);
  *ret_n = 0;
  while (r >= 0 && (r = cur_next(cur, e)) == 1) {
    const struct str code = cur_text(cur, 1);
    bool known = false;
    for (size_t i = 0; i < *ret_n && !known; i++) known = str_is(code, codes[i]);
    if (known) continue;
    if (*ret_n == CHECKLISTS_IN_FORCE || code.n >= sizeof codes[0])
      return err_set(e, E_TOO_LARGE, "too many checklists are in force");
    memcpy(codes[*ret_n], code.p, code.n);
    codes[*ret_n][code.n] = '\0';
    out[(*ret_n)++] = cur_uuid(cur, 0);
  }
  return r < 0 ? r : 0;
}
