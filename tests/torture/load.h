/* The load of the torture tests: numbered commands, each of which writes one event, three parts of
 * it and a counter, and what must hold of a database after any accident: each command that was
 * acknowledged is there, and none is there in part. `struct load` belongs to the caller; the
 * acknowledgements are counted from the writer's thread, the rest is for one thread. */
#ifndef SHOUWANG_TESTS_TORTURE_LOAD_H
#define SHOUWANG_TESTS_TORTURE_LOAD_H

#include "store/store.h"
#include "store/writer.h"
#include <stdio.h>

enum { LOAD_PARTS = 3, LOAD_BODY = 1500 };

static const struct migration load_migrations[] = {
    {1, "load",
     "CREATE TABLE events (n INTEGER PRIMARY KEY, who INTEGER NOT NULL, body TEXT NOT NULL) STRICT;"
     "CREATE INDEX events_who ON events (who, n);"
     "CREATE TABLE parts (n INTEGER NOT NULL, k INTEGER NOT NULL, PRIMARY KEY (n, k)) STRICT;"
     "CREATE TABLE counters (who INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT",
     "CREATE TABLE events (n BIGINT PRIMARY KEY, who BIGINT NOT NULL, body TEXT NOT NULL);"
     "CREATE INDEX events_who ON events (who, n);"
     "CREATE TABLE parts (n BIGINT NOT NULL, k BIGINT NOT NULL, PRIMARY KEY (n, k));"
     "CREATE TABLE counters (who BIGINT PRIMARY KEY, n BIGINT NOT NULL)"},
};
QUERY(load_event, "INSERT INTO events (n, who, body) VALUES ($1, $2, $3)");
QUERY(load_part, "INSERT INTO parts (n, k) VALUES ($1, $2)");
QUERY(load_counter, "INSERT INTO counters AS c (who, n) VALUES ($1, 1) ON CONFLICT (who) "
                    "DO UPDATE SET n = c.n + 1");
QUERY(load_numbers, "SELECT n, length(body) FROM events ORDER BY n");
QUERY(load_halves, "SELECT count(*) FROM events e WHERE "
                   "(SELECT count(*) FROM parts p WHERE p.n = e.n) <> 3");
QUERY(load_orphans, "SELECT count(*) FROM parts p WHERE NOT EXISTS "
                    "(SELECT 1 FROM events e WHERE e.n = p.n)");
QUERY(load_uncounted, "SELECT (SELECT count(*) FROM events) - "
                      "CAST((SELECT coalesce(sum(n), 0) FROM counters) AS BIGINT)");

struct load_command {
  int64_t n, who;
};

static char load_body[LOAD_BODY];

static int load_run(struct tx *tx, void *arg, struct err *e) {
  const struct load_command *c = arg;
  /* the length tells a body that was written in part */
  struct str body = {load_body, (size_t)(LOAD_BODY / 2 + c->n % (LOAD_BODY / 2))};
  int r = tx_exec(tx, &load_event, P(V_I64(c->n), V_I64(c->who), V_TEXT(body)), NULL, e);
  for (int k = 1; k <= LOAD_PARTS && r == 0; k++)
    r = tx_exec(tx, &load_part, P(V_I64(c->n), V_I64(k)), NULL, e);
  return r < 0 ? r : tx_exec(tx, &load_counter, P(V_I64(c->who)), NULL, e);
}
static const struct cmd_class load_class = {.name = "load", .run = load_run};

static inline void load_init(void) {
  memset(load_body, 'b', sizeof load_body);
}

static inline int load_zero(struct tx *tx, const struct query *q, const char *what,
                            int64_t *ret_bad, struct err *e) {
  int64_t n = 0;
  int r = tx_i64(tx, q, P_NONE, &n, e);
  if (r < 0) return r;
  if (n != 0) {
    printf("# %lld %s\n", (long long)n, what);
    ++*ret_bad;
  }
  return 0;
}

/* *ret_bad gets the number of promises broken; *ret_last the highest number that is there. */
static inline int load_check(struct store *s, const bool *acknowledged, int64_t n, int64_t *ret_bad,
                             int64_t *ret_last, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int64_t bad = 0, lost = 0, wrong = 0, expect = 0;
  int r = store_read(s, &tx, e);
  if (r < 0) return r;
  {
    _cleanup_(cur_donep) struct cur *c = NULL;
    r = cur_open(tx, &load_numbers, P_NONE, &c, e);
    while (r == 0 && (r = cur_next(c, e)) == 1) {
      int64_t at = cur_i64(c, 0);
      for (; expect < at && expect < n; expect++) lost += acknowledged[expect];
      expect = at + 1;
      wrong += cur_i64(c, 1) != LOAD_BODY / 2 + at % (LOAD_BODY / 2);
      r = 0;
    }
  }
  *ret_last = expect - 1;
  for (; expect < n; expect++) lost += acknowledged[expect];
  if (lost) printf("# %lld acknowledged commands are lost\n", (long long)lost);
  if (wrong) printf("# %lld bodies are wrong\n", (long long)wrong);
  bad = lost + wrong;
  if (r == 0) r = load_zero(tx, &load_halves, "events without all their parts", &bad, e);
  if (r == 0) r = load_zero(tx, &load_orphans, "parts without their event", &bad, e);
  if (r == 0) r = load_zero(tx, &load_uncounted, "is the counters' difference", &bad, e);
  if (r == 0) *ret_bad = bad;
  return r;
}

#endif
