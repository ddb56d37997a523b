#include "harness.h"
#include "http/http.h"
#include "http_client.h"
#include <pthread.h>
#include <stdatomic.h>
#include <zlib.h>

/* One small server of every kind of handler; each test starts its own, with its own deadlines. */

enum { ECHO_LIMIT = 64 * 1024, KEPT_MAX = 64 };

struct fixture {
  struct http_server *s;
  int port;
  pthread_mutex_t lock;
  struct http_request *kept[KEPT_MAX]; /* suspended ones that the test answers */
  size_t n_kept;
  struct http_stream *stream;
  atomic_int closed, stopped, handled;
};

static size_t body_limit(void *arg, enum http_method m, struct str path) {
  (void)arg, (void)m;
  return str_starts(path, S("/nowhere")) ? 0 : ECHO_LIMIT;
}

struct later {
  struct http_request *rq;
  int64_t ms;
};

static void *answer_later(void *arg) {
  struct later l = *(struct later *)arg;
  free(arg);
  usleep((useconds_t)(l.ms * 1000));
  struct str text = arena_printf(http_arena(l.rq), "later %d", (int)l.ms);
  http_reply(l.rq, 200, "text/plain", text, HTTP_BORROWED);
  return NULL;
}

static void list_arg(void *arg, struct str k, struct str v) {
  struct buf *b = arg;
  buf_printf(b, "[" STR_FMT "=" STR_FMT "]", STR_ARG(k), STR_ARG(v));
}

struct counter {
  struct fixture *f;
  size_t left;
};

static ssize_t fill(void *arg, char *out, size_t max) {
  struct counter *c = arg;
  size_t n = c->left < max ? c->left : max;
  memset(out, 'x', n);
  c->left -= n;
  return (ssize_t)n;
}

static void stop(void *arg) {
  struct counter *c = arg;
  atomic_fetch_add(&c->f->stopped, 1);
}

static void stream_closed(void *arg) {
  struct fixture *f = arg;
  pthread_mutex_lock(&f->lock);
  f->stream = NULL;
  pthread_mutex_unlock(&f->lock);
  atomic_fetch_add(&f->closed, 1);
}

static int64_t number_arg(struct http_request *rq, const char *name, int64_t otherwise) {
  int64_t v = otherwise;
  struct str s = http_arg(rq, name);
  if (s.p && parse_i64(s, 0, INT64_C(1) << 40, &v)) return otherwise;
  return v;
}

static void handle(void *arg, struct http_request *rq) {
  struct fixture *f = arg;
  struct str path = http_path(rq);
  struct arena *a = http_arena(rq);
  atomic_fetch_add(&f->handled, 1);
  if (str_is(path, "/echo")) {
    http_reply(rq, 200, "application/octet-stream", http_body(rq), HTTP_COPY);
  } else if (str_is(path, "/args")) {
    struct buf b = BUF_INIT(65536);
    http_each_arg(rq, list_arg, &b);
    struct str text = buf_str(&b);
    http_reply(rq, 200, "text/plain", text.p ? text : S(""), HTTP_COPY);
    buf_done(&b);
  } else if (str_is(path, "/who")) {
    struct str text = arena_printf(a, STR_FMT "|" STR_FMT "|" STR_FMT "|%d", STR_ARG(http_peer(rq)),
                                   STR_ARG(http_header(rq, "x-thing")),
                                   STR_ARG(http_cookie(rq, "sid")), (int)http_method(rq));
    http_add_header(rq, "X-One", S("1"));
    http_add_header(rq, "X-Split", S("a\r\nX-Injected: 1"));
    http_reply(rq, 200, "text/html; charset=utf-8", text, HTTP_BORROWED);
  } else if (str_is(path, "/later")) {
    struct later *l = malloc(sizeof *l);
    *l = (struct later){rq, number_arg(rq, "ms", 20)};
    pthread_t t;
    http_suspend(rq);
    if (pthread_create(&t, NULL, answer_later, l) == 0) pthread_detach(t);
  } else if (str_is(path, "/keep")) {
    http_suspend(rq);
    pthread_mutex_lock(&f->lock);
    if (f->n_kept < KEPT_MAX) f->kept[f->n_kept++] = rq;
    pthread_mutex_unlock(&f->lock);
  } else if (str_is(path, "/here")) {
    http_suspend(rq);
    http_reply(rq, 200, "text/plain", S("here"), HTTP_COPY);
  } else if (str_is(path, "/big")) {
    size_t n = (size_t)number_arg(rq, "n", 10);
    char *p = arena_alloc(a, n);
    if (p) memset(p, 'b', n);
    http_reply(rq, 200, "text/plain; charset=utf-8", (struct str){p, p ? n : 0}, HTTP_BORROWED);
  } else if (str_is(path, "/chunks")) {
    struct counter *c = arena_new(a, struct counter);
    *c = (struct counter){f, (size_t)number_arg(rq, "n", 100000)};
    http_reply_chunks(rq, 200, "text/csv", fill, stop, c);
  } else if (str_is(path, "/stream")) {
    struct err e = {0};
    struct http_stream *st;
    pthread_mutex_lock(&f->lock);
    if (http_stream_open(rq, &st, stream_closed, f, &e) == 0)
      f->stream = st;
    else
      http_reply(rq, err_http(e.code), "text/plain", S("no stream"), HTTP_BORROWED);
    pthread_mutex_unlock(&f->lock);
  } else if (!str_is(path, "/silent")) {
    http_reply(rq, 404, "text/plain", S("?"), HTTP_BORROWED);
  }
}

