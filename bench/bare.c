/* bench_bare: the least that a durable post of gate events can cost. The program's HTTP facade, the
 * JSON read, one thread that commits whatever has been queued, the answer after the sync; no
 * session, no rights, no rule, no audit chain. It writes the same rows as the product does
 * (gates.h).
 *
 *     bench_bare --gates FILE (--data FILE | --database URL)
 *
 * Prints its port and serves until its input closes. */
#include "gates.h"
#include "base/timeutil.h"
#include "http/http.h"
#include "json/json.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { COMMIT_MAX = 8192, BODY_MAX = 2 * 1024 * 1024, ITEMS_MAX = 1000 };

struct post {
  struct http_request *http;
  struct event *evs;
  size_t n, at; /* at: where they went in the commit */
  bool one;
  struct post *next;
};

struct world {
  struct gates gates;
  struct sink *sink;
  struct http_server *http;
  pthread_mutex_t lock;
  pthread_cond_t more;
  struct post *first, **last;
  struct event *evs;
  bool stop;
};

static void refuse(struct http_request *http, int status) {
  http_reply(http, status, "text/plain", S("no\n"), HTTP_BORROWED);
}

static void write_one(struct jw *w, const struct event *ev) {
  char at[MOMENT_TEXT];
  moment_format(ev->at_ms, zone_get("Asia/Shanghai"), at);
  jw_object(w);
  jw_k(w, "id");
  jw_uuid(w, &ev->id);
  jw_k(w, "rev");
  jw_i64(w, 1);
  jw_k(w, "seq");
  jw_i64(w, ev->seq);
  jw_k(w, "created_at");
  jw_strz(w, at);
  jw_end(w);
}

static void answer(const struct post *p, const struct event *evs) {
  struct buf b = BUF_INIT(BODY_MAX);
  struct jw w;
  jw_init(&w, &b);
  if (p->one) {
    write_one(&w, &evs[0]);
  } else {
    jw_object(&w);
    jw_k(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < p->n; i++) {
      jw_object(&w);
      jw_k(&w, "status");
      jw_i64(&w, 201);
      jw_k(&w, "body");
      write_one(&w, &evs[i]);
      jw_end(&w);
    }
    jw_end(&w);
    jw_end(&w);
  }
  http_reply(p->http, p->one ? 201 : 200, "application/json; charset=utf-8", buf_str(&b),
             HTTP_COPY);
  buf_done(&b);
}

/* As many posts as fit into a commit, off the queue. */
static struct post *take(struct world *w, size_t *ret_n) {
  struct post *taken = w->first, **end = &w->first;
  size_t n = 0;
  while (*end && n + (*end)->n <= COMMIT_MAX) {
    n += (*end)->n;
    end = &(*end)->next;
  }
  w->first = *end;
  if (!w->first) w->last = &w->first;
  *end = NULL;
  *ret_n = n;
  return n ? taken : NULL;
}

static void *committer(void *arg) {
  struct world *w = arg;
  for (;;) {
    struct err e = {0};
    size_t n;
    pthread_mutex_lock(&w->lock);
    while (!w->first && !w->stop) pthread_cond_wait(&w->more, &w->lock);
    struct post *taken = take(w, &n);
    pthread_mutex_unlock(&w->lock);
    if (!taken) return NULL;
    n = 0;
    for (struct post *p = taken; p; p = p->next) {
      p->at = n;
      memcpy(w->evs + n, p->evs, p->n * sizeof *p->evs);
      n += p->n;
    }
    const int r = w->sink->ops->write(w->sink, w->evs, n, &e);
    if (r < 0) fprintf(stderr, "bench_bare: %s: %s\n", e.what, e.field);
    for (struct post *p = taken, *next; p; p = next) {
      next = p->next; /* gone with its arena once answered */
      if (r < 0)
        refuse(p->http, 503);
      else
        answer(p, w->evs + p->at);
    }
  }
}

