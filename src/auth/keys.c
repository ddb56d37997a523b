#include "auth/keys_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char heading[] = "shouwang-keys 1\n";

/* ---- files ---- */

static void fd_close(const int *fd) {
  if (*fd >= 0) close(*fd);
}

static int sync_folder_of(const char *file) {
  char folder[KEY_PATH_MAX];
  struct str path = str_from(file);
  size_t n = path.n;
  while (n > 0 && path.p[n - 1] != '/') n--;
  if (n >= sizeof folder) return -1;
  memcpy(folder, n ? path.p : "./", n ? n : 2);
  folder[n ? n : 2] = 0;
  _cleanup_(fd_close) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return fd < 0 ? -1 : fsync(fd);
}

static int write_all(int fd, struct str s) {
  while (s.n) {
    ssize_t w = write(fd, s.p, s.n);
    if (w < 0 && errno == EINTR) continue;
    if (w < 0) return -1;
    s = str_sub(s, (size_t)w, s.n);
  }
  return fsync(fd);
}

static int file_error(struct err *e, const char *what) {
  int no = errno;
  return err_sys(e, no == ENOSPC || no == EDQUOT ? E_DISK_FULL : E_IO, what, no);
}

int keys_write_file(const char *file, struct str content, struct err *e) {
  char fresh[KEY_PATH_MAX];
  int n = snprintf(fresh, sizeof fresh, "%s.new", file);
  if (n < 0 || (size_t)n >= sizeof fresh) return err_set(e, E_INVALID, "path too long");
  _cleanup_(fd_close) int fd =
      open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return file_error(e, "cannot write beside the key file");
  if (write_all(fd, content) != 0 || rename(fresh, file) != 0 || sync_folder_of(file) != 0) {
    int r = file_error(e, "cannot write beside the key file");
    unlink(fresh);
    return r;
  }
  return 0;
}

/* What stood in the replaced file is overwritten, since it may hold a key that was destroyed. On a
 * file system that never writes in place this is no help; the tombstone does not depend on it. */
static void wipe_old(int fd) {
  struct stat st;
  if (fd < 0 || fstat(fd, &st) != 0) return;
  char zeros[4096] = {0};
  for (off_t at = 0; at < st.st_size; at += (off_t)sizeof zeros)
    if (pwrite(fd, zeros, sizeof zeros, at) < 0) return;
  (void)fsync(fd);
}

/* ---- text in and out ---- */

/* Text with secrets lives in locked memory only. */
struct secret_text {
  char *p;
  size_t n, max;
};
static void secret_done(struct secret_text *t) {
  sodium_free(t->p);
}
static int secret_make(struct secret_text *t, struct err *e) {
  *t = (struct secret_text){.p = sodium_malloc(KEY_FILE_MAX), .max = KEY_FILE_MAX};
  return t->p ? 0 : err_set(e, E_NOMEM, "no locked memory for keys");
}
_printf_(2, 3) static void secret_add(struct secret_text *t, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  int w = vsnprintf(t->p + t->n, t->max - t->n, fmt, ap);
  va_end(ap);
  if (w > 0) t->n += (size_t)w < t->max - t->n ? (size_t)w : t->max - t->n;
}

static void file_mac(const uint8_t master[KEY_BYTES], struct str text, uint8_t out[32]) {
  uint8_t sub[KEY_BYTES];
  crypto_kdf_derive_from_key(sub, sizeof sub, 99, "shouwang", master);
  crypto_generichash(out, 32, (const uint8_t *)text.p, text.n, sub, sizeof sub);
  sodium_memzero(sub, sizeof sub);
}

