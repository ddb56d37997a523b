/* Inside of the facade, seen by src/http/mhd*.c only. A server has N loops. A loop is one thread
 * with a libmicrohttpd daemon of its own in external epoll mode, all on the same listening socket;
 * everything about a connection happens on its loop's thread, without locks. Other threads reach
 * a loop through its mailbox only. Memory: the server owns its loops and stream engine; a request
 * is held by its connection and by the application (`refs`), and whoever lets go last frees it, so
 * a late answer never finds its request gone, even after the server has stopped. */
#ifndef HTTP_MHD_H
#define HTTP_MHD_H

#include "base/limits.h"
#include "base/timeutil.h"
#include "http/http.h"
#include "http/url.h"
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
  HTTP_THREADS_MAX = 16,
  HTTP_HEADERS_MAX = 64,
  HTTP_POOL = 24 * 1024,      /* per connection inside the library: header and read buffer */
  HTTP_GZIP_FROM = 1024,      /* smaller answers are sent as they are */
  HTTP_AT_ONCE = 128 * 1024,  /* larger ones are compressed and sent as the client reads */
  HTTP_SEND_BYTES_PER_MS = 4, /* who reads more slowly than that is cut off */
  HTTP_TICK_MS = 200,
  STREAM_BEHIND_MAX = 64 * 1024,
};

/* How a request stands between the application and its loop; the one exchange away from PENDING
 * decides who answers. */
enum rq_state { RQ_PENDING, RQ_ANSWERED, RQ_GIVEN_UP };

struct mailbox {
  atomic_int refs;
  int wake_fd;
  _Atomic(struct http_request *) head; /* answered requests, newest first */
  atomic_size_t body_bytes;            /* buffered bodies of the loop's requests */
  struct stream_engine *streams;       /* a reference */
};

struct header {
  struct str name, value;
  struct header *next;
};

struct gzip_pool;
struct stream_engine;

struct reply {
  int status;
  const char *type;
  struct str body;
  char *owned;   /* malloc'd, freed with the request */
  bool chunks;   /* `fill` instead of `body` */
  struct gz *gz; /* compressing as the client reads */
  ssize_t (*fill)(void *arg, char *out, size_t max);
  void (*stop)(void *arg);
  void *arg;
  struct http_stream *stream;
  struct header *headers, **last;
};

struct http_request {
  atomic_int refs;
  _Atomic int state;
  struct mailbox *box;
  struct http_request *next_answered;
  struct arena *a;

  /* The loop's thread only. */
  struct loop *loop;
  struct conn *conn; /* NULL once the connection has done with it */
  bool begun, handled, mhd_suspended;
  struct err refusal; /* said in the application's place */
  int64_t reply_ms;

  enum http_method method;
  bool head;
  struct str raw_uri;
  struct url url;
  struct header *in;
  size_t n_in;
  struct str peer;
  struct buf body;
  size_t body_held; /* counted in the mailbox's body_bytes */

  int fd;         /* of the connection, to see whether the client is there */
  bool suspended; /* said by the handler */
  bool given;     /* the application has answered: a second answer is a bug */
  struct reply out;
  void *context;
};

enum phase { PHASE_IDLE, PHASE_HEADER, PHASE_BODY, PHASE_HANDLING, PHASE_SENDING, PHASE_CLOSING };

struct conn {
  struct conn *prev, *next;
  struct loop *loop;
  struct MHD_Connection *mc;
  int fd;
  enum phase phase;
  int64_t deadline_ms;
  bool linger; /* the peer may still be sending: closing at once would destroy our last words */
  bool handed; /* the socket lives on as an event stream */
  struct http_request *rq;
  char peer[64];
};

struct loop {
  struct http_server *s;
  pthread_t thread;
  bool running;
  struct MHD_Daemon *d;
  int epoll_fd, listen_fd;
  struct mailbox *box;
  struct conn *conns;
  size_t n_conns, limit;
  int64_t next_tick_ms;
  bool again;   /* a connection ended in this round */
  bool quiet;   /* no new connections */
  bool closing; /* nothing is handed to the application any more */
};

struct http_server {
  struct http_options o;
  int listen_fd, port;
  struct loop loops[HTTP_THREADS_MAX];
  size_t n_loops;
  struct stream_engine *streams;
  struct gzip_pool *gzip;
  _Atomic int64_t stop_ms; /* 0: runs; else the moment after which nothing is waited for */
  _Atomic int64_t connections, requests, suspended, timeouts, refused;
};

/* mhd.c */
struct mailbox *mailbox_create(struct stream_engine *en);
struct mailbox *mailbox_ref(struct mailbox *b);
void mailbox_unref(struct mailbox *b);
void mailbox_post(struct mailbox *b, struct http_request *rq);

/* mhd_conn.c: what the library calls, and the deadlines. */
void *conn_uri(void *cls, const char *uri, struct MHD_Connection *mc);
enum MHD_Result conn_request(void *cls, struct MHD_Connection *mc, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *size, void **req_cls);
void conn_completed(void *cls, struct MHD_Connection *mc, void **req_cls,
                    enum MHD_RequestTerminationCode why);
void conn_notify(void *cls, struct MHD_Connection *mc, void **socket_cls,
                 enum MHD_ConnectionNotificationCode what);
void conn_answered(struct loop *l, struct http_request *rq);
void conn_sweep(struct loop *l, int64_t now_ms);
void conn_hang_up_idle(struct loop *l);
void conn_give_up_all(struct loop *l);
bool conn_any_suspended(const struct loop *l);
/* A long answer moves: it has time as long as its reader keeps a least speed. */
void conn_moved(struct http_request *rq, size_t n);

/* mhd_request.c */
struct http_request *rq_create(struct conn *c, const char *uri);
struct http_request *rq_ref(struct http_request *rq);
void rq_unref(struct http_request *rq);
int rq_read_head(struct http_request *rq, struct MHD_Connection *mc, struct err *e);

/* mhd_reply.c */
/* Sends what the application, or the facade in its place, has said. MHD_NO closes. */
enum MHD_Result reply_queue(struct http_request *rq, struct MHD_Connection *mc);
/* The facade's own answer: a problem document. */
enum MHD_Result reply_problem(struct http_request *rq, struct MHD_Connection *mc,
                              const struct err *e);
/* The answer is an event stream; fails, with the request unanswered, where it comes too late. */
int reply_open_stream(struct http_request *rq, struct http_stream *st);
/* Straight onto the socket, where the library has no place for an answer any more. */
void reply_raw(struct conn *c, int status, const char *reason);
/* NULL where the machine has no memory. */
struct gzip_pool *gzip_pool_create(void);
struct gzip_pool *gzip_pool_free(struct gzip_pool *p);

/* mhd_stream.c */
struct stream_engine *stream_engine_create(size_t max_streams, struct err *e);
/* Ends all streams, each `closed` called. */
void stream_engine_stop(struct stream_engine *en);
struct stream_engine *stream_engine_ref(struct stream_engine *en);
struct stream_engine *stream_engine_unref(struct stream_engine *en);
/* Takes the descriptor over; -1 where the client has left before its stream began. */
void stream_attach(struct http_stream *st, int fd);
/* Reads and drops what the peer still sends, briefly, then closes `fd`. */
void stream_linger(struct stream_engine *en, int fd);
size_t stream_count(struct stream_engine *en);

#endif
