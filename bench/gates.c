#include "gates.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const int64_t gate_indicators[GATE_INDICATORS] = {20, 21, 25};
const uint8_t bench_actor[16] = {1}, bench_digest[16] = {2}, bench_chain[32] = {3};

static int order(const void *a, const void *b) {
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static int by_post(const void *a, const void *b) {
  return memcmp(((const struct gate *)a)->post.b, ((const struct gate *)b)->post.b, 16);
}

/* One line; the units above are numbers first, and places in gates.units when all are known. */
static bool read_line(struct str line, struct gate *ret_gate) {
  struct gate g = {0};
  int64_t no;
  if (uuid_parse(str_split(&line, ' '), &g.post) < 0) return false;
  while (line.p && line.n) {
    if (g.n_up == GATE_UP_MAX || parse_i64(str_split(&line, ' '), 1, INT32_MAX, &no) < 0)
      return false;
    g.up[g.n_up++] = (size_t)no;
  }
  if (g.n_up == 0) return false;
  g.unit = (int32_t)g.up[0];
  *ret_gate = g;
  return true;
}

static size_t place(const struct gates *g, int32_t unit) {
  const int32_t *at = bsearch(&unit, g->units, g->n_units, sizeof unit, order);
  return (size_t)(at - g->units);
}

static int index_units(struct gates *g, struct err *e) {
  g->units = calloc(g->n * GATE_UP_MAX + 1, sizeof *g->units);
  if (!g->units) return err_set(e, E_NOMEM, "no memory for gates");
  for (size_t i = 0; i < g->n; i++)
    for (size_t u = 0; u < g->all[i].n_up; u++) g->units[g->n_units++] = (int32_t)g->all[i].up[u];
  qsort(g->units, g->n_units, sizeof *g->units, order);
  size_t n = 0;
  for (size_t i = 0; i < g->n_units; i++)
    if (n == 0 || g->units[n - 1] != g->units[i]) g->units[n++] = g->units[i];
  g->n_units = n;
  for (size_t i = 0; i < g->n; i++)
    for (size_t u = 0; u < g->all[i].n_up; u++)
      g->all[i].up[u] = place(g, (int32_t)g->all[i].up[u]);
  return 0;
}

int gates_read(const char *file, struct gates *ret_gates, struct err *e) {
  struct gates g = {.all = calloc(GATES_MAX, sizeof *g.all)};
  char line[512];
  int r = g.all ? 0 : err_set(e, E_NOMEM, "no memory for gates");
  FILE *f = fopen(file, "r");
  if (!f && r == 0) r = err_sys(e, E_IO, "the list of gates cannot be read", errno);
  while (r == 0 && fgets(line, sizeof line, f)) {
    if (g.n == GATES_MAX || !read_line(str_trim(str_from(line)), &g.all[g.n++]))
      r = err_set(e, E_INVALID, "the list of gates is not understood");
  }
  if (f) fclose(f);
  if (r == 0 && g.n == 0) r = err_set(e, E_INVALID, "the list of gates is empty");
  if (r == 0) {
    qsort(g.all, g.n, sizeof *g.all, by_post);
    r = index_units(&g, e);
  }
  if (r < 0)
    gates_done(&g);
  else
    *ret_gates = g;
  return r;
}

void gates_done(struct gates *g) {
  free(g->all);
  free(g->units);
  *g = (struct gates){0};
}

const struct gate *gates_find(const struct gates *g, const struct uuid *post) {
  const struct gate key = {.post = *post};
  return bsearch(&key, g->all, g->n, sizeof *g->all, by_post);
}

/* ---- what both sinks do ---- */

int sink_init(struct sink *s, const struct gates *g, struct err *e) {
  s->gates = g;
  s->seqs = calloc(g->n_units, sizeof *s->seqs);
  s->figures = calloc(g->n_units * GATE_INDICATORS, sizeof *s->figures);
  return s->seqs && s->figures ? 0 : err_set(e, E_NOMEM, "no memory for figures");
}

void sink_done(struct sink *s) {
  free(s->seqs);
  free(s->figures);
}

void sink_count(struct sink *s, struct event *evs, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const struct gate *g = evs[i].gate;
    evs[i].seq = ++s->seqs[g->up[0]];
    for (size_t u = 0; u < g->n_up; u++) {
      int64_t *sums = s->figures + g->up[u] * GATE_INDICATORS;
      sums[evs[i].in ? 0 : 1]++;
      sums[2] += evs[i].in ? 1 : -1;
    }
  }
}

void sink_clear(struct sink *s) {
  memset(s->figures, 0, s->gates->n_units * GATE_INDICATORS * sizeof *s->figures);
}
