#include "notify/outbox.h"
#include "core/jobs.h"
#include "core/settings.h"
#include "notify/channel_config.h"
#include "notify/topics.h"
#include "base/log.h"
#include <stdatomic.h>
#include <stdlib.h>

#define CLAIM_MS     (5 * MS_MINUTE) /* a sender that dies leaves its messages for so long */
#define BACK_OFF_MS  (30 * MS_SECOND)
#define BACK_OFF_MAX (6 * MS_HOUR)

/* The channels that there are. */
static const struct outbox_channel *const channels[] = {
    &outbox_smtp, &outbox_sms, &outbox_wecom, &outbox_dingtalk, &outbox_feishu, &outbox_sink};
enum { CHANNELS = ARRAY_LEN(channels) };

struct channel {
  const struct outbox_channel *ops;
  void *state;
  bool away; /* in this round */
};

struct outbox {
  struct app *app;
  struct channel_config *config;
  struct channel channels[CHANNELS];
  size_t n; /* opened */
  _Atomic int64_t sent, queued, dead;
};

/* The sender's own book-keeping goes past the kind's history: attempts are no changes of a record
 * that anybody edits. */
QUERY(q_outbox_due, "SELECT id FROM outbox_message WHERE state = 'queued' AND next_at <= $1 "
                    "AND retired = 0 AND id > $2 ORDER BY id LIMIT $3");
QUERY(q_outbox_one, "SELECT op, channel, topic, recipient_bi, coalesce(digest_window, 0) "
                    "FROM outbox_message WHERE id = $1");
QUERY(q_outbox_joined,
      "SELECT id FROM outbox_message WHERE recipient_bi = $1 AND op = $2 AND channel = $3 "
      "AND topic = $4 AND state = 'queued' AND digest_window > 0 AND retired = 0 "
      "ORDER BY id LIMIT 50"); /* limit: the rest goes next */
QUERY(q_outbox_claim,
      "UPDATE outbox_message SET attempts = attempts + 1, next_at = $2 WHERE id = $1 "
      "AND state = 'queued'");
QUERY(q_outbox_later, "UPDATE outbox_message SET next_at = $2, last_error = $3 WHERE id = $1 "
                      "AND state = 'queued'");
QUERY(q_outbox_count, "SELECT count(*) FROM outbox_message WHERE state = $1");

/* ---- queueing ---- */

int outbox_queue(struct tx *tx, struct registry *en, const struct viewer *v, struct arena *a,
                 const struct outbox_message *m, struct err *e) {
  struct change *c = change_make(a, en, v, &outbox_kind, CHANGE_CREATE);
  c->internal = true;
  c->op = m->op;
  c->source = "outbox";
  change_set(c, OUT_CHANNEL, V_TEXTZ(m->channel ? m->channel : "default"));
  change_set(c, OUT_TOPIC, V_TEXTZ(m->topic));
  change_set(c, OUT_RECIPIENT, V_TEXT(m->to));
  change_set(c, OUT_SUBJECT, V_TEXT(m->subject));
  change_set(c, OUT_BODY, V_TEXT(m->body));
  if (m->unit) change_set(c, OUT_UNIT, V_I64(m->unit));
  if (m->subject_kind) {
    change_set(c, OUT_SUBJECT_KIND, V_TEXTZ(m->subject_kind->name));
    change_set(c, OUT_SUBJECT_ID, V_UUID(m->subject_id));
  }
  change_set(c, OUT_DIGEST, V_I64(m->window_ms / MS_SECOND));
  change_set(c, OUT_ATTEMPTS, V_I64(0));
  const int64_t at = c->at_ms + m->window_ms;
  change_set(c, OUT_NEXT_AT, V_I64(at > m->not_before_ms ? at : m->not_before_ms));
  int r = change_ready(c, e);
  return r < 0 ? r : change_run(tx, c, e);
}

/* ---- one delivery: a message, or those joined with it ---- */

struct due {
  struct uuid id;
  int64_t op, window;
  struct str channel, topic, blind;
};

