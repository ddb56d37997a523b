/* A load generator for loopback: N kept connections on one or two threads, requests made by a
 * callback, latencies in a histogram. Closed loop (each connection asks again as soon as it is
 * answered) or open loop (a rate; a request's time then runs from when it was due, so that a stall
 * is counted for all that it delayed). The options and callbacks are the caller's; the result is
 * filled when the run is over. Callbacks run on the load threads, each connection on one only. */
#ifndef BENCH_HTTP_LOAD_H
#define BENCH_HTTP_LOAD_H

#include "base/buf.h"
#include "base/err.h"

enum {
  LOAD_CONNECTIONS_MAX = 16000,
  LOAD_THREADS_MAX = 4,
  LOAD_SUB = 32, /* parts of each power of two: values are right to 3 % */
  LOAD_BUCKETS = 32 * LOAD_SUB,
};

/* Latencies in microseconds. */
struct histogram {
  uint64_t count[LOAD_BUCKETS];
  uint64_t n, max;
};
void histogram_add(struct histogram *h, int64_t us);
void histogram_merge(struct histogram *to, const struct histogram *from);
/* The value below which `percent` of all lie. */
int64_t histogram_at(const struct histogram *h, double percent);

struct load_ask {
  size_t connection, thread;
  uint64_t n; /* of this connection */
  /* Filled by the callback; what it does not touch is the options' own. */
  const char *method, *path;
  struct str headers; /* whole lines, "Name: value\r\n" */
  struct buf *body;   /* empty; sent with its length when the method takes one */
};

struct load_options {
  const char *host; /* numeric */
  int port;
  size_t connections, threads;
  int64_t duration_ms;
  int64_t requests; /* ends earlier when so many were answered; 0: no limit */
  int64_t rate;     /* a second, over all connections; 0: closed loop */
  const char *method, *path;
  struct str headers;
  void (*ask)(void *arg, struct load_ask *ask); /* may be NULL */
  /* Whether the answer is right; NULL: any 2xx. */
  bool (*check)(void *arg, size_t connection, uint64_t n, int status, struct str body);
  void *arg;
  int64_t stalled_ms; /* a request that waits longer is counted; 0: 1,000 */
};

struct load_result {
  struct histogram latency;
  int64_t answered;   /* right ones */
  int64_t wrong;      /* answered, but `check` said no */
  int64_t broken;     /* the connection ended before the answer */
  int64_t reconnects; /* connections made beyond the first N */
  int64_t stalled;    /* answered late, or not answered when the run ended */
  int64_t unanswered; /* still waited for at the end */
  int64_t bytes_in, elapsed_us;
  int64_t paused_ms; /* the most that others took of the processor within three seconds (pulse.h) */
  int status_first_wrong;
};

_must_check_ int load_run(const struct load_options *o, struct load_result *ret_result,
                          struct err *e);
/* One line of a Markdown table, and its heading. */
void load_print_heading(void);
void load_print(const char *what, size_t connections, const struct load_result *r);

#endif
