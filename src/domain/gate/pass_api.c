#include "domain/gate/pass_api.h"
#include "apidoc/openapi.h"
#include "domain/gate/reverse.h"
#include "domain/gate/verdict.h"
#include "domain/gate/watch.h"
#include "domain/residents/residents.h"
#include "domain/rosters/rosters.h"
#include "output/qr.h"

/* ---- whom it is about ---- */

enum { TARGET_IDS_MAX = 2000 };

static const struct {
  const char *name;
  const struct kind *kind;
  int unit;
} targets[] = {[TARGET_COMPOUND] = {"compound", &compound_kind, COMPOUND_UNIT},
               [TARGET_BUILDING] = {"building", &building_kind, BUILDING_UNIT},
               [TARGET_HOUSEHOLD] = {"household", &household_kind, HOUSEHOLD_UNIT}};

static int read_ids(struct rq *rq, const json_t *list, struct pass_target *t) {
  t->kind = TARGET_IDS;
  t->n_ids = json_array_size(list);
  if (!json_is_array(list) || t->n_ids == 0) problem_add(&rq->problems, PROBLEM_required, S("ids"));
  if (t->n_ids > TARGET_IDS_MAX)
    problem_limit(&rq->problems, PROBLEM_too_many, S("ids"), TARGET_IDS_MAX);
  if (problems_any(&rq->problems)) return 0;
  t->ids = arena_array(rq->a, struct uuid, t->n_ids);
  for (size_t i = 0; i < t->n_ids; i++)
    if (uuid_parse(json_str(json_array_get(list, i)), &t->ids[i]) < 0)
      problem_text(&rq->problems, PROBLEM_bad_format, S("ids"), S("UUID"), (struct str){0},
                   (struct str){0});
  return 0;
}

int pass_target(struct rq *rq, struct tx *tx, const char *right, bool ids, struct pass_target *ret,
                struct err *e) {
  struct pass_target t = {.kind = TARGET_IDS};
  size_t given = 0;
  for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
    const json_t *j = json_object_get(rq->body, targets[i].name);
    if (!j) continue;
    given++;
    t.kind = (enum pass_target_kind)i;
    if (uuid_parse(json_str(j), &t.id) < 0)
      problem_text(&rq->problems, PROBLEM_bad_format, str_from(targets[i].name), S("UUID"),
                   (struct str){0}, (struct str){0});
  }
  const json_t *list = ids ? json_object_get(rq->body, "ids") : NULL;
  if (list) {
    given++;
    int r = read_ids(rq, list, &t);
    if (r < 0) return r;
  }
  if (given != 1)
    problem_add(&rq->problems, given ? PROBLEM_ambiguous : PROBLEM_required, S("compound"));
  int r = rq_check(rq, e);
  if (r < 0) return r;
  if (t.kind != TARGET_IDS) {
    struct record *rec;
    r = record_get(tx, rq->a, rq->viewer, targets[t.kind].kind, &t.id, &rec, e);
    if (r < 0) return r;
    t.unit = rec_unit(rec, targets[t.kind].unit);
    if (!viewer_may(rq->viewer, right_by_name(str_from(right)), t.unit))
      return err_set(e, E_FORBIDDEN, "the right is missing at the unit concerned");
  }
  *ret = t;
  return 0;
}

/* ---- issuing ---- */

QUERY(q_issue_compound,
      "SELECT h.id FROM household h WHERE h.op = $1 AND h.compound = $2 AND h.retired = 0 "
      "ORDER BY h.id LIMIT 20001"); /* limit: said */
QUERY(q_issue_building,
      "SELECT h.id FROM household h WHERE h.op = $1 AND h.building = $2 AND h.retired = 0 "
      "ORDER BY h.id LIMIT 20001"); /* limit: said */
QUERY(q_issue_household,
      "SELECT h.id FROM household h WHERE h.op = $1 AND h.id = $2 AND h.retired = 0");