struct delivery {
  struct delivery *next; /* of this round, the latest first */
  struct outbox *ob;
  struct viewer *viewer;
  struct arena *a;
  struct due due;
  struct channel *channel;
  struct uuid ids[OUTBOX_DIGEST];
  size_t n;
  struct outbox_mail mail;
  const struct message_topic *topic; /* NULL: of no row */
  int64_t attempts, next_ms;
  int result;
  struct err err;
};

static int joined(struct tx *tx, struct delivery *d, struct err *e) {
  d->n = 0;
  if (d->due.window > 0) {
    _cleanup_(cur_donep) struct cur *c = NULL;
    int r = cur_open(
        tx, &q_outbox_joined,
        P(V_BLOB(d->due.blind), V_I64(d->due.op), V_TEXT(d->due.channel), V_TEXT(d->due.topic)), &c,
        e);
    while (r >= 0 && (r = cur_next(c, e)) == 1 && d->n < OUTBOX_DIGEST)
      d->ids[d->n++] = cur_uuid(c, 0);
    if (r < 0) return r;
  }
  if (d->n == 0) d->ids[d->n++] = d->due.id;
  return 0;
}

QUERY(q_outbox_subject, "SELECT subject_id FROM outbox_message WHERE id = $1");

/* What caused it may have gone meanwhile: who has reported is not reminded. */
static int still_wanted(struct tx *tx, const struct delivery *d, const struct uuid *id,
                        bool *ret_wanted, struct err *e) {
  struct uuid subject = {{0}};
  *ret_wanted = true;
  if (!d->topic || !d->topic->wanted) return 0;
  {
    _cleanup_(cur_donep) struct cur *c = NULL;
    int r = cur_open(tx, &q_outbox_subject, P(V_UUID(*id)), &c, e);
    if (r >= 0) r = cur_next(c, e);
    if (r < 0) return r;
    if (r == 1) subject = cur_uuid(c, 0);
  }
  return d->topic->wanted(d->ob->app, tx, d->due.op, &subject, ret_wanted, e);
}

static int withdraw(struct tx *tx, struct delivery *d, const struct uuid *id, struct err *e) {
  struct change *c =
      change_make(d->a, &d->ob->app->registry, d->viewer, &outbox_kind, CHANGE_ACTION);
  c->internal = true;
  c->id = *id;
  c->op = d->due.op;
  c->source = "job";
  c->transition = kind_transition(&outbox_kind, S("cancel"));
  change_set(c, OUT_LAST_ERROR, V_TEXTZ("not_needed"));
  int r = change_ready(c, e);
  return r < 0 ? r : change_run(tx, c, e);
}

/* As a command: nobody else sends them for CLAIM_MS. What is no longer queued is left out, and what
 * is no longer wanted is withdrawn. */
static int claim(struct tx *tx, void *arg, struct err *e) {
  struct delivery *d = arg;
  const int64_t until = clock_now_ms(&d->ob->app->clock) + CLAIM_MS;
  int r = joined(tx, d, e);
  size_t kept = 0;
  for (size_t i = 0; i < d->n && r == 0; i++) {
    int64_t changed = 0;
    bool wanted;
    r = still_wanted(tx, d, &d->ids[i], &wanted, e);
    if (r == 0 && !wanted) {
      r = withdraw(tx, d, &d->ids[i], e);
      if (r == -E_STATE || r == -E_NOT_FOUND) r = 0;
    } else if (r == 0) {
      r = tx_exec(tx, &q_outbox_claim, P(V_UUID(d->ids[i]), V_I64(until)), &changed, e);
    }
    if (changed) d->ids[kept++] = d->ids[i];
  }
  d->n = kept;
  return r;
}
static const struct cmd_class claim_cmd = {.name = "outbox_claim", .run = claim};

static int open_text(struct delivery *d, struct record *rec, struct str out[3], struct err *e) {
  static const int wanted[3] = {OUT_RECIPIENT, OUT_SUBJECT, OUT_BODY};
  for (int i = 0; i < 3; i++) {
    int r = record_plain(d->ob->app->registry.sealer, rec, wanted[i], d->a, e);
    if (r < 0) return r;
    out[i] = rec_text(rec, wanted[i]);
  }
  return 0;
}

