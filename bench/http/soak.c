/* soak: the gates of docs/http.md, each against a server in a process of its own. Prints a Markdown
 * table and, in the tests' protocol, one line per gate; status 1 when one was missed. */
#include "crowd.h"
#include "soak_server.h"
#include "base/timeutil.h"
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static const char usage[] =
    "soak [keepalive|streams|abuse|stop|all] [--seconds 20] [--connections N] [--streams 5000]\n"
    "     [--rate N] [--suspended 1000] [--threads 2] [--load-threads 1]\n"
    "keepalive runs at 512 and 2,000 connections unless --connections is given, and as fast as it "
    "is\n"
    "answered unless --rate is; streams come with 10,000 posts a second unless --rate is given.\n";

enum { STREAM_RATE = 10000 };

struct settings {
  const char *what;
  int64_t seconds, rate, connections, streams, suspended, threads, load_threads;
};

static bool gate(bool held, const char *name, const char *why) {
  if (!held) printf("# %s\n", why);
  printf("%s - %s\n", held ? "ok" : "not ok", name);
  fflush(stdout);
  return held;
}

static bool started(const struct settings *s, struct soak_options o, struct soak_server *ret) {
  struct err e = {0};
  o.threads = (size_t)s->threads;
  if (soak_server_start(&o, ret, &e) == 0) return true;
  return gate(false, "server", e.what);
}

/* Half of the connections are answered at once, half from another thread. */
static void ask(void *arg, struct load_ask *a) {
  (void)arg;
  if (a->connection % 2) {
    a->method = "POST";
    a->path = "/post";
    buf_printf(a->body, "{\"connection\":%zu,\"n\":%" PRIu64 "}", a->connection, a->n);
  } else {
    a->path = "/now";
  }
}

static bool check(void *arg, size_t connection, uint64_t n, int status, struct str body) {
  (void)arg, (void)n;
  return status == 200 && str_starts(body, connection % 2 ? S("{\"bytes\":") : S("{\"now\":"));
}

/* Every request answered rightly, and none waited for over a second but for what the machine, busy
 * with other things, took from the server and from us. A forgotten one waits much longer. */
static bool flawless(const struct load_result *r, const struct soak_server *s) {
  int64_t paused_ms = r->paused_ms + s->paused_ms, longest_ms = (int64_t)r->latency.max / 1000;
  if (r->stalled)
    printf("# longest wait %" PRId64 " ms, of which others took up to %" PRId64 " ms\n", longest_ms,
           paused_ms);
  return r->answered > 0 && !r->wrong && !r->broken && !r->unanswered &&
         longest_ms <= 1000 + paused_ms;
}

static bool keepalive(const struct settings *s, int64_t connections) {
  struct soak_server server;
  struct err e = {0};
  char name[64], why[160];
  if (!started(s, (struct soak_options){0}, &server)) return false;
  struct load_options o = {.port = server.port,
                           .connections = (size_t)connections,
                           .threads = (size_t)s->load_threads,
                           .duration_ms = s->seconds * 1000,
                           .rate = s->rate,
                           .ask = ask,
                           .check = check};
  struct load_result r = {0};
  bool ran = load_run(&o, &r, &e) == 0;
  int64_t rss = soak_server_rss(&server), took = soak_server_stop(&server, 1000);
  snprintf(name, sizeof name, "keepalive-%" PRId64, connections);
  if (ran) load_print(name, o.connections, &r);
  snprintf(why, sizeof why,
           "a request was wrong, broken or waited over a second; stop %" PRId64 " ms", took);
  printf("# resident %" PRId64 " KiB\n", rss);
  bool held = gate(ran && flawless(&r, &server) && took >= 0, name, ran ? why : e.what);
  return held;
}