static void keys_print(const struct secrets *s, struct secret_text *t) {
  char hex[2 * KEY_BYTES + 1];
  secret_add(t, "%s", heading);
  hex_encode(s->master, KEY_BYTES, hex);
  secret_add(t, "master %s\n", hex);
  for (size_t i = 0; i < s->n; i++) {
    const struct slot *k = &s->slots[i];
    if (k->state == KEY_ACTIVE) {
      hex_encode(k->key, KEY_BYTES, hex);
      secret_add(t, "key %lld %u %lld %s\n", (long long)k->op, k->no, (long long)k->created_ms,
                 hex);
    } else {
      secret_add(t, "destroyed %lld %u %lld %lld\n", (long long)k->op, k->no,
                 (long long)k->created_ms, (long long)k->destroyed_ms);
    }
  }
  for (size_t i = 0; i < s->n_boxes; i++) {
    const struct box *b = &s->boxes[i];
    hex_encode(b->secret, KEY_BYTES, hex);
    secret_add(t, "box %u %lld %s\n", b->id, (long long)b->created_ms, hex);
  }
  for (size_t i = 0; i < s->n_escrows; i++)
    secret_add(t, "escrow %lld\n", (long long)s->escrows[i]);
  uint8_t mac[32];
  file_mac(s->master, (struct str){t->p, t->n}, mac);
  hex_encode(mac, sizeof mac, hex);
  secret_add(t, "end %s\n", hex);
  sodium_memzero(hex, sizeof hex);
}

static void derive(struct secrets *s) {
  for (unsigned p = 1; p < KEY_PURPOSES_; p++)
    crypto_kdf_derive_from_key(s->sub[p], KEY_BYTES, p, "shouwang", s->master);
  for (size_t i = 0; i < s->n; i++) {
    struct slot *k = &s->slots[i];
    if (k->state != KEY_ACTIVE) continue;
    crypto_kdf_derive_from_key(k->seal, KEY_BYTES, 1, "operatn1", k->key);
    crypto_kdf_derive_from_key(k->blind, KEY_BYTES, 2, "operatn1", k->key);
  }
  for (size_t i = 0; i < s->n_boxes; i++)
    (void)crypto_scalarmult_base(s->boxes[i].open, s->boxes[i].secret);
}

static bool word_i64(struct str *line, int64_t *ret_v) {
  return parse_i64(str_split(line, ' '), 0, INT64_MAX, ret_v) == 0;
}

static bool parse_box(struct secrets *s, struct str line) {
  int64_t id;
  if (s->n_boxes == BOX_KEYS_MAX) return false;
  struct box *b = &s->boxes[s->n_boxes++];
  if (!word_i64(&line, &id) || id < 1 || id > UINT32_MAX || !word_i64(&line, &b->created_ms))
    return false;
  b->id = (uint32_t)id;
  return hex_decode(line, b->secret, KEY_BYTES) == 0;
}

static bool parse_line(struct secrets *s, struct str line) {
  struct str word = str_split(&line, ' ');
  if (str_is(word, "master")) return hex_decode(line, s->master, KEY_BYTES) == 0;
  if (str_is(word, "escrow"))
    return s->n_escrows < ESCROWS_MAX && word_i64(&line, &s->escrows[s->n_escrows++]);
  if (str_is(word, "box")) return parse_box(s, line);
  bool active = str_is(word, "key");
  if (!active && !str_is(word, "destroyed")) return false;
  if (s->n == LIMIT_KEYS) return false;
  struct slot *k = &s->slots[s->n++];
  int64_t no;
  k->state = active ? KEY_ACTIVE : KEY_DESTROYED;
  if (!word_i64(&line, &k->op) || !word_i64(&line, &no) || no > UINT32_MAX ||
      !word_i64(&line, &k->created_ms))
    return false;
  k->no = (uint32_t)no;
  return active ? hex_decode(line, k->key, KEY_BYTES) == 0 : word_i64(&line, &k->destroyed_ms);
}

static int keys_parse(struct str text, struct secrets *s, struct err *e) {
  struct str rest = text;
  sodium_memzero(s, sizeof *s);
  if (!str_starts(rest, str_from(heading)))
    return err_set(e, E_INVALID, "this is not a key file of this version");
  rest = str_sub(rest, sizeof heading - 1, rest.n);
  while (rest.n) {
    size_t before = (size_t)(rest.p - text.p);
    struct str line = str_split(&rest, '\n');
    if (str_starts(line, S("end "))) {
      uint8_t want[32], got[32];
      file_mac(s->master, (struct str){text.p, before}, want);
      if (hex_decode(str_sub(line, 4, line.n), got, sizeof got) != 0 ||
          sodium_memcmp(want, got, sizeof got) != 0)
        return err_set(e, E_INVALID, "the key file is damaged");
      derive(s);
      return 0;
    }
    if (!parse_line(s, line)) return err_set(e, E_INVALID, "the key file is damaged");
  }
  return err_set(e, E_INVALID, "the key file is cut short");
}

