#include "kind/inner.h"
#include <assert.h>

QUERY(receipt_find, "SELECT op, actor, digest FROM receipt WHERE id = $1");
QUERY(receipt_add, "INSERT INTO receipt (id, op, unit, actor, digest, status, answer, at_ms) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");

static struct uuid receipt_id(const struct change *c) {
  return uuid_is_nil(&c->receipt) ? c->id : c->receipt;
}

/* The same words for whoever holds the id: nothing is said of what stands there. */
static int other_content(struct change *c, struct err *e) {
  problem_add(&c->problems, PROBLEM_content_changed, S("id"));
  return err_set(e, E_CONFLICT, "the id was used before with other content");
}

/* 1: this very command was done before and its record is in c->result; 0: go on. */
static int replay(struct tx *tx, struct change *c, struct err *e) {
  int r;
  if (change_idempotent(c)) {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    if ((r = cur_open(tx, &receipt_find, P(V_UUID(receipt_id(c))), &cur, e)) < 0) return r;
    if ((r = cur_next(cur, e)) < 0) return r;
    if (r > 0) {
      const struct uuid actor = cur_uuid(cur, 1);
      const struct str digest = cur_blob(cur, 2);
      if (cur_i64(cur, 0) != c->op || !uuid_eq(&actor, &c->viewer->user) || !change_same(c, digest))
        return other_content(c, e);
      cur = cur_done(cur);
      r = record_load(tx, c->a, c->kind, c->op, &c->id, &c->result, e);
      if (r == -E_NOROW) return err_field(e, E_GONE, "the record is gone", c->kind->name);
      c->replayed = r == 0;
      return r < 0 ? r : 1;
    }
  }
  if (c->verb == CHANGE_CREATE && c->client_id) {
    struct head h = {.id = c->id};
    if ((r = head_load(tx, c->kind, -1, &h, e)) < 0) return r;
    if (h.found) return other_content(c, e);
  }
  return 0;
}

int change_said(struct tx *tx, struct change *c, const json_t *body, struct err *e) {
  int r = change_sent(c, body, e);
  return r < 0 ? r : replay(tx, c, e);
}

void change_sent_as(struct change *c, const struct change *sent) {
  memcpy(c->digest, sent->digest, sizeof c->digest);
  c->n_digest = sent->n_digest;
}

static int add_receipt(struct tx *tx, const struct change *c, const struct record *rec,
                       struct err *e) {
  const int32_t unit = seq_unit(c->viewer, rec);
  char id[UUID_TEXT];
  uuid_format(&rec->id, id);
  struct str answer = arena_printf(c->a, "{\"kind\":%d,\"id\":\"%s\",\"rev\":%lld}",
                                   (int)c->kind->no, id, (long long)rec->rev);
  return tx_exec_later(tx, &receipt_add,
                       P(V_UUID(receipt_id(c)), V_I64(c->op), V_I64(unit), V_UUID(c->viewer->user),
                         V_BLOB(change_digest(c)), V_I64(c->verb == CHANGE_CREATE ? 201 : 200),
                         V_TEXT(answer), V_I64(c->at_ms)),
                       false, e);
}

/* ---- the record as it was, and whether this may be done to it ---- */

static int check_action(struct tx *tx, struct change *c, const struct record *old, struct err *e) {
  const struct transition *t = c->transition;
  if (!word_in(t->from, old->state)) {
    problem_text(&c->problems, PROBLEM_wrong_state, S("state"), str_from(t->from), old->state,
                 (struct str){0});
    c->current = record_copy(c->a, old);
    return err_field(e, E_STATE, "the action is not possible in this state", t->name);
  }
  if (t->flags & TR_SECOND_PERSON) {
    bool same;
    int r = work_same_person(tx, c, old, &same, e);
    if (r < 0) return r;
    if (same) problem_add(&c->problems, PROBLEM_same_person, S(""));
  }
  if (t->flags & TR_REASON && !c->reason.n)
    problem_add(&c->problems, PROBLEM_required, S("reason"));
  return 0;
}