QUERY(q_due_residents,
      "SELECT r.id, (SELECT count(*) FROM pass p WHERE p.resident = r.id AND p.class = 'person' "
      "AND p.state = 'active' AND p.valid_from <= $3 AND p.valid_to >= $2) "
      "FROM resident r WHERE r.household = $1 AND r.living = 'living' AND r.retired = 0 "
      "AND r.id > $4 ORDER BY r.id LIMIT 100"); /* limit: gone on with from the last */
QUERY(q_due_household,
      "SELECT h.id, (SELECT count(*) FROM pass p WHERE p.household = h.id "
      "AND p.class = 'household' AND p.state = 'active' AND p.valid_from <= $3 "
      "AND p.valid_to >= $2) FROM household h WHERE h.id = $1 AND h.occupied = 'occupied' "
      "AND h.id > $4");
QUERY(q_household_held, "SELECT count(*) FROM pass WHERE household = $1 AND state = 'revoked' "
                        "AND void_reason = 'hold'");

enum { ISSUE_HOUSEHOLDS = 20000, ISSUE_AT_ONCE = 25, HOUSEHOLD_PEOPLE = 100 };

struct issued {
  int64_t made, there, held, refused;
};
struct issue {
  struct rq *rq;
  struct pass_target target;
  bool person, dry; /* dry: only counted */
  struct str from, to;
  struct uuid *households;
  size_t n, at, upto;
  struct issued before, after; /* the present command */
};

static int issue_one(struct tx *tx, struct issue *is, struct arena *a, const struct uuid *holder,
                     struct err *e) {
  struct rq *rq = is->rq;
  struct err own = {0};
  if (is->dry) {
    is->after.made++;
    return 0;
  }
  struct change *c = change_make(a, &rq->app->registry, rq->viewer, &pass_kind, CHANGE_CREATE);
  c->at_ms = rq->now_ms;
  change_set(c, PASS_CLASS, V_TEXT(is->person ? S("person") : S("household")));
  change_set(c, is->person ? PASS_RESIDENT : PASS_HOUSEHOLD, V_UUID(*holder));
  change_set(c, PASS_VALID_FROM, V_TEXT(is->from));
  change_set(c, PASS_VALID_TO, V_TEXT(is->to));
  int r = change_ready(c, e);
  if (r >= 0) r = change_run(tx, c, &own);
  if (r >= 0) {
    is->after.made++;
  } else if (r == -E_INVALID) {
    is->after.refused++; /* a household without a compound, say; the others get theirs */
    r = 0;
  } else if (e && own.code) {
    *e = own;
  }
  return r;
}

/* A dormitory is one household of hundreds: those behind `last`, who becomes the last of them. */
static int issue_some(struct tx *tx, struct issue *is, struct arena *a,
                      const struct uuid *household, struct uuid *last, bool *ret_more,
                      struct err *e) {
  struct uuid due[HOUSEHOLD_PEOPLE];
  size_t n = 0, seen = 0;
  int r;
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    r = cur_open(tx, is->person ? &q_due_residents : &q_due_household,
                 P(V_UUID(*household), V_TEXT(is->from), V_TEXT(is->to), V_UUID(*last)), &cur, e);
    for (; r >= 0 && seen < HOUSEHOLD_PEOPLE && (r = cur_next(cur, e)) == 1; seen++) {
      *last = cur_uuid(cur, 0);
      if (cur_i64(cur, 1))
        is->after.there++;
      else
        due[n++] = *last;
    }
  }
  for (size_t i = 0; i < n && r >= 0; i++) r = issue_one(tx, is, a, &due[i], e);
  *ret_more = seen == HOUSEHOLD_PEOPLE;
  return r < 0 ? r : 0;
}

