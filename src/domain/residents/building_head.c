#include "domain/residents/residents.h"

/* Building heads (楼长): who looks after a building or a stairwell, for a term. */

static const struct choice head_sides[] = {{"property", "物业方", "of the property manager"},
                                           {"community", "社区（街道）方", "of the community"},
                                           {0}};
static const struct field head_fields[HEAD_FIELDS_] = {
    [HEAD_BUILDING] = {1, "building", FT_REF, FF_REQUIRED | FF_IMMUTABLE | FF_TITLE | FF_FILTER,
                       .ref = "building", .zh = "楼栋", .en = "Building"},
    [HEAD_UNIT] = {2, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER,
                   .taken_from = "building.unit", .zh = "社区", .en = "Community"},
    [HEAD_STAIRWELL] = {3, "stairwell", FT_TEXT, FF_TITLE | FF_FILTER, .max = 20, .zh = "单元",
                        .en = "Stairwell", .zh_help = "只管一个单元的填写",
                        .en_help = "where one stairwell only"},
    [HEAD_RESPONDER] = {4, "responder", FT_REF, FF_FILTER | FF_TITLE, .ref = "responder",
                        .zh = "下沉人员", .en = "Responder", .zh_help = "由下沉干部担任的填写",
                        .en_help = "where a responder is the head"},
    [HEAD_NAME] = {5, "name", FT_TEXT, FF_TITLE | FF_PERSONAL | FF_SEARCH, .min = 1, .max = 40,
                   .mask = MASK_NAME, .zh = "姓名", .en = "Name",
                   .zh_help = "由居民志愿者、物业人员担任的填写",
                   .en_help = "where a resident or the property manager's man is the head"},
    [HEAD_PHONE] = {6, "phone", FT_PHONE, FF_SEALED, .mask = MASK_PHONE, .zh = "电话",
                    .en = "Phone", .headers = "手机|联系电话|手机号"},
    [HEAD_STARTS] = {7, "starts", FT_DATE, FF_REQUIRED | FF_SORT | FF_INDEX | FF_FILTER, .zh = "自",
                     .en = "From"},
    [HEAD_ENDS] = {8, "ends", FT_DATE, FF_SORT | FF_FILTER, .zh = "至", .en = "Until",
                   .zh_help = "空着即尚未卸任", .en_help = "empty: still in office"},
    [HEAD_NOTE] = {9, "note", FT_TEXT, .max = 200, .zh = "备注", .en = "Note"},
    [HEAD_SIDE] = {10, "side", FT_ENUM, FF_FILTER, .choices = head_sides, .zh = "哪一方",
                   .en = "Of which side", .zh_help = "双楼长的楼宇填写；同一方新任命的接替前任",
                   .en_help = "where a building has two heads; who is appointed follows the one "
                              "before on the same side"},
};
static const struct screen building_head_screen = {
    .group = "residents",
    .order = 30,
    .zh_lead = "楼长按楼栋或单元任命，有起止日期；可以是下沉人员、居民志愿者，也可以是物业"
               "人员；写字楼、园区设双楼长，物业、社区各一人。",
    .en_lead = "A building head looks after a building or one stairwell for a period: a "
               "secondee, a volunteer who lives there, or the property manager. An office "
               "building or park has two, one of each side.",
    .columns = "building side stairwell responder name phone starts ends",
    .sort = "-starts",
    .quick = "building side"};

static void head_check(const struct change *c, const struct record *old, struct record *rec,
                       struct problems *ps) {
  (void)c, (void)old;
  place_normal_field(rec, HEAD_STAIRWELL, ps);
  if (!rec_null(rec, HEAD_STARTS) && !rec_null(rec, HEAD_ENDS) &&
      rec_day(rec, HEAD_ENDS) < rec_day(rec, HEAD_STARTS))
    problem_add(ps, PROBLEM_dates_reversed, S("ends"));
  const bool phone = !rec_null(rec, HEAD_PHONE) || rec->sealed[HEAD_PHONE].p;
  if (rec_null(rec, HEAD_RESPONDER) == rec_null(rec, HEAD_NAME))
    problem_rule(ps, S("responder"), S("下沉人员和姓名须填其中一项"),
                 S("either a responder or a name"));
  else if (!rec_null(rec, HEAD_NAME) && !phone)
    problem_add(ps, PROBLEM_required, S("phone"));
}

QUERY(
    q_head_same_side,
    "SELECT id, starts, ends FROM building_head WHERE op = $1 AND building = $2 AND retired = 0 "
    "AND id <> $3 AND coalesce(stairwell, '') = $4 AND side = $5 "
    "AND (ends IS NULL OR ends >= $6) AND starts <= $7 ORDER BY starts LIMIT 2"); /* limit: a second
                                                                                     is refused */
