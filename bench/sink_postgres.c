#include "gates.h"
#include "store/writer.h"
#include <stdlib.h>

/* A commit of events on PostgreSQL: four statements, each with all its rows. */

struct elephant {
  struct sink s;
  struct store *store;
  struct writer *writer;
  struct event *evs; /* of the commit under way */
  size_t n;
};

static const enum val_type event_types[] = {
    VAL_UUID, VAL_I64,  VAL_I64,  VAL_UUID, VAL_TEXT, VAL_TEXT, VAL_TEXT, VAL_TEXT,
    VAL_I64,  VAL_TEXT, VAL_TEXT, VAL_I64,  VAL_I64,  VAL_I64,  VAL_UUID, VAL_BLOB};
static const struct bulk event_rows = {
    .name = "bench_event",
    .table = "gate_event",
    .columns = "id, op, unit, post, direction, who_kind, who, door, temperature, outcome, day, "
               "abnormal, seq, created_ms, created_by, digest",
    .types = event_types,
    .n_columns = ARRAY_LEN(event_types)};
static const enum val_type audit_types[] = {VAL_I64, VAL_I64,  VAL_UUID, VAL_I64, VAL_TEXT,
                                            VAL_I64, VAL_UUID, VAL_I64,  VAL_BLOB};
static const struct bulk audit_rows = {.name = "bench_audit",
                                       .table = "audit",
                                       .columns =
                                           "pos, at_ms, actor, op, action, kind, id, unit, chain",
                                       .types = audit_types,
                                       .n_columns = ARRAY_LEN(audit_types)};
static const enum val_type number_types[] = {VAL_I64, VAL_I64, VAL_I64, VAL_I64,
                                             VAL_I64, VAL_I64, VAL_I64, VAL_I64};
static const struct bulk seq_rows = {.name = "bench_seq",
                                     .table = "unit_seq",
                                     .columns = "unit, seq",
                                     .types = number_types,
                                     .n_columns = 2,
                                     .conflict = "ON CONFLICT (unit) DO UPDATE SET "
                                                 "seq = excluded.seq"};
static const struct bulk figure_rows = {
    .name = "bench_figure",
    .table = "figure",
    .columns = "op, unit, ind, day, known_day, lane, value, minute",
    .types = number_types,
    .n_columns = 8,
    .conflict = "ON CONFLICT (op, unit, ind, day, minute, known_day, lane) "
                "DO UPDATE SET value = figure.value + excluded.value"};

static struct uuid actor(void) {
  struct uuid u;
  memcpy(u.b, bench_actor, sizeof u.b);
  return u;
}

static int write_events(struct tx *tx, const struct elephant *el, struct err *e) {
  struct val *rows = arena_array(tx_arena(tx), struct val, el->n * event_rows.n_columns), *v = rows;
  for (size_t i = 0; i < el->n; i++) {
    const struct event *ev = &el->evs[i];
    *v++ = V_UUID(ev->id);
    *v++ = V_I64(1);
    *v++ = V_I64(ev->gate->unit);
    *v++ = V_UUID(ev->gate->post);
    *v++ = V_TEXT(ev->direction);
    *v++ = V_TEXT(ev->who_kind);
    *v++ = V_TEXT(ev->who);
    *v++ = V_TEXT(ev->door);
    *v++ = V_I64(ev->temperature);
    *v++ = V_TEXT(ev->outcome);
    *v++ = V_TEXT(S(BENCH_DAY_TEXT));
    *v++ = V_I64(0);
    *v++ = V_I64(ev->seq);
    *v++ = V_I64(ev->at_ms);
    *v++ = V_UUID(actor());
    *v++ = V_BLOB(((struct str){(const char *)bench_digest, sizeof bench_digest}));
  }
  return tx_bulk(tx, &event_rows, rows, el->n, e);
}

static int write_audit(struct tx *tx, struct elephant *el, struct err *e) {
  struct val *rows = arena_array(tx_arena(tx), struct val, el->n * audit_rows.n_columns), *v = rows;
  int64_t pos = el->s.audit;
  for (size_t i = 0; i < el->n; i++) {
    const struct event *ev = &el->evs[i];
    *v++ = V_I64(++pos);
    *v++ = V_I64(ev->at_ms);
    *v++ = V_UUID(actor());
    *v++ = V_I64(1);
    *v++ = V_TEXT(S("create"));
    *v++ = V_I64(40);
    *v++ = V_UUID(ev->id);
    *v++ = V_I64(ev->gate->unit);
    *v++ = V_BLOB(((struct str){(const char *)bench_chain, sizeof bench_chain}));
  }
  return tx_bulk(tx, &audit_rows, rows, el->n, e);
}

