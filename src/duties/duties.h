/* Duties: a subject owes something for each day, an enterprise its return, say. What is due is a
 * record: it is made in its kind's first state when the day begins, and moves on when somebody
 * answers; so the list of who is missing is a list of records. A row says who owes what by when,
 * how one who is missing is reminded, and who learns of it then; opening, reminding, escalating,
 * settling and the list come from the row (docs/how-to-add-a-duty.md).
 *
 * Rows are static; the list of them is made once at start and read-only afterwards. Everything else
 * lives in the arena of its job, change or request. */
#ifndef DUTIES_DUTIES_H
#define DUTIES_DUTIES_H

#include "core/settings.h"
#include "forms/forms.h"
#include "notify/alarms.h"
#include "notify/topics.h"

struct duty;
struct rq; /* api/api.h */
/* What is asked on a day: a form, or the duty itself where it has none. */
struct due {
  const struct duty *duty;
  const struct return_form *form; /* NULL: none */
  struct str code, name, name_en; /* code is empty without a form */
  int32_t unit;                   /* within whose branch it is asked */
  int32_t day;
  int due, remind, escalate; /* minutes of the day; -1: not said */
};

/* What was said to a subject about a day: a moment that is promised holds reminders back. */
struct duty_note {
  const struct kind *kind;
  const char *of, *day, *until; /* its fields */
  const char *key;              /* its name in the list */
};

/* Where a subject's states stand by their days: on each it is what the last one up to it says. */
struct duty_states {
  const struct kind *kind;
  const char *of, *day, *state; /* its fields */
};

/* One who is missing, as the row's hook is to tell him. */
struct reminding {
  struct app *app;
  struct arena *a;
  const struct viewer *v;
  struct due what;
  bool over; /* it was due before now */
  struct uuid record;
  const struct record *subject;
};

struct duty {
  const char *code; /* "returns" */
  const char *zh, *en;
  const struct kind *kind;    /* of what is due; its first state says that nothing was done yet */
  const struct kind *subject; /* of who owes it */

  /* Fields of the kind. */
  const char *of, *day;         /* the subject; the day */
  const char *form, *form_code; /* which form, and its code; NULL: it has none, one is due a day */
  const char *copies; /* what it bears of the subject while it is owed: fields of both kinds */
  const char *title;  /* by which who is missing is named */

  const char *owed;                 /* states in which it is still owed, "missing draft" */
  const char *exempt, *again;       /* actions: not due after all, due once more */
  const char *spared;               /* states of a subject that owes nothing */
  const struct duty_states *states; /* NULL: its state of now is that of every day */
  const char *from, *until;         /* dates of the subject between which it owes; NULL: always */

  int opens;           /* minute of the day at which it is made */
  int due;             /* without a form: by which minute, … */
  const char *due_key; /* … or by this policy key; NULL: `due` */

  const char *settings;              /* DUTY_SETTINGS of this name; NULL: nobody is reminded */
  const struct duty_note *note;      /* NULL: nothing is noted */
  const struct message_topic *topic; /* of reminders */
  int (*remind)(struct tx *tx, const struct reminding *r, size_t *ret_messages, struct err *e);

  const struct alarm_type *alarm; /* who is missing, by unit */
  const struct message_topic
      *list;            /* the same as a message; args "unit what what_en day n names" */
  int escalate_minutes; /* after it was due, where no settings say; 0: never */
  const char *measure;  /* "家", "户": after a number of subjects */

  const char *key;  /* what is due, in the list */
  const char *asks; /* arguments of the list and the fields that they filter, "template=code" */
};

/* ---- what others may ask ---- */

/* The due thing of a form (NULL: of the duty) on a day. */
struct due duty_due(struct app *app, const struct viewer *v, const struct duty *d,
                    const struct return_form *f, int32_t day);
/* The record that says: due on that day. To be run by the caller. */
_must_check_ int duty_record(struct tx *tx, struct arena *a, struct registry *en,
                             const struct viewer *v, const struct due *what,
                             const struct record *subject, struct change **ret_change,
                             struct err *e);
/* One day's records for every subject, as a part of a job's run. */
struct job_run;
_must_check_ int duty_open_day(struct job_run *run, const struct duty *d, int32_t day,
                               struct err *e);
