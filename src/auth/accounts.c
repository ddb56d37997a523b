#include "auth/auth_impl.h"

/* ---- account ---- */

static const struct choice languages[] = {
    {"zh", "中文", "Chinese"}, {"en", "英文", "English"}, {0}};

static const struct field account_fields[] = {
    [ACCOUNT_LOGIN] = {1, "login", FT_TEXT,
                       FF_REQUIRED | FF_KEY | FF_FILTER | FF_SORT | FF_SEARCH | FF_TITLE, .min = 2,
                       .max = 40, .zh = "登录名", .en = "Login",
                       .zh_help = "小写字母、数字、点、横线、下划线",
                       .en_help = "Lower-case letters, digits, dot, hyphen, underscore",
                       .headers = "用户名|账号"},
    [ACCOUNT_NAME] = {2, "name", FT_TEXT, FF_REQUIRED | FF_PERSONAL | FF_SEARCH, .min = 1,
                      .max = 40, .mask = MASK_NAME, .zh = "姓名", .en = "Name"},
    [ACCOUNT_UNIT] = {3, "unit", FT_UNIT, FF_SCOPE | FF_FILTER, .zh = "所属单位", .en = "Unit"},
    [ACCOUNT_RESPONDER] = {4, "responder", FT_REF, FF_PERSON | FF_FILTER | FF_NO_IMPORT,
                           .ref = "responder", .zh = "对应人员", .en = "Person"},
    [ACCOUNT_LANGUAGE] = {5, "language", FT_ENUM, .choices = languages, .initial = "zh",
                          .zh = "语言", .en = "Language"},
    [ACCOUNT_MUST_CHANGE] = {6, "must_change_password", FT_BOOL, FF_SYSTEM | FF_NO_IMPORT,
                             .zh = "须改密码", .en = "Must change password"},
    [ACCOUNT_LAST_SEEN] = {7, "last_seen", FT_MOMENT, FF_SYSTEM | FF_NO_IMPORT, .zh = "最近使用",
                           .en = "Last seen"},
};

static const struct state account_states[] = {{"active", "启用", "Active"},
                                              {"locked", "锁定", "Locked"},
                                              {"disabled", "停用", "Disabled"},
                                              {0}};
