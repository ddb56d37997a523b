#include "soak_server.h"
#include "pulse.h"
#include "base/timeutil.h"
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { QUEUE_MAX = 20000, STREAMS_MAX = 8000, COMMIT_US = 500, BIG = 8 * 1024 * 1024 };

struct waiting {
  struct http_request *list[QUEUE_MAX];
  size_t n;
};

struct world {
  struct http_server *s;
  pthread_mutex_t lock;
  pthread_cond_t more;
  struct waiting *queue, *taken;
  struct http_stream *streams[STREAMS_MAX];
  size_t n_streams;
  int64_t event_every_ms;
  bool stop;
};

struct member {
  struct world *w;
  struct http_stream *st;
  size_t at;
};

static size_t limit(void *arg, enum http_method m, struct str path) {
  (void)arg, (void)m, (void)path;
  return 65536;
}

/* Answers whatever has been queued, together, half a millisecond after the first. */
static void *committer(void *arg) {
  struct world *w = arg;
  for (;;) {
    pthread_mutex_lock(&w->lock);
    while (w->queue->n == 0 && !w->stop) pthread_cond_wait(&w->more, &w->lock);
    bool stop = w->stop && w->queue->n == 0;
    pthread_mutex_unlock(&w->lock);
    if (stop) return NULL;
    usleep(COMMIT_US);
    pthread_mutex_lock(&w->lock);
    struct waiting *taken = w->queue;
    w->queue = w->taken;
    w->taken = taken;
    pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; i < taken->n; i++) {
      struct http_request *rq = taken->list[i];
      struct str text = arena_printf(http_arena(rq), "{\"bytes\":%zu}", http_body(rq).n);
      http_reply(rq, 200, "application/json", text, HTTP_BORROWED);
    }
    taken->n = 0;
  }
}

static void *announcer(void *arg) {
  struct world *w = arg;
  char text[32];
  for (bool stop = false; !stop;) {
    usleep((useconds_t)(w->event_every_ms * 1000));
    pthread_mutex_lock(&w->lock);
    int n = snprintf(text, sizeof text, "%" PRId64, monotonic_us());
    for (size_t i = 0; i < w->n_streams; i++)
      (void)http_stream_push(w->streams[i], "figures", (struct str){text, (size_t)n}, S(""));
    stop = w->stop;
    pthread_mutex_unlock(&w->lock);
  }
  return NULL;
}

static void left(void *arg) {
  struct member *m = arg;
  struct world *w = m->w;
  pthread_mutex_lock(&w->lock);
  for (size_t i = 0; i < w->n_streams; i++)
    if (w->streams[i] == m->st) {
      w->streams[i] = w->streams[--w->n_streams];
      break;
    }
  pthread_mutex_unlock(&w->lock);
  free(m);
}

static void open_stream(struct world *w, struct http_request *rq) {
  struct member *m = calloc(1, sizeof *m);
  struct err e = {0};
  if (m) m->w = w;
  pthread_mutex_lock(&w->lock);
  int r = m && w->n_streams < STREAMS_MAX ? http_stream_open(rq, &m->st, left, m, &e) : -E_BUSY;
  if (r == 0) w->streams[w->n_streams++] = m->st;
  pthread_mutex_unlock(&w->lock);
  if (r == 0) return;
  free(m);
  http_reply(rq, 503, "text/plain", S("no stream"), HTTP_BORROWED);
}

static ssize_t fill(void *arg, char *out, size_t max) {
  size_t *to_go = arg, n = *to_go < max ? *to_go : max;
  memset(out, 'x', n);
  *to_go -= n;
  return (ssize_t)n;
}

static void handle(void *arg, struct http_request *rq) {
  struct world *w = arg;
  struct str path = http_path(rq);
  if (str_is(path, "/post")) {
    http_suspend(rq);
    pthread_mutex_lock(&w->lock);
    bool room = w->queue->n < QUEUE_MAX;
    if (room) w->queue->list[w->queue->n++] = rq;
    if (room && w->queue->n == 1) pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
    if (!room) http_reply(rq, 503, "text/plain", S("full"), HTTP_BORROWED);
  } else if (str_is(path, "/now")) {
    http_reply(rq, 200, "application/json", S("{\"now\":true}"), HTTP_BORROWED);
  } else if (str_is(path, "/never")) {
    http_suspend(rq);
  } else if (str_is(path, "/stream")) {
    open_stream(w, rq);
  } else if (str_is(path, "/big")) {
    size_t *to_go = arena_new(http_arena(rq), size_t);
    *to_go = BIG;
    http_reply_chunks(rq, 200, "text/csv", fill, NULL, to_go);
  } else {
    http_reply(rq, 404, "text/plain", S("?"), HTTP_BORROWED);
  }
}

/* --- the child's main ------------------------------------------------------------------------- */

static void say(int fd, const char *text, size_t n) {
  while (n) {
    ssize_t k = write(fd, text, n);
    if (k <= 0) _exit(3);
    text += k;
    n -= (size_t)k;
  }
}

static void say_stats(struct world *w, int fd) {
  struct http_stats st;
  char text[256];
  http_stats(w->s, &st);
  int n = snprintf(text, sizeof text,
                   "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
                   st.connections, st.requests, st.suspended, st.streams, st.timeouts, st.refused);
  say(fd, text, (size_t)n);
}

