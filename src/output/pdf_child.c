/* The process that draws, from both of its ends. */
#include "base/limits.h"
#include "base/timeutil.h"
#include "output/pdf.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child's exit status carries our own code from 64 on; below lie the usual meanings. */
enum { STATUS_OF_ERROR = 64 };

/* --- the child -------------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BOUND_MEMORY 0 /* the sanitizers' shadow alone is larger */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BOUND_MEMORY 0
#endif
#endif
#ifndef BOUND_MEMORY
#define BOUND_MEMORY 1
#endif

static void bound_myself(void) {
  struct rlimit none = {0, 0}, cpu = {LIMIT_PDF_SECONDS, LIMIT_PDF_SECONDS},
                memory = {LIMIT_PDF_MEMORY, LIMIT_PDF_MEMORY};
  /* no core: it would hold people's names */
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_CPU, &cpu);
  if (BOUND_MEMORY) setrlimit(RLIMIT_AS, &memory);
  prctl(PR_SET_DUMPABLE, 0);
}

static int read_all(int fd, struct buf *in, struct err *e) {
  for (;;) {
    char piece[16 * 1024];
    ssize_t n = read(fd, piece, sizeof piece);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return err_sys(e, E_IO, "pdf_read", errno);
    if (n == 0) return buf_ok(in) ? 0 : err_set(e, E_TOO_LARGE, "pdf_description");
    buf_add(in, piece, (size_t)n);
  }
}

static int write_all(int fd, struct str s, struct err *e) {
  while (s.n) {
    ssize_t n = write(fd, s.p, s.n);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return err_sys(e, E_IO, "pdf_write", errno);
    s = str_sub(s, (size_t)n, s.n);
  }
  return 0;
}

int pdf_render_main(int in_fd, int out_fd) {
  _cleanup_(buf_done) struct buf in = BUF_INIT(LIMIT_PDF_JSON), out = BUF_INIT(LIMIT_PDF_OUT);
  struct err e = {0};
  bound_myself();
  int r = read_all(in_fd, &in, &e);
  if (r == 0) r = pdf_render_here(buf_str(&in), &out, &e);
  if (r == 0) r = write_all(out_fd, buf_str(&out), &e);
  return r < 0 ? STATUS_OF_ERROR - r : 0;
}

/* --- the parent ------------------------------------------------------------------------------- */

struct child {
  pid_t pid; /* 0: none */
  int fd;    /* our end of the pair, -1: none */
};

static void child_done(struct child *c) {
  if (c->fd >= 0) close(c->fd);
  if (c->pid > 0) {
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR) continue;
  }
  *c = (struct child){.fd = -1};
}

/* What fonts need of the environment, and nothing else: ours may hold a database's password. */
static void pick_environment(char *to[], size_t room) {
  static const char *wanted[] = {
      "PATH=",         "HOME=",         "XDG_CACHE_HOME=", "FONTCONFIG_",  "TMPDIR=",
      "ASAN_OPTIONS=", "LSAN_OPTIONS=", "UBSAN_OPTIONS=",  "TSAN_OPTIONS="};
  size_t n = 0;
  for (char **at = environ; at && *at; at++)
    for (size_t i = 0; i < ARRAY_LEN(wanted) && n + 1 < room; i++)
      if (strncmp(*at, wanted[i], strlen(wanted[i])) == 0) to[n++] = *at;
  to[n] = NULL;
}

static int start(struct child *c, struct err *e) {
  char *argv[] = {(char[]){"shouwang"}, (char[]){PDF_COMMAND}, NULL};
  char *env[32];
  int pair[2];
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    return err_sys(e, E_IO, "pdf_socket", errno);
  pick_environment(env, ARRAY_LEN(env));
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pair[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, pair[1], STDOUT_FILENO);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  int sys = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, argv, env);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(pair[1]);
  if (sys) {
    close(pair[0]);
    return err_sys(e, sys == ENOMEM ? E_NOMEM : E_IO, "pdf_spawn", sys);
  }
  *c = (struct child){.pid = pid, .fd = pair[0]};
  return 0;
}

/* Sends what can be sent; *in loses it. */
static int push(int fd, struct str *in, struct err *e) {
  ssize_t n = send(fd, in->p, in->n, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  /* it died: its status says more */
  if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) n = (ssize_t)in->n;
  if (n < 0) return err_sys(e, E_IO, "pdf_write", errno);
  *in = str_sub(*in, (size_t)n, in->n);
  if (in->n == 0) shutdown(fd, SHUT_WR);
  return 0;
}

static int pull(int fd, struct buf *out, bool *ret_end, struct err *e) {
  char piece[32 * 1024];
  ssize_t n = recv(fd, piece, sizeof piece, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (n < 0 && errno != ECONNRESET) return err_sys(e, E_IO, "pdf_read", errno);
  if (n <= 0) {
    *ret_end = true;
    return 0;
  }
  buf_add(out, piece, (size_t)n);
  return buf_ok(out) ? 0 : err_set(e, E_TOO_LARGE, "pdf_size");
}

static int exchange(struct child *c, struct str in, struct buf *out, struct err *e) {
  int64_t deadline = monotonic_ms() + LIMIT_PDF_SECONDS * MS_SECOND;
  bool end = false;
  while (!end) {
    int64_t left = deadline - monotonic_ms();
    struct pollfd p = {.fd = c->fd, .events = (short)(POLLIN | (in.n ? POLLOUT : 0))};
    if (left <= 0) return err_set(e, E_TIMEOUT, "pdf");
    if (poll(&p, 1, (int)left) < 0 && errno != EINTR) return err_sys(e, E_IO, "pdf_poll", errno);
    int r = 0;
    if (in.n && (p.revents & (POLLOUT | POLLERR | POLLHUP))) r = push(c->fd, &in, e);
    if (r == 0 && (p.revents & (POLLIN | POLLHUP | POLLERR))) r = pull(c->fd, out, &end, e);
    if (r < 0) return r;
  }
  return 0;
}

static int say_status(int status, struct err *e) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) return err_set(e, E_TIMEOUT, "pdf");
  int code = WIFEXITED(status) ? WEXITSTATUS(status) - STATUS_OF_ERROR : 0;
  if (code == E_UNAVAILABLE) return err_set(e, code, "pdf_font");
  if (code > 0 && code < E_COUNT_) return err_set(e, code, "pdf");
  /* fonts and layout end the process themselves where memory runs out */
  return err_sys(e, E_NOMEM, "pdf_process", status);
}

int pdf_render(const struct pdf *p, struct buf *out, struct err *e) {
  _cleanup_(child_done) struct child c = {.fd = -1};
  if (!buf_ok(p->json)) return err_set(e, E_TOO_LARGE, "pdf_description");
  if (!pdf_ok(p)) return err_set(e, E_BUG, "pdf_description");
  size_t before = out->n;
  int status = 0;
  int r = start(&c, e);
  if (r == 0) r = exchange(&c, buf_str(p->json), out, e);
  if (r == 0) {
    while (waitpid(c.pid, &status, 0) < 0)
      if (errno != EINTR) return err_sys(e, E_IO, "pdf_wait", errno);
    c.pid = 0;
    r = say_status(status, e);
  }
  if (r < 0) out->n = before;
  return r;
}
