#include "core/snapshots.h"
#include "base/log.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

static const struct table_def tables[] = {
    {.name = "generation", .columns = "name text PRIMARY KEY, n i64 NOT NULL"},
};
__attribute__((constructor)) static void declare_tables(void) {
  schema_add_tables(tables, ARRAY_LEN(tables));
}

#define WATCH_MS (500)
enum { WORDS_MAX = 8 };

struct slot {
  const struct snapshot_type *type;
  const struct kind *kinds[WORDS_MAX];
  pthread_rwlock_t lock; /* over now */
  pthread_mutex_t loading;
  struct snapshot *now;
};

struct snapshots {
  struct app *app;
  struct slot slots[SNAPSHOTS_MAX];
  size_t n;
  struct tx_part part;
  _Atomic uint32_t lagging;
  _Atomic int64_t lag_ms; /* monotonic: since when */
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  bool watching, stop;
};

/* ---- references ---- */

static struct slot *slot_of(struct snapshots *s, const struct snapshot_type *t) {
  for (size_t i = 0; i < s->n; i++)
    if (s->slots[i].type == t) return &s->slots[i];
  log_error("snapshot", "what=\"not in a module's row\" name=%s", t->name);
  abort();
}

struct snapshot *snapshot_ref(struct app *app, const struct snapshot_type *t) {
  struct slot *sl = slot_of(app->snapshots, t);
  pthread_rwlock_rdlock(&sl->lock);
  struct snapshot *now = sl->now;
  atomic_fetch_add(&now->refs, 1);
  pthread_rwlock_unlock(&sl->lock);
  return now;
}

struct snapshot *snapshot_unref(struct snapshot *s) {
  if (s && atomic_fetch_sub(&s->refs, 1) == 1) {
    arena_free(s->a);
    free(s);
  }
  return NULL;
}

/* ---- reading ---- */

QUERY(q_generation, "SELECT n FROM generation WHERE name = $1");
QUERY(q_generations, "SELECT name, n FROM generation");

/* A schema that has not been brought up to date is looked at, never served. */
static int generation_of(struct snapshots *s, struct tx *tx, const char *name, int64_t *ret_n,
                         struct err *e) {
  *ret_n = 0;
  if (s->app->read_only) return 0;
  int r = tx_i64(tx, &q_generation, P(V_TEXTZ(name)), ret_n, e);
  return r == -E_NOROW ? 0 : r;
}

static int publish(struct slot *sl, struct arena *a, void *data, int64_t generation,
                   struct err *e) {
  struct snapshot *fresh = calloc(1, sizeof *fresh);
  if (!fresh) return err_field(e, E_NOMEM, "no memory for a snapshot", sl->type->name);
  assert(a && generation >= 0);
  *fresh = (struct snapshot){.refs = 1, .generation = generation, .a = a, .data = data};
  pthread_rwlock_wrlock(&sl->lock);
  struct snapshot *old = sl->now;
  sl->now = fresh;
  pthread_rwlock_unlock(&sl->lock);
  snapshot_unref(old);
  return 0;
}

/* Data and generation come from one reading transaction. */
static int load(struct snapshots *s, struct slot *sl, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct arena *a = arena_create(MIB(64));
  void *data = NULL;
  int64_t n = 0;
  if (!a) return err_field(e, E_NOMEM, "no memory for a snapshot", sl->type->name);
  pthread_mutex_lock(&sl->loading); /* so that an older reading never follows a newer one */
  int r = store_read(s->app->store, &tx, e);
  if (r >= 0) r = generation_of(s, tx, sl->type->name, &n, e);
  if (r >= 0) r = sl->type->load(s->app, tx, a, &data, e);
  if (r >= 0 && arena_failed(a))
    r = err_field(e, E_NOMEM, "a snapshot is too large", sl->type->name);
  if (r >= 0) r = publish(sl, a, data, n, e);
  pthread_mutex_unlock(&sl->loading);
  if (r < 0) arena_free(a);
  return r < 0 ? r : 0;
}

static void load_or_log(struct snapshots *s, struct slot *sl) {
  struct err e = {0};
  if (sl->type->load && load(s, sl, &e) < 0) {
    log_error("snapshot_not_read", "name=%s", sl->type->name);
    log_err(LOG_ERROR, "snapshot_not_read", &e);
  }
}

/* ---- looking ---- */

static int64_t generation_here(struct slot *sl) {
  pthread_rwlock_rdlock(&sl->lock);
  const int64_t n = sl->now ? sl->now->generation : 0;
  pthread_rwlock_unlock(&sl->lock);
  return n;
}

