#include "notify/alarms.h"
#include "sync/batch.h"

/* What a batch says of the phone that it comes from: that it was heard, its clock, and what waits
 * on it still; and which of its own numbers have arrived, also of phones whose entries it carries.
 * A number that was passed over never arrived so far: it stands with the phone, and the lead is
 * told. */

const struct alarm_type alarm_missing = {
    .no = 64,
    .code = "device_missing",
    .zh = "{subject} 有序号未收到：{value}，请在该手机上核对",
    .en = "Of {subject} these numbers never arrived: {value}; look at that phone",
    .owner_role = "lead",
    .severity = 2};

/* ---- numbers that are missing: "3-4, 9" ---- */

enum { GAPS_MAX = 24 }; /* as text within the field; what is beyond stands as "…" */
struct gaps {
  int64_t lo[GAPS_MAX + 1], hi[GAPS_MAX + 1];
  size_t n;
  bool more;
};

static void gap_at(struct gaps *g, size_t at, int64_t lo, int64_t hi) {
  if (g->n == GAPS_MAX) {
    g->more = true;
    return;
  }
  memmove(&g->lo[at + 1], &g->lo[at], (g->n - at) * sizeof *g->lo);
  memmove(&g->hi[at + 1], &g->hi[at], (g->n - at) * sizeof *g->hi);
  g->lo[at] = lo;
  g->hi[at] = hi;
  g->n++;
}

static void gaps_read(struct gaps *g, struct str text) {
  *g = (struct gaps){0};
  while (text.n) {
    struct str one = str_trim(str_split(&text, ','));
    const struct str lo = str_split(&one, '-');
    int64_t a, b;
    if (parse_i64(lo, 1, INT64_MAX, &a) < 0) {
      g->more = true;
      continue;
    }
    if (!one.n || parse_i64(one, 1, INT64_MAX, &b) < 0) b = a;
    gap_at(g, g->n, a, b);
  }
}

static struct str gaps_text(const struct gaps *g, struct arena *a) {
  struct str s = S("");
  for (size_t i = 0; i < g->n; i++)
    s = g->lo[i] == g->hi[i]
            ? arena_printf(a, STR_FMT "%s%lld", STR_ARG(s), i ? ", " : "", (long long)g->lo[i])
            : arena_printf(a, STR_FMT "%s%lld-%lld", STR_ARG(s), i ? ", " : "", (long long)g->lo[i],
                           (long long)g->hi[i]);
  return g->more ? arena_printf(a, STR_FMT ", …", STR_ARG(s)) : s;
}

/* One of the missing has come. */
static void gap_fill(struct gaps *g, int64_t seq) {
  for (size_t i = 0; i < g->n; i++) {
    const int64_t lo = g->lo[i], hi = g->hi[i];
    if (seq < lo || seq > hi) continue;
    g->n--;
    memmove(&g->lo[i], &g->lo[i + 1], (g->n - i) * sizeof *g->lo);
    memmove(&g->hi[i], &g->hi[i + 1], (g->n - i) * sizeof *g->hi);
    if (seq < hi) gap_at(g, i, seq + 1, hi);
    if (seq > lo) gap_at(g, i, lo, seq - 1);
    return;
  }
}

/* Where a phone's first batch begins its count begins: what it wrote before it was registered is
 * not its own. */
static void take_seqs(const struct batch *bt, const struct uuid *device, struct gaps *g,
                      int64_t *seen) {
  for (size_t i = 0; i < bt->n; i++) {
    const struct item *it = &bt->items[i];
    if (!it->seq || !uuid_eq(&it->device, device)) continue;
    if (it->seq <= *seen) {
      gap_fill(g, it->seq);
      continue;
    }
    if (*seen && it->seq > *seen + 1) gap_at(g, g->n, *seen + 1, it->seq - 1);
    *seen = it->seq;
  }
}

/* ---- the command ---- */