static int issue_household(struct tx *tx, struct issue *is, struct arena *a,
                           const struct uuid *household, struct err *e) {
  struct uuid last = {{0}};
  bool more = true;
  int64_t held = 0;
  int r = tx_i64(tx, &q_household_held, P(V_UUID(*household)), &held, e);
  if (r < 0) return r;
  if (held) {
    is->after.held++;
    return 0;
  }
  while (more && r >= 0) r = issue_some(tx, is, a, household, &last, &more, e);
  return r;
}

/* A few households a command, so that gates are served in between. */
static int issue_run(struct tx *tx, void *arg, struct err *e) {
  struct issue *is = arg;
  int r = 0;
  is->after = is->before; /* it may run again */
  for (size_t i = is->at; i < is->upto && r >= 0; i++)
    r = issue_household(tx, is, tx_arena(tx), &is->households[i], e);
  return r;
}
static const struct cmd_class issue_cmd = {.name = "passes_issue", .run = issue_run};

/* What would be issued, on one snapshot and without the writer. */
static int issue_count(struct issue *is, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(is->rq->app->store, &tx, e);
  is->upto = is->n;
  return r < 0 ? r : issue_run(tx, is, e);
}

static void write_counts(struct jw *w, const char *const *names, const int64_t *counts, size_t n) {
  jw_object(w);
  for (size_t i = 0; i < n; i++) {
    jw_key(w, str_from(names[i]));
    jw_i64(w, counts[i]);
  }
  jw_end(w);
}

static int issue_work(struct issue *is, struct jw *w, struct err *e) {
  static const char *const names[] = {"made", "there", "held", "refused"};
  int r = 0;
  if (is->dry) r = issue_count(is, e);
  for (is->at = 0; !is->dry && is->at < is->n && r >= 0; is->at = is->upto) {
    is->upto = is->at + ISSUE_AT_ONCE < is->n ? is->at + ISSUE_AT_ONCE : is->n;
    is->before = is->after;
    r = writer_run(is->rq->app->writer, &issue_cmd, is, CMD_BULK, e);
  }
  write_counts(
      w, names,
      (const int64_t[]){is->after.made, is->after.there, is->after.held, is->after.refused},
      ARRAY_LEN(names));
  return r;
}

static struct str body_text(struct rq *rq, const char *name) {
  const json_t *j = json_object_get(rq->body, name);
  return json_is_string(j) ? str_trim(json_str(j)) : (struct str){NULL, 0};
}

static void dates(struct rq *rq, struct issue *is) {
  int32_t from = 0, to = 0;
  is->from = body_text(rq, "valid_from");
  is->to = body_text(rq, "valid_to");
  const bool good_from = day_parse(is->from, &from) == 0, good_to = day_parse(is->to, &to) == 0;
  if (!good_from)
    problem_add(&rq->problems, is->from.n ? PROBLEM_bad_date : PROBLEM_required, S("valid_from"));
  if (!good_to)
    problem_add(&rq->problems, is->to.n ? PROBLEM_bad_date : PROBLEM_required, S("valid_to"));
  if (good_from && good_to && to < from)
    problem_add(&rq->problems, PROBLEM_dates_reversed, S("valid_to"));
  if (good_to && to < rq->viewer->today)
    problem_add(&rq->problems, PROBLEM_pass_expired, S("valid_to"));
}

/* POST passes/issue {"compound"|"building"|"household", "class", "valid_from", "valid_to", "dry"}
 */
