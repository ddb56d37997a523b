/* For tests of what calls another service: one of a few lines on the loopback, which keeps the last
 * request and answers as told, and the channels' file that allows it. The service has a thread of
 * its own; what it keeps is read by the test when the call is over. */
#ifndef SHOUWANG_TESTS_UNIT_SERVICE_FIXTURE_H
#define SHOUWANG_TESTS_UNIT_SERVICE_FIXTURE_H

#include "harness.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct service {
  int fd, port;
  pthread_t thread;
  pthread_mutex_t lock;
  bool stop, silent;
  int status, calls;
  const char *answer;
  char head[4096], body[16384];
};

static inline void serve_one(struct service *s, int fd) {
  char head[4096] = "", body[16384] = "", out[1024];
  size_t n = 0, want = 0, got = 0;
  while (n + 1 < sizeof head && !strstr(head, "\r\n\r\n") && read(fd, head + n, 1) == 1)
    head[++n] = 0;
  const char *length = strcasestr(head, "Content-Length:");
  if (length) want = strtoul(length + 15, NULL, 10);
  if (strcasestr(head, "Expect: 100")) (void)!write(fd, "HTTP/1.1 100 Continue\r\n\r\n", 25);
  for (ssize_t more;
       got < want && got + 1 < sizeof body && (more = read(fd, body + got, want - got)) > 0;)
    got += (size_t)more;
  pthread_mutex_lock(&s->lock);
  s->calls++;
  memcpy(s->head, head, sizeof head);
  memcpy(s->body, body, sizeof body);
  const bool silent = s->silent;
  const int len = snprintf(out, sizeof out,
                           "HTTP/1.1 %d Said\r\nContent-Type: application/json\r\nContent-Length: "
                           "%zu\r\nConnection: close\r\n\r\n%s",
                           s->status, strlen(s->answer), s->answer);
  pthread_mutex_unlock(&s->lock);
  if (!silent) (void)!write(fd, out, (size_t)len);
  char rest;
  if (silent) (void)!read(fd, &rest, 1); /* until the caller hangs up */
}

static inline void *service_main(void *arg) {
  struct service *s = arg;
  for (;;) {
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    pthread_mutex_lock(&s->lock);
    const bool stop = s->stop;
    pthread_mutex_unlock(&s->lock);
    if (stop) return NULL;
    if (poll(&p, 1, 20) <= 0) continue;
    int fd = accept(s->fd, NULL, NULL);
    if (fd < 0) continue;
    serve_one(s, fd);
    close(fd);
  }
}

static inline bool service_open(struct service *s) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  *s = (struct service){.lock = PTHREAD_MUTEX_INITIALIZER, .status = 200, .answer = "{}"};
  s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&a, n) < 0 || listen(s->fd, 8) < 0) return false;
  getsockname(s->fd, (struct sockaddr *)&a, &n);
  s->port = ntohs(a.sin_port);
  return pthread_create(&s->thread, NULL, service_main, s) == 0;
}

static inline void service_done(struct service *s) {
  if (!s->port) return;
  pthread_mutex_lock(&s->lock);
  s->stop = true;
  pthread_mutex_unlock(&s->lock);
  pthread_join(s->thread, NULL);
  close(s->fd);
}

static inline void answers(struct service *s, int status, const char *answer) {
  pthread_mutex_lock(&s->lock);
  s->status = status;
  s->answer = answer;
  s->silent = answer == NULL;
  if (!answer) s->answer = "";
  pthread_mutex_unlock(&s->lock);
}

static char book_file[64];

static inline bool write_book(const char *text, mode_t mode) {
  snprintf(book_file, sizeof book_file, "/tmp/sw-channels.%d", (int)getpid());
  unlink(book_file);
  int fd = open(book_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const bool good =
      fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fchmod(fd, mode) == 0;
  if (fd >= 0) close(fd);
  return good && setenv("SHOUWANG_CHANNELS", book_file, 1) == 0;
}
static inline void book_done(int *unused) {
  (void)unused;
  unsetenv("SHOUWANG_CHANNELS");
  unlink(book_file);
}
#define BOOK(text)                                                                                 \
  _cleanup_(book_done) int book_is_there = 0;                                                      \
  (void)book_is_there;                                                                             \
  CHECK(write_book((text), 0600))

#endif
