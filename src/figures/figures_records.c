#include "figures/figures_inner.h"
#include "kind/engine.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* The records behind a figure. The rows that counted them choose the candidates; what each adds is
 * asked of the same function that counted it (record_contribs), so that list and figure cannot
 * disagree. A contribution belongs to the branch in which its unit lay on its own day.
 *
 * Where nothing is hidden and nothing moved, a page reads the newest records behind the last one,
 * and of each line all that shares it; how many lines there are is counted once, and the cursor
 * carries it. Else all candidates are read for each page. */

enum { LINES_MAX = 1 << 21, MOST_OF_TREE = 2, MANY_OF_TREE = 64, BORDERS_MAX = 32 };

/* A line under construction, beside its sum. */
struct line {
  struct uuid key, newest, shown; /* newest of all its records; of those that may be seen */
  int64_t n, records;
  const char *since;
  bool seen;
};
struct behind {
  const struct behind_query *bq;
  const struct zone *zone;
  struct figures_now now;
  bool by_minute, many; /* many units and days, so that the newest are soon met anywhere */
  int32_t lo, hi;
  struct contribs out;
  struct sums places; /* key → place in lines */
  struct line *lines;
  size_t cap;
  int32_t unit, day; /* asked last of the tree, and the answer */
  bool within;
};

static bool in_branch(struct behind *b, int32_t unit, int32_t day) {
  int32_t up[LIMIT_UNIT_DEPTH];
  if (unit == b->unit && day == b->day) return b->within;
  const size_t n = unit_ancestors(b->bq->viewer->tree, unit, day, up, LIMIT_UNIT_DEPTH);
  b->unit = unit;
  b->day = day;
  b->within = false;
  for (size_t i = 0; i < n; i++) b->within |= up[i] == b->bq->q.unit;
  return b->within;
}

static int line_of(struct behind *b, const struct uuid *key, struct line **ret_line,
                   struct err *e) {
  const struct sum_key k = {.member = *key};
  const size_t before = b->places.n;
  size_t place;
  int r = sums_add(&b->places, &k, 1, &place, e);
  if (r < 0) return r;
  if (b->places.n > LINES_MAX)
    return err_field(e, E_TOO_LARGE, "too many records at once: ask a smaller unit", "unit");
  if (place >= b->cap) {
    const size_t cap = b->cap ? b->cap * 2 : 256;
    struct line *more = realloc(b->lines, cap * sizeof *more);
    if (!more) return err_set(e, E_NOMEM, "no memory for a list of records");
    b->lines = more;
    b->cap = cap;
  }
  if (b->places.n > before) b->lines[place] = (struct line){.key = *key};
  *ret_line = &b->lines[place];
  return 0;
}

static const char *since(const struct behind *b, const struct record *rec, bool retired) {
  const int32_t known = b->bq->q.as_known;
  const struct zone *z = b->zone;
  if (known == INT32_MAX) return NULL;
  if ((z ? zone_day(z, rec->created_ms, NULL) : (int32_t)(rec->created_ms / MS_DAY)) > known)
    return retired ? NULL : "came";
  if ((z ? zone_day(z, rec->updated_ms, NULL) : (int32_t)(rec->updated_ms / MS_DAY)) <= known)
    return NULL;
  return retired ? "went" : "changed";
}

static int add_to_line(struct behind *b, const struct record *rec, const struct uuid *key,
                       int64_t n, const char *mark, struct err *e) {
  struct line *l;
  int r = line_of(b, key, &l, e);
  if (r < 0) return r;
  l->n += n;
  l->records++;
  if (memcmp(rec->id.b, l->newest.b, 16) > 0) l->newest = rec->id;
  if (!record_visible(b->bq->viewer, rec)) return 0;
  l->seen = true;
  if (memcmp(rec->id.b, l->shown.b, 16) > 0) {
    l->shown = rec->id;
    l->since = mark;
  }
  return 0;
}