static int passes_issue(struct rq *rq, struct jw *w, struct err *e) {
  static const struct query *const queries[] = {[TARGET_COMPOUND] = &q_issue_compound,
                                                [TARGET_BUILDING] = &q_issue_building,
                                                [TARGET_HOUSEHOLD] = &q_issue_household};
  struct issue *is = arena_new(rq->a, struct issue);
  const struct str cls = body_text(rq, "class");
  *is = (struct issue){.rq = rq,
                       .person = str_is(cls, "person"),
                       .dry = json_is_true(json_object_get(rq->body, "dry"))};
  if (!is->person && !str_is(cls, "household"))
    problem_text(&rq->problems, cls.n ? PROBLEM_not_in_list : PROBLEM_required, S("class"),
                 S("person, household"), cls, S("个人、家庭"));
  dates(rq, is);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = rq_read(rq, &tx, e);
  if (r >= 0) r = pass_target(rq, tx, "pass.create", false, &is->target, e);
  if (r < 0) return r;
  is->households = arena_array(rq->a, struct uuid, ISSUE_HOUSEHOLDS);
  if (!is->households || arena_failed(rq->a)) return err_set(e, E_NOMEM, "no memory to issue");
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    r = cur_open(tx, queries[is->target.kind], P(V_I64(rq->viewer->op), V_UUID(is->target.id)),
                 &cur, e);
    while (r >= 0 && is->n < ISSUE_HOUSEHOLDS && (r = cur_next(cur, e)) == 1)
      is->households[is->n++] = cur_uuid(cur, 0);
    if (r == 1 && (r = cur_next(cur, e)) == 1) {
      problem_limit(&rq->problems, PROBLEM_too_many,
                    is->target.kind == TARGET_COMPOUND ? S("compound") : S("building"),
                    ISSUE_HOUSEHOLDS);
      return err_set(e, E_INVALID, "too many households at once");
    }
  }
  tx_endp(&tx);
  return r < 0 ? r : issue_work(is, w, e);
}

/* ---- a household's passes ---- */

struct household_work {
  struct rq *rq;
  struct change *by; /* carries viewer, arena and time */
  struct uuid household;
  struct str reason;
  bool reinstate;
  size_t n;
};

static int household_run(struct tx *tx, void *arg, struct err *e) {
  struct household_work *hw = arg;
  hw->n = 0;
  problems_init(&hw->by->problems, hw->by->a);
  int r = (hw->reinstate ? passes_reinstate_household : passes_void_household)(
      tx, hw->by, &hw->household, hw->reason, &hw->n, e);
  hw->rq->problems = hw->by->problems;
  return r;
}
static const struct cmd_class household_cmd = {.name = "passes_household", .run = household_run};

static int household_answer(struct rq *rq, struct jw *w, struct err *e) {
  static const char *const names[] = {"changed"};
  const struct household_work *hw = rq->work;
  (void)e;
  write_counts(w, names, (const int64_t[]){(int64_t)hw->n}, 1);
  return 0;
}

static bool is_reason(struct str s) {
  const struct choice *c = pass_kind.fields[PASS_VOID_REASON].choices;
  while (c->value && !str_is(s, c->value)) c++;
  return c->value != NULL;
}

static int household_passes(struct rq *rq, bool reinstate, struct err *e) {
  struct household_work *hw = arena_new(rq->a, struct household_work);
  struct pass_target t;
  const struct str note = body_text(rq, "note");
  *hw =
      (struct household_work){.rq = rq, .reason = body_text(rq, "reason"), .reinstate = reinstate};
  if (!is_reason(hw->reason))
    problem_text(&rq->problems, hw->reason.n ? PROBLEM_not_in_list : PROBLEM_required, S("reason"),
                 S("lost, moved, misuse, hold, expired, replaced, other"), hw->reason,
                 S("遗失、搬离、冒用或转借、暂停出入、到期、换发、其他"));
  if (str_utf8_len(note) > LIMIT_TEXT_DEFAULT)
    problem_limit(&rq->problems, PROBLEM_too_long, S("note"), LIMIT_TEXT_DEFAULT);
  {
    _cleanup_(tx_endp) struct tx *tx = NULL;
    int r = rq_read(rq, &tx, e);
    if (r >= 0) r = pass_target(rq, tx, "pass.update", false, &t, e);
    if (r < 0) return r;
  }
  if (t.kind != TARGET_HOUSEHOLD) {
    problem_add(&rq->problems, PROBLEM_required, S("household"));
    return rq_check(rq, e);
  }
  hw->household = t.id;
  hw->by = change_make(rq->a, &rq->app->registry, rq->viewer, &pass_kind, CHANGE_ACTION);
  hw->by->at_ms = rq->now_ms;
  hw->by->reason = note;
  return rq_do(rq, &household_cmd, hw, CMD_NORMAL, household_answer, e);
}

