#include "base/limits.h"
#include "cli/cli.h"
#include <stdio.h>
#include <stdlib.h>

/* Accounts from the command line: the first administrator, further users, roles and links. */

struct session {
  struct app *app;
  struct arena *a;
  struct viewer *v;
};

static int begin(const struct cli *cl, bool create, struct session *s, struct err *e) {
  int r = cli_open(cl, create, false, &s->app, e);
  if (r < 0) return r;
  s->a = arena_create(LIMIT_ARENA_JOB);
  if (!s->a) return err_set(e, E_NOMEM, "no memory");
  return app_system_viewer(s->app, s->a, 0, &s->v, e);
}

static void end(struct session *s) {
  s->a = arena_free(s->a);
  s->app = app_close(s->app);
}

static void say_problems(const struct session *s, const struct problems *ps) {
  for (const struct problem *p = ps->first; p; p = p->next)
    fprintf(stderr, "  " STR_FMT ": " STR_FMT " / " STR_FMT "\n", STR_ARG(p->field),
            STR_ARG(problem_words(s->a, p, true)), STR_ARG(problem_words(s->a, p, false)));
}

static struct change *make(struct session *s, const struct kind *k) {
  struct change *c = change_make(s->a, &s->app->registry, s->v, k, CHANGE_CREATE);
  c->at_ms = clock_now_ms(&s->app->clock);
  c->source = "cli";
  c->internal = true;
  return c;
}

static int run(struct session *s, struct change *c, struct err *e) {
  int r = change_do(c, e);
  if (r < 0) say_problems(s, &c->problems);
  return r;
}

static int unit_no(const struct session *s, const char *code, int64_t *ret_no, struct err *e) {
  *ret_no = 0;
  if (!code) return 0;
  const struct unit_row *u = unit_by_code(s->v->tree, str_from(code));
  if (!u) return err_field(e, E_NOT_FOUND, "no such unit", code);
  *ret_no = u->no;
  return 0;
}

static int add_account(struct session *s, const char *login, const char *name, const char *unit,
                       struct uuid *ret_id, struct err *e) {
  int64_t no;
  int r = unit_no(s, unit, &no, e);
  if (r < 0) return r;
  struct change *c = make(s, &account_kind);
  change_set(c, ACCOUNT_LOGIN, V_TEXTZ(login));
  change_set(c, ACCOUNT_NAME, V_TEXTZ(name ? name : login));
  if (no) change_set(c, ACCOUNT_UNIT, V_I64(no));
  r = run(s, c, e);
  if (r >= 0) *ret_id = c->id;
  return r;
}

static int add_grant(struct session *s, const struct uuid *account, const char *role,
                     const char *unit, struct err *e) {
  int64_t no;
  int r = unit_no(s, unit, &no, e);
  if (r < 0) return r;
  struct change *c = make(s, &role_grant_kind);
  change_set(c, GRANT_ACCOUNT, V_UUID(*account));
  change_set(c, GRANT_ROLE, V_TEXTZ(role));
  if (no) change_set(c, GRANT_UNIT, V_I64(no));
  return run(s, c, e);
}

static int invite(struct session *s, const struct cli *cl, const struct uuid *account,
                  struct err *e) {
  int64_t days = 0;
  if (cl->days && parse_i64(str_from(cl->days), 1, 90, &days) < 0)
    return err_field(e, E_INVALID, "1 to 90 days", "--days");
  struct auth_invite in = {.auth = s->app->auth,
                           .viewer = s->v,
                           .a = s->a,
                           .accounts = account,
                           .n = 1,
                           .days = (int)days};
  problems_init(&in.problems, s->a);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(s->app->store, &tx, e);
  if (r >= 0) r = auth_invite_ready(&in, tx, e);
  tx_endp(&tx);
  if (r >= 0) r = writer_run(s->app->writer, &auth_invite_cmd, &in, CMD_NORMAL, e);
  if (r < 0) {
    say_problems(s, &in.problems);
    return r;
  }
  printf("一次性链接 / one-time link:\n  http://%s/i/%s\n",
         cl->listen ? cl->listen : "127.0.0.1:8420", in.out[0].code);
  return 0;
}

QUERY(q_cli_accounts, "SELECT count(*) FROM account");
QUERY(q_cli_account, "SELECT id FROM account WHERE login = $1 AND retired = 0");
QUERY(q_cli_users, "SELECT a.login, a.state, coalesce(u.code, ''), coalesce(u.name, '') "
                   "FROM account a LEFT JOIN unit u ON u.no = a.unit WHERE a.retired = 0 "
                   "ORDER BY a.login");

int cmd_init(struct cli *cl) {
  struct session s = {0};
  struct err e = {0};
  struct uuid id;
  int64_t accounts = 0;
  int r = begin(cl, true, &s, &e);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  if (r >= 0) r = store_read(s.app->store, &tx, &e);
  if (r >= 0) r = tx_i64(tx, &q_cli_accounts, P_NONE, &accounts, &e);
  tx_endp(&tx);
  if (r >= 0 && accounts) r = err_set(&e, E_EXISTS, "this installation has accounts already");
  const char *login = cl->login ? cl->login : "admin";
  if (r >= 0) r = add_account(&s, login, cl->name ? cl->name : "系统管理员", NULL, &id, &e);
  if (r >= 0) r = add_grant(&s, &id, "sysadmin", NULL, &e);
  if (r >= 0) {
    printf("密钥文件 / key file: %s\n管理员 / administrator: %s\n",
           keys_file(auth_keys(s.app->auth)), login);
    r = invite(&s, cl, &id, &e);
  }
  /* nothing can be taken yet: a template is issued by a unit, for an operation */
  if (r >= 0)
    printf(
        "随产品提供的日报模板与复工清单，建好行动、导入单位后取用（工作台“报表模板”） / templates "
        "and checklists that come along, once units are there: shouwang shipped list; shouwang "
        "shipped take CODE --unit UNIT\n");
  end(&s);
  return r < 0 ? cli_fail(&e) : EXIT_OK;
}