static int compose(struct delivery *d, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct buf body = BUF_INIT(KIB(512));
  struct str text[3] = {{0}};
  int r = store_read(d->ob->app->store, &tx, e);
  for (size_t i = 0; i < d->n && r == 0; i++) {
    struct record *rec;
    r = record_load(tx, d->a, &outbox_kind, d->due.op, &d->ids[i], &rec, e);
    if (r == 0) r = open_text(d, rec, text, e);
    if (r < 0) break;
    if (i == 0) {
      d->attempts = rec_i64(rec, OUT_ATTEMPTS);
      d->mail = (struct outbox_mail){.id = rec->id,
                                     .to = text[0],
                                     .subject = text[1],
                                     .topic = rec_text(rec, OUT_TOPIC),
                                     .at_ms = clock_now_ms(&d->ob->app->clock)};
    } else {
      buf_lit(&body, "\n");
    }
    if (d->n > 1 && !d->channel->ops->brief)
      buf_printf(&body, "%zu. " STR_FMT "\n", i + 1, STR_ARG(text[1]));
    buf_str_add(&body, text[2]);
  }
  if (r == 0 && !buf_ok(&body)) r = err_set(e, E_TOO_LARGE, "a digest is too large");
  if (r == 0) {
    d->mail.body = arena_dup(d->a, buf_str(&body));
    if (d->n > 1)
      d->mail.subject = arena_printf(d->a, "%zu × " STR_FMT, d->n, STR_ARG(d->mail.subject));
    if (arena_failed(d->a)) r = err_set(e, E_NOMEM, "no memory for a message");
  }
  buf_done(&body);
  return r;
}

/* ---- what became of it ---- */

static int64_t back_off(int64_t attempts) {
  int64_t ms = BACK_OFF_MS;
  for (int64_t i = 1; i < attempts && ms < BACK_OFF_MAX; i++) ms *= 2;
  if (ms > BACK_OFF_MAX) ms = BACK_OFF_MAX;
  /* A fifth more or less, so that what failed together does not come back together. */
  uint32_t dice;
  random_bytes(&dice, sizeof dice);
  return ms - ms / 5 + (int64_t)(dice % 1000) * (ms * 2 / 5) / 1000;
}

/* "forbidden 310000": what went wrong, and the relay's own number. */
static struct val error_words(struct delivery *d) {
  return V_TEXT(d->err.sys ? arena_printf(d->a, "%s %d", err_name(d->err.code), d->err.sys)
                           : str_from(err_name(d->err.code)));
}

static int settle_one(struct tx *tx, struct delivery *d, const struct uuid *id, bool dead,
                      struct err *e) {
  struct change *c =
      change_make(d->a, &d->ob->app->registry, d->viewer, &outbox_kind, CHANGE_UPDATE);
  c->internal = true;
  c->id = *id;
  c->op = d->due.op;
  c->source = "job";
  if (dead) {
    change_set(c, OUT_GAVE_UP_AT, V_I64(c->at_ms));
    change_set(c, OUT_LAST_ERROR, error_words(d));
  } else {
    change_set(c, OUT_SENT_AT, V_I64(c->at_ms));
    change_set(c, OUT_LAST_ERROR, V_NULL);
    if (d->n > 1) change_set(c, OUT_SENT_WITH, V_UUID(d->mail.id));
  }
  int r = change_ready(c, e);
  return r < 0 ? r : change_run(tx, c, e);
}

static int settle(struct tx *tx, void *arg, struct err *e) {
  struct delivery *d = arg;
  const bool away = d->result == -E_UNAVAILABLE;
  const bool dead =
      d->result < 0 && !away && (d->result == -E_INVALID || d->attempts >= OUTBOX_ATTEMPTS);
  int r = 0;
  for (size_t i = 0; i < d->n && r == 0; i++) {
    if (d->result < 0 && !dead)
      r = tx_exec(tx, &q_outbox_later, P(V_UUID(d->ids[i]), V_I64(d->next_ms), error_words(d)),
                  NULL, e);
    else
      r = settle_one(tx, d, &d->ids[i], dead, e);
    /* Cancelled meanwhile, or gone. */
    if (r == -E_NOT_FOUND || r == -E_STATE) r = 0;
  }
  return r;
}
static const struct cmd_class settle_cmd = {.name = "outbox_settle", .run = settle};

