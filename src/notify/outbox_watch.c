#include "core/jobs.h"
#include "core/settings.h"
#include "notify/alarms.h"
#include "notify/outbox.h"

/* Messages that do not go out are somebody's business at once, not when he happens to look: an
 * alarm for each channel that has given some up, or keeps some waiting. */

const struct alarm_type alarm_outbox = {.no = 61,
                                        .code = "outbox.failing",
                                        .zh = "{subject}渠道未能发出/仍在重试的消息：{value}",
                                        .en = "{subject}: messages given up/being retried: {value}",
                                        .owner_role = "district_duty",
                                        .escalate_ms = MS_HOUR,
                                        .severity = 2};

QUERY(q_watch, "SELECT channel, sum(CASE WHEN state = 'dead' THEN 1 ELSE 0 END), "
               "sum(CASE WHEN state = 'queued' AND created_ms <= $2 AND attempts > 0 THEN 1 ELSE 0 "
               "END) FROM outbox_message WHERE op = $1 AND state IN ('dead', 'queued') "
               "AND retired = 0 GROUP BY channel");

struct tally {
  const struct outbox_channel *channel;
  int64_t dead, waiting;
};
struct watch {
  struct app *app;
  struct arena *a;
  const struct viewer *v;
  struct tally counts[16];
  size_t n;
};

static int count(struct watch *w, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  const struct str standard = setting_text(w->app, 0, "outbox.channel", w->a);
  const int64_t since = w->v->now_ms - setting_i64(w->app, 0, "outbox.stuck_minutes") * MS_MINUTE;
  for (size_t i = 0; outbox_channel_at(i) && w->n < ARRAY_LEN(w->counts); i++)
    w->counts[w->n++] = (struct tally){.channel = outbox_channel_at(i)};
  int r = store_read(w->app->store, &tx, e);
  if (r >= 0) r = cur_open(tx, &q_watch, P(V_I64(w->v->op), V_I64(since)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    const struct str name = cur_text(c, 0);
    const struct outbox_channel *ch =
        outbox_channel_by_name(str_is(name, "default") ? standard : name);
    for (size_t i = 0; ch && i < w->n; i++) {
      if (w->counts[i].channel != ch) continue;
      w->counts[i].dead += cur_i64(c, 1);
      w->counts[i].waiting += cur_i64(c, 2);
    }
  }
  return r < 0 ? r : 0;
}

static int say_run(struct tx *tx, void *arg, struct err *e) {
  struct watch *w = arg;
  int r = 0;
  for (size_t i = 0; i < w->n && r >= 0; i++) {
    const struct tally *c = &w->counts[i];
    const struct alarm al = {
        .type = &alarm_outbox,
        .op = w->v->op,
        .unit = unit_root(w->v->tree),
        .subject = str_from(c->channel->zh),
        .value = arena_printf(w->a, "%lld/%lld", (long long)c->dead, (long long)c->waiting),
        .cause = str_from(c->channel->name)};
    r = c->dead || c->waiting
            ? alarm_raise_as(tx, &w->app->registry, w->v, w->a, &al, NULL, NULL, e)
            : alarm_clear_as(tx, &w->app->registry, w->v, w->a, &al, e);
  }
  return r;
}
static const struct cmd_class say_cmd = {.name = "outbox_watch", .run = say_run};

int outbox_watch(struct job_run *run, struct err *e) {
  struct watch w = {.app = run->app, .a = run->a, .v = run->viewer};
  int r = count(&w, e);
  return r < 0 ? r : writer_run(run->app->writer, &say_cmd, &w, CMD_NORMAL, e);
}
