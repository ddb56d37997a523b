#include "auth/auth_impl.h"

/* ---- account ---- */

static const struct choice languages[] = {
    {"zh", "中文", "Chinese"}, {"en", "英文", "English"}, {0}};

static const struct field account_fields[] = {
    [ACCOUNT_LOGIN] = {.no = 1,
                       .name = "login",
                       .type = FT_TEXT,
                       .flags = FF_REQUIRED | FF_KEY | FF_FILTER | FF_SORT | FF_SEARCH | FF_TITLE,
                       .min = 2,
                       .max = 40,
                       .zh = "登录名",
                       .en = "Login",
                       .zh_help = "小写字母、数字、点、横线、下划线",
                       .en_help = "Lower-case letters, digits, dot, hyphen, underscore",
                       .headers = "用户名|账号"},
    [ACCOUNT_NAME] = {.no = 2,
                      .name = "name",
                      .type = FT_TEXT,
                      .flags = FF_REQUIRED | FF_PERSONAL | FF_SEARCH,
                      .min = 1,
                      .max = 40,
                      .mask = MASK_NAME,
                      .zh = "姓名",
                      .en = "Name"},
    [ACCOUNT_UNIT] = {.no = 3,
                      .name = "unit",
                      .type = FT_UNIT,
                      .flags = FF_SCOPE | FF_FILTER,
                      .zh = "所属单位",
                      .en = "Unit"},
    [ACCOUNT_RESPONDER] = {.no = 4,
                           .name = "responder",
                           .type = FT_REF,
                           .ref = "responder",
                           .flags = FF_FILTER | FF_NO_IMPORT,
                           .zh = "对应人员",
                           .en = "Person"},
    [ACCOUNT_LANGUAGE] = {.no = 5,
                          .name = "language",
                          .type = FT_ENUM,
                          .choices = languages,
                          .initial = "zh",
                          .zh = "语言",
                          .en = "Language"},
    [ACCOUNT_MUST_CHANGE] = {.no = 6,
                             .name = "must_change_password",
                             .type = FT_BOOL,
                             .flags = FF_SYSTEM | FF_NO_IMPORT,
                             .zh = "须改密码",
                             .en = "Must change password"},
    [ACCOUNT_LAST_SEEN] = {.no = 7,
                           .name = "last_seen",
                           .type = FT_MOMENT,
                           .flags = FF_SYSTEM | FF_NO_IMPORT,
                           .zh = "最近使用",
                           .en = "Last seen"},
};

static const struct state account_states[] = {{"active", "启用", "Active"},
                                              {"locked", "锁定", "Locked"},
                                              {"disabled", "停用", "Disabled"},
                                              {0}};
static const struct transition account_transitions[] = {{.name = "lock",
                                                         .zh = "锁定",
                                                         .en = "Lock",
                                                         .from = "active",
                                                         .to = "locked",
                                                         .right = "account.lock",
                                                         .flags = TR_REASON},
                                                        {.name = "unlock",
                                                         .zh = "解锁",
                                                         .en = "Unlock",
                                                         .from = "locked",
                                                         .to = "active",
                                                         .right = "account.lock"},
                                                        {.name = "disable",
                                                         .zh = "停用",
                                                         .en = "Disable",
                                                         .from = "active locked",
                                                         .to = "disabled",
                                                         .right = "account.disable"},
                                                        {.name = "enable",
                                                         .zh = "启用",
                                                         .en = "Enable",
                                                         .from = "disabled",
                                                         .to = "active",
                                                         .right = "account.disable"},
                                                        {0}};

static bool login_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool login_valid(struct str login) {
  if (login.n < 2 || login.n > 40) return false;
  for (size_t i = 0; i < login.n; i++)
    if (!login_char(login.p[i])) return false;
  return true;
}

struct str login_normal(struct arena *a, struct str login) {
  login = str_trim(login);
  if (login.n > LOGIN_TYPED_MAX) login.n = LOGIN_TYPED_MAX; /* no login is so long: fits nothing */
  struct str out = arena_dup(a, login);
  char *p = (char *)out.p;
  for (size_t i = 0; i < out.n; i++)
    if (p[i] >= 'A' && p[i] <= 'Z') p[i] = (char)(p[i] + 32);
  return out;
}

static void account_check(const struct change *c, const struct record *old, struct record *rec,
                          struct problems *ps) {
  (void)old;
  struct str login = login_normal(c->a, rec_text(rec, ACCOUNT_LOGIN));
  if (str_empty(login)) return;
  if (!login_valid(login)) {
    problem_text(ps, PROBLEM_bad_format, S("login"), S("a-z 0-9 . - _"), login, S(""));
    return;
  }
  rec_set(rec, ACCOUNT_LOGIN, V_TEXT(login));
}

QUERY(q_grants_of, "SELECT role, unit FROM role_grant WHERE account = $1 AND retired = 0");

bool may_there(const struct viewer *v, right_t r, int32_t unit) {
  return unit ? viewer_may(v, r, unit) : viewer_scope(v, r, NULL, 0) == SCOPE_ALL;
}