static int add_record(struct record *rec, void *arg, struct err *e) {
  struct behind *b = arg;
  const bool retired = rec->retired;
  const char *mark = since(b, rec, retired);
  const struct uuid key = count_key(rec, b->bq->ind);
  int64_t share = 0;
  bool any = false;
  if (retired && !mark) return 0;
  rec->retired = false; /* what left the list since is asked what it had counted */
  record_contribs(rec, &b->out);
  for (size_t i = 0; i < b->out.n; i++) {
    const struct contrib *c = &b->out.c[i];
    if (c->ind != b->bq->ind || c->day < b->lo || c->day > b->hi) continue;
    if (b->by_minute && !figures_come(b->now, c)) continue;
    if (!in_branch(b, c->unit, c->day)) continue;
    any = true;
    share += c->n;
    if (c->ind->type != IND_DISTINCT) continue;
    int r = add_to_line(b, rec, &c->member, retired ? 0 : c->n, mark, e);
    if (r < 0) return r;
  }
  if (!any || b->bq->ind->type == IND_DISTINCT) return 0;
  return add_to_line(b, rec, &key, retired ? 0 : share, mark, e);
}

/* The days of the span between which a unit may have lain elsewhere. False: too many. */
static bool borders_of(const struct behind *b, int32_t *days, size_t *ret_n) {
  const struct unit_tree *t = b->bq->viewer->tree;
  size_t n = 0;
  days[n++] = b->hi;
  if (b->lo != INT32_MIN) days[n++] = b->lo;
  for (size_t i = 0; i < unit_count(t); i++) {
    const struct unit_row *u = unit_at(t, i);
    for (uint16_t s = 0; s < u->n_spells; s++) {
      const int32_t to = u->spells[s].to;
      bool known = to <= b->lo || to > b->hi;
      for (size_t d = 0; d < n && !known; d++) known = days[d] == to;
      if (known) continue;
      if (n + 2 > BORDERS_MAX) return false;
      days[n++] = to - 1;
      days[n++] = to;
    }
  }
  *ret_n = n;
  return true;
}

/* May the reader see all that was counted at these units, and did they lie in the branch all the
 * time? Then nothing is hidden, and the rows' own columns tell what is counted. */
static bool whole(struct behind *b, const struct kind *k, const bool *marked, int32_t max) {
  const struct viewer *v = b->bq->viewer;
  int32_t days[BORDERS_MAX];
  size_t n = 0;
  if (b->bq->q.as_known != INT32_MAX || !count_pages(b->bq->ind) || v->link) return false;
  if (!borders_of(b, days, &n)) return false;
  for (int32_t no = 1; no <= max; no++) {
    if (!marked[no]) continue;
    if (!v->system && !viewer_may(v, kind_right(k, VERB_READ), no)) return false;
    for (size_t d = 0; d < n; d++)
      if (!in_branch(b, no, days[d])) return false;
  }
  return true;
}

/* "[3,17,18]": all that ever lay in the branch. p == NULL where that is most of the tree and all
 * days are asked, so that no index by unit and day could help. */
static int branch_units(struct behind *b, struct arena *a, const struct kind *k,
                        struct str *ret_units, bool *ret_whole, struct err *e) {
  const struct behind_query *bq = b->bq;
  const struct unit_tree *t = bq->viewer->tree;
  int32_t max = 0;
  size_t n = 0;
  *ret_units = (struct str){NULL, 0};
  for (size_t i = 0; i < unit_count(t); i++)
    if (unit_at(t, i)->no > max) max = unit_at(t, i)->no;
  bool *marked = arena_array(a, bool, (size_t)max + 1);
  struct buf list = BUF_INIT(MIB(8));
  if (!marked || bq->q.unit > max) return err_set(e, E_NOMEM, "no memory for a branch");
  marked[bq->q.unit] = true;
  figures_mark_below(t, marked, max);
  for (int32_t no = 1; no <= max; no++) {
    if (!marked[no]) continue;
    buf_printf(&list, "%c%d", n++ ? ',' : '[', (int)no);
  }
  buf_char(&list, ']');
  *ret_whole = whole(b, k, marked, max);
  b->many = b->lo == INT32_MIN && n * MANY_OF_TREE > unit_count(t);
  if (b->lo != INT32_MIN || n * MOST_OF_TREE < unit_count(t) || (*ret_whole && n < unit_count(t)))
    *ret_units = arena_dup(a, buf_str(&list));
  const bool good = buf_ok(&list) && !arena_failed(a);
  buf_done(&list);
  return good ? 0 : err_set(e, E_NOMEM, "no memory for a branch");
}

