#include "app/accounts.h"
#include "app/api_internal.h"
#include "app/devices.h"
#include "app/settings.h"
#include "app/verify.h"
#include "auth/invite_sheet.h"
#include <stdio.h>

/* ---- what comes in ---- */

struct want {
  const char *name;
  struct str *out;
  bool required;
};

/* Text members of the body, and no others. */
static int read_body(struct rq *rq, const struct want *wants, size_t n, struct err *e) {
  const char *key;
  json_t *value;
  if (!json_is_object(rq->body)) return err_set(e, E_MALFORMED, "the body must be a JSON object");
  json_object_foreach(rq->body, key, value) {
    const struct want *w = NULL;
    for (size_t i = 0; i < n && !w; i++)
      if (strcmp(wants[i].name, key) == 0) w = &wants[i];
    if (!w)
      problem_add(&rq->problems, PROBLEM_unknown_field, str_from(key));
    else if (json_is_string(value))
      *w->out = json_str(value);
    else if (!json_is_null(value))
      problem_text(&rq->problems, PROBLEM_wrong_type, str_from(key), S("text"), S(""), S(""));
  }
  for (size_t i = 0; i < n; i++) {
    const json_t *there = json_object_get(rq->body, wants[i].name);
    bool absent = !there || json_is_null(there) || json_is_string(there);
    if (wants[i].required && absent && str_empty(*wants[i].out))
      problem_add(&rq->problems, PROBLEM_required, str_from(wants[i].name));
  }
  return rq_check(rq, e);
}

static bool is_https(struct rq *rq) {
  return str_is(http_header(rq->http, "X-Forwarded-Proto"), "https");
}

/* Behind a TLS terminator on this machine every connection comes from it: what it says of the
 * client counts, and nobody else's word. */
struct str rq_peer(struct rq *rq) {
  struct str peer = http_peer(rq->http), last = {0};
  struct str said = http_header(rq->http, "X-Forwarded-For");
  bool local = str_starts(peer, S("127.")) || str_is(peer, "::1");
  while (local && said.p) last = str_trim(str_split(&said, ','));
  return last.n && last.n <= 64 && str_utf8_valid(last) ? last : peer;
}

/* Where this server is reached, for links on paper. */
struct str rq_base_url(struct rq *rq) {
  struct str origin = http_header(rq->http, "Origin");
  if (origin.p && str_starts(origin, S("http"))) return origin;
  struct str host = http_header(rq->http, "Host");
  return arena_printf(rq->a, "%s://" STR_FMT, is_https(rq) ? "https" : "http", STR_ARG(host));
}

/* ---- signing in ---- */

static void session_json(struct rq *rq, struct jw *w, const struct auth_session *s,
                         const char *token) {
  struct unit_tree *tree = app_tree(rq->app);
  jw_object(w);
  if (token) {
    jw_k(w, "token");
    jw_strz(w, token);
  }
  jw_k(w, "csrf");
  jw_strz(w, s->csrf);
  jw_k(w, "user");
  auth_user_json(w, s, tree);
  jw_end(w);
  unit_tree_unref(tree);
}

static void set_cookie(struct rq *rq, const char *token) {
  http_add_header(rq->http, "Set-Cookie",
                  arena_printf(rq->a, "sw_session=%s; Path=/; HttpOnly; SameSite=Strict%s%s", token,
                               is_https(rq) ? "; Secure" : "", *token ? "" : "; Max-Age=0"));
}

static void answer_task(struct rq *rq, void *arg) {
  struct auth_task *t = arg;
  if (t->result < 0) {
    rq_problem(rq, &t->err, &t->problems);
    return;
  }
  if (t->type == AUTH_PASSWORD) {
    rq_empty(rq, 204);
    return;
  }
  struct buf b = BUF_INIT(KIB(64));
  struct jw w;
  jw_init(&w, &b);
  session_json(rq, &w, t->out, t->token);
  set_cookie(rq, t->token);
  rq_json(rq, 201, &b);
}

