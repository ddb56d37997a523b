/* A full disk: writing answers E_DISK_FULL, reading goes on, nothing acknowledged is lost, and when
 * there is room again writing goes on by itself. Once through a VFS that refuses to let files grow,
 * once on a small tmpfs where the machine lets us mount one. */
#include "base/log.h"
#include "harness.h"
#include "load.h"
#include "powercut_vfs.h"
#include "store/store.h"
#include "store/writer.h"
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 60000 };

struct stand {
  char where[64];
  struct store *s;
  struct writer *w;
  bool *acknowledged;
  int64_t next;
  struct err e;
};

static void stand_done(struct stand *t) {
  char command[100];
  t->w = writer_stop(t->w);
  t->s = store_close(t->s);
  free(t->acknowledged);
  if (!t->where[0]) return;
  snprintf(command, sizeof command, "rm -rf %s/*", t->where);
  if (system(command) != 0) printf("# %s was not emptied\n", t->where);
  rmdir(t->where);
}

static int stand_open(struct stand *t, const char *vfs) {
  struct store_options o = {.where = t->where, .create = true, .vfs = vfs};
  load_init();
  log_set_level(LOG_ERROR);
  t->acknowledged = calloc(MOST, 1);
  int r = store_open(&o, &t->s, &t->e);
  if (r == 0) r = store_migrate(t->s, load_migrations, 1, NULL, &t->e);
  return r < 0 ? r : writer_start(t->s, NULL, &t->w, &t->e);
}

static int one(struct stand *t) {
  struct load_command c = {.n = t->next++, .who = 1};
  if (c.n >= MOST) return -E_BUG;
  int r = writer_run(t->w, &load_class, &c, CMD_GATE, &t->e);
  t->acknowledged[c.n] = r == 0;
  return r;
}

static int reads(struct stand *t) {
  int64_t bad = 0, last = 0;
  int r = load_check(t->s, t->acknowledged, t->next, &bad, &last, &t->e);
  return r < 0 ? r : bad ? -E_BUG : 0;
}

/* How many were written before the disk was full; -code for another failure. */
static int until_full(struct stand *t) {
  for (int n = 0;; n++) {
    int r = one(t);
    if (r == -E_DISK_FULL) return n;
    if (r < 0) return r;
  }
}

TEST(a_full_disk_is_survived) {
  _cleanup_(stand_done) struct stand t = {.where = "/tmp/shouwang-full.XXXXXX"};
  CHECK(powercut_install() == SQLITE_OK);
  powercut_begin(1, 0, false);
  CHECK(mkdtemp(t.where));
  CHECK_EQ_I64(stand_open(&t, POWERCUT_VFS), 0);
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < 300; i++) CHECK_EQ_I64(one(&t), 0);
    powercut_full(true);
    CHECK(until_full(&t) >= 0);
    for (int i = 0; i < 20; i++) CHECK_EQ_I64(one(&t), -E_DISK_FULL);
    CHECK_EQ_I64(reads(&t), 0);
    powercut_full(false);
  }
  for (int i = 0; i < 300; i++) CHECK_EQ_I64(one(&t), 0);
  CHECK_EQ_I64(reads(&t), 0);
}

/* ---- the same on a real file system; in a child, as it takes a mount namespace of its own ---- */

static int fill_up(const char *path) {
  static const char block[4096];
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return -1;
  while (write(fd, block, sizeof block) > 0) {
  }
  return close(fd);
}

static int files_in(const char *folder, const char *prefix) {
  DIR *d = opendir(folder);
  int n = 0;
  if (!d) return -1;
  for (struct dirent *f; (f = readdir(d));) n += strncmp(f->d_name, prefix, strlen(prefix)) == 0;
  closedir(d);
  return n;
}

static int on_tmpfs(const char *where) {
  _cleanup_(stand_done) struct stand t = {0};
  char ballast[80];
  snprintf(t.where, sizeof t.where, "%s", where);
  snprintf(ballast, sizeof ballast, "%s/ballast", where);
  if (stand_open(&t, NULL) < 0) return 10;
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 100; i++)
      if (one(&t) < 0) return 11;
    if (fill_up(ballast) < 0) return 12;
    if (until_full(&t) < 0) return 13;
    if (one(&t) != -E_DISK_FULL) return 14;
    if (reads(&t) < 0) return 15;
    /* a backup that does not fit leaves nothing behind */
    char copy[80];
    snprintf(copy, sizeof copy, "%s/copy", where);
    if (store_backup(t.s, copy, &t.e) != -E_DISK_FULL) return 21;
    if (files_in(where, "copy") != 0) return 22;
    if (unlink(ballast) < 0) return 16;
  }
  for (int i = 0; i < 100; i++)
    if (one(&t) < 0) return 17;
  if (reads(&t) < 0) return 18;
  /* and after a restart */
  t.w = writer_stop(t.w);
  t.s = store_close(t.s);
  struct store_options o = {.where = t.where};
  if (store_open(&o, &t.s, &t.e) < 0) return 19;
  return reads(&t) < 0 ? 20 : 0;
}

TEST(a_full_tmpfs_is_survived) {
  char where[] = "/tmp/shouwang-tmpfs.XXXXXX";
  int status = 0;
  CHECK(mkdtemp(where));
  pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", where, "tmpfs", 0, "size=48m") < 0)
      _exit(77);
    int r = on_tmpfs(where);
    fflush(stdout);
    _exit(r);
  }
  CHECK(child > 0);
  CHECK(waitpid(child, &status, 0) == child);
  rmdir(where);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) SKIP("mounting a tmpfs is not permitted");
  CHECK(WIFEXITED(status));
  CHECK_EQ_I64(WEXITSTATUS(status), 0);
}
