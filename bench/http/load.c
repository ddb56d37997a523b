#include "load.h"
#include "pulse.h"
#include "base/timeutil.h"
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  EVENTS = 512,
  CONNECTING_MAX = 256, /* at a time and thread: a listen queue is finite */
  OUT_MAX = 8 * 1024 * 1024,
  IN_MAX = 16 * 1024 * 1024,
  GRACE_MS = 3000, /* for the last answers */
  RETRY_MS = 50,
};

enum step { STEP_DOWN, STEP_CONNECTING, STEP_IDLE, STEP_ASKING, STEP_WAITING };

struct link {
  int fd;
  enum step step;
  size_t number;
  uint64_t n;
  int64_t since_us, retry_ms;
  struct buf out, in;
  size_t out_at, seen;
  struct link *next_idle;
};

struct worker {
  const struct load_options *o;
  size_t number, n, connecting, down;
  pthread_t thread;
  bool started;
  int epoll_fd;
  struct link *links, *idle, **idle_last;
  struct buf body;
  struct load_result r;
  int64_t begun_us, end_us, asked;
  _Atomic int64_t *answered;
  int failed;
};

/* --- histogram ---------------------------------------------------------------------------------
 */

static size_t bucket_of(uint64_t us) {
  if (us < LOAD_SUB) return (size_t)us;
  unsigned power = 63u - (unsigned)__builtin_clzll(us); /* >= 5 */
  size_t at = (size_t)(power - 4) * LOAD_SUB + (size_t)((us >> (power - 5)) - LOAD_SUB);
  return at < LOAD_BUCKETS ? at : LOAD_BUCKETS - 1;
}

static uint64_t bucket_top(size_t at) {
  if (at < LOAD_SUB) return at;
  unsigned power = (unsigned)(at / LOAD_SUB) + 4;
  return ((uint64_t)(at % LOAD_SUB + LOAD_SUB + 1) << (power - 5)) - 1;
}

void histogram_add(struct histogram *h, int64_t us) {
  uint64_t v = us > 0 ? (uint64_t)us : 0;
  h->count[bucket_of(v)]++;
  h->n++;
  if (v > h->max) h->max = v;
}

void histogram_merge(struct histogram *to, const struct histogram *from) {
  for (size_t i = 0; i < LOAD_BUCKETS; i++) to->count[i] += from->count[i];
  to->n += from->n;
  if (from->max > to->max) to->max = from->max;
}

int64_t histogram_at(const struct histogram *h, double percent) {
  uint64_t want = (uint64_t)((double)h->n * percent / 100.0), sum = 0;
  for (size_t i = 0; i < LOAD_BUCKETS; i++) {
    sum += h->count[i];
    if (sum > want) {
      uint64_t top = bucket_top(i);
      return (int64_t)(top < h->max ? top : h->max);
    }
  }
  return (int64_t)h->max;
}

/* --- one connection ------------------------------------------------------------------------------
 */

static void make_idle(struct worker *w, struct link *l) {
  l->step = STEP_IDLE;
  l->next_idle = NULL;
  *w->idle_last = l;
  w->idle_last = &l->next_idle;
}

static struct link *take_idle(struct worker *w) {
  struct link *l = w->idle;
  w->idle = l->next_idle;
  if (!w->idle) w->idle_last = &w->idle;
  return l;
}

static void hang_up(struct worker *w, struct link *l) {
  if (l->step == STEP_CONNECTING) w->connecting--;
  if (l->step == STEP_IDLE) {
    /* out of the middle of the list; rare */
    struct link **at = &w->idle;
    while (*at && *at != l) at = &(*at)->next_idle;
    if (*at) *at = l->next_idle;
    if (w->idle_last == &l->next_idle) w->idle_last = at;
  }
  if (l->step == STEP_ASKING || l->step == STEP_WAITING) w->r.broken++;
  if (l->fd >= 0) close(l->fd);
  l->fd = -1;
  l->step = STEP_DOWN;
  l->retry_ms = monotonic_ms() + RETRY_MS;
  w->down++;
}

static void dial(struct worker *w, struct link *l, const struct sockaddr_in *to) {
  int on = 1;
  l->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (l->fd < 0) {
    l->retry_ms = monotonic_ms() + RETRY_MS;
    return;
  }
  setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = l};
  if (epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, l->fd, &ev) ||
      (connect(l->fd, (const struct sockaddr *)to, sizeof *to) && errno != EINPROGRESS)) {
    close(l->fd);
    l->fd = -1;
    l->retry_ms = monotonic_ms() + RETRY_MS;
    return;
  }
  if (l->retry_ms) w->r.reconnects++;
  l->step = STEP_CONNECTING;
  w->connecting++;
  w->down--;
}