/* POST passes/void-household {"household", "reason", "note"} */
static int void_household(struct rq *rq, struct err *e) {
  return household_passes(rq, false, e);
}

/* POST passes/reinstate-household: those that were voided for that reason, and no others */
static int reinstate_household(struct rq *rq, struct err *e) {
  return household_passes(rq, true, e);
}

/* ---- one code ---- */

static int load_pass(struct rq *rq, struct tx *tx, const char *right, struct record **ret,
                     struct err *e) {
  struct uuid id;
  if (uuid_parse(rq->params[0], &id) < 0) return err_set(e, E_NOT_FOUND, "no such pass");
  int r = record_get(tx, rq->a, rq->viewer, &pass_kind, &id, ret, e);
  if (r >= 0 && !viewer_may(rq->viewer, right_by_name(str_from(right)), rec_unit(*ret, PASS_UNIT)))
    return err_set(e, E_FORBIDDEN, "the right is missing at the unit concerned");
  return r;
}

/* GET passes/:id/code: for a screen in place of a card. */
static int pass_code_get(struct rq *rq, struct jw *w, struct err *e) {
  struct record *pass;
  struct pass_code code;
  struct qr qr;
  int r = load_pass(rq, rq->tx, "pass.print", &pass, e);
  if (r < 0) return r;
  if (!str_is(pass->state, "active")) return err_set(e, E_STATE, "the pass is not valid");
  r = pass_code_of(rq->app, pass, &code, e);
  if (r >= 0) r = qr_encode(pass_code_str(&code), QR_MEDIUM, &qr, e);
  if (r < 0) return r;
  _cleanup_(buf_done) struct buf svg = BUF_INIT(KIB(256));
  qr_svg(&qr, 320, &svg);
  jw_object(w);
  jw_kstr(w, "code", pass_code_str(&code));
  jw_kstr(w, "number", rec_text(pass, PASS_NUMBER));
  jw_kstr(w, "class", rec_text(pass, PASS_CLASS));
  jw_kstr(w, "valid_from", rec_text(pass, PASS_VALID_FROM));
  jw_kstr(w, "valid_to", rec_text(pass, PASS_VALID_TO));
  jw_kstr(w, "svg", buf_str(&svg));
  jw_end(w);
  return 0;
}

/* ---- keys ---- */

/* GET pass-keys/current: what a phone checks passes with. */
static int keys_get(struct rq *rq, struct jw *w, struct err *e) {
  struct pass_public_key keys[PASS_KEYS_MAX];
  size_t n = 0;
  int r = pass_keys_public(rq->tx, rq->viewer->op, keys, &n, e);
  if (r < 0) return r;
  jw_object(w);
  jw_k(w, "current");
  if (n)
    jw_i64(w, keys[0].key_id);
  else
    jw_null(w);
  jw_k(w, "keys");
  pass_keys_write(w, keys, n);
  jw_end(w);
  return 0;
}

struct rotation {
  struct change *by;
  struct record *key;
};
static int rotate_run(struct tx *tx, void *arg, struct err *e) {
  struct rotation *ro = arg;
  return pass_key_rotate(tx, ro->by, &ro->key, e);
}
static const struct cmd_class rotate_cmd = {.name = "pass_key_rotate", .run = rotate_run};

static int rotate_answer(struct rq *rq, struct jw *w, struct err *e) {
  rq->status = 201;
  return rq_record(rq, w, ((struct rotation *)rq->work)->key, e);
}