int account_outranks(struct tx *tx, const struct viewer *v, const struct uuid *account,
                     bool *ret_outranks, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  *ret_outranks = false;
  if (v->system || uuid_eq(&v->user, account)) return 0;
  int r = cur_open(tx, &q_grants_of, P(V_UUID(*account)), &c, e);
  if (r < 0) return r;
  while ((r = cur_next(c, e)) == 1) {
    right_t give = role_give_right(role_index(cur_text(c, 0)));
    if (!may_there(v, give, (int32_t)cur_i64(c, 1))) *ret_outranks = true;
  }
  return r;
}

/* Whoever may manage the accounts of a branch may not touch one that has more than he could give.
 * Locking is the security administrator's, for all accounts of his branch. */
static int account_apply(struct tx *tx, struct change *c, const struct record *old,
                         struct record *rec, struct problems *ps, struct err *e) {
  bool outranks = false;
  bool locking = c->transition &&
                 strcmp(c->transition->right ? c->transition->right : "", "account.lock") == 0;
  if (!old || c->internal || locking) return 0;
  int r = account_outranks(tx, c->viewer, &rec->id, &outranks, e);
  if (r == 0 && outranks) problem_add(ps, PROBLEM_out_of_scope, S("login"));
  return r;
}

const struct kind account_kind = {.no = 90,
                                  .name = "account",
                                  .plural = "users",
                                  .zh = "用户",
                                  .en = "User",
                                  .flags = KF_GLOBAL | KF_NO_RETIRE,
                                  FIELDS(account_fields),
                                  .states = account_states,
                                  .transitions = account_transitions,
                                  .check = account_check,
                                  .apply = account_apply};

/* ---- grant ---- */

static const struct field grant_fields[] = {
    [GRANT_ACCOUNT] = {.no = 1,
                       .name = "account",
                       .type = FT_REF,
                       .ref = "account",
                       .flags = FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_TITLE,
                       .zh = "用户",
                       .en = "User"},
    [GRANT_ROLE] = {.no = 2,
                    .name = "role",
                    .type = FT_ENUM,
                    .choices = role_choices,
                    .flags = FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_SORT | FF_TITLE,
                    .zh = "角色",
                    .en = "Role"},
    [GRANT_UNIT] = {.no = 3,
                    .name = "unit",
                    .type = FT_UNIT,
                    .flags = FF_IMMUTABLE | FF_SCOPE | FF_FILTER,
                    .zh = "范围",
                    .en = "Branch",
                    .zh_help = "该单位及其下级；留空为全部",
                    .en_help = "And all below; empty: all"},
    [GRANT_OPERATION] = {.no = 4,
                         .name = "operation",
                         .type = FT_REF,
                         .ref = "operation",
                         .flags = FF_IMMUTABLE | FF_FILTER,
                         .zh = "行动",
                         .en = "Operation",
                         .zh_help = "留空为所有行动",
                         .en_help = "Empty: every operation"},
    [GRANT_FROM] = {.no = 5, .name = "valid_from", .type = FT_DATE, .zh = "自", .en = "From"},
    [GRANT_TO] = {.no = 6, .name = "valid_to", .type = FT_DATE, .zh = "至", .en = "To"},
};

static void grant_check(const struct change *c, const struct record *old, struct record *rec,
                        struct problems *ps) {
  (void)c;
  (void)old;
  if (!rec_null(rec, GRANT_FROM) && !rec_null(rec, GRANT_TO) &&
      rec_day(rec, GRANT_TO) < rec_day(rec, GRANT_FROM))
    problem_add(ps, PROBLEM_dates_reversed, S("valid_to"));
}

/* At most one of the roles that are apart. */
static int check_apart(struct tx *tx, const struct record *rec, struct problems *ps,
                       struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct uuid account = rec_uuid(rec, GRANT_ACCOUNT);
  const struct role *mine = role_at((size_t)role_index(rec_text(rec, GRANT_ROLE)));
  if (!mine || !(mine->flags & ROLE_APART)) return 0;
  int r = cur_open(tx, &q_grants_of, P(V_UUID(account)), &c, e);
  if (r < 0) return r;
  while ((r = cur_next(c, e)) == 1) {
    const struct role *other = role_at((size_t)role_index(cur_text(c, 0)));
    if (!other || other == mine || !(other->flags & ROLE_APART)) continue;
    problem_text(ps, PROBLEM_role_apart, S("role"), S(""), str_from(mine->name),
                 str_from(other->zh));
  }
  return r;
}

static int grant_apply(struct tx *tx, struct change *c, const struct record *old,
                       struct record *rec, struct problems *ps, struct err *e) {
  const struct viewer *v = c->viewer;
  struct uuid account = rec_uuid(rec, GRANT_ACCOUNT);
  if (!c->internal && !v->system) {
    right_t give = role_give_right(role_index(rec_text(rec, GRANT_ROLE)));
    if (!may_there(v, give, rec_unit(rec, GRANT_UNIT)))
      problem_text(ps, PROBLEM_role_not_yours, S("role"), S(""), rec_text(rec, GRANT_ROLE), S(""));
    if (!old && uuid_eq(&v->user, &account)) problem_add(ps, PROBLEM_same_person, S("account"));
  }
  return old ? 0 : check_apart(tx, rec, ps, e);
}