/* Is it still owed, and still of interest (until the next noon)? For a topic's `wanted`. */
_must_check_ int duty_owed(struct app *app, struct tx *tx, const struct duty *d, int64_t op,
                           const struct uuid *record, bool *ret_owed, struct err *e);
/* The moment from which reminders may go out: 0 where that is now. */
int64_t duty_not_before(struct app *app, const struct viewer *v, const struct duty *d);
/* Something of the area's own was told about a record (`which`: 0, 1 …), beside the reminders; and
 * how often messages of that sort went out. */
_must_check_ int duty_told(struct tx *tx, const struct uuid *record, int64_t which, int64_t at_ms,
                           size_t messages, struct err *e);
_must_check_ int duty_told_times(struct tx *tx, const struct uuid *record, int64_t *ret_n,
                                 struct err *e);
/* GET …?unit=&date=&status=: what is due that day with its subject, the last note and the reminders
 * that went out; what is owed, unless told otherwise. */
_must_check_ int duty_list(struct rq *rq, const struct duty *d, struct jw *w, struct err *e);

/* The jobs, for each open operation. */
_must_check_ int duties_open(struct job_run *run, struct err *e);
_must_check_ int duties_tell(struct job_run *run, struct err *e);

extern const struct module duties_module;

/* What an operation may tune of a duty, as rows of its area's settings. The third is what one is
 * called in Chinese, the fourth in English. */
#define DUTY_TIME(name_, initial_, most_, measure_, zh_, en_)                                      \
  {                                                                                                \
    .name = (name_), .type = SETTING_INT, .per_operation = true, .initial = (initial_),            \
    .max = (most_), .measure = (measure_), .zh = (zh_), .en = (en_)                                \
  }
#define DUTY_SETTINGS(code_, zh_, en_)                                                             \
  {.name = code_ ".remind_by",                                                                     \
   .type = SETTING_TEXT,                                                                           \
   .per_operation = true,                                                                          \
   .initial_text = "none",                                                                         \
   .allowed = "none sms smtp any",                                                                 \
   .zh = zh_ "催报方式：none 不发，sms 短信，smtp 邮件，any 按联系人",                             \
   .en = "The missing are reminded by: none, sms, smtp, any (as their contacts say)"},             \
      DUTY_TIME(code_ ".remind_before_minutes", 120, 1440, "minutes",                              \
                "报送时限前多久第一次提醒（0 不提醒）",                                            \
                "First reminder before the deadline (0: none)"),                                   \
      DUTY_TIME(code_ ".remind_again_minutes", 30, 1440, "minutes",                                \
                "报送时限前多久再次提醒（0 不提醒）",                                              \
                "Second reminder before the deadline (0: none)"),                                  \
      DUTY_TIME(code_ ".remind_after_minutes", 0, 1440, "minutes",                                 \
                "超过报送时限多久提醒（0 不提醒）", "Reminder after the deadline (0: none)"),      \
      DUTY_TIME(code_ ".remind_most", 2, 6, NULL, "每家每份" zh_ "每天最多提醒次数",               \
                "Reminders a day for one " en_ ", at most"),                                       \
      DUTY_TIME(code_ ".remind_from_hour", 8, 23, "o'clock", "几点以后才提醒",                     \
                "Nobody is reminded before"),                                                      \
      {.name = code_ ".remind_until_hour",                                                         \
       .type = SETTING_INT,                                                                        \
       .per_operation = true,                                                                      \
       .initial = 21,                                                                              \
       .min = 1,                                                                                   \
       .max = 24,                                                                                  \
       .measure = "o'clock",                                                                       \
       .zh = "几点以后不再提醒",                                                                   \
       .en = "Nobody is reminded after"},                                                          \
      DUTY_TIME(code_ ".escalate_minutes", 60, 1440, "minutes",                                    \
                "超过报送时限多久把未报名单报给上一级（0 不报）",                                  \
                "Names of the missing go one level up after the deadline by (0: never)"),          \
  {                                                                                                \
    .name = code_ ".escalate_to", .type = SETTING_TEXT, .per_operation = true, .max = 1000,        \
    .zh = "未报名单另发给（逗号分隔；邮箱、sms:手机号、wecom:名称 等）",                           \
    .en = "Names of the missing are also sent to (comma-separated)"                                \
  }

#endif