/* POST pass-keys: the next key; cards that are out stay good until their day. */
static int keys_rotate(struct rq *rq, struct err *e) {
  struct rotation *ro = arena_new(rq->a, struct rotation);
  if (!rq->viewer->op) return err_set(e, E_PRECONDITION, "there is no operation");
  ro->by = change_make(rq->a, &rq->app->registry, rq->viewer, &pass_key_kind, CHANGE_CREATE);
  ro->by->at_ms = rq->now_ms;
  return rq_do(rq, &rotate_cmd, ro, CMD_NORMAL, rotate_answer, e);
}

/* ---- asking the gate's question at the desk ---- */

static void write_answer(struct rq *rq, struct tx *tx, struct jw *w, const struct gate_answer *ans,
                         struct err *e, int *ret_r) {
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  char at[MOMENT_TEXT], day[DAY_TEXT];
  jw_object(w);
  jw_kobject(w, "verdict");
  jw_kstrz(w, "code", ans->verdict->value);
  jw_kstrz(w, "zh", ans->verdict->zh);
  jw_kstrz(w, "en", ans->verdict->en);
  jw_end(w);
  jw_k(w, "pass");
  *ret_r = 0;
  if (ans->pass && record_visible(rq->viewer, ans->pass))
    *ret_r = emit_record(&em, w, ans->pass, e);
  else
    jw_null(w);
  jw_k(w, "last");
  if (ans->last_ms) {
    jw_object(w);
    jw_kstrz(w, "direction", ans->last_out ? "out" : "in");
    jw_k(w, "happened_at");
    moment_format(ans->last_ms, rq->viewer->zone, at);
    jw_strz(w, at);
    jw_end(w);
  } else {
    jw_null(w);
  }
  jw_k(w, "next_day");
  if (ans->next_day) {
    day_format(ans->next_day, day);
    jw_strz(w, day);
  } else {
    jw_null(w);
  }
  jw_ki64(w, "overdue_minutes", ans->overdue_minutes);
  jw_end(w);
}

/* POST gate/check {"code"|"number", "direction", "post"}: only looks, writes nothing. */
static int gate_check_post(struct rq *rq, struct jw *w, struct err *e) {
  struct uuid id;
  struct post_facts post = {0};
  struct gate_answer ans;
  const struct str direction = body_text(rq, "direction");
  /* a code may begin or end with a space: it is taken as it is, but for line ends */
  struct str code = json_str(json_object_get(rq->body, "code"));
  while (code.n && (code.p[code.n - 1] == '\n' || code.p[code.n - 1] == '\r')) code.n--;
  struct gate_question q = {.op = rq->viewer->op,
                            .out = str_is(direction, "out"),
                            .code = code,
                            .number = body_text(rq, "number"),
                            .now_ms = rq->now_ms,
                            .zone = rq->viewer->zone};
  if (!q.out && !str_is(direction, "in"))
    problem_text(&rq->problems, direction.n ? PROBLEM_not_in_list : PROBLEM_required,
                 S("direction"), S("in, out"), direction, S("进、出"));
  if (!q.code.n == !q.number.n) problem_add(&rq->problems, PROBLEM_required, S("code"));
  const bool named = uuid_parse(json_str(json_object_get(rq->body, "post")), &id) == 0;
  if (!named) problem_add(&rq->problems, PROBLEM_required, S("post"));
  if (named && (!post_facts(rq->app, &id, &post) || post.retired || post.op != q.op ||
                !viewer_may(rq->viewer, right_by_name(S("pass.read")), post.unit)))
    problem_add(&rq->problems, PROBLEM_not_found, S("post"));
  int r = rq_check(rq, e);
  if (r < 0) return r;
  q.unit = post.unit;
  r = gate_judge(rq->tx, rq->app, rq->a, &q, &ans, e);
  if (r < 0) return r;
  write_answer(rq, rq->tx, w, &ans, e, &r);
  return r;
}