static int write_counts(struct tx *tx, const struct elephant *el, struct err *e) {
  const struct gates *g = el->s.gates;
  struct val *figures = arena_array(tx_arena(tx), struct val, g->n_units * GATE_INDICATORS * 8);
  struct val *seqs = arena_array(tx_arena(tx), struct val, g->n_units * 2);
  size_t n_figures = 0, n_seqs = 0;
  for (size_t u = 0; u < g->n_units; u++) {
    const int64_t *sums = el->s.figures + u * GATE_INDICATORS;
    for (size_t k = 0; k < GATE_INDICATORS; k++) {
      if (sums[k] == 0) continue;
      const int64_t row[] = {1,       g->units[u], gate_indicators[k], BENCH_DAY, BENCH_DAY, 0,
                             sums[k], -1};
      for (size_t c = 0; c < ARRAY_LEN(row); c++) figures[n_figures * 8 + c] = V_I64(row[c]);
      n_figures++;
    }
    if ((sums[0] == 0 && sums[1] == 0) || el->s.seqs[u] == 0) continue;
    seqs[n_seqs * 2] = V_I64(g->units[u]);
    seqs[n_seqs++ * 2 + 1] = V_I64(el->s.seqs[u]);
  }
  int r = n_figures ? tx_bulk(tx, &figure_rows, figures, n_figures, e) : 0;
  return r == 0 && n_seqs ? tx_bulk(tx, &seq_rows, seqs, n_seqs, e) : r;
}

static int run(struct tx *tx, void *arg, struct err *e) {
  struct elephant *el = arg;
  int r = write_events(tx, el, e);
  if (r == 0) r = write_audit(tx, el, e);
  return r == 0 ? write_counts(tx, el, e) : r;
}

static int elephant_write(struct sink *s, struct event *evs, size_t n, struct err *e) {
  static const struct cmd_class cls = {.name = "bench", .run = run};
  struct elephant *el = (struct elephant *)s;
  sink_count(s, evs, n);
  el->evs = evs;
  el->n = n;
  int r = writer_run(el->writer, &cls, el, CMD_GATE, e);
  if (r == 0) s->audit += (int64_t)n;
  sink_clear(s);
  return r;
}

static void elephant_close(struct sink *s) {
  struct elephant *el = (struct elephant *)s;
  el->writer = writer_stop(el->writer);
  el->store = store_close(el->store);
  sink_done(s);
  free(el);
}

QUERY(bench_audit_head, "SELECT max(pos) FROM audit");
QUERY(bench_seq, "SELECT seq FROM unit_seq WHERE unit = $1");

static int read_state(struct elephant *el, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  const struct gates *g = el->s.gates;
  int r = store_read(el->store, &tx, e);
  if (r == 0) r = tx_i64(tx, &bench_audit_head, P_NONE, &el->s.audit, e);
  for (size_t u = 0; u < g->n_units && r == 0; u++) {
    r = tx_i64(tx, &bench_seq, P(V_I64(g->units[u])), &el->s.seqs[u], e);
    if (r == -E_NOROW) r = 0;
  }
  return r;
}

int sink_postgres(const char *url, const struct gates *g, struct sink **ret_sink, struct err *e) {
  static const struct sink_ops ops = {.write = elephant_write, .close = elephant_close};
  struct elephant *el = calloc(1, sizeof *el);
  if (!el) return err_set(e, E_NOMEM, "no memory for a sink");
  el->s.ops = &ops;
  const struct store_options o = {.where = url};
  const struct writer_options wo = {.parts = {NULL}};
  int r = sink_init(&el->s, g, e);
  if (r == 0) r = store_open(&o, &el->store, e);
  if (r == 0) r = read_state(el, e);
  if (r == 0) r = writer_start(el->store, &wo, &el->writer, e);
  if (r < 0) {
    elephant_close(&el->s);
    return r;
  }
  *ret_sink = &el->s;
  return 0;
}
