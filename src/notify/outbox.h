/* The outbox: messages to the world, queued in the transaction of what causes them and sent by a
 * job, with exponential back-off and jitter, given up as `dead` after OUTBOX_ATTEMPTS and shown
 * for a person to retry. Delivery is at least once. Messages of one topic to one recipient within
 * the topic's window go out as one (a digest, never a flood). Address and text are sealed at rest.
 *
 * A channel is a row: mail (SMTP), group robots (WeCom, DingTalk, Feishu), text messages through a
 * gateway, and a sink that writes files (tests, drills). Channel objects live as long as struct
 * outbox and are used by the sending thread only, but for `lack`. */
#ifndef NOTIFY_OUTBOX_H
#define NOTIFY_OUTBOX_H

#include "core/app.h"

enum {
  OUT_CHANNEL,
  OUT_TOPIC,
  OUT_RECIPIENT,
  OUT_SUBJECT,
  OUT_BODY,
  OUT_UNIT,
  OUT_SUBJECT_KIND,
  OUT_SUBJECT_ID,
  OUT_DIGEST,
  OUT_ATTEMPTS,
  OUT_NEXT_AT,
  OUT_SENT_AT,
  OUT_SENT_WITH,
  OUT_GAVE_UP_AT,
  OUT_LAST_ERROR,
  OUT_FIELDS_
};
extern const struct kind outbox_kind; /* "outbox-messages" */

enum { OUTBOX_ATTEMPTS = 10, OUTBOX_DIGEST = 50 /* messages joined into one */ };

/* One message as a channel sees it: plain, in an arena. */
struct outbox_mail {
  struct uuid id;
  struct str to, subject, body, topic;
  int64_t at_ms;
};
enum channel_to { TO_ANYBODY, TO_MAIL, TO_PHONE, TO_ROBOT };
struct channel_lack {
  const char *zh, *en;
};
struct channel_config; /* notify/channel_config.h */
struct outbox_channel {
  const char *name; /* "smtp", "dingtalk", "sms", "sink" */
  const char *zh, *en;
  enum channel_to to; /* what its addresses are */
  bool brief;         /* it takes the brief words of a topic, and no subject */
  const void *arg;    /* of its own */
  /* 0: accepted. -E_UNAVAILABLE: the relay is not there: nothing more is tried in this run, and
   * no message is given up for it. -E_INVALID: refused for good (dead at once). -E_RATE: nothing
   * more for this recipient in this run. Anything else: this message later again. err.sys carries
   * the relay's code; no text of the message ever goes to the log. */
  int (*send)(void *state, const struct outbox_mail *m, struct err *e);
  int (*open)(const struct outbox_channel *self, struct app *app, struct channel_config *config,
              void **ret_state, struct err *e);
  void (*close)(void *state);
  void (*idle)(void *state); /* the round is over: let go of connections; may be NULL */
  /* What it still needs, or NULL; any thread. */
  const struct channel_lack *(*lack)(void *state);
};
extern const struct outbox_channel outbox_smtp, outbox_sink, outbox_wecom, outbox_dingtalk,
    outbox_feishu, outbox_sms;
const struct outbox_channel *outbox_channel_by_name(struct str name);
/* "dingtalk:duty": the channel, and *address goes on behind the colon; NULL where it names none. */
const struct outbox_channel *outbox_channel_of(struct str *address);
const struct outbox_channel *outbox_channel_at(size_t i); /* NULL behind the last */

struct outbox;
_must_check_ int outbox_open(struct app *app, struct outbox **ret_outbox, struct err *e);
struct outbox *outbox_close(struct outbox *ob);
struct channel_config *outbox_config(struct outbox *ob);
/* NULL where that channel can send. */
const struct channel_lack *outbox_lack(struct outbox *ob, const struct outbox_channel *c);

struct outbox_message {
  const char *channel;   /* NULL: the setting outbox.channel */
  const char *topic;     /* groups digests: "alarm" */
  int64_t window_ms;     /* joined with others of its topic and recipient for so long; 0: at once */
  int64_t not_before_ms; /* nobody is woken: 0: at any hour */
  int64_t op;
  int32_t unit;
  struct str to, subject, body;
  const struct kind *subject_kind;
  struct uuid subject_id;
};
/* Inside the transaction of what caused it. */
_must_check_ int outbox_queue(struct tx *tx, struct registry *en, const struct viewer *v,
                              struct arena *a, const struct outbox_message *m, struct err *e);
/* For tx_on_commit(): there is something to send. */
void outbox_wake(void *app);
/* The job: one bounded round of sending. */
struct job_run;
_must_check_ int outbox_run(struct job_run *run, struct err *e);

struct outbox_stats {
  int64_t queued, dead, sent; /* sent: since start */
};
void outbox_stats(struct outbox *ob, struct outbox_stats *ret_stats);

/* The job that says so when messages do not go out. */
_must_check_ int outbox_watch(struct job_run *run, struct err *e);
extern const struct alarm_type alarm_outbox;

#endif