/* Which have moved, by this transaction's view. */
static int moved(struct snapshots *s, struct tx *tx, uint32_t *ret_bits, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  *ret_bits = 0;
  int r = cur_open(tx, &q_generations, P_NONE, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1)
    for (size_t i = 0; i < s->n; i++)
      if (s->slots[i].type->load && str_is(cur_text(c, 0), s->slots[i].type->name) &&
          cur_i64(c, 1) != generation_here(&s->slots[i]))
        *ret_bits |= UINT32_C(1) << i;
  return r < 0 ? r : 0;
}

/* `all`: also what is kept elsewhere, which a command of the writer does not rest on. */
static bool look(struct snapshots *s, struct tx *tx, bool all) {
  struct err e = {0};
  uint32_t bits = 0;
  bool any = false;
  if (moved(s, tx, &bits, &e) < 0) {
    log_err(LOG_WARN, "generations_not_read", &e);
    return false;
  }
  for (size_t i = 0; i < s->n; i++) {
    if (bits >> i & 1) load_or_log(s, &s->slots[i]);
    if (all && s->slots[i].type->moved) any |= s->slots[i].type->moved(s->app, tx);
  }
  return any || bits;
}

bool snapshots_look(struct app *app) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct err e = {0};
  if (app->read_only || store_read(app->store, &tx, &e) < 0) return false;
  atomic_store(&app->snapshots->lagging, 0);
  return look(app->snapshots, tx, true);
}

/* In the writer's transaction: what it sees is what others have committed. */
bool snapshots_behind(struct tx *tx, void *app) {
  return look(((struct app *)app)->snapshots, tx, false);
}

void snapshots_follow(struct app *app) {
  struct snapshots *s = app->snapshots;
  if (atomic_load(&s->lagging) && monotonic_ms() - atomic_load(&s->lag_ms) > WATCH_MS)
    (void)snapshots_look(app);
}

/* ---- the part of each commit: what it touches has moved ---- */

struct part {
  struct snapshots *s;
  uint32_t touched, lags; /* lags: by an import */
};

static void *part_create(size_t lane, void *arg) {
  struct part *p = calloc(1, sizeof *p);
  (void)lane;
  if (p) p->s = arg;
  return p;
}

static size_t part_mark(void *part) {
  const struct part *p = part;
  static_assert(sizeof(size_t) == 8, "two sets of bits in one mark");
  return (size_t)p->touched | (size_t)p->lags << 32;
}

static void part_rewind(void *part, size_t mark) {
  struct part *p = part;
  /* bits are only ever added on the way to a commit */
  assert(!((uint32_t)mark & ~p->touched) && !((uint32_t)(mark >> 32) & ~p->lags));
  p->touched = (uint32_t)mark;
  p->lags = (uint32_t)(mark >> 32);
}

QUERY(q_generation_raise, "INSERT INTO generation (name, n) VALUES ($1, 1) ON CONFLICT (name) "
                          "DO UPDATE SET n = generation.n + 1");

static int part_flush(struct tx *tx, void *part, struct err *e) {
  const struct part *p = part;
  int r = 0;
  for (size_t i = 0; i < p->s->n && r == 0; i++)
    if ((p->touched | p->lags) >> i & 1)
      r = tx_exec(tx, &q_generation_raise, P(V_TEXTZ(p->s->slots[i].type->name)), NULL, e);
  return r;
}

static void part_finish(void *part, bool committed) {
  struct part *p = part;
  struct snapshots *s = p->s;
  for (size_t i = 0; committed && i < s->n; i++)
    if (p->touched >> i & 1) load_or_log(s, &s->slots[i]);
  if (committed && (p->lags & ~p->touched) && atomic_exchange(&s->lagging, 1) == 0)
    atomic_store(&s->lag_ms, monotonic_ms());
  p->touched = p->lags = 0;
}

const struct tx_part *snapshots_part(struct snapshots *s) {
  return &s->part;
}

void snapshot_touch(struct tx *tx, const struct snapshot_type *t) {
  struct part *p = tx_part(tx, PART_SNAPSHOTS);
  if (p) p->touched |= UINT32_C(1) << (slot_of(p->s, t) - p->s->slots);
}

static int changed(struct tx *tx, const struct change *c, const struct record *old,
                   const struct record *rec, void *arg, struct err *e) {
  const struct snapshots *s = arg;
  (void)old, (void)e;
  if (rec->kind->flags & KF_EVENT) return 0;
  struct part *p = tx_part(tx, PART_SNAPSHOTS);
  for (size_t i = 0; p && i < s->n; i++)
    for (size_t k = 0; s->slots[i].kinds[k]; k++)
      if (s->slots[i].kinds[k] == rec->kind)
        *(strcmp(c->source, "import") == 0 ? &p->lags : &p->touched) |= UINT32_C(1) << i;
  return 0;
}

