/* Power cuts at random moments: every acknowledged command must be there afterwards, none in part,
 * and the file sound. The same with a disk that lies about its syncs must show losses: a test that
 * cannot see one proves nothing. POWERCUTS=n: how many (default 150); POWERCUT_SEED=n. */
#include "base/log.h"
#include "harness.h"
#include "load.h"
#include "powercut_vfs.h"
#include "store/store.h"
#include "store/writer.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS = 4, MOST = 400000 };

struct round {
  struct writer *w;
  bool *acknowledged;
  _Atomic int64_t next;
  int64_t until;
};

static void acknowledge(const struct round *r, int64_t n) {
  /* answered after the power went: nobody heard it */
  if (!powercut_happened()) r->acknowledged[n] = true;
}

static void *submit_all(void *arg) {
  struct round *r = arg;
  for (;;) {
    struct err e;
    struct load_command c = {.n = atomic_fetch_add(&r->next, 1)};
    if (c.n >= r->until) return NULL;
    c.who = c.n % 7;
    if (writer_run(r->w, &load_class, &c, c.n % 5 ? CMD_GATE : CMD_NORMAL, &e) < 0) {
      if (powercut_happened()) return NULL;
      continue;
    }
    acknowledge(r, c.n);
  }
}

/* Opens, migrates, writes until the power goes (or the numbers run out). */
static void live(const char *where, struct round *r) {
  struct store_options o = {.where = where, .create = true, .vfs = POWERCUT_VFS};
  _cleanup_(store_closep) struct store *s = NULL;
  struct err e;
  pthread_t t[THREADS];
  int started = 0;
  if (store_open(&o, &s, &e) < 0) return;
  if (store_migrate(s, load_migrations, 1, NULL, &e) < 0) return;
  if (writer_start(s, NULL, &r->w, &e) < 0) return;
  while (started < THREADS && pthread_create(&t[started], NULL, submit_all, r) == 0) started++;
  for (int i = 0; i < started; i++) pthread_join(t[i], NULL);
  r->w = writer_stop(r->w);
}

static bool sound(const char *where) {
  char path[600];
  sqlite3 *db = NULL;
  sqlite3_stmt *st = NULL;
  bool ok = false;
  snprintf(path, sizeof path, "%s/shouwang.db", where);
  if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
      sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &st, NULL) == SQLITE_OK &&
      sqlite3_step(st) == SQLITE_ROW) {
    const char *says = (const char *)sqlite3_column_text(st, 0);
    ok = strcmp(says, "ok") == 0;
    if (!ok) printf("# integrity_check: %s\n", says);
  }
  sqlite3_finalize(st);
  sqlite3_close_v2(db);
  return ok;
}

/* The number of promises broken. */
static int64_t examine(const char *where, const struct round *r, int64_t *last) {
  struct store_options o = {.where = where};
  _cleanup_(store_closep) struct store *s = NULL;
  struct err e = {0};
  int version = 0;
  int64_t bad = 0;
  bool any = false;
  for (int64_t n = 0; n < r->until && !any; n++) any = r->acknowledged[n];
  if (store_open(&o, &s, &e) < 0 || store_version(s, &version, &e) < 0) {
    printf("# does not open: %s %s\n", e.what, e.field);
    return 1;
  }
  if (version == 0) return any; /* the power went before there was a schema */
  if (load_check(s, r->acknowledged, r->until, &bad, last, &e) < 0) {
    printf("# cannot be read: %s %s\n", e.what, e.field);
    return 1;
  }
  s = store_close(s);
  return bad + !sound(where);
}

struct outcome {
  int64_t broken, acknowledged, cuts;
};

static uint64_t dice = 1;
static uint64_t roll(void) {
  dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return dice >> 33;
}

/* An early cut of a disk that lies may find nothing acknowledged yet: that alone shows no loss. */
static bool shown(const struct outcome *out, bool lying) {
  return out->broken > 0 && (!lying || out->acknowledged > 0);
}

/* Cut after cut on one database, which each time goes on from what the last one left. */
static bool cut_often(int cuts, bool lying, struct outcome *ret) {
  char where[] = "/tmp/shouwang-powercut.XXXXXX", command[80];
  struct outcome out = {0};
  struct round r = {.acknowledged = calloc(MOST, 1)};
  int64_t last = -1;
  if (!r.acknowledged || !mkdtemp(where)) return false;
  for (int i = 0; i < cuts && !shown(&out, lying); i++) {
    /* from a few operations (opening, recovery, migration) to many (checkpoints) */
    uint64_t cut_at = 1 + roll() % (UINT64_C(4) << (roll() % 12));
    powercut_begin(roll(), cut_at, lying);
    r.next = last + 1;
    r.until = last + 1 + 20000 < MOST ? last + 1 + 20000 : MOST;
    live(where, &r);
    out.cuts += powercut_happened();
    if (!powercut_happened()) {
      /* the numbers ran out first: it goes at the end */
      powercut_begin(roll(), 0, lying);
    } else if (!powercut_restore()) {
      return false;
    }
    out.broken += examine(where, &r, &last);
    if (out.broken) printf("# at cut %d, operation %llu\n", i, (unsigned long long)cut_at);
    if (lying) { /* what one cut destroyed is no ground for the next */
      snprintf(command, sizeof command, "rm -rf %s/*", where);
      if (system(command) != 0) return false;
      for (int64_t n = 0; n < r.until; n++) out.acknowledged += r.acknowledged[n];
      memset(r.acknowledged, 0, MOST);
      last = -1;
    }
  }
  for (int64_t n = 0; n < MOST; n++) out.acknowledged += r.acknowledged[n];
  free(r.acknowledged);
  snprintf(command, sizeof command, "rm -rf %s", where);
  *ret = out;
  return system(command) == 0;
}

static int from_environment(const char *name, int otherwise) {
  const char *z = getenv(name);
  int64_t v = otherwise;
  if (z && parse_i64(str_from(z), 1, INT32_MAX, &v) < 0) v = otherwise;
  return (int)v;
}

static bool prepare(void) {
  static bool installed;
  load_init();
  log_set_level(LOG_ERROR);
  dice = (uint64_t)from_environment("POWERCUT_SEED", (int)(getpid() ^ 0x5eed));
  printf("# POWERCUT_SEED=%llu\n", (unsigned long long)dice);
  if (!installed) installed = powercut_install() == SQLITE_OK;
  return installed;
}

TEST(nothing_acknowledged_is_lost_in_a_power_cut) {
  struct outcome out = {0};
  int cuts = from_environment("POWERCUTS", 150);
  CHECK(prepare());
  CHECK(cut_often(cuts, false, &out));
  printf("# %lld cuts, %lld commands acknowledged\n", (long long)out.cuts,
         (long long)out.acknowledged);
  CHECK_EQ_I64(out.broken, 0);
  CHECK(out.cuts > cuts / 2);
  CHECK(out.acknowledged > cuts);
}

TEST(a_disk_that_lies_is_found_out) {
  struct outcome out = {0};
  CHECK(prepare());
  CHECK(cut_often(60, true, &out));
  CHECK(out.acknowledged > 0);
  CHECK(out.broken > 0);
}
