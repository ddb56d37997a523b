#include "core/operation.h"
#include "core/settings.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/demo/enterprises.h"
#include "cli/demo/gates.h"
#include "cli/demo/stale.h"
#include "domain/units/units.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* `demo`: the model case, loaded through the ordinary commands and served at its own clock. */

extern const char model_case[];
extern const size_t model_case_n;

static void seeded(void *arg, void *out, size_t n) {
  struct player *p = arg;
  char *at = out;
  while (n) {
    const uint64_t x = play_random(p, 0);
    const size_t k = n < sizeof x ? n : sizeof x;
    memcpy(at, &x, k);
    at += k;
    n -= k;
  }
}

QUERY(q_demo_someone, "SELECT d.responder FROM deployment d WHERE d.unit = $1 AND d.sender = $2 "
                      "AND d.state = 'reported' ORDER BY d.id LIMIT 1");

static int update_someone(struct player *p, int32_t unit, int32_t sender, int field, struct val v,
                          struct uuid *ret_id, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = store_read(p->app->store, &tx, e);
  if (r >= 0) r = cur_open(tx, &q_demo_someone, P(V_I64(unit), V_I64(sender)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r;
  const struct uuid id = cur_uuid(cur, 0);
  cur_donep(&cur);
  tx_endp(&tx);
  struct change *c = play_make(p, &responder_kind, CHANGE_UPDATE);
  c->id = id;
  change_set(c, field, v);
  if (ret_id) *ret_id = id;
  r = play_add(p, c, e);
  return r < 0 ? r : play_flush(p, e);
}

/* The one who has not rested since 29 January: noticed as soon as he has reported. */
static int play_notable(struct player *p, int32_t day, struct err *e) {
  const json_t *list = json_object_get(p->doc, "notable");
  int r = 0;
  for (size_t i = 0; i < json_array_size(list) && r >= 0; i++) {
    const json_t *o = json_array_get(list, i);
    if (play_date(o, "from", p->first + 4) != day) continue;
    const int32_t sender = play_unit(p, json_str(json_object_get(o, "unit")));
    for (size_t k = 0; k < p->n_people; k++) {
      struct demo_person *who = &p->people[k];
      if (!who->unit || who->sender != sender) continue;
      r = update_someone(p, who->unit, sender, RESPONDER_POSITION,
                         V_TEXT(json_str(json_object_get(o, "position"))), NULL, e);
      who->decision = json_string_value(json_object_get(o, "decision"));
      who->resting_never = who->decision != NULL;
      break;
    }
  }
  return r < 0 ? r : 0;
}

static int play_retiring(struct player *p, struct err *e) {
  const json_t *o = json_object_get(p->doc, "retiring");
  int r = update_someone(p, play_unit(p, json_str(json_object_get(o, "unit"))),
                         play_unit(p, json_str(json_object_get(o, "sender"))), RESPONDER_RETIRES_ON,
                         V_TEXT(json_str(json_object_get(o, "retires_on"))), NULL, e);
  return r < 0 ? r : 0;
}

static int mark_demo(struct player *p, struct err *e) {
  struct setting_change sc = {
      .app = p->app, .viewer = p->v, .setting = setting_by_name(S("demonstration")), .i = 1};
  return writer_run(p->app->writer, &setting_change_cmd, &sc, CMD_NORMAL, e);
}

static int play_all(struct player *p, struct err *e) {
  int64_t now;
  const json_t *op = json_object_get(p->doc, "operation");
  if (moment_parse(json_str(json_object_get(op, "now")), &now) < 0)
    return err_set(e, E_BUG, "the description's clock");
  p->zone = zone_get(json_string_value(json_object_get(op, "timezone")));
  p->first = play_date(op, "begins", 0);
  p->last = zone_day(p->zone, now, NULL);
  int r = play_day(p, p->first, 0, e);
  if (r >= 0) r = mark_demo(p, e);
  if (r >= 0) r = play_units(p, e);
  if (r >= 0) r = play_people(p, e);
  if (r >= 0) r = play_posts(p, e);
  if (r >= 0) r = play_homes(p, e);
  if (r >= 0) r = play_enterprises(p, e);
  for (int32_t day = p->first; day <= p->last && r >= 0; day++) {
    r = play_day(p, day, 1, e);
    if (r >= 0) r = play_deployments_day(p, day, e);
    if (r >= 0) r = play_flush(p, e);
    if (r >= 0) r = play_notable(p, day, e);
    if (r >= 0) r = play_homes_day(p, day, e);
    if (r >= 0) r = play_gates_morning(p, day, e);
    if (r >= 0) r = play_duty_day(p, day, e);
    if (r >= 0) r = play_enterprises_day(p, day, e);
    char text[DAY_TEXT];
    day_format(day, text);
    play_say(p, text);
  }
  if (r >= 0) r = play_at(p, now, e);
  if (r >= 0) r = play_clashes(p, e);
  if (r >= 0) r = play_retiring(p, e);
  if (r >= 0) r = play_accounts(p, e);
  return r < 0 ? r : play_flush(p, e);
}

static int load(struct app *app, struct err *e) {
  struct player *p = calloc(1, sizeof *p);
  if (!p) return err_set(e, E_NOMEM, "no memory");
  *p = (struct player){.app = app,
                       .seed = 20200126,
                       .keep = arena_create(LIMIT_ARENA_JOB),
                       .a = arena_create(LIMIT_ARENA_JOB),
                       .began_ms = monotonic_ms()};
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->wake, NULL);
  app->ids.random = seeded;
  app->ids.arg = p;
  int r = p->keep && p->a ? 0 : err_set(e, E_NOMEM, "no memory");
  if (r >= 0) r = json_read(p->keep, (struct str){model_case, model_case_n}, &p->doc, e);
  if (r >= 0) r = play_all(p, e);
  if (r >= 0)
    printf("  %lld 条记录 records, %.1f s\n", (long long)p->made,
           (double)(monotonic_ms() - p->began_ms) / 1000.0);
  idgen_reset_random(&app->ids);
  arena_free(p->a);
  arena_free(p->keep);
  pthread_mutex_destroy(&p->lock);
  pthread_cond_destroy(&p->wake);
  free(p);
  return r;
}

QUERY(q_demo_units, "SELECT count(*) FROM unit");

static int loaded(struct app *app, int64_t *ret_units, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(app->store, &tx, e);
  return r < 0 ? r : tx_i64(tx, &q_demo_units, P_NONE, ret_units, e);
}

QUERY(q_demo_accounts, "SELECT count(*) FROM account");

/* Its accounts are made last. */
static bool cut_short(struct app *app) {
  int64_t units = 0, accounts = 0;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  if (!setting_i64(app, 0, "demonstration") || store_read(app->store, &tx, NULL) < 0) return false;
  return tx_i64(tx, &q_demo_units, P_NONE, &units, NULL) == 0 && units &&
         tx_i64(tx, &q_demo_accounts, P_NONE, &accounts, NULL) == 0 && accounts == 0;
}

static void say_accounts(void) {
  printf("\n  账号 accounts: city xicheng guangnei huaxiang shitou gate zgh store books auditor\n"
         "                 sysadmin secadmin\n"
         "  密码 password: shouwang-demo\n\n"
         "  桌面 desk   /desk/\n  手机 phone  /\n\n");
}

int cmd_demo(struct cli *cl) {
  struct err e = {0};
  int64_t units = 0;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  _cleanup_(app_closep) struct app *app = NULL;
  cl->serves = true;
  int r = cli_open(cl, true, false, &app, &e);
  /* made by an older program, or its loading was cut short: it is derived, and made anew */
  if (r == -E_PRECONDITION || (r >= 0 && cut_short(app))) {
    struct err moving = {0};
    app = app_close(app);
    int moved = demo_set_aside(cl, &moving);
    if (moved < 0) return cli_fail(&moving);
    if (moved || r >= 0) r = cli_open(cl, true, false, &app, &e);
  }
  if (r >= 0) r = loaded(app, &units, &e);
  if (r >= 0 && units && !setting_i64(app, 0, "demonstration"))
    r = err_set(&e, E_EXISTS, "this installation holds real data: choose another place");
  if (r >= 0 && !units) {
    printf("装载示例：北京，2020年春 / loading the model case: Beijing, spring 2020\n");
    r = load(app, &e);
    if (r >= 0) r = store_analyze(app->store, &e);
  }
  if (r >= 0) r = app_clock_demo(app, &e);
  if (r >= 0 && !cl->load_only) {
    say_accounts();
    r = cli_serve_until_signal(app, cl->listen, &e);
  }
  return r < 0 ? cli_fail(&e) : EXIT_OK;
}
