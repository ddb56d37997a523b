#include "core/snapshots.h"
#include "sheets/import_inner.h"
#include "base/limits.h"

/* Taking back an import: last row first, so that what hangs on a row goes before it. */

QUERY(q_import_rows, "SELECT kind, id, created, rev, row FROM import_row WHERE import = $1 "
                     "ORDER BY row, n");

struct made {
  struct cmd cmd;
  const struct undo *u;
  const struct kind *kind;
  struct uuid id;
  int64_t created, rev, row;
  struct arena *a; /* of the flight */
  struct change *c;
  bool key_gone;
  sem_t *done;
};

struct undo {
  struct app *app;
  const struct viewer *v;
  struct arena *a;
  struct import_undone *res;
};

static int read_made(const struct undo *u, const struct uuid *id, struct made **ret, size_t *ret_n,
                     struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct made *list = NULL;
  size_t n = 0, cap = 0;
  int x = store_read(u->app->store, &tx, e);
  if (x >= 0) x = cur_open(tx, &q_import_rows, P(V_UUID(*id)), &c, e);
  while (x >= 0 && (x = cur_next(c, e)) == 1) {
    if (n == cap) {
      struct made *more = arena_array(u->a, struct made, cap ? cap * 2 : 256);
      if (!more || arena_failed(u->a)) return err_set(e, E_NOMEM, "no memory");
      if (n) memcpy(more, list, n * sizeof *list);
      list = more;
      cap = cap ? cap * 2 : 256;
    }
    list[n++] = (struct made){.u = u,
                              .kind = kind_by_no((uint16_t)cur_i64(c, 0)),
                              .id = cur_uuid(c, 1),
                              .created = cur_i64(c, 2),
                              .rev = cur_i64(c, 3),
                              .row = cur_i64(c, 4)};
  }
  *ret = list;
  *ret_n = n;
  return x < 0 ? x : 0;
}

/* ---- one record ---- */

static int old_values(struct tx *tx, struct made *m, struct err *e) {
  const struct kind *k = m->kind;
  struct val *v = arena_array(m->a, struct val, k->n_fields);
  bool *given = arena_array(m->a, bool, k->n_fields);
  int x =
      history_before(tx, &m->u->app->registry, m->a, k, m->u->v->op, &m->id, m->rev, v, given, e);
  if (x == -E_GONE) m->key_gone = true;
  for (size_t f = 0; f < k->n_fields && x >= 0; f++)
    if (given[f] && !(k->fields[f].flags & FF_SYSTEM)) change_set(m->c, (int)f, v[f]);
  return x;
}

static int one_run(struct tx *tx, void *arg, struct err *e) {
  struct made *m = arg;
  const struct import_plan *plan = import_plan_of(m->kind);
  if (plan && plan->undo) {
    const struct import_undoing u = {.app = m->u->app,
                                     .viewer = m->u->v,
                                     .a = m->a,
                                     .id = m->id,
                                     .rev = m->rev,
                                     .at_ms = clock_now_ms(&m->u->app->clock)};
    return plan->undo(tx, &u, e);
  }
  m->c = change_make(m->a, &m->u->app->registry, m->u->v, m->kind,
                     m->created ? CHANGE_RETIRE : CHANGE_UPDATE);
  m->c->id = m->id;
  m->c->if_rev = m->rev;
  m->c->at_ms = clock_now_ms(&m->u->app->clock);
  m->c->source = "import";
  m->c->internal = true;
  int x = m->created ? 0 : old_values(tx, m, e);
  if (x >= 0) x = change_ready(m->c, e);
  return x < 0 ? x : change_run(tx, m->c, e);
}
static const struct cmd_class one_cmd = {.name = "import_undo", .run = one_run};

static enum import_left_why why_left(const struct made *m) {
  if (m->key_gone) return LEFT_KEY_GONE;
  if (m->cmd.result == -E_CONFLICT || m->cmd.result == -E_STATE || m->cmd.result == -E_NOT_FOUND)
    return LEFT_CHANGED;
  for (const struct problem *p = m->c ? m->c->problems.first : NULL; p; p = p->next)
    if (p->code == PROBLEM_in_use || p->code == PROBLEM_held) return LEFT_IN_USE;
  return LEFT_RULE;
}

static int note_left(struct undo *u, const struct made *m, struct err *e) {
  struct import_undone *res = u->res;
  struct record *rec;
  res->left++;
  if (res->n_which == IMPORT_LEFT_SHOWN) return 0;
  struct import_left *l = &res->which[res->n_which++];
  *l = (struct import_left){.kind = m->kind, .id = m->id, .row = m->row, .why = why_left(m)};
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int x = store_read(u->app->store, &tx, e);
  if (x >= 0) x = record_load(tx, u->a, m->kind, u->v->op, &m->id, &rec, e);
  if (x == -E_NOROW) return 0;
  if (x < 0) return x;
  /* what he may not see any more, he is not told either */
  struct emit em = {.tx = tx, .en = &u->app->registry, .viewer = u->v, .a = u->a};
  if (record_visible(u->v, rec)) l->title = record_title(&em, rec);
  return 0;
}

static void one_done(struct cmd *c) {
  sem_post(((struct made *)c->owner)->done);
}

