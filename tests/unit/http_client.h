/* A blocking HTTP client for tests: raw bytes out, one answer in, with a time limit on every wait
 * so that a server that hangs fails a test instead of stopping it. Memory of an answer is its own
 * fixed buffer, reused by the next read. One thread per client. */
#ifndef SHOUWANG_TESTS_UNIT_HTTP_CLIENT_H
#define SHOUWANG_TESTS_UNIT_HTTP_CLIENT_H

#include "base/str.h"
#include "base/timeutil.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENT_BUFFER = 4 * 1024 * 1024, CLIENT_WAIT_MS = 15000 };

struct client {
  int fd;
  char *in; /* what was received and not yet consumed */
  size_t n;
};

struct answer {
  int status; /* 0: none came; -1: the connection was reset */
  struct str head, body;
  size_t consumed;
};

static inline struct client client_open(int port) {
  struct client c = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                     .in = malloc(CLIENT_BUFFER + 1)};
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(c.fd, (struct sockaddr *)&to, sizeof to)) {
    close(c.fd);
    c.fd = -1;
  }
  return c;
}

static inline void client_done(struct client *c) {
  if (c->fd >= 0) close(c->fd);
  free(c->in);
  *c = (struct client){.fd = -1};
}

static inline bool client_send(struct client *c, const void *p, size_t n) {
  const char *at = p;
  while (n) {
    ssize_t k = send(c->fd, at, n, MSG_NOSIGNAL);
    if (k <= 0) return false;
    at += k;
    n -= (size_t)k;
  }
  return true;
}
#define client_say(c, text) client_send((c), (text), strlen(text))

/* More bytes: their number, 0 at the end, -1 on a reset, -2 when nothing came in time. */
static inline ssize_t client_more(struct client *c, int wait_ms) {
  struct pollfd p = {.fd = c->fd, .events = POLLIN};
  if (poll(&p, 1, wait_ms) <= 0) return -2;
  ssize_t k = recv(c->fd, c->in + c->n, CLIENT_BUFFER - c->n, 0);
  if (k > 0) c->n += (size_t)k;
  return k < 0 ? -1 : k;
}

/* A field of the answer's head, without blanks; p == NULL where absent. */
static inline struct str answer_field(const struct answer *a, const char *name) {
  struct str rest = a->head;
  while (rest.p) {
    struct str line = str_split(&rest, '\n'), key = str_split(&line, ':');
    if (line.p && key.n == strlen(name) && strncasecmp(key.p, name, key.n) == 0)
      return str_trim(line);
  }
  return (struct str){NULL, 0};
}

static inline bool client_dechunk(struct client *c, size_t at, struct answer *a) {
  size_t out = at;
  for (;;) {
    struct str rest = {c->in + at, c->n - at};
    size_t eol = str_find(rest, S("\r\n"));
    if (eol == (size_t)-1) return false;
    size_t size = strtoul(c->in + at, NULL, 16);
    at += eol + 2;
    if (c->n < at + size + 2) return false;
    memmove(c->in + out, c->in + at, size);
    out += size;
    at += size + 2;
    if (size == 0) break;
  }
  a->body = (struct str){a->body.p, (size_t)(c->in + out - a->body.p)};
  a->consumed = at;
  return true;
}

/* One answer; `head_only` for HEAD. Its text stays valid until client_next(). */
static inline struct answer client_answer(struct client *c, bool head_only) {
  struct answer a = {0};
  int64_t until = monotonic_ms() + CLIENT_WAIT_MS;
  size_t head_n;
  for (;;) {
    head_n = str_find((struct str){c->in, c->n}, S("\r\n\r\n"));
    if (head_n != (size_t)-1) break;
    ssize_t k = client_more(c, (int)(until - monotonic_ms()));
    if (k <= 0) return (struct answer){.status = k == -1 ? -1 : 0};
  }
  a.head = (struct str){c->in, head_n + 2};
  a.status = c->n > 12 ? (int)strtol(c->in + 9, NULL, 10) : 0;
  a.body = (struct str){c->in + head_n + 4, 0};
  a.consumed = head_n + 4;
  struct str length = answer_field(&a, "Content-Length");
  int64_t want = -1;
  if (head_only || a.status == 204 || a.status == 304) return a;
  if (length.p && parse_i64(length, 0, CLIENT_BUFFER, &want)) return (struct answer){0};
  bool chunked = answer_field(&a, "Transfer-Encoding").p != NULL;
  for (;;) {
    size_t have = c->n - a.consumed;
    if (want >= 0 && have >= (size_t)want) break;
    if (chunked) {
      /* tried from a copy of the whole: a part would be moved twice */
      struct client copy = {.fd = -1, .in = malloc(CLIENT_BUFFER + 1), .n = c->n};
      memcpy(copy.in, c->in, c->n);
      copy.in[c->n] = '\0';
      struct answer b = a;
      b.body.p = copy.in + head_n + 4;
      bool whole = client_dechunk(&copy, a.consumed, &b);
      if (whole) {
        memcpy(c->in + head_n + 4, copy.in + head_n + 4, b.body.n);
        a.body.n = b.body.n;
        a.consumed = b.consumed;
      }
      free(copy.in);
      if (whole) return a;
    }
    ssize_t k = client_more(c, (int)(until - monotonic_ms()));
    if (k == 0 && want < 0 && !chunked) {
      want = (int64_t)(c->n - a.consumed);
      break;
    }
    if (k <= 0) return (struct answer){.status = k == -1 ? -1 : 0};
  }
  a.body.n = (size_t)want;
  a.consumed += (size_t)want;
  return a;
}

static inline void client_next(struct client *c, const struct answer *a) {
  memmove(c->in, c->in + a->consumed, c->n - a->consumed);
  c->n -= a->consumed;
}

/* Whether the server closes the connection within `ms` (what it still sends is dropped). */
static inline bool client_closed_within(struct client *c, int64_t ms) {
  int64_t until = monotonic_ms() + ms;
  for (;;) {
    int64_t left = until - monotonic_ms();
    if (left <= 0) return false;
    c->n = 0;
    ssize_t k = client_more(c, (int)left);
    if (k == 0 || k == -1) return true;
  }
}

#endif
