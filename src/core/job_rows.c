#include "core/job_inner.h"
#include "base/log.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* Walks of jobs over records, and what is remembered of rows that fail. */

enum {
  AT_ONCE = 100,         /* rows read, and handed to the writer, together */
  KEY_TEXT = 160,        /* of a text key */
  FAILING_BY_NAME = 200, /* beyond, rows are counted, and logged as a number */
};

struct failing {
  struct failing *next;
  const char *walk; /* NULL: the run as a whole */
  uint64_t key;
  int code;
  uint32_t pass;
};

struct place {
  struct place *next;
  const char *walk;
  int64_t part;
  struct val key;
  char text[KEY_TEXT];
};

/* ---- what fails ---- */

struct job_state *job_state_make(const char *job, int64_t op, const _Atomic bool *stop) {
  struct job_state *st = calloc(1, sizeof *st);
  if (!st) return NULL;
  *st = (struct job_state){.job = job, .op = op, .stop = stop};
  pthread_mutex_init(&st->lock, NULL);
  return st;
}

struct job_state *job_state_free(struct job_state *st) {
  while (st->failing) {
    struct failing *f = st->failing;
    st->failing = f->next;
    free(f);
  }
  while (st->places) {
    struct place *p = st->places;
    st->places = p->next;
    free(p);
  }
  pthread_mutex_destroy(&st->lock);
  free(st);
  return NULL;
}

static struct failing **find_failing(struct job_state *st, const char *walk, uint64_t key,
                                     size_t *ret_n) {
  struct failing **at = &st->failing;
  *ret_n = 0;
  for (; *at; at = &(*at)->next, (*ret_n)++) {
    const bool same = walk && (*at)->walk ? strcmp((*at)->walk, walk) == 0 : walk == (*at)->walk;
    if (same && (*at)->key == key) break;
  }
  return at;
}

/* Under the lock. True: it is news. */
static bool note_failing(struct job_state *st, const char *walk, uint64_t key, int code) {
  size_t n;
  struct failing *f = *find_failing(st, walk, key, &n);
  if (f) {
    const bool news = f->code != code;
    f->code = code;
    f->pass = st->pass;
    return news;
  }
  f = n < FAILING_BY_NAME || !walk ? calloc(1, sizeof *f) : NULL;
  if (!f) {
    st->nameless++;
    return false;
  }
  *f = (struct failing){
      .next = st->failing, .walk = walk, .key = key, .code = code, .pass = st->pass};
  st->failing = f;
  if (walk) st->n_failing++;
  return true;
}

static void forget(struct job_state *st, struct failing **at) {
  struct failing *f = *at;
  *at = f->next;
  assert(!f->walk || st->n_failing > 0);
  if (f->walk) st->n_failing--;
  free(f);
}

static void note_row(struct job_state *st, const struct job_walk *w, const struct val *key, int r,
                     const struct err *e) {
  char text[UUID_TEXT + KEY_TEXT];
  const uint64_t hash = key->t == VAL_UUID   ? hash64(key->u.b, sizeof key->u.b)
                        : key->t == VAL_TEXT ? hash64(key->s.p, key->s.n)
                                             : hash64(&key->i, sizeof key->i);
  size_t n;
  bool news = false;
  pthread_mutex_lock(&st->lock);
  st->rows++;
  if (r < 0) {
    st->rows_failed++;
    st->failed = true;
    news = note_failing(st, w->name, hash, e->code);
  } else if (st->failing) {
    struct failing **at = find_failing(st, w->name, hash, &n);
    if (*at) forget(st, at);
  }
  pthread_mutex_unlock(&st->lock);
  if (!news) return;
  if (key->t == VAL_UUID)
    uuid_format(&key->u, text);
  else if (key->t == VAL_TEXT)
    snprintf(text, sizeof text, STR_FMT, STR_ARG(key->s));
  else
    snprintf(text, sizeof text, "%lld", (long long)key->i);
  log_warn("job_row_failed",
           "job=%s walk=%s op=%lld row=\"%s\" error=%s what=\"%s\" field=\"%s\" at=%s:%d", st->job,
           w->name, (long long)st->op, text, err_name(e->code), e->what, e->field, e->file,
           e->line);
}

void job_run_begins(struct job_state *st) {
  if (!st->cut) st->nameless = 0; /* else the pass goes on */
  st->cut = st->failed = false;
}

bool job_run_clean(const struct job_run *run) {
  return run->state && !run->state->cut && !run->state->failed;
}

