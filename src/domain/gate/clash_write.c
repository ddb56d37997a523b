#include "core/operation.h"
#include "domain/gate/clash_inner.h"

/* What a look found goes through the writer, some at a time so that no gate waits for it: raised
 * where it does not stand, raised again where it had cleared itself, cleared where it is no longer
 * so. What a person has dealt with stays as he left it. */

enum { AT_ONCE = 50 };

QUERY(q_clash_of_cause, "SELECT id, state FROM clash WHERE op = $1 AND cause = $2 AND retired = 0");
QUERY(q_clash_state, "SELECT state FROM clash WHERE id = $1");
QUERY(q_gate_post_name, "SELECT name FROM post WHERE id = $1");
QUERY(q_out_put,
      "INSERT INTO gate_out (pass, op, unit, household, post, event, since_ms, known_ms, raised) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) ON CONFLICT (pass) DO UPDATE SET "
      "unit = excluded.unit, household = excluded.household, post = excluded.post, "
      "event = excluded.event, since_ms = excluded.since_ms, known_ms = excluded.known_ms, "
      "raised = 0 WHERE gate_out.event <> excluded.event");
QUERY(q_out_gone, "DELETE FROM gate_out WHERE pass = $1");

struct batch {
  struct look *k;
  struct found *found[AT_ONCE];
  struct stored *gone[AT_ONCE];
  struct out_row *outs[AT_ONCE];
  size_t n_found, n_gone, n_outs;
};

/* ---- one clash ---- */

static int post_name(struct tx *tx, struct arena *a, const struct uuid *post, struct str *ret,
                     struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  *ret = S("?");
  int r = cur_open(tx, &q_gate_post_name, P(V_UUID(*post)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r > 0) *ret = arena_dup(a, cur_text(cur, 0));
  return r < 0 ? r : 0;
}

/* "东门 05-08 08:10": places and times, never names. */
static int side(struct tx *tx, struct arena *a, const struct zone *zone, const struct passage *p,
                struct str *ret, struct err *e) {
  struct str name;
  int minute, y, m, d;
  int r = post_name(tx, a, &p->post, &name, e);
  if (r < 0) return r;
  day_to_civil(zone_day(zone, p->at_ms, &minute), &y, &m, &d);
  *ret = arena_printf(a, STR_FMT " %02d-%02d %02d:%02d", STR_ARG(name), m, d, minute / 60,
                      minute % 60);
  return 0;
}

static int detail(struct tx *tx, struct arena *a, const struct viewer *v, const struct found *f,
                  struct str *ret, struct err *e) {
  struct str one, other;
  int r = side(tx, a, v->zone, &f->first, &one, e);
  if (r < 0) return r;
  *ret = one;
  if (f->detail.n) {
    *ret = arena_printf(a, STR_FMT " " STR_FMT, STR_ARG(one), STR_ARG(f->detail));
  } else if (f->pair) {
    if ((r = side(tx, a, v->zone, &f->second, &other, e)) < 0) return r;
    *ret = arena_printf(a, STR_FMT " → " STR_FMT, STR_ARG(one), STR_ARG(other));
  }
  return 0;
}

static struct change *by_job(struct look *k, struct arena *a, int64_t op, enum change_verb verb,
                             const char *action) {
  struct change *c = change_make(a, &k->app->registry, look_viewer(k, op), &clash_kind, verb);
  c->at_ms = k->now_ms;
  c->source = "job";
  c->internal = true;
  if (action) c->transition = kind_transition(&clash_kind, str_from(action));
  return c;
}

static int run_change(struct tx *tx, struct change *c, struct err *e) {
  int r = change_ready(c, e);
  return r < 0 ? r : change_run(tx, c, e);
}

static int create(struct tx *tx, struct look *k, struct arena *a, const struct found *f,
                  struct err *e) {
  const struct passage *at = f->pair ? &f->second : &f->first;
  struct change *c = by_job(k, a, f->op, CHANGE_CREATE, NULL);
  struct str words;
  char day[DAY_TEXT];
  int r = detail(tx, a, c->viewer, f, &words, e);
  if (r < 0) return r;
  day_format(at->day, day);
  change_set(c, CLASH_TYPE, V_TEXTZ(f->type));
  change_set(c, CLASH_UNIT, V_I64(at->unit));
  change_set(c, CLASH_POST, V_UUID(at->post));
  if (!uuid_is_nil(&at->pass)) change_set(c, CLASH_PASS, V_UUID(at->pass));
  if (!uuid_is_nil(&at->household)) change_set(c, CLASH_HOUSEHOLD, V_UUID(at->household));
  if (!uuid_is_nil(&at->device)) change_set(c, CLASH_DEVICE, V_UUID(at->device));
  change_set(c, CLASH_FIRST_EVENT, V_UUID(f->first.id));
  change_set(c, CLASH_FIRST_AT, V_I64(f->first.at_ms));
  if (f->pair) {
    change_set(c, CLASH_SECOND_EVENT, V_UUID(f->second.id));
    change_set(c, CLASH_SECOND_AT, V_I64(f->second.at_ms));
  }
  change_set(c, CLASH_DETAIL, V_TEXT(words));
  change_set(c, CLASH_DAY, V_TEXT(arena_dup(a, (struct str){day, 10})));
  change_set(c, CLASH_FOUND_AT, V_I64(k->now_ms));
  change_set(c, CLASH_CAUSE, V_TEXT(f->cause));
  return run_change(tx, c, e);
}

static int raise_one(struct tx *tx, struct look *k, struct arena *a, const struct found *f,
                     struct err *e) {
  struct uuid id = {{0}};
  bool there, cleared = false;
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    int r = cur_open(tx, &q_clash_of_cause, P(V_I64(f->op), V_TEXT(f->cause)), &cur, e);
    if (r >= 0) r = cur_next(cur, e);
    if (r < 0) return r;
    there = r > 0;
    if (there) {
      id = cur_uuid(cur, 0);
      cleared = str_is(cur_text(cur, 1), "cleared");
    }
  }
  if (!there) return create(tx, k, a, f, e);
  if (!cleared) return 0;
  struct change *c = by_job(k, a, f->op, CHANGE_ACTION, "again");
  c->id = id;
  change_set(c, CLASH_OUTCOME, V_NULL);
  return run_change(tx, c, e);
}

