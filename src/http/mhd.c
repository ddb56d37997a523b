#include "http/mhd.h"
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  BACKLOG = 4096,
  SEND_BUFFER = 256 * 1024, /* in the kernel, per connection: a slow reader fills no megabytes */
  SPARE_FILES = 128,        /* databases, logs, mail: what else the process keeps open */
  FLUSH_MS = 1000,          /* for the last answers to be taken, when stopping */
};

/* --- mailbox ---------------------------------------------------------------------------------- */

struct mailbox *mailbox_create(struct stream_engine *en) {
  struct mailbox *b = calloc(1, sizeof *b);
  if (!b) return NULL;
  b->refs = 1;
  b->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (b->wake_fd < 0) {
    free(b);
    return NULL;
  }
  b->streams = stream_engine_ref(en);
  return b;
}

struct mailbox *mailbox_ref(struct mailbox *b) {
  atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
  return b;
}

void mailbox_unref(struct mailbox *b) {
  if (!b || atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) > 1) return;
  close(b->wake_fd);
  stream_engine_unref(b->streams);
  free(b);
}

static void mailbox_wake(struct mailbox *b) {
  uint64_t one = 1;
  (void)!write(b->wake_fd, &one, sizeof one);
}

void mailbox_post(struct mailbox *b, struct http_request *rq) {
  /* once the request is in the box it may be gone, and its hold on the box with it */
  mailbox_ref(b);
  struct http_request *head = atomic_load(&b->head);
  do rq->next_answered = head;
  while (!atomic_compare_exchange_weak(&b->head, &head, rq));
  if (!head) mailbox_wake(b);
  mailbox_unref(b);
}

static void mailbox_drain(struct loop *l) {
  struct http_request *list = atomic_exchange(&l->box->head, NULL), *in_order = NULL;
  while (list) {
    struct http_request *next = list->next_answered;
    list->next_answered = in_order;
    in_order = list;
    list = next;
  }
  while (in_order) {
    struct http_request *rq = in_order;
    in_order = rq->next_answered;
    conn_answered(l, rq);
  }
}

/* --- the loop ----------------------------------------------------------------------------------
 */

static bool more_to_do(struct loop *l) {
  MHD_UNSIGNED_LONG_LONG ms;
  if (l->again) {
    /* a place has come free: the library listens again only when it is run again */
    l->again = false;
    return true;
  }
  return MHD_get_timeout(l->d, &ms) == MHD_YES && ms == 0;
}

static void go_quiet(struct loop *l) {
  l->quiet = true;
  MHD_quiesce_daemon(l->d);
  conn_hang_up_idle(l);
  conn_sweep(l, monotonic_ms());
}

/* True when nothing is left to wait for. */
static bool stopping(struct loop *l, int64_t stop_ms) {
  int64_t now_ms = monotonic_ms();
  if (!l->quiet) go_quiet(l);
  if (l->n_conns == 0) return true;
  if (now_ms < stop_ms) return false;
  if (!l->closing) {
    l->closing = true;
    conn_give_up_all(l);
    conn_sweep(l, now_ms);
  }
  /* A request whose answer has been given is on its way here; the library must not be stopped
   * before it has come. */
  return now_ms >= stop_ms + FLUSH_MS && !conn_any_suspended(l);
}

static void *loop_thread(void *arg) {
  struct loop *l = arg;
  struct pollfd fds[2] = {{.fd = l->epoll_fd, .events = POLLIN},
                          {.fd = l->box->wake_fd, .events = POLLIN}};
  l->next_tick_ms = monotonic_ms() + HTTP_TICK_MS;
  for (;;) {
    int64_t stop_ms = atomic_load(&l->s->stop_ms);
    if (stop_ms && stopping(l, stop_ms)) break;
    int64_t now_ms = monotonic_ms(), wait_ms = l->next_tick_ms - now_ms;
    if (wait_ms <= 0) {
      conn_sweep(l, now_ms);
      l->next_tick_ms = now_ms + HTTP_TICK_MS;
      wait_ms = HTTP_TICK_MS;
    }
    if (stop_ms && wait_ms > 10) wait_ms = 10;
    if (more_to_do(l)) wait_ms = 0;
    fds[0].revents = fds[1].revents = 0;
    (void)poll(fds, 2, (int)wait_ms);
    if (fds[1].revents) {
      uint64_t count;
      (void)!read(l->box->wake_fd, &count, sizeof count);
    }
    mailbox_drain(l);
    MHD_run(l->d);
  }
  MHD_stop_daemon(l->d);
  l->d = NULL;
  mailbox_drain(l);
  return NULL;
}

