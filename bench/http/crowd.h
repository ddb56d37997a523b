/* Crowds of clients that are not asking properly: listeners of event streams, senders of slow
 * headers and bodies, slow readers, and clients that reset what they began. Each crowd is one
 * thread; it owns its sockets and counts, and is joined by its _stop(). */
#ifndef BENCH_HTTP_CROWD_H
#define BENCH_HTTP_CROWD_H

#include "load.h"

struct listeners;
/* Opens `n` streams on /stream; returns when all are open, or -E_TIMEOUT. */
_must_check_ int listeners_start(int port, size_t n, struct listeners **ret_l, struct err *e);
struct listener_result {
  struct histogram delay; /* from the server's push to here, microseconds */
  int64_t events, lost;   /* streams that ended by themselves */
};
void listeners_stop(struct listeners *l, struct listener_result *ret);

struct abuse_options {
  int port;
  size_t slow_headers, slow_bodies, slow_readers;
  int64_t resets_per_second;
};
struct abuse_result {
  int64_t cut;             /* connections that the server ended */
  int64_t longest_held_ms; /* the longest that one was suffered */
  int64_t resets, redials;
};
struct abuse;
_must_check_ int abuse_start(const struct abuse_options *o, struct abuse **ret_a, struct err *e);
void abuse_stop(struct abuse *a, struct abuse_result *ret);

/* A connected socket (non-blocking once connected), or -1. */
int crowd_dial(int port, int receive_buffer);

#endif
