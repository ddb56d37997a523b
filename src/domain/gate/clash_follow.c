#include "domain/gate/clash_inner.h"
#include "core/settings.h"
#include <stdlib.h>

/* The job. For each community whose change number has moved on it reads what arrived with a pass,
 * and for the passes concerned what happened around it, in a reading transaction; only what follows
 * from that (clashes, who is out, how far it has read) goes through the writer. Everything written
 * can be written again, so a run that was cut short does no harm. */

const struct table_def clash_tables[3] = {
    {.name = "gate_cursor",
     .columns = "unit i64 NOT NULL PRIMARY KEY, seq i64 NOT NULL",
     .clustered = true},
    {.name = "gate_out",
     .columns = "pass uuid NOT NULL PRIMARY KEY, op i64 NOT NULL, unit i64 NOT NULL, "
                "household uuid, post uuid NOT NULL, event uuid NOT NULL, since_ms i64 NOT NULL, "
                "known_ms i64 NOT NULL, raised i64 NOT NULL",
     .after = "CREATE INDEX gate_out_due ON gate_out (op, raised, since_ms);\n"},
    {0}};

enum { EVENTS_AT_ONCE = 1000 };

QUERY(q_gate_behind, "SELECT s.unit, coalesce(c.seq, 0), s.seq FROM unit_seq s "
                     "LEFT JOIN gate_cursor c ON c.unit = s.unit "
                     "WHERE s.seq > coalesce(c.seq, 0) AND s.unit > $1 ORDER BY s.unit LIMIT $2");
/* A correction bears the time of what it takes back. */
QUERY(q_gate_arrived,
      "SELECT e.seq, e.op, e.id, e.pass, p.class, p.household, e.happened_at, e.device, "
      "e.clock_offset, e.post, e.corrects FROM gate_event e LEFT JOIN pass p ON p.id = e.pass "
      "WHERE e.unit = $1 AND e.seq > $2 AND e.seq <= $3 AND (e.pass IS NOT NULL "
      "OR e.clock_offset > $4 OR e.clock_offset < -$4) ORDER BY e.seq LIMIT 1000"); /* limit: walks
                                                                                       by seq */

/* ---- what arrived ---- */

static struct touched_pass *touch(struct look *k, struct uuid pass) {
  size_t at = (size_t)hash64(pass.b, sizeof pass.b) & k->mask;
  while (k->slots[at] && !uuid_eq(&k->slots[at]->pass, &pass)) at = (at + 1) & k->mask;
  if (k->slots[at]) return k->slots[at];
  struct touched_pass *t = &k->passes[k->n_passes++];
  *t = (struct touched_pass){.pass = pass};
  k->slots[at] = t;
  return t;
}

static void wrong_clock(struct look *k, const struct cur *cur) {
  const int64_t offset = cur_i64(cur, 8);
  char day[DAY_TEXT], device[UUID_TEXT];
  const struct uuid id = cur_uuid(cur, 7);
  if (offset >= -k->clock_ms && offset <= k->clock_ms) return;
  if (uuid_is_nil(&id) || !cur_null(cur, 10)) return;
  const int64_t at = cur_i64(cur, 6);
  const struct zone *zone = look_viewer(k, cur_i64(cur, 1))->zone;
  const int32_t on = zone_day(zone, at, NULL);
  day_format(on, day);
  uuid_format(&id, device);
  const struct str cause = arena_printf(k->a, "clock_wrong:%s:%s", device, day);
  for (const struct found *f = k->found; f; f = f->next)
    if (str_eq(f->cause, cause)) return;
  const int64_t minutes = (offset < 0 ? -offset : offset) / MS_MINUTE;
  struct found *f = look_find(k, "clock_wrong", cur_i64(cur, 1));
  f->cause = cause;
  f->first = (struct passage){.id = cur_uuid(cur, 2),
                              .post = cur_uuid(cur, 9),
                              .device = id,
                              .unit = k->unit,
                              .at_ms = at,
                              .day = on};
  f->detail = arena_printf(k->a, "%s%lld:%02lld", offset < 0 ? "+" : "−", (long long)(minutes / 60),
                           (long long)(minutes % 60));
}

static int read_arrived(struct look *k, struct tx *tx, int64_t upto, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  size_t n = 0;
  k->passes = arena_array(k->a, struct touched_pass, EVENTS_AT_ONCE);
  k->slots = arena_array(k->a, struct touched_pass *, EVENTS_AT_ONCE * 2 + 48);
  k->mask = 2047;
  int r = cur_open(tx, &q_gate_arrived,
                   P(V_I64(k->unit), V_I64(k->from), V_I64(upto), V_I64(k->clock_ms)), &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1 && n < EVENTS_AT_ONCE) {
    n++;
    k->upto = cur_i64(cur, 0);
    if ((r = look_operation(k, cur_i64(cur, 1), e)) < 0) return r;
    wrong_clock(k, cur);
    if (cur_null(cur, 3)) continue;
    const int64_t at = cur_i64(cur, 6);
    struct touched_pass *t = touch(k, cur_uuid(cur, 3));
    t->op = cur_i64(cur, 1);
    t->of_household = str_is(cur_text(cur, 4), "household");
    t->household = cur_uuid(cur, 5);
    if (at < k->earliest) k->earliest = at;
    if (at > k->latest) k->latest = at;
  }
  if (r < 0) return r;
  k->more = n == EVENTS_AT_ONCE;
  if (!k->more) k->upto = upto;
  return arena_failed(k->a) ? err_set(e, E_NOMEM, "no memory for clashes") : 0;
}