static void task_done(struct auth_task *t) {
  api_answer_later(t->owner, answer_task, t);
}

static int submit(struct rq *rq, struct auth_task *t, struct err *e) {
  t->a = rq->a;
  t->peer = rq_peer(rq);
  t->done = task_done;
  t->owner = rq;
  /* Suspended first: the answer may come before auth_submit returns. */
  http_suspend(rq->http);
  if (auth_submit(rq->app->auth, t, e) < 0) rq_problem(rq, e, &t->problems);
  return 0;
}

static int session_post(struct rq *rq, struct err *e) {
  struct auth_task *t = arena_new(rq->a, struct auth_task);
  const struct want wants[] = {
      {"login", &t->login, true}, {"password", &t->password, true}, {"device", &t->device, false}};
  int r = read_body(rq, wants, ARRAY_LEN(wants), e);
  if (r < 0) return r;
  t->type = AUTH_LOGIN;
  return submit(rq, t, e);
}

static int password_post(struct rq *rq, struct err *e) {
  struct auth_task *t = arena_new(rq->a, struct auth_task);
  const struct want wants[] = {{"old", &t->password, true}, {"new", &t->new_password, true}};
  int r = read_body(rq, wants, ARRAY_LEN(wants), e);
  if (r < 0) return r;
  t->type = AUTH_PASSWORD;
  t->session = rq->session;
  return submit(rq, t, e);
}

static int session_get(struct rq *rq, struct err *e) {
  struct buf b = BUF_INIT(KIB(64));
  struct jw w;
  (void)e;
  jw_init(&w, &b);
  session_json(rq, &w, rq->session, NULL);
  rq_json(rq, 200, &b);
  return 0;
}

static int sessions_get(struct rq *rq, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  jw_init(&w, &b);
  int r = rq_read(rq, &tx, e);
  if (r >= 0) r = auth_sessions_json(rq->app->auth, tx, rq->viewer, rq->session, &w, e);
  if (r < 0) {
    buf_done(&b);
    return r;
  }
  rq_json(rq, 200, &b);
  return 0;
}

/* ---- ending ---- */

static void answer_ended(struct rq *rq, void *arg) {
  const struct auth_end *end = arg;
  if (rq->session && uuid_eq(&end->session, &rq->session->id)) set_cookie(rq, "");
  rq_empty(rq, 204);
}

static int end(struct rq *rq, struct uuid session, struct uuid account, struct err *e) {
  struct auth_end *x = arena_new(rq->a, struct auth_end);
  *x = (struct auth_end){
      .auth = rq->app->auth, .viewer = rq->viewer, .session = session, .account = account};
  return rq_commit(rq, &auth_end_cmd, x, CMD_NORMAL, answer_ended, e);
}

static int session_delete(struct rq *rq, struct err *e) {
  return end(rq, rq->session->id, (struct uuid){{0}}, e);
}

static int param_id(struct rq *rq, struct uuid *ret_id, struct err *e) {
  if (uuid_parse(rq->params[0], ret_id) == 0) return 0;
  return err_set(e, E_NOT_FOUND, "no such id");
}

static int session_revoke(struct rq *rq, struct err *e) {
  struct uuid id;
  return param_id(rq, &id, e) ?: end(rq, id, (struct uuid){{0}}, e);
}

static int user_sessions_delete(struct rq *rq, struct err *e) {
  struct uuid id;
  return param_id(rq, &id, e) ?: end(rq, (struct uuid){{0}}, id, e);
}

static void answer_no_content(struct rq *rq, void *arg) {
  (void)arg;
  rq_empty(rq, 204);
}

static int user_unlock(struct rq *rq, struct err *e) {
  struct auth_unlock *x = arena_new(rq->a, struct auth_unlock);
  *x = (struct auth_unlock){.auth = rq->app->auth, .viewer = rq->viewer};
  return param_id(rq, &x->account, e)
             ?: rq_commit(rq, &auth_unlock_cmd, x, CMD_NORMAL, answer_no_content, e);
}

