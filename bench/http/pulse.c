#include "pulse.h"
#include "base/timeutil.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { BEAT_MS = 20, NOISE_MS = 20, WINDOW_S = 3 };

struct pulse {
  pthread_t thread;
  atomic_bool stop;
  int64_t worst_ms;
};

static void *beat(void *arg) {
  struct pulse *p = arg;
  int64_t taken[WINDOW_S] = {0}, second = monotonic_ms() / 1000;
  while (!atomic_load(&p->stop)) {
    int64_t before_ms = monotonic_ms();
    usleep(BEAT_MS * 1000);
    int64_t now_ms = monotonic_ms(), late_ms = now_ms - before_ms - BEAT_MS;
    for (; second < now_ms / 1000; second++) taken[(second + 1) % WINDOW_S] = 0;
    if (late_ms > NOISE_MS) taken[second % WINDOW_S] += late_ms;
    int64_t sum_ms = 0;
    for (size_t i = 0; i < WINDOW_S; i++) sum_ms += taken[i];
    if (sum_ms > p->worst_ms) p->worst_ms = sum_ms;
  }
  return NULL;
}

struct pulse *pulse_start(void) {
  struct pulse *p = calloc(1, sizeof *p);
  if (p && pthread_create(&p->thread, NULL, beat, p)) {
    free(p);
    return NULL;
  }
  return p;
}

int64_t pulse_stop(struct pulse *p) {
  if (!p) return 0;
  atomic_store(&p->stop, true);
  pthread_join(p->thread, NULL);
  int64_t worst_ms = p->worst_ms;
  free(p);
  return worst_ms;
}
