#include "api/page.h"
#include "base/limits.h"
#include <assert.h>
#include <stdlib.h>

enum { PAGE_SECTIONS = 64 };

int page_items(struct rq *rq, struct tx *tx, struct jw *w, struct record **recs, size_t n,
               struct err *e) {
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  jw_karray(w, "items");
  int r = emit_records(&em, w, recs, n, e);
  jw_end(w);
  return r;
}

int page_list(struct rq *rq, struct tx *tx, struct jw *w, const struct kind *k, const char *field,
              const struct uuid *subject, const char *const *filters, const char *sort, int limit,
              struct err *e) {
  char id[UUID_TEXT];
  struct list_page page = {.total = -1};
  struct list_query lq = {.limit = limit ? limit : LIMIT_PAGE_DEFAULT};
  uuid_format(subject, id);
  lq.filters[lq.n_filters++] =
      (struct list_filter){list_field(field_named(k, field)), arena_dup(rq->a, str_from(id))};
  for (; filters && *filters && lq.n_filters < LIMIT_FILTERS; filters += 2) {
    struct list_by by;
    if (!list_column(k, str_from(filters[0]), &by))
      return err_field(e, E_BUG, "a section's list has no such column", filters[0]);
    lq.filters[lq.n_filters++] = (struct list_filter){by, str_from(filters[1])};
  }
  if (sort) {
    lq.descending = sort[0] == '-';
    lq.sort = list_field(field_named(k, sort + lq.descending));
  }
  int r = record_list(tx, rq->a, &rq->app->registry, rq->viewer, k, &lq, &page, e);
  if (r >= 0) r = page_items(rq, tx, w, page.items, page.n, e);
  jw_kbool(w, "more", page.next.p != NULL);
  return r;
}

/* "today-13": from thirteen days ago up to today. */
static struct str days_back(struct rq *rq, struct str value) {
  static const struct str today = STR_INIT("today");
  char from[DAY_TEXT], to[DAY_TEXT];
  int64_t days = 0;
  if (!str_starts(value, today)) return value;
  const struct str term = str_sub(value, today.n, value.n);
  if (term.n && parse_i64(term, -366, 0, &days) < 0) return value;
  day_format(rq->viewer->today + (int32_t)days, from);
  day_format(rq->viewer->today, to);
  return arena_printf(rq->a, "%s..%s", from, to);
}

static int by_row(struct rq *rq, struct tx *tx, const struct page_section *s,
                  const struct uuid *subject, struct jw *w, struct err *e) {
  const char *filters[3] = {NULL};
  if (s->where) {
    struct str value = str_from(s->where);
    const struct str name = str_split(&value, '=');
    filters[0] = arena_strz(rq->a, name);
    filters[1] = arena_strz(rq->a, days_back(rq, value));
  }
  return page_list(rq, tx, w, kind_by_plural(str_from(s->kind)), s->by, subject, filters, s->sort,
                   s->limit, e);
}

static int by_order(const void *a, const void *b) {
  const struct page_section *x = *(const struct page_section *const *)a;
  const struct page_section *y = *(const struct page_section *const *)b;
  return x->order != y->order ? (x->order > y->order) - (x->order < y->order)
                              : strcmp(x->code, y->code);
}

static size_t sections_of(const struct kind *k, const struct page_section **out) {
  size_t n = 0;
  for (const struct module *const *m = modules; *m; m++)
    for (const struct page_section *s = (*m)->sections; s && s->page; s++)
      if (strcmp(s->page, k->plural) == 0) {
        assert(n < PAGE_SECTIONS);
        out[n++] = s;
      }
  qsort(out, n, sizeof(const struct page_section *), by_order);
  return n;
}

static int section(struct rq *rq, struct tx *tx, const struct page_section *s,
                   const struct record *subject, struct jw *w, struct err *e) {
  jw_object(w);
  jw_kstrz(w, "code", s->code);
  jw_kstrz(w, "zh", s->zh);
  jw_kstrz(w, "en", s->en);
  jw_ki64(w, "order", s->order);
  jw_kstrz(w, "kind", s->kind);
  int r = s->write ? s->write(rq, tx, subject, w, e) : by_row(rq, tx, s, &subject->id, w, e);
  jw_end(w);
  return r;
}

static int write_page(struct rq *rq, struct tx *tx, const struct kind *k, struct record *subject,
                      const struct page_section *const *sections, size_t n, struct jw *w,
                      struct err *e) {
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  const int32_t unit = record_unit(subject);
  jw_object(w);
  jw_key(w, str_from(k->name));
  int r = emit_record(&em, w, subject, e);
  jw_karray(w, "sections");
  for (size_t i = 0; i < n && r >= 0; i++)
    if (viewer_may(rq->viewer, right_by_name(str_from(sections[i]->right)), unit))
      r = section(rq, tx, sections[i], subject, w, e);
  jw_end(w);
  jw_end(w);
  return r;
}

/* GET {kinds}/{id}/page */
int page_get(struct rq *rq, struct jw *w, struct err *e) {
  const struct kind *k;
  const struct page_section *sections[PAGE_SECTIONS];
  struct uuid id;
  struct record *rec;
  int r = rq_kind(rq, rq->params[0], &k, e);
  if (r < 0) return r;
  const size_t n = sections_of(k, sections);
  if (uuid_parse(rq->params[1], &id) < 0) return err_field(e, E_NOT_FOUND, "no such id", k->name);
  r = record_get(rq->tx, rq->a, rq->viewer, k, &id, &rec, e);
  if (r < 0) return r;
  r = write_page(rq, rq->tx, k, rec, sections, n, w, e);
  if (r >= 0 && !jw_ok(w)) r = err_set(e, E_TOO_LARGE, "the page is too large");
  return r;
}