static int find_account(struct session *s, const char *login, struct uuid *ret_id, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = store_read(s->app->store, &tx, e);
  if (r >= 0) r = cur_open(tx, &q_cli_account, P(V_TEXTZ(login)), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r == 0) return err_field(e, E_NOT_FOUND, "no such account", login);
  if (r > 0) *ret_id = cur_uuid(c, 0);
  return r < 0 ? r : 0;
}

static int list_users(struct session *s, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = store_read(s->app->store, &tx, e);
  if (r >= 0) r = cur_open(tx, &q_cli_users, P_NONE, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1)
    printf("%-24.*s %-10.*s %.*s %.*s\n", STR_ARG(cur_text(c, 0)), STR_ARG(cur_text(c, 1)),
           STR_ARG(cur_text(c, 2)), STR_ARG(cur_text(c, 3)));
  return r;
}

/* A password is read from standard input, never from the command line. */
static int set_password(struct session *s, const char *login, const struct uuid *id,
                        struct err *e) {
  char line[256];
  struct problems ps;
  if (!fgets(line, sizeof line, stdin))
    return err_set(e, E_INVALID, "no password on standard input");
  const struct str password = str_trim(str_from(line));
  problems_init(&ps, s->a);
  if (!password_check(password, str_from(login), S("password"), &ps)) {
    say_problems(s, &ps);
    return err_set(e, E_INVALID, "the password is too weak");
  }
  return auth_set_password(s->app->auth, id, password, true, e);
}

int cmd_user(struct cli *cl) {
  struct session s = {0};
  struct err e = {0};
  struct uuid id;
  const char *what = cl->n_args > 0 ? cl->args[0] : "";
  const char *login = cl->n_args > 1 ? cl->args[1] : NULL;
  const bool list = strcmp(what, "list") == 0, add = strcmp(what, "add") == 0;
  const bool grant = strcmp(what, "grant") == 0, link = strcmp(what, "invite") == 0;
  const bool password = strcmp(what, "password") == 0;
  if (!(list || add || grant || link || password) || (!list && !login) || (grant && !cl->role)) {
    fprintf(stderr, "shouwang user add|grant --role ROLE|invite|password LOGIN, user list\n");
    return EXIT_USAGE;
  }
  int r = begin(cl, false, &s, &e);
  if (r >= 0 && list) r = list_users(&s, &e);
  if (r >= 0 && add) r = add_account(&s, login, cl->name, cl->unit, &id, &e);
  if (r >= 0 && !add && !list) r = find_account(&s, login, &id, &e);
  if (r >= 0 && (grant || (add && cl->role))) r = add_grant(&s, &id, cl->role, cl->unit, &e);
  if (r >= 0 && (add || link)) r = invite(&s, cl, &id, &e);
  if (r >= 0 && password) r = set_password(&s, login, &id, &e);
  end(&s);
  return r < 0 ? cli_fail(&e) : EXIT_OK;
}

/* ---- keys ---- */

static void list_keys(struct app *app) {
  static const char *const states[] = {"-", "active", "destroyed"};
  struct key_info infos[64];
  size_t n = keys_list(auth_keys(app->auth), infos, ARRAY_LEN(infos));
  for (size_t i = 0; i < n; i++) {
    char made[MOMENT_TEXT];
    moment_format(infos[i].created_ms, zone_get("Asia/Shanghai"), made);
    printf("operation %lld  key %u  %s  %s\n", (long long)infos[i].op, infos[i].no,
           states[infos[i].state], made);
  }
}

int cmd_keys(struct cli *cl) {
  struct session s = {0};
  struct err e = {0};
  const bool list = cl->n_args == 1 && strcmp(cl->args[0], "list") == 0;
  const bool escrow = cl->n_args == 3 && strcmp(cl->args[0], "escrow") == 0;
  const bool rotate = cl->n_args == 1 && strcmp(cl->args[0], "rotate-box") == 0;
  uint32_t box = 0;
  if (!list && !escrow && !rotate) {
    fprintf(stderr, "shouwang keys list | keys escrow SHARE-A SHARE-B | keys rotate-box\n");
    return EXIT_USAGE;
  }
  int r = begin(cl, false, &s, &e);
  if (r >= 0 && list) list_keys(s.app);
  if (r >= 0 && rotate)
    r = keys_box_rotate(auth_keys(s.app->auth), clock_now_ms(&s.app->clock), &box, &e);
  if (r >= 0 && rotate) printf("box %u\n", box);
  if (r >= 0 && escrow)
    r = keys_export_escrow(auth_keys(s.app->auth), cl->args[1], cl->args[2],
                           clock_now_ms(&s.app->clock), &e);
  end(&s);
  return r < 0 ? cli_fail(&e) : EXIT_OK;
}
