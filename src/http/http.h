/* The one facade over the HTTP library: no handler sees the library. A request owns an arena; all
 * that handlers take from it goes when the reply has been sent. Handlers run on the server's
 * threads; a handler either replies before it returns, or calls http_suspend() and replies later
 * from any thread, exactly once. Deadlines: header 10 s, body 30 s, reply 60 s; a suspended
 * request that is not answered in time gets 503 and its late answer is dropped. Until it has
 * replied, the side that holds a suspended request may use it and its arena, also after that 503;
 * having replied, it touches neither again. http_suspend() itself touches nothing that a reply
 * releases, but it is the handler's last use of the request.
 *
 * A body is buffered up to the route's limit, known before the first byte of it is stored. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include <sys/types.h>

enum http_method { HTTP_GET = 1, HTTP_POST = 2, HTTP_PUT = 4, HTTP_PATCH = 8, HTTP_DELETE = 16 };

struct http_request; /* opaque */
struct http_server;

struct http_options {
  const char *listen; /* "127.0.0.1:8420", "[::1]:0"; port 0 takes a free one */
  size_t threads;     /* >= 2 */
  size_t max_connections;
  size_t max_streams; /* 0: LIMIT_STREAMS */
  /* The body limit for this method and path, asked when the header is in; return 0 to refuse with
   * 404 at once. A handler that needs longer than reply_ms says so by http_set_deadline(). */
  size_t (*body_limit)(void *arg, enum http_method m, struct str path);
  void (*handle)(void *arg, struct http_request *rq);
  void *arg;
  int64_t header_ms, body_ms, reply_ms; /* 0: the defaults */
  int64_t idle_ms; /* a kept connection waits that long for its next request; 0: 75 s */
};
_must_check_ int http_start(const struct http_options *o, struct http_server **ret_server,
                            struct err *e);
int http_port(const struct http_server *s);
/* Stops accepting, answers what is under way (suspended ones get 503 after `grace_ms`), closes
 * streams, frees all. */
struct http_server *http_stop(struct http_server *s, int64_t grace_ms);

struct arena *http_arena(struct http_request *rq);
enum http_method http_method(const struct http_request *rq);
struct str http_path(const struct http_request *rq); /* decoded, "/api/v1/units" */
struct str http_body(const struct http_request *rq);
/* Borrowed; p == NULL where absent. Names without case. */
struct str http_header(const struct http_request *rq, const char *name);
struct str http_cookie(const struct http_request *rq, const char *name);
/* Query arguments, decoded. */
struct str http_arg(const struct http_request *rq, const char *name);
void http_each_arg(const struct http_request *rq, void (*fn)(void *, struct str k, struct str v),
                   void *arg);
struct str http_peer(const struct http_request *rq); /* address text, for limits and audit */
/* The whole header list of the request, for logs and tests. */
/* From within the handler: the reply may take that long from now. */
void http_set_deadline(struct http_request *rq, int64_t ms);
/* The handler's own pointer, kept with the request. */

/* Replies. Headers are added before the reply is given; name and value are copied, and one that
 * holds a line break is left out. The body is copied, unless it lies in the request's arena or is
 * static (then pass `HTTP_BORROWED`). `content_type` must be static. Security headers and
 * `Cache-Control: no-store` are added unless the handler set its own (headers.h). Text over 1 KiB
 * goes out gzipped where the client takes it and the handler set no Content-Encoding; such
 * answers must not mix secrets with what the caller sent. A reply on a failed arena becomes 503. */
enum http_body_kind { HTTP_COPY, HTTP_BORROWED };
void http_add_header(struct http_request *rq, const char *name, struct str value);
void http_reply(struct http_request *rq, int status, const char *content_type, struct str body,
                enum http_body_kind kind);
/* Long answers piece by piece (exports): `fill` writes up to max bytes, 0 at the end, -1 to cut
 * the connection; called on the library's threads as the client reads; `stop` always last. */
void http_reply_chunks(struct http_request *rq, int status, const char *content_type,
                       ssize_t (*fill)(void *arg, char *out, size_t max), void (*stop)(void *arg),
                       void *arg);

/* The client of a suspended request has closed its side, or has been told 503 already: nobody waits
 * for the answer. By whoever holds the request. */
bool http_left(const struct http_request *rq);

/* Between suspend and the reply the request may be answered by another thread. Called by the
 * handler, before the request is handed to that thread. */
void http_suspend(struct http_request *rq);

/* Event streams (text/event-stream). The reply is begun and stays open; events are pushed from
 * any thread and dropped for a client that is more than 64 KiB behind (it is then closed, and
 * reconnects). A comment is sent every 15 s. Opening answers the request; where it fails the
 * request is still to be answered. The stream is valid until `closed` has returned, which comes
 * exactly once, on the server's stream thread and under no lock of the server's: it takes the
 * stream out of the owner's list, under the lock that the owner pushes under. */
struct http_stream;
_must_check_ int http_stream_open(struct http_request *rq, struct http_stream **ret_stream,
                                  void (*closed)(void *arg), void *arg, struct err *e);
/* 0, or -E_GONE when the client has left. */
int http_stream_push(struct http_stream *s, const char *event, struct str data, struct str id);
/* Ends the stream from our side; `closed` still comes exactly once. */
void http_stream_end(struct http_stream *s);

struct http_stats {
  int64_t connections, requests, suspended, streams, timeouts, refused;
};
void http_stats(const struct http_server *s, struct http_stats *ret_stats);

#endif
