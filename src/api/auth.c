#include "api/accounts_module.h"
#include "api/link.h"
#include "api/api_internal.h"
#include "core/jobs.h"
#include "core/settings.h"
#include "core/verify.h"
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
    jw_kstrz(w, "token", token);
  }
  jw_kstrz(w, "csrf", s->csrf);
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

static int task_answer(struct rq *rq, struct jw *w, struct err *e) {
  struct auth_task *t = rq->work;
  if (t->result < 0) {
    *e = t->err;
    rq->problems = t->problems;
    return t->result;
  }
  if (t->type == AUTH_PASSWORD) {
    rq->status = 204;
    return 0;
  }
  session_json(rq, w, t->out, t->token);
  set_cookie(rq, t->token);
  rq->status = 201;
  return 0;
}

static void task_done(struct auth_task *t) {
  rq_finish_later(t->owner, task_answer);
}

static int submit(struct rq *rq, struct auth_task *t, struct err *e) {
  t->a = rq->a;
  t->peer = rq_peer(rq);
  t->done = task_done;
  t->owner = rq;
  rq->work = t;
  /* Suspended first: the answer may come before auth_submit returns. */
  rq_suspend(rq);
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

static int session_get(struct rq *rq, struct jw *w, struct err *e) {
  (void)e;
  session_json(rq, w, rq->session, NULL);
  return 0;
}

static int sessions_get(struct rq *rq, struct jw *w, struct err *e) {
  return auth_sessions_json(rq->app->auth, rq->tx, rq->viewer, rq->session, w, e);
}

/* ---- ending ---- */

static int answer_ended(struct rq *rq, struct jw *w, struct err *e) {
  (void)w;
  (void)e;
  const struct auth_end *end = rq->work;
  if (rq->session && uuid_eq(&end->session, &rq->session->id)) set_cookie(rq, "");
  rq->status = 204;
  return 0;
}

static int end(struct rq *rq, struct uuid session, struct uuid account, struct err *e) {
  struct auth_end *x = arena_new(rq->a, struct auth_end);
  *x = (struct auth_end){
      .auth = rq->app->auth, .viewer = rq->viewer, .session = session, .account = account};
  return rq_do(rq, &auth_end_cmd, x, CMD_NORMAL, answer_ended, e);
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

static int user_unlock(struct rq *rq, struct err *e) {
  struct auth_unlock *x = arena_new(rq->a, struct auth_unlock);
  *x = (struct auth_unlock){.auth = rq->app->auth, .viewer = rq->viewer};
  return param_id(rq, &x->account, e) ?: rq_do(rq, &auth_unlock_cmd, x, CMD_NORMAL, NULL, e);
}

/* ---- invitations ---- */

struct invite_request {
  struct auth_invite inv;
  struct str base;
};

static int invited_answer(struct rq *rq, struct jw *w, struct err *e) {
  const struct invite_request *x = rq->work;
  (void)e;
  char at[MOMENT_TEXT], id[UUID_TEXT];
  jw_object(w);
  jw_karray(w, "items");
  for (size_t i = 0; i < x->inv.n; i++) {
    const struct auth_invitation *v = &x->inv.out[i];
    jw_object(w);
    jw_k(w, "user");
    uuid_format(&v->account, id);
    jw_strz(w, id);
    jw_kstr(w, "login", v->login);
    jw_kstr(w, "name", v->name);
    jw_kstrz(w, "code", v->code);
    jw_kstr(w, "link", invite_link(rq->a, x->base, v->code));
    jw_k(w, "expires_at");
    moment_format(v->expires_ms, rq->viewer->zone, at);
    jw_strz(w, at);
    jw_end(w);
  }
  jw_end(w);
  jw_end(w);
  rq->status = 201;
  return 0;
}

static int run_invite(struct tx *tx, void *arg, struct err *e) {
  struct invite_request *x = arg;
  return auth_invite_cmd.run(tx, &x->inv, e);
}
static const struct cmd_class invite_request_cmd = {.name = "invite", .run = run_invite};

static int sheet_answer(struct rq *rq, struct jw *w, struct err *e) {
  struct invite_request *x = rq->work;
  int r = writer_run(rq->app->writer, &invite_request_cmd, x, CMD_BULK, e);
  const struct invite_sheet sheet = {.a = rq->a,
                                     .items = x->inv.out,
                                     .n = x->inv.n,
                                     .base = x->base,
                                     .tree = rq->viewer->tree,
                                     .zone = rq->viewer->zone,
                                     .now_ms = rq->now_ms,
                                     .zh = rq->zh};
  if (r >= 0) r = invite_sheet_pdf(&sheet, w->b, e);
  if (r < 0) return r;
  rq->status = 201;
  rq_file(rq, "application/pdf", S("invitations.pdf"));
  return 0;
}

static void draw_sheet(struct rq *rq, void *arg) {
  (void)arg;
  rq_finish(rq, sheet_answer);
}

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
  const bool sheet = accept.p && str_find(accept, S("application/pdf")) != (size_t)-1;
  x->base = rq_base_url(rq);
  rq->work = x;
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
  /* a sheet of 3,000 cards takes seconds */
  if (sheet) return api_queue(rq, SHARE_WORKER, draw_sheet, NULL, e);
  return rq_do(rq, &invite_request_cmd, x, CMD_BULK, invited_answer, e);
}

static int invitation_look(struct rq *rq, struct jw *w, struct err *e) {
  struct str code = {0};
  struct auth_invitation inv;
  const struct want wants[] = {{"code", &code, true}};
  int r = read_body(rq, wants, ARRAY_LEN(wants), e);
  if (r < 0) return r;
  r = auth_invitation_look(rq->app->auth, rq->a, code, rq_peer(rq), &inv, e);
  if (r < 0) return r;
  struct unit_tree *tree = app_tree(rq->app);
  const struct unit_row *u = inv.unit ? unit_by_no(tree, inv.unit) : NULL;
  char at[MOMENT_TEXT];
  jw_object(w);
  jw_kstr(w, "login", inv.login);
  jw_kstr(w, "name", mask_text(rq->a, MASK_NAME, inv.name));
  jw_kstr(w, "unit", u ? u->name : (struct str){NULL, 0});
  jw_k(w, "expires_at");
  moment_format(inv.expires_ms, zone_get("Asia/Shanghai"), at);
  jw_strz(w, at);
  jw_end(w);
  unit_tree_unref(tree);
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
  bool one = !str_empty(rq_arg(rq, "date"));
  const char *first = one ? "date" : "from", *last = one ? "date" : "to";
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

static int audit_get(struct rq *rq, struct jw *w, struct err *e) {
  struct audit_query q = {0};
  int r = audit_query_read(rq, &q, e);
  if (r >= 0) r = audit_list(rq->tx, rq->a, rq->viewer, &q, w, e);
  return r;
}

static int rights_get(struct rq *rq, struct jw *w, struct err *e) {
  (void)e;
  rights_json(auth_roles(rq->app->auth), w->b);
  return 0;
}

/* ---- the module ---- */

static const struct setting settings[] = {
    {"session.idle_minutes", SETTING_INT, .initial = AUTH_IDLE_MS / MS_MINUTE, .min = 2, .max = 720,
     .measure = "minutes", .zh = "无操作自动退出", .en = "Sign out after no use for"},
    {"session.hours", SETTING_INT, .initial = AUTH_ABSOLUTE_MS / MS_HOUR, .min = 1, .max = 72,
     .measure = "hours", .zh = "登录最长有效时间", .en = "A session lives at most"},
    {0}};

static void take_settings(struct app *app) {
  auth_set_times(app->auth, setting_i64(app, 0, "session.idle_minutes") * MS_MINUTE,
                 setting_i64(app, 0, "session.hours") * MS_HOUR);
}

static int start(struct app *app, struct err *e) {
  take_settings(app);
  return rq_links_start(e);
}

static void stop(struct app *app) {
  (void)app;
  rq_links_stop();
}

static const struct link_purpose *const links[] = {&invitation_purpose, NULL};

static int housekeeping(struct job_run *run, struct err *e) {
  take_settings(run->app);
  return auth_housekeeping(run->app->auth, e);
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
    {HTTP_POST, "/api/v1/sessions", NULL, .flags = ROUTE_PUBLIC, .runs = RUNS_LOOP,
     .handle = session_post, .zh = "登录", .en = "Sign in", .takes = "login password device?",
     .gives = "Session"},
    {HTTP_GET, "/api/v1/sessions", NULL, .flags = ROUTE_SIGNED_IN | ROUTE_SHORT,
     .answer = sessions_get, .zh = "登录会话",
     .en = "Sessions: one's own, and those of one's branch", .gives = "items:SignedIn[] more:bool"},
    {HTTP_GET, "/api/v1/sessions/current", NULL, .flags = ROUTE_SIGNED_IN | ROUTE_SHORT,
     .runs = RUNS_LOOP, .answer = session_get, .zh = "当前会话", .en = "The present session",
     .gives = "Session"},
    {HTTP_DELETE, "/api/v1/sessions/current", NULL, .flags = ROUTE_SIGNED_IN, .runs = RUNS_WRITER,
     .handle = session_delete, .zh = "退出", .en = "Sign out", .gives = ""},
    {HTTP_POST, "/api/v1/sessions/current/password", NULL, .flags = ROUTE_SIGNED_IN,
     .runs = RUNS_LOOP, .handle = password_post, .zh = "修改密码", .en = "Change one's password",
     .takes = "old new", .gives = ""},
    {HTTP_DELETE, "/api/v1/sessions/:id", NULL, .flags = ROUTE_SIGNED_IN, .runs = RUNS_WRITER,
     .handle = session_revoke, .zh = "结束会话", .en = "End a session", .gives = ""},
    {HTTP_DELETE, "/api/v1/users/:id/sessions", "session.revoke", .runs = RUNS_WRITER,
     .handle = user_sessions_delete, .zh = "结束某人的全部会话",
     .en = "End all of somebody's sessions", .gives = ""},
    {HTTP_POST, "/api/v1/users/:id/unlock-login", "account.lock", .runs = RUNS_WRITER,
     .handle = user_unlock, .zh = "解除登录限制", .en = "Take off the lock of a login", .takes = "",
     .gives = ""},
    {HTTP_POST, "/api/v1/invitations", "invitation.create", .body_limit = MIB(1),
     .time_ms = 2 * MS_MINUTE, .handle = invitations_post, .zh = "邀请",
     .en = "Invite: JSON, or a sheet of cards as PDF", .takes = "users:id[] days?:int",
     .gives = "items:Invitation[] file:application/pdf"},
    {HTTP_POST, "/api/v1/invitations/look", NULL, .flags = ROUTE_PUBLIC, .answer = invitation_look,
     .zh = "查看邀请", .en = "What an invitation is for", .takes = "code",
     .gives = "login name unit:text|null expires_at:moment"},
    {HTTP_POST, "/api/v1/invitations/accept", NULL, .flags = ROUTE_PUBLIC, .runs = RUNS_LOOP,
     .handle = invitation_accept, .zh = "接受邀请", .en = "Accept an invitation",
     .takes = "code login? password device?", .gives = "Session"},
    {HTTP_GET, "/api/v1/audit", "audit.read", .answer = audit_get, .zh = "审计", .en = "The audit",
     .query =
         "limit?:int after? kind? id?:id actor?:id action? unit? date?:date from?:date to?:date",
     .gives = "items:AuditEntry[] next:text|null without?:'create'"},
    {HTTP_GET, "/api/v1/rights", "role_grant.read", .flags = ROUTE_SHORT, .answer = rights_get,
     .zh = "权限表", .en = "The rights matrix", .gives = "roles:{name zh en}[] rights:{*:text[]}"},
    {0}};

static const struct shape shapes[] = {
    {"User", "id:id login name language:'zh'|'en' responder:id|null unit:UnitRef|null roles:text[] "
             "must_change_password:bool"},
    {"Session", "token? csrf user:User"},
    {"SignedIn", "id:id user:{id:id login} device:id|null created_at:moment last_seen_at:moment "
                 "peer:text|null current:bool"},
    {"Invitation", "user:id login name code link expires_at:moment"},
    {"AuditEntry", "no:int at:moment actor:{id:id login}|null action kind id:id|null "
                   "unit:UnitRef|null detail:object|null"},
    {0}};

const struct module accounts_module = {.name = "accounts",
                                       .file = __FILE__,
                                       .zh = "用户与权限",
                                       .en = "Users and rights",
                                       .kinds = kinds,
                                       .routes = routes,
                                       .shapes = shapes,
                                       .jobs = jobs,
                                       .settings = settings,
                                       .links = links,
                                       .declare = links_init,
                                       .start = start,
                                       .stop = stop,
                                       .checks = checks};
