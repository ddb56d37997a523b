#include "kind/inner.h"
#include <stdlib.h>
#include <assert.h>

/* The fast path of append-only kinds: many at once, with one query for those that were there
 * already, one per kind referred to, one bulk insert per kind. A check hook looks at memory only.
 * An apply hook of such a kind is called for each event and must find its problems before it
 * writes anything, since events that fail here are left out without a savepoint of their own. */

struct ev {
  struct change *c;
  struct cmd *cmd; /* NULL: run alone */
  struct record *rec;
  struct ev *same; /* an earlier one of this batch under the same id */
  int result;
  struct err err;
  bool settled; /* nothing more to do: refused, or answered from what stands there */
};

static void settle(struct ev *ev, int result) {
  ev->result = result;
  ev->settled = true;
}

static void settle_err(struct ev *ev, int code, const char *what) {
  settle(ev, err_field(&ev->err, code, what, ev->c->kind->name));
}

static void differs(struct ev *ev) {
  problem_add(&ev->c->problems, PROBLEM_content_changed, S("id"));
  settle_err(ev, E_CONFLICT, "the id was used before with other content");
}

/* ---- ids: a table over the batch ---- */

struct ids {
  struct ev **slots;
  size_t mask;
};

static struct ev **id_slot(const struct ids *t, const struct kind *k, const struct uuid *id) {
  uint64_t h = hash64(id->b, sizeof id->b);
  size_t i = (size_t)h & t->mask;
  while (t->slots[i] && !(t->slots[i]->c->kind == k && uuid_eq(&t->slots[i]->c->id, id)))
    i = (i + 1) & t->mask;
  return &t->slots[i];
}

static int ids_make(struct arena *a, struct ids *t, struct ev *evs, size_t n, struct err *e) {
  size_t cap = 16;
  while (cap < n * 2) cap *= 2;
  t->slots = arena_array(a, struct ev *, cap);
  t->mask = cap - 1;
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for events");
  for (size_t i = 0; i < n; i++) {
    if (evs[i].settled) continue;
    struct ev **s = id_slot(t, evs[i].c->kind, &evs[i].c->id);
    if (*s)
      evs[i].same = *s;
    else
      *s = &evs[i];
  }
  return 0;
}

/* ---- those that were there already ---- */

static int replay(struct tx *tx, struct ev *ev, struct err *e) {
  struct change *c = ev->c;
  int r = record_load(tx, c->a, c->kind, c->op, &c->id, &c->result, e);
  if (r < 0) return r;
  c->replayed = true;
  settle(ev, 0);
  return 0;
}

/* Asks a full chunk of ids; known ones are settled or marked for replay. */
static int ask_known(struct tx *tx, const struct kind *k, const struct ids *t, struct val *p,
                     size_t n, struct ev **known, size_t *n_known, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  for (size_t i = n; i < IN_LIST; i++) p[i] = p[n - 1];
  int r = cur_open(tx, &kind_sql(k)->digests, p, IN_LIST, &cur, e);
  if (r < 0) return r;
  while ((r = cur_next(cur, e)) > 0) {
    const struct uuid id = cur_uuid(cur, 0), by = cur_uuid(cur, 2);
    struct ev *ev = *id_slot(t, k, &id);
    if (!ev) continue;
    if (cur_i64(cur, 1) == ev->c->op && uuid_eq(&by, &ev->c->viewer->user) &&
        change_same(ev->c, cur_blob(cur, 3)))
      known[(*n_known)++] = ev;
    else
      differs(ev);
  }
  return r;
}

static int settle_known(struct tx *tx, const struct kind *k, const struct ids *t, struct ev *evs,
                        size_t n, struct ev **known, struct err *e) {
  struct val p[IN_LIST];
  size_t n_p = 0, n_known = 0;
  int r = 0;
  for (size_t i = 0; i < n && r >= 0; i++) {
    if (evs[i].settled || evs[i].same || evs[i].c->kind != k || evs[i].c->fresh_id) continue;
    p[n_p++] = V_UUID(evs[i].c->id);
    if (n_p < IN_LIST) continue;
    r = ask_known(tx, k, t, p, n_p, known, &n_known, e);
    n_p = 0;
  }
  if (r >= 0 && n_p) r = ask_known(tx, k, t, p, n_p, known, &n_known, e);
  for (size_t i = 0; i < n_known && r >= 0; i++) r = replay(tx, known[i], e);
  return r < 0 ? r : 0;
}