static bool streams(const struct settings *s) {
  struct soak_server server;
  struct listeners *ls = NULL;
  struct listener_result lr = {0};
  struct load_result r = {0};
  struct err e = {0};
  if (!started(s, (struct soak_options){.event_every_ms = 1000}, &server)) return false;
  bool open = listeners_start(server.port, (size_t)s->streams, &ls, &e) == 0;
  struct load_options o = {.port = server.port,
                           .connections = 256,
                           .threads = (size_t)s->load_threads,
                           .duration_ms = s->seconds * 1000,
                           .rate = s->rate ? s->rate : STREAM_RATE,
                           .method = "POST",
                           .path = "/post"};
  bool ran = load_run(&o, &r, &e) == 0;
  int64_t rss = soak_server_rss(&server);
  if (ls) listeners_stop(ls, &lr);
  int64_t took = soak_server_stop(&server, 1000);
  if (ran) load_print("posts beside streams", o.connections, &r);
  printf("# %" PRId64 " streams: %" PRId64
         " events, p50 %.1f ms, p99 %.1f ms, max %.1f ms, %" PRId64 " lost; resident %" PRId64
         " KiB\n",
         s->streams, lr.events, (double)histogram_at(&lr.delay, 50) / 1000,
         (double)histogram_at(&lr.delay, 99) / 1000, (double)lr.delay.max / 1000, lr.lost, rss);
  int64_t wanted = s->streams * (s->seconds - 1) * 9 / 10;
  bool held =
      gate(open && ran && flawless(&r, &server), "streams-posts", e.what ? e.what : "see the row");
  held &= gate(open && lr.lost == 0 && lr.events >= wanted && took >= 0, "streams-events",
               "streams were lost, or events did not arrive");
  return held;
}

/* Everyone misbehaves at once; those who behave must not feel it. */
static bool abuse(const struct settings *s) {
  enum { LIMIT_MS = 3000 };
  struct soak_server server;
  struct abuse *a = NULL;
  struct abuse_result ar = {0};
  struct http_stats before = {0}, after = {0};
  struct load_result r = {0};
  struct err e = {0};
  struct soak_options so = {.header_ms = LIMIT_MS, .body_ms = LIMIT_MS, .reply_ms = LIMIT_MS};
  if (!started(s, so, &server)) return false;
  struct abuse_options ao = {.port = server.port,
                             .slow_headers = 1000,
                             .slow_bodies = 500,
                             .slow_readers = 300,
                             .resets_per_second = 2000};
  bool going = abuse_start(&ao, &a, &e) == 0;
  struct load_options o = {.port = server.port,
                           .connections = 64,
                           .threads = 1,
                           .duration_ms = s->seconds * 1000,
                           .rate = 2000,
                           .ask = ask,
                           .check = check};
  bool ran = going && load_run(&o, &r, &e) == 0;
  int64_t rss = soak_server_rss(&server);
  bool told = soak_server_stats(&server, &before) == 0;
  if (a) abuse_stop(a, &ar);
  usleep((LIMIT_MS + 1000) * 1000);
  told = told && soak_server_stats(&server, &after) == 0;
  int64_t took = soak_server_stop(&server, 500);
  if (ran) load_print("well-behaved beside abuse", o.connections, &r);
  printf("# %" PRId64 " slow ones cut off, the longest suffered %" PRId64 " ms; %" PRId64
         " resets; connections %" PRId64 " during, %" PRId64 " after; suspended %" PRId64
         " after; timeouts %" PRId64 "; resident %" PRId64 " KiB\n",
         ar.cut, ar.longest_held_ms, ar.resets, before.connections, after.connections,
         after.suspended, after.timeouts, rss);
  bool held = gate(ran && flawless(&r, &server), "abuse-others-are-served",
                   e.what ? e.what : "see the row");
  int64_t longest = 2 * LIMIT_MS + 2500; /* a reader's time runs from when it last took something */
  held &= gate(s->seconds * 1000 < 3 * LIMIT_MS || (ar.cut > 0 && ar.longest_held_ms <= longest),
               "abuse-slow-ones-are-cut-off", "slow connections were held too long");
  held &= gate(told && after.connections == 0 && after.suspended == 0 && after.streams == 0,
               "abuse-leaves-nothing-behind", "connections stayed");
  held &= gate(took >= 0, "abuse-server-stops", "the server did not stop");
  return held;
}

/* What a waiting client gets: its status, 0 when the connection just ended, -1 when nothing came.
 */
static int last_words(int fd, int64_t until_ms) {
  char text[512];
  int status = 0;
  for (;;) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int64_t left_ms = until_ms - monotonic_ms();
    if (left_ms <= 0 || poll(&p, 1, (int)left_ms) <= 0) return -1;
    ssize_t k = recv(fd, text, sizeof text - 1, 0);
    if (k < 0) return status;
    if (k == 0) return status;
    text[k] = '\0';
    if (!status && k > 12 && strncmp(text, "HTTP/1.1 ", 9) == 0)
      status = (int)strtol(text + 9, NULL, 10);
  }
}