/* Newest first; the key tells apart the members of one record. */
static int newest_first(const void *a, const void *b) {
  const struct line *x = a, *y = b;
  const int by = memcmp(y->newest.b, x->newest.b, 16);
  return by ? by : memcmp(y->key.b, x->key.b, 16);
}

/* Of another question, or another reader, it is no cursor. */
static uint64_t question(const struct behind_query *bq) {
  char text[160], user[UUID_TEXT];
  uuid_format(&bq->viewer->user, user);
  const int n = snprintf(text, sizeof text, "%u/%lld/%d/%d/%d/%d/%s", (unsigned)bq->ind->no,
                         (long long)bq->q.op, (int)bq->q.unit, (int)bq->q.from, (int)bq->q.day,
                         (int)bq->q.as_known, user);
  assert(n > 0 && (size_t)n < sizeof text);
  return hash64(text, (size_t)n);
}

/* "<newest>.<key>.<total>.<question>" of the line after which the page begins. */
static int cursor_read(const struct behind_query *bq, struct line *ret_at, int64_t *ret_total,
                       struct err *e) {
  char bound[17];
  struct str rest = bq->after, newest = str_split(&rest, '.'), key = str_split(&rest, '.'),
             total = str_split(&rest, '.');
  snprintf(bound, sizeof bound, "%016llx", (unsigned long long)question(bq));
  if (!rest.p || !str_is(rest, bound) || uuid_parse(newest, &ret_at->newest) < 0 ||
      uuid_parse(key, &ret_at->key) < 0 || parse_i64(total, 0, LINES_MAX, ret_total) < 0)
    return err_field(e, E_INVALID, "not a cursor of this list", "after");
  return 0;
}

static struct str cursor_make(struct arena *a, const struct behind_query *bq, const struct line *l,
                              int64_t total) {
  char newest[UUID_TEXT], key[UUID_TEXT];
  uuid_format(&l->newest, newest);
  uuid_format(&l->key, key);
  return arena_printf(a, "%s.%s.%lld.%016llx", newest, key, (long long)total,
                      (unsigned long long)question(bq));
}

/* A page under construction. */
struct placing {
  struct behind_page page;
  struct uuid *ids;
  struct line at, last; /* behind which it begins; the last line on it */
  bool more;
};

static int64_t counted(const struct behind *b, const struct line *l) {
  return b->bq->ind->type == IND_DISTINCT ? l->n > 0 : l->n;
}

static void place(const struct behind *b, struct placing *pl, const struct line *l) {
  struct behind_page *page = &pl->page;
  pl->more = pl->more || page->n == b->bq->limit;
  if (pl->more) return;
  pl->ids[page->n] = l->shown;
  page->items[page->n++] =
      (struct behind_item){.counts = counted(b, l), .records = l->records, .since = l->since};
  pl->last = *l;
}

/* Adds up all lines and keeps those of the page. */
static int take_all(struct behind *b, struct tx *tx, const struct kind *k,
                    const struct count_span *s, struct placing *pl, struct err *e) {
  const struct behind_query *bq = b->bq;
  struct behind_page *page = &pl->page;
  int r = count_each(tx, k, s, add_record, b, e);
  if (r < 0) return r;
  page->total = 0;
  if (b->places.n) qsort(b->lines, b->places.n, sizeof *b->lines, newest_first);
  for (size_t i = 0; i < b->places.n; i++) {
    const struct line *l = &b->lines[i];
    const int64_t n = counted(b, l);
    if (n == 0 && !l->since) continue;
    if (n == 0 && !str_is(str_from(l->since), "went")) continue;
    page->now += n;
    if (!l->seen) page->hidden += n;
    if (!l->seen) continue;
    page->total++;
    if (bq->after.n && newest_first(l, &pl->at) <= 0) continue;
    place(b, pl, l);
  }
  return 0;
}

/* Leaves out those whose line was met already in this page. */
static int new_lines(struct behind *b, struct count_head *heads, size_t *n, struct err *e) {
  size_t kept = 0;
  for (size_t i = 0; i < *n; i++) {
    const struct sum_key key = {.member = heads[i].key};
    const size_t before = b->places.n;
    int r = sums_add(&b->places, &key, 1, NULL, e);
    if (r < 0) return r;
    if (b->places.n > before) heads[kept++] = heads[i];
  }
  *n = kept;
  return 0;
}

