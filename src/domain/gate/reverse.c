#include "domain/gate/reverse.h"
#include "app/operation.h"
#include "domain/gate/gate.h"
#include "domain/gate/gate_code.h"
#include "domain/gate/verdict.h"
#include "domain/rosters/rosters.h"

/* ---- limits ---- */

/* A minute's counts by hash: two that fall on one place share a limit, which is no harm. */
enum { PLACES = 4096 };
static struct {
  pthread_mutex_t lock;
  int64_t minute;
  uint16_t n[PLACES];
} counts = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool count(uint64_t hash, uint16_t most) {
  uint16_t *n = &counts.n[hash % PLACES];
  if (*n >= most) return false;
  (*n)++;
  return true;
}

bool reverse_allowed(struct str address, const struct uuid *post, int64_t now_ms) {
  pthread_mutex_lock(&counts.lock);
  if (counts.minute != now_ms / MS_MINUTE) {
    counts.minute = now_ms / MS_MINUTE;
    memset(counts.n, 0, sizeof counts.n);
  }
  const bool good = count(hash64(address.p, address.n), REVERSE_PER_ADDRESS) &&
                    count(hash64(post->b, sizeof post->b) * 31, REVERSE_PER_GATE);
  pthread_mutex_unlock(&counts.lock);
  return good;
}

/* ---- the gate of a poster ---- */

struct place {
  struct uuid post;
  struct post_facts facts;
  struct str name, community;
  struct viewer *v; /* the system's, of the gate's operation */
};

QUERY(q_reverse_post, "SELECT name FROM post WHERE id = $1");

