#include "core/operation.h"
#include "domain/gate/clash_inner.h"
#include "domain/gate/passes.h"

/* Around what arrived: for the passes (and households) concerned, all passages around what arrived.
 * Neighbours in that list are neighbours in fact, so the clashes between them are all there are
 * from then on, and those that stand recorded and are not among them are gone. "Around" is as far
 * as a rule reaches. */

enum { CHUNK = 64, EXIT_DAYS = 15, VIEWERS = 16 };
#define USE_MS MS_DAY /* the longest that gate_same_pass_minutes can be */

#define IN64                                                                                       \
  "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, "       \
  "$22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, "     \
  "$40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, "     \
  "$58, $59, $60, $61, $62, $63, $64, $65, $66"
#define PASSAGE                                                                                    \
  "SELECT e.id, e.pass, e.household, e.post, e.device, e.op, e.unit, e.direction, e.happened_at, " \
  "p.class FROM gate_event e JOIN pass p ON p.id = e.pass WHERE "
/* Went through, and was not taken back. */
#define LIVE                                                                                       \
  "AND e.corrects IS NULL AND e.outcome IN ('admitted', 'remeasured') "                            \
  "AND NOT EXISTS (SELECT 1 FROM gate_event k WHERE k.corrects = e.id) "
QUERY(q_clash_passages, PASSAGE "e.happened_at BETWEEN $1 AND $2 AND e.pass IN (" IN64 ") " LIVE
                                "ORDER BY e.pass, e.happened_at, e.id");
QUERY(q_clash_exits, PASSAGE "e.happened_at BETWEEN $1 AND $2 AND e.household IN (" IN64 ") " LIVE
                             "AND e.direction = 'out' AND p.class = 'household' "
                             "ORDER BY e.household, e.happened_at, e.id");
QUERY(q_clash_last, PASSAGE "e.pass = $1 " LIVE "ORDER BY e.happened_at DESC, e.id DESC LIMIT 1");
QUERY(q_clash_of_passes,
      "SELECT id, op, cause, state, type FROM clash WHERE pass IN (" IN64 ") "
      "AND state <> 'resolved' AND ((type IN ('double_use', 'revoked_used') AND first_at >= $1 "
      "AND coalesce(second_at, first_at) <= $2) OR type = 'overdue')");
QUERY(q_clash_of_households,
      "SELECT id, op, cause, state, type FROM clash WHERE household IN (" IN64
      ") AND state <> 'resolved' AND type = 'second_exit' "
      "AND first_at >= $1 AND second_at <= $2");
QUERY(q_pass_histories,
      "SELECT id, at_ms, changes FROM history WHERE kind = $1 AND rev > $2 AND id IN (" IN64
      ") AND changes LIKE '%\"state\"%' ORDER BY id, rev");

/* ---- small things ---- */

int look_operation(struct look *k, int64_t op, struct err *e) {
  if (look_viewer(k, op)) return 0;
  if (k->n_viewers == VIEWERS) return err_set(e, E_BUG, "too many operations at one gate");
  struct viewer *v;
  int r = app_system_viewer(k->app, k->a, op, &v, e);
  if (r < 0) return r;
  k->viewers[k->n_viewers++] = v;
  return 0;
}

struct viewer *look_viewer(struct look *k, int64_t op) {
  for (size_t i = 0; i < k->n_viewers; i++)
    if (k->viewers[i]->op == op) return k->viewers[i];
  return NULL;
}

struct found *look_find(struct look *k, const char *type, int64_t op) {
  struct found *f = arena_new(k->a, struct found);
  *f = (struct found){.next = k->found, .type = type, .op = op};
  k->found = f;
  k->n_found++;
  return f;
}

static struct clash_policy policy_on(struct look *k, int64_t op, int32_t day) {
  return (struct clash_policy){.same_pass_minutes =
                                   policy(k->app, op, "gate_same_pass_minutes", day),
                               .household_days = policy(k->app, op, "pass_household_days", day)};
}

static struct passage passage_of(struct look *k, const struct cur *cur) {
  struct passage p = {.id = cur_uuid(cur, 0),
                      .pass = cur_uuid(cur, 1),
                      .household = cur_uuid(cur, 2),
                      .post = cur_uuid(cur, 3),
                      .device = cur_uuid(cur, 4),
                      .op = cur_i64(cur, 5),
                      .unit = (int32_t)cur_i64(cur, 6),
                      .out = str_is(cur_text(cur, 7), "out"),
                      .at_ms = cur_i64(cur, 8),
                      .of_household = str_is(cur_text(cur, 9), "household")};
  const struct viewer *v = look_viewer(k, p.op);
  p.day = v ? zone_day(v->zone, p.at_ms, NULL) : 0;
  return p;
}

