#include "app/page.h"
#include "base/limits.h"
#include <stdlib.h>

enum { PAGE_SECTIONS = 64 };

int page_items(struct rq *rq, struct tx *tx, struct jw *w, struct record **recs, size_t n,
               struct err *e) {
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  jw_k(w, "items");
  jw_array(w);
  int r = emit_records(&em, w, recs, n, e);
  jw_end(w);
  return r;
}

int page_list(struct rq *rq, struct tx *tx, struct jw *w, const struct kind *k, const char *field,
              const struct uuid *subject, const char *const *filters, const char *sort, int limit,
              struct err *e) {
  char id[UUID_TEXT];
  struct list_page page = {.total = -1};
  struct list_query lq = {.sort = -1, .limit = limit ? limit : LIMIT_PAGE_DEFAULT};
  uuid_format(subject, id);
  lq.filters[lq.n_filters++] = (struct list_filter){.field = field_index(k, str_from(field)),
                                                    .text = arena_dup(rq->a, str_from(id))};
  for (; filters && *filters && lq.n_filters < LIMIT_FILTERS; filters += 2) {
    const int f = strcmp(filters[0], "state") == 0 ? -1 : field_index(k, str_from(filters[0]));
    lq.filters[lq.n_filters++] = (struct list_filter){f, str_from(filters[1])};
  }
  if (sort) {
    lq.descending = sort[0] == '-';
    lq.sort = field_index(k, str_from(sort + lq.descending));
  }
  int r = record_list(tx, rq->a, &rq->app->registry, rq->viewer, k, &lq, &page, e);
  if (r >= 0) r = page_items(rq, tx, w, page.items, page.n, e);
  jw_k(w, "more");
  jw_bool(w, page.next.p != NULL);
  return r;
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
      if (strcmp(s->page, k->plural) == 0 && n < PAGE_SECTIONS) out[n++] = s;
  qsort(out, n, sizeof(const struct page_section *), by_order);
  return n;
}

bool page_exists(const struct kind *k) {
  const struct page_section *sections[PAGE_SECTIONS];
  return sections_of(k, sections) > 0;
}

static int section(struct rq *rq, struct tx *tx, const struct page_section *s,
                   const struct record *subject, struct jw *w, struct err *e) {
  jw_object(w);
  jw_k(w, "code");
  jw_strz(w, s->code);
  jw_k(w, "zh");
  jw_strz(w, s->zh);
  jw_k(w, "en");
  jw_strz(w, s->en);
  jw_k(w, "order");
  jw_i64(w, s->order);
  jw_k(w, "kind");
  if (s->kind)
    jw_strz(w, s->kind);
  else
    jw_null(w);
  int r = s->write(rq, tx, subject, w, e);
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
  jw_k(w, "sections");
  jw_array(w);
  for (size_t i = 0; i < n && r >= 0; i++)
    if (viewer_may(rq->viewer, right_by_name(str_from(sections[i]->right)), unit))
      r = section(rq, tx, sections[i], subject, w, e);
  jw_end(w);
  jw_end(w);
  return r;
}

/* GET {kinds}/{id}/page */
int page_get(struct rq *rq, struct err *e) {
  const struct kind *k;
  const struct page_section *sections[PAGE_SECTIONS];
  struct uuid id;
  struct record *rec;
  struct jw w;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = rq_kind(rq, rq->params[0], &k, e);
  if (r < 0) return r;
  const size_t n = sections_of(k, sections);
  if (n == 0) return err_field(e, E_NOT_FOUND, "these records have no page", k->name);
  if (uuid_parse(rq->params[1], &id) < 0) return err_field(e, E_NOT_FOUND, "no such id", k->name);
  r = rq_read(rq, &tx, e);
  if (r >= 0) r = record_get(tx, rq->a, rq->viewer, k, &id, &rec, e);
  if (r < 0) return r;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  jw_init(&w, &b);
  r = write_page(rq, tx, k, rec, sections, n, &w, e);
  if (r >= 0 && !jw_ok(&w)) r = err_set(e, E_TOO_LARGE, "the page is too large");
  if (r < 0) {
    buf_done(&b);
    return r;
  }
  rq_json(rq, 200, &b);
  return 0;
}
