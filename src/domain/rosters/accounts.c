#include "api/api.h"
#include "auth/auth.h"
#include "base/limits.h"
#include "domain/rosters/roster_api.h"

/* Accounts for a whole batch: whoever was sent out gets one, with the right of a secondee where he
 * serves, so that a batch of 3,000 is invited without anybody typing a login. Some hundred per
 * call: the gates' writes must not wait behind them. */

enum { ACCOUNTS_A_CALL = 300, LOGIN_BYTES = 5 };

struct team_row {
  struct uuid responder, account;
  int32_t unit;
  struct str name;
  bool there, ready; /* an account; one that has its password already */
};

struct team {
  struct rq *rq;
  struct change *by;
  struct uuid batch;
  bool dry;
  struct team_row *rows;
  size_t n;
  int64_t made, missing, not_mine, ready;
};

/* The newest posting of each person decides where he serves. */
QUERY(q_batch_people,
      "SELECT d.responder, d.unit, r.name, a.id, a.state, c.account FROM deployment d "
      "JOIN responder r ON r.id = d.responder "
      "LEFT JOIN account a ON a.responder = d.responder AND a.retired = 0 "
      "LEFT JOIN credential c ON c.account = a.id "
      "WHERE d.batch = $1 AND d.op = $2 AND d.retired = 0 AND r.retired = 0 "
      "AND d.state IN ('planned', 'reported') ORDER BY d.responder, d.id DESC");

static bool mine(const struct rq *rq, int32_t unit) {
  return viewer_may(rq->viewer, right_by_name(S("account.create")), unit) &&
         viewer_may(rq->viewer, right_by_name(S("give.secondee")), unit);
}

static int read_people(struct tx *tx, struct team *t, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = cur_open(tx, &q_batch_people, P(V_UUID(t->batch), V_I64(t->rq->viewer->op)), &cur, e);
  t->n = 0;
  t->made = t->missing = t->not_mine = t->ready = 0;
  while (r >= 0 && (r = cur_next(cur, e)) == 1) {
    struct uuid responder = cur_uuid(cur, 0);
    if (t->n && uuid_eq(&t->rows[t->n - 1].responder, &responder)) continue;
    if (!mine(t->rq, (int32_t)cur_i64(cur, 1))) {
      t->not_mine++;
      continue;
    }
    if (t->n == LIMIT_INVITATIONS) {
      problem_limit(&t->rq->problems, PROBLEM_too_many, S("batch"), LIMIT_INVITATIONS);
      return err_set(e, E_INVALID, "a batch larger than one call invites");
    }
    struct team_row *row = &t->rows[t->n++];
    *row = (struct team_row){.responder = responder,
                             .unit = (int32_t)cur_i64(cur, 1),
                             .name = arena_dup(t->rq->a, cur_text(cur, 2)),
                             .there = !cur_null(cur, 3),
                             .ready = !cur_null(cur, 3) &&
                                      (!cur_null(cur, 5) || !str_is(cur_text(cur, 4), "active"))};
    if (row->there) row->account = cur_uuid(cur, 3);
    t->missing += !row->there;
    t->ready += row->ready;
  }
  return r < 0 ? r : 0;
}

/* A login that says nothing of its owner; he may choose his own when he accepts. */
static struct str login_make(struct arena *a) {
  static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
  uint8_t raw[LOGIN_BYTES];
  uint64_t bits = 0;
  char text[9];
  random_bytes(raw, sizeof raw);
  for (size_t i = 0; i < sizeof raw; i++) bits = bits << 8 | raw[i];
  for (size_t i = 0; i < 8; i++, bits >>= 5) text[i] = digits[bits & 31u];
  text[8] = 0;
  return arena_printf(a, "x%s", text);
}

static int make_account(struct tx *tx, struct team *t, struct team_row *row, struct err *e) {
  struct arena *a = t->rq->a;
  struct change *c = change_make(a, t->by->en, t->by->viewer, &account_kind, CHANGE_CREATE);
  change_set(c, ACCOUNT_LOGIN, V_TEXT(login_make(a)));
  change_set(c, ACCOUNT_NAME, V_TEXT(row->name));
  change_set(c, ACCOUNT_UNIT, V_I64(row->unit));
  change_set(c, ACCOUNT_RESPONDER, V_UUID(row->responder));
  int r = change_within(tx, t->by, c, e);
  if (r < 0) return r;
  row->account = c->id;
  row->there = true;
  struct change *g = change_make(a, t->by->en, t->by->viewer, &role_grant_kind, CHANGE_CREATE);
  change_set(g, GRANT_ACCOUNT, V_UUID(c->id));
  change_set(g, GRANT_ROLE, V_TEXT(S("secondee")));
  change_set(g, GRANT_UNIT, V_I64(row->unit));
  t->made++;
  t->missing--;
  return change_within(tx, t->by, g, e);
}

static int team_run(struct tx *tx, void *arg, struct err *e) {
  struct team *t = arg;
  int r = read_people(tx, t, e);
  for (size_t i = 0; i < t->n && r >= 0 && t->made < ACCOUNTS_A_CALL; i++)
    if (!t->rows[i].there) r = make_account(tx, t, &t->rows[i], e);
  return r < 0 ? r : 0;
}
static const struct cmd_class team_cmd = {.name = "accounts_for_batch", .run = team_run};

static void number_write(struct jw *w, const char *name, int64_t n) {
  jw_key(w, str_from(name));
  jw_i64(w, n);
}

static int team_answer(struct rq *rq, struct jw *w, struct err *e) {
  (void)e;
  const struct team *t = rq->work;
  jw_object(w);
  number_write(w, "people", (int64_t)t->n);
  number_write(w, "made", t->made);
  number_write(w, "missing", t->missing);
  number_write(w, "ready", t->ready);
  number_write(w, "out_of_scope", t->not_mine);
  jw_k(w, "users"); /* those who still need an invitation */
  jw_array(w);
  for (size_t i = 0; i < t->n && !t->missing; i++) {
    if (t->rows[i].ready) continue;
    jw_uuid(w, &t->rows[i].account);
  }
  jw_end(w);
  jw_end(w);
  return 0;
}

/* POST batches/{id}/accounts {"dry": true}: makes what is missing, again until nothing is. */
int batch_accounts(struct rq *rq, struct err *e) {
  struct team *t = arena_new(rq->a, struct team);
  struct record *batch = NULL;
  struct tx *tx = NULL;
  *t = (struct team){.rq = rq, .dry = json_is_true(json_object_get(rq->body, "dry"))};
  t->rows = arena_array(rq->a, struct team_row, LIMIT_INVITATIONS);
  if (!t->rows) return err_set(e, E_NOMEM, "no memory for a batch");
  if (uuid_parse(rq->params[0], &t->batch) < 0) return err_set(e, E_NOT_FOUND, "no such batch");
  int r = rq_read(rq, &tx, e);
  if (r >= 0) r = record_get(tx, rq->a, rq->viewer, &batch_kind, &t->batch, &batch, e);
  if (r >= 0 && t->dry) r = read_people(tx, t, e);
  tx_end(tx);
  if (r < 0) return r;
  if (t->dry) {
    rq->work = t;
    rq_finish(rq, team_answer);
    return 0;
  }
  t->by = change_make(rq->a, &rq->app->registry, rq->viewer, &account_kind, CHANGE_CREATE);
  t->by->at_ms = rq->now_ms;
  t->by->source = "api";
  return rq_do(rq, &team_cmd, t, CMD_BULK, team_answer, e);
}
