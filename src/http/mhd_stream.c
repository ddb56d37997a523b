/* Event streams and lingering closes: sockets that have left the library, on one thread with an
 * epoll of its own. Pushers only append to a stream's buffer under the engine's lock; all reading,
 * writing, closing and freeing is the thread's. */
#include "http/headers.h"
#include "http/mhd.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  EVENTS = 256,
  LINGER_MS = 2000,
  LINGER_BYTES = 1024 * 1024,
  LINGER_MAX = 512,
  COMMENT_MS = 15000,
  STUCK_MS = 60000, /* nothing at all was taken for so long */
  SWEEP_MS = 500,
  RESTART_MS = 2000, /* told to browsers: when to come back */
};

enum watch_kind { WATCH_WAKE, WATCH_STREAM, WATCH_LINGER };

struct watch {
  enum watch_kind kind;
  int fd;
};

struct http_stream {
  struct watch w;
  struct stream_engine *en;
  void (*closed)(void *arg);
  void *arg;

  /* Under the engine's lock. */
  struct buf in;
  size_t behind; /* bytes in `in` and not yet sent of `out` */
  struct http_stream *next_dirty;
  bool dirty, gone, attached;
  bool ending; /* what is in the buffers goes out, then it closes */
  bool cut;    /* too far behind: closes as it stands */

  /* The thread's. */
  struct http_stream *prev, *next;
  struct buf out;
  size_t out_at;
  int64_t moved_ms; /* when bytes were last taken by the kernel */
  bool listed;
};

struct lingering {
  struct watch w;
  struct lingering *prev, *next;
  int64_t until_ms;
  size_t left;
};

struct stream_engine {
  atomic_int refs;
  struct watch wake;
  int epoll_fd;
  pthread_t thread;
  bool running;
  size_t max;

  pthread_mutex_t lock;
  struct http_stream *dirty;
  struct lingering *new_linger; /* linked by next */
  size_t n, n_linger;
  bool stop, ended;

  struct http_stream *all; /* the thread's */
  struct lingering *lingering;
};

static void wake(struct stream_engine *en) {
  uint64_t one = 1;
  (void)!write(en->wake.fd, &one, sizeof one);
}

/* Under the lock. */
static bool mark_dirty(struct http_stream *st) {
  struct stream_engine *en = st->en;
  if (st->dirty) return false;
  st->dirty = true;
  st->next_dirty = en->dirty;
  en->dirty = st;
  return st->next_dirty == NULL;
}

/* --- the thread ------------------------------------------------------------------------------- */

/* The library may still hold its own descriptor of the same socket, and as long as it does, closing
 * ours would leave the socket in our epoll set. */