const struct route gate_routes[] = {
    {HTTP_POST, "/api/v1/passes/issue", "pass.create", .runs = RUNS_WORKER,
     .time_ms = 2 * MS_MINUTE, .answer = passes_issue, .zh = "批量发证",
     .en = "issue passes to all who have none",
     .takes = "compound?:id building?:id household?:id class:'person'|'household' valid_from:date "
              "valid_to:date dry?:bool",
     .gives = "made:int there:int held:int refused:int"},
    {HTTP_POST, "/api/v1/passes/cards", "pass.print", .runs = RUNS_WORKER, .time_ms = 2 * MS_MINUTE,
     .answer = pass_cards, .zh = "打印出入证", .en = "cards to print, ten a page",
     .takes = "ids?:id[] compound?:id building?:id household?:id only_unprinted?:bool",
     .gives = "file:application/pdf"},
    {HTTP_POST, "/api/v1/passes/void-household", "pass.update", .handle = void_household,
     .zh = "停用本户出入证", .en = "void a household's passes",
     .takes = "household:id reason note?", .gives = "changed:int"},
    {HTTP_POST, "/api/v1/passes/reinstate-household", "pass.update", .handle = reinstate_household,
     .zh = "恢复本户出入证", .en = "give a household's passes back",
     .takes = "household:id reason note?", .gives = "changed:int"},
    {HTTP_GET, "/api/v1/passes/:id/code", "pass.print", .answer = pass_code_get,
     .zh = "出入证二维码", .en = "the code of a pass, for a screen", .gives = "PassCode"},
    {HTTP_GET, "/api/v1/pass-keys/current", "pass_key.read", .flags = ROUTE_DEVICE | ROUTE_SHORT,
     .answer = keys_get, .zh = "验证公钥", .en = "public keys that passes are checked with",
     .gives = "current:int|null keys:PublicKey[]"},
    {HTTP_POST, "/api/v1/pass-keys", "pass_key.create", .handle = keys_rotate, .zh = "更换签发密钥",
     .en = "the next key for signing passes", .takes = "", .gives = "PassKey"},
    {HTTP_POST, "/api/v1/posts/:id/poster", "pass.print", .runs = RUNS_WORKER,
     .time_ms = 2 * MS_MINUTE, .answer = gate_poster, .zh = "卡口海报",
     .en = "a poster with the gate's code", .takes = "size?:'a3'|'a4'",
     .gives = "file:application/pdf"},
    {HTTP_POST, "/api/v1/gate/check", "pass.read", .answer = gate_check_post, .zh = "核验出入证",
     .en = "what the gate would say to a pass",
     .takes = "code? number? direction:'in'|'out' post:id", .gives = "GateCheck"},
    {HTTP_GET, "/api/v1/gate/hours", "gate_event.read", .answer = gate_hours, .zh = "分时进出",
     .en = "passages of a day by the hour", .query = "unit? date?:date post?:id",
     .gives = "hours:GateHour[]"},
    {HTTP_GET, "/api/v1/gate/inside", "gate_event.read", .answer = gate_inside, .zh = "在内与未归",
     .en = "visitors inside, and households that are out", .query = "unit? post?:id",
     .gives = "GateInside"},
    {HTTP_GET, "/api/v1/posts/:id/signs", "gate_event.create", .answer = gate_signs,
     .zh = "当日标记", .en = "the sign of the day that a resident's phone shows at this gate",
     .gives = "GateSigns"},
    {HTTP_GET, "/api/v1/gate-codes/:code", NULL, .flags = ROUTE_PUBLIC, .answer = reverse_gate,
     .zh = "海报上的卡口", .en = "the gate of a poster", .gives = "GatePlace"},
    {HTTP_POST, "/api/v1/gate-codes/:code/pass", NULL, .flags = ROUTE_PUBLIC,
     .handle = reverse_pass, .zh = "居民扫码通行", .en = "a resident passes by the gate's poster",
     .takes = "pass direction:'in'|'out'", .gives = "GatePassage"},
    {0}};