static int load_old(struct tx *tx, struct change *c, struct record **ret_old, struct err *e) {
  struct record *old;
  int r = record_load(tx, c->a, c->kind, c->op, &c->id, &old, e);
  if (r == -E_NOROW ||
      (r == 0 && !(c->internal ? record_by_code(c->viewer, old) : record_visible(c->viewer, old))))
    return err_field(e, E_NOT_FOUND, "no such record, or not for this reader", c->kind->name);
  if (r < 0) return r;
  if (!c->internal && !record_may_home(c->viewer, old, change_right(c)))
    return err_field(e, E_FORBIDDEN, "the right is missing at the record's unit", c->kind->name);
  if ((c->if_rev >= 0 && c->if_rev != old->rev) || (c->saw.p && !str_eq(c->saw, old->state))) {
    c->current = old;
    return err_field(e, E_CONFLICT, "the record was changed meanwhile", c->kind->name);
  }
  if (old->retired != (c->verb == CHANGE_RESTORE)) {
    c->current = old;
    if (old->retired) problem_add(&c->problems, PROBLEM_retired, S(""));
    return err_field(e, E_STATE, old->retired ? "the record is retired" : "it is not retired",
                     c->kind->name);
  }
  if (c->verb == CHANGE_ACTION && (r = check_action(tx, c, old, e)) < 0) return r;
  if (c->verb == CHANGE_RETIRE && (r = work_retires(tx, c, old, e)) < 0) return r;
  *ret_old = old;
  return 0;
}

/* ---- the record as it is to be ---- */

struct record *change_fresh(struct change *c) {
  struct record *rec = record_make(c->a, c->kind);
  rec->id = c->id;
  rec->op = c->op;
  rec->created_ms = rec->updated_ms = c->at_ms;
  rec->created_by = rec->updated_by = c->viewer->user;
  if (c->kind->states && c->kind->states[0].value) {
    rec->state = str_from(c->kind->states[0].value);
    rec->state_by = c->viewer->user;
  }
  return rec;
}

/* A sealed value differs in its bytes each time: the same plain text is no change. */
static bool same_plain(struct change *c, const struct record *old, size_t f) {
  const struct field *fd = &c->kind->fields[f];
  struct sealer *s = c->en->sealer;
  struct str plain;
  if (c->v[f].t == VAL_NULL || !old->sealed[f].p) return c->v[f].t == VAL_NULL && !old->sealed[f].p;
  if (fd->flags & FF_LOOKUP)
    return str_eq(old->blind[f], (struct str){(const char *)c->blind[f], 16});
  if (s->ops->unseal(s, old->op, c->kind->no, &old->id, fd->no, old->sealed[f], c->a, &plain, NULL))
    return false;
  return str_eq(plain, c->v[f].s);
}

void change_overlay(struct change *c, const struct record *old, struct record *rec) {
  for (size_t f = 0; f < c->kind->n_fields; f++) {
    const struct field *fd = &c->kind->fields[f];
    if (!c->given[f]) continue;
    const bool sealed = fd->flags & FF_SEALED;
    if (old && (sealed ? same_plain(c, old, f) : val_same(&old->v[f], &c->v[f]))) continue;
    if (old && fd->flags & FF_IMMUTABLE && !c->internal) {
      problem_add(&c->problems, PROBLEM_read_only, str_from(fd->name));
      continue;
    }
    if (!work_open(c, old, f)) continue;
    rec->v[f] = c->v[f];
    if (!sealed) continue;
    rec->sealed[f] = c->sealed[f];
    rec->blind[f] = (struct str){NULL, 0};
    if (fd->flags & FF_LOOKUP && c->sealed[f].p)
      rec->blind[f] = (struct str){(const char *)c->blind[f], 16};
  }
  if (c->verb == CHANGE_RETIRE) rec->retired = true;
  if (c->verb == CHANGE_RESTORE) rec->retired = false;
  if (c->verb == CHANGE_ACTION && c->transition->to) {
    rec->state = str_from(c->transition->to);
    rec->state_by = c->viewer->user;
  }
  if (!old || (c->verb == CHANGE_ACTION && c->transition->to)) work_enter(c, rec);
}