/* ---- references ---- */

static int head_order(const void *a, const void *b) {
  return memcmp(((const struct head *)a)->id.b, ((const struct head *)b)->id.b, 16);
}

static int check_refs(struct tx *tx, const struct kind *k, size_t field, struct ev *evs, size_t n,
                      struct head *heads, struct err *e) {
  const struct kind *target = kind_by_name(str_from(k->fields[field].ref));
  const int f = (int)field;
  /* Operations differ only where several are served at once: each is asked apart. */
  for (size_t from = 0; from < n;) {
    int64_t op = INT64_MIN;
    size_t n_heads = 0, next = n;
    for (size_t i = from; i < n; i++) {
      const struct ev *ev = &evs[i];
      if (ev->settled || ev->same || ev->c->kind != k || rec_null(ev->rec, f)) continue;
      if (op == INT64_MIN) op = refs_op(ev->c);
      if (refs_op(ev->c) != op) {
        next = i;
        break;
      }
      heads[n_heads++] = (struct head){.id = rec_uuid(ev->rec, f)};
    }
    if (n_heads == 0) return 0;
    qsort(heads, n_heads, sizeof *heads, head_order);
    size_t distinct = 1;
    for (size_t i = 1; i < n_heads; i++)
      if (!uuid_eq(&heads[i].id, &heads[distinct - 1].id)) heads[distinct++] = heads[i];
    int r = heads_load(tx, target, op, heads, distinct, e);
    if (r < 0) return r;
    for (size_t i = from; i < next; i++) {
      const struct ev *ev = &evs[i];
      if (ev->settled || ev->same || ev->c->kind != k || rec_null(ev->rec, f)) continue;
      struct head key = {.id = rec_uuid(ev->rec, f)};
      const struct head *h = bsearch(&key, heads, distinct, sizeof *heads, head_order);
      rules_head(ev->c, field, h ? h : &key);
    }
    from = next;
  }
  return 0;
}

/* ---- one kind ---- */

static void start(struct ev *ev) {
  struct change *c = ev->c;
  change_begin(c);
  if (c->verb != CHANGE_CREATE) {
    settle_err(ev, E_METHOD, "events are only added; a correction is a further event");
    return;
  }
  if (!c->n_digest) {
    settle_err(ev, E_BUG, "an event was not made ready");
    return;
  }
  ev->rec = change_fresh(c);
  change_overlay(c, NULL, ev->rec);
  rules_units(c, NULL, ev->rec);
}

/* The rules of one event; an error is for all, problems are for this one. */
static int judge(struct tx *tx, struct ev *ev, struct err *e) {
  struct change *c = ev->c;
  int r;
  if (c->kind->check) c->kind->check(c, NULL, ev->rec, &c->problems);
  if (c->kind->apply && !problems_any(&c->problems)) {
    struct err own = {0};
    r = c->kind->apply(tx, c, NULL, ev->rec, &c->problems, &own);
    if (r < 0 && err_class(r) != ERR_CALLER) {
      if (e) *e = own;
      return r;
    }
    if (r < 0) {
      ev->err = own;
      settle(ev, r);
      return 0;
    }
  }
  if (!problems_any(&c->problems)) rules_required(c, NULL, ev->rec);
  change_ask_home(c, ev->rec);
  r = change_verdict(c, &ev->err);
  if (r < 0) settle(ev, r);
  return 0;
}

/* All counters in one round trip, before the first number is taken. */
static int prepare_numbers(struct tx *tx, const struct kind *k, const struct ev *evs, size_t n,
                           int32_t *units, struct err *e) {
  size_t n_units = 0;
  for (size_t i = 0; i < n; i++) {
    const struct ev *ev = &evs[i];
    if (ev->settled || ev->same || ev->c->kind != k) continue;
    const int32_t unit = seq_unit(ev->c->viewer, ev->rec);
    if (n_units == 0 || units[n_units - 1] != unit) units[n_units++] = unit;
  }
  return seq_prepare(tx, units, n_units, e);
}