QUERY(q_head_overlap,
      "SELECT starts, ends FROM building_head WHERE op = $1 AND building = $2 AND retired = 0 "
      "AND id <> $3 AND coalesce(stairwell, '') = $4 AND (ends IS NULL OR ends >= $5) "
      "AND starts <= $6 AND (responder = $7 OR (responder IS NULL AND name = $8)) LIMIT 1");

static struct str term_text(struct arena *a, struct cur *cur, size_t starts) {
  const struct str to = cur_null(cur, starts + 1) ? S("…") : cur_text(cur, starts + 1);
  return arena_printf(a, STR_FMT " – " STR_FMT, STR_ARG(cur_text(cur, starts)), STR_ARG(to));
}

static int same_side(struct tx *tx, const struct change *c, const struct record *rec,
                     struct cur **ret_cur, struct err *e) {
  const struct val none = V_TEXTZ(""), open_end = V_TEXTZ("9999-12-31");
  return cur_open(tx, &q_head_same_side,
                  P(V_I64(c->op), rec->v[HEAD_BUILDING], V_UUID(rec->id),
                    rec_null(rec, HEAD_STAIRWELL) ? none : rec->v[HEAD_STAIRWELL],
                    rec->v[HEAD_SIDE], rec->v[HEAD_STARTS],
                    rec_null(rec, HEAD_ENDS) ? open_end : rec->v[HEAD_ENDS]),
                  ret_cur, e);
}

/* Whom an appointment follows: the one of the same side who is in office without an end and began
 * before. Any other overlap would give a side two heads. */
static bool follows(const struct record *old, const struct record *rec, struct cur *cur) {
  int32_t began;
  return !old && rec_null(rec, HEAD_ENDS) && cur_null(cur, 2) &&
         day_parse(cur_text(cur, 1), &began) == 0 && began < rec_day(rec, HEAD_STARTS);
}

static int one_per_side(struct tx *tx, const struct change *c, const struct record *old,
                        const struct record *rec, struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  if (rec_null(rec, HEAD_SIDE)) return 0;
  int r = same_side(tx, c, rec, &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1)
    if (!follows(old, rec, cur)) {
      const struct str term = term_text(ps->a, cur, 1);
      problem_rule(ps, S("starts"), arena_printf(ps->a, "同一方已有楼长：" STR_FMT, STR_ARG(term)),
                   arena_printf(ps->a, "this side has a head already: " STR_FMT, STR_ARG(term)));
      return 0;
    }
  return r < 0 ? r : 0;
}

/* The term of the one before ends with the day before. */
static int head_applied(struct tx *tx, struct change *c, const struct record *old,
                        const struct record *rec, struct err *e) {
  struct uuid before;
  char text[DAY_TEXT];
  if (old || rec_null(rec, HEAD_SIDE)) return 0;
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    int r = same_side(tx, c, rec, &cur, e);
    if (r >= 0) r = cur_next(cur, e);
    if (r <= 0) return r;
    before = cur_uuid(cur, 0);
  }
  struct change *in = change_make(c->a, c->en, c->viewer, &building_head_kind, CHANGE_UPDATE);
  in->id = before;
  day_format(rec_day(rec, HEAD_STARTS) - 1, text);
  change_set(in, HEAD_ENDS, V_TEXT(arena_dup(c->a, str_from(text))));
  return change_within(tx, c, in, e);
}

static int head_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                      struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  if (c->verb == CHANGE_RETIRE) return 0;
  const struct val open_end = V_TEXTZ("9999-12-31");
  const struct val stairwell = rec_null(rec, HEAD_STAIRWELL) ? V_TEXTZ("") : rec->v[HEAD_STAIRWELL];
  int r = cur_open(tx, &q_head_overlap,
                   P(V_I64(c->op), rec->v[HEAD_BUILDING], V_UUID(rec->id), stairwell,
                     rec->v[HEAD_STARTS], rec_null(rec, HEAD_ENDS) ? open_end : rec->v[HEAD_ENDS],
                     rec->v[HEAD_RESPONDER], rec->v[HEAD_NAME]),
                   &cur, e);
  if (r < 0 || (r = cur_next(cur, e)) < 0) return r;
  if (r == 1) {
    problem_text(ps, PROBLEM_term_overlap, S("starts"), (struct str){0}, (struct str){0},
                 term_text(ps->a, cur, 0));
    return 0;
  }
  return one_per_side(tx, c, old, rec, ps, e);
}

const struct kind building_head_kind = {
    KIND(32, "building_head", "building-heads", "楼长", "Building head", head_fields),
    .screen = &building_head_screen, .check = head_check, .apply = head_apply,
    .applied = head_applied};