static int find_place(struct rq *rq, struct place *ret, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *cur = NULL;
  *ret = (struct place){0};
  if (!gate_code_read(rq->app, rq->params[0], &ret->post) ||
      !post_facts(rq->app, &ret->post, &ret->facts) || !ret->facts.gate || !ret->facts.open)
    return err_set(e, E_NOT_FOUND, "no such gate");
  int r = app_system_viewer(rq->app, rq->a, ret->facts.op, &ret->v, e);
  if (r >= 0) r = store_read(rq->app->store, &tx, e);
  if (r >= 0) r = cur_open(tx, &q_reverse_post, P(V_UUID(ret->post)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r < 0) return r;
  const struct unit_row *u = unit_by_no(ret->v->tree, ret->facts.unit);
  ret->name = r > 0 ? arena_dup(rq->a, cur_text(cur, 0)) : S("");
  ret->community = u ? u->name : S("");
  return 0;
}

static void write_place(struct jw *w, const struct place *p, int64_t now_ms) {
  char now[MOMENT_TEXT];
  moment_format(now_ms, p->v->zone, now);
  jw_k(w, "gate");
  jw_str(w, p->name);
  jw_k(w, "community");
  jw_str(w, p->community);
  jw_k(w, "now");
  jw_strz(w, now);
  jw_k(w, "now_ms");
  jw_i64(w, now_ms);
}

int reverse_gate(struct rq *rq, struct err *e) {
  struct buf b = BUF_INIT(KIB(8));
  struct place p;
  struct jw w;
  int r = find_place(rq, &p, e);
  if (r < 0) return r;
  jw_init(&w, &b);
  jw_object(&w);
  write_place(&w, &p, rq->now_ms);
  jw_end(&w);
  rq_json(rq, 200, &b);
  return 0;
}

/* ---- the pass ---- */

struct reverse {
  struct rq *rq;
  struct place place;
  struct gate_question q;
  struct gate_answer answer;
  int64_t at_ms; /* of the passage that stands for it */
  bool again;
};

static int write_event(struct tx *tx, struct reverse *rv, struct err *e) {
  struct rq *rq = rv->rq;
  struct change *c =
      change_make(rq->a, &rq->app->registry, rv->place.v, &gate_event_kind, CHANGE_CREATE);
  const bool vehicle = rec_is(rv->answer.pass, PASS_CLASS, "vehicle");
  c->id = idgen_next(&rq->app->ids, rq->now_ms);
  c->at_ms = rq->now_ms;
  c->source = "reverse";
  c->internal = true;
  change_set(c, GATE_POST, V_UUID(rv->place.post));
  change_set(c, GATE_DIRECTION, V_TEXTZ(rv->q.out ? "out" : "in"));
  change_set(c, GATE_WHO_KIND,
             V_TEXTZ(rec_is(rv->answer.pass, PASS_CLASS, "visitor") ? "visitor" : "resident"));
  change_set(c, GATE_OUTCOME, V_TEXTZ("admitted"));
  change_set(c, GATE_HOW, V_TEXTZ("reverse"));
  change_set(c, GATE_VERDICT, V_TEXTZ(rv->answer.verdict->value));
  change_set(c, GATE_PASS, V_UUID(rv->answer.pass->id));
  if (vehicle) change_set(c, GATE_VEHICLE, rv->answer.pass->v[PASS_PLATE]);
  int r = change_ready(c, e);
  return r < 0 ? r : change_run(tx, c, e);
}

/* Judged and written in one command, so that the same pass shown twice is one passage. */
static int reverse_run(struct tx *tx, void *arg, struct err *e) {
  struct reverse *rv = arg;
  int r = gate_judge(tx, rv->rq->app, rv->rq->a, &rv->q, &rv->answer, e);
  rv->again = false;
  rv->at_ms = rv->rq->now_ms;
  if (r < 0 || !rv->answer.pass) return r;
  if (strcmp(rv->answer.verdict->value, "just_used") == 0) {
    rv->again = true;
    rv->at_ms = rv->answer.last_ms;
    return 0;
  }
  return strcmp(rv->answer.verdict->value, "ok") == 0 ? write_event(tx, rv, e) : 0;
}
static const struct cmd_class reverse_cmd = {.name = "gate_reverse", .run = reverse_run};

/* Green is what was written down; everything else is the guard's to decide. */
static void reverse_answer(struct rq *rq, void *arg) {
  const struct reverse *rv = arg;
  const char *code = rv->answer.verdict->value;
  const bool go = rv->again || (strcmp(code, "ok") == 0 && rv->answer.pass);
  const struct choice *v = rv->again ? gate_verdict("ok") : rv->answer.verdict;
  char at[MOMENT_TEXT];
  struct buf b = BUF_INIT(KIB(8));
  struct jw w;
  moment_format(rv->at_ms, rv->place.v->zone, at);
  jw_init(&w, &b);
  jw_object(&w);
  write_place(&w, &rv->place, rq->now_ms);
  jw_k(&w, "direction");
  jw_strz(&w, rv->q.out ? "out" : "in");
  jw_k(&w, "verdict");
  jw_strz(&w, v->value);
  jw_k(&w, "go");
  jw_bool(&w, go);
  jw_k(&w, "zh");
  jw_strz(&w, v->zh);
  jw_k(&w, "en");
  jw_strz(&w, v->en);
  jw_k(&w, "again");
  jw_bool(&w, rv->again);
  jw_k(&w, "at");
  if (go)
    jw_strz(&w, at);
  else
    jw_null(&w);
  jw_k(&w, "class");
  if (go)
    jw_str(&w, rec_text(rv->answer.pass, PASS_CLASS));
  else
    jw_null(&w);
  /* only with a passage: yesterday's picture, or none at all, lacks it */
  jw_k(&w, "sign");
  if (go)
    jw_i64(&w, gate_code_sign_of_day(rq->app, &rv->place.post, rv->place.v->today));
  else
    jw_null(&w);
  jw_end(&w);
  rq_json(rq, 200, &b);
}

static bool all_digits(struct str s) {
  for (size_t i = 0; i < s.n; i++)
    if (s.p[i] < '0' || s.p[i] > '9') return false;
  return s.n > 0;
}

int reverse_pass(struct rq *rq, struct err *e) {
  struct reverse *rv = arena_new(rq->a, struct reverse);
  const struct str direction = json_str(json_object_get(rq->body, "direction"));
  struct str pass = json_str(json_object_get(rq->body, "pass"));
  rv->rq = rq;
  while (pass.n && (pass.p[pass.n - 1] == '\n' || pass.p[pass.n - 1] == '\r')) pass.n--;
  if (!pass.n) problem_add(&rq->problems, PROBLEM_required, S("pass"));
  if (!str_is(direction, "in") && !str_is(direction, "out"))
    problem_text(&rq->problems, direction.n ? PROBLEM_not_in_list : PROBLEM_required,
                 S("direction"), S("in, out"), direction, S("进、出"));
  int r = find_place(rq, &rv->place, e);
  if (r < 0) return r;
  if (!reverse_allowed(rq_peer(rq), &rv->place.post, rq->now_ms))
    return err_set(e, E_RATE, "too many passes from here, or at this gate");
  if ((r = rq_check(rq, e)) < 0) return r;
  const bool number = all_digits(str_trim(pass));
  rv->q = (struct gate_question){.op = rv->place.facts.op,
                                 .unit = rv->place.facts.unit,
                                 .out = str_is(direction, "out"),
                                 .code = number ? (struct str){NULL, 0} : pass,
                                 .number = number ? str_trim(pass) : (struct str){NULL, 0},
                                 .now_ms = rq->now_ms,
                                 .zone = rv->place.v->zone};
  return rq_commit(rq, &reverse_cmd, rv, CMD_GATE, reverse_answer, e);
}

/* ---- what the guard looks for ---- */

static void write_signs(struct jw *w, struct app *app, const struct uuid *post, int32_t today) {
  enum { DAYS = 8 };
  char day[DAY_TEXT], code[GATE_CODE_TEXT];
  gate_code_write(app, post, code);
  jw_k(w, "code");
  jw_strz(w, code);
  jw_k(w, "signs");
  jw_array(w);
  for (int i = 0; i < DAYS; i++) {
    day_format(today + i, day);
    jw_object(w);
    jw_k(w, "date");
    jw_strz(w, day);
    jw_k(w, "sign");
    jw_i64(w, gate_code_sign_of_day(app, post, today + i));
    jw_end(w);
  }
  jw_end(w);
}

/* The poster's code, and the signs of today and of the next days: the guard's phone keeps them for
 * when there is no network. */
int gate_signs(struct rq *rq, struct err *e) {
  struct buf b = BUF_INIT(KIB(8));
  struct uuid id;
  struct post_facts post;
  struct jw w;
  if (uuid_parse(rq->params[0], &id) < 0 || !post_facts(rq->app, &id, &post) || !post.gate ||
      post.op != rq->viewer->op ||
      !viewer_may(rq->viewer, kind_right(&gate_event_kind, VERB_CREATE), post.unit))
    return err_set(e, E_NOT_FOUND, "no such gate, or not for this reader");
  jw_init(&w, &b);
  jw_object(&w);
  write_signs(&w, rq->app, &id, rq->viewer->today);
  jw_end(&w);
  rq_json(rq, 200, &b);
  return 0;
}

QUERY(q_device_gates, "SELECT id FROM post WHERE op = $1 AND unit = $2 AND kind = 'gate' "
                      "AND state = 'open' AND retired = 0 ORDER BY id LIMIT 100");

int gate_device_signs(struct rq *rq, struct tx *tx, struct jw *w, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  jw_array(w);
  int r = cur_open(tx, &q_device_gates, P(V_I64(rq->viewer->op), V_I64(rq->device->unit)), &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1) {
    const struct uuid id = cur_uuid(cur, 0);
    jw_object(w);
    jw_k(w, "post");
    jw_uuid(w, &id);
    write_signs(w, rq->app, &id, rq->viewer->today);
    jw_end(w);
  }
  jw_end(w);
  return r < 0 ? r : 0;
}
