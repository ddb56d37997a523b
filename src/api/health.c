#include "api/api_internal.h"
#include "figures/figures.h"
#include "core/jobs.h"
#include "notify/outbox.h"
#include "api/platform_module.h"
#include "core/version.h"
#include <stdio.h>
#include <unistd.h>

/* ---- GET /metrics: the text form of Prometheus ---- */

static void metric(struct buf *b, const char *name, const char *type, const char *help,
                   int64_t value) {
  buf_printf(b, "# HELP shouwang_%s %s\n# TYPE shouwang_%s %s\nshouwang_%s %lld\n", name, help,
             name, type, name, (long long)value);
}

static void http_metrics(struct buf *b, const struct app *app) {
  struct http_stats s = {0};
  const struct http_server *server = app->http;
  if (!server) return;
  http_stats(server, &s);
  metric(b, "http_connections", "gauge", "Open connections.", s.connections);
  metric(b, "http_requests_total", "counter", "Requests answered.", s.requests);
  metric(b, "http_suspended", "gauge", "Requests that wait for their commit.", s.suspended);
  metric(b, "http_streams", "gauge", "Open event streams.", s.streams);
  metric(b, "http_timeouts_total", "counter", "Requests that ran out of time.", s.timeouts);
  metric(b, "http_refused_total", "counter", "Requests refused for load.", s.refused);
}

static void writer_metrics(struct buf *b, const struct app *app) {
  struct writer_stats s = {0};
  if (!app->writer) return;
  writer_stats(app->writer, &s);
  metric(b, "writer_queued", "gauge", "Commands waiting.", s.queued);
  metric(b, "writer_commits_total", "counter", "Durable commits.", s.commits);
  metric(b, "writer_commands_total", "counter", "Commands run.", s.commands);
  metric(b, "writer_failed_total", "counter", "Commands refused or failed.", s.failed);
  metric(b, "writer_retried_total", "counter", "Transactions run again.", s.retried);
  metric(b, "writer_busy_total", "counter", "Commands refused, queue full.", s.busy_refused);
  metric(b, "writer_last_commit_microseconds", "gauge", "The last commit's time.",
         s.last_commit_us);
}

static void auth_metrics(struct buf *b, const struct app *app) {
  struct auth_stats s = {0};
  auth_stats(app->auth, &s);
  metric(b, "sessions_cached", "gauge", "Sessions in memory.", s.cached);
  metric(b, "session_hits_total", "counter", "Sessions found in memory.", s.hits);
  metric(b, "session_misses_total", "counter", "Sessions read from the database.", s.misses);
  metric(b, "logins_total", "counter", "Logins.", s.logins);
  metric(b, "logins_refused_total", "counter", "Logins refused.", s.refused);
}

static void own_metrics(struct buf *b, const struct app *app) {
  struct figures_stats f = {0};
  struct outbox_stats o = {0};
  figures_stats(app->figures, &f);
  metric(b, "figure_rows_total", "counter", "Rows of figures written.", f.rows);
  metric(b, "figure_flushes_total", "counter", "Commits that changed figures.", f.flushes);
  metric(b, "figure_streams", "gauge", "Live figure streams.", f.streams);
  metric(b, "figure_pushes_total", "counter", "Events pushed to live streams.", f.pushes);
  if (!app->outbox) return;
  outbox_stats(app->outbox, &o);
  metric(b, "outbox_queued", "gauge", "Messages waiting.", o.queued);
  metric(b, "outbox_dead", "gauge", "Messages given up.", o.dead);
  metric(b, "outbox_sent_total", "counter", "Messages sent.", o.sent);
}