static int insert(struct tx *tx, const struct kind *k, struct ev *evs, size_t n, struct val *rows,
                  struct err *e) {
  const struct kind_sql *ks = kind_sql(k);
  size_t n_rows = 0;
  bool again = false;
  int r = prepare_numbers(tx, k, evs, n, (int32_t *)rows, e);
  if (r < 0) return r;
  for (size_t i = 0; i < n; i++) {
    struct ev *ev = &evs[i];
    if (ev->settled || ev->same || ev->c->kind != k) continue;
    if ((r = seq_next(tx, seq_unit(ev->c->viewer, ev->rec), &ev->rec->seq, e)) < 0) return r;
    row_insert_params(ks, ev->rec, ev->c, rows + n_rows * ks->n_insert);
    again = again || ev->c->inner.again;
    n_rows++;
  }
  if (n_rows == 0) return 0;
  r = again ? tx_bulk(tx, &ks->bulk, rows, n_rows, e)
            : tx_bulk_later(tx, &ks->bulk, rows, n_rows, e);
  if (r < 0) /* Another server took an id or a number meanwhile: looked at again. */
    return r == -E_EXISTS ? err_set(e, E_RETRY, "an event was added meanwhile") : r;
  for (size_t i = 0; i < n; i++) {
    struct ev *ev = &evs[i];
    if (ev->settled || ev->same || ev->c->kind != k) continue;
    if (k->applied && (r = k->applied(tx, ev->c, NULL, ev->rec, e)) < 0) return r;
    if ((r = change_observe(tx, ev->c, NULL, ev->rec, e)) < 0) return r;
    ev->c->result = ev->rec;
    settle(ev, 0);
  }
  return 0;
}

static int prepare(struct tx *tx, const struct kind *k, struct ev *evs, size_t n, struct err *e) {
  size_t m = 0;
  struct change **cs = arena_array(tx_arena(tx), struct change *, n);
  struct record **recs = arena_array(tx_arena(tx), struct record *, n);
  if (!cs || !recs || arena_failed(tx_arena(tx)))
    return err_set(e, E_NOMEM, "no memory for events");
  for (size_t i = 0; i < n; i++) {
    if (evs[i].settled || evs[i].same || evs[i].c->kind != k) continue;
    cs[m] = evs[i].c;
    recs[m++] = evs[i].rec;
  }
  return m ? k->prepare(tx, cs, recs, m, e) : 0;
}

static int run_kind(struct tx *tx, const struct kind *k, const struct ids *t, struct ev *evs,
                    size_t n, void *scratch, struct err *e) {
  int r = settle_known(tx, k, t, evs, n, scratch, e);
  for (size_t f = 0; f < k->n_fields && r >= 0; f++)
    if (k->fields[f].type == FT_REF && !(k->fields[f].flags & FF_UNCHECKED_REF))
      r = check_refs(tx, k, f, evs, n, scratch, e);
  if (r >= 0 && k->prepare) r = prepare(tx, k, evs, n, e);
  for (size_t i = 0; i < n && r >= 0; i++)
    if (!evs[i].settled && !evs[i].same && evs[i].c->kind == k) r = judge(tx, &evs[i], e);
  return r < 0 ? r : insert(tx, k, evs, n, scratch, e);
}

/* An event that came twice within this batch has the fate of its first coming. */
static void settle_twin(struct ev *ev) {
  struct change *c = ev->c, *first = ev->same->c;
  if (c->op != first->op || !uuid_eq(&c->viewer->user, &first->viewer->user) ||
      !change_same(c, change_digest(first))) {
    differs(ev);
    return;
  }
  if (ev->same->result == 0 && first->result) {
    c->result = record_copy(c->a, first->result);
    c->replayed = true;
    settle(ev, 0);
    return;
  }
  for (const struct problem *p = first->problems.first; p; p = p->next)
    if (!p->warning) problem_text(&c->problems, p->code, p->field, p->limit, p->value, p->other);
  ev->err = ev->same->err;
  settle(ev, ev->same->result);
}

/* Does it refer to an event that is to be written beside it? */
static bool refers_into(const struct ids *t, const struct ev *from, const struct ev *ev) {
  const struct kind_sql *ks = kind_sql(ev->c->kind);
  for (size_t i = 0; i < ks->n_event_refs; i++) {
    const int f = ks->event_refs[i];
    if (rec_null(ev->rec, f)) continue;
    const struct uuid id = rec_uuid(ev->rec, f);
    const struct kind *target = kind_by_name(str_from(ks->k->fields[f].ref));
    const struct ev *there = *id_slot(t, target, &id);
    if (there && there >= from && there < ev) return true;
  }
  return false;
}

