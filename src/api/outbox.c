#include "core/jobs.h"
#include "notify/outbox.h"
#include "notify/channel_config.h"
#include "api/platform_module.h"
#include "core/settings.h"
#include "notify/topics.h"

/* ---- GET outbox/channels: which there are, what each lacks, how each fares ---- */

QUERY(q_channel_counts,
      "SELECT channel, state, count(*), min(created_ms), max(sent_at) FROM outbox_message "
      "WHERE op = $1 AND state <> 'cancelled' AND (state <> 'sent' OR sent_at >= $2) "
      "AND retired = 0 GROUP BY channel, state");
QUERY(q_channel_error,
      "SELECT channel, last_error, max(updated_ms) FROM outbox_message WHERE op = $1 "
      "AND state IN ('queued', 'dead') AND last_error IS NOT NULL AND retired = 0 "
      "GROUP BY channel, last_error ORDER BY 3 DESC");

enum { COUNTED = 16, ROBOTS_SHOWN = 200 };
struct fares {
  const struct outbox_channel *channel;
  int64_t queued, dead, sent, oldest_ms, last_ms;
  struct str error;
};
struct view {
  struct rq *rq;
  struct str standard;
  struct fares list[COUNTED];
  size_t n;
};

static struct fares *fares_of(struct view *v, struct str name) {
  if (str_is(name, "default")) name = v->standard;
  for (size_t i = 0; i < v->n; i++)
    if (str_is(name, v->list[i].channel->name)) return &v->list[i];
  return NULL;
}

static int read_counts(struct view *v, struct tx *tx, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_channel_counts,
                   P(V_I64(v->rq->viewer->op), V_I64(v->rq->now_ms - MS_DAY)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    struct fares *f = fares_of(v, cur_text(c, 0));
    const struct str state = cur_text(c, 1);
    const int64_t n = cur_i64(c, 2), oldest = cur_i64(c, 3), last = cur_i64(c, 4);
    if (!f) continue;
    if (str_is(state, "queued")) {
      f->queued += n;
      if (!f->oldest_ms || oldest < f->oldest_ms) f->oldest_ms = oldest;
    } else if (str_is(state, "dead")) {
      f->dead += n;
    } else {
      f->sent += n;
      if (last > f->last_ms) f->last_ms = last;
    }
  }
  return r < 0 ? r : 0;
}

static int read_errors(struct view *v, struct tx *tx, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_channel_error, P(V_I64(v->rq->viewer->op)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    struct fares *f = fares_of(v, cur_text(c, 0));
    if (f && !f->error.n) f->error = arena_dup(v->rq->a, cur_text(c, 1));
  }
  return r < 0 ? r : 0;
}

static void write_moment(struct jw *w, const struct rq *rq, int64_t at_ms) {
  char text[MOMENT_TEXT];
  if (!at_ms) {
    jw_null(w);
    return;
  }
  moment_format(at_ms, rq->viewer->zone, text);
  jw_strz(w, text);
}

static void write_robots(struct jw *w, struct rq *rq, const struct outbox_channel *c) {
  struct str *names = arena_array(rq->a, struct str, ROBOTS_SHOWN);
  const size_t n = names ? channel_config_robots(outbox_config(rq->app->outbox), c->name, rq->a,
                                                 names, ROBOTS_SHOWN)
                         : 0;
  jw_karray(w, "robots");
  for (size_t i = 0; i < n; i++) jw_str(w, names[i]);
  jw_end(w);
}

