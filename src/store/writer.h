/* The writer: every change of data is a command, run inside a transaction on the writer's own
 * thread (one per lane), with whatever else is queued, under one commit and one sync. A command's
 * function may run more than once (PostgreSQL retries), never replies, and touches the database
 * only through its tx. `done` is called on the writer's thread after the commit is durable, or
 * with the error; the caller keeps `struct cmd` and `arg` alive until then.
 *
 * Each command runs in a savepoint: one that fails is undone alone. Commands are taken by
 * priority: gate and sign-in first, then everything, then imports and exports (bulk), which share
 * the commits of the others for a fixed part of their time and have commits of their own only where
 * nobody else writes, so that nothing large stalls a gate. SQLite asserts that only this thread
 * writes. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "store/store.h"

enum cmd_priority { CMD_GATE, CMD_NORMAL, CMD_BULK, CMD_PRIORITIES_ };

struct cmd;
struct cmd_class {
  const char *name;
  int (*run)(struct tx *tx, void *arg, struct err *e);
  /* Optional: takes a run of commands of this class at once and sets cmds[i]->result (0 or -code,
   * with cmds[i]->err) for each; returns 0, or -code when the lot must be undone: the writer then
   * runs them one by one with run(). */
  int (*run_many)(struct tx *tx, struct cmd **cmds, size_t n, struct err *e);
  /* run() never returns 0: it looks what would come of it (a dry run). Such a one, of bulk, shares
   * no commit. */
  bool undone;
};

struct cmd {
  const struct cmd_class *cls;
  void *arg;
  enum cmd_priority priority;
  uint64_t lane_key; /* same key, same lane, in order; 0 is the first lane, for all else */
  void (*done)(struct cmd *c);
  void *owner; /* the submitter's, untouched */
  int result;  /* 0 or -code */
  struct err err;
  struct cmd *next; /* the writer's */
};

/* Things that collect during a transaction and are written once before its commit (figures,
 * audit rows, change numbers). One instance per lane. */
struct tx_part {
  const char *name;
  void *(*create)(size_t lane, void *arg);
  void (*destroy)(void *part);
  size_t (*mark)(void *part);                             /* at each savepoint */
  void (*rewind)(void *part, size_t mark);                /* the command was undone */
  int (*flush)(struct tx *tx, void *part, struct err *e); /* before commit */
  void (*finish)(void *part, bool committed);
  void *arg;
};
enum { TX_PARTS = 8 };

struct writer;
struct writer_options {
  const struct tx_part *parts[TX_PARTS]; /* NULL-terminated unless full */
  size_t max_commands;                   /* per commit; 0: LIMIT_COMMIT_COMMANDS */
  int64_t (*now_us)(void);               /* for tests; NULL: monotonic_us */
  /* May be NULL. What is kept in memory was behind the database: a command that is refused is run
   * again then, with its transaction. */
  bool (*behind)(struct tx *tx, void *arg);
  void *behind_arg;
};
_must_check_ int writer_start(struct store *s, const struct writer_options *o,
                              struct writer **ret_writer, struct err *e);
/* Runs what is queued, then stops the threads. */
struct writer *writer_stop(struct writer *w);

/* Queues; -E_BUSY at once when LIMIT_WRITER_QUEUE commands wait (imports are refused at half of
 * that). After 0, `done` is called exactly once. */
_must_check_ int writer_submit(struct writer *w, struct cmd *c, struct err *e);
/* Submits and waits; for the command line, jobs and tests; never from an HTTP or writer thread. */
_must_check_ int writer_run(struct writer *w, const struct cmd_class *cls, void *arg,
                            enum cmd_priority priority, struct err *e);
/* Submits n commands of the caller's at once and waits for all: each has its own savepoint and its
 * own result (-E_BUSY where it found no place in the queue). As writer_run. */
void writer_run_all(struct writer *w, struct cmd *cmds, size_t n);
/* The part of this transaction's lane by its place in writer_options.parts. */
void *tx_part(struct tx *tx, size_t index);
/* True once a bulk command should come to its end, because others wait or the time that bulk has in
 * this commit is over. A command that goes over many rows asks between two of them. */
bool tx_hurry(const struct tx *tx);
/* Before something is refused other than by the command's own error (one item of many): true, and
 * the command returns E_RETRY. Looks once in a transaction. */
bool tx_behind(struct tx *tx);

struct writer_stats {
  int64_t queued, commits, commands, failed, retried, last_commit_us, busy_refused;
  int64_t bulk_shared, bulk_alone; /* bulk commands under commits of others, and under their own */
};
void writer_stats(const struct writer *w, struct writer_stats *ret_stats);

#endif
