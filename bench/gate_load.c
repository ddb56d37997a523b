/* bench_gate: posts gate events to a server on loopback and prints what came of it as one object.
 *
 *     bench_gate --port P --gates FILE --tokens FILE [--connections 64] [--seconds 5] [--batch N]
 *                [--passes FILE] [--rate N]
 *
 * With --batch each request is a batch of N events; with --passes each event names a pass, one of
 * the ids in that file; with --rate so many requests a second, each timed from when it was due. Ids
 * are UUIDv7, as phones make them. */
#include "gates.h"
#include "load.h"
#include "base/timeutil.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { TOKENS_MAX = 64, BATCH_MAX = 1000, PASSES_MAX = 100000 };

struct settings {
  struct load_options o;
  struct gates gates;
  struct buf headers[TOKENS_MAX];
  size_t n_tokens;
  int64_t batch;
  char (*passes)[UUID_TEXT];
  size_t n_passes;
  struct idgen ids;
  uint64_t dice;
};

/* Cheap and good enough for ids that only have to differ. */
static void dice(void *arg, void *out, size_t n) {
  uint64_t *x = arg;
  for (size_t i = 0; i < n; i++) {
    *x ^= *x << 13, *x ^= *x >> 7, *x ^= *x << 17;
    ((uint8_t *)out)[i] = (uint8_t)(*x >> 32);
  }
}

static void event(const struct settings *s, struct buf *b, const char *id, uint64_t n) {
  char post[UUID_TEXT];
  uuid_format(&s->gates.all[n % s->gates.n].post, post);
  buf_printf(b,
             "{\"id\":\"%s\",\"post\":\"%s\",\"direction\":\"%s\",\"who_kind\":\"resident\","
             "\"who\":\"试验\",\"door\":\"3-2-%" PRIu64
             "\",\"temperature\":36.5,\"outcome\":\"admitted\"",
             id, post, n % 3 ? "in" : "out", 101 + n % 900);
  if (s->n_passes)
    buf_printf(b, ",\"pass\":\"%s\",\"how\":\"scan\",\"verdict\":\"ok\"",
               s->passes[n * 2654435761u % s->n_passes]);
  buf_char(b, '}');
}

static void ask(void *arg, struct load_ask *a) {
  struct settings *s = arg;
  char id[UUID_TEXT];
  const uint64_t from = (a->connection * 7919 + a->n) * (uint64_t)(s->batch ? s->batch : 1);
  a->headers = buf_str(&s->headers[a->connection % s->n_tokens]);
  for (int64_t i = 0; i < (s->batch ? s->batch : 1); i++) {
    const struct uuid u = idgen_next(&s->ids, machine_now_ms());
    uuid_format(&u, id);
    if (s->batch)
      buf_printf(a->body,
                 "%s{\"id\":\"%s\",\"seq\":%" PRId64
                 ",\"method\":\"POST\",\"path\":\"/api/v1/gate-events\",\"body\":",
                 i ? "," : "{\"items\":[", id, i);
    event(s, a->body, id, from + (uint64_t)i);
    if (s->batch) buf_char(a->body, '}');
  }
  if (s->batch) buf_lit(a->body, "]}");
}

/* An event that was refused in a batch makes the whole answer a wrong one. */
static bool check(void *arg, size_t connection, uint64_t n, int status, struct str body) {
  const struct settings *s = arg;
  (void)connection, (void)n;
  if (!s->batch) return status == 201;
  return status == 200 && str_find(body, S("\"status\":4")) == (size_t)-1 &&
         str_find(body, S("\"status\":5")) == (size_t)-1;
}

static bool read_tokens(struct settings *s, const char *file) {
  char line[512];
  FILE *f = fopen(file, "r");
  while (f && s->n_tokens < TOKENS_MAX && fgets(line, sizeof line, f)) {
    struct buf *b = &s->headers[s->n_tokens++];
    const struct str token = str_trim(str_from(line));
    *b = BUF_INIT(1024);
    buf_printf(b, "Authorization: Bearer " STR_FMT "\r\nContent-Type: application/json\r\n",
               STR_ARG(token));
  }
  if (f) fclose(f);
  return s->n_tokens > 0;
}

static bool read_passes(struct settings *s, const char *file) {
  char line[128];
  FILE *f = fopen(file, "r");
  struct uuid id;
  s->passes = calloc(PASSES_MAX, sizeof *s->passes);
  while (f && s->passes && s->n_passes < PASSES_MAX && fgets(line, sizeof line, f))
    if (uuid_parse(str_trim(str_from(line)), &id) == 0) uuid_format(&id, s->passes[s->n_passes++]);
  if (f) fclose(f);
  return s->n_passes > 0;
}