struct change_observer snapshots_observer(struct snapshots *s) {
  return (struct change_observer){.changed = changed, .arg = s};
}

/* ---- following others ---- */

static void *watch(void *arg) {
  struct snapshots *s = arg;
  uint64_t seen = 0;
  pthread_mutex_lock(&s->lock);
  while (!s->stop) {
    pthread_mutex_unlock(&s->lock);
    const uint64_t now = store_generation(s->app->store);
    if (now != seen) (void)snapshots_look(s->app);
    seen = now;
    pthread_mutex_lock(&s->lock);
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += WATCH_MS * 1000000L;
    t.tv_sec += t.tv_nsec / 1000000000L;
    t.tv_nsec %= 1000000000L;
    if (!s->stop) pthread_cond_timedwait(&s->wake, &s->lock, &t);
  }
  pthread_mutex_unlock(&s->lock);
  return NULL;
}

int snapshots_watch(struct snapshots *s, struct err *e) {
  assert(!s->watching && !s->stop);
  int r = pthread_create(&s->thread, NULL, watch, s);
  if (r) return err_sys(e, E_UNAVAILABLE, "no thread for snapshots", r);
  s->watching = true;
  return 0;
}

/* ---- opening ---- */

static int add(struct snapshots *s, const struct snapshot_type *t, struct err *e) {
  struct slot *sl = &s->slots[s->n];
  size_t n = 0;
  if (s->n == SNAPSHOTS_MAX) return err_field(e, E_BUG, "too many snapshots", t->name);
  if (!t->load == !t->moved) return err_field(e, E_BUG, "a snapshot's row", t->name);
  *sl = (struct slot){.type = t};
  for (struct str rest = str_from(t->kinds ? t->kinds : ""); rest.n;) {
    const struct str word = str_split(&rest, ' ');
    if (n + 1 == WORDS_MAX) return err_field(e, E_BUG, "a snapshot rests on too many", t->name);
    sl->kinds[n] = kind_by_name(word);
    if (!sl->kinds[n++]) return err_field(e, E_BUG, "a snapshot of an unknown kind", t->name);
  }
  pthread_rwlock_init(&sl->lock, NULL);
  pthread_mutex_init(&sl->loading, NULL);
  s->n++;
  return 0;
}

int snapshot_put(struct app *app, const struct snapshot_type *t, struct arena *a, void *data,
                 struct err *e) {
  struct snapshots *s = app->snapshots;
  bool there = false;
  for (size_t i = 0; i < s->n; i++) there |= s->slots[i].type == t;
  int r = there ? 0 : add(s, t, e);
  return r < 0 ? r : publish(slot_of(s, t), a, data, 0, e);
}

int snapshots_open(struct app *app, const struct module *const *list,
                   struct snapshots **ret_snapshots, struct err *e) {
  struct snapshots *s = calloc(1, sizeof *s);
  if (!s) return err_set(e, E_NOMEM, "no memory for snapshots");
  s->app = app;
  s->part = (struct tx_part){.name = "snapshots",
                             .create = part_create,
                             .destroy = free,
                             .mark = part_mark,
                             .rewind = part_rewind,
                             .flush = part_flush,
                             .finish = part_finish,
                             .arg = s};
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->wake, NULL);
  *ret_snapshots = s; /* one may rest on another that is read already */
  int r = 0;
  for (; *list && r == 0; list++)
    for (const struct snapshot_type *const *t = (*list)->snapshots; t && *t && r == 0; t++) {
      r = add(s, *t, e);
      if (r == 0 && (*t)->load) r = load(s, &s->slots[s->n - 1], e);
    }
  if (r < 0) *ret_snapshots = snapshots_close(s);
  return r;
}

struct snapshots *snapshots_close(struct snapshots *s) {
  if (!s) return NULL;
  pthread_mutex_lock(&s->lock);
  s->stop = true;
  pthread_cond_signal(&s->wake);
  pthread_mutex_unlock(&s->lock);
  if (s->watching) pthread_join(s->thread, NULL);
  for (size_t i = 0; i < s->n; i++) {
    snapshot_unref(s->slots[i].now);
    pthread_rwlock_destroy(&s->slots[i].lock);
    pthread_mutex_destroy(&s->slots[i].loading);
  }
  pthread_mutex_destroy(&s->lock);
  pthread_cond_destroy(&s->wake);
  free(s);
  return NULL;
}
