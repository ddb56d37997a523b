#include "domain/gate/reverse.h"
#include "core/operation.h"
#include "domain/gate/gate.h"
#include "domain/gate/verdict.h"
#include "domain/rosters/rosters.h"
#include <stdio.h>

/* ---- codes ---- */

const struct link_purpose gate_purpose = {.no = 3,
                                          .code = "gate",
                                          .kind = &post_kind,
                                          .rights = "gate_event.create",
                                          .by_code = "visitor clash alarm",
                                          .serial = "code_serial",
                                          .ends = "closed",
                                          .link_per_minute = "gate.code_per_minute",
                                          .address_per_minute = "gate.address_per_minute",
                                          .typed = true,
                                          .old_key = KEY_GATE};

void gate_code_write(struct app *app, const struct uuid *post, int64_t serial,
                     char out[LINK_TEXT]) {
  const struct link l = {.subject = *post, .serial = serial, .last_day = INT32_MAX};
  link_make(app, &gate_purpose, &l, out);
}

/* What the guard's phone and the resident's show for the same gate on the same day: a number of 0
 * to 99 that turns into a colour and a pattern, so that yesterday's picture is seen through. */
static int sign_of_day(struct app *app, const struct uuid *post, int32_t day) {
  char id[UUID_TEXT], text[UUID_TEXT + 24];
  uint8_t out[16];
  uuid_format(post, id);
  snprintf(text, sizeof text, "%s day %d", id, day);
  keys_mac(auth_keys(app->auth), KEY_GATE, str_from(text), out, sizeof out);
  return (out[0] * 256 + out[1]) % 100;
}

/* ---- the gate of a poster ---- */

struct place {
  struct uuid post;
  struct post_facts facts;
  struct str name, community;
  struct viewer *v; /* the code's holder */
};

QUERY(q_reverse_post, "SELECT name FROM post WHERE id = $1");

static int find_place(struct rq *rq, struct place *ret, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *cur = NULL;
  struct link l;
  *ret = (struct place){0};
  int r = rq_link(rq, &gate_purpose, rq->params[0], &l, &ret->v, e);
  ret->post = l.subject;
  if (r >= 0 &&
      (!post_facts(rq->app, &ret->post, &ret->facts) || !ret->facts.gate || !ret->facts.open))
    r = err_set(e, E_NOT_FOUND, "no such gate");
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
  jw_kstr(w, "gate", p->name);
  jw_kstr(w, "community", p->community);
  jw_kstrz(w, "now", now);
  jw_ki64(w, "now_ms", now_ms);
}

int reverse_gate(struct rq *rq, struct jw *w, struct err *e) {
  struct place p;
  int r = find_place(rq, &p, e);
  if (r < 0) return r;
  jw_object(w);
  write_place(w, &p, rq->now_ms);
  jw_end(w);
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
static int reverse_answer(struct rq *rq, struct jw *w, struct err *e) {
  (void)e;
  const struct reverse *rv = rq->work;
  const char *code = rv->answer.verdict->value;
  const bool go = rv->again || (strcmp(code, "ok") == 0 && rv->answer.pass);
  const struct choice *v = rv->again ? gate_verdict("ok") : rv->answer.verdict;
  char at[MOMENT_TEXT];
  moment_format(rv->at_ms, rv->place.v->zone, at);
  jw_object(w);
  write_place(w, &rv->place, rq->now_ms);
  jw_kstrz(w, "direction", rv->q.out ? "out" : "in");
  jw_kstrz(w, "verdict", v->value);
  jw_kbool(w, "go", go);
  jw_kstrz(w, "zh", v->zh);
  jw_kstrz(w, "en", v->en);
  jw_kbool(w, "again", rv->again);
  jw_kstrz(w, "at", go ? at : NULL);
  jw_kstr(w, "class", go ? rec_text(rv->answer.pass, PASS_CLASS) : (struct str){NULL, 0});
  /* only with a passage: yesterday's picture, or none at all, lacks it */
  jw_k(w, "sign");
  if (go)
    jw_i64(w, sign_of_day(rq->app, &rv->place.post, rv->place.v->today));
  else
    jw_null(w);
  jw_end(w);
  return 0;
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
  if ((r = rq_check(rq, e)) < 0) return r;
  const bool number = all_digits(str_trim(pass));
  rv->q = (struct gate_question){.op = rv->place.facts.op,
                                 .unit = rv->place.facts.unit,
                                 .out = str_is(direction, "out"),
                                 .code = number ? (struct str){NULL, 0} : pass,
                                 .number = number ? str_trim(pass) : (struct str){NULL, 0},
                                 .now_ms = rq->now_ms,
                                 .zone = rv->place.v->zone};
  return rq_do(rq, &reverse_cmd, rv, CMD_GATE, reverse_answer, e);
}

/* ---- what the guard looks for ---- */

static void write_signs(struct jw *w, struct app *app, const struct uuid *post, int64_t serial,
                        int32_t today) {
  enum { DAYS = 8 };
  char day[DAY_TEXT], code[LINK_TEXT];
  gate_code_write(app, post, serial, code);
  jw_kstrz(w, "code", code);
  jw_karray(w, "signs");
  for (int i = 0; i < DAYS; i++) {
    day_format(today + i, day);
    jw_object(w);
    jw_kstrz(w, "date", day);
    jw_ki64(w, "sign", sign_of_day(app, post, today + i));
    jw_end(w);
  }
  jw_end(w);
}

/* The poster's code, and the signs of today and of the next days: the guard's phone keeps them for
 * when there is no network. */
int gate_signs(struct rq *rq, struct jw *w, struct err *e) {
  struct uuid id;
  struct post_facts post;
  if (uuid_parse(rq->params[0], &id) < 0 || !post_facts(rq->app, &id, &post) || !post.gate ||
      post.retired || post.op != rq->viewer->op ||
      !viewer_may(rq->viewer, kind_right(&gate_event_kind, VERB_CREATE), post.unit))
    return err_set(e, E_NOT_FOUND, "no such gate, or not for this reader");
  jw_object(w);
  write_signs(w, rq->app, &id, post.code_serial, rq->viewer->today);
  jw_end(w);
  return 0;
}

QUERY(q_device_gates,
      "SELECT id, COALESCE(code_serial, 0) FROM post WHERE op = $1 AND unit = $2 AND kind = 'gate' "
      "AND state = 'open' AND retired = 0 ORDER BY id");

int gate_device_signs(struct rq *rq, struct tx *tx, struct jw *w, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  jw_array(w);
  int r = cur_open(tx, &q_device_gates, P(V_I64(rq->viewer->op), V_I64(rq->device->unit)), &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1) {
    const struct uuid id = cur_uuid(cur, 0);
    jw_object(w);
    jw_kuuid(w, "post", &id);
    write_signs(w, rq->app, &id, cur_i64(cur, 1), rq->viewer->today);
    jw_end(w);
  }
  jw_end(w);
  return r < 0 ? r : 0;
}
