#include "auth/accounts.h"
#include "core/operation.h"
#include "domain/rosters/rosters.h"
#include "domain/units/units.h"

/* Responders (下沉人员): whom a number or a telephone shows to be on the roster already. */

static const struct choice sexes[] = {{"female", "女", "female"}, {"male", "男", "male"}, {0}};
static const struct choice id_types[] = {{"citizen_id", "居民身份证", "citizen ID card"},
                                         {"hk_macao", "港澳通行证", "HK/Macao permit"},
                                         {"taiwan", "台胞证", "Taiwan permit"},
                                         {"passport", "护照", "passport"},
                                         {"none", "无证件", "none"},
                                         {0}};
static const struct choice categories[] = {
    {"union_cadre", "工会干部", "union cadre"},
    {"social_worker", "专职社工", "full-time union social worker"},
    {"staff", "职工", "staff"},
    {"official", "机关干部", "official"},
    {"community_worker", "社区工作者", "community worker"},
    {"volunteer", "志愿者", "volunteer"},
    {"other", "其他", "other"},
    {0}};
static const struct choice politics[] = {{"member", "中共党员", "party member"},
                                         {"probationary", "预备党员", "probationary member"},
                                         {"league", "共青团员", "league member"},
                                         {"other_party", "民主党派", "other party"},
                                         {"none", "群众", "none"},
                                         {0}};

static const struct field responder_fields[RESPONDER_FIELDS_] = {
    [RESPONDER_NAME] = {1, "name", FT_TEXT,
                        FF_REQUIRED | FF_TITLE | FF_PERSONAL | FF_SEARCH | FF_SORT | FF_INDEX,
                        .min = 1, .max = 40, .mask = MASK_NAME, .zh = "姓名", .en = "Name",
                        .headers = "职工姓名|人员姓名"},
    [RESPONDER_SEX] = {2, "sex", FT_ENUM, FF_FILTER, .choices = sexes, .zh = "性别", .en = "Sex"},
    [RESPONDER_ID_TYPE] = {3, "id_type", FT_ENUM, .choices = id_types, .initial = "citizen_id",
                           .zh = "证件类型", .en = "Document"},
    [RESPONDER_ID_NUMBER] = {4, "id_number", FT_TEXT, FF_SEALED | FF_LOOKUP, .min = 4, .max = 24,
                             .capitals = true, .mask = MASK_ID, .zh = "证件号码",
                             .en = "Document number",
                             .headers = "身份证号|身份证号码|身份证|证件号",
                             .zh_help = "身份证号按国标校验", .en_help = "citizen IDs are checked"},
    [RESPONDER_PHONE] = {5, "phone", FT_PHONE, FF_SEALED | FF_LOOKUP | FF_REQUIRED,
                         .mask = MASK_PHONE, .zh = "手机", .en = "Mobile",
                         .headers = "联系电话|手机号|手机号码|电话"},
    [RESPONDER_EMPLOYER] = {6, "employer", FT_UNIT, FF_REQUIRED | FF_SCOPE | FF_FILTER,
                            .zh = "工作单位", .en = "Employer",
                            .headers = "单位|所在单位|派出单位|单位编码"},
    [RESPONDER_SERVING] = {7, "serving", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER,
                           .zh = "现服务单位", .en = "Serving at"},
    [RESPONDER_HOME] = {8, "home_community", FT_UNIT, FF_FILTER, .zh = "居住地社区",
                        .en = "Home community", .headers = "居住社区"},
    [RESPONDER_CATEGORY] = {9, "category", FT_ENUM, FF_REQUIRED | FF_FILTER, .choices = categories,
                            .zh = "人员类别", .en = "Category", .headers = "类别|身份"},
    [RESPONDER_POSITION] = {10, "position", FT_TEXT, .max = 60, .zh = "职务", .en = "Position"},
    [RESPONDER_POLITICAL] = {11, "political", FT_ENUM, FF_FILTER, .choices = politics,
                             .zh = "政治面貌", .en = "Political status"},
    [RESPONDER_SKILLS] = {12, "skills", FT_TAGS, FF_SEARCH, .zh = "特长", .en = "Skills"},
    [RESPONDER_AVAILABLE_FROM] = {13, "available_from", FT_DATE, FF_FILTER, .zh = "可服务自",
                                  .en = "Available from"},
    [RESPONDER_AVAILABLE_TO] = {14, "available_to", FT_DATE, FF_FILTER, .zh = "可服务至",
                                .en = "Available until"},
    [RESPONDER_HEALTH_DECLARED] = {15, "health_declared", FT_BOOL, FF_FILTER, .zh = "健康承诺",
                                   .en = "Health declared",
                                   .zh_help = "本人及家属近14天无发热等情况",
                                   .en_help = "no fever in the family for 14 days"},
    [RESPONDER_HEALTH_NOTE] = {16, "health_note", FT_TEXT, FF_SEALED, .mask = MASK_ALL,
                               .zh = "健康说明", .en = "Health note"},
    [RESPONDER_EMERGENCY_NAME] = {17, "emergency_name", FT_TEXT, FF_PERSONAL, .max = 40,
                                  .mask = MASK_NAME, .zh = "紧急联系人", .en = "Emergency contact"},
    [RESPONDER_EMERGENCY_PHONE] = {18, "emergency_phone", FT_PHONE, FF_SEALED, .mask = MASK_PHONE,
                                   .zh = "紧急联系电话", .en = "Emergency phone"},
    [RESPONDER_RETIRES_ON] = {19, "retires_on", FT_DATE, .zh = "退休日期", .en = "Retires on"},
    [RESPONDER_REMARK] = {20, "remark", FT_LONGTEXT, .max = 500, .zh = "备注", .en = "Remark"},
};
static const struct state responder_states[] = {
    {"active", "可用", "Active"}, {"inactive", "停用", "Inactive"}, {0}};
