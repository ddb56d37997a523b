/* bench_limit: what the disk and SQLite allow by themselves, one object on standard output.
 *
 *     bench_limit --gates FILE --data FILE [--seconds 2]
 *
 * The time of a sync of 4 KiB in the folder of that file, then rows of gate_event a second with its
 * indexes and one counter upserted for each, committed every 1, 100, 1,000 and 5,000 rows. */
#include "gates.h"
#include "base/timeutil.h"
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SYNCS = 400 };

static int by_value(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static bool sync_time(const char *beside, int64_t *ret_us) {
  static int64_t took[SYNCS];
  char page[4096] = {0}, name[4096];
  snprintf(name, sizeof name, "%s.sync", beside);
  int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  bool good = fd >= 0;
  for (int i = 0; i < SYNCS && good; i++) {
    const int64_t start = monotonic_us();
    good = write(fd, page, sizeof page) == sizeof page && fdatasync(fd) == 0;
    took[i] = monotonic_us() - start;
  }
  if (fd >= 0) close(fd);
  unlink(name);
  qsort(took, SYNCS, sizeof *took, by_value);
  *ret_us = took[SYNCS / 2];
  return good;
}

struct bench {
  sqlite3 *db;
  sqlite3_stmt *event, *counter;
  struct gates gates;
  struct idgen ids;
  int64_t seq;
};

static bool row(struct bench *b) {
  const struct gate *g = &b->gates.all[(size_t)b->seq % b->gates.n];
  const int64_t now_ms = machine_now_ms();
  const struct uuid id = idgen_next(&b->ids, now_ms);
  sqlite3_bind_blob(b->event, 1, id.b, 16, SQLITE_STATIC);
  sqlite3_bind_int64(b->event, 2, g->unit);
  sqlite3_bind_blob(b->event, 3, g->post.b, 16, SQLITE_STATIC);
  sqlite3_bind_int64(b->event, 4, ++b->seq);
  sqlite3_bind_int64(b->event, 5, now_ms);
  sqlite3_bind_blob(b->event, 6, bench_actor, 16, SQLITE_STATIC);
  sqlite3_bind_blob(b->event, 7, bench_digest, 16, SQLITE_STATIC);
  sqlite3_bind_int64(b->counter, 1, g->unit);
  const bool good =
      sqlite3_step(b->event) == SQLITE_DONE && sqlite3_step(b->counter) == SQLITE_DONE;
  sqlite3_reset(b->event);
  sqlite3_reset(b->counter);
  return good;
}

static bool run(struct bench *b, int64_t each, int64_t us, double *ret_rate) {
  const int64_t start = monotonic_us();
  int64_t rows = 0, spent;
  bool good = true;
  do {
    good = sqlite3_exec(b->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
    for (int64_t i = 0; i < each && good; i++) good = row(b);
    good = good && sqlite3_exec(b->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
    rows += each;
    spent = monotonic_us() - start;
  } while (good && spent < us);
  *ret_rate = (double)rows * 1e6 / (double)spent;
  return good;
}

static bool prepare(struct bench *b, const char *file) {
  static const char event[] =
      "INSERT INTO gate_event (id, op, unit, post, direction, who_kind, who, door, temperature, "
      "outcome, day, abnormal, seq, created_ms, created_by, digest) VALUES (?,1,?,?,'in',"
      "'resident','试验','3-2-101',365,'admitted','" BENCH_DAY_TEXT "',0,?,?,?,?)";
  static const char counter[] =
      "INSERT INTO figure (op, unit, ind, day, known_day, lane, value, minute) VALUES "
      "(1,?1,20,18390,18390,0,1,-1) ON CONFLICT (op, unit, ind, day, minute, known_day, lane) "
      "DO UPDATE SET value = value + 1";
  return sqlite3_open_v2(file, &b->db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
         sqlite3_exec(b->db,
                      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                      "PRAGMA cache_size=-16384;",
                      NULL, NULL, NULL) == SQLITE_OK &&
         sqlite3_prepare_v2(b->db, event, -1, &b->event, NULL) == SQLITE_OK &&
         sqlite3_prepare_v2(b->db, counter, -1, &b->counter, NULL) == SQLITE_OK;
}

int main(int argc, char **argv) {
  static const struct option options[] = {{"gates", 1, NULL, 'g'},
                                          {"data", 1, NULL, 'd'},
                                          {"seconds", 1, NULL, 's'},
                                          {NULL, 0, NULL, 0}};
  static const int64_t sizes[] = {1, 100, 1000, 5000};
  const char *gates = NULL, *data = NULL;
  int64_t seconds = 2, sync_us = 0;
  struct bench b = {.seq = INT64_C(1) << 32}; /* above what the installation has numbered */
  struct err e = {0};
  bool good = true;
  for (int c; good && (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (c == 'g') gates = optarg;
    if (c == 'd') data = optarg;
    good = c != '?' && (c != 's' || parse_i64(str_from(optarg), 1, 3600, &seconds) == 0);
  }
  if (!good || !gates || !data) {
    fprintf(stderr, "bench_limit --gates FILE --data FILE [--seconds N]\n");
    return 2;
  }
  idgen_init(&b.ids);
  good = gates_read(gates, &b.gates, &e) == 0 && sync_time(data, &sync_us) && prepare(&b, data);
  if (good) printf("{\"sync_us\":%" PRId64 ",\"rows\":{", sync_us);
  for (size_t i = 0; i < ARRAY_LEN(sizes) && good; i++) {
    double rate = 0;
    good = run(&b, sizes[i], seconds * 1000000, &rate);
    if (good) printf("%s\"%" PRId64 "\":%.1f", i ? "," : "", sizes[i], rate);
  }
  if (good) printf("}}\n");
  if (!good) fprintf(stderr, "bench_limit: %s\n", b.db ? sqlite3_errmsg(b.db) : e.what);
  sqlite3_finalize(b.event);
  sqlite3_finalize(b.counter);
  sqlite3_close(b.db);
  gates_done(&b.gates);
  idgen_done(&b.ids);
  return good ? 0 : 1;
}
