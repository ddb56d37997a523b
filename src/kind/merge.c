#include "kind/inner.h"
#include <assert.h>

/* Two records of one thing become one: what referred to the loser refers to the winner, the loser
 * is retired, and a list of what was moved allows to take it back. Records move by ordinary
 * changes, so that history, change numbers and figures follow; events, which have no versions,
 * have their reference rewritten and the observers told. */

QUERY(merge_put, "INSERT INTO merge (id, kind, op, winner, loser, at_ms, actor, moved) "
                 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
QUERY(merge_get, "SELECT kind, op, winner, loser, moved, undone_ms FROM merge WHERE id = $1");
QUERY(merge_undone, "UPDATE merge SET undone_ms = $2 WHERE id = $1 AND undone_ms IS NULL");

enum { LIMIT_MOVED = 20000 };

struct move {
  struct tx *tx;
  struct change *c;
  struct uuid from, to;
};

static struct change *inner_change(const struct change *c, const struct kind *k,
                                   enum change_verb verb, const struct uuid *id) {
  struct change *sub = change_make(c->a, c->en, c->viewer, k, verb);
  sub->id = *id;
  sub->at_ms = c->at_ms;
  sub->source = c->source;
  sub->reason = c->reason;
  sub->internal = true;
  return sub;
}

/* The first problem of a further change stands for the merge's own. */
static int pass_on(struct change *c, const struct change *sub, int r) {
  for (const struct problem *p = sub->problems.first; r < 0 && p; p = p->next)
    if (!p->warning) problem_text(&c->problems, p->code, p->field, p->limit, p->value, p->other);
  return r;
}

static int move_event(const struct move *m, struct record *rec, size_t f, struct err *e) {
  const struct kind *k = rec->kind;
  struct record *moved = record_copy(m->c->a, rec);
  struct change *sub = inner_change(m->c, k, CHANGE_UPDATE, &rec->id);
  struct str sql = arena_printf(m->c->a, "UPDATE \"%s\" SET \"%s\" = $2 WHERE id = $1", k->name,
                                k->fields[f].name);
  if (arena_failed(m->c->a)) return err_set(e, E_NOMEM, "no memory for a merge");
  moved->v[f] = V_UUID(m->to);
  int r = tx_exec_sql(m->tx, sql, P(V_UUID(rec->id), V_UUID(m->to)), NULL, e);
  if (r < 0) return r;
  change_set(sub, (int)f, moved->v[f]);
  return change_observe(m->tx, sub, rec, moved, e);
}

static int move_one(const struct move *m, struct record *rec, size_t f, struct err *e) {
  if (rec->kind->flags & KF_EVENT) return move_event(m, rec, f, e);
  if (rec->retired) return 0; /* history keeps what it said */
  struct change *sub = inner_change(m->c, rec->kind, CHANGE_UPDATE, &rec->id);
  change_set(sub, (int)f, V_UUID(m->to));
  int r = change_ready(sub, e);
  return r < 0 ? r : pass_on(m->c, sub, change_run(m->tx, sub, e));
}

/* The ids first: the rows change while they are gone through. */
static int referring(const struct move *m, const struct kind *k, size_t f,
                     struct record ***ret_recs, size_t *ret_n, struct err *e) {
  const struct kind_sql *ks = kind_sql(k);
  struct arena *a = m->c->a;
  struct str sql = arena_printf(a, "SELECT %s FROM %s t WHERE t.\"%s\" = $1 ORDER BY t.id LIMIT $2",
                                ks->columns, ks->table, k->fields[f].name);
  size_t n = 0, cap = 64;
  struct record **recs = arena_array(a, struct record *, cap);
  if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for a merge");
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open_sql(m->tx, sql, P(V_UUID(m->from), V_I64(LIMIT_MOVED + 1)), &c, e);
  if (r < 0) return r;
  while ((r = cur_next(c, e)) > 0) {
    if (n == cap) {
      struct record **more = arena_array(a, struct record *, cap * 2);
      if (!more || arena_failed(a)) return err_set(e, E_NOMEM, "no memory for a merge");
      memcpy(more, recs, n * sizeof(struct record *));
      recs = more;
      cap *= 2;
    }
    recs[n++] = row_record(c, ks, a);
    if (arena_failed(a)) return err_set(e, E_NOMEM, "no memory for a merge");
  }
  if (r < 0) return r;
  if (n > LIMIT_MOVED) return err_field(e, E_TOO_LARGE, "too many references to move", k->name);
  *ret_recs = recs;
  *ret_n = n;
  return 0;
}

static int move_all(const struct move *m, const struct kind *target, struct jw *w, struct err *e) {
  int r = 0;
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    for (size_t f = 0; f < k->n_fields; f++) {
      struct record **recs = NULL;
      size_t n = 0;
      if (k->fields[f].type != FT_REF || strcmp(k->fields[f].ref, target->name) != 0) continue;
      if ((r = referring(m, k, f, &recs, &n, e)) < 0) return r;
      for (size_t j = 0; j < n; j++) {
        if ((r = move_one(m, recs[j], f, e)) < 0) return r;
        jw_array(w);
        jw_i64(w, k->no);
        jw_i64(w, k->fields[f].no);
        jw_uuid(w, &recs[j]->id);
        jw_end(w);
      }
    }
  }
  return 0;
}

