#include "core/verify.h"
#include "domain/gate/clash_inner.h"

/* What stands recorded of clashes, and of who is out, against all passages, as soon as the job has
 * read them all: some passes at a time, by the job's own rules over everything that ever happened.
 */

enum { CHUNK = 256 };

QUERY(q_verify_unread,
      "SELECT count(*) FROM gate_event e LEFT JOIN gate_cursor c ON c.unit = e.unit "
      "WHERE e.pass IS NOT NULL AND e.seq > coalesce(c.seq, 0)");
QUERY(q_verify_passes, "SELECT id, op, household, class FROM pass ORDER BY id");
QUERY(q_verify_cause, "SELECT state FROM clash WHERE op = $1 AND cause = $2 AND retired = 0");
QUERY(q_verify_out, "SELECT event FROM gate_out WHERE pass = $1");

/* The state of the clash recorded for a cause; empty where there is none. */
static int state_of(struct tx *tx, struct arena *a, const struct found *f, struct str *ret,
                    struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  *ret = S("");
  int r = cur_open(tx, &q_verify_cause, P(V_I64(f->op), V_TEXT(f->cause)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r > 0) *ret = arena_dup(a, cur_text(cur, 0));
  return r < 0 ? r : 0;
}

static bool found_by_rule(const struct look *k, const struct stored *s) {
  for (const struct found *f = k->found; f; f = f->next)
    if (str_eq(f->cause, s->cause)) return true;
  return false;
}

static int compare_out(struct verify *v, const struct out_row *o, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  char id[UUID_TEXT];
  int r = cur_open(v->tx, &q_verify_out, P(V_UUID(o->pass)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r < 0) return r;
  const struct uuid event = r > 0 ? cur_uuid(cur, 0) : (struct uuid){{0}};
  const bool good = o->is_out ? uuid_eq(&event, &o->last.id) : r == 0;
  v->checked++;
  uuid_format(&o->pass, id);
  if (!good)
    verify_wrong(v, "pass %s: %s by its passages, recorded otherwise", id,
                 o->is_out ? "out" : "not out");
  return 0;
}

static int compare(struct verify *v, struct look *k, struct err *e) {
  int r = 0;
  for (const struct found *f = k->found; f && r >= 0; f = f->next) {
    struct str state;
    v->checked++;
    r = state_of(v->tx, k->a, f, &state, e);
    if (r >= 0 && (!state.n || str_is(state, "cleared")))
      verify_wrong(v, "clash " STR_FMT " is not recorded", STR_ARG(f->cause));
  }
  for (const struct stored *s = k->stored; s && r >= 0; s = s->next) {
    if (s->overdue || !s->open) continue;
    v->checked++;
    if (!found_by_rule(k, s))
      verify_wrong(v, "clash " STR_FMT " is recorded without its passages", STR_ARG(s->cause));
  }
  for (const struct out_row *o = k->outs; o && r >= 0; o = o->next) r = compare_out(v, o, e);
  return r;
}

static int check_chunk(struct verify *v, const struct touched_pass *passes, size_t n,
                       struct err *e) {
  struct arena *a = arena_create(LIMIT_ARENA_JOB);
  if (!a) return err_set(e, E_NOMEM, "no memory for clashes");
  struct look k = {.app = v->app,
                   .a = a,
                   .earliest = INT64_MIN / 4,
                   .latest = INT64_MAX / 4,
                   .now_ms = clock_now_ms(&v->app->clock),
                   .n_passes = n};
  k.passes = arena_array(a, struct touched_pass, n);
  int r = k.passes ? 0 : err_set(e, E_NOMEM, "no memory for clashes");
  if (r >= 0) {
    memcpy(k.passes, passes, n * sizeof *passes);
    for (size_t i = 0; i < n && r >= 0; i++) r = look_operation(&k, passes[i].op, e);
  }
  if (r >= 0) r = look_around(&k, v->tx, e);
  if (r >= 0) r = compare(v, &k, e);
  arena_free(a);
  return r;
}

int clash_verify(struct verify *v, struct err *e) {
  struct touched_pass *list = NULL;
  size_t n = 0, cap = 0;
  int64_t unread = 0;
  int r = tx_i64(v->tx, &q_verify_unread, P_NONE, &unread, e);
  /* the job has not come to the end: its work is not to be judged yet */
  if (r < 0 || unread) return r;
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    r = cur_open(v->tx, &q_verify_passes, P_NONE, &cur, e);
    while (r >= 0 && (r = cur_next(cur, e)) == 1) {
      if (n == cap) {
        cap = cap ? cap * 2 : 1024;
        struct touched_pass *more = arena_array(v->a, struct touched_pass, cap);
        if (!more || arena_failed(v->a)) return err_set(e, E_NOMEM, "no memory for passes");
        if (n) memcpy(more, list, n * sizeof *list);
        list = more;
      }
      list[n++] = (struct touched_pass){.pass = cur_uuid(cur, 0),
                                        .op = cur_i64(cur, 1),
                                        .household = cur_uuid(cur, 2),
                                        .of_household = str_is(cur_text(cur, 3), "household")};
    }
    if (r < 0) return r;
  }
  for (size_t at = 0; at < n && r >= 0; at += CHUNK)
    r = check_chunk(v, list + at, n - at < CHUNK ? n - at : CHUNK, e);
  return r;
}
