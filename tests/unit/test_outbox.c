#include "app_fixture.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

static const struct module test_module = {
    .name = "test", .zh = "测试", .en = "Test", .kinds = fx_kinds, .indicators = fx_indicators};
const struct module *const modules[] = {LAYER_MODULES, &test_module, NULL};

/* ---- a mail relay of a few lines: takes what comes, or answers as told ---- */

struct relay {
  int fd, port;
  pthread_t thread;
  pthread_mutex_t lock;
  bool stop;
  const char *answer_rcpt, *answer_data; /* NULL: 250 */
  int mails;
  char last[32768];
};

static bool say(int fd, const char *line) {
  return write(fd, line, strlen(line)) == (ssize_t)strlen(line);
}

static bool read_line(int fd, char *out, size_t max) {
  size_t n = 0;
  while (n + 1 < max && read(fd, out + n, 1) == 1) {
    if (out[n++] != '\n') continue;
    out[n] = 0;
    return true;
  }
  return false;
}

static void take_mail(struct relay *r, int fd) {
  char line[4096];
  size_t n = 0;
  pthread_mutex_lock(&r->lock);
  while (read_line(fd, line, sizeof line) && strcmp(line, ".\r\n") != 0)
    if (n + strlen(line) < sizeof r->last) {
      memcpy(r->last + n, line, strlen(line) + 1);
      n += strlen(line);
    }
  const char *answer = r->answer_data;
  if (!answer) r->mails++;
  pthread_mutex_unlock(&r->lock);
  say(fd, answer ? answer : "250 taken\r\n");
}

static void talk(struct relay *r, int fd) {
  char line[4096];
  say(fd, "220 relay\r\n");
  while (read_line(fd, line, sizeof line)) {
    pthread_mutex_lock(&r->lock);
    const char *rcpt = r->answer_rcpt;
    pthread_mutex_unlock(&r->lock);
    if (strncmp(line, "QUIT", 4) == 0) {
      say(fd, "221 bye\r\n");
      break;
    }
    if (strncmp(line, "DATA", 4) == 0) {
      say(fd, "354 go on\r\n");
      take_mail(r, fd);
    } else if (strncmp(line, "RCPT", 4) == 0 && rcpt) {
      say(fd, rcpt);
    } else {
      say(fd, "250 ok\r\n");
    }
  }
}

static void *relay_main(void *arg) {
  struct relay *r = arg;
  for (;;) {
    struct pollfd p = {.fd = r->fd, .events = POLLIN};
    pthread_mutex_lock(&r->lock);
    bool stop = r->stop;
    pthread_mutex_unlock(&r->lock);
    if (stop) return NULL;
    if (poll(&p, 1, 50) <= 0) continue;
    int fd = accept(r->fd, NULL, NULL);
    if (fd < 0) continue;
    talk(r, fd);
    close(fd);
  }
}

static bool relay_open(struct relay *r) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  *r = (struct relay){.lock = PTHREAD_MUTEX_INITIALIZER};
  r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (r->fd < 0 || bind(r->fd, (struct sockaddr *)&a, n) < 0 || listen(r->fd, 8) < 0) return false;
  getsockname(r->fd, (struct sockaddr *)&a, &n);
  r->port = ntohs(a.sin_port);
  return pthread_create(&r->thread, NULL, relay_main, r) == 0;
}

static void relay_done(struct relay *r) {
  if (!r->port) return;
  pthread_mutex_lock(&r->lock);
  r->stop = true;
  pthread_mutex_unlock(&r->lock);
  pthread_join(r->thread, NULL);
  close(r->fd);
}

static void relay_answers(struct relay *r, const char *rcpt, const char *data) {
  pthread_mutex_lock(&r->lock);
  r->answer_rcpt = rcpt;
  r->answer_data = data;
  pthread_mutex_unlock(&r->lock);
}

/* ---- around it ---- */

static int set_text(struct app_fixture *x, const char *name, const char *text) {
  struct setting_change c = {.app = &x->app,
                             .viewer = x->system,
                             .op = 1,
                             .setting = setting_by_name(str_from(name)),
                             .text = str_from(text)};
  return writer_run(x->app.writer, &setting_change_cmd, &c, CMD_NORMAL, &x->e);
}
static int set_number(struct app_fixture *x, const char *name, int64_t i) {
  struct setting_change c = {.app = &x->app,
                             .viewer = x->system,
                             .op = 1,
                             .setting = setting_by_name(str_from(name)),
                             .i = i};
  return writer_run(x->app.writer, &setting_change_cmd, &c, CMD_NORMAL, &x->e);
}