struct passages {
  struct passage *p;
  size_t n, cap;
};

/* The last id fills what is left of the chunk. */
static void chunk_params(struct val *p, int64_t first, int64_t second, const struct uuid *ids,
                         size_t n) {
  p[0] = V_I64(first);
  p[1] = V_I64(second);
  for (size_t i = 0; i < CHUNK; i++) p[i + 2] = V_UUID(ids[i < n ? i : n - 1]);
}

/* All rows of one statement over a chunk of ids. */
static int read_passages(struct look *k, struct tx *tx, const struct query *q, int64_t margin_ms,
                         const struct uuid *ids, size_t n, struct passages *out, struct err *e) {
  struct val p[CHUNK + 2];
  _cleanup_(cur_donep) struct cur *cur = NULL;
  chunk_params(p, k->earliest - margin_ms, k->latest + margin_ms, ids, n);
  int r = cur_open(tx, q, p, CHUNK + 2, &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1) {
    if (out->n == out->cap) {
      const size_t cap = out->cap ? out->cap * 2 : 512;
      struct passage *more = arena_array(k->a, struct passage, cap);
      if (!more || arena_failed(k->a)) return err_set(e, E_NOMEM, "no memory for passages");
      if (out->n) memcpy(more, out->p, out->n * sizeof *more);
      out->p = more;
      out->cap = cap;
    }
    if ((r = look_operation(k, cur_i64(cur, 5), e)) < 0) return r;
    out->p[out->n++] = passage_of(k, cur);
  }
  return r < 0 ? r : 0;
}

static int read_stored(struct look *k, struct tx *tx, const struct query *q, int64_t margin_ms,
                       const struct uuid *ids, size_t n, struct err *e) {
  struct val p[CHUNK + 2];
  _cleanup_(cur_donep) struct cur *cur = NULL;
  chunk_params(p, k->earliest - margin_ms, k->latest + margin_ms, ids, n);
  int r = cur_open(tx, q, p, CHUNK + 2, &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1) {
    struct stored *s = arena_new(k->a, struct stored);
    *s = (struct stored){.next = k->stored,
                         .id = cur_uuid(cur, 0),
                         .op = cur_i64(cur, 1),
                         .cause = arena_dup(k->a, cur_text(cur, 2)),
                         .open = str_is(cur_text(cur, 3), "open"),
                         .overdue = str_is(cur_text(cur, 4), "overdue")};
    k->stored = s;
  }
  return r < 0 ? r : 0;
}

/* ---- the rules ---- */

static void pair_found(struct look *k, const char *type, const struct passage *a,
                       const struct passage *b) {
  struct found *f = look_find(k, type, b->op);
  f->cause = clash_cause(k->a, type, &a->id, &b->id);
  f->first = *a;
  f->second = *b;
  f->pair = true;
}

static void find_double_use(struct look *k, const struct touched_pass *t) {
  for (size_t i = 1; i < t->n; i++) {
    const struct clash_policy p = policy_on(k, t->list[i].op, t->list[i].day);
    if (clash_double_use(&t->list[i - 1], &t->list[i], &p))
      pair_found(k, "double_use", &t->list[i - 1], &t->list[i]);
  }
}

static void add_spell(struct touched_pass *t, int64_t at_ms, bool now_void) {
  struct void_spell *last = t->n_spells ? &t->spells[t->n_spells - 1] : NULL;
  const bool is_void = last && last->to_ms == INT64_MAX;
  if (now_void && !is_void && t->n_spells < SPELLS)
    t->spells[t->n_spells++] = (struct void_spell){at_ms, INT64_MAX};
  else if (!now_void && is_void)
    last->to_ms = at_ms;
}

/* When these passes were void, from their histories. */
static int read_spells(struct look *k, struct tx *tx, struct touched_pass *t, size_t n,
                       const struct uuid *ids, struct err *e) {
  struct val p[CHUNK + 2];
  _cleanup_(cur_donep) struct cur *cur = NULL;
  chunk_params(p, pass_kind.no, 1, ids, n);
  int r = cur_open(tx, &q_pass_histories, p, CHUNK + 2, &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1) {
    json_t *root;
    const struct uuid id = cur_uuid(cur, 0);
    if ((r = json_read(k->a, arena_dup(k->a, cur_text(cur, 2)), &root, e)) < 0) return r;
    const json_t *to = json_array_get(json_object_get(root, "state"), 1);
    for (size_t i = 0; i < n && json_is_string(to); i++)
      if (uuid_eq(&t[i].pass, &id))
        add_spell(&t[i], cur_i64(cur, 1), !str_is(json_str(to), "active"));
  }
  return r < 0 ? r : 0;
}

