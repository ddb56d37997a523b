/* load: a load generator for the command line, bounded in time and number, for loopback only.
 * Prints one table row, or with --json one object; status 1 when an answer was wrong or late. */
#include "load.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static const char usage[] =
    "load --port P [--host 127.0.0.1] [--path /x] [--method POST] [--body TEXT] [--header LINE]…\n"
    "     [--connections 64] [--threads 1] [--seconds 10] [--rate N] [--requests N] [--json]\n";

enum { SECONDS_MAX = 24 * 3600, THREADS_TOP = 4 };

struct settings {
  struct load_options o;
  struct str body;
  struct buf headers;
  bool json;
};

static void ask(void *arg, struct load_ask *a) {
  const struct settings *s = arg;
  buf_str_add(a->body, s->body);
}

static bool number(const char *text, int64_t lo, int64_t hi, int64_t *ret) {
  return parse_i64(str_from(text), lo, hi, ret) == 0;
}

static bool read_options(int argc, char **argv, struct settings *s) {
  static const struct option options[] = {
      {"port", 1, NULL, 'p'},    {"host", 1, NULL, 'h'},        {"path", 1, NULL, 'u'},
      {"method", 1, NULL, 'm'},  {"body", 1, NULL, 'b'},        {"header", 1, NULL, 'H'},
      {"threads", 1, NULL, 't'}, {"connections", 1, NULL, 'c'}, {"seconds", 1, NULL, 's'},
      {"rate", 1, NULL, 'r'},    {"requests", 1, NULL, 'n'},    {"json", 0, NULL, 'j'},
      {NULL, 0, NULL, 0}};
  int64_t v = 0;
  bool ok = true;
  for (int c; ok && (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (c) {
    case 'p':
      ok = number(optarg, 1, 65535, &v), s->o.port = (int)v;
      break;
    case 'h':
      s->o.host = optarg;
      break;
    case 'u':
      s->o.path = optarg;
      break;
    case 'm':
      s->o.method = optarg;
      break;
    case 'b':
      s->body = str_from(optarg);
      break;
    case 'H':
      buf_printf(&s->headers, "%s\r\n", optarg);
      break;
    case 't':
      ok = number(optarg, 1, THREADS_TOP, &v), s->o.threads = (size_t)v;
      break;
    case 'c':
      ok = number(optarg, 1, LOAD_CONNECTIONS_MAX, &v), s->o.connections = (size_t)v;
      break;
    case 's':
      ok = number(optarg, 1, SECONDS_MAX, &v), s->o.duration_ms = v * 1000;
      break;
    case 'r':
      ok = number(optarg, 1, 10000000, &s->o.rate);
      break;
    case 'n':
      ok = number(optarg, 1, INT64_MAX, &s->o.requests);
      break;
    case 'j':
      s->json = true;
      break;
    default:
      ok = false;
    }
  }
  /* not a tool against other people's machines */
  bool loopback = str_starts(str_from(s->o.host), S("127."));
  if (!loopback) fprintf(stderr, "load: only addresses that begin with 127. are asked\n");
  return ok && loopback && optind == argc && s->o.port > 0;
}

static void print_json(const struct settings *s, const struct load_result *r) {
  double seconds = (double)r->elapsed_us / 1e6;
  printf("{\"connections\":%zu,\"seconds\":%.3f,\"answered\":%" PRId64 ",\"per_second\":%.1f,"
         "\"p50_us\":%" PRId64 ",\"p95_us\":%" PRId64 ",\"p99_us\":%" PRId64 ",\"max_us\":%" PRIu64
         ",\"wrong\":%" PRId64 ",\"first_wrong\":%d,\"broken\":%" PRId64 ",\"reconnects\":%" PRId64
         ",\"stalled\":%" PRId64 ",\"unanswered\":%" PRId64 ",\"bytes_in\":%" PRId64 "}\n",
         s->o.connections, seconds, r->answered, seconds > 0 ? (double)r->answered / seconds : 0,
         histogram_at(&r->latency, 50), histogram_at(&r->latency, 95),
         histogram_at(&r->latency, 99), r->latency.max, r->wrong, r->status_first_wrong, r->broken,
         r->reconnects, r->stalled, r->unanswered, r->bytes_in);
}

int main(int argc, char **argv) {
  struct settings s = {.o = {.host = "127.0.0.1",
                             .connections = 64,
                             .threads = 1,
                             .duration_ms = 10000,
                             .method = "GET",
                             .path = "/"},
                       .headers = BUF_INIT(65536)};
  if (!read_options(argc, argv, &s)) {
    fputs(usage, stderr);
    return 2;
  }
  struct rlimit rl;
  if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
    rl.rlim_cur = rl.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &rl);
  }
  s.o.headers = buf_str(&s.headers);
  s.o.ask = ask;
  s.o.arg = &s;
  struct load_result *r = calloc(1, sizeof *r);
  struct err e = {0};
  if (!r || load_run(&s.o, r, &e)) {
    fprintf(stderr, "load: %s\n", e.what ? e.what : "no memory");
    free(r);
    return 3;
  }
  if (s.json) {
    print_json(&s, r);
  } else {
    load_print_heading();
    load_print(s.o.path, s.o.connections, r);
  }
  int status = r->wrong || r->broken || r->stalled || r->unanswered ? 1 : 0;
  buf_done(&s.headers);
  free(r);
  return status;
}