/* ---- one community ---- */

static int follow_unit(struct app *app, struct arena *a, struct behind *b, bool *ret_more,
                       struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct look k = {.app = app,
                   .a = a,
                   .unit = b->unit,
                   .from = b->seq,
                   .earliest = INT64_MAX,
                   .latest = INT64_MIN,
                   .now_ms = clock_now_ms(&app->clock),
                   .clock_ms = setting_i64(app, 0, "gate.clock_wrong_minutes") * MS_MINUTE};
  int r = store_read(app->store, &tx, e);
  if (r >= 0) r = read_arrived(&k, tx, b->upto, e);
  if (r >= 0 && k.n_passes) r = look_around(&k, tx, e);
  tx_endp(&tx);
  if (r >= 0 && (k.found || k.outs)) r = look_write(&k, e);
  b->seq = k.upto;
  *ret_more = k.more;
  return r;
}

/* ---- how far it has read ---- */

struct cursors {
  struct behind *list; /* each the next one's */
  size_t n;
};
static const enum val_type cursor_types[] = {VAL_I64, VAL_I64};
static const struct bulk cursor_rows = {.name = "gate_cursors",
                                        .table = "gate_cursor",
                                        .columns = "unit, seq",
                                        .types = cursor_types,
                                        .n_columns = 2,
                                        .conflict =
                                            "ON CONFLICT (unit) DO UPDATE SET seq = excluded.seq"};

static int cursors_run(struct tx *tx, void *arg, struct err *e) {
  const struct cursors *c = arg;
  struct val *rows = arena_array(tx_arena(tx), struct val, c->n * 2);
  if (!rows) return err_set(e, E_NOMEM, "no memory for cursors");
  size_t i = 0;
  for (const struct behind *b = c->list; b; b = b->next, i++) {
    rows[i * 2] = V_I64(b->unit);
    rows[i * 2 + 1] = V_I64(b->seq);
  }
  return tx_bulk(tx, &cursor_rows, rows, c->n, e);
}
static const struct cmd_class cursors_cmd = {.name = "gate_cursors", .run = cursors_run};

/* A rule that is changed for days gone by changes what was a clash: everything is read anew. The
 * rules' sum stands where no community is. */
enum { NOWHERE = -1 };
QUERY(q_gate_rules, "SELECT seq FROM gate_cursor WHERE unit = -1");
QUERY(q_gate_rules_sum,
      "SELECT CAST(count(*) + coalesce(sum(rev + retired), 0) * 1000003 AS BIGINT) "
      "FROM policy_rule WHERE key IN ('gate_same_pass_minutes', 'pass_household_days')");
QUERY(q_gate_cursors_forget, "DELETE FROM gate_cursor WHERE unit <> -1");

static int forget_run(struct tx *tx, void *arg, struct err *e) {
  struct cursors c = {arg, 1};
  int r = tx_exec(tx, &q_gate_cursors_forget, P_NONE, NULL, e);
  return r < 0 ? r : cursors_run(tx, &c, e);
}
static const struct cmd_class forget_cmd = {.name = "gate_cursors_forget", .run = forget_run};

static int rules_changed(struct app *app, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct behind row = {.unit = NOWHERE};
  int64_t known = -1;
  int r = store_read(app->store, &tx, e);
  if (r >= 0) r = tx_i64(tx, &q_gate_rules_sum, P_NONE, &row.seq, e);
  if (r >= 0) r = tx_i64(tx, &q_gate_rules, P_NONE, &known, e);
  if (r == -E_NOROW) r = 0;
  tx_endp(&tx);
  if (r < 0 || known == row.seq) return r;
  return writer_run(app->writer, &forget_cmd, &row, CMD_NORMAL, e);
}

/* A community's share of a run: what is left of it comes in the next one. */
static int follow(struct job_row *row, struct err *e) {
  struct cursors *done = row->arg;
  const int64_t stop = row->run->state ? monotonic_ms() + JOB_WALK_MS : INT64_MAX;
  struct behind b = {
      .unit = (int32_t)row->v[0].i, .seq = row->v[1].i, .upto = row->v[2].i, .next = done->list};
  bool more = true;
  int r = 0;
  while (more && r >= 0 && monotonic_ms() < stop) {
    struct arena *own = arena_create(LIMIT_ARENA_JOB);
    if (!own) return err_set(e, E_NOMEM, "no memory for clashes");
    r = follow_unit(row->run->app, own, &b, &more, e);
    arena_free(own);
  }
  if (r < 0) return r;
  done->list = arena_new(row->run->a, struct behind);
  *done->list = b;
  done->n++;
  return 0;
}

int clash_follow(struct job_run *run, struct err *e) {
  struct cursors done = {0};
  const struct job_walk behind = {
      .name = "follow", .q = &q_gate_behind, .columns = "iii", .on_worker = follow, .arg = &done};
  if (run->app->read_only) return 0;
  int r = rules_changed(run->app, e);
  if (r >= 0) r = job_each(run, &behind, P_NONE, e);
  /* Written last: what was found stands by then, and is found again and no more if this fails. */
  if (done.n && r >= 0) r = writer_run(run->app->writer, &cursors_cmd, &done, CMD_NORMAL, e);
  return r;
}