const struct outbox_channel *outbox_channel_at(size_t i) {
  return i < CHANNELS ? channels[i] : NULL;
}

const struct outbox_channel *outbox_channel_by_name(struct str name) {
  for (size_t i = 0; i < CHANNELS; i++)
    if (str_is(name, channels[i]->name)) return channels[i];
  return NULL;
}

const struct outbox_channel *outbox_channel_of(struct str *address) {
  const size_t colon = str_find_char(*address, ':');
  if (colon == (size_t)-1) return NULL;
  const struct outbox_channel *c = outbox_channel_by_name(str_trim(str_sub(*address, 0, colon)));
  if (c) *address = str_trim(str_sub(*address, colon + 1, address->n));
  return c;
}

static struct channel *channel_named(struct outbox *ob, struct str name) {
  for (size_t i = 0; i < ob->n; i++)
    if (str_is(name, ob->channels[i].ops->name)) return &ob->channels[i];
  return NULL;
}

static int deliver(struct delivery *d, struct err *e) {
  struct app *app = d->ob->app;
  int r = writer_run(app->writer, &claim_cmd, d, CMD_BULK, e);
  if (r < 0 || d->n == 0) return r;
  d->err = (struct err){0};
  d->result = compose(d, &d->err);
  if (d->result == -E_NOMEM || d->result == -E_BUSY) {
    if (e) *e = d->err;
    return d->result;
  }
  if (d->result == -E_GONE) d->result = -E_INVALID; /* its key was destroyed: nobody can read it */
  if (d->result == 0) d->result = d->channel->ops->send(d->channel->state, &d->mail, &d->err);
  if (d->result == -E_UNAVAILABLE) d->channel->away = true;
  if (d->result < 0 && d->err.code == 0) d->err.code = -d->result;
  d->next_ms = clock_now_ms(&app->clock) + back_off(d->attempts);
  r = writer_run(app->writer, &settle_cmd, d, CMD_BULK, e);
  if (r == 0 && d->result == 0) atomic_fetch_add(&d->ob->sent, (int64_t)d->n);
  if (d->result < 0)
    log_warn("message_not_sent", "channel=%s topic=" STR_FMT " error=%s relay_code=%d attempt=%lld",
             d->channel->ops->name, STR_ARG(d->due.topic), err_name(d->err.code), d->err.sys,
             (long long)d->attempts);
  return r;
}

/* ---- the job ---- */

void outbox_wake(void *app) {
  jobs_wake(((struct app *)app)->jobs, "outbox");
}

struct round {
  struct str standard; /* the channel where none is named */
  struct delivery *list;
};

static int read_due(struct job_row *row, struct due *ret, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct arena *a = row->run->a;
  int r = store_read(row->run->app->store, &tx, e);
  if (r >= 0) r = cur_open(tx, &q_outbox_one, P(row->v[0]), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r == 1)
    *ret = (struct due){.id = row->v[0].u,
                        .op = cur_i64(c, 0),
                        .channel = arena_dup(a, cur_text(c, 1)),
                        .topic = arena_dup(a, cur_text(c, 2)),
                        .blind = arena_dup(a, cur_blob(c, 3)),
                        .window = cur_i64(c, 4)};
  return r;
}

static int count_states(struct outbox *ob, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int64_t n = 0;
  int r = store_read(ob->app->store, &tx, e);
  if (r == 0) r = tx_i64(tx, &q_outbox_count, P(V_TEXTZ("queued")), &n, e);
  if (r == 0) atomic_store(&ob->queued, n);
  if (r == 0) r = tx_i64(tx, &q_outbox_count, P(V_TEXTZ("dead")), &n, e);
  if (r == 0) atomic_store(&ob->dead, n);
  return r;
}

