#include "http/mhd.h"
#include <poll.h>
#include <stdlib.h>
#include <strings.h>

struct http_request *rq_create(struct conn *c, const char *uri) {
  struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  struct http_request *rq = a ? calloc(1, sizeof *rq) : NULL;
  if (!rq) {
    arena_free(a);
    return NULL;
  }
  rq->refs = 1;
  rq->state = RQ_PENDING;
  rq->box = mailbox_ref(c->loop->box);
  rq->a = a;
  rq->loop = c->loop;
  rq->conn = c;
  rq->raw_uri = arena_dup(a, str_from(uri ? uri : ""));
  rq->peer = arena_dup(a, str_from(c->peer));
  rq->out.last = &rq->out.headers;
  return rq;
}

struct http_request *rq_ref(struct http_request *rq) {
  atomic_fetch_add_explicit(&rq->refs, 1, memory_order_relaxed);
  return rq;
}

void rq_unref(struct http_request *rq) {
  if (!rq || atomic_fetch_sub_explicit(&rq->refs, 1, memory_order_acq_rel) > 1) return;
  if (rq->out.stream) stream_attach(rq->out.stream, -1);
  if (rq->out.stop) rq->out.stop(rq->out.arg);
  atomic_fetch_sub(&rq->box->body_bytes, rq->body_held);
  buf_done(&rq->body);
  free(rq->out.owned);
  arena_free(rq->a);
  mailbox_unref(rq->box);
  free(rq);
}

static enum MHD_Result take_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                   size_t key_n, const char *value, size_t value_n) {
  struct http_request *rq = cls;
  (void)kind;
  struct header *h = &rq->in[rq->n_in++];
  /* NUL-ended copies: what looks for a value may hand it to the C library */
  h->name = (struct str){arena_strz(rq->a, (struct str){key, key_n}), key_n};
  struct str v = str_trim((struct str){value, value_n});
  h->value = (struct str){arena_strz(rq->a, v), v.n};
  return MHD_YES;
}

static size_t count(const struct http_request *rq, const char *name) {
  size_t n = 0;
  for (size_t i = 0; i < rq->n_in; i++) n += strcasecmp(rq->in[i].name.p, name) == 0;
  return n;
}

int rq_read_head(struct http_request *rq, struct MHD_Connection *mc, struct err *e) {
  int n = MHD_get_connection_values_n(mc, MHD_HEADER_KIND, NULL, NULL);
  if (n > HTTP_HEADERS_MAX) return err_set(e, E_MALFORMED, "too many header lines");
  rq->in = arena_array(rq->a, struct header, n > 0 ? (size_t)n : 1);
  if (!rq->in || arena_failed(rq->a)) return err_set(e, E_NOMEM, "no memory for the header");
  MHD_get_connection_values_n(mc, MHD_HEADER_KIND, take_header, rq);
  if (arena_failed(rq->a)) return err_set(e, E_NOMEM, "no memory for the header");
  /* Two readings of where a body ends are how a request is smuggled past a proxy. */
  size_t lengths = count(rq, MHD_HTTP_HEADER_CONTENT_LENGTH);
  size_t codings = count(rq, MHD_HTTP_HEADER_TRANSFER_ENCODING);
  if (lengths > 1 || codings > 1 || (lengths && codings))
    return err_set(e, E_MALFORMED, "the length of the body is given twice");
  struct str coding = http_header(rq, MHD_HTTP_HEADER_TRANSFER_ENCODING);
  if (coding.p && strcasecmp(coding.p, "chunked") != 0)
    return err_set(e, E_MALFORMED, "unknown transfer coding");
  if (count(rq, MHD_HTTP_HEADER_HOST) > 1) return err_set(e, E_MALFORMED, "two Host lines");
  return 0;
}

struct arena *http_arena(struct http_request *rq) {
  return rq->a;
}
enum http_method http_method(const struct http_request *rq) {
  return rq->method;
}
struct str http_path(const struct http_request *rq) {
  return rq->url.path;
}
struct str http_body(const struct http_request *rq) {
  return buf_str(&rq->body);
}
struct str http_peer(const struct http_request *rq) {
  return rq->peer;
}
void http_set_deadline(struct http_request *rq, int64_t ms) {
  rq->reply_ms = ms;
}
void http_suspend(struct http_request *rq) {
  rq->suspended = true;
}

/* The library looks away from a suspended connection. Once the request has been given up the
 * descriptor may be another's, so that is asked first; it is looked at, never touched. */
bool http_left(const struct http_request *rq) {
  struct pollfd fd = {.fd = rq->fd, .events = POLLRDHUP};
  if (atomic_load(&rq->state) == RQ_GIVEN_UP) return true;
  return poll(&fd, 1, 0) > 0 && fd.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL);
}

struct str http_header(const struct http_request *rq, const char *name) {
  for (size_t i = 0; i < rq->n_in; i++)
    if (strcasecmp(rq->in[i].name.p, name) == 0) return rq->in[i].value;
  return (struct str){NULL, 0};
}

struct str http_cookie(const struct http_request *rq, const char *name) {
  struct str want = str_from(name);
  for (size_t i = 0; i < rq->n_in; i++) {
    if (strcasecmp(rq->in[i].name.p, MHD_HTTP_HEADER_COOKIE) != 0) continue;
    struct str rest = rq->in[i].value;
    while (rest.p) {
      struct str pair = str_trim(str_split(&rest, ';'));
      struct str key = str_split(&pair, '=');
      if (pair.p && str_eq(key, want)) return pair;
    }
  }
  return (struct str){NULL, 0};
}

struct str http_arg(const struct http_request *rq, const char *name) {
  return url_arg(&rq->url, str_from(name));
}

void http_each_arg(const struct http_request *rq, void (*fn)(void *, struct str k, struct str v),
                   void *arg) {
  for (size_t i = 0; i < rq->url.n_args; i++) fn(arg, rq->url.args[i].key, rq->url.args[i].value);
}