/* In the order given, under as few commits as the writer makes of it. */
static int fly(struct undo *u, struct arena *flight, struct made **m, size_t n, struct err *e) {
  sem_t done;
  size_t sent = 0;
  int x = 0;
  sem_init(&done, 0, 0);
  for (size_t i = 0; i < n && x >= 0; i++) {
    m[i]->a = flight;
    m[i]->done = &done;
    m[i]->cmd = (struct cmd){
        .cls = &one_cmd, .arg = m[i], .owner = m[i], .priority = CMD_BULK, .done = one_done};
    x = writer_submit(u->app->writer, &m[i]->cmd, e);
    if (x >= 0) sent++;
  }
  for (size_t i = 0; i < sent; i++) sem_wait(&done);
  sem_destroy(&done);
  for (size_t i = 0; i < sent && x >= 0; i++) {
    if (m[i]->cmd.result >= 0 && m[i]->created)
      u->res->retired++;
    else if (m[i]->cmd.result >= 0)
      u->res->restored++;
    else if (err_class(m[i]->cmd.result) == ERR_CALLER || m[i]->key_gone)
      x = note_left(u, m[i], e);
    else {
      *e = m[i]->cmd.err;
      x = m[i]->cmd.result;
    }
  }
  return x;
}

static int mark_undone(const struct undo *u, const struct uuid *id, struct err *e) {
  struct change *c = change_make(u->a, &u->app->registry, u->v, &import_kind, CHANGE_ACTION);
  c->id = *id;
  c->transition = kind_transition(&import_kind, S("mark_undone"));
  c->at_ms = clock_now_ms(&u->app->clock);
  c->source = "import";
  c->internal = true;
  return change_do(c, e);
}

static int may_undo(const struct undo *u, const struct uuid *id, struct err *e) {
  struct record *rec;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int x = store_read(u->app->store, &tx, e);
  if (x >= 0) x = record_get(tx, u->a, u->v, &import_kind, id, &rec, e);
  if (x < 0) return x;
  if (str_is(rec->state, "running")) return err_set(e, E_STATE, "this import is still running");
  if (str_is(rec->state, "undone")) return err_set(e, E_STATE, "this import was undone already");
  const struct kind *k = kind_by_name(rec_text(rec, IMPORT_KIND));
  if (!k || !viewer_may(u->v, import_right(k), 0) ||
      !viewer_may(u->v, right_by_name(S("import_run.undo")), record_unit(rec)))
    return err_set(e, E_FORBIDDEN, "you may not undo this import");
  return 0;
}

int import_undo(struct app *app, const struct viewer *v, struct arena *a, const struct uuid *id,
                struct import_undone *ret, struct err *e) {
  struct undo u = {app, v, a, ret};
  struct made *list = NULL, *flying[IMPORT_FLIGHT];
  size_t n = 0, waiting = 0;
  *ret = (struct import_undone){.which = arena_array(a, struct import_left, IMPORT_LEFT_SHOWN)};
  int x = may_undo(&u, id, e);
  if (x < 0) return x;
  _cleanup_(arena_freep) struct arena *flight = arena_create(LIMIT_ARENA_REQUEST);
  x = flight ? read_made(&u, id, &list, &n, e) : err_set(e, E_NOMEM, "no memory");
  for (size_t i = x < 0 ? 0 : n; i-- > 0 && x >= 0;) {
    if (!list[i].kind) continue; /* a kind that is no more */
    flying[waiting++] = &list[i];
    if (waiting < IMPORT_FLIGHT) continue;
    /* what is left is taken back when it is asked for again */
    x = app->stopping ? err_set(e, E_UNAVAILABLE, "the server is stopping")
                      : fly(&u, flight, flying, waiting, e);
    waiting = 0;
    arena_reset(flight);
  }
  if (x >= 0 && waiting) x = fly(&u, flight, flying, waiting, e);
  bool units = false;
  for (size_t i = 0; i < n; i++) units = units || (list[i].kind && list[i].kind->flags & KF_GLOBAL);
  if (units) (void)snapshots_look(app);
  if (x >= 0 && arena_failed(a)) x = err_set(e, E_NOMEM, "no memory");
  return x < 0 ? x : mark_undone(&u, id, e);
}

void import_undone_write(struct jw *w, const struct import_undone *u) {
  static const struct {
    const char *code, *zh, *en;
  } words[LEFT_WHYS_] = {
      [LEFT_CHANGED] = {"changed", "导入后又有人改过", "changed by somebody since"},
      [LEFT_IN_USE] = {"in_use", "已被其他记录使用", "in use by other records"},
      [LEFT_RULE] = {"rule", "不符合现在的规则", "against the rules as they are now"},
      [LEFT_KEY_GONE] = {"key_gone", "原值的密钥已销毁", "the key of the old values is destroyed"},
  };
  jw_object(w);
  jw_ki64(w, "undone", u->retired);
  jw_ki64(w, "restored", u->restored);
  jw_ki64(w, "left", u->left);
  jw_karray(w, "kept");
  for (size_t i = 0; i < u->n_which; i++) {
    const struct import_left *l = &u->which[i];
    jw_object(w);
    jw_kstrz(w, "kind", l->kind->plural);
    jw_kuuid(w, "id", &l->id);
    jw_kstr(w, "title", l->title);
    jw_ki64(w, "row", l->row);
    jw_kstrz(w, "why", words[l->why].code);
    jw_kstrz(w, "zh", words[l->why].zh);
    jw_kstrz(w, "en", words[l->why].en);
    jw_end(w);
  }
  jw_end(w);
  jw_end(w);
}
