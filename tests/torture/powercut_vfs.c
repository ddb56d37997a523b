#include "powercut_vfs.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECTOR = 512, FILES = 16, PATH = 512 };

struct change {
  bool truncate;
  int64_t at;
  size_t n;
  unsigned char *bytes;
};

/* One file of the disk, whoever has it open. */
struct disk_file {
  char path[PATH];
  bool exists, created; /* created since its last sync: its name may be lost with it */
  unsigned char *synced;
  size_t n_synced;
  struct change *changes;
  size_t n_changes, cap_changes;
  int64_t size; /* as written */
};

struct shim {
  sqlite3_file base;
  struct disk_file *disk; /* NULL: a temporary file, which nobody misses */
  sqlite3_file *real;
};

static struct {
  pthread_mutex_t lock;
  sqlite3_vfs vfs, *under;
  struct disk_file files[FILES];
  size_t n;
  uint64_t dice, operations, cut_at;
  bool lying, gone, full;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint64_t roll(void) {
  disk.dice ^= disk.dice << 13;
  disk.dice ^= disk.dice >> 7;
  disk.dice ^= disk.dice << 17;
  return disk.dice;
}

static void *must(void *p) {
  if (!p) abort();
  return p;
}

/* ---- the disk ---- */

static void forget_changes(struct disk_file *f) {
  for (size_t i = 0; i < f->n_changes; i++) free(f->changes[i].bytes);
  f->n_changes = 0;
}

static void image_size(struct disk_file *f, size_t n) {
  if (n > f->n_synced) {
    f->synced = must(realloc(f->synced, n));
    memset(f->synced + f->n_synced, 0, n - f->n_synced);
  }
  f->n_synced = n;
}

static void image_write(struct disk_file *f, int64_t at, const unsigned char *p, size_t n) {
  if ((size_t)at + n > f->n_synced) image_size(f, (size_t)at + n);
  memcpy(f->synced + at, p, n);
}

static void sync_changes(struct disk_file *f) {
  for (size_t i = 0; i < f->n_changes; i++) {
    struct change *c = &f->changes[i];
    if (c->truncate)
      image_size(f, (size_t)c->at);
    else
      image_write(f, c->at, c->bytes, c->n);
  }
  forget_changes(f);
  f->created = false;
}

/* What a disk does on its own account before the power goes: any sectors, in any order. */
static void tear_changes(struct disk_file *f) {
  if (f->created && roll() % 2) {
    forget_changes(f);
    f->exists = false;
    return;
  }
  uint64_t mood = roll() % 4; /* nothing, everything, or sector by sector */
  for (size_t i = 0; i < f->n_changes && mood != 0; i++) {
    struct change *c = &f->changes[i];
    if (mood > 1 && roll() % 3 == 0) continue;
    if (c->truncate) {
      image_size(f, (size_t)c->at);
      continue;
    }
    bool whole = mood == 1 || roll() % 2;
    for (size_t done = 0, step; done < c->n; done += step) {
      step = SECTOR - (size_t)(c->at + (int64_t)done) % SECTOR;
      if (step > c->n - done) step = c->n - done;
      if (whole || roll() % 2) image_write(f, c->at + (int64_t)done, c->bytes + done, step);
    }
  }
  forget_changes(f);
}

static void load_image(struct disk_file *f) {
  FILE *fp = fopen(f->path, "rb");
  f->exists = fp != NULL;
  f->n_synced = 0;
  if (!fp) return;
  unsigned char block[65536];
  for (size_t n; (n = fread(block, 1, sizeof block, fp)) > 0;)
    image_write(f, (int64_t)f->n_synced, block, n);
  fclose(fp);
  f->size = (int64_t)f->n_synced;
}

static struct disk_file *find(const char *path, bool make) {
  for (size_t i = 0; i < disk.n; i++)
    if (strcmp(disk.files[i].path, path) == 0) return &disk.files[i];
  if (!make || disk.n == FILES || strlen(path) >= PATH) return NULL;
  struct disk_file *f = &disk.files[disk.n++];
  snprintf(f->path, sizeof f->path, "%s", path);
  load_image(f);
  return f;
}

/* Counts one operation that changes the disk; true: the power is gone. */
static bool operation(void) {
  if (!disk.gone && ++disk.operations == disk.cut_at) {
    disk.gone = true;
    for (size_t i = 0; i < disk.n; i++)
      if (disk.files[i].exists) tear_changes(&disk.files[i]);
  }
  return disk.gone;
}

static void record(struct disk_file *f, bool truncate, int64_t at, const void *p, size_t n) {
  if (f->n_changes == f->cap_changes) {
    f->cap_changes = f->cap_changes ? f->cap_changes * 2 : 64;
    f->changes = must(reallocarray(f->changes, f->cap_changes, sizeof *f->changes));
  }
  struct change *c = &f->changes[f->n_changes++];
  *c = (struct change){.truncate = truncate, .at = at, .n = n};
  if (n) memcpy(c->bytes = must(malloc(n)), p, n);
}

/* ---- file methods ---- */

static struct shim *of(sqlite3_file *f) {
  return (struct shim *)f;
}

static int x_close(sqlite3_file *f) {
  struct shim *s = of(f);
  int rc = s->real->pMethods ? s->real->pMethods->xClose(s->real) : SQLITE_OK;
  sqlite3_free(s->real);
  return rc;
}

static int x_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at) {
  pthread_mutex_lock(&disk.lock);
  bool gone = disk.gone && of(f)->disk;
  pthread_mutex_unlock(&disk.lock);
  return gone ? SQLITE_IOERR_READ : of(f)->real->pMethods->xRead(of(f)->real, p, n, at);
}