QUERY(q_device_synced,
      "UPDATE device SET last_seen = $2, last_sync = $2, "
      "waiting = COALESCE(CAST($3 AS BIGINT), waiting), "
      "oldest_waiting_at = CASE WHEN CAST($3 AS BIGINT) IS NULL THEN oldest_waiting_at "
      "WHEN CAST($3 AS BIGINT) = 0 THEN NULL ELSE CAST($4 AS BIGINT) END, "
      "clock_offset_ms = COALESCE(CAST($5 AS BIGINT), clock_offset_ms), "
      "app_version = COALESCE(CAST($6 AS TEXT), app_version), "
      "last_item_at = COALESCE(CAST($7 AS BIGINT), last_item_at) WHERE id = $1");
QUERY(q_device_numbers, "UPDATE device SET seq_seen = $2, missing = $3 WHERE id = $1");

static struct val given(int64_t v) {
  return v == INT64_MIN ? V_NULL : V_I64(v);
}

static int tell(struct tx *tx, struct batch *bt, const struct record *device, struct str missing,
                struct err *e) {
  const struct rq *rq = bt->rq;
  const struct viewer *v = auth_system_viewer(rq->a, &rq->scope);
  struct registry *en = &rq->app->registry;
  const int32_t unit = record_unit(device);
  const struct alarm al = {.type = &alarm_missing,
                           .op = rq->scope.op,
                           .unit = unit ? unit : unit_root(rq->scope.tree),
                           .subject_kind = &device_kind,
                           .subject_id = device->id,
                           .subject = rec_text(device, DEVICE_NAME),
                           .value = missing};
  if (!missing.n) return alarm_clear_as(tx, en, v, rq->a, &al, e);
  bool fresh = false;
  int r = alarm_raise_as(tx, en, v, rq->a, &al, NULL, &fresh, e);
  return r < 0 || fresh ? r : alarm_revalue_as(tx, en, v, rq->a, &al, e);
}

static int numbers(struct tx *tx, struct batch *bt, const struct uuid *id, struct err *e) {
  struct record *device;
  struct gaps g;
  int r = record_load(tx, bt->rq->a, &device_kind, 0, id, &device, e);
  if (r < 0) return r == -E_NOROW ? 0 : r;
  const int64_t before = rec_i64(device, DEVICE_SEQ_SEEN);
  int64_t seen = before;
  gaps_read(&g, rec_text(device, DEVICE_MISSING));
  take_seqs(bt, id, &g, &seen);
  const struct str text = gaps_text(&g, bt->rq->a);
  const bool same = str_eq(text, rec_text(device, DEVICE_MISSING));
  if (same && seen == before) return 0;
  r = tx_exec(tx, &q_device_numbers, P(V_UUID(*id), V_I64(seen), text.n ? V_TEXT(text) : V_NULL),
              NULL, e);
  return r < 0 || same ? r : tell(tx, bt, device, text, e);
}

static int seen_run(struct tx *tx, void *arg, struct err *e) {
  struct batch *bt = arg;
  const struct rq *rq = bt->rq;
  const struct batch_says *s = &bt->says;
  const struct str version = str_from(s->app_version);
  int r = 0;
  if (rq->device)
    r = tx_exec(tx, &q_device_synced,
                P(V_UUID(rq->device->id), V_I64(rq->now_ms), given(s->waiting),
                  given(s->oldest_waiting_ms), given(s->clock_offset_ms),
                  version.n ? V_TEXT(version) : V_NULL, bt->last_ms ? V_I64(bt->last_ms) : V_NULL),
                NULL, e);
  for (size_t i = 0; i < bt->n && r >= 0; i++) {
    const struct uuid *of = &bt->items[i].device;
    bool done = !bt->items[i].seq || uuid_is_nil(of);
    for (size_t j = 0; j < i && !done; j++)
      done = bt->items[j].seq && uuid_eq(&bt->items[j].device, of);
    if (!done) r = numbers(tx, bt, of, e);
  }
  return r;
}
const struct cmd_class batch_seen_cmd = {.name = "device_seen", .run = seen_run};