/* Loads a side of the merge and asks the right at its unit. */
static int side(struct tx *tx, struct change *c, const struct uuid *id, struct record **ret_rec,
                struct err *e) {
  struct record *rec;
  int r = record_load(tx, c->a, c->kind, c->op, id, &rec, e);
  if (r < 0 && r != -E_NOROW) return r;
  if (r < 0 || (!c->internal && !record_visible(c->viewer, rec)))
    return err_field(e, E_NOT_FOUND, "no such record, or not for this reader", c->kind->name);
  if (!c->internal && !record_may_home(c->viewer, rec, change_right(c)))
    return err_field(e, E_FORBIDDEN, "the right is missing at the record's unit", c->kind->name);
  *ret_rec = rec;
  return 0;
}

static int retire(struct tx *tx, struct change *c, enum change_verb verb, const struct uuid *id,
                  struct err *e) {
  struct change *sub = inner_change(c, c->kind, verb, id);
  int r = change_ready(sub, e);
  return r < 0 ? r : pass_on(c, sub, change_run(tx, sub, e));
}

/* The winner gets a version of its own, so that whoever keeps a copy fetches it again. */
static int touch(struct tx *tx, struct change *c, const struct uuid *id, struct err *e) {
  struct record *old;
  int r = record_load(tx, c->a, c->kind, c->op, id, &old, e);
  if (r == -E_NOROW) return err_field(e, E_BUG, "a merged record is gone", c->kind->name);
  return r < 0 ? r : change_write(tx, c, old, record_copy(c->a, old), e);
}

int change_merge(struct tx *tx, struct change *c, const struct uuid *loser, struct uuid *ret_merge,
                 struct err *e) {
  struct record *winner, *lost;
  int r;
  assert(loser && ret_merge && !uuid_is_nil(&c->id));
  change_begin(c);
  if (!(c->kind->flags & KF_MERGE) || c->verb != CHANGE_MERGE)
    return err_field(e, E_METHOD, "records of this kind are not merged", c->kind->name);
  if ((r = side(tx, c, &c->id, &winner, e)) < 0) return r;
  if ((r = side(tx, c, loser, &lost, e)) < 0) return r;
  if (c->if_rev >= 0 && c->if_rev != winner->rev) {
    c->current = winner;
    return err_field(e, E_CONFLICT, "the record was changed meanwhile", c->kind->name);
  }
  if (uuid_eq(&c->id, loser) || winner->retired || lost->retired)
    return err_field(e, E_STATE, "these two records cannot be merged", c->kind->name);

  const struct move m = {.tx = tx, .c = c, .from = *loser, .to = c->id};
  const struct uuid merge = idgen_next(c->en->ids, c->at_ms);
  struct buf b = BUF_INIT(MIB(4));
  struct jw w;
  jw_init(&w, &b);
  jw_array(&w);
  r = move_all(&m, c->kind, &w, e);
  jw_end(&w);
  if (r >= 0 && !jw_ok(&w)) r = err_set(e, E_TOO_LARGE, "too many references to move");
  if (r >= 0) r = retire(tx, c, CHANGE_RETIRE, loser, e);
  if (r >= 0)
    r = tx_exec(tx, &merge_put,
                P(V_UUID(merge), V_I64(c->kind->no), V_I64(c->op), V_UUID(c->id), V_UUID(*loser),
                  V_I64(c->at_ms), V_UUID(c->viewer->user), V_TEXT(buf_str(&b))),
                NULL, e);
  buf_done(&b);
  if (r < 0 || (r = touch(tx, c, &c->id, e)) < 0) return r;
  *ret_merge = merge;
  return 0;
}