static int x_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at) {
  struct shim *s = of(f);
  if (!s->disk) return s->real->pMethods->xWrite(s->real, p, n, at);
  pthread_mutex_lock(&disk.lock);
  int rc = SQLITE_OK;
  if (operation())
    rc = SQLITE_IOERR_WRITE;
  else if (disk.full && at + n > s->disk->size)
    rc = SQLITE_FULL;
  else
    rc = s->real->pMethods->xWrite(s->real, p, n, at);
  if (rc == SQLITE_OK) {
    record(s->disk, false, at, p, (size_t)n);
    if (at + n > s->disk->size) s->disk->size = at + n;
  }
  pthread_mutex_unlock(&disk.lock);
  return rc;
}

static int x_truncate(sqlite3_file *f, sqlite3_int64 size) {
  struct shim *s = of(f);
  if (!s->disk) return s->real->pMethods->xTruncate(s->real, size);
  pthread_mutex_lock(&disk.lock);
  int rc = operation() ? SQLITE_IOERR_TRUNCATE : s->real->pMethods->xTruncate(s->real, size);
  if (rc == SQLITE_OK) {
    record(s->disk, true, size, NULL, 0);
    s->disk->size = size;
  }
  pthread_mutex_unlock(&disk.lock);
  return rc;
}

