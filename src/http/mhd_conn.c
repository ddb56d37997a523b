#include "http/mhd.h"
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CROWDED_IDLE_MS = 2000 };

static void enter(struct conn *c, enum phase phase, int64_t ms) {
  c->phase = phase;
  c->deadline_ms = monotonic_ms() + ms;
}

static void name_peer(struct conn *c, const struct sockaddr *sa) {
  socklen_t n =
      sa->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
  if (getnameinfo(sa, n, c->peer, sizeof c->peer, NULL, 0, NI_NUMERICHOST)) c->peer[0] = '\0';
}

static void on_open(struct loop *l, struct MHD_Connection *mc, void **socket_cls) {
  struct conn *c = calloc(1, sizeof *c);
  if (!c) return; /* its requests are refused one by one */
  c->loop = l;
  c->mc = mc;
  c->fd = MHD_get_connection_info(mc, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  const union MHD_ConnectionInfo *who =
      MHD_get_connection_info(mc, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (who && who->client_addr) name_peer(c, who->client_addr);
  c->next = l->conns;
  if (c->next) c->next->prev = c;
  l->conns = c;
  l->n_conns++;
  atomic_fetch_add(&l->s->connections, 1);
  enter(c, PHASE_HEADER, l->s->o.header_ms);
  *socket_cls = c;
}

static void on_close(struct loop *l, void **socket_cls) {
  struct conn *c = *socket_cls;
  if (!c) return;
  if (c->linger && !c->handed) {
    int fd = dup(c->fd);
    if (fd >= 0) stream_linger(l->s->streams, fd);
  }
  if (c->prev)
    c->prev->next = c->next;
  else
    l->conns = c->next;
  if (c->next) c->next->prev = c->prev;
  l->n_conns--;
  l->again = true;
  atomic_fetch_sub(&l->s->connections, 1);
  free(c);
  *socket_cls = NULL;
}

void conn_notify(void *cls, struct MHD_Connection *mc, void **socket_cls,
                 enum MHD_ConnectionNotificationCode what) {
  if (what == MHD_CONNECTION_NOTIFY_STARTED)
    on_open(cls, mc, socket_cls);
  else
    on_close(cls, socket_cls);
}

static struct conn *conn_of(struct MHD_Connection *mc) {
  return MHD_get_connection_info(mc, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* The request line is in: the first that is heard of a request. */
void *conn_uri(void *cls, const char *uri, struct MHD_Connection *mc) {
  struct loop *l = cls;
  struct conn *c = conn_of(mc);
  if (!c) return NULL;
  /* a fresh connection's ten seconds have been running since it was made */
  if (c->phase == PHASE_IDLE) enter(c, PHASE_HEADER, l->s->o.header_ms);
  c->rq = rq_create(c, uri);
  return c->rq;
}

static bool parse_method(const char *text, enum http_method *ret_m, bool *ret_head) {
  static const struct {
    const char *name;
    enum http_method m;
  } known[] = {{"GET", HTTP_GET}, {"HEAD", HTTP_GET},    {"POST", HTTP_POST},
               {"PUT", HTTP_PUT}, {"PATCH", HTTP_PATCH}, {"DELETE", HTTP_DELETE}};
  for (size_t i = 0; i < ARRAY_LEN(known); i++)
    if (strcmp(text, known[i].name) == 0) {
      *ret_m = known[i].m;
      *ret_head = i == 1;
      return true;
    }
  return false;
}

static int check_head(struct http_request *rq, struct MHD_Connection *mc, const char *method,
                      bool *ret_body_comes, struct err *e) {
  struct http_server *s = rq->loop->s;
  *ret_body_comes = true; /* until it is known better */
  int r = rq_read_head(rq, mc, e);
  if (r) return r;
  struct str length = http_header(rq, MHD_HTTP_HEADER_CONTENT_LENGTH);
  bool chunked = http_header(rq, MHD_HTTP_HEADER_TRANSFER_ENCODING).p != NULL;
  int64_t n = 0;
  if (length.p && parse_i64(length, 0, INT64_MAX, &n)) n = INT64_MAX;
  *ret_body_comes = chunked || n > 0;
  r = url_parse(rq->a, rq->raw_uri, &rq->url, e);
  if (r) return r;
  if (!parse_method(method, &rq->method, &rq->head))
    return err_set(e, E_METHOD, "the method is not one of GET, HEAD, POST, PUT, PATCH, DELETE");
  if (rq->loop->closing) return err_set(e, E_UNAVAILABLE, "the server is stopping");
  size_t limit =
      s->o.body_limit ? s->o.body_limit(s->o.arg, rq->method, rq->url.path) : LIMIT_BODY_DEFAULT;
  if (limit == 0) return err_set(e, E_NOT_FOUND, NULL);
  if (n > 0 && (uint64_t)n > limit) return err_set(e, E_TOO_LARGE, "the body is over the limit");
  rq->body = BUF_INIT(limit);
  return 0;
}

void conn_moved(struct http_request *rq, size_t n) {
  struct conn *c = rq->conn;
  if (!c) return;
  /* time saved is not kept: the socket's buffers swallow the first megabytes of any answer */
  int64_t more_ms = c->deadline_ms + (int64_t)n / HTTP_SEND_BYTES_PER_MS;
  int64_t most_ms = monotonic_ms() + rq->loop->s->o.reply_ms;
  c->deadline_ms = more_ms < most_ms ? more_ms : most_ms;
}

static void start_sending(struct http_request *rq) {
  struct http_server *s = rq->loop->s;
  enter(rq->conn, PHASE_SENDING, s->o.reply_ms);
}

static enum MHD_Result begin(struct http_request *rq, struct MHD_Connection *mc,
                             const char *method) {
  struct http_server *s = rq->loop->s;
  bool body_comes;
  rq->begun = true;
  atomic_fetch_add(&s->requests, 1);
  int r = check_head(rq, mc, method, &body_comes, &rq->refusal);
  if (r) atomic_fetch_add(&s->refused, 1);
  if (r && body_comes) {
    /* answered before the body is read: the connection cannot be kept */
    rq->conn->linger = true;
    start_sending(rq);
    return reply_problem(rq, mc, &rq->refusal);
  }
  if (body_comes) enter(rq->conn, PHASE_BODY, s->o.body_ms);
  return MHD_YES;
}

static enum MHD_Result take_body(struct http_request *rq, const char *data, size_t n) {
  struct mailbox *box = rq->box;
  size_t share = LIMIT_BODY_TOTAL / rq->loop->s->n_loops;
  if (atomic_fetch_add(&box->body_bytes, n) + n > share) {
    atomic_fetch_sub(&box->body_bytes, n);
    atomic_fetch_add(&rq->loop->s->refused, 1);
    reply_raw(rq->conn, 503, "Service Unavailable");
    return MHD_NO;
  }
  rq->body_held += n;
  bool fits = n <= rq->body.max - rq->body.n;
  buf_add(&rq->body, data, n);
  if (buf_ok(&rq->body)) return MHD_YES;
  /* The library takes no answer in the middle of a body, so it is said on the bare socket. */
  atomic_fetch_add(&rq->loop->s->refused, 1);
  if (fits)
    reply_raw(rq->conn, 503, "Service Unavailable");
  else
    reply_raw(rq->conn, 413, "Content Too Large");
  return MHD_NO;
}

static enum MHD_Result answer(struct http_request *rq, struct MHD_Connection *mc) {
  if (atomic_load(&rq->state) == RQ_GIVEN_UP) {
    struct err e = {0};
    (void)err_set(&e, E_TIMEOUT, "the answer took too long");
    start_sending(rq);
    return reply_problem(rq, mc, &e);
  }
  start_sending(rq);
  return reply_queue(rq, mc);
}

/* From now on the application, should it answer, is not heard. False where it has answered. */
static bool give_up(struct http_request *rq) {
  int expected = RQ_PENDING;
  return atomic_compare_exchange_strong(&rq->state, &expected, RQ_GIVEN_UP);
}

static enum MHD_Result dispatch(struct http_request *rq, struct MHD_Connection *mc) {
  struct loop *l = rq->loop;
  struct conn *c = rq->conn;
  rq->handled = true;
  rq->fd = c->fd;
  rq->reply_ms = l->s->o.reply_ms;
  enter(c, PHASE_HANDLING, rq->reply_ms);
  rq_ref(rq); /* the application's */
  l->s->o.handle(l->s->o.arg, rq);
  /* Only the loop's own fields may be read now where the request was handed to another thread:
   * `suspended` was written before that, and stays. */
  if (rq->suspended) {
    if (atomic_load(&rq->state) == RQ_ANSWERED) return answer(rq, mc);
    if (l->closing && give_up(rq)) return answer(rq, mc);
    c->deadline_ms = monotonic_ms() + rq->reply_ms;
    rq->mhd_suspended = true;
    atomic_fetch_add(&l->s->suspended, 1);
    MHD_suspend_connection(mc);
    return MHD_YES;
  }
  if (!rq->given) {
    struct err e = {0};
    (void)err_set(&e, E_BUG, "a handler returned without a reply");
    atomic_store(&rq->state, RQ_GIVEN_UP);
    rq_unref(rq);
    start_sending(rq);
    return reply_problem(rq, mc, &e);
  }
  rq_unref(rq);
  return answer(rq, mc);
}

enum MHD_Result conn_request(void *cls, struct MHD_Connection *mc, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *size, void **req_cls) {
  struct http_request *rq = *req_cls;
  (void)cls, (void)url, (void)version;
  if (!rq) return MHD_NO; /* no memory for it */
  if (!rq->begun) return begin(rq, mc, method);
  if (*size) {
    enum MHD_Result r = take_body(rq, data, *size);
    *size = 0;
    return r;
  }
  if (rq->refusal.code) {
    start_sending(rq);
    return reply_problem(rq, mc, &rq->refusal);
  }
  return rq->handled ? answer(rq, mc) : dispatch(rq, mc);
}

void conn_completed(void *cls, struct MHD_Connection *mc, void **req_cls,
                    enum MHD_RequestTerminationCode why) {
  struct loop *l = cls;
  struct http_request *rq = *req_cls;
  (void)mc, (void)why;
  *req_cls = NULL;
  if (!rq) return;
  struct conn *c = rq->conn;
  rq->conn = NULL;
  c->rq = NULL;
  enter(c, PHASE_IDLE, l->s->o.idle_ms);
  if (l->quiet) c->deadline_ms = 0;
  rq_unref(rq);
}

static void resume(struct http_request *rq) {
  rq->mhd_suspended = false;
  atomic_fetch_sub(&rq->loop->s->suspended, 1);
  MHD_resume_connection(rq->conn->mc);
}

void conn_answered(struct loop *l, struct http_request *rq) {
  (void)l;
  if (rq->mhd_suspended) resume(rq);
  rq_unref(rq);
}

static void expire(struct conn *c) {
  struct http_server *s = c->loop->s;
  struct http_request *rq = c->rq;
  switch (c->phase) {
  case PHASE_HANDLING:
    if (rq && rq->mhd_suspended && give_up(rq)) {
      atomic_fetch_add(&s->timeouts, 1);
      resume(rq);
    }
    c->deadline_ms = INT64_MAX;
    return;
  case PHASE_HEADER:
  case PHASE_BODY:
    atomic_fetch_add(&s->timeouts, 1);
    if (rq) reply_raw(c, 408, "Request Timeout");
    /* The library reads an end of file and closes; where it does not, the hard way follows. */
    shutdown(c->fd, SHUT_RD);
    enter(c, PHASE_CLOSING, 1000);
    return;
  case PHASE_SENDING:
    atomic_fetch_add(&s->timeouts, 1);
    /* what it has not read is thrown away, not kept in the kernel for minutes */
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    shutdown(c->fd, SHUT_RDWR);
    c->deadline_ms = INT64_MAX;
    return;
  case PHASE_IDLE:
  case PHASE_CLOSING:
    shutdown(c->fd, SHUT_RDWR);
    c->deadline_ms = INT64_MAX;
    return;
  }
}

void conn_sweep(struct loop *l, int64_t now_ms) {
  /* Nearly full: who only keeps a place for later gives it up sooner. */
  bool crowded = l->n_conns >= l->limit - l->limit / 8;
  int64_t idle_ms = l->s->o.idle_ms,
          sooner_ms = crowded && idle_ms > CROWDED_IDLE_MS ? idle_ms - CROWDED_IDLE_MS : 0;
  for (struct conn *c = l->conns, *next; c; c = next) {
    next = c->next;
    if (c->deadline_ms - (c->phase == PHASE_IDLE ? sooner_ms : 0) <= now_ms) expire(c);
  }
}

void conn_hang_up_idle(struct loop *l) {
  for (struct conn *c = l->conns; c; c = c->next)
    if (c->phase == PHASE_IDLE || (c->phase == PHASE_HEADER && !c->rq)) c->deadline_ms = 0;
}

void conn_give_up_all(struct loop *l) {
  for (struct conn *c = l->conns; c; c = c->next)
    if (c->phase == PHASE_HANDLING) c->deadline_ms = 0;
}

bool conn_any_suspended(const struct loop *l) {
  for (const struct conn *c = l->conns; c; c = c->next)
    if (c->rq && c->rq->mhd_suspended) return true;
  return false;
}
