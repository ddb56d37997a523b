#include "api/api.h"
#include "sync/sync_module.h"
#include "core/settings.h"
#include <stdlib.h>

/* GET /changes?form=rows: a phone's working copy. Two streams of change numbers, that of the root
 * (records of no unit) and that of the unit; the answer takes from the first and then from the
 * second, up to its limit. Without a cursor it is the live state. A cursor carries the unit, a
 * digest of what the rows look like, and both positions: of another unit, another release's form,
 * or from a future that a restored backup does not know, it counts for nothing, and the phone gets
 * everything again ("full": true). */

enum { CHUNK = 256 };

struct stream {
  bool central;
  int64_t after, last, upto;
  struct tombstone *gone;
  size_t n_gone;
  bool more;
};

struct copy {
  struct rq *rq;
  struct tx *tx;
  int32_t unit;
  uint32_t form; /* digest of kinds and fields */
  bool live;
  int64_t floor; /* of events, in a first pull */
  size_t limit, left;
  int64_t since_ms;
  char since_day[DAY_TEXT];
  struct stream streams[2]; /* central, unit */
};

static bool wanted(const struct copy *p, const struct kind *k) {
  return kind_on_device(k) && viewer_may(p->rq->viewer, kind_right(k, VERB_READ), p->unit);
}

static bool in_stream(const struct stream *s, const struct kind *k) {
  return s->central != kind_scoped(k);
}

/* A phone shows it as a list, of which it knows no more than its screen's row says. */
static bool has_list(const struct kind *k) {
  return k->screen && k->screen->phone;
}

static uint32_t form_of(const struct copy *p) {
  struct buf b = BUF_INIT(KIB(64));
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    struct jw w;
    if (!wanted(p, k)) continue;
    buf_printf(&b, "%s%s", k->plural, has_list(k) ? "*" : "");
    jw_init(&w, &b);
    emit_row_fields(&w, k);
  }
  const uint32_t h = (uint32_t)hash64(b.p, b.n) & 0x7fffffff;
  buf_done(&b);
  return h;
}

/* False where it is none, or counts for nothing. */
static bool cursor_read(struct copy *p, struct str text) {
  int64_t v[5] = {0};
  size_t n = 0;
  if (!str_starts(text, S("r"))) return false;
  text = str_sub(text, 1, text.n);
  while (text.p && n < ARRAY_LEN(v))
    if (parse_i64(str_split(&text, '-'), 0, INT64_MAX, &v[n++]) < 0) return false;
  if (text.p || n < 4) return false;
  if (v[0] != p->unit || v[1] != p->form || v[2] > p->streams[0].last || v[3] > p->streams[1].last)
    return false;
  p->streams[0].after = v[2];
  p->streams[1].after = v[3];
  p->live = n == 5;
  p->floor = v[4];
  return true;
}

static int find_floor(struct copy *p, struct err *e) {
  p->floor = 0;
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    int64_t seq;
    if (!wanted(p, k) || !(k->flags & KF_EVENT)) continue;
    int r = pull_event_floor(p->tx, p->rq->a, k, p->unit, p->since_ms, &seq, e);
    if (r < 0) return r;
    if (seq > p->floor) p->floor = seq;
  }
  return 0;
}

static int parse(struct copy *p, struct err *e) {
  struct rq *rq = p->rq;
  const struct str limit = rq_arg(rq, "limit"), after = rq_arg(rq, "after");
  int64_t n = LIMIT_ROWS;
  int r = rq_unit(rq, "unit", "change.read", &p->unit, e);
  if (r < 0) return r;
  if (limit.n && parse_i64(limit, 1, LIMIT_ROWS, &n) < 0)
    problem_limit(&rq->problems, PROBLEM_too_large, S("limit"), LIMIT_ROWS);
  if ((r = rq_check(rq, e)) < 0) return r;
  p->limit = p->left = (size_t)n;
  p->since_ms =
      rq->now_ms - setting_i64(rq->app, rq->viewer->op, "sync.first_events_hours") * MS_HOUR;
  day_format(zone_day(rq->viewer->zone, p->since_ms, NULL), p->since_day);
  p->streams[0].central = true;
  r = pull_last(p->tx, unit_root(rq->viewer->tree), &p->streams[0].last, e);
  if (r >= 0) r = pull_last(p->tx, p->unit, &p->streams[1].last, e);
  if (r < 0) return r;
  p->form = form_of(p);
  if (after.n && cursor_read(p, after)) return 0;
  p->live = true;
  p->streams[0].after = p->streams[1].after = 0;
  return find_floor(p, e);
}

