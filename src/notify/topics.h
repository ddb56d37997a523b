/* What messages say: one row per topic, with its words in Chinese and English, long (mail, robots)
 * and brief (text messages), its digest window, and a hook that withdraws a message whose reason
 * has gone. Areas declare rows through `struct module.topics` and call message_say in the
 * transaction of what causes the message. Static and read-only after start; what message_say
 * renders lives in the arena given. Any thread. */
#ifndef NOTIFY_TOPICS_H
#define NOTIFY_TOPICS_H

#include "notify/outbox.h"

struct message_words {
  const char *subject, *body; /* with {placeholders} */
  const char *brief;          /* where every character is paid for; NULL: the subject */
};

struct message_topic {
  const char *code, *zh, *en;
  const char *args; /* the placeholders that may stand in its words: "enterprise day link" */
  int64_t
      window_ms; /* joined with others of this topic for one recipient for so long; 0: at once */
  struct message_words in_zh, in_en;
  /* Asked inside the sender's transaction, before each attempt: false withdraws the message. NULL:
   * always wanted. */
  int (*wanted)(struct app *app, struct tx *tx, int64_t op, const struct uuid *subject,
                bool *ret_wanted, struct err *e);
};

/* The rows of all modules. Before app_open. */
_must_check_ int topics_init(const struct module *const *list, struct err *e);
const struct message_topic *topic_by_code(struct str code);
/* Their names, for a field that holds a code; filled by topics_init. */
extern struct choice topic_words[];

enum message_language { SAY_SETTING, SAY_ZH, SAY_EN, SAY_BOTH };
enum message_language language_by_name(struct str name); /* SAY_SETTING where it is none */

struct message_arg {
  const char *name;
  struct str value;
};
struct message {
  const struct message_topic *topic;
  struct str to; /* "sms:13800000000", "dingtalk:duty", or an address of the usual channel */
  enum message_language language; /* SAY_SETTING: outbox.language */
  const struct message_arg *args; /* ends with {NULL} */
  int64_t op;
  int64_t not_before_ms; /* 0: at any hour */
  int32_t unit;
  const struct kind *subject_kind;
  struct uuid subject_id;
};
/* Inside the transaction of what caused it. */
_must_check_ int message_say(struct tx *tx, struct app *app, const struct viewer *v,
                             struct arena *a, const struct message *m, struct err *e);
/* {name} at the start of s: its length with the braces, 0 where none begins there. */
size_t message_placeholder(struct str s, struct str *ret_name);
/* The words with their placeholders filled in; unknown ones stay as they are. */
struct str message_fill(struct arena *a, struct str words, const struct message_arg *args);

#endif