/* ---- invitations ---- */

struct invite_request {
  struct auth_invite inv;
  struct rq *rq;
  struct pool_job job;
  struct str base;
  bool sheet;
};

static void invitations_json(const struct invite_request *x, struct jw *w) {
  const struct rq *rq = x->rq;
  char at[MOMENT_TEXT], id[UUID_TEXT];
  jw_object(w);
  jw_k(w, "items");
  jw_array(w);
  for (size_t i = 0; i < x->inv.n; i++) {
    const struct auth_invitation *v = &x->inv.out[i];
    jw_object(w);
    jw_k(w, "user");
    uuid_format(&v->account, id);
    jw_strz(w, id);
    jw_k(w, "login");
    jw_str(w, v->login);
    jw_k(w, "name");
    jw_str(w, v->name);
    jw_k(w, "code");
    jw_strz(w, v->code);
    jw_k(w, "link");
    jw_str(w, invite_link(rq->a, x->base, v->code));
    jw_k(w, "expires_at");
    moment_format(v->expires_ms, rq->viewer->zone, at);
    jw_strz(w, at);
    jw_end(w);
  }
  jw_end(w);
  jw_end(w);
}

/* On the pool: a sheet of 3,000 cards takes seconds. */
static void draw_sheet(struct pool_job *job) {
  struct invite_request *x = job->owner;
  struct rq *rq = x->rq;
  struct err e = {0};
  struct buf b = BUF_INIT(LIMIT_PDF_OUT);
  struct invite_sheet sheet = {.a = rq->a,
                               .items = x->inv.out,
                               .n = x->inv.n,
                               .base = x->base,
                               .tree = rq->viewer->tree,
                               .zone = rq->viewer->zone,
                               .now_ms = rq->now_ms,
                               .zh = rq->zh};
  if (invite_sheet_pdf(&sheet, &b, &e) < 0) {
    rq_problem(rq, &e, NULL);
  } else {
    http_add_header(rq->http, "Content-Disposition", S("attachment; filename=\"invitations.pdf\""));
    http_reply(rq->http, 201, "application/pdf", buf_str(&b), HTTP_COPY);
  }
  buf_done(&b);
}

static void answer_invited(struct rq *rq, void *arg) {
  struct invite_request *x = arg;
  struct err e = {0};
  if (x->sheet) {
    x->job = (struct pool_job){.run = draw_sheet, .owner = x};
    if (auth_background(rq->app->auth, &x->job, &e) < 0) rq_problem(rq, &e, NULL);
    return;
  }
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  jw_init(&w, &b);
  invitations_json(x, &w);
  rq_json(rq, 201, &b);
}

static void later_invited(struct rq *rq, void *arg) {
  api_answer_later(rq, answer_invited, arg);
}

static int run_invite(struct tx *tx, void *arg, struct err *e) {
  struct invite_request *x = arg;
  return auth_invite_cmd.run(tx, &x->inv, e);
}
static const struct cmd_class invite_request_cmd = {.name = "invite", .run = run_invite};

static int read_users(struct rq *rq, struct auth_invite *inv, struct err *e) {
  const json_t *users = json_object_get(rq->body, "users");
  const json_t *days = json_object_get(rq->body, "days");
  if (!json_is_array(users)) {
    problem_add(&rq->problems, PROBLEM_required, S("users"));
    return rq_check(rq, e);
  }
  inv->n = json_array_size(users);
  if (inv->n > LIMIT_INVITATIONS) {
    problem_limit(&rq->problems, PROBLEM_too_many, S("users"), LIMIT_INVITATIONS);
    return rq_check(rq, e);
  }
  struct uuid *ids = arena_array(rq->a, struct uuid, inv->n + 1);
  for (size_t i = 0; i < inv->n; i++)
    if (uuid_parse(json_str(json_array_get(users, i)), &ids[i]) != 0)
      problem_text(&rq->problems, PROBLEM_wrong_type, arena_printf(rq->a, "users[%zu]", i),
                   S("uuid"), S(""), S(""));
  inv->accounts = ids;
  if (days &&
      (!json_is_integer(days) || json_integer_value(days) < 1 || json_integer_value(days) > 90))
    problem_limit(&rq->problems, PROBLEM_too_large, S("days"), 90);
  else if (days)
    inv->days = (int)json_integer_value(days);
  return rq_check(rq, e);
}