static struct pull_range range_of(const struct copy *p, const struct stream *s,
                                  const struct kind *k) {
  struct pull_range g = {.k = k,
                         .op = p->rq->viewer->op,
                         .unit = s->central ? 0 : p->unit,
                         .after = s->after,
                         .upto = s->upto,
                         .live = p->live,
                         .since_ms = p->since_ms,
                         .since_day = p->since_day};
  if (k && k->flags & KF_EVENT && p->live && g.after < p->floor) g.after = p->floor;
  return g;
}

static int by_number(const void *pa, const void *pb) {
  const int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;
  return (a > b) - (a < b);
}

/* How far this answer goes in one stream: everything, or the number at which it is full. */
static int cut(struct copy *p, struct stream *s, struct arena *a, struct err *e) {
  int64_t *all = NULL;
  size_t n = 0, room = p->left + 1;
  s->upto = s->last;
  struct pull_range gone = range_of(p, s, NULL);
  if (!s->central && !p->live) {
    s->gone = arena_array(p->rq->a, struct tombstone, room);
    if (!s->gone) return err_set(e, E_NOMEM, "no memory for changes");
    int r = pull_gone(p->tx, &gone, s->gone, room, &s->n_gone, e);
    if (r < 0) return r;
  }
  size_t max = s->n_gone;
  for (size_t i = 0; i < kinds_count(); i++)
    if (wanted(p, kind_at(i)) && in_stream(s, kind_at(i))) max += room;
  all = arena_array(a, int64_t, max + 1);
  if (!all || arena_failed(a)) return err_set(e, E_NOMEM, "no memory for changes");
  for (size_t i = 0; i < s->n_gone; i++) all[n++] = s->gone[i].seq;
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    size_t got = 0;
    if (!wanted(p, k) || !in_stream(s, k)) continue;
    const struct pull_range g = range_of(p, s, k);
    int r = pull_numbers(p->tx, a, &g, all + n, room, &got, e);
    if (r < 0) return r;
    n += got;
  }
  if (n <= p->left) {
    p->left -= n;
    return 0;
  }
  qsort(all, n, sizeof *all, by_number);
  s->upto = p->left ? all[p->left - 1] : s->after;
  s->more = true;
  p->left = 0;
  return 0;
}

/* ---- writing ---- */

struct ids {
  struct uuid *id;
  size_t n, cap;
};

static int ids_add(struct ids *x, const struct uuid *id, struct err *e) {
  if (x->n == x->cap) {
    const size_t cap = x->cap ? x->cap * 2 : 64;
    struct uuid *more = reallocarray(x->id, cap, sizeof *more);
    if (!more) return err_set(e, E_NOMEM, "no memory for changes");
    x->id = more;
    x->cap = cap;
  }
  x->id[x->n++] = *id;
  return 0;
}
static void ids_done(struct ids *x) {
  free(x->id);
}

/* Writes those that are there; the ids of the others are for the list behind. */
static int write_chunk(struct copy *p, struct arena *a, struct jw *w, struct record **recs,
                       size_t n, struct ids *gone, struct err *e) {
  struct emit em = {.tx = p->tx, .en = &p->rq->app->registry, .viewer = p->rq->viewer, .a = a};
  size_t live = 0;
  for (size_t i = 0; i < n; i++) {
    if (!recs[i]->retired) {
      recs[live++] = recs[i];
      continue;
    }
    int r = ids_add(gone, &recs[i]->id, e);
    if (r < 0) return r;
  }
  return emit_rows(&em, w, recs, live, e);
}