static int use_relay(struct app_fixture *x, int port) {
  char url[64];
  snprintf(url, sizeof url, "smtp://127.0.0.1:%d", port);
  int r = set_text(x, "outbox.smtp_url", url);
  if (r == 0) r = set_text(x, "outbox.from", "shouwang@example.org");
  return r < 0 ? r : set_number(x, "outbox.tls", 0);
}

struct queueing {
  struct app_fixture *x;
  struct outbox_message m;
  bool fail;
};
static int queue_run(struct tx *tx, void *arg, struct err *e) {
  struct queueing *q = arg;
  int r = outbox_queue(tx, &q->x->app.registry, q->x->system, q->x->a, &q->m, e);
  return r == 0 && q->fail ? err_set(e, E_CONFLICT, "this one was meant to fail") : r;
}
static const struct cmd_class queue_cmd = {.name = "queue", .run = queue_run};

static int queue(struct app_fixture *x, const char *to, const char *subject, int64_t window_ms) {
  struct queueing q = {.x = x,
                       .m = {.topic = "test",
                             .window_ms = window_ms,
                             .op = 1,
                             .unit = 11,
                             .to = str_from(to),
                             .subject = str_from(subject),
                             .body = S("第一行\nsecond line\n")}};
  return writer_run(x->app.writer, &queue_cmd, &q, CMD_NORMAL, &x->e);
}

static int64_t in_state(struct app_fixture *x, const char *state) {
  char sql[128];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM outbox_message WHERE state = '%s'", state);
  return fx_count(x, sql);
}

TEST_BOTH(a_message_reaches_the_relay) {
  APP(x);
  _cleanup_(relay_done) struct relay r = {0};
  CHECK(relay_open(&r));
  CHECK_OK(use_relay(&x, r.port), &x.e);
  struct queueing undone = {
      .x = &x,
      .fail = true,
      .m = {.topic = "test", .op = 1, .to = S("a@example.org"), .subject = S("s"), .body = S("b")}};
  CHECK(writer_run(x.app.writer, &queue_cmd, &undone, CMD_NORMAL, &x.e) == -E_CONFLICT);
  CHECK_OK(queue(&x, "duty@example.org", "体温异常，请处理", 0), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(r.mails, 1);
  CHECK(strstr(r.last, "To: <duty@example.org>\r\n"));
  CHECK(strstr(r.last, "From: <shouwang@example.org>\r\n"));
  /* 体温异常，请处理 */
  CHECK(strstr(r.last, "Subject: =?UTF-8?B?5L2T5rip5byC5bi477yM6K+35aSE55CG?=\r\n"));
  CHECK(strstr(r.last, "56ys5LiA6KGMCnNlY29uZCBsaW5lCg==\r\n"));
  CHECK_EQ_I64(in_state(&x, "sent"), 1);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(r.mails, 1);
  struct outbox_stats s;
  outbox_stats(x.app.outbox, &s);
  CHECK_EQ_I64(s.sent, 1);
  /* neither address nor text lie open in the database */
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM history WHERE changes LIKE '%duty@%'"), 0);
}

TEST_BOTH(comes_back_later_and_later_then_gives_up) {
  APP(x);
  _cleanup_(relay_done) struct relay r = {0};
  CHECK(relay_open(&r));
  relay_answers(&r, NULL, "451 not now\r\n");
  CHECK_OK(use_relay(&x, r.port), &x.e);
  CHECK_OK(queue(&x, "duty@example.org", "s", 0), &x.e);
  int64_t now = FX_NOW, gap = 0, before;
  for (int i = 1; i < OUTBOX_ATTEMPTS; i++) {
    CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
    CHECK_EQ_I64(fx_count(&x, "SELECT attempts FROM outbox_message"), i);
    CHECK_EQ_I64(in_state(&x, "queued"), 1);
    before = gap;
    gap = fx_count(&x, "SELECT next_at FROM outbox_message") - now;
    CHECK(gap >= 24 * MS_SECOND && gap > before); /* 30 s, doubled, a fifth more or less */
    CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e); /* not yet due: no attempt */
    CHECK_EQ_I64(fx_count(&x, "SELECT attempts FROM outbox_message"), i);
    now += gap;
    clock_set_frozen(&x.app.clock, now);
  }
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "dead"), 1);
  struct outbox_stats s;
  outbox_stats(x.app.outbox, &s);
  CHECK_EQ_I64(s.dead, 1);
  /* a person has it sent again */
  relay_answers(&r, NULL, NULL);
  struct change *c = change_make(x.a, &x.app.registry, x.system, &outbox_kind, CHANGE_ACTION);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *cur = NULL;
  CHECK_OK(store_read(x.app.store, &tx, &x.e), &x.e);
  CHECK_OK(cur_open_sql(tx, S("SELECT id FROM outbox_message"), NULL, 0, &cur, &x.e), &x.e);
  CHECK(cur_next(cur, &x.e) == 1);
  c->id = cur_uuid(cur, 0);
  cur_donep(&cur);
  tx_endp(&tx);
  c->transition = kind_transition(&outbox_kind, S("retry"));
  CHECK_OK(change_do(c, &x.e), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "sent"), 1);
  CHECK_EQ_I64(r.mails, 1);
}