static int serve(const struct soak_options *o, int from, int to) {
  struct world *w = calloc(1, sizeof *w);
  pthread_t commit, announce;
  struct err e = {0};
  if (!w) return 3;
  w->queue = calloc(1, sizeof *w->queue);
  w->taken = calloc(1, sizeof *w->taken);
  w->event_every_ms = o->event_every_ms ? o->event_every_ms : 1000;
  if (!w->queue || !w->taken) return 3;
  pthread_mutex_init(&w->lock, NULL);
  pthread_cond_init(&w->more, NULL);
  struct http_options ho = {.listen = "127.0.0.1:0",
                            .threads = o->threads,
                            .body_limit = limit,
                            .handle = handle,
                            .arg = w,
                            .header_ms = o->header_ms,
                            .body_ms = o->body_ms,
                            .reply_ms = o->reply_ms};
  if (http_start(&ho, &w->s, &e)) {
    fprintf(stderr, "soak: %s (%d)\n", e.what, e.sys);
    return 3;
  }
  if (pthread_create(&commit, NULL, committer, w) || pthread_create(&announce, NULL, announcer, w))
    return 3;
  struct pulse *pulse = pulse_start();
  char text[64];
  int n = snprintf(text, sizeof text, "%d\n", http_port(w->s));
  say(to, text, (size_t)n);
  int64_t grace_ms = 0;
  for (char c; read(from, &c, 1) == 1;) {
    if (c == '?') say_stats(w, to);
    if (c >= '0' && c <= '9') grace_ms = grace_ms * 10 + (c - '0');
    if (c == 's') break;
  }
  int64_t before = monotonic_ms();
  w->s = http_stop(w->s, grace_ms);
  int64_t took_ms = monotonic_ms() - before;
  n = snprintf(text, sizeof text, "%" PRId64 " %" PRId64 "\n", took_ms, pulse_stop(pulse));
  say(to, text, (size_t)n);
  pthread_mutex_lock(&w->lock);
  w->stop = true;
  pthread_cond_signal(&w->more);
  pthread_mutex_unlock(&w->lock);
  pthread_join(commit, NULL);
  pthread_join(announce, NULL);
  free(w->queue);
  free(w->taken);
  free(w);
  return 0;
}

/* --- the parent's side
 * ---------------------------------------------------------------------------- */

static int read_line(int fd, char *out, size_t max, int64_t wait_ms) {
  int64_t until = monotonic_ms() + wait_ms;
  for (size_t n = 0; n + 1 < max; n++) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int64_t left_ms = until - monotonic_ms();
    if (left_ms <= 0 || poll(&p, 1, (int)left_ms) <= 0 || read(fd, out + n, 1) != 1)
      return -E_TIMEOUT;
    if (out[n] != '\n') continue;
    out[n] = '\0';
    return 0;
  }
  return -E_INVALID;
}

int soak_server_start(const struct soak_options *o, struct soak_server *ret_server, struct err *e) {
  int to[2], from[2];
  char line[64];
  int64_t port;
  if (pipe(to)) return err_sys(e, E_UNAVAILABLE, "no pipe", errno);
  if (pipe(from)) {
    close(to[0]);
    close(to[1]);
    return err_sys(e, E_UNAVAILABLE, "no pipe", errno);
  }
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(to[1]);
    close(from[0]);
    _exit(serve(o, to[0], from[1]));
  }
  close(to[0]);
  close(from[1]);
  struct soak_server s = {.pid = pid, .to_fd = to[1], .from_fd = from[0]};
  if (pid < 0 || read_line(s.from_fd, line, sizeof line, 10000) ||
      parse_i64(str_from(line), 1, 65535, &port)) {
    if (pid > 0) kill(pid, SIGKILL);
    if (pid > 0) waitpid(pid, NULL, 0);
    close(to[1]);
    close(from[0]);
    return err_set(e, E_UNAVAILABLE, "the server did not start");
  }
  s.port = (int)port;
  *ret_server = s;
  return 0;
}

int soak_server_stats(struct soak_server *s, struct http_stats *ret_stats) {
  char line[256];
  if (write(s->to_fd, "?", 1) != 1) return -E_IO;
  int r = read_line(s->from_fd, line, sizeof line, 5000);
  if (r) return r;
  struct str rest = str_from(line);
  int64_t *const to[] = {&ret_stats->connections, &ret_stats->requests, &ret_stats->suspended,
                         &ret_stats->streams,     &ret_stats->timeouts, &ret_stats->refused};
  for (size_t i = 0; i < ARRAY_LEN(to); i++)
    if (parse_i64(str_split(&rest, ' '), 0, INT64_MAX, to[i])) return -E_INVALID;
  return 0;
}

int64_t soak_server_stop(struct soak_server *s, int64_t grace_ms) {
  char line[64];
  int64_t took = -1;
  int status = 0;
  int n = snprintf(line, sizeof line, "%" PRId64 "s", grace_ms);
  bool told = write(s->to_fd, line, (size_t)n) == n &&
              read_line(s->from_fd, line, sizeof line, grace_ms + 20000) == 0;
  struct str rest = str_from(told ? line : "");
  if (!told || parse_i64(str_split(&rest, ' '), 0, INT64_MAX, &took) ||
      parse_i64(rest, 0, INT64_MAX, &s->paused_ms)) {
    kill(s->pid, SIGKILL);
    took = -1;
  }
  waitpid(s->pid, &status, 0);
  close(s->to_fd);
  close(s->from_fd);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? took : -1;
}

int64_t soak_server_rss(const struct soak_server *s) {
  char path[64], line[256];
  int64_t kib = 0;
  snprintf(path, sizeof path, "/proc/%d/status", (int)s->pid);
  FILE *f = fopen(path, "re");
  while (f && fgets(line, sizeof line, f)) {
    struct str rest = str_from(line);
    if (!str_is(str_split(&rest, ':'), "VmRSS")) continue;
    rest = str_trim(rest);
    if (parse_i64(str_split(&rest, ' '), 0, INT64_MAX, &kib)) kib = 0;
  }
  if (f) fclose(f);
  return kib;
}