static int invitations_post(struct rq *rq, struct err *e) {
  struct invite_request *x = arena_new(rq->a, struct invite_request);
  struct str accept = http_header(rq->http, "Accept");
  x->rq = rq;
  x->base = rq_base_url(rq);
  x->sheet = accept.p && str_find(accept, S("application/pdf")) != (size_t)-1;
  x->inv = (struct auth_invite){.auth = rq->app->auth, .viewer = rq->viewer, .a = rq->a};
  if (!json_is_object(rq->body)) return err_set(e, E_MALFORMED, "the body must be a JSON object");
  int r = read_users(rq, &x->inv, e);
  if (r < 0) return r;
  struct tx *tx = NULL;
  r = rq_read(rq, &tx, e);
  if (r >= 0) r = auth_invite_ready(&x->inv, tx, e);
  tx_end(tx);
  rq->problems = x->inv.problems;
  if (r < 0) return r;
  if (x->sheet) http_set_deadline(rq->http, 2 * MS_MINUTE);
  return rq_commit(rq, &invite_request_cmd, x, CMD_BULK, later_invited, e);
}

static int invitation_look(struct rq *rq, struct err *e) {
  struct str code = {0};
  struct auth_invitation inv;
  const struct want wants[] = {{"code", &code, true}};
  int r = read_body(rq, wants, ARRAY_LEN(wants), e);
  if (r < 0) return r;
  r = auth_invitation_look(rq->app->auth, rq->a, code, rq_peer(rq), &inv, e);
  if (r < 0) return r;
  struct buf b = BUF_INIT(KIB(16));
  struct jw w;
  struct unit_tree *tree = app_tree(rq->app);
  const struct unit_row *u = inv.unit ? unit_by_no(tree, inv.unit) : NULL;
  char at[MOMENT_TEXT];
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "login");
  jw_str(&w, inv.login);
  jw_k(&w, "name");
  jw_str(&w, mask_text(rq->a, MASK_NAME, inv.name));
  jw_k(&w, "unit");
  if (u)
    jw_str(&w, u->name);
  else
    jw_null(&w);
  jw_k(&w, "expires_at");
  moment_format(inv.expires_ms, zone_get("Asia/Shanghai"), at);
  jw_strz(&w, at);
  jw_end(&w);
  unit_tree_unref(tree);
  rq_json(rq, 200, &b);
  return 0;
}

static int invitation_accept(struct rq *rq, struct err *e) {
  struct auth_task *t = arena_new(rq->a, struct auth_task);
  const struct want wants[] = {{"code", &t->code, true},
                               {"password", &t->password, true},
                               {"login", &t->login, false},
                               {"device", &t->device, false}};
  int r = read_body(rq, wants, ARRAY_LEN(wants), e);
  if (r < 0) return r;
  t->type = AUTH_ACCEPT;
  return submit(rq, t, e);
}

/* ---- the audit, the matrix ---- */

static int query_uuid(struct rq *rq, const char *name, struct uuid *ret_id) {
  struct str text = rq_arg(rq, name);
  if (str_empty(text)) return 0;
  if (uuid_parse(text, ret_id) != 0)
    problem_text(&rq->problems, PROBLEM_wrong_type, str_from(name), S("uuid"), text, S(""));
  return 0;
}