/* Newest first, a few dozen at a time, until the page is full. */
static int take_page(struct behind *b, struct tx *tx, const struct kind *k,
                     const struct count_span *s, struct placing *pl, struct err *e) {
  struct count_head heads[COUNT_HEADS];
  struct count_span newest = *s;
  const struct uuid *before = b->bq->after.n ? &pl->at.newest : NULL;
  struct uuid at;
  size_t n = COUNT_HEADS;
  int r = before ? 0 : count_lines_of(tx, k, s, &pl->page.total, e);
  pl->page.now = pl->page.figure;
  newest.by_id = b->many;
  while (r >= 0 && n == COUNT_HEADS && !pl->more) {
    size_t lines;
    r = count_heads(tx, k, &newest, before, heads, &n, e);
    if (r < 0 || n == 0) break;
    const struct uuid oldest = heads[n - 1].id;
    lines = n;
    r = new_lines(b, heads, &lines, e);
    if (r >= 0 && lines) r = count_head_lines(tx, k, s, before, heads, lines, e);
    for (size_t i = 0; i < lines && r >= 0; i++) {
      const struct count_head *h = &heads[i];
      assert(i == 0 || memcmp(h->id.b, heads[i - 1].id.b, 16) < 0);
      if (h->first && h->n)
        place(b, pl, &(struct line){h->key, h->id, h->id, h->n, h->records, NULL, true});
    }
    at = oldest;
    before = &at;
  }
  return r;
}

static int fetch_page(struct tx *tx, struct arena *a, const struct kind *k,
                      const struct behind_query *bq, struct placing *pl, struct err *e) {
  struct record **recs = arena_array(a, struct record *, bq->limit);
  if (!recs) return err_set(e, E_NOMEM, "no memory for a list of records");
  if (pl->more) pl->page.next = cursor_make(a, bq, &pl->last, pl->page.total);
  int r = records_by_ids(tx, a, k, bq->q.op, pl->ids, pl->page.n, recs, e);
  for (size_t i = 0; i < pl->page.n && r == 0; i++) {
    assert(recs[i]);
    pl->page.items[i].rec = recs[i];
  }
  return r;
}

int figures_behind_list(struct app *app, struct tx *tx, struct arena *a,
                        const struct behind_query *bq, struct behind_page *ret_page,
                        struct err *e) {
  const struct kind *k = kind_by_name(str_from(bq->ind->kind));
  int64_t *values = arena_array(a, int64_t, indicators_count() + 1);
  struct behind b = {.bq = bq, .zone = figures_zone(app, bq->q.op), .hi = bq->q.day};
  struct placing pl = {.page = {.items = arena_array(a, struct behind_item, bq->limit)},
                       .ids = arena_array(a, struct uuid, bq->limit)};
  bool paged = false;
  assert(k && bq->ind->type != IND_DERIVED && bq->limit > 0);
  b.lo = bq->ind->type == IND_STATE                             ? INT32_MIN
         : bq->ind->type == IND_FLOW && bq->q.from == INT32_MIN ? bq->q.day
                                                                : bq->q.from;
  b.now = figures_now(&bq->q);
  b.by_minute = count_by(bq->ind) == COUNT_BY_MINUTE;
  b.out.tree = bq->viewer->tree;
  b.out.zone = b.zone;
  struct count_span s = {.ind = bq->ind,
                         .zone = b.zone,
                         .op = bq->q.op,
                         .from = b.lo,
                         .to = b.hi,
                         .with_retired = bq->q.as_known != INT32_MAX};
  if (!values || arena_failed(a)) return err_set(e, E_NOMEM, "no memory for a list of records");
  int r = bq->after.n ? cursor_read(bq, &pl.at, &pl.page.total, e) : 0;
  if (r == 0) r = figures_read(tx, &bq->q, values, e);
  pl.page.figure = values[indicator_index(bq->ind)];
  if (r == 0) r = branch_units(&b, a, k, &s.units, &paged, e);
  if (r == 0) r = paged ? take_page(&b, tx, k, &s, &pl, e) : take_all(&b, tx, k, &s, &pl, e);
  if (r == 0) r = fetch_page(tx, a, k, bq, &pl, e);
  free(b.lines);
  sums_done(&b.places);
  if (r == 0) *ret_page = pl.page;
  return r;
}