static bool stop(const struct settings *s) {
  enum { SUSPENDED_MAX = 5000, IDLE = 100, STREAMS = 200, GRACE_MS = 1000 };
  int fds[SUSPENDED_MAX + IDLE + STREAMS];
  size_t n = (size_t)s->suspended + IDLE + STREAMS;
  struct soak_server server;
  struct http_stats st = {0};
  if (!started(s, (struct soak_options){0}, &server)) return false;
  bool ok = true;
  for (size_t i = 0; i < n; i++) {
    const char *text = i < (size_t)s->suspended ? "GET /never HTTP/1.1\r\nHost: x\r\n\r\n"
                       : i < n - STREAMS        ? ""
                                                : "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";
    fds[i] = crowd_dial(server.port, 0);
    ok = ok && fds[i] >= 0;
    if (fds[i] >= 0) ok = ok && send(fds[i], text, strlen(text), MSG_NOSIGNAL) >= 0;
  }
  for (int i = 0; i < 200 && (st.suspended < s->suspended || st.streams < STREAMS); i++) {
    usleep(20000);
    if (soak_server_stats(&server, &st)) break;
  }
  bool all = st.suspended == s->suspended && st.streams == STREAMS;
  int64_t took = soak_server_stop(&server, GRACE_MS), until_ms = monotonic_ms() + 3000;
  size_t told = 0, silent = 0;
  for (size_t i = 0; i < n; i++) {
    int status = fds[i] >= 0 ? last_words(fds[i], until_ms) : -1;
    told += status == 503;
    silent += status < 0;
    if (fds[i] >= 0) close(fds[i]);
  }
  printf("# stop with %" PRId64 " suspended, %d idle, %d streams: %" PRId64
         " ms (grace %d ms); %zu got 503, %zu heard nothing\n",
         st.suspended, IDLE, STREAMS, took, GRACE_MS, told, silent);
  bool held = gate(ok && all, "stop-all-were-waiting", "not all connections could be made");
  held &= gate(took >= 0 && took <= GRACE_MS + 2500, "stop-in-time", "it took too long");
  held &= gate(told == (size_t)s->suspended && silent == 0, "stop-everyone-is-told",
               "a waiting client was not answered");
  return held;
}

static bool read_options(int argc, char **argv, struct settings *s) {
  const struct option options[] = {{"seconds", 1, NULL, 's'},      {"connections", 1, NULL, 'c'},
                                   {"streams", 1, NULL, 'e'},      {"rate", 1, NULL, 'r'},
                                   {"suspended", 1, NULL, 'w'},    {"threads", 1, NULL, 't'},
                                   {"load-threads", 1, NULL, 'l'}, {NULL, 0, NULL, 0}};
  bool ok = true;
  for (int c; ok && (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    struct str v = str_from(optarg);
    switch (c) {
    case 's':
      ok = parse_i64(v, 1, 86400, &s->seconds) == 0;
      break;
    case 'c':
      ok = parse_i64(v, 2, LOAD_CONNECTIONS_MAX, &s->connections) == 0;
      break;
    case 'e':
      ok = parse_i64(v, 1, 6000, &s->streams) == 0;
      break;
    case 'r':
      ok = parse_i64(v, 1, 1000000, &s->rate) == 0;
      break;
    case 'w':
      ok = parse_i64(v, 1, 5000, &s->suspended) == 0;
      break;
    case 't':
      ok = parse_i64(v, 2, 16, &s->threads) == 0;
      break;
    case 'l':
      ok = parse_i64(v, 1, LOAD_THREADS_MAX, &s->load_threads) == 0;
      break;
    default:
      ok = false;
    }
  }
  if (optind < argc) s->what = argv[optind++];
  return ok && optind == argc;
}

int main(int argc, char **argv) {
  struct settings s = {.what = "all",
                       .seconds = 20,
                       .streams = 5000,
                       .suspended = 1000,
                       .threads = 2,
                       .load_threads = 1};
  struct rlimit rl;
  if (!read_options(argc, argv, &s)) {
    fputs(usage, stderr);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
    rl.rlim_cur = rl.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &rl);
  }
  bool all = strcmp(s.what, "all") == 0, held = true, known = all;
  load_print_heading();
  if (all || strcmp(s.what, "keepalive") == 0) {
    known = true;
    if (s.connections) {
      held &= keepalive(&s, s.connections);
    } else {
      held &= keepalive(&s, 512);
      held &= keepalive(&s, 2000);
    }
  }
  if (all || strcmp(s.what, "streams") == 0) known = true, held &= streams(&s);
  if (all || strcmp(s.what, "abuse") == 0) known = true, held &= abuse(&s);
  if (all || strcmp(s.what, "stop") == 0) known = true, held &= stop(&s);
  if (!known) fputs(usage, stderr);
  return !known ? 2 : held ? 0 : 1;
}
