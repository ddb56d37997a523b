#include "store/store_impl.h"
#include <stdlib.h>
#include <assert.h>

enum { FIRST_SLOTS = 256 };

void prep_init(struct prep_cache *c, void (*drop)(struct prep *, void *), void *arg) {
  *c = (struct prep_cache){.drop = drop, .arg = arg, .max_text = STORE_TEXT_STATEMENTS};
}

static uint64_t key_hash(const void *key) {
  return hash64(&key, sizeof key);
}

static struct prep **slot_of(struct prep_cache *c, uint64_t hash) {
  assert(c->n_slots && (c->n_slots & (c->n_slots - 1)) == 0);
  return &c->slots[hash & (c->n_slots - 1)];
}

struct prep *prep_find(struct prep_cache *c, const void *key) {
  if (!c->n_slots) return NULL;
  for (struct prep *p = *slot_of(c, key_hash(key)); p; p = p->chain)
    if (p->key == key) return p;
  return NULL;
}

static void unlink_age(struct prep_cache *c, struct prep *p) {
  *(p->older ? &p->older->newer : &c->oldest) = p->newer;
  *(p->newer ? &p->newer->older : &c->newest) = p->older;
  p->older = p->newer = NULL;
}

static void link_newest(struct prep_cache *c, struct prep *p) {
  p->older = c->newest;
  *(c->newest ? &c->newest->newer : &c->oldest) = p;
  c->newest = p;
}

struct prep *prep_find_text(struct prep_cache *c, struct str text) {
  if (!c->n_slots) return NULL;
  uint64_t hash = hash64(text.p, text.n);
  for (struct prep *p = *slot_of(c, hash); p; p = p->chain) {
    if (p->key || p->hash != hash || !str_eq(p->text, text)) continue;
    unlink_age(c, p);
    link_newest(c, p);
    return p;
  }
  return NULL;
}

static void drop(struct prep_cache *c, struct prep *p) {
  char *text = p->key ? NULL : (char *)(uintptr_t)p->text.p;
  c->drop(p, c->arg);
  free(text);
}

void prep_remove(struct prep_cache *c, struct prep *p) {
  assert(c->n > 0);
  struct prep **at = slot_of(c, p->hash);
  while (*at != p) at = &(*at)->chain;
  *at = p->chain;
  c->n--;
  if (!p->key) {
    unlink_age(c, p);
    c->n_text--;
  }
  drop(c, p);
}

void prep_clear(struct prep_cache *c) {
  for (size_t i = 0; i < c->n_slots; i++)
    while (c->slots[i]) {
      struct prep *p = c->slots[i];
      c->slots[i] = p->chain;
      drop(c, p);
    }
  free(c->slots);
  *c = (struct prep_cache){.drop = c->drop, .arg = c->arg, .max_text = c->max_text};
}

static bool grow(struct prep_cache *c) {
  if (c->n * 2 < c->n_slots) return true;
  size_t n = c->n_slots ? c->n_slots * 2 : FIRST_SLOTS;
  struct prep **slots = calloc(n, sizeof(struct prep *));
  if (!slots) return c->n_slots > 0;
  for (size_t i = 0; i < c->n_slots; i++)
    while (c->slots[i]) {
      struct prep *p = c->slots[i];
      c->slots[i] = p->chain;
      p->chain = slots[p->hash & (n - 1)];
      slots[p->hash & (n - 1)] = p;
    }
  free(c->slots);
  c->slots = slots;
  c->n_slots = n;
  return true;
}

static void make_room(struct prep_cache *c) {
  for (struct prep *p = c->oldest, *next; p && c->n_text >= c->max_text; p = next) {
    next = p->newer;
    if (!p->used) prep_remove(c, p);
  }
}

int prep_put(struct prep_cache *c, struct prep *p, const void *key, struct str text,
             struct err *e) {
  p->key = key;
  p->text = (struct str){NULL, 0};
  char *copy = NULL;
  if (!key) {
    copy = malloc(text.n + 1);
    if (copy && text.n) memcpy(copy, text.p, text.n);
    p->text = (struct str){copy, text.n};
  }
  if ((!key && !copy) || !grow(c)) {
    drop(c, p);
    return err_set(e, E_NOMEM, "no room for a prepared statement");
  }
  p->hash = key ? key_hash(key) : hash64(text.p, text.n);
  if (!key) {
    make_room(c);
    link_newest(c, p);
    c->n_text++;
  }
  p->chain = *slot_of(c, p->hash);
  *slot_of(c, p->hash) = p;
  c->n++;
  return 0;
}