static int x_sync(sqlite3_file *f, int flags) {
  struct shim *s = of(f);
  (void)flags;
  if (!s->disk) return SQLITE_OK;
  pthread_mutex_lock(&disk.lock);
  bool gone = operation();
  if (!gone && !disk.lying) sync_changes(s->disk);
  pthread_mutex_unlock(&disk.lock);
  return gone ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

#define PASS(name_, args_, ...)                                                                    \
  static int name_ args_ {                                                                         \
    return of(f)->real->pMethods->__VA_ARGS__;                                                     \
  }
PASS(x_size, (sqlite3_file * f, sqlite3_int64 *n), xFileSize(of(f)->real, n))
PASS(x_lock, (sqlite3_file * f, int k), xLock(of(f)->real, k))
PASS(x_unlock, (sqlite3_file * f, int k), xUnlock(of(f)->real, k))
PASS(x_reserved, (sqlite3_file * f, int *r), xCheckReservedLock(of(f)->real, r))
PASS(x_control, (sqlite3_file * f, int op, void *p), xFileControl(of(f)->real, op, p))
PASS(x_sector, (sqlite3_file * f), xSectorSize(of(f)->real))
PASS(x_device, (sqlite3_file * f), xDeviceCharacteristics(of(f)->real))
PASS(x_shm_map, (sqlite3_file * f, int i, int n, int x, void volatile **p),
     xShmMap(of(f)->real, i, n, x, p))
PASS(x_shm_lock, (sqlite3_file * f, int at, int n, int flags), xShmLock(of(f)->real, at, n, flags))
PASS(x_shm_unmap, (sqlite3_file * f, int del), xShmUnmap(of(f)->real, del))
static void x_shm_barrier(sqlite3_file *f) {
  of(f)->real->pMethods->xShmBarrier(of(f)->real);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, /* no memory mapping: it would go past the record */
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_size,
    .xLock = x_lock,
    .xUnlock = x_unlock,
    .xCheckReservedLock = x_reserved,
    .xFileControl = x_control,
    .xSectorSize = x_sector,
    .xDeviceCharacteristics = x_device,
    .xShmMap = x_shm_map,
    .xShmLock = x_shm_lock,
    .xShmBarrier = x_shm_barrier,
    .xShmUnmap = x_shm_unmap,
};

/* ---- the VFS ---- */

static int v_open(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *out_flags) {
  struct shim *s = of(f);
  (void)v;
  *s = (struct shim){0};
  s->real = sqlite3_malloc(disk.under->szOsFile);
  if (!s->real) return SQLITE_NOMEM;
  memset(s->real, 0, (size_t)disk.under->szOsFile);
  bool kept = path && flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
  pthread_mutex_lock(&disk.lock);
  bool there = kept && access(path, F_OK) == 0;
  int rc = kept && disk.gone ? SQLITE_CANTOPEN
                             : disk.under->xOpen(disk.under, path, s->real, flags, out_flags);
  if (rc == SQLITE_OK && kept) {
    s->disk = must(find(path, true));
    if (!there) {
      s->disk->created = true;
      s->disk->n_synced = 0;
      s->disk->size = 0;
      forget_changes(s->disk);
    }
    s->disk->exists = true;
  }
  pthread_mutex_unlock(&disk.lock);
  if (rc != SQLITE_OK) {
    sqlite3_free(s->real);
    return rc;
  }
  f->pMethods = &methods;
  return SQLITE_OK;
}

static int v_delete(sqlite3_vfs *v, const char *path, int sync) {
  (void)v;
  pthread_mutex_lock(&disk.lock);
  struct disk_file *f = find(path, false);
  int rc = f && operation() ? SQLITE_IOERR_DELETE : disk.under->xDelete(disk.under, path, sync);
  if (rc == SQLITE_OK && f) {
    forget_changes(f);
    f->exists = false;
  }
  pthread_mutex_unlock(&disk.lock);
  return rc;
}

static int v_access(sqlite3_vfs *v, const char *path, int flags, int *out) {
  (void)v;
  return disk.under->xAccess(disk.under, path, flags, out);
}
static int v_path(sqlite3_vfs *v, const char *path, int n, char *out) {
  (void)v;
  return disk.under->xFullPathname(disk.under, path, n, out);
}
static int v_random(sqlite3_vfs *v, int n, char *out) {
  (void)v;
  return disk.under->xRandomness(disk.under, n, out);
}
static int v_sleep(sqlite3_vfs *v, int us) {
  (void)v;
  return disk.under->xSleep(disk.under, us);
}
static int v_time(sqlite3_vfs *v, sqlite3_int64 *out) {
  (void)v;
  return disk.under->xCurrentTimeInt64(disk.under, out);
}
static int v_error(sqlite3_vfs *v, int n, char *out) {
  (void)v;
  return disk.under->xGetLastError(disk.under, n, out);
}

int powercut_install(void) {
  disk.under = sqlite3_vfs_find(NULL);
  if (!disk.under) return SQLITE_ERROR;
  disk.vfs = (sqlite3_vfs){
      .iVersion = 2,
      .szOsFile = sizeof(struct shim),
      .mxPathname = disk.under->mxPathname,
      .zName = POWERCUT_VFS,
      .xOpen = v_open,
      .xDelete = v_delete,
      .xAccess = v_access,
      .xFullPathname = v_path,
      .xRandomness = v_random,
      .xSleep = v_sleep,
      .xGetLastError = v_error,
      .xCurrentTimeInt64 = v_time,
  };
  return sqlite3_vfs_register(&disk.vfs, 0);
}

void powercut_begin(uint64_t seed, uint64_t cut_at, bool lying) {
  pthread_mutex_lock(&disk.lock);
  for (size_t i = 0; i < disk.n; i++) {
    forget_changes(&disk.files[i]);
    free(disk.files[i].changes);
    free(disk.files[i].synced);
  }
  memset(disk.files, 0, sizeof disk.files);
  disk.n = 0;
  disk.dice = seed * UINT64_C(2862933555777941757) + UINT64_C(3037000493);
  disk.operations = 0;
  disk.cut_at = cut_at;
  disk.lying = lying;
  disk.gone = disk.full = false;
  pthread_mutex_unlock(&disk.lock);
}

bool powercut_happened(void) {
  pthread_mutex_lock(&disk.lock);
  bool gone = disk.gone;
  pthread_mutex_unlock(&disk.lock);
  return gone;
}

uint64_t powercut_operations(void) {
  pthread_mutex_lock(&disk.lock);
  uint64_t n = disk.operations;
  pthread_mutex_unlock(&disk.lock);
  return n;
}

void powercut_full(bool full) {
  pthread_mutex_lock(&disk.lock);
  disk.full = full;
  pthread_mutex_unlock(&disk.lock);
}

bool powercut_restore(void) {
  bool ok = true;
  pthread_mutex_lock(&disk.lock);
  for (size_t i = 0; i < disk.n && ok; i++) {
    struct disk_file *f = &disk.files[i];
    char shm[PATH + 8];
    snprintf(shm, sizeof shm, "%s-shm", f->path);
    unlink(shm); /* memory, not disk */
    unlink(f->path);
    if (!f->exists) continue;
    int fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    size_t done = 0;
    while (fd >= 0 && done < f->n_synced) {
      ssize_t n = write(fd, f->synced + done, f->n_synced - done);
      if (n <= 0) break;
      done += (size_t)n;
    }
    ok = fd >= 0 && done == f->n_synced;
    if (fd >= 0) close(fd);
  }
  pthread_mutex_unlock(&disk.lock);
  return ok;
}