static bool up(struct fixture *f, struct http_options o) {
  *f = (struct fixture){0};
  pthread_mutex_init(&f->lock, NULL);
  struct err e = {0};
  o.listen = "127.0.0.1:0";
  o.threads = 2;
  o.body_limit = body_limit;
  o.handle = handle;
  o.arg = f;
  if (http_start(&o, &f->s, &e)) {
    printf("# http_start: %s (%d)\n", e.what, e.sys);
    return false;
  }
  f->port = http_port(f->s);
  return true;
}

static void down(struct fixture *f) {
  f->s = http_stop(f->s, 100);
  pthread_mutex_destroy(&f->lock);
}

static bool first_kept_left(struct fixture *f) {
  pthread_mutex_lock(&f->lock);
  const bool left = http_left(f->kept[0]);
  pthread_mutex_unlock(&f->lock);
  return left;
}

static void answer_kept(struct fixture *f) {
  pthread_mutex_lock(&f->lock);
  for (size_t i = 0; i < f->n_kept; i++)
    http_reply(f->kept[i], 200, "text/plain", S("kept"), HTTP_COPY);
  f->n_kept = 0;
  pthread_mutex_unlock(&f->lock);
}

static bool wait_for(atomic_int *what, int value) {
  for (int i = 0; i < 500; i++) {
    if (atomic_load(what) >= value) return true;
    usleep(10000);
  }
  return false;
}

#define UP(...)                                                                                    \
  struct fixture f;                                                                                \
  CHECK(up(&f, (struct http_options){__VA_ARGS__}))
#define CLIENT(name)                                                                               \
  __attribute__((cleanup(client_done))) struct client name = client_open(f.port);                  \
  CHECK(name.fd >= 0)

TEST(http_echoes_and_keeps_the_connection) {
  UP(.threads = 2);
  {
    CLIENT(c);
    for (int i = 0; i < 3; i++) {
      client_say(&c, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
      struct answer a = client_answer(&c, false);
      CHECK_EQ_I64(a.status, 200);
      CHECK_MEM(a.body.p, a.body.n, "hello", 5);
      client_next(&c, &a);
    }
  }
  down(&f);
}

TEST(http_answers_pipelined_requests_in_order) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c, "GET /later?ms=50 HTTP/1.1\r\nHost: x\r\n\r\n"
                   "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"
                   "GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
    static const char *const want[] = {"later 50", "a", "here"};
    for (size_t i = 0; i < 3; i++) {
      struct answer a = client_answer(&c, false);
      CHECK_EQ_I64(a.status, 200);
      CHECK_MEM(a.body.p, a.body.n, want[i], strlen(want[i]));
      client_next(&c, &a);
    }
  }
  down(&f);
}