const struct kind role_grant_kind = {.no = 91,
                                     .name = "role_grant",
                                     .plural = "grants",
                                     .zh = "授权",
                                     .en = "Grant",
                                     .flags = KF_GLOBAL,
                                     FIELDS(grant_fields),
                                     .check = grant_check,
                                     .apply = grant_apply};

/* ---- device ---- */

static const struct field device_fields[] = {
    [DEVICE_NAME] = {.no = 1,
                     .name = "name",
                     .type = FT_TEXT,
                     .flags = FF_REQUIRED | FF_TITLE | FF_SEARCH,
                     .min = 1,
                     .max = 60,
                     .zh = "设备名",
                     .en = "Name"},
    [DEVICE_UNIT] = {.no = 2,
                     .name = "unit",
                     .type = FT_UNIT,
                     .flags = FF_SCOPE | FF_FILTER,
                     .zh = "单位",
                     .en = "Unit"},
    [DEVICE_ACCOUNT] = {.no = 3,
                        .name = "account",
                        .type = FT_REF,
                        .ref = "account",
                        .flags = FF_FILTER,
                        .zh = "使用人",
                        .en = "Owner"},
    [DEVICE_PUBLIC_KEY] = {.no = 4,
                           .name = "public_key",
                           .type = FT_TEXT,
                           .max = 200,
                           .flags = FF_NO_IMPORT,
                           .zh = "公钥",
                           .en = "Public key"},
    [DEVICE_LAST_SEEN] = {.no = 5,
                          .name = "last_seen",
                          .type = FT_MOMENT,
                          .flags = FF_SYSTEM | FF_NO_IMPORT,
                          .zh = "最近使用",
                          .en = "Last seen"},
    [DEVICE_POST] = {.no = 6,
                     .name = "post",
                     .type = FT_REF,
                     .ref = "post",
                     .flags = FF_FILTER | FF_NO_IMPORT,
                     .zh = "卡口",
                     .en = "Post"},
    [DEVICE_APP_VERSION] = {.no = 7,
                            .name = "app_version",
                            .type = FT_TEXT,
                            .max = 40,
                            .flags = FF_SYSTEM | FF_FILTER | FF_NO_IMPORT,
                            .zh = "应用版本",
                            .en = "App version"},
    [DEVICE_LAST_SYNC] = {.no = 8,
                          .name = "last_sync",
                          .type = FT_MOMENT,
                          .flags = FF_SYSTEM | FF_NO_IMPORT,
                          .zh = "最近同步",
                          .en = "Last sync"},
    [DEVICE_WAITING] = {.no = 9,
                        .name = "waiting",
                        .type = FT_INT,
                        .flags = FF_SYSTEM | FF_NO_IMPORT,
                        .zh = "待发条数",
                        .en = "Waiting",
                        .zh_help = "手机上次自报的数目",
                        .en_help = "As the phone last said itself"},
    [DEVICE_OLDEST_WAITING_AT] = {.no = 10,
                                  .name = "oldest_waiting_at",
                                  .type = FT_MOMENT,
                                  .flags = FF_SYSTEM | FF_NO_IMPORT,
                                  .zh = "最早待发",
                                  .en = "Oldest waiting"},
    [DEVICE_CLOCK_OFFSET] = {.no = 11,
                             .name = "clock_offset_ms",
                             .type = FT_INT,
                             .min = -INT64_C(4000000000000),
                             .max = INT64_C(4000000000000),
                             .flags = FF_SYSTEM | FF_NO_IMPORT,
                             .zh = "时钟差（毫秒）",
                             .en = "Clock offset (ms)",
                             .zh_help = "服务器时间减手机时间",
                             .en_help = "The server's clock less the phone's"},
};

static const struct state device_states[] = {
    {"active", "在用", "Active"}, {"revoked", "已注销", "Revoked"}, {"lost", "遗失", "Lost"}, {0}};
static const struct transition device_transitions[] = {{.name = "revoke",
                                                        .zh = "注销",
                                                        .en = "Revoke",
                                                        .from = "active lost",
                                                        .to = "revoked",
                                                        .right = "device.revoke"},
                                                       {.name = "report-lost",
                                                        .zh = "报失",
                                                        .en = "Report lost",
                                                        .from = "active",
                                                        .to = "lost",
                                                        .right = "device.update"},
                                                       {.name = "found",
                                                        .zh = "找回",
                                                        .en = "Found again",
                                                        .from = "lost",
                                                        .to = "active",
                                                        .right = "device.revoke"},
                                                       {0}};

const struct kind device_kind = {.no = 92,
                                 .name = "device",
                                 .plural = "devices",
                                 .zh = "设备",
                                 .en = "Device",
                                 .flags = KF_GLOBAL | KF_NO_RETIRE,
                                 FIELDS(device_fields),
                                 .states = device_states,
                                 .transitions = device_transitions};