/* ---- and back ---- */

static int move_back(const struct move *m, const json_t *item, struct err *e) {
  const json_t *kind = json_array_get(item, 0), *field = json_array_get(item, 1);
  const struct kind *k = kind_by_no((uint16_t)json_integer_value(kind));
  struct uuid id;
  struct record *rec;
  if (!k || uuid_parse(json_str(json_array_get(item, 2)), &id) < 0) return 0;
  for (size_t f = 0; f < k->n_fields; f++) {
    if (k->fields[f].no != json_integer_value(field)) continue;
    int r =
        record_load(m->tx, m->c->a, k, k->flags & KF_GLOBAL ? 0 : m->c->viewer->op, &id, &rec, e);
    if (r == -E_NOROW) return 0;
    if (r < 0) return r;
    /* What was given to somebody else since then stays there. */
    if (rec->v[f].t != VAL_UUID || !uuid_eq(&rec->v[f].u, &m->from)) return 0;
    return move_one(m, rec, f, e);
  }
  return 0;
}

int change_unmerge(struct tx *tx, struct change *c, const struct uuid *merge, struct err *e) {
  struct uuid loser;
  json_t *moved;
  struct record *rec;
  int r;
  change_begin(c);
  if (c->verb != CHANGE_UNMERGE) return err_set(e, E_BUG, "not an unmerge");
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    if ((r = cur_open(tx, &merge_get, P(V_UUID(*merge)), &cur, e)) < 0) return r;
    if ((r = cur_next(cur, e)) < 0) return r;
    if (r == 0 || cur_i64(cur, 0) != c->kind->no || cur_i64(cur, 1) != c->op)
      return err_field(e, E_NOT_FOUND, "no such merge", c->kind->name);
    if (!cur_null(cur, 5)) return err_field(e, E_STATE, "it was undone already", c->kind->name);
    const struct uuid winner = cur_uuid(cur, 2);
    if (!uuid_is_nil(&c->id) && !uuid_eq(&c->id, &winner))
      return err_field(e, E_NOT_FOUND, "a merge of another record", c->kind->name);
    c->id = winner;
    loser = cur_uuid(cur, 3);
    if ((r = json_read(c->a, cur_text(cur, 4), &moved, e)) < 0) return r;
  }
  if ((r = side(tx, c, &c->id, &rec, e)) < 0 || (r = side(tx, c, &loser, &rec, e)) < 0) return r;
  if ((r = retire(tx, c, CHANGE_RESTORE, &loser, e)) < 0) return r;
  const struct move m = {.tx = tx, .c = c, .from = c->id, .to = loser};
  for (size_t i = 0; i < json_array_size(moved); i++)
    if ((r = move_back(&m, json_array_get(moved, i), e)) < 0) return r;
  r = tx_exec(tx, &merge_undone, P(V_UUID(*merge), V_I64(c->at_ms)), NULL, e);
  return r < 0 ? r : touch(tx, c, &c->id, e);
}