TEST(http_decodes_arguments) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c, "GET /args?a=1&b=%E5%AE%88%20x+y&c&filter%5Bq%5D=z HTTP/1.1\r\nHost: x\r\n\r\n");
    struct answer a = client_answer(&c, false);
    const char *want = "[a=1][b=守 x y][c=][filter[q]=z]";
    CHECK_EQ_I64(a.status, 200);
    CHECK_MEM(a.body.p, a.body.n, want, strlen(want));
  }
  down(&f);
}

TEST(http_refuses_unclean_addresses) {
  static const char *const bad[] = {"/a%00b",     "/%ff",      "/a%2fb", "/a/../b", "/./a",
                                    "/a//b",      "/a%2",      "/a%zz",  "/?x=%00", "/?x=%c0%80",
                                    "/?x=%0d%0a", "/%2e%2e/a", "/a%7f"};
  UP(.threads = 2);
  for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
    CLIENT(c);
    char text[256];
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", bad[i]);
    client_say(&c, text);
    struct answer a = client_answer(&c, false);
    if (a.status != 400) printf("# %s\n", bad[i]);
    CHECK_EQ_I64(a.status, 400);
    CHECK(str_find(a.body, S("\"malformed\"")) != (size_t)-1);
  }
  CHECK_EQ_I64(f.handled, 0);
  down(&f);
}

TEST(http_refuses_two_readings_of_the_length) {
  static const char *const bad[] = {
      "Host: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "Host: x\r\nContent-Length: 1\r\nContent-Length: 3\r\n\r\nabc",
      "Host: x\r\nTransfer-Encoding: gzip\r\n\r\n",
      "Host: x\r\nHost: y\r\nContent-Length: 0\r\n\r\n",
      "Content-Length: 0\r\n\r\n",
  };
  UP(.threads = 2);
  for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
    CLIENT(c);
    client_say(&c, "POST /echo HTTP/1.1\r\n");
    client_say(&c, bad[i]);
    struct answer a = client_answer(&c, false);
    if (a.status != 400) printf("# %zu\n", i);
    CHECK_EQ_I64(a.status, 400);
    client_next(&c, &a);
    CHECK(client_closed_within(&c, 3000));
  }
  CHECK_EQ_I64(f.handled, 0);
  down(&f);
}

TEST(http_gives_headers_and_cookies_and_adds_its_own) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c,
               "GET /who HTTP/1.1\r\nHost: x\r\nX-Thing:  v \r\nCookie: a=b; sid=abc; c=d\r\n\r\n");
    struct answer a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 200);
    CHECK_MEM(a.body.p, a.body.n, "127.0.0.1|v|abc|1", 17);
    CHECK(str_is(answer_field(&a, "X-One"), "1"));
    CHECK(!answer_field(&a, "X-Split").p);
    CHECK(!answer_field(&a, "X-Injected").p);
    CHECK(str_is(answer_field(&a, "X-Content-Type-Options"), "nosniff"));
    CHECK(str_is(answer_field(&a, "Cache-Control"), "no-store"));
    CHECK(str_starts(answer_field(&a, "Content-Security-Policy"),
                     S("default-src 'none'; script-src 'self'; style-src 'self'")));
  }
  down(&f);
}

TEST(http_head_is_get_without_a_body) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c,
               "HEAD /big?n=100 HTTP/1.1\r\nHost: x\r\n\r\nGET /here HTTP/1.1\r\nHost: x\r\n\r\n");
    struct answer a = client_answer(&c, true);
    CHECK_EQ_I64(a.status, 200);
    CHECK(str_is(answer_field(&a, "Content-Length"), "100"));
    client_next(&c, &a);
    a = client_answer(&c, false);
    CHECK_MEM(a.body.p, a.body.n, "here", 4);
  }
  down(&f);
}

