/* kill -9 under load: a child writes numbered commands from several threads and reports each answer
 * through a pipe; at a random moment it is killed. Then each number that came through the pipe must
 * be in the database, and nothing in part. KILLS=n: how often (default 20). */
#include "load.h"
#include "store/store.h"
#include "store/writer.h"
#include "store_fixture.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, MOST = 4000000 };

struct child {
  struct writer *w;
  int report;
  _Atomic int64_t next;
};

static void *submit_all(void *arg) {
  struct child *c = arg;
  for (;;) {
    struct err e;
    struct load_command l = {.n = atomic_fetch_add(&c->next, 1)};
    l.who = l.n % 11;
    int r = writer_run(c->w, &load_class, &l, l.n % 9 ? CMD_GATE : CMD_BULK, &e);
    if (r < 0) {
      fprintf(stderr, "# %s: %s %s\n", err_name(r), e.what, e.field);
      _exit(3);
    }
    /* whole or not at all: fewer bytes than a pipe takes at once */
    if (write(c->report, &l.n, sizeof l.n) != sizeof l.n) _exit(4);
  }
}

static void child_main(const struct store_options *o, int report, int64_t from) {
  struct child c = {.report = report, .next = from};
  struct store *s = NULL;
  struct err e;
  pthread_t t[THREADS];
  if (store_open(o, &s, &e) < 0 || store_migrate(s, load_migrations, 1, NULL, &e) < 0 ||
      writer_start(s, NULL, &c.w, &e) < 0) {
    fprintf(stderr, "# the child cannot start: %s %s\n", e.what, e.field);
    _exit(2);
  }
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&t[i], NULL, submit_all, &c) != 0) _exit(5);
  pthread_join(t[0], NULL); /* does not end */
}

/* Reads what is acknowledged; kills after a while; true when the child died of that. */
static bool run_and_kill(const struct store_options *o, int64_t from, useconds_t after,
                         bool *acknowledged, int64_t *ret_n) {
  int ends[2], status = 0;
  int64_t n, seen = 0;
  if (pipe(ends) < 0) return false;
  pid_t pid = fork();
  if (pid < 0) return false;
  if (pid == 0) {
    close(ends[0]);
    child_main(o, ends[1], from);
    _exit(6);
  }
  close(ends[1]);
  bool killed = false;
  while (read(ends[0], &n, sizeof n) == sizeof n) {
    if (n >= 0 && n < MOST) acknowledged[n] = true;
    if (seen++ == 0 && after == 0) break;
    if (!killed && seen == 1) {
      /* the pipe holds 64 KiB: the child may wait for us, but does not lose anything */
      usleep(after);
      killed = kill(pid, SIGKILL) == 0;
    }
  }
  if (!killed) kill(pid, SIGKILL);
  while (read(ends[0], &n, sizeof n) == sizeof n)
    if (n >= 0 && n < MOST) acknowledged[n] = true, seen++;
  close(ends[0]);
  *ret_n += seen;
  return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static int kills(void) {
  const char *z = getenv("KILLS");
  int64_t v = 20;
  if (z && parse_i64(str_from(z), 1, 1000000, &v) < 0) v = 20;
  return (int)v;
}

TEST_BOTH(killed_under_load) {
  bool *acknowledged = calloc(MOST, 1);
  int64_t last = -1, total = 0, bad = 0;
  char where[sizeof f->where];
  snprintf(where, sizeof where, "%s", f->where);
  struct store_options o = {.where = where, .create = true};
  srandom((unsigned)getpid());
  load_init();
  CHECK(acknowledged != NULL);
  f->store = store_close(f->store); /* nothing open across a fork */
  for (int i = 0; i < kills() && last < MOST / 2; i++) {
    CHECK(run_and_kill(&o, last + 1, (useconds_t)(random() % 250000), acknowledged, &total));
    CHECK_OK(fixture_open_with(f, NULL), &f->e);
    CHECK_OK(load_check(f->store, acknowledged, MOST, &bad, &last, &f->e), &f->e);
    CHECK_EQ_I64(bad, 0);
    f->store = store_close(f->store);
  }
  printf("# %lld acknowledged commands, all there\n", (long long)total);
  CHECK(total > kills());
  free(acknowledged);
}
