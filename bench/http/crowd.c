#include "crowd.h"
#include "base/timeutil.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int crowd_dial(int port, int receive_buffer) {
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (receive_buffer) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) || fcntl(fd, F_SETFL, O_NONBLOCK)) {
    close(fd);
    return -1;
  }
  return fd;
}

static bool say(int fd, const char *text) {
  return send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)strlen(text);
}

/* --- listeners -----------------------------------------------------------------------------------
 */

struct listener {
  int fd;
  bool open;
  char part[64]; /* the end of what came, where an event may be cut */
  size_t n;
};

struct listeners {
  pthread_t thread;
  int epoll_fd, port;
  size_t n;
  struct listener *all;
  atomic_size_t open;
  atomic_bool stop;
  struct listener_result r;
};

/* "data: 123456" lines hold the server's clock, which is ours. */
static void hear(struct listeners *ls, struct listener *l, struct str text) {
  int64_t now_us = monotonic_us(), then_us;
  while (text.p) {
    struct str line = str_split(&text, '\n');
    if (!text.p) {
      l->n = line.n < sizeof l->part ? line.n : 0;
      memcpy(l->part, line.p, l->n);
      return;
    }
    if (!str_starts(line, S("data: "))) continue;
    if (parse_i64(str_sub(line, 6, line.n), 0, INT64_MAX, &then_us)) continue;
    histogram_add(&ls->r.delay, now_us - then_us);
    ls->r.events++;
  }
}

static void listen_to(struct listeners *ls, struct listener *l) {
  char text[8192 + sizeof l->part];
  for (;;) {
    memcpy(text, l->part, l->n);
    ssize_t k = recv(l->fd, text + l->n, 8192, MSG_DONTWAIT);
    if (k < 0 && errno == EINTR) continue;
    if (k < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (k <= 0) {
      ls->r.lost++;
      close(l->fd);
      l->fd = -1;
      return;
    }
    if (!l->open) atomic_fetch_add(&ls->open, 1);
    l->open = true;
    size_t n = l->n + (size_t)k;
    l->n = 0;
    hear(ls, l, (struct str){text, n});
  }
}

static void *listen_all(void *arg) {
  struct listeners *ls = arg;
  struct epoll_event ev[512];
  size_t dialled = 0;
  while (!atomic_load(&ls->stop)) {
    for (int i = 0; i < 50 && dialled < ls->n; i++, dialled++) {
      struct listener *l = &ls->all[dialled];
      l->fd = crowd_dial(ls->port, 0);
      struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = l};
      if (l->fd < 0 || epoll_ctl(ls->epoll_fd, EPOLL_CTL_ADD, l->fd, &e) ||
          !say(l->fd, "GET /stream HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"))
        ls->r.lost++;
    }
    int n = epoll_wait(ls->epoll_fd, ev, 512, dialled < ls->n ? 0 : 50);
    for (int i = 0; i < n; i++) listen_to(ls, ev[i].data.ptr);
  }
  return NULL;
}

int listeners_start(int port, size_t n, struct listeners **ret_l, struct err *e) {
  struct listeners *ls = calloc(1, sizeof *ls);
  if (!ls) return err_set(e, E_NOMEM, "no memory for listeners");
  ls->port = port;
  ls->n = n;
  ls->all = calloc(n, sizeof *ls->all);
  ls->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  for (size_t i = 0; ls->all && i < n; i++) ls->all[i].fd = -1;
  if (!ls->all || ls->epoll_fd < 0 || pthread_create(&ls->thread, NULL, listen_all, ls)) {
    if (ls->epoll_fd >= 0) close(ls->epoll_fd);
    free(ls->all);
    free(ls);
    return err_set(e, E_UNAVAILABLE, "the listeners do not start");
  }
  *ret_l = ls;
  for (int64_t until = monotonic_ms() + 60000; monotonic_ms() < until;) {
    if (atomic_load(&ls->open) == n) return 0;
    usleep(20000);
  }
  return err_set(e, E_TIMEOUT, "not all streams were opened");
}

void listeners_stop(struct listeners *ls, struct listener_result *ret) {
  atomic_store(&ls->stop, true);
  pthread_join(ls->thread, NULL);
  *ret = ls->r;
  for (size_t i = 0; i < ls->n; i++)
    if (ls->all[i].fd >= 0) close(ls->all[i].fd);
  close(ls->epoll_fd);
  free(ls->all);
  free(ls);
}

/* --- abuse -------------------------------------------------------------------------------------
 */