TEST(http_refuses_methods_and_unknown_places) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c, "BREW /who HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
                   "GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
    static const int want[] = {405, 404, 200};
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
      struct answer a = client_answer(&c, false);
      CHECK_EQ_I64(a.status, want[i]);
      client_next(&c, &a);
    }
  }
  down(&f);
}

TEST(http_refuses_a_large_body_before_reading_it) {
  UP(.threads = 2);
  {
    CLIENT(c);
    char text[128];
    snprintf(text, sizeof text, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n",
             ECHO_LIMIT + 1);
    client_say(&c, text); /* and not one byte of it */
    struct answer a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 413);
    /* also one that sends all of it first hears why */
    CLIENT(d);
    static char zeros[ECHO_LIMIT * 4];
    snprintf(text, sizeof text, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n",
             sizeof zeros);
    client_say(&d, text);
    client_send(&d, zeros, sizeof zeros);
    a = client_answer(&d, false);
    CHECK_EQ_I64(a.status, 413);
    CHECK(client_closed_within(&d, 4000));
  }
  CHECK_EQ_I64(f.handled, 0);
  down(&f);
}

TEST(http_takes_chunks_up_to_the_limit) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    struct answer a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 200);
    CHECK_MEM(a.body.p, a.body.n, "abcde", 5);
    client_next(&c, &a);
    static char kib[1024 + 8];
    memcpy(kib, "400\r\n", 5);
    memset(kib + 5, 'k', 1024);
    memcpy(kib + 5 + 1024, "\r\n", 2);
    client_say(&c, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 70; i++) client_send(&c, kib, 5 + 1024 + 2);
    a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 413);
    CHECK(client_closed_within(&c, 4000));
  }
  down(&f);
}

TEST(http_gzips_what_is_worth_it) {
  UP(.threads = 2);
  {
    CLIENT(c);
    static const struct {
      const char *encoding;
      int n;
      bool zipped;
    } cases[] = {{"gzip, br", 2000, true}, {"gzip;q=0", 2000, false}, {"br", 2000, false},
                 {"gzip", 1000, false},    {"*;q=0.1", 2000, true},   {"GZIP;q=1.0", 600000, true},
                 {"gzip", 2000000, true}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
      char text[256];
      snprintf(text, sizeof text,
               "GET /big?n=%d HTTP/1.1\r\nHost: x\r\nAccept-Encoding: %s\r\n\r\n", cases[i].n,
               cases[i].encoding);
      client_say(&c, text);
      struct answer a = client_answer(&c, false);
      CHECK_EQ_I64(a.status, 200);
      CHECK_EQ_I64(str_is(answer_field(&a, "Content-Encoding"), "gzip"), cases[i].zipped);
      CHECK_EQ_I64(answer_field(&a, "Vary").p != NULL, cases[i].n >= 1024);
      if (cases[i].zipped) {
        char *plain = malloc((size_t)cases[i].n + 1);
        z_stream z = {.next_in = (Bytef *)(uintptr_t)a.body.p,
                      .avail_in = (uInt)a.body.n,
                      .next_out = (Bytef *)plain,
                      .avail_out = (uInt)cases[i].n + 1};
        int r = inflateInit2(&z, 31) == Z_OK ? inflate(&z, Z_FINISH) : Z_ERRNO;
        inflateEnd(&z);
        bool same = r == Z_STREAM_END && z.total_out == (uLong)cases[i].n;
        for (int k = 0; same && k < cases[i].n; k++) same = plain[k] == 'b';
        free(plain);
        CHECK(same);
      } else {
        CHECK_EQ_I64(a.body.n, cases[i].n);
      }
      client_next(&c, &a);
    }
  }
  down(&f);
}

TEST(http_sends_long_answers_in_pieces) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c, "GET /chunks?n=1000000 HTTP/1.1\r\nHost: x\r\n\r\n");
    struct answer a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 200);
    CHECK_EQ_I64(a.body.n, 1000000);
    CHECK(wait_for(&f.stopped, 1));
    /* cut by the client: `stop` comes all the same */
    CLIENT(d);
    client_say(&d, "GET /chunks?n=100000000 HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client_more(&d, 2000) > 0);
    client_done(&d);
    CHECK(wait_for(&f.stopped, 2));
  }
  down(&f);
}