static void dial_some(struct worker *w) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)w->o->port)};
  if (w->down == 0 || inet_pton(AF_INET, w->o->host, &to.sin_addr) != 1) return;
  int64_t now_ms = monotonic_ms();
  for (size_t i = 0; i < w->n && w->connecting < CONNECTING_MAX && w->down; i++)
    if (w->links[i].step == STEP_DOWN && w->links[i].retry_ms <= now_ms) dial(w, &w->links[i], &to);
}

static void push_out(struct worker *w, struct link *l) {
  while (l->out_at < l->out.n) {
    ssize_t k = send(l->fd, l->out.p + l->out_at, l->out.n - l->out_at, MSG_NOSIGNAL);
    if (k < 0 && errno == EINTR) continue;
    if (k < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (k <= 0) {
      hang_up(w, l);
      return;
    }
    l->out_at += (size_t)k;
  }
  l->step = STEP_WAITING;
}

static void ask(struct worker *w, struct link *l, int64_t since_us) {
  const struct load_options *o = w->o;
  struct load_ask a = {.connection = l->number,
                       .thread = w->number,
                       .n = l->n++,
                       .method = o->method,
                       .path = o->path,
                       .headers = o->headers,
                       .body = &w->body};
  buf_clear(&w->body);
  if (o->ask) o->ask(o->arg, &a);
  bool with_body = strcmp(a.method, "GET") != 0 && strcmp(a.method, "HEAD") != 0;
  buf_clear(&l->out);
  buf_printf(&l->out, "%s %s HTTP/1.1\r\nHost: load\r\n", a.method, a.path);
  buf_str_add(&l->out, a.headers);
  if (with_body) buf_printf(&l->out, "Content-Length: %zu\r\n", w->body.n);
  buf_lit(&l->out, "\r\n");
  if (with_body) buf_str_add(&l->out, buf_str(&w->body));
  if (!buf_ok(&l->out) || !buf_ok(&w->body)) {
    w->failed = E_NOMEM;
    return;
  }
  buf_clear(&l->in);
  l->out_at = l->seen = 0;
  l->since_us = since_us;
  l->step = STEP_ASKING;
  w->asked++;
  push_out(w, l);
}

/* --- answers
 * ----------------------------------------------------------------------------------------- */

struct parsed {
  int status;
  struct str body;
  bool close;
};

static bool field_is(struct str line, const char *name, struct str *ret_value) {
  struct str key = str_split(&line, ':');
  if (!line.p || key.n != strlen(name) || strncasecmp(key.p, name, key.n) != 0) return false;
  *ret_value = str_trim(line);
  return true;
}

/* 1: whole, 0: more is to come, -1: not HTTP. */
static int parse_answer(struct link *l, bool at_end, struct parsed *ret) {
  struct str all = buf_str(&l->in);
  size_t head_n = str_find(all, S("\r\n\r\n"));
  if (head_n == (size_t)-1) return at_end ? -1 : 0;
  if (head_n < 12 || memcmp(all.p, "HTTP/1.", 7) != 0) return -1;
  struct parsed p = {.status = (int)strtol(all.p + 9, NULL, 10)};
  int64_t length = -1;
  bool chunked = false;
  struct str rest = str_sub(all, 0, head_n + 2), value;
  while (rest.p) {
    struct str line = str_split(&rest, '\n');
    if (field_is(line, "Content-Length", &value) && parse_i64(value, 0, IN_MAX, &length)) return -1;
    if (field_is(line, "Transfer-Encoding", &value)) chunked = true;
    if (field_is(line, "Connection", &value)) p.close = value.n == 5;
  }
  if (p.status == 204 || p.status == 304) length = 0;
  p.body = str_sub(all, head_n + 4, all.n);
  if (length >= 0) {
    if (p.body.n < (size_t)length) return at_end ? -1 : 0;
    p.body.n = (size_t)length;
  } else if (chunked) {
    /* the pieces' own text is not looked at: the end is what counts here */
    if (!str_ends(p.body, S("0\r\n\r\n"))) return at_end ? -1 : 0;
  } else if (!at_end) {
    return 0;
  }
  *ret = p;
  return 1;
}

static void answered(struct worker *w, struct link *l, const struct parsed *p) {
  const struct load_options *o = w->o;
  int64_t us = monotonic_us() - l->since_us;
  bool right = o->check ? o->check(o->arg, l->number, l->n - 1, p->status, p->body)
                        : p->status >= 200 && p->status < 300;
  histogram_add(&w->r.latency, us);
  if (us > o->stalled_ms * 1000) w->r.stalled++;
  if (right)
    w->r.answered++;
  else
    w->r.wrong++;
  if (!right && !w->r.status_first_wrong) w->r.status_first_wrong = p->status;
  if (o->requests) atomic_fetch_add(w->answered, 1);
  make_idle(w, l);
  if (p->close) hang_up(w, l);
}

static void pull_in(struct worker *w, struct link *l, bool over) {
  for (;;) {
    char *to = buf_room(&l->in, 16384);
    if (!to) {
      hang_up(w, l);
      return;
    }
    ssize_t k = recv(l->fd, to, 16384, 0);
    if (k < 0 && errno == EINTR) continue;
    if (k < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      if (over) hang_up(w, l);
      return;
    }
    if (k > 0) {
      l->in.n += (size_t)k;
      w->r.bytes_in += k;
    }
    if (l->step != STEP_WAITING && l->step != STEP_ASKING) {
      /* nothing was asked: what comes is the end */
      buf_clear(&l->in);
      if (k <= 0) {
        hang_up(w, l);
        return;
      }
      continue;
    }
    struct parsed p;
    int r = parse_answer(l, k <= 0, &p);
    if (r > 0) {
      answered(w, l, &p);
      if (k <= 0 && l->step != STEP_DOWN) hang_up(w, l);
      return;
    }
    if (r < 0 || k <= 0) {
      hang_up(w, l);
      return;
    }
  }
}

static void on_event(struct worker *w, struct link *l, uint32_t events) {
  if (l->step == STEP_CONNECTING) {
    if (events & (EPOLLERR | EPOLLHUP)) {
      hang_up(w, l);
      return;
    }
    if (!(events & EPOLLOUT)) return;
    w->connecting--;
    make_idle(w, l);
  }
  if (l->step == STEP_ASKING && (events & EPOLLOUT)) push_out(w, l);
  if (l->fd >= 0 && (events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)))
    pull_in(w, l, (events & (EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0);
}

/* --- a run
 * ------------------------------------------------------------------------------------------- */

static bool enough(const struct worker *w) {
  return w->failed || (w->o->requests && atomic_load(w->answered) >= w->o->requests);
}

/* Asks wherever it is due; returns how long nothing will be. */
static int ask_due(struct worker *w, int64_t now_us) {
  if (w->o->rate == 0) {
    while (w->idle && !w->failed) ask(w, take_idle(w), monotonic_us());
    return 100;
  }
  double rate = (double)w->o->rate / (double)w->o->threads;
  for (;;) {
    int64_t due_us = w->begun_us + (int64_t)((double)w->asked * 1e6 / rate);
    if (due_us > now_us) return (int)((due_us - now_us) / 1000);
    if (!w->idle || w->failed) return 1;
    ask(w, take_idle(w), due_us);
  }
}

static bool any_waiting(const struct worker *w) {
  for (size_t i = 0; i < w->n; i++)
    if (w->links[i].step == STEP_ASKING || w->links[i].step == STEP_WAITING) return true;
  return false;
}

static void turn(struct worker *w, int wait_ms) {
  struct epoll_event ev[EVENTS];
  int n = epoll_wait(w->epoll_fd, ev, EVENTS, wait_ms);
  for (int i = 0; i < n; i++) on_event(w, ev[i].data.ptr, ev[i].events);
}

static void *work(void *arg) {
  struct worker *w = arg;
  /* all connections first: what is measured is the load, not the knocking */
  for (int64_t until = monotonic_ms() + 20000; monotonic_ms() < until && !w->failed;) {
    dial_some(w);
    if (w->down == 0 && w->connecting == 0) break;
    turn(w, 10);
  }
  w->begun_us = monotonic_us();
  int64_t end_us = w->begun_us + w->o->duration_ms * 1000;
  for (;;) {
    int64_t now_us = monotonic_us();
    if (now_us >= end_us || enough(w)) break;
    dial_some(w);
    int wait_ms = ask_due(w, now_us);
    int64_t left_ms = (end_us - now_us) / 1000 + 1;
    turn(w, (int)(left_ms < wait_ms ? left_ms : wait_ms));
  }
  w->end_us = monotonic_us();
  for (int64_t until = monotonic_ms() + GRACE_MS; any_waiting(w) && monotonic_ms() < until;)
    turn(w, 10);
  for (size_t i = 0; i < w->n; i++) {
    struct link *l = &w->links[i];
    if (l->step != STEP_ASKING && l->step != STEP_WAITING) continue;
    int64_t us = monotonic_us() - l->since_us;
    w->r.unanswered++;
    histogram_add(&w->r.latency, us);
    if (us > w->o->stalled_ms * 1000) w->r.stalled++;
  }
  return NULL;
}

static int worker_init(struct worker *w, size_t number, size_t first, size_t n) {
  w->number = number;
  w->n = w->down = n;
  w->idle_last = &w->idle;
  w->body = BUF_INIT(OUT_MAX);
  w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  w->links = calloc(n, sizeof *w->links);
  if (w->epoll_fd < 0 || !w->links) return -1;
  for (size_t i = 0; i < n; i++)
    w->links[i] = (struct link){
        .fd = -1, .number = first + i, .out = BUF_INIT(OUT_MAX), .in = BUF_INIT(IN_MAX)};
  return 0;
}

static void worker_done(struct worker *w) {
  for (size_t i = 0; w->links && i < w->n; i++) {
    if (w->links[i].fd >= 0) close(w->links[i].fd);
    buf_done(&w->links[i].out);
    buf_done(&w->links[i].in);
  }
  free(w->links);
  buf_done(&w->body);
  if (w->epoll_fd >= 0) close(w->epoll_fd);
}

static void add_up(struct load_result *to, const struct worker *w) {
  const struct load_result *r = &w->r;
  histogram_merge(&to->latency, &r->latency);
  to->answered += r->answered;
  to->wrong += r->wrong;
  to->broken += r->broken;
  to->reconnects += r->reconnects;
  to->stalled += r->stalled;
  to->unanswered += r->unanswered;
  to->bytes_in += r->bytes_in;
  if (w->end_us - w->begun_us > to->elapsed_us) to->elapsed_us = w->end_us - w->begun_us;
  if (!to->status_first_wrong) to->status_first_wrong = r->status_first_wrong;
}

int load_run(const struct load_options *o, struct load_result *ret_result, struct err *e) {
  struct load_options own = *o;
  if (own.threads == 0 || own.threads > LOAD_THREADS_MAX) own.threads = 1;
  if (own.connections < own.threads || own.connections > LOAD_CONNECTIONS_MAX)
    return err_set(e, E_INVALID, "the number of connections is out of range");
  if (!own.method) own.method = "GET";
  if (!own.path) own.path = "/";
  if (!own.host) own.host = "127.0.0.1";
  if (own.stalled_ms == 0) own.stalled_ms = 1000;
  struct worker *w = calloc(own.threads, sizeof *w);
  struct load_result *sum = calloc(1, sizeof *sum);
  _Atomic int64_t count = 0;
  int r = w && sum ? 0 : err_set(e, E_NOMEM, "no memory for the load");
  for (size_t i = 0, first = 0; r == 0 && i < own.threads; i++) {
    size_t n = own.connections / own.threads + (i < own.connections % own.threads);
    w[i].o = &own;
    w[i].answered = &count;
    if (worker_init(&w[i], i, first, n)) r = err_set(e, E_NOMEM, "no memory for the load");
    first += n;
  }
  struct pulse *pulse = pulse_start();
  for (size_t i = 0; r == 0 && i < own.threads; i++) {
    int k = pthread_create(&w[i].thread, NULL, work, &w[i]);
    if (k) r = err_sys(e, E_UNAVAILABLE, "no thread for the load", k);
    w[i].started = k == 0;
  }
  for (size_t i = 0; w && i < own.threads; i++) {
    if (w[i].started) pthread_join(w[i].thread, NULL);
    if (w[i].failed && r == 0) r = err_set(e, w[i].failed, "the load could not be made");
    if (w[i].started) add_up(sum, &w[i]);
    if (w[i].o) worker_done(&w[i]);
  }
  int64_t paused_ms = pulse_stop(pulse);
  if (r == 0) {
    sum->paused_ms = paused_ms;
    *ret_result = *sum;
  }
  free(sum);
  free(w);
  return r;
}

void load_print_heading(void) {
  printf("| Load | Connections | Requests/s | p50 ms | p95 ms | p99 ms | max ms | wrong | broken | "
         "waited > 1 s |\n|---|---|---|---|---|---|---|---|---|---|\n");
}

void load_print(const char *what, size_t connections, const struct load_result *r) {
  double seconds = (double)r->elapsed_us / 1e6;
  printf("| %s | %zu | %.0f | %.2f | %.2f | %.2f | %.2f | %" PRId64 " | %" PRId64 " | %" PRId64
         " |\n",
         what, connections, seconds > 0 ? (double)r->answered / seconds : 0,
         (double)histogram_at(&r->latency, 50) / 1000, (double)histogram_at(&r->latency, 95) / 1000,
         (double)histogram_at(&r->latency, 99) / 1000, (double)r->latency.max / 1000, r->wrong,
         r->broken, r->stalled);
  fflush(stdout);
}
