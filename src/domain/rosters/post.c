#include "base/limits.h"
#include "core/links.h"
#include "domain/rosters/rosters.h"

/* Posts (值勤点): gates and what else is manned. */

static const struct choice post_kinds[] = {{"gate", "卡口", "gate"},
                                           {"office", "居委会值班", "office"},
                                           {"patrol", "巡逻", "patrol"},
                                           {"store", "物资点", "store"},
                                           {0}};
static const struct field post_fields[POST_FIELDS_] = {
    [POST_NAME] = {1, "name", FT_TEXT,
                   FF_DEVICE | FF_REQUIRED | FF_TITLE | FF_SEARCH | FF_SORT | FF_INDEX, .max = 60,
                   .zh = "名称", .en = "Name", .headers = "值勤点|卡口名称"},
    [POST_UNIT] = {2, "unit", FT_UNIT, FF_HOLDS | FF_REQUIRED | FF_SCOPE | FF_FILTER | FF_IMMUTABLE,
                   .zh = "所属单位", .en = "Unit", .headers = "社区"},
    [POST_KIND] = {3, "kind", FT_ENUM, FF_DEVICE | FF_REQUIRED | FF_FILTER, .choices = post_kinds,
                   .zh = "类别", .en = "Kind"},
    [POST_PLACE] = {4, "place", FT_TEXT, FF_DEVICE | FF_SEARCH, .max = 100, .zh = "位置",
                    .en = "Place"},
    [POST_REQUIRED] = {5, "required", FT_INT, FF_DEVICE, .min = 1, .max = 200, .initial = "2",
                       .zh = "每班应到人数", .en = "Required per shift"},
    [POST_LEAD] = {6, "lead", FT_REF, .ref = "responder", .zh = "带班人", .en = "Lead"},
    [POST_PHOTO] = {7, "photo_required", FT_BOOL, FF_DEVICE, .initial = "0", .zh = "需拍在岗照",
                    .en = "On-duty photo"},
    [POST_SKILLS] = {8, "skills", FT_TAGS, .zh = "所需特长", .en = "Skills needed"},
    [POST_REMARK] = {9, "remark", FT_LONGTEXT, .max = 500, .zh = "备注", .en = "Remark"},
    [POST_CODE_SERIAL] = {10, "code_serial", FT_INT, FF_SYSTEM, .zh = "卡口码序号",
                          .en = "Serial of the gate's code"},
    [POST_CLOSED_AT] = {11, "closed_at", FT_MOMENT, FF_SYSTEM, .zh = "停用时间", .en = "Closed at"},
};
static const struct state post_states[] = {
    {"open", "启用", "Open"}, {"closed", "停用", "Closed"}, {0}};
static const struct transition post_transitions[] = {
    {"close", "停用", "Close", "open", "closed", .flags = TR_LEAVES | TR_REASON | TR_ONLINE},
    {"reopen", "启用", "Reopen", "closed", "open", .flags = TR_ONLINE},
    {"renew_code", "更换卡口码", "Renew the gate's code", "open", .apply = link_renew,
     .flags = TR_ONLINE},
    {0}};
static const struct stamp post_stamps[] = {{.states = "closed", .at = "closed_at"}, {0}};
static const char *const post_uniques[] = {"unit,name", NULL};
static const struct screen post_screen = {.group = "duty",
                                          .order = 20,
                                          .columns =
                                              "name unit kind place required lead photo_required",
                                          .good = "open"};

QUERY(q_post_row, "SELECT unit, kind, state, retired, photo_required FROM post WHERE id = $1");

struct post_row {
  int64_t unit;
  bool open, photo;
};

static int post_read(struct tx *tx, const struct uuid *id, struct post_row *ret, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = cur_open(tx, &q_post_row, P(V_UUID(*id)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r < 0) return r;
  if (r == 0) return -E_NOROW;
  *ret = (struct post_row){.unit = cur_i64(cur, 0),
                           .open = str_is(cur_text(cur, 2), "open") && !cur_i64(cur, 3),
                           .photo = cur_i64(cur, 4) != 0};
  return 0;
}

int unit_from_post(struct tx *tx, struct change *c, struct record *rec, int post_field,
                   int unit_field, struct problems *ps, struct err *e) {
  struct post_row post = {0};
  struct uuid id = rec_uuid(rec, post_field);
  int r = post_read(tx, &id, &post, e);
  if (r == -E_NOROW) return 0; /* said already by the reference's own rule */
  if (r < 0) return r;
  if (!post.open && c->verb == CHANGE_CREATE) problem_add(ps, PROBLEM_retired, S("post"));
  rec_set(rec, unit_field, V_I64(post.unit));
  return 0;
}

const struct kind post_kind = {.no = 24,
                               .name = "post",
                               .plural = "posts",
                               .zh = "值勤点",
                               .en = "Post",
                               .screen = &post_screen,
                               .flags = KF_SYNC,
                               .ends = "closed",
                               FIELDS(post_fields),
                               .states = post_states,
                               .stamps = post_stamps,
                               .transitions = post_transitions,
                               .uniques = post_uniques};