bool job_run_ends(struct job_state *st, int r, const struct err *e) {
  bool news = false, well = false;
  size_t n;
  assert(r <= 0 && (r == 0 || e));
  pthread_mutex_lock(&st->lock);
  struct failing **whole = find_failing(st, NULL, 0, &n);
  if (r < 0) {
    news = note_failing(st, NULL, 0, e->code);
  } else if (*whole) {
    forget(st, whole);
    well = true;
  }
  if (r == 0 && !st->cut) { /* all rows have had their turn: what did not fail again is well */
    for (struct failing **at = &st->failing; *at;) {
      if ((*at)->pass == st->pass) {
        at = &(*at)->next;
        continue;
      }
      forget(st, at);
      well = true;
    }
    well = well && !st->failing;
    st->pass++;
  }
  const int64_t nameless = st->nameless;
  pthread_mutex_unlock(&st->lock);
  if (news)
    log_warn("job_failed", "job=%s op=%lld error=%s what=\"%s\" field=\"%s\" sys=%d at=%s:%d",
             st->job, (long long)st->op, err_name(e->code), e->what, e->field, e->sys, e->file,
             e->line);
  if (well) log_info("job_well_again", "job=%s op=%lld", st->job, (long long)st->op);
  if (nameless && !st->cut)
    log_warn("job_rows_failed", "job=%s op=%lld further_rows=%lld", st->job, (long long)st->op,
             (long long)nameless);
  return r == 0 && st->cut;
}

int64_t job_state_failing(struct job_state *st, int *ret_code) {
  pthread_mutex_lock(&st->lock);
  int64_t n = st->failing ? st->n_failing + st->nameless : -1;
  if (st->failing) *ret_code = st->failing->code;
  pthread_mutex_unlock(&st->lock);
  return n;
}

void job_state_count(struct job_state *st, struct job_stats *s) {
  int code;
  const int64_t failing = job_state_failing(st, &code);
  pthread_mutex_lock(&st->lock);
  s->rows += st->rows;
  s->rows_failed += st->rows_failed;
  pthread_mutex_unlock(&st->lock);
  s->rows_failing += failing > 0 ? failing : 0;
  s->failing |= failing >= 0;
}

/* ---- where a walk stands ---- */

static struct place **find_place(struct job_state *st, const struct job_walk *w) {
  struct place **at = &st->places;
  while (*at && !(strcmp((*at)->walk, w->name) == 0 && (*at)->part == w->part)) at = &(*at)->next;
  return at;
}

static struct val key_of(char type, const struct val *v, char text[KEY_TEXT]) {
  if (type != 't') return *v;
  assert(v->s.n < KEY_TEXT);
  memcpy(text, v->s.p, v->s.n);
  return V_TEXT(((struct str){text, v->s.n}));
}

static struct val key_before_all(char type) {
  return type == 'u' ? V_UUID(((struct uuid){{0}})) : type == 'i' ? V_I64(INT64_MIN) : V_TEXTZ("");
}

static int keep_place(struct job_state *st, const struct job_walk *w, const struct val *key,
                      struct err *e) {
  struct place **at = find_place(st, w);
  assert(key->t != VAL_NULL);
  if (!*at) *at = calloc(1, sizeof **at);
  if (!*at) return err_set(e, E_NOMEM, "no memory for the place of a job");
  struct place *p = *at;
  p->walk = w->name;
  p->part = w->part;
  p->key = key_of(w->columns[0], key, p->text);
  st->cut = true;
  return 0;
}

static void forget_place(struct job_state *st, const struct job_walk *w) {
  struct place **at = find_place(st, w), *p = *at;
  if (!p) return;
  *at = p->next;
  free(p);
}

/* ---- the rows ---- */

struct batch {
  struct job_run *run;
  const struct job_walk *w;
  struct arena *a;
  struct job_row rows[AT_ONCE];
  size_t n;
  struct err first; /* of a row, where it is run by hand */
};

static struct val column(struct arena *a, const struct cur *c, char type, size_t i) {
  if (cur_null(c, i)) return V_NULL;
  if (type == 'u') return V_UUID(cur_uuid(c, i));
  return type == 'i' ? V_I64(cur_i64(c, i)) : V_TEXT(arena_dup(a, cur_text(c, i)));
}

static int read_rows(struct batch *b, const struct val *params, size_t n, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  const size_t columns = strlen(b->w->columns);
  assert(columns > 0 && b->n == 0);
  int r = store_read(b->run->app->store, &tx, e);
  if (r >= 0) r = cur_open(tx, b->w->q, params, n, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    if (b->n == AT_ONCE) return err_field(e, E_BUG, "a walk's query has no limit", b->w->name);
    struct val *v = arena_array(b->a, struct val, columns);
    for (size_t i = 0; i < columns; i++) v[i] = column(b->a, c, b->w->columns[i], i);
    if (v[0].t == VAL_NULL || (v[0].t == VAL_TEXT && v[0].s.n >= KEY_TEXT))
      return err_field(e, E_BUG, "a walk's key is null or too long", b->w->name);
    b->rows[b->n++] = (struct job_row){.run = b->run, .a = b->a, .v = v, .arg = b->w->arg};
  }
  if (r >= 0 && arena_failed(b->a)) r = err_set(e, E_NOMEM, "no memory for a job's rows");
  return r < 0 ? r : 0;
}

