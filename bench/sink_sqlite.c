#include "gates.h"
#include <sqlite3.h>
#include <stdlib.h>

/* A commit of events by SQLite's own interface, one prepared statement a table. */

enum { EVENT, AUDIT, SEQ, FIGURE, STATEMENTS };

static const char *const texts[STATEMENTS] = {
    [EVENT] = "INSERT INTO gate_event (id, op, unit, post, direction, who_kind, who, door, "
              "temperature, outcome, day, abnormal, seq, created_ms, created_by, digest) "
              "VALUES (?,1,?,?,?,?,?,?,?,?,'" BENCH_DAY_TEXT "',0,?,?,?,?)",
    [AUDIT] = "INSERT INTO audit (pos, at_ms, actor, op, action, kind, id, unit, detail, chain) "
              "VALUES (?,?,?,1,'create',40,?,?,NULL,?)",
    [SEQ] = "INSERT INTO unit_seq (unit, seq) VALUES (?,?) "
            "ON CONFLICT (unit) DO UPDATE SET seq = excluded.seq",
    [FIGURE] = "INSERT INTO figure (op, unit, ind, day, known_day, lane, value, minute) "
               "VALUES (1,?1,?2,?3,?3,0,?4,-1) "
               "ON CONFLICT (op, unit, ind, day, minute, known_day, lane) "
               "DO UPDATE SET value = figure.value + excluded.value",
};

struct lite {
  struct sink s;
  sqlite3 *db;
  sqlite3_stmt *st[STATEMENTS];
};

static int failed(struct lite *l, struct err *e) {
  return err_field(e, E_IO, "SQLite refused", sqlite3_errmsg(l->db));
}

static void text(sqlite3_stmt *st, int at, struct str s) {
  if (s.p)
    sqlite3_bind_text(st, at, s.p, (int)s.n, SQLITE_STATIC);
  else
    sqlite3_bind_null(st, at);
}

static void blob(sqlite3_stmt *st, int at, const uint8_t *p, int n) {
  sqlite3_bind_blob(st, at, p, n, SQLITE_STATIC);
}

static int step(struct lite *l, int which, struct err *e) {
  const int rc = sqlite3_step(l->st[which]);
  sqlite3_reset(l->st[which]);
  return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : failed(l, e);
}

static int write_event(struct lite *l, const struct event *ev, struct err *e) {
  sqlite3_stmt *st = l->st[EVENT];
  blob(st, 1, ev->id.b, 16);
  sqlite3_bind_int64(st, 2, ev->gate->unit);
  blob(st, 3, ev->gate->post.b, 16);
  text(st, 4, ev->direction);
  text(st, 5, ev->who_kind);
  text(st, 6, ev->who);
  text(st, 7, ev->door);
  sqlite3_bind_int64(st, 8, ev->temperature);
  text(st, 9, ev->outcome);
  sqlite3_bind_int64(st, 10, ev->seq);
  sqlite3_bind_int64(st, 11, ev->at_ms);
  blob(st, 12, bench_actor, 16);
  blob(st, 13, bench_digest, 16);
  return step(l, EVENT, e);
}

static int write_audit(struct lite *l, const struct event *ev, struct err *e) {
  sqlite3_stmt *st = l->st[AUDIT];
  sqlite3_bind_int64(st, 1, ++l->s.audit);
  sqlite3_bind_int64(st, 2, ev->at_ms);
  blob(st, 3, bench_actor, 16);
  blob(st, 4, ev->id.b, 16);
  sqlite3_bind_int64(st, 5, ev->gate->unit);
  blob(st, 6, bench_chain, 32);
  return step(l, AUDIT, e);
}

/* Figures and numbers of all units that this commit touched, in their order. */
static int write_counts(struct lite *l, struct err *e) {
  const struct gates *g = l->s.gates;
  int r = 0;
  for (size_t u = 0; u < g->n_units && r == 0; u++) {
    const int64_t *sums = l->s.figures + u * GATE_INDICATORS;
    for (size_t k = 0; k < GATE_INDICATORS && r == 0; k++) {
      if (sums[k] == 0) continue;
      sqlite3_stmt *st = l->st[FIGURE];
      sqlite3_bind_int64(st, 1, g->units[u]);
      sqlite3_bind_int64(st, 2, gate_indicators[k]);
      sqlite3_bind_int64(st, 3, BENCH_DAY);
      sqlite3_bind_int64(st, 4, sums[k]);
      r = step(l, FIGURE, e);
    }
    if (r < 0 || (sums[0] == 0 && sums[1] == 0) || l->s.seqs[u] == 0) continue;
    sqlite3_bind_int64(l->st[SEQ], 1, g->units[u]);
    sqlite3_bind_int64(l->st[SEQ], 2, l->s.seqs[u]);
    r = step(l, SEQ, e);
  }
  return r;
}

static int lite_write(struct sink *s, struct event *evs, size_t n, struct err *e) {
  struct lite *l = (struct lite *)s;
  sink_count(s, evs, n);
  int r = sqlite3_exec(l->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) ? failed(l, e) : 0;
  for (size_t i = 0; i < n && r == 0; i++) r = write_event(l, &evs[i], e);
  for (size_t i = 0; i < n && r == 0; i++) r = write_audit(l, &evs[i], e);
  if (r == 0) r = write_counts(l, e);
  if (r == 0 && sqlite3_exec(l->db, "COMMIT", NULL, NULL, NULL)) r = failed(l, e);
  sink_clear(s);
  return r;
}

static void lite_close(struct sink *s) {
  struct lite *l = (struct lite *)s;
  for (size_t i = 0; i < STATEMENTS; i++) sqlite3_finalize(l->st[i]);
  sqlite3_close(l->db);
  sink_done(s);
  free(l);
}

static int64_t number(struct lite *l, const char *sql, int64_t arg) {
  sqlite3_stmt *st = NULL;
  int64_t v = 0;
  if (sqlite3_prepare_v2(l->db, sql, -1, &st, NULL) == SQLITE_OK) {
    sqlite3_bind_int64(st, 1, arg);
    if (sqlite3_step(st) == SQLITE_ROW) v = sqlite3_column_int64(st, 0);
  }
  sqlite3_finalize(st);
  return v;
}

int sink_sqlite(const char *file, const struct gates *g, struct sink **ret_sink, struct err *e) {
  static const struct sink_ops ops = {.write = lite_write, .close = lite_close};
  struct lite *l = calloc(1, sizeof *l);
  if (!l) return err_set(e, E_NOMEM, "no memory for a sink");
  l->s.ops = &ops;
  int r = sink_init(&l->s, g, e);
  if (r == 0 && (sqlite3_open_v2(file, &l->db, SQLITE_OPEN_READWRITE, NULL) ||
                 sqlite3_exec(l->db,
                              "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                              "PRAGMA cache_size=-16384;",
                              NULL, NULL, NULL)))
    r = failed(l, e);
  for (size_t i = 0; i < STATEMENTS && r == 0; i++)
    if (sqlite3_prepare_v3(l->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &l->st[i], NULL))
      r = failed(l, e);
  if (r < 0) {
    lite_close(&l->s);
    return r;
  }
  l->s.audit = number(l, "SELECT max(pos) FROM audit WHERE ?1 = 0", 0);
  for (size_t u = 0; u < g->n_units; u++)
    l->s.seqs[u] = number(l, "SELECT seq FROM unit_seq WHERE unit = ?1", g->units[u]);
  *ret_sink = &l->s;
  return 0;
}