TEST(http_answers_suspended_requests_from_other_threads) {
  UP(.threads = 2);
  {
    enum { N = 40 };
    struct client c[N];
    bool ok = true;
    for (int i = 0; i < N; i++) {
      c[i] = client_open(f.port);
      client_say(&c[i], "GET /keep HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    ok = wait_for(&f.handled, N);
    usleep(20000);
    struct http_stats st;
    http_stats(f.s, &st);
    answer_kept(&f);
    for (int i = 0; i < N; i++) {
      struct answer a = client_answer(&c[i], false);
      ok = ok && a.status == 200 && str_is(a.body, "kept");
      client_done(&c[i]);
    }
    CHECK(ok);
    CHECK_EQ_I64(st.suspended, N);
  }
  down(&f);
}

TEST(http_drops_a_late_answer) {
  UP(.reply_ms = 300);
  {
    CLIENT(c);
    client_say(&c, "GET /keep HTTP/1.1\r\nHost: x\r\n\r\n");
    struct answer a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 503);
    CHECK(answer_field(&a, "Retry-After").p != NULL);
    client_next(&c, &a);
    CHECK(first_kept_left(&f));
    answer_kept(&f); /* it may still be used, and is not heard */
    client_say(&c, "GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
    a = client_answer(&c, false);
    CHECK_MEM(a.body.p, a.body.n, "here", 4);
    struct http_stats st;
    http_stats(f.s, &st);
    CHECK_EQ_I64(st.timeouts, 1);
    CHECK_EQ_I64(st.suspended, 0);
  }
  down(&f);
}

TEST(http_survives_answers_to_clients_that_left) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c, "GET /keep HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(wait_for(&f.handled, 1));
    usleep(20000);
    CHECK(!first_kept_left(&f));
    client_done(&c);
    usleep(20000);
    CHECK(first_kept_left(&f));
    answer_kept(&f);
    CLIENT(d);
    client_say(&d, "GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQ_I64(client_answer(&d, false).status, 200);
  }
  down(&f);
}

TEST(http_says_so_when_a_handler_is_silent) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c, "GET /silent HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQ_I64(client_answer(&c, false).status, 500);
  }
  down(&f);
}

TEST(http_ends_slow_headers_bodies_and_idle_connections) {
  UP(.header_ms = 1500, .body_ms = 1500, .idle_ms = 1500);
  {
    CLIENT(mute);
    CLIENT(header);
    CLIENT(body);
    CLIENT(idle);
    client_say(&header, "GET /here HTTP/1.1\r\nHost: x\r\nX-");
    client_say(&body, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    client_say(&idle, "GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
    struct answer a = client_answer(&idle, false);
    CHECK_EQ_I64(a.status, 200);
    client_next(&idle, &a);
    a = client_answer(&header, false);
    CHECK_EQ_I64(a.status, 408);
    a = client_answer(&body, false);
    CHECK_EQ_I64(a.status, 408);
    CHECK(client_closed_within(&mute, 6000));
    CHECK(client_closed_within(&header, 6000));
    CHECK(client_closed_within(&body, 6000));
    CHECK(client_closed_within(&idle, 6000));
  }
  down(&f);
}

TEST(http_ends_slow_readers) {
  UP(.reply_ms = 300);
  {
    CLIENT(c);
    client_say(&c, "GET /chunks?n=1000000000 HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(wait_for(&f.stopped, 1)); /* nothing was read: the answer is over all the same */
    CHECK(client_closed_within(&c, 3000));
    CLIENT(d);
    client_say(&d, "GET /big?n=20000000 HTTP/1.1\r\nHost: x\r\n\r\n");
    struct http_stats st = {0};
    for (int i = 0; i < 300 && st.timeouts < 2; i++) {
      usleep(10000);
      http_stats(f.s, &st);
    }
    CHECK_EQ_I64(st.timeouts, 2);
  }
  down(&f);
}

TEST(http_asks_for_the_body_when_it_is_wanted) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                   "Expect: 100-continue\r\n\r\n");
    while (c.n < 25 && client_more(&c, 2000) > 0) continue;
    CHECK(str_is((struct str){c.in, c.n}, "HTTP/1.1 100 Continue\r\n\r\n"));
    c.n = 0;
    client_say(&c, "ok");
    struct answer a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 200);
    client_next(&c, &a);
    /* too large: said at once, not asked for */
    client_say(&c, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n"
                   "Expect: 100-continue\r\n\r\n");
    CHECK_EQ_I64(client_answer(&c, false).status, 413);
  }
  down(&f);
}