static void write_channel(struct jw *w, struct rq *rq, const struct view *v,
                          const struct fares *f) {
  static const char *const to[] = {"anybody", "mail", "phone", "robot"};
  const struct outbox_channel *c = f->channel;
  const struct channel_lack *lack = outbox_lack(rq->app->outbox, c);
  jw_object(w);
  jw_kstrz(w, "name", c->name);
  jw_kstrz(w, "zh", c->zh);
  jw_kstrz(w, "en", c->en);
  jw_kstrz(w, "to", to[c->to]);
  jw_kbool(w, "usual", str_is(v->standard, c->name));
  jw_k(w, "lacks");
  if (lack) {
    jw_object(w);
    jw_kstrz(w, "zh", lack->zh);
    jw_kstrz(w, "en", lack->en);
    jw_end(w);
  } else {
    jw_null(w);
  }
  if (c->to == TO_ROBOT) write_robots(w, rq, c);
  jw_ki64(w, "queued", f->queued);
  jw_k(w, "oldest_queued_at");
  write_moment(w, rq, f->oldest_ms);
  jw_ki64(w, "dead", f->dead);
  jw_ki64(w, "sent_24h", f->sent);
  jw_k(w, "last_sent_at");
  write_moment(w, rq, f->last_ms);
  jw_kstr(w, "last_error", f->error);
  jw_end(w);
}

int outbox_channels_get(struct rq *rq, struct jw *w, struct err *e) {
  struct view v = {.rq = rq, .standard = setting_text(rq->app, 0, "outbox.channel", rq->a)};
  int line = 0;
  for (size_t i = 0; outbox_channel_at(i) && v.n < COUNTED; i++)
    v.list[v.n++].channel = outbox_channel_at(i);
  channel_config_refresh(outbox_config(rq->app->outbox));
  const char *trouble = channel_config_trouble(outbox_config(rq->app->outbox), &line);
  int r = read_counts(&v, rq->tx, e);
  if (r >= 0) r = read_errors(&v, rq->tx, e);
  if (r < 0) return r;
  jw_object(w);
  jw_karray(w, "items");
  for (size_t i = 0; i < v.n; i++) write_channel(w, rq, &v, &v.list[i]);
  jw_end(w);
  jw_kstrz(w, "file_trouble", trouble);
  jw_ki64(w, "file_line", line);
  jw_end(w);
  return 0;
}

/* ---- POST outbox/test {"channel", "to"} ---- */

struct trial {
  struct rq *rq;
  struct message m;
};

static int trial_run(struct tx *tx, void *arg, struct err *e) {
  struct trial *t = arg;
  return message_say(tx, t->rq->app, t->rq->viewer, t->rq->a, &t->m, e);
}
static const struct cmd_class trial_cmd = {.name = "outbox_test", .run = trial_run};

static int trial_answer(struct rq *rq, struct jw *w, struct err *e) {
  (void)w, (void)e;
  jobs_wake(rq->app->jobs, "outbox");
  rq->status = 204;
  return 0;
}

int outbox_test_post(struct rq *rq, struct err *e) {
  struct trial *t = arena_new(rq->a, struct trial);
  struct message_arg *args = arena_array(rq->a, struct message_arg, 3);
  const struct str channel = json_str(json_object_get(rq->body, "channel"));
  const struct str to = str_trim(json_str(json_object_get(rq->body, "to")));
  char at[MOMENT_TEXT];
  if (!args) return err_set(e, E_NOMEM, "no memory for a message");
  if (!channel.n)
    problem_add(&rq->problems, PROBLEM_required, S("channel"));
  else if (!outbox_channel_by_name(channel))
    problem_text(&rq->problems, PROBLEM_not_in_list, S("channel"), (struct str){0}, channel,
                 (struct str){0});
  if (!to.n)
    problem_add(&rq->problems, PROBLEM_required, S("to"));
  else if (to.n > 200)
    problem_limit(&rq->problems, PROBLEM_too_long, S("to"), 200);
  int r = rq_check(rq, e);
  if (r < 0) return r;
  if (!rq->viewer->op) return err_set(e, E_NOT_FOUND, "no operation is open");
  moment_format(rq->now_ms, rq->viewer->zone, at);
  args[0] = (struct message_arg){"who", rq->session ? rq->session->name : S("")};
  args[1] = (struct message_arg){"at", arena_dup(rq->a, str_from(at))};
  t->rq = rq;
  t->m = (struct message){
      .topic = topic_by_code(S("test")),
      .to = arena_printf(rq->a, STR_FMT ":" STR_FMT, STR_ARG(channel), STR_ARG(to)),
      .args = args,
      .op = rq->viewer->op};
  return rq_do(rq, &trial_cmd, t, CMD_NORMAL, trial_answer, e);
}