static const struct transition account_transitions[] = {
    {"lock", "锁定", "Lock", "active", "locked", .right = "account.lock",
     .flags = TR_REASON | TR_ONLINE},
    {"unlock", "解锁", "Unlock", "locked", "active", .right = "account.lock", .flags = TR_ONLINE},
    {"disable", "停用", "Disable", "active locked", "disabled", .right = "account.disable",
     .flags = TR_ONLINE},
    {"enable", "启用", "Enable", "disabled", "active", .right = "account.disable",
     .flags = TR_ONLINE},
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

QUERY(q_grants_count, "SELECT count(*) FROM role_grant WHERE account = $1 AND retired = 0");

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

static const struct screen account_screen = {
    .columns = "login name unit language", .good = "active", .bad = "locked"};
const struct kind account_kind = {KIND(90, "account", "users", "用户", "User", account_fields),
                                  .screen = &account_screen,
                                  .flags = KF_GLOBAL | KF_NO_RETIRE,
                                  .states = account_states,
                                  .transitions = account_transitions,
                                  .check = account_check,
                                  .apply = account_apply};

/* ---- grant ---- */

static const struct field grant_fields[] = {
    [GRANT_ACCOUNT] = {1, "account", FT_REF, FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_TITLE,
                       .ref = "account", .zh = "用户", .en = "User"},
    [GRANT_ROLE] = {2, "role", FT_ENUM, FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_SORT | FF_TITLE,
                    .choices = role_choices, .zh = "角色", .en = "Role"},
    [GRANT_UNIT] = {3, "unit", FT_UNIT, FF_IMMUTABLE | FF_SCOPE | FF_FILTER, .zh = "范围",
                    .en = "Branch", .zh_help = "该单位及其下级；留空为全部",
                    .en_help = "And all below; empty: all"},
    [GRANT_OPERATION] = {4, "operation", FT_REF, FF_IMMUTABLE | FF_FILTER, .ref = "operation",
                         .zh = "行动", .en = "Operation", .zh_help = "留空为所有行动",
                         .en_help = "Empty: every operation"},
    [GRANT_FROM] = {5, "valid_from", FT_DATE, .zh = "自", .en = "From"},
    [GRANT_TO] = {6, "valid_to", FT_DATE, .zh = "至", .en = "To"},
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
  if (!mine || !(mine->flags & ROLE_EXCLUSIVE)) return 0;
  int r = cur_open(tx, &q_grants_of, P(V_UUID(account)), &c, e);
  if (r < 0) return r;
  while ((r = cur_next(c, e)) == 1) {
    const struct role *other = role_at((size_t)role_index(cur_text(c, 0)));
    if (!other || other == mine || !(other->flags & ROLE_EXCLUSIVE)) continue;
    problem_text(ps, PROBLEM_role_apart, S("role"), S(""), str_from(mine->name),
                 str_from(other->zh));
  }
  return r;
}

/* A session holds so many: a further one would be given, and never be asked. */
static int check_number(struct tx *tx, const struct record *rec, struct problems *ps,
                        struct err *e) {
  int64_t n = 0;
  int r = tx_i64(tx, &q_grants_count, P(V_UUID(rec_uuid(rec, GRANT_ACCOUNT))), &n, e);
  if (r >= 0 && n >= LIMIT_GRANTS_PER_USER)
    problem_limit(ps, PROBLEM_too_many, S("account"), LIMIT_GRANTS_PER_USER);
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
  if (rec->retired || (old && !old->retired)) return 0; /* one that is restored counts again */
  int r = check_apart(tx, rec, ps, e);
  return r < 0 ? r : check_number(tx, rec, ps, e);
}

const struct kind role_grant_kind = {
    KIND(91, "role_grant", "grants", "授权", "Grant", grant_fields), .flags = KF_GLOBAL,
    .check = grant_check, .apply = grant_apply};

/* ---- device ---- */

static const struct field device_fields[] = {
    [DEVICE_NAME] = {1, "name", FT_TEXT, FF_REQUIRED | FF_TITLE | FF_SEARCH, .min = 1, .max = 60,
                     .zh = "设备名", .en = "Name"},
    [DEVICE_UNIT] = {2, "unit", FT_UNIT, FF_SCOPE | FF_FILTER, .zh = "单位", .en = "Unit"},
    [DEVICE_ACCOUNT] = {3, "account", FT_REF, FF_FILTER, .ref = "account", .zh = "使用人",
                        .en = "Owner"},
    [DEVICE_PUBLIC_KEY] = {4, "public_key", FT_TEXT, FF_NO_IMPORT, .max = 200, .zh = "公钥",
                           .en = "Public key"},
    [DEVICE_LAST_SEEN] = {5, "last_seen", FT_MOMENT, FF_SYSTEM | FF_NO_IMPORT, .zh = "最近使用",
                          .en = "Last seen"},
    [DEVICE_POST] = {6, "post", FT_REF, FF_FILTER | FF_NO_IMPORT, .ref = "post", .zh = "卡口",
                     .en = "Post"},
    [DEVICE_APP_VERSION] = {7, "app_version", FT_TEXT, FF_SYSTEM | FF_FILTER | FF_NO_IMPORT,
                            .max = 40, .zh = "应用版本", .en = "App version"},
    [DEVICE_LAST_SYNC] = {8, "last_sync", FT_MOMENT, FF_SYSTEM | FF_NO_IMPORT, .zh = "最近同步",
                          .en = "Last sync"},
    [DEVICE_WAITING] = {9, "waiting", FT_INT, FF_SYSTEM | FF_NO_IMPORT, .zh = "待发条数",
                        .en = "Waiting", .zh_help = "上次同步之后",
                        .en_help = "After its last sync"},
    [DEVICE_OLDEST_WAITING_AT] = {10, "oldest_waiting_at", FT_MOMENT, FF_SYSTEM | FF_NO_IMPORT,
                                  .zh = "最早待发", .en = "Oldest waiting"},
    [DEVICE_CLOCK_OFFSET] = {11, "clock_offset_ms", FT_INT, FF_SYSTEM | FF_NO_IMPORT,
                             .min = -INT64_C(4000000000000), .max = INT64_C(4000000000000),
                             .zh = "时钟差（毫秒）", .en = "Clock offset (ms)",
                             .zh_help = "服务器时间减手机时间",
                             .en_help = "The server's clock less the phone's"},
    [DEVICE_SEQ_SEEN] = {12, "seq_seen", FT_INT, FF_SYSTEM | FF_NO_IMPORT, .zh = "已收到的最大序号",
                         .en = "Highest number received"},
    [DEVICE_MISSING] = {13, "missing", FT_TEXT, FF_SYSTEM | FF_FILTER | FF_NO_IMPORT, .max = 400,
                        .zh = "未收到的序号", .en = "Numbers that never arrived"},
    [DEVICE_LAST_ITEM_AT] = {14, "last_item_at", FT_MOMENT, FF_SYSTEM | FF_NO_IMPORT,
                             .zh = "最近一条的时间", .en = "Its last entry was of"},
};

static const struct state device_states[] = {
    {"active", "在用", "Active"}, {"revoked", "已注销", "Revoked"}, {"lost", "遗失", "Lost"}, {0}};
static const struct transition device_transitions[] = {
    {"revoke", "注销", "Revoke", "active lost", "revoked", .right = "device.revoke",
     .flags = TR_ONLINE},
    {"report-lost", "报失", "Report lost", "active", "lost", .right = "device.update"},
    {"found", "找回", "Found again", "lost", "active", .right = "device.revoke",
     .flags = TR_ONLINE},
    {0}};

static const struct screen device_screen = {
    .group = "admin",
    .order = 20,
    .zh = "手机与同步",
    .en = "Phones and sync",
    .columns = "name unit post last_seen waiting oldest_waiting_at missing app_version",
    .good = "active",
    .wait = "lost",
    .bad = "revoked"};
const struct kind device_kind = {KIND(92, "device", "devices", "设备", "Device", device_fields),
                                 .screen = &device_screen, .flags = KF_GLOBAL | KF_NO_RETIRE,
                                 .states = device_states, .transitions = device_transitions};