void change_ask_home(struct change *c, const struct record *rec) {
  int home = 0;
  const bool homed = kind_scope_field(c->kind, 0, &home);
  if (c->internal ? record_by_code(c->viewer, rec)
                  : c->home_asked || record_may_home(c->viewer, rec, change_right(c)))
    return;
  /* Where an apply hook gives the place and was not called for problems, those are said. */
  if (homed && rec_null(rec, home) && problems_any(&c->problems)) return;
  c->inner.refused = true;
  problem_add(&c->problems, PROBLEM_out_of_scope,
              homed ? field_name(c->kind, (size_t)home) : S(""));
}

static bool differs(const struct record *old, const struct record *rec) {
  if (old->retired != rec->retired || !str_eq(old->state, rec->state)) return true;
  for (size_t f = 0; f < rec->kind->n_fields; f++)
    if (rec->kind->fields[f].flags & FF_SEALED ? !str_eq(old->sealed[f], rec->sealed[f])
                                               : !val_same(&old->v[f], &rec->v[f]))
      return true;
  return false;
}

/* The kind's hook, then the action's own. */
static int apply_hooks(struct tx *tx, struct change *c, const struct record *old,
                       struct record *rec, struct err *e) {
  const struct transition *t = c->transition;
  int r = c->kind->apply ? c->kind->apply(tx, c, old, rec, &c->problems, e) : 0;
  return r < 0 || !t || !t->apply ? r : t->apply(tx, c, old, rec, &c->problems, e);
}

static int applied_hooks(struct tx *tx, struct change *c, const struct record *old,
                         const struct record *rec, struct err *e) {
  const struct transition *t = c->transition;
  int r = c->kind->applied ? c->kind->applied(tx, c, old, rec, e) : 0;
  return r < 0 || !t || !t->applied ? r : t->applied(tx, c, old, rec, e);
}

static int judge(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct err *e) {
  const struct transition *t = c->transition;
  const struct str entered = rec->state;
  int r;
  rules_units(c, old, rec);
  if ((r = rules_refs(tx, c, old, rec, e)) < 0) return r;
  if (!problems_any(&c->problems) && (r = rules_taken(tx, c, old, rec, e)) < 0) return r;
  if ((c->verb == CHANGE_RETIRE || (t && t->flags & TR_LEAVES)) &&
      (r = work_held(tx, c, rec, e)) < 0)
    return r;
  if (old && t && t->flags & TR_CORRECTS) work_corrects(c, old, rec);
  if (c->kind->check) c->kind->check(c, old, rec, &c->problems);
  if (t && t->check) t->check(c, old, rec, &c->problems);
  /* An apply hook may rest on what the checks promise; it may also fill what is missing still. */
  if (!problems_any(&c->problems) && (r = apply_hooks(tx, c, old, rec, e)) < 0) return r;
  if (!str_eq(entered, rec->state)) work_enter(c, rec); /* led there by a hook */
  if (!problems_any(&c->problems)) rules_required(c, old, rec);
  if (!old || record_unit(old) != record_unit(rec)) change_ask_home(c, rec);
  if ((r = rules_uniques(tx, c, old, rec, e)) < 0) return r;
  return change_verdict(c, e);
}

/* ---- writing ---- */

const char *change_action(const struct change *c) {
  static const char *const verbs[] = {
      [CHANGE_CREATE] = "create",   [CHANGE_UPDATE] = "update", [CHANGE_RETIRE] = "retire",
      [CHANGE_RESTORE] = "restore", [CHANGE_MERGE] = "merge",   [CHANGE_UNMERGE] = "unmerge"};
  return c->verb == CHANGE_ACTION ? c->transition->name : verbs[c->verb];
}

static int write_row(struct tx *tx, struct change *c, const struct record *old,
                     const struct record *rec, struct err *e) {
  const struct kind_sql *ks = kind_sql(c->kind);
  struct val p[LIMIT_PARAMS];
  int64_t changed = 0;
  int r;
  if (!old) {
    const size_t n = row_insert_params(ks, rec, c, p);
    assert(n == ks->n_insert);
    r = c->inner.again ? tx_exec(tx, &ks->insert, p, n, NULL, e)
                       : tx_exec_later(tx, &ks->insert, p, n, false, e);
  } else {
    const size_t n = row_update_params(ks, rec, old->rev, p);
    assert(n == ks->n_update);
    if (!c->inner.again) return tx_exec_later(tx, &ks->update, p, n, true, e);
    r = tx_exec(tx, &ks->update, p, n, &changed, e);
    /* Another server's commit came between: the runner loads the record anew. */
    if (r == 0 && changed == 0) return err_set(e, E_RETRY, "the row changed under the command");
  }
  if (r == -E_EXISTS) {
    /* Looked for and not seen: another server was quicker, and the second look will see it. */
    if (c->inner.clashes++ == 0) return err_set(e, E_RETRY, "a unique value came meanwhile");
    problem_text(&c->problems, PROBLEM_duplicate, S(""), (struct str){0}, (struct str){0},
                 str_from(c->kind->zh));
    return err_field(e, E_INVALID, "a unique value exists already", c->kind->name);
  }
  return r;
}