static void drop_socket(struct stream_engine *en, int fd) {
  if (fd < 0) return;
  (void)epoll_ctl(en->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
  close(fd);
}

static void destroy(struct http_stream *st) {
  struct stream_engine *en = st->en;
  if (st->listed) {
    if (st->prev)
      st->prev->next = st->next;
    else
      en->all = st->next;
    if (st->next) st->next->prev = st->prev;
  }
  drop_socket(en, st->w.fd);
  if (st->closed) st->closed(st->arg);
  pthread_mutex_lock(&en->lock);
  en->n--;
  pthread_mutex_unlock(&en->lock);
  buf_done(&st->in);
  buf_done(&st->out);
  free(st);
}

/* Pushers are told from now on; the stream itself goes when no list holds it. */
static void leave(struct http_stream *st) {
  struct stream_engine *en = st->en;
  pthread_mutex_lock(&en->lock);
  st->gone = true;
  bool later = st->dirty;
  pthread_mutex_unlock(&en->lock);
  if (!later) destroy(st);
}

/* Sends what there is; false where the connection is over. */
static bool flush(struct http_stream *st, int64_t now_ms) {
  struct stream_engine *en = st->en;
  for (;;) {
    if (st->out_at == st->out.n) {
      size_t sent = st->out.n;
      buf_clear(&st->out);
      st->out_at = 0;
      if (st->out.cap > KIB(8)) buf_done(&st->out);
      pthread_mutex_lock(&en->lock);
      st->behind -= sent;
      struct buf swap = st->in;
      st->in = st->out;
      st->out = swap;
      bool ending = st->ending;
      pthread_mutex_unlock(&en->lock);
      if (st->out.n == 0) {
        if (ending) shutdown(st->w.fd, SHUT_WR);
        return !ending;
      }
    }
    ssize_t k =
        send(st->w.fd, st->out.p + st->out_at, st->out.n - st->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (k < 0 && errno == EINTR) continue;
    if (k < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    st->out_at += (size_t)k;
    st->moved_ms = now_ms;
  }
}

static bool adopt(struct http_stream *st, int64_t now_ms) {
  struct stream_engine *en = st->en;
  struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = &st->w};
  if (st->w.fd < 0 || epoll_ctl(en->epoll_fd, EPOLL_CTL_ADD, st->w.fd, &ev)) return false;
  st->next = en->all;
  if (st->next) st->next->prev = st;
  en->all = st;
  st->listed = true;
  st->moved_ms = now_ms;
  return true;
}

static void serve_dirty(struct stream_engine *en, int64_t now_ms) {
  pthread_mutex_lock(&en->lock);
  struct http_stream *list = en->dirty;
  en->dirty = NULL;
  pthread_mutex_unlock(&en->lock);
  while (list) {
    struct http_stream *st = list;
    list = st->next_dirty;
    pthread_mutex_lock(&en->lock);
    st->dirty = false;
    bool gone = st->gone, attached = st->attached, cut = st->cut;
    pthread_mutex_unlock(&en->lock);
    if (gone) {
      destroy(st);
      continue;
    }
    if (!attached) continue; /* its socket comes yet */
    if (cut || (!st->listed && !adopt(st, now_ms)) || !flush(st, now_ms)) leave(st);
  }
}

static void on_event(struct http_stream *st, uint32_t events, int64_t now_ms) {
  char drop[4096];
  bool over = (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0;
  while (!over && (events & EPOLLIN)) {
    ssize_t k = recv(st->w.fd, drop, sizeof drop, MSG_DONTWAIT);
    if (k < 0 && errno == EINTR) continue;
    over = k == 0 || (k < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
    if (k <= 0) break;
  }
  if (over || !flush(st, now_ms)) leave(st);
}

static void linger_end(struct stream_engine *en, struct lingering *g) {
  if (g->prev)
    g->prev->next = g->next;
  else
    en->lingering = g->next;
  if (g->next) g->next->prev = g->prev;
  drop_socket(en, g->w.fd);
  free(g);
  pthread_mutex_lock(&en->lock);
  en->n_linger--;
  pthread_mutex_unlock(&en->lock);
}

static void linger_read(struct stream_engine *en, struct lingering *g) {
  char drop[16384];
  for (;;) {
    ssize_t k = recv(g->w.fd, drop, sizeof drop, MSG_DONTWAIT);
    if (k < 0 && errno == EINTR) continue;
    if (k < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (k <= 0 || (size_t)k >= g->left) {
      linger_end(en, g);
      return;
    }
    g->left -= (size_t)k;
  }
}

static void take_lingering(struct stream_engine *en, int64_t now_ms) {
  pthread_mutex_lock(&en->lock);
  struct lingering *list = en->new_linger;
  en->new_linger = NULL;
  pthread_mutex_unlock(&en->lock);
  while (list) {
    struct lingering *g = list;
    list = g->next;
    g->until_ms = now_ms + LINGER_MS;
    g->prev = NULL;
    g->next = en->lingering;
    if (g->next) g->next->prev = g;
    en->lingering = g;
    shutdown(g->w.fd, SHUT_WR);
    struct epoll_event ev = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = &g->w};
    if (epoll_ctl(en->epoll_fd, EPOLL_CTL_ADD, g->w.fd, &ev)) linger_end(en, g);
  }
}

static void sweep(struct stream_engine *en, int64_t now_ms) {
  for (struct http_stream *st = en->all, *next; st; st = next) {
    next = st->next;
    if (st->out_at < st->out.n) {
      if (now_ms - st->moved_ms > STUCK_MS) leave(st);
      continue;
    }
    if (now_ms - st->moved_ms < COMMENT_MS) continue;
    pthread_mutex_lock(&en->lock);
    if (st->in.n == 0) {
      buf_lit(&st->in, ":\n\n");
      st->behind += st->in.n;
    }
    pthread_mutex_unlock(&en->lock);
    if (!flush(st, now_ms)) leave(st);
  }
  for (struct lingering *g = en->lingering, *next; g; g = next) {
    next = g->next;
    if (g->until_ms <= now_ms) linger_end(en, g);
  }
}

static void *stream_thread(void *arg) {
  struct stream_engine *en = arg;
  struct epoll_event ev[EVENTS];
  int64_t next_sweep_ms = monotonic_ms() + SWEEP_MS;
  for (bool stop = false; !stop;) {
    int64_t now_ms = monotonic_ms();
    if (now_ms >= next_sweep_ms) {
      sweep(en, now_ms);
      next_sweep_ms = now_ms + SWEEP_MS;
    }
    int n = epoll_wait(en->epoll_fd, ev, EVENTS, (int)(next_sweep_ms - now_ms));
    now_ms = monotonic_ms();
    for (int i = 0; i < n; i++) {
      struct watch *w = ev[i].data.ptr;
      uint64_t count;
      switch (w->kind) {
      case WATCH_WAKE:
        (void)!read(w->fd, &count, sizeof count);
        break;
      case WATCH_STREAM:
        on_event((struct http_stream *)w, ev[i].events, now_ms);
        break;
      case WATCH_LINGER:
        linger_read(en, (struct lingering *)w);
        break;
      }
    }
    serve_dirty(en, now_ms);
    take_lingering(en, now_ms);
    pthread_mutex_lock(&en->lock);
    stop = en->stop;
    pthread_mutex_unlock(&en->lock);
  }
  for (bool ended = false; !ended;) {
    for (struct http_stream *st = en->all, *next; st; st = next) {
      next = st->next;
      leave(st);
    }
    serve_dirty(en, monotonic_ms());
    pthread_mutex_lock(&en->lock);
    ended = en->ended = !en->all && !en->dirty;
    pthread_mutex_unlock(&en->lock);
  }
  take_lingering(en, monotonic_ms());
  while (en->lingering) linger_end(en, en->lingering);
  return NULL;
}

/* --- from other threads --------------------------------------------------------------------------
 */

struct stream_engine *stream_engine_create(size_t max_streams, struct err *e) {
  struct stream_engine *en = calloc(1, sizeof *en);
  if (!en) {
    (void)err_set(e, E_NOMEM, "no memory for the event streams");
    return NULL;
  }
  en->refs = 1;
  en->max = max_streams;
  pthread_mutex_init(&en->lock, NULL);
  en->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  en->wake = (struct watch){WATCH_WAKE, eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  struct epoll_event ev = {.events = EPOLLIN, .data.ptr = &en->wake};
  int r = en->epoll_fd < 0 || en->wake.fd < 0
              ? -1
              : epoll_ctl(en->epoll_fd, EPOLL_CTL_ADD, en->wake.fd, &ev);
  if (r == 0) r = pthread_create(&en->thread, NULL, stream_thread, en);
  en->running = r == 0;
  if (en->running) return en;
  (void)err_sys(e, E_UNAVAILABLE, "the event streams cannot start", errno);
  return stream_engine_unref(en);
}

void stream_engine_stop(struct stream_engine *en) {
  if (!en || !en->running) return;
  pthread_mutex_lock(&en->lock);
  en->stop = true;
  pthread_mutex_unlock(&en->lock);
  wake(en);
  pthread_join(en->thread, NULL);
  en->running = false;
}

struct stream_engine *stream_engine_ref(struct stream_engine *en) {
  atomic_fetch_add_explicit(&en->refs, 1, memory_order_relaxed);
  return en;
}

struct stream_engine *stream_engine_unref(struct stream_engine *en) {
  if (!en || atomic_fetch_sub_explicit(&en->refs, 1, memory_order_acq_rel) > 1) return NULL;
  if (en->wake.fd >= 0) close(en->wake.fd);
  if (en->epoll_fd >= 0) close(en->epoll_fd);
  pthread_mutex_destroy(&en->lock);
  free(en);
  return NULL;
}

size_t stream_count(struct stream_engine *en) {
  pthread_mutex_lock(&en->lock);
  size_t n = en->n;
  pthread_mutex_unlock(&en->lock);
  return n;
}

void stream_attach(struct http_stream *st, int fd) {
  struct stream_engine *en = st->en;
  pthread_mutex_lock(&en->lock);
  st->w.fd = fd;
  st->attached = true;
  bool ended = en->ended, first = !ended && mark_dirty(st);
  pthread_mutex_unlock(&en->lock);
  if (first) wake(en);
  /* a request that outlived its server: nobody else closes the stream any more */
  if (ended) destroy(st);
}

void stream_linger(struct stream_engine *en, int fd) {
  struct lingering *g = calloc(1, sizeof *g);
  pthread_mutex_lock(&en->lock);
  bool room = g && en->n_linger < LINGER_MAX && !en->stop;
  if (room) {
    g->w = (struct watch){WATCH_LINGER, fd};
    g->left = LINGER_BYTES;
    g->next = en->new_linger;
    en->new_linger = g;
    en->n_linger++;
  }
  pthread_mutex_unlock(&en->lock);
  if (room) {
    wake(en);
    return;
  }
  close(fd);
  free(g);
}

static void write_head(struct buf *b, const struct http_request *rq) {
  size_t n;
  const struct default_header *d = headers_default(false, &n);
  buf_lit(b, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
             "X-Accel-Buffering: no\r\n");
  for (size_t i = 0; i < n; i++) buf_printf(b, "%s: %s\r\n", d[i].name, d[i].value);
  for (const struct header *h = rq->out.headers; h; h = h->next)
    buf_printf(b, "%s: %s\r\n", h->name.p, h->value.p);
  buf_printf(b, "\r\nretry: %d\n\n", RESTART_MS);
}

int http_stream_open(struct http_request *rq, struct http_stream **ret_stream,
                     void (*closed)(void *arg), void *arg, struct err *e) {
  struct stream_engine *en = rq->box->streams;
  if (rq->head || rq->method != HTTP_GET) return err_set(e, E_METHOD, "an event stream wants GET");
  struct http_stream *st = calloc(1, sizeof *st);
  if (!st) return err_set(e, E_NOMEM, "no memory for an event stream");
  *st = (struct http_stream){.w = {WATCH_STREAM, -1}, .en = en, .closed = closed, .arg = arg};
  st->in = BUF_INIT(STREAM_BEHIND_MAX + KIB(1));
  st->out = st->in;
  write_head(&st->in, rq);
  st->behind = st->in.n;
  pthread_mutex_lock(&en->lock);
  bool room = buf_ok(&st->in) && en->n < en->max && !en->stop;
  if (room) en->n++;
  pthread_mutex_unlock(&en->lock);
  int r = room ? reply_open_stream(rq, st) : -E_BUSY;
  if (r == 0) {
    *ret_stream = st;
    return 0;
  }
  if (room) {
    pthread_mutex_lock(&en->lock);
    en->n--;
    pthread_mutex_unlock(&en->lock);
  }
  buf_done(&st->in);
  free(st);
  return err_set(e, -r, "no event stream can be opened");
}

static void add_data(struct buf *b, struct str data) {
  if (!data.p) data = S("");
  while (data.p) {
    struct str line = str_split(&data, '\n');
    if (line.n && line.p[line.n - 1] == '\r') line.n--;
    buf_lit(b, "data: ");
    buf_str_add(b, line);
    buf_char(b, '\n');
  }
}

static bool one_line(struct str s) {
  for (size_t i = 0; i < s.n; i++)
    if (s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == '\0') return false;
  return true;
}

int http_stream_push(struct http_stream *st, const char *event, struct str data, struct str id) {
  struct stream_engine *en = st->en;
  struct str name = str_from(event);
  if (!one_line(name) || !one_line(id)) return -E_INVALID;
  bool first = false;
  pthread_mutex_lock(&en->lock);
  int r = st->gone || st->ending ? -E_GONE : 0;
  if (r == 0) {
    size_t before = st->in.n;
    if (name.n) {
      buf_lit(&st->in, "event: ");
      buf_str_add(&st->in, name);
      buf_char(&st->in, '\n');
    }
    if (id.n) {
      buf_lit(&st->in, "id: ");
      buf_str_add(&st->in, id);
      buf_char(&st->in, '\n');
    }
    add_data(&st->in, data);
    buf_char(&st->in, '\n');
    st->behind += st->in.n - before;
    if (!buf_ok(&st->in) || st->behind > STREAM_BEHIND_MAX) {
      /* the client comes back and asks for what it missed */
      st->ending = st->cut = true;
      r = -E_GONE;
    }
    first = mark_dirty(st);
  }
  pthread_mutex_unlock(&en->lock);
  if (first) wake(en);
  return r;
}

void http_stream_end(struct http_stream *st) {
  struct stream_engine *en = st->en;
  pthread_mutex_lock(&en->lock);
  st->ending = true;
  bool first = !st->gone && mark_dirty(st);
  pthread_mutex_unlock(&en->lock);
  if (first) wake(en);
}