/* --- start and stop ------------------------------------------------------------------------------
 */

/* "127.0.0.1:8420", "[::1]:0", ":8420". */
static int listen_on(const char *text, int *ret_fd, int *ret_port, struct err *e) {
  char host[256], port[8];
  struct str all = str_from(text), h, p;
  size_t colon = all.n;
  while (colon > 0 && all.p[colon - 1] != ':') colon--;
  if (colon == 0) return err_set(e, E_INVALID, "the address to listen on wants HOST:PORT");
  h = str_sub(all, 0, colon - 1);
  p = str_sub(all, colon, all.n);
  if (str_starts(h, S("[")) && str_ends(h, S("]"))) h = str_sub(h, 1, h.n - 2);
  int64_t port_n;
  if (parse_i64(p, 0, 65535, &port_n) || h.n >= sizeof host)
    return err_set(e, E_INVALID, "the address to listen on wants HOST:PORT");
  memcpy(host, h.p, h.n);
  host[h.n] = '\0';
  snprintf(port, sizeof port, "%d", (int)port_n);
  struct addrinfo hint = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
  struct addrinfo *ai = NULL;
  int r = getaddrinfo(h.n ? host : NULL, port, &hint, &ai);
  if (r || !ai) return err_sys(e, E_INVALID, "the address to listen on is unknown", r);
  int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  const int send_buffer = SEND_BUFFER; /* connections inherit it */
  struct sockaddr_storage bound = {0};
  socklen_t n = sizeof bound;
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
      setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer) ||
      bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, BACKLOG) ||
      getsockname(fd, (struct sockaddr *)&bound, &n)) {
    r = err_sys(e, E_UNAVAILABLE, "cannot listen on the address", errno);
    if (fd >= 0) close(fd);
    freeaddrinfo(ai);
    return r;
  }
  freeaddrinfo(ai);
  int64_t got = 0;
  if (getnameinfo((struct sockaddr *)&bound, n, NULL, 0, port, sizeof port, NI_NUMERICSERV) ||
      parse_i64(str_from(port), 1, 65535, &got)) {
    close(fd);
    return err_set(e, E_UNAVAILABLE, "the port that was taken is not known");
  }
  *ret_fd = fd;
  *ret_port = (int)got;
  return 0;
}

/* The process may open as many files as our limits need, or our limits come down. */
static void fit_file_limit(struct http_options *o) {
  struct rlimit rl;
  if (getrlimit(RLIMIT_NOFILE, &rl)) return;
  rlim_t want = (rlim_t)(o->max_connections + o->max_streams + SPARE_FILES);
  if (rl.rlim_cur < want && rl.rlim_cur != RLIM_INFINITY) {
    rl.rlim_cur = rl.rlim_max == RLIM_INFINITY || rl.rlim_max > want ? want : rl.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &rl);
    if (getrlimit(RLIMIT_NOFILE, &rl)) return;
  }
  if (rl.rlim_cur == RLIM_INFINITY || rl.rlim_cur >= want) return;
  size_t have = rl.rlim_cur > 2 * SPARE_FILES ? (size_t)rl.rlim_cur - SPARE_FILES : SPARE_FILES;
  o->max_streams = have / 3;
  o->max_connections = have - o->max_streams;
}

static void no_log(void *cls, const char *fmt, va_list ap) {
  (void)cls, (void)fmt, (void)ap;
}

/* What the library would decode, it leaves to us. */
static size_t leave_escaped(void *cls, struct MHD_Connection *mc, char *s) {
  (void)cls, (void)mc;
  return strlen(s);
}