int change_observe(struct tx *tx, struct change *c, const struct record *old,
                   const struct record *rec, struct err *e) {
  for (size_t i = 0; i < c->en->n_observers; i++) {
    const struct change_observer *o = &c->en->observers[i];
    int r = o->changed ? o->changed(tx, c, old, rec, o->arg, e) : 0;
    if (r < 0) return r;
  }
  return 0;
}

/* What hangs on another record of the same place lies where that one was made, even if the place
 * became another community's since; all else lies in the community in which it is made. */
static int32_t new_shard(const struct change *c, const struct record *rec) {
  const int32_t home = record_unit(rec);
  if (c->inner.shard && c->inner.shard_at == home) return c->inner.shard;
  if (!home || !c->viewer->tree) return 0;
  return unit_ancestor_of_kind(c->viewer->tree, home, c->viewer->today, SHARD_UNIT_KIND);
}

int change_write(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct err *e) {
  int r = seq_next(tx, seq_unit(c->viewer, rec), &rec->seq, e);
  if (r < 0) return r;
  if (old) rec->rev = old->rev + 1;
  assert(rec->kind == c->kind && rec->op == c->op && (!old || uuid_eq(&old->id, &rec->id)));
  if (!old && kind_has_shard(c->kind)) rec->shard = new_shard(c, rec);
  assert(!old || old->shard == rec->shard);
  rec->updated_ms = c->at_ms;
  rec->updated_by = c->viewer->user;
  if (arena_failed(c->a)) return err_set(e, E_NOMEM, "no memory for the change");
  if ((r = write_row(tx, c, old, rec, e)) < 0) return r;
  if (old && (r = tombstone_note(tx, old, rec, e)) < 0) return r;
  if ((r = history_add(tx, c, old, rec, str_from(change_action(c)), e)) < 0) return r;
  if (change_idempotent(c) && (r = add_receipt(tx, c, rec, e)) < 0) return r;
  if (old && old->retired != rec->retired && (r = work_follow(tx, c, rec, e)) < 0) return r;
  if ((r = applied_hooks(tx, c, old, rec, e)) < 0) return r;
  if ((r = change_observe(tx, c, old, rec, e)) < 0) return r;
  if (arena_failed(c->a)) return err_set(e, E_NOMEM, "no memory for the change");
  c->result = rec;
  return 0;
}

int change_run(struct tx *tx, struct change *c, struct err *e) {
  if (c->kind->flags & KF_EVENT) return event_run(tx, c, e);
  if (c->verb == CHANGE_MERGE || c->verb == CHANGE_UNMERGE)
    return err_set(e, E_BUG, "a merge has its own function");
  assert(c->verb != CHANGE_ACTION || c->transition);
  change_begin(c);
  int r = replay(tx, c, e);
  if (r != 0) return r < 0 ? r : 0;
  struct record *old = NULL;
  if (c->verb != CHANGE_CREATE && (r = load_old(tx, c, &old, e)) < 0) return r;
  struct record *rec = old ? record_copy(c->a, old) : change_fresh(c);
  change_overlay(c, old, rec);
  if ((r = judge(tx, c, old, rec, e)) < 0) return r;
  if (old && c->verb == CHANGE_UPDATE && !differs(old, rec)) {
    c->result = old;
    c->unchanged = true;
    /* Asked under a receipt, the answer must be the same even if the record moves on. */
    return change_idempotent(c) ? add_receipt(tx, c, old, e) : 0;
  }
  return change_write(tx, c, old, rec, e);
}