TEST_BOTH(a_refused_address_is_given_up_at_once) {
  APP(x);
  _cleanup_(relay_done) struct relay r = {0};
  CHECK(relay_open(&r));
  relay_answers(&r, "550 nobody here\r\n", NULL);
  CHECK_OK(use_relay(&x, r.port), &x.e);
  CHECK_OK(queue(&x, "nobody@example.org", "s", 0), &x.e);
  CHECK_OK(queue(&x, "two@example.org\r\nBcc: x@example.org", "s", 0), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "dead"), 2);
  CHECK_EQ_I64(r.mails, 0);
}

TEST_BOTH(an_absent_relay_kills_nothing) {
  APP(x);
  CHECK_OK(use_relay(&x, 1), &x.e); /* nobody listens there */
  for (int i = 0; i < 3; i++) CHECK_OK(queue(&x, "duty@example.org", "s", 0), &x.e);
  int64_t now = FX_NOW;
  for (int i = 0; i < OUTBOX_ATTEMPTS + 5; i++) {
    CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
    clock_set_frozen(&x.app.clock, now += MS_DAY);
  }
  CHECK_EQ_I64(in_state(&x, "queued"), 3);
  _cleanup_(relay_done) struct relay r = {0};
  CHECK(relay_open(&r));
  CHECK_OK(use_relay(&x, r.port), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "sent"), 3);
}

TEST_BOTH(a_flood_becomes_a_digest) {
  APP(x);
  _cleanup_(relay_done) struct relay r = {0};
  CHECK(relay_open(&r));
  CHECK_OK(use_relay(&x, r.port), &x.e);
  for (int i = 0; i < 7; i++) {
    char subject[32];
    snprintf(subject, sizeof subject, "alarm %d", i);
    CHECK_OK(queue(&x, "duty@example.org", subject, 2 * MS_MINUTE), &x.e);
    clock_set_frozen(&x.app.clock, FX_NOW + (i + 1) * 15 * MS_SECOND);
  }
  CHECK_OK(queue(&x, "other@example.org", "alarm", 2 * MS_MINUTE), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(r.mails, 0); /* the window is open still */
  clock_set_frozen(&x.app.clock, FX_NOW + 2 * MS_MINUTE);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(r.mails, 1);
  CHECK_EQ_I64(in_state(&x, "sent"), 7);
  CHECK_EQ_I64(fx_count(&x, "SELECT count(DISTINCT sent_with) FROM outbox_message"), 1);
  clock_set_frozen(&x.app.clock, FX_NOW + 5 * MS_MINUTE);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(r.mails, 2);
}

TEST_BOTH(the_sink_writes_files) {
  char folder[] = "/tmp/sw-sink.XXXXXX", command[128];
  CHECK(mkdtemp(folder));
  setenv("SHOUWANG_OUTBOX_SINK", folder, 1);
  APP(x);
  unsetenv("SHOUWANG_OUTBOX_SINK");
  CHECK_OK(set_text(&x, "outbox.channel", "sink"), &x.e);
  CHECK_OK(queue(&x, "duty@example.org", "标题", 0), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "sent"), 1);
  snprintf(command, sizeof command, "grep -q 'Subject: 标题' %s/*.txt", folder);
  const int found = system(command);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  CHECK(system(command) == 0);
  CHECK(found == 0);
}