static bool event_of(const struct world *w, const json_t *j, int64_t now_ms, struct event *ev) {
  struct uuid post;
  if (uuid_parse(json_str(json_object_get(j, "id")), &ev->id) < 0 ||
      uuid_parse(json_str(json_object_get(j, "post")), &post) < 0)
    return false;
  ev->gate = gates_find(&w->gates, &post);
  ev->direction = json_str(json_object_get(j, "direction"));
  ev->who_kind = json_str(json_object_get(j, "who_kind"));
  ev->who = json_str(json_object_get(j, "who"));
  ev->door = json_str(json_object_get(j, "door"));
  ev->outcome = json_str(json_object_get(j, "outcome"));
  ev->temperature = (int64_t)(json_number_value(json_object_get(j, "temperature")) * 10 + 0.5);
  ev->in = str_is(ev->direction, "in");
  ev->at_ms = now_ms;
  return ev->gate != NULL;
}

static void handle(void *arg, struct http_request *http) {
  struct world *w = arg;
  struct arena *a = http_arena(http);
  struct post *p = arena_new(a, struct post);
  const int64_t now_ms = machine_now_ms();
  json_t *j;
  if (json_read(a, http_body(http), &j, NULL) < 0) {
    refuse(http, 400);
    return;
  }
  const json_t *items = json_object_get(j, "items");
  *p = (struct post){.http = http, .one = !items, .n = items ? json_array_size(items) : 1};
  if (p->n == 0 || p->n > ITEMS_MAX) {
    refuse(http, 422);
    return;
  }
  p->evs = arena_array(a, struct event, p->n);
  bool good = !arena_failed(a);
  for (size_t i = 0; i < p->n && good; i++)
    good = event_of(w, items ? json_object_get(json_array_get(items, i), "body") : j, now_ms,
                    &p->evs[i]);
  if (!good) {
    refuse(http, 422);
    return;
  }
  http_suspend(http);
  pthread_mutex_lock(&w->lock);
  *w->last = p;
  w->last = &p->next;
  pthread_cond_signal(&w->more);
  pthread_mutex_unlock(&w->lock);
}

static size_t body_limit(void *arg, enum http_method m, struct str path) {
  (void)arg, (void)m, (void)path;
  return BODY_MAX;
}

static int serve(struct world *w, struct err *e) {
  const struct http_options o = {.listen = "127.0.0.1:0",
                                 .threads = 2,
                                 .max_connections = 10000,
                                 .body_limit = body_limit,
                                 .handle = handle,
                                 .arg = w};
  pthread_t thread;
  char c;
  int r = http_start(&o, &w->http, e);
  if (r < 0) return r;
  if (pthread_create(&thread, NULL, committer, w)) abort();
  printf("%d\n", http_port(w->http));
  fflush(stdout);
  while (read(STDIN_FILENO, &c, 1) > 0) {
  }
  w->http = http_stop(w->http, 1000);
  pthread_mutex_lock(&w->lock);
  w->stop = true;
  pthread_cond_signal(&w->more);
  pthread_mutex_unlock(&w->lock);
  pthread_join(thread, NULL);
  return 0;
}

int main(int argc, char **argv) {
  static const struct option options[] = {{"gates", 1, NULL, 'g'},
                                          {"data", 1, NULL, 'd'},
                                          {"database", 1, NULL, 'u'},
                                          {NULL, 0, NULL, 0}};
  const char *gates = NULL, *data = NULL, *url = NULL;
  static struct world w = {.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER};
  struct err e = {0};
  for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (c == 'g') gates = optarg;
    if (c == 'd') data = optarg;
    if (c == 'u') url = optarg;
  }
  if (!gates || !data == !url) {
    fprintf(stderr, "bench_bare --gates FILE (--data FILE | --database URL)\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  w.last = &w.first;
  w.evs = calloc(COMMIT_MAX, sizeof *w.evs);
  int r = w.evs ? gates_read(gates, &w.gates, &e) : err_set(&e, E_NOMEM, "no memory");
  if (r == 0)
    r = data ? sink_sqlite(data, &w.gates, &w.sink, &e) : sink_postgres(url, &w.gates, &w.sink, &e);
  if (r == 0) r = serve(&w, &e);
  if (r < 0) fprintf(stderr, "bench_bare: %s %s\n", e.what, e.field);
  if (w.sink) w.sink->ops->close(w.sink);
  gates_done(&w.gates);
  free(w.evs);
  return r < 0 ? 1 : 0;
}