TEST(http_bounds_the_header) {
  UP(.threads = 2);
  {
    static char big[70 * 1024];
    memset(big, 'h', sizeof big - 1);
    /* one huge line, many lines, a long address */
    CLIENT(c);
    client_say(&c, "GET /here HTTP/1.1\r\nHost: x\r\nX-Big: ");
    (void)client_say(&c, big);
    (void)client_say(&c, "\r\n\r\n");
    struct answer a = client_answer(&c, false);
    CHECK(a.status == 431 || a.status == 413 || a.status == -1);
    CLIENT(d);
    client_say(&d, "GET /here HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 70; i++) client_say(&d, "X-Y: z\r\n");
    client_say(&d, "\r\n");
    CHECK_EQ_I64(client_answer(&d, false).status, 400);
    CLIENT(g);
    big[9000] = '\0';
    client_say(&g, "GET /");
    client_say(&g, big);
    client_say(&g, " HTTP/1.1\r\nHost: x\r\n\r\n");
    a = client_answer(&g, false);
    CHECK(a.status == 400 || a.status == 414);
    CHECK_EQ_I64(f.handled, 0);
  }
  down(&f);
}

TEST(http_serves_old_clients) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c, "GET /later?ms=5 HTTP/1.0\r\n\r\n");
    struct answer a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 200);
    client_next(&c, &a);
    CHECK(client_closed_within(&c, 2000));
  }
  down(&f);
}

/* Each answer needs more than a request may have: 503, never half an answer. */
TEST(http_answers_503_when_the_arena_fails) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c, "GET /big?n=100000000 HTTP/1.1\r\nHost: x\r\n\r\n");
    struct answer a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 503);
    CHECK(str_find(a.body, S("no_memory")) != (size_t)-1);
    client_next(&c, &a);
    client_say(&c, "GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQ_I64(client_answer(&c, false).status, 200);
  }
  down(&f);
}