static int clear_one(struct tx *tx, struct look *k, struct arena *a, const struct stored *s,
                     struct err *e) {
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    int r = cur_open(tx, &q_clash_state, P(V_UUID(s->id)), &cur, e);
    if (r >= 0) r = cur_next(cur, e);
    if (r <= 0 || !str_is(cur_text(cur, 0), "open")) return r;
  }
  struct change *c = by_job(k, a, s->op, CHANGE_ACTION, "clear");
  c->id = s->id;
  change_set(c, CLASH_OUTCOME, V_TEXTZ(s->overdue ? "returned" : "late_data"));
  return run_change(tx, c, e);
}

static int out_one(struct tx *tx, const struct look *k, const struct out_row *o, struct err *e) {
  if (!o->is_out) return tx_exec(tx, &q_out_gone, P(V_UUID(o->pass)), NULL, e);
  const struct passage *p = &o->last;
  return tx_exec(tx, &q_out_put,
                 P(V_UUID(o->pass), V_I64(p->op), V_I64(p->unit),
                   uuid_is_nil(&p->household) ? V_NULL : V_UUID(p->household), V_UUID(p->post),
                   V_UUID(p->id), V_I64(p->at_ms), V_I64(k->now_ms)),
                 NULL, e);
}

static int batch_run(struct tx *tx, void *arg, struct err *e) {
  struct batch *b = arg;
  /* May run again: what a run makes belongs to its transaction. */
  struct arena *a = tx_arena(tx);
  int r = 0;
  for (size_t i = 0; i < b->n_found && r >= 0; i++) r = raise_one(tx, b->k, a, b->found[i], e);
  for (size_t i = 0; i < b->n_gone && r >= 0; i++) r = clear_one(tx, b->k, a, b->gone[i], e);
  for (size_t i = 0; i < b->n_outs && r >= 0; i++) r = out_one(tx, b->k, b->outs[i], e);
  return r;
}
static const struct cmd_class batch_cmd = {.name = "gate_clashes", .run = batch_run};