static const struct transition responder_transitions[] = {
    {"deactivate", "停用", "Deactivate", "active", "inactive",
     .flags = TR_LEAVES | TR_REASON | TR_ONLINE},
    {"activate", "启用", "Activate", "inactive", "active", .flags = TR_ONLINE},
    {0}};
static const struct screen responder_screen = {
    .group = "people",
    .order = 10,
    .zh = "人员",
    .en = "Responders",
    .columns = "name sex category employer serving home_community political phone",
    .good = "active"};

static void responder_check(const struct change *c, const struct record *old, struct record *rec,
                            struct problems *ps) {
  (void)old;
  dates_in_order(rec, RESPONDER_AVAILABLE_FROM, RESPONDER_AVAILABLE_TO, ps);
  if (!c->given || !c->given[RESPONDER_ID_NUMBER]) return;
  struct str id = rec_text(rec, RESPONDER_ID_NUMBER);
  int32_t birth;
  bool female;
  if (!id.p || !rec_is(rec, RESPONDER_ID_TYPE, "citizen_id")) return;
  if (id.n == 18 && !citizen_id_valid(id, NULL, NULL) && str_ends(id, S("000"))) {
    problem_add(ps, PROBLEM_id_lost_digits, S("id_number"));
    return;
  }
  if (id.n != 18) {
    problem_add(ps, PROBLEM_bad_id_number, S("id_number"));
  } else if (!citizen_id_valid(id, &birth, &female)) {
    problem_add(ps, PROBLEM_bad_check_digit, S("id_number"));
  } else if (birth > c->viewer->today) {
    problem_add(ps, PROBLEM_in_future, S("id_number"));
  } else if (rec_null(rec, RESPONDER_SEX)) {
    /* asked once: the number says it (GB 11643, digit 17) */
    rec_set(rec, RESPONDER_SEX, V_TEXTZ(female ? "female" : "male"));
  }
}

/* The same document is the same person: refused. The same phone may be a couple's: said. */
static int look_for_double(struct tx *tx, struct change *c, struct record *rec, int field,
                           struct problems *ps, struct err *e) {
  struct record *found[4];
  size_t n = 0;
  struct str plain = rec_text(rec, field);
  int r = 0;
  if (c->verb == CHANGE_RESTORE && rec->sealed[field].p) {
    struct record *copy = record_copy(c->a, rec);
    if ((r = record_plain(c->en->sealer, copy, field, c->a, e)) < 0) return r;
    plain = rec_text(copy, field);
  } else if (!c->given[field]) {
    return 0;
  }
  if (!plain.p) return 0;
  r = record_find(tx, c->en, c->a, &responder_kind, c->op, field, plain, found, 4, &n, e);
  for (size_t i = 0; i < n && r >= 0; i++) {
    if (uuid_eq(&found[i]->id, &rec->id) || found[i]->retired) continue;
    const bool visible = c->viewer->system || record_visible(c->viewer, found[i]);
    struct str who = visible ? rec_text(found[i], RESPONDER_NAME) : (struct str){NULL, 0};
    struct str path = str_from(responder_kind.fields[field].name);
    if (field == RESPONDER_ID_NUMBER) {
      problem_text(ps, visible ? PROBLEM_duplicate : PROBLEM_duplicate_elsewhere, path,
                   (struct str){0}, (struct str){0}, who);
    } else if (visible) {
      struct problem *p = problem_warn(ps, PROBLEM_duplicate_suggested, path);
      p->other = arena_dup(ps->a, who);
    }
    return 0;
  }
  return r;
}

static int responder_apply(struct tx *tx, struct change *c, const struct record *old,
                           struct record *rec, struct problems *ps, struct err *e) {
  (void)old;
  if (c->verb == CHANGE_RESTORE) return look_for_double(tx, c, rec, RESPONDER_ID_NUMBER, ps, e);
  if (c->verb != CHANGE_CREATE && c->verb != CHANGE_UPDATE) return 0;
  int r = look_for_double(tx, c, rec, RESPONDER_ID_NUMBER, ps, e);
  return r < 0 ? r : look_for_double(tx, c, rec, RESPONDER_PHONE, ps, e);
}

QUERY(q_accounts_of, "SELECT id FROM account WHERE responder = $1 AND state <> 'disabled' "
                     "AND retired = 0");

/* Who leaves does not go on signing in. An account is not enabled by itself when he comes back:
 * whoever manages accounts decides on that. */
static int responder_applied(struct tx *tx, struct change *c, const struct record *old,
                             const struct record *rec, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  const bool left = rec->retired || !str_is(rec->state, "active");
  if (!old || !left || (old->retired && !rec->retired)) return 0;
  int r = cur_open(tx, &q_accounts_of, P(V_UUID(rec->id)), &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) > 0) {
    struct change *in = change_make(c->a, c->en, c->viewer, &account_kind, CHANGE_ACTION);
    in->id = cur_uuid(cur, 0);
    in->transition = kind_transition(&account_kind, S("disable"));
    r = change_within(tx, c, in, e);
  }
  return r;
}

const struct kind responder_kind = {
    KIND(20, "responder", "responders", "下沉人员", "Responder", responder_fields),
    .screen = &responder_screen,
    .flags = KF_MERGE | KF_SYNC,
    .states = responder_states,
    .transitions = responder_transitions,
    .check = responder_check,
    .apply = responder_apply,
    .applied = responder_applied};
