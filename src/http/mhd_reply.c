#include "base/log.h"
#include "http/accept.h"
#include "http/headers.h"
#include "http/mhd.h"
#include "json/problem.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

enum { CHUNK = 32 * 1024, GZIP_KEPT = 8, GZIP_WRAPPER = 16 };

/* --- compression: a deflate state is 260 KiB, so a few are kept ------------------------------- */

struct gzip_pool {
  pthread_mutex_t lock;
  z_stream *kept[GZIP_KEPT];
  size_t n;
};

struct gz {
  struct gzip_pool *pool;
  z_stream *z;
};

struct gzip_pool *gzip_pool_create(void) {
  struct gzip_pool *p = calloc(1, sizeof *p);
  if (p) pthread_mutex_init(&p->lock, NULL);
  return p;
}

struct gzip_pool *gzip_pool_free(struct gzip_pool *p) {
  if (!p) return NULL;
  for (size_t i = 0; i < p->n; i++) {
    deflateEnd(p->kept[i]);
    free(p->kept[i]);
  }
  pthread_mutex_destroy(&p->lock);
  free(p);
  return NULL;
}

static z_stream *gzip_take(struct gzip_pool *p) {
  z_stream *z = NULL;
  pthread_mutex_lock(&p->lock);
  if (p->n) z = p->kept[--p->n];
  pthread_mutex_unlock(&p->lock);
  if (z) return z;
  z = calloc(1, sizeof *z);
  if (!z) return NULL;
  if (deflateInit2(z, 1, Z_DEFLATED, 15 + GZIP_WRAPPER, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    free(z);
    return NULL;
  }
  return z;
}

static void gzip_give_back(struct gzip_pool *p, z_stream *z) {
  deflateReset(z);
  pthread_mutex_lock(&p->lock);
  bool kept = p->n < GZIP_KEPT;
  if (kept) p->kept[p->n++] = z;
  pthread_mutex_unlock(&p->lock);
  if (kept) return;
  deflateEnd(z);
  free(z);
}

static const struct header *find_header(const struct reply *out, const char *name) {
  for (const struct header *h = out->headers; h; h = h->next)
    if (strcasecmp(h->name.p, name) == 0) return h;
  return NULL;
}

static bool may_zip(const struct http_request *rq) {
  const struct reply *out = &rq->out;
  return !out->chunks && out->body.n >= HTTP_GZIP_FROM && out->type &&
         headers_type_is_text(str_from(out->type)) && !find_header(out, "Content-Encoding");
}

/* The whole body at once; false leaves it as it is. */
static bool zip_now(struct http_request *rq, struct gzip_pool *pool) {
  struct reply *out = &rq->out;
  z_stream *z = gzip_take(pool);
  if (!z) return false;
  size_t cap = out->body.n; /* a result that is not smaller is not wanted */
  char *to = malloc(cap);
  bool ok = false;
  if (to) {
    z->next_in = (Bytef *)(uintptr_t)out->body.p;
    z->avail_in = (uInt)out->body.n;
    z->next_out = (Bytef *)to;
    z->avail_out = (uInt)cap;
    ok = deflate(z, Z_FINISH) == Z_STREAM_END;
  }
  size_t n = cap - z->avail_out;
  gzip_give_back(pool, z);
  if (!ok) {
    free(to);
    return false;
  }
  free(out->owned);
  out->owned = to;
  out->body = (struct str){to, n};
  return true;
}

static ssize_t zip_fill(void *cls, uint64_t pos, char *to, size_t max) {
  struct http_request *rq = cls;
  z_stream *z = rq->out.gz->z;
  (void)pos;
  z->next_out = (Bytef *)to;
  z->avail_out = (uInt)max;
  int r = deflate(z, Z_FINISH);
  size_t n = max - z->avail_out;
  conn_moved(rq, n);
  if (n) return (ssize_t)n;
  return r == Z_STREAM_END ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void zip_done(void *cls) {
  struct http_request *rq = cls;
  gzip_give_back(rq->out.gz->pool, rq->out.gz->z);
  rq_unref(rq);
}

static struct MHD_Response *zip_as_read(struct http_request *rq, struct gzip_pool *pool) {
  struct reply *out = &rq->out;
  z_stream *z = out->body.n <= UINT32_MAX ? gzip_take(pool) : NULL;
  if (!z) return NULL;
  struct gz *gz = arena_new(rq->a, struct gz);
  *gz = (struct gz){pool, z};
  z->next_in = (Bytef *)(uintptr_t)out->body.p;
  z->avail_in = (uInt)out->body.n;
  out->gz = gz;
  struct MHD_Response *resp =
      arena_failed(rq->a) ? NULL
                          : MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, CHUNK, zip_fill,
                                                              rq_ref(rq), zip_done);
  if (!resp) {
    gzip_give_back(pool, z);
    if (!arena_failed(rq->a)) rq_unref(rq);
  }
  return resp;
}

/* --- what goes to the library ------------------------------------------------------------------
 */

static ssize_t chunk_fill(void *cls, uint64_t pos, char *to, size_t max) {
  struct http_request *rq = cls;
  (void)pos;
  ssize_t n = rq->out.fill(rq->out.arg, to, max);
  if (n > 0) conn_moved(rq, (size_t)n);
  if (n > 0) return n;
  return n == 0 ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

/* A large body goes out piece by piece as well, so that it is seen whether it moves. */
static ssize_t piece_fill(void *cls, uint64_t pos, char *to, size_t max) {
  struct http_request *rq = cls;
  struct str rest = str_sub(rq->out.body, (size_t)pos, max);
  if (rest.n == 0) return MHD_CONTENT_READER_END_WITH_ERROR;
  memcpy(to, rest.p, rest.n);
  conn_moved(rq, rest.n);
  return (ssize_t)rest.n;
}

static void chunk_done(void *cls) {
  rq_unref(cls);
}

static enum MHD_Result submit(struct http_request *rq, struct MHD_Connection *mc, int status,
                              struct MHD_Response *resp) {
  if (rq->loop->quiet) MHD_add_response_header(resp, "Connection", "close");
  enum MHD_Result r = MHD_queue_response(mc, (unsigned)status, resp);
  MHD_destroy_response(resp);
  return r;
}

static enum MHD_Result hand_to_stream(struct http_request *rq) {
  struct conn *c = rq->conn;
  struct http_stream *st = rq->out.stream;
  rq->out.stream = NULL;
  int fd = dup(c->fd);
  if (fd >= 0) c->handed = true;
  stream_attach(st, fd);
  /* The library closes its own descriptor without shutting the connection down (MHD_USE_TURBO);
   * the duplicate goes on. */
  return MHD_NO;
}

enum MHD_Result reply_queue(struct http_request *rq, struct MHD_Connection *mc) {
  struct reply *out = &rq->out;
  if (out->stream) return hand_to_stream(rq);
  if (arena_failed(rq->a)) {
    struct err e = {0};
    (void)err_set(&e, E_NOMEM, "the request needs too much memory");
    return reply_problem(rq, mc, &e);
  }
  struct gzip_pool *pool = rq->loop->s->gzip;
  struct MHD_Response *resp = NULL;
  bool zippable = may_zip(rq), zipped = false;
  if (zippable && accepts_gzip(http_header(rq, "Accept-Encoding"))) {
    if (out->body.n > HTTP_AT_ONCE)
      zipped = (resp = zip_as_read(rq, pool)) != NULL;
    else
      zipped = zip_now(rq, pool);
  }
  if (!resp && (out->chunks || out->body.n > HTTP_AT_ONCE)) {
    uint64_t size = out->chunks ? MHD_SIZE_UNKNOWN : out->body.n;
    resp = MHD_create_response_from_callback(size, CHUNK, out->chunks ? chunk_fill : piece_fill,
                                             rq_ref(rq), chunk_done);
    if (!resp) rq_unref(rq);
  } else if (!resp) {
    resp = MHD_create_response_from_buffer(out->body.n, (void *)(uintptr_t)out->body.p,
                                           MHD_RESPMEM_PERSISTENT);
  }
  if (!resp) return MHD_NO;
  if (out->type) MHD_add_response_header(resp, "Content-Type", out->type);
  if (zipped) MHD_add_response_header(resp, "Content-Encoding", "gzip");
  if (zippable) MHD_add_response_header(resp, "Vary", "Accept-Encoding");
  size_t n;
  bool page = out->type && headers_type_is_page(str_from(out->type));
  const struct default_header *d = headers_default(page, &n);
  for (size_t i = 0; i < n; i++)
    if (!find_header(out, d[i].name)) MHD_add_response_header(resp, d[i].name, d[i].value);
  for (const struct header *h = out->headers; h; h = h->next)
    MHD_add_response_header(resp, h->name.p, h->value.p);
  return submit(rq, mc, out->status, resp);
}

static struct MHD_Response *problem_response(const struct err *e) {
  struct buf b = BUF_INIT(KIB(4));
  struct jw w;
  jw_init(&w, &b);
  problem_document(&w, e, NULL);
  if (!buf_ok(&b)) {
    buf_done(&b);
    return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
  }
  struct MHD_Response *resp = MHD_create_response_from_buffer(b.n, b.p, MHD_RESPMEM_MUST_FREE);
  if (!resp) buf_done(&b);
  return resp;
}

/* Looks at nothing that the application may be writing: a given-up request is still its own. */
enum MHD_Result reply_problem(struct http_request *rq, struct MHD_Connection *mc,
                              const struct err *e) {
  struct MHD_Response *resp = problem_response(e);
  if (!resp) return MHD_NO;
  int status = err_http(e->code);
  MHD_add_response_header(resp, "Content-Type", "application/problem+json");
  if (status == 503) MHD_add_response_header(resp, "Retry-After", "5");
  if (status == 405) MHD_add_response_header(resp, "Allow", "GET, HEAD, POST, PUT, PATCH, DELETE");
  size_t n;
  const struct default_header *d = headers_default(false, &n);
  for (size_t i = 0; i < n; i++) MHD_add_response_header(resp, d[i].name, d[i].value);
  return submit(rq, mc, status, resp);
}

void reply_raw(struct conn *c, int status, const char *reason) {
  char text[512];
  int n = snprintf(text, sizeof text,
                   "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\n"
                   "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                   "Connection: close\r\n\r\n"
                   "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"code\":\"%s\"}",
                   status, reason, reason, status,
                   status == 413   ? "too_large"
                   : status == 408 ? "timeout"
                                   : "busy");
  if (n > 0 && (size_t)n < sizeof text)
    (void)!send(c->fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
  c->linger = true;
}

/* --- the application's side ---------------------------------------------------------------------
 */

void http_add_header(struct http_request *rq, const char *name, struct str value) {
  if (rq->given || !value.p) return;
  for (size_t i = 0; i < value.n; i++)
    if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f) return;
  struct header *h = arena_new(rq->a, struct header);
  h->name.p = arena_strz(rq->a, str_from(name));
  h->value.p = arena_strz(rq->a, value);
  if (arena_failed(rq->a)) return;
  *rq->out.last = h;
  rq->out.last = &h->next;
}

static bool take_turn(struct http_request *rq) {
  if (rq->given) {
    log_error("http", "bug=\"a request was answered twice\"");
    return false;
  }
  rq->given = true;
  return true;
}

/* After this the request is not the application's any more. */
static void publish(struct http_request *rq) {
  bool from_elsewhere = rq->suspended;
  int expected = RQ_PENDING;
  if (atomic_compare_exchange_strong(&rq->state, &expected, RQ_ANSWERED)) {
    if (from_elsewhere) mailbox_post(rq->box, rq);
  } else if (from_elsewhere) {
    rq_unref(rq); /* too late: somebody else has answered in its place */
  }
}

void http_reply(struct http_request *rq, int status, const char *content_type, struct str body,
                enum http_body_kind kind) {
  if (!take_turn(rq)) return;
  struct reply *out = &rq->out;
  out->status = status;
  out->type = content_type;
  out->body = body;
  if (kind == HTTP_COPY && body.n) {
    out->owned = malloc(body.n);
    if (out->owned) {
      memcpy(out->owned, body.p, body.n);
      out->body.p = out->owned;
    } else {
      *out = (struct reply){.status = 503};
    }
  }
  publish(rq);
}

void http_reply_chunks(struct http_request *rq, int status, const char *content_type,
                       ssize_t (*fill)(void *arg, char *out, size_t max), void (*stop)(void *arg),
                       void *arg) {
  if (!take_turn(rq)) {
    if (stop) stop(arg);
    return;
  }
  struct reply *out = &rq->out;
  out->status = status;
  out->type = content_type;
  out->chunks = true;
  out->fill = fill;
  out->stop = stop;
  out->arg = arg;
  publish(rq);
}

int reply_open_stream(struct http_request *rq, struct http_stream *st) {
  if (!take_turn(rq)) return -E_BUG;
  if (atomic_load(&rq->state) != RQ_PENDING) {
    rq->given = false;
    return -E_TIMEOUT;
  }
  rq->out.stream = st;
  publish(rq);
  return 0;
}