enum abuser_kind { SLOW_HEADER, SLOW_BODY, SLOW_READER };

struct abuser {
  enum abuser_kind kind;
  int fd;
  int64_t since_ms, next_ms;
};

struct abuse {
  struct abuse_options o;
  pthread_t thread;
  struct abuser *all;
  size_t n;
  atomic_bool stop;
  struct abuse_result r;
};

static void begin(struct abuse *a, struct abuser *x, int64_t now_ms) {
  static const char *const first[] = {
      [SLOW_HEADER] = "GET /now HTTP/1.1\r\nHost: x\r\nX-Slow: ",
      [SLOW_BODY] = "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n",
      [SLOW_READER] = "GET /big HTTP/1.1\r\nHost: x\r\n\r\n"};
  x->fd = crowd_dial(a->o.port, x->kind == SLOW_READER ? 4096 : 0);
  x->since_ms = now_ms;
  x->next_ms = now_ms + 1000;
  a->r.redials++;
  if (x->fd >= 0) (void)say(x->fd, first[x->kind]);
}

static void ended(struct abuse *a, struct abuser *x, int64_t now_ms) {
  a->r.cut++;
  if (now_ms - x->since_ms > a->r.longest_held_ms) a->r.longest_held_ms = now_ms - x->since_ms;
  close(x->fd);
  x->fd = -1;
}

/* One byte a second, in or out. */
static void creep(struct abuse *a, struct abuser *x, int64_t now_ms) {
  char byte[512];
  if (x->fd < 0) begin(a, x, now_ms);
  if (x->fd < 0 || now_ms < x->next_ms) return;
  x->next_ms += 1000;
  ssize_t k;
  if (x->kind == SLOW_READER) {
    /* what is buffered could be read for long after the connection has ended */
    struct pollfd p = {.fd = x->fd};
    k = poll(&p, 1, 0) > 0 ? 0 : recv(x->fd, byte, 1, MSG_DONTWAIT);
  } else {
    bool sent = say(x->fd, "a");
    k = recv(x->fd, byte, sizeof byte, MSG_DONTWAIT);
    if (!sent) k = 0;
  }
  if (k == 0 || (k < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) ended(a, x, now_ms);
}

static void reset_one(struct abuse *a) {
  static const char *const first[] = {
      "",
      "GET /no",
      "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
      "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab",
      "GET /big HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"};
  struct linger hard = {.l_onoff = 1, .l_linger = 0};
  int fd = crowd_dial(a->o.port, 0);
  if (fd < 0) return;
  (void)say(fd, first[(size_t)a->r.resets % ARRAY_LEN(first)]);
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  if (a->r.resets % 2) usleep(300);
  close(fd);
  a->r.resets++;
}

static void *abuse_all(void *arg) {
  struct abuse *a = arg;
  int64_t begun_ms = monotonic_ms();
  while (!atomic_load(&a->stop)) {
    int64_t now_ms = monotonic_ms();
    for (size_t i = 0; i < a->n; i++) creep(a, &a->all[i], now_ms);
    int64_t due = (now_ms - begun_ms) * a->o.resets_per_second / 1000;
    for (int i = 0; i < 50 && a->r.resets < due; i++) reset_one(a);
    usleep(5000);
  }
  return NULL;
}

int abuse_start(const struct abuse_options *o, struct abuse **ret_a, struct err *e) {
  struct abuse *a = calloc(1, sizeof *a);
  if (!a) return err_set(e, E_NOMEM, "no memory for the abuse");
  a->o = *o;
  a->n = o->slow_headers + o->slow_bodies + o->slow_readers;
  a->all = calloc(a->n + 1, sizeof *a->all);
  for (size_t i = 0; a->all && i < a->n; i++)
    a->all[i] = (struct abuser){.fd = -1,
                                .kind = i < o->slow_headers                    ? SLOW_HEADER
                                        : i < o->slow_headers + o->slow_bodies ? SLOW_BODY
                                                                               : SLOW_READER};
  if (!a->all || pthread_create(&a->thread, NULL, abuse_all, a)) {
    free(a->all);
    free(a);
    return err_set(e, E_UNAVAILABLE, "the abuse does not start");
  }
  *ret_a = a;
  return 0;
}

void abuse_stop(struct abuse *a, struct abuse_result *ret) {
  atomic_store(&a->stop, true);
  pthread_join(a->thread, NULL);
  *ret = a->r;
  for (size_t i = 0; i < a->n; i++)
    if (a->all[i].fd >= 0) close(a->all[i].fd);
  free(a->all);
  free(a);
}