static int read_file(const char *file, bool secret, struct secret_text *t, struct stat *st,
                     struct err *e) {
  _cleanup_(fd_close) int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return err_sys(e, errno == EACCES ? E_FORBIDDEN : E_UNAVAILABLE, "cannot open the key file",
                   errno);
  if (fstat(fd, st) != 0 || !S_ISREG(st->st_mode))
    return err_set(e, E_INVALID, "the key file is no ordinary file");
  if (secret && (st->st_mode & 077))
    return err_set(e, E_FORBIDDEN, "others may read the key file: its mode must be 0600");
  if ((size_t)st->st_size >= t->max) return err_set(e, E_INVALID, "the key file is too large");
  while (t->n < (size_t)st->st_size) {
    ssize_t r = read(fd, t->p + t->n, (size_t)st->st_size - t->n);
    if (r < 0 && errno == EINTR) continue;
    if (r <= 0) return err_sys(e, E_IO, "cannot read the key file", errno);
    t->n += (size_t)r;
  }
  return 0;
}

/* ---- one set of keys ---- */

static bool same_file(const struct stat *a, const struct stat *b) {
  return a->st_ino == b->st_ino && a->st_size == b->st_size &&
         a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void take_in(struct keys *k, const struct secrets *s, const struct stat *st) {
  pthread_rwlock_wrlock(&k->lock);
  memcpy(k->s, s, sizeof *s);
  k->seen = *st;
  pthread_rwlock_unlock(&k->lock);
}

/* With k->change held. */
static int load(struct keys *k, struct err *e) {
  _cleanup_(secret_done) struct secret_text t;
  struct stat st;
  int r = secret_make(&t, e) ?: read_file(k->file, true, &t, &st, e);
  if (r == 0) r = keys_parse((struct str){t.p, t.n}, k->draft, e);
  if (r == 0) take_in(k, k->draft, &st);
  return r;
}

/* With k->change and the file's lock held: writes the draft, then uses it. */
static int save(struct keys *k, struct err *e) {
  _cleanup_(secret_done) struct secret_text t;
  int r = secret_make(&t, e);
  if (r) return r;
  keys_print(k->draft, &t);
  _cleanup_(fd_close) int old = open(k->file, O_RDWR | O_CLOEXEC);
  r = keys_write_file(k->file, (struct str){t.p, t.n}, e);
  if (r) return r;
  wipe_old(old);
  struct stat st = {0};
  if (stat(k->file, &st) != 0) return file_error(e, "cannot read the key file back");
  derive(k->draft);
  take_in(k, k->draft, &st);
  return 0;
}

/* Other processes (the command line beside a server) wait here; the lock has a file of its own
 * since the key file is replaced. */
static int lock_file(const struct keys *k, int *ret_fd, struct err *e) {
  char name[KEY_PATH_MAX];
  int n = snprintf(name, sizeof name, "%s.lock", k->file);
  if (n < 0 || (size_t)n >= sizeof name) return err_set(e, E_INVALID, "path too long");
  int fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return file_error(e, "cannot lock the key file");
  int r;
  while ((r = flock(fd, LOCK_EX)) != 0 && errno == EINTR) {
  }
  if (r != 0) {
    r = file_error(e, "cannot lock the key file");
    close(fd);
    return r;
  }
  *ret_fd = fd;
  return 0;
}

int keys_edit(struct keys *k, int (*edit)(struct secrets *, void *, struct err *), void *arg,
              struct err *e) {
  _cleanup_(fd_close) int fd = -1;
  pthread_mutex_lock(&k->change);
  int r = lock_file(k, &fd, e) ?: load(k, e);
  if (r == 0) r = edit(k->draft, arg, e);
  if (r == 0) r = save(k, e);
  sodium_memzero(k->draft, sizeof *k->draft);
  pthread_mutex_unlock(&k->change);
  return r == 1 ? 0 : r;
}

static int make_file(struct keys *k, int64_t now_ms, struct err *e) {
  _cleanup_(fd_close) int fd = -1;
  struct stat st;
  pthread_mutex_lock(&k->change);
  int r = lock_file(k, &fd, e);
  if (r == 0 && stat(k->file, &st) != 0) {
    sodium_memzero(k->draft, sizeof *k->draft);
    randombytes_buf(k->draft->master, KEY_BYTES);
    struct slot *global = &k->draft->slots[k->draft->n++];
    *global = (struct slot){.op = 0, .no = 1, .state = KEY_ACTIVE, .created_ms = now_ms};
    randombytes_buf(global->key, KEY_BYTES);
    box_add(k->draft, now_ms);
    r = save(k, e);
  }
  pthread_mutex_unlock(&k->change);
  return r;
}

int keys_open(const char *file, bool create, int64_t now_ms, struct keys **ret_keys,
              struct err *e) {
  if (sodium_init() < 0) return err_set(e, E_UNAVAILABLE, "libsodium does not start");
  size_t n = strlen(file);
  if (n == 0 || n + 16 > KEY_PATH_MAX) return err_set(e, E_INVALID, "bad path of the key file");
  struct keys *k = calloc(1, sizeof *k);
  if (!k) return err_set(e, E_NOMEM, "no memory for keys");
  memcpy(k->file, file, n + 1);
  pthread_rwlock_init(&k->lock, NULL);
  pthread_mutex_init(&k->change, NULL);
  k->sealer.ops = &keys_sealer_ops;
  k->s = sodium_malloc(sizeof *k->s);
  k->draft = sodium_malloc(sizeof *k->draft);
  int r = k->s && k->draft ? 0 : err_set(e, E_NOMEM, "no locked memory for keys");
  if (r == 0 && create) r = make_file(k, now_ms, e);
  if (r == 0) {
    pthread_mutex_lock(&k->change);
    r = load(k, e);
    sodium_memzero(k->draft, sizeof *k->draft);
    pthread_mutex_unlock(&k->change);
  }
  if (r) {
    keys_close(k);
    return r;
  }
  *ret_keys = k;
  return 0;
}

struct keys *keys_close(struct keys *k) {
  if (!k) return NULL;
  sodium_free(k->s);
  sodium_free(k->draft);
  pthread_rwlock_destroy(&k->lock);
  pthread_mutex_destroy(&k->change);
  free(k);
  return NULL;
}

const char *keys_file(const struct keys *k) {
  return k->file;
}

struct str keys_default_file(struct arena *a, const char *where) {
  struct str w = str_from(where);
  if (str_starts(w, S("postgres"))) return S("/var/lib/shouwang/keys");
  while (w.n > 1 && w.p[w.n - 1] == '/') w.n--;
  return arena_printf(a, STR_FMT ".keys", STR_ARG(w));
}

int keys_reload(struct keys *k, struct err *e) {
  struct stat st;
  if (stat(k->file, &st) != 0) return err_sys(e, E_UNAVAILABLE, "the key file is gone", errno);
  pthread_rwlock_rdlock(&k->lock);
  bool same = same_file(&st, &k->seen);
  pthread_rwlock_unlock(&k->lock);
  if (same) return 0;
  pthread_mutex_lock(&k->change);
  int r = load(k, e);
  sodium_memzero(k->draft, sizeof *k->draft);
  pthread_mutex_unlock(&k->change);
  return r;
}

/* ---- operations ---- */

struct slot *secrets_by_op(struct secrets *s, int64_t op) {
  for (size_t i = 0; i < s->n; i++)
    if (s->slots[i].op == op) return &s->slots[i];
  return NULL;
}

struct edit {
  int64_t op, at_ms;
  size_t escrows;
};

static int edit_create(struct secrets *s, void *arg, struct err *e) {
  const struct edit *ed = arg;
  const struct slot *there = secrets_by_op(s, ed->op);
  if (there && there->state == KEY_ACTIVE) return 1;
  if (there) return err_set(e, E_GONE, "the operation's key has been destroyed");
  if (s->n == LIMIT_KEYS) return err_set(e, E_TOO_LARGE, "the key file is full");
  uint32_t no = 0;
  for (size_t i = 0; i < s->n; i++)
    if (s->slots[i].no > no) no = s->slots[i].no;
  struct slot *k = &s->slots[s->n++];
  *k = (struct slot){.op = ed->op, .no = no + 1, .state = KEY_ACTIVE, .created_ms = ed->at_ms};
  randombytes_buf(k->key, KEY_BYTES);
  return 0;
}

int keys_operation_create(struct keys *k, int64_t op, int64_t now_ms, struct err *e) {
  struct edit ed = {.op = op, .at_ms = now_ms};
  if (op < 0) return err_set(e, E_BUG, "operations have positive numbers");
  return keys_edit(k, edit_create, &ed, e);
}

static int edit_destroy(struct secrets *s, void *arg, struct err *e) {
  struct edit *ed = arg;
  struct slot *k = secrets_by_op(s, ed->op);
  if (!k) return err_set(e, E_NOT_FOUND, "the operation has no key");
  if (k->state == KEY_DESTROYED) return 1;
  sodium_memzero(k->key, sizeof k->key);
  sodium_memzero(k->seal, sizeof k->seal);
  sodium_memzero(k->blind, sizeof k->blind);
  k->state = KEY_DESTROYED;
  k->destroyed_ms = ed->at_ms;
  for (size_t i = 0; i < s->n_escrows; i++) ed->escrows += s->escrows[i] >= k->created_ms;
  return 0;
}

int keys_operation_destroy(struct keys *k, int64_t op, int64_t now_ms, size_t *ret_escrows,
                           struct err *e) {
  struct edit ed = {.op = op, .at_ms = now_ms};
  if (op <= 0) return err_set(e, E_INVALID, "only an operation's key can be destroyed");
  int r = keys_edit(k, edit_destroy, &ed, e);
  if (r == 0 && ret_escrows) *ret_escrows = ed.escrows;
  return r;
}

size_t keys_list(struct keys *k, struct key_info *out, size_t max) {
  pthread_rwlock_rdlock(&k->lock);
  size_t n = k->s->n < max ? k->s->n : max;
  for (size_t i = 0; i < n; i++) {
    const struct slot *s = &k->s->slots[i];
    out[i] = (struct key_info){.op = s->op,
                               .no = s->no,
                               .state = s->state,
                               .created_ms = s->created_ms,
                               .destroyed_ms = s->destroyed_ms};
  }
  pthread_rwlock_unlock(&k->lock);
  return n;
}

enum key_state keys_operation_state(struct keys *k, int64_t op) {
  pthread_rwlock_rdlock(&k->lock);
  const struct slot *s = secrets_by_op(k->s, op);
  enum key_state st = s ? s->state : KEY_NONE;
  pthread_rwlock_unlock(&k->lock);
  return st;
}

/* ---- escrow: a one-time pad and what it covers ---- */

static int edit_escrow(struct secrets *s, void *arg, struct err *e) {
  const struct edit *ed = arg;
  if (s->n_escrows == ESCROWS_MAX) {
    memmove(s->escrows, s->escrows + 1, sizeof s->escrows[0] * (ESCROWS_MAX - 1));
    s->n_escrows--;
  }
  s->escrows[s->n_escrows++] = ed->at_ms;
  (void)e;
  return 0;
}

static int write_share(const char *file, char name, int64_t at_ms, const uint8_t *p, size_t n,
                       struct err *e) {
  _cleanup_(secret_done) struct secret_text t = {.p = sodium_malloc(3 * KEY_FILE_MAX),
                                                 .max = 3 * KEY_FILE_MAX};
  if (!t.p) return err_set(e, E_NOMEM, "no locked memory for keys");
  secret_add(&t, "shouwang-escrow 1 %c %lld %zu\n", name, (long long)at_ms, n);
  char hex[2 * 32 + 1];
  for (size_t i = 0; i < n; i += 32) {
    hex_encode(p + i, n - i < 32 ? n - i : 32, hex);
    secret_add(&t, "%s\n", hex);
  }
  sodium_memzero(hex, sizeof hex);
  _cleanup_(fd_close) int fd =
      open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) {
    if (errno == EEXIST) return err_set(e, E_EXISTS, "the share's file exists already");
    return file_error(e, "cannot write the share");
  }
  if (write_all(fd, (struct str){t.p, t.n}) != 0 || sync_folder_of(file) != 0) {
    int r = file_error(e, "cannot write the share");
    unlink(file);
    return r;
  }
  return 0;
}

