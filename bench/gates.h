/* The gates at which the benches record, and what a commit of events writes: the same rows as the
 * product's own (the event, the audit's row, the community's change number, the figures at the
 * community and at each unit above it). `bench/run` makes the list out of the installation that is
 * measured. A `struct gates` owns its memory and is read by any thread; a sink belongs to one. */
#ifndef BENCH_GATES_H
#define BENCH_GATES_H

#include "base/err.h"
#include "base/id.h"
#include <sys/types.h>

enum { GATES_MAX = 4096, GATE_UP_MAX = 12, GATE_INDICATORS = 3 };

struct gate {
  struct uuid post;
  int32_t unit;
  size_t n_up;
  size_t up[GATE_UP_MAX]; /* places in gates.units: the community and what is above it */
};
struct gates {
  struct gate *all;
  size_t n;
  int32_t *units; /* the distinct ones, in order */
  size_t n_units;
};
/* Lines of "POST UNIT UNIT-ABOVE ..."; E_INVALID where the file is not like that. */
_must_check_ int gates_read(const char *file, struct gates *ret_gates, struct err *e);
void gates_done(struct gates *g);
/* The gate of a post, or NULL. */
const struct gate *gates_find(const struct gates *g, const struct uuid *post);

struct event {
  struct uuid id;
  const struct gate *gate;
  bool in;
  int64_t temperature, seq, at_ms;
  struct str direction, who_kind, who, door, outcome;
};

/* Where events go. `write` returns when they are durable. */
struct sink;
struct sink_ops {
  int (*write)(struct sink *s, struct event *evs, size_t n, struct err *e);
  void (*close)(struct sink *s);
};
struct sink {
  const struct sink_ops *ops;
  const struct gates *gates;
  int64_t *seqs;    /* by place in gates.units */
  int64_t *figures; /* of this commit: GATE_INDICATORS for each unit */
  int64_t audit;    /* the last position */
};
/* SQLite's own interface; PostgreSQL by the program's store. */
_must_check_ int sink_sqlite(const char *file, const struct gates *g, struct sink **ret_sink,
                             struct err *e);
_must_check_ int sink_postgres(const char *url, const struct gates *g, struct sink **ret_sink,
                               struct err *e);

/* For both: takes a number for each event and adds it to the figures. */
void sink_count(struct sink *s, struct event *evs, size_t n);
void sink_clear(struct sink *s);
_must_check_ int sink_init(struct sink *s, const struct gates *g, struct err *e);
void sink_done(struct sink *s);

extern const int64_t gate_indicators[GATE_INDICATORS];
#define BENCH_DAY      INT64_C(18390)
#define BENCH_DAY_TEXT "2020-05-08"
extern const uint8_t bench_actor[16], bench_digest[16], bench_chain[32];

#endif