static int loop_start(struct http_server *s, struct loop *l, struct err *e) {
  l->s = s;
  l->box = mailbox_create(s->streams);
  if (!l->box) return err_set(e, E_UNAVAILABLE, "no event descriptor for the server");
  l->listen_fd = dup(s->listen_fd);
  if (l->listen_fd < 0) return err_sys(e, E_UNAVAILABLE, "no descriptor to listen", errno);
  l->limit = s->o.max_connections / s->n_loops;
  if (l->limit == 0) l->limit = 1;
  l->d = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, conn_request, l,
      MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL, MHD_OPTION_LISTEN_SOCKET, l->listen_fd,
      MHD_OPTION_CONNECTION_LIMIT, (unsigned)l->limit, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      (size_t)HTTP_POOL, MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_NOTIFY_COMPLETED,
      conn_completed, l, MHD_OPTION_NOTIFY_CONNECTION, conn_notify, l, MHD_OPTION_URI_LOG_CALLBACK,
      conn_uri, l, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_STRICT_FOR_CLIENT,
      1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
  if (!l->d) {
    close(l->listen_fd);
    return err_sys(e, E_UNAVAILABLE, "the HTTP library does not start", errno);
  }
  l->epoll_fd = MHD_get_daemon_info(l->d, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
  int r = pthread_create(&l->thread, NULL, loop_thread, l);
  if (r) {
    MHD_stop_daemon(l->d);
    l->d = NULL;
    return err_sys(e, E_UNAVAILABLE, "no thread for the server", r);
  }
  l->running = true;
  return 0;
}

static int start_all(struct http_server *s, struct err *e) {
  int r = listen_on(s->o.listen, &s->listen_fd, &s->port, e);
  if (r) return r;
  s->gzip = gzip_pool_create();
  if (!s->gzip) return err_set(e, E_NOMEM, "no memory for the server");
  s->streams = stream_engine_create(s->o.max_streams, e);
  if (!s->streams) return -E_UNAVAILABLE;
  for (size_t i = 0; i < s->n_loops && r == 0; i++) r = loop_start(s, &s->loops[i], e);
  return r;
}

static void or_default(int64_t *ms, int64_t otherwise) {
  if (*ms <= 0) *ms = otherwise;
}

int http_start(const struct http_options *o, struct http_server **ret_server, struct err *e) {
  struct http_server *s = calloc(1, sizeof *s);
  if (!s) return err_set(e, E_NOMEM, "no memory for the server");
  s->o = *o;
  s->listen_fd = -1;
  or_default(&s->o.header_ms, 10 * MS_SECOND);
  or_default(&s->o.body_ms, 30 * MS_SECOND);
  or_default(&s->o.reply_ms, 60 * MS_SECOND);
  or_default(&s->o.idle_ms, 75 * MS_SECOND);
  if (s->o.max_connections == 0 || s->o.max_connections > LIMIT_CONNECTIONS)
    s->o.max_connections = LIMIT_CONNECTIONS;
  if (s->o.max_streams == 0 || s->o.max_streams > LIMIT_STREAMS) s->o.max_streams = LIMIT_STREAMS;
  s->n_loops = o->threads < 2 ? 2 : o->threads > HTTP_THREADS_MAX ? HTTP_THREADS_MAX : o->threads;
  fit_file_limit(&s->o);
  /* our threads take no signals: they are the main thread's, and a broken pipe is an errno */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int r = start_all(s, e);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (r) {
    http_stop(s, 0);
    return r;
  }
  *ret_server = s;
  return 0;
}

int http_port(const struct http_server *s) {
  return s->port;
}

struct http_server *http_stop(struct http_server *s, int64_t grace_ms) {
  if (!s) return NULL;
  atomic_store(&s->stop_ms, monotonic_ms() + (grace_ms > 0 ? grace_ms : 0));
  if (s->listen_fd >= 0) {
    /* the loops hold duplicates: whoever knocks from here on is refused, not left waiting */
    shutdown(s->listen_fd, SHUT_RDWR);
    close(s->listen_fd);
  }
  for (size_t i = 0; i < s->n_loops; i++)
    if (s->loops[i].running) mailbox_wake(s->loops[i].box);
  for (size_t i = 0; i < s->n_loops; i++) {
    struct loop *l = &s->loops[i];
    if (l->running) pthread_join(l->thread, NULL);
    if (l->running) close(l->listen_fd);
    mailbox_unref(l->box);
  }
  stream_engine_stop(s->streams);
  stream_engine_unref(s->streams);
  gzip_pool_free(s->gzip);
  free(s);
  return NULL;
}

void http_stats(const struct http_server *s, struct http_stats *ret_stats) {
  *ret_stats = (struct http_stats){
      .connections = atomic_load(&s->connections),
      .requests = atomic_load(&s->requests),
      .suspended = atomic_load(&s->suspended),
      .streams = (int64_t)stream_count(s->streams),
      .timeouts = atomic_load(&s->timeouts),
      .refused = atomic_load(&s->refused),
  };
}