/* Gone with another's in one message, or its recipient has just said that he takes no more. */
static bool not_in_this_round(const struct round *rd, const struct due *due,
                              const struct channel *ch) {
  for (const struct delivery *d = rd->list; d; d = d->next) {
    for (size_t k = 0; k < d->n; k++)
      if (uuid_eq(&d->ids[k], &due->id)) return true;
    if (d->result == -E_RATE && d->channel == ch && str_eq(d->due.blind, due->blind)) return true;
  }
  return false;
}

static int one(struct job_row *row, struct err *e) {
  struct round *rd = row->arg;
  struct app *app = row->run->app;
  struct outbox *ob = app->outbox;
  struct due due;
  int r = read_due(row, &due, e);
  if (r <= 0) return r;
  struct channel *ch =
      channel_named(ob, str_is(due.channel, "default") ? rd->standard : due.channel);
  if (!ch || ch->away || not_in_this_round(rd, &due, ch)) return 0;
  struct delivery *d = arena_new(row->run->a, struct delivery);
  *d = (struct delivery){.next = rd->list,
                         .ob = ob,
                         .a = row->run->a,
                         .due = due,
                         .channel = ch,
                         .topic = topic_by_code(due.topic)};
  rd->list = d;
  r = app_system_viewer(app, row->run->a, due.op, &d->viewer, e);
  return r < 0 ? r : deliver(d, e);
}

int outbox_run(struct job_run *run, struct err *e) {
  struct outbox *ob = run->app->outbox;
  struct round rd = {.standard = setting_text(run->app, 0, "outbox.channel", run->a)};
  const struct job_walk due = {
      .name = "send", .q = &q_outbox_due, .columns = "u", .on_worker = one, .arg = &rd};
  for (size_t i = 0; i < ob->n; i++) ob->channels[i].away = false;
  channel_config_refresh(ob->config);
  int r = job_each(run, &due, P(V_I64(clock_now_ms(&run->app->clock))), e);
  for (size_t i = 0; i < ob->n; i++)
    if (ob->channels[i].ops->idle) ob->channels[i].ops->idle(ob->channels[i].state);
  return r < 0 ? r : count_states(ob, e);
}

/* ---- opening ---- */

static int open_channel(struct outbox *ob, const struct outbox_channel *c, struct err *e) {
  struct channel *ch = &ob->channels[ob->n];
  *ch = (struct channel){.ops = c};
  int r = c->open(c, ob->app, ob->config, &ch->state, e);
  if (r == 0) ob->n++;
  return r;
}

int outbox_open(struct app *app, struct outbox **ret_outbox, struct err *e) {
  struct outbox *ob = calloc(1, sizeof *ob);
  if (!ob) return err_set(e, E_NOMEM, "no memory for the outbox");
  ob->app = app;
  int r = channel_config_open(getenv("SHOUWANG_CHANNELS"), &ob->config, e);
  for (size_t i = 0; i < CHANNELS && r == 0; i++) r = open_channel(ob, channels[i], e);
  if (r < 0) {
    outbox_close(ob);
    return r;
  }
  *ret_outbox = ob;
  return 0;
}

struct outbox *outbox_close(struct outbox *ob) {
  if (!ob) return NULL;
  for (size_t i = 0; i < ob->n; i++) ob->channels[i].ops->close(ob->channels[i].state);
  channel_config_close(ob->config);
  free(ob);
  return NULL;
}

struct channel_config *outbox_config(struct outbox *ob) {
  return ob->config;
}

const struct channel_lack *outbox_lack(struct outbox *ob, const struct outbox_channel *c) {
  const struct channel *ch = channel_named(ob, str_from(c->name));
  return ch && c->lack ? c->lack(ch->state) : NULL;
}

void outbox_stats(struct outbox *ob, struct outbox_stats *ret_stats) {
  *ret_stats = (struct outbox_stats){.queued = atomic_load(&ob->queued),
                                     .dead = atomic_load(&ob->dead),
                                     .sent = atomic_load(&ob->sent)};
}
