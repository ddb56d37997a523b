#include "core/jobs.h"
#include "sheets/import_inner.h"

/* An import whose process is gone (killed, or the machine without power) says nothing any more. Its
 * record then says that it was broken off and what it had done, so that it can be taken back. */

enum { LOST_AFTER = 10 }; /* times in which it should have said so */

QUERY(q_imports_lost, "SELECT id FROM import_run WHERE state = 'running' AND updated_ms < $1 "
                      "AND id > $2 ORDER BY id LIMIT $3");
QUERY(q_import_did, "SELECT count(DISTINCT row), CAST(coalesce(sum(created), 0) AS BIGINT), "
                    "CAST(coalesce(sum(1 - created), 0) AS BIGINT) FROM import_row "
                    "WHERE import = $1");

static int lost_one(struct tx *tx, struct job_row *of, struct err *e) {
  struct change *c = import_run_change(of->run->app, of->run->viewer, of->a, CHANGE_ACTION);
  c->id = of->v[0].u;
  c->transition = kind_transition(&import_kind, S("break_off"));
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    int r = cur_open(tx, &q_import_did, P(of->v[0]), &cur, e);
    if (r < 0 || (r = cur_next(cur, e)) < 0) return r;
    change_set(c, IMPORT_RUN_ROWS, V_I64(cur_i64(cur, 0)));
    change_set(c, IMPORT_CREATED, V_I64(cur_i64(cur, 1)));
    change_set(c, IMPORT_UPDATED, V_I64(cur_i64(cur, 2)));
  }
  int r = change_ready(c, e);
  if (r == 0) r = change_run(tx, c, e);
  return r == -E_PRECONDITION ? 0 : r; /* it has ended meanwhile */
}

int imports_lost(struct job_run *run, struct err *e) {
  const struct job_walk lost = {
      .name = "lost", .q = &q_imports_lost, .columns = "u", .row = lost_one};
  const int64_t since = clock_now_ms(&run->app->clock) - LOST_AFTER * (int64_t)IMPORT_ALIVE_MS;
  return job_each(run, &lost, P(V_I64(since)), e);
}