static void find_revoked(struct look *k, const struct touched_pass *t) {
  for (size_t i = 0; i < t->n; i++) {
    if (!clash_void_at(t->spells, t->n_spells, t->list[i].at_ms)) continue;
    struct found *f = look_find(k, "revoked_used", t->list[i].op);
    f->cause = clash_cause(k->a, "revoked_used", &t->list[i].id, NULL);
    f->first = t->list[i];
  }
}

static void find_second_exits(struct look *k, const struct passages *exits) {
  for (size_t i = 1; i < exits->n; i++) {
    const struct passage *a = &exits->p[i - 1], *b = &exits->p[i];
    const struct clash_policy p = policy_on(k, b->op, b->day);
    if (uuid_eq(&a->household, &b->household) && clash_second_exit(a, b, &p))
      pair_found(k, "second_exit", a, b);
  }
}

/* Who is out: by the last passage of a household's pass. */
static int note_out(struct look *k, struct tx *tx, const struct touched_pass *t, struct err *e) {
  struct out_row *o = arena_new(k->a, struct out_row);
  *o = (struct out_row){.next = k->outs, .pass = t->pass, .op = t->op};
  k->outs = o;
  const bool to_now = k->latest + USE_MS >= k->now_ms;
  if (t->n && to_now) {
    o->last = t->list[t->n - 1];
  } else {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    int r = cur_open(tx, &q_clash_last, P(V_UUID(t->pass)), &cur, e);
    if (r >= 0) r = cur_next(cur, e);
    if (r < 0) return r;
    if (r == 0) return 0;
    if ((r = look_operation(k, cur_i64(cur, 5), e)) < 0) return r;
    o->last = passage_of(k, cur);
  }
  o->is_out = o->last.out;
  return 0;
}

/* ---- all of it ---- */

static int pass_chunk(struct look *k, struct tx *tx, struct touched_pass *t, size_t n,
                      struct err *e) {
  struct uuid ids[CHUNK];
  struct passages all = {0};
  for (size_t i = 0; i < n; i++) ids[i] = t[i].pass;
  int r = read_passages(k, tx, &q_clash_passages, USE_MS, ids, n, &all, e);
  if (r >= 0) r = read_stored(k, tx, &q_clash_of_passes, USE_MS, ids, n, e);
  if (r >= 0) r = read_spells(k, tx, t, n, ids, e);
  for (size_t i = 0; i < n && r >= 0; i++) {
    for (size_t at = 0; at < all.n; at++) {
      if (!uuid_eq(&all.p[at].pass, &t[i].pass)) continue;
      if (!t[i].n++) t[i].list = &all.p[at];
    }
    find_double_use(k, &t[i]);
    find_revoked(k, &t[i]);
    if (t[i].of_household) r = note_out(k, tx, &t[i], e);
  }
  return r;
}

static int household_order(const void *a, const void *b) {
  return memcmp(a, b, sizeof(struct uuid));
}

static int households(struct look *k, struct tx *tx, struct err *e) {
  struct uuid *ids = arena_array(k->a, struct uuid, k->n_passes + 1);
  const int64_t margin = EXIT_DAYS * MS_DAY;
  size_t n = 0, distinct = 0;
  int r = 0;
  if (!ids) return err_set(e, E_NOMEM, "no memory for households");
  for (size_t i = 0; i < k->n_passes; i++)
    if (k->passes[i].of_household && !uuid_is_nil(&k->passes[i].household))
      ids[n++] = k->passes[i].household;
  qsort(ids, n, sizeof *ids, household_order);
  for (size_t i = 0; i < n; i++)
    if (i == 0 || !uuid_eq(&ids[i], &ids[i - 1])) ids[distinct++] = ids[i];
  for (size_t at = 0; at < distinct && r >= 0; at += CHUNK) {
    const size_t some = distinct - at < CHUNK ? distinct - at : CHUNK;
    struct passages exits = {0};
    r = read_passages(k, tx, &q_clash_exits, margin, ids + at, some, &exits, e);
    if (r >= 0) r = read_stored(k, tx, &q_clash_of_households, margin, ids + at, some, e);
    if (r >= 0) find_second_exits(k, &exits);
  }
  return r;
}

int look_around(struct look *k, struct tx *tx, struct err *e) {
  int r = 0;
  for (size_t at = 0; at < k->n_passes && r >= 0; at += CHUNK) {
    const size_t some = k->n_passes - at < CHUNK ? k->n_passes - at : CHUNK;
    r = pass_chunk(k, tx, k->passes + at, some, e);
  }
  if (r >= 0) r = households(k, tx, e);
  return r >= 0 && arena_failed(k->a) ? err_set(e, E_NOMEM, "no memory for clashes") : r;
}
