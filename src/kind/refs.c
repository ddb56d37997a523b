#include "kind/inner.h"
#include <assert.h>

/* A page of records refers to a few dozen others; each is fetched once, IN_LIST per query, and so
 * is what their titles are made of. The cache lives in the emitter's arena. */

enum { ROUNDS = 3 }; /* titles of titles: an assignment's shift's post */

struct ref_entry {
  const struct kind *k;
  struct uuid id;
  struct record *rec; /* NULL: not there */
  struct ref_entry *pending;
};
struct ref_cache {
  struct ref_entry **slots;
  size_t n, cap;
  struct ref_entry *pending; /* wanted, not asked for yet */
};

static struct ref_entry **slot(const struct ref_cache *c, const struct kind *k,
                               const struct uuid *id) {
  size_t i = (size_t)hash64(id->b, sizeof id->b) & (c->cap - 1);
  while (c->slots[i] && !(c->slots[i]->k == k && uuid_eq(&c->slots[i]->id, id)))
    i = (i + 1) & (c->cap - 1);
  return &c->slots[i];
}

static int grow(struct emit *em, struct err *e) {
  struct ref_cache *c = em->refs;
  const size_t old_cap = c->cap, cap = old_cap ? old_cap * 2 : 64;
  struct ref_entry **old = c->slots, **slots = arena_array(em->a, struct ref_entry *, cap);
  if (!slots || arena_failed(em->a)) return err_set(e, E_NOMEM, "no memory for references");
  c->slots = slots;
  c->cap = cap;
  for (size_t i = 0; i < old_cap; i++)
    if (old[i]) *slot(c, old[i]->k, &old[i]->id) = old[i];
  return 0;
}

int ref_want(struct emit *em, const struct kind *k, const struct uuid *id, struct err *e) {
  assert(k && !uuid_is_nil(id));
  if (!em->refs) em->refs = arena_new(em->a, struct ref_cache);
  struct ref_cache *c = em->refs;
  if (c->n * 2 >= c->cap) {
    int r = grow(em, e);
    if (r < 0) return r;
  }
  struct ref_entry **s = slot(c, k, id);
  if (*s) return 0;
  struct ref_entry *entry = arena_new(em->a, struct ref_entry);
  if (arena_failed(em->a)) return err_set(e, E_NOMEM, "no memory for references");
  *entry = (struct ref_entry){.k = k, .id = *id, .pending = c->pending};
  c->pending = entry;
  *s = entry;
  c->n++;
  return 0;
}

struct record *ref_get(const struct emit *em, const struct kind *k, const struct uuid *id) {
  if (!em->refs || !em->refs->cap) return NULL;
  const struct ref_entry *entry = *slot(em->refs, k, id);
  return entry ? entry->rec : NULL;
}

/* Takes the pending entries of one kind off the list. */
static size_t take(struct ref_cache *c, const struct kind *k, struct ref_entry **out, size_t max) {
  size_t n = 0;
  for (struct ref_entry **at = &c->pending; *at;) {
    if ((*at)->k != k || n == max) {
      at = &(*at)->pending;
      continue;
    }
    out[n++] = *at;
    *at = (*at)->pending;
  }
  return n;
}

static int want_titles(struct emit *em, const struct record *r, struct err *e) {
  for (size_t f = 0; f < r->kind->n_fields; f++) {
    const struct field *fd = &r->kind->fields[f];
    if (fd->type != FT_REF || !(fd->flags & FF_TITLE) || rec_null(r, (int)f)) continue;
    int rc = ref_want(em, kind_by_name(str_from(fd->ref)), &r->v[f].u, e);
    if (rc < 0) return rc;
  }
  return 0;
}

int ref_fetch(struct emit *em, struct err *e) {
  struct ref_entry *now[IN_LIST];
  struct record *recs[IN_LIST];
  struct uuid ids[IN_LIST];
  for (int round = 0; round < ROUNDS && em->refs && em->tx && em->refs->pending; round++) {
    /* What this round's titles want waits for the next one. */
    struct ref_cache asked = {.pending = em->refs->pending};
    em->refs->pending = NULL;
    while (asked.pending) {
      const struct kind *k = asked.pending->k;
      const size_t n = take(&asked, k, now, IN_LIST);
      for (size_t i = 0; i < n; i++) ids[i] = now[i]->id;
      memset(recs, 0, sizeof recs);
      int r = records_by_ids(em->tx, em->a, k, em->viewer->op, ids, n, recs, e);
      for (size_t i = 0; i < n && r >= 0; i++) {
        now[i]->rec = recs[i];
        if (recs[i]) r = want_titles(em, recs[i], e);
      }
      if (r < 0) return r;
    }
  }
  return 0;
}

int emit_prefetch(struct emit *em, struct record **recs, size_t n, struct err *e) {
  if (!em->tx) return 0;
  for (size_t i = 0; i < n; i++)
    for (size_t f = 0; f < recs[i]->kind->n_fields; f++) {
      const struct field *fd = &recs[i]->kind->fields[f];
      if (fd->type != FT_REF || rec_null(recs[i], (int)f)) continue;
      int r = ref_want(em, kind_by_name(str_from(fd->ref)), &recs[i]->v[f].u, e);
      if (r < 0) return r;
    }
  return ref_fetch(em, e);
}