/* Does an earlier one of [from, ev) refer to the same event? Then the later must see it. */
static bool refers_alike(const struct ev *from, const struct ev *ev) {
  const struct kind_sql *ks = kind_sql(ev->c->kind);
  for (size_t i = 0; i < ks->n_event_refs; i++) {
    const int f = ks->event_refs[i];
    if (rec_null(ev->rec, f)) continue;
    for (const struct ev *x = from; x < ev; x++)
      if (!x->settled && !x->same && x->c->kind == ev->c->kind &&
          val_same(&x->rec->v[f], &ev->rec->v[f]))
        return true;
  }
  return false;
}

/* What must see those before it begins a wave of its own, and the batch stays in its order: a
 * correction after its event, a second one after the first, and after or among events whose
 * `applied` changes further records (a sign-out after its sign-in). */
static size_t wave(const struct ids *t, const struct ev *evs, size_t from, size_t n) {
  size_t to = from + 1;
  while (to < n && (evs[to].settled || evs[to].same ||
                    !(evs[from].c->kind->applied || evs[to].c->kind->applied ||
                      refers_into(t, &evs[from], &evs[to]) || refers_alike(&evs[from], &evs[to]))))
    to++;
  return to;
}

static int run_wave(struct tx *tx, const struct ids *t, struct ev *evs, size_t n, void *scratch,
                    struct err *e) {
  for (size_t i = 0; i < n; i++) {
    bool seen = false;
    if (evs[i].settled) continue;
    for (size_t j = 0; j < i && !seen; j++) seen = evs[j].c->kind == evs[i].c->kind;
    int r = seen ? 0 : run_kind(tx, evs[i].c->kind, t, evs, n, scratch, e);
    if (r < 0) return r;
  }
  return 0;
}

static int run_events(struct tx *tx, struct ev *evs, size_t n, struct err *e) {
  struct arena *a = tx_arena(tx);
  size_t widest = sizeof(struct head);
  for (size_t i = 0; i < n; i++) {
    const size_t row = kind_sql(evs[i].c->kind)->n_insert * sizeof(struct val);
    if (row > widest) widest = row;
    start(&evs[i]);
  }
  struct ids t;
  int r = ids_make(a, &t, evs, n, e);
  if (r < 0) return r;
  void *scratch = arena_alloc_array(a, widest, n);
  if (!scratch || arena_failed(a)) return err_set(e, E_NOMEM, "no memory for events");
  for (size_t from = 0, to; from < n; from = to) {
    to = wave(&t, evs, from, n);
    if ((r = run_wave(tx, &t, evs + from, to - from, scratch, e)) < 0) return r;
  }
  for (size_t i = 0; i < n; i++) {
    if (!evs[i].settled && evs[i].same) settle_twin(&evs[i]);
    if (arena_failed(evs[i].c->a)) {
      /* What it holds cannot be trusted, and it is written: the lot is undone and run singly. */
      return err_set(e, E_NOMEM, "no memory for an event");
    }
  }
  return 0;
}

int event_run(struct tx *tx, struct change *c, struct err *e) {
  assert(c->kind->flags & KF_EVENT);
  struct ev ev = {.c = c};
  int r = run_events(tx, &ev, 1, e);
  if (r < 0) return r;
  if (ev.result < 0 && e) *e = ev.err;
  return ev.result;
}

static int run_one(struct tx *tx, void *arg, struct err *e) {
  return event_run(tx, arg, e);
}

static int run_many(struct tx *tx, struct cmd **cmds, size_t n, struct err *e) {
  struct ev *evs = arena_array(tx_arena(tx), struct ev, n);
  if (!evs || arena_failed(tx_arena(tx))) return err_set(e, E_NOMEM, "no memory for events");
  for (size_t i = 0; i < n; i++) evs[i] = (struct ev){.c = cmds[i]->arg, .cmd = cmds[i]};
  int r = run_events(tx, evs, n, e);
  if (r < 0) return r;
  for (size_t i = 0; i < n; i++) {
    cmds[i]->result = evs[i].result;
    if (evs[i].result < 0) cmds[i]->err = evs[i].err;
    if (evs[i].result < 0 && tx_behind(tx))
      return err_set(e, E_RETRY, "what is in memory was behind");
  }
  return 0;
}

/* Events whose `applied` hook changes further records: the next one must see that. */
const struct cmd_class event_in_turn_cmd = {.name = "event_in_turn", .run = run_one};
const struct cmd_class event_cmd = {.name = "event", .run = run_one, .run_many = run_many};
