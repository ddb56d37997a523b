#include "notify/outbox.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* For tests and drills: each message becomes a file in the folder that SHOUWANG_OUTBOX_SINK names.
 * In a demonstration without one they are taken and lead nowhere; elsewhere that would be losing
 * mail, and the channel counts as away. */
struct sink {
  struct app *app;
  const char *folder;
};

static int sink_open(const struct outbox_channel *self, struct app *app,
                     struct channel_config *config, void **ret_state, struct err *e) {
  (void)self, (void)config;
  struct sink *s = calloc(1, sizeof *s);
  if (!s) return err_set(e, E_NOMEM, "no memory for the sink");
  s->app = app;
  s->folder = getenv("SHOUWANG_OUTBOX_SINK");
  *ret_state = s;
  return 0;
}

static void sink_close(void *state) {
  free(state);
}

static int write_all(int fd, struct str s, struct err *e) {
  while (s.n) {
    ssize_t n = write(fd, s.p, s.n);
    if (n < 0) return err_sys(e, E_IO, "a message's file cannot be written", 0);
    s = str_sub(s, (size_t)n, s.n);
  }
  return 0;
}

static int sink_send(void *state, const struct outbox_mail *m, struct err *e) {
  const struct sink *s = state;
  char id[UUID_TEXT], path[512], whole[512];
  if (!s->folder)
    return s->app->demo ? 0 : err_set(e, E_UNAVAILABLE, "no folder for the sink is named");
  uuid_format(&m->id, id);
  if (snprintf(path, sizeof path, "%s/.%s", s->folder, id) >= (int)sizeof path ||
      snprintf(whole, sizeof whole, "%s/%s.txt", s->folder, id) >= (int)sizeof whole)
    return err_set(e, E_UNAVAILABLE, "the sink's folder has too long a name");
  struct buf text = BUF_INIT(MIB(1));
  buf_printf(&text, "To: " STR_FMT "\nTopic: " STR_FMT "\nSubject: " STR_FMT "\n\n" STR_FMT,
             STR_ARG(m->to), STR_ARG(m->topic), STR_ARG(m->subject), STR_ARG(m->body));
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  int r =
      fd < 0 ? err_field(e, E_UNAVAILABLE, "the sink's folder cannot be written", s->folder) : 0;
  if (r == 0 && !buf_ok(&text)) r = err_set(e, E_TOO_LARGE, "a message is too large");
  if (r == 0) r = write_all(fd, buf_str(&text), e);
  if (fd >= 0) close(fd);
  if (r == 0 && rename(path, whole) < 0) r = err_set(e, E_IO, "a message's file cannot be named");
  buf_done(&text);
  return r;
}

static const struct channel_lack *sink_lack(void *state) {
  static const struct channel_lack no_folder = {
      "演练用的渠道：没有指定文件夹（SHOUWANG_OUTBOX_SINK）",
      "for drills: no folder is named (SHOUWANG_OUTBOX_SINK)"};
  const struct sink *s = state;
  return s->folder || s->app->demo ? NULL : &no_folder;
}

const struct outbox_channel outbox_sink = {.name = "sink",
                                           .zh = "文件（演练）",
                                           .en = "Files (drills)",
                                           .to = TO_ANYBODY,
                                           .send = sink_send,
                                           .open = sink_open,
                                           .close = sink_close,
                                           .lack = sink_lack};