TEST(http_when_full_takes_places_from_idle_clients) {
  UP(.max_connections = 4, .idle_ms = 60000);
  {
    struct client idle[4];
    bool ok = true;
    for (int i = 0; i < 4; i++) {
      idle[i] = client_open(f.port);
      client_say(&idle[i], "GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    for (int i = 0; i < 4; i++) ok = client_answer(&idle[i], false).status == 200 && ok;
    CLIENT(c);
    client_say(&c, "GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
    ok = client_answer(&c, false).status == 200 && ok;
    for (int i = 0; i < 4; i++) client_done(&idle[i]);
    CHECK(ok);
  }
  down(&f);
}

TEST(http_bounds_the_streams) {
  UP(.max_streams = 1);
  {
    CLIENT(c);
    CLIENT(d);
    CLIENT(h);
    client_say(&c, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client_more(&c, 2000) > 0);
    client_say(&d, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQ_I64(client_answer(&d, false).status, 503);
    client_say(&h, "HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQ_I64(client_answer(&h, true).status, 405);
    struct http_stats st;
    http_stats(f.s, &st);
    CHECK_EQ_I64(st.streams, 1);
  }
  down(&f);
  CHECK_EQ_I64(f.closed, 1);
}

TEST(http_streams_events) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client_more(&c, 3000) > 0);
    CHECK(str_find((struct str){c.in, c.n}, S("text/event-stream")) != (size_t)-1);
    pthread_mutex_lock(&f.lock);
    int r1 = http_stream_push(f.stream, "figures", S("{\"a\":1}\nsecond"), S("7"));
    int r2 = http_stream_push(f.stream, "bad\nname", S("x"), S(""));
    int r3 = http_stream_push(f.stream, NULL, S("plain"), (struct str){NULL, 0});
    pthread_mutex_unlock(&f.lock);
    CHECK_EQ_I64(r1, 0);
    CHECK(r2 < 0);
    CHECK_EQ_I64(r3, 0);
    const char *want = "event: figures\nid: 7\ndata: {\"a\":1}\ndata: second\n\ndata: plain\n\n";
    while (str_find((struct str){c.in, c.n}, str_from(want)) == (size_t)-1)
      CHECK(client_more(&c, 2000) > 0);
    /* the client leaves: heard without a push */
    client_done(&c);
    CHECK(wait_for(&f.closed, 1));
    CHECK(f.stream == NULL);
    CLIENT(d);
    client_say(&d, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client_more(&d, 3000) > 0);
    pthread_mutex_lock(&f.lock);
    http_stream_end(f.stream);
    pthread_mutex_unlock(&f.lock);
    CHECK(client_closed_within(&d, 2000));
    CHECK(wait_for(&f.closed, 2));
    CHECK_EQ_I64(f.closed, 2);
  }
  down(&f);
}

TEST(http_closes_a_stream_that_falls_behind) {
  UP(.threads = 2);
  {
    CLIENT(c);
    client_say(&c, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client_more(&c, 3000) > 0);
    static char line[8000];
    memset(line, 'e', sizeof line);
    int r = 0, pushed = 0;
    while (r == 0 && pushed < 10000) {
      pthread_mutex_lock(&f.lock);
      r = f.stream ? http_stream_push(f.stream, "e", (struct str){line, sizeof line}, S("")) : -1;
      pthread_mutex_unlock(&f.lock);
      pushed++;
      if (pushed % 4 == 0) usleep(1000);
    }
    CHECK(pushed < 10000);
    CHECK(wait_for(&f.closed, 1));
  }
  down(&f);
}

TEST(http_stop_answers_what_is_suspended) {
  UP(.threads = 2);
  enum { N = 50 };
  struct client c[N];
  for (int i = 0; i < N; i++) {
    c[i] = client_open(f.port);
    client_say(&c[i], i % 10 == 0  ? "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"
                      : i % 2 == 0 ? "GET /keep HTTP/1.1\r\nHost: x\r\n\r\n"
                                   : "GET /later?ms=100 HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  bool ok = wait_for(&f.handled, N);
  int64_t before = monotonic_ms();
  f.s = http_stop(f.s, 2000);
  int64_t took = monotonic_ms() - before;
  for (int i = 0; i < N; i++) {
    struct answer a = client_answer(&c[i], i % 10 == 0);
    int want = i % 10 == 0 ? 200 : i % 2 == 0 ? 503 : 200;
    if (a.status != want) printf("# %d: %d\n", i, a.status);
    ok = ok && a.status == want;
    client_done(&c[i]);
  }
  /* the server is gone; who was asked may still answer */
  answer_kept(&f);
  CHECK(ok);
  CHECK(took < 6000);
  CHECK_EQ_I64(f.closed, 5);
}

TEST(http_says_when_it_cannot_listen) {
  UP(.threads = 2);
  char where[32];
  snprintf(where, sizeof where, "127.0.0.1:%d", f.port);
  static const char *const bad[] = {"nonsense", "127.0.0.1:99999", "127.0.0.1:", "[::1:80"};
  struct http_server *s = NULL;
  struct err e = {0};
  struct http_options o = {.listen = where, .threads = 2, .handle = handle};
  CHECK_EQ_I64(http_start(&o, &s, &e), -E_UNAVAILABLE);
  for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
    o.listen = bad[i];
    CHECK(http_start(&o, &s, &e) < 0);
  }
  CHECK(s == NULL);
  down(&f);
}