static int audit_days(struct rq *rq, struct audit_query *q, struct err *e) {
  int32_t from, to;
  bool one = !str_empty(rq_arg(rq, "day"));
  const char *first = one ? "day" : "from", *last = one ? "day" : "to";
  int r = 0;
  if (!str_empty(rq_arg(rq, first))) {
    r = rq_day(rq, first, &from, e);
    if (r == 0) q->from_ms = zone_moment(rq->viewer->zone, from, 0);
  }
  if (r == 0 && !str_empty(rq_arg(rq, last))) {
    r = rq_day(rq, last, &to, e);
    if (r == 0) q->to_ms = zone_moment(rq->viewer->zone, to + 1, 0);
  }
  return r;
}

static int audit_query_read(struct rq *rq, struct audit_query *q, struct err *e) {
  int64_t limit = 0;
  struct str kind = rq_arg(rq, "kind"), n = rq_arg(rq, "limit");
  query_uuid(rq, "actor", &q->actor);
  query_uuid(rq, "id", &q->id);
  q->action = rq_arg(rq, "action");
  q->after = rq_arg(rq, "after");
  if (!str_empty(kind) && !(q->kind = kind_by_name(kind)))
    problem_text(&rq->problems, PROBLEM_not_found, S("kind"), S(""), kind, S(""));
  if (!str_empty(n) && parse_i64(n, 1, LIMIT_PAGE, &limit) != 0)
    problem_limit(&rq->problems, PROBLEM_too_large, S("limit"), LIMIT_PAGE);
  q->limit = (int)limit;
  int r = audit_days(rq, q, e);
  if (r == 0 && !str_empty(rq_arg(rq, "unit"))) r = rq_unit(rq, "unit", "audit.read", &q->unit, e);
  return r ?: rq_check(rq, e);
}

static int audit_get(struct rq *rq, struct err *e) {
  struct audit_query q = {0};
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  jw_init(&w, &b);
  int r = audit_query_read(rq, &q, e);
  if (r >= 0) r = rq_read(rq, &tx, e);
  if (r >= 0) r = audit_list(tx, rq->a, rq->viewer, &q, &w, e);
  if (r < 0) {
    buf_done(&b);
    return r;
  }
  rq_json(rq, 200, &b);
  return 0;
}

static int rights_get(struct rq *rq, struct err *e) {
  struct buf b = BUF_INIT(MIB(1));
  (void)e;
  rights_json(auth_roles(rq->app->auth), &b);
  rq_json(rq, 200, &b);
  return 0;
}

/* ---- the module ---- */

static const struct setting settings[] = {{.name = "session.idle_minutes",
                                           .type = SETTING_INT,
                                           .initial = AUTH_IDLE_MS / MS_MINUTE,
                                           .min = 2,
                                           .max = 720,
                                           .measure = "minutes",
                                           .zh = "无操作自动退出",
                                           .en = "Sign out after no use for"},
                                          {.name = "session.hours",
                                           .type = SETTING_INT,
                                           .initial = AUTH_ABSOLUTE_MS / MS_HOUR,
                                           .min = 1,
                                           .max = 72,
                                           .measure = "hours",
                                           .zh = "登录最长有效时间",
                                           .en = "A session lives at most"},
                                          {0}};

static void take_settings(struct app *app) {
  auth_set_times(app->auth, setting_i64(app, 0, "session.idle_minutes") * MS_MINUTE,
                 setting_i64(app, 0, "session.hours") * MS_HOUR);
}

static int start(struct app *app, struct err *e) {
  (void)e;
  take_settings(app);
  return 0;
}

static int housekeeping(struct app *app, struct arena *a, struct err *e) {
  (void)a;
  take_settings(app);
  return auth_housekeeping(app->auth, e);
}