static int write_rows(struct copy *p, const struct stream *s, const struct kind *k, struct jw *w,
                      struct ids *gone, struct err *e) {
  struct record *recs[CHUNK];
  struct pull_range g = range_of(p, s, k);
  _cleanup_(arena_freep) struct arena *a = arena_create(MIB(16));
  size_t n = CHUNK;
  if (!a) return err_set(e, E_NOMEM, "no memory for changes");
  while (n == CHUNK) {
    int r = pull_records(p->tx, a, &g, recs, CHUNK, &n, e);
    if (r >= 0 && n) {
      g.after = recs[n - 1]->seq;
      r = write_chunk(p, a, w, recs, n, gone, e);
    }
    if (r < 0) return r;
    arena_reset(a);
  }
  return 0;
}

static int write_table(struct copy *p, const struct stream *s, const struct kind *k, struct jw *w,
                       struct err *e) {
  _cleanup_(ids_done) struct ids gone = {0};
  jw_object(w);
  jw_kstrz(w, "kind", k->plural);
  jw_k(w, "fields");
  emit_row_fields(w, k);
  if (has_list(k)) {
    jw_kbool(w, "list", true);
  }
  jw_karray(w, "rows");
  int r = s->upto > s->after ? write_rows(p, s, k, w, &gone, e) : 0;
  jw_end(w);
  for (size_t i = 0; i < s->n_gone && r >= 0; i++)
    if (s->gone[i].k == k && s->gone[i].seq <= s->upto) r = ids_add(&gone, &s->gone[i].id, e);
  if (r < 0) return r;
  jw_karray(w, "gone");
  for (size_t i = 0; i < gone.n; i++) jw_uuid(w, &gone.id[i]);
  jw_end(w);
  jw_end(w);
  return 0;
}

static void write_cursor(const struct copy *p, struct jw *w) {
  const struct stream *s = p->streams;
  const bool more = s[0].more || s[1].more;
  struct str text = arena_printf(p->rq->a, "r%d-%u-%lld-%lld", p->unit, p->form,
                                 (long long)s[0].upto, (long long)s[1].upto);
  if (more && p->live)
    text = arena_printf(p->rq->a, STR_FMT "-%lld", STR_ARG(text), (long long)p->floor);
  char now[MOMENT_TEXT];
  moment_format(p->rq->now_ms, p->rq->viewer->zone, now);
  jw_kstr(w, "next", text);
  jw_kbool(w, "more", more);
  jw_kbool(w, "full", p->live);
  jw_kstrz(w, "now", now);
  jw_ki64(w, "now_ms", p->rq->now_ms);
}

static int write_all(struct copy *p, struct jw *w, struct err *e) {
  jw_object(w);
  jw_k(w, "unit");
  const struct unit_row *u = unit_by_no(p->rq->viewer->tree, p->unit);
  jw_str(w, u ? u->code : (struct str){NULL, 0});
  jw_karray(w, "tables");
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    if (!wanted(p, k)) continue;
    const struct stream *s = &p->streams[in_stream(&p->streams[0], k) ? 0 : 1];
    int r = write_table(p, s, k, w, e);
    if (r < 0) return r;
  }
  jw_end(w);
  write_cursor(p, w);
  jw_end(w);
  return 0;
}

int changes_rows(struct rq *rq, struct jw *w, struct err *e) {
  struct copy p = {.rq = rq, .tx = rq->tx};
  _cleanup_(arena_freep) struct arena *scratch = arena_create(MIB(32));
  if (!scratch) return err_set(e, E_NOMEM, "no memory for changes");
  int r = parse(&p, e);
  if (r >= 0) r = cut(&p, &p.streams[0], scratch, e);
  arena_reset(scratch);
  if (r >= 0 && p.streams[0].more) {
    p.streams[1].upto = p.streams[1].after;
    p.streams[1].more = true;
  } else if (r >= 0) {
    r = cut(&p, &p.streams[1], scratch, e);
  }
  return r < 0 ? r : write_all(&p, w, e);
}
