#include "core/jobs.h"
#include "core/operation.h"
#include "base/limits.h"
#include "domain/rosters/roster_api.h"

/* Absent and not heard from are different. After the grace, whoever has been heard from (his phone
 * spoke to the server, or someone spoke for him) and has not signed in is absent; of the others
 * nothing is known. In both cases the lead is told, by the assignment's deadline. */

QUERY(q_unsettled, "SELECT a.id, x.last_seen FROM assignment a "
                   "JOIN account x ON x.responder = a.responder AND x.retired = 0 "
                   "WHERE a.op = $1 AND a.date IN ($5, $6) AND a.state = 'due' AND a.retired = 0 "
                   "AND a.starts_at < $2 AND a.ends_at > $3 AND x.last_seen >= a.starts_at + $4 "
                   "AND a.id > $7 ORDER BY a.id LIMIT $8");

static int settle_one(struct tx *tx, struct job_row *row, struct err *e) {
  struct registry *en = &row->run->app->registry;
  const struct viewer *v = row->run->viewer;
  struct record *rec;
  int r = record_load(tx, row->a, &assignment_kind, v->op, &row->v[0].u, &rec, e);
  if (r == -E_NOROW) return 0;
  if (r < 0 || !str_is(rec->state, "due")) return r;
  struct change *c = change_make(row->a, en, v, &assignment_kind, CHANGE_ACTION);
  c->id = rec->id;
  c->transition = kind_transition(&assignment_kind, S("mark_absent"));
  c->at_ms = v->now_ms;
  c->source = "job";
  c->internal = true;
  change_set(c, ASSIGNMENT_HEARD_AT, row->v[1]);
  r = change_ready(c, e);
  return r < 0 ? r : change_run(tx, c, e);
}

int presence_settle(struct job_run *run, struct err *e) {
  const struct viewer *v = run->viewer;
  const int64_t grace = policy(run->app, v->op, "late_grace_minutes", v->today) * MS_MINUTE;
  const struct job_walk due = {
      .name = "settle", .q = &q_unsettled, .columns = "ui", .row = settle_one};
  return job_each(run, &due,
                  P(V_I64(v->op), V_I64(v->now_ms - grace), V_I64(v->now_ms - 12 * MS_HOUR),
                    V_I64(grace), day_val(run->a, v->today), day_val(run->a, v->today - 1)),
                  e);
}

const struct job roster_jobs[] = {{"presence", 30 * MS_SECOND, presence_settle, JOB_PER_OPERATION},
                                  {"photos_expire", MS_HOUR, photos_expire, JOB_PER_OPERATION},
                                  {0}};