int keys_export_escrow(struct keys *k, const char *share_a, const char *share_b, int64_t now_ms,
                       struct err *e) {
  struct edit ed = {.at_ms = now_ms};
  _cleanup_(secret_done) struct secret_text t = {0}, pad = {0};
  int r = secret_make(&t, e);
  if (r == 0) r = secret_make(&pad, e);
  if (r == 0) r = keys_edit(k, edit_escrow, &ed, e);
  if (r) return r;
  pthread_rwlock_rdlock(&k->lock);
  keys_print(k->s, &t);
  pthread_rwlock_unlock(&k->lock);
  randombytes_buf(pad.p, t.n);
  for (size_t i = 0; i < t.n; i++) t.p[i] = (char)(t.p[i] ^ pad.p[i]);
  r = write_share(share_a, 'A', now_ms, (uint8_t *)pad.p, t.n, e);
  if (r) return r;
  r = write_share(share_b, 'B', now_ms, (uint8_t *)t.p, t.n, e);
  if (r) unlink(share_a);
  return r;
}

static int read_share(const char *file, char name, int64_t *ret_at, struct secret_text *out,
                      struct err *e) {
  _cleanup_(secret_done) struct secret_text t = {.p = sodium_malloc(3 * KEY_FILE_MAX),
                                                 .max = 3 * KEY_FILE_MAX};
  struct stat st;
  int64_t size;
  if (!t.p) return err_set(e, E_NOMEM, "no locked memory for keys");
  int r = read_file(file, false, &t, &st, e);
  if (r) return r;
  struct str rest = {t.p, t.n}, head = str_split(&rest, '\n');
  char want[] = "shouwang-escrow 1 ?";
  want[sizeof want - 2] = name;
  if (!str_starts(head, str_from(want)))
    return err_field(e, E_INVALID, "this is not the share expected here", file);
  head = str_sub(head, sizeof want, head.n);
  if (!word_i64(&head, ret_at) || parse_i64(head, 1, KEY_FILE_MAX - 1, &size) != 0)
    return err_field(e, E_INVALID, "the share is damaged", file);
  while (rest.n && out->n < (size_t)size) {
    struct str line = str_split(&rest, '\n');
    size_t n = line.n / 2;
    if (line.n % 2 || out->n + n > (size_t)size || hex_decode(line, out->p + out->n, n) != 0)
      return err_field(e, E_INVALID, "the share is damaged", file);
    out->n += n;
  }
  return out->n == (size_t)size ? 0 : err_field(e, E_INVALID, "the share is cut short", file);
}

int keys_from_escrow(const char *share_a, const char *share_b, const char *file, struct err *e) {
  _cleanup_(secret_done) struct secret_text a = {0}, b = {0};
  int64_t at_a, at_b;
  if (sodium_init() < 0) return err_set(e, E_UNAVAILABLE, "libsodium does not start");
  if (access(file, F_OK) == 0) return err_set(e, E_EXISTS, "there is a key file already");
  int r = secret_make(&a, e) ?: secret_make(&b, e);
  if (r == 0) r = read_share(share_a, 'A', &at_a, &a, e) ?: read_share(share_b, 'B', &at_b, &b, e);
  if (r) return r;
  if (at_a != at_b || a.n != b.n) return err_set(e, E_INVALID, "the two shares are not of one set");
  for (size_t i = 0; i < a.n; i++) a.p[i] = (char)(a.p[i] ^ b.p[i]);
  struct secrets *s = sodium_malloc(sizeof *s);
  if (!s) return err_set(e, E_NOMEM, "no locked memory for keys");
  r = keys_parse((struct str){a.p, a.n}, s, e);
  sodium_free(s);
  return r ?: keys_write_file(file, (struct str){a.p, a.n}, e);
}