struct row_cmd {
  const struct job_walk *w;
  struct job_row *row;
};
static int run_row(struct tx *tx, void *arg, struct err *e) {
  struct row_cmd *rc = arg;
  return rc->w->row(tx, rc->row, e);
}
static const struct cmd_class row_class = {.name = "job_row", .run = run_row};

/* Not the row's fault. */
static bool environment(int r) {
  return err_class(r) == ERR_ENVIRONMENT && r != -E_NOMEM && r != -E_TIMEOUT;
}

static int row_done(struct batch *b, size_t i, int r, const struct err *e, struct err *ret_e) {
  if (r < 0 && environment(r)) {
    if (ret_e) *ret_e = *e;
    return r;
  }
  if (b->run->state) note_row(b->run->state, b->w, &b->rows[i].v[0], r, e);
  if (r < 0 && b->first.code == 0) b->first = *e;
  return 0;
}

static bool time_is_up(const struct job_state *st, int64_t until) {
  return st && (monotonic_ms() >= until || (st->stop && atomic_load(st->stop)));
}

/* *ret_done rows have had their turn. */
static int run_rows(struct batch *b, int64_t until, size_t *ret_done, struct err *e) {
  struct cmd *cmds = arena_array(b->a, struct cmd, b->n);
  struct row_cmd *rcs = arena_array(b->a, struct row_cmd, b->n);
  if (arena_failed(b->a)) return err_set(e, E_NOMEM, "no memory for a job's rows");
  for (size_t i = 0; i < b->n; i++) {
    rcs[i] = (struct row_cmd){b->w, &b->rows[i]};
    cmds[i] = (struct cmd){.cls = &row_class, .arg = &rcs[i], .priority = CMD_BULK};
  }
  if (b->w->row) writer_run_all(b->run->app->writer, cmds, b->n);
  int r = 0;
  for (size_t i = 0; i < b->n && r == 0; i++) {
    struct err own = {0};
    if (b->w->on_worker && i && time_is_up(b->run->state, until)) break;
    int result = b->w->row ? cmds[i].result : b->w->on_worker(&b->rows[i], &own);
    if (b->w->row) own = cmds[i].err;
    if (result < 0 && own.code == 0) err_field(&own, -result, "a row failed", b->w->name);
    r = row_done(b, i, result, &own, e);
    if (r == 0) *ret_done = i + 1;
  }
  return r < 0 ? r : arena_failed(b->a) ? err_set(e, E_NOMEM, "no memory for a job's rows") : 0;
}

int job_each(struct job_run *run, const struct job_walk *w, const struct val *params, size_t n,
             struct err *e) {
  struct job_state *st = run->state;
  const int64_t until = monotonic_ms() + (w->ms ? w->ms : JOB_WALK_MS);
  struct place **at = st ? find_place(st, w) : NULL;
  struct val p[LIMIT_PARAMS], last = key_before_all(w->columns[0]);
  char text[KEY_TEXT];
  struct err first = {0};
  int r = 0;
  assert(!w->row != !w->on_worker && n + 2 <= LIMIT_PARAMS);
  if (at && *at) last = key_of(w->columns[0], &(*at)->key, text);
  if (n) memcpy(p, params, n * sizeof *p);
  for (bool more = true; more && r == 0;) {
    struct batch *b = calloc(1, sizeof *b);
    if (!b) return err_set(e, E_NOMEM, "no memory for a job's rows");
    *b = (struct batch){.run = run, .w = w, .a = arena_create(LIMIT_ARENA_JOB), .first = first};
    size_t done = 0;
    p[n] = last;
    p[n + 1] = V_I64(AT_ONCE);
    r = b->a ? read_rows(b, p, n + 2, e) : err_set(e, E_NOMEM, "no memory for a job's rows");
    if (r == 0) r = run_rows(b, until, &done, e);
    assert(done <= b->n);
    if (done) last = key_of(w->columns[0], &b->rows[done - 1].v[0], text);
    more = b->n == AT_ONCE || done < b->n;
    first = b->first;
    arena_free(b->a);
    free(b);
    if (r < 0 || !more || !time_is_up(st, until)) continue;
    return keep_place(st, w, &last, e);
  }
  if (st && r == 0) forget_place(st, w);
  if (r == 0 && !st && first.code) {
    if (e) *e = first;
    return -first.code;
  }
  return r;
}
