/* The server under test, in a process of its own: a handler whose answers come from another thread
 * in groups (as after a group commit), one that answers at once, one that never answers, a long
 * answer, and event streams fed at a steady pace. The parent holds a pipe to it and stops it by
 * that. One server per `struct soak_server`. */
#ifndef BENCH_HTTP_SOAK_SERVER_H
#define BENCH_HTTP_SOAK_SERVER_H

#include "http/http.h"
#include <sys/types.h>

struct soak_options {
  size_t threads;
  int64_t header_ms, body_ms, reply_ms;
  int64_t event_every_ms; /* to each stream */
};

struct soak_server {
  pid_t pid;
  int to_fd, from_fd;
  int port;
  int64_t paused_ms; /* known once it has stopped: see pulse.h */
};

/* Forks: to be called while the parent has one thread. */
_must_check_ int soak_server_start(const struct soak_options *o, struct soak_server *ret_server,
                                   struct err *e);
_must_check_ int soak_server_stats(struct soak_server *s, struct http_stats *ret_stats);
/* Stops it; how long http_stop() took, or -1 where it did not end as it should. */
int64_t soak_server_stop(struct soak_server *s, int64_t grace_ms);
/* Resident memory in KiB; 0 where unknown. */
int64_t soak_server_rss(const struct soak_server *s);

#endif