static int check_audit(struct verify *v, struct err *e) {
  static const char *const words[] = {[AUDIT_SOUND] = "sound",
                                      [AUDIT_ALTERED] = "a row was altered",
                                      [AUDIT_MISSING] = "a row is missing",
                                      [AUDIT_TAIL_CUT] = "the end was cut off"};
  struct audit_verdict found;
  int r = audit_verify(auth_audit(v->app->auth), v->app->store, &found, e);
  if (r < 0) return r;
  v->checked += found.rows;
  if (found.finding != AUDIT_SOUND)
    verify_wrong(v, "audit lane %lld, row %lld: %s", (long long)found.lane, (long long)found.no,
                 words[found.finding]);
  return 0;
}

static const struct verify_check checks[] = {
    {"audit", "审计链", "The audit's chain and its anchors", check_audit}, {0}};

static const struct kind *const kinds[] = {&account_kind, &role_grant_kind, &device_kind, NULL};
static const struct job jobs[] = {
    {.name = "auth", .every_ms = MS_MINUTE, .run = housekeeping, .flags = JOB_EACH}, {0}};

static const struct route routes[] = {
    {HTTP_POST, "/api/v1/sessions", NULL, ROUTE_PUBLIC, 0, session_post, "登录", "Sign in"},
    {HTTP_GET, "/api/v1/sessions", NULL, ROUTE_SIGNED_IN, 0, sessions_get, "登录会话",
     "Sessions: one's own, and those of one's branch"},
    {HTTP_GET, "/api/v1/sessions/current", NULL, ROUTE_SIGNED_IN, 0, session_get, "当前会话",
     "The present session"},
    {HTTP_DELETE, "/api/v1/sessions/current", NULL, ROUTE_SIGNED_IN, 0, session_delete, "退出",
     "Sign out"},
    {HTTP_POST, "/api/v1/sessions/current/password", NULL, ROUTE_SIGNED_IN, 0, password_post,
     "修改密码", "Change one's password"},
    {HTTP_DELETE, "/api/v1/sessions/:id", NULL, ROUTE_SIGNED_IN, 0, session_revoke, "结束会话",
     "End a session"},
    {HTTP_DELETE, "/api/v1/users/:id/sessions", "session.revoke", 0, 0, user_sessions_delete,
     "结束某人的全部会话", "End all of somebody's sessions"},
    {HTTP_POST, "/api/v1/users/:id/unlock-login", "account.lock", 0, 0, user_unlock, "解除登录限制",
     "Take off the lock of a login"},
    {HTTP_POST, "/api/v1/invitations", "invitation.create", 0, MIB(1), invitations_post, "邀请",
     "Invite: JSON, or a sheet of cards as PDF"},
    {HTTP_POST, "/api/v1/invitations/look", NULL, ROUTE_PUBLIC, 0, invitation_look, "查看邀请",
     "What an invitation is for"},
    {HTTP_POST, "/api/v1/invitations/accept", NULL, ROUTE_PUBLIC, 0, invitation_accept, "接受邀请",
     "Accept an invitation"},
    {HTTP_POST, "/api/v1/devices/register", NULL, ROUTE_SIGNED_IN, 0, device_register, "登记设备",
     "Register this device"},
    {HTTP_POST, "/api/v1/devices/:id/authors", NULL, ROUTE_SIGNED_IN, 0, device_author_post,
     "在本机留名", "Prove who writes on this device"},
    {HTTP_DELETE, "/api/v1/devices/:id/authors/:account", NULL, ROUTE_SIGNED_IN, 0,
     device_author_delete, "取消在本机留名", "End somebody's proof on a device"},
    {HTTP_GET, "/api/v1/audit", "audit.read", 0, 0, audit_get, "审计", "The audit"},
    {HTTP_GET, "/api/v1/rights", "role_grant.read", 0, 0, rights_get, "权限表",
     "The rights matrix"},
    {0}};

const struct module accounts_module = {.name = "accounts",
                                       .zh = "用户与权限",
                                       .en = "Users and rights",
                                       .kinds = kinds,
                                       .routes = routes,
                                       .jobs = jobs,
                                       .settings = settings,
                                       .start = start,
                                       .checks = checks};