static void job_metrics(struct buf *b, const struct app *app) {
  static const struct {
    const char *name, *type, *help;
  } rows[] = {{"job_runs_total", "counter", "Runs of a job."},
              {"job_failures_total", "counter", "Failed runs of a job."},
              {"job_last_microseconds", "gauge", "Time of a job's last run."},
              {"job_failing", "gauge", "1 while the last run, or rows of it, failed."},
              {"job_rows_total", "counter", "Rows that a job had in hand."},
              {"job_rows_failed_total", "counter", "Rows that failed."},
              {"job_rows_failing", "gauge", "Rows that fail now."}};
  struct job_stats s[JOBS_MAX];
  const size_t n = jobs_stats(app->jobs, s, JOBS_MAX);
  for (size_t m = 0; m < ARRAY_LEN(rows) && n; m++) {
    buf_printf(b, "# HELP shouwang_%s %s\n# TYPE shouwang_%s %s\n", rows[m].name, rows[m].help,
               rows[m].name, rows[m].type);
    for (size_t i = 0; i < n; i++) {
      const int64_t v[] = {s[i].runs, s[i].failures,    s[i].last_us,     s[i].failing,
                           s[i].rows, s[i].rows_failed, s[i].rows_failing};
      buf_printf(b, "shouwang_%s{job=\"%s\"} %lld\n", rows[m].name, s[i].name, (long long)v[m]);
    }
  }
  metric(b, "jobs_leading", "gauge", "1 where this server runs the jobs.",
         app->jobs && jobs_leading(app->jobs));
}

static int64_t resident_bytes(void) {
  char line[128];
  int64_t pages = 0;
  FILE *f = fopen("/proc/self/statm", "re");
  if (!f) return 0;
  const bool got = fgets(line, sizeof line, f) != NULL;
  fclose(f);
  struct str rest = str_from(got ? line : "");
  (void)str_split(&rest, ' '); /* the second number is what is resident */
  if (parse_i64(str_split(&rest, ' '), 0, INT32_MAX, &pages) < 0) return 0;
  return pages * (int64_t)sysconf(_SC_PAGESIZE);
}

/* Counts only, and yet nobody's business but the operator's: from this machine itself (and not
 * handed on by a proxy), or with the right. */
static int may_see_metrics(struct rq *rq, struct err *e) {
  const struct str peer = http_peer(rq->http);
  const bool local = str_starts(peer, S("127.")) || str_is(peer, "::1");
  const bool proxied = http_header(rq->http, "X-Forwarded-For").p ||
                       http_header(rq->http, "Forwarded").p || http_header(rq->http, "X-Real-IP").p;
  if (local && !proxied) return 0;
  if (!rq->viewer) return err_set(e, E_UNAUTHENTICATED, "sign in to see this");
  if (viewer_may(rq->viewer, right_by_name(S("metrics.read")), 0)) return 0;
  return err_set(e, E_FORBIDDEN, "you have no right to see this");
}

int metrics_get(struct rq *rq, struct jw *w, struct err *e) {
  struct buf *b = w->b;
  int r = may_see_metrics(rq, e);
  if (r < 0) return r;
  rq->type = "text/plain; version=0.0.4; charset=utf-8";
  buf_lit(b, "# HELP shouwang_info The release.\n# TYPE shouwang_info gauge\n"
             "shouwang_info{version=\"" SHOUWANG_VERSION "\"} 1\n");
  http_metrics(b, rq->app);
  writer_metrics(b, rq->app);
  auth_metrics(b, rq->app);
  own_metrics(b, rq->app);
  job_metrics(b, rq->app);
  api_pool_metrics(b, rq->app->api);
  metric(b, "resident_bytes", "gauge", "Memory of the process.", resident_bytes());
  return 0;
}

/* ---- GET /healthz, /readyz ---- */

int healthz_get(struct rq *rq, struct jw *w, struct err *e) {
  (void)rq, (void)e;
  jw_raw(w, S("{\"status\":\"ok\"}"));
  return 0;
}

QUERY(q_ready, "SELECT 1");

/* Ready to take work: the database answers, and commands do not pile up. */
int readyz_get(struct rq *rq, struct jw *w, struct err *e) {
  struct writer_stats s = {0};
  int64_t one = 0;
  int r = tx_i64(rq->tx, &q_ready, P_NONE, &one, e);
  if (r < 0) return r;
  if (rq->app->writer) writer_stats(rq->app->writer, &s);
  if (s.queued > LIMIT_WRITER_QUEUE / 2) return err_set(e, E_BUSY, "too many commands wait");
  jw_object(w);
  jw_kstrz(w, "status", "ready");
  jw_ki64(w, "queued", s.queued);
  jw_end(w);
  return 0;
}
