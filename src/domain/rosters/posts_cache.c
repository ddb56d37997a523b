#include "app/app.h"
#include "base/log.h"
#include "domain/rosters/rosters.h"
#include <stdlib.h>

/* Posts by id: an immutable table, replaced as a whole when a post changes. One table per process:
 * it hangs off no struct app member so that an area needs no change outside its folder. */

struct post_entry {
  struct uuid id;
  struct post_facts facts;
};
static struct {
  pthread_rwlock_t lock;
  struct post_entry *slots;
  size_t mask;
} cache = {.lock = PTHREAD_RWLOCK_INITIALIZER};

QUERY(q_posts_all, "SELECT id, unit, op, kind, state, photo_required FROM post WHERE retired = 0");
QUERY(q_posts_count, "SELECT count(*) FROM post WHERE retired = 0");

static struct post_entry *slot(struct post_entry *slots, size_t mask, const struct uuid *id) {
  size_t at = (size_t)hash64(id->b, 16) & mask;
  while (!uuid_is_nil(&slots[at].id) && !uuid_eq(&slots[at].id, id)) at = (at + 1) & mask;
  return &slots[at];
}

static int load(struct app *app, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int64_t n = 0;
  int r = store_read(app->store, &tx, e);
  if (r >= 0) r = tx_i64(tx, &q_posts_count, P_NONE, &n, e);
  if (r >= 0) r = cur_open(tx, &q_posts_all, P_NONE, &cur, e);
  if (r < 0) return r;
  size_t size = 64;
  while (size < (size_t)n * 2 + 2) size *= 2;
  struct post_entry *slots = calloc(size, sizeof *slots);
  if (!slots) return err_set(e, E_NOMEM, "no memory for posts");
  while (n-- > 0 && (r = cur_next(cur, e)) == 1) {
    const struct uuid id = cur_uuid(cur, 0);
    *slot(slots, size - 1, &id) =
        (struct post_entry){.id = id,
                            .facts = {.unit = (int32_t)cur_i64(cur, 1),
                                      .op = cur_i64(cur, 2),
                                      .gate = str_is(cur_text(cur, 3), "gate"),
                                      .open = str_is(cur_text(cur, 4), "open"),
                                      .photo = cur_i64(cur, 5) != 0}};
  }
  if (r < 0) {
    free(slots);
    return r;
  }
  pthread_rwlock_wrlock(&cache.lock);
  struct post_entry *old = cache.slots;
  cache.slots = slots;
  cache.mask = size - 1;
  pthread_rwlock_unlock(&cache.lock);
  free(old);
  return 0;
}

static void reload(void *app) {
  struct err e = {0};
  if (load(app, &e) < 0) log_err(LOG_ERROR, "posts_not_reloaded", &e);
}

int post_applied(struct tx *tx, struct change *c, const struct record *old,
                 const struct record *rec, struct err *e) {
  (void)old, (void)rec, (void)e;
  tx_on_commit(tx, reload, change_app(c));
  return 0;
}

bool post_facts(struct app *app, const struct uuid *post, struct post_facts *ret_facts) {
  bool found = false;
  (void)app;
  pthread_rwlock_rdlock(&cache.lock);
  if (cache.slots) {
    const struct post_entry *s = slot(cache.slots, cache.mask, post);
    found = uuid_eq(&s->id, post);
    if (found) *ret_facts = s->facts;
  }
  pthread_rwlock_unlock(&cache.lock);
  return found;
}

int posts_start(struct app *app, struct err *e) {
  return load(app, e);
}

void posts_stop(struct app *app) {
  (void)app;
  pthread_rwlock_wrlock(&cache.lock);
  free(cache.slots);
  cache.slots = NULL;
  pthread_rwlock_unlock(&cache.lock);
}