static bool number(const char *text, int64_t hi, int64_t *ret) {
  return parse_i64(str_from(text), 1, hi, ret) == 0;
}

static bool read_options(int argc, char **argv, struct settings *s) {
  static const struct option options[] = {
      {"port", 1, NULL, 'p'},        {"gates", 1, NULL, 'g'},   {"tokens", 1, NULL, 't'},
      {"connections", 1, NULL, 'c'}, {"seconds", 1, NULL, 's'}, {"batch", 1, NULL, 'b'},
      {"passes", 1, NULL, 'w'},      {"rate", 1, NULL, 'r'},    {NULL, 0, NULL, 0}};
  const char *gates = NULL, *tokens = NULL, *passes = NULL;
  struct err e = {0};
  int64_t v = 0;
  bool ok = true;
  for (int c; ok && (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (c) {
    case 'p':
      ok = number(optarg, 65535, &v), s->o.port = (int)v;
      break;
    case 'c':
      ok = number(optarg, LOAD_CONNECTIONS_MAX, &v), s->o.connections = (size_t)v;
      break;
    case 's':
      ok = number(optarg, 3600, &v), s->o.duration_ms = v * 1000;
      break;
    case 'b':
      ok = number(optarg, BATCH_MAX, &s->batch);
      break;
    case 'r':
      ok = number(optarg, 1000000, &s->o.rate);
      break;
    case 'w':
      passes = optarg;
      break;
    case 'g':
      gates = optarg;
      break;
    case 't':
      tokens = optarg;
      break;
    default:
      ok = false;
    }
  }
  if (!ok || !s->o.port || !gates || !tokens) return false;
  if (passes && !read_passes(s, passes)) return false;
  if (gates_read(gates, &s->gates, &e) == 0) return read_tokens(s, tokens);
  fprintf(stderr, "bench_gate: %s\n", e.what);
  return false;
}

static void print(const struct settings *s, const struct load_result *r) {
  const double seconds = (double)r->elapsed_us / 1e6;
  const double events = (double)r->answered * (double)(s->batch ? s->batch : 1);
  printf("{\"per_second\":%.1f,\"events\":%.0f,\"p50\":%" PRId64 ",\"p95\":%" PRId64
         ",\"p99\":%" PRId64 ",\"max\":%" PRIu64 ",\"wrong\":%" PRId64
         ",\"first_wrong\":%d,\"broken\":%" PRId64 ",\"unanswered\":%" PRId64
         ",\"paused_ms\":%" PRId64 "}\n",
         seconds > 0 ? events / seconds : 0, events, histogram_at(&r->latency, 50),
         histogram_at(&r->latency, 95), histogram_at(&r->latency, 99), r->latency.max, r->wrong,
         r->status_first_wrong, r->broken, r->unanswered, r->paused_ms);
}

int main(int argc, char **argv) {
  static struct settings s = {.o = {.host = "127.0.0.1",
                                    .connections = 64,
                                    .threads = 1,
                                    .duration_ms = 5000,
                                    .method = "POST"}};
  if (!read_options(argc, argv, &s)) {
    fprintf(stderr, "bench_gate --port P --gates FILE --tokens FILE [--connections N] "
                    "[--seconds N] [--batch N] [--passes FILE] [--rate N]\n");
    return 2;
  }
  struct rlimit rl;
  if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
    rl.rlim_cur = rl.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &rl);
  }
  random_bytes(&s.dice, sizeof s.dice);
  s.dice |= 1;
  idgen_init(&s.ids);
  s.ids.random = dice;
  s.ids.arg = &s.dice;
  s.o.path = s.batch ? "/api/v1/batch" : "/api/v1/gate-events";
  s.o.ask = ask;
  s.o.check = check;
  s.o.arg = &s;
  struct load_result *r = calloc(1, sizeof *r);
  struct err e = {0};
  const int bad = r ? load_run(&s.o, r, &e) : -E_NOMEM;
  if (bad)
    fprintf(stderr, "bench_gate: %s\n", e.what ? e.what : "no memory");
  else
    print(&s, r);
  free(r);
  for (size_t i = 0; i < s.n_tokens; i++) buf_done(&s.headers[i]);
  gates_done(&s.gates);
  free(s.passes);
  idgen_done(&s.ids);
  return bad ? 3 : 0;
}