static int send(struct batch *b, bool all, struct err *e) {
  const bool full = b->n_found == AT_ONCE || b->n_gone == AT_ONCE || b->n_outs == AT_ONCE;
  if (!(full || (all && (b->n_found || b->n_gone || b->n_outs)))) return 0;
  int r = writer_run(b->k->app->writer, &batch_cmd, b, CMD_NORMAL, e);
  b->n_found = b->n_gone = b->n_outs = 0;
  return r;
}

/* ---- all of them ---- */

/* Is what stands recorded still found? An overdue one is, as long as that exit is the last. */
static bool stands(const struct look *k, const struct stored *s) {
  if (s->overdue) {
    for (const struct out_row *o = k->outs; o; o = o->next)
      if (o->is_out && str_eq(clash_cause(k->a, "overdue", &o->last.id, NULL), s->cause))
        return true;
    return false;
  }
  for (const struct found *f = k->found; f; f = f->next)
    if (str_eq(f->cause, s->cause)) return true;
  return false;
}

static bool recorded(const struct look *k, const struct found *f) {
  for (const struct stored *s = k->stored; s; s = s->next)
    if (s->open && str_eq(s->cause, f->cause)) return true;
  return false;
}

int look_write(struct look *k, struct err *e) {
  struct batch b = {.k = k};
  int r = 0;
  for (struct found *f = k->found; f && r >= 0; f = f->next) {
    if (recorded(k, f)) continue;
    b.found[b.n_found++] = f;
    r = send(&b, false, e);
  }
  for (struct stored *s = k->stored; s && r >= 0; s = s->next) {
    if (!s->open || stands(k, s)) continue;
    b.gone[b.n_gone++] = s;
    r = send(&b, false, e);
  }
  for (struct out_row *o = k->outs; o && r >= 0; o = o->next) {
    b.outs[b.n_outs++] = o;
    r = send(&b, false, e);
  }
  return r < 0 ? r : send(&b, true, e);
}

/* ---- not back in time ---- */

QUERY(q_out_due, "SELECT pass, unit, household, post, event, since_ms FROM gate_out WHERE op = $1 "
                 "AND raised = 0 AND since_ms <= $2 AND known_ms <= $3 AND pass > $4 "
                 "ORDER BY pass LIMIT $5");
QUERY(q_out_raised, "UPDATE gate_out SET raised = 1 WHERE pass = $1 AND event = $2");

static int overdue_one(struct tx *tx, struct job_row *row, struct err *e) {
  struct look *k = row->arg;
  const struct viewer *v = row->run->viewer;
  const struct passage p = {.pass = row->v[0].u,
                            .unit = (int32_t)row->v[1].i,
                            .household = row->v[2].t == VAL_NULL ? (struct uuid){{0}} : row->v[2].u,
                            .post = row->v[3].u,
                            .id = row->v[4].u,
                            .at_ms = row->v[5].i,
                            .day = zone_day(v->zone, row->v[5].i, NULL),
                            .op = v->op,
                            .out = true,
                            .of_household = true};
  int64_t changed = 0;
  int r = tx_exec(tx, &q_out_raised, P(V_UUID(p.pass), V_UUID(p.id)), &changed, e);
  if (r < 0 || !changed) return r;
  const struct found f = {.type = "overdue",
                          .op = p.op,
                          .cause = clash_cause(tx_arena(tx), "overdue", &p.id, NULL),
                          .first = p};
  return raise_one(tx, k, tx_arena(tx), &f, e);
}

int clash_overdue(struct job_run *run, struct err *e) {
  const struct viewer *v = run->viewer;
  struct look k = {.app = run->app, .a = run->a, .now_ms = v->now_ms};
  const struct job_walk due = {
      .name = "overdue", .q = &q_out_due, .columns = "uiuuui", .row = overdue_one, .arg = &k};
  const int64_t minutes = policy(run->app, v->op, "pass_household_minutes", v->today);
  if (minutes == 0 || run->app->read_only) return 0;
  int r = look_operation(&k, v->op, e);
  return r < 0 ? r
               : job_each(run, &due,
                          P(V_I64(v->op), V_I64(v->now_ms - minutes * MS_MINUTE - 1),
                            V_I64(v->now_ms - SETTLED_MS)),
                          e);
}
