#include "notify/topics.h"
#include "core/settings.h"

enum { TOPICS_MAX = 64 };

/* Filled once at start, before threads. */
static struct {
  const struct message_topic *list[TOPICS_MAX];
  size_t n;
} reg;
struct choice topic_words[TOPICS_MAX + 1];

const struct message_topic *topic_by_code(struct str code) {
  for (size_t i = 0; i < reg.n; i++)
    if (str_is(code, reg.list[i]->code)) return reg.list[i];
  return NULL;
}

size_t message_placeholder(struct str s, struct str *ret_name) {
  if (!s.n || s.p[0] != '{') return 0;
  const size_t end = str_find_char(s, '}');
  if (end == (size_t)-1 || end < 2) return 0;
  *ret_name = str_sub(s, 1, end - 1);
  return end + 1;
}

int topics_init(const struct module *const *list, struct err *e) {
  memset(&reg, 0, sizeof reg);
  for (; *list; list++) {
    for (const struct message_topic *const *t = (*list)->topics; t && *t; t++) {
      if (reg.n == TOPICS_MAX) return err_field(e, E_BUG, "too many topics", (*t)->code);
      topic_words[reg.n] = (struct choice){(*t)->code, (*t)->zh, (*t)->en};
      topic_words[reg.n + 1] = (struct choice){0};
      reg.list[reg.n++] = *t;
    }
  }
  return 0;
}

/* ---- saying ---- */

enum message_language language_by_name(struct str name) {
  if (str_is(name, "zh")) return SAY_ZH;
  if (str_is(name, "en")) return SAY_EN;
  return str_is(name, "both") ? SAY_BOTH : SAY_SETTING;
}

struct str message_fill(struct arena *a, struct str words, const struct message_arg *args) {
  struct buf out = BUF_INIT(KIB(64));
  struct str name;
  while (words.n) {
    const size_t n = message_placeholder(words, &name);
    const struct message_arg *arg = args;
    while (n && arg && arg->name && !str_is(name, arg->name)) arg++;
    if (n && arg && arg->name) {
      buf_str_add(&out, arg->value);
      words = str_sub(words, n, words.n);
    } else {
      buf_char(&out, words.p[0]);
      words = str_sub(words, 1, words.n);
    }
  }
  const struct str text = arena_dup(a, buf_str(&out));
  buf_done(&out);
  return text;
}

static struct str fill(struct arena *a, const char *words, const struct message_arg *args) {
  return message_fill(a, str_from(words), args);
}

/* Not within a character. */
static struct str clipped(struct str s, size_t characters) {
  size_t n = 0, at = 0;
  while (at < s.n && n <= characters) {
    if (n == characters && ((unsigned char)s.p[at] & 0xc0) != 0x80) break;
    n += ((unsigned char)s.p[at] & 0xc0) != 0x80;
    at++;
  }
  return str_sub(s, 0, at);
}

static struct str joined(struct arena *a, struct str x, struct str y) {
  return arena_printf(a, STR_FMT "\n" STR_FMT, STR_ARG(x), STR_ARG(y));
}

int message_say(struct tx *tx, struct app *app, const struct viewer *v, struct arena *a,
                const struct message *m, struct err *e) {
  const struct message_topic *t = m->topic;
  struct str to = m->to;
  enum message_language language = m->language;
  const struct outbox_channel *named = outbox_channel_of(&to), *channel = named;
  if (!channel) channel = outbox_channel_by_name(setting_text(app, 0, "outbox.channel", a));
  if (language == SAY_SETTING)
    language = language_by_name(setting_text(app, m->op, "outbox.language", a));
  const bool brief = channel && channel->brief;
  const struct message_words *first = language == SAY_EN ? &t->in_en : &t->in_zh;
  const struct message_words *second = language == SAY_BOTH ? &t->in_en : NULL;
  struct str body = fill(a,
                         !brief         ? first->body
                         : first->brief ? first->brief
                                        : first->subject,
                         m->args);
  /* a text message is in one language: two would be paid for twice */
  if (second && !brief) body = joined(a, body, fill(a, second->body, m->args));
  const struct outbox_message out = {.channel = named ? named->name : NULL,
                                     .topic = t->code,
                                     .window_ms = t->window_ms,
                                     .op = m->op,
                                     .not_before_ms = m->not_before_ms,
                                     .unit = m->unit,
                                     .to = to,
                                     .subject = clipped(fill(a, first->subject, m->args), 180),
                                     .body = clipped(body, LIMIT_TEXT_LONG - 100),
                                     .subject_kind = m->subject_kind,
                                     .subject_id = m->subject_id};
  return outbox_queue(tx, &app->registry, v, a, &out, e);
}
